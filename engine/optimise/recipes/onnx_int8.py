"""onnx-int8: static quantisation by ONNX Runtime, as QuantizeLinear and DequantizeLinear, weights per channel.

ONNX Runtime computes in integers only where the result of a convolution is quantised, too: in a network of SiLU both
sides of each activation are. So much depends on ranges, which are chosen here (``ranges``), and not by extremes. What
NNCF writes as ONNX agrees better (it quantises what convolutions read, and depthwise ones channel by channel), but ONNX
Runtime then computes floats between conversions: YOLOX-Nano ran half as fast as before.

Processors without VNNI add pairs of 8-bit products in 16 bits, which cuts off large sums. ONNX Runtime's advice for
them is weights of 7 bits. The runtime is asked here whether it cuts off; a variant from a newer processor may be worse
on an older one, so the origin names the processor.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import ModelProto, TensorProto, helper
from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.calibrate import TensorsData, save_tensors_data

from engine.optimise.recipes import onnx_graph
from engine.optimise.recipes.frames import Feeds
from engine.optimise.recipes.onnx_fused import fuse
from engine.optimise.recipes.ranges import Histogram, silu
from engine.optimise.recipes.tail import in_integers
from engine.optimise.task import Task, Told
from engine.optimise.variant import Layer

PACKAGES = ("onnx", "onnxruntime")

_OLDEST_OPSET = 13
"""From which on a DequantizeLinear knows channels."""
_PROCESSOR = ["CPUExecutionProvider"]
_FATAL = 4
"""Log level: what fails is told by exceptions."""


def make(task: Task, told: Told) -> tuple[str, ...]:
    """Write the quantised model."""
    told("Reading the model", 0.0)
    prepared = prepare(task)
    layers = onnx_graph.layers_of(prepared, task.input)
    kept = [layer.name for layer in layers if layer.in_tail or layer.name in task.quantisation.keep_float]
    source, quantised = task.folder / "prepared.onnx", task.folder / "quantised.onnx"
    source.write_bytes(prepared.SerializeToString())
    narrow = saturates()
    quantize_static(
        source,
        quantised,
        None,
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        reduce_range=narrow,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=kept,
        extra_options={"ActivationSymmetric": task.quantisation.preset == "performance"},
        calibration_cache_path=_ranges(prepared, task, told),
    )
    told("Writing", 0.95)
    result = onnx.load(quantised)
    del result.metadata_props[:]
    result.metadata_props.extend(prepared.metadata_props)
    onnx_graph.write(result, task)
    notes = (in_integers(layers, task.quantisation.keep_float),)
    return (*notes, "Weights in 7 bits: this processor cuts off sums of 8-bit products") if narrow else notes


def layers(task: Task) -> tuple[Layer, ...]:
    """What there is to quantise."""
    return onnx_graph.layers_of(prepare(task), task.input)


def prepare(task: Task) -> ModelProto:
    """The model as it is quantised: fused, and of an opset that knows scales per channel."""
    fused = fuse(onnx_graph.read(task.source), task.folder)
    onnx_graph.refuse_control_flow(fused)
    opset = next(entry.version for entry in fused.opset_import if entry.domain in ("", "ai.onnx"))
    if opset >= _OLDEST_OPSET:
        return fused
    newer = onnx.version_converter.convert_version(fused, _OLDEST_OPSET)
    newer.metadata_props.extend(fused.metadata_props)
    for node in newer.graph.node:
        if node.op_type == "Resize" and len(node.input) == 4:
            node.input[2] = ""  # Before opset 13 an empty tensor stood for scales where sizes are given.
    onnx_graph.name_nodes(newer)
    return newer


def saturates() -> bool:
    """Whether ONNX Runtime cuts off large sums of 8-bit products on this processor."""
    length, largest, smallest = 64, 255, -128
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("MatMulInteger", ["a", "b"], ["c"])],
            "sums",
            [helper.make_tensor_value_info("a", TensorProto.UINT8, [1, length])],
            [helper.make_tensor_value_info("c", TensorProto.INT32, [1, length])],
            [onnx.numpy_helper.from_array(np.full((length, length), smallest, np.int8), "b")],
        ),
        opset_imports=[helper.make_opsetid("", _OLDEST_OPSET)],
        ir_version=8,
    )
    session = _session(model)
    (sums,) = session.run(None, {"a": np.full((1, length), largest, np.uint8)})
    return bool((sums != length * largest * smallest).any())


# Ranges ---------------------------------------------------------------------------------------------------------------


def _ranges(model: ModelProto, task: Task, told: Told) -> Path:
    """A file of the ranges of all tensors, measured once for all variants that are calibrated with the same frames."""
    feeds = Feeds(task)
    place = task.folder if task.canvases is None else task.canvases.parent
    name = f"onnx-ranges-{task.origin.source_sha256[:16]}-{len(feeds)}"
    files = {kind: place / f"{name}-{kind}.json" for kind in ("usual", "widest")}
    if not all(file.exists() for file in files.values()):
        into_silu = _into_silu(model)
        histograms = _histograms(model, feeds, told)
        _save({n: h.least_error(silu if n in into_silu else None) for n, h in histograms.items()}, files["usual"])
        _save({n: h.extremes() for n, h in histograms.items()}, files["widest"])
    return files[task.quantisation.ranges]


def _save(ranges: Mapping[str, tuple[float, float]], file: Path) -> None:
    told = {name: (np.float32(low), np.float32(high)) for name, (low, high) in ranges.items()}
    save_tensors_data(TensorsData(CalibrationMethod.MinMax, told), file)


def _histograms(model: ModelProto, feeds: Feeds, told: Told) -> dict[str, Histogram]:
    """Float tensor -> its values over all runs."""
    session = _session(_with_all_outputs(model))
    outputs = [output.name for output in session.get_outputs() if output.type == "tensor(float)"]
    histograms = {name: Histogram() for name in outputs}
    for number, feed in enumerate(feeds):
        told("Calibrating", 0.1 + 0.6 * number / len(feeds))
        for name, tensor in (*zip(outputs, session.run(outputs, feed), strict=True), *feed.items()):
            if tensor.dtype == np.float32:
                histograms.setdefault(name, Histogram()).add(tensor)
    return histograms


def _with_all_outputs(model: ModelProto) -> ModelProto:
    """A copy that gives out every float tensor."""
    copy = onnx.shape_inference.infer_shapes(model)
    given = {value.name for value in copy.graph.output}
    floats = [value for value in copy.graph.value_info if value.type.tensor_type.elem_type == TensorProto.FLOAT]
    copy.graph.output.extend(value for value in floats if value.name not in given)
    return copy


def _into_silu(model: ModelProto) -> frozenset[str]:
    """Tensors that are read by ``x * sigmoid(x)`` alone."""
    return frozenset(name for name, readers in _readers(model).items() if _is_silu(name, readers))


def _is_silu(name: str, readers: list[onnx.NodeProto]) -> bool:
    by_kind = {node.op_type: node for node in readers}
    if len(readers) != 2 or by_kind.keys() != {"Sigmoid", "Mul"}:
        return False
    return set(by_kind["Mul"].input) == {name, by_kind["Sigmoid"].output[0]}


def _readers(model: ModelProto) -> dict[str, list[onnx.NodeProto]]:
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in model.graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    return readers


def _session(model: ModelProto) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = _FATAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    return ort.InferenceSession(model.SerializeToString(), options, providers=_PROCESSOR)
