"""Everything at once, by chance but the same chance every time: the books balance and nothing is left over."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable

import pytest
from fakes import LIMIT_S, FakeCompiled, FakeSource, fake_model, wait_until

from engine.errors import BackendError
from engine.pipeline.attachment import Attachment
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.session import Session
from engine.pipeline.stream import Mode, Stream, StreamOptions

LASTS_S = 0.7
FRAMES = 100_000


class Chaos:
    """Streams of every kind on models that a person keeps changing."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.session = Session()
        self.release = threading.Event()
        self.models: list[LoadedModel] = []
        self.delivered: dict[Attachment, list[tuple[int, int]]] = {}
        self.actions: list[Callable[[Stream], None]] = [
            lambda s: s.seek_frame(self.random.randrange(FRAMES)),
            lambda s: s.seek_time(self.random.random()),
            lambda s: s.pause(),
            lambda s: s.play(),
            lambda s: s.play(),
            lambda s: s.step(self.random.choice([-2, -1, 1, 2])),
            lambda s: s.refresh(),
            lambda s: s.set_speed(self.random.choice([0.1, 1.0, 16.0])),
            lambda s: s.set_loop(self.random.random() < 0.5),
            lambda s: s.set_max_fps(self.random.choice([None, 100.0])),
            lambda s: self.session.disconnect(self.random.choice(s.attachments)),
            self.swap,
            self.swap,
            self.swap,
            lambda s: self.serving(s)._fail(BackendError("The device was unplugged")),
            lambda s: self.serving(s).watch(time.monotonic_ns() + 31 * 10**9),
        ]

    def add_streams(self) -> None:
        for number in range(6):
            self.add_stream(number)

    def add_stream(self, number: int) -> None:
        mode = self.random.choice(list(Mode))
        limit_hz, holds = self.random.choice([None, 500.0]), self.random.random() < 0.5
        options = StreamOptions(mode, loop=number % 2 == 0, max_fps=limit_hz, hold_at_end=holds)
        frames = self.random.choice([50, FRAMES])
        stream = self.session.add_stream(str(number), FakeSource(frames, rate_hz=1000), options)
        for _ in range(1 + number % 2):
            self.attach(stream)
        stream.start()

    def attach(self, stream: Stream) -> None:
        seen: list[tuple[int, int]] = []
        attachment = self.session.attach(stream, deliver=lambda r: seen.append((r.ticket, id(r.configuration))))
        self.delivered[attachment] = seen
        self.session.use(self.model(), attachment)

    def model(self) -> LoadedModel:
        """A model that fails now and then, and sometimes does not come back."""
        fails, hangs = self.random.choice([0, 7, 50]), self.random.random() < 0.2

        def on_infer(value: int) -> None:
            if fails and value % fails == fails - 1:
                raise RuntimeError("planned")
            if hangs and value == 40:
                self.release.wait(LIMIT_S)

        lanes, batch = self.random.choice([(1, 1), (3, 1), (2, 4)])
        compiled = FakeCompiled(lanes, batch, on_infer)
        model = fake_model(
            number=len(self.models), compiled=compiled, on_failure=self.session._on_model_failure, hang_s=0.2
        )
        self.models.append(model)
        return model

    def swap(self, stream: Stream) -> None:
        """A new model, or one that others use already or that is gone."""
        attachment = self.random.choice(stream.attachments)
        fresh = len(self.models) < 20 and self.random.random() < 0.7
        self.session.use(self.model() if fresh else self.random.choice(self.models), attachment)

    def serving(self, stream: Stream) -> LoadedModel:
        return self.session._served.get(stream.attachments[0], self.models[0])

    def check(self) -> None:
        for attachment in self.delivered:
            counts = attachment.ledger.counts()
            assert counts.in_flight >= 0
            assert counts.captured == counts.published + sum(counts.dropped.values()) + counts.in_flight


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_person_does_the_books_balance_and_nothing_is_left(seed: int) -> None:
    threads = set(threading.enumerate())
    chaos = Chaos(seed)
    chaos.add_streams()
    deadline = time.monotonic() + LASTS_S
    while time.monotonic() < deadline:
        stream = chaos.random.choice(chaos.session.streams)
        chaos.random.choice(chaos.actions)(stream)
        chaos.check()
        if chaos.random.random() < 0.01:
            stream.stop()
        if chaos.random.random() < 0.01:
            chaos.session.remove_stream(stream)
            chaos.add_stream(chaos.random.randrange(100))

    for stream in chaos.session.streams:
        stream.stop()
    assert wait_until(lambda: chaos.session.finished)
    chaos.check()
    chaos.release.set()
    assert chaos.session.close(LIMIT_S) == []
    for model in chaos.models:
        model.close()

    assert wait_until(lambda: set(threading.enumerate()) <= threads)
    for attachment, seen in chaos.delivered.items():
        tickets = [ticket for ticket, _ in seen]
        assert tickets == sorted(set(tickets))
        assert len(tickets) == attachment.ledger.counts().published
    assert sum(map(len, chaos.delivered.values())) > 0
