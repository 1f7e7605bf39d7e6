"""The manual says what the program says, and leads nowhere where there is nothing."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from gui.presenters.manual import PAGES, Chapter, read_chapters

PROJECT = Path(__file__).resolve().parents[3]
MANUAL = PROJECT / "docs" / "manual"
PICTURES = MANUAL / "pictures"
LARGEST_PICTURE = 120_000
WITHOUT_REMEDY = {
    "It gives no picture",  # as the reason says, which has a place of its own
    "It gives no picture: ‹why›",
    "ONNX Runtime knows no device ‹device›",  # as the list of devices says
    "OpenCV knows no device ‹device›",
    "OpenCV ran no layer on ‹device›",
    "‹place› took no part of the model",
    "This is ‹kind›, not a model that can be run",  # as the table below it says
}
"""Messages whose remedy depends on what is filled in."""


def script(name: str) -> ModuleType:
    sys.path.insert(0, str(PROJECT / "packaging"))
    try:
        spec = importlib.util.spec_from_file_location(name, PROJECT / "packaging" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(PROJECT / "packaging"))
    return module


@pytest.fixture(scope="module")
def chapters() -> tuple[Chapter, ...]:
    return read_chapters(MANUAL)


def text_of(chapter: Chapter) -> str:
    return (MANUAL / chapter.file).read_text(encoding="utf-8")


def links(words: str) -> list[str]:
    return re.findall(r"(?<!!)\[[^\]]*\]\(([^)]+)\)", words)


def pictures(words: str) -> list[str]:
    return re.findall(r"!\[[^\]]+\]\(([^)]+)\)", words)


def test_every_chapter_is_in_the_contents(chapters: tuple[Chapter, ...]) -> None:
    assert {chapter.file for chapter in chapters} == {path.name for path in MANUAL.glob("*.md")}
    assert set(PAGES.values()) <= {chapter.file for chapter in chapters}


def test_every_link_leads_somewhere(chapters: tuple[Chapter, ...]) -> None:
    places = {chapter.file for chapter in chapters}
    places |= {f"{chapter.file}#{section.anchor}" for chapter in chapters for section in chapter.sections}
    for chapter in chapters:
        lost = [
            link for link in links(text_of(chapter)) if link not in places and f"{chapter.file}{link}" not in places
        ]
        assert lost == [], chapter.file


def test_places_of_a_chapter_have_names_of_their_own(chapters: tuple[Chapter, ...]) -> None:
    for chapter in chapters:
        names = [section.anchor for section in chapter.sections]
        assert sorted(set(names)) == sorted(names), chapter.file


def test_every_picture_is_there_and_small_and_no_other(chapters: tuple[Chapter, ...]) -> None:
    named = {name for chapter in chapters for name in pictures(text_of(chapter))}
    assert named == {f"pictures/{path.name}" for path in PICTURES.iterdir()}
    assert [path.name for path in PICTURES.iterdir() if path.stat().st_size > LARGEST_PICTURE] == []


def test_what_is_made_of_the_source_is_current() -> None:
    manual = script("manual")
    old = [path.name for path, content in manual.made().items() if path.read_text(encoding="utf-8") != content]
    assert old == [], "make manual"
    assert manual.PAGE.read_text(encoding="utf-8") == manual.page(MANUAL), "make manual"


def test_every_message_has_a_cause_and_every_cause_its_message() -> None:
    messages = script("manual_messages")
    told, why = set(messages.collect()), messages.causes()
    assert sorted(told - set(why)) == []
    assert sorted(set(why) - told) == []
    assert [what for what, cause in why.items() if not cause.endswith(".")] == []


def test_every_message_says_what_to_do() -> None:
    messages = script("manual_messages")
    helpless = {
        what
        for what, message in messages.collect().items()
        if not message.remedies and not message.path.startswith("engine/optimise")
    }
    assert sorted(helpless - WITHOUT_REMEDY) == []


def test_the_page_needs_nothing_but_its_pictures() -> None:
    page = (PROJECT / "docs" / "manual.html").read_text(encoding="utf-8")
    assert re.findall(r"(?:src|href)=\"(?!#|manual/pictures/)([^\"]+)\"", page) == []
    assert "@import" not in page
    assert "url(" not in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert sorted(set(ids)) == sorted(ids)
    assert sorted(set(re.findall(r'href="#([^"]+)"', page)) - set(ids)) == []
