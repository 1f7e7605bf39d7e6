"""What a person sees who starts the program for the first time, and what they find afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from demo_stand_in import save_stand_in
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from servers.clips import clock_video

from engine.cards import Thresholds
from engine.library import bundled
from engine.library.bundled import DEMO_MODEL
from gui.app.ground import Ground
from gui.app.program import Program
from gui.arguments import Wanted

Start = Callable[..., Program]


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model that comes with the program."""
    model = save_stand_in(tmp_path / "demo.onnx")
    files = bundled.bundled
    monkeypatch.setattr(bundled, "bundled", lambda name: model if name == "demo.onnx" else files(name))
    return model


@pytest.fixture
def start(qtbot: QtBot, qapp: QApplication) -> Iterator[Start]:
    """Starts the program; what ran before has ended then."""
    running: list[tuple[Program, Ground]] = []

    def end() -> None:
        for program, ground in running:
            program.close()
            assert ground.close() == []
        running.clear()

    def start(**wanted: object) -> Program:
        end()
        asked = Wanted(**wanted)  # type: ignore[arg-type]
        ground = Ground(asked)
        ground.settings.put("trial", False)
        program = Program(qapp, ground)
        running.append((program, ground))
        with qtbot.waitExposed(program.window):
            program.window.show()
        program.start(asked)
        return program

    yield start
    end()


def sources(program: Program) -> list[str]:
    return [tile.source for tile in program.live._ground.store.now.tiles]


def finds(program: Program) -> bool:
    picture = program.live._ground.bridge.picture(program.live._ground.store.now.selected)
    return picture is not None and picture.result is not None and len(picture.result.result) > 0  # type: ignore[arg-type]


@pytest.mark.usefixtures("inside")
def test_the_demo_plays_at_once_and_tells_how_right_it_is(qtbot: QtBot, start: Start) -> None:
    program = start()
    qtbot.waitUntil(lambda: finds(program), timeout=30_000)
    qtbot.waitUntil(lambda: "accuracy" in program.live.traces._display.shown, timeout=5_000)  # type: ignore[union-attr]
    said = {label.text() for label in program.window.findChildren(QLabel) if label.isVisible()}
    assert "Demo: bottle inspection" in said
    assert not program.live._ground.problems.items


@pytest.mark.usefixtures("inside")
def test_a_threshold_and_skipped_frames_act_on_how_right_it_is(qtbot: QtBot, start: Start) -> None:
    ground = start().live._ground

    def found() -> int:
        counts = ground.bridge.tile_state("1").accuracy
        return -1 if counts is None else counts.found

    qtbot.waitUntil(lambda: found() > 0, timeout=30_000)
    ground.store.edit_targets(max_fps=5.0)
    qtbot.waitUntil(lambda: ground.bridge.tile_state("1").dropped.get("rate_limit", 0) > 5, timeout=10_000)
    assert found() > 0
    ground.store.edit_targets(thresholds=Thresholds(confidence=1.0))
    qtbot.waitUntil(lambda: found() == 0, timeout=10_000)


def test_without_its_model_the_scene_plays_and_a_sentence_says_what_is_wrong(
    qtbot: QtBot, start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = bundled.bundled

    def missing(name: str) -> Path:
        if name == "demo.onnx":
            raise FileNotFoundError(tmp_path / name)
        return files(name)

    monkeypatch.setattr(bundled, "bundled", missing)
    program = start()
    ground = program.live._ground
    qtbot.waitUntil(lambda: bool(ground.problems.items) and ground.bridge.tile_state("1").captured > 10, timeout=10_000)
    (problem,) = ground.problems.items
    assert (problem.about, problem.error.what) == (
        "Demo: bottle inspection",
        "The demo model is missing from this installation",
    )
    assert "Install Inferoscope again" in problem.error.remedy


@pytest.mark.usefixtures("inside")
def test_what_a_person_opened_instead_comes_back_not_the_demo(start: Start, tmp_path: Path) -> None:
    film = tmp_path / "clock.mp4"
    film.write_bytes(clock_video())
    program = start()
    program.live._ground.open_source("1", str(film))
    program.live._ground.store.edit_targets(model_id=None)
    assert sources(start()) == [str(film)]


@pytest.mark.usefixtures("inside")
def test_a_demo_that_was_closed_stays_closed_and_is_tried_again_from_the_menu(qtbot: QtBot, start: Start) -> None:
    start()._on_action("file.close_tile")
    program = start()
    assert sources(program) == [""]
    program.window.show_page("models")
    program.window.triggered.emit("help.demo")
    assert program.window.page == "live"
    assert sources(program) == ["demo"]
    qtbot.waitUntil(lambda: finds(program), timeout=30_000)


@pytest.mark.usefixtures("inside")
def test_who_asks_for_something_gets_that_alone(start: Start, tmp_path: Path) -> None:
    film = tmp_path / "clock.mp4"
    film.write_bytes(clock_video())
    assert sources(start(source=str(film))) == [str(film)]
    assert sources(start(session=tmp_path / "mine.json")) == [""]


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("wanted", [{"source": "demo", "model": Path("demo")}, {"source": "demo"}])
def test_the_demo_can_be_asked_for(qtbot: QtBot, start: Start, tmp_path: Path, wanted: dict[str, object]) -> None:
    program = start(session=tmp_path / "mine.json", **wanted)
    assert sources(program) == ["demo"]
    (model,) = program.live._ground.store.now.models
    assert model.path == DEMO_MODEL
    qtbot.waitUntil(lambda: finds(program), timeout=30_000)


@pytest.mark.usefixtures("inside")
def test_the_demo_can_be_closed_and_tried_again(qtbot: QtBot, start: Start) -> None:
    program = start()
    ground = program.live._ground
    for _ in range(2):
        qtbot.waitUntil(lambda: "accuracy" in program.live.traces._display.shown, timeout=30_000)  # type: ignore[union-attr]
        program.window.action("file.close_tile").trigger()
        qtbot.waitUntil(lambda: "accuracy" not in program.live.traces._display.shown, timeout=5_000)  # type: ignore[union-attr]
        assert sources(program) == [""]
        program.window.action("help.demo").trigger()
    qtbot.waitUntil(lambda: "accuracy" in program.live.traces._display.shown, timeout=30_000)  # type: ignore[union-attr]
    assert not ground.problems.items
