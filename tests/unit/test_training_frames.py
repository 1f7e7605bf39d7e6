"""Frames that the embedded detector is trained on: rendered alike every time, varied together with their truth."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TRAINING = Path(__file__).parents[2] / "models" / "training"


@pytest.fixture
def augment(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(TRAINING))
    return importlib.import_module("augment")


@pytest.fixture
def dataset(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(TRAINING))
    return importlib.import_module("dataset")


def test_a_shard_is_the_same_every_time_and_read_as_it_was_rendered(dataset: Any, tmp_path: Path) -> None:
    split = dataset.Split("few", first_seed=7, scenes=2, frames=2, shard_scenes=1)
    for folder in (tmp_path / "one", tmp_path / "two"):
        for shard in range(split.shards):
            dataset.render_shard(split, shard, folder)

    one, two = (dataset.RenderedFrames(split, tmp_path / name) for name in ("one", "two"))

    assert len(one) == 4
    for i in range(4):
        (picture, truth), (again, truth_again) = one[i], two[i]
        assert picture.shape == (288, 512, 3)
        assert np.array_equal(picture, again)
        assert np.array_equal(truth.boxes, truth_again.boxes)
        assert len(truth.boxes) == len(truth.classes)
        assert (truth.boxes >= 0).all()
        assert (truth.boxes <= (512, 288, 512, 288)).all()
    assert not np.array_equal(one[0][0], one[2][0]), "each scene has a look of its own"


def test_a_shard_that_is_there_is_not_made_again(dataset: Any, tmp_path: Path) -> None:
    split = dataset.Split("few", first_seed=7, scenes=1, frames=1)
    dataset.render_shard(split, 0, tmp_path)
    pictures, _ = dataset.shard_files(split, 0, tmp_path)
    made = pictures.stat().st_mtime_ns

    dataset.render_shard(split, 0, tmp_path)

    assert pictures.stat().st_mtime_ns == made


@pytest.mark.parametrize("mirror", [0.0, 1.0])
@pytest.mark.parametrize("scale", [0.7, 1.3])
def test_a_box_moves_with_what_it_surrounds(augment: Any, mirror: float, scale: float) -> None:
    picture = np.zeros((288, 512, 3), np.uint8)
    picture[100:160, 200:240] = 255
    truth = augment.Objects(np.array([[200, 100, 240, 160]], np.float32), np.array([3]))
    rng = np.random.default_rng(5)
    matrix = augment.random_move(picture.shape, rng, augment.Variety(mirror=mirror, scale=(scale, scale)))

    moved, objects = augment.move(picture, truth, matrix, _BlackBorder())

    rows, columns = np.nonzero(moved[:, :, 0] > 127)
    seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert objects.boxes[0] == pytest.approx(seen, abs=1.0)
    assert objects.classes.tolist() == [3]


class _BlackBorder:
    """A generator whose colour for what comes into view is black."""

    def integers(self, _low: int, _high: int, size: int) -> np.ndarray[Any, Any]:
        return np.zeros(size, np.int64)


@pytest.mark.parametrize(
    ("box", "left"),
    [
        ((10, 10, 50, 50), (10, 10, 50, 50)),
        ((-10, 10, 30, 50), (0, 10, 30, 50)),  # Three quarters are inside.
        ((-30, 10, 20, 50), (0, 10, 20, 50)),  # Just 40 %.
        ((-31, 10, 19, 50), None),
        ((100, 100, 107, 150), None),  # Too narrow to be taught.
        ((600, 10, 650, 50), None),
    ],
)
def test_what_lies_outside_too_far_is_no_truth_any_more(
    augment: Any, box: tuple[int, ...], left: tuple[int, ...] | None
) -> None:
    kept = augment.keep_visible(np.array([box], np.float64), np.array([1]), 512, 288)

    assert kept.boxes.tolist() == ([] if left is None else [list(left)])


def test_a_frame_without_objects_can_be_varied(augment: Any) -> None:
    picture = np.full((288, 512, 3), 90, np.uint8)
    nothing = augment.Objects(np.zeros((0, 4), np.float32), np.zeros(0, np.int64))
    everything = augment.Variety(grey=1, blur=1, noise=1, jpeg=1, cut_out=1)

    varied, truth = augment.vary(picture, nothing, np.random.default_rng(0), everything)

    assert varied.shape == picture.shape
    assert varied.dtype == np.uint8
    assert truth.boxes.shape == (0, 4)


def test_the_same_draw_gives_the_same_picture(augment: Any) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (288, 512, 3), np.uint8)
    truth = augment.Objects(np.array([[200, 100, 240, 160]], np.float32), np.array([3]))

    one, _ = augment.vary(picture, truth, np.random.default_rng((0, 9)), augment.Variety())
    two, _ = augment.vary(picture, truth, np.random.default_rng((0, 9)), augment.Variety())

    assert np.array_equal(one, two)
    assert not np.array_equal(one, picture)
