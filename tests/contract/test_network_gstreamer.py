"""Network sources against an RTSP server that others have written: GStreamer's, where its packages are installed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.capture.network import NetworkSource
from engine.capture.source import SourceOptions, SourceState
from engine.errors import SourceReason
from engine.frames import Frame

PYTHON = "/usr/bin/python3"
SCRIPT = Path(__file__).parents[1] / "servers" / "gstreamer_server.py"
CHECK = """
import gi
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
assert all(Gst.ElementFactory.find(name) for name in ("videotestsrc", "x264enc", "rtph264pay"))
"""
LIMIT_S = 20.0


@pytest.fixture(scope="module", autouse=True)
def _packages() -> None:
    if not Path(PYTHON).exists() or subprocess.run([PYTHON, "-c", CHECK], capture_output=True, check=False).returncode:
        pytest.skip(
            "GStreamer's RTSP server is not here: apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 "
            "gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly"
        )


@contextmanager
def gstreamer(protocol: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A running server: its address and process."""
    command = [PYTHON, str(SCRIPT), protocol]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"rtsp://127.0.0.1:{process.stdout.readline().strip()}", process
        process.kill()


def read_until_live(source: NetworkSource, count: int) -> list[Frame]:
    frames: list[Frame] = []
    end_s = time.monotonic() + LIMIT_S
    while len(frames) < count:
        assert time.monotonic() < end_s, source.status
        outcome = source.read()
        if isinstance(outcome, Frame):
            frames.append(outcome)
    return frames


@pytest.mark.parametrize("protocol", ["TCP", "UDP"])
def test_a_live_stream_of_gstreamer(protocol: str) -> None:
    with gstreamer(protocol) as (address, process):
        source = NetworkSource(f"{address}/yard", SourceOptions())
        source.open()
        frames = read_until_live(source, 60)
        info = source.info
        assert source.status.state is SourceState.LIVE
        assert info is not None
        assert (info.width, info.height, info.codec, info.rate_hz) == (320, 240, "h264", 30.0)
        media_s = (frames[-1].media_time_s or 0.0) - (frames[0].media_time_s or 0.0)
        real_s = (frames[-1].captured_ns - frames[0].captured_ns) / 1e9
        assert media_s == pytest.approx(real_s, abs=0.3)
        process.kill()
        while source.status.state is SourceState.LIVE:
            source.read()
        assert source.status.reason is SourceReason.ENDED
        source.close()


def test_a_stream_gstreamer_does_not_have() -> None:
    with gstreamer("TCP") as (address, _):
        source = NetworkSource(f"{address}/garden", SourceOptions())
        source.open()
        while source.status.state is SourceState.CONNECTING:
            source.read()
        assert source.status.reason is SourceReason.NOT_FOUND
        source.close()
