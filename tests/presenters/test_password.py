from __future__ import annotations

from unittest.mock import Mock, create_autospec

import pytest

from engine.capture.source import SourceOptions
from gui.presenters.opening import SourceOpener
from gui.presenters.password import ANSWER_TAKES_S, PasswordPresenter, PasswordQuestion, PasswordView
from gui.presenters.port import EnginePort, TileState
from gui.presenters.workspace import Tile, Workspace, WorkspaceStore

YARD = "rtsp://***@10.0.0.7/yard"


class Desk:
    """Two streams, whose passwords are wanted or not."""

    def __init__(self) -> None:
        tiles = (
            Tile("1", "Yard", YARD, SourceOptions(mirror=True), running=True),
            Tile("2", "Gate", "rtsp://b/1", running=True),
        )
        self.store = WorkspaceStore(Workspace(tiles=tiles))
        self.wanted: set[str] = set()
        self.engine: Mock = create_autospec(EnginePort, instance=True)
        self.engine.tile_state.side_effect = lambda tile_id: TileState(password_wanted=tile_id in self.wanted)
        self.view: Mock = create_autospec(PasswordView, instance=True)
        self.opener: Mock = create_autospec(SourceOpener, instance=True)
        self.now_s = 10.0
        self.presenter = PasswordPresenter(self.view, self.store, self.engine, self.opener, lambda: self.now_s)

    def refresh(self, times: int = 4) -> None:
        for _ in range(times):
            self.presenter.refresh()
            self.now_s += 0.25


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_nobody_is_asked_without_need(desk: Desk) -> None:
    desk.refresh()
    assert not desk.view.ask.called


def test_the_answer_opens_the_stream_with_its_options(desk: Desk) -> None:
    desk.wanted = {"1"}
    desk.refresh()
    desk.view.ask.assert_called_once_with(PasswordQuestion("Yard", YARD))
    desk.presenter.on_answered("admin", "p@ss/word", True)
    desk.opener.open.assert_called_once_with(
        "1", "rtsp://admin:p%40ss%2Fword@10.0.0.7/yard", SourceOptions(mirror=True), remember=True
    )
    assert desk.view.dismiss.called


def test_one_is_asked_about_after_the_other(desk: Desk) -> None:
    desk.wanted = {"1", "2"}
    desk.refresh()
    assert desk.view.ask.call_count == 1
    desk.presenter.on_dismissed()
    desk.refresh()
    assert [call.args[0].title for call in desk.view.ask.call_args_list] == ["Yard", "Gate"]


def test_who_does_not_answer_is_not_asked_again_until_it_has_worked_once(desk: Desk) -> None:
    desk.wanted = {"1"}
    desk.refresh()
    desk.presenter.on_dismissed()
    desk.refresh(40)
    assert desk.view.ask.call_count == 1
    desk.wanted = set()
    desk.refresh()
    desk.wanted = {"1"}
    desk.refresh()
    assert desk.view.ask.call_count == 2


def test_a_refused_password_is_asked_for_again_and_says_so(desk: Desk) -> None:
    desk.wanted = {"1"}
    desk.refresh()
    desk.presenter.on_answered("admin", "wrong", False)
    desk.refresh(4)  # the stream has not yet said what it makes of it
    assert desk.view.ask.call_count == 1
    desk.now_s += ANSWER_TAKES_S
    desk.refresh()
    desk.view.ask.assert_called_with(PasswordQuestion("Yard", YARD, again=True))


def test_a_question_that_answered_itself_goes_away(desk: Desk) -> None:
    desk.wanted = {"1"}
    desk.refresh()
    desk.store.remove_tile("1")
    desk.presenter.on_answered("admin", "quick", True)
    desk.refresh()
    assert desk.view.dismiss.called
    desk.presenter.on_answered("admin", "late", True)
    assert not desk.opener.open.called


def test_a_stopped_tile_asks_for_nothing(desk: Desk) -> None:
    desk.store.edit_tile("1", running=False)
    desk.wanted = {"1"}
    desk.refresh()
    assert not desk.view.ask.called


def test_a_hidden_token_needs_the_whole_address(desk: Desk) -> None:
    desk.store.edit_tile("1", source="http://cam/?token=***")
    desk.presenter.ask("1")
    desk.view.ask.assert_called_once_with(PasswordQuestion("Yard", "http://cam/?token=***", whole=True))
    desk.presenter.on_address_answered("cam", True)
    assert "begins with" in desk.view.show_complaint.call_args.args[0]
    assert not desk.opener.open.called
    desk.presenter.on_address_answered(" http://cam/?token=abc ", False)
    desk.opener.open.assert_called_once_with("1", "http://cam/?token=abc", SourceOptions(mirror=True), remember=False)
