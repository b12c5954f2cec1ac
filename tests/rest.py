"""Waiting for what is under way, where something is to be seen not to happen."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from hjgis.ui.scenes.stage import LATE_MS, is_at_work


def rest(qtbot: QtBot, window: QWidget, *, within_ms: int = LATE_MS) -> None:
    """Wait until nothing of a window works, and none of its timers of such a length runs."""
    qtbot.waitUntil(lambda: not is_at_work(window, within_ms=within_ms))
    QApplication.processEvents()
    qtbot.waitUntil(lambda: not is_at_work(window, within_ms=within_ms))
