"""Who gives which serial numbers of component ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import shapely
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from shapely.geometry.base import BaseGeometry

from hjgis.edits.numbering import BOUNDARY
from hjgis.i18n import _, label, listed
from hjgis.layers.project import Project
from hjgis.models import operators
from hjgis.models.changes import ChangeSet
from hjgis.models.identifiers import SYNTHETIC_SERIALS, classes_of
from hjgis.models.numbering import (
    FACT,
    REAL_SERIALS,
    NumberRange,
    read_ranges,
    store_ranges,
    with_range,
)
from hjgis.models.operators import read_operators
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.assignments import area_words
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.lists import add_tick, ticked
from hjgis.ui.dialogs.project_lists.asking import AskingDialog
from hjgis.ui.dialogs.project_lists.searched import Row, SearchedTable, allow, button, row_of
from hjgis.ui.page_parts import frame_list, muted

Areas = Callable[[], Sequence[BaseGeometry]]
# So many numbers a new range is offered.
_OFFERED = 10_000


class RangesPage(QWidget):
    """One row a range; `wanted` and `said` as with codes."""

    wanted = Signal(object)
    said = Signal(str)

    def __init__(self, project: Project, areas: Areas) -> None:
        super().__init__()
        self._project, self._areas = project, areas
        self._ranges: list[NumberRange] = []
        headings = [_("Operator"), _("First"), _("Last"), _("Used up to")]
        headings += [_("Kinds"), _("Area"), _("County")]
        widths = [140, 80, 80, 90, 0, 150, 80]
        none = _("No range is given yet. Add… gives one to somebody.")
        self.table = SearchedTable(headings, widths, right=[1, 2, 3], nothing=none)
        self.add = button(_("Add…"), "Ins", self)
        self.change = button(_("Change…"), "F2", self)
        self.delete = button(_("Delete"), "Del", self)
        self.about = muted()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.about)
        column.addWidget(self.table, 1)
        column.addLayout(row_of((self.add, self.change, self.delete)))
        self.table.chosen.connect(self._refresh_buttons)
        self.table.opened.connect(self.change.click)
        self.add.clicked.connect(self._add)
        self.change.clicked.connect(self._change)
        self.delete.clicked.connect(self._delete)

    def refresh(self) -> None:
        """Show the ranges as they are now."""
        self._ranges = read_ranges(self._project.info(FACT))
        self.table.show_rows([self._row(at, one) for at, one in enumerate(self._ranges)])
        self.about.setText(
            _(
                "New components get the next free number of their operator and class; none is"
                " given twice. Who has no range here gets no number."
            )
            if self._ranges
            else _(
                "No ranges: whoever works here gets the next free number. Where several offices"
                " work on copies, give each a range of its own."
            )
        )

    def _row(self, at: int, one: NumberRange) -> Row:
        names = {asset.id: label(asset.label) for asset in self._project.types.values()}
        kinds = listed(names.get(layer, layer) for layer in one.layers) or _("all")
        area = one.boundary or area_words(one.area)
        county = one.county or self._project.number_plan.county
        highest = self._highest(one, county)
        full = highest is not None and highest >= one.last
        numbers = tuple("" if n is None else f"{n:06d}" for n in (one.first, one.last, highest))
        return Row(str(at), (one.operator, *numbers, kinds, area, county), "odd" if full else "")

    def _highest(self, one: NumberRange, county: str) -> int | None:
        """Return the highest number of a range that a component of any class has or had."""
        project = self._project
        classes = {
            code
            for asset in project.types.values()
            if one.covers(asset.id)
            for code in classes_of(asset, project.catalogue)
        }
        numbers = range(one.first, one.last + 1)
        found = (project.highest_serial(f"{county}{code}", numbers) for code in classes)
        return max((serial for serial in found if serial is not None), default=None)

    def _at(self) -> int | None:
        return None if self.table.key is None else int(self.table.key)

    def _refresh_buttons(self) -> None:
        reason = self._project.read_only_reason or ""
        nothing = "" if self._at() is not None else _("Choose a row first.")
        allow(self.add, reason)
        allow(self.change, reason or nothing)
        allow(self.delete, reason or nothing)

    def _add(self) -> None:
        used = max((one.last for one in self._ranges if one.last in REAL_SERIALS), default=0)
        first = min(used + 1, REAL_SERIALS.stop - 1)
        last = min(first + _OFFERED - 1, REAL_SERIALS.stop - 1)
        self._ask(None, NumberRange(self._project.session.operator, first, last))

    def _change(self) -> None:
        at = self._at()
        if at is not None:
            self._ask(at, self._ranges[at])

    def _ask(self, at: int | None, entry: NumberRange) -> None:
        dialog = RangeDialog(self._project, at, entry, self._areas(), self)
        if accepted(dialog):
            self.wanted.emit(dialog.make)

    def _delete(self) -> None:
        at, project = self._at(), self._project
        if at is None:
            return
        rest = [one for number, one in enumerate(self._ranges) if number != at]
        self.wanted.emit(lambda: store_ranges(project.info(FACT), rest))


class RangeDialog(AskingDialog):
    """Asks for one range."""

    def __init__(
        self,
        project: Project,
        at: int | None,
        entry: NumberRange,
        selected: Sequence[BaseGeometry],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(_("Number range"), self.make, parent)
        self._project, self._at, self._entry = project, at, entry
        self._selected = shapely.union_all(list(selected)) if selected else None
        self.who, self.kinds, self.where = QComboBox(), QListWidget(), QComboBox()
        self.first, self.last = _serial(entry.first), _serial(entry.last)
        self.county = NameLine(entry.county, project.number_plan.county)
        self._fill_who()
        for asset in project.types.values():
            if asset.component is not None:
                add_tick(self.kinds, label(asset.label), asset.id, on=asset.id in entry.layers)
        self._fill_where()
        numbers = QHBoxLayout()
        numbers.setSpacing(8)
        numbers.addWidget(self.first, 1)
        numbers.addWidget(QLabel("–"))
        numbers.addWidget(self.last, 1)
        self.kinds.setMaximumHeight(140)
        frame_list(self.kinds)
        self.form.addRow(_("Operator"), self.who)
        self.form.addRow(_("Serial numbers"), numbers)
        self.form.addRow(_("Kinds (none ticked: all)"), self.kinds)
        self.form.addRow(_("Area"), self.where)
        self.form.addRow(_("County code"), self.county)

    def make(self) -> ChangeSet:
        """Return the edit that stores what is entered."""
        area = self.where.currentData()
        named = isinstance(area, str)
        made = NumberRange(
            self.who.currentText().strip(),
            self.first.value(),
            self.last.value(),
            tuple(ticked(self.kinds)),
            None if named else area,
            area if named else "",
            self.county.text().strip(),
        )
        stored, people = self._project.info(FACT), self._people()
        return store_ranges(
            stored, with_range(read_ranges(stored), made, at=self._at, operators=people)
        )

    def _people(self) -> list[str]:
        return [one.name for one in read_operators(self._project.info(operators.FACT))]

    def _fill_who(self) -> None:
        self.who.setEditable(True)
        self.who.setLineEdit(NameLine())
        known = self._people() or sorted(
            {change.operator for change in self._project.history.entries(limit=2000)} - {""}
        )
        self.who.addItems(known)
        self.who.setCurrentText(self._entry.operator)

    def _fill_where(self) -> None:
        self.where.addItem(_("everywhere"), None)
        if self._entry.area is not None:
            words = _("As now: {area}").format(area=area_words(self._entry.area))
            self.where.addItem(words, self._entry.area)
            self.where.setCurrentIndex(1)
        if self._selected is not None:
            words = _("The selected polygons: {area}").format(area=area_words(self._selected))
            self.where.addItem(words, self._selected)
        names = set(self._project.value_counts(BOUNDARY, "boundary_name")) | {self._entry.boundary}
        for name in sorted(names - {""}):
            self.where.addItem(name, name)
        if self._entry.boundary:
            self.where.setCurrentText(self._entry.boundary)


def _serial(value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, SYNTHETIC_SERIALS.stop - 1)
    box.setGroupSeparatorShown(False)
    box.setValue(value)
    return box
