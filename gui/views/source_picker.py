"""The dialog in which a person chooses a source for a tile."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.capture.source import SourceOptions
from gui.presenters.source_display import Kind, Offers, TryOutDisplay
from gui.presenters.source_picker import SourcePickerPresenter
from gui.texts import text
from gui.views.elided import ElidedLabel
from gui.views.icons import icon
from gui.views.source_pages import AddressPage, DemoPage, DevicesPage, FilePage
from gui.views.try_out_card import TryOutCard

_ICONS = {
    Kind.CAMERA: "camera",
    Kind.FILE: "movie",
    Kind.ADDRESS: "world",
    Kind.SCREEN: "device-desktop",
    Kind.DEMO: "sparkles",
}


class SourcePicker(QDialog):
    """Kinds at the left, what there is of a kind in the middle, what was found at the right.

    Args:
        parent: The window.
    """

    kind_chosen = Signal(object)
    """``Kind``."""
    accept_requested = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("SourcePicker", "Open a source"))
        self.resize(980, 620)
        self.setMinimumSize(860, 580)
        self._for = ElidedLabel()
        self._for.setProperty("role", "muted")
        self._kinds = _KindList()
        self._kinds.currentItemChanged.connect(self._on_kind_changed)
        self.cameras, self.screens = DevicesPage(Kind.CAMERA), DevicesPage(Kind.SCREEN)
        self.files, self.addresses, self._demo = FilePage(), AddressPage(), DemoPage()
        self._pages: dict[Kind, QWidget] = {
            Kind.CAMERA: self.cameras,
            Kind.FILE: self.files,
            Kind.ADDRESS: self.addresses,
            Kind.SCREEN: self.screens,
            Kind.DEMO: self._demo,
        }
        self._stack = QStackedWidget()
        for page in self._pages.values():
            self._stack.addWidget(page)
        self.card = TryOutCard()
        self._cancel = QPushButton(text("SourcePicker", "Cancel"))
        self._cancel.clicked.connect(self.reject)
        self._open = QPushButton(text("SourcePicker", "Open"))
        self._open.setProperty("role", "primary")
        self._open.clicked.connect(self.accept_requested)
        for button in (self._cancel, self._open):
            button.setAutoDefault(False)
            button.setMinimumWidth(96)
        self._arrange()

    # What is shown ------------------------------------------------------------------------------------------------

    def show_kinds(self, offered: tuple[Kind, ...]) -> None:
        """The kinds of sources there are."""
        self._kinds.blockSignals(True)
        self._kinds.show_kinds(offered)
        self._kinds.blockSignals(False)

    def show_kind(self, kind: Kind) -> None:
        """The kind that is chosen."""
        self._kinds.blockSignals(True)
        self._kinds.choose(kind)
        self._kinds.blockSignals(False)
        self._stack.setCurrentWidget(self._pages[kind])

    def show_offers(self, kind: Kind, offers: Offers) -> None:
        """What there is of a kind."""
        page = self._pages[kind]
        if not isinstance(page, DemoPage):
            page.show_offers(offers)  # type: ignore[attr-defined]

    def show_chosen(self, kind: Kind, source: str) -> None:
        """Which line of a list is chosen."""
        page = self._pages[kind]
        if not isinstance(page, DemoPage):
            page.show_chosen(source)  # type: ignore[attr-defined]

    def show_options(self, options: SourceOptions) -> None:
        """What was chosen about the source."""
        self.cameras.show_options(options)
        self.screens.show_options(options)

    def show_address(self, address: str, user: str, password: str) -> None:
        """Fill the fields of an address."""
        self.addresses.show_address(address, user, password)

    def show_complaint(self, complaint: str) -> None:
        """What is wrong with the address."""
        self.addresses.show_complaint(complaint)

    def show_try_out(self, display: TryOutDisplay) -> None:
        """What was found."""
        self.card.show_try_out(display)

    def show_ready(self, ready: bool, can_try: bool) -> None:
        """Whether there is something to open, and whether it can be tried out."""
        self._open.setEnabled(ready)
        self.card.show_can_try(can_try)

    def show_start_folder(self, folder: str) -> None:
        """Where the file dialog begins."""
        self.files.show_start_folder(folder)

    def open_for(self, title: str) -> None:
        """Show the dialog."""
        self._for.set_words(text("SourcePicker", "for {tile}").format(tile=title) if title else "")
        self.open()
        self._kinds.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        """Hide the dialog."""
        self.hide()

    def reject(self) -> None:
        """Escape, Cancel and the window's own button."""
        self.dismissed.emit()
        super().reject()

    def _on_kind_changed(self, current: QListWidgetItem | None) -> None:
        if current is not None:
            self.kind_chosen.emit(current.data(Qt.ItemDataRole.UserRole))

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        title = QLabel(text("SourcePicker", "Open a source"))
        title.setProperty("role", "title")
        head.addWidget(title)
        head.addWidget(self._for, 1, Qt.AlignmentFlag.AlignBottom)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self._kinds)
        body.addWidget(self._stack, 4)
        body.addWidget(self.card, 4)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addStretch()
        foot.addWidget(self._cancel)
        foot.addWidget(self._open)
        line = QFrame()
        line.setProperty("role", "line")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(head)
        column.addLayout(body, 1)
        column.addWidget(line)
        column.addLayout(foot)


class _KindList(QListWidget):
    """The column of kinds."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(text("SourcePicker", "Kind of source"))
        self.setFixedWidth(136)
        self.setIconSize(QSize(20, 20))
        self.setSpacing(2)

    def show_kinds(self, offered: tuple[Kind, ...]) -> None:
        """One line each."""
        self.clear()
        for kind in offered:
            item = QListWidgetItem(icon(_ICONS[kind]), _kind_words(kind))
            item.setData(Qt.ItemDataRole.UserRole, kind)
            item.setSizeHint(QSize(0, 40))
            self.addItem(item)

    def choose(self, kind: Kind) -> None:
        """Select a line."""
        self.setCurrentRow(
            next(row for row in range(self.count()) if self.item(row).data(Qt.ItemDataRole.UserRole) == kind)
        )


def _kind_words(kind: Kind) -> str:
    return {
        Kind.CAMERA: text("SourcePicker", "Camera"),
        Kind.FILE: text("SourcePicker", "File"),
        Kind.ADDRESS: text("SourcePicker", "Address"),
        Kind.SCREEN: text("SourcePicker", "Screen"),
        Kind.DEMO: text("SourcePicker", "Demo"),
    }[kind]


def connect(view: SourcePicker, presenter: SourcePickerPresenter) -> None:
    """Lead the dialog's intents to the presenter."""
    view.kind_chosen.connect(presenter.on_kind_chosen)
    view.accept_requested.connect(presenter.on_accepted)
    view.dismissed.connect(presenter.on_dismissed)
    view.card.try_requested.connect(presenter.on_try_requested)
    view.card.cancel_requested.connect(presenter.on_try_cancelled)
    for devices in (view.cameras, view.screens):
        devices.offer_chosen.connect(presenter.on_offer_chosen)
        devices.opened.connect(presenter.on_accepted)
        devices.refresh_requested.connect(presenter.on_refresh_requested)
        devices.options_changed.connect(presenter.on_options_changed)
    for recent in (view.files, view.addresses):
        recent.offer_chosen.connect(presenter.on_offer_chosen)
        recent.opened.connect(presenter.on_accepted)
        recent.remove_requested.connect(presenter.on_offer_removed)
    view.files.file_chosen.connect(presenter.on_file_chosen)
    view.addresses.edited.connect(presenter.on_address_edited)
    view.addresses.finished.connect(presenter.on_address_finished)
    view.addresses.entered.connect(presenter.on_entered)
