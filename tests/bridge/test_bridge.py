"""The engine agrees with the workspace: real streams and lanes, fake sources and runtimes, no window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bridge_bench import MODEL, OTHER, Bench, camera
from fakes import LIMIT_S, FakeBackend, FakeCompiled, FakeSource

from engine.backends.backend import CompileRequest
from engine.capture.source import Source, SourceOptions, SourceState, Wait
from engine.capture.table import open_source
from engine.cards import Precision, Thresholds
from engine.errors import BackendError, InferoscopeError, SourceError, SourceReason
from engine.folders import write_atomic
from engine.opencv import cv2
from engine.pipeline.mailbox import Signal
from gui.presenters.session_file import read_session
from gui.presenters.session_keeper import SessionKeeper
from gui.presenters.workspace import Display


def test_a_tile_that_runs_shows_pictures_without_a_model(bench: Bench) -> None:
    bench.stream(camera())
    bench.until(lambda: bench.bridge.picture("1"), "a picture")
    assert bench.picture.result is None
    state = bench.bridge.tile_state("1")
    assert (state.open, state.status.state, state.error) == (True, SourceState.LIVE, None)


def test_a_model_is_loaded_beside_the_picture_and_then_shows_what_it_found(bench: Bench) -> None:
    bench.stream(camera())
    model_id = bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.picture("1") and bench.picture.result, "a result")
    picture = bench.picture
    assert picture.result is not None
    assert picture.result.frame is picture.frame, "in step: the boxes belong to this very picture"
    state = bench.bridge.model_state(model_id)
    assert state.report is not None
    assert state.card is not None
    assert state.loading is None


def test_smooth_shows_the_newest_frame_with_the_boxes_of_an_earlier_one(bench: Bench) -> None:
    hold = Signal()
    bench.make = lambda: FakeCompiled(lanes=1, on_infer=lambda value: value > 20 and hold.wait(LIMIT_S))
    bench.store.edit_tile("1", display=Display.SMOOTH)
    bench.stream(camera())
    bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.picture("1") and bench.picture.result_behind_s > 0.1, "boxes left behind")
    assert bench.picture.result is not None
    assert bench.picture.frame.sequence > bench.picture.result.frame.sequence
    hold.set()


def test_a_new_configuration_runs_only_when_it_is_warm_and_no_picture_is_without_boxes(bench: Bench) -> None:
    bench.stream(camera())
    model_id = bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.picture("1") and bench.picture.result, "a result")
    gate, entered = Signal(), Signal()

    def slow() -> FakeCompiled:
        entered.set()
        gate.wait(LIMIT_S)
        return FakeCompiled()

    bench.make = slow
    first = bench.picture.result
    assert first is not None
    bench.store.edit_model(model_id, precision=Precision.BF16)
    bench.until(entered.is_set, "the second compilation")
    assert bench.bridge.model_state(model_id).loading is not None
    assert bench.bridge.model_state(model_id).report is not None, "the badge tells what still runs"
    gate.set()

    def swapped() -> bool:
        result = bench.picture.result
        assert result is not None, "a picture without boxes in between"
        return result.configuration.number != first.configuration.number

    bench.until(swapped, "the swap")


def test_a_cancelled_change_leaves_what_ran_and_the_workspace_says_so(bench: Bench) -> None:
    bench.stream(camera())
    model_id = bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.model_state(model_id).report, "the model")
    gate = Signal()

    def slow() -> FakeCompiled:
        gate.wait(LIMIT_S)
        return FakeCompiled()

    bench.make = slow
    bench.store.edit_model(model_id, precision=Precision.BF16)
    bench.bridge.cancel_load(model_id)
    gate.set()
    model = bench.store.now.model(model_id)
    assert model is not None
    assert model.precision is Precision.AUTO
    state = bench.bridge.model_state(model_id)
    assert (state.loading, state.error) == (None, None)
    assert state.report is not None


def test_a_change_that_fails_leaves_what_ran_and_is_told(bench: Bench) -> None:
    bench.stream(camera())
    model_id = bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.model_state(model_id).report, "the model")

    def refuse() -> FakeCompiled:
        raise BackendError("This device does not compute in BF16", subject="GPU")

    bench.make = refuse
    bench.store.edit_model(model_id, precision=Precision.BF16)
    bench.until(lambda: bench.problems.items, "the problem")
    model = bench.store.now.model(model_id)
    assert model is not None
    assert model.precision is Precision.AUTO
    assert bench.bridge.model_state(model_id).report is not None
    assert "BF16" in str(bench.problems.items[0].error)


def test_another_file_that_fails_gives_the_tile_back_to_the_model_before(bench: Bench) -> None:
    bench.stream(camera())
    bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.picture("1") and bench.picture.result, "a result")

    def refuse() -> FakeCompiled:
        raise BackendError("The runtime cannot run this model", subject="two.onnx")

    bench.make = refuse
    bench.store.use_model(OTHER)
    bench.until(lambda: bench.problems.items, "the problem")
    model = bench.store.now.model_of("1")
    assert model is not None
    assert model.path == MODEL
    assert bench.bridge.model_state(model.model_id).loading is None, "it runs; nothing is loaded again"
    bench.until(lambda: bench.picture.result, "results go on")


def test_another_file_replaces_the_model_and_lets_go_of_the_old_one(bench: Bench) -> None:
    made = bench.count_models()
    bench.stream(camera())
    bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.picture("1") and bench.picture.result, "a result")
    bench.store.use_model(OTHER)

    def is_other() -> bool:
        return bench.picture.result is not None and bench.picture.result.configuration.card.path == OTHER

    bench.until(is_other, "results of the other model")
    bench.until(lambda: "compiled" in made[0].closed, "the old model is let go of")


def test_the_first_model_that_fails_stays_chosen_with_its_error_and_can_be_tried_again(bench: Bench) -> None:
    def refuse() -> FakeCompiled:
        raise BackendError("The runtime cannot run this model", subject="one.onnx")

    bench.make = refuse
    bench.stream(camera())
    model_id = bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.model_state(model_id).error, "the error")
    assert bench.store.now.model_of("1") is not None
    assert bench.bridge.picture("1") is not None, "the video goes on"
    bench.make = FakeCompiled
    bench.bridge.reload(model_id)
    bench.until(lambda: bench.picture.result, "a result")
    assert bench.bridge.model_state(model_id).error is None


def test_a_model_that_breaks_while_it_runs_leaves_the_video_with_its_error(bench: Bench) -> None:
    broken = Signal()

    def run(_value: int) -> None:
        if broken.is_set():
            raise BackendError("The device is gone", subject="GPU")

    bench.make = lambda: FakeCompiled(on_infer=run)
    bench.stream(camera())
    model_id = bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.picture("1") and bench.picture.result, "a result")
    broken.set()
    bench.until(lambda: bench.bridge.model_state(model_id).error, "the error")
    bench.until(lambda: bench.picture.result is None, "the bare picture")
    before = bench.picture.frame.sequence
    bench.until(lambda: bench.picture.frame.sequence > before, "the video goes on")
    assert bench.bridge.model_state(model_id).report is None
    bench.make = FakeCompiled
    bench.bridge.reload(model_id)
    bench.until(lambda: bench.picture.result, "results again")


def test_what_cannot_be_had_is_replaced_and_told_never_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    compile_ = FakeBackend.compile

    def watched(self: FakeBackend, request: CompileRequest, *rest: Any) -> FakeCompiled:
        asked.append(request.allow_fallback)
        return compile_(self, request, *rest)

    monkeypatch.setattr(FakeBackend, "compile", watched)
    model_id = bench.store.use_model(MODEL, device="GPU.7")
    bench.until(lambda: bench.bridge.model_state(model_id).report, "the model runs all the same")
    assert asked == [True]


def test_taking_the_model_away_takes_the_boxes_away(bench: Bench) -> None:
    bench.stream(camera())
    bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.picture("1") and bench.picture.result, "a result")
    bench.store.edit_tile("1", model_id=None)
    bench.until(lambda: bench.picture.result is None, "no result")


def test_a_threshold_acts_on_a_held_picture(bench: Bench) -> None:
    bench.stream(FakeSource(100))
    bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.picture("1") and bench.picture.result, "a result")
    bench.bridge.pause("1")
    bench.until(lambda: bench.bridge.tile_state("1").paused, "the pause")

    def found() -> int:
        result = bench.picture.result
        return -1 if result is None else len(result.result)  # type: ignore[arg-type]

    bench.until(lambda: found() == 1, "one object")
    bench.store.edit_tile("1", thresholds=Thresholds(confidence=0.95))
    bench.until(lambda: found() == 0, "no object")


def test_a_file_can_be_sought_stepped_and_played_again(bench: Bench) -> None:
    bench.store.edit_tile("1", loop=False)
    bench.stream(FakeSource(1000))
    bench.until(lambda: bench.bridge.picture("1"), "a picture")
    bench.bridge.pause("1")
    bench.bridge.seek_frame("1", 500)
    bench.until(lambda: bench.bridge.tile_state("1").position == 500, "the place")
    bench.bridge.step("1", 1)
    bench.until(lambda: bench.bridge.tile_state("1").position == 501, "the next frame")
    bench.bridge.step("1", -2)
    bench.until(lambda: bench.bridge.tile_state("1").position == 499, "two frames back")
    bench.bridge.play("1")
    bench.until(lambda: (bench.bridge.tile_state("1").position or 0) > 501, "it goes on")


def test_analysing_every_frame_goes_on_from_the_same_place(bench: Bench) -> None:
    bench.stream(FakeSource(1000))
    bench.until(lambda: bench.bridge.picture("1"), "a picture")
    bench.bridge.pause("1")
    bench.bridge.seek_frame("1", 500)
    bench.until(lambda: bench.bridge.tile_state("1").position == 500, "the place")
    asked: list[int] = []
    bench.sources["road.mp4"] = FakeSource(1000, gate=asked.append)  # type: ignore[arg-type]
    bench.store.edit_tile("1", every_frame=True)
    bench.until(lambda: bench.bridge.picture("1"), "a picture of the new stream")
    assert asked[0] == 500


def test_changing_the_mind_about_every_frame_while_the_source_opens_keeps_the_place(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.stream(FakeSource(1000))
    bench.until(lambda: bench.bridge.picture("1"), "a picture")
    bench.bridge.pause("1")
    bench.bridge.seek_frame("1", 500)
    bench.until(lambda: bench.bridge.tile_state("1").position == 500, "the place")
    asked: list[int] = []
    opens, without_picture = Signal(), FakeSource(1000, gate=lambda _sequence: Wait(0.01))

    def open_slowly(_text: str, _options: SourceOptions) -> Source:
        opens.wait(LIMIT_S)
        return FakeSource(1000, gate=asked.append)  # type: ignore[arg-type]

    bench.sources["road.mp4"] = without_picture
    bench.store.edit_tile("1", every_frame=True)
    bench.until(lambda: without_picture.opened_by, "the stream")
    monkeypatch.setattr("gui.bridge.tiles.open_source", open_slowly)
    bench.store.edit_tile("1", every_frame=False)  # there is a stream, but no picture of it yet
    bench.store.edit_tile("1", every_frame=True)  # there is no stream yet
    opens.set()
    bench.until(lambda: bench.bridge.picture("1"), "a picture of the newest stream")
    assert asked[0] == 500
    bench.store.edit_tile("1", running=False)
    asked.clear()
    bench.store.edit_tile("1", running=True)
    bench.until(lambda: bench.bridge.picture("1"), "a picture")
    assert asked[0] == 0, "what was stopped begins anew"


def test_a_model_stays_warm_while_its_tile_is_stopped(bench: Bench) -> None:
    made = bench.count_models()
    bench.stream(camera())
    bench.store.use_model(MODEL)
    bench.until(lambda: bench.bridge.picture("1") and bench.picture.result, "a result")
    bench.store.edit_tile("1", running=False)
    bench.sources["road.mp4"] = camera()
    bench.store.edit_tile("1", running=True)
    bench.until(lambda: bench.bridge.picture("1") and bench.picture.result, "results at once")
    assert len(made) == 1
    assert bench.problems.items == ()


def test_stopping_closes_the_source_and_starting_opens_it_anew(bench: Bench) -> None:
    source = camera()
    bench.stream(source)
    bench.until(lambda: bench.bridge.picture("1"), "a picture")
    bench.store.edit_tile("1", running=False)
    assert bench.bridge.picture("1") is None
    assert bench.bridge.tile_state("1").open is False
    bench.until(lambda: source.closed_by, "the source is closed")
    bench.sources["road.mp4"] = camera()
    bench.store.edit_tile("1", running=True)
    bench.until(lambda: bench.bridge.picture("1"), "a picture again")


def shown_model(bench: Bench) -> Path | None:
    """Whose results lie over the picture of the first tile."""
    picture = bench.bridge.picture("1")
    return None if picture is None or picture.result is None else picture.result.configuration.card.path


def test_a_still_picture_is_read_once_and_shows_each_change(bench: Bench, tmp_path: Path) -> None:
    picture = tmp_path / "yard.png"
    picture.write_bytes(cv2.imencode(".png", np.zeros((24, 32, 3), np.uint8))[1].tobytes())
    bench.sources[str(picture)] = open_source(str(picture), SourceOptions())
    bench.store.edit_tile("1", source=str(picture), running=True)
    for model in (MODEL, OTHER):
        bench.store.use_model(model)
        bench.until(lambda: shown_model(bench) == model, "the results of this model")  # noqa: B023 - waited for here
    state = bench.bridge.tile_state("1")
    assert state.captured <= 3, "once as it came, and once for each model"
    assert (state.paused, state.status.state) == (False, SourceState.LIVE)


def test_a_source_that_is_not_there_is_an_error_of_its_tile_alone(bench: Bench) -> None:
    bench.stream(camera())
    second = bench.store.add_tile(source="gone.mp4", running=True)
    assert second is not None
    bench.until(lambda: bench.bridge.tile_state(second).error, "the error")
    assert bench.bridge.tile_state(second).status.state is SourceState.FAILED
    bench.until(lambda: bench.bridge.picture("1"), "the other tile goes on")


def test_an_address_gets_its_password_back_and_asks_for_it_where_it_is_lost(bench: Bench) -> None:
    shown, full = "rtsp://***@10.0.0.7/yard", "rtsp://me:secret@10.0.0.7/yard"
    bench.sources[full] = camera()
    bench.store.edit_tile("1", source=shown, running=True)
    bench.until(lambda: bench.bridge.tile_state("1").password_wanted, "the question")
    error = bench.bridge.tile_state("1").error
    assert isinstance(error, SourceError)
    assert error.reason is SourceReason.AUTHENTICATION
    bench.secrets.hold(shown, full)
    bench.bridge.restart("1")
    bench.until(lambda: bench.bridge.picture("1"), "a picture")
    assert bench.opened == [full]


def test_removed_tiles_take_their_threads_along(bench: Bench) -> None:
    for number in range(8):
        bench.sources[str(number)] = camera()
        bench.store.add_tile(source=str(number), running=True)
    bench.store.edit(all_selected=True)
    bench.store.use_model(MODEL)
    bench.until(lambda: all(bench.bridge.picture(t.tile_id) for t in bench.store.now.tiles[1:]), "eight pictures")
    for tile in bench.store.now.tiles[1:]:
        bench.store.remove_tile(tile.tile_id)
    bench.until(lambda: not bench.session.streams, "no stream is left")


def test_what_only_happens_in_the_background_reaches_who_asked(bench: Bench) -> None:
    answers: list[object] = []
    bench.bridge.tasks.start("add", lambda _control: 2 + 2, answers.append, answers.append)
    assert answers == []
    bench.until(lambda: answers == [4], "the answer")

    def fail(_control: object) -> None:
        raise InferoscopeError("It went wrong")

    bench.bridge.tasks.start("fail", fail, lambda _none: None, answers.append)
    bench.until(lambda: len(answers) == 2, "the error")
    assert str(answers[1]) == "It went wrong."


def test_a_cancelled_task_answers_nobody_however_late_it_was_cancelled(bench: Bench) -> None:
    answers: list[object] = []
    gate = Signal()
    early = bench.bridge.tasks.start("slow", lambda _control: gate.wait(LIMIT_S), answers.append, answers.append)
    early.cancel()
    gate.set()
    late = bench.bridge.tasks.start("quick", lambda _control: 1, answers.append, answers.append)
    while not late.over:
        gate.wait(0.005)
    late.cancel()
    bench.bridge.settle()
    assert answers == []


def test_the_last_save_of_the_session_is_waited_for_but_not_for_ever(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Signal()

    def write(path: Path, content: bytes) -> None:
        answers.wait(LIMIT_S)
        write_atomic(path, content)

    monkeypatch.setattr("gui.presenters.session_file.write_atomic", write)
    keeper = SessionKeeper(tmp_path / "session.json", bench.problems)
    keeper.open()
    keeper.follow(bench.store, bench.bridge.tasks)
    bench.store.edit_tile("1", name="day")
    keeper.refresh()
    bench.store.edit_tile("1", name="evening")
    keeper.close(0.05)
    assert not (tmp_path / "session.json").exists()
    answers.set()
    keeper.close(LIMIT_S)
    assert read_session(tmp_path / "session.json").workspace.tiles[0].name == "evening"


def test_runtimes_are_asked_once_and_one_that_is_broken_is_listed_with_its_reason(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.until(bench.bridge.backends, "the runtimes")
    assert [b.name for b in bench.bridge.backends()] == ["openvino", "onnxruntime", "opencv"]
    assert bench.bridge.backends()[0].devices[0].name == "CPU"
