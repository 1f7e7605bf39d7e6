"""Every language says everything, the way the program asks for it."""

from __future__ import annotations

import ast
import importlib.util
import re
import string
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtGui import QFont, QFontDatabase, QRawFont
from PySide6.QtWidgets import QApplication

from engine.errors import InferoscopeError, ModelError
from gui import actions, engine_texts, theme
from gui.engine_words import as_sentence, in_full, translated
from gui.settings import LANGUAGES
from gui.translation import load_translation, locale_of

PROJECT = Path(__file__).parents[2]
TRANSLATIONS = PROJECT / "assets" / "translations"
FONTS = PROJECT / "assets" / "fonts"
OTHERS = [language for language in LANGUAGES if language != "en"]
NOT_SHOWN = {
    "gui/arguments.py",  # a terminal
    "gui/engine_texts.py",  # all of it is translated
    "gui/launch.py",  # a terminal
    "gui/log.py",  # the log
    "gui/presenters/diagnostics.py",  # what the self-test tells
    "gui/presenters/optimise/phases.py",  # what the engine tells
}
"""Files of the window whose sentences no person reads in it."""
NAMES = {"Qt for Python", "{file} is a second {kind}"}
SENTENCE = re.compile(r"^(\{\w+\}|[A-Z])[^/]*[a-z]+ [a-z]{2,}")
"""Begins with a capital letter or something filled in, and goes on in small letters."""

Key = tuple[str, str]
"""Context and English text."""


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, PROJECT / "packaging" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def messages(language: str) -> Iterator[tuple[Key, ElementTree.Element]]:
    root = ElementTree.parse(TRANSLATIONS / f"inferoscope_{language}.ts").getroot()
    for context in root.iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            yield (context.findtext("name", ""), message.findtext("source", "")), translation


def said(language: str) -> dict[Key, str]:
    return {key: translation.text or "" for key, translation in messages(language)}


def sources() -> Iterator[Path]:
    yield from sorted((PROJECT / "gui").rglob("*.py"))


def asked_for() -> set[Key]:
    """Every text that the program shows."""
    found = set()
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text":
                context, source = (getattr(argument, "value", None) for argument in node.args)
                if isinstance(context, str) and isinstance(source, str):
                    found.add((context, source))
    return found


@pytest.fixture(params=OTHERS)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def spoken(qapp: QApplication, language: str) -> Iterator[str]:
    """The language, while the application speaks it."""
    before = set(qapp.findChildren(QTranslator))
    load_translation(qapp, locale_of(language))
    yield language
    for translator in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(translator)
        translator.deleteLater()


def test_what_the_engine_tells_is_collected() -> None:
    collected = script("engine_texts").collect()
    assert engine_texts.texts(lambda _context, source: source) == collected, "make translations collects them"


def test_each_text_of_the_program_is_in_the_language(language: str) -> None:
    known = set(said(language))
    assert asked_for() - known == set(), "make translations collects them, unless they stand inside an f-string"
    assert known - asked_for() == set(), "make translations removes them"


def test_each_text_is_translated(language: str) -> None:
    left = [key for key, translation in messages(language) if translation.get("type") or not translation.text]
    assert left == []


def places(words: str) -> list[str]:
    return sorted(f"{name}:{form}" for _text, name, form, _ in string.Formatter().parse(words) if name is not None)


def test_what_is_filled_in_has_its_place(language: str) -> None:
    wrong = [(source, words) for (_, source), words in said(language).items() if places(source) != places(words)]
    assert wrong == []


def marks(words: str) -> tuple[object, ...]:
    """What must be the same in every language: key letters, file endings, what comes later, lines."""
    return (
        words.count("&"),
        re.findall(r"\*\.\w+", words),
        words.count(";;"),
        words.endswith("…"),
        words.count("\n"),
    )


def test_marks_are_kept(language: str) -> None:
    window = {key: words for key, words in said(language).items() if key[0] != "Engine"}
    assert [(source, words) for (_, source), words in window.items() if marks(source) != marks(words)] == []


def test_the_built_file_says_what_the_source_says(language: str) -> None:
    translator = QTranslator()
    assert translator.load(str(TRANSLATIONS / f"inferoscope_{language}.qm"))
    older = [key for key, words in said(language).items() if translator.translate(*key) != words]
    assert older == [], "make translations builds it"


def test_key_letters_are_told_apart() -> None:
    assert_key_letters("en")


def test_key_letters_are_told_apart_in_each_language(spoken: str) -> None:
    assert_key_letters(spoken)


def assert_key_letters(spoken: str) -> None:
    table = actions.table()
    for menu in {action.menu for action in table} - {""}:
        letters = [m[1].casefold() for a in table if a.menu == menu and (m := re.search("&(.)", a.title))]
        assert len(letters) == len(set(letters)), f"{spoken}, {menu}: {letters}"
    letters = [m[1].casefold() for menu in {a.menu for a in table} if (m := re.search("&(.)", menu))]
    assert len(letters) == len(set(letters)), f"{spoken}: {letters}"


def test_no_sentence_is_without_a_mark() -> None:
    """All sentences of the window go through ``text``, in states that no other test comes to, too.

    The window may know the engine's own, to say them in other words, and ask whether a text is translated.
    """
    collector = script("engine_texts")
    shown = re.compile(rf"{collector._NOT_TOLD.pattern}|^text$|^print$")
    collector._NOT_TOLD = shown
    known = (*engine_texts.texts(lambda _context, source: source), *(source for _, source in asked_for()))
    left = {
        (path.name, words)
        for path in sources()
        if path.relative_to(PROJECT).as_posix() not in NOT_SHOWN
        for words in collector._told(ast.parse(path.read_text(encoding="utf-8")))
        if SENTENCE.match(words) and words not in NAMES and not any(each.startswith(words) for each in known)
    }
    assert left == set()


def test_an_error_of_the_engine_is_told_in_the_language(spoken: str) -> None:
    error = ModelError(
        "The model uses ONNX opset 99, which is too new",
        subject="net.onnx",
        expected="opset 21 or older",
        remedy="Export the model again",
    )
    words = said(spoken)
    what = words["Engine", "The model uses ONNX opset {opset}, which is too new"].format(opset=99)
    told = in_full(error)
    assert told.startswith("net.onnx")
    assert what in told
    assert words["Engine", "opset {newest} or older"].format(newest=21) in told
    assert words["Engine", "Export the model again"] in told


@pytest.mark.usefixtures("spoken")
def test_what_is_filled_in_is_translated_too(language: str) -> None:
    words = said(language)
    reason = words["Engine", "connection refused"]
    assert reason in translated("Yard is offline: connection refused, next try in 4 s")
    assert "Yard" in translated("Yard is offline: connection refused, next try in 4 s")


@pytest.mark.usefixtures("spoken")
def test_what_nobody_knows_is_shown_as_it_is_told() -> None:
    assert translated("protobuf: 17 went astray") == "protobuf: 17 went astray"
    assert as_sentence("") == ""


def test_without_a_translation_an_error_reads_as_at_a_terminal() -> None:
    error = InferoscopeError("It broke", subject="a.mp4", expected="a whole file", remedy="Copy it again.")
    assert in_full(error) == str(error)


@pytest.mark.parametrize(("asked", "found"), [("pt_PT", "pt_BR"), ("es_MX", "es"), ("ja_JP", "ja"), ("pt_BR", "pt_BR")])
def test_a_language_is_found_for_each_country(qapp: QApplication, asked: str, found: str) -> None:
    before = set(qapp.findChildren(QTranslator))
    files = load_translation(qapp, QLocale(asked))
    for translator in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(translator)
        translator.deleteLater()
    assert {Path(file).name for file in files} == {f"inferoscope_{found}.qm", f"qtbase_{found}.qm"}


def test_each_letter_of_the_languages_can_be_drawn(qapp: QApplication) -> None:
    fonts = [QRawFont(str(FONTS / name), 13.0) for name in ("Roboto-Regular.ttf", "NotoSansCJKjp-Regular.otf")]
    used = {letter for language in OTHERS for words in said(language).values() for letter in words}
    used |= {letter for name in LANGUAGES.values() for letter in name}
    missing = {letter for letter in used - {"\n"} if not any(font.supportsCharacter(ord(letter)) for font in fonts)}
    assert missing == set(), "packaging/japanese_font.py draws more"


def test_japanese_is_drawn_where_the_system_has_no_font_for_it(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "_JAPANESE", ())
    theme.load_fonts(qapp, QLocale("ja"))
    assert QFont.substitutes("Roboto") == ["noto sans cjk jp"]
    assert "Noto Sans CJK JP" in QFontDatabase.families()
    QFont.removeSubstitutions("Roboto")
