"""Old history moved into a file of its own, and taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import (
    QDateEdit,
    QDialog,
    QFormLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.errors import HjgisError
from hjgis.i18n import _, ngettext_
from hjgis.layers.archive import SUFFIX, Cut
from hjgis.layers.project import Project
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs.lists import button_row
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.page_parts import MARGINS

# What is older than a quarter of a year is rarely taken back.
_USUAL_DAYS: Final = 90


class ArchiveDialog(QDialog):
    """Asks for a day; what was done before it goes into a file beside the project.

    `moved` is emitted when the history has become shorter or longer.
    """

    moved = Signal()

    def __init__(self, project: Project, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Archive history"))
        self._project = project
        self.day = QDateEdit()
        self.day.setCalendarPopup(True)
        self.day.setDisplayFormat("yyyy-MM-dd")
        today = QDate.currentDate()
        self.day.setMaximumDate(today.addDays(1))
        self.day.setDate(today.addDays(-_USUAL_DAYS))
        self.going, self.said = QLabel(), QLabel()
        self.archive = QPushButton(_("Archive…"))
        self.take_back = QPushButton(_("Take an archive back in…"))
        self._build()
        self.day.dateChanged.connect(self.refresh)
        self.archive.clicked.connect(self._ask_where)
        self.take_back.clicked.connect(self._ask_which)
        self.refresh()

    def _build(self) -> None:
        about = QLabel(
            _(
                "Changes before this day are moved into a file. The project gets leaner; undo and"
                " the history of features then reach back to that day only. No feature changes, and"
                " the file can be taken back in at any time."
            )
        )
        for text in (about, self.going, self.said):
            text.setWordWrap(True)
        self.said.setObjectName("muted")
        form = QFormLayout()
        form.addRow(_("Changes before"), self.day)
        form.addRow(_("Would be moved"), self.going)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(about)
        column.addLayout(form)
        column.addWidget(self.said)
        column.addStretch(1)
        column.addLayout(button_row(self, (self.archive, self.take_back)))
        self.resize(520, 200)

    @property
    def cut(self) -> Cut:
        """What would be moved."""
        chosen = self.day.date()
        day = dt.date(chosen.year(), chosen.month(), chosen.day())
        return self._project.history.archive_cut(day)

    def refresh(self) -> None:
        """Say how many changes would go."""
        cut = self.cut
        words = ngettext_("{count} change; {stay} stay", "{count} changes; {stay} stay", cut.going)
        text = words.format(count=cut.going, stay=cut.staying)
        if cut.held:
            held = ngettext_(
                "{count} of these is older, but a later one takes it back",
                "{count} of these are older, but a later one takes one of them back",
                cut.held,
            )
            text = f"{text} ({held.format(count=cut.held)})"
        self.going.setText(text)
        reason = self._project.read_only_reason or ""
        self.archive.setEnabled(bool(cut.going) and not reason)
        none = "" if cut.going else _("There is no change before this day.")
        self.archive.setToolTip(reason or none)
        self.take_back.setEnabled(not reason)
        self.take_back.setToolTip(reason)

    def _ask_where(self) -> None:
        path = self._project.path
        name = f"{path.stem}.history-{self.day.date().toString('yyyyMMdd')}{SUFFIX}"
        target = ask_target(self, _("Archive history"), path.with_name(name), self._kinds())
        if target is not None:
            cut = self.cut
            words = ngettext_(
                "{count} change is now in {path}", "{count} changes are now in {path}", cut.going
            )
            self._carry_out(
                lambda: self._project.session.archive(cut, target),
                words.format(count=cut.going, path=target),
            )

    def _ask_which(self) -> None:
        folder = str(self._project.path.parent)
        chosen = file_dialogs.open_file(self, _("Take an archive back in"), folder, self._kinds())[
            0
        ]
        if chosen:
            path = Path(chosen)
            done = _("The history is complete again from {path} on.").format(path=path.name)
            self._carry_out(lambda: self._project.session.take_archive_back(path), done)

    def _kinds(self) -> str:
        return _("Archives of a history (*{suffix})").format(suffix=SUFFIX)

    def _carry_out(self, work: Callable[[], object], words: str) -> None:
        try:
            work()
        except HjgisError as error:
            words = str(error)
        self.moved.emit()
        self.refresh()
        self.said.setText(words)
