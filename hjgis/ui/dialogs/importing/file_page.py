"""Step 1: which file."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.exchange.formats import FILES
from hjgis.i18n import _
from hjgis.paths import sample_data
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.importing.page import Page
from hjgis.ui.dialogs.importing.recent import RecentFiles
from hjgis.ui.dialogs.importing.work import Standing
from hjgis.ui.page_parts import ROLE, column_of, error_text, frame_list, heading, muted

_NO_DATA: Final = frozenset({".dbf", ".shx", ".prj", ".cpg"})


class FilePage(Page):
    """Path, recently imported files, and what can be read.

    `wanted` carries a file that is to be looked into at once.
    """

    wanted = Signal(object)

    def __init__(self, recent: RecentFiles) -> None:
        super().__init__()
        self._recent = recent
        self.path = QLineEdit()
        self.path.setPlaceholderText(_("Path of the file"))
        self.path.setClearButtonEnabled(True)
        self.path.textChanged.connect(self._typed)
        self.browse = QPushButton(_("Browse…"))
        self.browse.setAutoDefault(False)
        self.browse.clicked.connect(self._browse)
        self.folder = QPushButton(_("Folder…"))
        self.folder.setToolTip(_("A folder of photos, or a file geodatabase (.gdb)"))
        self.folder.setAutoDefault(False)
        self.folder.clicked.connect(self._browse_folder)
        self.trouble = error_text()
        self.trouble.hide()
        self.recent, self.samples = self._list(), self._list()
        self._lay_out()
        self._fill()

    def _list(self) -> QListWidget:
        files = QListWidget()
        frame_list(files)
        files.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        files.itemActivated.connect(self._activated)
        files.itemClicked.connect(self._clicked)
        return files

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(self.browse)
        row.addWidget(self.folder)
        drop = QFrame()
        drop.setObjectName("drop")
        inside = QVBoxLayout(drop)
        inside.setContentsMargins(16, 12, 16, 14)
        inside.setSpacing(8)
        inside.addWidget(QLabel(_("Drag a file here, type its path, or browse:")))
        inside.addLayout(row)
        inside.addWidget(self.trouble)
        both = QHBoxLayout()
        both.setSpacing(16)
        for title, files in (
            (_("Imported lately"), self.recent),
            (_("Files to practise with"), self.samples),
        ):
            part = QVBoxLayout()
            part.setSpacing(6)
            part.addWidget(heading(title))
            part.addWidget(files, 1)
            both.addLayout(part, 1)
        column = column_of(self)
        column.setSpacing(14)
        column.addWidget(drop)
        column.addLayout(both, 1)
        column.addWidget(self._formats())

    def _formats(self) -> QWidget:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 4)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        grid.addWidget(heading(_("What can be read")), 0, 0, 1, 2)
        for row, (sort, words) in enumerate(
            (
                (_("Maps"), _("Shapefile, GeoPackage, GeoJSON, KML/KMZ, geodatabase (.gdb), DXF")),
                (_("Tables"), _("Excel (.xlsx, .xls), CSV, TXT, points of CASS (.dat)")),
                (_("Networks"), _("survey workbooks with point and line tables, EPANET (.inp)")),
                (_("Field work"), _("photos with positions, NMEA logs of receivers (.nmea, .log)")),
                (_("Packed"), _("a ZIP that holds one of these; DWG must be saved as DXF first")),
            ),
            start=1,
        ):
            grid.addWidget(QLabel(sort), row, 0)
            grid.addWidget(muted(words), row, 1)
        return box

    def _fill(self) -> None:
        folder = sample_data() / "foreign"
        there = sorted(folder.iterdir()) if folder.is_dir() else []
        self._show(self.samples, [p for p in there if p.suffix not in _NO_DATA], folders=False)
        self._show(self.recent, self._recent.paths(), folders=True)
        if not self.recent.count():
            item = QListWidgetItem(_("Files that you import will be listed here."))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.recent.addItem(item)

    def _show(self, files: QListWidget, paths: list[Path], *, folders: bool) -> None:
        files.clear()
        for path in paths:
            item = QListWidgetItem(f"{path.name}   {path.parent}" if folders else path.name)
            item.setData(ROLE, path)
            item.setToolTip(str(path))
            files.addItem(item)

    def show_standing(self, standing: Standing) -> None:
        if standing.choices is None:
            self._fill()
        elif self.source != standing.choices.source:
            self.path.setText(str(standing.choices.source))

    @property
    def source(self) -> Path | None:
        """The file that is named."""
        text = self.path.text().strip().strip('"')
        return Path(text) if text else None

    @property
    def missing(self) -> str:
        return "" if self.source else _("Choose a file first.")

    def tell(self, trouble: str) -> None:
        """Say why the file cannot be used."""
        self.trouble.setText(trouble)
        self.trouble.setVisible(bool(trouble))

    def _typed(self) -> None:
        self.tell("")
        self.changed.emit()

    def _browse(self) -> None:
        start = self.path.text() or next((str(path.parent) for path in self._recent.paths()), "")
        kinds = _("Data ({endings})").format(endings=FILES)
        name = file_dialogs.open_file(self, _("Import"), start, kinds)[0]
        if name:
            self.wanted.emit(Path(name))

    def _browse_folder(self) -> None:
        name = file_dialogs.folder(self, _("Import"), self.path.text())
        if name:
            self.wanted.emit(Path(name))

    def _clicked(self, item: QListWidgetItem) -> None:
        if item.data(ROLE) is not None:
            self.path.setText(str(item.data(ROLE)))

    def _activated(self, item: QListWidgetItem) -> None:
        if item.data(ROLE) is not None:
            self.wanted.emit(item.data(ROLE))
