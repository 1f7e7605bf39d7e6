"""The panel beside the pictures."""

from gui.views.model_panel.panel import ModelPanel, connect

__all__ = ["ModelPanel", "connect"]
