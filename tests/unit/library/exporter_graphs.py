"""Small untrained networks that end as the exporters' graphs do: same operations, names, shapes and metadata.

Written from the exporters' sources: Ultralytics ``nn/modules/head.py`` and ``engine/exporter.py``, yolov5
``models/yolo.py``, YOLOv6 ``models/effidehead.py``, YOLOX ``models/yolo_head.py``, nanodet ``model/head``, RT-DETR
``tools/export_onnx.py``, DETR ``models/detr.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LEVELS = (8, 16, 32)
Size = tuple[int, int]


class Net:
    """Collects nodes behind one picture input; every method returns the name of a tensor."""

    def __init__(self, size: Size = (640, 640), name: str = "images", seed: int = 0) -> None:
        self.size, self.name = size, name
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self._random = np.random.default_rng(seed)

    def constant(self, array: Any, dtype: Any = np.float32) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(array, dtype), name))
        return name

    def node(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        names = [f"{kind}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names if outputs > 1 else names[0]

    def conv(self, tensor: str, inside: int, outside: int, kernel: int = 1, stride: int = 1) -> str:
        weights = self._random.normal(size=(outside, inside, kernel, kernel))
        pads = [kernel // 2] * 4 if kernel % 2 else [0] * 4
        attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": pads}
        return self.node("Conv", tensor, self.constant(weights), self.constant(np.zeros(outside)), **attributes)

    def linear(self, tensor: str, inside: int, outside: int) -> str:
        product = self.node("MatMul", tensor, self.constant(self._random.normal(size=(inside, outside))))
        return self.node("Add", product, self.constant(np.zeros(outside)))

    def features(self, strides: Sequence[int] = LEVELS, channels: int = 6) -> list[str]:
        """A backbone: one feature map a stride."""
        tensor = self.node("Relu", self.conv(self.name, 3, channels, 3, 2))
        found, at = [], 2
        for stride in strides:
            while at < stride:
                tensor, at = self.node("Relu", self.conv(tensor, channels, channels, 3, 2)), at * 2
            found.append(tensor)
        return found

    def cells(self, strides: Sequence[int] = LEVELS) -> int:
        height, width = self.size
        return sum(-(-height // s) * -(-width // s) for s in strides)

    def reshape(self, tensor: str, *shape: int) -> str:
        return self.node("Reshape", tensor, self.constant(shape, np.int64))

    def concat(self, *tensors: str, axis: int) -> str:
        return self.node("Concat", *tensors, axis=axis)

    def transpose(self, tensor: str, *order: int) -> str:
        return self.node("Transpose", tensor, perm=list(order))

    def split(self, tensor: str, sizes: Sequence[int], axis: int) -> list[str]:
        return self.node("Split", tensor, self.constant(sizes, np.int64), outputs=len(sizes), axis=axis)

    def rows(self, features: Sequence[str], width: int, channels: int = 6) -> str:
        """One convolution a level, joined to (1, width, N)."""
        levels = [self.reshape(self.conv(f, channels, width), 1, width, -1) for f in features]
        return self.concat(*levels, axis=2)

    def model(
        self,
        outputs: Mapping[str, str],
        *,
        metadata: Mapping[str, Any] | None = None,
        picture: Sequence[int | str] | None = None,
        extra: Mapping[str, tuple[int, Sequence[int | str]]] | None = None,
        declared: Mapping[str, Sequence[int | str]] | None = None,
        opset: int = 17,
        picture_type: int = TensorProto.FLOAT,
    ) -> onnx.ModelProto:
        """The network with named outputs; their shapes are inferred unless declared."""
        shape = list(picture or (1, 3, *self.size))
        inputs = [helper.make_tensor_value_info(self.name, picture_type, shape)]
        inputs += [helper.make_tensor_value_info(n, kind, list(s)) for n, (kind, s) in (extra or {}).items()]
        nodes = [*self.nodes, *(helper.make_node("Identity", [tensor], [name]) for name, tensor in outputs.items())]
        infos = [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in outputs]
        graph = helper.make_graph(nodes, "net", inputs, infos, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
        model = onnx.shape_inference.infer_shapes(model, data_prop=True)
        for info in model.graph.output:
            if declared and info.name in declared:
                kind = info.type.tensor_type.elem_type
                info.CopyFrom(helper.make_tensor_value_info(info.name, kind, list(declared[info.name])))
        del model.graph.value_info[:]
        for key, value in (metadata or {}).items():
            model.metadata_props.add(key=key, value=str(value))
        return model


def ultralytics(task: str, classes: int, size: Size = (640, 640), **more: Any) -> dict[str, Any]:
    """The metadata that Ultralytics writes."""
    names = {i: f"thing {i}" for i in range(classes)}
    return {
        "description": f"Ultralytics YOLO11n model trained on things{task}",
        "author": "Ultralytics",
        "stride": 32,
        "task": task,
        "batch": 1,
        "imgsz": list(size),
        "names": names,
        **more,
    }


def _distances(net: Net, features: Sequence[str], bins: int) -> str:
    """(1, 4, N): from distributions by DFL, or as they are where there is one bin."""
    table = net.rows(features, 4 * bins)
    if bins == 1:
        return table
    shares = net.node("Softmax", net.transpose(net.reshape(table, 1, 4, bins, -1), 0, 2, 1, 3), axis=1)
    ladder = net.constant(np.arange(bins).reshape(1, bins, 1, 1))
    return net.reshape(net.node("Conv", shares, ladder, kernel_shape=[1, 1]), 1, 4, -1)


def _boxes(net: Net, distances: str, *, corners: bool = False, angle: str | None = None) -> str:
    """(1, 4, N) in canvas pixels, as ``dist2bbox`` and ``dist2rbox`` make them."""
    cells = net.cells()
    grid, strides = net.constant(np.ones((1, 2, cells))), net.constant(np.full((1, cells), 8.0))
    near, far = net.split(distances, [2, 2], 1)
    if angle:
        middle = net.node("Mul", net.node("Sub", far, near), net.node("Cos", angle))
        turned = net.node("Add", net.node("Mul", middle, net.node("Sin", angle)), grid)
        return net.node("Mul", net.concat(turned, net.node("Add", near, far), axis=1), strides)
    first, last = net.node("Sub", grid, near), net.node("Add", grid, far)
    if corners:
        return net.node("Mul", net.concat(first, last, axis=1), strides)
    centre = net.node("Div", net.node("Add", first, last), net.constant(2.0))
    return net.node("Mul", net.concat(centre, net.node("Sub", last, first), axis=1), strides)


def _extras(net: Net, features: Sequence[str], task: str, keypoints: tuple[int, int], masks: int) -> str:
    """(1, E, N): what a task adds behind the scores; "" for none."""
    if task == "segment":
        return net.rows(features, masks)
    if task == "obb":
        turned = net.node("Sigmoid", net.rows(features, 1))
        return net.node("Mul", net.node("Sub", turned, net.constant(0.25)), net.constant(np.pi))
    if task == "pose":
        count, dims = keypoints
        points = net.reshape(net.rows(features, count * dims), 1, count, dims, -1)
        parts = net.split(points, [2, 1], 2) if dims == 3 else [points]
        moved = net.node("Add", parts[0], net.constant(np.ones((2, net.cells()))))
        joined = net.concat(moved, net.node("Sigmoid", parts[1]), axis=2) if dims == 3 else moved
        return net.reshape(joined, 1, count * dims, -1)
    return ""


def yolo(
    task: str = "detect",
    classes: int = 80,
    size: Size = (640, 640),
    *,
    bins: int = 16,
    transposed: bool = False,
    end2end: bool = False,
    dynamic: bool = False,
    keypoints: tuple[int, int] = (17, 3),
    masks: int = 32,
    metadata: Mapping[str, Any] | None = None,
) -> onnx.ModelProto:
    """YOLOv8 and later as Ultralytics exports them: all tasks, dense or end to end."""
    net = Net(size)
    features = net.features()
    extra = _extras(net, features, task, keypoints, masks)
    angle = extra if task == "obb" else None
    boxes = _boxes(net, _distances(net, features, bins), corners=end2end, angle=angle)
    scores = net.node("Sigmoid", net.rows(features, classes))
    table = net.concat(boxes, scores, axis=1)
    if extra:
        table = net.concat(table, extra, axis=1)
    if end2end:
        table = _best_rows(net, net.transpose(table, 0, 2, 1), classes)
    elif transposed:
        table = net.transpose(table, 0, 2, 1)
    outputs = {"output0": table}
    if task == "segment":
        outputs["output1"] = _planes(net, masks)
    picture: Sequence[int | str] = ("batch", 3, "height", "width") if dynamic else (1, 3, *size)
    declared = {"output0": ("batch", 4 + classes if not end2end else 300, "anchors")} if dynamic else None
    return net.model(outputs, metadata=metadata, picture=picture, declared=declared)


def _planes(net: Net, masks: int) -> str:
    """Mask prototypes (1, M, h, w), a quarter of the picture."""
    return net.conv(net.features((4,))[0], 6, masks)


def _best_rows(net: Net, table: str, classes: int, count: int = 300) -> str:
    """(1, 300, 6+E): box, score, class and extras of the best pairs, as ``Detect.postprocess`` picks them."""
    whole = net.constant([count], np.int64)
    boxes = net.node("Slice", table, *(net.constant([n], np.int64) for n in (0, 4, 2)))
    scores = net.node("Slice", table, *(net.constant([n], np.int64) for n in (4, 4 + classes, 2)))
    best, index = net.node("TopK", net.reshape(scores, 1, -1), whole, axis=1, outputs=2)
    number = net.constant(classes, np.int64)
    label = net.node("Cast", net.node("Mod", index, number), to=TensorProto.FLOAT)
    row = net.node("Unsqueeze", net.node("Div", index, number), net.constant([-1], np.int64))
    parts = [_gathered(net, boxes, row, 4, count)]
    parts += [net.node("Unsqueeze", tensor, net.constant([-1], np.int64)) for tensor in (best, label)]
    rest = net.node("Slice", table, *(net.constant([n], np.int64) for n in (4 + classes, 100_000, 2)))
    shapes = net.model({"rest": rest}).graph.output[0].type.tensor_type.shape.dim
    if shapes[2].dim_value:
        parts.append(_gathered(net, rest, row, shapes[2].dim_value, count))
    return net.concat(*parts, axis=2)


def _gathered(net: Net, table: str, row: str, width: int, count: int) -> str:
    index = net.node("Expand", row, net.constant([1, count, width], np.int64))
    return net.node("GatherElements", table, index, axis=1)


def yolov5(classes: int = 80, size: Size = (640, 640), metadata: Mapping[str, Any] | None = None) -> onnx.ModelProto:
    """YOLOv5 and YOLOv7 with the grid in the graph: three anchors a cell."""
    net, levels = Net(size), []
    for stride, feature in zip(LEVELS, net.features(), strict=True):
        height, width = size[0] // stride, size[1] // stride
        grid = net.reshape(net.conv(feature, 6, 3 * (classes + 5)), 1, 3, classes + 5, height, width)
        numbers = net.node("Sigmoid", net.transpose(grid, 0, 1, 3, 4, 2))
        centre, sides, scores = net.split(numbers, [2, 2, classes + 1], 4)
        centre = net.node(
            "Add", net.node("Mul", centre, net.constant(2.0)), net.constant(np.ones((1, 3, height, width, 2)))
        )
        sides = net.node("Pow", net.node("Mul", sides, net.constant(2.0)), net.constant(2.0))
        sides = net.node("Mul", sides, net.constant(np.ones((1, 3, 1, 1, 2))))
        levels.append(net.reshape(net.concat(centre, sides, scores, axis=4), 1, -1, classes + 5))
    return net.model({"output0": net.concat(*levels, axis=1)}, metadata=metadata)


def yolov6(classes: int = 80, size: Size = (640, 640)) -> onnx.ModelProto:
    """YOLOv6: one anchor a cell, objectness a constant 1."""
    net = Net(size)
    features, cells = net.features(), net.cells()
    near, far = net.split(net.transpose(net.rows(features, 4), 0, 2, 1), [2, 2], 2)
    points = net.constant(np.ones((cells, 2)))
    first, last = net.node("Sub", points, near), net.node("Add", points, far)
    centre = net.node("Div", net.node("Add", first, last), net.constant(2.0))
    boxes = net.node("Mul", net.concat(centre, net.node("Sub", last, first), axis=2), net.constant(np.ones((cells, 1))))
    scores = net.transpose(net.node("Sigmoid", net.rows(features, classes)), 0, 2, 1)
    return net.model({"outputs": net.concat(boxes, net.constant(np.ones((1, cells, 1))), scores, axis=2)})


def yolox(classes: int = 80, size: Size = (640, 640), *, decoded: bool = False) -> onnx.ModelProto:
    """YOLOX, raw as by default or with ``--decode_in_inference``."""
    net, levels = Net(size), []
    for feature in net.features():
        scores = [net.node("Sigmoid", net.conv(feature, 6, width)) for width in (1, classes)]
        levels.append(net.reshape(net.concat(net.conv(feature, 6, 4), *scores, axis=1), 1, classes + 5, -1))
    table = net.transpose(net.concat(*levels, axis=2), 0, 2, 1)
    if decoded:
        centre, sides, rest = net.split(table, [2, 2, classes + 1], 2)
        grid = net.constant(np.ones((1, net.cells(), 2)))
        strides = net.constant(np.ones((1, net.cells(), 1)))
        centre = net.node("Mul", net.node("Add", centre, grid), strides)
        table = net.concat(centre, net.node("Mul", net.node("Exp", sides), strides), rest, axis=2)
    return net.model({"output": table})


def nanodet_table(classes: int = 80, size: Size = (416, 416), *, plus: bool = True, bins: int = 8) -> onnx.ModelProto:
    """NanoDet-Plus, and NanoDet of version 1: scores and distributions in one table."""
    net, levels = Net(size, "data"), []
    for feature in net.features((*LEVELS, 64) if plus else LEVELS):
        scores, sides = net.split(net.conv(feature, 6, classes + 4 * bins), [classes, 4 * bins], 1)
        levels.append(net.reshape(net.concat(net.node("Sigmoid", scores), sides, axis=1), 1, classes + 4 * bins, -1))
    return net.model({"output": net.transpose(net.concat(*levels, axis=2), 0, 2, 1)})


def nanodet_heads(classes: int = 80, size: Size = (416, 416), *, logits: bool = False) -> onnx.ModelProto:
    """NanoDet of version 0: a table of scores and one of distributions at each stride."""
    net = Net(size, "input.1")
    outputs: dict[str, str] = {}
    for number, feature in enumerate(net.features()):
        scores, sides = net.split(net.conv(feature, 6, classes + 32), [classes, 32], 1)
        scores = scores if logits else net.node("Sigmoid", scores)
        outputs[str(792 + number)] = net.transpose(net.reshape(scores, 1, classes, -1), 0, 2, 1)
        outputs[str(895 + number)] = net.transpose(net.reshape(sides, 1, 32, -1), 0, 2, 1)
    return net.model(outputs)


def yunet(size: Size = (640, 640), *, named: bool = True) -> onnx.ModelProto:
    """YuNet: face, objectness, box and landmarks at each stride."""
    net = Net(size, "input")
    features, outputs = net.features(), {}
    for number, (part, width) in enumerate((("cls", 1), ("obj", 1), ("bbox", 4), ("kps", 10))):
        for stride, feature in zip(LEVELS, features, strict=True):
            table = net.reshape(net.transpose(net.conv(feature, 6, width), 0, 2, 3, 1), 1, -1, width)
            outputs[f"{part}_{stride}" if named else f"{1000 * number + stride}"] = (
                net.node("Sigmoid", table) if width == 1 else table
            )
    return net.model(outputs)


def rtdetr(classes: int = 80, *, patches: int = 3, queries: int = 300) -> onnx.ModelProto:
    """RT-DETR, D-FINE and DEIM with their post-processing; DEIMv2 with a patch embedding of 16 pixels."""
    net = Net()
    tokens = net.conv("images", 3, 6, patches, patches) if patches > 3 else net.features((32,))[0]
    tokens = net.transpose(net.reshape(tokens, 1, 6, -1), 0, 2, 1)
    scores = net.node("Sigmoid", net.linear(tokens, 6, classes))
    best, index = net.node("TopK", net.reshape(scores, 1, -1), net.constant([queries], np.int64), axis=1, outputs=2)
    number = net.constant(classes, np.int64)
    query = net.node("Div", index, number)
    label = net.node("Sub", index, net.node("Mul", query, number))
    row = net.node("Unsqueeze", query, net.constant([-1], np.int64))
    sides = net.node(
        "Tile", net.node("Cast", "orig_target_sizes", to=TensorProto.FLOAT), net.constant([1, 2], np.int64)
    )
    boxes = net.node(
        "Mul", net.node("Sigmoid", net.linear(tokens, 6, 4)), net.node("Unsqueeze", sides, net.constant([1], np.int64))
    )
    outputs = {"labels": label, "boxes": _gathered(net, boxes, row, 4, queries), "scores": best}
    extra = {"orig_target_sizes": (TensorProto.INT64, ("N", 2))}
    return net.model(outputs, picture=("N", 3, 640, 640), extra=extra)


def detr(
    columns: int = 92, *, kind: str = "detr", names: tuple[str, str] = ("logits", "pred_boxes")
) -> onnx.ModelProto:
    """Queries with logits and boxes: "detr" (7x7 stem), "rtdetr" (3x3 stem, TopK), "rfdetr" (patches, TopK)."""
    net = Net((320, 320), "pixel_values")
    stem = {"detr": (7, 2), "rtdetr": (3, 2), "rfdetr": (14, 14)}[kind]
    tokens = net.conv(net.conv("pixel_values", 3, 6, *stem), 6, 6, 4, 4)
    tokens = net.transpose(net.reshape(tokens, 1, 6, -1), 0, 2, 1)
    if kind != "detr":
        _, index = net.node(
            "TopK", net.node("ReduceMax", tokens, axes=[2], keepdims=0), net.constant([9], np.int64), outputs=2
        )
        row = net.node("Unsqueeze", index, net.constant([-1], np.int64))
        tokens = _gathered(net, tokens, row, 6, 9)
    logits, boxes = net.linear(tokens, 6, columns), net.node("Sigmoid", net.linear(tokens, 6, 4))
    return net.model({names[0]: logits, names[1]: boxes})


def finished(names: Mapping[str, str], **how: Any) -> onnx.ModelProto:
    """A detector whose NMS is in the graph.

    Args:
        names: "boxes", "scores", "classes" and perhaps "count" -> name of that output, in this order.
        how: ``batched``, ``float_classes``, ``picture``, ``picture_type``, ``classes`` (by a softmax), ``extra``.
    """
    net = Net((320, 320), how.get("input", "input"))
    source = net.transpose(net.name, 0, 3, 1, 2) if how.get("nhwc") else net.name
    picture = net.node("Cast", source, to=TensorProto.FLOAT) if how.get("picture_type") else source
    tokens = net.transpose(net.reshape(net.conv(picture, 3, 6, 3, 32), 1, 6, -1), 0, 2, 1)
    boxes = net.linear(tokens, 6, 4)
    scores = net.node("Softmax", net.linear(tokens, 6, how.get("classes", 91)), axis=2)
    scores = net.transpose(scores, 0, 2, 1)
    limit = net.constant([10], np.int64)
    chosen = net.node("NonMaxSuppression", boxes, scores, limit, net.constant([0.5]), net.constant([0.01]))
    row = net.node("Gather", chosen, net.constant(2, np.int64), axis=1)
    boxes = net.node("Gather", net.node("Squeeze", boxes, net.constant([0], np.int64)), row, axis=0)
    label = net.node("Gather", chosen, net.constant(1, np.int64), axis=1)
    best = net.node("Gather", net.reshape(scores, -1), row, axis=0)
    label = net.node("Cast", label, to=TensorProto.FLOAT if how.get("float_classes") else TensorProto.INT64)
    tensors = {"boxes": boxes, "scores": best, "classes": label, "count": net.node("Shape", row)}
    declared: dict[str, Sequence[int | str]] = {}
    if how.get("batched"):
        first = net.constant([0], np.int64)
        tensors = {k: net.node("Unsqueeze", t, first) if k != "count" else t for k, t in tensors.items()}
        declared = {names[k]: (1, 100, 4) if k == "boxes" else (1, 100) for k in names if k != "count"}
    if "count" in names:
        tensors["count"] = net.node("Cast", tensors["count"], to=how.get("count_type", TensorProto.INT32))
    outputs = {name: tensors[key] for key, name in names.items()}
    return net.model(
        outputs,
        declared=declared,
        picture=how.get("picture"),
        picture_type=how.get("picture_type", TensorProto.FLOAT),
        extra=how.get("extra"),
        metadata=how.get("metadata"),
    )


def classifier(classes: int = 1000, *, softmax: bool = False, size: Size = (224, 224), **how: Any) -> onnx.ModelProto:
    """A classifier with global pooling and one linear layer; "patches" gives it a stem of 16 pixels."""
    net = Net(size, how.get("input", "input"))
    source = net.transpose(net.name, 0, 3, 1, 2) if how.get("nhwc") else net.name
    for kind, number in how.get("first", ()):
        source = net.node(kind, source, net.constant(np.reshape(number, (1, -1, 1, 1))))
    stem = (16, 16) if how.get("patches") else (3, 2)
    pooled = net.node("GlobalAveragePool", net.conv(source, 3, 6, *stem))
    scores = net.linear(net.node("Flatten", pooled), 6, classes)
    scores = net.node("Softmax", scores, axis=1) if softmax else scores
    scores = net.reshape(scores, -1, classes, 1, 1) if how.get("square") else scores
    picture = ("N", *size, 3) if how.get("nhwc") else how.get("picture")
    return net.model({"output": scores}, picture=picture, metadata=how.get("metadata"))


def semantic(classes: int = 21, size: Size = (512, 512), *, labels: str = "", coarse: bool = False) -> onnx.ModelProto:
    """Segmentation: logits at full size or at an eighth, or labels ("flat" (B, H, W), "plane" (B, 1, H, W))."""
    net = Net(size, "input")
    planes = net.conv(net.features((8,))[0], 6, classes)
    if not coarse:
        target = net.constant([1, classes, *size], np.int64)
        planes = net.node("Resize", planes, "", "", target, mode="linear")
    if labels:
        planes = net.node("ArgMax", planes, axis=1, keepdims=int(labels == "plane"))
    return net.model({"out": planes})
