"""The canvas of a lane and the tensor that a runtime without pre-processing of its own is given.

``tensor = (pixel - mean) / scale`` per channel, in the model's colour order, layout and type. Grey is Rec. 601,
``0.299 R + 0.587 G + 0.114 B`` (ITU-R BT.601), as OpenVINO computes it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cards import ColourOrder, ExtraInput, InputSpec, ModelCard, TensorLayout
from engine.errors import BackendError
from engine.opencv import cv2

_CHANNELS = {ColourOrder.BGR: (0, 1, 2), ColourOrder.RGB: (2, 1, 0)}
"""Where each channel of the model is found on the canvas."""

_FLOATS = ("float32", "float16", "float64")
_WHOLE = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")


def check_input(card: ModelCard) -> None:
    """Refuse what no backend can fill.

    Raises:
        BackendError: The input has a type that numpy lacks, or takes whole numbers that are to be scaled.
    """
    spec = card.input
    if spec.dtype not in _FLOATS + _WHOLE:
        raise BackendError(
            f"The input {spec.name} has the type {spec.dtype}, in which no picture can be given",
            subject=card.path.name,
            expected="float32, float16 or uint8",
            remedy="Export the model again with such an input",
        )
    if spec.dtype in _WHOLE and (any(spec.mean) or any(value != 1.0 for value in spec.scale)):
        raise BackendError(
            f"The input {spec.name} takes whole numbers ({spec.dtype}), which cannot be scaled",
            subject=card.path.name,
            expected="mean 0 and scale 1",
            remedy="Correct the model card",
        )


def extra_array(extra: ExtraInput) -> NDArray[Any]:
    """The numbers of an input beside the picture, in its shape and type."""
    return np.array(extra.values, dtype=extra.dtype).reshape(extra.shape)


def as_bytes(spec: InputSpec) -> InputSpec:
    """The same input without mean, scale and type, for runtimes that do that themselves."""
    return replace(spec, dtype="uint8", mean=(0.0, 0.0, 0.0), scale=(1.0, 1.0, 1.0))


class CanvasInput:
    """A canvas, uint8 (B, H, W, 3) BGR, and the tensor made from it, (B, C, H, W) or (B, H, W, C).

    Splitting into planes and scaling each was the fastest of ten ways measured, 640x640, ms: split with mean and
    scale 0.25, without 0.12; numpy transpose 0.32, cv2.LUT 0.33, cv2.dnn.blobFromImageWithParams 0.38 to 0.47.
    """

    def __init__(self, spec: InputSpec) -> None:
        self.canvas = np.zeros(spec.canvas_shape, np.uint8)
        channels = 1 if spec.colour_order is ColourOrder.GREY else 3
        batch, height, width, _ = spec.canvas_shape
        planar = spec.layout is TensorLayout.NCHW
        shape = (batch, channels, height, width) if planar else (batch, height, width, channels)
        self.tensor: NDArray[Any] = np.zeros(shape, spec.dtype)
        self._order = spec.colour_order
        self._mean = np.array(spec.mean[:channels], np.float32)
        self._factor = np.float32(1.0) / np.array(spec.scale[:channels], np.float32)
        # (B, C, H, W) whatever the layout: plane by plane is how it is filled.
        self._planes = self.tensor if planar else self.tensor.transpose(0, 3, 1, 2)
        # check_input has refused to scale whole numbers, so these planes are the canvas's own.
        self._direct = planar and channels == 3 and spec.dtype == "uint8"
        self._split = [np.zeros((height, width), np.uint8) for _ in range(3)]
        self._scratch = np.zeros((height, width), np.float32)

    def fill(self) -> NDArray[Any]:
        """Make the tensor from what is on the canvas now, in place."""
        for picture, planes in zip(self.canvas, self._planes, strict=True):
            if self._direct:
                cv2.split(picture, [planes[index] for index in _CHANNELS[self._order]])
                continue
            if self._order is ColourOrder.GREY:
                cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_BGR2GRAY, dst=self._scratch)
                self._scale(self._rounded(self._scratch), planes[0], 0)
                continue
            cv2.split(picture, self._split)
            for index, source in enumerate(_CHANNELS[self._order]):
                self._scale(self._split[source], planes[index], index)
        return self.tensor

    def _rounded(self, grey: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.rint(grey, out=grey) if np.issubdtype(self.tensor.dtype, np.integer) else grey

    def _scale(self, plane: NDArray[Any], target: NDArray[Any], channel: int) -> None:
        """``target = (plane - mean) * factor``, computed in float32; what changes nothing is left out."""
        mean, factor = self._mean[channel], self._factor[channel]
        whole = target.dtype == np.float32
        result = target if whole else self._scratch
        if mean == 0.0 and factor == 1.0:
            np.copyto(target, plane, casting="unsafe")
            return
        if mean == 0.0:
            np.multiply(plane, factor, out=result)
        else:
            np.subtract(plane, mean, out=result)
            np.multiply(result, factor, out=result)
        if not whole:
            np.copyto(target, result, casting="unsafe")
