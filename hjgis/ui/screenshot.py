"""Pictures of the real window, for the manual and for looking at what was changed."""

from __future__ import annotations

import math
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from hjgis.edits.move import move_features
from hjgis.errors import ProjectError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.changes import Extent, FeatureKey
from hjgis.models.expression_functions import BY_NAME
from hjgis.models.pasting import read_block
from hjgis.models.query import Condition, Location, Query
from hjgis.models.statistics import Dimension, Measure
from hjgis.paths import sample_data
from hjgis.settings import Settings
from hjgis.ui.app import start_qt
from hjgis.ui.dialogs.importing.wizard import DONE, FILE, FOUND, UPDATE, ImportDialog
from hjgis.ui.dialogs.query.choosing import ChoosingDialog
from hjgis.ui.dialogs.table.calculator import CalculatorDialog
from hjgis.ui.dialogs.table.pasting import PasteDialog
from hjgis.ui.dialogs.table.replace import ReplaceDialog
from hjgis.ui.docks import Docks
from hjgis.ui.main_window import MainWindow
from hjgis.ui.painted_photos import attach_painted
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.querying import Querying
from hjgis.ui.viewport import at_denominator, centred
from hjgis.ui.workspace import Workspace

_LONGEST_S: Final = 120.0
# Timers that start late work (a preview after the last key) are shorter than this.
_QUIET_S: Final = 0.5
_FORM_DENOMINATOR: Final = 500.0
_FORM_LAYER: Final = "manhole"
_STORING: Final = frozenset({"import-update", "import-done", "photos", "viewer"})
# Screens of a feature; a project without any has no such picture.
_OF_A_MANHOLE: Final = frozenset(
    {"record", "photos", "viewer", "table-calculator", "table-paste", "table-replace"}
)
_NEAR_M: Final = 50.0
_DEEP_M: Final = 2.0
_MOVED: Final = 6
# Initials of public toilets and of squares.
_SEARCHED: Final = "gc"
_VIEWER_SHARE: Final = 0.85
_PASTED: Final = 8
_PASTED_FIELDS: Final = ("exp_no", "well_depth_m", "built_year")
_MOVED_BY_M: Final = (3.0, -4.0)


def take(
    project_path: Path, out: Path, *, size: tuple[int, int], show: str, extent: Extent | None
) -> None:
    """Draw one screen of the program into a picture.

    Raises
    ------
    ProjectError
        If the project does not open or holds nothing to show, or the picture cannot be written.
    """
    start_qt(["hjgis"])
    with ExitStack() as held:
        path = project_path.resolve()
        if show in _STORING:
            # What the picture shows is stored for it, so it is stored in a copy.
            folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
            path = Path(shutil.copy(path, folder / path.name))
        project = held.enter_context(closing(Project.open_or_read(path)))
        if show in _OF_A_MANHOLE and not project.count(_FORM_LAYER):
            message = _("There is nothing to show: this project has no {layer}.")
            name = label(project.asset_type(_FORM_LAYER).label)
            raise ProjectError(message.format(layer=name))
        started = show == "start"
        settings = Settings(recent=(str(project_path),)) if started else Settings()
        window = MainWindow(None if started else project, settings)
        window.resize(*size)
        window.show()
        try:
            picture = _screen(window, show, extent).grab()
        finally:
            window.close()
            window.deleteLater()
    if not picture.save(str(out)):
        raise ProjectError(_("Cannot write {path}.").format(path=out))


def _screen(window: MainWindow, show: str, extent: Extent | None) -> QWidget:
    """Bring up what is to be seen; return the widget to grab."""
    _wait(window)
    if window.workspace is None or window.docks is None:
        return window
    if extent is not None:
        window.workspace.canvas.show_extent(extent)
    kind, _dash, step = show.partition("-")
    dialogs: dict[str, Callable[[], QWidget]] = {
        "map": window.map_dialog,
        "import": window.import_dialog,
        "export": window.export_dialog,
        "record": partial(_record_dialog, window),
    }
    if window.editing is not None:
        dialogs["lists"] = window.editing.lists_dialog
        dialogs["renumber"] = window.editing.renumber_dialog
    if kind in dialogs:
        _wait(window)
        dialog = dialogs[kind]()
        dialog.show()
        if isinstance(dialog, ImportDialog):
            _import(window, dialog, step or FOUND)
        _wait(window)
        return dialog
    if show in ("photos", "viewer"):
        return _photos(window, large=show == "viewer")
    if show in ("query", "location") and window.querying is not None:
        return _question(window, window.querying, show)
    if show == "statistics" and window.querying is not None:
        return _statistics(window, window.querying)
    _prepare(window.workspace, window.docks, show, extent)
    if show == "search":
        window.search_box.open(_SEARCHED)
    _wait(window)
    if kind == "table" and step and step != "groups":
        table_dialog = _table_dialog(window.docks.table, step)
        table_dialog.show()
        _wait(window)
        return table_dialog
    return window


def _record_dialog(window: MainWindow) -> QWidget:
    """Return the window that asks for a record of one manhole."""
    assert window.workspace is not None
    assert window.inspecting is not None
    select_one(window.workspace)
    return window.inspecting.record_dialog()


def _photos(window: MainWindow, *, large: bool) -> QWidget:
    """Show painted pictures of a manhole: its form, or the viewer."""
    if window.workspace is None or window.photographs is None or window.docks is None:
        return window
    _prepare(window.workspace, window.docks, "form", None)
    _wait(window)
    (key,) = window.workspace.selection.keys(window.workspace.project)
    with tempfile.TemporaryDirectory() as folder:
        attach_painted(window.workspace, key, Path(folder))
    window.photographs.strip.list.setCurrentRow(1)
    _wait(window)
    window.photographs.scroll_to_strip()
    _wait(window)
    if not large:
        return window
    viewer = window.photographs.show_viewer(key)
    viewer.resize(viewer.maximumSize().boundedTo(window.size()) * _VIEWER_SHARE)
    _wait(window)
    return viewer


def _statistics(window: MainWindow, querying: Querying) -> QWidget:
    """Open the window of statistics with an example."""
    dialog = querying.statistics_dialog()
    dialog.show()
    by = (Dimension("road_name"), Dimension("material"))
    dialog.panel.show_question("pipe_line", by, Measure("length"))
    started = time.monotonic()
    while dialog.panel.busy and time.monotonic() - started < _LONGEST_S:
        _wait(window)
    return dialog


def _question(window: MainWindow, querying: Querying, show: str) -> QWidget:
    """Open a window that asks, with an example."""
    near = Location("near", Query("pipe_line", (Condition("kind", "=", "WS"),)), _NEAR_M)
    if show == "query":
        dialog: ChoosingDialog = querying.sentence_dialog()
        large = Condition("well_depth_m", ">", _DEEP_M)
        querying.sentence_dialog().show_query(Query(_FORM_LAYER, (large, near)))
    else:
        dialog = querying.location_dialog()
        querying.location_dialog().show_place(near)
    dialog.show()
    started = time.monotonic()
    while dialog.counting.busy and time.monotonic() - started < _LONGEST_S:
        _wait(window)
    return dialog


def _import(window: MainWindow, dialog: ImportDialog, step: str) -> None:
    """Go to a step of the wizard with the lamps that come with the sample."""
    dialog.resize(dialog.size().boundedTo(window.size()))
    if step == UPDATE:
        # Only what is there already can be updated.
        _import(window, dialog, DONE)
        _move_some(window.workspace, dialog.stored_layer)
    if step != FILE:
        dialog.choose(min((sample_data() / "foreign").glob("*.shp")))
        _wait(window)
    while dialog.step != step and dialog.next.isEnabled():
        dialog.go_on()
        _wait(window)


def _move_some(workspace: Workspace | None, layer: str) -> None:
    """Let what was imported last be otherwise than in its file."""
    if workspace is None:
        return
    project = workspace.project
    table = project.table(layer, [], geometry=False)
    keys = [FeatureKey(layer, str(uuid)) for uuid in table.uuids[-_MOVED:]]
    workspace.apply(move_features(project, keys, *_MOVED_BY_M))


def _prepare(workspace: Workspace, docks: Docks, show: str, extent: Extent | None) -> None:
    if show == "form":
        select_one(workspace)
        if extent is None:
            frame = at_denominator(workspace.canvas.frame, _FORM_DENOMINATOR)
            middle = workspace.layers.extent_of(_FORM_LAYER, workspace.selection.fids)
            workspace.canvas.set_frame(centred(frame, *middle[:2]) if middle else frame)
    elif show.startswith("table"):
        docks.open_table(_FORM_LAYER)
        if show == "table-groups":
            docks.table.do("groups")
    elif show == "check":
        docks.run_checks()
    elif show == "targets":
        docks.show_targets()
    elif show == "history":
        docks.show_history()
    elif show == "inspections":
        docks.show_overdue()


def _table_dialog(table: TablePanel, step: str) -> QDialog:
    """Return a window of the table with something in it."""
    view, model = table.view, table.model
    view.setCurrentIndex(model.index(0, model.column_of("exp_no")))
    if step == "paste":
        rows = [model.shown(row, model.column_of("exp_no")) for row in range(_PASTED)]
        lines = [f"{name}\t{1.5 + row}\t{2000 + row}" for row, name in enumerate(rows)]
        heads = [model.columns[model.column_of(name)].title for name in _PASTED_FIELDS]
        block = read_block("\n".join(["\t".join(heads), *lines, "?\tdeep\t1020"]))
        return PasteDialog(table, block)
    if step == "replace":
        replacing = ReplaceDialog(table)
        replacing.find_line.setText(model.shown(0, model.column_of("exp_no"))[:2])
        replacing.put_line.setText("JG")
        return replacing
    calculator = CalculatorDialog(table)
    calculator.fields.setCurrentIndex(calculator.fields.findData("well_depth_m"))
    ground, bottom = (
        model.columns[model.column_of(name)].title for name in ("ground_elev_m", "bottom_elev_m")
    )
    calculator.text.setPlainText(f"{BY_NAME['round'].name}([{ground}] - [{bottom}], 2)")
    return calculator


def select_one(workspace: Workspace) -> None:
    """Select the manhole nearest to the middle of all manholes."""
    extent = workspace.layers.extent(_FORM_LAYER)
    if extent is None:
        return
    x, y = (extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2
    radius = math.dist(extent[:2], extent[2:])
    nearest = workspace.layers[_FORM_LAYER].columns.near(x, y, radius)[0]
    workspace.selection.set(_FORM_LAYER, nearest.fids[:1])


def _wait(window: MainWindow) -> None:
    """Let the window work until nothing has been under way for a moment."""
    started = quiet_since = time.monotonic()
    while time.monotonic() - quiet_since < _QUIET_S:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.005)
        canvas = window.workspace.canvas if window.workspace else None
        small_busy = window.overview is not None and window.overview.busy
        if window.jobs.busy or small_busy or (canvas is not None and canvas.busy):
            quiet_since = time.monotonic()
        if time.monotonic() - started > _LONGEST_S:
            raise ProjectError(_("The window is still busy; no picture was made."))
