"""What ``bench.py`` measures of the window: whole processes on a virtual display with software drawing."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import psutil
from drawing import measure_drawing
from measure import BIN, Round, alternate, inferoscope, median, median_ratio
from rows import Row

_PROBE = Path(__file__).with_name("window_probe.py")
_FULL_HD = (1920, 1080)


@contextmanager
def display() -> Iterator[dict[str, str]]:
    """A virtual display and a program folder of its own: the environment for what is measured there."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1080x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as pipe, tempfile.TemporaryDirectory() as home:
                name = f":{pipe.readline().strip()}"
                yield {**os.environ, "DISPLAY": name, "QT_QPA_PLATFORM": "xcb", "INFEROSCOPE_HOME": home}
        finally:
            server.terminate()


def probe(environment: Mapping[str, str], **plan: Any) -> dict[str, Any]:
    """Run the window as planned, and what it cost."""
    command = [sys.executable, str(_PROBE), json.dumps(plan, default=str)]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=1200, check=False)
    if done.returncode:
        raise SystemExit(f"The window failed: {done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def full_hd(film: Path, folder: Path) -> Path:
    """Ten seconds of a film as 1920x1080 at 30 frames a second, H.264."""
    path = folder / "full_hd.mp4"
    with av.open(str(film)) as source, av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=30, options={"preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = *_FULL_HD, "yuv420p"
        for number, frame in zip(range(300), source.decode(video=0), strict=False):
            picture = frame.reformat(*_FULL_HD, "yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 30)
            target.mux(stream.encode(picture))
        target.mux(stream.encode())
    return path


def delay(film: Path, model: Path, folder: Path, seconds: int = 120) -> Row:
    """How late the window's event loop is in real time, model swaps included."""
    with display() as environment:
        got = probe(environment, source=full_hd(film, folder), model=model, seconds=seconds, swaps=True)
    reached = f"p99 {got['p99_ms']:.1f}, max {got['max_ms']:.0f} ms"
    met = got["p99_ms"] <= 12 and got["max_ms"] <= 60
    return Row("Event loop delay, 1080p at 30 with all traces and swaps", reached, "p99 <= 12, max <= 60 ms", met)


def delay_every_frame(film: Path, model: Path, folder: Path, seconds: int = 60) -> Row:
    """The same while every frame of a file is analysed and both cores are full."""
    with display() as environment:
        got = probe(environment, source=full_hd(film, folder), model=model, seconds=seconds, every_frame=True)
    reached = f"p99 {got['p99_ms']:.1f}, max {got['max_ms']:.0f} ms at {got['frames_per_s']:.0f} frames/s"
    return Row("Event loop delay, every frame of 1080p", reached, "p99 <= 18 ms", got["p99_ms"] <= 18)


def drawing() -> Row:
    """CPU time of the window's thread for one tile."""
    cpu_ms = measure_drawing()
    return Row("Drawing a tile of 1280x720 with 50 boxes", f"{cpu_ms:.2f} ms CPU", "<= 6 ms", cpu_ms <= 6)


def cost(film: Path, model: Path, rounds: int) -> Row:
    """Frames a second with the window beside those without it."""
    with display() as environment:
        home = environment["INFEROSCOPE_HOME"]
        plan = {"source": film, "model": model, "every_frame": True, "seconds": 10}

        def shown() -> Round:
            got = probe({**environment, "INFEROSCOPE_HOME": home}, **plan)
            return Round(got["frames_per_s"], got["cpu_s"])

        headless = ["--source", str(film), "--model", str(model), "--backend", "openvino", "--precision", "fp32"]
        headless += ["--loop", "--max-frames", "2000"]
        measured = alternate(rounds, {"window": shown, "headless": lambda: inferoscope(*headless)})
    ratio = median_ratio(measured["window"], measured["headless"])
    figures = f"{median(measured['window']):.0f} of {median(measured['headless']):.0f} frames/s: {1 - ratio:.0%}"
    return Row("Throughput that the window costs", figures, "<= 15 %", ratio >= 0.85)


def start(film: Path, model: Path, rounds: int) -> list[Row]:
    """From the command to the first painted window, and to the first detections shown; second start."""
    with display() as environment:
        times = [_start_s(environment, film, model) for _ in range(rounds + 1)][1:]
    painted, found = (statistics.median(column) for column in zip(*times, strict=True))
    return [
        Row("First painted window, second start", f"{painted:.2f} s", "<= 1.5 s", painted <= 1.5),
        Row("First detections in the window, second start", f"{found:.2f} s", "<= 4 s", found <= 4),
    ]


def _start_s(environment: Mapping[str, str], film: Path, model: Path) -> tuple[float, float]:
    """Seconds to the window and to the first results, as the log has them."""
    log = Path(environment["INFEROSCOPE_HOME"]) / "data" / "log" / "inferoscope.log"
    log.unlink(missing_ok=True)
    command = [str(BIN / "inferoscope"), "--session", str(log.with_name("session.json")), "--source", str(film)]
    with subprocess.Popen([*command, "--model", str(model)], env=dict(environment)) as program:
        begun = psutil.Process(program.pid).create_time()
        deadline = time.monotonic() + 60
        while "shows results" not in (words := log.read_text(encoding="utf-8") if log.exists() else ""):
            if time.monotonic() > deadline:
                raise SystemExit(f"No results came: {words}")
            with suppress(subprocess.TimeoutExpired):
                program.wait(0.1)
        program.terminate()
    painted = re.search(r"The window is there ([\d.]+) s", words)
    shown = next(line for line in words.splitlines() if "shows results" in line)
    at = datetime.strptime(shown[:23], "%Y-%m-%d %H:%M:%S,%f").astimezone().timestamp()
    assert painted is not None
    return float(painted[1]), at - begun


def wear(film: Path, model: Path, frames: int = 20_000) -> Row:
    """Memory and threads over many frames with swaps, stops and starts."""
    with display() as environment:
        got = probe(environment, source=film, model=model, every_frame=True, frames=frames)
    resident = got["resident_mb"]
    # Both backends have been loaded, and a stream has been stopped and started, after a quarter.
    early, late = statistics.median(resident[3:6]), statistics.median(resident[-3:])
    grown, left = late - early, got["threads_left"]
    reached = f"{grown:+.1f} MB, {left} threads left"
    return Row(f"{frames:,} frames with swaps, stops and starts", reached, "<= 30 MB, 0", grown <= 30 and not left)
