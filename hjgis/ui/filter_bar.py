"""Which rows a table shows: all that hold a text, all that meet a condition."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.query import Condition
from hjgis.models.validation import BadValue, coerce

_OPERATORS: Final = (
    ("contains", N_("contains")),
    ("=", "="),
    ("!=", "≠"),
    (">", ">"),
    (">=", "≥"),
    ("<", "<"),
    ("<=", "≤"),
    ("empty", N_("is empty")),
    ("not_empty", N_("is not empty")),
)


class FilterBar(QWidget):
    """A line for any text, and a condition on one field; `changed` when other rows are wanted."""

    changed = Signal()
    troubled = Signal(str)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._asset: AssetType | None = None
        self._quiet = False
        self._quick = QLineEdit()
        self._quick.setPlaceholderText(_("Search all text"))
        self._quick.setClearButtonEnabled(True)
        self._fields, self._operators, self._value = QComboBox(), QComboBox(), QLineEdit()
        self._fields.setMinimumWidth(130)
        for key, words in _OPERATORS:
            self._operators.addItem(_(words), key)
        clear = QPushButton(_("Clear"))
        bar = QHBoxLayout(self)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(8)
        bar.addWidget(self._quick, 1)
        for widget in (self._fields, self._operators, self._value, clear):
            bar.addWidget(widget)
        clear.clicked.connect(self.clear)
        self._quick.textChanged.connect(self._tell)
        self._value.returnPressed.connect(self._tell)
        self._fields.currentIndexChanged.connect(self._tell)
        self._operators.currentIndexChanged.connect(self._tell)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What the rows must meet, all of it."""
        typed = self._quick.text().strip()
        quick = (Condition("*", "contains", typed),) if typed else ()
        own = self._own_condition()
        return quick if own is None else (*quick, own)

    def show_layer(self, asset: AssetType) -> None:
        """Offer the fields of a layer; nothing is asked of its rows yet."""
        self._asset, self._quiet = asset, True
        self._fields.clear()
        self._fields.addItem(_("(any field)"), None)
        for field in asset.fields:
            self._fields.addItem(label(field.label), field.name)
        self._quick.clear()
        self._value.clear()
        self._quiet = False

    def clear(self) -> None:
        """Ask for all rows."""
        self._quiet = True
        self._quick.clear()
        self._value.clear()
        self._fields.setCurrentIndex(0)
        self._quiet = False
        self._tell()

    def _own_condition(self) -> Condition | None:
        name, operator = self._fields.currentData(), self._operators.currentData()
        text = self._value.text().strip()
        self._value.setEnabled(operator not in ("empty", "not_empty"))
        if name is None or (not text and operator not in ("empty", "not_empty")):
            return None
        if operator in ("contains", "empty", "not_empty"):
            return Condition(name, operator, text)
        assert self._asset is not None
        try:
            value = coerce(self._asset.field(name), text, self._project.catalogue)
        except BadValue as error:
            self.troubled.emit(str(error))
            return None
        return Condition(name, operator, value)

    def _tell(self) -> None:
        if not self._quiet and self._asset is not None:
            self.changed.emit()
