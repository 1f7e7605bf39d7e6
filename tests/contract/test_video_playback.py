"""Recorded videos in the players of other people: Chromium and VLC."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from fakes import wait_until
from frame_results import make_detections, make_result
from numpy.typing import NDArray
from servers.http_server import HttpServer

from engine.opencv import cv2
from engine.sinks.video_clock import Clock, Timing
from engine.sinks.video_file import VideoFileSink

LIMIT_S = 60.0
FRAMES, RATE_HZ = 20, 10.0
SIZE = (321, 241)
"""Odd, as players do not like it."""

PAGE = """<!doctype html><video id="v" muted src="/NAME"></video><script>
const tell = facts => fetch("/told?" + new URLSearchParams(facts));
const grey = [];
const look = (_now, shown) => {
  const canvas = document.createElement("canvas");
  canvas.width = v.videoWidth; canvas.height = v.videoHeight;
  const context = canvas.getContext("2d");
  context.drawImage(v, 0, 0);
  grey.push(shown.mediaTime.toFixed(2) + ":" + context.getImageData(20, 200, 1, 1).data[0]);
  v.requestVideoFrameCallback(look);
};
v.requestVideoFrameCallback(look);
v.onerror = () => tell({error: v.error.message});
v.onended = () => tell({duration: v.duration, at: v.currentTime, width: v.videoWidth, height: v.videoHeight, grey});
v.play();
</script>"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may read: VLC does not play for the superuser."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


def grey_of(number: int) -> int:
    return 30 + 10 * number


def record(path: Path) -> None:
    """Two seconds with boxes, each picture brighter than the one before."""
    sink = VideoFileSink(path, lambda: Timing(Clock.MEDIA, RATE_HZ))
    sink.open()
    for number in range(FRAMES):
        image: NDArray[np.uint8] = np.full((SIZE[1], SIZE[0], 3), grey_of(number), np.uint8)
        found = make_detections((100, 40, 200, 150, 0.9, 0))
        sink.write(make_result(found, image=image, sequence=number, media_time_s=number / RATE_HZ))
    sink.close()


def find(*names: str) -> str:
    for name in names:
        if path := shutil.which(name):
            return path
    pytest.skip(f"{names[0]} is not installed")


def told_by_chromium(program: str, server: HttpServer, profile: Path) -> dict[str, str]:
    """Open the page, and wait for what it tells when the video has ended."""
    options = (
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
        *("--autoplay-policy=no-user-gesture-required", f"--user-data-dir={profile}"),
    )
    command = [program, *options, server.url("page.html")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            told: list[str] = []

            def has_told() -> bool:
                told[:] = [line for line in server.requests if "/told?" in line]
                return bool(told) or browser.poll() is not None

            assert wait_until(has_told, LIMIT_S) and told, "the page has told nothing"
        finally:
            browser.terminate()
    query = parse_qs(urlsplit(told[0].split()[1]).query)
    return {key: values[0] for key, values in query.items()}


def test_chromium_plays_the_webm_to_its_end_at_the_right_speed(folder: Path) -> None:
    program = find("chromium", "chromium-browser", "google-chrome")
    record(folder / "out.webm")
    files = {"page.html": PAGE.replace("NAME", "out.webm").encode(), "out.webm": (folder / "out.webm").read_bytes()}
    with HttpServer(files) as server:
        told = told_by_chromium(program, server, folder / "profile")

    assert "error" not in told
    assert float(told["duration"]) == pytest.approx(FRAMES / RATE_HZ, abs=0.05)
    assert float(told["at"]) == pytest.approx(FRAMES / RATE_HZ, abs=0.05)
    assert (told["width"], told["height"]) == ("322", "242")
    shown = [(float(time), int(value)) for time, value in re.findall(r"([\d.]+):(\d+)", told["grey"])]
    assert len(shown) >= FRAMES // 2, "a busy machine may leave out some"
    for time_s, value in shown:
        assert value == pytest.approx(grey_of(round(time_s * RATE_HZ)), abs=5), time_s


@pytest.mark.parametrize("name", ["out.mp4", "out.webm"])
def test_vlc_plays_the_video_to_its_end(folder: Path, name: str) -> None:
    program = find("cvlc")
    record(folder / name)
    (folder / name).chmod(0o644)
    pictures = folder / "pictures"
    pictures.mkdir()
    pictures.chmod(0o777)
    options = (
        *("--intf", "dummy", "--vout", "dummy", "--no-audio", "--play-and-exit", "--no-drop-late-frames"),
        *("--no-skip-frames", "--video-filter=scene", "--scene-ratio=1", "--scene-format=png"),
        f"--scene-path={pictures}",
    )
    nobody = {"user": 65534, "group": 65534} if os.getuid() == 0 else {}
    done = subprocess.run(
        [program, *options, str(folder / name)],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
        env={**os.environ, "HOME": str(folder)},
        **nobody,
    )
    assert done.returncode == 0, done.stderr
    assert "end of playlist" in done.stderr
    seen = [cv2.imread(str(file)) for file in sorted(pictures.iterdir())]
    greys = [int(image[200, 20, 1]) for image in seen if image is not None]
    assert greys == sorted(greys)
    shown = {round((grey - grey_of(0)) / 10) for grey in greys}
    assert shown <= set(range(FRAMES))
    assert len(shown) >= FRAMES // 2, f"a busy machine may leave out some: {greys}"
