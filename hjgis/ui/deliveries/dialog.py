"""The assistant of deliveries: from a wish to a package that is registered."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget
from shapely.geometry.base import BaseGeometry

from hjgis.delivery import destination, package, planning
from hjgis.errors import Cancelled, HjgisError
from hjgis.exchange.area_file import area_of_file
from hjgis.i18n import N_, _
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.deliveries import Order
from hjgis.progress import Progress
from hjgis.ui import storing
from hjgis.ui.deliveries.done_page import DonePage
from hjgis.ui.deliveries.files_page import FilesPage
from hjgis.ui.deliveries.kinds_page import KindsPage
from hjgis.ui.deliveries.preview_page import PreviewPage
from hjgis.ui.deliveries.where_page import WherePage
from hjgis.ui.deliveries.who_page import WhoPage
from hjgis.ui.deliveries.wishes import Where, Wishes, WishPage
from hjgis.ui.jobs import Jobs
from hjgis.ui.step_dialog import StepDialog, StepPage

WHO, WHERE, KINDS, FILES, PREVIEW, DONE = "who", "where", "kinds", "files", "preview", "done"
TITLES: Final = {
    WHO: N_("Recipient"),
    WHERE: N_("Area"),
    KINDS: N_("Kinds and fields"),
    FILES: N_("Formats and place"),
    PREVIEW: N_("Preview"),
    DONE: N_("Delivered"),
}


class DeliverDialog(StepDialog):
    """Asks step by step; nothing is written before the preview has been seen."""

    register_wanted = Signal()

    def __init__(
        self,
        project: Project,
        jobs: Jobs,
        parent: QWidget | None = None,
        *,
        seen: Extent | None = None,
        whole: Extent | None = None,
        selected: tuple[str, NDArray[np.int64]] | None = None,
    ) -> None:
        self._project = project
        self._wishes = Wishes(Order("", "", ()), Where("all", ""))
        self.who, self.kinds = WhoPage(project), KindsPage(project)
        self.where = WherePage(project, seen=seen, whole=whole, selected=selected)
        self.files, self.preview = FilesPage(project), PreviewPage(project)
        self.done_page = DonePage()
        self._wish_pages: dict[str, WishPage] = {
            WHO: self.who, WHERE: self.where, KINDS: self.kinds, FILES: self.files,
            PREVIEW: self.preview, DONE: self.done_page,
        }  # fmt: skip
        super().__init__(jobs, TITLES, self._wish_pages, parent)
        self.setWindowTitle(_("Deliver"))
        self.where.file_wanted.connect(self._read_area)
        self.done_page.register_wanted.connect(self._show_register)
        self.done_page.another_wanted.connect(self._begin_again)
        self._show_step(WHO)

    @property
    def wishes(self) -> Wishes:
        """What is wished for so far."""
        return self._wishes

    # -- steps ---------------------------------------------------------------------------

    def _enter(self, page: StepPage) -> None:
        assert isinstance(page, WishPage)
        page.show_wishes(self._wishes)

    def _focus(self) -> None:
        if self._step == WHO:
            self.who.recipient.setFocus()
        else:
            super()._focus()

    def _why_not(self) -> str:
        return self._project.read_only_reason or "" if self._step == PREVIEW else ""

    def _next_words(self) -> str:
        return _("Deliver") if self._step == PREVIEW else super()._next_words()

    def _forward(self) -> None:
        if self._step == PREVIEW:
            self._build()
            return
        wished = self._wish_pages[self._step].wished(self._wishes)
        self._wishes = replace(wished, planned=None)
        if self._step == FILES:
            self._check_and_plan()
        else:
            super()._forward()

    def _begin_again(self) -> None:
        self._wishes = replace(self._wishes, planned=None, delivered=None)
        self._show_step(WHO)

    def _show_register(self) -> None:
        self.accept()
        self.register_wanted.emit()

    # -- work ----------------------------------------------------------------------------

    def _read_area(self, path: Path) -> None:
        job = partial(area_of_file, path, self._project.crs)

        def read(progress: Progress) -> BaseGeometry:
            return job(progress=progress)

        took = partial(self.where.take_area, path.name)
        self._run(read, took, self._area_failed, _("Reading the file"))

    def _area_failed(self, error: HjgisError) -> None:
        self.where.tell(str(error))

    def _check_and_plan(self) -> None:
        """Refuse a place or password at once, not after all has been looked at."""
        try:
            destination.check_folder(self.files.folder)
            destination.check_password(
                self._wishes.password or None, archive=self.files.archive.isChecked()
            )
        except HjgisError as error:
            self.tell(str(error))
            return
        self._plan()

    def _plan(self) -> None:
        project, wishes = self._project, self._wishes

        def plan(progress: Progress) -> planning.Planned:
            with project.reader() as reader:
                return planning.plan(
                    reader,
                    wishes.order,
                    area=wishes.where.area,
                    rows=wishes.where.rows,
                    query=wishes.where.query,
                    progress=progress,
                )

        self._run(plan, self._planned, self._refused, _("Looking at what goes out"))

    def _planned(self, planned: planning.Planned) -> None:
        self._wishes = replace(self._wishes, planned=planned)
        self._show_step(PREVIEW)

    def _refused(self, error: HjgisError) -> None:
        if not isinstance(error, Cancelled):
            self.tell(str(error))

    def _build(self) -> None:
        project, planned = self._project, self._wishes.planned
        assert planned is not None
        out = self._out()
        password = self._wishes.password or None

        def build(progress: Progress) -> package.Built:
            with project.reader() as reader:
                return package.build(reader, planned, out, password=password, progress=progress)

        self._run(build, self._built, self._refused, _("Writing the package"))

    def _out(self) -> Path:
        """Return the package: named after secrecy, recipient and day, never one that is there."""
        suffix = ".zip" if self.files.archive.isChecked() else ""
        planned, day = self._wishes.planned, dt.datetime.now().astimezone().date()
        assert planned is not None
        name = package.suggested_name(self._project, planned, day)
        for number in count(1):
            out = self.files.folder / f"{name}-{number}{suffix}"
            if not out.exists():
                return out
        raise AssertionError

    def _built(self, built: package.Built) -> None:
        try:
            rows = sum(map(len, built.rows.values()))
            delivered = storing.stored(self._project, rows, built.hand_over)
        except HjgisError as error:
            self._refused(error)
            return
        self._wishes = replace(self._wishes, delivered=delivered)
        self._show_step(DONE)
