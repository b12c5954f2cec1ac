"""What stands open beside the map when its project goes."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from hjgis.edits.attributes import set_values
from hjgis.models.changes import FeatureKey
from hjgis.ui.actions.action_table import ACTIONS
from hjgis.ui.actions.needs import needs_project, needs_selection
from hjgis.ui.main_window import MainWindow
from tests.rest import rest

# These end the window itself, ask the system for a file, or fill the clipboard's place.
LEFT_OUT = {"close", "quit", "save-copy", "settings", "new", "open", "sample", "keys", "about"}
WITHIN_MS = 800


def shown_by(window: MainWindow, action: str) -> QDialog | None:
    """Do an action; return the window that it shows. One that waits for an answer is shut."""
    modal: list[QDialog] = []

    def shut() -> None:
        asked = QApplication.activeModalWidget()
        if isinstance(asked, QDialog):
            modal.append(asked)
            asked.reject()

    QTimer.singleShot(0, shut)
    before = {id(d) for d in window.findChildren(QDialog) if d.isVisible()}
    window.do(action)
    QApplication.processEvents()
    if modal:
        return None
    found = [d for d in window.findChildren(QDialog) if d.isVisible() and id(d) not in before]
    return found[0] if found else None


def opening(window: MainWindow) -> list[str]:
    return [
        spec.id
        for spec in ACTIONS
        if spec.id not in LEFT_OUT
        and spec.need in (needs_project, needs_selection)
        and not spec.tool
    ]


def test_windows_beside_the_map_keep_still_when_the_project_closes(
    qtbot: QtBot, window: MainWindow, keys: dict[str, FeatureKey]
) -> None:
    space = window.workspace
    assert space is not None
    space.selection.set("manhole", space.project.store.fids("manhole"))
    with capture_exceptions() as faults:
        names = [name for name in opening(window) if shown_by(window, name)]
        # A change that all of them hear of, just before the end.
        values = {"responsible_unit": "某物业"}
        space.apply(set_values(space.project, [keys["A"]], values))
        window.release()
        rest(qtbot, window, within_ms=WITHIN_MS)
    assert len(names) > 5, names
    assert not faults, (names, faults)
    assert not [d for d in window.findChildren(QDialog) if d.isVisible()]
