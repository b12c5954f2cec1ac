"""Import and export dialogs."""

from __future__ import annotations

from hjgis.ui.dialogs.export import ExportDialog
from hjgis.ui.dialogs.importing.wizard import ImportDialog

__all__ = ["ExportDialog", "ImportDialog"]
