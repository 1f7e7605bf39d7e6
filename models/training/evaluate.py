"""Accuracy on held-out frames and speed of the exported detector, in FP32 and in INT8, as one JSON document.

Run: ``python models/training/evaluate.py``. What finds the objects is the program's own backend and decoder.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from accuracy import Detect, measure
from dataset import HELD_OUT, WATCH, WORK, Image, RenderedFrames, render
from engine.backends.backend import CompileRequest
from engine.backends.table import load_backend
from engine.cards import Precision, Profile
from engine.decoders.table import make_decoder
from engine.geometry import fit_onto_canvas
from engine.library.identify import identify
from engine.optimise.evaluate import THRESHOLDS
from engine.results import Detections
from quantise import quantise

SECONDS = 10


def program_detector(file: Path) -> Detect:
    """The program's way from a picture to what is found on it, in FP32 (INT8 where the file is), on the CPU."""
    card = identify(file)
    request = CompileRequest(card, "CPU", Precision.FP32, Profile.LATENCY, cache=False)
    lane = load_backend("openvino").compile(request, lambda _phase: None, lambda: False).open_lane()
    decoder = make_decoder(card)

    def detect(picture: Image) -> Detections:
        geometry = fit_onto_canvas(picture, lane.canvas[0], card.input)
        found = decoder.decode(lane.infer(), [geometry], THRESHOLDS)[0]
        assert isinstance(found, Detections)
        return found

    return detect


def frames_per_s(file: Path) -> float:
    """Throughput by OpenVINO's own benchmark_app on all cores of the CPU, in FP32 (INT8 where the file is)."""
    program = Path(sys.executable).parent / "benchmark_app"
    options = ["-m", str(file), "-d", "CPU", "-hint", "throughput", "-t", str(SECONDS), "-infer_precision", "f32"]
    told = subprocess.run([program, *options], check=True, capture_output=True, text=True).stdout
    found = re.search(r"Throughput:\s+([\d.]+)", told)
    if found is None:
        raise ValueError(f"benchmark_app told no throughput for {file}: {told[-500:]}")
    return round(float(found[1]), 1)


def figures_of(file: Path, frames: RenderedFrames) -> dict[str, Any]:
    """Accuracy and speed of one file."""
    found = measure(program_detector(file), (frames[i] for i in range(len(frames))))
    return {
        "map": found.all.map,
        "ap50": found.all.ap50,
        "ap75": found.all.ap75,
        "map_by_class": dict(found.all.by_class),
        "ap50_by_class": found.ap50_by_class,
        "frames_per_s": frames_per_s(file),
    }


def evaluate(model: Path, folder: Path) -> dict[str, Any]:
    """All figures of an exported detector; held-out frames are rendered where they are missing."""
    for split in (HELD_OUT, WATCH):
        render(split, folder, os.cpu_count() or 1)
    frames = RenderedFrames(HELD_OUT, folder)
    quantised = folder / f"{model.stem}-int8.xml"
    quantise(model, quantised, RenderedFrames(WATCH, folder))
    fp32, int8 = figures_of(model, frames), figures_of(quantised, frames)
    return {
        "held_out_frames": len(frames),
        "held_out_boxes": sum(len(frames[i][1].classes) for i in range(len(frames))),
        "model_bytes": model.stat().st_size,
        "fp32": fp32,
        "int8": int8,
        "int8_map_lost": round(fp32["map"] - int8["map"], 4),
        "int8_speed_up": round(int8["frames_per_s"] / fp32["frames_per_s"], 2),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Measure the exported detector on held-out frames.")
    parser.add_argument("--model", type=Path, default=Path("models/demo.onnx"), help="(%(default)s)")
    parser.add_argument("--folder", type=Path, default=WORK, help="work folder (%(default)s)")
    parser.add_argument("--output", type=Path, default=WORK / "figures.json", help="(%(default)s)")
    options = parser.parse_args(arguments)
    document = json.dumps(evaluate(options.model, options.folder), indent=2)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(document + "\n", encoding="utf-8")
    print(document)


if __name__ == "__main__":
    main()
