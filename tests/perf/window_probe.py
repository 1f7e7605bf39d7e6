"""Runs the whole window in this process, does to it what it is told, and prints what that cost as one JSON line.

Started by ``window.py`` on a virtual display, with a program folder of its own.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication

from engine.cards import Precision
from gui import theme
from gui.app.ground import Ground
from gui.app.program import Program
from gui.arguments import Wanted

_PROBE_MS = 10
_SETTLE_MS = 2000
_SWAP_MS = 10_000


class Probe:
    """How late the event loop is: a timer that is due each 10 ms notes by how much it was late."""

    def __init__(self) -> None:
        self.late_ms: list[float] = []
        self._last_s = time.perf_counter()
        self._timer = QTimer(interval=_PROBE_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._note)

    def start(self) -> None:
        """Begin to note."""
        self.late_ms.clear()
        self._last_s = time.perf_counter()
        self._timer.start()

    def _note(self) -> None:
        now_s = time.perf_counter()
        self.late_ms.append(max(0.0, (now_s - self._last_s) * 1000 - _PROBE_MS))
        self._last_s = now_s

    def summary(self) -> dict[str, float]:
        """Percentiles of the delay in ms."""
        late = np.array(self.late_ms)
        p50, p95, p99 = np.percentile(late, (50, 95, 99))
        return {"p50_ms": float(p50), "p95_ms": float(p95), "p99_ms": float(p99), "max_ms": float(late.max())}


class Bench:
    """The window, running."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.application = QApplication(["inferoscope"])
        theme.load_fonts(self.application)
        self.plan = plan
        wanted = Wanted(source=plan["source"], model=Path(plan["model"]), precision=Precision.FP32)
        self.ground = Ground(wanted)
        theme.apply(self.application, "dark")
        self.program = Program(self.application, self.ground)
        self.program.window.resize(1280, 800)
        self.program.window.show()
        self.ground.store.edit_tile("1", every_frame=plan.get("every_frame", False))
        self.probe = Probe()
        self.answer: dict[str, Any] = {}
        QTimer.singleShot(0, lambda: self.program.start(wanted))

    def when(self, look: Callable[[], bool], then: Callable[[], None]) -> None:
        """Do something once something is so."""
        timer = QTimer(self.application, interval=50)

        def ask() -> None:
            if look():
                timer.stop()
                then()

        timer.timeout.connect(ask)
        timer.start()

    def published(self) -> int:
        """Results of the tile since its source was opened."""
        return self.ground.bridge.tile_state("1").published

    def swap(self) -> None:
        """Another backend, as a person would choose it."""
        model = self.ground.store.now.models[0]
        backend = "onnxruntime" if model.backend == "openvino" else "openvino"
        self.ground.store.edit_model(model.model_id, backend=backend)

    def run(self) -> None:
        """Run as planned; ``answer`` has what it cost."""
        begin = self._wear if self.plan.get("frames") else self._measure
        self.when(lambda: self.published() > 30, lambda: QTimer.singleShot(_SETTLE_MS, begin))
        self.application.exec()
        self.program.close()
        self.answer["left"] = self.ground.close()
        self.answer["threads_left"] = threading.active_count() - 1

    def _measure(self) -> None:
        begun_s, published, cpu = time.perf_counter(), self.published(), psutil.Process().cpu_times()
        self.probe.start()
        if self.plan.get("swaps"):
            swaps = QTimer(self.application, interval=_SWAP_MS)
            swaps.timeout.connect(self.swap)
            swaps.start()

        def end() -> None:
            seconds = time.perf_counter() - begun_s
            now = psutil.Process().cpu_times()
            self.answer = {
                **self.probe.summary(),
                "frames_per_s": (self.published() - published) / seconds,
                "display_hz": self.ground.bridge.tile_state("1").display_hz,
                "cpu_s": now.user + now.system - cpu.user - cpu.system,
            }
            self.application.quit()

        QTimer.singleShot(round(self.plan["seconds"] * 1000), end)

    def _wear(self) -> None:
        """So many frames, with a swap each thousand and a stop and start each three thousand."""
        self._analysed, self._rounds, self._resident = 0, 0, [_resident_mb()]
        self._round()

    def _round(self) -> None:
        self._analysed += 1000
        self._rounds += 1
        self._resident.append(_resident_mb())
        if self._analysed >= self.plan["frames"]:
            self.answer = {"resident_mb": self._resident}
            self.application.quit()
        elif self._rounds % 3 == 0:
            self.ground.store.edit_tile("1", running=False)
            self.when(lambda: not self.ground.session.streams, self._start_again)
        else:
            self.swap()
            self._await_round(self.published())

    def _start_again(self) -> None:
        self.ground.store.edit_tile("1", running=True)
        self._await_round(0)

    def _await_round(self, published: int) -> None:
        self.when(lambda: self.published() >= published + 1000, self._round)


def _resident_mb() -> float:
    return float(psutil.Process().memory_info().rss / 1e6)


def main() -> None:
    """Run the plan given as JSON on the command line."""
    bench = Bench(json.loads(sys.argv[1]))
    bench.run()
    print(json.dumps(bench.answer), flush=True)


if __name__ == "__main__":
    main()
