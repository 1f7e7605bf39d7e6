"""What is a hit, and what is not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from engine.agreement import Agreement, agreement, agreement_with_truth, match
from engine.results import Detections, GroundTruth

Row = tuple[float, float, float, float, int, float]
BOX, FAR = (10.0, 10.0, 50.0, 90.0), (200.0, 10.0, 240.0, 90.0)


def objects(rows: Sequence[Row]) -> Detections:
    return Detections(
        np.array([row[:4] for row in rows], np.float32).reshape(-1, 4),
        np.array([row[5] for row in rows], np.float32),
        np.array([row[4] for row in rows], np.int32),
    )


@pytest.mark.parametrize(
    ("found", "expected", "counts"),
    [
        ([], [], (0, 0, 0)),
        ([(*BOX, 0, 0.9)], [], (0, 1, 0)),
        ([], [(*BOX, 0, 1.0)], (0, 0, 1)),
        ([(*BOX, 0, 0.9)], [(*BOX, 0, 1.0)], (1, 1, 1)),
        ([(*BOX, 1, 0.9)], [(*BOX, 0, 1.0)], (0, 1, 1)),
        ([(*FAR, 0, 0.9)], [(*BOX, 0, 1.0)], (0, 1, 1)),
        # Twice the same object: the second is made up.
        ([(*BOX, 0, 0.9), (*BOX, 0, 0.8)], [(*BOX, 0, 1.0)], (1, 2, 1)),
        ([(*BOX, 0, 0.9), (*FAR, 0, 0.8)], [(*FAR, 0, 1.0), (*BOX, 0, 1.0)], (2, 2, 2)),
    ],
)
def test_counts(found: list[Row], expected: list[Row], counts: tuple[int, int, int]) -> None:
    assert agreement(objects(found), objects(expected)) == Agreement(*counts)


def test_the_surest_takes_the_object_though_it_comes_last() -> None:
    found = objects([(12, 10, 50, 90, 0, 0.4), (*BOX, 0, 0.9)])
    assert match(found, objects([(*BOX, 0, 1.0)])).tolist() == [-1, 0]


def test_half_of_the_union_is_enough_and_less_is_not() -> None:
    expected = objects([(0, 0, 100, 100, 0, 1.0)])
    assert agreement(objects([(0, 0, 100, 51, 0, 1.0)]), expected).hits == 1
    assert agreement(objects([(0, 0, 100, 49, 0, 1.0)]), expected).hits == 0
    assert agreement(objects([(0, 0, 100, 51, 0, 1.0)]), expected, least_iou=0.6).hits == 0


def test_counts_add_up_and_become_shares() -> None:
    total = Agreement(3, 4, 6) + Agreement(0, 1, 0)
    assert total.precision == pytest.approx(0.6)
    assert total.recall == pytest.approx(0.5)
    assert total.f1 == pytest.approx(6 / 11)
    assert Agreement().precision is None and Agreement().recall is None and Agreement().f1 == 1.0


def test_classes_are_told_by_name_and_only_common_ones_count() -> None:
    truth = GroundTruth(objects([(*BOX, 0, 1.0), (*FAR, 1, 1.0)]), ("bottle", "crack"))
    found = objects([(*BOX, 2, 0.9), (*FAR, 0, 0.9)])
    assert agreement_with_truth(found, ("person", "car", "bottle"), truth) == Agreement(1, 1, 1)


def test_without_a_common_class_nothing_can_be_said() -> None:
    truth = GroundTruth(objects([(*BOX, 0, 1.0)]), ("bottle",))
    assert agreement_with_truth(objects([(*BOX, 0, 0.9)]), ("person",), truth) is None


def test_a_class_beyond_the_names_is_nobodys() -> None:
    truth = GroundTruth(objects([(*BOX, 0, 1.0)]), ("bottle",))
    assert agreement_with_truth(objects([(*BOX, 7, 0.9)]), ("bottle",), truth) == Agreement(0, 0, 1)
