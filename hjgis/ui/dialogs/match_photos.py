"""Photos of a folder, each with the asset that it seems to be of; what is ticked is stored."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.edits.attachments import NEAR_M, Proposal, propose
from hjgis.errors import HjgisError
from hjgis.exchange.photos import in_folder
from hjgis.i18n import _, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.attachments import Paper
from hjgis.models.changes import FeatureKey
from hjgis.progress import Progress
from hjgis.ui import file_dialogs, theme
from hjgis.ui.jobs import Jobs
from hjgis.ui.page_parts import RIGHT, make_list, muted
from hjgis.ui.photos.attaching import Attaching, feature_name

_NAME, _TAKEN, _ASSET, _DISTANCE = range(4)
_THUMB: Final = QSize(64, 48)
_DOUBTFUL: Final = "#8a5300"
_CHECKED, _UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class MatchDialog(QDialog):
    """Proposes, lets the user tick, and stores all that is ticked as one change."""

    feature_wanted = Signal(object)

    def __init__(
        self,
        project: Project,
        jobs: Jobs,
        attaching: Attaching,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._jobs, self._attaching = project, jobs, attaching
        self._papers: list[Paper] = []
        self._proposals: list[Proposal] = []
        self.setWindowTitle(_("Photos of a folder"))
        self.choose = QPushButton(_("Choose folder…"))
        self.shrink = QCheckBox(_("Store them smaller (2560 pixels)"))
        self.kinds = QComboBox()
        self.kinds.addItem(_("All kinds of assets"), None)
        for asset in reversed(list(project.map_types.values())):
            if asset.kind == "asset" and project.count(asset.id):
                self.kinds.addItem(label(asset.label), asset.id)
        self.table = QTableWidget(0, 4)
        self.summary = muted(_("Photos with a position are put to the nearest asset."))
        self.store = QPushButton(_("Attach"))
        self.store.setObjectName("primary")
        self.store.setEnabled(False)
        self.leave = QPushButton(_("Close"))
        self.all = QPushButton(_("Tick all"))
        self.all.setEnabled(False)
        self._lay_out()
        self.choose.clicked.connect(self._ask_folder)
        self.kinds.activated.connect(self._propose)
        self.table.itemChanged.connect(self._count)
        self.table.itemSelectionChanged.connect(self._show_asset)
        self.all.clicked.connect(self._tick_all)
        self.store.clicked.connect(self._store)
        self.leave.clicked.connect(self.close)
        self.resize(820, 560)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.choose)
        head.addWidget(self.shrink)
        head.addStretch(1)
        head.addWidget(QLabel(_("Put them to")))
        head.addWidget(self.kinds)
        titles = [_("Photo"), _("Taken at"), _("Asset"), _("Distance")]
        make_list(self.table, titles)
        distance = self.table.horizontalHeaderItem(_DISTANCE)
        if distance is not None:
            distance.setTextAlignment(RIGHT)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.verticalHeader().setDefaultSectionSize(_THUMB.height() + 4)
        self.table.setIconSize(_THUMB)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_ASSET, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_TAKEN, QHeaderView.ResizeMode.ResizeToContents)
        foot = QHBoxLayout()
        foot.addWidget(self.summary, 1)
        foot.addWidget(self.all)
        foot.addWidget(self.store)
        foot.addWidget(self.leave)
        for button in (self.choose, self.all, self.store, self.leave):
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addLayout(foot)

    # -- photos --------------------------------------------------------------------------

    def read_folder(self, folder: Path) -> None:
        """Propose an asset for each photo of a folder."""
        try:
            paths = in_folder(folder)
        except HjgisError as error:
            self.summary.setText(str(error))
            return
        if not paths:
            self.summary.setText(
                _("There are no photos (JPEG) in {path}.").format(path=folder.name)
            )
            return
        self._papers = []
        self._attaching.look_at(paths, self.add, shrink=self.shrink.isChecked() or None)

    def add(self, papers: Sequence[Paper]) -> None:
        """Propose an asset for more photos, too."""
        self._papers += papers
        self._propose()

    def _ask_folder(self) -> None:
        chosen = file_dialogs.folder(self, _("Folder of photos"), str(Path.home()))
        if chosen:
            self.read_folder(Path(chosen))

    def _propose(self) -> None:
        papers, layers, reader = list(self._papers), self._layers(), self._project.reader

        def work(progress: Progress) -> tuple[list[Proposal], dict[FeatureKey, str]]:
            progress.check()
            with reader() as project:
                found = propose(project, papers, layers)
                keys = {one.key for one in found if one.key is not None}
                features = project.known(keys)
                names = {key: feature_name(project, one) for key, one in features.items()}
            return found, names

        self._jobs.run(work, self._show, title=_("Looking for the assets of photos"))

    def _layers(self) -> list[str]:
        chosen = self.kinds.currentData()
        places = range(1, self.kinds.count())
        return [chosen] if chosen else [self.kinds.itemData(place) for place in places]

    # -- the table -----------------------------------------------------------------------

    def _show(self, found: tuple[list[Proposal], dict[FeatureKey, str]]) -> None:
        self._proposals, names = found
        with QSignalBlocker(self.table):
            self.table.setRowCount(len(self._proposals))
            for row, proposal in enumerate(self._proposals):
                self._fill(row, proposal, names)
        self._count()

    def _fill(self, row: int, proposal: Proposal, names: dict[FeatureKey, str]) -> None:
        paper = proposal.paper
        first = QTableWidgetItem(paper.name)
        image = QImage.fromData(paper.content.preview or b"")
        first.setIcon(
            QIcon(QPixmap.fromImage(image)) if not image.isNull() else theme.icon("photo")
        )
        taken = (paper.taken_at or "").replace("T", " ")[:19]
        if proposal.key is None:
            none = (
                _("no position in it") if paper.place is None else _("nothing within {near:.0f} m")
            )
            asset, away = QTableWidgetItem(none.format(near=NEAR_M)), QTableWidgetItem("")
            asset.setForeground(QColor(_DOUBTFUL))
            # A box that cannot be ticked: without one the picture would stand further left.
            first.setCheckState(_UNCHECKED)
            first.setFlags(first.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            first.setToolTip(asset.text())
        else:
            first.setFlags(first.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            first.setCheckState(_CHECKED if proposal.sure else _UNCHECKED)
            asset = QTableWidgetItem(names.get(proposal.key, str(proposal.key)))
            away = QTableWidgetItem(f"{proposal.distance_m:.1f} m")
            away.setTextAlignment(RIGHT)
            if not proposal.sure:
                asset.setForeground(QColor(_DOUBTFUL))
                asset.setToolTip(_("Not sure: far away, or another asset is as near."))
        for column, item in enumerate((first, QTableWidgetItem(taken), asset, away)):
            self.table.setItem(row, column, item)

    @property
    def ticked(self) -> list[Proposal]:
        """What would be stored."""
        return [
            proposal
            for row, proposal in enumerate(self._proposals)
            if proposal.key is not None
            and (item := self.table.item(row, _NAME)) is not None
            and item.checkState() == _CHECKED
        ]

    def _count(self) -> None:
        found = sum(proposal.key is not None for proposal in self._proposals)
        ticked = len(self.ticked)
        words = ngettext_(
            "{count} photo, {found} near an asset, {ticked} ticked",
            "{count} photos, {found} near an asset, {ticked} ticked",
            len(self._proposals),
        )
        count = len(self._proposals)
        self.summary.setText(words.format(count=count, found=found, ticked=ticked))
        self.store.setEnabled(ticked > 0 and not self._project.read_only)
        self.all.setEnabled(ticked < found)

    def _tick_all(self) -> None:
        with QSignalBlocker(self.table):
            for row, proposal in enumerate(self._proposals):
                item = self.table.item(row, _NAME)
                if proposal.key is not None and item is not None:
                    item.setCheckState(_CHECKED)
        self._count()

    def _show_asset(self) -> None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        key = self._proposals[min(rows)].key if rows else None
        if key is not None:
            self.feature_wanted.emit(key)

    def _store(self) -> None:
        chosen = self.ticked
        wanted = [(one.key, one.paper) for one in chosen if one.key is not None]
        self._attaching.store(wanted, partial(self._stored, chosen))

    def _stored(self, chosen: Sequence[Proposal]) -> None:
        done = {id(one.paper) for one in chosen}
        self._papers = [paper for paper in self._papers if id(paper) not in done]
        if self._papers:
            self._propose()
        else:
            self.close()
