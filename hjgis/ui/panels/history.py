"""Who did what, and what was there before."""

from __future__ import annotations

import datetime as dt
import json

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.layers.journal import Entry, Row
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import FeatureKey
from hjgis.models.validation import display
from hjgis.models.wording import describe_change
from hjgis.ui.bridge import Bridge

_SHOWN = 500
_LATER_MS = 60


class HistoryPanel(QWidget):
    """The journal, latest first; of the selected feature alone if wanted."""

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._key: FeatureKey | None = None
        self._only = QCheckBox(_("Only the selected feature"))
        self._only.toggled.connect(self.refresh)
        self._tree = QTreeWidget()
        self._tree.setHeaderLabels([_("When"), _("What"), _("Who")])
        self._tree.setRootIsDecorated(True)
        self._tree.setAlternatingRowColors(True)
        header = self._tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)
        self._empty = QLabel(_("No changes yet. Every edit will be listed here."))
        self._empty.setObjectName("muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.addWidget(self._only)
        column.addWidget(self._tree, 1)
        column.addWidget(self._empty, 1)
        # The map shows an edit first; both at once would take each other's time.
        self._later = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._later.timeout.connect(self.refresh)
        bridge.changed.connect(self._hear)
        self.refresh()

    def set_feature(self, key: FeatureKey | None) -> None:
        """Say which feature is selected."""
        self._key = key
        if self._only.isChecked():
            self.refresh()

    def refresh(self) -> None:
        """Read the journal anew."""
        self._later.stop()
        if self._project.is_closed:
            return
        only = self._key if self._only.isChecked() else None
        entries = self._project.store.history(only, limit=_SHOWN)
        if self._only.isChecked() and only is None:
            entries = []
        self._tree.clear()
        self._tree.addTopLevelItems([self._item(entry) for entry in entries])
        self._tree.setVisible(bool(entries))
        self._empty.setVisible(not entries)

    def _hear(self, _announcement: object) -> None:
        self._later.start()

    def _item(self, entry: Entry) -> QTreeWidgetItem:
        when = dt.datetime.fromisoformat(entry.at).astimezone()
        words = describe_change(entry.label, entry.params, self._project.catalogue)
        if entry.undoes is not None:
            words = _("Taken back: {words}").format(words=words)
        who = entry.operator or (_("another program") if entry.source == "foreign" else "")
        item = QTreeWidgetItem([when.strftime("%m-%d %H:%M"), words, who])
        item.setToolTip(0, when.strftime("%Y-%m-%d %H:%M:%S"))
        item.setToolTip(1, words)
        item.setToolTip(2, f"{who} @ {entry.device}")
        for row in entry.rows:
            item.addChildren([QTreeWidgetItem(["", text, ""]) for text in self._before(row)])
        return item

    def _before(self, row: Row) -> list[str]:
        asset = self._project.asset_type(row.layer)
        result = []
        if row.op == "update" and row.old_geom is not None:
            result.append(_("was elsewhere"))
        for name, value in (row.old or {}).items():
            if row.op == "update" and asset.has(name):
                field = asset.field(name)
                shown = display(field, _typed(value), self._project.catalogue)
                result.append(f"{label(field.label)}: {shown or _('(empty)')}")
        return result


def _typed(value: object) -> Value:
    return (
        value if isinstance(value, str | int | float | bool) or value is None else json.dumps(value)
    )
