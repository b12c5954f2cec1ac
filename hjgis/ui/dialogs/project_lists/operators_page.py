"""Who works on the project."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hjgis.i18n import _, listed
from hjgis.layers.project import Project
from hjgis.models import assignments, numbering
from hjgis.models.assignments import assign, read_assignments
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.numbering import read_ranges, store_ranges
from hjgis.models.operators import (
    FACT,
    Operator,
    folded,
    read_operators,
    store_operators,
    with_operator,
)
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.project_lists.asking import AskingDialog
from hjgis.ui.dialogs.project_lists.searched import Row, SearchedTable, allow, button, row_of
from hjgis.ui.page_parts import muted

# So many changes are looked through for names.
_HISTORY: Final = 5000


class OperatorsPage(QWidget):
    """Names, what they do, how to reach them; `wanted` and `said` as with codes."""

    wanted = Signal(object)
    said = Signal(str)

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._people: list[Operator] = []
        headings = [
            _("Full name"),
            _("Does what"),
            _("Telephone"),
            _("Number ranges"),
            _("Changes"),
        ]
        nobody = _("Nobody is on the list yet. Add… puts somebody on it.")
        self.table = SearchedTable(headings, [140, 0, 140, 160, 80], right=[4], nothing=nobody)
        self.add = button(_("Add…"), "Ins", self)
        self.change = button(_("Change…"), "F2", self)
        self.delete = button(_("Delete"), "Del", self)
        about = muted(
            _(
                "These names are offered in the settings, for assignments and for number ranges."
                " Who has worked here already and is not on the list is shown in brown."
            )
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(about)
        column.addWidget(self.table, 1)
        column.addLayout(row_of((self.add, self.change, self.delete)))
        self.table.chosen.connect(self._refresh_buttons)
        self.table.opened.connect(self._open)
        self.add.clicked.connect(self._add)
        self.change.clicked.connect(self._change)
        self.delete.clicked.connect(self._delete)

    def refresh(self) -> None:
        """Show who is on the list now, and who else has worked here."""
        self._people = read_operators(self._project.info(FACT))
        ranges = read_ranges(self._project.info(numbering.FACT))
        done: dict[str, int] = {}
        names: dict[str, str] = {}
        for entry in self._project.history.entries(limit=_HISTORY):
            done[folded(entry.operator)] = done.get(folded(entry.operator), 0) + 1
            names.setdefault(folded(entry.operator), entry.operator)
        rows = []
        for one in self._people:
            own = listed(r.words for r in ranges if folded(r.operator) == folded(one.name))
            count = str(done.pop(folded(one.name), 0) or "")
            rows.append(Row(one.name, (one.name, one.role, one.phone, own, count)))
        rows += [
            Row(names[who], (names[who], _("not on the list"), "", "", str(count)), "odd")
            for who, count in done.items()
            if who
        ]
        self.table.show_rows(rows)

    def _at(self) -> int | None:
        names = [one.name for one in self._people]
        return names.index(self.table.key) if self.table.key in names else None

    def _refresh_buttons(self) -> None:
        reason = self._project.read_only_reason or ""
        stranger = self.table.key is not None and self._at() is None
        listed = "" if self._at() is not None else _("Choose somebody of the list first.")
        self.add.setText(_("Add to the list") if stranger else _("Add…"))
        allow(self.add, reason)
        allow(self.change, reason or listed)
        allow(self.delete, reason or listed)

    def _open(self) -> None:
        (self.add if self._at() is None else self.change).click()

    def _add(self) -> None:
        stranger = self.table.key if self._at() is None else None
        self._ask(None, Operator(stranger or ""))

    def _change(self) -> None:
        at = self._at()
        if at is not None:
            self._ask(at, self._people[at])

    def _ask(self, at: int | None, entry: Operator) -> None:
        dialog = OperatorDialog(self._project, at, entry, self)
        if accepted(dialog):
            self.wanted.emit(dialog.make)

    def _delete(self) -> None:
        at, project = self._at(), self._project
        if at is None:
            return
        name = self._people[at].name
        owned = [one.operator for one in read_ranges(project.info(numbering.FACT))]
        owned += [one.operator for one in read_assignments(project.info(assignments.FACT))]
        if folded(name) in map(folded, owned):
            words = _("{name} has number ranges or assignments; take those away first.")
            self.said.emit(words.format(name=name))
            return

        def make() -> ChangeSet:
            people = read_operators(project.info(FACT))
            rest = [one for one in people if one.name != name]
            return store_operators(project.info(FACT), rest)

        self.wanted.emit(make)


class OperatorDialog(AskingDialog):
    """Asks for one operator."""

    def __init__(
        self, project: Project, at: int | None, entry: Operator, parent: QWidget | None = None
    ) -> None:
        super().__init__(_("Operator"), self.make, parent)
        self._project, self._at, self._entry = project, at, entry
        self.name, self.role = NameLine(entry.name), NameLine(entry.role)
        self.phone = NameLine(entry.phone)
        self.form.addRow(_("Full name"), self.name)
        self.form.addRow(_("Does what"), self.role)
        self.form.addRow(_("Telephone"), self.phone)

    def make(self) -> ChangeSet:
        """Return the edit that stores what is entered."""
        made = Operator(self.name.text(), self.role.text(), self.phone.text())
        stored = self._project.info(FACT)
        people = with_operator(read_operators(stored), made, at=self._at)
        change = store_operators(stored, people)
        if self._at is None or people[self._at].name == self._entry.name:
            return change
        return replace(change, facts=(*change.facts, *self._taken_along(people[self._at].name)))

    def _taken_along(self, name: str) -> list[FactChange]:
        """Return how number ranges and assignments follow another name."""
        project, old = self._project, folded(self._entry.name)
        ranges = [
            replace(one, operator=name) if folded(one.operator) == old else one
            for one in read_ranges(project.info(numbering.FACT))
        ]
        assigned = [
            replace(one, operator=name) if folded(one.operator) == old else one
            for one in read_assignments(project.info(assignments.FACT))
        ]
        return [
            *store_ranges(project.info(numbering.FACT), ranges).facts,
            *assign(project.info(assignments.FACT), assigned).facts,
        ]
