"""What a finding means: explanation, basis, values concerned, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QTextBrowser, QVBoxLayout, QWidget

from hjgis.checks.issue_list import Batch
from hjgis.checks.rules.register import CONFIDENCE, Rule
from hjgis.checks.wording import message
from hjgis.i18n import _, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.unknown import unknown_names
from hjgis.models.validation import display
from hjgis.ui.flowing import Flowing

_UNSURE: Final = frozenset({"M-M", "M-L"})
_VALUES_AT_MOST: Final = 8
# So wide are the words of a button, that three stand in a row.
_BUTTON_PX: Final = 120
_MUTED: Final = "#5b6670"


class FindingDetails(QWidget):
    """Shows one finding or one rule; the signals are its buttons.

    `hand_wanted` asks for the form at the field that is at fault.
    """

    fix_wanted = Signal()
    hand_wanted = Signal()
    except_wanted = Signal()

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self.words = QTextBrowser()
        self.words.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.fix = QPushButton(_("Fix…"))
        self.by_hand = QPushButton()
        self.accept = QPushButton(_("Exception…"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.words, 1)
        column.addWidget(Flowing((self.fix, self.by_hand, self.accept)))
        self.fix.clicked.connect(self.fix_wanted)
        self.by_hand.clicked.connect(self.hand_wanted)
        self.accept.clicked.connect(self.except_wanted)

    def show_nothing(self) -> None:
        """Show what the panel is for."""
        hint = _("Choose a finding: what it means, what it is based on and what can be done.")
        self.words.setHtml(f"<p style='color:{_MUTED}'>{escape(hint)}</p>")

    def show_rule(self, rule: Rule) -> None:
        """Show what a rule looks for."""
        self.words.setHtml(_title(rule) + _about(rule))

    def show_finding(self, batch: Batch, row: int) -> None:
        """Show one finding: the row of a batch."""
        rule, findings = batch.rule, batch.findings
        facts = findings.facts_of(row)
        said = message(rule, findings.layer, facts, self._project.catalogue)
        values = self._values(batch, row)
        self.words.setHtml(f"{_title(rule)}<p><b>{escape(said)}</b></p>{values}{_about(rule)}")

    def show_buttons(self, *, fixes: bool, count: int, why_not: str = "") -> None:
        """Let the buttons be pressed where there is something to do; else they say why not.

        `why_not` says why a fix that there is can do nothing here.
        """
        why = self._project.read_only_reason or ("" if count else _("Choose a row first."))
        nothing = _("The program knows no fix for this; it has to be put right by hand.")
        self.accept.setEnabled(not why)
        self.accept.setToolTip(
            why or _("It is right as it is: leave it out of the list, with a reason")
        )
        why = why or why_not or ("" if fixes else nothing)
        self.fix.setEnabled(not why)
        self.fix.setToolTip(why or _("See what the program can do about it, before it does it"))
        several = ngettext_("Fix {count}…", "Fix {count}…", count).format(count=count)
        self.fix.setText(several if count > 1 else _("Fix…"))

    def show_hand(self, field: str | None) -> None:
        """Offer the form at a field, given by its name for people; None: there is no form."""
        self.by_hand.setVisible(field is not None)
        words = _("Edit {field}").format(field=field) if field else _("Edit it")
        mode = Qt.TextElideMode.ElideRight
        self.by_hand.setText(self.fontMetrics().elidedText(words, mode, _BUTTON_PX))
        why = self._project.read_only_reason
        self.by_hand.setEnabled(not why)
        hint = _("Go there, the cursor in the field that is at fault (Enter)")
        self.by_hand.setToolTip(why or f"{words}\n{hint}")

    def _values(self, batch: Batch, row: int) -> str:
        findings = batch.findings
        asset, uuid = self._project.types.get(findings.layer), findings.uuids[row]
        if asset is None or uuid is None:
            return ""
        try:
            values = self._project.get(FeatureKey(findings.layer, uuid)).values
        except KeyError:
            return f"<p>{escape(_('That feature is no longer there.'))}</p>"
        rows = []
        for name in self._names(batch, row):
            field = asset.field(name)
            shown = display(field, values.get(name), self._project.catalogue)
            if not shown:
                unknown = name in unknown_names(values)
                shown = _("unknown") if unknown else _("empty")
            unit = f" {field.unit}" if field.unit and values.get(name) is not None else ""
            rows.append(
                f"<tr><td style='color:{_MUTED}'>{escape(label(field.label))}&nbsp;&nbsp;</td>"
                f"<td>{escape(shown)}{escape(unit)}</td></tr>"
            )
        return f"<table cellspacing='0' cellpadding='1'>{''.join(rows)}</table>"

    def _names(self, batch: Batch, row: int) -> Sequence[str]:
        """Return the fields that a finding is about; else those that its rule looks at."""
        asset = self._project.types[batch.findings.layer]
        named = fields_at_fault(batch, row)
        looked_at = batch.rule.reads.columns(asset) or ()
        names = [name for name in (*named, *(() if named else looked_at)) if asset.has(name)]
        return names[:_VALUES_AT_MOST]


def fields_at_fault(batch: Batch, row: int) -> tuple[str, ...]:
    """Return the fields that a finding names, the first being the one to begin with."""
    facts = batch.findings.facts_of(row)
    one, several = facts.get("field"), facts.get("fields")
    names = [one] if isinstance(one, str) else []
    if isinstance(several, tuple | list):
        names += [str(name) for name in several]
    return tuple(dict.fromkeys(names))


def _title(rule: Rule) -> str:
    return f"<h4 style='margin:0'>{escape(rule.title)}</h4>"


def _about(rule: Rule) -> str:
    sure = _(CONFIDENCE.get(rule.confidence, rule.confidence))
    ink = "#8a5300" if rule.confidence in _UNSURE else _MUTED
    number = f"{rule.ref} · " if rule.ref else ""
    basis = _("Basis: {basis}").format(basis=rule.basis)
    return (
        f"<p>{escape(rule.explanation)}</p>"
        f"<p style='color:{_MUTED}'>{escape(basis)}<br>"
        f"<span style='color:{ink}'>{escape(sure)}</span><br>{escape(number)}{escape(rule.id)}</p>"
    )
