"""The report of a check: who answers for it, how findings are scored, as which file."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models import report_form, scoring
from hjgis.models.changes import ChangeSet
from hjgis.models.report_form import ReportForm
from hjgis.models.scoring import GRADES, LEVELS, Scheme, shipped_scheme
from hjgis.ui.composing import Composing, NameLine
from hjgis.ui.page_parts import MARGINS, Scrolled, column_of, muted

# What the file dialog offers, the paper first.
FILTERS: Final = "PDF (*.pdf);;Excel (*.xlsx);;HTML (*.html)"
_MOST_FEATURES: Final = 1_000_000


class CheckReportDialog(QDialog):
    """Asks what people add to a report; `changes` is the edit that keeps it in the project."""

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Check report"))
        self._stored = {key: project.info(key) for key in (report_form.FACT, scoring.FACT)}
        reason = project.read_only_reason or ""
        form = report_form.form_of(self._stored[report_form.FACT])
        self.office, self.inspector = NameLine(form.office), NameLine(form.inspector)
        self.reviewer, self.sources = NameLine(form.reviewer), NameLine(form.sources)
        self.opinion = QPlainTextEdit(form.opinion)
        self.opinion.setTabChangesFocus(True)
        Composing(self.opinion)
        self.opinion.setFixedHeight(64)
        self.points = {grade: _number(0, 100, 1) for grade in GRADES}
        self.fails = {grade: QCheckBox(_("fails the layer")) for grade in GRADES}
        self.levels = {name: _number(0, 100, 1) for name in LEVELS if name != "fail"}
        self.per_features = QSpinBox()
        self.per_features.setRange(1, _MOST_FEATURES)
        self.usual = QPushButton(_("As shipped"))
        self.usual.setToolTip(_("The points that come with the program"))
        self.usual.setAutoDefault(False)
        self.said = muted()
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Save | standard.Cancel)
        self.buttons.button(standard.Save).setObjectName("primary")
        self.buttons.button(standard.Save).setText(_("Write report…"))
        self.buttons.button(standard.Cancel).setText(_("Cancel"))
        self._lay_out()
        self._show(scoring.scheme_of(self._stored[scoring.FACT]))
        words = (self.office, self.inspector, self.reviewer, self.sources, self.opinion)
        numbers = (*self.points.values(), *self.levels.values(), self.per_features, self.usual)
        for part in (*words, *numbers, *self.fails.values()) if reason else ():
            part.setEnabled(False)
            part.setToolTip(reason)
        self.usual.clicked.connect(self._reset)
        self.buttons.accepted.connect(self._accept_if_sensible)
        self.buttons.rejected.connect(self.reject)

    def changes(self) -> ChangeSet:
        """Return the edit that keeps what was typed; empty if nothing is new.

        Raises
        ------
        EditRefused
            If the points make no sense.
        """
        form = ReportForm(
            office=self.office.text().strip(),
            inspector=self.inspector.text().strip(),
            reviewer=self.reviewer.text().strip(),
            sources=self.sources.text().strip(),
            opinion=self.opinion.toPlainText().strip(),
        )
        kept = report_form.store_form(self._stored[report_form.FACT], form)
        scored = scoring.store_scheme(self._stored[scoring.FACT], self._scheme())
        return replace(kept, facts=(*kept.facts, *scored.facts))

    def _scheme(self) -> Scheme:
        usual = shipped_scheme()
        shown = replace(
            usual,
            points={grade: box.value() for grade, box in self.points.items()},
            per_features=self.per_features.value(),
            levels={name: box.value() for name, box in self.levels.items()},
            fails=tuple(grade for grade, box in self.fails.items() if box.isChecked()),
        )
        return usual if _figures(shown) == _figures(usual) else shown

    def _show(self, scheme: Scheme) -> None:
        for grade, box in self.points.items():
            box.setValue(scheme.points[grade])
            self.fails[grade].setChecked(grade in scheme.fails)
        for name, box in self.levels.items():
            box.setValue(scheme.levels[name])
        self.per_features.setValue(scheme.per_features)
        self.said.setText(_("Basis: {basis}").format(basis=shipped_scheme().basis))

    def _reset(self) -> None:
        self._show(shipped_scheme())

    def _accept_if_sensible(self) -> None:
        try:
            self.changes()
        except EditRefused as error:
            self.said.setText(str(error))
        else:
            self.accept()

    def _lay_out(self) -> None:
        content = QWidget()
        people = QFormLayout()
        people.addRow(_("Checked for"), self.office)
        people.addRow(_("Checked by"), self.inspector)
        people.addRow(_("Reviewed by"), self.reviewer)
        people.addRow(_("Sources of the data"), self.sources)
        people.addRow(_("Conclusion and advice"), self.opinion)
        scoring_box = QGroupBox(_("Score: 100 less these points"))
        rows = QFormLayout(scoring_box)
        for grade, box in self.points.items():
            row = QHBoxLayout()
            row.addWidget(box)
            row.addWidget(self.fails[grade], 1)
            rows.addRow(_("Class {grade}").format(grade=grade), row)
        rows.addRow(_("One unit is so many features"), self.per_features)
        levels = QHBoxLayout()
        for name, box in self.levels.items():
            levels.addWidget(QLabel(f"{_(LEVELS[name])} ≥"))
            levels.addWidget(box)
        rows.addRow(_("Levels"), levels)
        below = QHBoxLayout()
        below.addWidget(self.said, 1)
        below.addWidget(self.usual)
        rows.addRow(below)
        parts = column_of(content)
        parts.addLayout(people)
        parts.addWidget(scoring_box)
        parts.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(Scrolled(content), 1)
        column.addWidget(self.buttons)
        self.resize(600, self.sizeHint().height())


def _figures(scheme: Scheme) -> tuple[object, ...]:
    return dict(scheme.points), dict(scheme.levels), scheme.per_features, scheme.fails


def _number(low: float, high: float, decimals: int) -> QDoubleSpinBox:
    box = QDoubleSpinBox()
    box.setRange(low, high)
    box.setDecimals(decimals)
    return box
