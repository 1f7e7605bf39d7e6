"""What is drawn over a picture: a frame's result and a style become drawing operations, which are plain data."""

from engine.overlay.compose import overlay
from engine.overlay.sheet import Style

__all__ = ["Style", "overlay"]
