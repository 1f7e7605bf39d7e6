"""What may not be shipped: parts under the GPL or AGPL, and encoders under the GPL inside the wheels' libraries.

An allow-list decides: a licence that nobody has weighed fails as well. Run it by hand with
``python packaging/copyleft.py [FOLDER OF THE FROZEN PROGRAM]``; 1 where something is wrong.
"""

from __future__ import annotations

import mmap
import sys
from collections.abc import Iterable
from pathlib import Path

from license_expression import AND, LicenseSymbol, LicenseWithExceptionSymbol, get_spdx_licensing
from parts import TABLE, Part, UnknownPartError, installed, native_parts, natives_below, natives_of, run_time

_SPDX = get_spdx_licensing()
_ALLOWED = set(TABLE["allowed"]["licences"])
_ENCODERS = [word.encode() for word in TABLE["telltales"]["encoders"]]


def may_ship(licence: str) -> bool:
    """Whether an SPDX expression can be kept with licences of the allow-list alone: every one of AND, any one of OR."""
    return _may_ship(_SPDX.parse(licence))


def wrong_licences(parts: Iterable[Part]) -> list[str]:
    """A sentence for each part that may not be shipped."""
    return [
        f"{part.name} is under {part.licence}." for part in parts if not part.left_out and not may_ship(part.licence)
    ]


def wrong_bytes(files: Iterable[Path]) -> list[str]:
    """A sentence for each library whose bytes tell of an encoder under the GPL, or of having been built with one."""
    return [f"{file.name} holds {word!r}: it has parts under the GPL." for file in files for word in _telltales(file)]


def wrong_in_environment() -> list[str]:
    """What is wrong with the run-time dependencies installed here. Parts that installers leave out are passed over."""
    libraries = [file for distribution in run_time().values() for file in natives_of(distribution)]
    return wrong_licences(installed()) + wrong_bytes(libraries)


def wrong_in_program(folder: Path) -> list[str]:
    """What is wrong with a frozen program."""
    libraries = natives_below(folder)
    inside = native_parts(libraries)
    left = [
        f"{file.name} is there: {part.name}, {part.licence}." for part in inside if part.left_out for file in part.files
    ]
    return left + wrong_licences(inside) + wrong_bytes(libraries)


def _may_ship(expression: object) -> bool:
    if isinstance(expression, LicenseSymbol | LicenseWithExceptionSymbol):
        return str(expression) in _ALLOWED
    answers = map(_may_ship, expression.args)  # type: ignore[attr-defined]
    return all(answers) if isinstance(expression, AND) else any(answers)


def _telltales(file: Path) -> list[str]:
    if file.stat().st_size == 0:
        return []
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return [word.decode() for word in _ENCODERS if content.find(word) >= 0]


def main() -> int:
    """Print what is wrong."""
    try:
        sentences = wrong_in_program(Path(sys.argv[1])) if len(sys.argv) > 1 else wrong_in_environment()
    except UnknownPartError as error:
        sentences = [str(error)]
    print("\n".join(sentences) or "Everything may be shipped.")
    return bool(sentences)


if __name__ == "__main__":
    sys.exit(main())
