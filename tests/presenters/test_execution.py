from __future__ import annotations

from dataclasses import replace

import frame_results
import pytest

from engine.cards import Fallback, Precision, Profile
from engine.errors import BackendError
from gui.presenters.execution import Loading, badge, loading
from gui.presenters.health import Level
from gui.presenters.port import LoadState, ModelState

REPORT = replace(
    frame_results.REPORT,
    backend_version="2026.4",
    device_requested="",
    device_title="AMD EPYC",
    precision_requested=Precision.AUTO,
    precision_shares={Precision.FP32: 0.018, Precision.BF16: 0.982},
    placement={"CPU": 268},
    profile=Profile.THROUGHPUT,
    lanes=4,
    compile_s=0.62,
    from_cache=True,
)
FALLBACK = Fallback("FP16", "BF16", "The CPU computes in BF16", "Ask for bf16")


@pytest.mark.parametrize(
    ("state", "level", "words"),
    [
        (None, Level.IDLE, "No model"),
        (ModelState(), Level.BUSY, "Not running yet"),
        (ModelState(report=REPORT), Level.GOOD, "OpenVINO · CPU · BF16 + FP32"),
        (ModelState(report=replace(REPORT, fallbacks=(FALLBACK,))), Level.WARNING, "OpenVINO · CPU · BF16 + FP32"),
        (ModelState(report=replace(REPORT, warnings=("Slow",))), Level.WARNING, "OpenVINO · CPU · BF16 + FP32"),
        (ModelState(error=BackendError("It failed")), Level.ERROR, "Does not run"),
        (ModelState(report=REPORT, error=BackendError("It failed")), Level.WARNING, "OpenVINO · CPU · BF16 + FP32"),
    ],
)
def test_the_badge_says_what_really_runs(state: ModelState | None, level: Level, words: str) -> None:
    shown = badge(state)
    assert (shown.level, shown.words) == (level, words)


def test_a_fall_back_is_told_with_reason_and_cure() -> None:
    notes = badge(ModelState(report=replace(REPORT, fallbacks=(FALLBACK,), warnings=("One lane",)))).notes
    assert notes == ("FP16 was asked for, BF16 runs: The CPU computes in BF16. Ask for bf16.", "One lane")


def test_the_report_is_told_in_words() -> None:
    rows = dict(badge(ModelState(report=REPORT)).rows)
    assert rows["Backend"] == "OpenVINO 2026.4"
    assert rows["Asked for"] == "any device, precision AUTO"
    assert rows["Computed in"] == "BF16 98.2 %, FP32 1.8 %"
    assert rows["Placed on"] == "CPU: 268 operations"
    assert rows["In parallel"] == "4 frames, 2 processor threads in all"
    assert rows["Made ready in"] == "0.62 s, from the cache"


@pytest.mark.parametrize(
    ("shares", "words"),
    [({}, "not told"), ({Precision.FP32: 1.0}, "FP32 100 %"),
     ({Precision.FP32: 0.9999, Precision.INT8: 0.0001}, "FP32 100.0 %, INT8 < 0.1 %")],
)  # fmt: skip
def test_shares_are_told_in_percent(shares: dict[Precision, float], words: str) -> None:
    state = ModelState(report=replace(REPORT, precision_shares=shares))
    assert dict(badge(state).rows)["Computed in"] == words


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (None, None),
        (LoadState("Compiling", 3.7, None), Loading("Compiling · 3 s", None)),
        (LoadState("Compiling", 3.0, 6.0), Loading("Compiling · 3 s", 0.5)),
        (LoadState("Compiling", 9.0, 6.0), Loading("Compiling · 9 s", 0.99)),
    ],
)
def test_loading_is_never_told_as_done_before_it_is(state: LoadState | None, shown: Loading | None) -> None:
    assert loading(state) == shown
