"""Texts without what tells who a person is, where they are, or what they watch: for what is sent to others."""

from __future__ import annotations

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from engine.addresses import redact

HIDDEN = "***"
_SHORT = 5
"""A shorter word is hidden where it stands alone: "ann" is in "annotated", too."""
_LETTER = r"[^\W\d_]"
_SEPARATOR = r"[\\/]+"
_PART = r"[^\\/\r\n\"'<>|:*?]+"
_SOMEBODY = rf"(?:[^\\/\r\n\"'<>|:*?]+?(?={_SEPARATOR})|[^\\/\s\"'<>|:*?]+)"
_HOMES = (
    rf"(?:[a-z]:)?{_SEPARATOR}(?:users|documents and settings){_SEPARATOR}{_SOMEBODY}",
    rf"/(?:(?:var|export|usr)/)?home/{_SOMEBODY}",
    rf"/mnt/[a-z]/users/{_SOMEBODY}",
)
"""Where systems have the folders of people, whoever they are."""
_ENCODED = re.compile(r"[^\s\"'<>]*%[0-9a-fA-F]{2}[^\s\"'<>]*")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_FILE = re.compile(r"\.\w{1,8}(?!\w)")
_LOGIN = re.compile(r"[\x21-\x7e]+:[\x20-\x7e]+")
_LONGEST = 4000
"""A longer line is left out: a part of it may hold what only its rest would show to be a password."""
_DEEPEST = 3
"""So often may a text be encoded upon itself."""
_SECRET_KEY = re.compile(r"(?i)pass(?:word|wd|phrase)|pwd|token|secret|api[_-]?key|credential|authorization|cookie")
_TOLD_HOST = (
    r"127\.0\.0\.1|\[::1\]|localhost\b|(?:[\w-]+\.)*(?:github\.com|githubusercontent\.com|huggingface\.co)(?![\w.-])"
)
"""This computer, and where open models come from: they tell of nobody."""
_PATTERNS = (
    (re.compile(r"(?i)(\b(?:proxy-)?(?:authorization|cookie)[\"']?\s*[:=]).*"), r"\1 ***"),
    (re.compile(r"(?i)\b(basic|bearer)\s+[a-z0-9+/=._~-]{6,}"), r"\1 ***"),
    (
        re.compile(rf"(?i)((?:{_SECRET_KEY.pattern[4:]})[\w-]*[\"']?\s*[:=]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;&]+)"),
        r"\1***",
    ),
    (
        re.compile(
            rf"(?i)(\b(?:rtsps?|https?):/*(?:\*\*\*@)?)(?![<*]|{_TOLD_HOST})(?:\[[^\]\s]*\]|[^\s/:?#<\"']+)"
            r"(:\d+)?(?:[/?#][^\s\"'<>]*)?"
        ),
        r"\1<host>\2/…",
    ),
    (re.compile(r"(?i)(\bcamera:)(?!<|\d+\b).+?(?= shows results |: |[\",;]|$)"), r"\1<camera>"),
    (re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "<mail>"),
    (re.compile(r"(?i)\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b"), "<hardware address>"),
)


class Anonymiser:
    """Hides words, folders, logins and what looks like one of them, however they are written.

    A word is found in capitals and small letters, percent-encoded, escaped as in JSON, and inside Base64. Of a path in
    somebody's home the file's name is left: ``/home/ann/clients/yard.onnx`` becomes ``~/…/yard.onnx``. A folder's name
    may have blanks, so the words behind a folder may go with it: rather too much is hidden than too little.

    Args:
        words: What must not be told -> what stands for it.
        folders: Folders whose place must not be told -> what stands for it; what lies in them is told.
        homes: Folders of people that are not where systems usually have them.
    """

    def __init__(
        self, words: Mapping[str, str], folders: Mapping[Path, str] | None = None, homes: Iterable[Path] = ()
    ) -> None:
        self._stand_ins = {form.casefold(): shown for word, shown in words.items() for form in _forms(word)}
        self._words = _any_of(self._stand_ins)
        self._folders = [(_below(folder), shown) for folder, shown in (folders or {}).items()]
        known = "|".join((*(_path_pattern(home) + rf"(?!{_LETTER})" for home in homes), *_HOMES))
        self._home = re.compile(rf"(?i)(?:{known})(?P<below>(?:{_SEPARATOR}{_PART})*)")

    def text(self, text: str) -> str:
        """A text of any number of lines."""
        return "\n".join(self._line(line, _DEEPEST) for line in text.split("\n"))

    def value(self, value: Any) -> Any:
        """What JSON can hold: texts in it, and keys of objects."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._field(str(key), inside) for key, inside in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inside) for inside in value]
        return value

    def _field(self, key: str, value: Any) -> Any:
        return HIDDEN if value and isinstance(value, str) and _SECRET_KEY.search(key) else self.value(value)

    def _line(self, line: str, deepest: int) -> str:
        if len(line) > _LONGEST:
            return f"({len(line)} characters)"
        if deepest:
            line = _ENCODED.sub(lambda found: self._decoded(found[0], deepest), line)
            line = _BASE64.sub(lambda found: self._without_base64(found[0]), line)
        return self._plain(line)

    def _plain(self, line: str) -> str:
        """The line, where nothing in it is encoded."""
        line = redact(line)
        for pattern, shown in self._folders:
            line = pattern.sub(shown, line)
        line = self._home.sub(_shortened, line)
        line = self._words.sub(lambda found: self._stand_ins[found[0].casefold()], line)
        for pattern, shown in _PATTERNS:
            line = pattern.sub(shown, line)
        return line

    def _decoded(self, encoded: str, deepest: int) -> str:
        """What is percent-encoded stays as it is unless it hides something."""
        plain = " ".join(unquote(encoded).splitlines())
        hidden = self._line(plain, deepest - 1)
        return encoded if hidden == plain else hidden

    def _without_base64(self, encoded: str) -> str:
        plain = _from_base64(encoded)
        tells = plain and (_LOGIN.fullmatch(plain) or self._plain(plain) != plain)
        return HIDDEN if tells else encoded


def _forms(word: str) -> set[str]:
    """The ways in which a word is written down."""
    plain = {word, unicodedata.normalize("NFC", word), unicodedata.normalize("NFD", word)}
    escaped = {json.dumps(form)[1:-1] for form in plain} | {repr(form.encode())[2:-1] for form in plain}
    return plain | escaped | {quote(form, safe="") for form in plain}


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Finds any of the words; the longest first, for one may hold another."""
    patterns = [_word_pattern(word) for word in sorted(words, key=len, reverse=True) if word]
    return re.compile("(?i)" + ("|".join(patterns) or r"(?!)"))


def _word_pattern(word: str) -> str:
    alone = rf"(?<!{_LETTER}){re.escape(word)}(?!{_LETTER})"
    return alone if len(word) < _SHORT else re.escape(word)


def _path_pattern(folder: Path) -> str:
    parts = [re.escape(part) for part in re.split(_SEPARATOR, str(folder)) if part]
    return ("" if folder.drive else _SEPARATOR) + _SEPARATOR.join(parts)


def _below(folder: Path) -> re.Pattern[str]:
    """A folder, not another one whose name begins likewise."""
    return re.compile(rf"(?i){_path_pattern(folder)}(?![\w.-])")


def _shortened(found: re.Match[str]) -> str:
    """A home and the name of a file in it; where the last part is none, it may be a client's folder."""
    *folders, last = [part for part in re.split(_SEPARATOR, found["below"]) if part] or [""]
    is_file = _FILE.search(last) is not None
    return "/".join(("~", *(["…"] if folders or (last and not is_file) else []), *([last] if is_file else [])))


def _from_base64(encoded: str) -> str:
    """What a word means as Base64, "" where it means no text."""
    bare = encoded.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        plain = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return plain if plain.isprintable() else ""
