from __future__ import annotations

from unittest.mock import create_autospec

from engine.errors import BackendError, SourceError
from gui.presenters.problems import Problems
from gui.presenters.problems_panel import ProblemsPresenter, ProblemsView

ERROR = SourceError(
    "The server refuses the login",
    subject="rtsp://admin:secret@10.0.0.4/1",
    expected="a user that may watch",
    remedy="Type the password again",
    detail="DESCRIBE rtsp://admin:secret@10.0.0.4/1\n401 Unauthorized",
)


def room() -> tuple[ProblemsView, Problems, ProblemsPresenter]:
    view, problems = create_autospec(ProblemsView, instance=True), Problems(clock=lambda: 0.0)
    return view, problems, ProblemsPresenter(view, problems)


def test_a_problem_says_what_happened_and_what_to_do() -> None:
    view, problems, _ = room()
    problems.add("Gate", ERROR)
    (card,) = view.show_problems.call_args.args[0]
    assert (card.about, card.what, card.remedy) == ("Gate", "The server refuses the login.", "Type the password again.")
    assert "401 Unauthorized" in card.details
    assert "secret" not in repr(card)
    assert all(words in card.copied for words in ("Gate", "refuses the login", "Type the password", "401", "10.0.0.4"))


def test_the_newest_comes_first_and_a_repetition_is_counted_quietly() -> None:
    view, problems, _ = room()
    problems.add("Gate", ERROR)
    problems.add("yolo.onnx", BackendError("It failed"))
    problems.add("yolo.onnx", BackendError("It failed"))
    cards = view.show_problems.call_args.args[0]
    assert [card.what for card in cards] == ["It failed. (happened 2 times)", "The server refuses the login."]
    assert [call.args[0].about for call in view.show_notice.call_args_list] == ["Gate", "yolo.onnx"]


def test_cleared_is_gone() -> None:
    view, problems, presenter = room()
    problems.add("Gate", ERROR)
    presenter.on_clear()
    assert view.show_problems.call_args.args[0] == ()
    assert problems.items == ()


def test_what_went_wrong_before_the_window_was_there_is_told_when_it_is() -> None:
    view, problems = create_autospec(ProblemsView, instance=True), Problems()
    problems.add("Settings", BackendError("The settings could not be read"))
    problems.add("Session", BackendError("Another Inferoscope has this session open"))
    presenter = ProblemsPresenter(view, problems)
    view.show_notice.assert_not_called()
    presenter.announce()
    (told,) = [call.args[0].what for call in view.show_notice.call_args_list]
    assert told == "Another Inferoscope has this session open."
