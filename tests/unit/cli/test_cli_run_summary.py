"""What a person reads at the end of a run."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest
from cards import make_card

from engine.cli import model_options
from engine.cli.run_summary import print_summary

SOURCE = {"source": "a.mp4", "message": "The file is cut off", "state": "ended"}
INFO = {"width": 64, "height": 48, "rate_hz": 25.0, "codec": "h264", "warnings": ("The file is cut off",)}


def document(**changes: Any) -> dict[str, Any]:
    execution = {"badge": "B", "device_title": "CPU", "lanes": 1, "profile": "latency", "fallbacks": [], "warnings": []}
    return {
        "execution": execution,
        "model": {"path": "a.onnx", "task": "detect", "family": "yolox"},
        "sources": [{**SOURCE, "info": INFO}],
        "frames": 1,
        "elapsed_s": 0.5,
        "frames_per_s": 2.0,
        "load_s": 0.1,
        "dropped": {},
        "stages": {},
        "found": {},
        "files": [],
        "accuracy": None,
        **changes,
    }


def test_a_note_is_told_once_and_one_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(document())
    text = capsys.readouterr().out
    assert text.count("The file is cut off") == 1
    assert "1 frame in 0.5 s" in text
    assert "1 lane," in text


def test_nothing_analysed_is_said_without_a_table_of_zeros(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(document(frames=0))
    text = capsys.readouterr().out
    assert "No frame was analysed." in text
    assert "Latency" not in text


def test_the_five_most_frequent_classes_and_the_files_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    found = {"car": 9, "person": 8, "dog": 7, "cat": 6, "cup": 5, "fork": 4}
    print_summary(document(found=found, files=["r.jsonl"]))
    text = capsys.readouterr().out
    assert "Found: 9 car, 8 person, 7 dog, 6 cat, 5 cup and 1 other class\n" in text
    assert "Written: r.jsonl\n" in text


def test_how_right_it_was_is_told_where_the_source_knows(capsys: pytest.CaptureFixture[str]) -> None:
    accuracy = {"precision": 0.8, "recall": None, "hits": 8, "found": 10, "expected": 0}
    print_summary(document(accuracy=accuracy))
    told = capsys.readouterr().out
    assert "precision 80.0% (8 right of 10 found), recall unknown (8 found of 0 there)\n" in told
    print_summary(document())
    assert "truth" not in capsys.readouterr().out


@pytest.mark.parametrize(("confidence", "told"), [(0.38, 1), (0.94, 0)])
def test_a_guess_is_told_before_it_runs(
    confidence: float, told: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    card = make_card(Path("net.onnx"), confidence=confidence)
    monkeypatch.setattr(model_options, "identify", lambda _path: card)
    model_options.card_of(Namespace(model=card.path))
    assert capsys.readouterr().err.count("net.onnx: YOLOv8 is a guess, 38% sure") == told
