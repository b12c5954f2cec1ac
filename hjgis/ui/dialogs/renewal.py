"""What the score of renewal is made of: years of service, weights and points of a project."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import EditRefused
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.renewal import (
    FACT,
    LONGEST_YEARS,
    MOST_POINTS,
    Part,
    RenewalRules,
    read_rules,
    usual_rules,
)
from hjgis.ui.dialogs.lists import set_up_list
from hjgis.ui.page_parts import MARGINS, muted

_ROW_PX: Final = 32


class RenewalDialog(QDialog):
    """Two tables with numbers to type; `rules` is what was chosen."""

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Score of renewal"))
        self._rules = read_rules(project.info(FACT))
        self._reason = project.read_only_reason or ""
        self.years: dict[str, QSpinBox] = {}
        self.weights: dict[str, QSpinBox] = {}
        self.points: dict[str, list[QSpinBox]] = {}
        self._said = QLabel()
        usual = QPushButton(_("As shipped"))
        usual.setToolTip(_("The years and points that come with the program"))
        usual.setAutoDefault(False)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel)
        self.buttons.addButton(usual, QDialogButtonBox.ButtonRole.ResetRole)
        self.buttons.button(standard.Ok).setText(_("OK"))
        self.buttons.button(standard.Ok).setObjectName("primary")
        self.buttons.button(standard.Cancel).setText(_("Cancel"))
        self.buttons.button(standard.Ok).setEnabled(not self._reason)
        self._build()
        usual.clicked.connect(self._reset)
        self.buttons.accepted.connect(self._accept_if_sound)
        self.buttons.rejected.connect(self.reject)

    @property
    def rules(self) -> RenewalRules:
        """The rules with the numbers that are shown.

        Raises
        ------
        EditRefused
            If no part of the score has a weight.
        """
        return self._rules.with_changes(
            {name: box.value() for name, box in self.years.items()},
            {name: box.value() for name, box in self.weights.items()},
            {name: [box.value() for box in boxes] for name, boxes in self.points.items()},
        )

    def _build(self) -> None:
        about = muted(
            _(
                "Limits follow the national renewal plan of 2022, for reference; check them against"
                " the standards. A pipe of unknown year is listed as unknown, never as in order."
            )
        )
        about_score = muted(
            _(
                "The score, 0 to 100, is the mean of the points of all parts, weighted. Weight 0"
                " leaves a part out."
            )
        )
        self._said.setStyleSheet("color: #b3261e")
        self._said.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*MARGINS)
        layout.addWidget(about)
        layout.addWidget(self._life_table(), len(self._rules.lives))
        layout.addWidget(about_score)
        layout.addWidget(self._part_table(), len(self._rules.parts))
        layout.addWidget(self._said)
        layout.addWidget(self.buttons)
        self.resize(820, 540)

    def _life_table(self) -> QTableWidget:
        table = QTableWidget(len(self._rules.lives), 3)
        set_up_list(table, [_("Pipes"), _("Years of service"), _("Basis")], widest=2)
        for row, life in enumerate(self._rules.lives):
            box = self._box(life.years, LONGEST_YEARS, least=1)
            box.setAccessibleName(label(life.label))
            self.years[life.id] = box
            table.setItem(row, 0, QTableWidgetItem(label(life.label)))
            table.setCellWidget(row, 1, box)
            basis = QTableWidgetItem(life.basis)
            basis.setToolTip(life.basis)
            table.setItem(row, 2, basis)
        _set_rows(table)
        return table

    def _part_table(self) -> QTableWidget:
        table = QTableWidget(len(self._rules.parts), 3)
        set_up_list(table, [_("Part of the score"), _("Weight"), _("Points")], widest=2)
        for row, part in enumerate(self._rules.parts):
            box = self._box(part.weight, MOST_POINTS)
            box.setAccessibleName(label(part.label))
            self.weights[part.id] = box
            name = QTableWidgetItem(label(part.label))
            name.setToolTip(part.basis)
            table.setItem(row, 0, name)
            table.setCellWidget(row, 1, box)
            table.setCellWidget(row, 2, self._steps(part))
        _set_rows(table)
        return table

    def _steps(self, part: Part) -> QWidget:
        """Return the points of a part: from which value on how many."""
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(6, 0, 6, 0)
        unit = QLabel(label(part.unit))
        unit.setObjectName("muted")
        row.addWidget(unit)
        self.points[part.id] = []
        for value, points in part.steps:
            box = self._box(points, MOST_POINTS)
            box.setAccessibleName(f"{label(part.label)} ≥ {value:g}")
            self.points[part.id].append(box)
            row.addWidget(QLabel(f"≥ {value:g}:"))
            row.addWidget(box)
        row.addStretch(1)
        return holder

    def _box(self, value: int, most: int, *, least: int = 0) -> QSpinBox:
        box = QSpinBox()
        box.setRange(least, most)
        box.setValue(value)
        box.setEnabled(not self._reason)
        box.setToolTip(self._reason)
        return box

    def _reset(self) -> None:
        usual = usual_rules()
        for life in usual.lives:
            self.years[life.id].setValue(life.years)
        for part in usual.parts:
            self.weights[part.id].setValue(part.weight)
            for box, (_value, points) in zip(self.points[part.id], part.steps, strict=True):
                box.setValue(points)

    def _accept_if_sound(self) -> None:
        try:
            _rules = self.rules
        except EditRefused as error:
            self._said.setText(str(error))
        else:
            self.accept()


def _set_rows(table: QTableWidget) -> None:
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.verticalHeader().setDefaultSectionSize(_ROW_PX)
