"""The panel itself: sections one below the other, in a column that scrolls."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.presenters.model_panel import CardState, ClassesState, ModelPanelPresenter, ThresholdsState
from gui.texts import text
from gui.views.model_panel.card import ModelCardView
from gui.views.model_panel.classes import ClassesView
from gui.views.model_panel.section import Section
from gui.views.model_panel.thresholds import ThresholdsView

_WIDTH_PX = 308
_LEAST_WIDTH_PX = 264


class ModelPanel(QScrollArea):
    """Fulfils ``ModelPanelView``; what a person wants comes out as signals."""

    open_model_requested = Signal()
    correct_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumWidth(_LEAST_WIDTH_PX)
        self.setAccessibleName(text("ModelPanel", "Model"))
        self.card, self.thresholds, self.classes = ModelCardView(), ThresholdsView(), ClassesView()
        self.scope = QLabel(text("ModelPanel", "Changes are for all tiles."))
        self.scope.setProperty("role", "muted")
        self.card_section = Section(text("ModelPanel", "Model"), self.card)
        self.thresholds_section = Section(text("ModelPanel", "Thresholds"), self.thresholds)
        self.classes_section = Section(text("ModelPanel", "Classes"), self.classes)
        self.setWidget(self._column())
        self.card.open_model_requested.connect(self.open_model_requested)
        self.card.correct_requested.connect(self.correct_requested)

    def _column(self) -> QWidget:
        column = QFrame()
        column.setProperty("role", "panel")
        layout = QVBoxLayout(column)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        for widget in (self.card_section, self.scope, self.thresholds_section, self.classes_section):
            layout.addWidget(widget)
        layout.setStretchFactor(self.classes_section, 1)
        return column

    def sizeHint(self) -> QSize:  # noqa: N802
        """A narrow column."""
        return QSize(_WIDTH_PX, 600)

    @property
    def choices(self) -> dict[str, bool]:
        """What is unfolded, to be given to ``take_choices`` at the next start."""
        return {"details": self.card.details.more.isChecked()}

    def take_choices(self, choices: object) -> None:
        """Unfold what was unfolded before.

        Raises:
            ValueError: They are none of ours.
        """
        match choices:
            case {"details": bool(details)}:
                self.card.details.more.setChecked(details)
            case _:
                raise ValueError(f"choices: expected whether details are unfolded, got {choices}")

    def show_card(self, state: CardState) -> None:
        """Show what the model is."""
        self.card.show_card(state)
        self.classes_section.setVisible(bool(state.family))

    def show_thresholds(self, state: ThresholdsState) -> None:
        """Show what of its finds is kept."""
        self.thresholds.show_thresholds(state)
        self.thresholds_section.setVisible(bool(state.values))

    def show_classes(self, state: ClassesState) -> None:
        """Show what it finds."""
        self.classes.show_classes(state)

    def show_scope(self, all_tiles: bool) -> None:
        """Say whether changes are for all tiles."""
        self.scope.setVisible(all_tiles)


def connect(view: ModelPanel, presenter: ModelPanelPresenter) -> None:
    """Let the presenter carry out what a person does in the panel.

    ``open_model_requested`` and ``correct_requested`` are for the composition root.
    """
    view.card.model_chosen.connect(presenter.on_model_chosen)
    view.card.forget_requested.connect(presenter.on_forget)
    view.card.cancel_requested.connect(presenter.on_cancel)
    view.card.retry_requested.connect(presenter.on_retry)
    view.thresholds.changed.connect(presenter.on_threshold)
    view.thresholds.reset.connect(lambda key: presenter.on_threshold(key, None))
    view.classes.shown_toggled.connect(presenter.on_class_shown)
    view.classes.listed_shown.connect(presenter.on_listed_shown)
    view.classes.colour_chosen.connect(presenter.on_colour)
    view.classes.filter_changed.connect(presenter.on_filter)
    view.classes.only_seen_toggled.connect(presenter.on_only_seen)
    view.classes.sort_changed.connect(presenter.on_sort)
    view.classes.pointed.connect(presenter.on_pointed)
