"""Import: file, what was found, where it goes, trial, done."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import HjgisError, InputQuestion
from hjgis.exchange import importing, mapping, sources
from hjgis.exchange.formats import FILES
from hjgis.exchange.importing import ImportPlan
from hjgis.exchange.report import ImportReport
from hjgis.exchange.sources import LayerSummary
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.progress import Progress
from hjgis.ui.jobs import Jobs

_REFERENCE = "*"
_ENCODINGS = ("", "gbk", "utf-8", "big5", "cp1252")
_FILTER = FILES


class ImportDialog(QDialog):
    """Takes one layer of somebody else's file into the project."""

    def __init__(self, project: Project, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Import"))
        self._project, self._jobs = project, jobs
        self._layers: tuple[LayerSummary, ...] = ()
        self._path = QLineEdit()
        self._path.setPlaceholderText(
            _("Shapefile, GeoJSON, GeoPackage, CSV, receiver log or photos")
        )
        self._path.editingFinished.connect(self._path_typed)
        browse = QPushButton(_("Browse…"))
        browse.clicked.connect(self._browse)
        photos = QPushButton(_("Folder of photos…"))
        photos.clicked.connect(self._browse_photos)
        file_row = QHBoxLayout()
        file_row.addWidget(self._path, 1)
        file_row.addWidget(browse)
        file_row.addWidget(photos)
        self._layer = QComboBox()
        self._found = QLabel(_("Choose a file to begin."))
        self._found.setWordWrap(True)
        self._fill_choices()
        self._name = QLineEdit()
        self._name.setPlaceholderText(_("Name of the reference layer"))
        self._mapping = _table([_("Column of the file"), _("Field"), _("First values")])
        self._problems = _table([_("Row"), _("Count"), _("Column"), _("What")])
        self._said = QLabel()
        self._said.setWordWrap(True)
        self._said.setObjectName("result")
        self._x, self._y = QComboBox(), QComboBox()
        self._lay_out(file_row)
        self._layer.currentIndexChanged.connect(self._show_layer)
        self._target.currentIndexChanged.connect(self._show_mapping)
        self._encoding.activated.connect(self._inspect)
        self._x.activated.connect(self._inspect)
        self._y.activated.connect(self._inspect)
        self._show_mapping()
        self.resize(920, 640)

    def _fill_choices(self) -> None:
        project = self._project
        self._encoding, self._crs = QComboBox(), QComboBox()
        for name in _ENCODINGS:
            self._encoding.addItem(name or _("as recognised"), name)
        self._crs.setEditable(True)
        self._crs.addItems(["", project.crs.text, "EPSG:4490", "EPSG:4326", "EPSG:4524"])
        crs_line = self._crs.lineEdit()
        assert crs_line is not None
        crs_line.setPlaceholderText(_("as the file says"))
        self._target = QComboBox()
        for asset in project.types.values():
            if asset.id in project.catalogue.types:
                self._target.addItem(label(asset.label), asset.id)
        self._target.addItem(_("New reference layer…"), _REFERENCE)

    def _lay_out(self, file_row: QHBoxLayout) -> None:
        target_row = QHBoxLayout()
        target_row.addWidget(self._target, 1)
        target_row.addWidget(self._name, 1)
        read_row = QHBoxLayout()
        read_row.addWidget(self._encoding, 1)
        read_row.addWidget(QLabel(_("Coordinate system")))
        read_row.addWidget(self._crs, 2)
        self._xy = QWidget()
        xy_row = QHBoxLayout(self._xy)
        xy_row.setContentsMargins(0, 0, 0, 0)
        for words, box in ((_("East (Y)"), self._x), (_("North (X)"), self._y)):
            xy_row.addWidget(QLabel(words))
            xy_row.addWidget(box, 1)
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow(_("File"), file_row)
        form.addRow(_("Layer"), self._layer)
        form.addRow("", self._found)
        form.addRow(_("Encoding"), read_row)
        form.addRow(_("Coordinate columns"), self._xy)
        form.addRow(_("Into"), target_row)
        self._form = form
        tabs = QTabWidget()
        tabs.addTab(self._mapping, _("Columns"))
        tabs.addTab(self._problems, _("Problems"))
        self._tabs = tabs
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addLayout(form)
        column.addWidget(tabs, 1)
        column.addWidget(self._said)
        column.addWidget(self._buttons())
        self._enable()

    def _buttons(self) -> QDialogButtonBox:
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Close)
        buttons.button(standard.Close).setText(_("Close"))
        buttons.rejected.connect(self.reject)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self._try = buttons.addButton(_("Try without storing"), role)
        self._try.clicked.connect(partial(self._start, store=False))
        self._go = buttons.addButton(_("Import"), role)
        self._go.setObjectName("primary")
        self._go.clicked.connect(partial(self._start, store=True))
        return buttons

    def choose(self, path: Path) -> None:
        """Begin with a file."""
        self._x.clear()
        self._y.clear()
        self._path.setText(str(path))
        self._inspect()

    # -- what is in the file -------------------------------------------------------------

    def _browse(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(
            self, _("Import"), self._path.text(), _("Data ({endings})").format(endings=_FILTER)
        )
        if name:
            self.choose(Path(name))

    def _browse_photos(self) -> None:
        name = QFileDialog.getExistingDirectory(self, _("Folder of photos"), self._path.text())
        if name:
            self.choose(Path(name))

    def _path_typed(self) -> None:
        if self._path.isModified() and self._path.text().strip():
            self._path.setModified(False)
            self._inspect()

    @property
    def _source(self) -> Path:
        return Path(self._path.text().strip())

    def _inspect(self) -> None:
        source, encoding = self._source, self._encoding.currentData() or None
        x, y = self._x.currentText() or None, self._y.currentText() or None
        if not self._path.text().strip():
            return
        self._found.setText(_("Reading…"))

        def work(progress: Progress) -> tuple[LayerSummary, ...]:
            progress.check()
            return sources.summaries(source, given_encoding=encoding, x=x, y=y)

        self._jobs.run(work, self._inspected, title=_("Read file"), on_error=self._unread)

    def _inspected(self, layers: tuple[LayerSummary, ...]) -> None:
        self._layers = layers
        self._layer.blockSignals(True)
        self._layer.clear()
        for layer in layers:
            self._layer.addItem(f"{layer.name}  ({layer.count:,} × {layer.geometry or '–'})")
        self._layer.blockSignals(False)
        self._say("")
        self._show_layer()

    def _unread(self, error: HjgisError) -> None:
        self._found.setText(str(error))
        if isinstance(error, InputQuestion):
            self._ask(error)

    def _ask(self, question: InputQuestion) -> None:
        """Put the candidates where they can be chosen."""
        candidates = list(question.candidates)
        if question.option == "--encoding":
            for name in candidates:
                if self._encoding.findData(name) < 0:
                    self._encoding.addItem(name, name)
        elif question.option == "--crs":
            for name in candidates:
                if self._crs.findText(name) < 0:
                    self._crs.addItem(name)
        elif question.option.startswith("--x") and candidates:
            for box in (self._x, self._y):
                if not box.count():
                    box.addItems(candidates)
                    box.setCurrentIndex(-1)
        self._form.setRowVisible(self._xy, self._x.count() > 0)
        hint = _("Choose above: {candidates}").format(candidates=", ".join(candidates))
        self._say(f"{question}\n{hint}" if candidates else str(question), bad=True)

    def _current(self) -> LayerSummary | None:
        index = self._layer.currentIndex()
        return self._layers[index] if 0 <= index < len(self._layers) else None

    def _show_layer(self) -> None:
        layer = self._current()
        if layer is None:
            return
        text = _("{count:,} records; text is {encoding} ({how}); coordinates: {crs}")
        self._found.setText(
            text.format(
                count=layer.count,
                encoding=layer.encoding,
                how=_how(layer.encoding_source),
                crs=layer.crs or _("not said"),
            )
        )
        self._guess_target(layer)
        self._show_mapping()

    def _guess_target(self, layer: LayerSummary) -> None:
        """Offer the kind that takes the most columns and has the right geometry.

        Where several take as many, such as the date of a photo, nobody can tell.
        """
        best, most = None, 0
        for asset in self._project.catalogue.types.values():
            fits = any(asset.geometry.endswith(kind.removeprefix("Multi"))
                       for kind in layer.geometry.split(", ") if kind)  # fmt: skip
            taken = len(mapping.columns_for(asset, layer.columns)) if fits else 0
            if taken >= most:
                best, most = (asset.id if taken > most else None), taken
        self._target.setCurrentIndex(self._target.findData(best or _REFERENCE))
        self._name.setText(layer.name)

    # -- where it goes -------------------------------------------------------------------

    def _show_mapping(self) -> None:
        reference = self._target.currentData() == _REFERENCE
        self._name.setVisible(reference)
        self._form.setRowVisible(self._xy, self._x.count() > 0)
        self._enable()
        layer = self._current()
        self._mapping.setRowCount(0)
        if layer is None or reference:
            return
        asset = self._project.asset_type(self._target.currentData())
        guessed = mapping.columns_for(asset, layer.columns)
        self._mapping.setRowCount(len(layer.columns))
        for row, name in enumerate(layer.columns):
            box = QComboBox()
            box.addItem(_("(not taken)"), None)
            for field in asset.fields:
                box.addItem(f"{label(field.label)}  {field.name}", field.name)
            column = guessed.get(name)
            box.setCurrentIndex(box.findData(column.field) if column else 0)
            samples = "  ·  ".join(values[row] for values in layer.samples if values[row])
            self._mapping.setItem(row, 0, QTableWidgetItem(name))
            self._mapping.setCellWidget(row, 1, box)
            self._mapping.setItem(row, 2, QTableWidgetItem(samples))

    def _told(self) -> dict[str, str]:
        """Return the columns that are chosen, where they differ from what would be guessed."""
        layer = self._current()
        target = self._target.currentData()
        if layer is None or target == _REFERENCE:
            return {}
        guessed = mapping.columns_for(self._project.asset_type(target), layer.columns)
        told = {}
        for row, name in enumerate(layer.columns):
            box = self._mapping.cellWidget(row, 1)
            assert isinstance(box, QComboBox)
            field = box.currentData()
            if field is None and name in guessed:
                told[name] = ""
            elif field is not None and (name not in guessed or guessed[name].field != field):
                told[name] = field
        return told

    def _enable(self) -> None:
        ready = self._current() is not None and not self._project.read_only
        for button in (self._try, self._go):
            button.setEnabled(ready)
            button.setToolTip(self._project.read_only_reason or "")

    # -- trial and import ----------------------------------------------------------------

    def _options(self) -> dict[str, Any]:
        target = self._target.currentData()
        layer = self._current()
        several = len(self._layers) > 1 and layer is not None
        return {
            "to": None if target == _REFERENCE else target,
            "as_reference": self._name.text().strip() or None if target == _REFERENCE else None,
            "source_layer": layer.name if several and layer else None,
            "encoding": self._encoding.currentData() or None,
            "crs": self._crs.currentText().strip() or None,
            "x": self._x.currentText() or None,
            "y": self._y.currentText() or None,
            "mapping": self._told() or None,
        }

    def _start(self, *, store: bool) -> None:
        project, source, options = self._project, self._source, self._options()
        for button in (self._try, self._go):
            button.setEnabled(False)

        def work(progress: Progress) -> ImportPlan:
            with project.reader() as reader:
                return importing.plan_import(reader, source, progress=progress, **options)

        done = partial(self._planned, store=store)
        self._jobs.run(work, done, title=_("Import"), on_error=self._failed)

    def _planned(self, plan: ImportPlan, *, store: bool) -> None:
        self._enable()
        try:
            report = importing.carry_out(self._project, plan) if store else plan.report
        except HjgisError as error:
            self._failed(error)
            return
        self._show_report(report, stored=store)

    def _failed(self, error: HjgisError) -> None:
        self._enable()
        if isinstance(error, InputQuestion):
            self._ask(error)
        else:
            self._say(str(error), bad=True)

    def _show_report(self, report: ImportReport, *, stored: bool) -> None:
        words = (
            _(
                "Imported {imported:,} of {read:,} records, {rejected:,} left out."
                " One undo takes it back."
            )
            if stored
            else _("Would import {imported:,} of {read:,} records and leave out {rejected:,}.")
        )
        facts = {"imported": report.imported, "read": report.read, "rejected": report.rejected}
        self._say(words.format(**facts))
        self._problems.setRowCount(len(report.problems))
        for row, p in enumerate(report.problems):
            cells = ("" if p.row is None else str(p.row), f"{p.count:,}", p.field or "", p.message)
            for column, text in enumerate(cells):
                self._problems.setItem(row, column, QTableWidgetItem(text))
        self._problems.resizeColumnsToContents()
        self._tabs.setTabText(1, _("Problems ({count})").format(count=len(report.problems)))
        self._tabs.setCurrentIndex(1)

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._said.setText(text)
        self._said.setStyleSheet("color: #b3261e" if bad else "")


def _table(headings: list[str]) -> QTableWidget:
    table = QTableWidget(0, len(headings))
    table.setHorizontalHeaderLabels(headings)
    table.verticalHeader().hide()
    table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
    table.horizontalHeader().setStretchLastSection(True)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    for column in range(len(headings) - 1):
        mode = QHeaderView.ResizeMode.Interactive
        table.horizontalHeader().setSectionResizeMode(column, mode)
        table.setColumnWidth(column, 220 if len(headings) == 3 else 90)
    return table


def _how(source: str) -> str:
    words = {
        "given": _("as given"),
        "cpg": _("said by .cpg"),
        "ldid": _("said by the language byte"),
        "detected": _("recognised from the bytes"),
        "format": _("fixed by the format"),
    }
    return words.get(source, source)
