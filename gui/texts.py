"""The one way in which a text that a person reads becomes one in their language.

Works with and without a running application (untranslated then), so presenters use it, too. ``make translations``
collects the texts: only literals are found, so never build a text before it is translated. Numbers and names go in
afterwards: ``text("Tile", "%n frames").replace(...)`` is spelt ``text("Tile", "{count} frames").format(count=3)``.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

text = QCoreApplication.translate
"""``text(context, source)``: the source text in the person's language; the context is the class that shows it."""
