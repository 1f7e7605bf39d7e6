"""The card of an open model that may be downloaded."""

from __future__ import annotations

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from gui.presenters.model_displays import OfferDisplay, OfferState
from gui.texts import text
from gui.views.icons import icon
from gui.views.model_card_view import card_label, card_title, joined

_STEPS = 1000
_LINK_EDGE_PX = 5
"""Padding of a link, so that its text stands below the others."""


class OfferCardView(QFrame):
    """Shows an open model, and how its download goes.

    Signals:
        download_requested: Fetch it, or go on.
        cancel_requested: Stop fetching, keep what has come.
        discard_requested: Delete what has come.
        use_requested: Analyse the selected tile with it.
    """

    download_requested = Signal(str)
    cancel_requested = Signal(str)
    discard_requested = Signal(str)
    use_requested = Signal(object)

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key = key
        self._offer: OfferDisplay | None = None
        self.setProperty("role", "card")
        self._title, self._subtitle = card_title(), card_label("")
        self._about, self._facts = card_label("muted", wraps=True), card_label("muted", wraps=True)
        self._owned = card_label("badge")
        self._owned.setText(text("OfferCard", "In my models"))
        self._owned.setProperty("tone", "good")
        self._licence = _button("link")
        self._licence.setToolTip(text("OfferCard", "Open the web page of this model, with its licence"))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setMaximum(_STEPS)
        self._status, self._error = card_label("caption", wraps=True), card_label("error", wraps=True)
        self._start, self._use = _button(""), _button("primary")
        self._use.setText(text("OfferCard", "Use"))
        self._cancel, self._discard = _button(""), _button("quiet")
        self._cancel.setText(text("OfferCard", "Cancel"))
        self._discard.setText(text("OfferCard", "Discard"))
        self._discard.setToolTip(text("OfferCard", "Delete what has come so far"))
        self._lay_out()
        self._connect()

    def show_offer(self, offer: OfferDisplay) -> None:
        """Show the state of the model and of its download."""
        before, self._offer = self._offer, offer
        if before is None or (before.title, before.facts) != (offer.title, offer.facts):
            self._show_facts(offer)
        self._bar.setVisible(offer.share is not None)
        self._bar.setValue(round((offer.share or 0.0) * _STEPS))
        self._status.setText(offer.status)
        self._status.setVisible(bool(offer.status))
        self._error.setText(offer.error)
        self._error.setVisible(bool(offer.error))
        if before is None or before.state is not offer.state:
            self._show_state(offer)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What takes the focus, in order."""
        return (self._licence, self._start, self._use, self._discard, self._cancel)

    def _show_facts(self, offer: OfferDisplay) -> None:
        self.setAccessibleName(f"{offer.title}, {offer.subtitle}")
        self._title.set_words(offer.title)
        self._subtitle.setText(offer.subtitle)
        self._about.setText(offer.about)
        self._facts.setText(joined(offer.facts))
        self._licence.setText(f"{offer.licence} · {offer.source}")
        self._licence.setAccessibleName(
            text("OfferCard", "Licence of {title}: {licence}").format(title=offer.title, licence=offer.licence)
        )
        self._bar.setAccessibleName(text("OfferCard", "Download of {title}").format(title=offer.title))

    def _show_state(self, offer: OfferDisplay) -> None:
        """The buttons of a state. The focus goes from a button that vanishes to the one that takes its place."""
        state, had_focus = offer.state, any(control.hasFocus() for control in self.controls[1:])
        can_start = state in (OfferState.OFFERED, OfferState.PAUSED, OfferState.FAILED)
        self._start.setText(_start_words(state))
        self._start.setIcon(icon("refresh" if state is OfferState.FAILED else "download"))
        shown = {
            self._start: can_start,
            self._use: state is OfferState.OWNED,
            self._cancel: state is OfferState.RUNNING,
            self._discard: offer.share is not None and can_start,
        }
        for button, visible in shown.items():
            button.setVisible(visible)
            button.setAccessibleName(f"{button.text()}: {offer.title}")
        self._owned.setVisible(state is OfferState.OWNED)
        if had_focus:
            next(button for button, visible in shown.items() if visible).setFocus()

    def _lay_out(self) -> None:
        head, foot, licence = QHBoxLayout(), QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._owned)
        licence.addSpacing(-_LINK_EDGE_PX)
        licence.addWidget(self._licence)
        licence.addStretch()
        for button in (self._start, self._use, self._discard):
            foot.addWidget(button)
        foot.addStretch()
        foot.addWidget(self._cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(4)
        column.addLayout(head)
        for label in (self._subtitle, self._about, self._facts):
            column.addWidget(label)
        column.addLayout(licence)
        column.addStretch()
        for widget in (self._bar, self._status, self._error):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addLayout(foot)

    def _connect(self) -> None:
        self._start.clicked.connect(lambda: self.download_requested.emit(self._key))
        self._cancel.clicked.connect(lambda: self.cancel_requested.emit(self._key))
        self._discard.clicked.connect(lambda: self.discard_requested.emit(self._key))
        self._use.clicked.connect(self._on_use)
        self._licence.clicked.connect(self._open_home)

    def _on_use(self) -> None:
        if self._offer is not None and self._offer.path is not None:
            self.use_requested.emit(self._offer.path)

    def _open_home(self) -> None:
        if self._offer is not None:
            QDesktopServices.openUrl(QUrl(self._offer.home))


def _button(role: str) -> QPushButton:
    button = QPushButton()
    button.setProperty("role", role)
    return button


def _start_words(state: OfferState) -> str:
    if state is OfferState.FAILED:
        return text("OfferCard", "Try again")
    return text("OfferCard", "Continue") if state is OfferState.PAUSED else text("OfferCard", "Download")
