"""Scenes of the window itself: forms, panels, the search box."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QWidget
from shapely import Point

from hjgis.edits.attributes import set_values
from hjgis.edits.move import move_node
from hjgis.ui.actions.action_table import MENUS
from hjgis.ui.scenes.stage import USUAL_LAYER, Stage


def plain(stage: Stage) -> QWidget:
    """Show the window as it opens."""
    return stage.window


def form(stage: Stage, layer: str = USUAL_LAYER) -> QWidget:
    """Show the form of a feature of a kind."""
    stage.select_one(layer)
    return stage.window


def table(stage: Stage) -> QWidget:
    """Show the attribute table."""
    stage.docks.open_table(USUAL_LAYER)
    return stage.window


def groups(stage: Stage) -> QWidget:
    """Show the attribute table with its group totals."""
    stage.docks.open_table(USUAL_LAYER)
    stage.docks.table.do("groups")
    return stage.window


def check(stage: Stage, by: str = "", text: str = "") -> QWidget:
    """Show what the checks find, grouped by a key of `GROUPINGS` and narrowed down by a text."""
    stage.docks.run_checks()
    stage.wait()
    shown = stage.docks.issues.filter
    if by:
        shown.groupings.setCurrentIndex(shown.groupings.findData(by))
    shown.line.setText(text)
    stage.wait_while(lambda: stage.docks.issues.busy)
    stage.docks.issues.go_next()
    return stage.window


def targets(stage: Stage) -> QWidget:
    """Show the target board."""
    stage.docks.show_targets()
    return stage.window


def history(stage: Stage) -> QWidget:
    """Show the history of some edits."""
    space = stage.space
    stage.select_one()
    keys = space.selection.keys(space.project)
    for values in ({"remarks": "井盖松动"}, {"built_year": 2019}, {"well_depth_m": 2.4}):
        space.apply(set_values(space.project, keys, values))
    node = space.project.get(keys[0]).geometry
    assert isinstance(node, Point)
    space.apply(move_node(space.project, keys[0], Point(node.x + 0.4, node.y + 0.3)))
    stage.docks.show_history()
    return stage.window


def operator(stage: Stage) -> QWidget:
    """Show the bar that asks who edits."""
    bar = stage.window.operator_bar
    assert bar is not None
    bar.ask_now()
    return stage.window


def inspections(stage: Stage) -> QWidget:
    """Show what is to be inspected."""
    stage.docks.show_overdue()
    return stage.window


def visits(stage: Stage) -> QWidget:
    """Show the places to visit."""
    stage.docks.show_visits()
    stage.wait()
    stage.docks.visits.view.selectRow(0)
    return stage.window


def search(stage: Stage, text: str) -> QWidget:
    """Show what the search box answers."""
    stage.wait()
    stage.window.search_box.open(text)
    return stage.window


def menu(stage: Stage, title: str) -> QWidget:
    """Show a menu of the window, as it drops down."""
    number = [words for words, _entries in MENUS].index(title)
    shown = stage.window.menuBar().actions()[number].menu()
    assert isinstance(shown, QMenu)
    stage.wait()
    # A menu that is merely shown is at most two thirds of the screen high.
    shown.popup(stage.window.menuBar().mapToGlobal(stage.window.menuBar().rect().bottomLeft()))
    stage.wait()
    return shown
