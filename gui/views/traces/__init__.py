"""The traces: plots of what the streams cost, with their numbers. Loads pyqtgraph, so it is imported when needed."""

from gui.views.traces.panel import TracesPanel, connect

__all__ = ["TracesPanel", "connect"]
