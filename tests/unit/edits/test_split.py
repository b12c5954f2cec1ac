from __future__ import annotations

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.arrays import nodes_along
from hjgis.edits.attributes import set_values
from hjgis.edits.network import place_node
from hjgis.edits.split import insert_node, put_node_on, split_by, split_line
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.changes import Feature, FeatureKey
from tests.network import PLACES, build

LEVELS = {"start_elev_m": 1040.0, "end_elev_m": 1034.0, "start_depth_m": 1.0, "length_m": 31.5}


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return build(project)


@pytest.fixture
def pipe(project: Project, keys: dict[str, FeatureKey]) -> FeatureKey:
    before = project.get(keys["AB"])
    project.session.apply(set_values(project, [before.key], LEVELS))
    return before.key


def born(project: Project, layer: str, known: set[str]) -> list[Feature]:
    uuids = project.table(layer, [], geometry=False).uuids.tolist()
    return [project.get(FeatureKey(layer, uuid)) for uuid in uuids if uuid not in known]


def test_a_new_node_divides_the_pipe_and_what_it_says(
    project: Project, keys: dict[str, FeatureKey], pipe: FeatureKey
) -> None:
    known = {key.uuid for key in keys.values()}
    at = shapely.Point(428_020, 4_528_003)
    project.session.apply(insert_node(project, pipe, at, "manhole", {"exp_no": "N"}))

    (node,) = born(project, "manhole", known)
    (short,), long = born(project, "pipe_line", known), project.get(pipe)
    assert node.geometry == shapely.Point(428_020, 4_528_000)
    assert (long.values["from_node"], long.values["to_node"]) == (keys["A"].uuid, node.key.uuid)
    assert (short.values["from_node"], short.values["to_node"]) == (node.key.uuid, keys["B"].uuid)
    assert (long.values["end_elev_m"], short.values["start_elev_m"]) == (1036.0, 1036.0)
    assert (long.values["start_elev_m"], short.values["end_elev_m"]) == (1040.0, 1034.0)
    assert (long.values["length_m"], short.values["length_m"]) == (21.0, 10.5)
    assert (long.values["end_no"], short.values["start_no"]) == ("N", "N")
    assert long.values["end_depth_m"] is None
    assert short.values["pipe_no"] is None
    assert short.values["kind"] == long.values["kind"] == "WS"


def test_the_longer_half_keeps_the_identity(project: Project, pipe: FeatureKey) -> None:
    project.session.apply(split_line(project, pipe, shapely.Point(428_010, 4_528_000)))
    kept = project.get(pipe)
    assert kept.geometry.length == 20
    assert kept.values["from_node"] is None
    assert kept.values["pipe_no"] == "AB"


def test_a_pipe_is_not_divided_at_its_end(project: Project, pipe: FeatureKey) -> None:
    for end in ("A", "B"):
        with pytest.raises(EditRefused, match="end of the line"):
            insert_node(project, pipe, shapely.Point(PLACES[end]), "manhole")


def test_a_lamp_is_no_node(project: Project, pipe: FeatureKey) -> None:
    with pytest.raises(EditRefused, match="no node"):
        insert_node(project, pipe, shapely.Point(428_010, 4_528_000), "street_lamp")


def test_a_node_that_stands_beside_comes_onto_the_pipe(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    with pytest.raises(EditRefused, match="already"):
        put_node_on(project, keys["B"], keys["AB"])
    beside = add_feature(project, "manhole", shapely.Point(428_012, 4_528_002))
    project.session.apply(beside)
    project.session.apply(put_node_on(project, beside.changes[0].key, keys["AB"]))
    assert project.get(beside.changes[0].key).geometry == shapely.Point(428_012, 4_528_000)
    assert len(project.lines_ending_at(beside.changes[0].key.uuid)) == 2


def test_an_area_is_cut_by_a_line_right_across(project: Project) -> None:
    park = add_feature(project, "park", shapely.box(0, 0, 30, 10), {"park_name": "P"})
    project.session.apply(park)
    key = park.changes[0].key
    with pytest.raises(EditRefused, match="right across"):
        split_by(project, key, shapely.LineString([(10, -5), (10, 5)]))
    project.session.apply(split_by(project, key, shapely.LineString([(10, -5), (10, 15)])))
    assert project.get(key).geometry.area == 200
    (other,) = born(project, "park", {key.uuid})
    assert other.geometry.area == 100
    assert other.values["park_name"] == "P"
    project.session.undo()
    assert project.get(key).geometry.area == 300


def test_a_line_is_cut_by_one_that_crosses_it_once(project: Project, pipe: FeatureKey) -> None:
    with pytest.raises(EditRefused, match="once"):
        split_by(project, pipe, shapely.LineString([(428_010, 4_528_001), (428_010, 4_528_009)]))
    knife = shapely.LineString([(428_010, 4_527_990), (428_010, 4_528_009)])
    project.session.apply(split_by(project, pipe, knife))
    assert project.count("pipe_line") == 3


def test_the_history_of_every_piece_leads_back_to_the_whole(
    project: Project, keys: dict[str, FeatureKey], pipe: FeatureKey
) -> None:
    known = {key.uuid for key in keys.values()}
    whole = [entry.id for entry in project.history.entries(pipe)]
    project.session.apply(place_node(project, "manhole", shapely.Point(428_020, 4_528_000)))
    (piece,) = born(project, "pipe_line", known)
    project.session.apply(set_values(project, [pipe], {"remarks": "only of the longer"}))
    project.session.apply(split_line(project, piece.key, shapely.Point(428_027, 4_528_000)))
    (last,) = born(project, "pipe_line", known | {piece.key.uuid})

    told = project.history.entries(last.key, ancestry=True)
    cut, birth, *before = told
    assert [entry.label for entry in (cut, birth)] == ["edit.split", "edit.add"]
    assert [entry.feature for entry in told] == [last.key, piece.key, *[pipe] * len(whole)]
    assert [entry.id for entry in before] == whole
    assert [entry.id for entry in project.history.entries(last.key)] == [cut.id]
    project.session.undo()
    assert project.history.entries(piece.key, ancestry=True)[0].feature == piece.key


def test_nodes_along_a_pipe_leave_pieces_that_know_where_they_are_from(
    project: Project, keys: dict[str, FeatureKey], pipe: FeatureKey
) -> None:
    known = {key.uuid for key in keys.values()}
    project.session.apply(nodes_along(project, pipe, "manhole", spacing_m=10.0))
    for piece in born(project, "pipe_line", known):
        assert project.history.entries(piece.key, ancestry=True)[-1].feature == pipe
