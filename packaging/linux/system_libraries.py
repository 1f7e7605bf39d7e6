"""Check what must come from the system before anything is installed; install it where that is possible.

Runs with the person's own Python, before there is an environment, so it needs nothing but the standard library.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys

LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libfontconfig.so.1": "libfontconfig1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}
"""What the wheels of opencv-python and Qt take from the system: library -> package in Debian and Ubuntu."""


def main() -> int:
    """Return 0 when everything is there, 1 after one sentence that says what to type."""
    if sys.platform != "linux":
        return 0
    libraries = [name for name in LIBRARIES if not _loads(name)]
    packages = [LIBRARIES[name] for name in libraries]
    if importlib.util.find_spec("ensurepip") is None:
        packages.append(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    if not packages:
        return 0
    if shutil.which("apt-get") is None:
        missing = ", ".join(libraries) or "Python's module ensurepip"
        return _stop(f"Inferoscope needs {missing}: install it with your system's package manager, then try again.")
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    if os.geteuid() == 0 and _install(install):
        return 0
    names = " and ".join(packages)
    return _stop(f"Inferoscope needs {names} from the system. Type: sudo {' '.join(install)}")


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _install(command: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return all(subprocess.call(step, env=environment) == 0 for step in (["apt-get", "update"], command))


def _stop(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
