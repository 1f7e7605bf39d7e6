"""What is drawn over a picture: a frame's result and a style become drawing operations, which are plain data."""

from engine.overlay.compose import Style, overlay

__all__ = ["Style", "overlay"]
