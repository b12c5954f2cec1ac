"""The records of what is selected, latest first; a part of the attribute form."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPen, QPixmap, QPolygonF, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, grouped, ngettext_
from hjgis.layers.project import Project
from hjgis.models import attachments
from hjgis.models.assets import RECORD_OF
from hjgis.models.changes import Announcement, Feature, FeatureKey
from hjgis.models.records import LAYER, in_order, inspected_kinds, is_open
from hjgis.models.validation import display
from hjgis.ui import theme
from hjgis.ui.bridge import Bridge
from hjgis.ui.page_parts import muted

_ROLE: Final = Qt.ItemDataRole.UserRole
_MARK_PX: Final = 14
_LIST_PX: Final = 150
_ROW_GAP_PX: Final = 6
_LATE: Final = "#b3261e"
_SHAPES: Final = {
    "square": ((2, 2), (12, 2), (12, 12), (2, 12)),
    "triangle": ((7, 1.5), (13, 12.5), (1, 12.5)),
    "diamond": ((7, 0.5), (13.5, 7), (7, 13.5), (0.5, 7)),
}


class RecordsPart(QWidget):
    """Lists records and asks for new, changed and deleted ones; others make the edits."""

    add_wanted = Signal()
    fine_wanted = Signal()
    change_wanted = Signal(object)
    delete_wanted = Signal(object)
    photo_wanted = Signal(object, str)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._layer: str | None = None
        self._fids: NDArray[np.int64] = np.empty(0, np.int64)
        self._possible = False
        self.add = _button("record-add", _("Record…"))
        self.fine = _button("record-fine", _("Nothing found"))
        self.fine.setToolTip(_("Record that it was inspected today and nothing was found"))
        self.photo = _button("photo-add", _("Add photos of the chosen record"))
        # Three with words are wider than the form on a small screen.
        self.photo.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.said = muted()
        self.list = _List()
        self.list.setSpacing(2)
        self.list.setIconSize(QSize(_MARK_PX, _MARK_PX))
        self._build()
        self.add.clicked.connect(self.add_wanted)
        self.fine.clicked.connect(self.fine_wanted)
        self.photo.clicked.connect(self._ask_photo)
        self.list.itemSelectionChanged.connect(self._offer)
        self.list.itemActivated.connect(self._change)
        self.list.delete_pressed.connect(self._delete)
        bridge.changed.connect(self._heard)

    def _build(self) -> None:
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.add)
        row.addWidget(self.fine)
        row.addWidget(self.photo)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 4, 8)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.said)
        column.addWidget(self.list)

    def show_features(self, layer: str | None, fids: NDArray[np.int64]) -> None:
        """Show the records of one asset; of several only how many are chosen."""
        self._layer, self._fids = layer, fids
        self._possible = layer is not None and self.belongs_to(layer)
        reason = self._project.read_only_reason or ""
        for button in (self.add, self.fine):
            button.setEnabled(self._possible and len(fids) > 0 and not reason)
        self._refresh()

    def belongs_to(self, layer: str) -> bool:
        """Whether features of a layer are inspected."""
        kind = self._project.types.get(layer)
        return kind is not None and kind in inspected_kinds({layer: kind})

    def showEvent(self, event: QShowEvent) -> None:
        """Read anew what may have changed behind another tab."""
        super().showEvent(event)
        self._refresh()

    def chosen(self) -> list[FeatureKey]:
        """Return the records that are chosen in the list."""
        return [item.data(_ROLE) for item in self.list.selectedItems()]

    def _offer(self) -> None:
        """Let photos be added where one record is chosen."""
        free = not self._project.read_only
        self.photo.setEnabled(free and len(self.list.selectedItems()) == 1)

    def _ask_photo(self) -> None:
        (record,) = self._project.get_many(self.chosen())
        layer, uuid = (str(record.values[name]) for name in RECORD_OF)
        self.photo_wanted.emit(FeatureKey(layer, uuid), record.key.uuid)

    def _refresh(self) -> None:
        self.list.clear()
        self._offer()
        one = self._possible and len(self._fids) == 1
        self.list.hide()
        if not one or self._layer is None:
            words = ngettext_("{count} selected", "{count} selected", len(self._fids))
            self.said.setText(words.format(count=grouped(len(self._fids))))
            return
        table = self._project.table(self._layer, (), fids=self._fids.tolist(), geometry=False)
        found = self._project.records_of(table.uuids.tolist())
        records = in_order(record for record in found if record.key.layer == LAYER)
        photos = Counter(one.values.get("record_uuid") for one in found)
        for record in reversed(records):
            self.list.addItem(self._item(record, photos[record.key.uuid]))
        self.list.setVisible(bool(records))
        rows = range(self.list.count())
        needed = sum(self.list.sizeHintForRow(row) + _ROW_GAP_PX for row in rows)
        self.list.setFixedHeight(min(needed + _ROW_GAP_PX, _LIST_PX))
        words = ngettext_("{count} record", "{count} records", len(records))
        none = _("No record yet.")
        self.said.setText(words.format(count=len(records)) if records else none)

    def _item(self, record: Feature, photos: int) -> QListWidgetItem:
        values, known = record.values, self._project.catalogue
        shown = {
            field.name: display(field, values.get(field.name), known)
            for field in self._project.asset_type(LAYER).fields
        }
        first = "  ".join(shown[name] for name in ("date", "kind", "finding") if shown[name])
        second = [shown[name] for name in ("person", "measure") if shown[name]]
        if shown["cost_yuan"]:
            unit = self._project.asset_type(LAYER).field("cost_yuan").unit or ""
            second.append(f"{shown['cost_yuan']} {unit}")
        if photos:
            words = ngettext_("{count} photo", "{count} photos", photos)
            second.append(words.format(count=photos))
        late = ""
        if is_open(values):
            late = _("to be put right by {date}").format(date=shown["due_date"])
            second.insert(0, late)
        item = QListWidgetItem("\n".join(part for part in (first, " · ".join(second)) if part))
        kind = known.codes("record_kind").get(values.get("kind"))
        extra = kind.extra if kind else {}
        item.setIcon(_mark(str(extra.get("shape", "circle")), str(extra.get("color", "#5f6368"))))
        if late and str(values["due_date"]) < dt.date.today().isoformat():
            item.setForeground(QColor(_LATE))
        item.setToolTip(shown["remarks"] or first)
        item.setData(_ROLE, record.key)
        return item

    def _change(self, item: QListWidgetItem) -> None:
        self.change_wanted.emit(item.data(_ROLE))

    def _delete(self) -> None:
        if keys := self.chosen():
            self.delete_wanted.emit(keys)

    def _heard(self, announcement: Announcement) -> None:
        if announcement.layers.keys() & {LAYER, attachments.LAYER} and self.isVisible():
            self._refresh()


def _button(icon: str, words: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(theme.icon(icon))
    button.setText(words)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setAutoRaise(True)
    return button


class _List(QListWidget):
    """A list whose Delete key says so."""

    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentItem():
            self.itemActivated.emit(self.currentItem())
        else:
            super().keyPressEvent(event)


def _mark(shape: str, color: str) -> QIcon:
    """Return the mark of a kind of record, told apart by shape and colour."""
    picture = QPixmap(_MARK_PX, _MARK_PX)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    if shape in _SHAPES:
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in _SHAPES[shape]]))
    elif shape == "cross":
        painter.setPen(QPen(QColor(color), 3.5))
        painter.drawLine(2, 7, 12, 7)
        painter.drawLine(7, 2, 7, 12)
    else:
        painter.drawEllipse(QPointF(7, 7), 5.5, 5.5)
    painter.end()
    return QIcon(picture)
