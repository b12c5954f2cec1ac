from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.edits.attributes import set_each
from hjgis.edits.cells import CellChange, add_records, calculate, replaced_cells, set_cells
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.expressions import parse
from hjgis.models.replacing import Search

COUNT = 1200


@pytest.fixture
def wells(project: Project) -> Project:
    names = [f"WS{number}" for number in range(COUNT)]
    depths = [float(number % 4) for number in range(COUNT)]
    points = shapely.points(np.arange(COUNT, dtype=float), np.zeros(COUNT))
    bulk = BulkInsert("manhole", points, {"exp_no": names, "well_depth_m": depths})
    project.session.apply(ChangeSet("import", bulk=(bulk,)))
    return project


def values(project: Project, name: str) -> list:
    return project.table("manhole", [name], geometry=False).columns[name].tolist()


@pytest.mark.parametrize("count", [3, 1000], ids=["few", "in bulk"])
def test_each_feature_gets_a_value_of_its_own_in_one_change(wells: Project, count: int) -> None:
    before = wells.content_sha256()
    fids = np.arange(count, 0, -1)
    change = set_each(wells, "manhole", fids, {"remarks": [f"r{fid}" for fid in fids]})
    assert change.params["count"] == count
    wells.session.apply(change)
    assert values(wells, "remarks")[: count + 1] == [f"r{n}" for n in range(1, count + 1)] + [None]
    wells.session.undo()
    assert wells.content_sha256() == before


def test_values_that_are_there_already_are_not_set_again(wells: Project) -> None:
    change = set_each(wells, "manhole", [1, 2], {"exp_no": ["WS0", "x"], "remarks": [None, None]})
    assert (change.params["count"], change.params["fields"]) == (1, ["exp_no"])
    assert not set_each(wells, "manhole", [1], {"exp_no": ["WS0"]})


def test_rows_that_are_gone_are_left_out(wells: Project) -> None:
    change = set_each(wells, "manhole", [99_999, 1], {"remarks": ["gone", "here"]})
    wells.session.apply(change)
    assert values(wells, "remarks")[0] == "here"


def test_a_field_is_worked_out_and_rows_without_result_are_told_and_left(wells: Project) -> None:
    target = wells.asset_type("manhole").field("mud_depth_m")
    expression = parse("6 / 井底深", wells.asset_type("manhole"), wells.catalogue)
    fids = np.arange(1, COUNT + 1)
    found = calculate(wells, expression, target, fids, wells.catalogue)
    assert len(found.refused) == COUNT // 4
    assert found.refused[1] == "division by zero"
    assert found.changing == COUNT - COUNT // 4
    before = wells.content_sha256()
    wells.session.apply(set_each(wells, "manhole", found.fids, {target.name: found.new}))
    assert values(wells, "mud_depth_m")[:5] == [None, 6.0, 3.0, 2.0, None]
    wells.session.undo()
    assert wells.content_sha256() == before


def test_a_result_goes_through_the_same_door_as_what_is_typed(wells: Project) -> None:
    asset = wells.asset_type("manhole")
    fids = np.array([1])

    def result(text: str, name: str) -> object:
        expression = parse(text, asset, wells.catalogue)
        found = calculate(wells, expression, asset.field(name), fids, wells.catalogue)
        return found.new[0] if found.new else found.refused[1]

    assert result('"雨水井盖"', "cover_kind") == "雨水井盖"
    assert "not in the list" in str(result('"没有的"', "cover_kind"))
    assert result("0.1 + 0.2", "remarks") == "0.3"
    assert result("2", "remarks") == "2"
    assert "whole number" in str(result("2.5", "built_year"))
    assert result("1 = 1", "smart") is True
    found = calculate(
        wells, parse("9999", asset, wells.catalogue), asset.field("well_depth_m"), fids,
        wells.catalogue,
    )  # fmt: skip
    assert (found.new, found.doubts) == ([9999.0], 1)


def test_places_are_known_to_the_calculator(wells: Project) -> None:
    asset = wells.asset_type("manhole")
    expression = parse("Y() + X()", asset, wells.catalogue)
    found = calculate(wells, expression, asset.field("remarks"), np.array([3, 1]), wells.catalogue)
    assert dict(zip(found.fids, found.new, strict=True)) == {1: "0", 3: "2"}


def replaced(project: Project, search: Search, *fields: str) -> list[CellChange]:
    fids = np.arange(1, COUNT + 1)
    return replaced_cells(project, "manhole", fids, fields, search, catalogue=project.catalogue)


def test_found_cells_are_listed_before_and_after_and_stored_as_one_change(wells: Project) -> None:
    cells = replaced(wells, Search("WS119", "YS-"), "exp_no", "remarks")
    assert [(c.old, c.new) for c in cells[:2]] == [("WS119", "YS-"), ("WS1190", "YS-0")]
    assert len(cells) == 11
    before = wells.content_sha256()
    wells.session.apply(set_cells(wells, "manhole", cells[1:]))
    assert values(wells, "exp_no")[119] == "WS119"
    assert values(wells, "exp_no")[1190] == "YS-0"
    wells.session.undo()
    assert wells.content_sha256() == before


def test_a_replacement_that_does_not_fit_its_field_is_told_and_left(wells: Project) -> None:
    cells = replaced(wells, Search("3", "three", whole=True), "well_depth_m")
    assert len(cells) == COUNT // 4
    assert "not a number" in cells[0].refused
    assert not set_cells(wells, "manhole", cells)


def test_a_pattern_without_end_changes_nothing(wells: Project) -> None:
    wells.session.apply(set_each(wells, "manhole", [1], {"remarks": ["a" * 250]}))
    with pytest.raises(EditRefused, match="does not come to an end"):
        replaced(wells, Search("(a|aa|a)+(b|bb)*$x", "", pattern=True), "remarks")


def test_cells_of_several_fields_are_set_each_in_its_row(wells: Project) -> None:
    cells = [
        CellChange(1, "remarks", None, "one", "one"),
        CellChange(2, "exp_no", None, "two", "two"),
        CellChange(2, "remarks", None, None, "?", refused="why"),
    ]
    wells.session.apply(set_cells(wells, "manhole", cells))
    assert values(wells, "exp_no")[:2] == ["WS0", "two"]
    assert values(wells, "remarks")[:2] == ["one", None]


def test_records_are_added_to_a_table_without_geometry_only(project: Project) -> None:
    fields = project.asset_type("manhole").fields
    text = next(field for field in fields if field.name == "remarks")
    table = AssetType("visits", "reference", "None", {"en": "Visits"}, (text,), "reference")
    project.session.apply(ChangeSet("import", new_layer=table))
    before = project.content_sha256()
    change = add_records(project, "visits", [{"remarks": "a"}, {"remarks": None}])
    project.session.apply(change)
    assert project.count("visits") == 2
    project.session.undo()
    assert project.content_sha256() == before
    with pytest.raises(ValueError, match="has places"):
        add_records(project, "manhole", [{}])
