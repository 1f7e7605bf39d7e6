"""What the model panel shows, as tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cards import make_card
from frame_results import make_detections

from engine.cards import ColourOrder, Fit, InputSpec, Precision, Task, Thresholds
from engine.errors import ModelError
from engine.overlay.palette import class_colour
from engine.results import Classification, SegmentationMap
from gui.engine_words import for_window
from gui.presenters.model_panel import Bar, Count, ListWish, SortBy, amount_text, card_state
from gui.presenters.model_panel.classes import arrange, bars, held, present, tally
from gui.presenters.model_panel.thresholds import thresholds_state, with_threshold
from gui.presenters.port import LoadState, ModelState

PATH = Path("/models/yolox_nano.onnx")
YOLOX = make_card(
    PATH,
    family="yolox",
    family_title="YOLOX",
    confidence=0.98,
    model_bytes=3_678_356,
    opset=11,
    input=InputSpec("images", 416, 416, fit=Fit.LETTERBOX_TOP_LEFT, colour_order=ColourOrder.BGR),
)


def test_the_card_says_what_the_model_is_and_how_sure_that_is() -> None:
    state = card_state(PATH, ModelState(card=YOLOX))

    assert (state.title, state.family, state.task) == ("yolox_nano.onnx", "YOLOX, 98 % sure", "Finds objects")
    assert dict(state.facts) == {
        "Input": "416 × 416, BGR",
        "Fit": "letterbox, top left",
        "Values": "0 to 255",
        "Classes": "2, from metadata",
        "Weights": "FP32, 3.7 MB",
        "Format": "ONNX, opset 11",
    }
    assert state.evidence == ("made for a test.",)
    assert not state.unsure


@pytest.mark.parametrize(
    ("changes", "fact", "value"),
    [
        ({"class_names": ()}, "Classes", "unknown, shown as numbers"),
        ({"file_format": "openvino_ir"}, "Format", "OpenVINO IR"),
        ({"stored_precision": Precision.INT8}, "Weights", "INT8, 3.7 MB"),
        ({"input": InputSpec("i", 64, 96, batch=4)}, "Batch", "4"),
        ({"input": InputSpec("i", 64, 96, scale=(255.0,) * 3)}, "Values", "0 to 1"),
        ({"input": InputSpec("i", 6, 9, mean=(1.0, 2.0, 3.5), scale=(2.0,) * 3)}, "Values", "(x - 1, 2, 3.5) / 2"),
        ({"keypoint_names": ("nose", "ear")}, "Keypoints", "2"),
        ({"model_bytes": 1500}, "Weights", "FP32, 1.5 kB"),
    ],
)
def test_facts(changes: dict[str, object], fact: str, value: str) -> None:
    state = card_state(PATH, ModelState(card=replace(YOLOX, **changes)))

    assert dict(state.facts)[fact] == value


def test_an_unsure_guess_is_shown_as_one_and_a_correction_as_the_persons() -> None:
    assert card_state(PATH, ModelState(card=replace(YOLOX, confidence=0.5))).unsure
    corrected = card_state(PATH, ModelState(card=replace(YOLOX, corrected=True, confidence=1.0)))
    assert corrected.corrected
    assert corrected.family == "YOLOX, corrected by you"


@pytest.mark.parametrize(
    ("load", "phase", "share"),
    [
        (LoadState("Compiling", 3.2, None), "Compiling, 3 s", None),
        (LoadState("Compiling", 3.0, 6.0), "Compiling, 3 of about 6 s", 0.5),
        (LoadState("Compiling", 9.0, 6.0), "Compiling, 9 of about 6 s", 0.99),
        (LoadState("Compiling", 0.0, 0.2), "Compiling, 0 of about 1 s", 0.0),
    ],
)
def test_loading(load: LoadState, phase: str, share: float | None) -> None:
    loading = card_state(PATH, ModelState(loading=load)).loading

    assert loading is not None
    assert (loading.phase, loading.share) == (phase, share)


def test_a_problem_says_what_happened_and_what_to_do() -> None:
    error = ModelError("It is no model", subject="x.onnx", expected="ONNX", remedy="Export it again", detail="byte 4")
    problem = card_state(PATH, ModelState(error=error)).problem

    assert problem is not None
    assert problem.what == "It is no model; expected ONNX."
    assert problem.remedy == "Export it again."
    assert problem.detail == "x.onnx\nbyte 4"


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("640x640 is taken (inspect --set size=WxH changes it)", "640x640 is taken"),
        ("Is it A (detect), or B (detect; --set family=b)?", "Is it A (detect), or B (detect)?"),
        ("Is it A (detect)? If not, --set family=FAMILY says what it is", "Is it A (detect)?"),
        ("Which range (taken) or another? (--set mean=.. --set scale=..)", "Which range (taken) or another?"),
        ("give the right names with inspect --set names=FILE", "give the right names"),
        (
            "Name another family, or forget the correction (inspect MODEL --forget)",
            "Name another family, or forget the correction",
        ),
        ("There are 80 classes, as in COCO", "There are 80 classes, as in COCO"),
    ],
)
def test_the_window_gives_no_advice_for_the_command_line(sentence: str, shown: str) -> None:
    assert for_window(sentence) == shown


def test_thresholds_that_make_no_difference_are_not_shown() -> None:
    assert dict(thresholds_state(YOLOX, Thresholds(0.3, 0.6, 50)).values) == {
        "confidence": 0.3,
        "iou": 0.6,
        "max_detections": 50.0,
    }
    assert "iou" not in thresholds_state(replace(YOLOX, family="rtdetr"), Thresholds()).values
    assert thresholds_state(replace(YOLOX, task=Task.CLASSIFY), Thresholds()).values == {}
    assert thresholds_state(None, Thresholds()).values == {}


@pytest.mark.parametrize(
    ("key", "value", "after"),
    [
        ("confidence", 0.5, Thresholds(confidence=0.5)),
        ("confidence", 7.0, Thresholds(confidence=1.0)),
        ("max_detections", 12.0, Thresholds(max_detections=12)),
        ("max_detections", 0.0, Thresholds(max_detections=1)),
    ],
)
def test_a_threshold_is_changed_within_its_limits(key: str, value: float, after: Thresholds) -> None:
    changed = with_threshold(Thresholds(), key, value)

    assert changed == after
    assert type(getattr(changed, key)) is type(getattr(after, key))


def test_a_threshold_goes_back_to_its_usual_value() -> None:
    assert with_threshold(Thresholds(iou=0.9), "iou", None) == Thresholds()


def test_what_is_present_on_a_picture() -> None:
    detections = make_detections((0, 0, 1, 1, 0.9, 2), (0, 0, 1, 1, 0.8, 0), (0, 0, 1, 1, 0.7, 2))
    shares = SegmentationMap(np.array([[0, 0, 0, 3], [-1, 3, 3, 0]], np.int32))

    assert present(None) == {}
    assert present(make_detections()) == {}
    assert present(detections) == {0: 1.0, 2: 2.0}
    assert present(Classification(np.array([0.25, 0.75], np.float32))) == {1: 0.75, 0: 0.25}
    assert present(shares) == {0: 0.5, 3: 0.375}


def test_the_most_of_each_class_is_remembered() -> None:
    once = tally({}, {0: 2.0})
    again = tally(once, {1: 1.0})

    assert again == {0: Count(0.0, 2.0), 1: Count(1.0, 1.0)}


def test_bars_are_for_what_is_said_of_a_whole_picture() -> None:
    result = Classification(np.array([0.25, 0.75], np.float32))

    assert bars(YOLOX, make_detections((0, 0, 1, 1, 0.9, 1)), {}) == ()
    assert bars(YOLOX, result, {0: (1, 2, 3)}) == (Bar("dog", 0.75, class_colour(1)), Bar("cat", 0.25, (1, 2, 3)))


NAMES = ("person", "car", "Bicycle", "bus")
SEEN = {3: Count(1.0, 2.0), 1: Count(0.0, 5.0), 0: Count(1.0, 4.0)}


@pytest.mark.parametrize(
    ("wish", "order"),
    [
        (ListWish(), (0, 3, 1, 2)),
        (ListWish(by=SortBy.NAME), (2, 3, 1, 0)),
        (ListWish(by=SortBy.NUMBER), (0, 1, 2, 3)),
        (ListWish(only_seen=True), (0, 3, 1)),
        (ListWish(pattern="B"), (3, 2)),
        (ListWish(pattern="zebra"), ()),
    ],
)
def test_the_list_is_put_in_order(wish: ListWish, order: tuple[int, ...]) -> None:
    assert arrange(NAMES, SEEN, wish) == order


def test_classes_without_a_name_are_listed_when_they_are_seen() -> None:
    assert arrange((), {7: Count(1.0, 1.0)}, ListWish()) == (7,)
    assert arrange((), {7: Count(1.0, 1.0)}, ListWish(pattern="7")) == (7,)


def test_an_order_that_is_held_changes_at_its_end_alone() -> None:
    assert held((2, 0, 1), (0, 1, 2)) == (2, 0, 1)
    assert held((2, 0, 1), (1, 2, 5)) == (2, 1, 5)


@pytest.mark.parametrize(
    ("amount", "whole", "words"),
    [(3.0, False, "3"), (0.0, False, "0"), (0.123, True, "12 %"), (0.004, True, "< 1 %"), (0.0, True, "0 %")],
)
def test_amounts(amount: float, whole: bool, words: str) -> None:
    assert amount_text(amount, whole) == words
