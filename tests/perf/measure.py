"""How ``bench.py`` measures: whole processes, alternating, medians, CPU time beside wall time."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
LIMIT_S = 600


@dataclass(frozen=True, slots=True)
class Round:
    """One measurement: the figure asked for, and the CPU seconds of the whole process and its children."""

    figure: float
    cpu_s: float


def run_process(command: Sequence[str]) -> tuple[str, float, float]:
    """Output, wall seconds and CPU seconds of a process that must succeed."""
    before, begun = os.times(), time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    wall_s, after = time.perf_counter() - begun, os.times()
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\nfailed: {done.stderr[-2000:]}")
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return done.stdout, wall_s, cpu_s


def inferoscope(*arguments: str) -> Round:
    """Frames per second that ``inferoscope run`` reports."""
    output, _, cpu_s = run_process([str(BIN / "inferoscope"), "run", "--json", *arguments])
    return Round(float(json.loads(output)["frames_per_s"]), cpu_s)


def benchmark_app(model: Path, seconds: int) -> Round:
    """Frames per second of the bare model in OpenVINO's own benchmark, FP32, throughput."""
    command = [str(BIN / "benchmark_app"), "-m", str(model), "-d", "CPU", "-hint", "throughput"]
    output, _, cpu_s = run_process([*command, "-infer_precision", "f32", "-t", str(seconds)])
    found = re.search(r"Throughput:\s*([\d.]+) FPS", output)
    if found is None:
        raise SystemExit(f"No throughput in the output of {command[0]}")
    return Round(float(found[1]), cpu_s)


def alternate(rounds: int, ways: Mapping[str, Callable[[], Round]]) -> dict[str, list[Round]]:
    """Measure each way once a round, in turn, so that a machine that drifts drifts for all."""
    measured: dict[str, list[Round]] = {name: [] for name in ways}
    for number in range(rounds):
        for name, way in ways.items():
            measured[name].append(way())
            print(f"  round {number + 1}: {name} {measured[name][-1].figure:.1f}", file=sys.stderr)
    return measured


def median(rounds: Sequence[Round]) -> float:
    """Median of the figures."""
    return statistics.median(r.figure for r in rounds)


def median_ratio(ours: Sequence[Round], theirs: Sequence[Round]) -> float:
    """Median of the ratios round by round."""
    return statistics.median(a.figure / b.figure for a, b in zip(ours, theirs, strict=True))
