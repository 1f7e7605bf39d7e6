"""The stored answer: what the demo model finds on sixty frames of the demo scene, as the reference gave it.

The file is made by ``models/training/answers.py`` with ONNX Runtime in FP32 on a CPU. It names the model by its
SHA-256. On another processor, or with another OpenCV, the scene is drawn with other last digits, so each frame has a
print by which its distance from the one drawn here can be told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.cards import Thresholds
from engine.errors import ModelError
from engine.frames import Image
from engine.results import Detections
from engine.scene import FRAMES, Look

FRAME_NUMBERS = tuple(range(7, FRAMES, 30))
"""One frame of each second of the film."""
THRESHOLDS = Thresholds()
"""Those that the live view begins with."""

Print = tuple[int, ...]

_PRINT = 8
_STEP = 4
_VALUES = Look().width * 3 * -(-Look().height // _STEP)
_FORMAT = 1
_REMEDY = "Install Inferoscope again"


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was found on the frames ``FRAME_NUMBERS``, in that order.

    Attributes:
        model_sha256: Of the model that answered.
        reference: Runtime, device and precision that it ran on, for a person.
        prints: ``print_of`` each frame.
        found: What was found on each, in pixels of the frame.
    """

    model_sha256: str
    reference: str
    prints: tuple[Print, ...]
    found: tuple[Detections, ...]


def print_of(image: Image) -> Print:
    """Sums over a picture, uint8 (H, W, 3), under fixed random signs: exact whole numbers on every machine."""
    values = image[::_STEP].reshape(-1, image.shape[1] * 3)
    rows, columns = _signs(*values.shape)
    along = values.astype(np.float32) @ columns  # exact: below 2**24
    sums = (rows * along).sum(axis=0)
    return tuple(int(value) for value in sums)


def difference_rms(one: Sequence[Print], other: Sequence[Print]) -> float:
    """How far frames of the demo lie from others, root mean square over all values, in grey levels.

    Random signs keep lengths (Johnson and Lindenstrauss, 1984): the mean square of the sums' differences estimates the
    sum of the squared differences of the values.
    """
    apart = np.array(one, np.float64) - np.array(other, np.float64)
    return float(np.sqrt((apart**2).mean() / _VALUES))


@cache
def _signs(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """For the rows (height, n) and columns (width, n) of a picture: -1 or 1."""
    rng = np.random.default_rng(960540)
    rows, columns = (rng.choice((-1.0, 1.0), (length, _PRINT)) for length in (height, width))
    return rows, columns.astype(np.float32)


def write_answers(path: Path, answers: Answers) -> None:
    """Write the file, one line a frame."""
    frames = [
        json.dumps({"frame": number, "print": print_, "objects": _rows(found)})
        for number, print_, found in zip(FRAME_NUMBERS, answers.prints, answers.found, strict=True)
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
            tuple(_print(frame["print"]) for frame in frames),
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


def _print(values: Sequence[Any]) -> Print:
    if len(values) != _PRINT:
        raise ValueError(f"a print of {len(values)} numbers")
    return tuple(int(value) for value in values)


def _detections(rows: Sequence[Any]) -> Detections:
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, 2:].copy(), table[:, 1].copy(), table[:, 0].astype(np.int32))
