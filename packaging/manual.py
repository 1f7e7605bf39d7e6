"""Make what of the manual is made: the chapters that the source tells, and all chapters as one page for a browser."""

from __future__ import annotations

import html
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt
from markdown_it.token import Token

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "packaging")]

import manual_messages  # noqa: E402

from gui import actions, settings  # noqa: E402
from gui.presenters.manual import Anchors, Chapter, read_chapters  # noqa: E402

FOLDER = PROJECT / "docs" / "manual"
PAGE = PROJECT / "docs" / "manual.html"
LOOKS = PROJECT / "packaging" / "manual.template.html"


def settings_chapter() -> str:
    """Every setting and every key, as the program has them."""
    lines = [
        "# Settings and keys",
        "",
        "## Settings",
        "",
        "The page **Settings** has them all, with a search. A change holds at once, unless its text says otherwise.",
        "**Reset** beside a setting brings its usual value back.",
        "",
    ]
    for section in dict.fromkeys(setting.section for setting in settings.table()):
        lines += [f"### {section}", "", "| setting | what it does | usually |", "|---|---|---|"]
        for setting in settings.table():
            if setting.section == section:
                lines.append(f"| {setting.title} | {setting.help} | {_usual(setting)} |")
        lines.append("")
    lines += [
        "## Keys",
        "",
        "Everything can be reached by the keyboard. **?** shows this list in the program. On a Mac,",
    ]
    lines += ["Ctrl is the command key.", ""]
    for menu in dict.fromkeys(action.menu for action in actions.table()):
        lines += [f"### {actions.plain(menu)}", "", "| key | what it does |", "|---|---|"]
        for action in actions.table():
            if action.menu == menu and action.shortcuts:
                keys = " or ".join(f"`{keys}`" for keys in action.shortcuts)
                lines.append(f"| {keys} | **{actions.plain(action.title)}**: {action.tip} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _usual(setting: settings.Setting) -> str:
    value = setting.default
    if isinstance(value, bool):
        return "on" if value else "off"
    if setting.choices:
        return str(setting.choices[str(value)])
    return f"{value:g} {setting.unit}".strip() if isinstance(value, int | float) else str(value) or "not chosen yet"


def made() -> dict[Path, str]:
    """File -> its content, for everything that is made."""
    return {FOLDER / "settings.md": settings_chapter(), manual_messages.TARGET: manual_messages.chapter()}


def page(folder: Path) -> str:
    """All chapters as one page: nothing but pictures beside it, readable on a phone and on paper."""
    chapters = read_chapters(folder)
    looks = Template(LOOKS.read_text(encoding="utf-8"))
    body = "\n".join(_article(folder, chapter) for chapter in chapters)
    return looks.substitute(contents="\n".join(_contents(chapters)), body=body)


def _contents(chapters: tuple[Chapter, ...]) -> Iterator[str]:
    for chapter in chapters:
        yield f'<li><a href="#{_place(chapter.file)}">{html.escape(chapter.title)}</a></li>'


def _article(folder: Path, chapter: Chapter) -> str:
    reader, anchors = MarkdownIt("commonmark").enable("table"), Anchors()
    tokens = reader.parse((folder / chapter.file).read_text(encoding="utf-8"))
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            name = anchors.name(tokens[number + 1].content)
            token.attrSet("id", _place(chapter.file) if token.tag == "h1" else f"{_place(chapter.file)}-{name}")
        for child in token.children or ():
            _lead(child, chapter.file)
    return f"<article>\n{reader.renderer.render(tokens, reader.options, {})}</article>"


def _lead(token: Token, file: str) -> None:
    """Links between chapters become links inside the page; pictures lie below the folder of the chapters."""
    if token.type == "image":
        token.attrSet("src", f"manual/{token.attrGet('src')}")
    target = str(token.attrGet("href") or "")
    if token.type == "link_open" and "://" not in target:
        chapter, _, inside = target.partition("#")
        token.attrSet("href", "#" + "-".join(filter(None, (_place(chapter or file), inside))))


def _place(file: str) -> str:
    return file.removesuffix(".md").replace("_", "-")


def main() -> None:
    """Write all of it."""
    for path, content in made().items():
        path.write_text(content, encoding="utf-8")
    PAGE.write_text(page(FOLDER), encoding="utf-8")


if __name__ == "__main__":
    main()
