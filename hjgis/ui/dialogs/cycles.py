"""How often assets are inspected: the cycles of a project, in days."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.records import FACT, LONGEST_DAYS, Cycles, read_cycles, usual_cycles
from hjgis.models.wording import layer_label
from hjgis.ui.dialogs.lists import set_up_list
from hjgis.ui.page_parts import MARGINS, muted

_DAYS, _BASIS = 2, 3
# Room around the box of numbers.
_ROW_PX: Final = 32


class CyclesDialog(QDialog):
    """Lists the cycles with a number of days to type; `cycles` is what was chosen."""

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Inspection cycles"))
        self._cycles = read_cycles(project.info(FACT))
        self.boxes: dict[str, QSpinBox] = {}
        self.table = QTableWidget(len(self._cycles.entries), 4)
        usual = QPushButton(_("As shipped"))
        usual.setToolTip(_("The days that come with the program"))
        usual.setAutoDefault(False)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel)
        self.buttons.addButton(usual, QDialogButtonBox.ButtonRole.ResetRole)
        self.buttons.button(standard.Ok).setText(_("Done"))
        self.buttons.button(standard.Ok).setObjectName("primary")
        self.buttons.button(standard.Cancel).setText(_("Cancel"))
        self._build(project)
        usual.clicked.connect(self._reset)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    @property
    def cycles(self) -> Cycles:
        """The cycles with the days that are shown."""
        return self._cycles.with_days({name: box.value() for name, box in self.boxes.items()})

    def _build(self, project: Project) -> None:
        headings = [_("Kind"), _("Which"), _("Days"), _("Basis")]
        set_up_list(self.table, headings, widest=_BASIS)
        self.table.verticalHeader().setDefaultSectionSize(_ROW_PX)
        self.table.setAccessibleName(self.windowTitle())
        reason = project.read_only_reason or ""
        for row, entry in enumerate(self._cycles.entries):
            box = QSpinBox()
            box.setRange(1, LONGEST_DAYS)
            box.setValue(entry.days)
            box.setAccessibleName(label(entry.label))
            box.setEnabled(not reason)
            box.setToolTip(reason)
            self.boxes[entry.id] = box
            kind = layer_label(entry.asset, project.catalogue)
            for column, text in ((0, kind), (1, label(entry.label)), (_BASIS, entry.basis)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)
            self.table.setCellWidget(row, _DAYS, box)
        about = muted(
            _(
                "The first line that fits an asset counts; a cycle that the asset itself names"
                " goes before all. Next inspections that the cycles gave move along."
            )
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not reason)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*MARGINS)
        layout.addWidget(about)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.buttons)
        self.resize(680, 480)

    def _reset(self) -> None:
        for entry in usual_cycles().entries:
            self.boxes[entry.id].setValue(entry.days)
