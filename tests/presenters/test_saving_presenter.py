"""Snapshots and recordings: real files, a mocked engine."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock, create_autospec

import numpy as np
import pytest
from frame_results import make_detections, make_result

from engine.errors import InferoscopeError, SinkError
from engine.opencv import cv2
from gui.presenters.port import EnginePort, Picture, RecordingPlan, RecordingState, Task, TileState
from gui.presenters.problems import Problems
from gui.presenters.saving import SavingDisplay, SavingPresenter, SavingView, work
from gui.presenters.saving.names import free_stem, stem
from gui.presenters.workspace import Tile, Workspace, WorkspaceStore
from gui.settings import Settings

MOMENT = datetime(2026, 11, 21, 8, 12, 3).astimezone()
RESULT = make_result(make_detections((50, 50, 300, 300, 0.9, 0)))


class LaterTasks:
    """Tasks that run when the test says so."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Any, ...]] = []

    def start(self, name: str, work: Any, done: Any, failed: Any) -> Task:
        job = (name, work, done, failed)
        self.waiting.append(job)
        task = create_autospec(Task, instance=True)
        task.cancel.side_effect = lambda: self.waiting.remove(job)
        return task  # type: ignore[no-any-return]

    def run(self) -> None:
        waiting, self.waiting = self.waiting, []
        for _name, job, done, failed in waiting:
            try:
                answer = job(None)
            except InferoscopeError as error:
                failed(error)
            else:
                done(answer)


class Room:
    def __init__(self, tmp_path: Path, *, folder: Path | None = None, names: tuple[str, ...] = ("Yard",)) -> None:
        self.now_s = 100.0
        self.view = create_autospec(SavingView, instance=True)
        self.engine = create_autospec(EnginePort, instance=True)
        self.engine.picture.return_value = Picture(RESULT.frame, RESULT)
        self.engine.tile_state.return_value = TileState(open=True)
        self.engine.recording.return_value = RecordingState()
        self.settings = Settings(tmp_path / "home" / "settings.json")
        if folder is not None:
            self.settings.put("save_folder", str(folder))
        self.settings.put("free_gb", 0.1)
        tiles = tuple(Tile(str(i), name=name, source="x", running=True) for i, name in enumerate(names, 1))
        self.store = WorkspaceStore(Workspace(tiles=tiles, selected="1"))
        self.tasks = LaterTasks()
        self.problems = Problems()
        self.presenter = SavingPresenter(
            self.view,
            self.store,
            self.engine,
            self.settings,
            tasks=self.tasks,
            problems=self.problems,
            clock=lambda: self.now_s,
            wall=MOMENT.timestamp,
        )
        self.presenter.refresh()
        self.tasks.run()

    def refresh(self, state: RecordingState | None = None) -> SavingDisplay:
        if state is not None:
            self.engine.recording.return_value = state
        self.presenter.refresh()
        return self.display

    @property
    def display(self) -> SavingDisplay:
        display: SavingDisplay = self.view.show_saving.call_args.args[0]
        return display

    @property
    def plan(self) -> RecordingPlan:
        plan: RecordingPlan = self.engine.start_recording.call_args.args[0]
        return plan


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Give the disk so many free GB."""

    def give(free_gb: float) -> None:
        monkeypatch.setattr(work.shutil, "disk_usage", lambda _folder: Mock(free=round(free_gb * 1e9)))

    give(500.0)
    return give


# Names ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Yard", "Yard"),
        ("Hof – Süd 庭 🎥", "Hof-–-Süd-庭-🎥"),
        ("a/b\\c:d*e?", "a-b-c-d-e"),
        ("../../etc/passwd", "etc-passwd"),
        ("  .. ", "Picture"),
        ("rtsp://user:***@10.0.0.4:554/live", "rtsp-user-@10.0.0.4-554-live"),
        ("\n\t\0", "Picture"),
    ],
)
def test_any_title_becomes_a_name(title: str, name: str) -> None:
    assert stem(title, MOMENT) == f"{name}-2026-11-21-081203"


@pytest.mark.parametrize("letter", ["x", "庭", "🎥"])
def test_a_long_title_becomes_a_name_that_file_systems_take(letter: str, tmp_path: Path) -> None:
    path = tmp_path / f"{stem(300 * letter, MOMENT)}-12.recording.mp4"
    path.touch()
    assert path.exists()


def test_a_name_that_is_taken_is_counted_up(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").touch()
    (tmp_path / "a-2.csv").touch()
    assert free_stem(tmp_path, "a", (".mp4", ".csv")) == "a-3"
    assert free_stem(tmp_path, "b", (".mp4",), taken={"b"}) == "b-2"


# Snapshot ------------------------------------------------------------------------------------------------------------


def test_a_snapshot_is_saved_with_its_results(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path, names=("Hof Süd 庭",))
    room.presenter.on_snapshot()
    room.tasks.run()
    path = tmp_path / "Hof-Süd-庭-2026-11-21-081203.png"
    image = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert image.shape == RESULT.frame.image.shape
    assert not np.array_equal(image, RESULT.frame.image)
    assert len(json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["detections"]) == 1
    assert room.display.said == f"Saved {path.name}"
    assert room.display.last_file == path


def test_a_clean_snapshot_has_every_pixel_and_nothing_else(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    room.settings.put("annotated", False)
    room.settings.put("records", "none")
    room.presenter.on_snapshot()
    room.tasks.run()
    path = tmp_path / "Yard-2026-11-21-081203.png"
    assert np.array_equal(cv2.imread(str(path)), RESULT.frame.image)
    assert not path.with_suffix(".json").exists()


def test_two_snapshots_in_one_second_are_two_files(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    room.settings.put("picture_format", "jpg")
    room.presenter.on_snapshot()
    room.presenter.on_snapshot()
    room.tasks.run()
    assert sorted(p.name for p in tmp_path.glob("*.jpg")) == [
        "Yard-2026-11-21-081203-2.jpg",
        "Yard-2026-11-21-081203.jpg",
    ]


def test_in_smooth_display_the_newest_frame_is_saved_with_the_boxes_on_it(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    newer = make_result(image=np.full((432, 768, 3), 200, np.uint8)).frame
    room.engine.picture.return_value = Picture(newer, RESULT, 0.2)
    room.presenter.on_snapshot()
    room.tasks.run()
    image = cv2.imread(str(tmp_path / "Yard-2026-11-21-081203.png"))
    assert image is not None
    assert image[400, 700].tolist() == [200, 200, 200]
    assert not np.array_equal(image, newer.image)


def test_without_a_picture_a_sentence_says_so(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    room.engine.picture.return_value = None
    room.presenter.on_snapshot()
    assert room.display.said == "There is no picture to save yet."
    assert room.tasks.waiting == []


def test_the_folder_is_asked_for_once_and_the_picture_is_that_of_the_click(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.presenter.on_snapshot()
    room.view.ask_folder.assert_called_once()
    room.engine.picture.return_value = None
    room.presenter.on_folder_chosen(tmp_path)
    room.tasks.run()
    assert (tmp_path / "Yard-2026-11-21-081203.png").exists()
    assert Settings(tmp_path / "home" / "settings.json")["save_folder"] == str(tmp_path)
    room.engine.picture.return_value = Picture(RESULT.frame)
    room.presenter.on_snapshot()
    assert room.view.ask_folder.call_count == 1


def test_a_folder_that_is_gone_is_asked_for_again_and_says_why(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path / "stick")
    room.presenter.on_snapshot()
    room.tasks.run()
    reason, _folder = room.view.ask_folder.call_args.args
    assert "not there any more" in reason
    assert str(tmp_path / "stick") in reason
    room.presenter.on_folder_chosen(tmp_path)
    room.tasks.run()
    assert (tmp_path / "Yard-2026-11-21-081203.png").exists()
    assert room.problems.items == ()


def test_a_folder_that_is_not_chosen_saves_nothing_later(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.presenter.on_snapshot()
    room.presenter.on_folder_not_chosen()
    room.presenter.on_change_folder()
    room.presenter.on_folder_chosen(tmp_path)
    room.tasks.run()
    assert list(tmp_path.glob("*.png")) == []


def test_a_snapshot_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(tmp_path, folder=tmp_path)
    monkeypatch.setattr(work, "save_snapshot", Mock(side_effect=SinkError("The disk is full")))
    room.presenter.on_snapshot()
    room.tasks.run()
    assert room.problems.items[0].error.what == "The disk is full"
    assert list(tmp_path.glob("Yard*")) == []


def test_what_was_saved_is_told_for_a_while_and_can_be_opened(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    room.presenter.on_snapshot()
    room.tasks.run()
    path = room.display.last_file
    room.view.open_path.return_value = True
    room.presenter.on_open()
    room.presenter.on_show_in_folder()
    assert [call.args[0] for call in room.view.open_path.call_args_list] == [path, tmp_path]
    room.view.open_path.return_value = False
    room.presenter.on_open()
    assert "no program" in room.problems.items[0].error.what
    room.now_s += 30
    assert room.refresh().said == ""


# Recording -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("disk")
def test_a_recording_is_planned_from_the_settings(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path, names=("Yard", "Yard", "Gate"))
    room.settings.put("video_format", "webm")
    room.settings.put("records", "csv")
    room.store.edit_tile("3", hidden_classes=frozenset({2}))
    room.store.edit(all_selected=True)
    (tmp_path / "Yard-2026-11-21-081203.csv").touch()
    room.presenter.on_record()
    room.tasks.run()
    assert [tile.stem for tile in room.plan.tiles] == [
        "Yard-2026-11-21-081203-2",
        "Yard-2026-11-21-081203-3",
        "Gate-2026-11-21-081203",
    ]
    assert (room.plan.video_ending, room.plan.records, room.plan.keep_free_bytes) == (".webm", "csv", 100_000_000)
    style = room.plan.tiles[2].style
    assert style is not None
    assert style.hidden_classes == {2}


@pytest.mark.usefixtures("disk")
def test_a_clean_recording_has_no_style(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    room.settings.put("annotated", False)
    room.presenter.on_record()
    room.tasks.run()
    assert room.plan.tiles[0].style is None


def test_recording_again_ends_it(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    room.engine.recording.return_value = RecordingState(active=True)
    room.presenter.on_record()
    room.engine.stop_recording.assert_called_once_with()


@pytest.mark.usefixtures("disk")
def test_a_second_click_while_it_prepares_takes_it_back(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    room.presenter.on_record()
    room.presenter.on_record()
    room.tasks.run()
    room.engine.start_recording.assert_not_called()


def test_without_a_stream_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    room.engine.tile_state.return_value = TileState()
    room.presenter.on_record()
    assert room.display.said == "Start a stream, then record it."


def test_a_full_disk_is_told_before_anything_is_written(tmp_path: Path, disk: Callable[[float], None]) -> None:
    disk(0.08)
    room = Room(tmp_path, folder=tmp_path)
    room.presenter.on_record()
    room.tasks.run()
    room.engine.start_recording.assert_not_called()
    assert str(room.problems.items[-1].error) == (
        f"{tmp_path}: Nothing can be recorded: 80.0 MB are free on its disk; expected more than 100 MB. "
        "Free some space, choose another folder, or keep less free in the settings."
    )


def test_a_recording_ends_before_the_disk_is_full(tmp_path: Path, disk: Callable[[float], None]) -> None:
    room = Room(tmp_path, folder=tmp_path)
    recording = RecordingState(active=True, elapsed_s=3723.9, frames=12345)
    display = room.refresh(recording)
    assert (display.recording, display.elapsed, display.frames, display.warning) == (
        True,
        "1:02:03",
        "12,345 frames",
        "",
    )
    for free_gb, warned, ended in ((0.19, True, False), (0.12, True, True)):
        disk(free_gb)
        room.now_s += 3
        room.presenter.refresh()
        room.tasks.run()
        assert bool(room.refresh().warning) == warned
        assert room.engine.stop_recording.called == ended
    assert "The recording has ended, with all files whole, because 120 MB are left" in str(room.problems.items[0].error)
    room.refresh(RecordingState(active=True, finishing=0.4))
    assert len(room.problems.items) == 1
    assert room.display.finishing == 0.4
    assert not room.display.recording


def test_the_disk_is_asked_rarely_and_never_twice_at_once(tmp_path: Path, disk: Callable[[float], None]) -> None:
    disk(5.0)
    room = Room(tmp_path, folder=tmp_path)
    for _ in range(100):
        room.now_s += 0.25
        room.presenter.refresh()
    assert room.tasks.waiting == []
    room.now_s += 10
    room.presenter.refresh()
    room.presenter.refresh()
    assert len(room.tasks.waiting) == 1
    assert room.display.free == "5.0 GB free"


def test_an_error_of_the_recording_is_told_once_and_the_files_are_named(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    room.refresh(RecordingState(active=True))
    files = tuple(tmp_path / name for name in ("a.mp4", "a.jsonl", "never-written.mp4"))
    for path in files[:2]:
        path.touch()
    error = SinkError("The disk is full")
    for _ in range(3):
        room.refresh(RecordingState(files=files, error=error))
        room.tasks.run()
    assert [problem.times for problem in room.problems.items] == [1]
    assert room.display.said == "Saved a.mp4 and 1 more"


def test_frames_that_were_not_recorded_are_told(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    assert "1,200 frames were not recorded" in room.refresh(RecordingState(active=True, not_recorded=1200)).warning


def test_the_view_is_told_only_what_is_new(tmp_path: Path) -> None:
    room = Room(tmp_path, folder=tmp_path)
    room.refresh()
    told = room.view.show_saving.call_count
    room.refresh()
    assert room.view.show_saving.call_count == told
