"""Pictures with what was found on them: one or a grid, and the bar that plays them."""

from gui.views.picture.pictures_view import PicturesView, connect

__all__ = ["PicturesView", "connect"]
