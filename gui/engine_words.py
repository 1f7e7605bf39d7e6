"""What the engine tells in English, in the person's language.

The engine knows no window and speaks one language, as a terminal shows it. Its sentences stand in ``engine_texts``,
collected from its source; here a sentence that it told is found among them, with what was filled in.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from engine.errors import InferoscopeError
from gui import engine_texts
from gui.texts import text

_COMMAND_LINE = re.compile(
    r" \((?:inspect|--set)[^)]*\)"  # a bracket of its own
    r"|; --set [^)]*(?=\))"  # the end of a bracket
    r"| with inspect --set \S+"
    r"| If not, --set .* says what it is"
)
"""Advice for the command line inside the engine's sentences; in the window there is a dialog for all of it."""
_PLACE = re.compile(r"\{(\w+)\}")
_REMEMBERED = 512
_LONGEST = 1000
"""Letters of a sentence that is looked for; what is longer was not written by the engine."""


def translated(told: str) -> str:
    """A sentence of the engine in the person's language; as it is told where it is not known.

    Args:
        told: Without a full stop, or with the one that is its own.
    """
    plain = for_window(told)
    known = text("Engine", plain)
    if known != plain:
        return known
    source, parts = _found(plain)
    if not source:
        return plain
    return text("Engine", source).format(**{name: translated(part) for name, part in parts})


def as_sentence(told: str) -> str:
    """The same as a sentence with its full stop; "" for nothing."""
    return text("Engine", "{sentence}.").format(sentence=translated(told.rstrip("."))) if told else ""


def as_sentences(*told: str) -> str:
    """Several of them, those that say something."""
    return " ".join(filter(None, map(as_sentence, told)))


def happened(error: InferoscopeError) -> str:
    """What happened, and what was expected, as a sentence."""
    what = translated(error.what)
    if error.expected:
        what = text("Engine", "{what}; expected {expected}").format(what=what, expected=translated(error.expected))
    return text("Engine", "{sentence}.").format(sentence=what)


def in_full(error: InferoscopeError) -> str:
    """An error on one line, as ``str(error)`` has it."""
    what = happened(error)
    if error.subject:
        what = text("Engine", "{subject}: {sentence}").format(subject=error.subject, sentence=what)
    return " ".join(f"{what} {as_sentence(error.remedy)}".split())


def for_window(told: str) -> str:
    """A sentence of the engine without its advice for the command line."""
    return _COMMAND_LINE.sub("", told)


@lru_cache(_REMEMBERED)
def _found(told: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The pattern that a sentence was made from, and what was filled in by name; "" where there is none."""
    for source, pattern in _patterns() if len(told) <= _LONGEST else ():
        if (match := pattern.fullmatch(told)) is not None:
            return source, tuple(match.groupdict().items())
    return "", ()


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Sentences that something is filled into, the most particular ones first."""
    sources = [source for source in engine_texts.texts(lambda _context, source: source) if _PLACE.search(source)]
    sources.sort(key=lambda source: -len(_PLACE.sub("", source)))
    return tuple((source, _pattern(source)) for source in sources)


def _pattern(source: str) -> re.Pattern[str]:
    fixed = iter(_PLACE.split(source))
    parts = [re.escape(next(fixed))]
    for name in fixed:
        parts += [f"(?P<{name}>.+?)", re.escape(next(fixed))]
    return re.compile("".join(parts), re.DOTALL)
