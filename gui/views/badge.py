"""The execution badge: what really runs, always in sight; a click tells everything that is known about it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.execution import Badge, Loading
from gui.presenters.health import Level
from gui.texts import text
from gui.views.elided import ElidedLabel
from gui.views.icons import icon
from gui.views.roles import set_role

_ICONS = {
    Level.GOOD: ("circle-check", "good"),
    Level.WARNING: ("alert-triangle", "warning"),
    Level.ERROR: ("alert-circle", "error"),
    Level.BUSY: ("hourglass", "muted"),
    Level.IDLE: ("circle-dashed", "muted"),
}
_ICON_PX = 20
_REPORT_PX = 440


class BadgeButton(QWidget):
    """The badge with the progress of what is being loaded below it."""

    cancel_requested = Signal()
    """What is being loaded is not wanted any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._badge = Badge(Level.IDLE, "")
        self._button = _Face()
        self._button.clicked.connect(self._on_button_clicked)
        self._cancel = QToolButton()
        self._cancel.setIcon(icon("x"))
        self._cancel.setToolTip(text("Badge", "Cancel loading; what ran before goes on"))
        self._cancel.setAccessibleName(text("Badge", "Cancel loading"))
        self._cancel.clicked.connect(self.cancel_requested)
        self._progress = QProgressBar()
        self._progress.setProperty("role", "thin")
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(text("Badge", "Progress of loading"))
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._button, 0, 0)
        layout.addWidget(self._cancel, 0, 1)
        layout.addWidget(self._progress, 1, 0, 1, 2)
        self.show_loading(None)

    def show_badge(self, badge: Badge) -> None:
        """Show what really runs."""
        self._badge = badge
        self._button.show_badge(badge)

    def show_loading(self, loading: Loading | None) -> None:
        """Show how far the loading is, None while nothing is loaded."""
        self._cancel.setVisible(loading is not None)
        policy = self._progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(policy)
        self._progress.setVisible(loading is not None)
        self._button.show_phase(loading.phase if loading else "")
        if loading is not None:
            self._progress.setRange(0, 0 if loading.share is None else 100)
            self._progress.setValue(int(100 * (loading.share or 0)))

    def _on_button_clicked(self) -> None:
        report = ReportPopup(self._badge, self)
        corner = self.mapToGlobal(QPoint(self.width() - report.width(), self.height() + 4))
        screen = self.screen() or QGuiApplication.primaryScreen()
        report.move(max(screen.availableGeometry().left(), corner.x()), corner.y())
        report.show()


class _Face(QPushButton):
    """Two lines and an icon, as one button."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "quiet")
        self._icon = QLabel()
        self._icon.setFixedSize(_ICON_PX, _ICON_PX)
        self._upper, self._lower = ElidedLabel(), ElidedLabel()
        self._upper.setProperty("role", "caption")
        for label in (self._icon, self._upper, self._lower):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addWidget(self._upper)
        lines.addWidget(self._lower)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(8, 4, 8, 4)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._icon)
        self._layout.addLayout(lines, 1)
        self._badge = Badge(Level.IDLE, "")
        self._runtime = ""

    def sizeHint(self) -> QSize:  # noqa: N802
        return self._layout.sizeHint()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self._layout.minimumSize()

    def show_badge(self, badge: Badge) -> None:
        self._badge = badge
        runtime, divider, rest = badge.words.partition(" · ")
        self._runtime = runtime if divider else text("Badge", "What really runs")
        self._lower.set_words(rest or badge.words)
        set_role(self._lower, {Level.GOOD: "", Level.BUSY: "muted", Level.IDLE: "muted"}.get(badge.level, badge.level))
        self.setAccessibleName(text("Badge", "What really runs: {words}").format(words=badge.words))
        self.setAccessibleDescription("\n".join(badge.notes))
        tip = text("Badge", "What really runs, as the runtime tells it. Click for the whole report.")
        self.setToolTip("\n\n".join((*badge.notes, tip)))
        self._paint_icon()
        self.show_phase("")

    def show_phase(self, phase: str) -> None:
        self._upper.set_words(phase or self._runtime)

    def changeEvent(self, event: object) -> None:  # noqa: N802
        super().changeEvent(event)  # type: ignore[arg-type]
        self._paint_icon()

    def _paint_icon(self) -> None:
        if hasattr(self, "_badge"):
            name, tone = _ICONS[self._badge.level]
            self._icon.setPixmap(icon(name, tone).pixmap(QSize(_ICON_PX, _ICON_PX), self.devicePixelRatioF()))


class ReportPopup(QFrame):
    """The whole execution report in words; Escape or a click elsewhere closes it.

    Args:
        badge: What is known.
        parent: Owner.
    """

    def __init__(self, badge: Badge, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "card")
        self.setFixedWidth(_REPORT_PX)
        self.setAccessibleName(text("Badge", "Execution report"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        title = QLabel(badge.words)
        title.setProperty("role", "title")
        title.setWordWrap(True)
        layout.addWidget(title)
        for note in badge.notes:
            layout.addWidget(_note(note, badge.level))
        layout.addLayout(_table(badge.rows))
        self.setFixedHeight(layout.heightForWidth(_REPORT_PX))


def _note(words: str, level: Level) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "error" if level is Level.ERROR else "warning")
    label = _selectable(words)
    inside = QVBoxLayout(frame)
    inside.setContentsMargins(12, 8, 12, 8)
    inside.addWidget(label)
    return frame


def _table(rows: tuple[tuple[str, str], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(1, 1)
    for number, (what, value) in enumerate(rows):
        label = QLabel(what)
        label.setProperty("role", "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        grid.addWidget(label, number, 0)
        grid.addWidget(_selectable(value), number, 1)
    return grid


def _selectable(words: str) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
