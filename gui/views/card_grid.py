"""Cards in as many equal columns as fit."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

_NARROWEST_PX = 300
_GAP_PX = 12


class CardGrid(QWidget):
    """Lays cards out row by row; each row is as high as its highest card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cards: tuple[QWidget, ...] = ()
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(_GAP_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def show_cards(self, cards: Iterable[QWidget]) -> None:
        """Show these cards, in this order. Cards that are no longer among them are deleted."""
        cards = tuple(cards)
        for card in self._cards:
            if card not in cards:
                self._grid.removeWidget(card)
                card.hide()
                card.deleteLater()
        self._cards = cards
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Another width may hold another number of columns."""
        super().resizeEvent(event)
        if self._fitting() != self._columns:
            self._arrange()

    def _fitting(self) -> int:
        return max(1, (self.width() + _GAP_PX) // (_NARROWEST_PX + _GAP_PX))

    def _arrange(self) -> None:
        before, self._columns = self._columns, self._fitting()
        for number, card in enumerate(self._cards):
            self._grid.removeWidget(card)
            card.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # columns are equal
            self._grid.addWidget(card, *divmod(number, self._columns))
        for column in range(max(before, self._columns)):
            self._grid.setColumnStretch(column, 1 if column < self._columns else 0)
