"""What the window does for deliveries: the assistant, the register, what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from hjgis.models.deliveries import Delivery
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.deliveries.dialog import DeliverDialog
    from hjgis.ui.deliveries.register import RegisterDialog
    from hjgis.ui.deliveries.return_dialog import ReturnDialog


class Delivering(QObject):
    """Opens the dialogs and goes from one to the other."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._window = workspace, window

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {
            "deliver": self.deliver,
            "take-back": self.take_back,
            "deliveries": self.show_register,
        }

    def deliver_dialog(self) -> DeliverDialog:
        """Return the assistant, with what the map shows and what is selected to choose from."""
        # Loaded when it is wanted: with it come the rooms of checks, reports and sheets.
        from hjgis.ui.deliveries.dialog import DeliverDialog

        space = self._space
        layer = space.selection.layer
        selected = (layer, space.selection.fids) if layer is not None else None
        dialog = DeliverDialog(
            space.project,
            space.jobs,
            self._window,
            seen=space.canvas.frame.extent,
            whole=space.layers.main_extent(),
            selected=selected,
        )
        dialog.register_wanted.connect(self.show_register)
        return dialog

    def register_dialog(self) -> RegisterDialog:
        """Return the register."""
        from hjgis.ui.deliveries.register import RegisterDialog

        dialog = RegisterDialog(self._space.project, self._window)
        dialog.return_wanted.connect(self.take_back)
        return dialog

    def return_dialog(self, delivery: Delivery | None = None) -> ReturnDialog:
        """Return the dialog that takes back what a contractor changed."""
        from hjgis.ui.deliveries.return_dialog import ReturnDialog

        space = self._space
        dialog = ReturnDialog(space.project, space.jobs, self._window, delivery=delivery)
        dialog.map_wanted.connect(space.canvas.show_extent)
        return dialog

    def take_back(self, delivery: Delivery | None = None) -> None:
        """Ask for what came back, and take what is wanted of it."""
        accepted(self.return_dialog(delivery))

    def deliver(self) -> None:
        """Ask what is to be delivered, and write it."""
        accepted(self.deliver_dialog())

    def show_register(self) -> None:
        """Show what was delivered."""
        accepted(self.register_dialog())
