"""The bar under the pictures: where a file stands, and how the selected stream is played and analysed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.transport import RATES_HZ, SPEEDS, TransportDisplay
from gui.presenters.workspace import Display
from gui.texts import text
from gui.views.elided import ElidedLabel
from gui.views.icons import icon


class SeekSlider(QSlider):
    """A slider whose handle comes to where it is clicked and follows the pointer from there."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setAccessibleName(text("Transport", "Place in the file"))
        self.setToolTip(text("Transport", "Drag to go to another place in the file."))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Go there, and let the style's own handling drag on from there."""
        if event.button() == Qt.MouseButton.LeftButton and not self._handle().contains(event.position().toPoint()):
            self.setSliderPosition(self._value_at(event.position().x()))
            self.sliderMoved.emit(self.sliderPosition())
        super().mousePressEvent(event)

    def _handle(self) -> Any:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        control = QStyle.ComplexControl.CC_Slider
        return self.style().subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, self)

    def _value_at(self, x: float) -> int:
        half = self._handle().width() / 2.0
        span = max(1, round(self.width() - 2 * half))
        return QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), round(x - half), span)


class TransportBar(QFrame):
    """Shows what applies to the selected tile, and tells what a person wants changed."""

    play_pause_requested = Signal()
    step_requested = Signal(int)
    seek_requested = Signal(int)
    speed_requested = Signal(float)
    loop_requested = Signal(bool)
    display_requested = Signal(Display)
    every_frame_requested = Signal(bool)
    max_fps_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "bar")
        self._shown: TransportDisplay | None = None
        self._slider = SeekSlider()
        self._slider.sliderMoved.connect(self.seek_requested)
        self._slider.actionTriggered.connect(self._on_slider_key)
        self._place = ElidedLabel()
        self._place.setProperty("role", "muted")
        self._back = self._button("player-skip-back", text("Transport", "Previous frame"))
        self._play = self._button("player-play", text("Transport", "Play"))
        self._forward = self._button("player-skip-forward", text("Transport", "Next frame"))
        self._loop = self._button("repeat", text("Transport", "Begin again at the end"))
        self._loop.setCheckable(True)
        self._speed = self._choice(text("Transport", "Speed"), [(f"{speed:g} ×", speed) for speed in SPEEDS])
        self._pace = self._choice(text("Transport", "How a file is analysed"), _paces())
        self._display = self._choice(text("Transport", "Which picture is shown"), _displays())
        self._rate = self._choice(text("Transport", "Frames analysed a second, at most"), _rates())
        self._lay_out()
        self._connect()
        self.hide()

    def show_transport(self, shown: TransportDisplay | None) -> None:
        """Show this; nothing for None."""
        self._shown = shown
        self.setVisible(shown is not None)
        if shown is None:
            return
        playable = shown.file and shown.frames != 1
        for widget in (self._back, self._play, self._forward, self._loop, self._speed):
            widget.setVisible(playable)
        self._pace.setVisible(playable and shown.analysed)
        self._slider.setVisible(playable)
        self._place.setVisible(playable)
        self._display.setVisible(shown.analysed)
        self._rate.setVisible(shown.analysed)
        self._show_place(shown)
        self._show_choices(shown)

    def _show_place(self, shown: TransportDisplay) -> None:
        self._place.set_words(shown.place)
        self._slider.setEnabled(shown.enabled and shown.frames > 1)
        self._slider.setMaximum(max(0, shown.frames - 1))
        if not self._slider.isSliderDown():
            self._slider.setValue(shown.position)
        for button in (self._back, self._play, self._forward):
            button.setEnabled(shown.enabled)
        self._play.setIcon(icon("player-pause" if shown.playing else "player-play"))
        words = text("Transport", "Pause") if shown.playing else text("Transport", "Play")
        self._play.setToolTip(words)
        self._play.setAccessibleName(words)

    def _show_choices(self, shown: TransportDisplay) -> None:
        self._loop.setChecked(shown.loop)
        _choose(self._speed, shown.speed, f"{shown.speed:g} ×")
        _choose(self._pace, shown.every_frame, "")
        _choose(self._display, shown.display, "")
        _choose(self._rate, shown.max_fps, _rate_words(shown.max_fps))

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(8)
        for button in (self._back, self._play, self._forward, self._loop):
            below.addWidget(button)
        below.addWidget(self._speed)
        below.addSpacing(4)
        below.addWidget(self._place)
        below.addStretch(1)
        for choice in (self._pace, self._display, self._rate):
            below.addWidget(choice)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 4, 12, 6)
        column.setSpacing(2)
        column.addWidget(self._slider)
        column.addLayout(below)

    def _connect(self) -> None:
        self._back.clicked.connect(lambda: self.step_requested.emit(-1))
        self._play.clicked.connect(self.play_pause_requested)
        self._forward.clicked.connect(lambda: self.step_requested.emit(1))
        self._loop.clicked.connect(self.loop_requested)
        self._speed.activated.connect(lambda: self.speed_requested.emit(self._speed.currentData()))
        self._pace.activated.connect(lambda: self.every_frame_requested.emit(self._pace.currentData()))
        self._display.activated.connect(lambda: self.display_requested.emit(Display(self._display.currentData())))
        self._rate.activated.connect(lambda: self.max_fps_requested.emit(self._rate.currentData()))

    def _on_slider_key(self, action: int) -> None:
        if action != QSlider.SliderAction.SliderMove.value:
            self.seek_requested.emit(self._slider.sliderPosition())

    def _button(self, name: str, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.setAutoRaise(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return button

    def _choice(self, name: str, rows: Sequence[tuple[str, Any]]) -> QComboBox:
        choice = QComboBox(self)
        choice.setAccessibleName(name)
        choice.setToolTip(name)
        choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        choice.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        choice.setMinimumContentsLength(4)
        for words, value in rows:
            choice.addItem(words, value)
        return choice


def _paces() -> list[tuple[str, bool]]:
    return [(text("Transport", "Real time"), False), (text("Transport", "Every frame"), True)]


def _displays() -> list[tuple[str, str]]:
    return [(text("Transport", "In step"), Display.IN_STEP.value), (text("Transport", "Smooth"), Display.SMOOTH.value)]


def _rates() -> list[tuple[str, float | None]]:
    return [(_rate_words(rate), rate) for rate in (None, *RATES_HZ)]


def _rate_words(rate_hz: float | None) -> str:
    if rate_hz is None:
        return text("Transport", "All frames")
    return text("Transport", "{rate:g} a second").format(rate=rate_hz)


def _choose(choice: QComboBox, value: Any, words: str) -> None:
    """Select a value, which is added where it is none of those to choose from."""
    index = next((i for i in range(choice.count()) if choice.itemData(i) == value), -1)
    if index < 0:
        choice.addItem(words, value)
        index = choice.count() - 1
    choice.setCurrentIndex(index)
