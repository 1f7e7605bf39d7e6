"""The one door to OpenCV: process-wide settings are made here, once, before anything uses it.

The Linux wheel points Qt at its own plug-ins on import, which would break a window of our own. The native logs of
OpenCV and FFmpeg hold user names and passwords of addresses, so they are silenced before the library is loaded, even
where the environment asks for them.

FFmpeg's options are read from the environment at each open and go to every file and stream alike, so only what harms
no file is set: RTSP over TCP first, over UDP where the server speaks nothing else. ``fflags;nobuffer`` loses the
beginning of local files, ``fpsprobesize;0`` doubles the frame rate of MPEG-TS files, and a short ``analyzeduration``
finds no picture in files whose video begins late; how network streams stay current without them is the matter of
``capture/network_stream.py``.

A camera that gives no picture is lost after 2 s (Video4Linux waits 10 s otherwise).

OpenCV would open one video at a time, files and recordings included: a camera that is silent for ten seconds would keep
every other one waiting. FFmpeg needs no such lock since version 4 (the wheels have 8), so it is taken away.
"""

from __future__ import annotations

import os
from pathlib import Path

MOST_PIXELS = 128_000_000
"""Larger pictures are refused before memory is taken for them (384 MB of BGR)."""

os.environ["OPENCV_LOG_LEVEL"] = "SILENT"
os.environ["OPENCV_FFMPEG_LOGLEVEL"] = "-8"
os.environ.pop("OPENCV_FFMPEG_DEBUG", None)
os.environ.pop("OPENCV_VIDEOIO_DEBUG", None)
os.environ["OPENCV_FFMPEG_IS_THREAD_SAFE"] = "1"
os.environ.setdefault("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_flags;prefer_tcp")
os.environ["OPENCV_IO_MAX_IMAGE_PIXELS"] = str(MOST_PIXELS)
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
_qt_before = {name: os.environ.get(name) for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")}

import cv2  # noqa: E402

for _name, _value in _qt_before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value


def share_threads(count: int) -> None:
    """Threads that one call of OpenCV may use: one number for the whole process.

    One is best beside lanes that fill the cores: fitting a picture takes 0.14 ms with one thread and with two. Only
    ``cv2.dnn`` gains by more, and only when one lane runs alone (yolox_nano on two cores: 9.5 ms, 16.8 with one).
    """
    cv2.setNumThreads(count)


share_threads(1)


def file_name(path: Path) -> str:
    """Name of a file as OpenCV takes it: absolute, so that no colon makes it a protocol, and UTF-8 in every locale.

    Raises:
        UnicodeDecodeError: The name is not UTF-8; OpenCV would crash.
    """
    return os.fsencode(path.absolute()).decode("utf-8")


__all__ = ["MOST_PIXELS", "cv2", "file_name", "share_threads"]
