"""The dialog that asks for user and password of a stream."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.password import PasswordPresenter, PasswordQuestion
from gui.texts import text
from gui.views.elided import ElidedLabel


class PasswordDialog(QDialog):
    """Beside the window, which goes on meanwhile.

    Args:
        parent: The window.
    """

    answered = Signal(str, str, bool)
    """User, password, whether they are to be remembered."""
    address_answered = Signal(str, bool)
    """The whole address, whether it is to be remembered."""
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("Password", "Password"))
        self.setMinimumWidth(420)
        self._whole = False
        self._title = ElidedLabel()
        self._title.setProperty("role", "title")
        self._address = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._address.setProperty("role", "muted")
        self._complaint = QLabel()
        self._complaint.setProperty("role", "error")
        self._complaint.setWordWrap(True)
        self._user, self._password, self._full = QLineEdit(), QLineEdit(), QLineEdit()
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._remember = QCheckBox(text("Password", "Remember it in the keyring of the system"))
        self._connect = QPushButton(text("Password", "Connect"))
        self._connect.setProperty("role", "primary")
        self._connect.setDefault(True)
        self._connect.clicked.connect(self._on_connect)
        self._later = QPushButton(text("Password", "Not now"))
        self._later.setAutoDefault(False)
        self._later.clicked.connect(self.reject)
        self._form = QFormLayout()
        self._arrange()

    def ask(self, question: PasswordQuestion) -> None:
        """Show it, with empty fields."""
        self._whole = question.whole
        tile = question.title or text("Password", "This stream")
        words = text("Password", "{tile} needs a password")
        if question.whole:
            words = text("Password", "{tile} needs its whole address")
        self._title.set_words(words.format(tile=tile))
        self._address.set_words(question.address)
        self.show_complaint(text("Password", "User or password was refused.") if question.again else "")
        for field in (self._user, self._password, self._full):
            field.clear()
            self._form.setRowVisible(field, (field is self._full) == question.whole)
        self._remember.setChecked(True)
        self.adjustSize()
        self.show()
        (self._full if question.whole else self._user).setFocus()

    def show_complaint(self, complaint: str) -> None:
        """Say what is wrong."""
        self._complaint.setText(complaint)
        self._complaint.setVisible(bool(complaint))

    def dismiss(self) -> None:
        """Hide it and forget what was typed."""
        for field in (self._user, self._password, self._full):
            field.clear()
        self.hide()

    def reject(self) -> None:
        """Escape, "Not now" and the window's own button."""
        self.dismissed.emit()
        super().reject()

    def _on_connect(self) -> None:
        if self._whole:
            self.address_answered.emit(self._full.text(), self._remember.isChecked())
        else:
            self.answered.emit(self._user.text(), self._password.text(), self._remember.isChecked())

    def _arrange(self) -> None:
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(8)
        self._form.addRow(text("Password", "User"), self._user)
        self._form.addRow(text("Password", "Password"), self._password)
        self._form.addRow(text("Password", "Address"), self._full)
        self._form.addRow("", self._remember)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch()
        buttons.addWidget(self._later)
        buttons.addWidget(self._connect)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        for label in (self._title, self._address, self._complaint):
            column.addWidget(label)
        column.addLayout(self._form)
        column.addLayout(buttons)


def connect(view: PasswordDialog, presenter: PasswordPresenter) -> None:
    """Lead the dialog's intents to the presenter."""
    view.answered.connect(presenter.on_answered)
    view.address_answered.connect(presenter.on_address_answered)
    view.dismissed.connect(presenter.on_dismissed)
