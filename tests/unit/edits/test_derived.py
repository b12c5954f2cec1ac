from __future__ import annotations

import datetime as dt

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.copying import change_kind
from hjgis.edits.derived import COMPUTATIONS, computed_value, with_derived
from hjgis.edits.move import move_node
from hjgis.edits.network import draw_line, place_node
from hjgis.edits.restore import restore
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import catalogue
from hjgis.models.changes import ChangeSet, FeatureKey
from tests.network import build


def do(project: Project, changes: ChangeSet) -> None:
    project.session.apply(with_derived(project, changes, project.catalogue))


def values(project: Project, key: FeatureKey) -> dict:
    return dict(project.get(key).values)


@pytest.fixture
def keys(project: Project) -> dict[str, FeatureKey]:
    return build(project)


def add(project: Project, layer: str, shape, known: dict | None = None) -> FeatureKey:
    edit = add_feature(project, layer, shape, known)
    do(project, edit)
    return edit.changes[0].key


def test_every_computed_field_of_the_catalogue_has_a_computation() -> None:
    named = {
        field.computed
        for asset in catalogue().types.values()
        for field in asset.fields
        if field.computed
    }
    assert named == set(COMPUTATIONS)


def test_a_new_manhole_gets_sheet_grid_and_date(project: Project) -> None:
    cell = shapely.box(428_200, 4_528_300, 428_300, 4_528_400)
    do(project, add_feature(project, "grid", cell, {"grid_id": "150826001001001"}))
    at = shapely.Point(428_244.9, 4_528_395.5)
    stored = values(project, add(project, "manhole", at))
    assert stored["sheet_no"] == "4528.25-428.00", "DOMAIN 6.1"
    assert stored["grid_id"] == "150826001001001"
    assert stored["initial_date"] == dt.datetime.now().astimezone().date().isoformat()


def test_a_moved_manhole_is_on_another_sheet_unless_somebody_named_one(project: Project) -> None:
    key = add(project, "manhole", shapely.Point(428_010, 4_528_010))
    own = add(project, "manhole", shapely.Point(428_020, 4_528_010), {"sheet_no": "7"})
    for one in (key, own):
        do(project, move_node(project, one, shapely.Point(428_260, 4_528_010)))
    assert values(project, key)["sheet_no"] == "4528.00-428.25"
    assert values(project, own)["sheet_no"] == "7"


def test_depth_and_bottom_follow_from_each_other_and_what_is_typed_stays(
    project: Project, keys: dict
) -> None:
    key = keys["A"]
    do(project, set_values(project, [key], {"ground_elev_m": 1040.0}))
    do(project, set_values(project, [key], {"well_depth_m": 2.5}))
    assert values(project, key)["bottom_elev_m"] == 1037.5
    do(project, set_values(project, [key], {"bottom_elev_m": 1037.0}))
    assert values(project, key)["well_depth_m"] == 3.0
    do(project, set_values(project, [key], {"ground_elev_m": 1041.0}))
    stored = values(project, key)
    assert (stored["well_depth_m"], stored["bottom_elev_m"]) == (3.0, 1038.0)
    do(project, set_values(project, [key], {"ground_elev_m": None}))
    do(project, set_values(project, [key], {"bottom_elev_m": 1030.0}))
    do(project, set_values(project, [key], {"ground_elev_m": 1042.0}))
    stored = values(project, key)
    assert (stored["well_depth_m"], stored["bottom_elev_m"]) == (3.0, 1030.0), "typed"
    depth = project.asset_type("manhole").field("well_depth_m")
    assert computed_value(project, project.get(key), depth) == 12.0


def test_a_pipe_follows_its_nodes(project: Project, keys: dict) -> None:
    for name, ground in (("A", 1040.0), ("B", 1041.0)):
        do(project, set_values(project, [keys[name]], {"ground_elev_m": ground}))
    do(project, set_values(project, [keys["AB"]], {"start_depth_m": 1.5, "end_depth_m": 2.0}))
    stored = values(project, keys["AB"])
    assert (stored["start_elev_m"], stored["end_elev_m"]) == (1038.5, 1039.0)
    do(project, set_values(project, [keys["B"]], {"ground_elev_m": 1041.5, "exp_no": "B9"}))
    stored = values(project, keys["AB"])
    assert (stored["start_elev_m"], stored["end_elev_m"]) == (1038.5, 1039.5)
    assert stored["end_no"] == "B9"
    do(project, set_values(project, [keys["AB"]], {"end_no": "own"}))
    do(project, set_values(project, [keys["B"]], {"exp_no": "B10"}))
    assert values(project, keys["AB"])["end_no"] == "own"


def test_a_drawn_pipe_takes_over_the_numbers_of_nodes_made_with_it(project: Project) -> None:
    line = shapely.LineString([(428_000, 4_528_000), (428_030, 4_528_000)])
    edit = draw_line(project, "pipe_line", line, missing_nodes="manhole")
    do(project, edit)
    pipe = edit.changes[-1].key
    assert values(project, pipe)["length_m"] == 30.0


def test_a_moved_node_changes_the_length_of_its_pipes(project: Project, keys: dict) -> None:
    do(project, set_values(project, [keys["AB"]], {"length_m": 30.0}))
    do(project, set_values(project, [keys["BC"]], {"length_m": 99.0}))
    do(project, move_node(project, keys["B"], shapely.Point(428_020, 4_528_000)))
    assert values(project, keys["AB"])["length_m"] == 20.0
    assert values(project, keys["BC"])["length_m"] == 99.0, "typed"


def test_undo_takes_what_was_computed_back_too(project: Project, keys: dict) -> None:
    do(project, set_values(project, [keys["B"]], {"ground_elev_m": 1041.0}))
    start = project.content_sha256()
    do(project, set_values(project, [keys["AB"]], {"end_depth_m": 2.0}))
    do(project, set_values(project, [keys["B"]], {"ground_elev_m": 1042.0}))
    assert project.session.next_undo()[1]["fields"] == ["end_elev_m", "ground_elev_m"]
    for _step in range(2):
        project.session.undo()
    assert project.content_sha256() == start


def test_a_child_code_fills_its_empty_parent_only(project: Project, keys: dict) -> None:
    do(project, set_values(project, [keys["AB"]], {"material_detail": "SMSN"}))
    assert values(project, keys["AB"])["material"] == "SM"
    do(project, set_values(project, [keys["AB"]], {"material_detail": "GJHNT"}))
    assert values(project, keys["AB"])["material"] == "SM", "what is there is told, not changed"


def test_an_answer_ends_that_a_field_is_unknown(project: Project, keys: dict) -> None:
    known = {"unknown_fields": "well_depth_m built_year"}
    do(project, set_values(project, [keys["A"]], known))
    do(project, set_values(project, [keys["A"]], {"built_year": 1999}))
    assert values(project, keys["A"])["unknown_fields"] == "well_depth_m"


def test_what_is_brought_back_is_as_it_was_and_pieces_are_no_new_things(
    project: Project, keys: dict
) -> None:
    before = project.get(keys["A"])
    do(project, set_values(project, [keys["A"]], {"remarks": "x"}))
    do(project, restore(project, {keys["A"]: before}))
    assert values(project, keys["A"]) == dict(before.values)
    do(project, place_node(project, "manhole", shapely.Point(428_010, 4_528_000)))
    pipes = project.table("pipe_line", ["initial_date"])
    assert pipes.columns["initial_date"].tolist() == [None, None, None]


def test_the_day_of_today_is_no_proposal_for_what_was_recorded_before(
    project: Project, keys: dict
) -> None:
    field = project.asset_type("manhole").field("initial_date")
    assert computed_value(project, project.get(keys["A"]), field) is None


def test_whoever_empties_a_computed_field_has_it_empty(project: Project, keys: dict) -> None:
    key = keys["A"]
    do(project, set_values(project, [key], {"ground_elev_m": 1040.0, "well_depth_m": 2.0}))
    assert values(project, key)["bottom_elev_m"] == 1038.0
    do(project, set_values(project, [key], {"bottom_elev_m": None}))
    assert values(project, key)["bottom_elev_m"] is None
    do(project, set_values(project, [key], {"remarks": "x"}))
    assert values(project, key)["bottom_elev_m"] is None


def test_what_becomes_another_kind_does_not_begin_today(project: Project) -> None:
    edit = add_feature(project, "toilet", shapely.Point(428_000, 4_528_000))
    project.session.apply(edit)
    key = edit.changes[0].key
    assert values(project, key)["initial_date"] is None
    do(project, change_kind(project, [key], "street_lamp"))
    assert values(project, FeatureKey("street_lamp", key.uuid))["initial_date"] is None
