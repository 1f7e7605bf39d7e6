"""The optimise page."""

from gui.views.optimise.page import OptimisePage, connect

__all__ = ["OptimisePage", "connect"]
