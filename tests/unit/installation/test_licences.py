"""What may be shipped, and the file that names it: nothing under the GPL gets in unseen."""

from __future__ import annotations

import importlib
from email.message import Message
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(PACKAGING))
    return importlib.import_module("parts")


@pytest.fixture
def copyleft(parts: Any) -> Any:
    return importlib.import_module("copyleft")


@pytest.fixture
def licences(parts: Any) -> Any:
    return importlib.import_module("licences")


def test_nothing_under_the_gpl_is_in_what_the_program_needs_to_run(copyleft: Any) -> None:
    assert copyleft.wrong_in_environment() == []


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only", "SSPL-1.0", "LicenseRef-Ours"]
)
def test_a_part_under_such_a_licence_is_found(parts: Any, copyleft: Any, licence: str) -> None:
    (sentence,) = copyleft.wrong_licences([parts.Part("planted", "1.0", licence), parts.Part("fine", "1.0", "MIT")])
    assert sentence == f"planted is under {licence}."


@pytest.mark.parametrize("licence", ["MIT", "LGPL-3.0-only OR GPL-3.0-only", "GPL-3.0-or-later WITH GCC-exception-3.1"])
def test_a_licence_that_leaves_us_ours_may_be_shipped(copyleft: Any, licence: str) -> None:
    assert copyleft.may_ship(licence)


@pytest.mark.parametrize(
    "planted",
    [b"--prefix=/x --enable-gpl --enable-libx264", b"x264_encoder_open_165", b"libx265.so.216", b"xvid_encore"],
)
def test_an_encoder_under_the_gpl_inside_a_library_is_found(copyleft: Any, tmp_path: Path, planted: bytes) -> None:
    library = tmp_path / "libavcodec.so.62"
    library.write_bytes(b"\x7fELF" + bytes(5000) + planted + bytes(5000))
    assert any(sentence.startswith("libavcodec.so.62 holds") for sentence in copyleft.wrong_in_program(tmp_path))


def test_a_wheel_that_really_holds_such_encoders_is_found(parts: Any, copyleft: Any) -> None:
    """PyAV, which only tests use: were it needed to run the program, the check above would say so."""
    libraries = parts.natives_of(metadata.distribution("av"))
    found = copyleft.wrong_bytes(libraries)
    assert any("libavcodec" in sentence and "libx264" in sentence for sentence in found)


def test_what_is_under_the_gpl_in_a_wheel_must_not_lie_in_a_frozen_program(copyleft: Any, tmp_path: Path) -> None:
    for name in ("libQt6Core.so.6", "libQt6Lottie.so.6", "libreadline.so.8"):
        (tmp_path / name).write_bytes(b"\x7fELF")
    assert [sentence.split()[0] for sentence in copyleft.wrong_in_program(tmp_path)] == [
        "libQt6Lottie.so.6",
        "libreadline.so.8",
    ]


def test_a_library_that_nobody_has_looked_at_is_not_let_through(parts: Any, copyleft: Any, tmp_path: Path) -> None:
    for name in ("libnobodyknows.so.1", "other.dll"):
        (tmp_path / name).write_bytes(b"\x7fELF")
    with pytest.raises(parts.UnknownPartError, match=r"libnobodyknows\.so\.1, other\.dll"):
        copyleft.wrong_in_program(tmp_path)


@pytest.mark.parametrize(
    ("field", "words", "expected"),
    [
        ("License-Expression", "AGPL-3.0-only", "AGPL-3.0-only"),
        ("License", "MIT License", "MIT"),
        ("Classifier", "License :: OSI Approved :: Apache Software License", "Apache-2.0"),
    ],
)
def test_the_licence_is_read_from_whatever_field_has_it(parts: Any, field: str, words: str, expected: str) -> None:
    assert parts.licence_of(Planted(**{field: words})) == expected


@pytest.mark.parametrize("words", ["BSD", "GNU General Public License v3 or later (GPLv3+)", ""])
def test_words_that_do_not_name_one_licence_are_asked_about(parts: Any, words: str) -> None:
    with pytest.raises(parts.UnknownPartError, match="planted"):
        parts.licence_of(Planted(License=words))


def test_every_part_is_named_with_its_licence_and_has_a_text(parts: Any, licences: Any, tmp_path: Path) -> None:
    installed = parts.installed()
    licences.write(tmp_path / "licences.txt", installed)
    content = (tmp_path / "licences.txt").read_text(encoding="utf-8")
    with_text = {
        "python" if part.name == "Python" else parts.canonicalize_name(part.name) for part in installed if part.texts
    }
    for part in installed:
        if not part.left_out:
            assert f"{part.name} {part.version}".strip() in content
            assert part.texts or part.within in with_text, part.name
    for words in ("GNU LESSER GENERAL PUBLIC LICENSE", "Mozilla Public License", "The FreeType Project LICENSE"):
        assert words in content


def test_the_file_is_the_same_every_time(parts: Any, licences: Any, tmp_path: Path) -> None:
    for name in ("one", "two"):
        licences.write(tmp_path / name, parts.installed())
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


class Planted(metadata.Distribution):
    """A distribution that says one thing about its licence."""

    def __init__(self, **fields: str) -> None:
        self._metadata = Message()
        for name, value in {"Name": "planted", "Version": "1.0", **fields}.items():
            self._metadata[name.replace("_", "-")] = value

    @property
    def metadata(self) -> Any:
        return self._metadata

    def read_text(self, filename: str) -> str | None:
        return None

    def locate_file(self, path: Any) -> Any:
        return Path(path)
