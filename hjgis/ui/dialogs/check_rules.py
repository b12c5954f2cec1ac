"""The rules of the check as the project has them: which run, how bad, with what limits."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from hjgis.checks.rules.register import CONFIDENCE, Rule, all_rules, limit_faults, project_rules
from hjgis.checks.wording import (
    limit_label,
    limit_text,
    limit_typed,
    limit_unit,
    limits_words,
)
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _, ngettext_
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement, ChangeSet
from hjgis.models.issues import Severity
from hjgis.models.rule_settings import FACT, RuleSetting, read_settings, store_settings
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.lists import button_row
from hjgis.ui.dialogs.project_lists.asking import AskingDialog
from hjgis.ui.dialogs.project_lists.searched import Row, SearchedTable, allow, button
from hjgis.ui.page_parts import MARGINS, error_text

SEVERITIES: Final[Mapping[Severity, str]] = {
    Severity.ERROR: N_("Error"),
    Severity.WARNING: N_("Warning"),
    Severity.INFO: N_("Information"),
}
# Numbers of this confidence have to be compared with the printed standard.
_FROM_MEMORY: Final = ("M-M", "M-L")


class CheckRulesDialog(QDialog):
    """Stays open beside the map; `wanted` carries what makes an edit."""

    wanted = Signal(object)

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self.setWindowTitle(_("Rules and limits of the check"))
        headings = [_("Rule"), _("Severity"), _("Runs"), _("Limits"), _("Basis"), _("State")]
        self.table = SearchedTable(headings, [240, 84, 50, 0, 330, 80])
        self.faults = error_text()
        self.faults.setTextFormat(Qt.TextFormat.PlainText)
        self.count = QLabel()
        self.count.setObjectName("muted")
        self.change = button(_("Change…"), "F2", self)
        self.toggle = button(_("Switch on or off"), "Ctrl+Space", self)
        self.back = button(_("As shipped"), "Del", self)
        self._lay_out()
        self.table.chosen.connect(self._refresh_buttons)
        self.table.opened.connect(self.change.click)
        self.change.clicked.connect(self._change)
        self.toggle.clicked.connect(self._toggle)
        self.back.clicked.connect(self._put_back)
        self.refresh()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(self.faults)
        column.addWidget(self.table, 1)
        column.addLayout(button_row(self, (self.change, self.toggle, self.back), self.count))
        self.resize(1080, 600)

    def follow(self, announcement: Announcement) -> None:
        """Show anew what a change has touched."""
        if FACT in announcement.facts:
            self.refresh()

    def refresh(self) -> None:
        """Show the rules as they are now."""
        changed, failed = project_rules(self._project.info(FACT))
        self.faults.setText("\n".join(failed.values()))
        self.faults.setVisible(bool(failed))
        rules = [changed.get(name, rule) for name, rule in all_rules().items()]
        own = self._settings()
        self.table.show_rows([_row(rule, bool(own.get(rule.id)), failed) for rule in rules])
        words = ngettext_(
            "{count} of {all} rules is not as shipped",
            "{count} of {all} rules are not as shipped",
            len(changed),
        )
        self.count.setText(words.format(count=len(changed), all=len(rules)))
        self._refresh_buttons()

    @property
    def rule(self) -> Rule | None:
        """The chosen rule, as the project has it."""
        key = self.table.key
        shipped = all_rules().get(key or "")
        if shipped is None:
            return None
        return project_rules(self._project.info(FACT))[0].get(shipped.id, shipped)

    def _settings(self) -> dict[str, RuleSetting]:
        return read_settings(self._project.info(FACT))

    def _refresh_buttons(self) -> None:
        rule, reason = self.rule, self._project.read_only_reason or ""
        reason = reason or ("" if rule else _("Choose a row first."))
        same = rule is not None and not self._settings().get(rule.id)
        allow(self.change, reason)
        allow(self.toggle, reason)
        allow(self.back, reason or (_("It is as shipped.") if same else ""))

    def _change(self) -> None:
        rule = self.rule
        if rule is not None:
            dialog = RuleDialog(self._project, rule, self)
            if accepted(dialog):
                self.wanted.emit(dialog.make)

    def _toggle(self) -> None:
        rule = self.rule
        if rule is not None:
            known = self._settings().get(rule.id, RuleSetting())
            wanted = setting_of(rule.id, not rule.enabled, rule.severity, known.limits)
            self.wanted.emit(partial(changed_rule, self._project, rule.id, wanted))

    def _put_back(self) -> None:
        if self.table.key is not None:
            self.wanted.emit(partial(changed_rule, self._project, self.table.key, RuleSetting()))


class RuleDialog(AskingDialog):
    """Asks how a project wants one rule."""

    def __init__(self, project: Project, rule: Rule, parent: QWidget | None = None) -> None:
        super().__init__(_("Rule of the check"), self.make, parent)
        self._project, self._rule = project, rule
        self.enabled = QCheckBox(_("The rule runs"))
        self.enabled.setChecked(rule.enabled)
        self.severity = QComboBox()
        for severity, words in SEVERITIES.items():
            self.severity.addItem(_(words), severity)
        self.severity.setCurrentIndex([*SEVERITIES].index(rule.severity))
        limits = {
            **rule.limits,
            **read_settings(project.info(FACT)).get(rule.id, RuleSetting()).limits,
        }
        self.limits = {name: NameLine(limit_text(limits[name])) for name in rule.limits}
        self._lay_out()

    def _lay_out(self) -> None:
        rule = self._rule
        self.form.addRow(_("Rule"), _words(f"{rule.title}  ({rule.id})"))
        self.form.addRow(_("What it finds"), _words(rule.explanation))
        self.form.addRow(_("Basis"), _words(_basis(rule), muted=True))
        self.form.addRow("", self.enabled)
        self.form.addRow(_("Severity"), self.severity)
        shipped = all_rules()[rule.id].limits
        for name, line in self.limits.items():
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(line, 1)
            row.addWidget(QLabel(limit_unit(name)))
            row.addWidget(_shipped(limit_text(shipped[name])))
            self.form.addRow(limit_label(name), row)
        self.setMinimumWidth(680)

    def make(self) -> ChangeSet:
        """Return the edit that stores what is entered."""
        shipped = all_rules()[self._rule.id].limits
        limits: dict[str, Any] = {}
        for name, line in self.limits.items():
            if line.text().strip() == limit_text(shipped[name]):
                continue
            try:
                limits[name] = limit_typed(line.text(), shipped[name])
            except (ValueError, TypeError):
                said = _("{limit}: {value} cannot be read; as shipped it is {shipped}.")
                raise EditRefused(
                    said.format(
                        limit=limit_label(name),
                        value=line.text().strip() or "–",
                        shipped=limit_text(shipped[name]),
                    )
                ) from None
        faults = limit_faults({**shipped, **limits}, shipped)
        if faults:
            raise EditRefused(faults[0].words(self._rule.title, _("project")))
        severity = Severity(self.severity.currentData())
        wanted = setting_of(self._rule.id, self.enabled.isChecked(), severity, limits)
        return changed_rule(self._project, self._rule.id, wanted)


def setting_of(
    rule_id: str, enabled: bool, severity: Severity, limits: Mapping[str, Any]
) -> RuleSetting:
    """Return what is to be kept of how a rule is wanted: what is not as shipped."""
    shipped = all_rules()[rule_id]
    return RuleSetting(
        enabled if enabled != shipped.enabled else None,
        severity if severity is not shipped.severity else None,
        {name: value for name, value in limits.items() if value != shipped.limits.get(name)},
    )


def changed_rule(project: Project, rule_id: str, wanted: RuleSetting) -> ChangeSet:
    """Return the edit after which a project has one rule as wanted."""
    stored = project.info(FACT)
    return store_settings(stored, {**read_settings(stored), rule_id: wanted})


def _row(rule: Rule, own: bool, failed: Mapping[str, str]) -> Row:
    state = _("changed") if own else ""
    texts = (
        rule.title,
        _(SEVERITIES[rule.severity]),
        _("yes") if rule.enabled else _("no"),
        limits_words(rule.limits),
        _basis(rule),
        _("cannot run") if rule.id in failed else state,
    )
    tone = "odd" if own or rule.id in failed else "" if rule.enabled else "muted"
    return Row(rule.id, texts, tone)


def _basis(rule: Rule) -> str:
    """Return where a rule comes from; first of all, that it is to be checked."""
    mark = _("for reference · ") if rule.confidence in _FROM_MEMORY else ""
    return f"{mark}{rule.basis} [{_(CONFIDENCE[rule.confidence])}]"


def _words(text: str, *, muted: bool = False) -> QLabel:
    made = QLabel(text)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if muted:
        made.setObjectName("muted")
    return made


def _shipped(text: str) -> QLabel:
    made = QLabel(
        _("as shipped {value}").format(value=text if len(text) <= 24 else f"{text[:22]}…")
    )
    made.setObjectName("muted")
    made.setToolTip(text)
    return made
