"""The window: rail, top bar, pages, status line, menus. It knows no page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from engine.folders import data_folder
from gui.actions import Situation
from gui.views.health import StatusLine
from gui.views.menus import Actions
from gui.views.rail import Rail
from gui.views.top_bar import TopBar
from gui.views.window_memory import bring_back, remember

_log = logging.getLogger(__name__)

_SIZE = QSize(1440, 900)
_LEAST = QSize(960, 600)
_TITLE_BAR = QSize(0, 32)


class MainWindow(QMainWindow):
    """What stands around the pages.

    Args:
        memory: File that keeps the place of the window; None for the program's own.
        parent: Owner.
    """

    triggered = Signal(str)
    """An action of ``gui.actions`` is wanted, wherever the person chose it."""
    dropped = Signal(list)
    """Paths or addresses that were dropped on the window, as texts."""
    page_shown = Signal(str)
    full_screen_changed = Signal(bool)
    """Pages hide what stands around their picture while it is on."""
    closed = Signal()
    """The window closes for good."""

    def __init__(self, memory: Path | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.may_close: Callable[[], bool] = lambda: True
        """Asked when the person closes the window; False keeps it open."""
        self._memory = memory or data_folder() / "window.json"
        self._choices: dict[str, tuple[Callable[[], object], Callable[[object], None]]] = {}
        self._pages: dict[str, QWidget] = {}
        self._was_maximised = False
        self._rail = Rail()
        self.top_bar = TopBar()
        self._stack = QStackedWidget()
        self._side = QHBoxLayout()
        self._above = QWidget()
        self.status_line = StatusLine()
        self._lay_out()
        self._actions = Actions(self)
        self._wire()
        self.setWindowTitle("Inferoscope")
        self.setMinimumSize(_LEAST)
        self.resize(_SIZE.boundedTo(self.screen().availableSize() - _TITLE_BAR))
        self.setAcceptDrops(True)

    def _lay_out(self) -> None:
        self._side.addWidget(self._stack, 1)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.top_bar)
        strips = QVBoxLayout(self._above)
        strips.setContentsMargins(0, 0, 0, 0)
        right.addWidget(self._above)
        right.addLayout(self._side, 1)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self._rail)
        upper.addLayout(right, 1)
        centre = QWidget()
        whole = QVBoxLayout(centre)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(upper, 1)
        whole.addWidget(self.status_line)
        self.setCentralWidget(centre)

    def _wire(self) -> None:
        self._actions.triggered.connect(self.triggered)
        self.top_bar.action_requested.connect(self.triggered)
        self.status_line.problems_requested.connect(lambda: self.triggered.emit("view.problems"))
        self._rail.page_chosen.connect(self.show_page)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setEnabled(False)
        self._escape.activated.connect(lambda: self.set_full_screen(False))

    # Pages and what stands around them ----------------------------------------------------------------------------

    def add_page(self, page_id: str, title: str, icon_name: str, widget: QWidget, *, last: bool = False) -> None:
        """Add a page; ``last`` puts its button at the lower end of the rail. The first one is shown."""
        self._pages[page_id] = widget
        self._stack.addWidget(widget)
        self._rail.add_page(page_id, title, icon_name, last=last)
        self.order_tabs(widget)
        if len(self._pages) == 1:
            self.show_page(page_id)

    def order_tabs(self, page: QWidget) -> None:
        """Tab goes through rail, top bar, page and status line; Qt would go in the order in which they were made.

        Called again for a page that has got its contents later.
        """
        parts = (self._rail, self.top_bar, self._above, page, self.status_line)
        ordered = [widget for part in parts for widget in _in_focus_chain(part)]
        for before, after in pairwise(ordered):
            self.setTabOrder(before, after)

    def show_page(self, page_id: str) -> None:
        """Show a page.

        Raises:
            KeyError: There is none of this id.
        """
        self._stack.setCurrentWidget(self._pages[page_id])
        self._rail.mark(page_id)
        self.page_shown.emit(page_id)

    def show_dot(self, page_id: str, tone: str) -> None:
        """Show a dot at the way to a page, because something goes on there; "" takes it away."""
        self._rail.show_dot(page_id, tone)

    @property
    def page(self) -> str:
        """Id of the page that is shown, "" before the first was added."""
        shown = self._stack.currentWidget()
        return next((page_id for page_id, widget in self._pages.items() if widget is shown), "")

    def add_side_panel(self, widget: QWidget) -> None:
        """Add something that stands beside every page, at the right; it shows and hides itself."""
        self._side.addWidget(widget)

    def add_strip(self, widget: QWidget) -> None:
        """Add a line above every page, below the top bar; it shows and hides itself. Before the pages are added."""
        layout = self._above.layout()
        assert layout is not None  # made with the window
        layout.addWidget(widget)

    def add_status_widget(self, widget: QWidget) -> None:
        """Add something small at the right of the status line."""
        self.status_line.add_widget(widget)

    # Actions ------------------------------------------------------------------------------------------------------

    def set_situation(self, situation: Situation) -> None:
        """Enable the actions that make sense now."""
        self._actions.set_situation(situation)

    def set_checked(self, action_id: str, checked: bool) -> None:
        """Show in the menus whether something is on."""
        self._actions.set_checked(action_id, checked)

    def action(self, action_id: str) -> QAction:
        """The action of this id, for a page's own buttons and menus."""
        return self._actions[action_id]

    def pop_up(self, action_ids: Sequence[str], place: QPoint) -> None:
        """Offer some actions at a place on the screen; "" is a line between them."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action_id in action_ids:
            if action_id:
                menu.addAction(self._actions[action_id])
            else:
                menu.addSeparator()
        menu.popup(place)

    # The window as a whole ----------------------------------------------------------------------------------------

    @property
    def full_screen(self) -> bool:
        """Whether only the page's picture is shown."""
        return self._escape.isEnabled()

    def set_full_screen(self, wanted: bool) -> None:
        """Show nothing but the page, or everything again."""
        if wanted == self.full_screen:
            return
        self._escape.setEnabled(wanted)
        for widget in (self._rail, self.top_bar, self._above, self.status_line, self.menuBar()):
            widget.setHidden(wanted)
        if wanted:
            self._was_maximised = self.isMaximized()
            self.showFullScreen()
        elif self._was_maximised:
            self.showMaximized()
        else:
            self.showNormal()
        self.set_checked("view.full_screen", wanted)
        self.full_screen_changed.emit(wanted)

    def bring_back(self) -> None:
        """Put everything where it was; called when all pages are there, before the window is shown."""
        for name, choice in bring_back(self, self._memory).items():
            if name in self._choices:
                try:
                    self._choices[name][1](choice)
                except (ValueError, TypeError, KeyError) as error:
                    _log.warning("What was chosen about %s cannot be read and is forgotten: %s", name, error)

    def keep(self, name: str, told: Callable[[], object], take: Callable[[object], None]) -> None:
        """Remember something that a person has chosen about a part of the window.

        Args:
            name: Where it stands in the memory.
            told: Asked for it when the window closes; anything that JSON can hold.
            take: Given it at the next start. Raises ValueError, TypeError or KeyError for what it cannot use.
        """
        self._choices[name] = (told, take)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Close where that is wanted, and remember where everything was."""
        if not self.may_close():
            event.ignore()
            return
        self.set_full_screen(False)
        remember(self, self._memory, {name: told() for name, (told, _) in self._choices.items()})
        self.closed.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Files and addresses may be dropped anywhere."""
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Tell what was dropped."""
        if texts := _dropped(event):
            event.acceptProposedAction()
            self.dropped.emit(texts)


def _in_focus_chain(part: QWidget) -> list[QWidget]:
    """What takes the focus in a part of the window, in the order in which Tab goes now."""
    chain = [part]
    while (widget := chain[-1].nextInFocusChain()) is not None and widget is not part:
        chain.append(widget)
    # PySide now takes each for a child of the one before it, and when that is deleted, all after it count as deleted,
    # too. Whoever is asked for their children is known as their parent again.
    for owner in {widget.parentWidget() for widget in chain}:
        if owner is not None:
            owner.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    inside = (widget for widget in chain if widget is part or part.isAncestorOf(widget))
    return [widget for widget in inside if widget.focusPolicy() != Qt.FocusPolicy.NoFocus]


def _dropped(event: QDropEvent) -> list[str]:
    return [url.toLocalFile() if url.isLocalFile() else url.toString() for url in event.mimeData().urls()]
