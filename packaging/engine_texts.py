"""Collect what the engine and the catalogue of models tell, so that the window can say it in other languages.

The engine writes its sentences as it needs them, in English. They are found in its source: texts of at least two
words that are neither documentation nor meant for the log or the developer. A text with values inside becomes one with
named places. All of them go into ``gui/engine_texts.py``.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from gui.engine_words import for_window  # noqa: E402

TARGET = PROJECT / "gui" / "engine_texts.py"
CATALOGUE = PROJECT / "models" / "catalogue.toml"
LEFT_OUT = (
    "cli",
    "errors",
    "anonymous",
    "doctor",
    "scene",
    "overlay",
    "sinks/__init__.py",
    "optimise/report",
    "library/data",
)
"""Of the engine: shown at a terminal or in a file alone, or no sentences at all."""
CHILDREN = "_child.py"
"""They stand among the commands, but answer to the program."""
_NOT_TOLD = re.compile(
    r"(^|\.)_?log(ger)?\.|^(re\.)?compile$|^escape$|"
    r"^(Value|Type|Runtime|OS|Assertion|NotImplemented|FileNotFound|Permission|IsADirectory|Key|Index)Error$"
)
"""Calls whose texts are for the log or the developer."""
_NO_SENTENCE = re.compile(
    r"\n|\\[dSwWbsAZ.(]|\(\?|\(\.|[<>|]|%s|qop=|=\"|(tensor|stored) data$|^(left|right|nose) |^(camera|screen):|"
    r"^\W*(GET|DESCRIBE|Basic|Digest|Accept|Connection|CSeq|Host|Authorization)\b"
)
"""Regular expressions, protocols, markup and what goes into the log."""
_PLACE = re.compile(r"\{\w+\}")
_ONE_WORD = re.compile(r"[A-Z][a-z]+ing|metadata|correction|rows|columns")
"""What is going on, where names of classes come from, and what else stands in sentences by itself."""
_WORD = re.compile(r"[A-Za-z][a-z']*[a-z]|[A-Z]{2,}")
_LONG = 6
"""Letters of a word that tells something beside what is filled in: "Camera 0"."""
_HEAD = '''\
"""What the engine tells. Collected from its source by ``make translations``: do not edit, a test compares."""

# ruff: noqa: E501
# fmt: off

from __future__ import annotations

from collections.abc import Callable


def texts(text: Callable[[str, str], str]) -> tuple[str, ...]:
    """Every sentence, as ``text(context, source)`` gives it. Words in braces are filled in by the engine."""
    return (
'''


def collect() -> tuple[str, ...]:
    """Every sentence that the engine may tell the window, in the order of the alphabet."""
    found = set[str]()
    for path in sorted((PROJECT / "engine").rglob("*.py")):
        room = path.relative_to(PROJECT / "engine").as_posix()
        if not room.startswith(LEFT_OUT) or room.endswith(CHILDREN):
            found.update(for_window(told) for told in _told(ast.parse(path.read_text(encoding="utf-8"))))
    found.update(model["about"] for model in tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["models"])
    alike = {_PLACE.sub("{}", told): told for told in sorted(found, reverse=True) if _is_sentence(told)}
    return tuple(sorted(alike.values()))


def module(sentences: tuple[str, ...]) -> str:
    """Source of the module that holds them, as ``lupdate`` reads it."""
    return _HEAD + "".join(f"        text({_quoted('Engine')}, {_quoted(each)}),\n" for each in sentences) + "    )\n"


def _quoted(words: str) -> str:
    return '"' + words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _told(node: ast.AST) -> Iterator[str]:
    """Texts below a node of the syntax tree."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # documentation
        if isinstance(child, ast.Call) and _NOT_TOLD.search(ast.unparse(child.func)):
            continue
        if isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield _numbered(child.value)
        elif isinstance(child, ast.JoinedStr) or _is_joined(child):
            parts = list(_parts(child))
            yield _with_places(parts)
            for part in parts:
                yield from _told(ast.Tuple([part])) if not isinstance(part, ast.Constant) else ()
        else:
            yield from _told(child)


def _numbered(words: str) -> str:
    r"""``\1`` of a substitution as a place."""
    return re.sub(r"\\(\d)", r"{part\1}", words)


def _is_joined(node: ast.AST) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and any(map(_is_text, (node.left, node.right)))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _parts(node: ast.AST) -> Iterator[ast.expr]:
    """Of a text that is put together: constants, and expressions for what is filled in."""
    match node:
        case ast.JoinedStr(values=values):
            for value in values:
                yield value.value if isinstance(value, ast.FormattedValue) else value
        case ast.BinOp(left=left, right=right):
            for side in (left, right):
                yield from _parts(side) if _is_text(side) or _is_joined(side) else (side,)
        case ast.expr():
            yield node


def _with_places(parts: list[ast.expr]) -> str:
    """A text with values inside, these as named places: "{frames} frames of {source}"."""
    names = list[str]()
    told = ""
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            told += part.value
        else:
            names.append(_name(part))
            count = names.count(names[-1])
            told += f"{{{names[-1]}{count if count > 1 else ''}}}"
    return told


def _name(node: ast.AST) -> str:  # noqa: PLR0911 - one line a kind of expression
    """A word for the value of an expression."""
    match node:
        case ast.Name(id=name):
            return name.strip("_").lower()
        case ast.Attribute(attr=name, value=value):
            return _name(value) if name in {"value", "name", "title", "shape"} else name.strip("_").lower()
        case ast.Subscript(value=value) | ast.Starred(value=value) | ast.FormattedValue(value=value):
            return _name(value)
        case ast.Call(args=[first, *_]):
            return _name(first)
        case ast.Call(func=ast.Attribute(value=value)):
            return _name(value)
        case ast.BinOp(left=left):
            return _name(left)
        case ast.IfExp(body=body):
            return _name(body)
        case ast.BoolOp(values=[first, *_]):
            return _name(first)
        case ast.GeneratorExp(elt=each) | ast.ListComp(elt=each):
            return _name(each)
    return "value"


def _is_sentence(told: str) -> bool:
    fixed = _PLACE.sub(" ", told)
    words = _WORD.findall(fixed) if " " in told.strip() else []
    enough = len(words) >= 2 or (fixed != told and any(len(word) >= _LONG for word in words))
    return bool(enough or _ONE_WORD.fullmatch(told)) and not _NO_SENTENCE.search(told)


if __name__ == "__main__":
    TARGET.write_text(module(collect()), encoding="utf-8")
