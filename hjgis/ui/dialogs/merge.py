"""What becomes of each field when features become one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.edits.join import FieldChoice, Policy, merge_choices, merge_features
from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.validation import display
from hjgis.ui.dialogs.settings import ok_cancel
from hjgis.ui.itemmodels import LINKS
from hjgis.ui.page_parts import make_list

_POLICIES: Final[dict[Policy, str]] = {
    "keep": N_("of the first"),
    "first": N_("first that is known"),
    "largest": N_("of the largest"),
    "sum": N_("added"),
    "empty": N_("left empty"),
}
# More columns than these nobody compares.
_MOST_SHOWN: Final = 5


class MergeDialog(QDialog):
    """One row for each field: what the features say, what is done, what comes of it."""

    def __init__(
        self, project: Project, keys: Sequence[FeatureKey], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Merge"))
        self._project, self._keys = project, list(keys)
        self._policies: dict[str, Policy] = {}
        self._asset = project.asset_type(keys[0].layer)
        words = _("{count} × {layer} become one; it keeps the identity of the first.")
        text = words.format(count=len(keys), layer=label(self._asset.label))
        if self._asset.ends_on:
            text += " " + _("What tells of its ends follows from how they are joined.")
        head = QLabel(text)
        head.setWordWrap(True)
        self._all = QCheckBox(_("Show fields on which all agree too"))
        self._all.toggled.connect(self._fill)
        self._table = QTableWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        for part in (head, self._table, self._all):
            column.addWidget(part)
        column.addWidget(ok_cancel(self, _("Merge")))
        self.resize(860, 480)
        self._fill()

    def change(self) -> ChangeSet:
        """Return the edit.

        Raises
        ------
        EditRefused
            If the features cannot become one.
        """
        return merge_features(self._project, self._keys, self._policies)

    def choose(self, field: str, policy: Policy) -> None:
        """Do something else with a field."""
        self._policies[field] = policy
        self._fill()

    def _fill(self) -> None:
        choices = merge_choices(self._project, self._keys, self._policies)
        # Identities of nodes say nothing to anybody; their numbers stand beside them.
        named = [one for one in choices if one.field not in LINKS]
        shown = [one for one in named if one.differs or self._all.isChecked()]
        count = min(len(self._keys), _MOST_SHOWN)
        features = [str(number + 1) for number in range(count)]
        titles = [_("Field"), *features, _("What to do"), _("Result")]
        table = self._table
        table.setColumnCount(len(titles))
        make_list(table, titles)
        table.setRowCount(len(shown))
        for row, choice in enumerate(shown):
            self._fill_row(row, choice, count)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(len(titles) - 1, QHeaderView.ResizeMode.Stretch)

    def _fill_row(self, row: int, choice: FieldChoice, count: int) -> None:
        field = self._asset.field(choice.field)
        texts = [display(field, value, self._project.catalogue) for value in choice.values[:count]]
        for column, text in enumerate([label(field.label), *texts]):
            self._table.setItem(row, column, QTableWidgetItem(text))
        if choice.policy is None:
            self._table.setItem(row, count + 1, QTableWidgetItem(_("of the new end")))
        else:
            box = self._policy_box(choice.field, choice.policy)
            self._table.setCellWidget(row, count + 1, box)
        result = QTableWidgetItem(display(field, choice.result, self._project.catalogue))
        font = result.font()
        font.setBold(True)
        result.setFont(font)
        result.setFlags(result.flags() & ~Qt.ItemFlag.ItemIsEditable)
        self._table.setItem(row, count + 2, result)

    def _policy_box(self, field: str, chosen: Policy) -> QComboBox:
        box = QComboBox()
        for policy in get_args(Policy):
            box.addItem(_(_POLICIES[policy]), policy)
        box.setCurrentIndex(box.findData(chosen))
        box.activated.connect(lambda at: self.choose(field, box.itemData(at)))
        return box
