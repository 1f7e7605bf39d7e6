"""The pages of the source picker, one for each kind of source."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.capture.picture_files import PICTURE_SUFFIXES
from engine.capture.source import SourceOptions
from gui.presenters.quantities import pixels_words
from gui.presenters.source_display import Kind, Offers
from gui.texts import text
from gui.views.icons import icon
from gui.views.offers_list import OffersList
from gui.views.roles import set_role

_SIZES = ((1920, 1080), (1280, 720), (800, 600), (640, 480), (320, 240))
_RATES_HZ = (60.0, 30.0, 25.0, 15.0, 10.0, 5.0, 1.0)
_VIDEO_SUFFIXES = (
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".m2ts", ".wmv", ".flv", ".ogv", ".3gp",
    ".gif",
)  # fmt: skip


class DevicesPage(QWidget):
    """Cameras or screens: a list of what is there, and what can be chosen about it.

    Args:
        kind: Which of the two.
    """

    offer_chosen = Signal(str)
    opened = Signal()
    refresh_requested = Signal()
    options_changed = Signal(object)
    """``SourceOptions``."""

    def __init__(self, kind: Kind) -> None:
        super().__init__()
        cameras = kind is Kind.CAMERA
        heading = text("SourcePicker", "Cameras") if cameras else text("SourcePicker", "Screens")
        self._options = SourceOptions()
        self._usual_rate = (
            text("SourcePicker", "The camera's own") if cameras else text("SourcePicker", "15 a second (usual)")
        )
        self._refresh = QPushButton(icon("refresh"), text("SourcePicker", "Refresh"))
        self._refresh.setToolTip(text("SourcePicker", "Look again for what is there"))
        self._refresh.setProperty("role", "quiet")
        self._refresh.setAutoDefault(False)
        self._refresh.clicked.connect(self.refresh_requested)
        self._list = OffersList(heading)
        self._list.chosen.connect(self.offer_chosen)
        self._list.opened.connect(self.opened)
        self._busy = _thin_bar()
        self._size = _box(text("SourcePicker", "Size of the picture"))
        self._rate = _box(text("SourcePicker", "Pictures a second"))
        self._mirror = QCheckBox(text("SourcePicker", "Mirror left and right"))
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        if cameras:
            form.addRow(text("SourcePicker", "Size"), self._size)
        form.addRow(text("SourcePicker", "Rate"), self._rate)
        if cameras:
            form.addRow("", self._mirror)
        _column(self, _heading_row(heading, self._refresh), self._busy, self._list, form)
        self._size.activated.connect(self._on_options_changed)
        self._rate.activated.connect(self._on_options_changed)
        self._mirror.clicked.connect(self._on_options_changed)

    def show_offers(self, offers: Offers) -> None:
        """Show what is there."""
        self._list.show_offers(offers)
        self._busy.setRange(0, 0 if offers.busy else 1)
        self._refresh.setEnabled(not offers.busy)

    def show_chosen(self, source: str) -> None:
        """Select a line."""
        self._list.show_chosen(source)

    def show_options(self, options: SourceOptions) -> None:
        """Show what was chosen about it."""
        self._options = options
        size = (options.width, options.height) if options.width and options.height else None
        sizes = _SIZES if size is None or size in _SIZES else (size, *_SIZES)
        _fill(self._size, text("SourcePicker", "Best up to 1920 × 1080"), {each: pixels_words(*each) for each in sizes})
        _select(self._size, size)
        rate = options.rate_hz
        rates = _RATES_HZ if rate is None or rate in _RATES_HZ else (rate, *_RATES_HZ)
        words = text("SourcePicker", "{rate:g} a second")
        _fill(self._rate, self._usual_rate, {each: words.format(rate=each) for each in rates})
        _select(self._rate, rate)
        self._mirror.setChecked(options.mirror)

    def _on_options_changed(self) -> None:
        width, height = self._size.currentData() or (None, None)
        self._options = SourceOptions(width, height, self._rate.currentData(), self._mirror.isChecked())
        self.options_changed.emit(self._options)


class FilePage(QWidget):
    """A video, a picture or a folder of pictures, by the system's dialog or from those opened lately."""

    file_chosen = Signal(str)
    offer_chosen = Signal(str)
    opened = Signal()
    remove_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._start_folder = ""
        choose = QPushButton(icon("movie"), text("SourcePicker", "Video or picture…"))
        choose.clicked.connect(self._on_choose_file)
        folder = QPushButton(icon("folder-open"), text("SourcePicker", "Folder of pictures…"))
        folder.clicked.connect(self._on_choose_folder)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (choose, folder):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch()
        self._list = OffersList(text("SourcePicker", "Opened lately"), removable=True)
        self._list.chosen.connect(self.offer_chosen)
        self._list.opened.connect(self.opened)
        self._list.remove_requested.connect(self.remove_requested)
        lately = _label(text("SourcePicker", "Opened lately"), "caption")
        _column(self, _heading_row(text("SourcePicker", "File")), buttons, lately, self._list)

    def show_start_folder(self, folder: str) -> None:
        """Where the dialogs begin."""
        self._start_folder = folder

    def show_offers(self, offers: Offers) -> None:
        """Show what was opened lately."""
        self._list.show_offers(offers)

    def show_chosen(self, source: str) -> None:
        """Select a line."""
        self._list.show_chosen(source)

    def _on_choose_file(self) -> None:
        dialog = QFileDialog(self, text("SourcePicker", "Choose a video or picture"), self._start_folder, _filters())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask(dialog)

    def _on_choose_folder(self) -> None:
        dialog = QFileDialog(self, text("SourcePicker", "Choose a folder of pictures"), self._start_folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        self._ask(dialog)

    def _ask(self, dialog: QFileDialog) -> None:
        dialog.fileSelected.connect(self.file_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class AddressPage(QWidget):
    """An address with user and password, and those opened lately."""

    edited = Signal(str, str, str)
    """Address, user, password, as they are being typed."""
    finished = Signal(str, str, str)
    """The same, when the field of the address was left."""
    entered = Signal()
    """Return was pressed in one of the fields."""
    offer_chosen = Signal(str)
    opened = Signal()
    remove_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._address = QLineEdit()
        self._address.setPlaceholderText("rtsp://camera.local:554/stream")
        self._user = QLineEdit()
        self._password = QLineEdit()
        self._password.setEchoMode(QLineEdit.EchoMode.Password)
        self._complaint = _label("", "error")
        self._complaint.setWordWrap(True)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow(text("SourcePicker", "Address"), self._address)
        form.addRow("", self._complaint)
        form.addRow(text("SourcePicker", "User"), self._user)
        form.addRow(text("SourcePicker", "Password"), self._password)
        form.setRowVisible(self._complaint, False)
        self._form = form
        self._list = OffersList(text("SourcePicker", "Opened lately"), removable=True)
        self._list.chosen.connect(self.offer_chosen)
        self._list.opened.connect(self.opened)
        self._list.remove_requested.connect(self.remove_requested)
        kept = text("SourcePicker", "Passwords are kept in the keyring of the system, never in a file.")
        hint = _label(kept, "muted")
        hint.setWordWrap(True)
        lately = _label(text("SourcePicker", "Opened lately"), "caption")
        _column(self, _heading_row(text("SourcePicker", "Address")), form, hint, lately, self._list)
        for field in (self._address, self._user, self._password):
            field.textEdited.connect(self._on_edited)
            field.returnPressed.connect(self.entered)
        self._address.installEventFilter(self)

    def show_address(self, address: str, user: str, password: str) -> None:
        """Fill the fields."""
        for field, words in ((self._address, address), (self._user, user), (self._password, password)):
            if field.text() != words:
                field.setText(words)

    def show_complaint(self, complaint: str) -> None:
        """Say what is wrong with the address."""
        self._complaint.setText(complaint)
        self._form.setRowVisible(self._complaint, bool(complaint))
        set_role(self._address, "error" if complaint else "")

    def show_offers(self, offers: Offers) -> None:
        """Show what was opened lately."""
        self._list.show_offers(offers)

    def show_chosen(self, source: str) -> None:
        """Select a line."""
        self._list.show_chosen(source)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Notice that the address was left."""
        if watched is self._address and event.type() is QEvent.Type.FocusOut:
            self.finished.emit(*self._words())
        return super().eventFilter(watched, event)

    def _on_edited(self) -> None:
        self.edited.emit(*self._words())

    def _words(self) -> tuple[str, str, str]:
        return self._address.text(), self._user.text(), self._password.text()


class DemoPage(QWidget):
    """The built-in scene: nothing to choose."""

    def __init__(self) -> None:
        super().__init__()
        words = _label(
            text(
                "SourcePicker",
                "A bottling line that is part of the program, with a model for it. The scene knows what it shows, so "
                "you see how right the model is.",
            ),
            "muted",
        )
        words.setWordWrap(True)
        _column(self, _heading_row(text("SourcePicker", "Demo")), words)
        self.layout().addStretch()  # type: ignore[union-attr]


def _column(page: QWidget, *parts: QWidget | QHBoxLayout | QFormLayout) -> None:
    """Put the parts of a page below each other."""
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(12)
    for part in parts:
        if isinstance(part, QWidget):
            column.addWidget(part)
        else:
            column.addLayout(part)


def _heading_row(words: str, *buttons: QPushButton | QToolButton) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(_label(words, "heading"))
    row.addStretch()
    for button in buttons:
        row.addWidget(button)
    return row


def _label(words: str, role: str) -> QLabel:
    label = QLabel(words)
    label.setProperty("role", role)
    return label


def _thin_bar() -> QProgressBar:
    """Moves while a list is being made."""
    bar = QProgressBar()
    bar.setProperty("role", "thin")
    bar.setTextVisible(False)
    bar.setAccessibleName(text("SourcePicker", "Looking"))
    bar.setMaximumSize(QSize(16777215, 2))
    return bar


def _box(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    return box


def _fill(
    box: QComboBox, default: str, choices: dict[object, str] | dict[tuple[int, int], str] | dict[float, str]
) -> None:
    box.clear()
    box.addItem(default, None)
    for value, words in choices.items():
        box.addItem(words, value)


def _select(box: QComboBox, value: object) -> None:
    """Select by value: Qt's own search does not find tuples."""
    box.setCurrentIndex(next((row for row in range(box.count()) if box.itemData(row) == value), 0))


def _filters() -> str:
    pictures, videos = sorted(PICTURE_SUFFIXES), list(_VIDEO_SUFFIXES)
    both, all_ = text("SourcePicker", "Videos and pictures"), text("SourcePicker", "All files")
    return f"{both} ({' '.join('*' + suffix for suffix in videos + pictures)});;{all_} (*)"
