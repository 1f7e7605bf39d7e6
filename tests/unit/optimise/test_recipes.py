"""Every recipe on every kind of model: what comes out is taken for what went in, and runs on both runtimes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import openvino
import pytest
from unit.library import exporter_graphs as graphs

from engine.backends.processor import processor_name
from engine.cards import ModelCard, Precision
from engine.errors import ModelError
from engine.library.identify import identify
from engine.optimise.alike import FAINT
from engine.optimise.build import variant_file
from engine.optimise.likeness import differences, names_metadata
from engine.optimise.one_lane import OneLane
from engine.optimise.recipes.table import carry_out
from engine.optimise.task import Task, layers_of, raise_error, write_task
from engine.optimise.variant import ORIGIN_KEY, Layer, Origin, Quantisation, parse_kind

KINDS = ("onnx-fused", "onnx-fp16", "onnx-int8", "openvino-fp16", "openvino-int8", "pruned-30")
MODELS: dict[str, Callable[[], onnx.ModelProto]] = {
    "detector": lambda: graphs.yolo(classes=4, size=(96, 128), metadata=graphs.ultralytics("detect", 4, (96, 128))),
    "free axes": lambda: graphs.yolo(classes=4, dynamic=True),
    "two outputs": lambda: graphs.yolo("segment", 4, size=(128, 128)),
    "twelve outputs": lambda: graphs.yunet((128, 128)),
    "NMS in the graph": lambda: graphs.finished({"boxes": "boxes", "scores": "scores", "classes": "classes"}),
    "another input": graphs.rtdetr,
    "classifier": lambda: graphs.classifier(7, size=(64, 64)),
    "class map": lambda: graphs.semantic(size=(64, 64)),
}


def source_of(model: onnx.ModelProto, folder: Path) -> ModelCard:
    path = folder / "model.onnx"
    onnx.save(model, path)
    return identify(path)


def as_ir(card: ModelCard) -> ModelCard:
    path = card.path.with_suffix(".xml")
    openvino.save_model(openvino.Core().read_model(card.path), path)
    return identify(path)


def task_for(card: ModelCard, name: str, *keep_float: str, preset: str = "mixed", ranges: str = "usual") -> Task:
    """A task with two canvases of noise."""
    folder = card.path.parent / f"work-{name}-{ranges}-{len(keep_float)}"
    folder.mkdir()
    canvases = folder / "canvases.npy"
    shape = (2, *card.input.canvas_shape[1:])
    np.save(canvases, np.random.default_rng(0).integers(0, 256, shape, np.uint8))
    kind = parse_kind(name)
    quantisation = Quantisation(frozenset(keep_float), preset, ranges)
    target = variant_file(card, kind, card.path.parent)
    origin = Origin(card.path.name, card.sha256, name)
    return Task(card.path, kind, target, folder, card.input, quantisation, canvases, 2, origin=origin)


def done(task: Task) -> list[str]:
    """Notes of a child that has done a task in this process."""
    request = task.folder / "request.json"
    write_task(task, request)
    answer = carry_out(request)
    raise_error(answer, task.source.name)
    return list(answer["notes"])


def layers(card: ModelCard, name: str) -> tuple[Layer, ...]:
    task = task_for(card, name)
    request = task.folder / "request.json"
    write_task(Task(task.source, task.kind, None, task.folder, task.input), request)
    return layers_of(carry_out(request))


def run(card: ModelCard) -> None:
    """On noise, on each runtime that reads the format."""
    noise = np.random.default_rng(1).integers(0, 256, (90, 120, 3), np.uint8)
    for backend in ("openvino", "onnxruntime") if card.file_format == "onnx" else ("openvino",):
        lane = OneLane(card, lambda: False, backend=backend)
        lane.look(noise, FAINT)
        lane.close()


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("model", MODELS)
def test_a_variant_is_taken_for_its_original_and_runs(tmp_path: Path, model: str, name: str) -> None:
    card = source_of(MODELS[model](), tmp_path)
    task = task_for(card, name)
    done(task)
    variant = identify(task.file)

    assert differences(card, variant) == []
    assert variant.input == card.input
    run(variant)


@pytest.mark.parametrize("name", ["openvino-fp16", "openvino-int8", "pruned-30"])
@pytest.mark.parametrize("model", ["detector", "two outputs", "NMS in the graph"])
def test_an_ir_has_variants_too(tmp_path: Path, model: str, name: str) -> None:
    card = as_ir(source_of(MODELS[model](), tmp_path))
    task = task_for(card, name)
    done(task)
    variant = identify(task.file)

    assert differences(card, variant) == []
    run(variant)


@pytest.mark.parametrize(
    ("name", "precision"),
    [("onnx-fused", "fp32"), ("onnx-fp16", "fp16"), ("onnx-int8", "int8"), ("openvino-fp16", "fp16")],
)
def test_what_the_weights_are_stored_in(tmp_path: Path, name: str, precision: str) -> None:
    card = source_of(MODELS["detector"](), tmp_path)
    task = task_for(card, name)
    done(task)
    assert identify(task.file).stored_precision is Precision(precision)


@pytest.mark.parametrize("name", KINDS)
def test_metadata_survives_and_the_origin_is_added(tmp_path: Path, name: str) -> None:
    card = source_of(MODELS["detector"](), tmp_path)
    task = task_for(card, name)
    done(task)
    told = dict(identify(task.file).metadata)
    origin = json.loads(told.pop(ORIGIN_KEY))

    assert told.items() >= card.metadata.items()
    assert (origin["source_sha256"], origin["recipe"]) == (card.sha256, name)
    assert set(origin["versions"]) >= {"inferoscope"}
    assert origin["built_utc"]
    assert origin["processor"] == processor_name()


def test_class_names_from_beside_the_original_are_written_into_the_variant(tmp_path: Path) -> None:
    card = source_of(graphs.yolo(classes=3, size=(96, 96)), tmp_path)
    (tmp_path / "model.names").write_text("cup\nplate\nfork\n")
    task = task_for(identify(card.path), "onnx-fused")
    done(replace(task, target=tmp_path / "other.onnx", metadata=names_metadata(identify(card.path))))
    assert identify(tmp_path / "other.onnx").class_names == ("cup", "plate", "fork")


def test_fusing_keeps_the_opset_and_plain_operators(tmp_path: Path) -> None:
    card = source_of(MODELS["detector"](), tmp_path)
    task = task_for(card, "onnx-fused")
    done(task)
    fused = onnx.load(task.file)

    assert [(entry.domain, entry.version) for entry in fused.opset_import] == [("", 17)]
    assert len(fused.graph.node) <= len(onnx.load(card.path).graph.node)


@pytest.mark.parametrize("name", ["onnx-int8", "openvino-int8"])
def test_layers_that_are_kept_stay_in_float(tmp_path: Path, name: str) -> None:
    card = source_of(MODELS["detector"](), tmp_path)
    found = layers(card, name)
    linear = [layer.name for layer in found if layer.multiply_adds]
    assert [layer.order for layer in found] == list(range(len(found)))

    task = task_for(card, name, *linear)
    (note,) = done(task)
    assert note.startswith("0 of ")
    assert identify(task.file).stored_precision is Precision.FP32


def test_the_widest_ranges_are_wider_for_either_runtime(tmp_path: Path) -> None:
    card = source_of(MODELS["detector"](), tmp_path)
    steps: dict[str, dict[str, float]] = {}
    for ranges in ("usual", "widest"):
        task = task_for(card, "onnx-int8", ranges=ranges)
        done(task)
        steps[ranges] = onnx_steps(onnx.load(task.file))
    assert steps["usual"].keys() == steps["widest"].keys()
    assert all(steps["widest"][name] >= step * 0.999 for name, step in steps["usual"].items())
    assert any(steps["widest"][name] > step * 1.001 for name, step in steps["usual"].items())

    widths = {}
    for ranges in ("usual", "widest"):
        task = task_for(card, "openvino-int8", ranges=ranges)
        done(task)
        widths[ranges] = openvino_widths(openvino.Core().read_model(task.file))
    assert all(widest >= usual * 0.999 for usual, widest in zip(widths["usual"], widths["widest"], strict=True))
    assert sum(widths["widest"]) > sum(widths["usual"])


def onnx_steps(model: onnx.ModelProto) -> dict[str, float]:
    """Quantised activation -> the step between two of its levels."""
    constants = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    nodes = [node for node in model.graph.node if node.op_type == "QuantizeLinear" and node.input[0] not in constants]
    return {node.input[0]: float(constants[node.input[1]].max()) for node in nodes}


def openvino_widths(model: openvino.Model) -> list[float]:
    """The range of each quantised activation, in the order of computation."""
    found = [op for op in model.get_ordered_ops() if op.get_type_name() == "FakeQuantize"]
    ends = [[float(op.input_value(i).get_node().data.max()) for i in (1, 2)] for op in found]
    return [high - low for low, high in ends]


@pytest.mark.parametrize("name", ["onnx-int8", "openvino-int8"])
def test_multiply_adds_are_those_of_the_sizes_of_the_card(tmp_path: Path, name: str) -> None:
    """The first convolution: 3 channels, 3x3, stride 2, 6 results of half the size."""
    card = source_of(MODELS["free axes"](), tmp_path)
    first = next(layer for layer in layers(card, name) if layer.multiply_adds)
    assert first.multiply_adds == 3 * 3 * 3 * 6 * (card.input.height // 2) * (card.input.width // 2)


def test_a_decoder_stays_in_float_without_being_asked(tmp_path: Path) -> None:
    card = source_of(MODELS["detector"](), tmp_path)
    task = task_for(card, "onnx-int8")
    done(task)
    nodes = onnx.load(task.file).graph.node
    (scores,) = [node for node in nodes if node.op_type == "Sigmoid"]
    assert [node.op_type for node in nodes if scores.output[0] in node.input] == ["Concat"]
    assert "QuantizeLinear" in {node.op_type for node in nodes}


def test_pruned_weights_are_zeroes(tmp_path: Path) -> None:
    card = source_of(MODELS["detector"](), tmp_path)
    task = task_for(card, "pruned-30")
    notes = done(task)
    pruned = onnx.load(task.file)
    kernels = {node.input[1] for node in pruned.graph.node if node.op_type == "Conv"}
    arrays = [onnx.numpy_helper.to_array(t) for t in pruned.graph.initializer if t.name in kernels]

    zeroes = sum(int((array == 0).sum()) for array in arrays)
    assert zeroes == sum(array.size for array in arrays) * 30 // 100
    assert notes[0].startswith(f"{zeroes} of ")


@pytest.mark.parametrize("half", [False, True])
def test_an_ir_is_pruned_where_its_onnx_file_is(tmp_path: Path, half: bool) -> None:
    card = source_of(MODELS["detector"](), tmp_path)
    path = tmp_path / "model.xml"
    openvino.save_model(openvino.Core().read_model(card.path), path, compress_to_fp16=half)
    task = task_for(card, "pruned-30")
    share_of_onnx, *_ = done(task)
    target = path.with_name("pruned.xml")
    share_of_ir, *_ = done(replace(task, source=path, target=target))
    assert share_of_ir == share_of_onnx

    pruned = openvino.Core().read_model(target)
    weights = [op.data for op in pruned.get_ops() if op.get_type_name() == "Constant" and op.data.ndim == 4]
    assert sum(int((array == 0).sum()) for array in weights) == int(share_of_ir.split()[0])


def test_control_flow_is_refused_by_name(tmp_path: Path) -> None:
    card = source_of(MODELS["classifier"](), tmp_path)
    model = onnx.load(card.path)
    (node,) = [node for node in model.graph.node if node.op_type == "Identity"]
    body = onnx.helper.make_graph(
        [onnx.helper.make_node("Identity", [node.input[0]], ["inside"])],
        "body",
        [],
        [onnx.helper.make_tensor_value_info("inside", onnx.TensorProto.FLOAT, None)],
    )
    total = onnx.helper.make_node("ReduceSum", ["input"], ["total"], keepdims=0)
    more = onnx.helper.make_node("Cast", ["total"], ["more"], to=onnx.TensorProto.BOOL)
    choice = onnx.helper.make_node("If", ["more"], [node.output[0]], then_branch=body, else_branch=body)
    model.graph.node.remove(node)
    model.graph.node.extend([total, more, choice])
    onnx.save(model, card.path)

    for name in ("onnx-fp16", "onnx-int8"):
        with pytest.raises(ModelError, match=r"branches or loops \(If\)"):
            done(task_for(identify(card.path), name))


def test_what_a_library_cannot_take_is_one_sentence(tmp_path: Path) -> None:
    card = source_of(MODELS["classifier"](), tmp_path)
    task = task_for(card, "openvino-fp16")
    card.path.write_bytes(card.path.read_bytes()[:200])
    with pytest.raises(ModelError) as told:
        done(task)
    assert "cannot take this model" in str(told.value)
    assert "\n" not in str(told.value)
