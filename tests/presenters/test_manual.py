from __future__ import annotations

from pathlib import Path
from unittest.mock import Mock, create_autospec

import pytest

from engine.errors import InferoscopeError, SourceError
from gui.presenters.manual import ManualPresenter, ManualView, anchor, read_chapters, search

INDEX = "# All of it\n\nWhat this is.\n\n1. [Cameras](cameras.md)\n2. [Messages](messages.md)\n"
CAMERAS = (
    "# Cameras\n\nPlug one in.\n\n## Network *streams*\n\n![A picture](pictures/a.png)\n\nThe password goes **here**.\n"
)
MESSAGES = (
    "# Messages\n\n## Files\n\n### The file ‹name› is gone\n\nNobody knows a camera of this kind.\n\n"
    "### The file ‹name› is gone for ‹reason›\n\nIt was moved.\n\n### ‹what› is missing\n\nInstall it again.\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, words in (("index.md", INDEX), ("messages.md", MESSAGES), ("cameras.md", CAMERAS)):
        (tmp_path / name).write_text(words, encoding="utf-8")
    return tmp_path


@pytest.fixture
def view() -> Mock:
    return create_autospec(ManualView, instance=True)


def test_the_contents_are_the_order_of_the_chapters(folder: Path) -> None:
    chapters = read_chapters(folder)
    assert [(chapter.file, chapter.title) for chapter in chapters] == [
        ("index.md", "All of it"),
        ("cameras.md", "Cameras"),
        ("messages.md", "Messages"),
    ]
    assert [(section.title, section.anchor) for section in chapters[1].sections] == [
        ("Cameras", "cameras"),
        ("Network streams", "network-streams"),
    ]


@pytest.mark.parametrize(
    ("title", "name"),
    [("Speed or delay", "speed-or-delay"), ("This is ‹kind›, not a *model*", "this-is-kind-not-a-model")],
)
def test_anchors_are_those_of_a_browser(title: str, name: str) -> None:
    assert anchor(title) == name


def test_a_search_finds_every_word_and_headings_first(folder: Path) -> None:
    hits = search(read_chapters(folder), "CAMERA")
    assert [hit.link for hit in hits] == [
        "cameras.md#cameras",
        "index.md#all-of-it",
        "messages.md#the-file-name-is-gone",
    ]
    assert search(read_chapters(folder), "password here")[0].words == "The password goes here"
    assert search(read_chapters(folder), "password nowhere") == ()
    assert search(read_chapters(folder), "  ") == ()


def test_a_page_of_the_window_has_its_chapter(view: Mock, folder: Path) -> None:
    presenter = ManualPresenter(view, folder)
    presenter.on_wanted("models")
    presenter.on_wanted("a page that nobody knows")
    assert [call.args for call in view.open_at.call_args_list] == [("models.md",), ("index.md",)]
    view.show_contents.assert_called_once()


@pytest.mark.parametrize(
    ("told", "link"),
    [
        ("The file yard.mp4 is gone", "messages.md#the-file-name-is-gone"),
        ("The file yard.mp4 is gone for good", "messages.md#the-file-name-is-gone-for-reason"),
        ("The demo model is missing", "messages.md#what-is-missing"),
        ("Nobody has written about this", "messages.md"),
    ],
)
def test_an_error_has_its_place(view: Mock, folder: Path, told: str, link: str) -> None:
    ManualPresenter(view, folder).on_message_wanted(InferoscopeError(told))
    view.open_at.assert_called_once_with(link)


def test_what_was_found_is_shown(view: Mock, folder: Path) -> None:
    presenter = ManualPresenter(view, folder)
    presenter.on_message_wanted(SourceError("The file a is gone"))
    presenter.on_sought(" password ")
    sought, hits = view.show_hits.call_args.args
    assert sought == "password"
    assert [(hit.chapter, hit.section) for hit in hits] == [("Cameras", "Network streams")]
