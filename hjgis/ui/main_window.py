"""The main window: menus, tool row, docks, status bar. Rebuilt for another project or language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QMainWindow,
    QMessageBox,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from hjgis import paths
from hjgis.errors import Cancelled, HjgisError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent
from hjgis.render.frame import MapFrame
from hjgis.settings import Settings
from hjgis.ui import file_dialogs, glimpses, theme
from hjgis.ui.actions.action_set import ActionSet
from hjgis.ui.actions.edit_table import FORM_ACTIONS
from hjgis.ui.actions.menu_bar import MenuBar
from hjgis.ui.actions.menus import Menus
from hjgis.ui.actions.needs import State
from hjgis.ui.binding import screen_room
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.importing.dropping import FileDrop
from hjgis.ui.docks import Docks
from hjgis.ui.handbook.opening import Handbook
from hjgis.ui.jobs import Jobs
from hjgis.ui.map.overview import OverviewMap
from hjgis.ui.map.snap_menu import keep_snapped, restore_snapped
from hjgis.ui.map.typing_box import keep_angles, restore_angles
from hjgis.ui.memory import memory
from hjgis.ui.network.following import Following
from hjgis.ui.photos.photographs import Photographs
from hjgis.ui.search.search_box import SearchBox, search_box_of
from hjgis.ui.window.check_reporting import CheckReporting
from hjgis.ui.window.delivering import Delivering
from hjgis.ui.window.editing import Editing
from hjgis.ui.window.helping import Helping
from hjgis.ui.window.inspecting import Inspecting
from hjgis.ui.window.keeping import Keeping
from hjgis.ui.window.layer_list import LayerList
from hjgis.ui.window.measuring import Measuring
from hjgis.ui.window.operator_bar import OperatorBar
from hjgis.ui.window.querying import Querying
from hjgis.ui.window.start_page import StartPage
from hjgis.ui.window.status_bar import StatusBar
from hjgis.ui.window.theming import Theming
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.dialogs.importing.wizard import ImportDialog
    from hjgis.ui.mapsheet.window import MapWindow

_LAYOUT_VERSION: Final = 1


class MainWindow(QMainWindow):
    """One window with one project, or with the start page."""

    open_requested = Signal(object)
    new_requested = Signal()
    sample_requested = Signal()
    import_requested = Signal()
    forget_requested = Signal(object)
    close_requested = Signal()
    settings_requested = Signal()
    operator_named = Signal(str)

    def __init__(
        self, project: Project | None, settings: Settings, *, layout: Path | None = None
    ) -> None:
        super().__init__()
        self._settings = settings
        self._layout_file = layout
        self._shown_map_window: MapWindow | None = None
        self.jobs = Jobs(self)
        self.workspace = Workspace(project, self.jobs, self) if project else None
        self.actions_by_id = ActionSet(_drawn_kinds(project) if project else (), self)
        self.docks: Docks | None = None
        self.overview: OverviewMap | None = None
        self.operator_bar: OperatorBar | None = None
        self.editing: Editing | None = None
        self.inspecting: Inspecting | None = None
        self.measuring: Measuring | None = None
        self.following: Following | None = None
        self.check_reporting: CheckReporting | None = None
        self.delivering: Delivering | None = None
        self.keeping: Keeping | None = None
        self.layer_list: LayerList | None = None
        self.querying: Querying | None = None
        self.photographs: Photographs | None = None
        self.theming: Theming | None = None
        self._status = StatusBar()
        self._dress()
        self._menus = Menus(self.actions_by_id, self.workspace, settings.recent, self)
        self._menus.fill(self.menuBar())
        self.bookmarks = self._menus.bookmarks
        if self.workspace is None:
            self._show_start_page()
        else:
            self._show_workspace(self.workspace)
        self.search_box: SearchBox = search_box_of(self, settings.recent)
        self.handbook = Handbook(self, self.actions_by_id["handbook"])
        path = project.path if project else None
        self.helping = Helping(self.actions_by_id, self.jobs, self, project=path)
        self._connect()
        self._refresh_actions()
        self._restore_layout()

    # -- building ------------------------------------------------------------------------

    def _dress(self) -> None:
        self.setMenuBar(MenuBar())
        self.setStatusBar(self._status)
        self.setWindowIcon(theme.icon("app"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setDockNestingEnabled(False)
        self.resize(1366, 768)

    def _show_start_page(self) -> None:
        self.setWindowTitle("hjgis")
        page = StartPage(self._settings)
        page.open_requested.connect(self.open_requested)
        page.new_requested.connect(self.new_requested)
        page.sample_requested.connect(self.sample_requested)
        page.import_requested.connect(self.import_requested)
        page.forget_requested.connect(self.forget_requested)
        self.setCentralWidget(page)
        self._status.hide()

    def _show_workspace(self, workspace: Workspace) -> None:
        project = workspace.project
        self.setWindowTitle(f"{project.title} – hjgis")
        self.addToolBar(self._menus.tool_row())
        self.setCentralWidget(self._map_area(workspace))
        self.docks = Docks(self, workspace)
        self.editing = Editing(workspace, self)
        self.docks.issues.exceptions_wanted.connect(self.editing.show_exceptions)
        self.check_reporting = CheckReporting(workspace, self)
        self.docks.issues.report_wanted.connect(self.check_reporting.ask)
        self.inspecting = Inspecting(workspace, self.docks, self)
        self.measuring = Measuring(workspace, self.docks, self)
        self.following = Following(workspace, self)
        self.keeping = Keeping(workspace, self.docks.history, self)
        self.layer_list = LayerList(workspace, self.docks, self.actions_by_id, self)
        self.querying = Querying(workspace, self.docks, self)
        self.theming = Theming(workspace, self.docks, self)
        self.delivering = Delivering(workspace, self)
        self.photographs = Photographs(workspace, self._settings, self, memory=self._layout_file)
        self.photographs.show_in(self.docks.attributes, self.actions_by_id["camera-folder"])
        self.inspecting.part.photo_wanted.connect(self.photographs.ask_files)
        self.overview = OverviewMap(workspace.canvas, workspace.layers, project.reader)
        self._status.show_crs(project.crs)
        self.operator_bar = OperatorBar(workspace)
        self._status.show_operator(project.session.operator)
        self._status.show_saved(read_only=project.read_only)
        self._status.show_denominator(workspace.canvas.frame.scale_denominator)
        self._status.show_hint(workspace.canvas.tool.hint())

    def _map_area(self, workspace: Workspace) -> QWidget:
        """Return the map, below a bar where it can only be read."""
        if not workspace.project.read_only:
            return workspace.canvas
        reason = workspace.project.read_only_reason or ""
        words = _("It can be looked at here, but not changed.")
        area, bar = QWidget(), QLabel(f"{reason} {words}".strip())
        bar.setObjectName("readOnlyBar")
        bar.setWordWrap(True)
        column = QVBoxLayout(area)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(workspace.canvas, 1)
        return area

    # -- wiring --------------------------------------------------------------------------

    def _connect(self) -> None:
        self.actions_by_id.chosen.connect(self.do)
        self._menus.project_chosen.connect(self.open_requested)
        if self.bookmarks is not None:
            self.bookmarks.failed.connect(self.show_error)
        jobs, status = self.jobs, self._status
        jobs.started.connect(status.start_work)
        jobs.progressed.connect(status.show_progress)
        jobs.finished.connect(status.end_work)
        jobs.failed.connect(self.show_error)
        status.cancel_requested.connect(jobs.cancel)
        if self.workspace is not None and self.docks is not None:
            self._connect_workspace(self.workspace, self.docks)
            FileDrop(self).dropped.connect(self.open_import_dialog)

    def _connect_workspace(self, workspace: Workspace, docks: Docks) -> None:
        canvas, status = workspace.canvas, self._status
        workspace.failed.connect(self.show_error)
        workspace.state_changed.connect(self._refresh_actions)
        workspace.tool_changed.connect(self._tool_changed)
        canvas.mouse_moved.connect(status.show_place)
        canvas.hint_changed.connect(status.show_hint)
        canvas.view_changed.connect(self._view_changed)
        status.denominator_chosen.connect(canvas.set_denominator)
        status.denominator_chosen.connect(canvas.setFocus)
        status.lock_toggled.connect(canvas.lock_scale)
        for panel in (docks.table, docks.issues):
            panel.zoom_requested.connect(canvas.show_extent)
        docks.attributes.zoom_wanted.connect(workspace.zoom_to_selection)
        docks.receiver.follow_changed.connect(self.actions_by_id["follow-position"].setChecked)
        for editor in (docks.attributes, docks.table):
            editor.troubled.connect(canvas.message.say)
        if self.operator_bar is not None:
            status.operator_pressed.connect(self.operator_bar.ask_now)
            self.operator_bar.named.connect(status.show_operator)
            self.operator_bar.named.connect(self.operator_named)
        if self.overview is not None:
            self.overview.fold_changed.connect(self.actions_by_id["overview"].setChecked)
            self.actions_by_id["overview"].setChecked(self.overview.is_open)
        # Shortcuts of the map only: elsewhere letters are typed, and tables copy in their own way.
        for name in ("snapping", "copy", "paste"):
            canvas.addAction(self.actions_by_id[name])
            self.actions_by_id[name].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        docks.attributes.take_actions(self.actions_by_id[spec.id] for spec in FORM_ACTIONS)
        if self.editing is not None:
            docks.attributes.templates_wanted.connect(self.editing.show_templates)
        if self.theming is not None:
            self.theming.legend_changed.connect(self.actions_by_id["theme-legend"].setChecked)
            self.actions_by_id["theme-legend"].setChecked(True)
        # A sketch that was left unfinished is taken up before anybody listens.
        self._tool_changed(workspace.toolbox.name_of(canvas.tool))
        canvas.setFocus()

    def do(self, action: str) -> None:
        """Carry out an action of the table."""
        commands = self._commands()
        if action in commands:
            commands[action]()
        elif self.workspace is not None:
            self.workspace.use_tool(action)
        if self.workspace is not None and self.actions_by_id.specs[action].tool:
            self.workspace.canvas.setFocus()

    def _commands(self) -> dict[str, Callable[[], object]]:
        result: dict[str, Callable[[], object]] = {
            "new": self.new_requested.emit,
            "open": self._ask_open,
            "sample": self.sample_requested.emit,
            "close": self.close_requested.emit,
            "quit": self.close,
            "settings": self.settings_requested.emit,
            "search": self.search_box.open,
            "handbook": self.handbook.open,
            "menu-bar": self._open_first_menu,
            **self.helping.commands(),
        }
        if self.workspace is not None and self.docks is not None:
            result |= self._map_commands(self.workspace)
            result |= self._panel_commands(self.docks)
        if self.bookmarks is not None and self.overview is not None:
            result |= {
                "bookmark-add": self.bookmarks.add_place,
                "bookmarks": self.bookmarks.manage,
                "overview": self.overview.toggle,
            }
        return result

    def _map_commands(self, workspace: Workspace) -> dict[str, Callable[[], object]]:
        canvas = workspace.canvas
        return {
            **(self.keeping.commands() if self.keeping else {}),
            "undo": workspace.undo,
            "redo": workspace.redo,
            **(self.editing.commands() if self.editing else {}),
            **(self.inspecting.commands() if self.inspecting else {}),
            **(self.photographs.commands() if self.photographs else {}),
            "clear-selection": workspace.selection.clear,
            "snapping": canvas.toggle_snapping,
            "zoom-box": canvas.use_zoom_box,
            "full-extent": canvas.show_all,
            "zoom-selection": workspace.zoom_to_selection,
            "zoom-in": canvas.zoom_in,
            "zoom-out": canvas.zoom_out,
            "previous-view": canvas.previous_view,
            "next-view": canvas.next_view,
            "show-all": workspace.layers.show_all,
            "hide-all": workspace.layers.hide_all,
            "map": self._open_map_window,
            "import": self.open_import_dialog,
        }

    def _panel_commands(self, docks: Docks) -> dict[str, Callable[[], object]]:
        return {
            **(self.layer_list.commands() if self.layer_list else {}),
            **docks.commands_of_receiver(),
            **docks.form_commands(),
            **(self.querying.commands() if self.querying else {}),
            **(self.measuring.commands() if self.measuring else {}),
            **(self.following.commands() if self.following else {}),
            **(self.theming.commands() if self.theming else {}),
            **(self.delivering.commands() if self.delivering else {}),
            "add-picture": docks.underlay_commands.add_picture,
            "add-file": docks.underlay_commands.add_file,
            "layers": docks.toggle_layers,
            "next-panel": docks.go_round,
            "attributes": docks.type_into,
            "history": docks.show_history,
            "table": docks.open_current_table,
            **docks.commands_of_findings(),
            **(self.check_reporting.commands() if self.check_reporting else {}),
            "targets": docks.show_targets,
            "overdue": docks.show_overdue,
        }

    # -- commands ------------------------------------------------------------------------

    def show_error(self, error: HjgisError) -> None:
        """Tell expected trouble in words."""
        if not isinstance(error, Cancelled):
            QMessageBox.warning(self, "hjgis", str(error))

    def map_window(self) -> MapWindow:
        """Return the window that makes printed maps."""
        from hjgis.ui.mapsheet.window import MapWindow

        space = self._workspace
        return MapWindow(
            space.project,
            self.jobs,
            space.bridge,
            self,
            seen=self._seen,
            selected=space.selected_extent,
            selected_keys=space.selected_keys,
            theme=self.theming.on_map.theme if self.theming is not None else None,
            memory=self._layout_file,
        )

    def import_dialog(self) -> ImportDialog:
        """Return the dialog that imports foreign files."""
        from hjgis.ui.dialogs.importing.wizard import ImportDialog

        workspace, docks = self._workspace, self.docks
        dialog = ImportDialog(workspace.project, self.jobs, self, memory=self._layout_file)
        dialog.map_wanted.connect(workspace.canvas.show_extent)
        if docks is not None:
            dialog.table_wanted.connect(docks.open_table)
        return dialog

    def open_import_dialog(self, source: Path | None = None) -> None:
        """Ask for a foreign file, unless one was dropped here, and import it."""
        dialog = self.import_dialog()
        if source is not None:
            dialog.choose(source)
        accepted(dialog)

    def _open_map_window(self) -> None:
        shown = self._shown_map_window
        if shown is None or not shown.isVisible():
            if shown is not None and not shown.delivery.is_writing:
                shown.deleteLater()
            self._shown_map_window = shown = self.map_window()
            shown.show()
        shown.raise_()
        shown.activateWindow()

    def _ask_open(self) -> None:
        folder = str(Path(self._settings.recent[0]).parent) if self._settings.recent else ""
        kinds = _("Projects (*.gpkg)")
        chosen = file_dialogs.open_file(self, _("Open project"), folder, kinds)[0]
        if chosen:
            self.open_requested.emit(Path(chosen))

    def _open_first_menu(self) -> None:
        self.menuBar().setActiveAction(self.menuBar().actions()[0])

    # -- state ---------------------------------------------------------------------------

    @property
    def _workspace(self) -> Workspace:
        """The open project; actions that need one are disabled without."""
        assert self.workspace is not None
        return self.workspace

    def _seen(self) -> Extent:
        return self._workspace.canvas.frame.extent

    def _refresh_actions(self) -> None:
        self.actions_by_id.refresh(self.workspace.state if self.workspace else State())

    def _tool_changed(self, name: str) -> None:
        self.actions_by_id[name].setChecked(True)
        if self.overview is not None and self.workspace is not None:
            self.overview.make_room(aside=self.workspace.canvas.tool.snaps)

    def _view_changed(self, frame: MapFrame) -> None:
        self._status.show_denominator(frame.scale_denominator)
        if self.docks is not None:
            self.docks.layer_tree.set_denominator(frame.scale_denominator)

    def _restore_layout(self) -> None:
        if self._layout_file is None:
            return
        kept = memory(self._layout_file)
        geometry, state = kept.value("geometry"), kept.value("state")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        else:
            self._fit_screen()
        if isinstance(state, QByteArray) and self.workspace is not None:
            self.restoreState(state, _LAYOUT_VERSION)
        if self.docks is not None:
            self.docks.receiver.restore_choice(str(kept.value("receiver", "")))
            self.docks.table.restore(kept)
        if self.overview is not None:
            self.overview.set_open(bool(kept.value("overview", True, type=bool)))
        if self.workspace is not None:
            restore_snapped(self.workspace.layers, kept)
            restore_angles(self.workspace.canvas, kept)

    def _fit_screen(self) -> None:
        """Be no larger than the screen, title and all: a laptop at 150 % has 911 × 512."""
        title = self.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
        self.resize(self.size().boundedTo(screen_room().size() - QSize(0, title)))

    def keep_layout(self) -> None:
        """Remember where the window and its docks are."""
        if self._layout_file is None:
            return
        kept = memory(self._layout_file)
        kept.setValue("geometry", self.saveGeometry())
        if self.workspace is not None:
            kept.setValue("state", self.saveState(_LAYOUT_VERSION))
            keep_snapped(self.workspace.layers, kept)
            keep_angles(self.workspace.canvas, kept)
        if self.docks is not None:
            kept.setValue("receiver", self.docks.receiver.choice)
            self.docks.table.keep(kept)
        if self.overview is not None:
            kept.setValue("overview", self.overview.is_open)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.keep_layout()
        self.release()
        event.accept()

    def release(self) -> None:
        """Stop all work and close the project; the window shows nothing after."""
        if self.docks is not None:
            self.docks.attributes.take_typed()
        self.jobs.stop()
        for dialog in self.findChildren(QDialog):
            dialog.hide()
        # Whatever waits a moment before it reads the project would read a closed file.
        for timer in self.findChildren(QTimer):
            timer.stop()
        if self.docks is not None:
            self.docks.table.stop()
        if self.overview is not None:
            self.overview.stop()
        if self.workspace is not None:
            self._close_workspace(self.workspace)

    def _close_workspace(self, workspace: Workspace) -> None:
        """Close the project; what the start page tells of it is kept."""
        project, glimpse = workspace.project, None
        if self._layout_file is not None and not project.is_closed:
            glimpse = glimpses.take(project, workspace.canvas)
        workspace.close()
        if glimpse is not None:
            glimpses.keep(project.path, glimpse)


def _drawn_kinds(project: Project) -> tuple[AssetType, ...]:
    """Return the kinds that can be drawn, now or once the project has their layer."""
    return (*project.more_kinds, *project.map_types.values())


def layout_file() -> Path:
    """Return the file that remembers where windows and docks are."""
    return paths.config_file().parent / "window.ini"
