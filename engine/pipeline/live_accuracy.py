"""How right a stream is, as it runs: its results against the truth that some sources know."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from engine.agreement import Agreement, agreement_with_truth
from engine.frames import Frame, FrameResult
from engine.pipeline.mailbox import Lock
from engine.results import Detections, GroundTruth

_WINDOW_NS = 2_000_000_000
_MOST_WAITING = 512
"""Frames that wait for a result to be judged by; older ones are left out."""


class _Known(NamedTuple):
    captured_ns: int
    truth: GroundTruth


class LiveAccuracy:
    """Precision and recall at the thresholds that run: of the last two seconds, and of the whole run. Any thread.

    Every frame of the source counts. One that was analysed is judged by its own result; one that was skipped by the
    result before it, for that is all that anybody knew at its time (Li et al., Towards Streaming Perception, 2020). So
    a skipped frame costs what has moved since.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[_Known] = deque(maxlen=_MOST_WAITING)
        self._newest: tuple[Detections, tuple[str, ...]] | None = None
        self._judged: deque[tuple[int, Agreement]] = deque(maxlen=4 * _MOST_WAITING)
        self._total: Agreement | None = None

    def capture(self, frame: Frame) -> None:
        """A frame came from the source."""
        if frame.truth is not None:
            with self._lock:
                self._waiting.append(_Known(frame.captured_ns, frame.truth))

    def publish(self, result: FrameResult) -> None:
        """A result came out: judge its frame, and those that were skipped before it."""
        if result.frame.truth is None or not isinstance(result.result, Detections) or result.repeated:
            return
        known = (result.result, result.configuration.card.class_names)
        with self._lock:
            while self._waiting and self._waiting[0].captured_ns < result.frame.captured_ns:
                self._judge(self._waiting.popleft())
            self._newest = known
            if self._waiting and self._waiting[0].captured_ns == result.frame.captured_ns:
                self._judge(self._waiting.popleft())

    def reset(self) -> None:
        """The timeline changed: what was found before says nothing about what comes."""
        with self._lock:
            self._waiting.clear()
            self._newest = None

    def newest(self, now_ns: int) -> Agreement | None:
        """Counts over the two seconds before ``now_ns``; None where no source tells the truth."""
        with self._lock:
            while self._judged and now_ns - self._judged[0][0] > _WINDOW_NS:
                self._judged.popleft()
            return sum((counts for _, counts in self._judged), Agreement()) if self._judged else None

    @property
    def total(self) -> Agreement | None:
        """Counts over the whole run; None where no source tells the truth."""
        return self._total

    def _judge(self, known: _Known) -> None:
        if self._newest is None:
            return
        counts = agreement_with_truth(*self._newest, known.truth)
        if counts is not None:
            self._judged.append((known.captured_ns, counts))
            self._total = (self._total or Agreement()) + counts
