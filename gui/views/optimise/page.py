"""The optimise page: choices or steps at the left, plot, frames and table at the right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal, SignalInstance
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.model_displays import Message
from gui.presenters.optimise.display import Comparison, ResultRow, Results, Running, Setup
from gui.presenters.optimise.presenter import OptimisePresenter
from gui.texts import text
from gui.views.icons import icon
from gui.views.message_strip import MessageStrip
from gui.views.model_card_view import card_label
from gui.views.optimise.choices import ChoicesCard
from gui.views.optimise.frames import FramesView
from gui.views.optimise.plot import TradePlot
from gui.views.optimise.steps import StepsCard
from gui.views.optimise.table import ResultsTable

_EDGE_PX = 24
_LEFT_PX = 332
_SIGN_PX = 48
_ABOUT_LINES = 3
_NARROW_PX = 1120
_TABLE_SHARE = 0.35
"""Of the height, at most, while pictures are looked at."""


class OptimisePage(QWidget):
    """Fulfils ``OptimiseView``.

    Signals:
        cancel_requested: Stop what is going on.
        selected, apply_requested: Key of a row.
        frame_wanted: So many frames further.
        export_requested, report_requested: Where to.
        dismissed: The message has been read.
    """

    cancel_requested = Signal()
    selected = Signal(str)
    apply_requested = Signal(str)
    frame_wanted = Signal(int)
    export_requested = Signal(object)
    report_requested = Signal(object)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.choices, self.steps = ChoicesCard(), StepsCard()
        self._left = QStackedWidget()
        self._strip = MessageStrip()
        self._plot, self._frames = TradePlot(), FramesView()
        self._tabs = QTabWidget()
        self.table = ResultsTable()
        self._about = card_label("muted", wraps=True)
        self._apply = QPushButton(text("OptimisePage", "Apply"))
        self._export = QPushButton(icon("file-export"), text("OptimisePage", "Export…"))
        self._report = QPushButton(icon("device-floppy"), text("OptimisePage", "Save report…"))
        self._right = QStackedWidget()
        self._split, self._lower = QSplitter(Qt.Orientation.Vertical), QWidget()
        self._foot = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._results = Results()
        self._key = ""
        self._lay_out()
        self._connect()
        self.show_results(Results())

    # What is shown ------------------------------------------------------------------------------------------------

    def show_setup(self, setup: Setup) -> None:
        """What is wanted."""
        self.choices.show_setup(setup)

    def show_running(self, running: Running | None) -> None:
        """What is being done."""
        before = self._left.currentWidget()
        had_focus = before is not None and before.isAncestorOf(self.focusWidget() or self)
        self._left.setCurrentWidget(self.choices if running is None else self.steps)
        if running is not None:
            self.steps.show_running(running)
            if had_focus and before is self.choices:
                self.steps.cancel.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_results(self, results: Results) -> None:
        """Table and plot."""
        self._results = results
        self._right.setCurrentIndex(1 if results.rows else 0)
        rows = self.table.rowCount()
        self.table.show_results(results)
        if self.table.rowCount() != rows:
            self._share_room()
        self._plot.show_results(results, self._key)
        self._export.setEnabled(results.exportable)
        self._report.setEnabled(results.saveable)
        self._report.setToolTip(
            text("OptimisePage", "Everything that was measured last, with plot and frames")
            if results.saveable
            else text("OptimisePage", "There is a report as soon as variants have been built and measured")
        )
        self._show_row()

    def show_selected(self, key: str, comparison: Comparison | None) -> None:
        """The row that is looked at."""
        self._key = key
        self.table.show_selected(key)
        self._plot.show_results(self._results, key)
        self._frames.show_comparison(key, comparison)
        self._show_row()

    def show_message(self, message: Message | None) -> None:
        """What just happened."""
        self._strip.show_message(message)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Share the room anew; where it is narrow, buttons stand below what is said."""
        super().resizeEvent(event)
        narrow = event.size().width() < _NARROW_PX
        self._foot.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._share_room()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Plot and verdicts have colours of the theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange:
            self._plot.dress()
            self.table.dress()

    def _show_row(self) -> None:
        row = next((row for row in self._results.rows if row.key == self._key), ResultRow("", ""))
        self._about.setText(row.about or text("OptimisePage", "Choose a row to see more of it."))
        self._about.setToolTip(row.about)  # there may be more of it than room
        if row.in_use and self._apply.hasFocus():  # a button that is greyed would give the focus to anything
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        self._apply.setEnabled(row.usable and not row.in_use)
        self._apply.setText(text("OptimisePage", "In use") if row.in_use else text("OptimisePage", "Apply"))

    # Making it ----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.steps.cancel_requested.connect(self.cancel_requested)
        self.table.selected.connect(self._on_row)
        self.table.apply_requested.connect(self.apply_requested)
        self._plot.point_chosen.connect(self._on_row)
        self._tabs.currentChanged.connect(lambda _index: self._share_room())
        self._frames.frame_wanted.connect(self.frame_wanted)
        self._apply.clicked.connect(lambda: self.apply_requested.emit(self._key))
        self._export.clicked.connect(self._choose_folder)
        self._report.clicked.connect(self._choose_report)
        self._strip.dismissed.connect(self.dismissed)

    def _on_row(self, key: str) -> None:
        if any(row.key == key and row.frames for row in self._results.rows):
            self._tabs.setCurrentWidget(self._frames)
        self.selected.emit(key)

    def _share_room(self) -> None:
        """The table shows every row where there is room; pictures need more of it than the plot."""
        foot = self._lower.minimumSizeHint().height() - self.table.minimumHeight()
        lower, room = foot + self.table.whole_height, self._split.height()
        if self._tabs.currentWidget() is self._frames:
            lower = min(lower, round(_TABLE_SHARE * room))
        self._split.setSizes([max(0, room - lower), lower])

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self, text("OptimisePage", "Copy the variants to"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda name: self.export_requested.emit(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _choose_report(self) -> None:
        kinds = (
            text("OptimisePage", "Page with pictures (*.html)"),
            text("OptimisePage", "Table (*.csv)"),
            text("OptimisePage", "Data (*.json)"),
        )
        dialog = QFileDialog(self, text("OptimisePage", "Save the report"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(kinds)
        dialog.setDefaultSuffix("html")
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(chosen.rpartition(".")[2].rstrip(")")))
        dialog.fileSelected.connect(lambda name: self.report_requested.emit(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _lay_out(self) -> None:
        self._left.addWidget(self.choices)
        self._left.addWidget(self.steps)
        self._left.setFixedWidth(_LEFT_PX)
        self._right.addWidget(_empty())
        self._right.addWidget(self._outcome())
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self._left)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self._strip)
        right.addWidget(self._right, 1)
        body.addLayout(right, 1)
        title = card_label("title")
        title.setText(text("OptimisePage", "Optimise"))
        column = QVBoxLayout(self)
        column.setContentsMargins(_EDGE_PX, 12, _EDGE_PX, 12)
        column.setSpacing(8)
        column.addWidget(title)
        column.addLayout(body, 1)

    def _outcome(self) -> QWidget:
        """Plot and frames above, the table below."""
        self._tabs.addTab(self._plot, text("OptimisePage", "Speed and agreement"))
        self._tabs.addTab(self._frames, text("OptimisePage", "Frames side by side"))
        self._tabs.setAccessibleName(text("OptimisePage", "What was measured"))
        upper = QFrame()
        upper.setProperty("role", "card")
        inside = QVBoxLayout(upper)
        inside.setContentsMargins(1, 4, 1, 4)
        inside.addWidget(self._tabs)
        column = QVBoxLayout(self._lower)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.table, 1)
        column.addLayout(self._make_foot())
        split = self._split
        split.setChildrenCollapsible(False)
        split.addWidget(upper)
        split.addWidget(self._lower)
        split.setStretchFactor(0, 1)
        return split

    def _make_foot(self) -> QBoxLayout:
        """What is known of the row, and what can be done."""
        self._apply.setProperty("role", "primary")
        self._apply.setToolTip(text("OptimisePage", "Swap it into the running stream, which goes on meanwhile"))
        self._export.setToolTip(text("OptimisePage", "Copy the variants to a folder of yours"))
        self._about.setFixedHeight(_ABOUT_LINES * self._about.fontMetrics().lineSpacing())
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self._export, self._report, self._apply):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        self._foot.setSpacing(8)
        self._foot.addWidget(self._about, 1)
        self._foot.addLayout(buttons)
        return self._foot


def connect(page: OptimisePage, presenter: OptimisePresenter) -> None:
    """Lead the page's intents to the presenter."""
    choices = page.choices
    pairs: tuple[tuple[SignalInstance, Callable[..., None]], ...] = (
        (choices.model_chosen, presenter.on_model_chosen),
        (choices.source_chosen, presenter.on_source_chosen),
        (choices.folder_chosen, presenter.on_folder_chosen),
        (choices.labels_chosen, presenter.on_labels_chosen),
        (choices.variant_checked, presenter.on_variant_checked),
        (choices.loss_changed, presenter.on_loss_changed),
        (choices.swap_checked, presenter.on_swap_checked),
        (choices.start_requested, presenter.on_start),
        (page.cancel_requested, presenter.on_cancel),
        (page.selected, presenter.on_selected),
        (page.apply_requested, presenter.on_apply),
        (page.frame_wanted, presenter.on_frame_wanted),
        (page.export_requested, presenter.on_export),
        (page.report_requested, presenter.on_save_report),
        (page.dismissed, presenter.on_dismiss),
    )
    for signal, slot in pairs:
        signal.connect(slot)


def _empty() -> QWidget:
    """What there will be to see."""
    card = QFrame()
    card.setProperty("role", "card")
    sign = card_label("")
    sign.setPixmap(icon("rocket", "muted").pixmap(_SIGN_PX, _SIGN_PX))
    title, words = card_label("heading"), card_label("muted", wraps=True)
    title.setText(text("OptimisePage", "Smaller, faster, and measured"))
    words.setText(
        text(
            "OptimisePage",
            "Variants of your model are built here, and each is compared with the original on your own frames: "
            "how fast it is on this computer, how large, and how much of what it finds stays the same. "
            "Nothing is changed until you apply one.",
        )
    )
    for label in (sign, title, words):
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    words.setMaximumWidth(520)
    centred = QHBoxLayout()
    centred.addStretch(1)
    centred.addWidget(words, 8)
    centred.addStretch(1)
    column = QVBoxLayout(card)
    column.setSpacing(12)
    column.addStretch(1)
    column.addWidget(sign)
    column.addWidget(title)
    column.addLayout(centred)
    column.addStretch(1)
    return card
