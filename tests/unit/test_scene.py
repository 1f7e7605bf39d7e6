"""The bottling line: the same frame for the same number, and a truth that is true."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from engine.scene import CLASS_NAMES, FRAMES, Look, Scene, Traffic
from engine.scene.bottle import CRACK, LOW_FILL, MISSING_CAP, SKEWED_LABEL, choose_bottle
from engine.scene.look import Light
from engine.scene.sprite import draw_sprite

SMALL = Look(width=512, height=288)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(SMALL)


def test_a_frame_depends_on_its_number_alone(scene: Scene) -> None:
    other = Scene(SMALL)
    for number in (900, 3, 17):
        other.frame(number)
    again, first = other.frame(5), scene.frame(5)
    assert (again.image == first.image).all()
    assert (again.truth.xyxy == first.truth.xyxy).all()


def test_another_seed_is_another_film(scene: Scene) -> None:
    assert (Scene(SMALL, seed=1).frame(5).image != scene.frame(5).image).any()


def test_its_end_leads_to_its_beginning(scene: Scene) -> None:
    """From the last frame to the first nothing moves further than from any frame to its next."""
    last, first = scene.frame(FRAMES - 1), scene.frame(FRAMES)
    assert (first.image == scene.frame(0).image).all()
    usual = np.abs(scene.frame(1).image.astype(int) - scene.frame(0).image).mean()
    assert np.abs(first.image.astype(int) - last.image).mean() < 1.5 * usual


def test_every_class_is_seen_within_the_film_and_large_enough(scene: Scene) -> None:
    seen = set()
    for number in range(0, FRAMES, 60):
        truth = scene.frame(number).truth
        seen |= set(truth.class_id.tolist())
        sides = truth.xyxy[:, 2:] - truth.xyxy[:, :2]
        assert sides.min() >= 14
        assert (truth.xyxy >= 0).all() and (truth.xyxy <= (512, 288, 512, 288)).all()
    assert seen == set(range(len(CLASS_NAMES)))


def test_the_boxes_of_a_bottle_share_its_track(scene: Scene) -> None:
    for number in range(0, FRAMES, 200):
        truth = scene.frame(number).truth
        bottles = truth.class_id == 0
        assert truth.track_id is not None
        ids = truth.track_id[bottles]
        assert len(set(ids.tolist())) == len(ids)
        for box, track in zip(truth.xyxy[~bottles], truth.track_id[~bottles], strict=True):
            for whole in truth.xyxy[bottles][ids == track]:
                centre = (box[:2] + box[2:]) / 2
                assert (centre > whole[:2] - 12).all() and (centre < whole[2:] + 12).all()


def test_a_bottle_keeps_its_track_while_it_moves(scene: Scene) -> None:
    before, after = scene.frame(100).truth, scene.frame(103).truth
    assert before.track_id is not None and after.track_id is not None
    at = {int(i): box for i, box, c in zip(before.track_id, before.xyxy, before.class_id, strict=True) if c == 0}
    moves = [
        float(box[0] - at[int(i)][0])
        for i, box, c in zip(after.track_id, after.xyxy, after.class_id, strict=True)
        if c == 0 and int(i) in at and box[0] > 5 and box[2] < 507
    ]
    assert moves and all(2 < move < 12 for move in moves)


def test_what_stands_in_front_hides_what_is_behind() -> None:
    """With bottles shoulder to shoulder in two rows many of the back row are hidden; alone none is."""
    crowd = replace(SMALL, traffic=Traffic(pitch=0.09, empty=0.0, rows=(0.05, -0.05)))
    front = replace(SMALL, traffic=Traffic(pitch=0.09, empty=0.0, rows=(-0.05,)))
    both = np.mean([(Scene(crowd).frame(n).truth.class_id == 0).sum() for n in (0, 500)])
    alone = np.mean([(Scene(front).frame(n).truth.class_id == 0).sum() for n in (0, 500)])
    assert alone < both < 1.9 * alone


def test_a_box_is_where_the_bottle_was_drawn() -> None:
    """Without noise and tremble, the picture differs from the empty scene inside the box of its only bottle."""
    look = replace(
        SMALL,
        traffic=Traffic(rows=(0.0,), pitch=0.9, empty=0.0, flawed=0.0),
        light=Light(noise=0.0, blur_px=0.0, drift=0.0),
        view=replace(SMALL.view, tremble_px=0.0),
    )
    line = Scene(look)
    bare = Scene(replace(look, traffic=replace(look.traffic, empty=1.0)))
    number = next(n for n in range(0, FRAMES, 10) if _is_inside(line.frame(n).truth.xyxy))
    frame = line.frame(number)
    changed = np.abs(frame.image.astype(int) - bare.frame(number).image).max(axis=2) > 24
    left, top, right, bottom = frame.truth.xyxy[0]
    columns, rows = np.flatnonzero(changed.any(axis=0)), np.flatnonzero(changed[: int(bottom)].any(axis=1))
    assert rows[0] == pytest.approx(top, abs=2)
    above = changed[: int(bottom) - 30]
    columns = np.flatnonzero(above.any(axis=0))
    assert columns[0] == pytest.approx(left, abs=3)
    assert columns[-1] == pytest.approx(right, abs=3)


def _is_inside(boxes: np.ndarray) -> bool:
    return len(boxes) == 1 and bool((boxes[0] > 20).all() and boxes[0][2] < 490)


@pytest.mark.parametrize("defect", [MISSING_CAP, SKEWED_LABEL, LOW_FILL, CRACK])
def test_a_defect_changes_the_picture_in_its_region(defect: int) -> None:
    bottle = next(b for b in (choose_bottle((9, n), 1.0) for n in range(99)) if b.defects == {defect})
    level = bottle.shape.fill if defect == LOW_FILL else bottle.level
    sound = replace(bottle, defects=frozenset(), skew=0.0 if defect == SKEWED_LABEL else bottle.skew, level=level)
    drawn, whole = (draw_sprite(b, 900, 0.3, Light()) for b in (bottle, sound))
    changed = np.abs(drawn.picture.astype(int) - whole.picture).max(axis=2) > 20
    left, top, right, bottom = drawn.defects[defect]
    region = np.s_[
        round(top + drawn.foot[1]) - 4 : round(bottom + drawn.foot[1]) + 4,
        round(left + drawn.foot[0]) - 4 : round(right + drawn.foot[0]) + 4,
    ]
    standing = changed[: drawn.foot[1]]
    assert standing[region].sum() > 0.9 * standing.sum() > 100


def test_a_frame_costs_little(scene: Scene) -> None:
    """A bound far above what it takes, against a slip by an order of magnitude; the measure is in the benches."""
    scene.frame(0)
    before = time.thread_time()
    scene.frame(1)
    assert time.thread_time() - before < 0.06
