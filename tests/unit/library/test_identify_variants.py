"""The same model stored otherwise is the same model: IR, FP16, quantised, optimised, with free axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import exporter_graphs as graphs
import numpy as np
import onnx
import onnxruntime
import openvino
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from engine.cards import ModelCard, Precision
from engine.library.identify import identify

MODELS: dict[str, Callable[[], onnx.ModelProto]] = {
    "yolov8": lambda: graphs.yolo(classes=4),
    "yolov8_seg": lambda: graphs.yolo("segment", 4),
    "yolov8_pose": lambda: graphs.yolo("pose", 1),
    "yolov8_obb": lambda: graphs.yolo("obb", 15),
    "yolo_end2end": lambda: graphs.yolo(classes=4, end2end=True, bins=1),
    "yolov5": graphs.yolov5,
    "yolov6": graphs.yolov6,
    "yolox": lambda: graphs.yolox(4),
    "yolox_decoded": lambda: graphs.yolox(4, decoded=True),
    "nanodet": graphs.nanodet_heads,
    "nanodet_plus": graphs.nanodet_table,
    "yunet": graphs.yunet,
    "rtdetr": graphs.rtdetr,
    "detr": graphs.detr,
    "classifier": graphs.classifier,
    "semantic": graphs.semantic,
}


def to_ir(model: onnx.ModelProto, folder: Path, *, half: bool) -> Path:
    path = folder / "ir.xml"
    read = openvino.Core().read_model(model.SerializeToString())
    openvino.save_model(read, path, compress_to_fp16=half)
    return path


def to_free_ir(model: onnx.ModelProto, folder: Path) -> Path:
    path = folder / "free.xml"
    read = openvino.Core().read_model(model.SerializeToString())
    read.reshape({read.inputs[0].get_any_name(): [-1, 3, *model_size(model)]})
    openvino.save_model(read, path)
    return path


def model_size(model: onnx.ModelProto) -> list[int]:
    return [axis.dim_value for axis in model.graph.input[0].type.tensor_type.shape.dim][2:]


def quantised(model: onnx.ModelProto, folder: Path) -> Path:
    plain, path = folder / "plain.onnx", folder / "dynamic.onnx"
    onnx.save(model, plain)
    quantize_dynamic(plain, path, weight_type=QuantType.QUInt8)
    return path


def optimised(model: onnx.ModelProto, folder: Path) -> Path:
    options, path = onnxruntime.SessionOptions(), folder / "optimised.onnx"
    options.optimized_model_filepath = str(path)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.log_severity_level = 4
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return path


def with_quantiser_pairs(model: onnx.ModelProto, folder: Path) -> Path:
    """QuantizeLinear and DequantizeLinear behind every node that gives float numbers, and on every weight."""
    graph, path = model.graph, folder / "qdq.onnx"
    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    floats = {v.name for v in inferred.graph.value_info if v.type.tensor_type.elem_type == TensorProto.FLOAT}
    floats |= {t.name for t in graph.initializer if t.data_type == TensorProto.FLOAT and len(t.dims) == 4}
    graph.initializer.append(numpy_helper.from_array(np.float32(0.02), "qdq_scale"))
    graph.initializer.append(numpy_helper.from_array(np.int8(0), "qdq_zero"))
    nodes = list(graph.node)
    del graph.node[:]
    made: set[str] = set()
    for node in nodes:
        for position, name in enumerate(node.input):
            if name in floats:
                if name not in made:
                    graph.node.extend(quantiser_pair(name))
                    made.add(name)
                node.input[position] = f"{name}_dq"
        graph.node.append(node)
    onnx.save(model, path)
    return path


def quantiser_pair(name: str) -> list[onnx.NodeProto]:
    numbers = ["qdq_scale", "qdq_zero"]
    return [
        helper.make_node("QuantizeLinear", [name, *numbers], [f"{name}_q"]),
        helper.make_node("DequantizeLinear", [f"{name}_q", *numbers], [f"{name}_dq"]),
    ]


STORED: dict[str, Callable[[onnx.ModelProto, Path], Path]] = {
    "ir": lambda model, folder: to_ir(model, folder, half=False),
    "ir_fp16": lambda model, folder: to_ir(model, folder, half=True),
    "ir_free_batch": to_free_ir,
    "quantised": quantised,
    "optimised": optimised,
    "qdq": with_quantiser_pairs,
}


def essence(card: ModelCard) -> dict[str, Any]:
    """What must not change with the way a model is stored."""
    return {
        "task": card.task,
        "family": card.family,
        "options": dict(card.options),
        "roles": dict(card.roles),
        "names": card.class_names,
        "input": replace(card.input, free_axes=(), extra_inputs=(), size_multiple=1),
        "extra_inputs": card.input.extra_inputs,
    }


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("family", MODELS)
def test_the_same_model_stored_otherwise(tmp_path: Path, family: str, stored: str) -> None:
    path = tmp_path / "plain.onnx"
    onnx.save(MODELS[family](), path)
    plain = identify(path)
    other = identify(STORED[stored](MODELS[family](), tmp_path))

    assert essence(other) == essence(plain)
    assert other.confidence >= 0.6


def test_precision_of_the_stored_weights(tmp_path: Path) -> None:
    model = graphs.yolox(4)
    plain = tmp_path / "plain.onnx"
    onnx.save(model, plain)

    assert identify(plain).stored_precision is Precision.FP32
    assert identify(to_ir(model, tmp_path, half=True)).stored_precision is Precision.FP16
    assert identify(quantised(model, tmp_path)).stored_precision is Precision.INT8
    assert identify(with_quantiser_pairs(graphs.yolox(4), tmp_path)).stored_precision is Precision.INT8


def test_half_precision_inputs_and_outputs(tmp_path: Path) -> None:
    model = graphs.classifier(7)
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.FLOAT:
            tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name))
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.elem_type = TensorProto.FLOAT16
    path = tmp_path / "half.onnx"
    onnx.save(model, path)
    card = identify(path)

    assert (card.input.dtype, card.outputs[0].dtype) == ("float16", "float16")
    assert card.stored_precision is Precision.FP16
    assert len(card.class_names) == 7


def test_metadata_kept_in_an_ir_and_beside_it(tmp_path: Path) -> None:
    inside = to_ir(graphs.yolo(classes=3, metadata=graphs.ultralytics("detect", 3)), tmp_path, half=True)
    assert identify(inside).class_names_from == "metadata"

    folder = tmp_path / "net_openvino_model"
    folder.mkdir()
    beside = to_ir(graphs.yolo(classes=2), folder, half=True)
    (folder / "metadata.yaml").write_text(
        "description: Ultralytics YOLO11n model\ntask: detect\nstride: 32\nimgsz:\n- 640\n- 640\n"
        "names:\n  0: cat\n  1: 'dog'\nargs:\n  batch: 1\n  nms: false\n"
    )
    card = identify(beside)

    assert (card.class_names, card.class_names_from) == (("cat", "dog"), "metadata")
    assert card.family_title == "YOLO11n"


def test_the_hash_of_an_ir_covers_its_weights(tmp_path: Path) -> None:
    path = to_ir(graphs.classifier(), tmp_path, half=False)
    before = identify(path)
    weights = path.with_suffix(".bin")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)

    assert identify(path).sha256 != before.sha256
    assert before.model_bytes == path.stat().st_size + weights.stat().st_size
