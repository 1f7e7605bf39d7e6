from __future__ import annotations

from collections.abc import Sequence

import pytest
from waiting_tasks import WaitingTasks

from engine.capture.camera_list import CameraInfo
from engine.errors import InferoscopeError
from gui.presenters.cameras import Cameras
from gui.presenters.titles import source_title

YARD, GATE = CameraInfo(0, "Yard camera", "/dev/video0"), CameraInfo(2, "Gate", "/dev/video2")


def test_cameras_are_found_in_the_background_and_again_when_they_change() -> None:
    tasks, there = WaitingTasks(), [YARD, GATE]
    cameras = Cameras(tasks, lambda: there)
    cameras.look()
    assert cameras.sources == ()
    tasks.run()
    assert cameras.sources == ("camera:Yard camera", "camera:Gate")
    there.remove(YARD)
    cameras.look()
    tasks.run()
    assert cameras.sources == ("camera:Gate",)


def test_a_look_that_takes_long_is_not_joined_by_another() -> None:
    tasks = WaitingTasks()
    cameras = Cameras(tasks, lambda: [YARD])
    cameras.look()
    cameras.look()
    assert tasks.names == ["cameras"]


def test_a_look_that_fails_leaves_no_camera_and_is_not_the_last() -> None:
    tasks, answers = WaitingTasks(), [[YARD], InferoscopeError("The system does not answer"), [GATE]]

    def ask() -> Sequence[CameraInfo]:
        answer = answers.pop(0)
        if isinstance(answer, InferoscopeError):
            raise answer
        return answer

    cameras, seen = Cameras(tasks, ask), []
    for _ in range(3):
        cameras.look()
        tasks.run()
        seen.append(cameras.sources)
    assert seen == [("camera:Yard camera",), (), ("camera:Gate",)]


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("camera:0", "Camera 0"),
        ("camera:In/Out", "In/Out"),
        ("camera:Yard camera", "Yard camera"),
        ("/a/b.mp4", "b.mp4"),
    ],
)
def test_a_camera_is_called_by_its_name(source: str, title: str) -> None:
    assert source_title(source) == title
