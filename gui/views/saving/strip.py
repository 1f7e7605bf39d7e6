"""One line in the status bar: what is recorded, what was saved, where it goes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, QUrl, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from gui.presenters.saving import SavingDisplay, SavingPresenter
from gui.texts import text
from gui.views.elided import ElidedLabel
from gui.views.icons import icon
from gui.views.roles import set_role


class SavingStrip(QFrame):
    """Fulfils ``SavingView``. Takes no more room than what there is to tell.

    Signals:
        open_requested: Open what was saved last.
        show_requested: Open its folder.
        change_folder_requested: Another folder is wanted.
        folder_chosen: A ``Path`` was chosen for what is saved.
        folder_not_chosen: The person did not choose one.
    """

    open_requested = Signal()
    show_requested = Signal()
    change_folder_requested = Signal()
    folder_chosen = Signal(object)
    folder_not_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(text("Saving", "Snapshots and recordings"))
        self._dialog: QFileDialog | None = None
        self._recording = QLabel()
        self._recording.setProperty("role", "error")
        self._frames = QLabel()
        self._frames.setProperty("role", "muted")
        self._warning = ElidedLabel()
        self._warning.setProperty("role", "warning")
        self._said = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._open = _link(text("Saving", "Open"))
        self._show = _link(text("Saving", "Show in folder"))
        self._folder = QToolButton()
        self._folder.setIcon(icon("folder"))
        self._folder.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._folder.setAccessibleName(text("Saving", "Folder for snapshots and recordings"))
        self._lay_out()
        self.show_saving(SavingDisplay())

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for label in (self._recording, self._frames, self._warning, self._said):
            row.addWidget(label)
        for button in (self._open, self._show, self._folder):
            row.addWidget(button)
        self._open.clicked.connect(self.open_requested)
        self._show.clicked.connect(self.show_requested)
        self._folder.clicked.connect(self.change_folder_requested)

    # SavingView ----------------------------------------------------------------------------------------------------

    def show_saving(self, display: SavingDisplay) -> None:
        """Show how snapshots and recordings are."""
        set_role(self._recording, "error" if display.recording else "muted")
        _tell(self._recording, _recording_words(display))
        _tell(self._frames, display.frames)
        _tell(self._warning, display.warning)
        if display.said and display.said != self._said.text():
            self.setAccessibleDescription(display.said)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        _tell(self._said, display.said)
        for button in (self._open, self._show):
            button.setVisible(display.last_file is not None)
        self._said.setToolTip("" if display.last_file is None else str(display.last_file))
        self._folder.setText(display.free)
        self._folder.setVisible(bool(display.folder))
        goes_to = text("Saving", "Snapshots and recordings go to {folder}. Choose another folder.")
        self._folder.setToolTip(goes_to.format(folder=display.folder))

    def ask_folder(self, reason: str, folder: str) -> None:
        """Let the person choose a folder; one dialog at a time."""
        if self._dialog is not None:
            return
        start = folder or _pictures()
        dialog = QFileDialog(self, reason or text("Saving", "Folder for snapshots and recordings"), start)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setLabelText(QFileDialog.DialogLabel.Accept, text("Saving", "Save here"))
        dialog.finished.connect(self._on_dialog_finished)
        self._dialog = dialog
        dialog.open()

    def open_path(self, path: Path) -> bool:
        """Open a file or a folder with the system's program for it."""
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def _on_dialog_finished(self, result: int) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is None:
            return
        dialog.deleteLater()
        chosen = dialog.selectedFiles()
        if result == QFileDialog.DialogCode.Accepted and chosen:
            self.folder_chosen.emit(Path(chosen[0]))
        else:
            self.folder_not_chosen.emit()


def _pictures() -> str:
    """The person's folder of pictures, else their home: a folder that is not there could not be accepted."""
    location = QStandardPaths.StandardLocation
    folders = [QStandardPaths.writableLocation(kind) for kind in (location.PicturesLocation, location.HomeLocation)]
    return next((folder for folder in folders if Path(folder).is_dir()), "")


def _recording_words(display: SavingDisplay) -> str:
    if display.finishing is not None:
        return text("Saving", "Finishing the recording: {percent} %").format(percent=int(100 * display.finishing))
    if display.recording:
        return text("Saving", "● Recording {time}").format(time=display.elapsed)
    return ""


def _tell(label: QLabel, words: str) -> None:
    if label.text() != words:
        label.setText(words)
    label.setVisible(bool(words))


def _link(title: str) -> QPushButton:
    button = QPushButton(title)
    button.setProperty("role", "link")
    return button


def connect(view: SavingStrip, presenter: SavingPresenter) -> None:
    """Let the presenter know what the person wants. Snapshot and record are actions of the window."""
    view.open_requested.connect(presenter.on_open)
    view.show_requested.connect(presenter.on_show_in_folder)
    view.change_folder_requested.connect(presenter.on_change_folder)
    view.folder_chosen.connect(presenter.on_folder_chosen)
    view.folder_not_chosen.connect(presenter.on_folder_not_chosen)
