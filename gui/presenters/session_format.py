"""The workspace as a JSON document, and back. Never holds a secret.

The document, all keys optional but ``format``, ``version``, ``id`` and ``path``::

    format                "inferoscope-session"
    version               1
    selected              id of the tile that the top bar acts on
    all_selected          true: changes are made to all tiles
    enlarged              id of the tile that fills the picture area, or null
    overlay               true: what was found is drawn
    models[]              id, path (absolute; "demo" for the one that comes with the program), path_relative (to the
                          file's folder, where it is below it), backend, device ("" for the backend's choice),
                          precision, chosen ("hand" by a person, "measured" as the best on a machine, "default")
    tiles[]               id, name, source (address without secrets, or absolute path), source_relative, running,
                          width_px, height_px, rate_hz (wanted of a camera or screen, null for its default), mirror,
                          model (an id or null), thresholds {confidence 0..1, iou 0..1, max_detections},
                          hidden_classes [number], class_colours {number: "#rrggbb"}, display ("in_step", "smooth"),
                          every_frame, max_fps (frames a second, null for all), loop, speed (1.0 is real time)
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from engine.addresses import redact
from engine.capture.source import SourceOptions
from engine.cards import Precision, Thresholds
from engine.errors import InferoscopeError
from engine.overlay.palette import Colour
from gui.presenters.session_values import Fields, choice, flag, line, mapping, number, numbers, whole, wrong
from gui.presenters.workspace import MOST_TILES, Chosen, Display, ModelChoice, Tile, Workspace
from gui.texts import text

FORMAT = "inferoscope-session"
VERSION = 1
LARGEST_BYTES = 2**20
_LONGEST_PATH = 4096
_LONGEST_NAME = 200
_MOST_CLASSES = 100_000
_LARGEST_PX = 65_535
_FASTEST_HZ = 1000.0
_SLOWEST, _FASTEST = 0.01, 100.0
_MOST_DETECTIONS = 100_000


@dataclass(frozen=True, slots=True)
class Restored:
    """What was read: a workspace, and in words what of the document was left out."""

    workspace: Workspace
    warnings: tuple[str, ...] = ()


def to_document(workspace: Workspace, folder: Path) -> bytes:
    """The workspace as UTF-8 text.

    Args:
        workspace: What a person has set up.
        folder: Where the file will be; paths below it are kept relative to it, too.
    """
    document = {
        "format": FORMAT,
        "version": VERSION,
        "selected": workspace.selected,
        "all_selected": workspace.all_selected,
        "enlarged": workspace.enlarged,
        "overlay": workspace.overlay,
        "models": [_model_to_values(model, folder) for model in workspace.models],
        "tiles": [_tile_to_values(tile, folder) for tile in workspace.tiles],
    }
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")


def from_document(content: bytes, folder: Path) -> Restored:
    """The workspace of a document.

    Args:
        content: The file.
        folder: Where it lies.

    Raises:
        InferoscopeError: It is damaged, or made by a later version; the subject says where.
    """
    warnings: list[str] = []
    root = Fields(_parse(content), "", warnings)
    if root.take("format", line(_LONGEST_NAME), "") != FORMAT:
        raise wrong("format", f'"{FORMAT}"')
    version = root.take("version", whole(1, 2**31))
    if version > VERSION:
        raise InferoscopeError(
            text("SessionFile", "The session file was made by a later version of the program"),
            subject="version",
            expected=str(VERSION),
            remedy=text("SessionFile", "Install the newest version"),
        )
    workspace = Workspace(
        tiles=tuple(_tile(fields, folder) for fields in root.objects("tiles", MOST_TILES)),
        models=tuple(_model(fields, folder) for fields in root.objects("models", MOST_TILES)),
        selected=root.take("selected", _identity, "1"),
        all_selected=root.take("all_selected", flag, False),
        enlarged=root.optional("enlarged", _identity),
        overlay=root.take("overlay", flag, True),
    )
    root.leave_rest()
    _check_identities(workspace)
    return Restored(workspace, tuple(warnings))


def _parse(content: bytes) -> Any:
    if len(content) > LARGEST_BYTES:
        raise wrong("", text("SessionFile", "at most {count} bytes").format(count=LARGEST_BYTES))
    try:
        return json.loads(content.decode("utf-8", "surrogatepass"))
    except json.JSONDecodeError as error:
        place = text("SessionFile", "line {line}, column {column}").format(line=error.lineno, column=error.colno)
        raise wrong(place, text("SessionFile", "JSON")) from error
    except (ValueError, RecursionError) as error:
        raise wrong("", text("SessionFile", "JSON in UTF-8")) from error


def _check_identities(workspace: Workspace) -> None:
    """Each tile and model has a number of its own, and no tile names a model that is not there."""
    ids = [tile.tile_id for tile in workspace.tiles] + [model.model_id for model in workspace.models]
    if len(ids) != len(set(ids)):
        raise wrong("id", text("SessionFile", "that no two tiles or models have the same"))
    models = {model.model_id for model in workspace.models}
    for index, tile in enumerate(workspace.tiles):
        if tile.model_id is not None and tile.model_id not in models:
            raise wrong(f"tiles[{index}].model", text("SessionFile", "the id of one of the models"))


def _identity(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,9}", value):
        raise ValueError(text("SessionFile", "a number in quotation marks"))
    return value


# Paths -----------------------------------------------------------------------------------------------------------


def _path_values(key: str, path: str, folder: Path) -> dict[str, str]:
    """A path as it is, and relative to the folder where it lies below it."""
    below = PurePath(path).is_absolute() and PurePath(path).is_relative_to(folder)
    relative = {f"{key}_relative": PurePath(path).relative_to(folder).as_posix()} if below else {}
    return {key: path, **relative}


def _path(fields: Fields, key: str, folder: Path, *, empty: bool) -> str:
    """Where a file is now: the folder of the session may have moved with all that is in it."""
    absolute = fields.take(key, line(_LONGEST_PATH, empty=empty), "" if empty else None)
    relative = fields.optional(f"{key}_relative", line(_LONGEST_PATH, empty=False))
    if relative is not None and (folder / relative).exists():
        return str(folder / relative)
    return absolute


# Models ----------------------------------------------------------------------------------------------------------


def _model_to_values(model: ModelChoice, folder: Path) -> dict[str, Any]:
    return {
        "id": model.model_id,
        **_path_values("path", str(model.path), folder),
        "backend": model.backend,
        "device": model.device,
        "precision": model.precision.value,
        "chosen": model.chosen.value,
    }


def _model(fields: Fields, folder: Path) -> ModelChoice:
    model = ModelChoice(
        model_id=fields.take("id", _identity),
        path=Path(_path(fields, "path", folder, empty=False)),
        backend=fields.take("backend", line(_LONGEST_NAME, empty=False), "openvino"),
        device=fields.take("device", line(_LONGEST_NAME), ""),
        precision=fields.take("precision", choice(Precision), Precision.AUTO),
    )
    said = Chosen.BY_DEFAULT if model == ModelChoice(model.model_id, model.path) else Chosen.BY_HAND
    model = replace(model, chosen=fields.take("chosen", choice(Chosen), said))
    fields.leave_rest()
    return model


# Tiles -----------------------------------------------------------------------------------------------------------


def _tile_to_values(tile: Tile, folder: Path) -> dict[str, Any]:
    thresholds = tile.thresholds
    return {
        "id": tile.tile_id,
        "name": redact(tile.name),
        **_path_values("source", redact(tile.source), folder),
        "running": tile.running,
        "width_px": tile.options.width,
        "height_px": tile.options.height,
        "rate_hz": tile.options.rate_hz,
        "mirror": tile.options.mirror,
        "model": tile.model_id,
        "thresholds": {
            "confidence": thresholds.confidence,
            "iou": thresholds.iou,
            "max_detections": thresholds.max_detections,
        },
        "hidden_classes": sorted(tile.hidden_classes),
        "class_colours": {str(number): _colour_to_text(colour) for number, colour in tile.class_colours.items()},
        "display": tile.display.value,
        "every_frame": tile.every_frame,
        "max_fps": tile.max_fps,
        "loop": tile.loop,
        "speed": tile.speed,
    }


def _tile(fields: Fields, folder: Path) -> Tile:
    tile = Tile(
        tile_id=fields.take("id", _identity),
        name=redact(fields.take("name", line(_LONGEST_NAME), "")),
        source=_source(fields, folder),
        options=_options(fields),
        running=fields.take("running", flag, False),
        model_id=fields.optional("model", _identity),
        thresholds=_thresholds(fields.fields("thresholds")),
        hidden_classes=fields.take("hidden_classes", numbers(0, _MOST_CLASSES), frozenset()),
        class_colours=fields.take("class_colours", mapping(_class_number, _colour), {}),
        display=fields.take("display", choice(Display), Display.IN_STEP),
        every_frame=fields.take("every_frame", flag, False),
        max_fps=fields.optional("max_fps", number(0.01, _FASTEST_HZ)),
        loop=fields.take("loop", flag, True),
        speed=fields.take("speed", number(_SLOWEST, _FASTEST), 1.0),
    )
    fields.leave_rest()
    return tile


def _source(fields: Fields, folder: Path) -> str:
    written = _path(fields, "source", folder, empty=True)
    shown = redact(written)
    if shown != written:
        fields.warn("source", text("SessionFile", "the password in it was left out; you will be asked for it"))
    return shown


def _options(fields: Fields) -> SourceOptions:
    return SourceOptions(
        width=fields.optional("width_px", whole(1, _LARGEST_PX)),
        height=fields.optional("height_px", whole(1, _LARGEST_PX)),
        rate_hz=fields.optional("rate_hz", number(0.01, _FASTEST_HZ)),
        mirror=fields.take("mirror", flag, False),
    )


def _thresholds(fields: Fields) -> Thresholds:
    default = Thresholds()
    thresholds = Thresholds(
        confidence=fields.take("confidence", number(0.0, 1.0), default.confidence),
        iou=fields.take("iou", number(0.0, 1.0), default.iou),
        max_detections=fields.take("max_detections", whole(1, _MOST_DETECTIONS), default.max_detections),
    )
    fields.leave_rest()
    return thresholds


def _class_number(name: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", name):
        raise ValueError(text("SessionFile", "the numbers of classes as names"))
    return int(name)


def _colour_to_text(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _colour(value: Any) -> Colour:
    if not isinstance(value, str) or not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError(text("SessionFile", "colours such as #ff8800"))
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)
