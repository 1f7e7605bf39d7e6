from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock, create_autospec

import pytest
from fakes import make_frame
from waiting_tasks import WaitingTasks

from engine.capture.camera_list import CameraInfo
from engine.capture.screen import ScreenInfo
from engine.capture.source import SourceInfo, SourceOptions, TryOut
from engine.errors import SourceError
from gui.presenters.history import SourceHistory
from gui.presenters.port import EnginePort, Picture, TileState
from gui.presenters.secrets import Secrets
from gui.presenters.source_display import Kind, Offer, Offers, Trying, TryOutDisplay, check_address
from gui.presenters.source_picker import SourcePickerPresenter, SourcePickerView
from gui.presenters.workspace import Tile, Workspace, WorkspaceStore

WEBCAM = CameraInfo(0, "Webcam", "/dev/video0")
YARD = "rtsp://***@10.0.0.7/yard"


def info(title: str = "Webcam", **changes: Any) -> SourceInfo:
    values: dict[str, Any] = {
        "kind": "camera", "title": title, "width": 640, "height": 480, "rate_hz": 30.0, "frames": None,
        "duration_s": None, "codec": "", "live": True, "seekable": False,
    }  # fmt: skip
    return SourceInfo(**{**values, **changes})


class Desk:
    """A window whose dialog is driven by hand."""

    def __init__(self, tile: Tile | None = None) -> None:
        self.store = WorkspaceStore(Workspace(tiles=(tile or Tile("1"),)))
        self.view: Mock = create_autospec(SourcePickerView, instance=True)
        self.engine: Mock = create_autospec(EnginePort, instance=True)
        self.engine.tile_state.return_value = TileState()
        self.tried: list[tuple[str, SourceOptions]] = []
        self.answer: Callable[[], TryOut] = lambda: TryOut(info(), make_frame())
        self.engine.try_source.side_effect = self._try_source
        self.secrets: Mock = create_autospec(Secrets, instance=True)
        self.secrets.full_address.return_value = None
        self.tasks = WaitingTasks()
        self.history = SourceHistory()
        self.opened = Mock()
        self.cameras: list[CameraInfo] = [WEBCAM]
        self.presenter = SourcePickerPresenter(
            self.view,
            self.store,
            self.engine,
            self.secrets,
            self.tasks,
            history=self.history,
            open_source=self.opened,
            cameras=lambda: self.cameras,
            screens=lambda: [ScreenInfo(0, "Built-in", 1920, 1080)],
        )

    def _try_source(self, source: str, options: SourceOptions) -> Callable[[Any], TryOut]:
        self.tried.append((source, options))
        return lambda _control: self.answer()

    def ask(self, kind: Kind | None = None) -> None:
        """Open the dialog, and let what is being listed be listed."""
        self.presenter.ask("1")
        if kind is not None:
            self.presenter.on_kind_chosen(kind)
        self.tasks.run()

    @property
    def shown(self) -> TryOutDisplay:
        display: TryOutDisplay = self.view.show_try_out.call_args.args[0]
        return display

    @property
    def offers(self) -> Offers:
        """The newest list of the kind that is shown."""
        kind = self.view.show_kind.call_args.args[0]
        found: list[Offers] = [c.args[1] for c in self.view.show_offers.call_args_list if c.args[0] is kind]
        return found[-1]

    @property
    def ready(self) -> tuple[bool, bool]:
        ready, can_try = self.view.show_ready.call_args.args
        return ready, can_try


@pytest.fixture
def desk() -> Desk:
    return Desk()


# Kinds and lists -------------------------------------------------------------------------------------------------


def test_the_demo_is_offered_and_opened(desk: Desk) -> None:
    desk.ask()
    assert desk.view.show_kinds.call_args.args[0] == tuple(Kind)
    desk.ask(Kind.DEMO)
    assert desk.tried[-1][0] == "demo"
    desk.presenter.on_accepted()
    desk.opened.assert_called_once_with("1", "demo", SourceOptions())


def test_cameras_are_listed_in_a_task(desk: Desk) -> None:
    desk.presenter.ask("1")
    assert desk.offers.busy
    desk.tasks.run()
    assert desk.offers == Offers((Offer("camera:Webcam", "Webcam", "/dev/video0"),))


def test_cameras_of_one_name_are_told_apart_by_number(desk: Desk) -> None:
    desk.cameras = [CameraInfo(0, "Webcam", "a"), CameraInfo(2, "webcam", "b"), CameraInfo(4, "", "c")]
    desk.ask()
    assert [offer.source for offer in desk.offers.items] == ["camera:0", "camera:2", "camera:4"]
    assert desk.offers.items[2].title == "Camera 4"


def test_without_a_camera_it_says_what_to_do_and_looks_again(desk: Desk) -> None:
    desk.cameras = []
    desk.ask()
    assert desk.offers.message == "No camera is plugged in"
    assert "Refresh" in desk.offers.remedy
    desk.cameras = [WEBCAM]
    desk.presenter.on_refresh_requested()
    desk.tasks.run()
    assert len(desk.offers.items) == 1


def test_a_list_that_cannot_be_made_says_why() -> None:
    desk = Desk()
    desk.presenter._screens = Mock(side_effect=SourceError("There is no display", remedy="Start it from a desktop"))
    desk.ask(Kind.SCREEN)
    assert (desk.offers.message, desk.offers.remedy) == ("There is no display", "Start it from a desktop")


def test_screens_have_their_size(desk: Desk) -> None:
    desk.ask(Kind.SCREEN)
    assert desk.offers.items == (Offer("screen:0", "Built-in", "1920 × 1080"),)


def test_what_was_opened_lately_is_listed_newest_first_and_can_be_removed(desk: Desk) -> None:
    for source in ("/v/a.mp4", YARD, "/v/b.mp4"):
        desk.history.add(source)
    desk.ask(Kind.FILE)
    assert [offer.title for offer in desk.offers.items] == ["b.mp4", "a.mp4"]
    desk.presenter.on_offer_removed("/v/b.mp4")
    assert [offer.title for offer in desk.offers.items] == ["a.mp4"]
    assert desk.tasks.waiting == []
    desk.ask(Kind.ADDRESS)
    desk.presenter.on_offer_removed(YARD)
    desk.tasks.run()
    desk.secrets.forget.assert_called_once_with(YARD)
    assert desk.history.addresses == ()


def test_the_password_of_a_tile_is_not_forgotten() -> None:
    desk = Desk(Tile("1", source=YARD))
    desk.history.add(YARD)
    desk.ask()
    desk.presenter.on_offer_removed(YARD)
    desk.tasks.run()
    assert not desk.secrets.forget.called


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("", Kind.CAMERA),
        ("camera:Webcam", Kind.CAMERA),
        ("screen:0", Kind.SCREEN),
        (YARD, Kind.ADDRESS),
        ("/v/a.mp4", Kind.FILE),
    ],
)
def test_the_dialog_begins_with_what_the_tile_has(source: str, kind: Kind) -> None:
    desk = Desk(Tile("1", "Yard", source, SourceOptions(mirror=True)))
    desk.ask()
    desk.view.show_kind.assert_called_with(kind)
    desk.view.show_options.assert_called_with(SourceOptions(mirror=True))
    assert desk.view.open_for.called
    assert desk.ready[0] is bool(source)


# Trying out ------------------------------------------------------------------------------------------------------


def test_a_camera_is_tried_out_when_it_is_chosen(desk: Desk) -> None:
    desk.ask()
    desk.presenter.on_offer_chosen("camera:Webcam")
    assert desk.shown.trying is Trying.BUSY
    assert desk.ready == (True, False)
    desk.tasks.run()
    assert desk.shown.trying is Trying.FOUND
    assert desk.shown.title == "Webcam"
    assert desk.shown.facts == (("Size", "640 × 480"), ("Rate", "30 pictures a second"), ("Type", "Live"))
    assert desk.shown.frame is not None


def test_a_file_says_what_it_is(desk: Desk, tmp_path: Path) -> None:
    found = info("yard.mp4", kind="video", codec="avc1", frames=377, duration_s=125.2, live=False, rate_hz=29.97003)
    desk.answer = lambda: TryOut(found, make_frame())
    desk.ask(Kind.FILE)
    desk.presenter.on_file_chosen(str(tmp_path / "yard.mp4"))
    desk.tasks.run()
    assert dict(desk.shown.facts) == {
        "Size": "640 × 480",
        "Rate": "29.97 pictures a second",
        "Format": "H.264",
        "Length": "2 min 5 s",
        "Pictures": "377",
    }


def test_warnings_and_a_missing_picture_are_told(desk: Desk) -> None:
    desk.answer = lambda: TryOut(info(warnings=("asked for 1920x1080, got 640x480",)), None)
    desk.ask()
    desk.presenter.on_offer_chosen("camera:Webcam")
    desk.tasks.run()
    assert desk.shown.notes == ("No picture came yet", "asked for 1920x1080, got 640x480")


def test_a_failure_says_why_and_what_to_do(desk: Desk) -> None:
    error = SourceError("The file is no video", subject="/v/a.txt", expected="a video", remedy="Choose another")
    desk.answer = Mock(side_effect=error)
    desk.ask(Kind.FILE)
    desk.presenter.on_file_chosen("/v/a.txt")
    assert desk.ready == (True, False)
    desk.tasks.run()
    assert (desk.shown.trying, desk.shown.title) == (Trying.FAILED, "The file is no video.")
    assert desk.shown.notes == ("/v/a.txt", "Expected: a video.", "Choose another.")
    assert desk.ready == (False, True)
    desk.presenter.on_accepted()
    assert not desk.opened.called


def test_a_camera_that_is_away_can_be_opened_all_the_same(desk: Desk) -> None:
    desk.answer = Mock(side_effect=SourceError("The camera gives no picture"))
    desk.ask()
    desk.presenter.on_offer_chosen("camera:Webcam")
    desk.tasks.run()
    assert desk.ready == (True, True)


def test_other_options_are_tried_out_when_the_camera_is_free_again(desk: Desk) -> None:
    desk.ask()
    desk.presenter.on_offer_chosen("camera:Webcam")
    desk.presenter.on_options_changed(SourceOptions(1280, 720))
    desk.presenter.on_options_changed(SourceOptions(800, 600))
    assert desk.tasks.names == ["try out"]
    assert desk.shown.trying is Trying.BUSY
    desk.tasks.run()
    assert [options for _source, options in desk.tried] == [SourceOptions(), SourceOptions(800, 600)]
    desk.presenter.on_accepted()
    desk.opened.assert_called_once_with("1", "camera:Webcam", SourceOptions(800, 600))


def test_a_double_click_opens_the_camera_once_the_try_out_lets_go_of_it(desk: Desk) -> None:
    desk.ask()
    desk.presenter.on_offer_chosen("camera:Webcam")
    desk.presenter.on_accepted()
    assert not desk.opened.called
    desk.tasks.run()
    desk.opened.assert_called_once_with("1", "camera:Webcam", SourceOptions())


def test_the_answer_to_an_older_question_is_not_shown(desk: Desk) -> None:
    desk.ask(Kind.ADDRESS)
    desk.presenter.on_address_edited("rtsp://cam/1", "", "")
    desk.presenter.on_try_requested()
    late = desk.tasks.waiting.pop()
    desk.presenter.on_address_edited("rtsp://cam/2", "", "")
    desk.presenter.on_try_requested()
    late.control.given_up = False  # its answer was on the way already
    late.run()
    assert desk.shown.trying is Trying.BUSY
    desk.answer = lambda: TryOut(info("Other"), None)
    desk.tasks.run()
    assert desk.shown.title == "Other"


def test_another_camera_is_tried_out_after_the_first(desk: Desk) -> None:
    desk.cameras = [WEBCAM, CameraInfo(1, "Other", "")]
    desk.ask()
    desk.presenter.on_offer_chosen("camera:Webcam")
    desk.presenter.on_offer_chosen("camera:Other")
    desk.answer = lambda: TryOut(info("Other"), None)
    desk.tasks.run()
    assert [source for source, _options in desk.tried] == ["camera:Webcam", "camera:Other"]
    assert desk.shown.title == "Other"


def test_a_camera_that_does_not_answer_can_be_opened_all_the_same(desk: Desk) -> None:
    desk.ask()
    desk.presenter.on_offer_chosen("camera:Webcam")
    desk.presenter.on_accepted()
    assert desk.shown.trying is Trying.BUSY
    desk.presenter.on_try_cancelled()
    desk.presenter.on_accepted()
    desk.opened.assert_called_once_with("1", "camera:Webcam", SourceOptions())


@pytest.mark.parametrize("kind", [Kind.CAMERA, Kind.FILE])
def test_it_can_be_cancelled(kind: Kind) -> None:
    desk = Desk()
    desk.ask(kind)
    desk.presenter.on_offer_chosen("camera:Webcam")
    desk.presenter.on_try_cancelled()
    assert desk.shown.trying is Trying.IDLE
    assert desk.ready == (True, True)
    desk.tasks.run()
    assert desk.shown.trying is Trying.IDLE


@pytest.mark.parametrize("source", ["camera:Webcam", "camera:0"])
def test_a_camera_that_streams_is_not_opened_twice(source: str) -> None:
    desk = Desk(Tile("1", source=source, running=True))
    frame = make_frame()
    desk.engine.tile_state.return_value = TileState(info=info())
    desk.engine.picture.return_value = Picture(frame)
    desk.ask()
    desk.presenter.on_offer_chosen("camera:Webcam")
    assert ("camera:Webcam", SourceOptions()) not in desk.tried
    assert desk.shown.frame is frame
    assert desk.shown.notes == ("It streams already",)


# Addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "usable", "complaint"),
    [
        ("", False, ""),
        ("rt", False, ""),
        ("rtsp://", False, ""),
        ("cam.local", False, "begins with"),
        ("ftp://cam/1", False, "begins with"),
        ("rtsp://:99/", False, "no whole address"),
        ("rtsp://cam:99999/", False, "no whole address"),
        ("rtsp://ann:a/b@cam/1", False, "where the password ends"),
        ("rtsp://cam/1", True, ""),
        (" HTTP://ann:pw@cam:8080/1?x=2 ", True, ""),
    ],
)
def test_an_address_is_looked_at_while_it_is_typed(address: str, usable: bool, complaint: str) -> None:
    check = check_address(address)
    assert check.usable is usable
    assert complaint in check.complaint
    assert bool(check.complaint) is bool(complaint)


def test_an_address_is_tried_out_on_return_and_opened_on_the_next(desk: Desk) -> None:
    desk.ask(Kind.ADDRESS)
    desk.presenter.on_address_edited("rtsp://cam/1", "", "")
    assert desk.tasks.waiting == []
    assert desk.ready == (True, True)
    desk.presenter.on_entered()
    desk.tasks.run()
    assert desk.tried == [("rtsp://cam/1", SourceOptions())]
    assert not desk.opened.called
    desk.presenter.on_entered()
    desk.opened.assert_called_once_with("1", "rtsp://cam/1", SourceOptions())
    assert desk.view.dismiss.called


def test_user_and_password_beside_the_address_go_into_it(desk: Desk) -> None:
    desk.ask(Kind.ADDRESS)
    desk.presenter.on_address_edited("rtsp://cam/1", "ann", "a/b")
    desk.presenter.on_accepted()
    desk.opened.assert_called_once_with("1", "rtsp://ann:a%2Fb@cam/1", SourceOptions())


def test_a_password_that_was_typed_into_the_address_is_covered_at_once(desk: Desk) -> None:
    desk.ask(Kind.ADDRESS)
    desk.presenter.on_address_finished("rtsp://ann:a%2Fb@cam/1", "", "")
    desk.view.show_address.assert_called_with("rtsp://cam/1", "ann", "a/b")
    desk.presenter.on_accepted()
    desk.opened.assert_called_once_with("1", "rtsp://ann:a%2Fb@cam/1", SourceOptions())


def test_an_address_of_the_history_is_tried_with_its_password(desk: Desk) -> None:
    desk.history.add(YARD)
    desk.secrets.full_address.return_value = "rtsp://ann:pw@10.0.0.7/yard"
    desk.ask(Kind.ADDRESS)
    desk.presenter.on_offer_chosen(YARD)
    desk.view.show_address.assert_called_with(YARD, "", "")
    desk.presenter.on_try_requested()
    assert not desk.secrets.full_address.called  # the keyring may wait: not in this thread
    desk.tasks.run()
    assert desk.tried == [("rtsp://ann:pw@10.0.0.7/yard", SourceOptions())]
    desk.presenter.on_accepted()
    desk.opened.assert_called_once_with("1", YARD, SourceOptions())


def test_another_address_makes_what_was_found_void(desk: Desk) -> None:
    desk.ask(Kind.ADDRESS)
    desk.presenter.on_address_edited("rtsp://cam/1", "", "")
    desk.presenter.on_entered()
    desk.tasks.run()
    desk.presenter.on_address_edited("rtsp://cam/2", "", "")
    assert desk.shown.trying is Trying.IDLE
    desk.presenter.on_address_edited("rtsp//cam/2", "", "")
    assert desk.ready == (False, False)
    desk.presenter.on_entered()
    desk.presenter.on_accepted()
    assert not desk.opened.called


# The end ---------------------------------------------------------------------------------------------------------


def test_a_closed_dialog_wants_nothing_any_more(desk: Desk) -> None:
    desk.presenter.ask("1")
    desk.presenter.on_kind_chosen(Kind.ADDRESS)
    desk.presenter.on_address_edited("rtsp://cam/1", "", "pw")
    desk.presenter.on_try_requested()
    desk.presenter.on_dismissed()
    assert desk.tasks.names == []
    desk.view.show_address.assert_called_with("", "", "")
    desk.presenter.on_accepted()
    assert not desk.opened.called


def test_nothing_chosen_is_nothing_to_open(desk: Desk) -> None:
    desk.ask(Kind.FILE)
    assert desk.ready == (False, False)
    desk.presenter.on_accepted()
    assert not desk.opened.called
