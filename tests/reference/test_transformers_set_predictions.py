"""DETR, RT-DETR and D-FINE of transformers, exported, identified, run and decoded, against its own post-processing."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

_REASON = "the exporters are not installed: pip install -r tests/reference/requirements.txt"
torch = pytest.importorskip("torch", reason=_REASON)
pytest.importorskip("transformers", reason=_REASON)
pytest.importorskip("PIL", reason=_REASON)

import tiny_transformers as tiny  # noqa: E402
from transformers.models.detr.image_processing_pil_detr import DetrImageProcessorPil  # noqa: E402
from transformers.models.rt_detr.image_processing_pil_rt_detr import RTDetrImageProcessorPil  # noqa: E402

from engine.cards import InputSpec, ModelCard, Thresholds  # noqa: E402
from engine.decoders.table import make_decoder  # noqa: E402
from engine.frames import CanvasGeometry  # noqa: E402
from engine.geometry import fit_onto_canvas  # noqa: E402
from engine.library.identify import identify  # noqa: E402
from engine.results import Detections  # noqa: E402

PICTURE_SIZES = ((300, 200), (120, 250))
"""Width and height of the pictures of the batch; both are stretched onto the canvas."""

RAW = ("logits", "pred_boxes")
MODELS = {
    "detr": (tiny.detr, DetrImageProcessorPil),
    "rt_detr": (tiny.rt_detr, RTDetrImageProcessorPil),
    "d_fine": (tiny.d_fine, RTDetrImageProcessorPil),
}

Answers = dict[str, NDArray[Any]]


@pytest.fixture(scope="module", params=MODELS)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """An exported model, and the class that post-processes its answers."""
    make, processor = MODELS[request.param]
    path = tmp_path_factory.mktemp("exported") / "model.onnx"
    tiny.export(tiny.Raw(make()), path, ["pixel_values"], RAW)
    return path, processor()


def tensor_and_geometries(spec: InputSpec) -> tuple[NDArray[np.float32], list[CanvasGeometry]]:
    """Noise pictures as the card says that they become the tensor."""
    random = np.random.default_rng(7)
    canvas = np.empty((tiny.BATCH, tiny.HEIGHT, tiny.WIDTH, 3), np.uint8)
    geometries = [
        fit_onto_canvas(random.integers(0, 256, (height, width, 3), np.uint8), canvas[i], spec)
        for i, (width, height) in enumerate(PICTURE_SIZES)
    ]
    tensor = (canvas[..., ::-1].astype(np.float32) - np.array(spec.mean)) / np.array(spec.scale)
    return tensor.transpose(0, 3, 1, 2).astype(np.float32), geometries


def run(path: Path, inputs: Answers) -> Answers:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def references(processor: Any, answers: Answers, threshold: float, sizes: list[tuple[int, int]]) -> list[Any]:
    """What transformers makes of the same answers; ``sizes`` are (height, width)."""
    outputs = SimpleNamespace(**{name: torch.from_numpy(array) for name, array in answers.items()})
    return list(processor.post_process_object_detection(outputs, threshold=threshold, target_sizes=sizes))


def middle_threshold(processor: Any, answers: Answers) -> float:
    """A threshold that about half of the objects reach, midway between two scores."""
    found = references(processor, answers, 0.0, [(1, 1)] * tiny.BATCH)
    scores = np.sort(np.concatenate([one["scores"].numpy() for one in found]))
    return float(scores[len(scores) // 2 - 1 : len(scores) // 2 + 1].mean())


def assert_same(found: Detections, reference: Any, size: tuple[int, int]) -> None:
    """Every object of the reference is found, whatever the order of nearly equal scores."""
    boxes = np.clip(reference["boxes"].numpy(), 0, np.array(size * 2))
    assert len(found) == len(boxes) > 0
    assert (np.diff(found.score) <= 0).all()
    for box, score, label in zip(boxes, reference["scores"].numpy(), reference["labels"].numpy(), strict=True):
        same = (found.class_id == label) & (np.abs(found.xyxy - box).max(axis=1) < 0.1)
        assert found.score[same] == pytest.approx([score], abs=1e-5)


def test_the_export_is_identified(family: tuple[Path, Any]) -> None:
    path, processor = family
    card = identify(path)
    assert card.family == "detr"
    assert card.options["background_last"] is isinstance(processor, DetrImageProcessorPil)
    assert (card.roles["logits"], card.roles["boxes"]) == RAW
    assert (card.input.height, card.input.width) == (tiny.HEIGHT, tiny.WIDTH)
    assert len(card.class_names) == tiny.CLASSES


def test_answers_are_read_as_transformers_reads_them(family: tuple[Path, Any]) -> None:
    path, processor = family
    card = identify(path)
    tensor, geometries = tensor_and_geometries(card.input)
    answers = run(path, {card.input.name: tensor})
    threshold = middle_threshold(processor, answers)
    found = make_decoder(card).decode(answers, geometries, Thresholds(threshold, 0.5, tiny.QUERIES))
    expected = references(processor, answers, threshold, [(height, width) for width, height in PICTURE_SIZES])
    for one, reference, size in zip(found, expected, PICTURE_SIZES, strict=True):
        assert isinstance(one, Detections)
        assert_same(one, reference, size)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """D-FINE with its post-processing in the graph, and the same graph giving the raw answers as well."""
    folder, finished = tmp_path_factory.mktemp("deployed"), ["labels", "boxes", "scores"]
    path, both = folder / "model.onnx", folder / "both.onnx"
    tiny.export(tiny.Deployed(tiny.d_fine()), both, ["images", "orig_target_sizes"], [*finished, *RAW])
    graph = onnx.load(both)
    del graph.graph.output[len(finished) :]
    onnx.save(graph, path)
    return path, both


def extra_inputs(card: ModelCard) -> Answers:
    return {extra.name: np.array(extra.values, extra.dtype).reshape(extra.shape) for extra in card.input.extra_inputs}


def test_post_processing_in_the_graph_leads_to_the_same_objects(deployed: tuple[Path, Path]) -> None:
    path, both = deployed
    card, processor = identify(path), RTDetrImageProcessorPil()
    assert card.family == "rtdetr"
    assert [extra.name for extra in card.input.extra_inputs] == ["orig_target_sizes"]
    tensor, geometries = tensor_and_geometries(card.input)
    answers = run(both, {card.input.name: tensor} | extra_inputs(card))
    threshold = middle_threshold(processor, answers)
    found = make_decoder(card).decode(answers, geometries, Thresholds(threshold, 0.5, tiny.QUERIES))
    expected = references(processor, answers, threshold, [(height, width) for width, height in PICTURE_SIZES])
    for one, reference, size in zip(found, expected, PICTURE_SIZES, strict=True):
        assert isinstance(one, Detections)
        assert_same(one, reference, size)
