"""The detector in INT8: static quantisation by NNCF, written as OpenVINO IR."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import engine.silence  # noqa: F401  Before NNCF and OpenVINO, which would report their use.
from dataset import Image, RenderedFrames

LINEAR = ("Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul")


def quantise(source: Path, target: Path, frames: RenderedFrames) -> None:
    """Read an ONNX file, calibrate it on frames, write an IR.

    What comes behind the last convolutions stays in float: 256 steps over the width of a picture would move the sides
    of boxes by pixels, and it costs next to nothing.
    """
    import nncf
    import openvino

    model = openvino.Core().read_model(source)
    quantised = nncf.quantize(
        model,
        nncf.Dataset([frames[i][0] for i in range(len(frames))], as_tensor),
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(frames),
        ignored_scope=nncf.IgnoredScope(names=behind_last_linear(model)),
    )
    openvino.save_model(quantised, target, compress_to_fp16=False)


def behind_last_linear(model: Any) -> list[str]:
    """Names of an OpenVINO model's operations behind which there is no convolution or matrix product any more."""
    before: set[str] = set()
    names = []
    for operation in reversed(model.get_ordered_ops()):
        name = operation.get_friendly_name()
        if name in before or operation.get_type_name() in LINEAR:
            before.update(value.get_source_output().get_node().get_friendly_name() for value in operation.inputs())
        elif operation.get_type_name() not in ("Constant", "Result"):
            names.append(name)
    return names


def as_tensor(picture: Image) -> NDArray[np.float32]:
    """A picture uint8 (H, W, 3), BGR, as the detector takes it: float32 (1, 3, H, W), RGB, 0 to 1."""
    return np.ascontiguousarray(picture[None, :, :, ::-1].transpose(0, 3, 1, 2), np.float32) / 255
