"""The panel of problems beside the pages, and the notice that a new one gives."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QDesktopServices,
    QEnterEvent,
    QGuiApplication,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.presenters.problems_panel import ProblemCard, ProblemsPresenter
from gui.texts import text
from gui.views.icons import icon, icon_button

_WIDTH_PX = 380
_NOTICE_PX = 400
_NOTICE_MS = 9000
_FROM_EDGE_PX = 16


class ProblemsPanel(QFrame):
    """Fulfils ``gui.presenters.problems_panel.ProblemsView``.

    Args:
        window: Shows the notices at its lower right.
        log_folder: Opened on request.
    """

    clear_requested = Signal()
    explain_requested = Signal(int)
    """What the manual says about the problem of this number."""
    counted = Signal(int)
    """How many problems there are now."""
    open_changed = Signal(bool)
    """Whether the panel is shown."""

    def __init__(self, window: QWidget, log_folder: Path) -> None:
        super().__init__()
        self._log_folder = log_folder
        self._rows: dict[int, _Row] = {}
        self._notice = _Notice(window)
        self._notice.wanted.connect(lambda: self.set_open(True))
        self.setProperty("role", "panel")
        self.setFixedWidth(_WIDTH_PX)
        self.setAccessibleName(text("Problems", "Problems"))
        self._lay_out()
        self.show_problems(())
        self.hide()

    def _lay_out(self) -> None:
        title = QLabel(text("Problems", "Problems"))
        title.setProperty("role", "title")
        close = icon_button("x", text("Problems", "Close the list"))
        close.clicked.connect(lambda: self.set_open(False))
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(close)
        self._empty = QLabel(text("Problems", "Nothing has gone wrong."))
        self._empty.setProperty("role", "muted")
        inside = QWidget()
        self._list = QVBoxLayout(inside)
        self._list.setContentsMargins(0, 0, 4, 0)
        self._list.setSpacing(8)
        self._list.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(12)
        layout.addLayout(head)
        layout.addWidget(self._empty)
        layout.addWidget(scroll, 1)
        layout.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        folder = QPushButton(icon("folder"), text("Problems", "Open the log folder"))
        folder.clicked.connect(lambda: open_folder(self._log_folder))
        self._clear = QPushButton(text("Problems", "Clear"))
        self._clear.clicked.connect(self.clear_requested)
        foot = QHBoxLayout()
        foot.addWidget(folder)
        foot.addStretch(1)
        foot.addWidget(self._clear)
        return foot

    def show_problems(self, cards: tuple[ProblemCard, ...]) -> None:
        """Show all of them, newest first. What is unfolded stays so."""
        wanted = {card.number for card in cards}
        for number in [number for number in self._rows if number not in wanted]:
            row = self._rows.pop(number)
            self._list.removeWidget(row)
            row.deleteLater()
        for card in reversed(cards):
            if card.number not in self._rows:
                self._rows[card.number] = _Row()
                self._rows[card.number].explain_requested.connect(self.explain_requested)
                self._list.insertWidget(0, self._rows[card.number])
            self._rows[card.number].show_card(card)
        self._empty.setVisible(not cards)
        self._clear.setEnabled(bool(cards))
        self.counted.emit(len(cards))

    def show_notice(self, problem: ProblemCard) -> None:
        """Tell a new one at the lower right, and to screen readers, without taking the focus."""
        if self.isHidden():
            self._notice.tell(problem)

    def set_open(self, wanted: bool) -> None:
        """Show or hide the list."""
        self.setVisible(wanted)
        if wanted:
            self._notice.hide()
            first = next(iter(reversed(self._rows.values())), None)
            (first or self._clear).setFocus(Qt.FocusReason.OtherFocusReason)
        self.open_changed.emit(wanted)


class _Row(QFrame):
    """A problem with buttons to unfold and copy it, and to read about it."""

    explain_requested = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._card: ProblemCard | None = None
        self.setProperty("role", "error")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._head = _label("caption")
        self._what = _label("")
        self._remedy = _label("muted")
        self._details = _label("caption")
        self._details.hide()
        self._unfold = QPushButton(text("Problems", "Details"))
        self._unfold.setCheckable(True)
        self._unfold.setProperty("role", "quiet")
        self._unfold.toggled.connect(self._details.setVisible)
        self._copy = QPushButton(icon("copy"), text("Problems", "Copy"))
        self._copy.setProperty("role", "quiet")
        self._copy.clicked.connect(self._on_copy_clicked)
        buttons = QHBoxLayout()
        buttons.addWidget(self._unfold)
        buttons.addWidget(self._copy)
        explain = QPushButton(icon("book"), text("Problems", "Manual"))
        explain.setToolTip(text("Problems", "What the manual says about this message"))
        explain.setProperty("role", "quiet")
        explain.clicked.connect(self._on_explain_clicked)
        buttons.addWidget(explain)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 4)
        layout.setSpacing(4)
        for label in (self._head, self._what, self._remedy, self._details):
            layout.addWidget(label)
        layout.addLayout(buttons)

    def show_card(self, card: ProblemCard) -> None:
        if card == self._card:
            return
        self._card = card
        self._head.setText("  ·  ".join(filter(None, (card.time, card.about))))
        self._what.setText(card.what)
        self._remedy.setText(card.remedy)
        self._remedy.setVisible(bool(card.remedy))
        self._details.setText(card.details)
        self._unfold.setVisible(bool(card.details))
        self.setAccessibleName(" ".join(filter(None, (card.about, card.what, card.remedy))))

    def _on_explain_clicked(self) -> None:
        if self._card is not None:
            self.explain_requested.emit(self._card.number)

    def _on_copy_clicked(self) -> None:
        if self._card is not None:
            QGuiApplication.clipboard().setText(self._card.copied)
            self._copy.setText(text("Problems", "Copied"))


class _Notice(QFrame):
    """Lies over the window for some seconds; the pointer or the focus on it keeps it there."""

    wanted = Signal()
    """The person wants to know more."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setProperty("role", "toast")
        self.setFixedWidth(_NOTICE_PX)
        self._about = _label("caption")
        self._what = _label("")
        more = QPushButton(text("Problems", "What to do"))
        more.clicked.connect(self.wanted)
        close = icon_button("x", text("Problems", "Close the notice"))
        close.clicked.connect(self.hide)
        head = QHBoxLayout()
        head.addWidget(self._about, 1)
        head.addWidget(close)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(more)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 8, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._what)
        layout.addLayout(foot)
        self._layout = layout
        self._window = window
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_NOTICE_MS)
        self._timer.timeout.connect(self.hide)
        window.installEventFilter(self)
        self.hide()

    def tell(self, card: ProblemCard) -> None:
        self._about.setText(card.about or text("Problems", "A problem"))
        self._what.setText(card.what)
        self.setFixedHeight(self._layout.heightForWidth(_NOTICE_PX))
        self._place()
        self.show()
        self.raise_()
        self._timer.start()
        spoken = " ".join(filter(None, (card.about, card.what)))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, spoken))

    def _place(self) -> None:
        window = self._window
        self.move(window.width() - self.width() - _FROM_EDGE_PX, window.height() - self.height() - 3 * _FROM_EDGE_PX)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QResizeEvent) and watched is self._window and self.isVisible():
            self._place()
        return False

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self._timer.start()
        super().leaveEvent(event)


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return label


def open_folder(folder: Path) -> None:
    """Show a folder in the system's file browser, or the nearest one above it that is there."""
    there = next(path for path in (folder, *folder.parents) if path.is_dir())
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(there)))


def connect(view: ProblemsPanel, presenter: ProblemsPresenter) -> None:
    """Wire the person's intents."""
    view.clear_requested.connect(presenter.on_clear)
    view.explain_requested.connect(presenter.on_explain)
