"""What OpenCV's networks really run, read from what ``Net.dump`` says after a first run."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

from engine.backends.precision import shares_of
from engine.cards import Precision

_FORMATS = {"CV_32F": Precision.FP32, "CV_16F": Precision.FP16, "CV_16BF": Precision.BF16}
_TARGETS = {"OCL": "OPENCL", "OCL_FP16": "OPENCL", "CUDA_FP16": "CUDA", "CPU_FP16": "CPU"}
"""OpenCV's label of a target -> device; others are called alike."""

_CONVOLUTIONS = ("Conv", "Deconv")
_PRODUCTS = ("Gemm", "MatMul", "InnerProduct")

_OPERATION = re.compile(r"// op #\d+\s+(\w+) \{(.*?)(?=// op #|\Z)", re.DOTALL)
_KERNEL = re.compile(r"(?:ksize: |blobs: \[\s*CV_\w+ )\[([\d, x]+)\]")
_TENSOR = re.compile(r"// <\w+> (CV_\d+B?F?[SU]?)C\d+\D*?\[([\d x]*)\]")
_LABEL = re.compile(r'label="[^"]*?\\n(\w+)\\n[^"]*?\\l\w+/(\w+)\\n"')


def read_new_engine(dump: str) -> tuple[dict[Precision, float], dict[str, int]]:
    """Shares of multiply-adds by number format, and device -> number of nodes. The new engine runs on the CPU only."""
    operations = _OPERATION.findall(dump)
    return shares_of(_weighed(operations)), {"CPU": len(operations)}


def read_classic_engine(dump: str) -> tuple[dict[Precision, float], dict[str, int]]:
    """The same of the classic engine, which gives no shapes of weights: each layer that multiplies counts once."""
    labels = _LABEL.findall(dump)
    heavy = ((kind, target) for kind, target in labels if kind.startswith((*_CONVOLUTIONS, *_PRODUCTS)))
    shares = shares_of((_classic_format(kind, target), 1.0) for kind, target in heavy)
    return shares, dict(Counter(_TARGETS.get(target, target) for _, target in labels))


def _classic_format(kind: str, target: str) -> Precision:
    if kind.endswith("Int8"):
        return Precision.INT8
    return Precision.FP16 if target.endswith("FP16") else Precision.FP32


def _weighed(operations: list[tuple[str, str]]) -> Iterator[tuple[Precision, float]]:
    for kind, text in operations:
        sources, _, results = text.partition("outputs:")
        tensors, made = _TENSOR.findall(sources), _TENSOR.findall(results)
        if not tensors or not made:
            continue
        precision = Precision.INT8 if kind.endswith("Int8") else _FORMATS.get(tensors[0][0])
        weight = _multiply_adds(kind, text, _sizes(tensors[0][1]), _sizes(made[0][1]))
        if precision is not None and weight:
            yield precision, weight


def _multiply_adds(kind: str, text: str, source: list[int], result: list[int]) -> float:
    """As in ``openvino_report``; kernels are (output channels, input channels of a group, height, width)."""
    kernel = _KERNEL.search(text)
    if kind.startswith("Conv") and kernel:
        return math.prod(result) * math.prod(_sizes(kernel[1])[1:])
    if kind.startswith("Deconv") and kernel:
        return math.prod(source) * math.prod(_sizes(kernel[1])[1:])
    return math.prod(result) * source[-1] if kind.startswith(_PRODUCTS) and source else 0.0


def _sizes(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]
