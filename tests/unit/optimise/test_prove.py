"""A model and a variant of it, measured and compared by real runtimes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from demo_stand_in import save_stand_in
from waiting_tasks import Control

from engine.backends.table import load_backend
from engine.library.identify import identify
from engine.optimise.calibration import collect
from engine.optimise.candidate import Refused
from engine.optimise.prove import Built, Demand, Ground, prove
from engine.optimise.stopwatch import load_pictures
from engine.optimise.timing import Effort
from engine.optimise.variant import Origin, Variant

BRIEF = Demand(effort=Effort(seconds=0.02, least_rounds=2, most_rounds=2))


def test_a_variant_that_finds_something_else_is_shown_with_its_frames(tmp_path: Path) -> None:
    original = identify(save_stand_in(tmp_path / "m.onnx"))
    other = identify(save_stand_in(tmp_path / "other.onnx", grey=0.8))
    variant = Variant("onnx-int8", other.path, other.model_bytes, Origin("m.onnx", "abc", "onnx-int8"), build_s=2.0)
    work = tmp_path / "work"
    work.mkdir()
    calibration = collect(original, "demo", work, Control(), frames=8)
    backends = [("openvino", [d for d in load_backend("openvino").devices() if d.name == "CPU"])]
    ground = Ground(backends, work, calibration)
    unbuilt = Refused("pruned-50", "", "It cannot be pruned.")

    report = prove(original, [Built(variant, other)], ground, Control(), demand=BRIEF, refused=[unbuilt])

    (first, *_) = report.original.ways
    assert first.likeness is not None
    assert (first.likeness.agreement, first.timing.speed.median, first.timing.rounds) == (1.0, 1.0, 2)
    (entry,) = report.variants
    assert (entry.name, entry.build_s, entry.origin["source_sha256"]) == ("onnx-int8", 2.0, "abc")
    assert entry.likeness is not None
    assert entry.likeness.agreement < 0.95
    assert report.frames == len(calibration.held_out)
    assert unbuilt in report.refused
    assert report.recommendation is not None
    assert report.recommendation.name == "original"
    (worst, *_) = [frame for frame in report.worst if frame.name == "onnx-int8"]
    assert worst.agreement == min(min(way.likeness.by_frame) for way in entry.ways if way.likeness)
    assert worst.original != worst.variant
    assert worst.original.startswith(b"\xff\xd8")


def test_what_is_timed_without_a_source_is_the_demo(tmp_path: Path) -> None:
    original = identify(save_stand_in(tmp_path / "m.onnx"))
    ground = Ground([("nothing", ())], tmp_path)

    report = prove(original, (), ground, Control(), demand=BRIEF)

    assert (report.original.ways, report.recommendation, report.source) == ((), None, "")
    pictures = load_pictures(tmp_path / "timing-pictures.npz")
    assert len(pictures) == 4
    assert all(picture.dtype == np.uint8 for picture in pictures)
