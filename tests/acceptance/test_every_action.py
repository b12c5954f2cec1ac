"""Everything that the window offers, pressed where there is nothing, or nothing to be changed."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.ui.main_window import MainWindow
from tests.acceptance.hands import press, press_in_table, shown, usable
from tests.rest import rest
from tests.ui.mouse import lock_layer

# Timers of windows and panels that wait before they look again.
MOMENT_MS = 800


def press_all(qtbot: QtBot, window: MainWindow, *, but: Collection[str] = ()) -> list[str]:
    """Press all that is offered, twice; return what opened a window beside the map."""
    opened: list[str] = []
    for _time in range(2):
        for action in usable(window):
            if action in but:
                continue
            dialogs = press(window, action)
            if dialogs:
                opened.append(action)
        qtbot.waitUntil(lambda: not window.jobs.busy)
    press_in_table(window, "manhole")
    rest(qtbot, window, within_ms=MOMENT_MS)
    return opened


def test_an_empty_project_stands_everything(qtbot: QtBot, project: Project) -> None:
    # What another test has copied would be pasted.
    QApplication.clipboard().clear()
    before = project.content_sha256()
    with shown(qtbot, project) as window, capture_exceptions() as faults:
        opened = press_all(qtbot, window)
        assert not faults, faults
    assert {"select-sentence", "select-location", "queries", "statistics", "lists"} <= {*opened}
    with Project.open(project.path, write=False) as after:
        assert after.content_sha256() == before


def test_a_project_that_is_only_read_stands_everything_and_stays_as_it_is(
    qtbot: QtBot, project: Project, keys: dict[str, FeatureKey]
) -> None:
    del keys
    before = project.content_sha256()
    project.close()
    content = project.path.read_bytes()
    reader = Project.open(project.path, write=False)
    with shown(qtbot, reader) as window, capture_exceptions() as faults:
        assert window.workspace is not None
        window.workspace.selection.set("manhole", reader.store.fids("manhole"))
        opened = press_all(qtbot, window)
        assert not faults, faults
        assert not {"record-add", "photo-add", "delete", "renumber"} & {*usable(window)}
    assert {"select-sentence", "select-location", "queries", "statistics"} <= {*opened}
    assert project.path.read_bytes() == content
    with Project.open(project.path, write=False) as after:
        assert after.content_sha256() == before


def test_the_features_of_a_locked_layer_stay_as_they_are(
    qtbot: QtBot, window: MainWindow, project: Project
) -> None:
    assert window.workspace is not None
    lock_layer(window.workspace, "manhole")
    window.workspace.selection.set("manhole", project.store.fids("manhole"))
    before = project.content_sha256()
    with capture_exceptions() as faults:
        press_all(qtbot, window, but=("undo", "redo", "discard"))
        assert not faults, faults
    assert project.content_sha256() == before
