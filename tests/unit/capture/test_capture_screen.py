"""Screens: chosen by number, paced by a clock, lost and found again. The display is one of paper, or virtual."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from types import SimpleNamespace
from typing import Any

import mss
import pytest

from engine.capture.screen import ScreenSource, list_screens
from engine.capture.source import SourceOptions, SourceState, Wait
from engine.errors import SourceError
from engine.frames import Frame

MONITORS = (
    {"left": 0, "top": 0, "width": 24, "height": 4},
    {"left": 0, "top": 0, "width": 16, "height": 4, "output": "HDMI-1"},
    {"left": 16, "top": 0, "width": 8, "height": 2, "name": "Projector"},
)


class PaperDisplay:
    """Two monitors; the second one has two pixels for each unit."""

    def __init__(self) -> None:
        self.now_s = 50.0
        self.works = True
        self.grabs = self.opened = self.closed = 0
        self.monitors = MONITORS

    def open(self) -> PaperDisplay:
        if not self.works:
            raise mss.ScreenShotError("Cannot connect to display")
        self.opened += 1
        return self

    def close(self) -> None:
        self.closed += 1

    def grab(self, monitor: dict[str, Any]) -> SimpleNamespace:
        if not self.works:
            raise mss.ScreenShotError("connection lost")
        self.grabs += 1
        scale = 2 if monitor.get("name") else 1
        width, height = monitor["width"] * scale, monitor["height"] * scale
        return SimpleNamespace(raw=bytearray((10, 20, 30, 255) * width * height), width=width, height=height)

    def source(self, wanted: str = "0", rate_hz: float | None = None) -> ScreenSource:
        options = SourceOptions(rate_hz=rate_hz)
        source = ScreenSource(wanted, options, open_=self.open, clock=lambda: self.now_s)
        source.open()
        return source


def test_the_screens_are_listed() -> None:
    display = PaperDisplay()
    screens = list_screens(display.open)
    assert [(screen.index, screen.name, screen.width) for screen in screens] == [(0, "HDMI-1", 16), (1, "Projector", 8)]
    assert display.closed == 1


def test_a_screen_is_delivered_in_its_real_pixels() -> None:
    source = PaperDisplay().source("1")
    frame = source.read()
    assert isinstance(frame, Frame)
    assert (frame.width, frame.height, frame.image[0, 0].tolist()) == (16, 4, [10, 20, 30])
    assert source.info is not None
    assert (source.info.kind, source.info.title, source.info.width, source.info.height) == (
        "screen",
        "Projector",
        16,
        4,
    )
    assert (source.live, frame.media_time_s, frame.source_id) == (True, None, "screen:1")


def test_pictures_are_taken_when_they_are_due() -> None:
    display = PaperDisplay()
    source = display.source(rate_hz=10.0)
    assert isinstance(source.read(), Frame)
    item = source.read()
    assert isinstance(item, Wait)
    assert item.seconds == pytest.approx(0.1)
    display.now_s += 0.04
    item = source.read()
    assert isinstance(item, Wait)
    assert item.seconds == pytest.approx(0.06)
    display.now_s += 0.061
    assert isinstance(source.read(), Frame)
    display.now_s += 5.0
    assert isinstance(source.read(), Frame)
    assert isinstance(source.read(), Wait), "what was missed is not made up for"


def test_the_rate_holds_on_average_though_each_wait_is_a_little_long() -> None:
    display = PaperDisplay()
    source = display.source(rate_hz=20.0)
    frames = 0
    while display.now_s < 60.0:
        item = source.read()
        frames += isinstance(item, Frame)
        display.now_s += item.seconds + 0.004 if isinstance(item, Wait) else 0.001
    assert frames == pytest.approx(200, abs=3)


def test_an_unknown_screen_is_answered_with_those_there_are() -> None:
    display = PaperDisplay()
    with pytest.raises(SourceError, match="There is no such screen") as caught:
        display.source("7")
    assert "screen:0 (HDMI-1), screen:1 (Projector)" in str(caught.value)
    assert display.closed == 1


def test_a_display_that_goes_away_is_looked_for_again() -> None:
    display = PaperDisplay()
    source = display.source()
    source.read()
    display.works = False
    for attempt, delay_s in enumerate((1, 2, 4), start=1):
        display.now_s += 5.0
        assert source.read() == Wait(delay_s)
        assert (source.status.state, source.status.attempt) == (SourceState.RECONNECTING, attempt)
    display.works = True
    display.now_s += 4.0
    frame = source.read()
    assert isinstance(frame, Frame)
    assert (frame.sequence, source.status.state) == (1, SourceState.LIVE)
    source.close()
    source.close()
    assert display.closed == display.opened == 2


def test_a_screen_cannot_be_sought_in() -> None:
    with pytest.raises(SourceError, match="no past"):
        PaperDisplay().source().seek_time(1.0)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_there_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(SourceError, match="There is no display whose picture can be taken"):
        ScreenSource("0", SourceOptions()).open()


@pytest.mark.skipif(shutil.which("xvfb-run") is None, reason="no virtual display is installed (xvfb)")
def test_a_virtual_display_is_seen() -> None:
    script = """
        from engine.capture.screen import ScreenSource
        from engine.capture.source import SourceOptions
        source = ScreenSource("0", SourceOptions())
        source.open()
        frame = source.read()
        print(frame.width, frame.height, source.info.rate_hz)
        source.close()
    """
    run = ["xvfb-run", "-a", "-s", "-screen 0 800x600x24", sys.executable, "-c", textwrap.dedent(script)]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "800 600 15.0\n", done.stderr
