"""The composition root: the only place that builds the window's parts and joins them."""

from gui.app.run import run

__all__ = ["run"]
