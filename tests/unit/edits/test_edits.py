from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.edits import delete
from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features, delete_rows
from hjgis.edits.move import move_features, move_node
from hjgis.errors import StoreConflict
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, Change, ChangeSet, Feature, FeatureKey, new_uuid
from tests.network import PLACES, build


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return build(project)


def ends(project: Project, key: FeatureKey) -> tuple[tuple[float, ...], tuple[float, ...]]:
    coords = project.get(key).geometry.coords
    return coords[0], coords[-1]


def test_a_new_pipe_is_linked_to_the_nodes_at_its_ends(project: Project, keys: dict) -> None:
    values = project.get(keys["AB"]).values
    assert (values["from_node"], values["to_node"]) == (keys["A"].uuid, keys["B"].uuid)


def test_a_pipe_that_ends_nowhere_stays_a_draft(project: Project, keys: dict) -> None:
    line = shapely.LineString([PLACES["A"], (428_500, 4_528_500)])
    values = add_feature(project, "pipe_line", line).changes[0].after.values
    assert values["from_node"] == keys["A"].uuid
    assert values["to_node"] is None


def test_a_single_polygon_becomes_what_the_layer_holds(project: Project) -> None:
    change = add_feature(project, "park", shapely.box(0, 0, 10, 10))
    assert change.changes[0].after.geometry.geom_type == "MultiPolygon"
    project.session.apply(change)


def test_dragging_a_node_takes_the_pipe_ends_along_in_one_change(
    project: Project, keys: dict
) -> None:
    change = move_node(project, keys["B"], shapely.Point(428_031, 4_528_005))
    project.session.apply(change)

    assert len(change.changes) == 3
    assert ends(project, keys["AB"]) == (PLACES["A"], (428_031, 4_528_005))
    assert ends(project, keys["BC"]) == ((428_031, 4_528_005), PLACES["C"])
    project.session.undo()
    assert ends(project, keys["AB"]) == (PLACES["A"], PLACES["B"])


def test_a_pipe_follows_by_identity_even_where_its_end_was_off(
    project: Project, keys: dict
) -> None:
    off = project.get(keys["AB"])
    from hjgis.models.changes import Change, ChangeSet

    bent = off.with_geometry(shapely.LineString([PLACES["A"], (428_029, 4_528_001)]))
    project.session.apply(ChangeSet("t", (Change(off, bent),)))
    project.session.apply(move_node(project, keys["B"], shapely.Point(428_040, 4_528_000)))
    assert ends(project, keys["AB"])[1] == (428_040, 4_528_000)


def test_a_node_keeps_its_height_when_it_moves(project: Project) -> None:
    change = add_feature(project, "manhole", shapely.Point(1, 2, 1040.2))
    project.session.apply(change)
    project.session.apply(move_node(project, change.changes[0].key, shapely.Point(5, 6)))
    assert project.get(change.changes[0].key).geometry.z == 1040.2


def test_shifting_two_nodes_shifts_the_pipe_between_them(project: Project, keys: dict) -> None:
    project.session.apply(move_features(project, [keys["A"], keys["B"]], 10, -5))
    assert ends(project, keys["AB"]) == ((428_010, 4_527_995), (428_040, 4_527_995))
    assert ends(project, keys["BC"]) == ((428_040, 4_527_995), PLACES["C"])


def test_deleting_a_node_leaves_its_pipes_without_that_end(project: Project, keys: dict) -> None:
    project.session.apply(delete_features(project, [keys["B"]]))
    assert project.get(keys["AB"]).values["to_node"] is None
    assert project.get(keys["BC"]).values["from_node"] is None
    project.session.undo()
    assert project.get(keys["AB"]).values["to_node"] == keys["B"].uuid


def test_deleting_a_node_with_its_pipe_deletes_both_once(project: Project, keys: dict) -> None:
    project.session.apply(delete_features(project, [keys["A"], keys["AB"], keys["A"]]))
    assert project.count("manhole") == 2
    assert project.count("pipe_line") == 1


def test_values_that_are_there_already_make_no_change(project: Project, keys: dict) -> None:
    assert not set_values(project, [keys["A"]], {"exp_no": "A"})
    assert len(set_values(project, [keys["A"], keys["B"]], {"exp_no": "A"}).changes) == 1


def test_a_field_of_very_many_features_is_set_and_taken_back_as_one(project: Project) -> None:
    points = shapely.points(np.arange(600.0), 0.0)
    bulk = BulkInsert("street_lamp", points, {"remarks": ["old"] * 599 + [None]})
    project.session.apply(ChangeSet("edit.add", (), (bulk,)))
    before = project.content_sha256()
    uuids = project.table("street_lamp", (), geometry=False).uuids
    keys = [FeatureKey("street_lamp", uuid) for uuid in uuids]
    change = set_values(project, keys, {"remarks": "new"})
    assert (change.params["count"], change.changes) == (600, ())
    project.session.apply(change)
    assert set(project.table("street_lamp", ("remarks",)).columns["remarks"]) == {"new"}
    project.session.undo()
    assert project.content_sha256() == before
    project.session.apply(set_values(project, keys[:1], {"remarks": "other"}))
    with pytest.raises(StoreConflict):
        project.session.apply(change)


@pytest.mark.parametrize("layer", ["manhole", "pipe_line"])
def test_many_are_deleted_as_few_are(
    project: Project, keys: dict, monkeypatch: pytest.MonkeyPatch, layer: str
) -> None:
    going = [key for key in keys.values() if key.layer == layer][:2]
    inspected = ChangeSet("t", changes=(_inspection_of(project, going[0]),))
    project.session.apply(inspected)
    fids = np.array(sorted(project.get(key).fid for key in going))
    start = project.content_sha256()
    project.session.apply(delete_features(project, going))
    wanted = project.content_sha256()
    project.session.undo()

    monkeypatch.setattr(delete, "MANY", 1)
    change = delete_rows(project, layer, fids)
    assert not any(one.key.layer == layer for one in change.changes)
    assert change.params == {"count": len(going), "layer": layer}
    project.session.apply(change)
    assert project.content_sha256() == wanted
    project.session.undo()
    assert project.content_sha256() == start
    monkeypatch.setattr(delete, "MANY", 1000)
    assert not delete_rows(project, layer, fids).bulk


def _inspection_of(project: Project, key: FeatureKey) -> Change:
    asset = project.asset_type("inspection")
    values = {**asset.empty_values(), "asset_uuid": key.uuid}
    return Change(None, Feature(FeatureKey("inspection", new_uuid()), None, values))
