"""What the streams cost, over time: kept in constant memory, thinned out for a picture, summed up in numbers."""

from gui.presenters.traces.display import CHARTS, WINDOWS_S, Curves, Export, TracesDisplay, TracesView
from gui.presenters.traces.presenter import TracesPresenter
from gui.presenters.traces.store import TraceStore

__all__ = [
    "CHARTS",
    "WINDOWS_S",
    "Curves",
    "Export",
    "TraceStore",
    "TracesDisplay",
    "TracesPresenter",
    "TracesView",
]
