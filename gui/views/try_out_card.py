"""What was found at a source before it is opened: its first picture and its facts, or why there is none."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.frames import Frame
from engine.opencv import cv2
from gui import theme
from gui.presenters.source_display import Trying, TryOutDisplay
from gui.texts import text
from gui.views.elided import ElidedLabel
from gui.views.icons import icon
from gui.views.roles import set_role
from gui.views.scrolled import scrolled

_RADIUS_PX = 6
_ICON_PX = 40
_MOST_FACTS = 6
_MOST_NOTES = 4


class TryOutCard(QFrame):
    """The card at the right of the source picker."""

    try_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._picture = _FirstPicture()
        self._title = QLabel()
        self._title.setWordWrap(True)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(text("SourcePicker", "Trying it out"))
        self._facts = [(_fact_name(), ElidedLabel()) for _ in range(_MOST_FACTS)]
        self._notes = [_note() for _ in range(_MOST_NOTES)]
        self._try = QPushButton(text("SourcePicker", "Try it out"))
        self._try.clicked.connect(self.try_requested)
        self._cancel = QPushButton(text("SourcePicker", "Cancel"))
        self._cancel.setToolTip(text("SourcePicker", "Stop trying"))
        self._cancel.clicked.connect(self.cancel_requested)
        for button in (self._try, self._cancel):
            button.setAutoDefault(False)
        self._arrange()

    def show_try_out(self, display: TryOutDisplay) -> None:
        """Show how far it is and what was found."""
        busy, failed = display.trying is Trying.BUSY, display.trying is Trying.FAILED
        self._picture.show_frame(display.frame, failed)
        self._title.setText(display.title or text("SourcePicker", "What you choose is tried out here"))
        set_role(self._title, "error" if failed else "heading" if display.title else "muted")
        self._title.setToolTip(display.detail)
        self._bar.setVisible(busy)
        self._try.setVisible(not busy)
        self._cancel.setVisible(busy)
        self._show_facts(display.facts)
        for label, words in zip(self._notes, (*display.notes, *[""] * _MOST_NOTES), strict=False):
            label.setText(words)
            label.setVisible(bool(words))
            set_role(label, "muted" if failed else "warning")

    def show_can_try(self, can_try: bool) -> None:
        """Whether there is something to try out."""
        self._try.setEnabled(can_try)

    def _show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        for row in range(_MOST_FACTS):
            name, value = facts[row] if row < len(facts) else ("", "")
            label, fact = self._facts[row]
            label.setText(name)
            fact.set_words(value)
            label.setVisible(bool(name))
            fact.setVisible(bool(name))

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self._try)
        buttons.addWidget(self._cancel)
        buttons.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(12)
        column.addWidget(self._picture)
        column.addWidget(self._words(), 1)
        column.addLayout(buttons)

    def _words(self) -> QScrollArea:
        """All that is told in words; it scrolls where the room is too small."""
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addWidget(self._bar)
        column.addLayout(self._fact_rows())
        for label in self._notes:
            column.addWidget(label)
        column.addStretch()
        return scrolled(words)

    def _fact_rows(self) -> QGridLayout:
        rows = QGridLayout()
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(4)
        rows.setColumnStretch(1, 1)
        for row, (label, fact) in enumerate(self._facts):
            rows.addWidget(label, row, 0)
            rows.addWidget(fact, row, 1)
        return rows


class _FirstPicture(QWidget):
    """The picture, 16 to 9, with bars where it has another shape."""

    def __init__(self) -> None:
        super().__init__()
        self._frame: Frame | None = None
        self._failed = False
        self._scaled = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(160)
        self.setAccessibleName(text("SourcePicker", "First picture"))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """It keeps its shape."""
        super().resizeEvent(event)
        self.setFixedHeight(self.width() * 9 // 16)

    def show_frame(self, frame: Frame | None, failed: bool) -> None:
        """Show a picture; without one a sign, another one where it failed."""
        if (frame, failed) != (self._frame, self._failed):
            self._frame, self._failed, self._scaled = frame, failed, QPixmap()
            self.update()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """The sign has the colour of the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the picture in the middle of a dark field."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field = QPainterPath()
        field.addRoundedRect(self.rect(), _RADIUS_PX, _RADIUS_PX)
        painter.fillPath(field, QColor(theme.current().picture))
        if self._frame is None:
            self._paint_sign(painter)
            return
        painter.setClipPath(field)
        picture = self._scaled_picture(self._frame)
        place = QRect(0, 0, *_logical_size(picture))
        place.moveCenter(self.rect().center())
        painter.drawPixmap(place, picture)

    def _paint_sign(self, painter: QPainter) -> None:
        place = QRect(0, 0, _ICON_PX, _ICON_PX)
        place.moveCenter(self.rect().center())
        sign = icon("alert-triangle", "error") if self._failed else icon("video", "muted")
        sign.paint(painter, place)

    def _scaled_picture(self, frame: Frame) -> QPixmap:
        """The picture in the pixels of the screen, made once for each size."""
        ratio = self.devicePixelRatioF()
        wanted = QSize(frame.width, frame.height).scaled(self.size() * ratio, Qt.AspectRatioMode.KeepAspectRatio)
        if self._scaled.size() != wanted and not wanted.isEmpty():
            pixels = cv2.resize(frame.image, wanted.toTuple(), interpolation=cv2.INTER_AREA)
            form = QImage.Format.Format_BGR888
            image = QImage(pixels.data, wanted.width(), wanted.height(), pixels.strides[0], form)
            self._scaled = QPixmap.fromImage(image)
            self._scaled.setDevicePixelRatio(ratio)
        return self._scaled


def _logical_size(picture: QPixmap) -> tuple[int, int]:
    size = picture.deviceIndependentSize().toSize()
    return size.width(), size.height()


def _fact_name() -> QLabel:
    label = QLabel()
    label.setProperty("role", "muted")
    return label


def _note() -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setVisible(False)
    return label
