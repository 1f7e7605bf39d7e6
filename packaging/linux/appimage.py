"""Builds the AppImage from the frozen program: one file that runs where it lies, without being installed."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from pathlib import Path

from desktop import FROZEN, HERE, ICON, ROOT, put_desktop_files, version

_LIBRARIES = ("squashfuse_ll", "squashfuse", "fuse3")
_DECOMPRESSORS = ("z", "zstd", "lzma", "lz4", "lzo2")
_NEEDS = "libsquashfuse-dev libfuse3-dev squashfs-tools zlib1g-dev libzstd-dev liblzma-dev liblz4-dev liblzo2-dev gcc"
_TYPE_2 = b"AI\x02"
"""At byte 8 of the file, by which desktops know an AppImage."""


def main() -> None:
    """Build it; prints where it is."""
    work = ROOT / "build" / "appimage"
    shutil.rmtree(work, ignore_errors=True)
    tree = _tree(work / "AppDir")
    head, files = _runtime(work / "runtime"), work / "files.squashfs"
    pack = ["-comp", "zstd", "-Xcompression-level", "19", "-root-owned", "-noappend", "-no-progress", "-quiet"]
    subprocess.run(["mksquashfs", tree, files, *pack], check=True)
    image = ROOT / "dist" / f"Inferoscope-{version()}-{platform.machine()}.AppImage"
    with image.open("wb") as file:
        file.write(head)
        with files.open("rb") as packed:
            shutil.copyfileobj(packed, file)
    image.chmod(0o755)
    print(f"{image}: {image.stat().st_size / 1e6:.1f} MB")


def _tree(tree: Path) -> Path:
    shutil.copytree(FROZEN, tree / "inferoscope", symlinks=True)
    put_desktop_files(tree / "usr" / "share")
    shutil.copyfile(HERE / "inferoscope.desktop", tree / "inferoscope.desktop")
    shutil.copyfile(ICON, tree / "inferoscope.svg")
    shutil.copyfile(ROOT / "LICENSE", tree / "LICENSE")
    (tree / ".DirIcon").symlink_to("usr/share/icons/hicolor/256x256/apps/inferoscope.png")
    (tree / "AppRun").symlink_to("inferoscope/inferoscope")
    return tree


def _runtime(target: Path) -> bytes:
    """The program at the head of the file, linked statically so that it needs nothing of the system."""
    folder = subprocess.run(["gcc", "-print-multiarch"], check=True, capture_output=True, text=True).stdout.strip()
    static = [f"/usr/lib/{folder}/lib{name}.a" for name in _LIBRARIES]
    libraries = [f"-l{name}" for name in _DECOMPRESSORS]
    source = HERE / "appimage_runtime.c"
    command = ["gcc", "-O2", "-s", "-static", "-I/usr/include/squashfuse", source, "-o", target, *static, *libraries]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        told = getattr(error, "stderr", "") or str(error)
        raise SystemExit(f"The head of the AppImage cannot be built; it needs {_NEEDS}.\n{told}") from error
    head = bytearray(target.read_bytes())
    head[8:11] = _TYPE_2
    return bytes(head)


if __name__ == "__main__":
    sys.exit(main())
