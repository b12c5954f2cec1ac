"""What a file says otherwise than the project: a tree of differences with ticks, and a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shapely import LineString

from hjgis.exchange.differences import RETURN_KINDS, Difference, Kind, Update
from hjgis.i18n import _, grouped, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.ui.dialogs.importing import wording
from hjgis.ui.dialogs.importing.small_map import FILE, GROUND, PROPOSED, Drawn, SmallMap
from hjgis.ui.page_parts import ROLE, column_of, fit_columns, heading, muted

# More lines than these are slow and read by nobody; a group's tick stands for all of it.
_MOST_LINES: Final = 2000
# So many are shown opened.
_FEW: Final = 100
_COLUMNS: Final = 4
# Number, field and what is in the project; what the file says has the rest.
_WIDEST: Final = (230, 140, 150)
_NAMED: Final = 6
_TICKED: Final[frozenset[Kind]] = frozenset({"new", "changed"})
_On, _Off, _Some = Qt.CheckState.Checked, Qt.CheckState.Unchecked, Qt.CheckState.PartiallyChecked
# So far around what moved the small map shows, metres.
_AROUND_M: Final = 30.0


class Differences(QWidget):
    """A tree of differences with ticks, and a small map of the one that is chosen.

    `changed` says that the ticks have changed.
    """

    changed = Signal()

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._update: Update | None = None
        self._ticked: set[int] = set()
        self._texts: list[str] = []
        self.said = muted()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Search by number, field or value"))
        self.filter.setClearButtonEnabled(True)
        self.tree = QTreeWidget()
        self.map, self.told = SmallMap(), muted()
        self._lay_out()
        self.filter.textChanged.connect(self._fill)
        self.tree.itemChanged.connect(self._toggled)
        self.tree.currentItemChanged.connect(self._look)

    def _lay_out(self) -> None:
        tree = self.tree
        tree.setObjectName("framed")
        headings = [_("Feature"), _("Field"), _("In the project"), _("In the file")]
        tree.setHeaderLabels(headings)
        tree.setUniformRowHeights(True)
        tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = tree.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setStretchLastSection(True)
        side = QWidget()
        right = QVBoxLayout(side)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(6)
        right.addWidget(heading(_("Old and new place")))
        right.addWidget(self.map, 1)
        right.addWidget(self.told)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.addWidget(tree)
        both.addWidget(side)
        both.setStretchFactor(0, 5)
        both.setStretchFactor(1, 2)
        both.setSizes([500, 200])
        both.setChildrenCollapsible(False)
        both.setHandleWidth(12)
        top = QHBoxLayout()
        top.addWidget(self.said, 3)
        top.addWidget(self.filter, 2)
        column = column_of(self)
        column.addLayout(top)
        column.addWidget(both, 1)

    # -- showing -------------------------------------------------------------------------

    def show_update(self, update: Update | None, words: str) -> None:
        """Show the differences of a file, below some words; what is new or changed is ticked."""
        if update is self._update:
            return
        self._update, self._texts = update, []
        self._ticked = set(update.of_kind(*_TICKED)) if update else set()
        if update is None:
            return
        self.said.setText(words)
        self.filter.clear()
        self.map.show_shapes(())
        self._fill()
        fit_columns(self.tree, _WIDEST)
        group = self.tree.topLevelItem(0)
        first = group.child(0) if group is not None else None
        if first is not None:
            self.tree.setCurrentItem(first)

    @property
    def accepted(self) -> list[int]:
        """The differences that are ticked."""
        return sorted(self._ticked)

    def _fill(self) -> None:
        self.tree.blockSignals(True)
        self.tree.clear()
        update, wanted = self._update, self.filter.text().strip().casefold()
        for kind in RETURN_KINDS if update else ():
            assert update is not None
            found = update.of_kind(kind)
            if wanted:
                texts = self._texts or [self._searched(entry) for entry in update.differences]
                self._texts = texts
                found = [i for i in found if wanted in texts[i]]
            layers = {update.differences[i].asset.id: update.differences[i].asset for i in found}
            for layer, asset in layers.items():
                mine = [i for i in found if update.differences[i].asset.id == layer]
                name = label(asset.label) if len(update.layers) > 1 else ""
                self._add_group(kind, name, mine)
        self.tree.blockSignals(False)
        for place in range(self.tree.topLevelItemCount()):
            top = self.tree.topLevelItem(place)
            if top is not None:
                changed = top.data(0, ROLE)[0] in ("changed", "conflict")
                top.setExpanded(bool(wanted) or changed or top.childCount() <= _FEW)
                for row in range(min(top.childCount(), _FEW) if changed else 0):
                    child = top.child(row)
                    if child is not None:
                        child.setExpanded(True)
        self.told.setText("")

    def _add_group(self, kind: Kind, layer: str, found: Sequence[int]) -> None:
        assert self._update is not None
        differences = self._update.differences
        heading_ = wording.difference_kind(kind, len(found))
        top = QTreeWidgetItem([f"{layer}   {heading_}".strip()])
        top.setData(0, ROLE, (kind, tuple(found)))
        font = top.font(0)
        font.setBold(True)
        top.setFont(0, font)
        self.tree.addTopLevelItem(top)
        top.setFirstColumnSpanned(True)
        for index in found[:_MOST_LINES]:
            top.addChild(self._item(index, differences[index]))
        if len(found) > _MOST_LINES:
            words = _("{count} more, ticked like the group; search to see them")
            rest = QTreeWidgetItem([words.format(count=grouped(len(found) - _MOST_LINES))])
            top.addChild(rest)
            rest.setFirstColumnSpanned(True)
        top.setCheckState(0, self._state(found))

    def _item(self, index: int, entry: Difference) -> QTreeWidgetItem:
        """Return the line of a difference; several changes of a feature stand below it."""
        changes = self._changes(entry)
        line = changes[0] if len(changes) == 1 else ("", "", self._summary(entry, len(changes)))
        title = f"{entry.title} {_('(deleted here)')}" if entry.gone else entry.title
        item = QTreeWidgetItem([title, *line])
        item.setData(0, ROLE, index)
        item.setCheckState(0, _On if index in self._ticked else _Off)
        for place in range(_COLUMNS):
            item.setToolTip(place, item.text(place))
        if len(changes) > 1:
            item.addChildren([QTreeWidgetItem(["", *change]) for change in changes])
        return item

    def _changes(self, entry: Difference) -> list[tuple[str, str, str]]:
        """Return field, stored and given value of what is changed; new ones have no old value."""
        if entry.kind not in ("changed", "conflict"):
            return []
        changes = [
            (_field(entry, name), self._words(entry, name, stored), self._given(entry, name, given))
            for name, (stored, given) in entry.values.items()
        ]
        if entry.moved_m is not None:
            moved = _("moved by {metres:.2f} m").format(metres=entry.moved_m)
            changes.append((_("Place"), "", moved))
        return changes

    def _given(self, entry: Difference, name: str, given: Value) -> str:
        """Return what the file says; of a conflict also what both sides had before."""
        said = self._words(entry, name, given)
        if entry.delivered is None:
            return said
        before = self._words(entry, name, entry.delivered.values.get(name))
        return _("{given} (delivered as {before})").format(given=said, before=before)

    def _summary(self, entry: Difference, changes: int) -> str:
        if entry.kind == "new":
            values = [self._words(entry, name, pair[1]) for name, pair in entry.values.items()]
            row = _("row {row}").format(row=entry.row)
            return "  ".join([row, *values[:_NAMED]])
        if entry.kind == "missing":
            return _("is not in the file")
        if not changes:
            return _("was taken out here, and changed in the file")
        words = ngettext_("{count} change", "{count} changes", changes)
        return words.format(count=changes)

    def _words(self, entry: Difference, name: str, value: Value) -> str:
        return entry.said(name, value, self._project.catalogue)

    def _searched(self, entry: Difference) -> str:
        parts = [entry.title, str(entry.row or "")]
        for name, pair in entry.values.items():
            parts += [_field(entry, name), *(self._words(entry, name, value) for value in pair)]
        return " ".join(parts).casefold()

    # -- ticks ---------------------------------------------------------------------------

    def _state(self, found: Sequence[int]) -> Qt.CheckState:
        ticked = sum(index in self._ticked for index in found)
        return _Off if not ticked else _On if ticked == len(found) else _Some

    def _toggled(self, item: QTreeWidgetItem, column: int) -> None:
        data = item.data(0, ROLE)
        if column != 0 or data is None:
            return
        self.tree.blockSignals(True)
        on = item.checkState(0) == _On
        indices = [data] if isinstance(data, int) else list(data[1])
        if on:
            self._ticked.update(indices)
        else:
            self._ticked.difference_update(indices)
        if isinstance(data, int):
            top = item.parent()
            if top is not None:
                top.setCheckState(0, self._state(top.data(0, ROLE)[1]))
        else:
            for place in range(item.childCount()):
                child = item.child(place)
                if child is not None and child.data(0, ROLE) is not None:
                    child.setCheckState(0, _On if on else _Off)
        self.tree.blockSignals(False)
        self.changed.emit()

    # -- the map -------------------------------------------------------------------------

    def _look(self, item: QTreeWidgetItem | None) -> None:
        while item is not None and not isinstance(item.data(0, ROLE), int):
            parent = item.parent()
            if parent is None:
                return
            item = parent
        if item is None or self._update is None:
            return
        entry = self._update.differences[item.data(0, ROLE)]
        old = [entry.stored_geometry] if entry.stored_geometry is not None else []
        new = [entry.given_geometry] if entry.given_geometry is not None else []
        boxes = [shape.bounds for shape in (*old, *new) if not shape.is_empty]
        if not boxes:
            self.map.show_shapes(())
            self.told.setText(_("It has no place."))
            return
        extent = (
            min(b[0] for b in boxes) - _AROUND_M,
            min(b[1] for b in boxes) - _AROUND_M,
            max(b[2] for b in boxes) + _AROUND_M,
            max(b[3] for b in boxes) + _AROUND_M,
        )
        around = [
            feature.geometry
            for layer in ("road", entry.asset.id)
            if layer in self._project.types
            for feature in self._project.within(layer, extent)[:400]
            if feature.geometry is not None and feature.key != entry.key
        ]
        way = []
        if entry.moved_m and old and new:
            way = [LineString([old[0].centroid, new[0].centroid])]
        drawn = [
            Drawn(around, "#d3d8de"),
            Drawn(way, "#7b858f", box=True),
            Drawn(old, GROUND if entry.moved_m is None else PROPOSED, _("in the project")),
            Drawn(new if entry.kind == "new" or entry.moved_m else [], FILE, _("in the file")),
        ]
        self.map.show_shapes(drawn, extent=extent)
        self.told.setText(wording.difference(entry))


def _field(entry: Difference, name: str) -> str:
    return label(entry.asset.field(name).label) if entry.asset.has(name) else name
