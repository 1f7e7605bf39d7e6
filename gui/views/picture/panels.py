"""What lies over a tile as widgets: what is wrong, what is loading, and what an empty tile is for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui import theme
from gui.presenters.tile_display import Banner, Loading, Remedy
from gui.texts import text
from gui.views.elided import ElidedLabel
from gui.views.icons import icon

_ICON_PX = 18
_ICON_FROM_PX = 400
"""A narrower panel has no room for its icon."""
_ICON_ABOVE_PX = 180
_RADIUS_PX = 6.0
_STRIPE_PX = 3


class _Panel(QFrame):
    """A card that covers the picture under it, with a stripe in the colour of its meaning."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.tone = "accent"
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(12, 8, 8, 8)
        self.row.setSpacing(8)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(now.border))
        painter.setBrush(QColor(now.surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS_PX, _RADIUS_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(now, self.tone)))
        painter.drawRoundedRect(QRectF(3, 6, _STRIPE_PX, self.height() - 12), 1.5, 1.5)


class BannerPanel(_Panel):
    """A sentence that says what is wrong, with a button that does something about it."""

    def __init__(self, parent: QWidget, remedy: Callable[[Remedy], None]) -> None:
        super().__init__(parent)
        self._remedy = Remedy.NONE
        self._message = ""
        self._icon = QLabel()
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = QPushButton()
        self.button.clicked.connect(lambda: remedy(self._remedy))
        self.row.addWidget(self._icon)
        self.row.addWidget(self._label, 1)
        self.row.addWidget(self.button)
        self.hide()

    def show_banner(self, banner: Banner | None) -> None:
        """Say this; nothing for None."""
        self.setVisible(banner is not None)
        if banner is None:
            return
        self.tone = "error" if banner.severe else "warning"
        self._message, self._remedy = banner.message, banner.remedy
        self._icon.setPixmap(icon("alert-triangle", self.tone).pixmap(_ICON_PX, _ICON_PX))
        self._label.setAccessibleName(banner.message)
        self.setToolTip("\n".join(dict.fromkeys(line for line in (banner.message, banner.detail) if line)))
        self.button.setVisible(banner.remedy is not Remedy.NONE)
        self.button.setText(_remedy_words(banner.remedy))
        self.update()

    def fit_into(self, width: int, height: int) -> int:
        """Cut the sentence to what fits and return the height that this takes."""
        metrics = QFontMetrics(self._label.font())
        self._icon.setVisible(width >= _ICON_FROM_PX)
        room = width - 28 - (_ICON_PX if width >= _ICON_FROM_PX else 0)
        room -= self.button.sizeHint().width() + 8 if self.button.isVisibleTo(self) else 0
        lines = max(1, (height - 16) // metrics.lineSpacing())
        cut = metrics.elidedText(self._message, Qt.TextElideMode.ElideRight, max(40, round(0.9 * room * lines)))
        self._label.setText(cut if metrics.horizontalAdvance(self._message) > room else self._message)
        text_height = metrics.boundingRect(0, 0, max(40, room), 10_000, int(Qt.TextFlag.TextWordWrap), cut).height()
        return max(text_height + 18, self.button.sizeHint().height() + 16 if self.button.isVisibleTo(self) else 0, 36)


def _remedy_words(remedy: Remedy) -> str:
    return {
        Remedy.NONE: "",
        Remedy.PASSWORD: text("Tile", "Password…"),
        Remedy.TRY_NOW: text("Tile", "Try now"),
        Remedy.RESTART: text("Tile", "Try again"),
        Remedy.CHOOSE: text("Tile", "Choose a source…"),
        Remedy.RELOAD: text("Tile", "Load again"),
    }[remedy]


class LoadingPanel(_Panel):
    """A model on its way, with how far it is and a way out."""

    def __init__(self, parent: QWidget, cancel: Callable[[], None]) -> None:
        super().__init__(parent)
        self._label = ElidedLabel(mode=Qt.TextElideMode.ElideMiddle)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setRange(0, 1000)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        self._bar.setAccessibleName(text("Tile", "How far the model is"))
        self.button = QPushButton(text("Tile", "Cancel"))
        self.button.setToolTip(text("Tile", "Stop loading; what ran before goes on."))
        self.button.clicked.connect(cancel)
        column = QVBoxLayout()
        column.setSpacing(4)
        column.addWidget(self._label)
        column.addWidget(self._bar)
        self.row.addLayout(column, 1)
        self.row.addWidget(self.button)
        self.hide()

    def show_loading(self, loading: Loading | None) -> None:
        """Say how far it is; nothing for None."""
        self.setVisible(loading is not None)
        if loading is not None:
            self._label.set_words(loading.message)
            self._bar.setVisible(loading.share is not None)
            self._bar.setValue(round(1000 * (loading.share or 0.0)))

    def fit_into(self, _width: int, _height: int) -> int:
        """The height that this takes."""
        return self.button.sizeHint().height() + 16


class EmptyPanel(QWidget):
    """What can be done with a tile that has no source."""

    def __init__(self, parent: QWidget, choose: Callable[[], None]) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._label = QLabel(text("Tile", "Drop a video or a model here"))
        self._label.setWordWrap(True)
        self.button = QPushButton(text("Tile", "Choose a source…"))
        self.button.setProperty("role", "primary")
        self.button.setToolTip(text("Tile", "A camera, a video, an address, the screen or the demo."))
        self.button.clicked.connect(choose)
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._label)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def arrange(self, height: int) -> None:
        """Leave out the icon where there is no room for it."""
        self._icon.setVisible(height >= _ICON_ABOVE_PX)
        self._icon.setPixmap(icon("video", "muted").pixmap(40, 40))
