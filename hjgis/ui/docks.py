"""The panels around the map: layers left, attributes and history right, lists below."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDockWidget,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QTableView,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _
from hjgis.ui import theme
from hjgis.ui.dialogs.underlay import UnderlayCommands
from hjgis.ui.page_parts import scrolled
from hjgis.ui.panels.attributes import AttributesPanel
from hjgis.ui.panels.history import HistoryPanel
from hjgis.ui.panels.issues import IssuesPanel
from hjgis.ui.panels.layer_tree import LayerTree
from hjgis.ui.panels.table import TablePanel
from hjgis.ui.panels.underlays import UnderlayList
from hjgis.ui.receiver.panel import ReceiverPanel
from hjgis.ui.receiver.take_point import TakePoint
from hjgis.ui.tools.draw import DrawTool
from hjgis.ui.window.later import Later
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.panels.overdue import OverduePanel
    from hjgis.ui.panels.targets import TargetsPanel
    from hjgis.ui.panels.visits import VisitsPanel

_NO_TRIGGERS: Final = QAbstractItemView.EditTrigger.NoEditTriggers
_LEFT_PX: Final = 225
_RIGHT_PX: Final = 280
_BOTTOM_PX: Final = 240
_LEAST_LIST_PX: Final = 160
_BOARD_PX: Final = 306


class Docks(QObject):
    """Makes the docks of a window and opens them when their content is asked for."""

    cycles_wanted = Signal()

    def __init__(self, window: QMainWindow, workspace: Workspace) -> None:
        super().__init__(window)
        self._window, self._workspace = window, workspace
        project, bridge, selection = workspace.project, workspace.bridge, workspace.selection
        self.layer_tree = LayerTree(workspace.layers)
        self.underlays = UnderlayList(workspace.underlays)
        self.underlays.zoom_requested.connect(workspace.canvas.show_extent)
        self.underlay_commands = UnderlayCommands(workspace.underlays, window)
        self.attributes = AttributesPanel(
            project, bridge, selection, habits=workspace.habits, around=self
        )
        self.history = HistoryPanel(project, bridge, workspace.selection)
        self.history.wanted.connect(workspace.carry_out)
        self.history.past_shown.connect(workspace.canvas.show_past)
        self.history.said.connect(workspace.canvas.message.say)
        self.history.zoom_wanted.connect(workspace.zoom_to_selection)
        self.table = TablePanel(project, bridge, selection, search=workspace.search.fids)
        self.table.wanted.connect(workspace.carry_out)
        self.issues = IssuesPanel(workspace)
        self.issues.field_wanted.connect(self.type_into)
        self.issues.shown_wanted.connect(self.show_issues)
        self.visits_tab = Later(self._visits)
        self.targets_tab = Later(self._targets)
        self.overdue_tab = Later(self._overdue)
        self.taking = TakePoint(workspace, self)
        self.taking.taken.connect(self.show_attributes)
        self.receiver = ReceiverPanel(workspace.positioning, self.taking, project.types)
        self.receiver.follow_changed.connect(workspace.position.follow)
        self._right_tabs, self._bottom_tabs = QTabWidget(), QTabWidget()
        # Before they hold anything: whatever gets another parent is styled anew, with all in it.
        self._place()
        self._fill()
        self._view = self.table.findChild(QTableView)
        self._triggers = self._view.editTriggers() if self._view else _NO_TRIGGERS
        self._resize()
        self._connect_form(workspace)
        workspace.layers.shown_changed.connect(self._apply_locks)
        workspace.selection.changed.connect(self._apply_locks)
        self.table.model.modelReset.connect(self._apply_locks)

    def _fill(self) -> None:
        self._right_tabs.addTab(self.attributes, _("Attributes"))
        self._right_tabs.addTab(self.history, _("History"))
        # First what a lead looks for: what is wrong, what is missing, how far it is.
        self._bottom_tabs.addTab(self.issues, _("Check results"))
        self._bottom_tabs.addTab(self.visits_tab, _("Places to visit"))
        self._bottom_tabs.addTab(self.targets_tab, _("Target board"))
        self._bottom_tabs.addTab(self.overdue_tab, _("Inspections"))
        self._bottom_tabs.addTab(self.table, _("Attribute table"))

    @property
    def visits(self) -> VisitsPanel:
        """The places to visit."""
        return self.visits_tab.panel

    @property
    def targets(self) -> TargetsPanel:
        """The target board."""
        return self.targets_tab.panel

    @property
    def overdue(self) -> OverduePanel:
        """What is to be inspected."""
        return self.overdue_tab.panel

    def _visits(self) -> VisitsPanel:
        from hjgis.ui.panels.visits import VisitsPanel

        return VisitsPanel(self._workspace)

    def _targets(self) -> TargetsPanel:
        from hjgis.ui.panels.targets import TargetsPanel

        space = self._workspace
        panel = TargetsPanel(space)
        panel.wanted.connect(space.carry_out)
        panel.said.connect(space.canvas.message.say)
        panel.zoom_wanted.connect(space.zoom_to_selection)
        panel.table_wanted.connect(self.open_table)
        return panel

    def _overdue(self) -> OverduePanel:
        from hjgis.ui.panels.overdue import OverduePanel

        space = self._workspace
        panel = OverduePanel(space)
        panel.said.connect(space.canvas.message.say)
        panel.zoom_requested.connect(space.canvas.show_extent)
        panel.cycles_wanted.connect(self.cycles_wanted)
        return panel

    def _connect_form(self, workspace: Workspace) -> None:
        form = self.attributes
        form.map_wanted.connect(workspace.canvas.setFocus)
        form.visited.connect(workspace.canvas.keep_in_view)
        form.said.connect(self._say_with_undo)
        workspace.closing.connect(form.stop)
        workspace.drawn.connect(self._type_what_was_drawn)
        workspace.tool_changed.connect(form.show_habits)

    def type_into(self, field: str = "") -> None:
        """Bring the form to the front, the cursor in a field."""
        self.show_attributes()
        if field:
            self.attributes.go_to(field)
        else:
            self.attributes.begin()

    def _say_with_undo(self, words: str) -> None:
        self._workspace.canvas.message.say(words, _("Undo"), self._workspace.undo)

    def _type_what_was_drawn(self) -> None:
        """Let what is typed now go into the form of a new point; the map keeps its tool."""
        tool = self._workspace.canvas.tool
        point = isinstance(tool, DrawTool) and tool.asset.geometry == "Point"
        # Whoever types coordinates goes on with coordinates.
        if point and self.attributes.isVisible() and not self._workspace.canvas.typing.isVisible():
            self.attributes.begin()

    def rows_of(self, layer: str) -> NDArray[np.int64] | None:
        """Return the rows of a layer in the order of its table; None while that is not shown."""
        asset = self.table.model.asset
        shown = self.table.isVisible() and asset is not None and asset.id == layer
        return self.table.model.fids if shown else None

    def drawn_layer(self) -> str | None:
        """Return the layer that is being drawn on the map."""
        tool = self._workspace.canvas.tool
        return tool.layer if isinstance(tool, DrawTool) else None

    def form_commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for the actions of the form."""
        return {
            "same-as-last": self.attributes.same_as_last,
            "all-as-last": self.attributes.all_as_last,
            "next-feature": self.attributes.next_feature,
            "previous-feature": self.attributes.previous_feature,
        }

    def _apply_locks(self) -> None:
        """Let form and table of a locked layer be read, not edited."""
        locked = self._workspace.state.locked_layers
        form_locked = self._workspace.selection.layer in locked
        self.attributes.setEnabled(not form_locked)
        why = _("The layer is locked in the layer list.")
        self.attributes.setToolTip(why if form_locked else "")
        asset = self.table.model.asset
        if self._view is not None:
            free = asset is None or asset.id not in locked
            self._view.setEditTriggers(self._triggers if free else _NO_TRIGGERS)

    def _place(self) -> None:
        area = Qt.DockWidgetArea
        self.left = self._dock("layers", self._lists(), area.LeftDockWidgetArea)
        self.left.setWindowTitle(_("Layer list"))
        self.right = self._dock("right", self._right_tabs, area.RightDockWidgetArea)
        self.bottom = self._dock("bottom", self._bottom_tabs, area.BottomDockWidgetArea)
        self.bottom.hide()
        self.below = self._dock("receiver", self.receiver, area.LeftDockWidgetArea)
        self.below.setWindowTitle(_("Receiver"))
        self.below.hide()

    def _resize(self) -> None:
        sides, widths = [self.left, self.right], [_LEFT_PX, _RIGHT_PX]
        self._window.resizeDocks(sides, widths, Qt.Orientation.Horizontal)
        self._window.resizeDocks([self.bottom], [_BOTTOM_PX], Qt.Orientation.Vertical)

    def _lists(self) -> QWidget:
        """Return layers above what lies under them."""
        lists = QWidget()
        column = QVBoxLayout(lists)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.layer_tree, 1)
        column.addWidget(self.underlays)
        self._lists_column = column
        return lists

    def _dock(self, name: str, content: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget()
        dock.setObjectName(name)
        self._window.addDockWidget(area, dock)
        dock.setWidget(scrolled(content))
        dock.setFeatures(QDockWidget.DockWidgetFeature.DockWidgetClosable)
        dock.setTitleBarWidget(_title_bar(dock))
        if isinstance(content, QTabWidget):
            # The tabs are title enough; a button in their corner folds the dock away.
            dock.setTitleBarWidget(QWidget())
            content.setDocumentMode(True)
            content.tabBar().setDrawBase(False)
            content.setCornerWidget(_fold_button(dock))
        return dock

    def add_above_layers(self, head: QWidget) -> None:
        """Put something above the list of layers."""
        self._lists_column.insertWidget(0, head)

    def toggle_layers(self) -> None:
        """Show or hide the list of layers."""
        self.left.setVisible(not self.left.isVisible())

    def commands_of_receiver(self) -> dict[str, Callable[[], object]]:
        """Return what is done for the actions of the receiver."""
        return {
            "receiver": self.toggle_receiver,
            "receiver-listen": self._listen,
            "follow-position": self.receiver.toggle_follow,
            "average-position": self.receiver.toggle_average,
            "take-position": self.taking.take,
        }

    def toggle_receiver(self) -> None:
        """Show or hide the receiver."""
        if self.below.isVisible():
            self.below.hide()
        else:
            self._show_receiver()

    def _show_receiver(self) -> None:
        """Give it the room that it needs; the list of layers above it can be scrolled."""
        if self.below.isVisible():
            return
        self.below.show()
        wanted = self.below.titleBarWidget().sizeHint().height() + self.receiver.sizeHint().height()
        room = self.left.height()
        rest = max(room - wanted, _LEAST_LIST_PX)
        self._window.resizeDocks(
            [self.left, self.below], [rest, room - rest], Qt.Orientation.Vertical
        )

    def _listen(self) -> None:
        self._show_receiver()
        self.receiver.toggle_listening()

    def show_attributes(self) -> None:
        """Bring the attribute form to the front."""
        self._show(self.right, self.attributes)

    def show_history(self) -> None:
        """Bring the history to the front."""
        self._show(self.right, self.history)

    def show_targets(self) -> None:
        """Bring the target board to the front, high enough for all tasks."""
        self._show(self.bottom, self.targets_tab)
        if self.bottom.height() < _BOARD_PX:
            self._window.resizeDocks([self.bottom], [_BOARD_PX], Qt.Orientation.Vertical)

    def show_issues(self) -> None:
        """Bring the check results to the front."""
        self._show(self.bottom, self.issues)

    def commands_of_findings(self) -> dict[str, Callable[[], object]]:
        """Return what is done for the actions of the check."""
        return {
            "check": self.run_checks,
            "issues": self.show_issues,
            "next-finding": self.issues.go_next,
            "previous-finding": self.issues.go_previous,
            "visits": self.show_visits,
            "findings-on-map": self.issues.state.toggle_marks,
        }

    def go_round(self) -> None:
        """Take the keyboard from where it is to the next panel that is shown, or to the map."""
        docks = (self.left, self.right, self.bottom, self.below)
        parts = [self._workspace.canvas, *(dock for dock in docks if dock.isVisible())]
        now = QApplication.focusWidget()
        inside = [now is not None and (part is now or part.isAncestorOf(now)) for part in parts]
        here = inside.index(True) if True in inside else -1
        stop: QWidget | None = parts[(here + 1) % len(parts)]
        while stop and not (stop.isVisible() and stop.focusPolicy() & Qt.FocusPolicy.TabFocus):
            stop = stop.nextInFocusChain()
        if stop:
            stop.setFocus(Qt.FocusReason.TabFocusReason)

    def show_visits(self) -> None:
        """Bring the places to visit to the front."""
        self._show(self.bottom, self.visits_tab)

    def show_overdue(self) -> None:
        """Bring what is to be inspected to the front."""
        self._show(self.bottom, self.overdue_tab)

    def add_below(self, panel: QWidget, title: str, *, before: QWidget) -> None:
        """Give a panel a tab below the map, before that of another."""
        self._bottom_tabs.insertTab(self._bottom_tabs.indexOf(before), panel, title)

    def show_below(self, panel: QWidget) -> None:
        """Bring a panel below the map to the front."""
        self._show(self.bottom, panel)

    def run_checks(self) -> None:
        """Check the data and show what is found."""
        self.show_issues()
        self.issues.run_checks()

    def open_table(self, layer: str) -> None:
        """Show the attribute table of a layer."""
        self._show(self.bottom, self.table)
        self.table.show_layer(layer)

    def open_current_table(self) -> None:
        """Show the table of the selected feature's layer, or of the layer list's."""
        layer = self._workspace.selection.layer or self.layer_tree.current_layer
        assets = [held.asset.id for held in self._workspace.layers if held.asset.kind == "asset"]
        self.open_table(layer or assets[-1])

    def _show(self, dock: QDockWidget, panel: QWidget) -> None:
        dock.show()
        tabs = self._bottom_tabs if dock is self.bottom else self._right_tabs
        tabs.setCurrentWidget(panel)


def _title_bar(dock: QDockWidget) -> QWidget:
    """Return a heading that folds its dock away with the same button as the tabs have."""
    bar, title = QFrame(), QLabel()
    bar.setObjectName("dockTitle")
    dock.windowTitleChanged.connect(title.setText)
    row = QHBoxLayout(bar)
    row.setContentsMargins(12, 0, 0, 0)
    row.addWidget(title, 1)
    row.addWidget(_fold_button(dock))
    return bar


def _fold_button(dock: QDockWidget) -> QToolButton:
    button = theme.flat_button("close", _("Hide"), 14)
    button.clicked.connect(dock.hide)
    return button
