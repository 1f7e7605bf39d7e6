"""Write the licences of everything that is shipped into one file: ``python packaging/licences.py [FILE]``.

Without a FILE it goes to assets/licences.txt, where the program looks for it. It tells of this environment, or with
``--program dist/inferoscope --modules PYZ-00.toc`` of what PyInstaller put into the frozen program.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from parts import HERE, Part, asked

DEFAULT = HERE.parent / "assets" / "licences.txt"
_WIDTH = 100
_HEAD = """\
Inferoscope: licences of what it is made of

Inferoscope itself is under the Apache License, Version 2.0. With it comes the work of others, listed here with its
licence; the texts follow. Where a text stands under another part, the list says so.

Parts under the LGPL, Qt and FFmpeg among them, are libraries in files of their own: you may replace them with your own
builds. Their sources are to be had from https://download.qt.io and https://ffmpeg.org, in the versions that these
libraries name.
"""


def write(path: Path, parts: Iterable[Part]) -> None:
    """Write a table of the parts, then each licence text once."""
    shipped = [part for part in parts if not part.left_out]
    path.write_text("\n".join([_HEAD, *map(_line, shipped), "", *_texts(shipped)]), encoding="utf-8", newline="\n")


def _line(part: Part) -> str:
    where = f"   (text under {part.within})" if part.within else ""
    return f"{f'{part.name} {part.version}'.strip():<40} {part.licence}{where}"


def _texts(parts: Iterable[Part]) -> Iterable[str]:
    seen: dict[str, str] = {}
    for part in parts:
        for path in part.texts:
            content = path.read_text(encoding="utf-8", errors="replace").replace("\f", "\n").strip("\n")
            yield f"\n{'=' * _WIDTH}\n{part.name}: {path.name}\n{'=' * _WIDTH}\n"
            yield f"The same as {seen[content]}." if content in seen else content
            seen.setdefault(content, f"{part.name}: {path.name}")


if __name__ == "__main__":
    request = asked(__doc__, DEFAULT)
    write(request.file, request.parts)
