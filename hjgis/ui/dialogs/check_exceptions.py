"""What was accepted as it is: who said so, why, and whether the fault is still there."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QLabel, QVBoxLayout, QWidget

from hjgis.checks.rules.register import all_rules
from hjgis.i18n import _, ngettext_
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement, ChangeSet, FeatureKey
from hjgis.models.exceptions import FACT, CheckException, read_exceptions, withdraw
from hjgis.models.wording import layer_label
from hjgis.ui.checking import Checking
from hjgis.ui.dialogs.lists import button_row
from hjgis.ui.dialogs.project_lists.searched import Row, SearchedTable, allow, button
from hjgis.ui.page_parts import MARGINS


class CheckExceptionsDialog(QDialog):
    """Stays open beside the map; `wanted` carries what makes an edit, `shown` a feature."""

    wanted = Signal(object)
    shown = Signal(object)

    def __init__(self, project: Project, checking: Checking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project, self._checking = project, checking
        self.setWindowTitle(_("Exceptions of the check"))
        headings = [
            *(_("Rule"), _("Layer"), _("Finding"), _("Reason")),
            *(_("Who"), _("Day"), _("State")),
        ]
        self.table = SearchedTable(headings, [170, 80, 0, 220, 70, 90, 110])
        self.table.table.setSelectionMode(self.table.table.SelectionMode.ExtendedSelection)
        self.said = QLabel()
        self.said.setObjectName("muted")
        self.show_feature = button(_("Show on the map"), "F2", self)
        self.withdraw = button(_("Withdraw"), "Del", self)
        self.withdraw_gone = button(_("Withdraw those whose fault is gone"), "", self)
        buttons = (self.show_feature, self.withdraw, self.withdraw_gone)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(self.table, 1)
        column.addLayout(button_row(self, buttons, self.said))
        self.resize(1080, 520)
        self.table.chosen.connect(self._refresh_buttons)
        self.table.opened.connect(self.show_feature.click)
        self.show_feature.clicked.connect(self._show_feature)
        self.withdraw.clicked.connect(self._withdraw)
        self.withdraw_gone.clicked.connect(self._withdraw_gone)
        checking.changed.connect(self._refresh_seen)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what is accepted by now."""
        super().showEvent(event)
        self.refresh()

    def follow(self, announcement: Announcement) -> None:
        """Show anew what a change has touched."""
        if FACT in announcement.facts:
            self._refresh_seen()

    def _refresh_seen(self) -> None:
        # There may be thousands, and every edit is followed by another report.
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show what is accepted now."""
        entries = self._entries()
        self.table.show_rows([self._row(entry) for entry in entries])
        words = ngettext_("{count} exception", "{count} exceptions", len(entries))
        self.said.setText(words.format(count=len(entries)))
        self._refresh_buttons()

    def _entries(self) -> list[CheckException]:
        return read_exceptions(self._project.info(FACT))

    def _row(self, entry: CheckException) -> Row:
        rule = all_rules().get(entry.rule)
        report = self._checking.report
        known = {one.entry.id: one for one in report.exceptions} if report else {}
        one = known.get(entry.id)
        gone = one is not None and one.issue is None
        state = _("not checked") if one is None else _("still there")
        texts = (
            rule.title if rule else entry.rule,
            layer_label(entry.layer, self._project.catalogue),
            one.issue.message if one and one.issue else "–",
            entry.reason,
            entry.operator or "–",
            entry.date,
            _("fault is gone") if gone else state,
        )
        return Row(entry.id, texts, "muted" if gone else "")

    def _chosen(self) -> list[str]:
        rows = self.table.table.selectionModel().selectedRows()
        return [str(index.data(Qt.ItemDataRole.UserRole)) for index in rows]

    def _gone(self) -> list[str]:
        report = self._checking.report
        entries = report.exceptions if report else ()
        return [one.entry.id for one in entries if one.issue is None]

    def _refresh_buttons(self) -> None:
        reason = self._project.read_only_reason or ""
        nothing = "" if self._chosen() else _("Choose a row first.")
        allow(self.show_feature, nothing)
        allow(self.withdraw, reason or nothing)
        allow(self.withdraw_gone, reason or ("" if self._gone() else _("There are none.")))

    def _show_feature(self) -> None:
        chosen = self._chosen()
        entry = next((one for one in self._entries() if one.id in chosen), None)
        if entry is not None and entry.uuid is not None:
            self.shown.emit(FeatureKey(entry.layer, entry.uuid))

    def _withdraw(self) -> None:
        self._want(self._chosen())

    def _withdraw_gone(self) -> None:
        self._want(self._gone())

    def _want(self, ids: list[str]) -> None:
        if ids:
            self.wanted.emit(partial(_without, self._project, ids))


def _without(project: Project, ids: list[str]) -> ChangeSet:
    return withdraw(project.info(FACT), ids)
