"""Snapshots and recordings in the status bar."""

from gui.views.saving.strip import SavingStrip, connect

__all__ = ["SavingStrip", "connect"]
