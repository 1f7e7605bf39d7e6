"""What a Linux desktop wants of a program: a menu entry, icons, file types and a description for software centres."""

from __future__ import annotations

import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "packaging" / "linux"
FROZEN = ROOT / "dist" / "inferoscope"
METAINFO = "org.inferoscope.Inferoscope.metainfo.xml"
ICON = ROOT / "assets" / "icons" / "inferoscope.svg"
_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def version() -> str:
    """Of the program, as pyproject.toml has it."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def released() -> datetime:
    """When the source was last changed (SOURCE_DATE_EPOCH): every build of it has the same times."""
    return datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)


def put_desktop_files(share: Path) -> None:
    """Write everything below a ``share`` folder, such as /usr/share."""
    _put(share / "applications" / "inferoscope.desktop", (HERE / "inferoscope.desktop").read_bytes())
    _put(share / "mime" / "packages" / "inferoscope.xml", (HERE / "inferoscope.xml").read_bytes())
    told = (HERE / METAINFO).read_text(encoding="utf-8")
    told = told.replace("@VERSION@", version()).replace("@DATE@", f"{released():%Y-%m-%d}")
    _put(share / "metainfo" / METAINFO, told.encode())
    _put(share / "icons" / "hicolor" / "scalable" / "apps" / "inferoscope.svg", ICON.read_bytes())
    for size in _SIZES:
        target = share / "icons" / "hicolor" / f"{size}x{size}" / "apps" / "inferoscope.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        draw_icon(target, size)


def draw_icon(target: Path, size: int) -> None:
    """Draw the program's icon, so many pixels wide."""
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(ICON)).render(painter)
    painter.end()
    if not image.save(str(target)):
        raise OSError(f"{target} could not be written")


def _put(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
