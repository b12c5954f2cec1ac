"""What the window tells of the program itself: its keys, its health, its version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog, QMessageBox, QWidget

from hjgis import __version__
from hjgis.i18n import _
from hjgis.ui.actions.action_set import ActionSet
from hjgis.ui.jobs import Jobs

if TYPE_CHECKING:
    from hjgis.ui.dialogs.health import HealthDialog


class Helping(QObject):
    """Opens the windows of the help menu but the handbook; they go when they are closed."""

    def __init__(
        self, actions: ActionSet, jobs: Jobs, window: QWidget, *, project: Path | None
    ) -> None:
        super().__init__(window)
        self._actions, self._jobs, self._window = actions, jobs, window
        self._project = project

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {"keys": self._show_keys, "doctor": self.examine, "about": self._show_about}

    def examine(self) -> HealthDialog:
        """Show whether the program, its surroundings and the project are in order."""
        from hjgis.ui.dialogs.health import HealthDialog

        dialog = HealthDialog(self._jobs, self._project, self._window)
        _show(dialog)
        return dialog

    def _show_keys(self) -> None:
        from hjgis.ui.dialogs.keys import KeysDialog

        _show(
            KeysDialog(
                [
                    (self._actions[spec.id].iconText(), ", ".join(spec.keys))
                    for spec in self._actions.specs.values()
                    if spec.keys
                ],
                self._window,
            )
        )

    def _show_about(self) -> None:
        text = _(
            "hjgis {version}\n\nThe asset inventory of a town: parks, toilets, manholes, pipes, "
            "street lamps, bike stations and parking. Works without a network."
        )
        QMessageBox.about(self._window, _("About hjgis"), text.format(version=__version__))


def _show(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
