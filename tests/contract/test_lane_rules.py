"""Canvas rules: a lane answers each frame as if it had never seen another, and what it has answered stays.

The graphs give the picture back, so that a single pixel left over from the frame before changes a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from backend_graphs import IR_VERSION, OPSET
from cards import make_card
from fakes import LIMIT_S, wait_until
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engine.backends.backend import CompileRequest
from engine.backends.table import BACKENDS, load_backend
from engine.cards import Configuration, Fit, InputSpec, ModelCard, Task, TensorSpec, Thresholds
from engine.decoders.table import make_decoder
from engine.frames import Frame, FrameResult
from engine.pipeline.attachment import Attachment
from engine.pipeline.lanes import LoadedModel

SIZE = 16
PIXELS = 3 * SIZE * SIZE
SIZES_WH = [(32, 24), (20, 48), (32, 24), (16, 16), (1, 1), (100, 7), (32, 24)]
"""Wide, tall, as before, just fitting, one pixel, a ribbon."""

Family = tuple[str, Task, tuple[int, ...], dict[str, object]]
FAMILIES: dict[str, Family] = {
    "classifier": ("classifier", Task.CLASSIFY, (1, PIXELS), {"softmax": False}),
    "semantic": ("semantic", Task.SEMANTIC, (1, 3, SIZE, SIZE), {"labels": False}),
    "semantic labels": ("semantic", Task.SEMANTIC, (1, 3 * SIZE, SIZE), {"labels": True}),
    "yolov8": ("yolov8", Task.DETECT, (1, 6, PIXELS // 6), {"classes": 2, "transposed": False}),
    "yolov8 transposed": ("yolov8", Task.DETECT, (1, PIXELS // 6, 6), {"classes": 2, "transposed": True}),
    "yolov5": ("yolov5", Task.DETECT, (1, PIXELS // 8, 8), {"classes": 3}),
    "yolo_end2end": ("yolo_end2end", Task.DETECT, (1, PIXELS // 6, 6), {}),
}
"""Title -> family, task, shape that the pixels are given, options of its decoder."""


def _save(path: Path, shape: tuple[int, ...]) -> Path:
    """``output0 = reshape(images, shape)``."""
    nodes = [helper.make_node("Reshape", ["images", "shape"], ["output0"])]
    inputs = [helper.make_tensor_value_info("images", TensorProto.FLOAT, (1, 3, SIZE, SIZE))]
    outputs = [helper.make_tensor_value_info("output0", TensorProto.FLOAT, shape)]
    graph = helper.make_graph(nodes, "reshape", inputs, outputs, [numpy_helper.from_array(np.int64(shape), "shape")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    path.write_bytes(model.SerializeToString())
    onnx.checker.check_model(model)
    return path


@pytest.fixture(params=list(FAMILIES))
def card(request: pytest.FixtureRequest, tmp_path: Path) -> ModelCard:
    family, task, shape, options = FAMILIES[request.param]
    # Pixels of 0 to 255 become numbers of -8 to 24: boxes on the canvas, scores on both sides of the threshold.
    spec = InputSpec("images", SIZE, SIZE, fit=Fit.LETTERBOX_CENTRE, mean=(64.0,) * 3, scale=(8.0,) * 3)
    return make_card(
        _save(tmp_path / "reshape.onnx", shape),
        family=family,
        task=task,
        options=options,
        input=spec,
        inputs=(TensorSpec("images", (1, 3, SIZE, SIZE), "float32"),),
        outputs=(TensorSpec("output0", shape, "float32"),),
    )


def _frame(number: int, size_wh: tuple[int, int]) -> Frame:
    width, height = size_wh
    image = np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Frame(image, number, 0, 0, None, "noise")


class Lane:
    """A loaded model with one lane, and a stream's end at it."""

    def __init__(self, backend: str, card: ModelCard) -> None:
        request = CompileRequest(card, lanes=1, cache=False)
        compiled = load_backend(backend).compile(request, lambda _phase: None, lambda: False)
        self.model = LoadedModel(Configuration(0, card, compiled.report), compiled, make_decoder(card))
        self.model.start()
        assert self.model.wait_ready(LIMIT_S)

    def answer(self, frames: Sequence[Frame]) -> list[FrameResult]:
        results: list[FrameResult] = []
        attachment = Attachment(
            "noise", every_frame=True, deliver=results.append, thresholds=Thresholds(0.3, 0.9, max_detections=1000)
        )
        attachment.connect(self.model.feed)
        for frame in frames:
            assert attachment.offer(frame, LIMIT_S)
        assert wait_until(lambda: attachment.idle)
        attachment.close()
        assert len(results) == len(frames)
        return results

    def close(self) -> None:
        self.model.close()
        assert self.model.join(LIMIT_S) == []


def _arrays(thing: Any) -> list[NDArray[Any]]:
    """Every array in a result, however deep."""
    if isinstance(thing, np.ndarray):
        return [thing]
    if isinstance(thing, tuple):
        return [array for part in thing for array in _arrays(part)]
    if is_dataclass(thing):
        return [array for field in fields(thing) for array in _arrays(getattr(thing, field.name))]
    return []


def _copies(results: Sequence[FrameResult]) -> list[list[bytes]]:
    return [[array.tobytes() for array in _arrays(result.result)] for result in results]


@pytest.mark.parametrize("backend", list(BACKENDS))
def test_frames_of_many_sizes_through_one_lane_equal_lanes_of_their_own(backend: str, card: ModelCard) -> None:
    frames = [_frame(number, size) for number, size in enumerate(SIZES_WH)]
    shared = Lane(backend, card)
    together = _copies(shared.answer(frames))
    shared.close()

    alone = []
    for frame in frames:
        own = Lane(backend, card)
        alone += _copies(own.answer([frame]))
        own.close()

    assert together == alone
    assert len({b"".join(answer) for answer in together}) > len(SIZES_WH) // 2


@pytest.mark.parametrize("backend", list(BACKENDS))
def test_a_kept_result_is_unchanged_a_hundred_frames_later(backend: str, card: ModelCard) -> None:
    lane = Lane(backend, card)
    kept = lane.answer([_frame(number, size) for number, size in enumerate(SIZES_WH)])
    before = _copies(kept)

    lane.answer([_frame(1000 + number, SIZES_WH[number % len(SIZES_WH)]) for number in range(100)])
    lane.close()

    assert _copies(kept) == before
    assert all(not array.flags.writeable for result in kept for array in _arrays(result.result))
