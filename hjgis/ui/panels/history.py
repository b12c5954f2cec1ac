"""Who did what, what was there before, and how it is brought back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)
from shapely.geometry.base import BaseGeometry

from hjgis.edits.restore import restore
from hjgis.errors import EditRefused
from hjgis.i18n import _, label, ngettext_
from hjgis.layers.journal import Entry, Row
from hjgis.layers.project import Project
from hjgis.layers.restoring import PLACE, before_day, state_before, with_field_before
from hjgis.layers.subjects import subjects
from hjgis.models.assets import Value
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.validation import display
from hjgis.models.wording import describe_change
from hjgis.ui.bridge import Bridge
from hjgis.ui.page_parts import muted
from hjgis.ui.panels.history_lines import WHAT, WHEN, WHO, HistoryLines
from hjgis.ui.panels.listed import refill
from hjgis.ui.selection import Selection

_SHOWN = 500
_LATER_MS = 60
# Offered beside the single days.
_LAST_DAYS = (7, 30)
_ENTRY = Qt.ItemDataRole.UserRole
_FIELD = Qt.ItemDataRole.UserRole + 1


class HistoryPanel(QWidget):
    """The journal, latest first; of the selected feature alone if wanted.

    `wanted` carries what makes an edit that brings something back, `past_shown` the place of the
    feature before the change that is pointed at, `said` what the user should know; after
    `zoom_wanted` what a change was about is selected.
    """

    wanted = Signal(object)
    past_shown = Signal(object)
    said = Signal(str)
    zoom_wanted = Signal()

    def __init__(
        self,
        project: Project,
        bridge: Bridge,
        selection: Selection,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._selection = project, selection
        self._key: FeatureKey | None = None
        self._only = QCheckBox(_("Only the selected feature"))
        self._only.toggled.connect(self.refresh)
        self._search = QLineEdit()
        self._search.setPlaceholderText(_("Search in the changes"))
        self._search.setClearButtonEnabled(True)
        self._who, self._day = QComboBox(), QComboBox()
        self._tree = self._made_tree()
        self._empty, self._older = muted(), muted()
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        narrowed = QHBoxLayout()
        narrowed.addWidget(self._who, 1)
        narrowed.addWidget(self._day, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._only)
        column.addWidget(self._search)
        column.addLayout(narrowed)
        column.addWidget(self._tree, 1)
        column.addWidget(self._empty, 1)
        column.addWidget(self._older)
        # The map shows an edit first; both at once would take each other's time.
        self._later = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._later.timeout.connect(self.refresh)
        self._search.textChanged.connect(self._narrow)
        self._who.currentIndexChanged.connect(self.refresh)
        self._day.currentIndexChanged.connect(self.refresh)
        bridge.changed.connect(self._hear)
        selection.changed.connect(self._follow)
        self._follow()
        self.refresh()

    def _made_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setHeaderLabels([_("When"), _("What"), _("Who")])
        tree.setHeaderHidden(True)
        tree.setRootIsDecorated(True)
        tree.setAlternatingRowColors(True)
        # When and who stand below what, which has all the width of the dock.
        tree.setItemDelegate(HistoryLines(tree))
        tree.setTreePosition(WHAT)
        for column in (WHEN, WHO):
            tree.setColumnHidden(column, True)
        tree.header().setStretchLastSection(False)
        tree.header().setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Stretch)
        tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        tree.customContextMenuRequested.connect(self._open_menu)
        tree.currentItemChanged.connect(self._show_past)
        tree.itemDoubleClicked.connect(self._select_changed)
        tree.setExpandsOnDoubleClick(False)
        return tree

    def _follow(self) -> None:
        """Take up which feature is selected; of several, none is meant."""
        keys = self._selection.keys(self._project) if len(self._selection) == 1 else []
        self._key = keys[0] if keys else None
        if self._only.isChecked():
            self.refresh()

    def refresh(self) -> None:
        """Read the journal anew."""
        self._later.stop()
        if self._project.is_closed:
            return
        only = self._key if self._only.isChecked() else None
        # Somebody's changes, or those of a day, may lie far back.
        limit = -1 if self._who.currentData() or self._day.currentData() else _SHOWN + 1
        entries = self._project.history.entries(only, limit=limit, ancestry=True)
        if self._only.isChecked() and only is None:
            entries = []
        _offer(self._who, [(_("Everybody"), "")], (_who(entry) for entry in entries))
        _offer(self._day, _spans(), (_when(entry).date().isoformat() for entry in entries))
        entries = [entry for entry in entries if self._is_asked_for(entry)]
        self._older.setVisible(len(entries) > _SHOWN)
        words = _("The latest {count}. Choose who or when to see older ones.")
        self._older.setText(words.format(count=_SHOWN))
        del entries[_SHOWN:]
        self._tree.clear()
        # Of one feature everything is about it.
        names = {} if only is not None else subjects(self._project, entries)
        items = [self._item(entry, names.get(entry.id, "")) for entry in entries]
        self._tree.addTopLevelItems(items)
        self._narrow()

    # -- searching -----------------------------------------------------------------------

    def _is_asked_for(self, entry: Entry) -> bool:
        who, wanted, day = self._who.currentData(), self._day.currentData(), _when(entry).date()
        if isinstance(wanted, int):
            on_time = (dt.date.today() - day).days < wanted
        else:
            on_time = not wanted or day.isoformat() == wanted
        return on_time and (not who or _who(entry) == who)

    def _narrow(self) -> None:
        """Show the changes that hold the words that are looked for."""
        words = self._search.text().strip().casefold()
        seen = 0
        for item in self._items():
            fits = words in item.text(1).casefold()
            item.setHidden(not fits)
            seen += fits
        self._tree.setVisible(bool(seen))
        self._empty.setVisible(not seen)
        none = _("No changes yet. Every edit will be listed here.")
        asked = words or self._who.currentData() or self._day.currentData()
        self._empty.setText(_("No change fits.") if asked else none)

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self._tree.topLevelItem(i) for i in range(self._tree.topLevelItemCount()))
        return [item for item in found if item is not None]

    # -- bringing back -------------------------------------------------------------------

    def offers(self, item: QTreeWidgetItem) -> list[tuple[str, Callable[[], ChangeSet]]]:
        """Return what can be brought back at a line of the list, in words, and how."""
        entry: Entry = item.data(0, _ENTRY)
        key, field = self._key, item.data(0, _FIELD)
        result: list[tuple[str, Callable[[], ChangeSet]]] = []
        if self._only.isChecked() and key is not None and entry.feature == key:
            if field:
                make = partial(self._with_value, key, entry.id, field)
                result.append((_("Bring this value back"), make))
            make = partial(self._as_before, key, entry.id)
            result.append((_("Bring the feature back as it was before"), make))
        if entry.operator:
            day = _when(entry).date()
            words = _("Take back the work of {who} on {day}")
            make = partial(self._without_day, entry.operator, day)
            result.append((words.format(who=entry.operator, day=day.isoformat()), make))
        return result

    def _open_menu(self, at: QPoint) -> None:
        item = self._tree.itemAt(at)
        if item is None:
            return
        menu = QMenu(self)
        select = menu.addAction(_("Select what was changed"))
        select.triggered.connect(partial(self._select_changed, item))
        for words, make in () if self._project.read_only else self.offers(item):
            menu.addAction(words).triggered.connect(lambda _on, make=make: self.wanted.emit(make))
        menu.exec(self._tree.viewport().mapToGlobal(at))
        menu.deleteLater()

    def _select_changed(self, item: QTreeWidgetItem) -> None:
        """Select what a change was about and is there still, of the layer that it names."""
        entry: Entry = item.data(0, _ENTRY)
        store, touched = self._project.store, self._project.history.touched_rows(entry.id)
        there = {
            layer: fids[np.isin(fids, store.ordered_fids(layer, ()))]
            for layer, fids in touched.items()
            if layer in self._project.types
        }
        named = str(entry.params.get("layer"))
        layer = named if named in there else max(there, key=lambda one: len(there[one]), default="")
        if not layer or not len(there[layer]):
            self.said.emit(_("Nothing that this change was about is there now."))
            return
        self._selection.set(layer, there[layer])
        self.zoom_wanted.emit()

    def _without_day(self, operator: str, day: dt.date) -> ChangeSet:
        before = before_day(self._project, operator, day)
        if before.kept:
            words = ngettext_(
                "{count} feature was changed again since and stays as it is",
                "{count} features were changed again since and stay as they are",
                before.kept,
            )
            self.said.emit(words.format(count=before.kept))
        facts = {"who": operator, "day": day.isoformat()}
        return restore(self._project, before.states, label="edit.restore-day", params=facts)

    def _as_before(self, key: FeatureKey, change: int) -> ChangeSet:
        return restore(self._project, {key: state_before(self._project, key, change)})

    def _with_value(self, key: FeatureKey, change: int, field: str) -> ChangeSet:
        return restore(self._project, {key: with_field_before(self._project, key, change, field)})

    def _show_past(self, item: QTreeWidgetItem | None) -> None:
        """Show on the map where the feature was before the change that is pointed at."""
        shapes: tuple[BaseGeometry, ...] = ()
        entry: Entry | None = None if item is None else item.data(0, _ENTRY)
        if entry is not None and self._only.isChecked() and entry.feature is not None:
            try:
                before = state_before(self._project, entry.feature, entry.id)
            except EditRefused:
                before = None
            if before is not None and before.geometry is not None:
                shapes = (before.geometry,)
        self.past_shown.emit(shapes)

    # -- what is listed ------------------------------------------------------------------

    def _hear(self, _announcement: object) -> None:
        self._later.start()

    def _item(self, entry: Entry, name: str) -> QTreeWidgetItem:
        when, who = _when(entry), _who(entry)
        catalogue = self._project.catalogue
        words = describe_change(entry.label, entry.params, catalogue, feature=name)
        if entry.undoes is not None:
            words = _("Taken back: {words}").format(words=words)
        if entry.feature is not None and entry.feature != self._key:
            words = _("Before it was cut off: {words}").format(words=words)
        day = "%m-%d" if when.year == dt.date.today().year else "%Y-%m-%d"
        item = QTreeWidgetItem([when.strftime(f"{day} %H:%M"), words, who])
        item.setData(0, _ENTRY, entry)
        exactly = when.strftime("%Y-%m-%d %H:%M:%S")
        item.setToolTip(WHAT, f"{words}\n{exactly}\n{who} @ {entry.device}")
        said = ", ".join(filter(None, (words, exactly, who)))
        item.setData(WHAT, Qt.ItemDataRole.AccessibleTextRole, said)
        for row in entry.rows:
            for field, text in self._before(row):
                child = QTreeWidgetItem(["", text, ""])
                child.setData(0, _ENTRY, entry)
                child.setData(0, _FIELD, field)
                item.addChild(child)
        return item

    def _before(self, row: Row) -> list[tuple[str, str]]:
        asset = self._project.asset_type(row.layer)
        result = []
        if row.op == "update" and row.old_geom is not None:
            result.append((PLACE, _("was elsewhere")))
        for name, value in (row.old or {}).items():
            if row.op == "update" and asset.has(name):
                field = asset.field(name)
                shown = display(field, _typed(value), self._project.catalogue) or _("(empty)")
                words = _("{field}: {value}").format(field=label(field.label), value=shown)
                result.append((name, words))
        return result


def _when(entry: Entry) -> dt.datetime:
    return dt.datetime.fromisoformat(entry.at).astimezone()


def _who(entry: Entry) -> str:
    return entry.operator or (_("another program") if entry.source == "foreign" else "")


def _spans() -> list[tuple[str, object]]:
    words = _("The last {count} days")
    return [(_("Any day"), ""), *((words.format(count=count), count) for count in _LAST_DAYS)]


def _offer(box: QComboBox, first: Sequence[tuple[str, object]], names: Iterable[str]) -> None:
    different = dict.fromkeys(filter(None, names))
    refill(box, [*first, *((name, name) for name in different)])


def _typed(value: object) -> Value:
    return (
        value if isinstance(value, str | int | float | bool) or value is None else json.dumps(value)
    )
