"""Edits that build on one another before any of them is stored."""

from __future__ import annotations

import pytest
import shapely

from hjgis.edits.delete import delete_features
from hjgis.edits.draft import Draft
from hjgis.edits.move import move_node
from hjgis.edits.network import place_node
from hjgis.edits.records import add_records
from hjgis.edits.split import split_line
from hjgis.layers.project import Project
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey
from tests.network import build


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return build(project)


def plain(feature: Feature) -> tuple[FeatureKey, str | None, dict[str, object]]:
    """Return a feature without its row number, which it gets when it is stored."""
    return feature.key, feature.geometry.wkt if feature.geometry else None, {**feature.values}


def middle(project: Project, key: FeatureKey) -> shapely.Point:
    shape = project.get(key).geometry
    assert isinstance(shape, shapely.LineString)
    return shape.interpolate(0.5, normalized=True)


def test_a_draft_answers_as_the_project_will(project: Project, keys: dict[str, FeatureKey]) -> None:
    draft = Draft(project)
    node = keys["A"]
    place = project.get(node).geometry
    assert isinstance(place, shapely.Point)
    draft.add(move_node(draft, node, shapely.Point(place.x + 3, place.y + 2)))
    draft.add(add_records(project, [node], {"date": "2026-01-01", "person": "王工"}))
    (line, *_others) = draft.lines_ending_at(node.uuid)
    assert line.geometry is not None
    spot = line.geometry.interpolate(0.4, normalized=True)
    draft.add(place_node(draft, "manhole", spot, {"exp_no": "NEW"}))
    draft.add(move_node(draft, node, shapely.Point(place.x + 1, place.y)))
    draft.add(delete_features(draft, [keys["C"]]))
    project.session.apply(draft.changes("edit.fix", {}))
    touched = [
        FeatureKey(layer, str(uuid))
        for layer in project.types
        for uuid in project.table(layer, [], geometry=False).uuids
    ]
    for key in touched:
        assert plain(draft.get(key)) == plain(project.get(key))
        ends = draft.lines_ending_at(key.uuid)
        assert {one.key for one in ends} == {one.key for one in project.lines_ending_at(key.uuid)}
        records = {one.key for one in draft.records_of([key.uuid])}
        assert records == {one.key for one in project.records_of([key.uuid])}
    box = (place.x - 200, place.y - 200, place.x + 200, place.y + 200)
    for layer in ("manhole", "pipe_line"):
        here = {one.key for one in draft.within(layer, box)}
        assert here == {one.key for one in project.within(layer, box)}
    assert keys["C"] not in draft.known([keys["C"]])


def test_what_is_taken_back_was_never_there(project: Project, keys: dict[str, FeatureKey]) -> None:
    draft = Draft(project)
    node = keys["A"]
    place = project.get(node).geometry
    assert isinstance(place, shapely.Point)
    draft.add(move_node(draft, node, shapely.Point(place.x + 3, place.y)))
    before = draft.changes("edit.fix", {})
    draft.mark()
    (line, *_others) = draft.lines_ending_at(node.uuid)
    assert line.geometry is not None
    draft.add(split_line(draft, line.key, line.geometry.interpolate(0.5, normalized=True)))
    draft.add(delete_features(draft, [node]))
    assert draft.touched() >= {node, line.key}
    draft.back()
    after = draft.changes("edit.fix", {})
    assert after.changes == before.changes
    assert [one.key for one in draft.lines_ending_at(node.uuid)] == [
        one.key for one in project.lines_ending_at(node.uuid)
    ]
    box = (place.x - 500, place.y - 500, place.x + 500, place.y + 500)
    assert {one.key for one in draft.within("pipe_line", box)} == {
        one.key for one in project.within("pipe_line", box)
    }


def test_what_is_again_as_it_was_is_no_change(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    draft = Draft(project)
    place = project.get(keys["A"]).geometry
    assert isinstance(place, shapely.Point)
    for x in (place.x + 3, place.x):
        draft.add(move_node(draft, keys["A"], shapely.Point(x, place.y)))
    assert not draft.changes("edit.fix", {})


def test_a_feature_that_came_and_went_is_no_change(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    draft = Draft(project)
    added = place_node(draft, "manhole", shapely.Point(0, 0))
    draft.add(added)
    draft.add(delete_features(draft, [added.changes[0].key]))
    assert not draft.changes("edit.fix", {})


def test_nothing_can_build_on_facts(project: Project, keys: dict[str, FeatureKey]) -> None:
    from hjgis.edits.arrange import lock

    asset = project.asset_type("manhole")
    with pytest.raises(ValueError, match="single features"):
        Draft(project).add(lock(project.arrangement, asset, locked=True))
    assert isinstance(lock(project.arrangement, asset, locked=True), ChangeSet)


def test_what_was_read_ahead_is_what_is_there(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    ahead, plainly = Draft(project), Draft(project)
    ahead.prefetch(keys.values())
    for key in keys.values():
        assert plain(ahead.get(key)) == plain(plainly.get(key))
        assert ahead.node(key.uuid) == plainly.node(key.uuid)
        assert [one.key for one in ahead.lines_ending_at(key.uuid)] == [
            one.key for one in plainly.lines_ending_at(key.uuid)
        ]


@pytest.mark.parametrize("comes_first", [True, False])
def test_a_node_of_another_kind_is_found_in_whatever_order_it_came(
    project: Project, keys: dict[str, FeatureKey], comes_first: bool
) -> None:
    draft, point = Draft(project), project.get(keys["A"])
    other = Feature(FeatureKey("pipe_point", point.key.uuid), point.geometry, {})
    parts = (Change(None, other), Change(point, None))
    draft.add(ChangeSet("edit.kind", parts if comes_first else parts[::-1]))
    assert draft.node(point.key.uuid) == other


def test_taken_back_a_draft_knows_the_old_kind_and_no_new_pieces(
    project: Project, keys: dict[str, FeatureKey]
) -> None:
    draft, point = Draft(project), project.get(keys["A"])
    draft.mark()
    other = Feature(FeatureKey("pipe_point", point.key.uuid), point.geometry, {})
    draft.add(ChangeSet("edit.kind", (Change(point, None), Change(None, other))))
    line = draft.lines_ending_at(point.key.uuid)[0]
    draft.add(split_line(draft, line.key, middle(project, line.key)))
    draft.back()
    assert draft.node(point.key.uuid) == point
    assert draft.born_of == {}
    assert not draft.changes("edit.fix", {})
