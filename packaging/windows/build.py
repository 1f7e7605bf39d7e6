"""Compile the installer for Windows from the frozen program: ``python packaging/windows/build.py``.

It needs NSIS 3.08 or newer with its 64-bit part, which Debian's and Ubuntu's package has and the one for Windows has
not. So it runs on Linux; what it packs must have been frozen on Windows.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "packaging" / "windows"
MACHINE = "x86_64"


def version() -> str:
    """Of the program, as pyproject.toml has it."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def four_numbers(version: str) -> str:
    """The form in which Windows keeps a version: 0.2.0rc1 is 0.2.0.0."""
    numbers = re.match(r"\d+(\.\d+)*", version)
    if numbers is None:
        raise ValueError(f"{version} does not begin with a number, as a version must.")
    return ".".join([*numbers[0].split("."), "0", "0", "0"][:4])


def write_licence_pages(folder: Path) -> None:
    """Write the licence page of each language: a note in it, then the licence, which is English."""
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    for language, note in tomllib.loads((HERE / "licence_notes.toml").read_text(encoding="utf-8")).items():
        page = f"{note.strip()}\n\n{'-' * 70}\n\n{licence.strip()}\n"
        (folder / f"{language}.txt").write_text(page, encoding="utf-8-sig", newline="\r\n")


def build(program: Path, output: Path, version: str, makensis: str = "makensis") -> None:
    """Compile it; a warning fails.

    Raises:
        subprocess.CalledProcessError: makensis has said why.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_licence_pages(Path(folder))
        defines = {
            "VERSION": version,
            "FOUR_NUMBERS": four_numbers(version),
            "PROGRAM": program.resolve(),
            "LICENCES": folder,
            "ICON": HERE / "inferoscope.ico",
            "SIDE": HERE / "side.bmp",
            "OUTPUT": output.resolve(),
        }
        arguments = [f"-D{name}={value}" for name, value in defines.items()]
        command = [makensis, "-V2", "-WX", "-INPUTCHARSET", "UTF8", *arguments, str(HERE / "inferoscope.nsi")]
        subprocess.run(command, check=True)


def main() -> None:
    """Read the command line, build it, say where it is."""
    parser = argparse.ArgumentParser(description="Compile the installer for Windows from the frozen program.")
    parser.add_argument(
        "--program", type=Path, default=ROOT / "dist" / "inferoscope", help="the frozen program's folder"
    )
    parser.add_argument("--output", type=Path, help="the installer to write")
    parser.add_argument("--makensis", default="makensis", help="NSIS's compiler, where it is not on the path")
    arguments = parser.parse_args()
    output = arguments.output or ROOT / "dist" / f"inferoscope_{version()}_{MACHINE}_setup.exe"
    if not (arguments.program / "inferoscope-window.exe").is_file():
        sys.exit(f"{arguments.program} holds no program frozen for Windows: run PyInstaller there first.")
    build(arguments.program, output, version(), arguments.makensis)
    print(f"{output}: {output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
