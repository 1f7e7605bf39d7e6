"""Version and licences."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from gui.resources import licences
from gui.texts import text
from gui.views.licences import Licences

_PARTS = (
    ("Qt for Python", "PySide6-Essentials", "LGPL 3.0"),
    ("OpenVINO", "openvino", "Apache 2.0"),
    ("ONNX Runtime", "onnxruntime", "MIT"),
    ("ONNX", "onnx", "Apache 2.0"),
    ("OpenCV", "opencv-python", "Apache 2.0"),
    ("FFmpeg", "", "LGPL 2.1"),
    ("NumPy", "numpy", "BSD"),
    ("PyQtGraph", "pyqtgraph", "MIT"),
    ("psutil", "psutil", "BSD"),
    ("pycocotools", "pycocotools", "BSD"),
    ("cv2-enumerate-cameras", "cv2-enumerate-cameras", "MIT"),
    ("keyring", "keyring", "MIT"),
    ("MSS", "mss", "MIT"),
    ("platformdirs", "platformdirs", "MIT"),
    ("wakepy", "wakepy", "MIT"),
    ("urllib3", "urllib3", "MIT"),
    ("certifi", "certifi", "MPL 2.0"),
    ("Tabler Icons", "", "MIT"),
    ("Roboto", "", "Apache 2.0"),
)
"""What the program is made of: name, distribution ("" where it has no version of its own here), licence."""
_SIZE = (460, 520)


class About(QDialog):
    """What this is, which version, and whose work is inside."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("About", "About Inferoscope"))
        title = QLabel("Inferoscope")
        title.setProperty("role", "title")
        what = _muted(text("About", "An oscilloscope for vision models."))
        number = QLabel(text("About", "Version {version}").format(version=_version("inferoscope") or "?"))
        number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        licence = QLabel(
            text(
                "About",
                "Licence: Apache 2.0. Qt is used under the LGPL 3.0: its libraries lie beside the program as files of "
                "their own and may be replaced.",
            )
        )
        licence.setWordWrap(True)
        heading = QLabel(text("About", "Made with"))
        heading.setProperty("role", "heading")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(text("About", "Close"))
        buttons.rejected.connect(self.reject)
        full = buttons.addButton(text("About", "Licences"), QDialogButtonBox.ButtonRole.ActionRole)
        full.setToolTip(text("About", "The licences of everything that Inferoscope is made of"))
        full.setVisible(licences() is not None)
        full.clicked.connect(self._show_licences)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(8)
        for widget in (title, what, number, licence, heading, _parts(), buttons):
            layout.addWidget(widget)
        self.resize(*_SIZE)

    def _show_licences(self) -> None:
        path = licences()
        if path is not None:
            Licences(path, self).open()


def _parts() -> QScrollArea:
    inside = QWidget()
    grid = QGridLayout(inside)
    grid.setContentsMargins(0, 0, 8, 0)
    grid.setHorizontalSpacing(16)
    grid.setColumnStretch(0, 1)
    for row, (name, distribution, licence) in enumerate(_PARTS):
        grid.addWidget(QLabel(" ".join(filter(None, (name, _version(distribution))))), row, 0)
        grid.addWidget(_muted(licence), row, 1)
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setWidget(inside)
    scroll.setAccessibleName(text("About", "Made with"))
    return scroll


def _version(distribution: str) -> str:
    """An empty text where it is not known, such as for a part that was left out of a build."""
    try:
        return version(distribution) if distribution else ""
    except PackageNotFoundError:
        return ""


def _muted(words: str) -> QLabel:
    label = QLabel(words)
    label.setProperty("role", "muted")
    return label
