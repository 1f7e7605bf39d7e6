"""Canvases as the input tensors of a model, one after the other."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backends.canvas_input import CanvasInput, extra_array
from engine.errors import ModelError
from engine.optimise.task import Task

Feed = dict[str, NDArray[Any]]
"""Input name -> tensor."""


class Feeds:
    """The inputs of each run: a batch of canvases, and whatever the model wants beside the picture.

    Args:
        task: Names the canvases.

    Raises:
        ModelError: There are none.
    """

    def __init__(self, task: Task) -> None:
        if task.canvases is None or not task.frames:
            raise ModelError("It cannot be calibrated without frames", remedy="Name a source to calibrate with")
        most = min(task.quantisation.frames or task.frames, task.frames)
        self._canvases = np.load(task.canvases, mmap_mode="r")
        self._chosen = np.linspace(0, task.frames - 1, most).round().astype(int)
        self._spec = task.input
        self._input = CanvasInput(task.input)
        self._extra = {extra.name: extra_array(extra) for extra in task.input.extra_inputs}

    def __len__(self) -> int:
        """How many runs there are."""
        return math.ceil(len(self._chosen) / self._spec.batch)

    def __iter__(self) -> Iterator[Feed]:
        """The inputs of one run after the other; the last batch is filled up from the beginning."""
        batch = self._spec.batch
        for start in range(0, len(self) * batch, batch):
            for place in range(batch):
                self._input.canvas[place] = self._canvases[self._chosen[(start + place) % len(self._chosen)]]
            yield {self._spec.name: self._input.fill().copy(), **self._extra}
