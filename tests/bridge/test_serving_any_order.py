"""Whatever a person wishes of models, in whatever order: in the end what is said and what runs are the same."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from bridge_bench import Bench, camera
from fakes import FakeCompiled

from engine.cards import Precision
from engine.errors import BackendError
from engine.pipeline.mailbox import Signal

FILES = [Path(name) for name in ("one.onnx", "two.onnx", "three.onnx")]
ROUNDS, STEPS = 8, 10


class Chaos:
    """Wishes at random, on three tiles, with loads that take some turns and fail now and then."""

    def __init__(self, bench: Bench, seed: int) -> None:
        self.random = random.Random(seed)
        self.bench, self.store = bench, bench.store
        bench.make = self.make
        for name in ("a.mp4", "b.mp4", "c.mp4"):
            bench.sources[name] = camera()
            self.store.add_tile(source=name, running=True)
        self.store.remove_tile("1")
        self.tiles = [tile.tile_id for tile in self.store.now.tiles]
        bench.until(lambda: all(bench.bridge.picture(t) for t in self.tiles), "pictures")

    def make(self) -> FakeCompiled:
        Signal().wait(self.random.choice([0.0, 0.0, 0.01, 0.03]))
        if self.random.random() < 0.3:
            raise BackendError("planned")
        return FakeCompiled()

    def step(self) -> None:
        tile_id, models = self.random.choice(self.tiles), self.store.now.models
        match self.random.randrange(7):
            case 0 | 1 | 2:
                self.store.use_model(self.random.choice(FILES), (tile_id,))
            case 3 if models:
                self.store.edit_model(self.random.choice(models).model_id, precision=self.random.choice([*Precision]))
            case 4 if models:
                self.bench.bridge.cancel_load(self.random.choice(models).model_id)
            case 5:
                self.store.edit_tile(tile_id, model_id=None)
            case _:
                Signal().wait(0.01)
        for _ in range(self.random.randrange(3)):
            self.bench.bridge.settle()

    def loading(self) -> bool:
        return any(self.bench.bridge.model_state(model.model_id).loading for model in self.store.now.models)

    def agrees(self, tile_id: str) -> bool:
        """The results are of the model that is chosen; there are none where there is none, or where it has an error."""
        model, picture = self.store.now.model_of(tile_id), self.bench.bridge.picture(tile_id)
        assert picture is not None
        shown = None if picture.result is None else picture.result.configuration
        if model is None or self.bench.bridge.model_state(model.model_id).report is None:
            assert model is None or self.bench.bridge.model_state(model.model_id).error is not None
            return shown is None
        return shown is not None and shown.card.path == model.path


@pytest.mark.parametrize("seed", range(4))
def test_in_the_end_each_tile_shows_what_is_chosen_or_says_why_not(bench: Bench, seed: int) -> None:
    chaos = Chaos(bench, seed)
    for _ in range(ROUNDS):
        for _ in range(STEPS):
            chaos.step()
        bench.until(lambda: not chaos.loading(), "the end of all loads")
        bench.until(lambda: all(chaos.agrees(t) for t in chaos.tiles), "what is chosen is what is shown")
    bench.until(lambda: len(bench.session._models) <= len(bench.store.now.models), "the others are let go of")
