"""The panel beside the pictures: what the model is, what is kept of what it finds, and what it finds now."""

from gui.presenters.model_panel.card import CardState, LoadingState, ProblemState, card_state
from gui.presenters.model_panel.classes import Bar, ClassesState, Count, ListWish, SortBy, amount_text
from gui.presenters.model_panel.presenter import ModelPanelPresenter, ModelPanelView
from gui.presenters.model_panel.thresholds import LIMITS, ThresholdsState

__all__ = [
    "LIMITS",
    "Bar",
    "CardState",
    "ClassesState",
    "Count",
    "ListWish",
    "LoadingState",
    "ModelPanelPresenter",
    "ModelPanelView",
    "ProblemState",
    "SortBy",
    "ThresholdsState",
    "amount_text",
    "card_state",
]
