"""One frame through a model that is not loaded: the same as through its lanes, and nothing is left of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.cards import ModelCard, Thresholds
from engine.errors import CancelledError, InferoscopeError
from engine.frames import Frame
from engine.library.corrections import Correction
from engine.library.identify import identify
from engine.opencv import cv2
from engine.pipeline.preview import analyse_once
from engine.results import Detections

pytestmark = pytest.mark.data


class Waiting:
    """Whoever waits for the answer; loses interest when ``phases`` are over."""

    def __init__(self, phases: int = 100) -> None:
        self.phases: list[str] = []
        self._most = phases

    def progress(self, phase: str) -> None:
        self.phases.append(phase)
        if self.cancelled():
            raise CancelledError

    def cancelled(self) -> bool:
        return len(self.phases) > self._most


@pytest.fixture(scope="module")
def frame(shared_data: Path) -> Frame:
    video = cv2.VideoCapture(str(shared_data / "video" / "one-by-one-person-detection.mp4"))
    video.set(cv2.CAP_PROP_POS_FRAMES, 300)
    _, image = video.read()
    video.release()
    return Frame(np.asarray(image, np.uint8), 300, 1, 1, None, "one-by-one-person-detection.mp4")


@pytest.fixture
def yolox(shared_data: Path) -> ModelCard:
    return identify(shared_data / "models" / "yolox_nano.onnx", correction=Correction())


def test_a_frame_is_analysed_with_what_the_card_says(yolox: ModelCard, frame: Frame) -> None:
    waiting = Waiting()
    answer = analyse_once(yolox, frame, Thresholds(0.25), waiting)

    found = answer.result
    assert isinstance(found, Detections)
    names = [yolox.class_name(int(i)) for i in found.class_id]
    assert "person" in names
    assert answer.frame is frame
    assert answer.configuration.card is yolox
    assert waiting.phases[0] == "Trying the new model in a process of its own"
    assert waiting.phases[-1] == "Analysing the picture"
    assert answer.timings.infer_ns > 0


def test_a_wrong_correction_shows_in_what_is_found(yolox: ModelCard, frame: Frame) -> None:
    wrong = identify(yolox.path, correction=Correction({"scale": "2550000"}))

    right, answer = (analyse_once(card, frame, Thresholds(0.25), Waiting()) for card in (yolox, wrong))

    assert isinstance(right.result, Detections)
    assert isinstance(answer.result, Detections)
    assert len(answer.result) < len(right.result)


def test_a_model_is_tried_as_what_a_person_says_it_is(yolox: ModelCard, frame: Frame) -> None:
    said = identify(yolox.path, correction=Correction({"family": "yolov5"}))

    answer = analyse_once(said, frame, Thresholds(0.25), Waiting())

    assert answer.configuration.card.family == "yolov5"


def test_nobody_waits_any_more(yolox: ModelCard, frame: Frame) -> None:
    with pytest.raises(CancelledError):
        analyse_once(yolox, frame, Thresholds(), Waiting(phases=0))


def test_a_file_that_is_gone_is_told_in_words(yolox: ModelCard, frame: Frame, tmp_path: Path) -> None:
    gone = tmp_path / "gone.onnx"
    gone.write_bytes(yolox.path.read_bytes())
    card = identify(gone, correction=Correction())
    gone.unlink()

    with pytest.raises(InferoscopeError, match=r"gone\.onnx"):
        analyse_once(card, frame, Thresholds(), Waiting())
