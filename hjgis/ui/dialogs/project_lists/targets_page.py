"""What a project expects of the notice's countable targets."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from hjgis.checks.rules.register import CONFIDENCE
from hjgis.errors import EditRefused
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet
from hjgis.models.targets import FACT, Target, expect, project_register
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.project_lists.asking import AskingDialog
from hjgis.ui.dialogs.project_lists.searched import Row, SearchedTable, allow, button, row_of
from hjgis.ui.page_parts import muted


class TargetsPage(QWidget):
    """Expected numbers, those of the notice beside those of the project."""

    wanted = Signal(object)
    said = Signal(str)

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        headings = [
            _("Task"),
            _("Target"),
            _("Expected"),
            _("Unit"),
            _("In the notice"),
            _("State"),
        ]
        self.table = SearchedTable(headings, [56, 0, 90, 70, 100, 90], right=[0, 2, 4])
        self.change = button(_("Change…"), "F2", self)
        self.back = button(_("As in the notice"), "Del", self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.addWidget(self.table, 1)
        column.addLayout(row_of((self.change, self.back)))
        self.table.chosen.connect(self._refresh_buttons)
        self.table.opened.connect(self.change.click)
        self.change.clicked.connect(self._change)
        self.back.clicked.connect(self._put_back)

    def refresh(self) -> None:
        """Show what is expected now."""
        self.table.show_rows([_row(one) for one in self._register() if one.op != "info"])

    def _register(self) -> tuple[Target, ...]:
        return project_register(self._project.info(FACT)).targets

    def _target(self) -> Target | None:
        return next((one for one in self._register() if one.id == self.table.key), None)

    def _refresh_buttons(self) -> None:
        reason, target = self._project.read_only_reason or "", self._target()
        nothing = "" if target else _("Choose a row first.")
        same = target is not None and target.shipped is None
        allow(self.change, reason or nothing)
        allow(self.back, reason or nothing or (_("It is as in the notice.") if same else ""))

    def _change(self) -> None:
        target = self._target()
        if target is not None:
            dialog = TargetDialog(self._project, target, self)
            if accepted(dialog):
                self.wanted.emit(dialog.make)

    def _put_back(self) -> None:
        key, project = self.table.key, self._project
        if key is not None:
            self.wanted.emit(lambda: expect(project.info(FACT), key, None))


class TargetDialog(AskingDialog):
    """Asks for what is expected of one target."""

    def __init__(self, project: Project, target: Target, parent: QWidget | None = None) -> None:
        super().__init__(_("Target"), self.make, parent)
        self._project, self._target = project, target
        self.expected = NameLine(f"{target.expected:.12g}")
        self.why = NameLine(target.why)
        self.why.setPlaceholderText(_("Paper or decision that changed the number"))
        title = QLabel(label(target.title))
        title.setWordWrap(True)
        basis = muted(f"{target.basis} [{_(CONFIDENCE[target.confidence])}]")
        self.form.addRow(_("Target"), title)
        self.form.addRow(_("Basis"), basis)
        shipped = target.expected if target.shipped is None else target.shipped
        unit = _unit(target)
        self.form.addRow(_("In the notice"), QLabel(f"{_number(shipped)} {unit}".strip()))
        words = _("Expected ({unit})").format(unit=unit) if unit else _("Expected")
        self.form.addRow(words, self.expected)
        self.form.addRow(_("Reason"), self.why)

    def make(self) -> ChangeSet:
        """Return the edit that stores what is entered."""
        text = self.expected.text().strip()
        try:
            value = float(text.replace(",", "."))
        except ValueError:
            raise EditRefused(_("{value} is not a number").format(value=text or "–")) from None
        why = self.why.text()
        return expect(self._project.info(FACT), self._target.id, value, why=why)


def _row(target: Target) -> Row:
    own = target.shipped is not None
    shipped = target.shipped if own else target.expected
    texts = (
        str(target.task),
        label(target.title),
        _number(target.expected),
        _unit(target),
        _number(shipped),
        _("changed") if own else "",
    )
    return Row(target.id, texts, "odd" if own else "")


def _unit(target: Target) -> str:
    return label(target.unit) if target.unit else ""


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.12g}"
