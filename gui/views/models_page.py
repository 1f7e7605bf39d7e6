"""The models page: the person's models, and the catalogue of open ones."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.model_displays import Message, ModelDisplay, OfferDisplay
from gui.presenters.models_page import ModelsPresenter
from gui.texts import text
from gui.views.card_grid import CardGrid
from gui.views.icons import icon
from gui.views.message_strip import MessageStrip
from gui.views.model_card_view import ModelCardView, card_label
from gui.views.offer_card_view import OfferCardView

K = TypeVar("K")
W = TypeVar("W", bound=QWidget)
_EDGE_PX = 24


class ModelsPage(QWidget):
    """Fulfils ``ModelsView``. Files may be dropped anywhere on it.

    Signals:
        search_changed, task_chosen: What is to be shown.
        add_requested: Paths to read; ``add_cancelled``: stop that.
        dismissed: The message has been read.
        use_requested, remove_requested, delete_requested, folder_not_opened: About the path of a model.
        download_requested, download_cancelled, download_discarded: About the key of an open model.
    """

    search_changed = Signal(str)
    task_chosen = Signal(str)
    add_requested = Signal(list)
    add_cancelled = Signal()
    dismissed = Signal()
    use_requested = Signal(object)
    remove_requested = Signal(object)
    delete_requested = Signal(object)
    folder_not_opened = Signal(object)
    download_requested = Signal(str)
    download_cancelled = Signal(str)
    download_discarded = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._cards: dict[Path, ModelCardView] = {}
        self._offers: dict[str, OfferCardView] = {}
        self._search, self._task = _search_field(), QComboBox()
        self._task.setAccessibleName(text("ModelsPage", "Task"))
        self._add = QPushButton(icon("plus"), text("ModelsPage", "Add a model…"))
        self._add.setToolTip(text("ModelsPage", "Choose an ONNX or OpenVINO file; it stays where it is"))
        self._strip = MessageStrip()
        self._mine, self._catalogue = CardGrid(), CardGrid()
        self._no_models, self._no_offers = card_label("muted", wraps=True), card_label("muted", wraps=True)
        self._no_offers.setText(text("ModelsPage", "No open model matches the search."))
        self._drop_hint = _drop_hint(self)
        self._lay_out()
        self._connect()

    def show_tasks(self, tasks: tuple[tuple[str, str], ...]) -> None:
        """What can be filtered by."""
        self._task.clear()
        for value, words in tasks:
            self._task.addItem(words, value)

    def show_models(self, models: tuple[ModelDisplay, ...], *, filtered: bool) -> None:
        """The person's models."""
        changed = _fill(self._mine, self._cards, [model.path for model in models], self._new_card)
        for model in models:
            self._cards[model.path].show_model(model)
        self._no_models.setText(_no_models_words(filtered))
        self._no_models.setVisible(not models)
        if changed:
            self._order_tabs()

    def show_catalogue(self, offers: tuple[OfferDisplay, ...]) -> None:
        """The open models."""
        changed = _fill(self._catalogue, self._offers, [offer.key for offer in offers], self._new_offer)
        for offer in offers:
            self._offers[offer.key].show_offer(offer)
        self._no_offers.setVisible(not offers)
        if changed:
            self._order_tabs()

    def show_message(self, message: Message | None) -> None:
        """What just happened."""
        self._strip.show_message(message)
        self._add.setEnabled(message is None or message.kind != "busy")

    def choose_files(self) -> None:
        """Let the person choose files to add."""
        dialog = QFileDialog(self, text("ModelsPage", "Add models"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setNameFilters(
            [text("ModelsPage", "Models (*.onnx *.xml)"), text("ModelsPage", "All files (*)")],
        )
        dialog.filesSelected.connect(lambda names: self.add_requested.emit([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Files are welcome anywhere."""
        if _local_files(event):
            event.acceptProposedAction()
            self._drop_hint.show()
            self._drop_hint.raise_()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:  # noqa: N802
        """They went elsewhere."""
        self._drop_hint.hide()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Add them."""
        self._drop_hint.hide()
        event.acceptProposedAction()
        self.add_requested.emit(_local_files(event))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The hint covers all."""
        super().resizeEvent(event)
        self._drop_hint.setGeometry(self.rect().adjusted(12, 12, -12, -12))

    def _new_card(self, path: Path) -> ModelCardView:
        card = ModelCardView(path)
        card.use_requested.connect(self.use_requested)
        card.remove_requested.connect(self.remove_requested)
        card.delete_requested.connect(self.delete_requested)
        card.folder_not_opened.connect(self.folder_not_opened)
        return card

    def _new_offer(self, key: str) -> OfferCardView:
        card = OfferCardView(key)
        card.download_requested.connect(self.download_requested)
        card.cancel_requested.connect(self.download_cancelled)
        card.discard_requested.connect(self.download_discarded)
        card.use_requested.connect(self.use_requested)
        return card

    def _connect(self) -> None:
        self._search.textChanged.connect(self.search_changed)
        self._task.activated.connect(lambda _index: self.task_chosen.emit(self._task.currentData()))
        self._add.clicked.connect(self.choose_files)
        self._strip.cancel_requested.connect(self.add_cancelled)
        self._strip.dismissed.connect(self.dismissed)
        self._strip.use_requested.connect(self.use_requested)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(_EDGE_PX, 16, 0, 0)
        column.setSpacing(12)
        head = QVBoxLayout()
        head.setContentsMargins(0, 0, _EDGE_PX, 0)
        head.setSpacing(12)
        head.addLayout(self._head())
        head.addWidget(self._strip)
        column.addLayout(head)
        column.addWidget(self._scrolled(), 1)

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        title = card_label("title")
        title.setText(text("ModelsPage", "Models"))
        row.addWidget(title)
        row.addStretch()
        for widget in (self._search, self._task, self._add):
            row.addWidget(widget)
        return row

    def _scrolled(self) -> QScrollArea:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 4, _EDGE_PX, _EDGE_PX)
        column.setSpacing(12)
        column.addWidget(_heading(text("ModelsPage", "My models")))
        column.addWidget(self._no_models)
        column.addWidget(self._mine)
        column.addSpacing(12)
        column.addWidget(_heading(text("ModelsPage", "Open models")))
        about = card_label("muted", wraps=True)
        about.setText(
            text(
                "ModelsPage", "Free to download, each under its own licence. Nothing is fetched before you ask for it."
            )
        )
        column.addWidget(about)
        column.addWidget(self._no_offers)
        column.addWidget(self._catalogue)
        column.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(content)
        area.setAccessibleName(text("ModelsPage", "Models"))
        return area

    def _order_tabs(self) -> None:
        """Cards are made in any order; Tab goes through them as they stand."""
        cards: tuple[ModelCardView | OfferCardView, ...] = (*self._cards.values(), *self._offers.values())
        controls = [control for card in cards for control in card.controls]
        for before, after in pairwise((self._add, *self._strip.controls, *controls)):
            QWidget.setTabOrder(before, after)


def _fill(grid: CardGrid, cards: dict[K, W], keys: list[K], make: Callable[[K], W]) -> bool:
    """Let a grid show the cards of these keys; whether others than before, or in another order."""
    if list(cards) == keys:
        return False
    kept = dict(cards)
    cards.clear()
    cards.update({key: kept[key] if key in kept else make(key) for key in keys})
    grid.show_cards(cards.values())
    return True


def _search_field() -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(text("ModelsPage", "Search"))
    field.setAccessibleName(text("ModelsPage", "Search models"))
    field.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
    field.setClearButtonEnabled(True)
    field.setAcceptDrops(False)
    field.setMaximumWidth(240)
    return field


def _heading(words: str) -> QLabel:
    label = card_label("heading")
    label.setText(words)
    return label


def _drop_hint(parent: QWidget) -> QFrame:
    hint = QFrame(parent)
    hint.setProperty("role", "card")
    hint.setProperty("selected", True)
    hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    words = _heading(text("ModelsPage", "Drop the files to add them to your models"))
    words.setAlignment(Qt.AlignmentFlag.AlignCenter)
    QVBoxLayout(hint).addWidget(words)
    hint.hide()
    return hint


def _no_models_words(filtered: bool) -> str:
    if filtered:
        return text("ModelsPage", "None of your models matches the search.")
    return text(
        "ModelsPage", "You have no models yet: drop an ONNX or OpenVINO file here, or download one of the open models."
    )


def _local_files(event: QDropEvent) -> list[Path]:
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def connect(page: ModelsPage, presenter: ModelsPresenter) -> None:
    """Lead the page's intents to the presenter."""
    pairs: tuple[tuple[SignalInstance, Callable[..., None]], ...] = (
        (page.search_changed, presenter.on_search),
        (page.task_chosen, presenter.on_task),
        (page.add_requested, presenter.on_add),
        (page.add_cancelled, presenter.on_cancel_add),
        (page.dismissed, presenter.on_dismiss),
        (page.use_requested, presenter.on_use),
        (page.remove_requested, presenter.on_remove),
        (page.delete_requested, presenter.on_delete_file),
        (page.folder_not_opened, presenter.on_folder_not_opened),
        (page.download_requested, presenter.on_download),
        (page.download_cancelled, presenter.on_cancel_download),
        (page.download_discarded, presenter.on_discard_download),
    )
    for signal, slot in pairs:
        signal.connect(slot)
