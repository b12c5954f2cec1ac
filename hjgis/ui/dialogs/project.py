"""A new project: file, title, coordinate system."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from hjgis.errors import HjgisError
from hjgis.i18n import _, label
from hjgis.models.crs import DEFAULT, parse_project_crs
from hjgis.models.region import region
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.page_parts import error_text, grow

# Of those that the county knows, the ones that a project of its own may be in.
_SYSTEMS: Final = (DEFAULT, "EPSG:4524", "EPSG:2381", "EPSG:2433")


class NewProjectDialog(QDialog):
    """Asks where the file goes and in which system coordinates are."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("New project"))
        self._path = QLineEdit(str((Path.home() / _("town")).with_suffix(".gpkg")))
        browse = QPushButton(_("Browse…"))
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self._path, 1)
        row.addWidget(browse)
        self._title = QLineEdit()
        self._title.setPlaceholderText(_("Shown on maps and in reports"))
        self._crs = QComboBox()
        self._crs.setEditable(True)
        names = {entry.crs: label(entry.label) for entry in region().systems}
        for text in _SYSTEMS:
            self._crs.addItem(f"{names[text]}  {text}", text)
        self._trouble = error_text()
        form = QFormLayout(self)
        form.setContentsMargins(24, 24, 24, 16)
        form.setSpacing(12)
        form.addRow(_("File"), row)
        form.addRow(_("Title"), self._title)
        form.addRow(_("Coordinate system"), self._crs)
        form.addRow(self._trouble)
        self._trouble.hide()
        form.addRow(ok_cancel(self, _("Create")))
        self.setMinimumWidth(560)

    @property
    def path(self) -> Path:
        """Where the project goes; always a .gpkg."""
        path = Path(self._path.text().strip())
        return path if path.suffix.casefold() == ".gpkg" else path.with_name(path.name + ".gpkg")

    @property
    def title(self) -> str:
        """The title, or nothing."""
        return self._title.text().strip()

    @property
    def crs(self) -> str:
        """The coordinate system as text."""
        index = self._crs.findText(self._crs.currentText())
        return str(self._crs.itemData(index)) if index >= 0 else self._crs.currentText().strip()

    def accept(self) -> None:
        """Close only with a file that can be made and a system that fits."""
        trouble = self._find_trouble()
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))
        if not trouble:
            super().accept()
        else:
            grow(self)

    def _find_trouble(self) -> str:
        if self.path.exists():
            return _("{path} exists already; choose another name.").format(path=self.path)
        if not self.path.parent.is_dir():
            return _("There is no folder {path}.").format(path=self.path.parent)
        try:
            parse_project_crs(self.crs)
        except HjgisError as error:
            return str(error)
        return ""

    def _browse(self) -> None:
        name, _kind = file_dialogs.save_file(
            self, _("New project"), self._path.text(), "GeoPackage (*.gpkg)"
        )
        if name:
            self._path.setText(name)
