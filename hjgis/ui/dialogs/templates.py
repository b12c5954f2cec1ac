"""The named sets of values that new features start with: names and what is in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.changes import Announcement, ChangeSet
from hjgis.models.own_lists import LONGEST
from hjgis.models.templates import (
    FACT,
    Template,
    read_templates,
    repeatable,
    set_templates,
    usual,
)
from hjgis.models.validation import display
from hjgis.ui.bridge import Bridge
from hjgis.ui.dialogs.lists import add_tick, button_row, fill_list, set_up_list, ticked
from hjgis.ui.dialogs.naming import NameDialog
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.page_parts import MARGINS, frame_list, muted
from hjgis.ui.theme import allow

_VALUES: Final = 2


class TemplatesDialog(QDialog):
    """Stays open beside the map; `wanted` carries what makes the edit of the whole list."""

    wanted = Signal(object)

    def __init__(self, project: Project, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Templates"))
        self._project = project
        self._entries: list[Template] = []
        self.table = QTableWidget(0, 3)
        self.rename, self.remove = QPushButton(_("Rename…")), QPushButton(_("Delete"))
        about = muted(
            _(
                "New features start with the values of the template that is chosen above the form."
                " A template is made there, from the values of a feature."
            )
        )
        set_up_list(self.table, [_("Kind"), _("Name"), _("Values")], widest=_VALUES)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(about)
        column.addWidget(self.table, 1)
        column.addLayout(button_row(self, (self.rename, self.remove)))
        self.resize(620, 340)
        self.rename.clicked.connect(self._ask_name)
        self.remove.clicked.connect(self._remove)
        self.table.doubleClicked.connect(self._ask_name)
        self.table.itemSelectionChanged.connect(self._refresh_buttons)
        bridge.changed.connect(self._heard)
        self.refresh()

    def refresh(self) -> None:
        """List anew what the project says."""
        self._entries = read_templates(self._project.info(FACT))
        fill_list(
            self.table, [(self._kind(one), one.name, self._values(one)) for one in self._entries]
        )
        self._refresh_buttons()

    def give_name(self, name: str) -> None:
        """Call the chosen template something else."""
        row = self.table.currentRow()
        renamed = replace(self._entries[row], name=name)
        if name and renamed != self._entries[row]:
            self._store([*self._entries[:row], renamed, *self._entries[row + 1 :]])

    def _heard(self, announcement: Announcement) -> None:
        if FACT in announcement.facts:
            self.refresh()

    def _kind(self, entry: Template) -> str:
        asset = self._project.types.get(entry.layer)
        return label(asset.label) if asset else entry.layer

    def _values(self, entry: Template) -> str:
        asset = self._project.types.get(entry.layer)
        lines = value_lines(self._project.catalogue, asset, entry.values) if asset else {}
        return _("; ").join(lines.values())

    def _refresh_buttons(self) -> None:
        reason = self._project.read_only_reason or ""
        there = 0 <= self.table.currentRow() < len(self._entries)
        nothing = "" if there else _("Choose a row first.")
        for button in (self.rename, self.remove):
            allow(button, "", reason or nothing)

    def _ask_name(self) -> None:
        if not self.rename.isEnabled():
            return
        now = self._entries[self.table.currentRow()].name
        self.give_name(NameDialog(_("Rename"), now, self).ask())

    def _remove(self) -> None:
        row = self.table.currentRow()
        self._store([*self._entries[:row], *self._entries[row + 1 :]])

    def _store(self, entries: Sequence[Template]) -> None:
        def make() -> ChangeSet:
            return set_templates(self._project.info(FACT), entries)

        self.wanted.emit(make)


class TemplateDialog(QDialog):
    """A new template: its name, and which of a feature's values are in it."""

    def __init__(
        self,
        project: Project,
        asset: AssetType,
        values: Mapping[str, Value],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Save as a template"))
        self._asset, self._values = asset, repeatable(asset, values)
        self.name, self.list = QLineEdit(maxLength=LONGEST), QListWidget()
        frame_list(self.list)
        proposed = usual(asset, values)
        for name, line in value_lines(project.catalogue, asset, self._values).items():
            add_tick(self.list, line, name, on=name in proposed)
        self._ok = QDialogButtonBox.StandardButton.Ok
        self._buttons = ok_cancel(self)
        form = QFormLayout()
        form.setHorizontalSpacing(12)
        form.addRow(_("Name"), self.name)
        form.addRow(_("Values"), self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addLayout(form)
        column.addWidget(self._buttons)
        self.resize(530, 560)
        self.name.textChanged.connect(self._refresh)
        self.list.itemChanged.connect(self._refresh)
        self._refresh()

    def template(self) -> Template:
        """Return what was chosen."""
        names = ticked(self.list)
        values = {name: self._values[name] for name in names}
        return Template(" ".join(self.name.text().split()), self._asset.id, values)

    def _refresh(self) -> None:
        chosen = self.template()
        why = "" if chosen.name else _("Type a name.")
        why = why or ("" if chosen.values else _("Tick at least one value."))
        allow(self._buttons.button(self._ok), "", why)


def value_lines(
    catalogue: Catalogue, asset: AssetType, values: Mapping[str, Value]
) -> dict[str, str]:
    """Return values as people read them, by field."""
    return {
        name: _("{field}: {value}").format(
            field=label(asset.field(name).label),
            value=display(asset.field(name), value, catalogue),
        )
        for name, value in values.items()
        if asset.has(name)
    }
