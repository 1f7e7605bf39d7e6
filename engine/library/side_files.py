"""Files beside a model that say more about it: class names, an exporter's metadata, a processor's configuration.

They are data from strangers too: small, read as text, and never executed.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.errors import ModelError
from engine.library.metadata import MOST_NAMES, clean_name, names_from

LARGEST = 2 * 2**20

_OWN_ENDINGS = (".names", ".txt", ".labels", ".yaml", ".yml", ".json", "_labels.txt", "_classes.txt")
_SHARED_NAMES = (
    "labels.txt", "classes.txt", "class_names.txt", "coco.names", "obj.names", "labels.json", "classes.json",
    "data.yaml", "config.json",
)  # fmt: skip
_NUMBERED = re.compile(r"^\s*(\d+)\s*[:,\s]\s*(\S.*)$")
_YAML_KEY = re.compile(r"^([A-Za-z_][\w ]*?)\s*:\s*(.*?)\s*$")
_YAML_ENTRY = re.compile(r"^\s+(?:-\s*|([\w'\"]+)\s*:\s*)(.*?)\s*$|^-\s+(.*?)\s*$")
_NAME_KEYS = ("names", "id2label", "labels", "classes", "class_names")


def own_class_names(model: Path) -> tuple[str, tuple[str, ...]] | None:
    """(file name, class names) from a file named after the model."""
    return _first(model, (f"{model.stem}{ending}" for ending in _OWN_ENDINGS))


def shared_class_names(model: Path) -> tuple[str, tuple[str, ...]] | None:
    """(file name, class names) from a file of a usual name in the model's folder; it may belong to another model."""
    return _first(model, iter(_SHARED_NAMES))


def _first(model: Path, names: Iterator[str]) -> tuple[str, tuple[str, ...]] | None:
    for name in names:
        file = model.with_name(name)
        if file != model and file.is_file():
            found = _names_in(name, _text(file) or "")
            if found:
                return name, found
    return None


def read_class_names(file: Path) -> tuple[str, ...]:
    """Class names from a file that a person named.

    Raises:
        ModelError: It cannot be read, or there are no names inside.
    """
    expected = "one name a line, or a JSON or YAML file with names"
    text = _text(file)
    if text is None:
        raise ModelError(
            "The class names cannot be read", subject=str(file), expected=expected, remedy="Check the path"
        )
    names = _names_in(file.name, text)
    if not names:
        raise ModelError(
            "There are no class names inside", subject=str(file), expected=expected, remedy="Choose another file"
        )
    return names


def exporter_metadata(model: Path) -> Mapping[str, str]:
    """The metadata.yaml that Ultralytics writes beside an OpenVINO IR, as text; empty where there is none."""
    text = _text(model.with_name("metadata.yaml"))
    entries = _simple_yaml(text) if text else {}
    if "names" not in entries and "task" not in entries:
        return {}
    return {key: value if isinstance(value, str) else repr(value) for key, value in entries.items()}


def processor_configuration(model: Path) -> Mapping[str, Any]:
    """The preprocessor_config.json of transformers, from the model's folder or the one above an ``onnx`` folder."""
    folders = [model.parent] + ([model.parent.parent] if model.parent.name == "onnx" else [])
    for folder in folders:
        found = _json(_text(folder / "preprocessor_config.json") or "")
        if isinstance(found, dict):
            return found
    return {}


def _text(file: Path) -> str | None:
    """The text of a small file, None where it cannot be read."""
    try:
        if not file.is_file() or file.stat().st_size > LARGEST:
            return None
        return file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def _names_in(name: str, text: str) -> tuple[str, ...]:
    suffix = Path(name).suffix.lower()
    if suffix == ".json":
        return _names_of(_json(text))
    if suffix in (".yaml", ".yml"):
        return _names_of(_simple_yaml(text))
    return _names_of_lines([line.strip() for line in text.splitlines() if line.strip()])


def _names_of(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict):
        value = next((value[key] for key in _NAME_KEYS if key in value), value)
    return names_from(value)


def _names_of_lines(lines: list[str]) -> tuple[str, ...]:
    """A name a line; numbers in front are dropped where they count from 0."""
    if len(lines) > MOST_NAMES:
        return ()
    numbered = [_NUMBERED.match(line) for line in lines]
    if lines and all(match and int(match[1]) == i for i, match in enumerate(numbered)):
        return tuple(clean_name(match[2]) for match in numbered if match)
    return tuple(clean_name(line) for line in lines)


def _simple_yaml(text: str) -> dict[str, Any]:
    """Top-level keys with a scalar, an inline list or mapping, or a block list or mapping of scalars."""
    entries: dict[str, Any] = {}
    key = ""
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        entry, top = _YAML_ENTRY.match(line), _YAML_KEY.match(line)
        if entry and key:
            _add_entry(entries, key, entry)
        elif top:
            key = top[1]
            entries[key] = _scalar(top[2])
    return entries


def _add_entry(entries: dict[str, Any], key: str, entry: re.Match[str]) -> None:
    name, inside, flush = entry.groups()
    value = _scalar(inside if flush is None else flush)
    if name is None:
        entries[key] = [*entries[key], value] if isinstance(entries[key], list) else [value]
    elif isinstance(entries[key], dict):
        entries[key][_scalar(name)] = value
    else:
        entries[key] = {_scalar(name): value}


def _scalar(text: str) -> Any:
    """A number, a literal, or the text itself without quotes."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return _flow(text)


def _flow(text: str) -> Any:
    """An inline list or mapping whose texts have no quotes, else the text itself without quotes."""
    inner = [part.strip().strip("'\"") for part in text[1:-1].split(",")]
    if text.startswith("[") and text.endswith("]"):
        return inner
    if text.startswith("{") and text.endswith("}"):
        pairs = (part.partition(":") for part in inner)
        return {key.strip(): value.strip() for key, _, value in pairs}
    return text.strip("'\"")
