"""What is shipped: the program's run-time dependencies, and what lies inside their wheels.

The environment is what is asked, so the answer is about the machine this runs on: its wheels hold other libraries than
those for another system. What the wheels do not tell stands in parts.toml.
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).resolve().parent
TABLE: dict[str, Any] = tomllib.loads((HERE / "parts.toml").read_text(encoding="utf-8"))
PROGRAM = "inferoscope"
_TEXT_NAMES = ("licen", "copying", "notice", "third-party", "thirdparty")
_NATIVE = re.compile(r"\.(so(\.[\d.]+\w?)?|dll|dylib|pyd)$|\.framework/Versions/\w+/\w+$", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(cpython-[^/]*|abi3|cp\d+-[^/]*)\.(so|pyd)$|\.pyd$")
"""Modules of Python made by a wheel's own people: they have the wheel's licence."""


class UnknownPartError(Exception):
    """A library or a licence that nobody has looked at yet; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of others that is shipped.

    Attributes:
        name: As its makers write it.
        version: "" where it is not known.
        licence: An SPDX expression.
        texts: Its licence files; empty where ``within`` names the part whose texts hold it.
        within: The distribution whose wheel holds it, "" for a part of its own.
        files: Its native libraries.
        home: Where it comes from, "" where that is not known.
        left_out: It lies in a wheel, and never goes into an installer.
        package: The kind of package it comes as, in the words of a package URL.
    """

    name: str
    version: str
    licence: str
    texts: tuple[Path, ...] = ()
    within: str = ""
    files: tuple[Path, ...] = ()
    home: str = ""
    left_out: bool = False
    package: str = "generic"


@dataclass(frozen=True, slots=True)
class Request:
    """What a command line asks for: where to write, and about which parts."""

    file: Path
    parts: list[Part]


def asked(about: str, default: Path | None = None) -> Request:
    """Read ``[FILE] [--program FOLDER --modules FILE]``: without a program it is about the environment."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, nargs="?" if default else None, default=default, help="where to write it")
    parser.add_argument("--program", type=Path, help="the folder of a frozen program")
    parser.add_argument("--modules", type=Path, help="PYZ-00.toc in PyInstaller's work folder of the same build")
    arguments = parser.parse_args()
    if (arguments.program is None) != (arguments.modules is None):
        parser.error("--program and --modules go together")
    found = in_program(arguments.program, arguments.modules) if arguments.program else installed()
    return Request(arguments.file, found)


def installed() -> list[Part]:
    """Every part that the environment's wheels bring, the program itself left out, by name.

    Raises:
        UnknownPartError: A licence or a native library is not in the table.
    """
    distributions = list(run_time().values())
    return together(distributions, [file for found in distributions for file in natives_of(found)])


def together(distributions: Iterable[metadata.Distribution], libraries: Iterable[Path]) -> list[Part]:
    """These distributions, the parts to which these libraries belong, Python, and what is no package, by name.

    Raises:
        UnknownPartError: A licence or a native library is not in the table.
    """
    others = [_of_distribution(found) for found in distributions if canonicalize_name(found.name) != PROGRAM]
    parts = [*others, python(), *map(_own, TABLE["own"]), *native_parts(libraries)]
    return sorted(parts, key=lambda part: part.name.lower())


def in_program(folder: Path, modules: Path) -> list[Part]:
    """The parts inside a frozen program.

    Args:
        folder: What PyInstaller collected.
        modules: The list of modules in its archive, ``PYZ-00.toc`` in PyInstaller's work folder.
    """
    frozen = {name.partition(".")[0] for name, *_ in ast.literal_eval(modules.read_text(encoding="utf-8"))[1]}
    beside = {entry.name for entry in (*folder.iterdir(), *folder.glob("_internal/*"))}
    owners = metadata.packages_distributions()
    inside = {canonicalize_name(owner) for top in frozen | beside for owner in owners.get(top, ())}
    frozen_with = metadata.distribution("pyinstaller")
    distributions = [found for name, found in run_time().items() if name in inside]
    return together([*distributions, frozen_with], natives_below(folder))


def run_time(program: str = PROGRAM) -> dict[str, metadata.Distribution]:
    """What the program needs to run on this machine, itself included: canonical name -> distribution."""
    found: dict[str, metadata.Distribution] = {}
    names = [program]
    while names:
        name = canonicalize_name(names.pop())
        if name not in found:
            found[name] = metadata.distribution(name)
            needs = map(Requirement, found[name].requires or [])
            names += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return dict(sorted(found.items()))


def natives_of(distribution: metadata.Distribution) -> list[Path]:
    """The native libraries in its wheel."""
    return sorted(Path(str(file.locate())) for file in distribution.files or [] if _NATIVE.search(file.as_posix()))


def natives_below(folder: Path) -> list[Path]:
    """The native libraries of a frozen program."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and _NATIVE.search(path.as_posix()))


def native_parts(files: Iterable[Path]) -> list[Part]:
    """The rows of the table to which these libraries belong, with their files.

    Raises:
        UnknownPartError: A library fits no row.
    """
    members: dict[int, list[Path]] = {}
    unknown = []
    for file in files:
        index = _row(file)
        if index is not None:
            members.setdefault(index, []).append(file)
        elif not _EXTENSION.search(file.name):
            unknown.append(file.name)
    if unknown:
        names = ", ".join(unknown)
        raise UnknownPartError(f"Nobody has looked at {names} yet: find the licence and add it to parts.toml.")
    return [_native(TABLE["native"][index], paths) for index, paths in sorted(members.items())]


def python() -> Part:
    """The interpreter, which a frozen program carries."""
    base = Path(sys.base_prefix)
    library = base / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    texts = [path for path in (library / "LICENSE.txt", base / "LICENSE.txt") if path.is_file()]
    return Part(
        "Python", ".".join(map(str, sys.version_info[:3])), "PSF-2.0", tuple(texts[:1]), home="https://python.org"
    )


def licence_of(distribution: metadata.Distribution) -> str:
    """The SPDX expression of a distribution.

    Raises:
        UnknownPartError: Its metadata have words for it that the table does not know.
    """
    name = canonicalize_name(distribution.name)
    if name in TABLE["distributions"]:
        return str(TABLE["distributions"][name])
    for words in _licence_words(distribution):
        if words in TABLE["spdx"]:
            return str(TABLE["spdx"][words])
        if re.fullmatch(r"[A-Za-z0-9.+-]+( (OR|AND|WITH) [A-Za-z0-9.+-]+)*", words) and words != "BSD":
            return words
    raise UnknownPartError(
        f"What licence {distribution.name} is under is not clear: add it to [distributions] in parts.toml."
    )


def texts_of(distribution: metadata.Distribution) -> tuple[Path, ...]:
    """Its licence files, those included that the table adds; files of the same content once."""
    files = [Path(str(file.locate())) for file in distribution.files or [] if _is_text(file)]
    added = _named(TABLE["texts"].get(canonicalize_name(distribution.name), ()))
    contents = {path.read_bytes(): path for path in (*sorted(files), *added)}
    return tuple(contents.values())


def _of_distribution(distribution: metadata.Distribution) -> Part:
    return Part(
        distribution.name,
        distribution.version,
        licence_of(distribution),
        texts_of(distribution),
        files=tuple(path for path in natives_of(distribution) if _row(path) is None),
        home=_home_of(distribution),
        package="pypi",
    )


def _home_of(distribution: metadata.Distribution) -> str:
    """The first address that it names as its own, "" where it names none."""
    told = distribution.metadata
    named = [entry.partition(",")[2].strip() for entry in told.get_all("Project-URL") or []]
    return next((address for address in (told.get("Home-page") or "", *named) if address.startswith("http")), "")


def _licence_words(distribution: metadata.Distribution) -> Iterator[str]:
    yield distribution.metadata.get("License-Expression") or ""
    yield (distribution.metadata.get("License") or "").strip()
    for classifier in distribution.metadata.get_all("Classifier") or []:
        if classifier.startswith("License ::"):
            yield classifier.rsplit("::", 1)[-1].strip()


def _is_text(file: metadata.PackagePath) -> bool:
    where = file.as_posix().lower()
    name = file.name.lower()
    inside = ".dist-info/licenses/" in where
    return (inside or any(word in name for word in _TEXT_NAMES)) and not name.endswith((".py", ".pyc", ".pyi", ".svg"))


def _row(file: Path) -> int | None:
    """The place of its row in the table; None for a module that has the licence of its wheel, or that nobody knows."""
    where = "/" + file.as_posix()
    rows = enumerate(TABLE["native"])
    return next((index for index, row in rows if any(fnmatch.fnmatchcase(where, each) for each in row["files"])), None)


def _native(row: dict[str, Any], files: list[Path]) -> Part:
    return Part(
        row["name"],
        _version(row, files),
        row["licence"],
        _named(row.get("texts", ())),
        row.get("within", ""),
        tuple(files),
        row.get("home", ""),
        row.get("left_out", False),
    )


def _version(row: dict[str, Any], files: list[Path]) -> str:
    match row.get("version"):
        case "wheel":
            return metadata.version(row["within"])
        case "file":
            return next((match[1] for file in files if (match := re.search(r"\.so\.([\d.]+\w?)$", file.name))), "")
        case _:
            return ""


def _own(row: dict[str, Any]) -> Part:
    return Part(row["name"], row.get("version", ""), row["licence"], _named(row["texts"]), home=row["home"])


def _named(texts: Iterable[str]) -> tuple[Path, ...]:
    return tuple((HERE / "licence_texts" / name).resolve(strict=True) for name in texts)
