"""Take the pictures of the manual: start the program with its demo, go through it, and save what is seen.

    python packaging/manual_pictures.py [live|badge|source|correct|models|optimise|problems ..]

Needs no screen and no network, and touches nothing of the person who runs it: the program's folders are scratch ones.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))
os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["LC_ALL"] = "C.UTF-8"

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from PySide6.QtCore import QRect, QTimer  # noqa: E402
from PySide6.QtGui import QImage, QPainter  # noqa: E402
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget  # noqa: E402

from engine.opencv import cv2  # noqa: E402
from gui import theme  # noqa: E402
from gui.app.ground import Ground  # noqa: E402
from gui.app.program import Program  # noqa: E402
from gui.app.run import make_application  # noqa: E402
from gui.arguments import Wanted  # noqa: E402
from gui.presenters.source_display import Kind  # noqa: E402
from gui.views.badge import BadgeButton  # noqa: E402
from gui.views.traces import TracesPanel  # noqa: E402

FOLDER = PROJECT / "docs" / "manual" / "pictures"
SIZE = (1280, 800)
COLOURS = 128
EXACT = 48
"""Of these, so many are kept as they are: those of the window, which are many pixels each."""
SLOW_S = 600.0
"""Longest wait for one step."""
_LOOK_MS = 100

Step = float | Callable[[], object]
"""Seconds to let pass, or what to wait for."""


class Photographer:
    """Goes through the program step by step, while its event loop runs.

    Args:
        application: Qt's.
        program: Running.
    """

    def __init__(self, application: QApplication, program: Program) -> None:
        self._application = application
        self._program = program
        self._window = program.window
        self._steps = self._walk()
        self._step: Step = 0.0
        self._since_s = time.monotonic()
        self.done = False
        """Whether all of them were taken."""
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(_LOOK_MS)

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _look(self) -> None:
        """Go on where the step is done; end where something is wrong."""
        try:
            self._go_on()
        except BaseException:
            self._application.quit()
            raise

    def _go_on(self) -> None:
        waited_s = time.monotonic() - self._since_s
        done = self._step() if callable(self._step) else waited_s >= self._step
        if not done and waited_s < SLOW_S:
            return
        if not done:
            raise TimeoutError(f"Nothing happens any more after {self._step}")
        self._step, self._since_s = next(self._steps, 0.0), time.monotonic()

    def _walk(self) -> Iterator[Step]:
        parts = {
            "live": self._live,
            "badge": self._badge,
            "source": self._source,
            "correct": self._correct,
            "models": self._models,
            "optimise": self._optimise,
            "problems": self._problems,
        }
        yield self._is_running
        for name in sys.argv[1:] or parts:
            yield from parts[name]()
        self.done = True
        self._application.quit()

    def _live(self) -> Iterator[Step]:
        yield 25.0  # the traces fill
        save("start", seen(self._window))
        traces = self._window.findChild(TracesPanel)
        assert traces is not None
        save("traces", seen(traces))
        save("panel", seen(self._program.live.panel))

    def _badge(self) -> Iterator[Step]:
        badge = self._window.findChild(BadgeButton)
        assert badge is not None
        badge._on_button_clicked()
        yield 1.0
        popup = QApplication.activePopupWidget()
        assert popup is not None
        corner = popup.geometry().united(QRect(popup.x(), self._window.y(), popup.width(), 1))
        save("badge", seen(self._window, popup, part=corner.adjusted(-24, 0, 24, 24)))
        popup.close()

    def _source(self) -> Iterator[Step]:
        presenter = self._program.live.picker
        presenter.ask("1")
        presenter.on_kind_chosen(Kind.ADDRESS)
        yield 1.0
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        fields = [field for field in dialog.findChildren(QLineEdit) if field.isVisible()]
        for field, words in zip(fields, ("rtsp://192.0.2.20:554/stream1", "operator", "password"), strict=True):
            field.setText(words)
        yield 1.0
        yield from self._dialog("source")

    def _correct(self) -> Iterator[Step]:
        self._program.live._correct()
        yield 6.0
        yield from self._dialog("correct")

    def _dialog(self, name: str) -> Iterator[Step]:
        dialog = QApplication.activeModalWidget()
        assert dialog is not None
        save(name, seen(dialog))
        dialog.close()
        yield 1.0

    def _models(self) -> Iterator[Step]:
        self._window.show_page("models")
        yield 3.0
        save("models", seen(self._window))

    def _optimise(self) -> Iterator[Step]:
        page = self._program._optimise
        self._window.show_page("optimise")
        yield 3.0
        for key in ("openvino-fp16", "openvino-int8", "onnx-fused"):
            page.on_variant_checked(key, True)
        page.on_start()
        yield 5.0
        yield lambda: not page.busy
        yield 3.0
        save("optimise", seen(self._window))

    def _problems(self) -> Iterator[Step]:
        self._window.show_page("live")
        store = self._program.live._ground.store
        store.edit_tile(store.now.selected, source="/films/yard.mp4")
        model = Path(os.environ["INFEROSCOPE_HOME"]) / "detector.pt"
        model.write_bytes(b"PK")
        store.use_model(model)
        yield 4.0
        self._window.triggered.emit("view.problems")
        yield 1.0
        save("problems", seen(self._window))

    def _is_running(self) -> bool:
        tile = self._program.live._ground.bridge.tile_state("1")
        return tile.position is not None and tile.position > 30


def seen(*windows: QWidget, part: QRect | None = None) -> QImage:
    """Widgets over each other, as they are seen; ``part`` in coordinates of the screen."""
    first = windows[0]
    image = first.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for window in windows[1:]:
        painter.drawPixmap(window.pos() - first.pos(), window.grab())
    painter.end()
    return image.copy(part.translated(-first.pos()).intersected(image.rect())) if part is not None else image


def save(name: str, image: QImage) -> None:
    """Write a picture with few colours, so that it is small."""
    height, width = image.height(), image.width()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine() // 4, 4)[:, :width, :3]
    places, palette = quantised(pixels)
    path = FOLDER / f"{name}.png"
    indexed = QImage(places.tobytes(), width, height, width, QImage.Format.Format_Indexed8)
    indexed.setColorTable([0xFF000000 | r << 16 | g << 8 | b for b, g, r in palette.tolist()])
    if not indexed.save(str(path), "PNG", 0):
        raise OSError(f"{path} cannot be written")
    print(f"{path.name}: {width}x{height}, {path.stat().st_size / 1000:.0f} kB")


def quantised(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Places in a palette, uint8 (H, W), and the palette, uint8 (at most ``COLOURS``, 3)."""
    flat = pixels.reshape(-1, 3)
    colours, back, counts = np.unique(flat, axis=0, return_inverse=True, return_counts=True)
    order = np.argsort(-counts)
    exact, rest = colours[order[:EXACT]], colours[order[EXACT:]]
    if len(rest) > COLOURS - EXACT:
        criteria = (cv2.TERM_CRITERIA_MAX_ITER, 12, 1.0)
        some = rest[np.linspace(0, len(rest) - 1, min(len(rest), 20_000)).astype(int)].astype(np.float32)
        cv2.setRNGSeed(1)
        _, _, rest = cv2.kmeans(some, COLOURS - EXACT, None, criteria, 1, cv2.KMEANS_PP_CENTERS)
    palette = np.vstack((exact, rest)).round().astype(np.uint8)
    nearest = np.empty(len(colours), np.uint8)
    for start in range(0, len(colours), 4096):
        some = colours[start : start + 4096].astype(np.int32)
        nearest[start : start + 4096] = ((some[:, None] - palette.astype(np.int32)) ** 2).sum(axis=2).argmin(axis=1)
    return nearest[back.reshape(-1)].reshape(pixels.shape[:2]), palette


def main() -> int:
    """Take all of them; the exit status."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["INFEROSCOPE_HOME"] = home
        application = make_application()
        theme.apply(application, "dark")
        ground = Ground(Wanted())
        program = Program(application, ground)
        program.window.resize(*SIZE)
        program.window.show()
        program.start(Wanted())
        photographer = Photographer(application, program)
        application.exec()
        photographer.stop()
        program.close()
        ground.close()
    return 0 if photographer.done else 1


if __name__ == "__main__":
    sys.exit(main())
