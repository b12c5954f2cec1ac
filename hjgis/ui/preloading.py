"""Modules that the first map does not need, loaded while nobody waits for anything."""

from __future__ import annotations

import logging
import pkgutil
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from hjgis.models.pinyin import learn

_log = logging.getLogger("hjgis.ui")
# Lower rooms first, so that hardly any module brings others along and each turn is short.
_ROOMS: Final = ("checks", "exchange", "cartography", "reports", "delivery", "ui")
# Pictures of windows are for the handbook; PDF is written in a job, and pypdf takes long to load.
_NOT: Final = ("hjgis.ui.scenes", "hjgis.cartography.pdf_layers")
_PAUSE_MS: Final = 15
_BUSY_MS: Final = 250


class Preloading(QObject):
    """Loads one module after another in the window's thread, a moment apart.

    Whoever opens a window for the first time then waits for that window only. It begins when
    `begin` is called, and rests while `busy` says so or a button of the mouse is held.
    """

    ended = Signal()

    def __init__(self, busy: Callable[[], bool], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._busy = busy
        self._names = _modules()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._turn)

    def begin(self) -> None:
        """Load what is not there yet, from the next quiet moment on."""
        self._timer.start(_BUSY_MS)

    def _turn(self) -> None:
        if self._busy() or QApplication.mouseButtons():
            self._timer.start(_BUSY_MS)
            return
        learn()
        name = next(self._names, None)
        if name is None:
            self.ended.emit()
            return
        try:
            import_module(name)
        except ImportError as error:
            # Whoever needs it is told why it does not work.
            _log.warning("%s cannot be loaded: %s", name, error)
        self._timer.start(_PAUSE_MS)


def _modules() -> Iterator[str]:
    for room in _ROOMS:
        package = import_module(f"hjgis.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name not in sys.modules and not found.name.startswith(_NOT):
                yield found.name
