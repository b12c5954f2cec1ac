"""Step 3: which kinds go out, and which of their fields."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QTreeWidget, QTreeWidgetItem

from hjgis.i18n import _, grouped, label
from hjgis.layers.project import Project
from hjgis.models import secrecy
from hjgis.models.assets import AssetType
from hjgis.models.delivery_rules import delivery_rules
from hjgis.ui.deliveries.wishes import Wishes, WishPage
from hjgis.ui.page_parts import RIGHT, ROLE, align_right, column_of, muted, set_widths

_On, _Off = Qt.CheckState.Checked, Qt.CheckState.Unchecked
_NAME, _COUNT, _SECRECY, _REMARK = range(4)
_WIDTHS: Final = (300, 90, 90)
_ROW_PX: Final = 26


class KindsPage(WishPage):
    """A tree of kinds and fields with ticks; what never goes out is grey and says why."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self.contractor = QComboBox()
        self.contractor.addItem(_("choose yourself"), None)
        for entry in delivery_rules().contractors:
            self.contractor.addItem(label(entry.label), entry)
        self.tree = QTreeWidget()
        self.tree.setObjectName("framed")
        self.tree.setUniformRowHeights(True)
        self.tree.setHeaderLabels(
            [_("Kind and field"), _("All in the project"), _("Secrecy"), _("Remarks")]
        )
        align_right(self.tree, _COUNT)
        set_widths(self.tree.header(), _WIDTHS)
        self._kinds: dict[str, QTreeWidgetItem] = {}
        self._fill()
        row = QHBoxLayout()
        row.addWidget(QLabel(_("Usual for")))
        row.addWidget(self.contractor)
        row.addStretch(1)
        column = column_of(self)
        column.addLayout(row)
        column.addWidget(self.tree, 1)
        column.addWidget(
            muted(_("The identity of each feature always goes out: by it a return finds back."))
        )
        self.tree.itemChanged.connect(self._ticked)
        self.contractor.currentIndexChanged.connect(self._contractor_chosen)

    def _fill(self) -> None:
        for info in reversed(self._project.layers):
            asset = self._project.asset_type(info.id)
            level = _level(self._project, asset)
            item = QTreeWidgetItem([label(info.title), grouped(info.count), level, ""])
            item.setTextAlignment(_COUNT, RIGHT)
            item.setData(_NAME, ROLE, asset.id)
            item.setSizeHint(_NAME, QSize(0, _ROW_PX))
            self._add_fields(item, asset)
            self.tree.addTopLevelItem(item)
            ticked = info.kind == "asset" and info.count > 0
            _set(item, _On if ticked else _Off)
            if not info.count:
                item.setDisabled(True)
                item.setText(_REMARK, _("holds nothing"))
            self._kinds[asset.id] = item

    def _add_fields(self, item: QTreeWidgetItem, asset: AssetType) -> None:
        rules = delivery_rules()
        for field in asset.fields:
            child = QTreeWidgetItem([label(field.label), "", "", ""])
            child.setSizeHint(_NAME, QSize(0, _ROW_PX))
            child.setData(_NAME, ROLE, field.name)
            reason = rules.never(field)
            if reason is None:
                child.setText(_REMARK, field.unit or "")
                child.setCheckState(_NAME, _On)
            else:
                words = _("never goes out: {reason}")
                child.setText(_REMARK, words.format(reason=label(reason.label)))
                child.setDisabled(True)
            item.addChild(child)

    # -- ticks ---------------------------------------------------------------------------

    def _ticked(self, item: QTreeWidgetItem, column: int) -> None:
        if column != _NAME:
            return
        with QSignalBlocker(self.tree):
            parent = item.parent()
            if parent is None:
                _set(item, item.checkState(_NAME))
            else:
                _follow(parent)
        with QSignalBlocker(self.contractor):
            self.contractor.setCurrentIndex(0)
        self.changed.emit()

    def _contractor_chosen(self) -> None:
        chosen = self.contractor.currentData()
        if chosen is None:
            return
        with QSignalBlocker(self.tree):
            for layer, item in self._kinds.items():
                wanted = layer in chosen.kinds and not item.isDisabled()
                fields = chosen.fields(self._project.asset_type(layer)) if wanted else ()
                for child in _fields(item):
                    name = child.data(_NAME, ROLE)
                    child.setCheckState(_NAME, _On if name in fields else _Off)
                _follow(item) if fields else _set(item, _Off)
        self.tree.viewport().update()
        self.changed.emit()

    def tick(self, layer: str, *, on: bool, field: str = "") -> None:
        """Tick a kind, or one of its fields."""
        item = self._kinds[layer]
        fields = [one for one in _fields(item) if one.data(_NAME, ROLE) == field]
        for one in fields or [item]:
            one.setCheckState(_NAME, _On if on else _Off)

    @property
    def layers(self) -> tuple[str, ...]:
        """The kinds of which something is ticked."""
        return tuple(k for k, item in self._kinds.items() if item.checkState(_NAME) != _Off)

    # -- the page ------------------------------------------------------------------------

    def show_wishes(self, wishes: Wishes) -> None:
        """Keep the ticks as they are; but a selection or a query is of one kind."""
        rows, query = wishes.where.rows, wishes.where.query
        only = set(rows) if rows is not None else {query.layer} if query else None
        if only is None or only == set(self.layers):
            return
        with QSignalBlocker(self.tree):
            for layer, item in self._kinds.items():
                _set(item, _On if layer in only else _Off)

    @property
    def missing(self) -> str:
        return "" if self.layers else _("Choose at least one layer.")

    def wished(self, wishes: Wishes) -> Wishes:
        fields = {}
        for layer in self.layers:
            children = _fields(self._kinds[layer])
            ticked = tuple(str(c.data(_NAME, ROLE)) for c in children if c.checkState(_NAME) == _On)
            if len(ticked) < len(children):
                fields[layer] = ticked
        trade = self.contractor.currentData()
        contractor = trade.id if trade is not None else ""
        order = replace(wishes.order, layers=self.layers, fields=fields, contractor=contractor)
        return replace(wishes, order=order)


def _level(project: Project, asset: AssetType) -> str:
    entry = project.catalogue.codes(secrecy.LIST).get(secrecy.level_of(asset.secrecy))
    return label(entry.label) if entry else ""


def _fields(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    """Return the fields of a kind that may go out."""
    children = [item.child(row) for row in range(item.childCount())]
    return [child for child in children if child is not None and not child.isDisabled()]


def _set(item: QTreeWidgetItem, state: Qt.CheckState) -> None:
    """Tick an item and what is below it."""
    for child in _fields(item):
        child.setCheckState(_NAME, state)
    item.setCheckState(_NAME, state)


def _follow(item: QTreeWidgetItem) -> None:
    """Tick a kind as its fields are; by hand, as fields that never go out have no tick."""
    states = {child.checkState(_NAME) for child in _fields(item)}
    some = Qt.CheckState.PartiallyChecked
    item.setCheckState(_NAME, states.pop() if len(states) == 1 else some)
