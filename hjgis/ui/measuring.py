"""What the window does about completeness and renewal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QWidget

from hjgis.checks.gaps import CELLS
from hjgis.checks.renewal import PIPES
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet
from hjgis.models.renewal import FACT, change_rules
from hjgis.ui.dialogs.renewal import RenewalDialog
from hjgis.ui.docks import Docks
from hjgis.ui.panels.completeness import CompletenessPanel
from hjgis.ui.panels.renewal import RenewalPanel
from hjgis.ui.workspace import Workspace


class Measuring(QObject):
    """Puts the panels of completeness and renewal below the map, and colours the map for them."""

    def __init__(self, workspace: Workspace, docks: Docks, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._docks, self._window = workspace, docks, window
        around = (workspace.project, workspace.bridge, workspace.selection, workspace.jobs)
        self.completeness = CompletenessPanel(*around)
        self.renewal = RenewalPanel(*around)
        docks.add_below(self.completeness, _("How complete"), before=docks.targets)
        docks.add_below(self.renewal, _("Renewal"), before=docks.overdue)
        self.completeness.shaded.connect(partial(workspace.layers.shade, CELLS))
        self.renewal.shaded.connect(partial(workspace.layers.shade, PIPES))
        self.renewal.rules_wanted.connect(self.change_rules)
        for panel in (self.completeness, self.renewal):
            panel.zoom_wanted.connect(workspace.zoom_to_selection)
            panel.said.connect(workspace.canvas.message.say)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {
            "completeness": partial(self._docks.show_below, self.completeness),
            "renewal": partial(self._docks.show_below, self.renewal),
            "renewal-rules": self.change_rules,
        }

    def rules_dialog(self) -> RenewalDialog:
        """Return the window that asks for years, weights and points."""
        return RenewalDialog(self._space.project, self._window)

    def change_rules(self) -> None:
        """Ask how renewal is scored; the answer is one step of undo."""
        dialog = self.rules_dialog()
        if dialog.exec() == QDialog.DialogCode.Accepted:
            self._space.carry_out(partial(self.rules_change, dialog))
        dialog.deleteLater()

    def rules_change(self, dialog: RenewalDialog) -> ChangeSet:
        """Return the edit that a dialog asks for."""
        return change_rules(self._space.project.info(FACT), dialog.rules)
