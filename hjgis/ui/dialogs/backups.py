"""The backups of a project: what differs from them, and how it is brought back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hjgis.edits.restore import restore
from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import N_, _, grouped, label, ngettext_
from hjgis.layers.backups import (
    WAYS,
    Backup,
    Comparison,
    Way,
    backups_of,
    compare,
    contents_in,
    save_as,
    states_in,
)
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, Feature, FeatureKey
from hjgis.progress import Progress
from hjgis.ui.dialogs.lists import button_row, set_up_list
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.jobs import Jobs
from hjgis.ui.page_parts import MARGINS, frame_list
from hjgis.ui.theme import allow

_LAYER: Final = 0
_COLUMNS: Final[tuple[Way, ...]] = WAYS
_HEADS: Final[dict[Way, str]] = {
    "deleted": N_("Deleted since"),
    "changed": N_("Changed since"),
    "added": N_("Added since"),
}
_WISHES: Final[dict[Way, str]] = {
    "deleted": N_("Bring back what was deleted since"),
    "changed": N_("Make what was changed since as it was"),
    "added": N_("Take out what was added since"),
}
# More at once take minutes, and are no mistake of an afternoon.
_MOST: Final = 50_000
# On the map, more would only be a blot.
_MOST_SHOWN: Final = 2_000
_Flag: Final = Qt.ItemFlag
_ROLE: Final = Qt.ItemDataRole.UserRole
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
States = Mapping[FeatureKey, Feature | None]


class BackupsDialog(QDialog):
    """Stays open beside the map.

    `wanted` carries what makes the edit that brings things back, `shown` the shapes that the
    features had in the backup.
    """

    wanted = Signal(object)
    shown = Signal(object)

    def __init__(self, project: Project, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Restore backup"))
        self._project, self._jobs = project, jobs
        self._comparison: Comparison | None = None
        self.backups = QListWidget()
        self.table = QTableWidget(0, 1 + len(_COLUMNS))
        self.state = QLabel()
        self.wishes = {way: QCheckBox(_(words)) for way, words in _WISHES.items()}
        self.show_there = QPushButton(_("Show on the map"))
        self.save = QPushButton(_("Save as a project of its own…"))
        self.bring = QPushButton(_("Bring back"))
        self._build()
        self._connect()
        self._list()

    # -- look ----------------------------------------------------------------------------

    def _build(self) -> None:
        set_up_list(self.table, [_("Layer"), *(_(_HEADS[way]) for way in _COLUMNS)])
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        frame_list(self.backups)
        self.state.setObjectName("muted")
        self.state.setWordWrap(True)
        for way in ("deleted", "changed"):
            self.wishes[way].setChecked(True)
        left, right, both, whole = QVBoxLayout(), QVBoxLayout(), QHBoxLayout(), QVBoxLayout(self)
        whole.setContentsMargins(*MARGINS)
        left.addWidget(QLabel(_("Backups")))
        left.addWidget(self.backups, 1)
        right.addWidget(self.state)
        right.addWidget(self.table, 1)
        for box in self.wishes.values():
            right.addWidget(box)
        both.addLayout(left, 2)
        both.addLayout(right, 3)
        whole.addLayout(both, 1)
        whole.addLayout(button_row(self, (self.bring, self.show_there, self.save)))
        self.resize(820, 440)

    def _connect(self) -> None:
        self.backups.currentItemChanged.connect(self._compare)
        self.table.itemChanged.connect(self._refresh_buttons)
        for box in self.wishes.values():
            box.toggled.connect(self._refresh_buttons)
        self.bring.clicked.connect(lambda: self._read(self.chosen(), self._bring_back))
        self.show_there.clicked.connect(lambda: self._read(self.chosen()[:_MOST_SHOWN], self._show))
        self.save.clicked.connect(self._save)

    def _list(self) -> None:
        for backup in backups_of(self._project.path):
            size = f"{backup.size_bytes / 1024**2:.1f} MB"
            item = QListWidgetItem(f"{backup.made:%Y-%m-%d %H:%M}   {size}\n{_age(backup.made)}")
            item.setData(_ROLE, backup)
            self.backups.addItem(item)
        if self.backups.count():
            self.backups.setCurrentRow(0)
            return
        words = _("There is no backup yet. One is made when a project is opened, every four hours.")
        self._say(words)

    def _say(self, words: str) -> None:
        self.state.setText(words)
        self._comparison = None
        self.table.setRowCount(0)
        self._refresh_buttons()

    # -- comparing -----------------------------------------------------------------------

    @property
    def backup(self) -> Backup | None:
        """The one that is chosen."""
        item = self.backups.currentItem()
        backup: Backup | None = item.data(_ROLE) if item is not None else None
        return backup

    def _compare(self) -> None:
        backup = self.backup
        if backup is None:
            return
        self._say(_("Comparing with the backup…"))
        project = self._project

        def work(progress: Progress) -> Comparison:
            with project.reader() as reader:
                return compare(reader, backup.path, progress)

        self._jobs.cancel()
        fail = partial(self._failed, backup)
        self._jobs.run(work, self._compared, title=_("Comparing with the backup"), on_error=fail)

    def _failed(self, backup: Backup, error: HjgisError) -> None:
        if self.backup == backup:
            stopped = isinstance(error, Cancelled)
            self._say(_("The comparison was stopped.") if stopped else str(error))

    def _compared(self, comparison: Comparison) -> None:
        if self.backup != comparison.backup:
            return
        if not comparison.layers:
            self._say(_("Nothing differs: the project is as it was then."))
            return
        self.state.setText(_("What differs from the backup:"))
        self.table.blockSignals(True)
        self.table.setRowCount(len(comparison.layers))
        for row, (layer, differing) in enumerate(comparison.layers.items()):
            name = QTableWidgetItem(label(self._project.asset_type(layer).label))
            name.setData(_ROLE, layer)
            name.setFlags(_Flag.ItemIsEnabled | _Flag.ItemIsUserCheckable)
            name.setCheckState(Qt.CheckState.Checked)
            self.table.setItem(row, _LAYER, name)
            for column, way in enumerate(_COLUMNS, start=1):
                many = len(getattr(differing, way))
                count = QTableWidgetItem(grouped(many) if many else "–")
                count.setTextAlignment(_RIGHT)
                self.table.setItem(row, column, count)
        self.table.blockSignals(False)
        self._comparison = comparison
        self._refresh_buttons()

    def chosen(self) -> list[FeatureKey]:
        """Return the features that are ticked."""
        if self._comparison is None:
            return []
        items = (self.table.item(row, _LAYER) for row in range(self.table.rowCount()))
        checked = Qt.CheckState.Checked
        layers = [item.data(_ROLE) for item in items if item and item.checkState() == checked]
        ways = [way for way, box in self.wishes.items() if box.isChecked()]
        return self._comparison.chosen(layers, ways)

    def _refresh_buttons(self) -> None:
        count, reason = len(self.chosen()), self._project.read_only_reason or ""
        words = ngettext_("Bring {count} feature back", "Bring {count} features back", count)
        self.bring.setText(words.format(count=count) if count else _("Bring back"))
        if count > _MOST:
            reason = _("More than {most} at once: save the backup as a project instead.").format(
                most=_MOST
            )
        self.bring.setEnabled(bool(count) and not reason)
        nothing = "" if count else _("Nothing is chosen that could be brought back.")
        self.bring.setToolTip(reason or nothing)
        allow(self.show_there, "", nothing)
        self.save.setEnabled(self.backup is not None)

    # -- bringing back -------------------------------------------------------------------

    def _read(self, keys: list[FeatureKey], then: Callable[[Backup, States], None]) -> None:
        """Read what features were, in the background, for `then`."""
        backup, project = self.backup, self._project
        if backup is None or not keys:
            return

        def work(progress: Progress) -> States:
            progress.check()
            with project.reader() as reader:
                return states_in(reader, backup.path, keys)

        self._jobs.run(work, partial(then, backup), title=_("Reading the backup"))

    def _bring_back(self, backup: Backup, states: States) -> None:
        facts = {"day": f"{backup.made:%Y-%m-%d %H:%M}"}
        self.wanted.emit(partial(self._restored, backup, states, facts))
        self._compare()

    def _restored(self, backup: Backup, states: States, facts: dict[str, str]) -> ChangeSet:
        """Return the edit that brings features back, and with photos what they show."""
        change = restore(self._project, states, label="edit.restore-backup", params=facts)
        contents = contents_in(self._project, backup.path, states.values())
        return replace(change, contents=contents)

    def _show(self, _backup: Backup, states: States) -> None:
        now = self._project.known(states)
        shapes = [(then or now[key]).geometry for key, then in states.items() if then or key in now]
        self.shown.emit(tuple(shape for shape in shapes if shape is not None))

    def _save(self) -> None:
        backup = self.backup
        if backup is None:
            return
        proposal = self._project.path.with_name(backup.path.name)
        kinds = _("Projects (*.gpkg)")
        target = ask_target(self, _("Save as a project of its own"), proposal, kinds)
        if target is None:
            return

        def copy(progress: Progress) -> Path:
            progress.check()
            save_as(backup, target)
            return target

        self._jobs.run(copy, self._saved, title=_("Writing a copy"))

    def _saved(self, target: Path) -> None:
        self.state.setText(_("The backup is now also {path}").format(path=target))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.shown.emit(())
        super().closeEvent(event)

    def reject(self) -> None:
        self.shown.emit(())
        super().reject()


def _age(made: dt.datetime) -> str:
    """Return how long ago something was made, in words."""
    minutes = int((dt.datetime.now(dt.UTC) - made).total_seconds() // 60)
    if minutes < 60:
        return ngettext_("{count} minute ago", "{count} minutes ago", minutes).format(count=minutes)
    hours = minutes // 60
    if hours < 48:
        return ngettext_("{count} hour ago", "{count} hours ago", hours).format(count=hours)
    days = hours // 24
    return ngettext_("{count} day ago", "{count} days ago", days).format(count=days)
