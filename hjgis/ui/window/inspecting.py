"""What the window does about inspections, repairs and asset files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from hjgis.edits.cycles import change_cycles
from hjgis.edits.records import add_records, change_record, delete_records
from hjgis.i18n import _, label, ngettext_
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.models.records import FINE, finding_of, inspected_kinds
from hjgis.progress import Progress
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.docks import Docks
from hjgis.ui.panels.records import RecordsPart
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.dialogs.cycles import CyclesDialog
    from hjgis.ui.dialogs.record import RecordDialog


class Inspecting(QObject):
    """Asks for records and cycles, makes the edits, writes asset files."""

    def __init__(self, workspace: Workspace, docks: Docks, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._window = workspace, window
        self.part = RecordsPart(workspace.project, workspace.bridge)
        self.part.add_wanted.connect(self.add_record)
        self.part.fine_wanted.connect(self.record_fine)
        self.part.change_wanted.connect(self.change_record)
        self.part.delete_wanted.connect(self.delete_records)
        docks.attributes.add_part(_("Inspections and repairs"), self.part)
        docks.cycles_wanted.connect(self.change_cycles)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {
            "record-fine": self.record_fine,
            "record-add": self.add_record,
            "inspection-cycles": self.change_cycles,
            "dossier": self.ask_dossier,
        }

    def record_fine(self) -> None:
        """Record that what is selected was inspected today and nothing was found."""
        from hjgis.ui.dialogs.record import new_record

        if not self._can_be_inspected():
            return
        project = self._space.project
        keys = self._space.selection.keys(project)
        finding = finding_of({"finding": FINE}, project.catalogue)
        state = str(finding.extra["state"]) if finding and "state" in finding.extra else None
        values = {**new_record(project), "finding": FINE, "state_after": state}
        self._space.carry_out(lambda: add_records(project, keys, values))

    def add_record(self) -> None:
        """Ask for a record of what is selected."""
        if self._can_be_inspected():
            dialog = self.record_dialog()
            if accepted(dialog):
                self.store_new(dialog)

    def record_dialog(self) -> RecordDialog:
        """Return the window that asks for a new record of what is selected."""
        from hjgis.ui.dialogs.record import RecordDialog, new_record

        space = self._space
        layer, count = space.selection.layer, len(space.selection)
        assert layer is not None
        words = ngettext_("{count} × {kind}", "{count} × {kind}", count)
        about = words.format(count=count, kind=label(space.project.asset_type(layer).label))
        return RecordDialog(
            space.project,
            about=about,
            asset=layer,
            values=new_record(space.project),
            parent=self._window,
        )

    def store_new(self, dialog: RecordDialog) -> None:
        """Store what was filled in, for all that is selected."""
        project, values = self._space.project, dialog.values
        keys = self._space.selection.keys(project)
        self._space.carry_out(lambda: add_records(project, keys, values))

    def change_record(self, key: FeatureKey) -> None:
        """Ask what of a record is to be changed."""
        from hjgis.ui.dialogs.record import RecordDialog

        project = self._space.project
        if project.read_only:
            return
        record = project.get(key)
        dialog = RecordDialog(
            project,
            about=_("Change a record"),
            asset=str(record.values.get("asset_layer")),
            values=record.values,
            parent=self._window,
        )
        if accepted(dialog):
            values = dialog.values
            self._space.carry_out(lambda: change_record(project, key, values))

    def delete_records(self, keys: Sequence[FeatureKey]) -> None:
        """Delete records; undo brings them back."""
        project = self._space.project
        self._space.carry_out(lambda: delete_records(project, keys))

    def change_cycles(self) -> None:
        """Ask how often assets are inspected."""
        from hjgis.ui.dialogs.cycles import CyclesDialog

        dialog = CyclesDialog(self._space.project, self._window)
        if accepted(dialog):
            self._space.carry_out(partial(self._cycles_change, dialog))

    def _cycles_change(self, dialog: CyclesDialog) -> ChangeSet:
        return change_cycles(self._space.project, dialog.cycles)

    def ask_dossier(self) -> None:
        """Ask where the files of what is selected go."""
        name = _("asset files {date}.pdf").format(date=dt.date.today().isoformat())
        start = self._space.project.path.with_name(name)
        path = ask_target(self._window, _("Asset file as PDF"), start, _("PDF files (*.pdf)"))
        if path is not None:
            self.write_dossier(path)

    def write_dossier(self, path: Path) -> None:
        """Write the files of what is selected, in the background."""
        from hjgis.cartography.dossier_output import DossierResult, write_dossiers

        project = self._space.project
        keys = self._space.selection.keys(project)

        def work(progress: Progress) -> DossierResult:
            with project.reader() as reader:
                return write_dossiers(reader, keys, path, progress=progress)

        self._space.jobs.run(work, self._dossier_written, title=_("Asset files"))

    def _dossier_written(self, result: object) -> None:
        path = getattr(result, "path", "")
        self._space.canvas.message.say(_("Written: {path}").format(path=path))

    def _can_be_inspected(self) -> bool:
        layer = self._space.selection.layer
        kinds = {asset.id for asset in inspected_kinds(self._space.project.types)}
        if layer in kinds:
            return True
        self._space.canvas.message.say(_("What is selected is not inspected: it is no asset."))
        return False
