"""``make bench``: the figures that the README states, measured on this machine in one run.

Machines are shared and noisy: what is compared is measured in turn, round by round, and ratios of medians count.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import demo
import onnx
import window
from fakes import fake_model
from measure import BIN, alternate, benchmark_app, inferoscope, median, median_ratio, run_process
from rows import Row
from servers.clips import clock_clip
from servers.rtsp_server import RtspServer
from stored_outputs import StoredRun
from yolo11n_shaped import build

from engine.backends.backend import CompileRequest
from engine.backends.table import load_backend
from engine.capture.source import SourceOptions
from engine.capture.table import open_source
from engine.cards import Precision
from engine.library.identify import identify
from engine.pipeline.session import Session
from engine.pipeline.stream import StreamOptions

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
VIDEO = DATA / "video" / "car-detection.mp4"
PEOPLE = DATA / "video" / "one-by-one-person-detection.mp4"


def throughput(name: str, model: Path, goal: float, rounds: int) -> Row:
    """Every-frame streaming of a video against the bare model."""
    ours = ["--source", str(VIDEO), "--model", str(model), "--backend", "openvino", "--precision", "fp32"]
    ours += ["--profile", "throughput", "--loop", "--max-frames", "600" if "nano" in model.name else "300"]
    inferoscope(*ours, "--max-frames", "20")
    measured = alternate(rounds, {"run": lambda: inferoscope(*ours), "bare": lambda: benchmark_app(model, 5)})
    ratio = median_ratio(measured["run"], measured["bare"])
    figures = f"{median(measured['run']):.1f} of {median(measured['bare']):.1f} frames/s: {ratio:.2f}"
    return Row(f"Throughput, {name}, of benchmark_app", figures, f">= {goal}", ratio >= goal)


def own_cost(rounds: int) -> Row:
    """CPU time of everything but inference: decode 768x432, fit into 640, decode boxes, order, publish."""
    cpu_ms = statistics.median(StoredRun(VIDEO, 600).run(600) for _ in range(rounds))
    return Row("CPU a frame outside inference", f"{cpu_ms:.2f} ms", "<= 3.0 ms", cpu_ms <= 3.0)


def added_latency(model: Path, rounds: int) -> Row:
    """From frame captured to result published, without the inference itself, played in real time."""
    arguments = ["--source", str(VIDEO), "--model", str(model), "--backend", "openvino", "--precision", "fp32"]
    arguments += ["--mode", "realtime", "--profile", "latency", "--max-frames", "150", "--results"]
    p95 = [_added_p95_ms(arguments) for _ in range(rounds)]
    reached = statistics.median(p95)
    return Row("Latency added to inference, p95", f"{reached:.2f} ms", "<= 3 ms", reached <= 3.0)


def _added_p95_ms(arguments: list[str]) -> float:
    added = sorted(s["total"] - s["infer"] for s in _stages_ms(arguments))
    return float(added[int(len(added) * 0.95)])


def _stages_ms(arguments: list[str]) -> list[dict[str, float]]:
    """Stages of each result of a run; the last argument is ``--results``."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.jsonl"
        at = arguments.index("--results") + 1
        inferoscope(*arguments[:at], str(results), *arguments[at:])
        return [json.loads(line)["stages_ms"] for line in results.read_text().splitlines()]


def live_age(seconds: int = 120) -> Row:
    """Age of what is analysed at 5 frames/s of an RTSP clock at 30, after two minutes."""
    session = Session()
    with RtspServer(clock_clip(frames=1800)) as server:
        ages_s: list[float] = []
        options = StreamOptions(max_fps=5, max_frames=30 * seconds)
        stream = session.add_stream("clock", open_source(server.url, SourceOptions()), options)
        session.attach(stream, fake_model(), deliver=lambda r: ages_s.append(server.age_s(r.frame.image)))
        stream.start()
        while not stream.finished:
            session.failures.take(0.5)
    session.close()
    reached = max(ages_s[-50:])
    return Row("Oldest live result after two minutes, 5 of 30 frames/s", f"{reached:.2f} s", "<= 1 s", reached <= 1.0)


def analysis_cost(model: Path, rounds: int) -> Row:
    """CPU of the lanes at a fifth of the frames; what reading the video costs is measured with next to no analysis."""
    arguments = ["--source", str(VIDEO), "--model", str(model), "--backend", "openvino", "--precision", "fp32"]
    ways = {limit: (lambda limit=limit: _cpu_s([*arguments, "--max-fps", limit])) for limit in ("12.5", "2.5", "0.01")}
    measured: dict[str, list[float]] = {limit: [] for limit in ways}
    for _ in range(rounds):
        for limit, way in ways.items():
            measured[limit].append(way())
    every, fifth, none = (statistics.median(seconds) for seconds in measured.values())
    ratio = (fifth - none) / (every - none)
    return Row("CPU of analysis at a fifth of the frames", f"{ratio:.2f} of all", "<= 0.22", ratio <= 0.22)


def _cpu_s(arguments: list[str]) -> float:
    """CPU seconds of the process while it streams."""
    output, _, _ = run_process([str(BIN / "inferoscope"), "run", "--json", *arguments])
    document = json.loads(output)
    return float(document["cpu_ms_per_frame"]) * document["frames"] / 1e3


def second_compile(backend: str, model: Path, rounds: int) -> Row:
    """Compiling a model that was compiled before, against compiling it for the first time: CPU time of all threads."""
    card, runtime = identify(model), load_backend(backend)
    runtime.compile(CompileRequest(card, cache=False), _no_phase, _never).close()  # the runtime itself is awake
    seconds: dict[str, list[float]] = {"first": [], "second": []}
    with tempfile.TemporaryDirectory() as home:
        os.environ["INFEROSCOPE_HOME"] = home
        for number in range(rounds):
            for spent in seconds.values():
                request = CompileRequest(replace(card, sha256=f"{number:064}"), precision=Precision.FP32)
                begun = time.process_time()
                runtime.compile(request, _no_phase, _never).close()
                spent.append(time.process_time() - begun)
        del os.environ["INFEROSCOPE_HOME"]
    ratio = statistics.median(seconds["second"]) / statistics.median(seconds["first"])
    return Row(f"Second compile, {backend}, of the first", f"{ratio:.2f}", "<= 0.5", ratio <= 0.5)


def _no_phase(_phase: str) -> None:
    """Nobody watches."""


def _never() -> bool:
    return False


def memory() -> Row:
    """Resident memory over 20,000 frames."""
    process, run = psutil.Process(), StoredRun(VIDEO, 20_000)
    run.stream.start()
    run.wait_for(2_000)
    early = process.memory_info().rss
    run.wait_for(20_000)
    grown = (process.memory_info().rss - early) / 1e6
    run.session.close()
    return Row("Memory grown from frame 2,000 to 20,000", f"{grown:.1f} MB", "<= 10 MB", grown <= 10)


def start_and_stop() -> Row:
    """Two hundred starts and stops of a stream."""
    for _ in range(5):
        StoredRun(VIDEO, 5).run(5)
    process = psutil.Process()
    before = (process.num_threads(), process.num_fds(), process.memory_info().rss)
    for _ in range(200):
        StoredRun(VIDEO, 5).run(5)
    threads, handles = process.num_threads() - before[0], process.num_fds() - before[1]
    grown = (process.memory_info().rss - before[2]) / 1e6
    reached = f"{threads:+d} threads, {handles:+d} handles, {grown:+.1f} MB"
    return Row("200 starts and stops leave", reached, "0, 0, <= 10 MB", threads <= 0 and handles <= 0 and grown <= 10)


def help_time(rounds: int) -> Row:
    """The whole process of ``inferoscope --help``."""
    seconds = statistics.median(run_process([str(BIN / "inferoscope"), "--help"])[1] for _ in range(rounds))
    return Row("inferoscope --help", f"{seconds:.2f} s", "< 0.3 s", seconds < 0.3)


def first_detections(model: Path, rounds: int) -> Row:
    """The whole process of a run of one frame, second start."""
    command = [str(BIN / "inferoscope"), "run", "--source", str(VIDEO), "--model", str(model), "--backend", "openvino"]
    command += ["--precision", "fp32", "--max-frames", "1", "--json"]
    run_process(command)
    seconds = statistics.median(run_process(command)[1] for _ in range(rounds))
    return Row("First detections of run, second start", f"{seconds:.2f} s", "<= 2.5 s", seconds <= 2.5)


def main() -> int:
    """Measure and print; the status is 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="at least 5 for figures to be quoted")
    parser.add_argument("--only", default="", help="measure only what has this word in its name")
    arguments = parser.parse_args()
    if not VIDEO.is_file():
        print(f"The bench needs the real data, which is not here: {DATA}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        rows = _measure(Path(folder), arguments.rounds, arguments.only)
    print("| what | reached | goal | |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.reached} | {row.goal} | {'met' if row.met else 'MISSED'} |")
    return 0 if all(row.met for row in rows) else 1


def _measure(folder: Path, rounds: int, only: str) -> list[Row]:
    nano, shaped = DATA / "models" / "yolox_nano.onnx", folder / "yolo11n_shaped.onnx"
    onnx.save(build(), str(shaped))
    ways: dict[str, Callable[[], Row | list[Row]]] = {
        "help": lambda: help_time(rounds),
        "first": lambda: first_detections(nano, rounds),
        "own cost": lambda: own_cost(rounds),
        "second compile openvino": lambda: second_compile("openvino", nano, rounds),
        "second compile onnxruntime": lambda: second_compile("onnxruntime", nano, rounds),
        "latency": lambda: added_latency(nano, rounds),
        "throughput nano": lambda: throughput("YOLOX-Nano", nano, 0.88, rounds),
        "throughput shaped": lambda: throughput("YOLO11n-shaped", shaped, 0.94, rounds),
        "analysis cost": lambda: analysis_cost(nano, rounds),
        "live age": live_age,
        "memory": memory,
        "start and stop": start_and_stop,
        "demo scene": demo.scene,
        "window drawing": window.drawing,
        "window start": lambda: window.start(PEOPLE, nano, rounds),
        "window delay": lambda: window.delay(PEOPLE, nano, folder),
        "window every frame": lambda: window.delay_every_frame(PEOPLE, nano, folder),
        "window cost": lambda: window.cost(VIDEO, nano, rounds),
        "window wear": lambda: window.wear(VIDEO, nano),
    }
    return [row for name, way in ways.items() if only in name for row in _announced(name, way)]


def _announced(name: str, way: Callable[[], Row | list[Row]]) -> list[Row]:
    print(f"{name} ..", file=sys.stderr)
    answer = way()
    return answer if isinstance(answer, list) else [answer]


if __name__ == "__main__":
    sys.exit(main())
