"""Who answers for what: the list, and one entry of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Final

import shapely
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QListWidget,
    QPushButton,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)
from shapely.geometry.base import BaseGeometry

from hjgis.i18n import _, label, listed
from hjgis.layers.project import Project
from hjgis.models import operators
from hjgis.models.assets import AssetType
from hjgis.models.assignments import FACT, Assignment, assign, read_assignments
from hjgis.models.changes import ChangeSet
from hjgis.models.operators import read_operators
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.lists import add_tick, button_row, fill_list, set_up_list, ticked
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.page_parts import MARGINS, frame_list, muted
from hjgis.ui.theme import allow

_WHAT: Final = 1
_HECTARE_M2: Final = 10_000.0
# Whose polygons are selected on the map just now.
Areas = Callable[[], Sequence[BaseGeometry]]


class AssignmentsDialog(QDialog):
    """Stays open beside the map; `wanted` carries what makes the edit of the whole list."""

    wanted = Signal(object)

    def __init__(self, project: Project, areas: Areas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Assignments"))
        self._project, self._areas = project, areas
        self._entries: list[Assignment] = []
        self.table = QTableWidget(0, 3)
        self.add = QPushButton(_("Add…"))
        self.change = QPushButton(_("Change…"))
        self.remove = QPushButton(_("Remove"))
        self._build()
        self.add.clicked.connect(self._add)
        self.change.clicked.connect(self._change)
        self.remove.clicked.connect(self._remove)
        self.table.doubleClicked.connect(self._change)
        self.table.itemSelectionChanged.connect(self._refresh_buttons)
        self.refresh()

    def _build(self) -> None:
        set_up_list(self.table, [_("Who"), _("Kinds"), _("Area")], widest=_WHAT)
        about = muted(
            _(
                "Nothing is forbidden to anybody. Who edits what is somebody else's is told so, and"
                " the map shows whose the areas are (View, Assignments)."
            )
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(about)
        column.addWidget(self.table, 1)
        column.addLayout(button_row(self, (self.add, self.change, self.remove)))
        self.resize(560, 320)

    def refresh(self) -> None:
        """List anew what the project says."""
        self._entries = read_assignments(self._project.info(FACT))
        types = self._project.types.values()
        fill_list(
            self.table,
            [(one.operator, kinds_text(types, one), area_words(one.area)) for one in self._entries],
        )
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        reason = self._project.read_only_reason or ""
        there = 0 <= self.table.currentRow() < len(self._entries)
        for button, possible in ((self.add, True), (self.change, there), (self.remove, there)):
            allow(button, "", reason or ("" if possible else _("Choose a row first.")))

    def entry_dialog(self, entry: Assignment | None) -> AssignmentDialog:
        """Return the window that asks for one entry."""
        return AssignmentDialog(self._project, entry, self._areas(), self)

    def _add(self) -> None:
        dialog = self.entry_dialog(None)
        if accepted(dialog):
            self.store([*self._entries, dialog.assignment()])

    def _change(self) -> None:
        row = self.table.currentRow()
        if not self.change.isEnabled():
            return
        dialog = self.entry_dialog(self._entries[row])
        if accepted(dialog):
            changed = dialog.assignment()
            self.store([*self._entries[:row], changed, *self._entries[row + 1 :]])

    def _remove(self) -> None:
        row = self.table.currentRow()
        self.store([*self._entries[:row], *self._entries[row + 1 :]])

    def store(self, entries: Sequence[Assignment]) -> None:
        """Ask for these entries to be stored."""

        def make() -> ChangeSet:
            return assign(self._project.info(FACT), entries)

        self.wanted.emit(make)
        self.refresh()


class AssignmentDialog(QDialog):
    """One entry: who, which kinds, where."""

    def __init__(
        self,
        project: Project,
        entry: Assignment | None,
        selected: Sequence[BaseGeometry],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Assignment"))
        self._entry = entry or Assignment("")
        self._selected = shapely.union_all(list(selected)) if selected else None
        self.who, self.kinds, self.where = QComboBox(), QListWidget(), QComboBox()
        self.who.setEditable(True)
        frame_list(self.kinds)
        known = {change.operator for change in project.history.entries(limit=2000)} - {""}
        known |= {one.name for one in read_operators(project.info(operators.FACT))}
        self.who.addItems(sorted(known | {self._entry.operator} - {""}))
        self.who.setCurrentText(self._entry.operator)
        for asset in reversed(list(project.map_types.values())):
            if asset.kind == "asset":
                add_tick(
                    self.kinds, label(asset.label), asset.id, on=asset.id in self._entry.layers
                )
        self._fill_where()
        self._ok = QDialogButtonBox.StandardButton.Ok
        self._buttons = ok_cancel(self)
        form = QFormLayout()
        form.addRow(_("Who"), self.who)
        form.addRow(_("Kinds (none ticked: all)"), self.kinds)
        form.addRow(_("Area"), self.where)
        if self._selected is None:
            hint = muted(_("For an area, select its polygons on the map first."))
            form.addRow("", hint)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addLayout(form)
        column.addWidget(self._buttons)
        self.who.currentTextChanged.connect(self._refresh)
        self._refresh()
        self.resize(480, 440)

    def _fill_where(self) -> None:
        if self._entry.area is not None:
            self.where.addItem(_("As now: {area}").format(area=area_words(self._entry.area)))
            self.where.setItemData(0, self._entry.area)
        if self._selected is not None:
            words = _("The selected polygons: {area}").format(area=area_words(self._selected))
            self.where.addItem(words, self._selected)
        self.where.addItem(_("Everywhere"), None)

    def _refresh(self) -> None:
        named = bool(self.who.currentText().strip())
        allow(self._buttons.button(self._ok), "", "" if named else _("Type a name."))

    def assignment(self) -> Assignment:
        """Return what was chosen."""
        kinds = tuple(ticked(self.kinds))
        who = self.who.currentText().strip()
        area = self.where.currentData()
        return replace(self._entry, operator=who, layers=kinds, area=area)


def kinds_text(types: Iterable[AssetType], entry: Assignment) -> str:
    """Return the kinds of an entry in words."""
    if not entry.layers:
        return _("all")
    names = {asset.id: label(asset.label) for asset in types}
    return listed(names.get(layer, layer) for layer in entry.layers)


def area_words(area: BaseGeometry | None) -> str:
    """Return how large an area is, in hectares."""
    if area is None:
        return _("everywhere")
    return _("{area:.1f} ha").format(area=area.area / _HECTARE_M2)
