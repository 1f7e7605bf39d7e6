"""The stored answer: what the demo model finds on sixty frames of the demo scene, as the reference gave it.

The file is made by ``models/training/answers.py`` with ONNX Runtime in FP32 on a CPU. It names the model by its SHA-256
and each frame by a checksum of its pixels: on another processor the scene may be drawn with other last digits.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.cards import Thresholds
from engine.errors import ModelError
from engine.frames import Image
from engine.results import Detections
from engine.scene import FRAMES

FRAME_NUMBERS = tuple(range(7, FRAMES, 30))
"""One frame of each second of the film."""
THRESHOLDS = Thresholds()
"""Those that the live view begins with."""

_FORMAT = 1
_REMEDY = "Install Inferoscope again"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was found on the frames ``FRAME_NUMBERS``, in that order.

    Attributes:
        model_sha256: Of the model that answered.
        reference: Runtime, device and precision that it ran on, for a person.
        frame_crc32: Checksum of each frame's pixels.
        found: What was found on each, in pixels of the frame.
    """

    model_sha256: str
    reference: str
    frame_crc32: tuple[int, ...]
    found: tuple[Detections, ...]


def checksum(image: Image) -> int:
    """CRC-32 of a picture's pixels, row by row."""
    return zlib.crc32(image.tobytes())


def write_answers(path: Path, answers: Answers) -> None:
    """Write the file, one line a frame."""
    frames = [
        json.dumps({"frame": number, "crc32": crc32, "objects": _rows(found)})
        for number, crc32, found in zip(FRAME_NUMBERS, answers.frame_crc32, answers.found, strict=True)
    ]
    head = {
        "format": _FORMAT,
        "model_sha256": answers.model_sha256,
        "reference": answers.reference,
        "objects": "class_id, score, left, top, right, bottom in pixels",
    }
    lines = ",\n  ".join(frames)
    path.write_text(f'{json.dumps(head)[:-1]}, "frames": [\n  {lines}\n]}}\n', encoding="utf-8")


def read_answers(path: Path) -> Answers:
    """Read the file.

    Raises:
        ModelError: It cannot be read, is damaged, or is about other frames.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        frames = document["frames"]
        numbers = tuple(frame["frame"] for frame in frames)
        answers = Answers(
            str(document["model_sha256"]),
            str(document["reference"]),
            tuple(int(frame["crc32"]) for frame in frames),
            tuple(_detections(frame["objects"]) for frame in frames),
        )
    except OSError as error:
        raise ModelError(
            "The stored answer cannot be read", subject=str(path), remedy=_REMEDY, detail=str(error)
        ) from error
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise ModelError(
            "The stored answer is damaged", subject=str(path), remedy=_REMEDY, detail=repr(error)
        ) from error
    if document.get("format") != _FORMAT or numbers != FRAME_NUMBERS:
        raise ModelError("The stored answer is of another version", subject=str(path), remedy=_REMEDY)
    return answers


def _rows(found: Detections) -> list[list[float]]:
    """Objects in few digits: ten-thousandths of a score, hundredths of a pixel."""
    return [
        [class_id, round(score, 4), *(round(edge, 2) for edge in box)]
        for class_id, score, box in zip(found.class_id.tolist(), found.score.tolist(), found.xyxy.tolist(), strict=True)
    ]


def _detections(rows: Sequence[Any]) -> Detections:
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, 2:].copy(), table[:, 1].copy(), table[:, 0].astype(np.int32))
