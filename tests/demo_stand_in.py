"""A network with the layout of the demo model that nobody has trained: what is brighter than grey is a bottle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engine.scene import CLASS_NAMES

HEIGHT, WIDTH = 288, 512
STRIDES = (8, 16, 32)
_STEEP = 12.0


def save_stand_in(path: Path, *, grey: float = 0.45) -> Path:
    """Write the network: of each stride a mean of every cell, and a score that grows with its brightness.

    Args:
        path: An .onnx file.
        grey: Brightness, 0 to 1, from which on a cell has a score above one half.
    """
    nodes, weights, parts = [], {}, []
    for stride in STRIDES:
        cells = (HEIGHT // stride) * (WIDTH // stride)
        kernel = np.zeros((4 + len(CLASS_NAMES), 3, 1, 1), np.float32)
        kernel[4:] = _STEEP / 3
        bias = np.array([0.0] * 4 + [-_STEEP * grey - 3.0 * c for c in range(len(CLASS_NAMES))], np.float32)
        shape = np.array([1, 4 + len(CLASS_NAMES), cells], np.int64)
        weights |= {f"kernel{stride}": kernel, f"bias{stride}": bias, f"shape{stride}": shape}
        nodes += [
            helper.make_node(
                "AveragePool", ["images"], [f"mean{stride}"], kernel_shape=[stride] * 2, strides=[stride] * 2
            ),
            helper.make_node("Conv", [f"mean{stride}", f"kernel{stride}", f"bias{stride}"], [f"grid{stride}"]),
            helper.make_node("Reshape", [f"grid{stride}", f"shape{stride}"], [f"row{stride}"]),
        ]
        parts.append(f"row{stride}")
    weights |= {"boxes": _boxes(), "sizes": np.array([4, len(CLASS_NAMES)], np.int64)}
    nodes += [
        helper.make_node("Concat", parts, ["all"], axis=2),
        helper.make_node("Split", ["all", "sizes"], ["nothing", "logits"], axis=1),
        helper.make_node("Add", ["nothing", "boxes"], ["placed"]),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
        helper.make_node("Concat", ["placed", "scores"], ["output0"], axis=1),
    ]
    onnx.save(_model(nodes, weights), path)
    return path


def _boxes() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A box twice as large as its cell, round the cell's middle: float32 (1, 4, N)."""
    rows = [
        ((x + 0.5) * stride, (y + 0.5) * stride, 2.0 * stride, 2.0 * stride)
        for stride in STRIDES
        for y in range(HEIGHT // stride)
        for x in range(WIDTH // stride)
    ]
    return np.array(rows, np.float32).T[None]


def _model(nodes: list[onnx.NodeProto], weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    cells = sum((HEIGHT // stride) * (WIDTH // stride) for stride in STRIDES)
    graph = helper.make_graph(
        nodes,
        "stand_in",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, HEIGHT, WIDTH])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 4 + len(CLASS_NAMES), cells])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    names = str(dict(enumerate(CLASS_NAMES)))
    metadata = {"stride": "32", "task": "detect", "batch": "1", "imgsz": f"[{HEIGHT}, {WIDTH}]", "names": names}
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    return model
