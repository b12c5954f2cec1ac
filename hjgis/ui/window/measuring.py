"""What the window does about completeness and renewal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from hjgis.checks.cells import CELLS
from hjgis.checks.renewal import PIPES
from hjgis.i18n import _
from hjgis.models.changes import ChangeSet
from hjgis.models.renewal import FACT, change_rules
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.docks import Docks
from hjgis.ui.window.later import Later
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.dialogs.renewal import RenewalDialog
    from hjgis.ui.panels.completeness import CompletenessPanel
    from hjgis.ui.panels.renewal import RenewalPanel


class Measuring(QObject):
    """Puts the panels of completeness and renewal below the map, and colours the map for them."""

    def __init__(self, workspace: Workspace, docks: Docks, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._docks, self._window = workspace, docks, window
        self._complete, self._renew = Later(self._completeness), Later(self._renewal)
        docks.add_below(self._complete, _("How complete"), before=docks.targets_tab)
        docks.add_below(self._renew, _("Renewal"), before=docks.overdue_tab)

    @property
    def completeness(self) -> CompletenessPanel:
        """The panel of what is missing."""
        return self._complete.panel

    @property
    def renewal(self) -> RenewalPanel:
        """The panel of what is to be renewed."""
        return self._renew.panel

    def _completeness(self) -> CompletenessPanel:
        from hjgis.ui.panels.completeness import CompletenessPanel

        panel = CompletenessPanel(self._space)
        panel.shaded.connect(partial(self._space.layers.shade, CELLS))
        self._connect(panel)
        return panel

    def _renewal(self) -> RenewalPanel:
        from hjgis.ui.panels.renewal import RenewalPanel

        panel = RenewalPanel(self._space)
        panel.shaded.connect(partial(self._space.layers.shade, PIPES))
        panel.rules_wanted.connect(self.change_rules)
        self._connect(panel)
        return panel

    def _connect(self, panel: CompletenessPanel | RenewalPanel) -> None:
        panel.zoom_wanted.connect(self._space.zoom_to_selection)
        panel.said.connect(self._space.canvas.message.say)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {
            "completeness": partial(self._docks.show_below, self._complete),
            "renewal": partial(self._docks.show_below, self._renew),
            "renewal-rules": self.change_rules,
        }

    def rules_dialog(self) -> RenewalDialog:
        """Return the window that asks for years, weights and points."""
        from hjgis.ui.dialogs.renewal import RenewalDialog

        return RenewalDialog(self._space.project, self._window)

    def change_rules(self) -> None:
        """Ask how renewal is scored; the answer is one step of undo."""
        dialog = self.rules_dialog()
        if accepted(dialog):
            self._space.carry_out(partial(self.rules_change, dialog))

    def rules_change(self, dialog: RenewalDialog) -> ChangeSet:
        """Return the edit that a dialog asks for."""
        return change_rules(self._space.project.info(FACT), dialog.rules)
