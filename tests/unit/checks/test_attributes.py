from __future__ import annotations

from pathlib import Path

import pytest

from hjgis.checks.rules.attributes import required_names
from hjgis.layers.project import Project
from hjgis.models.assets import Field, Value
from hjgis.models.catalogue_files import catalogue
from hjgis.models.validation import problem
from tests.unit.checks.faults import STRAIGHT, add, at, foreign, found, issues, line

CATALOGUE = catalogue()


def test_one_finding_names_all_required_fields_that_are_empty(project: Project) -> None:
    add(project, "parking_bay", line((0, 0), (5, 0), (5, 5)).convex_hull, bay_no="1", lot_no="")
    (issue,) = issues(project, "attribute.required")
    assert issue.message == "Not filled in: Car park number, Arrangement"


def test_the_units_of_a_manhole_are_left_to_their_own_rule(project: Project) -> None:
    names = required_names(project.asset_type("manhole"))
    filled = {n: "不详" for n in names if n not in ("responsible_unit", "managing_unit")}
    add(project, "manhole", at(), **filled)
    assert found(project, "attribute.required") == set()
    (issue,) = issues(project, "manhole.responsible_missing")
    assert issue.message == "Nobody is named as Responsible unit, Managing unit"


def test_unknown_is_an_answer_where_a_field_is_required(project: Project) -> None:
    names = required_names(project.asset_type("road"))
    add(project, "road", None, **dict.fromkeys(names, "不详"))
    assert found(project, "attribute.required") == set()


def test_an_open_list_takes_values_of_one_s_own(project: Project) -> None:
    add(project, "manhole", at(), responsible_unit="示例燃气公司")
    assert found(project, "attribute.code") == set()


def test_each_field_out_of_range_is_a_finding_of_its_own(project: Project) -> None:
    uuid = add(project, "pipe_line", line(*STRAIGHT), diameter_mm=3, start_depth_m=300.0)
    messages = {issue.message: issue for issue in issues(project, "attribute.range")}
    assert messages.keys() == {
        "Nominal diameter 3: less than 10 mm",
        "Depth at the first vertex 300: more than 20 m",
    }
    assert {issue.uuid for issue in messages.values()} == {uuid}
    assert len({issue.id for issue in messages.values()}) == 2


def test_a_number_is_said_as_people_read_it(project: Project) -> None:
    add(project, "pipe_line", line(*STRAIGHT), start_elev_m=0.1 + 0.2)
    (issue,) = issues(project, "attribute.range")
    assert " 0.3: less than 990 m" in issue.message


def test_heights_of_another_county_are_no_fault(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.gpkg", "EPSG:32619") as project:
        add(project, "manhole", at(), ground_elev_m=43.9, bottom_elev_m=41.0, cover_size_mm=1)
        add(project, "pipe_line", line(*STRAIGHT), start_elev_m=41.0, end_elev_m=-2.0)
        foreign(project, "UPDATE pipe_line SET end_elev_m = 'deep'")
        said = [issue.message for issue in issues(project, "attribute.range")]
        assert len(said) == 2
        assert "less than 100 mm" in said[0] + said[1]
        assert "deep is not a number" in said[0] + said[1]


def test_a_text_that_another_program_put_into_a_number_is_named(project: Project) -> None:
    uuid = add(project, "pipe_line", line(*STRAIGHT))
    foreign(project, "UPDATE pipe_line SET laid_year = '约1998' WHERE uuid = ?", uuid)
    (issue,) = issues(project, "attribute.range")
    assert (issue.uuid, issue.message) == (uuid, "Year laid 约1998: 约1998 is not a number")


def test_a_text_longer_than_its_field_is_named(project: Project) -> None:
    uuid = add(project, "toilet", at(), component_name="厕" * 31)
    (issue,) = issues(project, "attribute.range")
    assert issue.uuid == uuid
    assert "longer than 30 characters" in issue.message


DIAMETER = CATALOGUE.type("pipe_line").field("diameter_mm")
NAME = CATALOGUE.type("toilet").field("component_name")
LAMP = CATALOGUE.type("street_lamp").field("lamp_type")


@pytest.mark.parametrize(
    ("layer", "field", "value"),
    [
        *(("pipe_line", DIAMETER, value) for value in (9, 10, 300, 5000, 5001, None)),
        *(("toilet", NAME, value) for value in ("", "厕" * 30, "厕" * 31, None)),
        *(("street_lamp", LAMP, value) for value in ("LED", "led", "不详", "煤油灯", None)),
    ],
)
def test_the_check_and_the_form_agree(
    project: Project, layer: str, field: Field, value: Value
) -> None:
    add(project, layer, None, **{field.name: value})
    rule = "attribute.code" if field.type == "code" else "attribute.range"
    assert bool(issues(project, rule)) == (problem(field, value, CATALOGUE) is not None)
