from __future__ import annotations

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.numbering import with_ids
from hjgis.edits.renumber import (
    Order,
    in_order,
    number_fields,
    renumber,
    renumber_ids,
    store_numbers,
)
from hjgis.layers.project import Project
from hjgis.models.changes import Feature, FeatureKey
from hjgis.models.numbering import NumberPlan, NumberRange
from hjgis.models.rows import Numbering
from tests.network import build

X, Y = 428_000.0, 4_528_000.0
NUMBERING = Numbering("YS", 1, 3)


def lamps(project: Project, *places: tuple[float, float]) -> list[Feature]:
    keys = []
    for dx, dy in places:
        change = add_feature(project, "street_lamp", shapely.Point(X + dx, Y + dy))
        change, _reasons = with_ids(project, change, project.number_plan)
        project.session.apply(change)
        keys.append(change.changes[0].key)
    return project.get_many(keys)


def places(features: list[Feature]) -> list[tuple[float, float]]:
    return [(f.geometry.x - X, f.geometry.y - Y) for f in features if f.geometry]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("west", [(0, 0), (5, 90), (20, 95), (30, 2)]),
        ("north", [(20, 95), (5, 90), (30, 2), (0, 0)]),
        ("rows", [(5, 90), (20, 95), (0, 0), (30, 2)]),
        ("stored", [(30, 2), (20, 95), (5, 90), (0, 0)]),
    ],
)
def test_features_are_numbered_in_order_of_place(
    project: Project, order: Order, expected: list[tuple[float, float]]
) -> None:
    found = lamps(project, (30, 2), (20, 95), (5, 90), (0, 0))
    assert places(in_order(project, found, order, field="pole_no")) == expected


def test_along_roads_one_road_after_the_other(project: Project) -> None:
    for name, dy in (("乙路", 0.0), ("甲路", 500.0)):
        line = shapely.MultiLineString([[(X + 300, Y + dy), (X, Y + dy)]])
        project.session.apply(add_feature(project, "road", line, {"road_name": name}))
    found = lamps(project, (10, 5), (200, -5), (20, 505), (150, 495), (9_000, 0))
    ordered = places(in_order(project, found, "road", field="pole_no"))
    assert ordered == [(200, -5), (10, 5), (150, 495), (20, 505), (9_000, 0)]


def test_numbers_sort_as_numbers(project: Project) -> None:
    found = lamps(project, (0, 0), (1, 0), (2, 0))
    texts = ["D10", "D9", None]
    found = [f.with_values(pole_no=text) for f, text in zip(found, texts, strict=True)]
    ordered = in_order(project, found, "number", field="pole_no")
    assert [f.values["pole_no"] for f in ordered] == ["D9", "D10", None]


def test_point_numbers_go_along_with_the_pipes_and_undo_brings_all_back(project: Project) -> None:
    keys = build(project)
    before = project.content_sha256()
    nodes = project.get_many([keys["A"], keys["B"], keys["C"]])
    rows = renumber(project, nodes, "exp_no", NUMBERING)
    assert [(row.old, row.new, row.trouble) for row in rows] == [
        ("A", "YS001", ""),
        ("B", "YS002", ""),
        ("C", "YS003", ""),
    ]
    project.session.apply(store_numbers(project, "exp_no", rows))
    pipe = project.get(keys["AB"]).values
    assert (pipe["start_no"], pipe["end_no"]) == ("YS001", "YS002")
    assert project.get(keys["BC"]).values["end_no"] == "YS003"
    project.session.undo()
    assert project.content_sha256() == before


def test_numbers_in_use_elsewhere_are_marked_and_not_stored(project: Project) -> None:
    keys = build(project)
    project.session.apply(
        add_feature(project, "pipe_point", shapely.Point(X, Y + 50), {"exp_no": "YS002"})
    )
    rows = renumber(project, project.get_many([keys["A"], keys["B"]]), "exp_no", NUMBERING)
    assert [bool(row.trouble) for row in rows] == [False, True]
    change = store_numbers(project, "exp_no", rows)
    assert change.params["count"] == 1


def test_numbers_may_change_places(project: Project) -> None:
    keys = build(project)
    nodes = project.get_many([keys["A"], keys["B"]])
    project.session.apply(
        store_numbers(project, "exp_no", renumber(project, nodes, "exp_no", NUMBERING))
    )
    nodes = project.get_many([keys["B"], keys["A"]])
    rows = renumber(project, nodes, "exp_no", NUMBERING)
    assert not any(row.trouble for row in rows)
    project.session.apply(store_numbers(project, "exp_no", rows))
    assert project.get(keys["B"]).values["exp_no"] == "YS001"


def test_component_ids_anew_are_marked_where_they_cannot_be(project: Project) -> None:
    found = lamps(project, (0, 0), (1, 0), (2, 0), (3, 0))
    project.session.undo()
    found = found[:3]
    plan = NumberPlan((NumberRange("tester", 1, 4),), "tester")
    rows = renumber_ids(project, found[:2][::-1], plan, start=1)
    assert [row.new[-1] for row in rows if row.new] == ["1", "2"]
    assert not any(row.trouble for row in rows)
    rows = renumber_ids(project, found[:2], plan, start=3)
    assert "elsewhere" in rows[0].trouble
    assert "once" in rows[1].trouble
    rows = renumber_ids(project, found[:2], plan, start=4)
    assert "tester" in rows[1].trouble


def test_fresh_ids_keep_the_old_ones(project: Project) -> None:
    found = lamps(project, (0, 0), (1, 0))
    before = project.content_sha256()
    rows = renumber_ids(project, found, project.number_plan)
    assert [row.new for row in rows] == ["15082601037000003", "15082601037000004"]
    project.session.apply(store_numbers(project, "component_id", rows))
    values = project.get(found[0].key).values
    assert values["former_ids"] == "15082601037000001"
    project.session.undo()
    assert project.content_sha256() == before


def test_many_are_numbered_in_one_step(project: Project) -> None:
    many = 600
    keys = []
    for n in range(many):
        change = add_feature(project, "manhole", shapely.Point(X + n, Y), {"exp_no": f"p{n}"})
        project.session.apply(change)
        keys.append(change.changes[0].key)
    line = shapely.LineString([(X, Y), (X + 1, Y)])
    pipe = add_feature(project, "pipe_line", line, {"kind": "WS"})
    project.session.apply(pipe)
    before = project.content_sha256()
    rows = renumber(project, project.get_many(keys), "exp_no", NUMBERING)
    project.session.apply(store_numbers(project, "exp_no", rows))
    assert project.get(keys[-1]).values["exp_no"] == "YS600"
    assert project.get(pipe.changes[0].key).values["end_no"] == "YS002"
    project.session.undo()
    assert project.content_sha256() == before


def test_too_long_numbers_are_marked(project: Project) -> None:
    found = lamps(project, (0, 0))
    (row,) = renumber(project, found, "pole_no", Numbering("x" * 500))
    assert "longer" in row.trouble


def test_what_can_be_numbered(project: Project) -> None:
    assert number_fields(project.types["manhole"]) == ("component_id", "exp_no", "map_no")
    assert number_fields(project.types["parking_bay"]) == ("bay_no",)
    assert number_fields(project.types["road"]) == ()
    assert renumber(project, [], "exp_no", NUMBERING) == []
    assert in_order(project, [], "road", field="exp_no") == []
    assert not store_numbers(project, "exp_no", [])


def test_a_manhole_without_a_kind_gets_no_id_and_says_why(project: Project) -> None:
    change = add_feature(project, "manhole", shapely.Point(X, Y))
    project.session.apply(change)
    found = project.get_many([FeatureKey("manhole", change.changes[0].key.uuid)])
    for start in (None, 1):
        (row,) = renumber_ids(project, found, project.number_plan, start=start)
        assert row.new is None
        assert "class" in row.trouble


def test_a_number_that_its_owner_keeps_is_given_to_nobody_else(project: Project) -> None:
    found = lamps(project, (0, 0), (10, 0), (20, 0), (30, 0))
    for lamp, number in zip(found, ("YS003", "YS001", "YS002", "x"), strict=True):
        change = set_values(project, [lamp.key], {"pole_no": number})
        project.session.apply(change)
    _other, *mine = project.get_many([lamp.key for lamp in found])
    # YS003 is in use elsewhere, so YS002 stays, and so does YS001: the first cannot have it.
    wanted = renumber(project, list(reversed(mine)), "pole_no", Numbering("YS", 2, 3))
    assert [(one.old, one.new, bool(one.trouble)) for one in wanted] == [
        ("x", "YS002", True),
        ("YS002", "YS003", True),
        ("YS001", "YS004", False),
    ]
    for one in renumber_ids(project, mine, project.number_plan, start=1):
        assert one.trouble
    project.session.apply(store_numbers(project, "pole_no", wanted))
    numbers = [lamp.values["pole_no"] for lamp in project.get_many([lamp.key for lamp in found])]
    assert sorted(map(str, numbers)) == ["YS002", "YS003", "YS004", "x"]


def test_an_id_whose_serial_another_component_has_in_the_other_scheme_is_marked(
    project: Project,
) -> None:
    known = {"cover_kind": "污水井盖"}
    here = shapely.Point(X, Y)
    mine = add_feature(project, "manhole", here, known)
    project.session.apply(mine)
    other = add_feature(project, "manhole", here, {**known, "component_id": "1508260102000001"})
    project.session.apply(other)
    found = project.get_many([mine.changes[0].key])
    (one,) = renumber_ids(project, found, project.number_plan, start=1)
    assert one.new == "15082601002000001"
    assert one.trouble
    (one,) = renumber_ids(project, found, project.number_plan, start=2)
    assert not one.trouble
