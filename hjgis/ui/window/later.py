"""A place for a panel that is made when it is first looked at, not when the window opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

P = TypeVar("P", bound=QWidget)


class Later(QWidget, Generic[P]):
    """Holds a panel; `make` makes it when it is first shown, or asked for.

    What it makes, and the modules that this needs, keep nobody waiting for the first map.
    """

    def __init__(self, make: Callable[[], P]) -> None:
        super().__init__()
        self._make = make
        self._panel: P | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    @property
    def panel(self) -> P:
        """The panel."""
        if self._panel is None:
            self._panel = self._make()
            self.setFocusProxy(self._panel)
            column = self.layout()
            assert column is not None
            column.addWidget(self._panel)
        return self._panel

    def showEvent(self, event: QShowEvent) -> None:
        _ = self.panel
        super().showEvent(event)
