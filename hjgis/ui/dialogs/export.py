"""Export: which layers, in which format and encoding, and what was lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import HjgisError
from hjgis.exchange import exporting
from hjgis.exchange.report import ExportReport
from hjgis.i18n import _, grouped, label
from hjgis.layers import querying
from hjgis.layers.project import Project
from hjgis.models.attachments import LAYER
from hjgis.models.changes import Extent
from hjgis.models.query import Query
from hjgis.models.wording import layer_label
from hjgis.progress import Progress
from hjgis.ui.jobs import Jobs

_FORMATS = (("shp", "Shapefile"), ("gpkg", "GeoPackage"), ("geojson", "GeoJSON"), ("csv", "CSV"))
_ROLE = Qt.ItemDataRole.UserRole


class ExportDialog(QDialog):
    """Writes layers for somebody else.

    Parameters
    ----------
    extent : tuple, optional
        What the window shows, offered as the area.
    """

    def __init__(
        self,
        project: Project,
        jobs: Jobs,
        parent: QWidget | None = None,
        extent: Extent | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Export"))
        self._project, self._jobs, self._extent = project, jobs, extent
        self._list = self._layer_list()
        self._format, self._encoding, self._area = QComboBox(), QComboBox(), QComboBox()
        for key, name in _FORMATS:
            self._format.addItem(name, key)
        self._encoding.addItem(_("GBK: opens right in CASS and older ArcGIS"), "gbk")
        self._encoding.addItem(_("UTF-8: for newer programs; holds every character"), "utf-8")
        self._area.addItem(_("All of the project"), None)
        if extent is not None:
            self._area.addItem(_("What the map shows"), extent)
        self._offer_queries()
        self._crs = QComboBox()
        self._crs.setEditable(True)
        self._crs.addItems([project.crs.text, "EPSG:4490", "EPSG:4524", "EPSG:4326"])
        self._photos = QCheckBox(_("Photos and papers of these features as well"))
        self._photos.setEnabled(LAYER in project.types and project.count(LAYER) > 0)
        if not self._photos.isEnabled():
            self._photos.setToolTip(_("There are none in the project."))
        self._out = QLineEdit(str(project.path.with_name(f"{project.path.stem}-export")))
        self._said = QLabel(
            _("Names are short and ASCII; a workbook beside the files says what they mean.")
        )
        self._said.setWordWrap(True)
        self._losses = QTableWidget(0, 4)
        self._losses.setHorizontalHeaderLabels(
            [_("Layer"), _("Field"), _("Feature"), _("What happened")]
        )
        self._losses.horizontalHeader().setStretchLastSection(True)
        self._losses.verticalHeader().hide()
        self._losses.hide()
        self._lay_out()
        self._format.currentIndexChanged.connect(self._format_chosen)
        self._area.currentIndexChanged.connect(self._area_chosen)
        self.resize(900, 560)

    def _layer_list(self) -> QListWidget:
        made = QListWidget()
        for layer in reversed(self._project.layers):
            item = QListWidgetItem(f"{label(layer.title)}   {grouped(layer.count)}")
            item.setData(_ROLE, layer.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            asset = layer.kind == "asset" and layer.count > 0
            item.setCheckState(Qt.CheckState.Checked if asset else Qt.CheckState.Unchecked)
            secrecy = self._project.asset_type(layer.id).secrecy
            if secrecy != "public":
                item.setText("   ".join((item.text(), _("internal"))))
            made.addItem(item)
        return made

    def _offer_queries(self) -> None:
        """Offer what saved queries find, each of its own layer."""
        types = self._project.types
        for entry in querying.saved(self._project):
            query = entry.query
            if query is not None and not querying.why_not(self._project, entry):
                words = _("Query “{name}”: only {layer}")
                name = label(types[query.layer].label)
                self._area.addItem(words.format(name=entry.name, layer=name), query)

    def _area_chosen(self) -> None:
        # What a query finds is of one layer, whatever is ticked.
        self._list.setEnabled(not isinstance(self._area.currentData(), Query))

    def _lay_out(self) -> None:
        browse = QPushButton(_("Browse…"))
        browse.clicked.connect(self._browse)
        out_row = QHBoxLayout()
        out_row.addWidget(self._out, 1)
        out_row.addWidget(browse)
        form = QFormLayout()
        form.setSpacing(12)
        form.addRow(_("Format"), self._format)
        form.addRow(_("Encoding"), self._encoding)
        form.addRow(_("Coordinate system"), self._crs)
        form.addRow(_("Extent"), self._area)
        form.addRow(_("Folder"), out_row)
        form.addRow("", self._photos)
        self._form = form
        right = QVBoxLayout()
        right.addLayout(form)
        right.addSpacing(8)
        right.addWidget(self._said)
        right.addWidget(self._losses, 1)
        right.addStretch(0)
        left = QVBoxLayout()
        left.addWidget(QLabel(_("Layers")))
        left.addWidget(self._list, 1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addLayout(left, 2)
        row.addLayout(right, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.addLayout(row, 1)
        column.addWidget(self._buttons())

    def _buttons(self) -> QDialogButtonBox:
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Close)
        buttons.button(standard.Close).setText(_("Close"))
        buttons.rejected.connect(self.reject)
        role = QDialogButtonBox.ButtonRole.ActionRole
        self._open = buttons.addButton(_("Open folder"), role)
        self._open.setEnabled(False)
        self._open.clicked.connect(self._open_folder)
        self._go = buttons.addButton(_("Export"), role)
        self._go.setObjectName("primary")
        self._go.clicked.connect(self.export)
        return buttons

    @property
    def _target(self) -> Path:
        out = Path(self._out.text().strip())
        if self._format.currentData() == "gpkg" and out.suffix.casefold() != ".gpkg":
            return out.with_name(f"{out.name}.gpkg")
        return out

    def _format_chosen(self) -> None:
        self._form.setRowVisible(self._encoding, self._format.currentData() == "shp")

    def _browse(self) -> None:
        name = QFileDialog.getExistingDirectory(self, _("Export"), str(self._target.parent))
        if name:
            self._out.setText(name)

    def _chosen(self) -> list[str]:
        items = [self._list.item(row) for row in range(self._list.count())]
        return [i.data(_ROLE) for i in items if i.checkState() == Qt.CheckState.Checked]

    def export(self) -> None:
        """Write in the background."""
        project, out, area = self._project, self._target, self._area.currentData()
        options: dict[str, Any] = {
            "format": self._format.currentData(),
            "layers": self._chosen(),
            "encoding": self._encoding.currentData(),
            "crs": self._crs.currentText().strip() or None,
            "extent": None if isinstance(area, Query) else area,
            "query": area if isinstance(area, Query) else None,
        }
        if not options["layers"] and options["query"] is None:
            self._said.setText(_("Choose at least one layer."))
            return
        if self._photos.isChecked() and options["format"] == "gpkg":
            # There they are in the file itself.
            options["layers"] = [*options["layers"], LAYER]
        else:
            options["photos"] = self._photos.isChecked()
        self._go.setEnabled(False)

        def work(progress: Progress) -> ExportReport:
            with project.reader() as reader:
                return exporting.export(reader, out, progress=progress, **options)

        self._jobs.run(work, self._done, title=_("Export"), on_error=self._failed)

    def _failed(self, error: HjgisError) -> None:
        self._go.setEnabled(True)
        self._said.setText(str(error))

    def _done(self, report: ExportReport) -> None:
        self._go.setEnabled(True)
        self._open.setEnabled(True)
        written = sum(layer.written for layer in report.layers)
        losses = [(layer.name, loss) for layer in report.layers for loss in layer.losses]
        text = _("{count} features in {files} files. {losses}")
        lost = (
            _("{count} values could not be kept as they are:").format(count=grouped(len(losses)))
            if losses
            else _("Nothing was lost.")
        )
        self._said.setText(
            text.format(count=grouped(written), files=len(report.files), losses=lost)
        )
        self._losses.setVisible(bool(losses))
        self._losses.setRowCount(len(losses))
        for row, (layer, loss) in enumerate(losses):
            name = layer_label(layer, self._project.catalogue)
            for column, cell in enumerate((name, loss.field, loss.uuid, loss.message)):
                self._losses.setItem(row, column, QTableWidgetItem(cell))

    def _open_folder(self) -> None:
        folder = self._target if self._target.is_dir() else self._target.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
