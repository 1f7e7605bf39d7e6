"""Everything about a scene that may differ from one rendering to another: data only."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]
"""Blue, green, red, 0 to 255."""


@dataclass(frozen=True, slots=True)
class View:
    """Where the camera stands. Lengths in metres, angles in degrees.

    Attributes:
        focal: Focal length in widths of the picture.
        height: Of the lens above the belt.
        distance: From the lens to the middle of the belt, along the floor.
        belt_line: Where the middle of the belt lies in the picture, 0 top to 1 bottom.
        turn: How far the belt is turned away from the picture's plane; above 0 its right end is nearer.
        tremble_px: How far the camera trembles, in pixels of a picture 960 wide.
    """

    focal: float = 1.5
    height: float = 0.45
    distance: float = 1.45
    belt_line: float = 0.82
    turn: float = 18.0
    tremble_px: float = 0.8


@dataclass(frozen=True, slots=True)
class Traffic:
    """What rides on the belt. Lengths in metres.

    Attributes:
        rows: Places of the rows across the belt, the farthest first; above 0 is away from the camera.
        pitch: From the middle of one place in a row to the next.
        empty: Share of places without a bottle.
        flawed: Share of bottles with at least one defect.
        kinds: Number of different bottles before they repeat.
        step: Travel of the belt in one frame; below 0 to the left.
    """

    rows: tuple[float, ...] = (0.055, -0.05)
    pitch: float = 0.12
    empty: float = 0.1
    flawed: float = 0.36
    kinds: int = 60
    step: float = 0.0045


@dataclass(frozen=True, slots=True)
class Light:
    """How the scene is lit, and how the sensor sees it.

    Attributes:
        exposure: Brightness, 1 as drawn.
        drift: How far the brightness moves about that, 0 to 0.4.
        tint: Gain of blue, green and red, about 1.
        softbox: Place of the large reflection on the glass, -1 left edge to 1 right edge.
        gloss: Strength of the reflections, 0 to 1.
        noise: Standard deviation of the sensor's noise, in grey levels.
        blur_px: Length of the motion blur, in pixels of a picture 960 wide.
    """

    exposure: float = 1.0
    drift: float = 0.1
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    softbox: float = -0.52
    gloss: float = 0.8
    noise: float = 2.2
    blur_px: float = 2.0


@dataclass(frozen=True, slots=True)
class Look:
    """A rendering: its size, and all that may vary. The default is the demo.

    Attributes:
        width, height: Size of the picture in pixels, 16:9.
        textures: Number of the set that labels, colours and the hall are drawn from.
        belt: Colour of the belt.
        wall, accent: Colours of the hall.
        clutter: How much stands in the hall, 0 to 1.
    """

    width: int = 960
    height: int = 540
    view: View = View()
    traffic: Traffic = Traffic()
    light: Light = Light()
    textures: int = 0
    belt: Colour = (74, 70, 66)
    wall: Colour = (104, 88, 70)
    accent: Colour = (180, 120, 40)
    clutter: float = 1.0
