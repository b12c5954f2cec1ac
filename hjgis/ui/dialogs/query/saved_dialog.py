"""The queries that the project keeps: select, show, check for, rename, delete."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import N_, _
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.issues import Severity
from hjgis.models.own_lists import LONGEST
from hjgis.models.queries import FACT, SavedQuery, delete_query, save_query
from hjgis.models.sentences import sentence
from hjgis.reports.check_report import SEVERITIES
from hjgis.ui.composing import Composing
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.lists import button_row, set_up_list
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.page_parts import MARGINS, muted
from hjgis.ui.theme import allow

_NAME, _ASKS, _CHECK = range(3)
_BROKEN: Final = QColor("#a3211b")
_USES: Final = (
    ("select", N_("Select")),
    ("map", N_("Show only these on the map")),
    ("table", N_("Show in the table")),
    ("edit", N_("Change…")),
)


class SavedDialog(QDialog):
    """Stays open beside the map; `wanted` carries what makes an edit, `used` a query and how."""

    wanted = Signal(object)
    used = Signal(str, object)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Saved queries"))
        self._project = project
        self._entries: list[SavedQuery] = []
        self.table = QTableWidget(0, 3)
        self.uses = {key: QPushButton(_(words)) for key, words in _USES}
        self.properties, self.remove = QPushButton(_("Name and check…")), QPushButton(_("Delete"))
        self._build()
        for key, button in self.uses.items():
            button.clicked.connect(partial(self._use, key))
        self.properties.clicked.connect(self._ask_properties)
        self.remove.clicked.connect(self._remove)
        self.table.itemSelectionChanged.connect(self._refresh_buttons)
        self.table.doubleClicked.connect(self._select)
        self.refresh()

    def _build(self) -> None:
        set_up_list(self.table, [_("Name"), _("What it asks"), _("Check")], widest=_ASKS)
        self.table.setWordWrap(True)
        hint = muted(
            _("New ones are saved where they are put together: Edit, Select by conditions.")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(hint)
        column.addWidget(self.table, 1)
        buttons = (*self.uses.values(), self.properties, self.remove)
        column.addLayout(button_row(self, buttons))
        self.resize(800, 380)

    def refresh(self) -> None:
        """List anew what the project keeps."""
        chosen = max(self.table.currentRow(), 0)
        self._entries = querying.saved(self._project)
        self.table.setRowCount(len(self._entries))
        for row, entry in enumerate(self._entries):
            self._show(row, entry)
        self.table.resizeRowsToContents()
        if self._entries:
            self.table.selectRow(min(chosen, len(self._entries) - 1))
        self._refresh_buttons()

    def _show(self, row: int, entry: SavedQuery) -> None:
        project, wrong = self._project, querying.why_not(self._project, entry)
        asks = wrong
        if entry.query is not None:
            said = sentence(entry.query, project.types, project.catalogue)
            asks = f"{said}\n{wrong}" if wrong else said
        check = _(SEVERITIES[entry.severity]) if entry.severity is not None else ""
        for column, text in enumerate((entry.name, asks, check)):
            item = QTableWidgetItem(text)
            item.setToolTip(entry.description or text)
            if wrong and column == _ASKS:
                item.setForeground(_BROKEN)
            self.table.setItem(row, column, item)

    @property
    def current(self) -> SavedQuery | None:
        """The query that the list stands on."""
        row = self.table.currentRow()
        return self._entries[row] if 0 <= row < len(self._entries) else None

    def _refresh_buttons(self) -> None:
        entry, reason = self.current, self._project.read_only_reason or ""
        wrong = querying.why_not(self._project, entry) if entry else ""
        nothing = "" if entry else _("Choose a row first.")
        for key, button in self.uses.items():
            opens = key == "edit" and entry is not None and entry.query is not None
            known = opens and entry.query.layer in self._project.types  # type: ignore[union-attr]
            usable = known if key == "edit" else entry is not None and not wrong
            button.setEnabled(usable)
            button.setToolTip(wrong or nothing)
        for button in (self.properties, self.remove):
            allow(button, "", reason or nothing)

    def _select(self) -> None:
        self._use("select")

    def _use(self, how: str) -> None:
        entry = self.current
        if entry is not None and self.uses[how].isEnabled():
            self.used.emit(how, entry)

    def properties_dialog(self, entry: SavedQuery) -> PropertiesDialog:
        """Return the window that asks for name and severity."""
        return PropertiesDialog(entry, self)

    def _ask_properties(self) -> None:
        entry = self.current
        if entry is None:
            return
        dialog = self.properties_dialog(entry)
        if accepted(dialog):
            changed = dialog.entry()
            self.wanted.emit(partial(save_query, self._project.info(FACT), changed))

    def _remove(self) -> None:
        entry = self.current
        if entry is not None:
            self.wanted.emit(partial(delete_query, self._project.info(FACT), entry.id))


class PropertiesDialog(QDialog):
    """Name, description, and whether to meet the query is a fault."""

    def __init__(self, entry: SavedQuery, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Query"))
        self._entry = entry
        self.name = QLineEdit(entry.name, maxLength=LONGEST)
        self.description = QLineEdit(entry.description)
        self.severity, self.message = QComboBox(), QLineEdit(entry.message)
        self.severity.addItem(_("no, just a query"), None)
        for severity in Severity:
            words = _("yes: {severity}").format(severity=_(SEVERITIES[severity]))
            self.severity.addItem(words, severity)
        self.severity.setCurrentIndex(max(self.severity.findData(entry.severity), 0))
        self.message.setPlaceholderText(_("What the finding says; the name if empty"))
        self._ok = QDialogButtonBox.StandardButton.Ok
        self._buttons = ok_cancel(self)
        form = QFormLayout()
        form.addRow(_("Name"), self.name)
        form.addRow(_("Description"), self.description)
        form.addRow(_("To meet it is a fault"), self.severity)
        form.addRow(_("Message"), self.message)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self._buttons)
        for line in (self.name, self.description, self.message):
            Composing(line)
        self.name.textChanged.connect(self._refresh)
        self.severity.currentIndexChanged.connect(self._refresh)
        self._refresh()
        self.setMinimumWidth(460)

    def _refresh(self) -> None:
        named = bool(self.name.text().strip())
        allow(self._buttons.button(self._ok), "", "" if named else _("Type a name."))
        why = _("Only where it is a fault to meet the query.")
        allow(self.message, "", "" if self.severity.currentData() is not None else why)

    def entry(self) -> SavedQuery:
        """Return the query as it is to be kept."""
        severity = self.severity.currentData()
        return replace(
            self._entry,
            name=self.name.text().strip(),
            description=self.description.text().strip(),
            severity=None if severity is None else Severity(severity),
            message=self.message.text().strip(),
        )
