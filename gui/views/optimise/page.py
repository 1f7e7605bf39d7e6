"""The optimise page, made when it is first needed: the start of the program does not wait for it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.presenters.model_displays import Message
from gui.presenters.optimise.display import Comparison, Results, Running, Setup
from gui.presenters.optimise.presenter import OptimisePresenter
from gui.views.optimise.contents import Contents


class OptimisePage(QWidget):
    """Fulfils ``OptimiseView``.

    Signals:
        made: Its contents are there, which was not so before.
    """

    made = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside: Contents | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    @property
    def inside(self) -> Contents:
        """The contents, made now where they are not there yet."""
        if self._inside is None:
            self._inside = Contents()
            self._column.addWidget(self._inside)
            self.made.emit()
        return self._inside

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """There is something to see."""
        super().showEvent(event)
        self.inside.show()

    def show_setup(self, setup: Setup) -> None:
        """What is wanted."""
        self.inside.show_setup(setup)

    def show_running(self, running: Running | None) -> None:
        """What is being done."""
        self.inside.show_running(running)

    def show_results(self, results: Results) -> None:
        """Table and plot."""
        self.inside.show_results(results)

    def show_selected(self, key: str, comparison: Comparison | None) -> None:
        """The row that is looked at."""
        self.inside.show_selected(key, comparison)

    def show_message(self, message: Message | None) -> None:
        """What just happened."""
        self.inside.show_message(message)


def connect(page: OptimisePage, presenter: OptimisePresenter) -> None:
    """Lead the page's intents to the presenter, once there are any; it is filled before it is seen."""
    page.made.connect(lambda: _connect(page.inside, presenter))
    page.made.connect(presenter.refresh)


def _connect(inside: Contents, presenter: OptimisePresenter) -> None:
    choices = inside.choices
    pairs: tuple[tuple[SignalInstance, Callable[..., None]], ...] = (
        (choices.model_chosen, presenter.on_model_chosen),
        (choices.source_chosen, presenter.on_source_chosen),
        (choices.folder_chosen, presenter.on_folder_chosen),
        (choices.labels_chosen, presenter.on_labels_chosen),
        (choices.variant_checked, presenter.on_variant_checked),
        (choices.loss_changed, presenter.on_loss_changed),
        (choices.swap_checked, presenter.on_swap_checked),
        (choices.start_requested, presenter.on_start),
        (inside.cancel_requested, presenter.on_cancel),
        (inside.selected, presenter.on_selected),
        (inside.apply_requested, presenter.on_apply),
        (inside.frame_wanted, presenter.on_frame_wanted),
        (inside.export_requested, presenter.on_export),
        (inside.report_requested, presenter.on_save_report),
        (inside.dismissed, presenter.on_dismiss),
    )
    for signal, slot in pairs:
        signal.connect(slot)
