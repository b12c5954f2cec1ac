"""Step 3: what the records become."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QFormLayout, QLineEdit, QTableWidget, QWidget

from hjgis.exchange.proposing import REFERENCE, Fit, best_of, families
from hjgis.i18n import _, grouped, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.own_lists import free_name
from hjgis.ui.dialogs.importing import wording
from hjgis.ui.dialogs.importing.page import Page
from hjgis.ui.dialogs.importing.work import Found, Standing
from hjgis.ui.page_parts import ROLE, cell, column_of, list_of, muted

NETWORK: Final = "**"
_NETWORK: Final = ("manhole", "pipe_point", "pipe_line")
_Flag: Final = Qt.ItemFlag


class TargetPage(Page):
    """A list of the kinds, the fitting ones first; a new reference layer last."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._shown: Found | None = None
        self.said = muted()
        self.kinds = list_of(
            [_("Becomes"), _("Columns that fit"), _("In the project already"), _("Remarks")],
            [300, 120, 150, 0],
            right=(1, 2),
        )
        self.name = QLineEdit()
        self._name_row = QWidget()
        form = QFormLayout(self._name_row)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow(_("Name of the reference layer"), self.name)
        column = column_of(self)
        column.addWidget(self.said)
        column.addWidget(self.kinds, 1)
        column.addWidget(self._name_row)
        self.kinds.itemSelectionChanged.connect(self._chosen)
        self.name.textEdited.connect(self._chosen)

    def show_standing(self, standing: Standing) -> None:
        found, choices = standing.found, standing.choices
        if found is None or choices is None or found is self._shown:
            return
        summary = found.summary
        if found.is_survey:
            self._show_survey(found)
            return
        if summary is None or found.layer is None:
            return
        self._shown = found
        fits = fits_of(self._project, found)
        rows = [fit for fit in fits if not fit.reason]
        never = [fit for fit in fits if fit.reason]
        words = _("{layer}: what are these records? The kinds that fit best stand first.")
        self.said.setText(words.format(layer=wording.layer_line(summary)))
        self.kinds.blockSignals(True)
        self.kinds.setRowCount(0)
        for fit in rows:
            self._add_fit(fit)
        self._add_row(_("New reference layer"), REFERENCE, "", "", _("kept as it is, all columns"))
        for fit in never:
            self._add_fit(fit)
        self.name.setText(free_name(found.layer.name, _names(self._project)))
        best = best_of(rows, found.layer.name)
        before = choices.to or choices.as_reference
        again = before if before in {fit.asset.id for fit in rows} else None
        self.kinds.clearSelection()
        self._select(again or best)
        self.kinds.blockSignals(False)
        self._chosen()

    def _show_survey(self, found: Found) -> None:
        """Say what the tables of a survey become, all at once."""
        self._shown = found
        self.said.setText(_("The tables of points and lines become one network:"))
        self.kinds.blockSignals(True)
        self.kinds.setRowCount(0)
        there = sum(self._project.count(layer) for layer in _NETWORK)
        name = _("Pipe network: manholes, pipe points and pipes")
        remark = _("ends are linked by their point numbers")
        self._add_row(name, NETWORK, "", grouped(there), remark)
        self._select(NETWORK)
        self.kinds.blockSignals(False)
        self._chosen()

    def _add_fit(self, fit: Fit) -> None:
        there = fit.asset.id in self._project.types
        count = self._project.count(fit.asset.id) if there else 0
        total = len(self._shown.layer.columns) if self._shown and self._shown.layer else 0
        words = _("{count} of {total}").format(count=fit.columns, total=total)
        remark = fit.reason or wording.geometry(fit.asset.geometry)
        name = label(fit.asset.label)
        self._add_row(name, fit.asset.id, words, grouped(count), remark, off=bool(fit.reason))

    def _add_row(
        self, name: str, target: str, fitting: str, there: str, remark: str, *, off: bool = False
    ) -> None:
        row = self.kinds.rowCount()
        self.kinds.insertRow(row)
        cells = (
            cell(name, data=target),
            cell(fitting, right=True),
            cell(there, right=True),
            cell(remark),
        )
        for place, item in enumerate(cells):
            if off:
                item.setFlags(_Flag.NoItemFlags)
            self.kinds.setItem(row, place, item)
        if target in (REFERENCE, NETWORK):
            font = QFont(self.kinds.font())
            font.setItalic(target == REFERENCE)
            font.setBold(target == NETWORK)
            cells[0].setFont(font)

    def _select(self, target: str) -> None:
        for row in range(self.kinds.rowCount()):
            if _target(self.kinds, row) == target:
                self.kinds.selectRow(row)
                return

    def choose(self, target: str) -> None:
        """Select what the records become."""
        self._select(target)

    @property
    def target(self) -> str:
        """The id of the chosen kind, or one of the two that are none."""
        rows = self.kinds.selectionModel().selectedRows()
        return _target(self.kinds, rows[0].row()) if rows else ""

    @property
    def missing(self) -> str:
        if not self.target:
            return _("Choose what the records become.")
        if self.target == REFERENCE:
            name = self.name.text().strip()
            if not name:
                return _("Give the reference layer a name.")
            if name in _names(self._project):
                return _("There is a layer {layer} already.").format(layer=name)
        return ""

    def _chosen(self) -> None:
        target = self.target
        self._name_row.setVisible(target == REFERENCE)
        own = target in self._project.types and target not in self._project.catalogue.types
        to = None if own or target in (REFERENCE, NETWORK, "") else target
        name = self.name.text().strip() if target == REFERENCE else target if own else None
        self.answered.emit({"to": to, "as_reference": name})
        self.changed.emit()


def fits_of(project: Project, found: Found) -> list[Fit]:
    """Return how well each kind suits the chosen layer, the best first."""
    summary = found.summary
    if summary is None or found.layer is None:
        return []
    fits = []
    for asset in (*project.map_types.values(), *project.more_kinds):
        columns = found.fits.get(asset.id, 0)
        if columns or asset.id in project.catalogue.types:
            fits.append(Fit(asset, columns, _misfit(asset, summary.geometry)))
    return sorted(fits, key=lambda fit: (bool(fit.reason), -fit.columns, fit.asset.order))


def _misfit(asset: AssetType, kinds: str) -> str:
    """Return why a kind cannot take shapes of these kinds, in words; nothing if it can."""
    wanted = asset.geometry.removeprefix("Multi")
    if wanted in families(kinds):
        return ""
    message = _("needs {wanted}, the file holds {given}")
    return message.format(wanted=wording.geometry(wanted), given=wording.geometry(kinds))


def _target(table: QTableWidget, row: int) -> str:
    item = table.item(row, 0)
    return str(item.data(ROLE)) if item is not None else ""


def _names(project: Project) -> set[str]:
    titles = {title for known in project.types.values() for title in known.label.values()}
    return titles | set(project.types)
