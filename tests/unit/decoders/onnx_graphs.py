"""Small ONNX graphs made node by node, and run with ONNX Runtime."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

Array = NDArray[Any]


class Graph:
    """Collects nodes; every method returns the name of a tensor."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def constant(self, array: Any, dtype: Any = np.float32) -> str:
        """A tensor of these values."""
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(array, dtype), name))
        return name

    def node(self, operator: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """An operator; a list of names where it has several outputs."""
        names = [f"{operator}_{len(self._nodes)}_{i}" for i in range(outputs)]
        self._nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names if outputs > 1 else names[0]

    def split(self, tensor: str, sizes: list[int], axis: int) -> list[str]:
        """Parts of these sizes along an axis."""
        return self.node("Split", tensor, self.constant(sizes, np.int64), outputs=len(sizes), axis=axis)

    def reshape(self, tensor: str, *shape: int) -> str:
        """The same numbers in another shape."""
        return self.node("Reshape", tensor, self.constant(shape, np.int64))

    def run(self, *, half: bool = False, **outputs: str) -> dict[str, Array]:
        """Build the model with these outputs (name = tensor), run it, give name -> array."""
        kind = TensorProto.FLOAT16 if half else TensorProto.FLOAT
        casts = [helper.make_node("Cast", [tensor], [name], to=kind) for name, tensor in outputs.items()]
        declared = [helper.make_tensor_value_info(name, kind, None) for name in outputs]
        image = helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, "height", "width"])
        graph = helper.make_graph(self._nodes + casts, "planted", [image], declared, self._constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        arrays = session.run(list(outputs), {"images": np.zeros((1, 3, 8, 8), np.float32)})
        return dict(zip(outputs, arrays, strict=True))
