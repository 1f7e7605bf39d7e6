"""The page on which everything runs: pictures, the traces below them, the model panel beside them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget


class LivePage(QWidget):
    """Lays out three parts that know nothing of each other.

    Args:
        pictures: The tiles and the bar that plays them.
        panel: What the model is and finds.
        traces: What it costs.
    """

    def __init__(self, pictures: QWidget, panel: QWidget, traces: QWidget) -> None:
        super().__init__()
        self._panel = panel
        self._traces = traces
        self._wanted = {panel: True, traces: True}
        self._full_screen = False
        column = _splitter("live.column", Qt.Orientation.Vertical, pictures, traces)
        column.setSizes([520, 190])
        row = _splitter("live.row", Qt.Orientation.Horizontal, column, panel)
        row.setSizes([960, 300])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(row)

    @property
    def shows_panel(self) -> bool:
        """Whether a person wants the model panel."""
        return self._wanted[self._panel]

    @property
    def shows_traces(self) -> bool:
        """Whether a person wants the traces."""
        return self._wanted[self._traces]

    def show_panel(self, wanted: bool) -> None:
        """Show the model panel, or hide it."""
        self._want(self._panel, wanted)

    def show_traces(self, wanted: bool) -> None:
        """Show the traces, or hide them."""
        self._want(self._traces, wanted)

    @property
    def choices(self) -> dict[str, bool]:
        """What is shown beside the pictures, to be given to ``take_choices`` at the next start."""
        return {"panel": self.shows_panel, "traces": self.shows_traces}

    def take_choices(self, choices: object) -> None:
        """Show what was shown before.

        Raises:
            ValueError: They are none of ours.
        """
        match choices:
            case {"panel": bool(panel), "traces": bool(traces)}:
                self.show_panel(panel)
                self.show_traces(traces)
            case _:
                raise ValueError(f"choices: expected whether panel and traces are shown, got {choices}")

    def show_pictures_alone(self, alone: bool) -> None:
        """Hide what stands around the pictures while the window fills the screen."""
        self._full_screen = alone
        for part, wanted in self._wanted.items():
            part.setVisible(wanted and not alone)

    def _want(self, part: QWidget, wanted: bool) -> None:
        self._wanted[part] = wanted
        part.setVisible(wanted and not self._full_screen)


def _splitter(name: str, orientation: Qt.Orientation, main: QWidget, side: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.addWidget(main)
    splitter.addWidget(side)
    splitter.setStretchFactor(0, 1)
    splitter.setStretchFactor(1, 0)
    splitter.setCollapsible(0, False)
    splitter.setHandleWidth(1)  # to the eye; Qt lets it be grabbed two pixels beside it, too
    return splitter
