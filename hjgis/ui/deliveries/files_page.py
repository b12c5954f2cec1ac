"""Step 4: in which formats and which system, and what lies beside the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from hjgis.delivery import package
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.attachments import LAYER
from hjgis.models.deliveries import Order, Part
from hjgis.models.own_themes import all_themes, read_themes
from hjgis.models.themes import FACT
from hjgis.ui import file_dialogs
from hjgis.ui.deliveries.wishes import Wishes, WishPage
from hjgis.ui.dialogs.importing.wording import system
from hjgis.ui.page_parts import column_of, heading, line_up, muted

FORMATS: Final = (
    ("shp", "Shapefile"), ("dxf", "DXF (CAD, CASS)"), ("xlsx", "Excel"), ("gpkg", "GeoPackage"),
    ("geojson", "GeoJSON"), ("kml", "KML"), ("csv", "CSV"),
)  # fmt: skip
_ABREAST: Final = 4


class FilesPage(WishPage):
    """Formats, system, encoding, papers, password and the place of the package."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self.formats = {key: QCheckBox(name) for key, name in FORMATS}
        self.formats["shp"].setChecked(True)
        self.crs, self.encoding = QComboBox(), QComboBox()
        self.drawing, self.substitute = QComboBox(), QComboBox()
        self.parts: dict[Part, QCheckBox] = {
            "report": QCheckBox(_("Check report of these features")),
            "map": QCheckBox(_("Map (PDF)")),
            "photos": QCheckBox(_("Photos and papers of these features")),
            "symbols": QCheckBox(_("Symbols for QGIS")),
        }
        self.theme, self.archive = QComboBox(), QCheckBox(_("As one ZIP archive"))
        self.password, self.place = QLineEdit(), QLineEdit()
        self._fill()
        self._lay_out()
        self._connect()
        self._follow()

    def _fill(self) -> None:
        self.crs.setEditable(True)
        names = (self._project.crs.text, "EPSG:4490", "EPSG:4524", "EPSG:4326")
        for name in dict.fromkeys(names):
            self.crs.addItem(system(name), name)
        self.encoding.addItem(_("GBK: opens right in CASS and older ArcGIS"), "gbk")
        self.encoding.addItem(_("UTF-8: for newer programs; holds every character"), "utf-8")
        self.drawing.addItem(_("R2004, Chinese as GBK: CASS and older AutoCAD"), "R2004")
        self.drawing.addItem(_("R2010, Chinese as UTF-8: newer AutoCAD"), "R2010")
        self.substitute.addItem(_("〓 in its place, so that it is seen"), "mark")
        self.substitute.addItem(_("what comes nearest: m² becomes m2"), "transliterate")
        self.theme.addItem(_("layers as they are"), "")
        for theme in all_themes(read_themes(self._project.info(FACT))):
            self.theme.addItem(label(theme.label), theme.id)
        held = LAYER in self._project.types and self._project.count(LAYER) > 0
        self.parts["photos"].setEnabled(held)
        if not held:
            self.parts["photos"].setToolTip(_("There are none in the project."))
        self.parts["symbols"].setToolTip(
            _("A QML beside each shapefile: QGIS shows it as it is shown here.")
        )
        self.parts["report"].setChecked(True)
        self.parts["map"].setChecked(True)
        self.archive.setChecked(True)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText(_("none: anybody can open it"))
        self.password.setToolTip(package.how_opened())

    def _lay_out(self) -> None:
        boxes = QGridLayout()
        boxes.setHorizontalSpacing(20)
        boxes.setVerticalSpacing(4)
        for number, box in enumerate(self.formats.values()):
            boxes.addWidget(box, number // _ABREAST, number % _ABREAST)
        boxes.setColumnStretch(_ABREAST, 1)
        self._form = QFormLayout()
        self._form.setSpacing(6)
        self._form.addRow(_("Coordinate system"), self.crs)
        self._form.addRow(_("Encoding of shapefiles"), self.encoding)
        self._form.addRow(_("Version of the drawing"), self.drawing)
        self._form.addRow(_("Characters not in GBK"), self.substitute)
        *papers, symbols = self.parts.values()
        beside, packed = _row(papers), _row((self.archive, symbols))
        below = QFormLayout()
        below.setSpacing(6)
        below.addRow(_("The map shows"), self.theme)
        below.addRow(_("Password"), self.password)
        below.addRow(_("Write to"), self._place_row())
        line_up(self._form, below)
        self._below = below
        column = column_of(self)
        column.setSpacing(8)
        column.addWidget(heading(_("Formats")))
        column.addLayout(boxes)
        column.addLayout(self._form)
        column.addSpacing(6)
        column.addWidget(heading(_("Beside the data")))
        column.addWidget(
            muted(
                _("Dictionary of fields and codes, list of losses, read-me and checksums: always")
            )
        )
        column.addLayout(beside)
        column.addLayout(packed)
        column.addLayout(below)
        column.addStretch(1)

    def _place_row(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        browse = QPushButton(_("Browse…"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        line.addWidget(self.place, 1)
        line.addWidget(browse)
        return row

    def _connect(self) -> None:
        for box in (*self.formats.values(), *self.parts.values(), self.archive):
            box.toggled.connect(self._follow)
        self.encoding.currentIndexChanged.connect(self._follow)
        self.drawing.currentIndexChanged.connect(self._follow)
        self.place.textChanged.connect(self.changed)
        self.crs.currentTextChanged.connect(self.changed)

    def _follow(self) -> None:
        """Show only what is asked of the formats that are ticked."""
        on = {key for key, box in self.formats.items() if box.isChecked()}
        self.parts["symbols"].setVisible("shp" in on)
        gbk = "shp" in on and self.encoding.currentData() == "gbk"
        self._form.setRowVisible(self.crs, bool(on - {"kml"}))
        self._form.setRowVisible(self.encoding, "shp" in on)
        self._form.setRowVisible(self.drawing, "dxf" in on)
        self._form.setRowVisible(self.substitute, gbk)
        self._below.setRowVisible(self.theme, self.parts["map"].isChecked())
        self._below.setRowVisible(self.password, self.archive.isChecked())
        self.changed.emit()

    def _browse(self) -> None:
        folder = file_dialogs.folder(self, _("Write to"), self.place.text())
        if folder:
            self.place.setText(folder)

    # -- the page ------------------------------------------------------------------------

    def show_wishes(self, wishes: Wishes) -> None:
        del wishes
        if not self.place.text():
            self.place.setText(str(self._project.path.parent))

    @property
    def missing(self) -> str:
        if not self.chosen:
            return _("Choose at least one format.")
        if not self.place.text().strip():
            return _("Say where it is written.")
        return ""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The formats that are ticked."""
        return tuple(key for key, box in self.formats.items() if box.isChecked())

    @property
    def _system(self) -> str:
        """The coordinate system that is chosen or typed."""
        typed = self.crs.currentText().strip()
        known = self.crs.findText(typed)
        return typed if known < 0 else str(self.crs.itemData(known))

    @property
    def folder(self) -> Path:
        """Where the package is written."""
        return Path(self.place.text().strip())

    def wished(self, wishes: Wishes) -> Wishes:
        crs = self._system
        parts: Sequence[Part] = [
            part
            for part, box in self.parts.items()
            if box.isChecked() and (part != "symbols" or "shp" in self.chosen)
        ]
        order: Order = replace(
            wishes.order,
            formats=self.chosen,
            crs="" if crs == self._project.crs.text else crs,
            encoding=self.encoding.currentData(),
            drawing=self.drawing.currentData(),
            substitute=self.substitute.currentData(),
            parts=tuple(parts),
            theme=cast("str", self.theme.currentData()) if "map" in parts else "",
        )
        password = self.password.text() if self.archive.isChecked() else ""
        return replace(wishes, order=order, password=password)


def _row(boxes: Sequence[QCheckBox]) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(20)
    for box in boxes:
        row.addWidget(box)
    row.addStretch(1)
    return row
