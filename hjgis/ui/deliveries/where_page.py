"""Step 2: where the features lie that go out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)
from shapely.geometry.base import BaseGeometry

from hjgis.i18n import _, grouped, label
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.ui import file_dialogs
from hjgis.ui.deliveries.wishes import Where, Wishes, WishPage
from hjgis.ui.dialogs.importing.small_map import FILE, GROUND, Drawn, SmallMap
from hjgis.ui.page_parts import column_of, muted

_ROADS: Final = 4000
# As far as the words of a choice stand behind its dot.
_INDENT_PX: Final = 19


class WherePage(WishPage):
    """One choice of several, and a small map of the area; `file_wanted` asks for a file's."""

    file_wanted = Signal(object)

    def __init__(
        self,
        project: Project,
        *,
        seen: Extent | None,
        whole: Extent | None,
        selected: tuple[str, NDArray[np.int64]] | None,
    ) -> None:
        super().__init__()
        self._project = project
        self._seen, self._whole, self._selected = seen, whole, selected
        self._file: tuple[str, BaseGeometry] | None = None
        self.choices = QButtonGroup(self)
        self.query, self.browse = QComboBox(), QPushButton(_("Browse…"))
        self.query.setAccessibleName(_("Saved queries"))
        self.map, self.told = SmallMap(), muted()
        self._by_kind: dict[str, QRadioButton] = {}
        self._fill_queries()
        self._lay_out()
        self.choices.buttonToggled.connect(self._chosen)
        self.query.currentIndexChanged.connect(partial(self._pick, "query"))
        self.browse.clicked.connect(self._browse)

    def _fill_queries(self) -> None:
        for entry in querying.saved(self._project):
            if entry.query is not None and not querying.why_not(self._project, entry):
                self.query.addItem(entry.name, entry.query)

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(10)
        none_saved = "" if self.query.count() else _("No query is saved in the project.")
        for kind, words, reason, beside in (
            ("all", _("All of the project"), "", None),
            ("seen", _("What the map shows"), "" if self._seen else _("No map is open."), None),
            ("selected", self._selected_words(), self._why_not_selected(), None),
            ("inside", _("What lies in the selected areas"), self._why_not(), None),
            ("query", _("What a saved query finds"), none_saved, self.query),
            ("file", _("What lies in the area of a file"), "", self.browse),
        ):
            left.addLayout(self._choice(kind, words, reason, beside))
        left.addWidget(muted(_("Features that cross the edge of an area go out whole.")))
        left.addStretch(1)
        right = QVBoxLayout()
        right.addWidget(self.map, 1)
        right.addWidget(self.told)
        row = QHBoxLayout()
        row.setSpacing(20)
        row.addLayout(left, 5)
        row.addLayout(right, 6)
        column_of(self).addLayout(row, 1)
        self._by_kind["all"].setChecked(True)

    def _choice(self, kind: str, words: str, reason: str, beside: QWidget | None) -> QVBoxLayout:
        """Return one of the choices; below one that cannot be taken stands why."""
        button = QRadioButton(words)
        button.setProperty("kind", kind)
        button.setEnabled(not reason)
        button.setToolTip(reason)
        self.choices.addButton(button)
        self._by_kind[kind] = button
        row = QHBoxLayout()
        row.addWidget(button)
        if beside is not None and not reason:
            row.addWidget(beside, int(isinstance(beside, QComboBox)))
        row.addStretch(int(not isinstance(beside, QComboBox)))
        choice = QVBoxLayout()
        choice.setSpacing(2)
        choice.addLayout(row)
        if reason:
            why = muted(reason)
            why.setIndent(_INDENT_PX)
            choice.addWidget(why)
        return choice

    # -- what is selected ----------------------------------------------------------------

    def _selected_words(self) -> str:
        if self._selected is None:
            return _("The selected features")
        layer, fids = self._selected
        words = _("The selected features ({layer}: {count})")
        name = label(self._project.asset_type(layer).label)
        return words.format(layer=name, count=grouped(len(fids)))

    def _why_not_selected(self) -> str:
        return "" if self._selected else _("Nothing is selected.")

    def _why_not(self) -> str:
        if self._selected is None:
            return _("Select areas first: a park, a grid cell, a boundary.")
        if "Polygon" not in self._project.asset_type(self._selected[0]).geometry:
            return _("What is selected has no area.")
        return ""

    def _selected_area(self) -> BaseGeometry | None:
        if self._selected is None or self._why_not():
            return None
        layer, fids = self._selected
        shapes = self._project.table(layer, (), fids=fids.tolist()).geometry
        assert shapes is not None
        return shapely.union_all(shapely.make_valid(shapes))

    # -- choosing ------------------------------------------------------------------------

    def _pick(self, kind: str, _index: int = 0) -> None:
        self._by_kind[kind].setChecked(True)
        self.changed.emit()

    def _chosen(self, _button: object, on: bool) -> None:
        if on:
            self._show_area()
            self.changed.emit()

    def _browse(self) -> None:
        kinds = _("Areas (*.shp *.gpkg *.geojson *.kml *.dxf);;All files (*)")
        name = file_dialogs.open_file(self, _("Area of a file"), "", kinds)[0]
        if name:
            self.file_wanted.emit(Path(name))

    def take_area(self, name: str, area: BaseGeometry) -> None:
        """Take the area of a file."""
        self._file = name, area
        self.browse.setText(name)
        self._by_kind["file"].setChecked(True)
        self._show_area()
        self.changed.emit()

    def tell(self, words: str) -> None:
        """Say what is wrong with a file."""
        self._file = None
        self.told.setText(words)
        self.told.show()
        self.changed.emit()

    @property
    def kind(self) -> str:
        """Which choice is ticked."""
        button = self.choices.checkedButton()
        return str(button.property("kind")) if button else "all"

    def _area(self) -> BaseGeometry | None:
        kinds: Mapping[str, Any] = {
            "seen": lambda: shapely.box(*self._seen) if self._seen else None,
            "inside": self._selected_area,
            "file": lambda: self._file[1] if self._file else None,
        }
        return kinds[self.kind]() if self.kind in kinds else None

    def _show_area(self) -> None:
        area = self._area()
        roads = []
        if "road" in self._project.types:
            table = self._project.table("road", ())
            shapes = table.geometry if table.geometry is not None else ()
            roads = [shape for shape in shapes[:_ROADS] if shape is not None]
        drawn = [Drawn(roads, GROUND, _("roads"))]
        if area is not None:
            drawn.append(Drawn([area], FILE, _("area")))
        self.map.show_shapes(drawn, extent=self._around(area))
        if area is not None:
            words = _("{area:.2f} km²").format(area=shapely.area(area) / 1e6)
            self.told.setText(words)
        self.told.setVisible(area is not None)

    def _around(self, area: BaseGeometry | None) -> Extent | None:
        """Return the box of the town and of the area."""
        known = [self._whole] if self._whole else []
        boxes = [*known, area.bounds] if area is not None else known
        if not boxes:
            return None
        west, south, east, north = zip(*boxes, strict=True)
        return min(west), min(south), max(east), max(north)

    # -- the page ------------------------------------------------------------------------

    def show_wishes(self, wishes: Wishes) -> None:
        self._by_kind[wishes.where.kind].setChecked(True)
        self._show_area()

    @property
    def missing(self) -> str:
        if self.kind == "file" and self._file is None:
            return _("Choose the file whose areas are meant.")
        return ""

    def wished(self, wishes: Wishes) -> Wishes:
        words = self._by_kind[self.kind].text()
        rows = query = None
        if self.kind == "selected" and self._selected is not None:
            layer, fids = self._selected
            rows = {layer: fids}
        if self.kind == "query":
            query, words = self.query.currentData(), self.query.currentText()
        if self.kind == "file" and self._file is not None:
            words = self._file[0]
        kind: Any = self.kind
        where = Where(kind, words, self._area(), rows, query)
        return replace(wishes, where=where)
