"""One network of OpenCV: reading it, running it on a canvas, reading back what ran."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backends.backend import Outputs
from engine.backends.canvas_input import CanvasInput, extra_array
from engine.backends.native_errors import Explanation, explain
from engine.backends.opencv_report import read_classic_engine, read_new_engine
from engine.cards import ModelCard, Precision, TensorSpec
from engine.errors import BackendError
from engine.opencv import cv2

TITLE = "OpenCV DNN"
CPU = "CPU"
_HALF = "_FP16"

_EXPLANATIONS = (
    Explanation(r"Node \[(\S+?)@", r"OpenCV cannot run the operator \1", "Choose another backend"),
    Explanation(r"external tensor data", "The file with the model's weights is missing", "Put it beside the model"),
    Explanation(r"Can't read ONNX file", "The file cannot be opened", "Check that it is there"),
    Explanation(r"has_graph", "The file is damaged", "Copy, download or export the model again"),
    Explanation(r"getTypes", "OpenCV cannot run layers of these number formats", "Choose another backend"),
)


@dataclass(frozen=True, slots=True)
class Target:
    """What OpenCV is told to run on."""

    backend: int
    target: int


def known_devices() -> tuple[str, ...]:
    """Every device that OpenCV has a name for, whether this build can use it or not."""
    names = (name.removeprefix("DNN_TARGET_") for name in dir(cv2.dnn) if name.startswith("DNN_TARGET_"))
    return tuple(sorted({name.removesuffix(_HALF) for name in names}, key=lambda name: (name != CPU, name)))


def present_targets() -> dict[tuple[str, Precision], Target]:
    """What this build of OpenCV finds here: device and precision -> how it is chosen."""
    names = {getattr(cv2.dnn, name): name.removeprefix("DNN_TARGET_") for name in dir(cv2.dnn) if "DNN_TARGET_" in name}
    backends = {getattr(cv2.dnn, name) for name in dir(cv2.dnn) if name.startswith("DNN_BACKEND_")}
    found: dict[tuple[str, Precision], Target] = {}
    for backend in sorted(backends - {cv2.dnn.DNN_BACKEND_DEFAULT}):
        for target in cv2.dnn.getAvailableTargets(backend):
            name = names[target]
            precision = Precision.FP16 if name.endswith(_HALF) else Precision.FP32
            found.setdefault((name.removesuffix(_HALF), precision), Target(backend, target))
    return found


_PLAIN = Target(cv2.dnn.DNN_BACKEND_OPENCV, cv2.dnn.DNN_TARGET_CPU)
"""The only target of the new engine."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is made, so that each lane can make its own."""

    card: ModelCard
    target: Target
    engine: int

    def make(self) -> Network:
        """Read the model and prepare it.

        Raises:
            BackendError: This engine of OpenCV cannot read it.
        """
        try:
            net = cv2.dnn.readNetFromONNX(str(self.card.path), self.engine)
        except cv2.error as error:
            raise explain(str(error), _EXPLANATIONS, self.card, TITLE) from error
        if net.empty():  # the new engine's way to say that it lacks an operator
            raise BackendError(
                "OpenCV cannot run this model", subject=self.card.path.name, remedy="Choose another backend"
            )
        if self.target != _PLAIN:
            net.setPreferableBackend(self.target.backend)
            net.setPreferableTarget(self.target.target)
        return Network(net, self)


class Network:
    """A network with its canvas. Serves one thread."""

    def __init__(self, net: cv2.dnn.Net, recipe: Recipe) -> None:
        self._net = net
        self._recipe = recipe
        self._input = CanvasInput(recipe.card.input)
        self.canvas = self._input.canvas
        self._outputs = [output.name for output in recipe.card.outputs]
        self._extras = [(extra_array(extra), extra.name) for extra in recipe.card.input.extra_inputs]

    def run(self) -> Outputs:
        """Outputs for what is on the canvas; new arrays.

        Raises:
            BackendError: OpenCV failed.
        """
        try:
            self._net.setInput(self._input.fill(), self._recipe.card.input.name)
            for array, name in self._extras:
                self._net.setInput(array, name)
            arrays = self._net.forward(self._outputs)
        except cv2.error as error:
            raise explain(str(error), _EXPLANATIONS, self._recipe.card, TITLE) from error
        declared = self._recipe.card.outputs
        return {spec.name: _nothing(spec) if a is None else a for spec, a in zip(declared, arrays, strict=True)}

    def read_back(self) -> tuple[dict[Precision, float], dict[str, int]]:
        """Shares of multiply-adds by number format, and device -> number of nodes, after a first run."""
        dump = self._net.dump()
        return read_new_engine(dump) if self._recipe.engine == cv2.dnn.ENGINE_NEW else read_classic_engine(dump)


def _nothing(spec: TensorSpec) -> NDArray[Any]:
    """What an output without any values is; OpenCV gives None for it."""
    return np.zeros([length if isinstance(length, int) else 0 for length in spec.shape], spec.dtype)


def first_that_runs(card: ModelCard, device: str, precision: Precision) -> tuple[Recipe, Network]:
    """The new engine where it takes the model and the device, else the classic one; the network has run once.

    Raises:
        BackendError: Neither can run it; said by the classic engine, which gives a reason.
    """
    targets = present_targets()
    target = targets.get((device, precision)) or targets[device, Precision.FP32]
    failure = BackendError("OpenCV cannot run this model", subject=card.path.name, remedy="Choose another backend")
    for engine in (cv2.dnn.ENGINE_NEW, cv2.dnn.ENGINE_CLASSIC) if target == _PLAIN else (cv2.dnn.ENGINE_CLASSIC,):
        recipe = Recipe(card, target, engine)
        try:
            network = recipe.make()
            network.run()
        except BackendError as error:
            failure = error
            continue
        return recipe, network
    raise failure
