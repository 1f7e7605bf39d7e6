"""The manual: its chapters, what stands in them, and where a page or a message is explained."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.errors import InferoscopeError
from gui.engine_words import for_window

CONTENTS = "index.md"
"""The first chapter: its list of links is the order of the others."""
MESSAGES = "messages.md"
PAGES = {"live": "live.md", "models": "models.md", "optimise": "optimise.md", "settings": "settings.md"}
"""Page of the window -> chapter about it."""
_LINK = re.compile(r"^[-*\d.]+ +\[[^\]]+\]\(([\w-]+\.md)\)", re.MULTILINE)
_HEADING = re.compile(r"^(#{1,3}) +(.+?)\s*$")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_TARGET = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"[`*|\\]|^\s*(?:[-#>]+|\d+\.)\s|^[-:| ]+$", re.MULTILINE)
_NOT_IN_ANCHOR = re.compile(r"[^\w\- ]")
_PLACE = re.compile(r"‹[^›]*›")
_AROUND = 40
_MOST_HITS = 60


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it, up to the next one.

    Attributes:
        title: The heading, as plain words.
        level: 1 for a chapter's own, 2 and 3 below.
        anchor: Name of the place, behind the # of a link.
        words: What stands below it, as plain words.
    """

    title: str
    level: int
    anchor: str
    words: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A file of the manual."""

    file: str
    sections: tuple[Section, ...]

    @property
    def title(self) -> str:
        """Its first heading."""
        return self.sections[0].title


@dataclass(frozen=True, slots=True)
class Hit:
    """A section that a search has found: where it is, and some of its words around what was looked for."""

    link: str
    chapter: str
    section: str
    words: str


class ManualView(Protocol):
    """The window of the manual."""

    def show_contents(self, chapters: tuple[Chapter, ...]) -> None:
        """The chapters and their sections, to choose from."""

    def show_hits(self, sought: str, hits: tuple[Hit, ...]) -> None:
        """What was found; nothing sought leads back to the contents."""

    def open_at(self, link: str) -> None:
        """Come to the front and show a place: ``chapter.md`` or ``chapter.md#anchor``."""


class ManualPresenter:
    """Leads to places of the manual, and searches in it. Read from disk when it is first asked for.

    Args:
        view: Its window.
        folder: Where its chapters are.
    """

    def __init__(self, view: ManualView, folder: Path) -> None:
        self._view = view
        self._folder = folder
        self._chapters: tuple[Chapter, ...] = ()

    def on_wanted(self, page: str) -> None:
        """The chapter about a page of the window."""
        self._open(PAGES.get(page, CONTENTS))

    def on_message_wanted(self, error: InferoscopeError) -> None:
        """What an error means and what to do about it."""
        self._read()
        anchor = message_anchor(self._chapters, error)
        self._open(f"{MESSAGES}#{anchor}" if anchor else MESSAGES)

    def on_sought(self, words: str) -> None:
        """Look for words in all chapters."""
        self._view.show_hits(words.strip(), search(self._chapters, words))

    def _open(self, link: str) -> None:
        self._read()
        self._view.open_at(link)

    def _read(self) -> None:
        if not self._chapters:
            self._chapters = read_chapters(self._folder)
            self._view.show_contents(self._chapters)


def read_chapters(folder: Path) -> tuple[Chapter, ...]:
    """The contents, and the chapters in their order."""
    contents = (folder / CONTENTS).read_text(encoding="utf-8")
    files = (CONTENTS, *_LINK.findall(contents))
    return tuple(Chapter(file, tuple(_sections((folder / file).read_text(encoding="utf-8")))) for file in files)


def anchor(title: str) -> str:
    """Name of a heading in links, as GitHub makes it: small letters, hyphens for spaces, nothing but words."""
    return _NOT_IN_ANCHOR.sub("", plain(title).lower()).strip().replace(" ", "-")


class Anchors:
    """Names of a chapter's headings, in their order: where two are alike, the later one gets a number."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def name(self, title: str) -> str:
        """Name of the next heading."""
        name = anchor(title)
        self._given[name] += 1
        count = self._given[name] - 1
        return f"{name}-{count}" if count else name


def plain(markdown: str) -> str:
    """What a reader sees of it."""
    return _MARKS.sub(" ", _TARGET.sub(r"\1", _IMAGE.sub("", markdown))).replace("  ", " ").strip()


def search(chapters: tuple[Chapter, ...], sought: str) -> tuple[Hit, ...]:
    """Sections with every one of the words; those that have them in their heading come first."""
    words = sought.lower().split()
    if not words:
        return ()
    hits = [
        (sum(word not in section.title.lower() for word in words), chapter, section)
        for chapter in chapters
        for section in chapter.sections
        if all(word in f"{section.title} {section.words}".lower() for word in words)
    ]
    hits.sort(key=lambda hit: hit[0])
    return tuple(_hit(chapter, section, words) for _, chapter, section in hits[:_MOST_HITS])


def message_anchor(chapters: tuple[Chapter, ...], error: InferoscopeError) -> str:
    """Place of an error's message among all of them, "" where it is not told there."""
    told = for_window(error.what)
    messages = (section for chapter in chapters if chapter.file == MESSAGES for section in chapter.sections)
    found = (section for section in messages if section.level == 3 and _fits(section.title, told))
    best = max(found, key=lambda section: len(_PLACE.sub("", section.title)), default=None)
    return best.anchor if best is not None else ""


def _fits(title: str, told: str) -> bool:
    """Whether a message is the one of a heading, in which ‹names› stand for what is filled in."""
    return re.fullmatch(".+?".join(map(re.escape, _PLACE.split(title))), told, re.DOTALL) is not None


def _hit(chapter: Chapter, section: Section, words: list[str]) -> Hit:
    at = max(section.words.lower().find(words[0]), 0)
    start = max(section.words.rfind(" ", 0, max(at - _AROUND, 0)) + 1, 0) if at > _AROUND else 0
    some = section.words[start : at + 2 * _AROUND]
    return Hit(f"{chapter.file}#{section.anchor}", chapter.title, section.title, some.rpartition(" ")[0] or some)


def _sections(markdown: str) -> Iterator[Section]:
    title, level, below = "", 0, list[str]()
    anchors = Anchors()
    for line in (*markdown.splitlines(), "# "):
        heading = _HEADING.match(line)
        if heading is None and line != "# ":
            below.append(line)
            continue
        if level:
            yield Section(plain(title), level, anchors.name(title), " ".join(plain("\n".join(below)).split()))
        if heading is not None:
            level, title, below = len(heading[1]), heading[2], []
