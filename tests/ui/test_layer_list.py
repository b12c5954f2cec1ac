"""The list of layers: lock, order, name, take out, by mouse and keys."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QTreeWidgetItem
from pytestqt.qtbot import QtBot

from hjgis.edits.add import add_feature
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.ui.commands import COMMANDS
from hjgis.ui.dialogs import confirming
from hjgis.ui.dialogs.naming import ChoiceDialog, NameDialog
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.layer_tree import LayerTree
from hjgis.ui.workspace import Workspace
from tests.ui.mouse import LEFT

HERE = shapely.Point(428_000, 4_528_000)


@pytest.fixture
def space(window: MainWindow) -> Workspace:
    assert window.workspace is not None
    return window.workspace


@pytest.fixture
def tree(window: MainWindow) -> LayerTree:
    assert window.docks is not None
    return window.docks.layer_tree


@pytest.fixture
def trees(qtbot: QtBot, space: Workspace, tmp_path: Path) -> Workspace:
    """The window with an imported reference layer of one tree."""
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [107.15, 40.89]},
        "properties": {"kind": "elm"},
    }
    source = tmp_path / "trees.geojson"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    carry_out(space.project, plan_import(space.project, source, as_reference="trees"))
    qtbot.waitUntil(lambda: len(space.layers["trees"].columns) == 1)
    return space


def row(tree: LayerTree, name: str) -> QTreeWidgetItem:
    (found,) = tree.findItems(name, Qt.MatchFlag.MatchExactly)
    return found


def names(tree: LayerTree) -> list[str]:
    rows = (tree.topLevelItem(number) for number in range(tree.topLevelItemCount()))
    return [item.text(0) for item in rows if item is not None]


def test_a_click_on_the_lock_locks_and_undo_unlocks(
    qtbot: QtBot, window: MainWindow, space: Workspace, tree: LayerTree
) -> None:
    space.selection.set("manhole", [1])
    place = tree.visualItemRect(row(tree, "Manhole"))
    place.setLeft(tree.columnViewportPosition(2))
    qtbot.mouseClick(tree.viewport(), LEFT, pos=place.center())
    assert space.layers["manhole"].locked
    assert not window.actions_by_id["delete"].isEnabled()
    assert window.actions_by_id["undo"].text() == "Undo: Lock the layer Manhole"
    window.do("undo")
    assert not space.layers["manhole"].locked


def test_layers_move_by_key_and_are_drawn_so(
    window: MainWindow, space: Workspace, tree: LayerTree
) -> None:
    before = names(tree)
    tree.setCurrentItem(row(tree, before[2]))
    window.do("layer-up")
    assert names(tree)[:3] == [before[0], before[2], before[1]]
    drawn = [source.label["en"] for source in space.layers.sources()]
    assert drawn == [held.asset.label["en"] for held in space.layers if held.columns.parts]
    assert tree.current_layer == list(space.project.map_types)[-2]
    window.do("layer-down")
    assert names(tree) == before


def test_the_topmost_layer_cannot_go_higher(window: MainWindow, tree: LayerTree) -> None:
    before = names(tree)
    tree.setCurrentItem(tree.topLevelItem(0))
    window.do("layer-up")
    tree.setCurrentItem(tree.topLevelItem(len(before) - 1))
    window.do("layer-down")
    assert names(tree) == before


def test_a_layer_is_dragged_below_another(monkeypatch: pytest.MonkeyPatch, tree: LayerTree) -> None:
    before = names(tree)
    tree.setCurrentItem(tree.topLevelItem(0))
    onto = tree.topLevelItem(3)
    assert onto is not None
    where = tree.DropIndicatorPosition.BelowItem
    monkeypatch.setattr(LayerTree, "dropIndicatorPosition", lambda _tree: where)
    event = QDropEvent(
        QPointF(tree.visualItemRect(onto).center()),
        Qt.DropAction.MoveAction,
        QMimeData(),
        LEFT,
        Qt.KeyboardModifier.NoModifier,
    )
    tree.dropEvent(event)
    assert names(tree) == [*before[1:4], before[0], *before[4:]]


def test_a_reference_layer_gets_another_name(
    window: MainWindow, trees: Workspace, tree: LayerTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NameDialog, "ask", lambda _dialog: "行道树")
    tree.setCurrentItem(row(tree, "trees"))
    window.do("layer-rename")
    assert names(tree)[-1] == "行道树"
    window.do("undo")
    assert names(tree)[-1] == "trees"
    tree.setCurrentItem(row(tree, "Manhole"))
    window.do("layer-rename")
    assert "belong to every project" in trees.canvas.message.text()
    assert names(tree).count("Manhole") == 1


def test_a_reference_layer_is_taken_out_and_comes_back(
    qtbot: QtBot,
    window: MainWindow,
    trees: Workspace,
    tree: LayerTree,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def answer(_parent: object, _title: str, text: str, _verb: str) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr(confirming, "agreed", answer)
    trees.selection.set("trees", [1])
    tree.setCurrentItem(row(tree, "trees"))
    window.do("layer-take-out")
    assert "trees with its 1 feature " in asked[0]
    assert "trees" not in names(tree)
    assert not len(trees.selection)
    window.do("undo")
    assert names(tree)[-1] == "trees"
    qtbot.waitUntil(lambda: len(trees.layers["trees"].columns) == 1)


def test_undo_of_an_import_takes_its_layer_off_the_list(
    window: MainWindow, trees: Workspace, tree: LayerTree
) -> None:
    window.do("undo")
    assert "trees" not in names(tree)
    assert "trees" not in trees.layers
    window.do("redo")
    assert names(tree)[-1] == "trees"


def test_the_menu_of_a_layer_says_which_way_the_lock_goes(
    window: MainWindow, tree: LayerTree
) -> None:
    assert window.layer_list is not None
    tree.setCurrentItem(row(tree, "Road"))
    assert "Lock layer" in [action.text() for action in window.layer_list.menu().actions()]
    window.do("layer-lock")
    assert "Unlock layer" in [action.text() for action in window.layer_list.menu().actions()]


@pytest.fixture
def units(qtbot: QtBot, space: Workspace, tmp_path: Path) -> Workspace:
    """The window with an imported table without geometry."""
    source = tmp_path / "units.csv"
    source.write_text("单位,盏数\n环卫局,12\n市政维护站,30\n", "utf-8")
    carry_out(space.project, plan_import(space.project, source, as_reference="units"))
    qtbot.waitUntil(lambda: space.layers["units"].count == 2)
    return space


def test_a_table_without_geometry_is_listed_as_one(
    qtbot: QtBot, window: MainWindow, units: Workspace, tree: LayerTree
) -> None:
    item = row(tree, "units")
    assert item.text(1) == "2"
    assert item.data(0, Qt.ItemDataRole.CheckStateRole) is None
    assert "without geometry" in item.toolTip(0)
    tree.set_current_layer("units")
    assert window.layer_list is not None
    menu = window.layer_list.menu()
    zoom = menu.actions()[0]
    assert not zoom.isEnabled()
    assert "no place on the map" in zoom.toolTip()
    assert window.docks is not None
    window.docks.open_table("units")
    model = window.docks.table.model
    assert [model.shown(line, 0) for line in range(2)] == ["环卫局", "市政维护站"]


def test_rows_of_a_table_without_geometry_are_edited_and_deleted(
    qtbot: QtBot, window: MainWindow, units: Workspace, tree: LayerTree
) -> None:
    units.selection.set("units", [1])
    assert window.docks is not None
    assert window.docks.attributes is not None
    units.zoom_to_selection()
    for command in COMMANDS:
        units.edit_selected(command)
    units.copy_selected()
    units.paste()
    assert units.project.count("units") >= 2
    units.selection.set("units", [1])
    units.delete_selected()
    assert 1 not in units.project.table("units", [], geometry=False).fids.tolist()
    units.undo()
    qtbot.waitUntil(lambda: units.layers["units"].count == units.project.count("units"))


def test_a_layer_that_is_taken_out_leaves_the_table_of_attributes(
    window: MainWindow, units: Workspace
) -> None:
    assert window.docks is not None
    window.docks.open_table("units")
    units.undo()
    assert window.docks.table.model.asset is not None
    assert window.docks.table.model.asset.id in units.project.types


def test_a_kind_is_added_when_wanted_drawn_taken_out_and_added_again(
    window: MainWindow, space: Workspace, tree: LayerTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[str] = []

    def choose(dialog: ChoiceDialog) -> str:
        offered[:] = [dialog.box.itemText(place) for place in range(dialog.box.count())]
        return "Lift"

    monkeypatch.setattr(ChoiceDialog, "ask", choose)
    monkeypatch.setattr(confirming, "agreed", lambda *_facts: True)
    draw = window.actions_by_id["draw.lift"]
    assert "Lift" not in names(tree)
    assert not draw.isVisible()
    window.do("layer-add")
    assert "Lift" in offered
    assert "Lift" in names(tree)
    assert draw.isVisible()
    assert names(tree).index("Lift") < names(tree).index("Manhole")
    space.apply(add_feature(space.project, "lift", HERE))
    assert space.project.count("lift") == 1
    tree.setCurrentItem(row(tree, "Lift"))
    window.do("layer-take-out")
    assert "Lift" not in names(tree)
    window.do("layer-add")
    assert "Lift" in names(tree)
    assert space.project.count("lift") == 0
    for _step in range(3):
        window.do("undo")
    assert space.project.count("lift") == 0
    window.do("undo")
    assert "Lift" not in names(tree)
    window.do("redo")
    assert "Lift" in names(tree)
    assert "Lift" not in [asset.label["en"] for asset in space.project.more_kinds]
