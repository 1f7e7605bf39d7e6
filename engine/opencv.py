"""The one door to OpenCV: process-wide settings are made here, once, before anything uses it.

The Linux wheel points Qt at its own plug-ins on import, which would break a window of our own; FFmpeg's native logs
hold user names and passwords of addresses, so they are silenced before the library is loaded.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
_qt_before = {name: os.environ.get(name) for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")}

import cv2  # noqa: E402

for _name, _value in _qt_before.items():
    if _value is None:
        os.environ.pop(_name, None)
    else:
        os.environ[_name] = _value

__all__ = ["cv2"]
