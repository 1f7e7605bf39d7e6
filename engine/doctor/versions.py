"""Which versions of what are at work: found without loading any of them."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from engine.backends.processor import core_count, processor_name

_PACKAGES = {
    "inferoscope": "inferoscope",
    "numpy": "numpy",
    "opencv": "opencv-python",
    "onnxruntime": "onnxruntime",
    "openvino": "openvino",
    "pyside6": "PySide6-Essentials",
}
"""Key -> distribution."""
_FEATURES = (
    *("avx", "avx2", "fma", "f16c", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni"),
    *("amx_bf16", "amx_int8", "asimd", "asimddp", "fphp", "i8mm", "bf16", "sve"),
)
"""What runtimes compute faster with, as Linux writes it."""


def versions() -> dict[str, object]:
    """The document that docs/json.md describes."""
    return {
        **{key: _version(package) for key, package in _PACKAGES.items()},
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": processor_name(),
        "processor_features": processor_features(),
        "cores": core_count(),
        "memory_bytes": psutil.virtual_memory().total,
        "frozen": bool(getattr(sys, "frozen", False)),
    }


def processor_features() -> list[str]:
    """Instructions that matter to runtimes, as Linux names them; empty where the system does not tell."""
    file = Path("/proc/cpuinfo")
    if not file.is_file():
        return []
    for line in file.read_text(encoding="utf-8").splitlines():
        key, _, flags = line.partition(":")
        if key.strip() in ("flags", "Features"):
            return [feature for feature in _FEATURES if feature in flags.split()]
    return []


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
