"""An untrained network with the shape of YOLO11n: same layers, same cost, quiet outputs. For measuring speed.

    python tests/perf/yolo11n_shaped.py OUTPUT.onnx [--size 640]

The layout follows the published description of the architecture (Khanam and Hussain, "YOLOv11: An Overview of the Key
Architectural Enhancements", arXiv 2410.17725): a backbone of C3k2 blocks, SPPF and C2PSA, a two-way neck, and three
decoupled heads whose box distributions (DFL) are decoded inside the graph to (1, 4 + 80, N). At 640 it has 2.6 million
weights and 3.3 thousand million multiply-adds. Batch norms are folded, as an exporter does.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CLASSES = 80
REG_MAX = 16
STRIDES = (8, 16, 32)
QUIET_LOGIT = -6.0
"""Bias of the class scores: an untrained net that believes in nothing, like one at the start of its training."""


def build(size: int = 640, width: float = 1.0, seed: int = 11) -> onnx.ModelProto:
    """Build the network.

    Args:
        size: Height and width of the input in pixels, a multiple of 32.
        width: Factor on the number of channels; small ones make a toy of the same layout for tests.
        seed: Of the weights.
    """
    net = Network(np.random.default_rng(seed), width)
    features = _neck(net, *_backbone(net, cells=size // STRIDES[-1]))
    _heads(net, features, size)
    graph = helper.make_graph(
        net.nodes,
        "yolo11n_shaped",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, size, size])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 4 + CLASSES, _candidates(size)])],
        net.weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    names = {number: f"thing {number}" for number in range(CLASSES)}
    metadata = {"stride": "32", "task": "detect", "batch": "1", "imgsz": f"[{size}, {size}]", "names": str(names)}
    helper.set_model_props(model, metadata)
    onnx.checker.check_model(model)
    return model


def _candidates(size: int) -> int:
    return sum((size // stride) ** 2 for stride in STRIDES)


@dataclass
class Network:
    """A graph that grows layer by layer. Tensors are known by name and number of channels."""

    rng: np.random.Generator
    width: float
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def channels(self, of_yolo11n: int) -> int:
        """A channel count scaled by the width, even, so that blocks can halve it twice."""
        return max(8, round(of_yolo11n * self.width / 8) * 8)

    def constant(self, values: Any, dtype: Any = np.float32) -> str:
        """A stored array; returns its name."""
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def node(self, operator: str, inputs: Sequence[str], outputs: int | Sequence[str] = 1, **attributes: Any) -> Any:
        """Add a node; returns the name of its output, or the names where there are several."""
        if isinstance(outputs, int):
            outputs = [f"t{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), list(outputs), **attributes))
        return outputs[0] if len(outputs) == 1 else outputs

    def conv(self, x: Layer, out: int, kernel: int = 1, stride: int = 1, **options: Any) -> Layer:
        """Convolution with folded batch norm, then SiLU unless ``active=False``; ``depthwise``, ``bias`` as named."""
        groups = x.channels if options.get("depthwise") else 1
        fan_in = x.channels // groups * kernel * kernel
        weight = self.rng.standard_normal((out, x.channels // groups, kernel, kernel)) * (1.6 / fan_in) ** 0.5
        bias = np.full(out, options.get("bias", 0.0))
        name = self.node(
            "Conv",
            [x.name, self.constant(weight), self.constant(bias)],
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[kernel // 2] * 4,
            group=groups,
        )
        if options.get("active", True):
            name = self.node("Mul", [name, self.node("Sigmoid", [name])])
        return Layer(name, out)

    def concat(self, *layers: Layer) -> Layer:
        """Join along the channels."""
        name = self.node("Concat", [layer.name for layer in layers], axis=1)
        return Layer(name, sum(layer.channels for layer in layers))

    def halves(self, x: Layer) -> tuple[Layer, Layer]:
        """Split along the channels."""
        half = x.channels // 2
        first, second = self.node("Split", [x.name, self.constant([half, half], np.int64)], 2, axis=1)
        return Layer(first, half), Layer(second, half)

    def add(self, x: Layer, y: Layer) -> Layer:
        """Sum of two layers of one shape."""
        return Layer(self.node("Add", [x.name, y.name]), x.channels)

    def reshape(self, name: str, *shape: int) -> str:
        """Another shape of the same numbers; -1 once, 0 keeps an axis."""
        return str(self.node("Reshape", [name, self.constant(shape, np.int64)]))

    def upsample(self, x: Layer) -> Layer:
        """Each pixel four times."""
        scales = self.constant([1, 1, 2, 2])
        name = self.node(
            "Resize",
            [x.name, "", scales],
            mode="nearest",
            nearest_mode="floor",
            coordinate_transformation_mode="asymmetric",
        )
        return Layer(name, x.channels)


@dataclass(frozen=True)
class Layer:
    """A tensor (1, channels, h, w)."""

    name: str
    channels: int


def _bottleneck(net: Network, x: Layer, hidden: int) -> Layer:
    return net.add(x, net.conv(net.conv(x, hidden, 3), x.channels, 3))


def _c3k(net: Network, x: Layer) -> Layer:
    hidden = x.channels // 2
    deep = net.conv(x, hidden)
    for _ in range(2):
        deep = _bottleneck(net, deep, hidden)
    return net.conv(net.concat(deep, net.conv(x, hidden)), x.channels)


def _c3k2(net: Network, x: Layer, out: int, *, expansion: float = 0.5, nested: bool = False) -> Layer:
    hidden = int(out * expansion)
    first, second = net.halves(net.conv(x, 2 * hidden))
    deep = _c3k(net, second) if nested else _bottleneck(net, second, hidden // 2)
    return net.conv(net.concat(first, second, deep), out)


def _sppf(net: Network, x: Layer) -> Layer:
    pooled = [net.conv(x, x.channels // 2)]
    for _ in range(3):
        name = net.node("MaxPool", [pooled[-1].name], kernel_shape=[5, 5], pads=[2, 2, 2, 2], strides=[1, 1])
        pooled.append(Layer(name, x.channels // 2))
    return net.conv(net.concat(*pooled), x.channels)


def _c2psa(net: Network, x: Layer, cells: int) -> Layer:
    kept, attended = net.halves(net.conv(x, x.channels))
    attended = net.add(attended, _attention(net, attended, cells))
    wide = net.conv(attended, 2 * attended.channels)
    attended = net.add(attended, net.conv(wide, attended.channels, active=False))
    return net.conv(net.concat(kept, attended), x.channels)


def _attention(net: Network, x: Layer, cells: int) -> Layer:
    """Self-attention over the ``cells`` x ``cells`` places, with a depthwise convolution as position encoding."""
    heads = max(1, x.channels // 64)
    value = x.channels // heads
    key = value // 2
    mixed = net.reshape(net.conv(x, x.channels + 2 * heads * key, active=False).name, 1, heads, 2 * key + value, -1)
    query, keys, values = net.node("Split", [mixed, net.constant([key, key, value], np.int64)], 3, axis=2)
    scores = net.node("MatMul", [net.node("Transpose", [query], perm=[0, 1, 3, 2]), keys])
    scores = net.node("Softmax", [net.node("Mul", [scores, net.constant(key**-0.5)])], axis=-1)
    seen = net.node("MatMul", [values, net.node("Transpose", [scores], perm=[0, 1, 3, 2])])
    shape = (1, x.channels, cells, cells)
    position = net.conv(Layer(net.reshape(values, *shape), x.channels), x.channels, 3, depthwise=True, active=False)
    return net.conv(net.add(Layer(net.reshape(seen, *shape), x.channels), position), x.channels, active=False)


def _backbone(net: Network, cells: int) -> tuple[Layer, Layer, Layer]:
    """Features at strides 8, 16 and 32."""
    c = net.channels
    x = net.conv(Layer("images", 3), c(16), 3, 2)
    x = _c3k2(net, net.conv(x, c(32), 3, 2), c(64), expansion=0.25)
    fine = _c3k2(net, net.conv(x, c(64), 3, 2), c(128), expansion=0.25)
    middle = _c3k2(net, net.conv(fine, c(128), 3, 2), c(128), nested=True)
    coarse = _sppf(net, _c3k2(net, net.conv(middle, c(256), 3, 2), c(256), nested=True))
    return fine, middle, _c2psa(net, coarse, cells)


def _neck(net: Network, fine: Layer, middle: Layer, coarse: Layer) -> tuple[Layer, Layer, Layer]:
    c = net.channels
    middle = _c3k2(net, net.concat(net.upsample(coarse), middle), c(128))
    fine = _c3k2(net, net.concat(net.upsample(middle), fine), c(64))
    middle = _c3k2(net, net.concat(net.conv(fine, c(64), 3, 2), middle), c(128))
    coarse = _c3k2(net, net.concat(net.conv(middle, c(128), 3, 2), coarse), c(256), nested=True)
    return fine, middle, coarse


def _head(net: Network, x: Layer, box: int, score: int) -> Layer:
    """Box distributions and class logits of one stride: (1, 4 * REG_MAX + CLASSES, h, w)."""
    boxes = net.conv(net.conv(net.conv(x, box, 3), box, 3), 4 * REG_MAX, active=False)
    logits = x
    for _ in range(2):
        logits = net.conv(net.conv(logits, logits.channels, 3, depthwise=True), score)
    logits = net.conv(logits, CLASSES, active=False, bias=QUIET_LOGIT)
    return net.concat(boxes, logits)


def _heads(net: Network, features: tuple[Layer, ...], size: int) -> None:
    """Decode all strides to centre, size (pixels) and scores: (1, 4 + CLASSES, N)."""
    outputs = [_head(net, x, net.channels(64), net.channels(80)) for x in features]
    flat = [net.reshape(output.name, 1, output.channels, -1) for output in outputs]
    joined = net.node("Concat", flat, axis=2)
    boxes, logits = net.node("Split", [joined, net.constant([4 * REG_MAX, CLASSES], np.int64)], 2, axis=1)
    spread = net.node("Transpose", [net.reshape(boxes, 1, 4, REG_MAX, -1)], perm=[0, 2, 1, 3])
    bins = net.constant(np.arange(REG_MAX).reshape(1, REG_MAX, 1, 1))
    sides = net.node("Conv", [net.node("Softmax", [spread], axis=1), bins])
    before, after = net.node("Split", [net.reshape(sides, 1, 4, -1), net.constant([2, 2], np.int64)], 2, axis=1)
    anchors, strides = _grid(size)
    low = net.node("Sub", [net.constant(anchors), before])
    high = net.node("Add", [net.constant(anchors), after])
    centre = net.node("Div", [net.node("Add", [low, high]), net.constant(2.0)])
    xywh = net.node("Concat", [centre, net.node("Sub", [high, low])], axis=1)
    pixels = net.node("Mul", [xywh, net.constant(strides)])
    net.node("Concat", [pixels, net.node("Sigmoid", [logits])], ["output0"], axis=1)


def _grid(size: int) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Cell centres (1, 2, N) in cells, and their strides (1, 1, N)."""
    centres, strides = [], []
    for stride in STRIDES:
        axis = np.arange(size // stride) + 0.5
        y, x = np.meshgrid(axis, axis, indexing="ij")
        centres.append(np.stack([x.ravel(), y.ravel()]))
        strides.append(np.full(x.size, stride))
    return np.concatenate(centres, 1)[None], np.concatenate(strides)[None, None]


def main() -> None:
    """Write the network to a file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--size", type=int, default=640)
    options = parser.parse_args()
    onnx.save(build(options.size), options.output)


if __name__ == "__main__":
    main()
