"""What a row of assets is to be like; the map shows it while one types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import shapely
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from shapely.geometry.base import BaseGeometry

from hjgis.edits.arrays import (
    Placed,
    Side,
    Sides,
    add_row,
    bays_along,
    lamps_along,
    next_number,
    nodes_along,
    stations_in,
)
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.rows import BayForm, Numbering, bay_forms, row_fields
from hjgis.models.typed import begins_place
from hjgis.ui.page_parts import muted
from hjgis.ui.tools.rows import Make, RowTool

Kind = Literal["bays", "lamps", "nodes", "stations"]
_KINDS: Final[dict[Kind, str]] = {
    "bays": N_("Parking bays along a kerb"),
    "lamps": N_("Lamps along a road"),
    "nodes": N_("Nodes on a pipe"),
    "stations": N_("Bike stations in an area"),
}
_LAYERS: Final[dict[Kind, str]] = {
    "bays": "parking_bay",
    "lamps": "street_lamp",
    "nodes": "manhole",
    "stations": "bike_station",
}
_SIDES: Final = {
    "left": N_("Left"),
    "right": N_("Right"),
    "both": N_("Both sides"),
    "staggered": N_("Both sides by turns"),
}
_DIGITS: Final = 3
# These begin a place; no number has them.
_NO_NUMBER: Final = frozenset("@＠<＜《")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the form and the kinds of rows that have it."""

    words: str
    field: QWidget
    kinds: tuple[Kind, ...]


class RowDialog(QDialog):
    """Stands beside the map; closing it gives the mouse back.

    `place_begun` carries the first letter of a place that is typed where it can mean nothing else.
    """

    place_begun = Signal(str)

    def __init__(self, project: Project, tool: RowTool, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setWindowTitle(_("Row of assets"))
        self._project, self._tool = project, tool
        self.kind_box = _combo({kind: _(words) for kind, words in _KINDS.items()})
        self._build_fields()
        self._form = QFormLayout()
        self._form.setSpacing(8)
        self._form.addRow(_("What"), self.kind_box)
        for entry in self._entries:
            self._form.addRow(_(entry.words), entry.field)
        self._said = muted()
        # So that the window does not jump when a sentence takes two lines.
        self._said.setMinimumHeight(2 * self._said.fontMetrics().lineSpacing())
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.addLayout(self._form)
        column.addWidget(self._said)
        column.addLayout(self._buttons())
        self.setMinimumWidth(320)
        self._connect()
        self._show_kind()

    def choose(self, kind: Kind) -> None:
        """Show the form of a kind of row."""
        self.kind_box.setCurrentIndex(self.kind_box.findData(kind))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let coordinates reach the map from where digits are no value."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        text = event.text()
        is_value = isinstance(watched, QAbstractSpinBox) and text not in _NO_NUMBER
        if is_value or not begins_place(text):
            return super().eventFilter(watched, event)
        self.place_begun.emit(text)
        return True

    # -- building ------------------------------------------------------------------------

    def _build_fields(self) -> None:
        self.bay_form = _combo({form.id: label(form.label) for form in bay_forms()})
        self._side = _combo({side: _(_SIDES[side]) for side in get_args(Side)})
        self.sides = _combo({side: _(_SIDES[side]) for side in get_args(Sides)})
        self._node_layer = _combo(
            {layer: label(self._project.asset_type(layer).label) for layer in self._node_layers()}
        )
        self.count = QSpinBox(minimum=0, maximum=999)
        self.count.setSpecialValueText(_("as many as fit"))
        self.spacing = _metres(30.0, least=0.1)
        self._offset = _metres(6.0)
        self._start = _metres(0.0)
        self._gap = _metres(0.0)
        self._angle = QDoubleSpinBox(minimum=-90, maximum=90, decimals=1, suffix="°")
        self._prefix, self._first = QLineEdit(), QSpinBox(minimum=0, maximum=999_999)
        self._prefix.setPlaceholderText(_("such as A- or 解放路"))
        every: tuple[Kind, ...] = get_args(Kind)
        self._entries = (
            _Entry(N_("Form"), self.bay_form, ("bays",)),
            _Entry(N_("Side"), self._side, ("bays",)),
            _Entry(N_("Number of them"), self.count, ("bays",)),
            _Entry(N_("Between bays"), self._gap, ("bays",)),
            _Entry(N_("Kind of node"), self._node_layer, ("nodes",)),
            _Entry(N_("Sides"), self.sides, ("lamps",)),
            _Entry(N_("Spacing"), self.spacing, ("lamps", "nodes", "stations")),
            _Entry(N_("From the middle of the road"), self._offset, ("lamps",)),
            _Entry(N_("From the start"), self._start, ("bays", "lamps")),
            _Entry(N_("Turned by"), self._angle, ("stations",)),
            _Entry(N_("Number begins with"), self._prefix, every),
            _Entry(N_("First number"), self._first, every),
        )

    def _buttons(self) -> QHBoxLayout:
        apply, close = QPushButton(_("Make the row")), QPushButton(_("Close"))
        apply.setObjectName("primary")
        apply.clicked.connect(self._tool.finish)
        close.clicked.connect(self.reject)
        # Enter in a field makes the row; it must not throw away what is drawn.
        close.setAutoDefault(False)
        apply.setDefault(True)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(apply)
        row.addWidget(close)
        return row

    def _connect(self) -> None:
        self.kind_box.currentIndexChanged.connect(self._show_kind)
        self._prefix.textChanged.connect(self._continue_numbers)
        self._node_layer.currentIndexChanged.connect(self._continue_numbers)
        for part in (self, *self.findChildren(QComboBox), *self.findChildren(QPushButton)):
            part.installEventFilter(self)
        for number in self.findChildren(QAbstractSpinBox):
            number.installEventFilter(self)
        for entry in self._entries:
            field = entry.field
            if isinstance(field, QComboBox):
                field.currentIndexChanged.connect(self._use)
            elif isinstance(field, QSpinBox | QDoubleSpinBox):
                field.valueChanged.connect(self._use)
            elif isinstance(field, QLineEdit):
                field.textChanged.connect(self._use)
        self._tool.counted.connect(self._said.setText)
        self._tool.edited.connect(self._continue_numbers, Qt.ConnectionType.QueuedConnection)

    # -- what is wanted ------------------------------------------------------------------

    @property
    def kind(self) -> Kind:
        """What kind of row is being made."""
        kind: Kind = self.kind_box.currentData()
        return kind

    @property
    def _layer(self) -> str:
        if self.kind == "nodes":
            return str(self._node_layer.currentData())
        return _LAYERS[self.kind]

    def _show_kind(self) -> None:
        for entry in self._entries:
            self._form.setRowVisible(entry.field, self.kind in entry.kinds)
        self.adjustSize()
        self._continue_numbers()
        self._use()
        self._tool.take_selected()

    def _continue_numbers(self) -> None:
        """Go on after the highest number that is stored with this beginning."""
        field = row_fields(self._layer).get("number")
        prefix = self._prefix.text().strip()
        if field is None or self._project.is_closed:
            return
        known = self._project.table(self._layer, (field,), geometry=False).columns[field]
        self._first.setValue(next_number(known.tolist(), prefix))

    def _use(self) -> None:
        makers: dict[Kind, Make] = {
            "bays": self._bays,
            "lamps": self._lamps,
            "nodes": self._nodes,
            "stations": self._stations,
        }
        kind = self.kind
        self._tool.use(makers[kind], closed=kind == "stations", stored_only=kind == "nodes")

    def _numbering(self) -> Numbering:
        prefix = self._prefix.text().strip()
        return Numbering(prefix, self._first.value(), digits=_DIGITS)

    def _bays(self, kerb: BaseGeometry, _key: FeatureKey | None) -> ChangeSet:
        form = next(form for form in bay_forms() if form.id == self.bay_form.currentData())
        return self._row(self._placed_bays(_line(kerb), form))

    def _placed_bays(self, kerb: shapely.LineString, form: BayForm) -> list[Placed]:
        return bays_along(
            kerb,
            form,
            self._side.currentData(),
            count=self.count.value() or None,
            start_m=self._start.value(),
            gap_m=self._gap.value(),
        )

    def _lamps(self, road: BaseGeometry, _key: FeatureKey | None) -> ChangeSet:
        return self._row(
            lamps_along(
                _line(road),
                self.sides.currentData(),
                spacing_m=self.spacing.value(),
                offset_m=self._offset.value(),
                start_m=self._start.value(),
            )
        )

    def _stations(self, area: BaseGeometry, _key: FeatureKey | None) -> ChangeSet:
        angle = self._angle.value()
        return self._row(stations_in(area, spacing_m=self.spacing.value(), angle_deg=angle))

    def _nodes(self, _pipe: BaseGeometry, key: FeatureKey | None) -> ChangeSet:
        if key is None:
            raise EditRefused(_("Click the pipe that the nodes are to stand on."))
        return nodes_along(
            self._project,
            key,
            self._layer,
            spacing_m=self.spacing.value(),
            numbering=self._numbering(),
        )

    def _row(self, placed: list[Placed]) -> ChangeSet:
        return add_row(self._project, self._layer, placed, numbering=self._numbering())

    def _node_layers(self) -> tuple[str, ...]:
        kinds = (asset.ends_on for asset in self._project.types.values())
        return next((layers for layers in kinds if layers), ())


def _combo(entries: dict[str, str] | dict[Kind, str]) -> QComboBox:
    box = QComboBox()
    for key, words in entries.items():
        box.addItem(words, key)
    return box


def _metres(value: float, *, least: float = 0.0) -> QDoubleSpinBox:
    box = QDoubleSpinBox(minimum=least, maximum=100_000, decimals=2, suffix=" m")
    box.setValue(value)
    return box


def _line(geometry: BaseGeometry) -> shapely.LineString:
    parts = shapely.get_parts(geometry)
    if len(parts) != 1 or not isinstance(parts[0], shapely.LineString):
        raise EditRefused(_("Select a line in one piece."))
    return parts[0]
