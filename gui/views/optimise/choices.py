"""What is wanted: model, frames, variants, and how much may be lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.optimise.display import Setup, VariantChoice
from gui.presenters.optimise.setup import MOST_LOSS
from gui.texts import text
from gui.views.icons import icon
from gui.views.model_card_view import card_button, card_label
from gui.views.scrolled import scrolled
from gui.views.selector import SelectorField

_INDENT_PX = 26


class ChoicesCard(QFrame):
    """Everything that is chosen before anything is built.

    Signals:
        model_chosen, source_chosen: Keys; a file's path where one was chosen from the disk.
        folder_chosen: A folder of pictures, to take frames from.
        labels_chosen: A path, None for none.
        variant_checked: Key, and whether it is wanted.
        loss_changed: In per cent.
        swap_checked: Whether what is best is swapped in.
        start_requested: Build and measure.
    """

    model_chosen = Signal(str)
    source_chosen = Signal(str)
    folder_chosen = Signal(str)
    labels_chosen = Signal(object)
    variant_checked = Signal(str, bool)
    loss_changed = Signal(int)
    swap_checked = Signal(bool)
    start_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._model = _field(
            text("OptimisePage", "Model"),
            text("OptimisePage", "What is made smaller and faster"),
            text("OptimisePage", "Another file…"),
        )
        self._facts = card_label("caption", wraps=True)
        self._source = _field(
            text("OptimisePage", "Frames to measure with"),
            text("OptimisePage", "Pictures like those that the model will see: variants are fitted and judged by them"),
            text("OptimisePage", "A video file…"),
        )
        self._folder = card_button("folder-open", text("OptimisePage", "A folder of pictures…"))
        self._folder.setAccessibleName(text("OptimisePage", "Frames from a folder of pictures"))
        self._folder.setProperty("role", "button")
        self._folder.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._labels = _LabelsRow()
        self._variants: dict[str, _VariantRow] = {}
        self._variant_column = QVBoxLayout()
        self._loss = _LossRow()
        self._swap = QCheckBox()
        self._hint = card_label("muted", wraps=True)
        self._start = QPushButton(icon("rocket", "on_accent"), text("OptimisePage", "Build and measure"))
        self._start.setProperty("role", "primary")
        self._lay_out()
        self._connect()

    def show_setup(self, setup: Setup) -> None:
        """Show the choices."""
        self._model.show_selector(setup.model)
        self._facts.setText(setup.facts)
        self._facts.setVisible(bool(setup.facts))
        self._source.show_selector(setup.source)
        self._labels.show_labels(setup.labels, usable=setup.labels_usable)
        self._show_variants(setup.variants)
        self._loss.show_loss(setup.loss_percent, setup.loss_words)
        with QSignalBlocker(self._swap):
            self._swap.setChecked(setup.swap)
        self._swap.setText(setup.swap_words)
        self._hint.setText(setup.hint)
        self._start.setEnabled(setup.can_start)

    def _show_variants(self, variants: tuple[VariantChoice, ...]) -> None:
        for variant in variants:
            if variant.key not in self._variants:
                row = self._variants[variant.key] = _VariantRow(variant.title)
                row.checked.connect(lambda checked, key=variant.key: self.variant_checked.emit(key, checked))
                self._variant_column.addWidget(row)
            self._variants[variant.key].show_variant(variant)

    def _connect(self) -> None:
        self._model.chosen.connect(self.model_chosen)
        self._model.more_requested.connect(self._choose_model)
        self._source.chosen.connect(self.source_chosen)
        self._source.more_requested.connect(
            lambda: self._choose_source(QFileDialog.FileMode.ExistingFile, self.source_chosen)
        )
        self._folder.clicked.connect(lambda: self._choose_source(QFileDialog.FileMode.Directory, self.folder_chosen))
        self._labels.chosen.connect(self.labels_chosen)
        self._loss.changed.connect(self.loss_changed)
        self._swap.toggled.connect(self.swap_checked)
        self._start.clicked.connect(self.start_requested)

    def _choose_model(self) -> None:
        kinds = text("Dialogs", "Models (*.onnx *.xml)")
        dialog = QFileDialog(self, text("OptimisePage", "Model to optimise"), "", kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        _open(dialog, self.model_chosen.emit)

    def _choose_source(self, mode: QFileDialog.FileMode, chosen: SignalInstance) -> None:
        dialog = QFileDialog(self, text("OptimisePage", "Frames to measure with"))
        dialog.setFileMode(mode)
        _open(dialog, chosen.emit)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(self._model)
        column.addWidget(self._facts)
        source = QHBoxLayout()
        source.setSpacing(4)
        source.addWidget(self._source, 1)
        source.addWidget(self._folder, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(source)
        column.addWidget(self._labels)
        column.addSpacing(4)
        column.addWidget(self._loss)
        column.addSpacing(4)
        column.addWidget(_heading(text("OptimisePage", "What to build")))
        self._variant_column.setSpacing(4)
        column.addLayout(self._variant_column)
        column.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 4, 0, 12)
        whole.setSpacing(8)
        whole.addWidget(scrolled(inside), 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 0, 16, 0)
        foot.setSpacing(8)
        foot.addWidget(self._swap)
        foot.addWidget(self._hint)
        foot.addWidget(self._start)
        whole.addLayout(foot)


class _VariantRow(QWidget):
    """A check box, and below it what it is for."""

    checked = Signal(bool)

    def __init__(self, title: str) -> None:
        super().__init__()
        self._box = QCheckBox(title)
        self._about = card_label("caption", wraps=True)
        self._about.setIndent(0)
        self._about.setContentsMargins(_INDENT_PX, 0, 0, 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._box)
        column.addWidget(self._about)
        self._box.toggled.connect(self.checked)

    def show_variant(self, variant: VariantChoice) -> None:
        with QSignalBlocker(self._box):
            self._box.setChecked(variant.checked)
        self._box.setEnabled(variant.usable)
        self._box.setAccessibleDescription(variant.about)
        self._box.setToolTip(variant.key)
        self._about.setText(variant.about)


class _LossRow(QWidget):
    """A slider for the eye and a field for the number, and what they mean."""

    changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        title = text("OptimisePage", "How much may be lost")
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, MOST_LOSS)
        self._slider.setPageStep(5)
        self._field = QSpinBox()
        self._field.setRange(0, MOST_LOSS)
        self._field.setSuffix(text("OptimisePage", " %"))
        self._field.setFixedWidth(84)
        for control in (self._slider, self._field):
            control.setAccessibleName(title)
            control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            control.valueChanged.connect(self.changed)
        self._words = card_label("caption", wraps=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._slider, 1)
        row.addWidget(self._field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(_heading(title))
        column.addLayout(row)
        column.addWidget(self._words)

    def show_loss(self, percent: int, words: str) -> None:
        with QSignalBlocker(self._slider), QSignalBlocker(self._field):
            self._slider.setValue(percent)
            self._field.setValue(percent)
        self._slider.setAccessibleDescription(words)
        self._words.setText(words)


class _LabelsRow(QWidget):
    """Where pictures have labels, these decide. Hidden where there is no folder of pictures."""

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._choose = QPushButton()
        self._choose.setProperty("role", "link")
        self._clear = QPushButton(text("OptimisePage", "Without labels"))
        self._clear.setProperty("role", "link")
        self._choose.setToolTip(
            text("OptimisePage", "A COCO annotation file (.json): accuracy is measured by it, and decides")
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._choose)
        row.addWidget(self._clear)
        row.addStretch(1)
        self._choose.clicked.connect(self._ask)
        self._clear.clicked.connect(lambda: self.chosen.emit(None))
        self.hide()

    def show_labels(self, name: str, *, usable: bool) -> None:
        self.setVisible(usable)
        self._choose.setText(
            text("OptimisePage", "Labels: {name}").format(name=name)
            if name
            else text("OptimisePage", "Labels of these pictures…")
        )
        self._clear.setVisible(bool(name))

    def _ask(self) -> None:
        dialog = QFileDialog(self, text("OptimisePage", "Labels"), "", text("OptimisePage", "COCO labels (*.json)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        _open(dialog, lambda name: self.chosen.emit(Path(name)))


def _field(caption: str, tip: str, more: str) -> SelectorField:
    """A selector as wide as there is room."""
    field = SelectorField(caption, tip, more)
    field.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return field


def _open(dialog: QFileDialog, take: Callable[[str], None]) -> None:
    """Let the person choose; told once, or never."""
    dialog.fileSelected.connect(take)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _heading(words: str) -> QLabel:
    label = card_label("heading")
    label.setText(words)
    return label
