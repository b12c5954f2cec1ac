"""Writing what the table shows to a file, with progress."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton

from hjgis.exchange.table_export import TableView, write_view
from hjgis.i18n import _, grouped, label, ngettext_
from hjgis.layers.project import Project
from hjgis.progress import Progress
from hjgis.ui.dialogs.table.frame import TableDialog
from hjgis.ui.page_parts import muted
from hjgis.ui.panels.table import TablePanel


class ExportTableDialog(TableDialog):
    """Rows, columns and their order as they are shown; says when it is done."""

    def __init__(self, panel: TablePanel, path: Path) -> None:
        super().__init__(panel, _("Export table"), _("Write"))
        self.path = path
        about = QLabel(_("Writes the rows and columns that are shown, codes by their names."))
        about.setWordWrap(True)
        self.show_file = QPushButton(_("Open the folder"))
        self.show_file.setAutoDefault(False)
        self.show_file.hide()
        self.body.addWidget(about)
        self.body.addWidget(muted(str(path)))
        self.body.addWidget(self.show_file, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addStretch(1)
        self.resize(460, 150)
        self.ok.clicked.connect(self.write)
        self.show_file.clicked.connect(self._open_folder)

    def write(self) -> None:
        """Write the file."""
        model, view, path = self.panel.model, self.panel.view, self.path
        shown = [(model.columns[at], view.columnWidth(at)) for at in view.visible_columns()]
        asked = TableView(
            self.asset.id,
            label(self.asset.label),
            tuple(column.name for column, _width in shown),
            tuple(column.heading for column, _width in shown),
            tuple(width for _column, width in shown),
            model.fids,
        )

        def work(project: Project, progress: Progress) -> int:
            return write_view(project, asked, path, progress=progress)

        self.ok.setEnabled(False)
        self.run(len(model.fids), work, self._done)

    def _done(self, count: int) -> None:
        words = ngettext_("{count} row written", "{count} rows written", count)
        self.say(words.format(count=grouped(count)))
        self.show_file.show()

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.path.parent)))
