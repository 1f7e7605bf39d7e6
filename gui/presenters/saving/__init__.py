"""Snapshots and recordings: where they go, what they are called, and what is told about them."""

from gui.presenters.saving.display import SavingDisplay, SavingView
from gui.presenters.saving.presenter import SavingPresenter

__all__ = ["SavingDisplay", "SavingPresenter", "SavingView"]
