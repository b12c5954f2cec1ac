"""Import and export dialogs."""

from __future__ import annotations

from hjgis.ui.dialogs.export import ExportDialog
from hjgis.ui.dialogs.import_ import ImportDialog

__all__ = ["ExportDialog", "ImportDialog"]
