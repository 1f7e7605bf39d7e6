"""Native libraries write to file descriptor 2 past Python: nothing secret may come out there, whatever happens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from servers.clips import clock_clip
from servers.http_server import HttpServer
from servers.loopback import Login
from servers.rtsp_server import RtspServer

WANTS_LOGS = {
    "OPENCV_LOG_LEVEL": "VERBOSE",
    "OPENCV_VIDEOIO_DEBUG": "1",
    "OPENCV_FFMPEG_DEBUG": "1",
    "OPENCV_FFMPEG_LOGLEVEL": "56",
}
PLAIN = "import sys, cv2; [cv2.VideoCapture(address, cv2.CAP_FFMPEG) for address in sys.argv[1:]]"
OURS = """
import sys
from network_driver import Drive
for address in sys.argv[1:]:
    with Drive(address) as drive:
        drive.until(lambda: drive.source.status.reason is not None or len(drive.frames) > 3)
        print(drive.source.status.reason, drive.source.source_id)
"""


def run(code: str, *addresses: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(Path(__file__).parents[up]) for up in (0, 1, 2))
    environment = os.environ | WANTS_LOGS | {"PYTHONPATH": paths}
    return subprocess.run(
        [sys.executable, "-c", code, *addresses],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def with_login(address: str, password: str) -> str:
    return address.replace("//", f"//annsuser:{password}@") + "?token=hush"


@pytest.fixture
def closed_address() -> str:
    with RtspServer(clock_clip()) as gone:
        return with_login(gone.url, "hush")


def test_nothing_secret_reaches_standard_error(closed_address: str) -> None:
    login = Login("Digest", "annsuser", "hush")
    with RtspServer(clock_clip(rate_hz=90), login=login) as rtsp, HttpServer({"a.mp4": b"no"}, login=login) as http:
        outcome = run(
            OURS,
            with_login(rtsp.url, "hush"),
            with_login(rtsp.url, "hushwrong"),
            closed_address,
            with_login(http.url("a.mp4"), "hush"),
            with_login(http.url("none.mp4"), "hush"),
        )
    assert [line.split(" rtsp")[0].split(" http")[0] for line in outcome.stdout.splitlines()] == [
        "None",
        "authentication",
        "refused",
        "codec",
        "not found",
    ]
    assert outcome.stderr == ""
    assert "hush" not in outcome.stdout
    assert "annsuser" not in outcome.stdout


def test_opencv_by_itself_would_have_told_the_password(closed_address: str) -> None:
    assert "annsuser:hush@" in run(PLAIN, closed_address).stderr
