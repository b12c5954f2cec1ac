from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.edits.move import move_node
from hjgis.layers.blob_arrays import shapes_of
from hjgis.layers.columns import LayerColumns, most_extent, read_columns, usual_extent
from hjgis.layers.project import Project
from hjgis.layers.texts import LabelTexts
from hjgis.models.changes import Announcement, BulkInsert, ChangeSet, Extent, FeatureKey
from hjgis.models.styles.stylefile import style_for
from tests import network
from tests.network import PLACES

Row = tuple[int, int, bytes]
WORLD: Extent = (-1e8, -1e8, 1e8, 1e8)


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return network.build(project)


def read(project: Project, layer: str) -> LayerColumns:
    asset = project.asset_type(layer)
    return read_columns(project.store, asset, style_for(asset))


def rows(columns: LayerColumns) -> list[Row]:
    """Return fid, class and geometry of every feature, in fid order."""
    held = columns.in_view(WORLD)
    shapes = [held.geometry(row).wkb for row in range(len(held))]
    return list(zip(held.fids.tolist(), held.classes.tolist(), shapes, strict=True))


def updated(project: Project, told: Announcement, columns: LayerColumns) -> LayerColumns:
    delta = told.layers.get(columns.layer)
    style = style_for(project.asset_type(columns.layer))
    return columns.updated(delta, project.store, style) if delta else columns


def test_columns_hold_place_and_class(project: Project, keys: dict[str, FeatureKey]) -> None:
    del keys
    manholes = read(project, "manhole").in_view(WORLD)
    assert [tuple(place) for place in manholes.coords.tolist()] == [PLACES[name] for name in "ABC"]
    style = style_for(project.asset_type("pipe_line"))
    pipes = read(project, "pipe_line").in_view(WORLD)
    assert len(set(pipes.classes.tolist())) == 1
    assert "WS" in style.all_classes[pipes.classes[0]].codes


def test_a_feature_without_a_place_is_left_out(project: Project) -> None:
    project.session.apply(add_feature(project, "manhole", shapely.Point()))
    project.session.apply(add_feature(project, "manhole", shapely.Point(1, 2)))
    unplaced = BulkInsert("manhole", np.array([None, None], dtype=object), {})
    project.session.apply(ChangeSet("import", bulk=(unplaced,), params={}))
    columns = read(project, "manhole")
    assert [row[0] for row in rows(columns)] == [2]
    assert {why: sorted(fids) for why, fids in columns.skipped.items()} == {"empty": [1, 3, 4]}


def test_a_place_found_is_no_longer_counted_as_missing(project: Project) -> None:
    project.session.apply(add_feature(project, "manhole", shapely.Point()))
    columns = read(project, "manhole")
    key = project.store.features("manhole", [1])[0].key
    told = project.session.apply(move_node(project, key, shapely.Point(3, 4)))
    after = updated(project, told, columns)
    assert len(after) == 1
    assert not any(map(len, after.skipped.values()))


def apply_all(project: Project, keys: dict[str, FeatureKey]) -> list[ChangeSet]:
    return [
        add_feature(project, "manhole", shapely.Point(428_100, 4_528_000), {"exp_no": "D"}),
        move_node(project, keys["B"], shapely.Point(428_031, 4_528_001)),
        set_values(project, [keys["C"]], {"cover_kind": "雨水井盖"}),
        delete_features(project, [keys["A"]]),
    ]


@pytest.mark.parametrize("step", range(4), ids=["add", "move", "attributes", "delete"])
def test_an_update_is_what_a_fresh_reading_would_be(
    project: Project, keys: dict[str, FeatureKey], step: int
) -> None:
    before = {layer: read(project, layer) for layer in ("manhole", "pipe_line")}
    done = project.session.apply(apply_all(project, keys)[step])
    after = {layer: updated(project, done, columns) for layer, columns in before.items()}
    assert any(rows(after[layer]) != rows(before[layer]) for layer in before)
    assert all(rows(after[layer]) == rows(read(project, layer)) for layer in before)
    undone = project.session.undo()
    back = {layer: updated(project, undone, columns) for layer, columns in after.items()}
    assert all(rows(back[layer]) == rows(before[layer]) for layer in before)


def many(project: Project, count: int) -> None:
    places = np.random.default_rng(3).uniform(0, 1000, (count, 2))
    bulk = BulkInsert("manhole", shapely.points(places), {})
    project.session.apply(ChangeSet("import", bulk=(bulk,), params={"layer": "manhole"}))


def test_many_small_changes_leave_few_parts_and_the_first_one_untouched(project: Project) -> None:
    many(project, 3000)
    first = columns = read(project, "manhole")
    for fid in range(1, 40):
        key = project.store.features("manhole", [fid])[0].key
        told = project.session.apply(move_node(project, key, shapely.Point(2000 + fid, 0)))
        columns = updated(project, told, columns)
    assert columns.parts[0].shapes is first.parts[0].shapes
    assert len(columns.parts) < 8
    assert rows(columns) == rows(read(project, "manhole"))
    assert columns.class_counts(20).sum() == len(columns) == 3000


def test_columns_know_what_changed_since_an_earlier_state(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    before = read(project, "manhole")
    told = project.session.apply(move_node(project, keys["B"], shapely.Point(428_031, 4_528_001)))
    after = updated(project, told, before)
    old, new = (428_030, 4_528_000) * 2, (428_031, 4_528_001) * 2
    assert after.changed_since(before) == [old, new]
    assert after.changed_since(after) == []
    assert before.changed_since(after) is None
    assert read(project, "manhole").changed_since(before) is None


def test_only_some_features_share_the_coordinates(project: Project) -> None:
    many(project, 2000)
    columns = read(project, "manhole")
    some = columns.only(np.array([5, 7, 99_999]))
    assert [row[0] for row in rows(some)] == [5, 7]
    assert some.parts[0].shapes is columns.parts[0].shapes


def test_the_nearest_comes_first_and_the_far_are_left_out(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    del keys
    found, away = read(project, "manhole").near(428_020, 4_528_000, 25)
    assert found.fids.tolist() == [2, 1]
    assert away.tolist() == [10, 20]


def test_a_box_over_a_line_is_not_yet_the_line(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    del keys
    pipes = read(project, "pipe_line")
    corner = (428_031, 4_528_009, 428_035, 4_528_010)
    assert pipes.in_view(corner).fids.tolist() == [2]
    assert pipes.meeting(corner).tolist() == []


def test_labels_are_read_again_after_a_change(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    style = style_for(project.asset_type("manhole"))
    columns, texts = read(project, "manhole"), LabelTexts(project.reader)
    fids = np.array([3, 1, 77])
    assert texts.of(columns, style, fids) == ["C", "A", ""]
    told = project.session.apply(set_values(project, [keys["C"]], {"exp_no": "C2"}))
    assert texts.of(updated(project, told, columns), style, fids) == ["C2", "A", ""]
    texts.close()


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


def test_what_is_read_within_an_extent_is_what_its_table_has(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    assert keys
    for layer in ("manhole", "pipe_line"):
        asset = project.asset_type(layer)
        whole = project.extent(layer)
        assert whole is not None
        half = (whole[0], whole[1], (whole[0] + whole[2]) / 2, whole[3])
        for extent in (WORLD, half, (0.0, 0.0, 1.0, 1.0)):
            style = style_for(asset)
            batch = project.store.batch_within(layer, style, extent)
            table = project.table(layer, style.columns, extent=extent)
            assert batch.fids.tolist() == table.fids.tolist()
            assert batch.lengths.sum() == len(batch.blobs)
            if style.class_field:
                expected = style.classify(table.columns[style.class_field])
                assert batch.classes.tolist() == expected.tolist()


def test_rows_far_apart_in_the_file_are_read_together_in_their_order(project: Project) -> None:
    near, far = shapely.Point(5, 5), shapely.Point(9000, 9000)
    shapes = np.array([near, far, near, near, far, far, shapely.Point(6, 6), None], dtype=object)
    project.session.apply(ChangeSet("import", bulk=(BulkInsert("manhole", shapes, {}),)))
    style = style_for(project.asset_type("manhole"))
    batch = project.store.batch_within("manhole", style, (0.0, 0.0, 10.0, 10.0))
    assert batch.fids.tolist() == [1, 3, 4, 7]
    read_back, _skipped = shapes_of(batch, 0)
    assert read_back.coords.tolist() == [[5, 5], [5, 5], [5, 5], [6, 6]]
    (again,) = project.store.batches_of("manhole", style, np.array([7, 1, 8, 2, 99]))
    assert again.fids.tolist() == [1, 2, 7, 8]
    assert again.lengths[-1] == 0


def test_a_row_that_only_the_index_of_places_knows_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    with Project.create(path, title="town") as project:
        shapes = shapely.points([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
        project.session.apply(ChangeSet("import", bulk=(BulkInsert("manhole", shapes, {}),)))
    with closing(sqlite3.connect(path)) as foreign, foreign:
        foreign.execute("INSERT INTO rtree_manhole_geom VALUES (77, 4, 4, 4, 4)")
    with Project.open(path, write=False, verify=False) as project:
        style = style_for(project.asset_type("manhole"))
        batch = project.store.batch_within("manhole", style, WORLD)
    assert batch.fids.tolist() == [1, 2, 3]


def test_the_box_of_a_layer_is_that_of_its_features(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    assert keys
    found, shapes = project.extent("pipe_line"), project.table("pipe_line", ()).geometry
    assert found is not None
    assert found == pytest.approx(shapely.total_bounds(shapes), rel=1e-6)
    project.session.apply(
        delete_features(project, [keys[name] for name in keys if keys[name].layer == "pipe_line"])
    )
    assert project.extent("pipe_line") is None
