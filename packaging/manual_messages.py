"""Collect every error message of the program for the manual: what is told, why, and what to do.

Messages, what was expected and what to do stand in the source, and are found there. Causes are written by hand in
``manual_causes.toml``, under the message. ``docs/manual/messages.md`` is made of both.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(PROJECT), str(PROJECT / "packaging")]

from engine_texts import _parts, _with_places  # noqa: E402

from engine.errors import SourceReason  # noqa: E402
from engine.library import model_file  # noqa: E402
from engine.pipeline import try_out  # noqa: E402
from gui.engine_words import for_window  # noqa: E402

TARGET = PROJECT / "docs" / "manual" / "messages.md"
CAUSES = PROJECT / "packaging" / "manual_causes.toml"
AREAS = (
    ("Cameras, files, addresses and screens", ("engine/capture", "engine/addresses", "engine/pipeline/try_out")),
    ("Downloads", ("engine/library/download", "engine/library/http_fetch", "engine/library/part_file")),
    ("Models", ("engine/library", "engine/decoders", "engine/backends/canvas_input", "engine/backends/openvino_graph")),
    ("Running a model", ("engine/backends", "engine/pipeline")),
    ("Optimising and measuring", ("engine/optimise",)),
    ("Snapshots, recordings and results", ("engine/sinks", "gui/presenters/saving", "gui/bridge/recording")),
    ("Sessions, settings and the window", ("gui",)),
    ("The command line, the self-test and diagnostics", ("engine/cli", "engine/doctor", "engine/diagnostics")),
)
"""Title -> beginnings of paths; the first that fits counts."""
_NOT_TOLD = {
    "A lane did not finish within ‹seconds› s": "a measurement of the program's own",
    "The lane is closed": "stopping",
    "The model is closed": "stopping",
    "The task is not done yet": "a mistake of the program's own",
    "This system does not let programs keep it awake": "a note in the log",
}
"""Errors that no person meets, and why."""
_OTHERS = re.compile(
    r"(Value|Type|Runtime|OS|Assertion|NotImplemented|FileNotFound|Permission|IsADirectory|Key|Index|Cancelled|"
    r"PackageNotFound|ArgumentType|ChildLost|HintRefused|NotConnected|Timeout|Import|System|_)Error$"
)
"""Python's own, and those that become part of another message."""
_SPELT = {
    "‹refused› (‹reason›)": (
        "The correction cannot be written (‹reason›)",
        "How the model runs best cannot be kept (‹reason›)",
    )
}
"""Messages whose words come from far away, and what they are."""
_KINDS = {
    "A ‹suffix› file cannot be run": tuple((f"`{suffix}`", cure) for suffix, cure in model_file._FOREIGN.items()),
    "This is ‹kind›, not a model that can be run": tuple((row[2], row[3]) for row in model_file._OTHER_STARTS),
}
"""Messages that have a cure for each of what may be filled in."""
_AGAIN = "Wait; the program tries again by itself"
_PAIRED = ("Explanation", "_Refusal", "_unreadable", "Refusal")
_REMEDIES = {"InterruptedFetchError": ("Check the network and try again: what has come is kept",)}
"""Of errors that are told as another one, which adds it."""
_CLAUSES = ("Failure", "Lost", "_note_failure", "_failure")
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Message:
    """One message, as far as the source tells."""

    what: str
    path: str
    remedies: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


def collect() -> dict[str, Message]:
    """Every message by its words, in the order of the alphabet."""
    found = dict[str, Message]()
    for path in sorted((*(PROJECT / "engine").rglob("*.py"), *(PROJECT / "gui").rglob("*.py"))):
        source = _Source(path)
        for message in (*source.raised(), *source.listed(), *source.clauses(), *source.settings()):
            if message.what and message.what not in _NOT_TOLD:
                known = found.get(message.what, message)
                found[message.what] = replace(
                    known,
                    remedies=_merged(known.remedies, message.remedies),
                    expected=_merged(known.expected, message.expected),
                    path=min(known.path, message.path, key=_place),
                )
    for what, spelt in _SPELT.items():
        message = found.pop(what)
        found.update((each, replace(message, what=each)) for each in spelt)
    return {what: found[what] for what in sorted(found, key=lambda what: what.strip("‹").lower())}


class _Source:
    """A file of the program, and the values that its names may have."""

    def __init__(self, path: Path) -> None:
        self.path = path.relative_to(PROJECT).as_posix()
        self._tree = ast.parse(path.read_text(encoding="utf-8"))
        self._constants = dict(_assigned(self._tree.body))
        imports = [node for node in self._tree.body if isinstance(node, ast.ImportFrom)]
        self._imported = {
            name.name: node.module or "" for node in imports for name in node.names if name.name.isupper()
        }
        self._functions = [node for node in ast.walk(self._tree) if isinstance(node, ast.FunctionDef)]

    def raised(self) -> Iterator[Message]:
        """Errors as they are made."""
        for function, call in self._calls():
            name = _called(call)
            if name.endswith("Error") and not _OTHERS.search(name) and call.args:
                keys = {word.arg: word.value for word in call.keywords}
                remedies = self._of(keys, "remedy", function) or _REMEDIES.get(name, ())
                for what in self._whats(call.args[0], function):
                    yield self._message(what, remedies, self._of(keys, "expected", function))

    def listed(self) -> Iterator[Message]:
        """Pairs of what is told and what to do, which errors are made of elsewhere."""
        for function, node in self._nodes():
            if isinstance(node, ast.Call) and _called(node) in _PAIRED:
                words = [self._values(argument, function) for argument in node.args if not _is_detail(argument)]
            elif isinstance(node, ast.Tuple) and len(node.elts) >= 2 and _is_in_table(self.path):
                words = [self._values(element, function) for element in node.elts]
            else:
                continue
            paired = isinstance(node, ast.Call)
            yield from self._pairs([each for each in words if each], surely=paired)

    def clauses(self) -> Iterator[Message]:
        """Reasons why a live source gives no picture, which a tile shows behind "Reconnecting"."""
        for function, call in self._calls():
            if _called(call) in _CLAUSES and len(call.args) >= 2:
                reasons = [ast.unparse(argument) for argument in call.args]
                reason = next((each.split(".")[1] for each in reasons if each.startswith("SourceReason.")), "")
                for argument in call.args:
                    for what in self._values(argument, function) if reason else ():
                        told = _called(call) == "_failure"  # a whole message, which has its own
                        yield self._message(what, () if told else (*_network_remedy(reason, self.path), _AGAIN))

    def settings(self) -> Iterator[Message]:
        """What is said of settings that cannot be read."""
        for function, call in self._calls():
            if self.path == "gui/settings.py" and ast.unparse(call.func) == "self.warnings.append":
                for what in self._values(call.args[0], function):
                    yield self._message(
                        what, ("What could not be read has its usual value; look at the settings page",)
                    )

    def _whats(self, node: ast.expr, function: ast.FunctionDef | None) -> list[str]:
        """What may be told; where a function is given that, what it is given."""
        names = [argument.arg for argument in function.args.args] if function is not None else []
        if isinstance(node, ast.Name) and function is not None and node.id in names:
            place = names.index(node.id) - (names[0] == "self")
            calls = [
                (f, call) for f, call in self._calls() if _called(call) == function.name and len(call.args) > place
            ]
            return [what for f, call in calls for what in self._values(call.args[place], f)]
        return self._values(node, function)

    def _message(self, what: str, remedies: tuple[str, ...], expected: tuple[str, ...] = ()) -> Message:
        return Message(_shown(what), self.path, tuple(map(_shown, remedies)), tuple(map(_shown, expected)))

    def _pairs(self, words: list[list[str]], *, surely: bool) -> Iterator[Message]:
        if len(words) >= 2:
            *_, whats, remedies = words
            for what in whats:
                if " " in what and (surely or _is_order(remedies[0])):
                    yield self._message(what, tuple(remedies))

    def _of(self, keys: dict[str | None, ast.expr], name: str, function: ast.FunctionDef | None) -> tuple[str, ...]:
        return tuple(self._values(keys[name], function)) if name in keys else ()

    def _nodes(self) -> Iterator[tuple[ast.FunctionDef | None, ast.AST]]:
        inside = set[ast.AST]()
        for function in self._functions:
            for node in ast.walk(function):
                if node not in inside:
                    inside.add(node)
                    yield function, node
        yield from ((None, node) for node in ast.walk(self._tree) if node not in inside)

    def _calls(self) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
        return ((function, node) for function, node in self._nodes() if isinstance(node, ast.Call))

    def _values(self, node: ast.expr, function: ast.FunctionDef | None) -> list[str]:  # noqa: PLR0911
        """Every text that an expression may be; none where that cannot be told from here."""
        match node:
            case ast.Constant(value=str(words)):
                return [words]
            case ast.IfExp(body=one, orelse=other):
                return [*self._values(one, function), *self._values(other, function)]
            case ast.Call(func=ast.Name(id="text"), args=[_, ast.Constant(value=str(words))]):
                return [words]
            case ast.Call(func=ast.Attribute(value=value, attr="format" | "rstrip")):
                return self._values(value, function)
            case ast.Call(
                func=ast.Name(id="next"), args=[ast.GeneratorExp(generators=[ast.comprehension(iter=table)]), *_]
            ):
                rows = self._constants.get(ast.unparse(table), [])
                pairs = [pair for row in rows for pair in _elements(row)]
                return [words for pair in pairs for words in self._values(_elements(pair)[-1], None)]
            case ast.BoolOp(values=values):
                return [told for value in values for told in self._values(value, function)]
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=int(number))) if (
                name in self._constants
            ):
                return self._values(_elements(self._constants[name][0])[number], None)
            case ast.Call(func=ast.Name(id=name)) if not name.endswith("Error"):
                return self._returned(name)
            case ast.Name(id=name):
                return self._named(name, function)
            case ast.Subscript(value=ast.Name(id=name)) | ast.Attribute(value=ast.Name(id="self"), attr=name):
                return self._named(name, None) if name in self._constants else []
            case ast.JoinedStr() | ast.BinOp():
                return self._joined(node, function)
        return []

    def _joined(self, node: ast.expr, function: ast.FunctionDef | None) -> list[str]:
        """A text with values inside; where one of them may be one of a few texts, one for each of these."""
        parts = list(_parts(node))
        for number, part in enumerate(parts):
            if isinstance(part, ast.Name | ast.IfExp | ast.Subscript):
                choices = [each for each in self._values(part, function) if each]
                if choices and (number == 0 or isinstance(part, ast.IfExp)):
                    return [
                        told
                        for choice in choices
                        for told in self._joined(
                            _joined([*parts[:number], ast.Constant(choice), *parts[number + 1 :]]), function
                        )
                    ]
        return [_with_places(parts)] if any(isinstance(part, ast.Constant) for part in parts) else []

    def _named(self, name: str, function: ast.FunctionDef | None) -> list[str]:
        if name in self._imported:
            value = getattr(import_module(self._imported[name]), name)
            return [value] if isinstance(value, str) else []
        local = dict(_assigned(ast.walk(function))) if function is not None else {}
        values = local.get(name) or self._constants.get(name) or []
        return [told for value in values for told in self._values(value, None if name in self._constants else function)]

    def _returned(self, name: str) -> list[str]:
        for function in self._functions:
            if function.name == name:
                values = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
                return [told for value in values for told in self._values(value, function)]
        return []


def _joined(parts: list[ast.expr]) -> ast.JoinedStr:
    return ast.JoinedStr([part if isinstance(part, ast.Constant) else ast.FormattedValue(part, -1) for part in parts])


def _assigned(nodes: Iterator[ast.AST] | list[ast.stmt]) -> Iterator[tuple[str, list[ast.expr]]]:
    """Name -> the expressions that it is given."""
    given = dict[str, list[ast.expr]]()
    for node in nodes:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            for name, value in _unpacked(node.targets[0], node.value):
                given.setdefault(name, []).append(value)
    yield from given.items()


def _unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match target, value:
        case ast.Name(id=name), ast.Dict(values=values):
            yield from ((name, each) for each in values)
        case ast.Name(id=name), _:
            yield name, value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values):
            for one, each in zip(targets, values, strict=True):
                yield from _unpacked(one, each)
        case ast.Tuple(), ast.IfExp(body=one, orelse=other):
            yield from _unpacked(target, one)
            yield from _unpacked(target, other)


def _elements(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple | ast.List) else []


def _is_detail(node: ast.expr) -> bool:
    return ast.unparse(node) in {"str(error)", "path"}


def _called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def _is_in_table(path: str) -> bool:
    return path in {"engine/sinks/disk.py", "engine/capture/container.py"}


def _is_order(words: str) -> bool:
    return words.partition(" ")[0] in _ORDERS


_ORDERS = frozenset(
    {
        "Ask",
        "Build",
        "Check",
        "Choose",
        "Convert",
        "Copy",
        "Correct",
        "Create",
        "Free",
        "Make",
        "Play",
        "Record",
        "Save",
    }
)
"""What remedies begin with, where nothing else tells them from other texts."""


def _network_remedy(reason: str, path: str) -> tuple[str, ...]:
    return () if path.endswith("camera.py") else (try_out._REMEDIES.get(SourceReason[reason], ""),)


def _shown(words: str) -> str:
    """As a person reads it in the window; ‹names› for what is filled in."""
    named = re.sub(r"\{(\w*)\}", _place_name, for_window(words))
    named = re.sub(r"\\(\d)", "‹name›", named)
    return _SPACES.sub(" ", named).strip().rstrip(".")


def _place_name(found: re.Match[str]) -> str:
    name = found[1].replace("_", " ")
    if name.endswith(" s"):
        name = "minutes" if name.startswith("earlier") else "seconds"
    return f"‹{_NAMES.get(name, name)}›" if _NAMES.get(name, name) else ""


_NAMES = {
    "array": "shape",
    "declared": "shape",
    "dtype": "type",
    "ir version": "version",
    "more": "",
    "most bytes": "number",
    "most pixels": "number",
    "missing2": "picture",
    "shown": "outputs",
    "spec": "name",
    "strerror": "reason",
    "taken": "inputs",
    "tensor": "name",
    "unread": "count",
    "unread2": "picture",
}
"""What a reader knows nothing of -> what it is."""


def _merged(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in (*one, *other) if each))


def area(message: Message) -> str:
    """Title of the part that a message stands in."""
    return AREAS[_place(message.path)][0]


def _place(path: str) -> int:
    return next(number for number, (_, starts) in enumerate(AREAS) if path.startswith(starts))


def causes() -> dict[str, str]:
    """Message -> why it is told."""
    return {
        what: why for part in tomllib.loads(CAUSES.read_text(encoding="utf-8")).values() for what, why in part.items()
    }


def chapter() -> str:
    """The whole chapter, as Markdown."""
    messages, why = collect(), causes()
    lines = [
        "# Every message, its cause and its cure",
        "",
        "‹Names› stand for what is filled in: a file, a number, a device. In the window each message is followed by",
        "what to do; **Manual** beside a problem opens its place here.",
        "",
    ]
    for title, _ in AREAS:
        lines += [f"## {title}", ""]
        for message in messages.values():
            if area(message) == title:
                lines += _entry(message, why.get(message.what, ""))
    return "\n".join(lines).rstrip() + "\n"


def _entry(message: Message, why: str) -> Iterator[str]:
    yield from (f"### {message.what}", "", why, "")
    if message.what in _KINDS:
        yield from (
            "| what it is | what to do |",
            "|---|---|",
            *(f"| {kind} | {cure} |" for kind, cure in _KINDS[message.what]),
            "",
        )
    elif message.remedies:
        yield from (f"**What to do:** {'. Or: '.join(message.remedies)}.", "")
    if message.expected:
        yield from (f"*Expected:* {'; '.join(message.expected)}.", "")


if __name__ == "__main__":
    TARGET.write_text(chapter(), encoding="utf-8")
