"""The card of one of the person's models."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMessageBox, QPushButton, QToolButton, QVBoxLayout, QWidget

from gui.presenters.model_displays import ModelDisplay
from gui.texts import text
from gui.views.elided import ElidedLabel
from gui.views.icons import icon


class ModelCardView(QFrame):
    """Shows a model and offers what can be done with it.

    Signals:
        use_requested: Analyse the selected tile with it.
        remove_requested: Take it off the list.
        delete_requested: Delete its file, too; the person has confirmed it.
        folder_not_opened: The system could not show the folder.
    """

    use_requested = Signal(object)
    remove_requested = Signal(object)
    delete_requested = Signal(object)
    folder_not_opened = Signal(object)

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self.setProperty("role", "card")
        self._title, self._in_use = card_title(), card_label("badge")
        self._in_use.setText(text("ModelCard", "In use"))
        self._in_use.setProperty("tone", "good")
        self._subtitle, self._facts = card_label(""), card_label("muted", wraps=True)
        self._variants = card_label("muted", wraps=True)
        self._file, self._trouble = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle), card_label("warning", wraps=True)
        self._file.setProperty("role", "caption")
        self._use = QPushButton(text("ModelCard", "Use"))
        self._use.setProperty("role", "primary")
        self._folder = card_button("folder-open", text("ModelCard", "Show in folder"))
        self._remove = card_button("x", text("ModelCard", "Remove from the list; the file stays"))
        self._delete = card_button("trash", text("ModelCard", "Delete the downloaded file"))
        self._lay_out()
        self._use.clicked.connect(lambda: self.use_requested.emit(self._path))
        self._folder.clicked.connect(self._show_folder)
        self._remove.clicked.connect(lambda: self.remove_requested.emit(self._path))
        self._delete.clicked.connect(self._ask_to_delete)

    def show_model(self, model: ModelDisplay) -> None:
        """Show the state of the model."""
        self.setAccessibleName(f"{model.title}, {model.subtitle}")
        self._title.set_words(model.title)
        self._subtitle.setText(model.subtitle)
        self._facts.setText(joined(model.facts))
        self._file.set_words(model.place, model.place)
        self._variants.setText(model.variants)
        self._variants.setVisible(bool(model.variants))
        self._trouble.setText(model.trouble)
        self._trouble.setVisible(bool(model.trouble))
        self._in_use.setVisible(model.in_use)
        self._use.setEnabled(not model.trouble)
        self._folder.setEnabled(not model.trouble)
        self._folder.setVisible(not model.builtin)
        self._remove.setVisible(not model.builtin)
        self._delete.setVisible(model.downloaded)
        self._delete.setEnabled(not model.in_use and not model.trouble)
        self._name_buttons(model.title)

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What takes the focus, in order."""
        return (self._use, self._folder, self._delete, self._remove)

    def _name_buttons(self, title: str) -> None:
        for button, words in (
            (self._use, text("ModelCard", "Use {title}")),
            (self._folder, text("ModelCard", "Show {title} in its folder")),
            (self._remove, text("ModelCard", "Remove {title} from the list")),
            (self._delete, text("ModelCard", "Delete the file of {title}")),
        ):
            button.setAccessibleName(words.format(title=title))

    def _lay_out(self) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._in_use)
        foot.addWidget(self._use)
        foot.addStretch()
        for button in (self._folder, self._delete, self._remove):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 12, 12)
        column.setSpacing(4)
        column.addLayout(head)
        for label in (self._subtitle, self._facts, self._variants, self._file, self._trouble):
            column.addWidget(label)
        column.addStretch()
        column.addSpacing(4)
        column.addLayout(foot)

    def _show_folder(self) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent))):
            self.folder_not_opened.emit(self._path)

    def _ask_to_delete(self) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(text("ModelCard", "Delete the file?"))
        box.setText(text("ModelCard", "Delete the file of {title}?").format(title=self._title.text()))
        box.setInformativeText(text("ModelCard", "It was downloaded by the program, and can be downloaded again."))
        delete = box.addButton(text("ModelCard", "Delete"), QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(lambda: self.delete_requested.emit(self._path))
        box.finished.connect(box.deleteLater)
        box.open()


def card_label(role: str, *, wraps: bool = False) -> QLabel:
    """A label of a card."""
    label = QLabel()
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setWordWrap(wraps)
    return label


def card_title() -> ElidedLabel:
    """The heading of a card, which may be a file's name of any length."""
    label = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
    label.setProperty("role", "heading")
    return label


def card_button(name: str, tip: str) -> QToolButton:
    """A small button of a card."""
    button = QToolButton()
    button.setIcon(icon(name))
    button.setToolTip(tip)
    return button


def joined(facts: tuple[str, ...]) -> str:
    """Facts on a line that breaks between them, never inside one."""
    return " · ".join(fact.replace(" ", "\N{NO-BREAK SPACE}") for fact in facts)
