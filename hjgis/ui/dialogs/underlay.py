"""Asks for a picture or file to lay under the map, and where it lies if it does not say so."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from hjgis.errors import HjgisError
from hjgis.i18n import N_, _
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.naming import ChoiceDialog
from hjgis.ui.map.underlays import Entry, Kind, Underlays, question_of

_FILTERS: Final[dict[Kind, str]] = {
    "picture": N_("Pictures (*.mbtiles *.tif *.tiff *.png *.jpg *.jpeg);;All files (*)"),
    "file": N_("Vector files (*.shp *.zip *.geojson *.json *.gpkg *.csv);;All files (*)"),
}


class UnderlayCommands(QObject):
    """The commands that lay something under the map."""

    def __init__(self, underlays: Underlays, window: QWidget) -> None:
        super().__init__(window)
        self._underlays, self._window = underlays, window
        underlays.refused.connect(self._answer)

    def add_picture(self) -> None:
        """Ask for a picture."""
        self._ask("picture", _("Add basemap picture"))

    def add_file(self) -> None:
        """Ask for a file of somebody else's."""
        self._ask("file", _("Add reference file"))

    def _ask(self, kind: Kind, title: str) -> None:
        chosen = file_dialogs.open_file(self._window, title, "", _(_FILTERS[kind]))[0]
        if chosen:
            self._underlays.add(Path(chosen), kind)

    def _answer(self, entry: Entry, error: HjgisError) -> None:
        """Tell why a file was refused; ask where it lies if that is all that is missing."""
        systems = question_of(error)
        if not systems:
            QMessageBox.warning(self._window, "hjgis", str(error))
            return
        title, question = _("Coordinate system"), str(error)
        dialog = ChoiceDialog(title, title, systems, self._window, said=question, own=True)
        crs = dialog.ask()
        if crs:
            self._underlays.add(self._underlays.path_of(entry), entry.kind, crs=crs)
