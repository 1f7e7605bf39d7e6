"""Changes of mind: what runs, what is wished and what is let go of agree, whatever happens meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from bridge_bench import MODEL, OTHER, Bench, camera
from fakes import LIMIT_S, FakeCompiled, FakeSource, fake_card

from engine.capture.source import SourceState, Wait
from engine.cards import ModelCard, Precision
from engine.errors import BackendError
from engine.pipeline.mailbox import Signal
from gui.presenters.port import RecordingPlan, TileRecording
from gui.presenters.workspace import ModelChoice, Tile, Workspace

THIRD = Path("three.onnx")


def refuse() -> FakeCompiled:
    raise BackendError("The runtime cannot run this model")


def slow(gate: Signal) -> FakeCompiled:
    gate.wait(LIMIT_S)
    return FakeCompiled()


def two_tiles(bench: Bench) -> str:
    """A second tile beside the first one, both streaming."""
    bench.stream(camera())
    bench.sources["yard.mp4"] = camera()
    second = bench.store.add_tile(source="yard.mp4", running=True)
    assert second is not None
    bench.until(lambda: bench.bridge.picture("1") and bench.bridge.picture(second), "two streams")
    return second


def serve(bench: Bench, path: Path, *tiles: str) -> str:
    """Let a model run on tiles."""
    model_id = bench.store.use_model(path, tiles)
    bench.until(lambda: bench.bridge.model_state(model_id).report, "the model")
    bench.until(lambda: not bench.bridge.model_state(model_id).loading, "the end of its load")
    return model_id


def path_of(bench: Bench, tile_id: str) -> Path | None:
    model = bench.store.now.model_of(tile_id)
    return model and model.path


def test_each_tile_goes_back_to_its_own_model(bench: Bench) -> None:
    second = two_tiles(bench)
    serve(bench, MODEL, "1")
    serve(bench, OTHER, second)
    bench.make = refuse
    bench.store.use_model(THIRD, ("1", second))
    bench.until(lambda: bench.problems.items, "the problem")
    assert (path_of(bench, "1"), path_of(bench, second)) == (MODEL, OTHER)
    assert not bench.bridge.model_state(bench.store.now.tiles[0].model_id or "").loading, "it runs still"


def test_a_tile_that_had_none_keeps_the_model_that_fails_and_its_error(bench: Bench) -> None:
    second = two_tiles(bench)
    serve(bench, MODEL, "1")
    bench.make = refuse
    third = bench.store.use_model(THIRD, ("1", second))
    bench.until(lambda: bench.problems.items, "the problem")
    assert (path_of(bench, "1"), path_of(bench, second)) == (MODEL, THIRD)
    assert bench.bridge.model_state(third).error is not None


def test_a_model_that_failed_on_one_tile_is_tried_again_for_another_one(bench: Bench) -> None:
    second = two_tiles(bench)
    bench.make = refuse
    failed = bench.store.use_model(THIRD, (second,))
    bench.until(lambda: bench.problems.items, "the problem")
    bench.make = FakeCompiled
    serve(bench, MODEL, "1")

    bench.make = refuse
    bench.store.use_model(THIRD, ("1",))
    bench.until(lambda: path_of(bench, "1") == MODEL, "the way back")
    assert path_of(bench, second) == THIRD

    bench.make = FakeCompiled
    bench.store.use_model(THIRD, ("1",))
    bench.until(lambda: bench.bridge.model_state(failed).error is None, "the second try")
    bench.until(lambda: bench.bridge.model_state(failed).report, "the model")
    assert (path_of(bench, "1"), path_of(bench, second)) == (THIRD, THIRD)


def test_going_back_leaves_what_was_wished_of_a_shared_model_meanwhile(bench: Bench) -> None:
    second = two_tiles(bench)
    shared = serve(bench, MODEL, "1", second)
    gate = Signal()
    bench.make = lambda: slow(gate)
    other = bench.store.use_model(OTHER, ("1",))
    bench.store.edit_model(shared, precision=Precision.BF16)
    bench.bridge.cancel_load(other)
    gate.set()
    model = bench.store.now.model_of("1")
    assert model is not None
    assert (model.model_id, model.precision) == (shared, Precision.BF16)
    bench.until(lambda: not bench.bridge.model_state(shared).loading, "what the other tile wished")
    assert bench.bridge.model_state(shared).error is None


def test_going_back_tells_what_runs_not_what_was_wished_last(bench: Bench) -> None:
    bench.stream(camera())
    first = serve(bench, MODEL, "1")
    gate = Signal()
    bench.make = lambda: slow(gate)
    bench.store.edit_model(first, precision=Precision.BF16)
    other = bench.store.use_model(OTHER)
    bench.bridge.cancel_load(other)
    gate.set()
    model = bench.store.now.model_of("1")
    assert model is not None
    assert (model.path, model.precision) == (MODEL, Precision.AUTO)
    assert bench.bridge.model_state(model.model_id).loading is None


def test_a_tile_that_waits_for_another_model_goes_along_with_a_change_of_the_one_it_has(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Signal()

    def identify(path: Path) -> ModelCard:
        if path == OTHER:
            gate.wait(LIMIT_S)
        return fake_card(str(path))

    monkeypatch.setattr("gui.bridge.models.identify", identify)
    second = two_tiles(bench)
    shared = serve(bench, MODEL, "1", second)
    bench.until(lambda: bench.picture.result, "a result")
    first = bench.picture.result
    assert first is not None
    bench.store.use_model(OTHER, ("1",))
    bench.store.edit_model(shared, precision=Precision.BF16)

    def swapped() -> bool:
        result = bench.picture.result
        assert result is not None, "a picture without boxes in between"
        assert result.configuration.card.path == MODEL
        return result.configuration.number != first.configuration.number

    bench.until(swapped, "results of the new configuration on the tile that waits")
    gate.set()


def hide(bench: Bench, tile_id: str, *classes: int) -> None:
    bench.store.edit_tile(tile_id, hidden_classes=frozenset(classes), class_colours={classes[0]: (255, 0, 0)})


def hidden(bench: Bench, tile_id: str) -> tuple[set[int], set[int]]:
    tile = bench.store.now.tile(tile_id)
    return set(tile.hidden_classes), set(tile.class_colours)


def test_a_switch_that_fails_gives_each_tile_its_hidden_classes_back(bench: Bench) -> None:
    second = two_tiles(bench)
    serve(bench, MODEL, "1")
    serve(bench, OTHER, second)
    hide(bench, "1", 1, 2)
    hide(bench, second, 3)
    bench.make = refuse
    bench.store.use_model(THIRD, ("1", second))
    bench.until(lambda: bench.problems.items, "the problem")
    assert hidden(bench, "1") == ({1, 2}, {1})
    assert hidden(bench, second) == ({3}, {3})


def test_a_switch_that_is_cancelled_forgets_what_was_hidden_of_the_models_that_never_ran(bench: Bench) -> None:
    bench.stream(camera())
    serve(bench, MODEL, "1")
    hide(bench, "1", 1, 2)
    gate = Signal()
    bench.make = lambda: slow(gate)
    bench.store.use_model(OTHER)
    hide(bench, "1", 7)
    third = bench.store.use_model(THIRD)
    hide(bench, "1", 8)
    bench.bridge.cancel_load(third)
    gate.set()
    assert path_of(bench, "1") == MODEL
    assert hidden(bench, "1") == ({1, 2}, {1})


def test_what_was_hidden_of_the_model_before_does_not_come_back_once_another_runs(bench: Bench) -> None:
    bench.stream(camera())
    serve(bench, MODEL, "1")
    hide(bench, "1", 1)
    serve(bench, OTHER, "1")
    hide(bench, "1", 5)
    bench.make = refuse
    bench.store.use_model(THIRD)
    bench.until(lambda: bench.problems.items, "the problem")
    assert (path_of(bench, "1"), hidden(bench, "1")) == (OTHER, ({5}, {5}))


def test_a_model_that_broke_is_no_way_back(bench: Bench) -> None:
    broken, gate = Signal(), Signal()

    def run(_value: int) -> None:
        if broken.is_set():
            raise BackendError("The device is gone")

    bench.make = lambda: FakeCompiled(on_infer=run)
    bench.stream(camera())
    first = serve(bench, MODEL, "1")
    broken.set()
    bench.until(lambda: bench.bridge.model_state(first).error, "the end of the first model")
    bench.make = lambda: slow(gate)
    other = bench.store.use_model(OTHER)
    bench.bridge.cancel_load(other)
    gate.set()
    assert path_of(bench, "1") is None


def test_a_model_that_was_ready_the_moment_it_was_cancelled_is_let_go_of(bench: Bench) -> None:
    made = bench.count_models()
    model_id = bench.store.use_model(MODEL)
    bench.until(lambda: made, "the compilation")
    pause = Signal()
    while any(job.status.state == "running" for job in bench.session._loader.running):
        pause.wait(0.005)  # the clock does not run: nobody takes the model
    bench.bridge.cancel_load(model_id)
    bench.until(lambda: "compiled" in made[0].closed, "its memory is given back")


def test_a_model_that_is_taken_away_while_it_loads_is_let_go_of(bench: Bench) -> None:
    made: list[FakeCompiled] = []
    gate = Signal()

    def make() -> FakeCompiled:
        made.append(slow(gate))
        return made[-1]

    bench.make = make
    bench.stream(camera())
    bench.store.use_model(MODEL)
    bench.until(lambda: bench.session._loader.running, "the load")
    bench.store.remove_tile("1")
    gate.set()
    bench.until(lambda: not made or "compiled" in made[0].closed, "nothing is left of it")
    assert bench.store.now.models == ()


def test_a_session_that_is_opened_continues_nothing_of_the_one_before(bench: Bench) -> None:
    bench.stream(camera())
    serve(bench, MODEL, "1")
    bench.make = refuse
    bench.sources["yard.mp4"] = camera()
    tile = Tile("1", source="yard.mp4", running=True, model_id="2")
    bench.store.open(Workspace(tiles=(tile,), models=(ModelChoice("2", OTHER),)))
    opened = bench.store.now.tiles[0].tile_id
    bench.until(lambda: bench.problems.items, "the model of that session fails")
    assert path_of(bench, opened) == OTHER, "its file is as it was: no model of another session is written into it"
    bench.until(lambda: bench.bridge.picture(opened), "the picture of that session")
    assert bench.opened == ["road.mp4", "yard.mp4"]


def test_whoever_hears_of_a_change_finds_it_carried_out(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    bench.sources["road.mp4"] = camera()
    seen: list[bool] = []
    bench.store.subscribe(lambda _before, _now: seen.append(bench.bridge.tile_state("1").open))
    bench.bridge.start()  # after presenters have subscribed, as in the program
    bench.store.edit_tile("1", source="road.mp4", running=True)
    assert seen == [True]
    assert bench.bridge.close() == []


def test_commands_for_what_is_gone_do_nothing(bench: Bench) -> None:
    bench.bridge.play("99")
    bench.bridge.pause("99")
    bench.bridge.step("99", 1)
    bench.bridge.seek_frame("99", 7)
    bench.bridge.restart("99")
    bench.bridge.try_now("99")
    bench.bridge.cancel_load("99")
    bench.bridge.reload("99")
    assert bench.problems.items == ()


def test_a_stream_that_was_stopped_is_not_started_by_a_late_restart(bench: Bench) -> None:
    bench.stream(camera())
    bench.store.edit_tile("1", running=False)
    bench.bridge.restart("1")
    assert not bench.bridge.tile_state("1").open


def test_an_answer_that_nobody_can_take_keeps_no_other_answer_back(bench: Bench) -> None:
    answers: list[object] = []

    def stumble(_answer: object) -> None:
        raise ZeroDivisionError

    tasks = [
        bench.bridge.tasks.start("first", lambda _control: 1, stumble, answers.append),
        bench.bridge.tasks.start("second", lambda _control: 2, answers.append, answers.append),
    ]
    pause = Signal()
    while not all(task.over for task in tasks):
        pause.wait(0.005)
    try:
        bench.bridge.settle()
    except ZeroDivisionError:
        bench.bridge.settle()
    assert answers == [2]


def test_streams_that_do_not_let_go_of_a_silent_camera_never_pile_up(bench: Bench) -> None:
    answers = Signal()

    def is_silent(_sequence: int) -> Wait | None:
        answers.wait(LIMIT_S)
        return None

    for number in range(100):
        bench.stream(FakeSource(1, live=True, gate=is_silent), f"rtsp://10.0.0.4/{number}")
        bench.until(lambda: bench.session.streams or bench.session.leaving >= 32, "it connects or waits")
    assert bench.session.leaving == 32
    assert bench.bridge.tile_state("1").status.state is SourceState.CONNECTING
    answers.set()
    bench.until(lambda: bench.bridge.picture("1") is not None, "the newest wish is carried out")


def test_a_recording_that_fails_is_told_by_its_state_alone(bench: Bench, tmp_path: Path) -> None:
    bench.stream(camera())
    bench.until(lambda: bench.bridge.picture("1"), "a picture")
    bench.bridge.start_recording(RecordingPlan((TileRecording("1", "yard", None),), tmp_path / "gone"))
    bench.until(lambda: bench.bridge.recording().error, "its error")
    bench.until(lambda: not bench.bridge.recording().active, "its end")
    assert bench.problems.items == ()


def test_a_recording_of_tiles_that_are_gone_does_not_pretend_to_run(bench: Bench, tmp_path: Path) -> None:
    bench.bridge.start_recording(RecordingPlan((TileRecording("99", "yard", None),), tmp_path))
    state = bench.bridge.recording()
    assert not state.active
    assert state.error is not None
