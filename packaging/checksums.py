"""Write SHA256SUMS of the files in a folder, for ``sha256sum --check``: ``python packaging/checksums.py dist``."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

NAME = "SHA256SUMS"


def write(folder: Path) -> Path:
    """Write the sums of the files right in the folder, by name."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != NAME)
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    target = folder / NAME
    target.write_text("".join(lines), encoding="utf-8", newline="\n")
    return target


if __name__ == "__main__":
    print(write(Path(sys.argv[1])))
