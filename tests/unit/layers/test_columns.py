from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_node
from hjgis.layers.columns import LayerColumns, most_extent, read_columns, usual_extent
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement, ChangeSet, FeatureKey
from hjgis.models.stylefile import style_for
from tests import network
from tests.network import PLACES


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return network.build(project)


def read(project: Project, layer: str) -> LayerColumns:
    return read_columns(project, layer, style_for(project.asset_type(layer)))


def same(one: LayerColumns, other: LayerColumns) -> bool:
    names = ("fids", "uuids", "geometry", "bounds", "classes", "texts")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


def test_columns_hold_place_class_and_label(project: Project, keys: dict[str, FeatureKey]) -> None:
    manholes = read(project, "manhole")
    assert manholes.uuids.tolist() == [keys[name].uuid for name in "ABC"]
    assert manholes.texts.tolist() == ["A", "B", "C"]
    assert tuple(manholes.bounds[0]) == (*PLACES["A"], *PLACES["A"])
    style = style_for(project.asset_type("pipe_line"))
    pipes = read(project, "pipe_line")
    assert len(set(pipes.classes.tolist())) == 1
    assert "WS" in style.all_classes[pipes.classes[0]].codes


def test_a_feature_without_a_place_is_left_out(project: Project) -> None:
    project.session.apply(add_feature(project, "manhole", shapely.Point()))
    project.session.apply(add_feature(project, "manhole", shapely.Point(1, 2)))
    assert read(project, "manhole").fids.tolist() == [2]


def apply_all(project: Project, keys: dict[str, FeatureKey]) -> list[ChangeSet]:
    return [
        add_feature(project, "manhole", shapely.Point(428_100, 4_528_000), {"exp_no": "D"}),
        move_node(project, keys["B"], shapely.Point(428_031, 4_528_001)),
        set_values(project, [keys["C"]], {"exp_no": "C2"}),
        delete_features(project, [keys["A"]]),
    ]


@pytest.mark.parametrize("step", range(4), ids=["add", "move", "attributes", "delete"])
def test_an_update_is_what_a_fresh_reading_would_be(
    project: Project, keys: dict[str, FeatureKey], step: int
) -> None:
    before = {layer: read(project, layer) for layer in ("manhole", "pipe_line")}

    def updated(layer: str, told: Announcement, columns: LayerColumns) -> LayerColumns:
        style = style_for(project.asset_type(layer))
        delta = told.layers.get(layer)
        return columns.updated(delta, project, style) if delta else columns

    done = project.session.apply(apply_all(project, keys)[step])
    after = {layer: updated(layer, done, columns) for layer, columns in before.items()}
    assert not all(same(after[layer], before[layer]) for layer in before)
    assert all(same(after[layer], read(project, layer)) for layer in before)
    undone = project.session.undo()
    back = {layer: updated(layer, undone, columns) for layer, columns in after.items()}
    assert all(same(back[layer], before[layer]) for layer in before)


def test_the_nearest_comes_first_and_the_far_are_left_out(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    del keys
    rows, away = read(project, "manhole").near(428_020, 4_528_000, 25)
    assert rows.tolist() == [1, 0]
    assert away.tolist() == [10, 20]


def test_a_box_over_a_line_is_not_yet_the_line(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    del keys
    pipes = read(project, "pipe_line")
    corner = (428_031, 4_528_009, 428_035, 4_528_010)
    assert pipes.boxes_meeting(corner).tolist() == [1]
    assert pipes.meeting(corner).tolist() == []


def test_nothing_has_no_extent(project: Project) -> None:
    assert read(project, "park").extent() is None
    assert usual_extent(np.empty((0, 4))) is None


def test_strays_do_not_widen_the_usual_extent() -> None:
    town = np.random.default_rng(1).uniform(428_000, 431_000, size=(1000, 2))
    strays = np.array([[0.0, 0.0], [4_528_000.0, 428_000.0]])
    points = np.concatenate([town, strays])
    extent = usual_extent(np.hstack([points, points]))
    assert extent == (*town.min(axis=0), *town.max(axis=0))


def test_a_village_some_kilometres_off_belongs_to_the_usual_extent() -> None:
    town = np.random.default_rng(1).uniform(428_000, 431_000, size=(1000, 2))
    points = np.concatenate([town, [[442_000.0, 430_000.0]]])
    extent = usual_extent(np.hstack([points, points]))
    assert extent is not None
    assert extent[2] == 442_000


def test_most_features_lie_in_the_most_extent() -> None:
    points = np.random.default_rng(2).normal(0, 100, size=(10_000, 2))
    points[0] = (1e6, 1e6)
    box = most_extent(np.hstack([points, points]))
    inside = (points >= box[:2]).all(axis=1) & (points <= box[2:]).all(axis=1)
    assert 0.98 < inside.mean() < 1
    assert box[2] < 1000
