"""``inferoscope sources``: which cameras and screens are here, as ``--source`` takes them."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass

from engine.errors import SourceError


@dataclass(frozen=True, slots=True)
class Choice:
    """A live source that can be opened.

    Attributes:
        source: What ``--source`` takes.
        kind: "camera" or "screen".
        title: What a person calls it.
        path: Where the system has it, "" where it does not say.
    """

    source: str
    kind: str
    title: str
    path: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of this command."""
    parser.add_argument("--json", action="store_true", help="print one JSON document (docs/json.md)")


def run(arguments: argparse.Namespace) -> int:
    """Print every camera and screen; 0 even where there is none, since telling so is the purpose."""
    choices = [*_cameras(), *_screens()]
    if arguments.json:
        print(json.dumps({"sources": [asdict(choice) for choice in choices]}, ensure_ascii=False, indent=2))
        return 0
    for choice in choices:
        print(f"{choice.source:<12} {choice.title}  {choice.path}".rstrip())
    if not choices:
        print("No camera is plugged in, and there is no screen.")
    return 0


def _cameras() -> list[Choice]:
    from engine.capture.camera_list import list_cameras

    return [Choice(f"camera:{camera.index}", "camera", camera.name, camera.path) for camera in list_cameras()]


def _screens() -> list[Choice]:
    from engine.capture.screen import list_screens

    try:
        screens = list_screens()
    except SourceError:
        return []  # No display: a server has none, and that is no error of this command.
    return [Choice(f"screen:{s.index}", "screen", f"{s.name} {s.width}x{s.height}") for s in screens]
