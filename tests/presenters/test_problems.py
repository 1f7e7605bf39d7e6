from __future__ import annotations

from engine.errors import SourceError
from gui.presenters.problems import Problem, Problems

REFUSED = SourceError("Connection refused", subject="rtsp://10.0.0.7/yard", remedy="Check the address")


def test_the_same_problem_again_is_counted_not_listed() -> None:
    problems = Problems(clock=iter([1.0, 2.0, 3.0]).__next__)
    heard: list[Problem] = []
    problems.subscribe(heard.append)
    for about in ("Yard", "Yard", "Gate"):
        problems.add(about, REFUSED)
    assert [(p.about, p.times, p.at_s) for p in problems.items] == [("Yard", 2, 2.0), ("Gate", 1, 3.0)]
    assert len(heard) == 3


def test_weeks_of_problems_take_no_more_room_than_a_day() -> None:
    problems = Problems()
    for number in range(1000):
        problems.add(f"Camera {number}", REFUSED)
    assert len(problems.items) == 200
    assert problems.items[-1].about == "Camera 999"


def test_clearing_begins_anew() -> None:
    problems = Problems()
    problems.add("Yard", REFUSED)
    problems.clear()
    assert problems.items == ()
    problems.add("Yard", REFUSED)
    assert problems.items[0].times == 1
