"""Moments to come back to and copies of the project: what guards against loss."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QWidget

from hjgis.i18n import _, ngettext_
from hjgis.layers.checkpoints import Checkpoint
from hjgis.progress import Progress
from hjgis.ui.dialogs import confirming
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.panels.history import HistoryPanel
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.dialogs.archive import ArchiveDialog
    from hjgis.ui.dialogs.backups import BackupsDialog
    from hjgis.ui.dialogs.checkpoints import CheckpointsDialog


class Keeping(QObject):
    """What the actions of the window around history and copies do."""

    def __init__(self, workspace: Workspace, history: HistoryPanel, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._history, self._window = workspace, history, window

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {
            "save": self._space.say_saved,
            "discard": self._discard_latest,
            "checkpoints": self._show_checkpoints,
            "save-copy": self._save_copy,
            "restore-backup": self._show_backups,
            "archive": self._show_archive,
        }

    def _show_checkpoints(self) -> None:
        accepted(self.checkpoints_dialog())

    def _show_backups(self) -> None:
        self.backups_dialog().show()

    def _show_archive(self) -> None:
        accepted(self.archive_dialog())

    def archive_dialog(self) -> ArchiveDialog:
        """Return the window that moves old history into a file."""
        from hjgis.ui.dialogs.archive import ArchiveDialog

        dialog = ArchiveDialog(self._space.project, self._window)
        dialog.moved.connect(self._space.state_changed)
        dialog.moved.connect(self._history.refresh)
        return dialog

    def backups_dialog(self) -> BackupsDialog:
        """Return the list of backups; it stays open beside the map."""
        from hjgis.ui.dialogs.backups import BackupsDialog

        dialog = BackupsDialog(self._space.project, self._space.jobs, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.wanted.connect(self._space.carry_out)
        dialog.shown.connect(self._space.canvas.show_past)
        return dialog

    def checkpoints_dialog(self) -> CheckpointsDialog:
        """Return the list of moments to come back to."""
        from hjgis.ui.dialogs.checkpoints import CheckpointsDialog

        dialog = CheckpointsDialog(self._space.project, self._window)
        dialog.chosen.connect(self._go_back)
        return dialog

    def _discard_latest(self) -> None:
        marked = self._space.project.history.checkpoints()
        if not marked:
            self._space.canvas.message.say(_("No checkpoint is marked yet; Ctrl+S marks one."))
        elif not marked[0].since:
            self._space.canvas.message.say(_("Nothing was changed since the latest checkpoint."))
        else:
            self._go_back(marked[0])

    def _go_back(self, mark: Checkpoint) -> None:
        """Ask, then take back all that was done since."""
        question = ngettext_(
            "Take back the {count} change since checkpoint {name}? This can be undone.",
            "Take back the {count} changes since checkpoint {name}? This can be undone.",
            mark.since,
        )
        text = question.format(count=mark.since, name=mark.name)
        verb = ngettext_("Take back {count} change", "Take back {count} changes", mark.since)
        verb = verb.format(count=mark.since)
        if confirming.agreed(self._window, _("Back to checkpoint"), text, verb):
            self._space.discard_to(mark)

    def _save_copy(self) -> None:
        project = self._space.project
        proposal = project.path.with_stem("-".join((project.path.stem, _("copy"))))
        kinds = _("Projects (*.gpkg)")
        # What is there is never replaced, so nobody is asked whether it should be.
        target = ask_target(self._window, _("Save a copy"), proposal, kinds, replaces=False)
        if target is None:
            return

        def copy(progress: Progress) -> Path:
            progress.check()
            with project.reader() as reader:
                reader.store.save_copy(target)
            return target

        self._space.jobs.run(copy, self._say_copied, title=_("Writing a copy"))

    def _say_copied(self, target: Path) -> None:
        self._space.canvas.message.say(_("The copy is {path}").format(path=target))
