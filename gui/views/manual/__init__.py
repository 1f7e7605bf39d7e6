"""The window in which the manual is read."""

from gui.views.manual.window import ManualWindow, connect

__all__ = ["ManualWindow", "connect"]
