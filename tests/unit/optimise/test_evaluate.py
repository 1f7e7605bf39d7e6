"""Accuracy on labelled pictures: what is read, how classes are matched, and that right answers count as right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cards import make_card

from engine.errors import ModelError, SourceError
from engine.optimise.evaluate import Truth, coco_accuracy, match_categories, read_truth

CATEGORIES = [{"id": 18, "name": "Dog"}, {"id": 17, "name": "cat"}]


def _truth() -> dict[str, Any]:
    return {
        "images": [{"id": 7, "file_name": "a.jpg"}, {"id": 9, "file_name": "b.jpg"}],
        "annotations": [
            {"id": 0, "image_id": 7, "category_id": 17, "bbox": [10, 10, 50, 50]},
            {"id": 1, "image_id": 9, "category_id": 18, "bbox": [20, 30, 100, 80]},
        ],
        "categories": CATEGORIES,
    }


def _files(folder: Path, truth: object) -> tuple[Path, Path]:
    annotations = folder / "instances.json"
    annotations.write_text(json.dumps(truth))
    for name in ("a.jpg", "b.jpg"):
        (folder / name).write_bytes(b"")
    return annotations, folder


def _found(*rows: tuple[int, int, list[float], float]) -> list[dict[str, Any]]:
    return [{"image_id": i, "category_id": c, "bbox": box, "score": score} for i, c, box, score in rows]


RIGHT = [(7, 17, [10.0, 10.0, 50.0, 50.0], 0.9), (9, 18, [20.0, 30.0, 100.0, 80.0], 0.8)]


def test_right_answers_are_worth_one_and_nothing_is_worth_zero(tmp_path: Path) -> None:
    truth = read_truth(*_files(tmp_path, _truth()))

    perfect = coco_accuracy(truth, _found(*RIGHT), {0: 17, 1: 18})

    assert (perfect.map, perfect.ap50, perfect.images, perfect.boxes) == (1.0, 1.0, 2, 2)
    assert perfect.by_class == {"cat": 1.0, "Dog": 1.0}
    assert coco_accuracy(truth, [], {0: 17, 1: 18}).map == 0.0


def test_a_wrong_class_and_a_loose_box_cost_what_they_should(tmp_path: Path) -> None:
    truth = read_truth(*_files(tmp_path, _truth()))
    wrong_class = (9, 17, [20.0, 30.0, 100.0, 80.0], 0.8)
    loose = (7, 17, [10.0, 10.0, 50.0, 40.0], 0.9)  # IoU 0.8

    assert coco_accuracy(truth, _found(RIGHT[0], wrong_class), {0: 17, 1: 18}).map == pytest.approx(0.5, abs=0.01)
    accuracy = coco_accuracy(truth, _found(loose, RIGHT[1]), {0: 17, 1: 18})
    assert accuracy.ap50 == 1.0
    assert accuracy.map == pytest.approx((0.7 + 1.0) / 2, abs=0.01)


def test_classes_are_matched_by_name_whatever_their_numbers() -> None:
    card = make_card(Path("m.onnx"), class_names=("cat", "dog", "zebra"))

    assert match_categories(card, CATEGORIES) == {0: 17, 1: 18}


def test_unnamed_classes_are_matched_by_order_where_the_count_fits() -> None:
    card = make_card(Path("m.onnx"), class_names=("0", "1"))

    assert match_categories(card, CATEGORIES) == {0: 17, 1: 18}


def test_classes_that_cannot_be_matched_are_an_error() -> None:
    card = make_card(Path("m.onnx"), class_names=("0", "1", "2"))

    with pytest.raises(ModelError, match="3 classes are not the 2 categories"):
        match_categories(card, CATEGORIES)


@pytest.mark.parametrize("content", ["not json", "[]", "{}", '{"images": 3, "annotations": [], "categories": []}'])
def test_what_is_no_annotation_file_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    file = tmp_path / "instances.json"
    file.write_text(content)

    with pytest.raises(ModelError, match="not a COCO annotation file"):
        read_truth(file, tmp_path)


def test_missing_pictures_are_counted_and_one_is_named(tmp_path: Path) -> None:
    annotations, folder = _files(tmp_path, _truth())
    (folder / "b.jpg").unlink()

    with pytest.raises(SourceError, match=r"1 of 2 annotated pictures are missing, the first is b\.jpg"):
        read_truth(annotations, folder)


def test_a_missing_annotation_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"absent\.json"):
        read_truth(tmp_path / "absent.json", tmp_path)


def test_truth_keeps_what_it_read(tmp_path: Path) -> None:
    truth = read_truth(*_files(tmp_path, _truth()))

    assert isinstance(truth, Truth)
    assert truth.image_ids == {"a.jpg": 7, "b.jpg": 9}
