"""Builds the .deb from the frozen program: everything in /opt/inferoscope, a command, and what the desktop wants."""

from __future__ import annotations

import gzip
import platform
import shutil
import subprocess
import sys
from email.utils import format_datetime
from pathlib import Path

from desktop import FROZEN, ROOT, put_desktop_files, released, version

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_DEPENDS = "libc6 (>= 2.34), libxcb1, libx11-6, libgl1, libegl1, fontconfig-config, hicolor-icon-theme"
_MAINTAINER = "The Inferoscope authors <authors@inferoscope.invalid>"

_CONTROL = """\
Package: inferoscope
Version: {version}
Architecture: {architecture}
Section: science
Priority: optional
Maintainer: {maintainer}
Installed-Size: {kilobytes}
Depends: {depends}
Recommends: desktop-file-utils, shared-mime-info
Description: oscilloscope for vision models
 Load a model (ONNX, OpenVINO), stream a webcam, a video or a network camera,
 and see what it finds over the picture, with live traces of frame rate and
 latency. Builds smaller and faster variants of a model and proves each on
 your own frames.
"""


def main() -> None:
    """Build it; prints where it is."""
    architecture = _ARCHITECTURES[platform.machine()]
    tree = ROOT / "build" / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(FROZEN, tree / "opt" / "inferoscope", symlinks=True)
    command = tree / "usr" / "bin" / "inferoscope"
    command.parent.mkdir(parents=True)
    command.symlink_to("/opt/inferoscope/inferoscope")
    put_desktop_files(tree / "usr" / "share")
    _put_documents(tree / "usr" / "share" / "doc" / "inferoscope")
    _put_control(tree, architecture)
    _harmonise(tree)
    package = ROOT / "dist" / f"inferoscope_{version()}_{architecture}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zzstd", "-z19", "--build", tree, package], check=True)
    print(f"{package}: {package.stat().st_size / 1e6:.1f} MB")


def _put_documents(folder: Path) -> None:
    folder.mkdir(parents=True)
    shutil.copyfile(ROOT / "LICENSE", folder / "copyright")
    shutil.copyfile(FROZEN / "_internal" / "assets" / "licences.txt", folder / "licences.txt")
    entry = (
        f"inferoscope ({version()}) stable; urgency=medium\n\n  * See CHANGELOG.md.\n\n"
        f" -- {_MAINTAINER}  {format_datetime(released())}\n"
    )
    with (folder / "changelog.gz").open("wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(entry.encode())


def _put_control(tree: Path, architecture: str) -> None:
    size = sum(file.lstat().st_size for file in tree.rglob("*") if not file.is_dir())
    control = tree / "DEBIAN" / "control"
    control.parent.mkdir()
    control.write_text(
        _CONTROL.format(
            version=version(),
            architecture=architecture,
            maintainer=_MAINTAINER,
            kilobytes=-(-size // 1024),
            depends=_DEPENDS,
        ),
        encoding="utf-8",
    )


def _harmonise(tree: Path) -> None:
    """Everybody may read everything, and nobody's mask shows."""
    for path in tree.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


if __name__ == "__main__":
    sys.exit(main())
