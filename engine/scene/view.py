"""The camera: from a place on the belt to the picture.

World in metres: x to the right, y up from the belt, z away from the camera; the origin is the middle of the belt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.scene.look import Look

Float = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera above the belt, made from a look."""

    focal_px: float
    centre_x_px: float
    centre_y_px: float
    height: float
    distance: float
    pitch: float
    turn: float

    @property
    def tilt(self) -> float:
        """How wide a level circle is seen from above: its height in the picture, in widths."""
        return math.sin(self.pitch)

    @property
    def nearest_scale(self) -> float:
        """Pixels for one metre at the end of the belt that is nearer, where it leaves the picture."""
        along = self.half_view if self.turn > 0 else -self.half_view
        return float(self.scale(np.array(along), np.array(-0.1)))

    @property
    def half_view(self) -> float:
        """How far along the belt anything can be seen from the middle, in metres."""
        return 1.25 * self.centre_x_px * self.distance / self.focal_px

    def place(self, along: Float, across: Float) -> tuple[Float, Float]:
        """World x and z of places on the belt."""
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return along * cos + across * sin, across * cos - along * sin

    def scale(self, along: Float, across: Float) -> Float:
        """Pixels for one metre at places on the belt."""
        return self.focal_px / self._depth(self.place(along, across)[1], 0.0)

    def project(self, along: Float, across: Float, up: float = 0.0) -> tuple[Float, Float]:
        """Picture x and y of places above the belt, in pixels."""
        x, z = self.place(along, across)
        depth = self._depth(z, up)
        rise = (up - self.height) * math.cos(self.pitch) + (z + self.distance) * math.sin(self.pitch)
        return self.centre_x_px + self.focal_px * x / depth, self.centre_y_px - self.focal_px * rise / depth

    def ground(self, x_px: Float, y_px: Float) -> tuple[Float, Float]:
        """Places on the belt's plane that pixels show: along and across; NaN above the horizon."""
        right = (x_px - self.centre_x_px) / self.focal_px
        rise = (self.centre_y_px - y_px) / self.focal_px
        cos, sin = math.cos(self.pitch), math.sin(self.pitch)
        down = sin - rise * cos
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(down > 1e-3, self.height / down, np.nan)
        x, z = right * reach, (cos + rise * sin) * reach - self.distance
        cos, sin = math.cos(self.turn), math.sin(self.turn)
        return x * cos - z * sin, x * sin + z * cos

    def _depth(self, z: Float, up: float) -> Float:
        return (z + self.distance) * math.cos(self.pitch) - (up - self.height) * math.sin(self.pitch)


def camera_of(look: Look) -> Camera:
    """The camera of a look: it points at the middle of the belt, moved to its line in the picture."""
    view = look.view
    return Camera(
        focal_px=view.focal * look.width,
        centre_x_px=look.width / 2,
        centre_y_px=view.belt_line * look.height,
        height=view.height,
        distance=view.distance,
        pitch=math.atan2(view.height, view.distance),
        turn=math.radians(view.turn),
    )
