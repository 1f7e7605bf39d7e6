"""The guard on a real model: what it builds is looked at through the engine and timed against the original."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cards import yolox_nano_card

from engine.cards import ModelCard, Precision
from engine.errors import CancelledError
from engine.optimise import guarded_build
from engine.optimise.alike import Likeness
from engine.optimise.calibration import Calibration
from engine.optimise.guard import Attempt, Goal, Guarded
from engine.optimise.guarded_build import FloatChoice, GuardedBuild, model_quantiser, quantise_guarded
from engine.optimise.one_lane import card_of_variant
from engine.optimise.variant import Layer, Origin, Quantisation, Variant, parse_kind

INT8 = parse_kind("onnx-int8")
LAYERS = (Layer("conv", "Conv", 100, 0, ()), Layer("act", "Sigmoid", 0, 1, ("conv",)))


class Control:
    def __init__(self) -> None:
        self.unwanted = False

    def progress(self, _phase: str, _share: float | None = None) -> None:
        if self.unwanted:
            raise CancelledError

    def cancelled(self) -> bool:
        return self.unwanted

    def wait(self, _seconds: float) -> bool:
        return self.unwanted


def _calibration(shared_data: Path, pictures: int = 4) -> Calibration:
    files = sorted((shared_data / "coco64" / "images").iterdir())[:pictures]
    return Calibration("coco64", Path("canvases.npy"), pictures, tuple(files))


def _quantise_by(make: Callable[[Path, Path], object]) -> Callable[..., Variant]:
    def quantise(card: ModelCard, _kind: Any, _how: Any, _frames: Any, *, output: Path, control: Any) -> Variant:
        control.progress("Calibrating", 0.5)
        output.parent.mkdir(parents=True, exist_ok=True)
        make(card.path, output)
        return Variant("onnx-int8", output, output.stat().st_size, Origin("", "", ""))

    return quantise


@pytest.fixture
def _copies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds nothing: a variant is the original itself."""
    monkeypatch.setattr(guarded_build, "quantise", _quantise_by(shutil.copyfile))
    monkeypatch.setattr(guarded_build, "layers", lambda *_: LAYERS)


@pytest.mark.data
@pytest.mark.usefixtures("_copies")
def test_the_original_is_like_itself_and_as_fast(shared_data: Path) -> None:
    card = yolox_nano_card(shared_data)

    with model_quantiser(card, INT8, _calibration(shared_data), Control()) as quantiser:
        same = quantiser.measure(Quantisation(), thoroughly=True)

    assert same.likeness.agreement == 1.0
    assert same.likeness.closeness == pytest.approx(1.0, abs=1e-6)
    assert same.likeness.expected > 0
    assert len(same.likeness.by_frame) == 4
    assert 0.5 < same.speed_up < 2.0


@pytest.mark.data
@pytest.mark.usefixtures("_copies")
def test_where_nothing_is_gained_nothing_is_written(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded_build, "speed_up", lambda _original, _variant: 1.0)

    built = quantise_guarded(
        yolox_nano_card(shared_data),
        INT8,
        _calibration(shared_data),
        Goal(),
        output=tmp_path / "variant.onnx",
        control=Control(),
    )

    assert built.variant is None
    assert list(tmp_path.iterdir()) == []
    assert built.verdict == "INT8 is no faster than the original here; keep the original"


@pytest.mark.data
@pytest.mark.usefixtures("_copies")
def test_labels_tell_what_a_variant_has_lost(shared_data: Path) -> None:
    card = yolox_nano_card(shared_data)

    def accuracy(measured: ModelCard) -> float:
        return 0.5 if measured is card else 0.45

    with model_quantiser(card, INT8, _calibration(shared_data, 1), Control(), accuracy=accuracy) as quantiser:
        attempt = quantiser.measure(Quantisation(), thoroughly=False)

    assert attempt.map_lost == pytest.approx(0.05)


@pytest.mark.data
@pytest.mark.usefixtures("_copies")
def test_a_cancel_ends_a_build(shared_data: Path) -> None:
    control = Control()

    with model_quantiser(yolox_nano_card(shared_data), INT8, _calibration(shared_data), control) as quantiser:
        control.unwanted = True
        with pytest.raises(CancelledError):
            quantiser.measure(Quantisation(), thoroughly=False)


def test_an_ir_of_an_onnx_model_has_its_own_card(tmp_path: Path) -> None:
    from cards import make_card

    card = make_card(tmp_path / "model.onnx")
    variant = card_of_variant(card, tmp_path / "model-int8.xml")

    assert (variant.file_format, variant.weight_files) == ("openvino_ir", (tmp_path / "model-int8.bin",))
    assert (variant.input, variant.roles, variant.class_names) == (card.input, card.roles, card.class_names)


def _attempt(agreement: float, gained: float) -> Attempt:
    return Attempt(Quantisation(), Likeness(agreement, agreement, (), 10), gained)


@pytest.mark.parametrize(
    ("best", "half", "says"),
    [
        (_attempt(0.97, 1.4), 1.2, "INT8 runs 1.40 times as fast on one thread and agrees to 97.0%"),
        (_attempt(0.97, 1.1), 1.5, "the original in BF16 runs 1.50 times as fast on one thread as in FP32"),
        (None, 1.5, "the original in BF16 runs 1.50 times as fast on one thread as in FP32"),
        (None, 0.9, "keep the original"),
    ],
)
def test_the_verdict_names_what_is_better(best: Attempt | None, half: float, says: str) -> None:
    guarded = Guarded(best, None, (), 3, 10.0)
    choice = FloatChoice(Precision.BF16, Likeness(0.99, 0.99, (), 10), half)

    assert GuardedBuild(None, guarded, (choice,), Goal()).verdict.endswith(says)


def test_a_half_precision_beyond_the_limit_is_not_recommended() -> None:
    choice = FloatChoice(Precision.FP16, Likeness(0.5, 0.5, (), 10), 2.0)

    assert "FP16" not in GuardedBuild(None, Guarded(None, None, (), 3, 10.0), (choice,), Goal()).verdict
