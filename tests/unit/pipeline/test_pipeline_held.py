"""Pictures that are held: at the end of a file, by a person, and looked at again with other thresholds or models."""

from __future__ import annotations

import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import LIMIT_S, FakeCompiled, FakeSource, fake_model, wait_until

from engine.capture.source import SourceOptions, SourceState
from engine.capture.table import open_source
from engine.cards import Thresholds
from engine.frames import Frame, FrameResult
from engine.opencv import cv2
from engine.pipeline.attachment import Attachment
from engine.pipeline.session import Session
from engine.pipeline.statistics import DropCause
from engine.pipeline.stream import Mode, Stream, StreamOptions

FAST_HZ = 1000.0


def _film(session: Session, frames: int = 20, *, rate_hz: float = FAST_HZ, **options: Any) -> Stream:
    """A film that is played and held at its end."""
    settings = {"mode": Mode.REALTIME, "hold_at_end": True, **options}
    return session.add_stream("film", FakeSource(frames, rate_hz=rate_hz), StreamOptions(**settings))


def _shows(stream: Stream, number: int) -> bool:
    return wait_until(lambda: stream.newest_frame is not None and stream.newest_frame.sequence == number)


def _is_held_at_end(stream: Stream) -> bool:
    return wait_until(lambda: stream.snapshot().status.state is SourceState.ENDED and stream.snapshot().paused)


def _is_balanced(attachment: Attachment) -> bool:
    counts = attachment.ledger.counts()
    return counts.captured == counts.published + sum(counts.dropped.values()) + counts.in_flight


@pytest.mark.parametrize("mode", list(Mode))
def test_a_film_is_held_at_its_end_can_be_stepped_and_sought_in(session: Session, mode: Mode) -> None:
    stream = _film(session, mode=mode, start_s=5 / FAST_HZ)
    session.attach(stream, fake_model())
    stream.start()
    assert _is_held_at_end(stream)
    assert not session.finished

    stream.step(-1)
    assert _shows(stream, 18)
    assert stream.snapshot().status.state is SourceState.LIVE
    stream.seek_frame(7)
    assert _shows(stream, 7)
    assert stream.snapshot().paused
    stream.seek_frame(19)
    assert _shows(stream, 19)
    stream.step()
    assert _is_held_at_end(stream)


def test_played_at_the_end_it_begins_again_at_its_start(session: Session) -> None:
    shown: list[int] = []
    source = FakeSource(8, rate_hz=FAST_HZ, gate=shown.append)  # type: ignore[arg-type]
    stream = session.add_stream("film", source, StreamOptions(Mode.REALTIME, start_s=5 / FAST_HZ, hold_at_end=True))
    stream.start()
    assert _is_held_at_end(stream)

    stream.play()

    assert wait_until(lambda: shown == [5, 6, 7, 5, 6, 7])


def test_a_single_picture_stays_and_a_stop_ends_it(session: Session) -> None:
    stream = _film(session, 1)
    results: list[FrameResult] = []
    session.attach(stream, fake_model(), deliver=results.append)
    stream.start()
    assert _is_held_at_end(stream)
    assert wait_until(lambda: len(results) == 1)

    stream.stop()

    assert stream.worker.join(LIMIT_S)
    assert stream.snapshot().status.state is SourceState.STOPPED


def test_a_place_behind_the_end_shows_the_last_picture(session: Session) -> None:
    stream = _film(session, 50, rate_hz=25)
    stream.pause()
    stream.start()

    stream.seek_frame(900)

    assert _shows(stream, 49)


def test_a_loop_can_be_switched_on_and_off_while_it_plays(session: Session) -> None:
    rounds: list[int] = []
    source = FakeSource(5, rate_hz=FAST_HZ, gate=lambda n: rounds.append(n) if n == 0 else None)  # type: ignore[arg-type]
    stream = session.add_stream("film", source, StreamOptions(Mode.REALTIME, hold_at_end=True))
    stream.set_loop(True)
    stream.start()
    assert wait_until(lambda: len(rounds) >= 3)

    stream.set_loop(False)

    assert _is_held_at_end(stream)
    assert not stream.options.loop


def test_a_loop_that_shows_nothing_does_not_go_round_for_ever(session: Session) -> None:
    stream = _film(session, 5, start_s=100.0, loop=True)
    stream.start()

    assert _is_held_at_end(stream)
    assert _shows(stream, 4)


# Speed --------------------------------------------------------------------------------------------------------------


def test_a_new_speed_acts_on_the_frame_that_waits(session: Session) -> None:
    stream = _film(session, 40, rate_hz=10, speed=0.1)
    stream.start()
    assert _shows(stream, 0)

    begun = time.monotonic()
    stream.set_speed(16.0)

    assert _shows(stream, 39)
    assert 0.15 < time.monotonic() - begun < 2.0  # 4 s of film


@pytest.mark.parametrize("speed", [0.0, 0.05, 17.0, -1.0, float("nan")])
def test_a_speed_out_of_range_is_refused(session: Session, speed: float) -> None:
    with pytest.raises(ValueError, match=r"0\.1 to 16"):
        _film(session).set_speed(speed)


def test_the_analysis_rate_is_changed_while_it_runs(session: Session) -> None:
    stream = _film(session, 100_000)
    ledger = session.attach(stream, fake_model()).ledger
    stream.start()
    assert wait_until(lambda: ledger.counts().published > 5)

    stream.set_max_fps(1.0)
    assert wait_until(lambda: ledger.counts().dropped.get(DropCause.RATE_LIMIT, 0) > 50)
    stream.set_max_fps(None)

    before = ledger.counts().published
    assert wait_until(lambda: ledger.counts().published > before + 20)


def test_a_picture_that_the_limit_left_out_is_analysed_when_it_is_held(session: Session) -> None:
    stream = _film(session, 100_000, max_fps=0.1)
    attachment = session.attach(stream, fake_model())
    stream.start()
    assert wait_until(lambda: stream.newest_frame is not None and stream.newest_frame.sequence > 10)

    stream.pause()

    assert wait_until(lambda: stream.snapshot().paused)
    assert wait_until(lambda: attachment.newest_result.frame is stream.newest_frame)  # type: ignore[union-attr]
    for _ in range(3):
        stream.step()
        assert wait_until(lambda: attachment.newest_result.frame is stream.newest_frame)  # type: ignore[union-attr]


# Pausing ------------------------------------------------------------------------------------------------------------


def test_a_pause_holds_the_very_picture_although_the_next_one_is_in_hand(session: Session) -> None:
    source = FakeSource(100, rate_hz=5)
    stream = session.add_stream("film", source, StreamOptions(Mode.REALTIME))
    stream.start()
    assert wait_until(lambda: source.position == 2)

    stream.pause()
    assert wait_until(lambda: stream.snapshot().paused)
    assert not wait_until(lambda: stream.newest_frame is not None and stream.newest_frame.sequence > 0, 0.4)

    stream.play()
    assert _shows(stream, 1)


def test_the_capture_rate_is_known_without_any_model_and_falls_while_it_is_held(session: Session) -> None:
    stream = session.add_stream("film", FakeSource(100_000, rate_hz=50), StreamOptions(Mode.REALTIME))
    assert stream.snapshot().capture_hz == 0.0
    stream.start()
    assert wait_until(lambda: stream.newest_frame is not None and stream.newest_frame.sequence > 20)
    assert stream.snapshot().capture_hz == pytest.approx(50, rel=0.3)

    stream.pause()

    assert wait_until(lambda: stream.snapshot().capture_hz < 35)


# Refresh ------------------------------------------------------------------------------------------------------------


def _held(session: Session, **options: Any) -> tuple[Stream, Attachment, list[FrameResult]]:
    results: list[FrameResult] = []
    stream = _film(session, **options)
    attachment = session.attach(stream, fake_model(), deliver=results.append)
    stream.start()
    assert _is_held_at_end(stream)
    assert wait_until(lambda: attachment.idle and bool(results) and results[-1].frame.sequence == 19)
    return stream, attachment, results


@pytest.mark.parametrize("mode", list(Mode))
def test_changed_thresholds_show_on_a_held_picture_without_touching_the_source(session: Session, mode: Mode) -> None:
    stream, attachment, results = _held(session, mode=mode)
    source, captured = stream.source, attachment.ledger.counts().captured
    position = source.position  # type: ignore[attr-defined]

    attachment.thresholds = Thresholds(confidence=0.95)
    stream.refresh()

    assert wait_until(lambda: attachment.newest_result is not None and len(attachment.newest_result.result) == 0)
    assert attachment.newest_result is not None
    assert attachment.newest_result.repeated
    assert attachment.newest_result.frame is stream.newest_frame
    assert source.position == position  # type: ignore[attr-defined]
    assert wait_until(lambda: attachment.idle)
    assert attachment.ledger.counts().captured == captured + 1
    assert _is_balanced(attachment)
    assert [r.ticket for r in results] == sorted({r.ticket for r in results})


def test_what_a_held_picture_took_is_counted_from_the_wish(session: Session) -> None:
    stream, attachment, results = _held(session)
    attachment.ledger.take_recent()
    assert not wait_until(lambda: False, 0.3)

    stream.refresh()

    assert wait_until(lambda: results[-1].repeated)
    assert wait_until(lambda: attachment.idle)
    ((_, timings),) = attachment.ledger.take_recent()
    assert timings.queue_ns < timings.total_ns < 250_000_000


def test_another_model_shows_on_a_held_picture(session: Session) -> None:
    stream, attachment, results = _held(session)

    session.use(fake_model(number=7), attachment)
    stream.refresh()

    assert wait_until(lambda: results[-1].configuration.number == 7)
    assert results[-1].frame is stream.newest_frame


def test_many_refreshes_at_a_slow_model_are_merged_and_the_last_one_counts(session: Session) -> None:
    gate = threading.Semaphore(0)
    compiled = FakeCompiled(lanes=1, on_infer=lambda value: bool(gate.acquire(timeout=LIMIT_S)) if value else None)
    stream = _film(session, 5)
    attachment = session.attach(stream, fake_model(compiled=compiled))
    stream.start()
    assert _is_held_at_end(stream)
    gate.release(10)
    assert wait_until(lambda: attachment.idle)
    while gate.acquire(blocking=False):
        pass
    counts = attachment.ledger.counts()

    for step in range(50):
        attachment.thresholds = Thresholds(confidence=0.5 + step / 100)
        stream.refresh()
        assert wait_until(lambda: stream._wishes._wish is None)
    gate.release(100)

    assert wait_until(lambda: attachment.newest_result is not None and len(attachment.newest_result.result) == 0)
    assert wait_until(lambda: attachment.idle)
    after = attachment.ledger.counts()
    assert after.dropped == counts.dropped
    assert 1 <= after.published - counts.published <= 3


def test_a_refresh_before_the_first_frame_without_a_model_or_while_it_plays_changes_nothing(session: Session) -> None:
    stream = _film(session, 2, rate_hz=5)
    stream.pause()
    attachment = session.attach(stream)
    stream.refresh()
    stream.start()
    assert wait_until(lambda: stream.snapshot().paused)
    stream.refresh()
    stream.play()
    stream.refresh()

    assert _is_held_at_end(stream)
    stream.refresh()
    assert wait_until(lambda: stream._wishes._wish is None)
    assert attachment.ledger.counts().dropped == {DropCause.NO_MODEL: 2}


def test_a_held_picture_is_analysed_again_within_the_time_of_one_inference(session: Session) -> None:
    stream, attachment, results = _held(session)
    took = []
    for _ in range(20):
        before, begun = len(results), time.monotonic()
        stream.refresh()
        assert wait_until(lambda before=before: len(results) > before)  # type: ignore[misc]
        took.append(time.monotonic() - begun)

    assert sorted(took)[10] < 0.05
    assert wait_until(lambda: attachment.idle)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_single_picture_is_read_once_however_often_it_would_be_looped(session: Session, mode: Mode) -> None:
    stream = _film(session, frames=1, mode=mode, loop=True)
    session.attach(stream, fake_model())
    stream.start()
    assert _is_held_at_end(stream)
    assert stream.attachments[0].ledger.counts().captured == 1


def test_the_last_picture_of_a_folder_stays_as_long_as_the_others(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.pipeline.pacing._PICTURE_S", 0.1)
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    shown: list[Frame] = []
    source = open_source(str(tmp_path), SourceOptions())
    stream = session.add_stream("folder", source, StreamOptions(Mode.REALTIME, loop=True, hold_at_end=True))
    session.attach(stream, fake_model(), deliver=lambda result: shown.append(result.frame))
    stream.start()
    assert wait_until(lambda: len(shown) > 7)
    assert [frame.sequence for frame in shown[:7]] == [0, 1, 2, 0, 1, 2, 0]
    gaps_s = [(b.captured_ns - a.captured_ns) / 1e9 for a, b in pairwise(shown[:7])]
    assert min(gaps_s) > 0.05
