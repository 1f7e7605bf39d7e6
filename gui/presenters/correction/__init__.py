"""Correct what the program took a model for, and see at once what that changes."""

from gui.presenters.correction.form import FieldKind, FieldState, fields
from gui.presenters.correction.presenter import (
    CorrectionPresenter,
    CorrectionView,
    FormState,
    PreviewState,
)

__all__ = [
    "CorrectionPresenter",
    "CorrectionView",
    "FieldKind",
    "FieldState",
    "FormState",
    "PreviewState",
    "fields",
]
