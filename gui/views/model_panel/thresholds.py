"""Thresholds: a slider for the eye and a field for the number, acting while they move."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QLabel, QSlider, QWidget

from gui.presenters.model_panel import LIMITS, ThresholdsState
from gui.texts import text

_FIELD_PX = 84


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    tip: str


def _words() -> dict[str, _Words]:
    return {
        "confidence": _Words(
            text("ModelPanel", "Confidence"),
            text("ModelPanel", "Finds that the model is less sure of are left out."),
        ),
        "iou": _Words(
            text("ModelPanel", "Overlap"),
            text("ModelPanel", "Boxes of one class that overlap more than this (IoU) are taken for one object."),
        ),
        "max_detections": _Words(
            text("ModelPanel", "At most"),
            text("ModelPanel", "No more objects than this are kept on a picture; the best ones stay."),
        ),
    }


class ThresholdsView(QWidget):
    """A row for each threshold; those that make no difference to the model are not shown."""

    changed = Signal(str, float)
    reset = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        self.rows = {key: _Row(key, words, self) for key, words in _words().items()}
        for number, row in enumerate(self.rows.values()):
            for column, widget in enumerate((row.label, row.slider, row.field)):
                grid.addWidget(widget, number, column)

    def show_thresholds(self, state: ThresholdsState) -> None:
        """Show the values of a tile."""
        for key, row in self.rows.items():
            row.show_value(state.values.get(key))


class _Row:
    """Label, slider and field of one threshold."""

    def __init__(self, key: str, words: _Words, view: ThresholdsView) -> None:
        least, most = LIMITS[key]
        self._steps = 1.0 if most > 1.0 else 100.0
        self.label = _ResetLabel(words.title, lambda: view.reset.emit(key))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(round(least * self._steps), round(most * self._steps))
        self.slider.setPageStep(round(0.05 * (most - least) * self._steps))
        self.field = QDoubleSpinBox(minimum=least, maximum=most, singleStep=1.0 / self._steps)
        self.field.setDecimals(2 if most <= 1.0 else 0)
        self.field.setKeyboardTracking(False)
        self.field.setFixedWidth(_FIELD_PX)
        again = text("ModelPanel", "{tip} Double-click on the name for the usual value.").format(tip=words.tip)
        for widget in (self.label, self.slider, self.field):
            widget.setToolTip(again)
        for control in (self.slider, self.field):
            control.setAccessibleName(words.title)
            control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            control.installEventFilter(_wheel_needs_focus(view))
        self.slider.valueChanged.connect(lambda value: view.changed.emit(key, value / self._steps))
        self.field.valueChanged.connect(lambda value: view.changed.emit(key, value))

    def show_value(self, value: float | None) -> None:
        for widget in (self.label, self.slider, self.field):
            widget.setVisible(value is not None)
        if value is not None:
            with QSignalBlocker(self.slider), QSignalBlocker(self.field):
                self.slider.setValue(round(value * self._steps))
                self.field.setValue(value)


class _ResetLabel(QLabel):
    """A name that takes the usual value when it is double-clicked."""

    def __init__(self, title: str, reset: Callable[[], None]) -> None:
        super().__init__(title)
        self._reset = reset

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """Take the usual value."""
        self._reset()


class _WheelNeedsFocus(QObject):
    """Whoever scrolls the panel must not change what the pointer happens to pass over."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def _wheel_needs_focus(view: ThresholdsView) -> _WheelNeedsFocus:
    present = view.findChild(_WheelNeedsFocus)
    return present or _WheelNeedsFocus(view)
