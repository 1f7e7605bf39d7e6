"""Known objects on known pictures, and graphs that answer with given numbers whatever they are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from engine.cards import InputSpec
from engine.frames import CanvasGeometry
from engine.geometry import fit_geometry
from engine.results import Detections

CANVAS_WIDTH, CANVAS_HEIGHT = 320, 256
SPEC = InputSpec(name="images", height=CANVAS_HEIGHT, width=CANVAS_WIDTH, scale=(255.0, 255.0, 255.0))


@dataclass(frozen=True)
class Thing:
    """An object on a picture: box in source pixels, class and score."""

    xyxy: tuple[float, float, float, float]
    class_id: int
    score: float


@dataclass(frozen=True)
class Picture:
    """A picture's size, and what is on it, best first."""

    width: int
    height: int
    things: tuple[Thing, ...]

    @property
    def geometry(self) -> CanvasGeometry:
        return fit_geometry(self.width, self.height, SPEC)

    def on_canvas(self, thing: Thing) -> tuple[float, float, float, float]:
        """The thing's box in canvas pixels, by hand: one scale, borders of equal width on both sides."""
        scale = min(CANVAS_WIDTH / self.width, CANVAS_HEIGHT / self.height)
        left = (CANVAS_WIDTH - self.width * scale) / 2
        top = (CANVAS_HEIGHT - self.height * scale) / 2
        x1, y1, x2, y2 = thing.xyxy
        return x1 * scale + left, y1 * scale + top, x2 * scale + left, y2 * scale + top


WIDE = Picture(
    640,
    360,
    (Thing((50, 40, 210, 300), 2, 0.9), Thing((400, 60, 620, 330), 0, 0.6), Thing((300, 10, 330, 46), 1, 0.35)),
)
TALL = Picture(320, 512, (Thing((20, 30, 280, 450), 1, 0.8),))
BARE = Picture(200, 200, ())


def run_graph(outputs: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """What ONNX Runtime answers for a graph with a picture input and these outputs, planted as constants."""
    batch = max(len(array) for array in outputs.values())
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(np.ascontiguousarray(array)))
        for name, array in outputs.items()
    ]
    kinds = {np.float32: TensorProto.FLOAT, np.float16: TensorProto.FLOAT16, np.int64: TensorProto.INT64}
    graph = helper.make_graph(
        nodes,
        "planted",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [batch, 3, CANVAS_HEIGHT, CANVAS_WIDTH])],
        [helper.make_tensor_value_info(k, kinds[v.dtype.type], v.shape) for k, v in outputs.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    shown = np.zeros((batch, 3, CANVAS_HEIGHT, CANVAS_WIDTH), np.float32)
    return dict(zip(outputs, session.run(list(outputs), {"images": shown}), strict=True))


def assert_found(found: Detections, things: Sequence[Thing], *, within_px: float = 1.0) -> None:
    """Exactly these things were found, best first, their boxes within so many source pixels."""
    assert found.class_id.tolist() == [thing.class_id for thing in things]
    assert found.score.tolist() == pytest.approx([thing.score for thing in things], abs=2e-3)
    assert found.xyxy == pytest.approx(np.array([thing.xyxy for thing in things]).reshape(-1, 4), abs=within_px)
