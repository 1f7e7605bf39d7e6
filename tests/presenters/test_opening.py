from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock, create_autospec

import pytest
from waiting_tasks import WaitingTasks

from engine.capture.source import SourceOptions
from engine.errors import InferoscopeError
from gui.presenters.history import MOST, SourceHistory
from gui.presenters.opening import SourceOpener
from gui.presenters.port import EnginePort
from gui.presenters.problems import Problems
from gui.presenters.secrets import Secrets, hides_login_alone, join_login
from gui.presenters.workspace import WorkspaceStore

FULL = "rtsp://admin:s3cret@10.0.0.7/yard"
SHOWN = "rtsp://***@10.0.0.7/yard"


class Desk:
    def __init__(self) -> None:
        self.store = WorkspaceStore()
        self.engine: Mock = create_autospec(EnginePort, instance=True)
        self.secrets: Mock = create_autospec(Secrets, instance=True)
        self.tasks = WaitingTasks()
        self.problems = Problems()
        self.history = SourceHistory()
        self.opener = SourceOpener(
            self.store, self.engine, self.secrets, self.tasks, problems=self.problems, history=self.history
        )


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_password_goes_to_the_keyring_and_nowhere_else(desk: Desk, own_home: Path) -> None:
    desk.opener.open("1", f"  {FULL} ")
    tile = desk.store.now.tile("1")
    assert (tile.source, tile.running) == (SHOWN, True)
    desk.secrets.hold.assert_called_once_with(SHOWN, FULL)
    assert not desk.secrets.remember.called  # it may wait: not in this thread
    desk.tasks.run()
    desk.secrets.remember.assert_called_once_with(SHOWN, FULL)
    assert desk.history.addresses == (SHOWN,)
    assert all(b"s3cret" not in file.read_bytes() for file in own_home.rglob("*") if file.is_file())


def test_a_password_for_this_run_alone_is_not_kept(desk: Desk) -> None:
    desk.opener.open("1", FULL, remember=False)
    desk.tasks.run()
    desk.secrets.hold.assert_called_once_with(SHOWN, FULL)
    assert not desk.secrets.remember.called


def test_that_there_is_no_keyring_is_told_once(desk: Desk) -> None:
    desk.secrets.remember.side_effect = InferoscopeError("Passwords are known until the program ends")
    for host in ("a", "b", "c"):
        desk.opener.open("1", f"rtsp://admin:s3cret@{host}/yard")
        desk.tasks.run()
    assert len(desk.problems.items) == 1
    assert desk.problems.items[0].times == 1


def test_another_password_opens_again_what_looks_the_same(desk: Desk) -> None:
    desk.opener.open("1", FULL)
    assert not desk.engine.restart.called
    desk.opener.open("1", "rtsp://admin:better@10.0.0.7/yard")
    desk.engine.restart.assert_called_once_with("1")
    desk.secrets.hold.assert_called_with(SHOWN, "rtsp://admin:better@10.0.0.7/yard")


def test_a_stopped_tile_is_started(desk: Desk) -> None:
    desk.opener.open("1", FULL)
    desk.store.edit_tile("1", running=False)
    desk.opener.open("1", FULL)
    assert desk.store.now.tile("1").running
    assert not desk.engine.restart.called


def test_a_file_is_kept_by_its_whole_path(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    desk.opener.open("1", "yard.mp4")
    assert desk.store.now.tile("1").source == str(tmp_path / "yard.mp4")
    assert desk.history.files == (str(tmp_path / "yard.mp4"),)
    assert desk.tasks.names == []


def test_a_camera_has_its_options_and_no_history(desk: Desk) -> None:
    options = SourceOptions(640, 480, 15.0, mirror=True)
    desk.opener.open("1", "camera:USB Cam", options)
    tile = desk.store.now.tile("1")
    assert (tile.source, tile.options) == ("camera:USB Cam", options)
    assert desk.history.files == desk.history.addresses == ()


def test_what_is_no_source_is_left_to_the_tile_to_refuse(desk: Desk) -> None:
    desk.opener.open("1", "ftp://admin:s3cret@host/x")
    assert "s3cret" not in desk.store.now.tile("1").source
    assert desk.history.files == desk.history.addresses == ()


def test_a_tile_that_was_closed_meanwhile_needs_nothing(desk: Desk) -> None:
    desk.opener.open("99", FULL)
    assert desk.tasks.names == []
    assert desk.history.addresses == ()


def test_the_newest_comes_first_and_once(desk: Desk) -> None:
    for source in ("rtsp://a/1", "/v/a.mp4", "rtsp://b/1", "rtsp://a/1"):
        desk.opener.open("1", source)
    again = SourceHistory()
    assert again.addresses == ("rtsp://a/1", "rtsp://b/1")
    assert again.files == (str(Path("/v/a.mp4").absolute()),)
    again.remove("rtsp://a/1")
    assert SourceHistory().addresses == ("rtsp://b/1",)


def test_the_history_is_bounded_and_files_do_not_push_addresses_out() -> None:
    history = SourceHistory()
    history.add("rtsp://a/1")
    for number in range(50):
        history.add(f"/v/{number}.mp4")
    assert len(history.files) == MOST
    assert history.files[0] == "/v/49.mp4"
    assert history.addresses == ("rtsp://a/1",)


@pytest.mark.parametrize("content", [b"", b"{}", b'[1, null, ""]', b"\xff", b"[" * 100_000])
def test_a_damaged_history_is_an_empty_one(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "recent.json").write_bytes(content)
    assert SourceHistory(tmp_path / "recent.json").files == ()


def test_a_history_that_cannot_be_written_holds_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    history = SourceHistory(tmp_path / "file" / "recent.json")
    history.add("/v/a.mp4")
    assert history.files == ("/v/a.mp4",)


@pytest.mark.parametrize(
    ("address", "user", "password", "joined"),
    [
        ("rtsp://cam/1", "admin", "a/b@c:d", "rtsp://admin:a%2Fb%40c%3Ad@cam/1"),
        ("rtsp://***@cam:554/1?x=1", "admin", "pw", "rtsp://admin:pw@cam:554/1?x=1"),
        ("http://cam", "admin", "", "http://admin@cam"),
        ("rtsp://old:pw@cam/1", "", "", "rtsp://cam/1"),
        ("rtsp://cam/u@v", "a", "b", "rtsp://a:b@cam/u@v"),
    ],
)
def test_user_and_password_join_an_address(address: str, user: str, password: str, joined: str) -> None:
    assert join_login(address, user, password) == joined


@pytest.mark.parametrize(
    ("shown", "alone"),
    [(SHOWN, True), ("rtsp://cam/1", True), ("http://cam/?token=***", False), ("***10.0.0.7/x", False)],
)
def test_a_login_does_not_complete_an_address_with_a_hidden_token(shown: str, alone: bool) -> None:
    assert hides_login_alone(shown) is alone
