"""Look around."""

from __future__ import annotations

from PySide6.QtCore import Qt

from hjgis.i18n import _
from hjgis.ui.tools.base import Tool


class PanTool(Tool):
    """Drag the map; the canvas does it for every tool with the middle button."""

    cursor = Qt.CursorShape.OpenHandCursor
    pans = True

    def hint(self) -> str:
        return _("Drag to move the map; the wheel zooms")
