"""How complete the layers are: by field and by group, on the map, and day by day."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from hjgis.checks import gaps, shading
from hjgis.checks.gaps import FIELD, GROUPINGS, LAYER, LayerGaps
from hjgis.checks.rules.attributes import required_names
from hjgis.checks.shading import Shading
from hjgis.i18n import _, grouped, label
from hjgis.progress import Progress
from hjgis.reports import completeness as report
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.flowing import Flowing, Words, beside
from hjgis.ui.measured import not_measured
from hjgis.ui.page_parts import FittingBox
from hjgis.ui.panels.chart_view import ChartView
from hjgis.ui.panels.completeness_lines import MOST_GAPS, SHARE, WIDTHS, BarDelegate, LinesModel
from hjgis.ui.panels.followed_gaps import FollowedGaps
from hjgis.ui.panels.listed import refill, set_up_list
from hjgis.ui.panels.shade_legend import legend_text
from hjgis.ui.workspace import Workspace

_AFTER_MS: Final = 30
_CHART_AFTER_MS: Final = 400
_CHART_PX: Final = 460
_FIELD_PX: Final = 160


class CompletenessPanel(QWidget):
    """Layer, grouping and field to choose; lines that select what lacks something.

    `shaded` carries the grid cells in their colours, or None; `zoom_wanted` asks to see what is
    selected.
    """

    zoom_wanted = Signal()
    shaded = Signal(object)
    said = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._project, self._selection = workspace.project, workspace.selection
        self._jobs = workspace.jobs
        self.gaps = FollowedGaps(self._project, workspace.bridge, self._jobs, self)
        self._shade: Shading | None = None
        self._cells: dict[int, str | None] | None = None
        self.layer, self.by, self.field = QComboBox(), QComboBox(), FittingBox()
        self.map, self.trend = QCheckBox(_("Colour the grid")), QCheckBox(_("Trend"))
        self.export = QPushButton(_("Export…"))
        self.whole, self.against, self.legend = QLabel(), Words(), Words(grows=False)
        self.begin = QPushButton()
        self.model, self.view, self.chart = LinesModel(self), QTableView(), ChartView()
        self._soon = QTimer(self, interval=_AFTER_MS, singleShot=True)
        self._draw = QTimer(self, interval=_CHART_AFTER_MS, singleShot=True)
        self._build()
        self._list_layers()
        self._layer_chosen()
        self.layer.currentIndexChanged.connect(self._layer_chosen)
        self.by.currentIndexChanged.connect(self.refresh)
        self.field.currentIndexChanged.connect(self.refresh)
        self.map.toggled.connect(self._colour)
        self.trend.toggled.connect(self._show_trend)
        self.export.clicked.connect(self._ask_file)
        self.begin.clicked.connect(self._begin)
        self.view.clicked.connect(self._select)
        self.view.activated.connect(self._select)
        self.view.doubleClicked.connect(self._zoom)
        self._soon.timeout.connect(self.refresh)
        self._draw.timeout.connect(self._start_trend)
        self.chart.resized.connect(self._draw.start)
        self.gaps.changed.connect(self._changed)
        self.gaps.stopped.connect(self._say_stopped)

    def _build(self) -> None:
        boxes = []
        for words, box in (
            (_("Layer"), self.layer), (_("By"), self.by), (_("Field"), self.field),
        ):  # fmt: skip
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            boxes.append(beside(words, box))
        self.map.setToolTip(_("Colour the grid cells of the map by completeness"))
        self.trend.setToolTip(_("Completeness at the end of each day, from the journal"))
        self.whole.setObjectName("card_title")
        self.field.setMaximumWidth(_FIELD_PX)
        row = Flowing((*boxes, self.map, self.trend, None, self.export))
        self.begin.setFlat(True)
        self.begin.setToolTip(_("Click to select these features"))
        self.against.setObjectName("muted")
        self.legend.hide()
        hints = Flowing((self.whole, self.begin, self.against, self.legend), gap=12)
        body = QHBoxLayout()
        self._set_up_view()
        self.chart.setMaximumWidth(_CHART_PX)
        self.chart.hide()
        body.addWidget(self.view, 5)
        body.addWidget(self.chart, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(4)
        column.addWidget(row)
        column.addWidget(hints)
        column.addLayout(body, 1)

    def _set_up_view(self) -> None:
        view = self.view
        set_up_list(view, self.model, WIDTHS)
        view.setItemDelegateForColumn(SHARE, BarDelegate(view))
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setToolTip(_("Click to select the features with gaps; double-click to see them"))
        header = view.horizontalHeader()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(MOST_GAPS, QHeaderView.ResizeMode.Stretch)

    # -- what is asked -----------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Count when first looked at."""
        super().showEvent(event)
        self._list_layers()
        self.refresh()

    def choose(self, layer: str | None, by: str = FIELD, field: str | None = None) -> None:
        """Choose layer (None: all), grouping and field."""
        self.layer.setCurrentIndex(self.layer.findData(layer))
        self.by.setCurrentIndex(max(self.by.findData(by), 0))
        self.field.setCurrentIndex(max(self.field.findData(field), 0))

    def _list_layers(self) -> None:
        """Offer the layers of assets; kinds may have been added to the project since."""
        offered: list[tuple[str, str | None]] = [(_("All layers"), None)]
        for asset in reversed(list(self._project.types.values())):
            if asset.kind == "asset":
                offered.append((label(asset.label), asset.id))
        box = self.layer
        if [data for _words, data in offered] == [box.itemData(n) for n in range(box.count())]:
            return
        kept = box.currentData()
        refill(box, offered)
        if box.currentData() != kept:
            self._layer_chosen()

    def _layer_chosen(self) -> None:
        """Offer what the layer can be divided by, and its required fields."""
        layer = self.layer.currentData()
        for box in (self.by, self.field):
            box.blockSignals(True)
        kept = self.by.currentData()
        self.by.clear()
        self.field.clear()
        self.field.addItem(_("All required fields"), None)
        if layer is None:
            self.by.addItem(_(report.heading(LAYER)), LAYER)
        else:
            asset = self._project.asset_type(layer)
            for by in (FIELD, *GROUPINGS):
                self.by.addItem(_(report.heading(by)), by)
            for name in required_names(asset):
                self.field.addItem(label(asset.field(name).label), name)
        self.by.setCurrentIndex(max(self.by.findData(kept), 0))
        self.by.setEnabled(layer is not None)
        self.field.setEnabled(layer is not None)
        for box in (self.by, self.field):
            box.blockSignals(False)
        self.trend.setEnabled(layer is not None)
        self.chart.setVisible(self.trend.isChecked() and layer is not None)
        # What is shown is of another layer, and may take a while to go.
        self.model.show_lines((), "")
        self.refresh()

    def _layers(self) -> list[str]:
        layer = self.layer.currentData()
        if layer is not None:
            return [str(layer)]
        return [name for name, asset in self._project.types.items() if asset.kind == "asset"]

    def refresh(self) -> None:
        """Show what is chosen; what is not known yet is read first."""
        if not (self.isVisible() or self.map.isChecked()):
            return
        if self.gaps.ask(self._layers()):
            self._show()
        else:
            self.whole.setText(_("Counting…"))
            self.export.setEnabled(False)

    def _say_stopped(self) -> None:
        self.whole.setText(not_measured())

    def _changed(self) -> None:
        self._cells = None
        self._list_layers()
        self._soon.start()

    # -- showing -----------------------------------------------------------------------------

    def _show(self) -> None:
        layer, by, field = self._choice()
        held = [self.gaps[name] for name in self._layers()]
        known = self._project.catalogue
        if layer is None:
            lines = report.layer_lines(held)
        else:
            lines = report.lines(held[0], by, known, field=None if by == FIELD else field)
        self.model.show_lines(lines, _(report.heading(by)))
        asked = lacking = 0
        for one in held:
            figures = one.tally().figures(0, field)
            asked, lacking = asked + figures[0], lacking + figures[1]
        words = _("{share} complete, {count} gaps")
        share = report.percent(gaps.share(asked, lacking))
        self.export.setEnabled(True)
        self.whole.setText(words.format(share=share, count=grouped(lacking)))
        self._show_hints(held)
        self._colour()
        if self.trend.isChecked() and layer is not None:
            self._draw.start()

    def _choice(self) -> tuple[str | None, str, str | None]:
        return self.layer.currentData(), str(self.by.currentData()), self.field.currentData()

    def _show_hints(self, held: Sequence[LayerGaps]) -> None:
        layer, by, _field = self._choice()
        begin = self._worst(held[0]) if layer is not None else None
        self.begin.setVisible(begin is not None)
        if layer is None:
            words = _("Measured against the required fields of each layer; unknown is an answer")
            self.against.setText(words)
            return
        told = "; ".join(report.against(held[0], self.gaps.measured(layer)))
        self.against.setText(_("Against: {what}").format(what=told))
        self.against.setToolTip(self.against.text())
        if begin is not None:
            value, name, count = begin
            asset = held[0].asset
            where = report.group_words(by, value, asset, self._project.catalogue)
            place = "" if by == FIELD else f"{where} · "
            text = _("Begin with: {place}{field}, {count} gaps")
            field = label(asset.field(name).label)
            self.begin.setText(text.format(place=place, field=field, count=grouped(count)))

    def _worst(self, held: LayerGaps) -> tuple[Any, str, int] | None:
        """Return where most gaps are in one place: group, field and how many."""
        by = str(self.by.currentData())
        tally = held.tally(None if by == FIELD else by)
        begin = tally.begin()
        return None if begin is None else (tally.values[begin[0]], begin[1], begin[2])

    def _begin(self) -> None:
        layer, by, _field = self._choice()
        if layer is None or not self.gaps.ask([layer]):
            return
        begin = self._worst(self.gaps[layer])
        if begin is not None:
            value, name, _count = begin
            group = None if by == FIELD else by
            fids = self.gaps[layer].fids_lacking(name, by=group, value=value)
            self._selection.set(layer, fids)

    def _select(self, index: QModelIndex) -> None:
        """Select the features behind a line that have gaps."""
        layer, by, field = self._choice()
        line = self.model.rows[index.row()]
        if layer is None:
            layer, line_field, group = str(line.value), None, None
        elif by == FIELD:
            line_field, group = str(line.value), None
        else:
            line_field, group = field, by
        if self.gaps.ask([layer]):
            fids = self.gaps[layer].fids_lacking(line_field, by=group, value=line.value)
            self._selection.set(layer, fids)

    def _zoom(self) -> None:
        self.zoom_wanted.emit()

    # -- map and trend -----------------------------------------------------------------------

    def _colour(self) -> None:
        """Colour the grid by what is chosen, or no more."""
        self.legend.setVisible(self.map.isChecked())
        if not self.map.isChecked():
            self._shade = None
            self.shaded.emit(None)
            return
        if not self.gaps.ask(self._layers()):
            return
        if self._cells is None:
            self._cells = shading.cells_of(self._project)
        if not self._cells:
            self.said.emit(_("There are no grid cells to colour."))
        held = [self.gaps[name] for name in self._layers()]
        shade = shading.of_cells(self._cells, held, self.field.currentData())
        self.legend.setText(legend_text(shade))
        # Most edits leave all colours as they are, and the map need not be painted again.
        if self._shade is None or not _same(shade, self._shade):
            self._shade = shade
            self.shaded.emit(shade)

    def _show_trend(self) -> None:
        self.chart.setVisible(self.trend.isChecked())
        if self.trend.isChecked():
            self.chart.setText(_("Reckoning…"))
            self._draw.start()

    def _start_trend(self) -> None:
        layer, _by, field = self._choice()
        if layer is None or not self.trend.isChecked():
            return
        reader, draw = self._project.reader, self.chart.drawing()

        def work(progress: Progress) -> bytes:
            from hjgis.checks.trend import trend

            with reader() as project:
                states = trend(project, layer, field, progress=progress)
                chart = report.trend_chart(project.asset_type(layer), states, field)
            return draw(chart)

        self._jobs.run(work, self.chart.show_picture, title=_("Trend"))

    # -- export ------------------------------------------------------------------------------

    def _ask_file(self) -> None:
        start = self._project.path.with_name(_("How complete") + ".xlsx")
        path = ask_target(self, _("Export…"), start, _("Workbooks (*.xlsx);;Web pages (*.html)"))
        if path is not None:
            self.write(path)

    def write(self, path: Path) -> None:
        """Write the lines that are shown."""
        from hjgis.reports.tables import write_tables

        layer, by, _field = self._choice()
        title = label(self._project.asset_type(layer).label) if layer else _("How complete")
        table = report.line_table(title, report.heading(by), list(self.model.rows))

        def work(progress: Progress) -> Path:
            progress.check()
            write_tables(path, title, [table])
            return path

        self._jobs.run(work, self._written, title=_("Export…"))

    def _written(self, path: Path) -> None:
        self.said.emit(_("Written: {path}").format(path=path))


def _same(one: Shading, other: Shading) -> bool:
    return np.array_equal(one.fids, other.fids) and np.array_equal(one.classes, other.classes)
