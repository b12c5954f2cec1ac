"""The project's own lists: codes, units, operators, number ranges, targets."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QDialog, QPushButton, QTabWidget, QVBoxLayout, QWidget

from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models import numbering, operators, own_lists, targets
from hjgis.models.changes import Announcement
from hjgis.ui.dialogs.lists import button_row
from hjgis.ui.dialogs.project_lists.code_dialog import UNITS
from hjgis.ui.dialogs.project_lists.codes_page import CodesPage
from hjgis.ui.dialogs.project_lists.operators_page import OperatorsPage
from hjgis.ui.dialogs.project_lists.ranges_page import Areas, RangesPage
from hjgis.ui.dialogs.project_lists.targets_page import TargetsPage
from hjgis.ui.jobs import Jobs
from hjgis.ui.page_parts import MARGINS, error_text

_FACTS: Final = frozenset({own_lists.FACT, operators.FACT, numbering.FACT, targets.FACT})
_LATE_MS: Final = 600
Page = CodesPage | OperatorsPage | RangesPage | TargetsPage


class ProjectListsDialog(QDialog):
    """Stays open beside the map; `wanted` carries what makes an edit, `selected` layer and rows."""

    wanted = Signal(object)
    selected = Signal(str, object)

    def __init__(
        self, project: Project, jobs: Jobs, areas: Areas, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Project lists"))
        self.codes = CodesPage(project, jobs)
        self.units = CodesPage(project, jobs, only=UNITS)
        self.operators = OperatorsPage(project)
        self.ranges = RangesPage(project, areas)
        self.targets = TargetsPage(project)
        self.tabs = QTabWidget()
        self.said = error_text()
        self.said.hide()
        self._lay_out()
        for page in (self.codes, self.units):
            page.selected.connect(self.selected)
        self.tabs.currentChanged.connect(self._turned)
        search = QShortcut(QKeySequence(QKeySequence.StandardKey.Find), self)
        search.activated.connect(self._search)
        self._late = QTimer(self, interval=_LATE_MS, singleShot=True)
        self._late.timeout.connect(self.refresh)
        self._search()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(self.tabs, 1)
        column.addWidget(self.said)
        for page, title in (
            (self.codes, _("Code lists")),
            (self.units, _("Units")),
            (self.operators, _("Operators")),
            (self.ranges, _("Number ranges")),
            (self.targets, _("Targets")),
        ):
            self.tabs.addTab(page, title)
            page.wanted.connect(self._want)
            page.said.connect(self._say)
        # After the pages, as Tab goes.
        column.addLayout(button_row(self, ()))
        for made in self.findChildren(QPushButton):
            # Enter in a line or a table is for these, and must not close the window.
            made.setAutoDefault(False)
            made.setDefault(False)
        self.resize(980, 600)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.page.refresh()

    @property
    def page(self) -> Page:
        """The page that is seen."""
        page = self.tabs.currentWidget()
        assert isinstance(page, Page)
        return page

    def follow(self, announcement: Announcement) -> None:
        """Show anew what a change has touched."""
        counted = isinstance(self.page, CodesPage) and any(
            delta.fields or len(delta.inserted) or len(delta.deleted)
            for delta in announcement.layers.values()
        )
        if announcement.facts & _FACTS:
            self.refresh()
        elif counted:
            # Counting reads whole layers: once after a run of edits will do.
            self._late.start()

    def refresh(self) -> None:
        """Show anew what is seen."""
        if self.isVisible():
            self.page.refresh()

    def _turned(self) -> None:
        self._say("")
        self.page.refresh()
        if not self.tabs.tabBar().hasFocus():
            self._search()

    def _say(self, words: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))

    def _want(self, make: object) -> None:
        self._say("")
        self.wanted.emit(make)

    def _search(self) -> None:
        page = self.page
        table = page.codes if isinstance(page, CodesPage) else page.table
        table.search.setFocus()
        table.search.selectAll()
