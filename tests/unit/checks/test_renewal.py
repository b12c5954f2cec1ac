from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.checks import renewal
from hjgis.checks.renewal import ABANDONED, BEYOND, NO_LIMIT, NO_YEAR, WITHIN, Candidates
from hjgis.errors import DictionaryError, EditRefused
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.catalogue_files import catalogue
from hjgis.models.renewal import FACT, change_rules, load_rules, read_rules, usual_rules
from tests.unit.checks.faults import STRAIGHT, add, foreign, issues, line

ON = dt.date(2026, 6, 1)


def pipe(project: Project, **values: Value) -> None:
    add(project, "pipe_line", line(*STRAIGHT), **{"kind": "SS", **values})


def scored(project: Project) -> Candidates:
    return renewal.candidates(project, on=ON)


@pytest.mark.parametrize(
    ("values", "state", "overdue_points"),
    [
        ({"kind": "SS", "laid_year": 1996}, BEYOND, 60),
        ({"kind": "SS", "laid_year": 1997}, WITHIN, 0),
        ({"kind": "SS", "laid_year": 1991}, BEYOND, 80),
        ({"kind": "SS", "laid_year": 1986}, BEYOND, 100),
        ({"kind": "TR", "laid_year": 2006}, BEYOND, 60),
        ({"kind": "TR", "laid_year": 2007}, WITHIN, 0),
        ({"kind": "WS", "material": "PE", "laid_year": 1976}, BEYOND, 60),
        ({"kind": "RS", "laid_year": 2006}, BEYOND, 60),
        ({"kind": "SS"}, NO_YEAR, 0),
        ({"kind": "SS", "laid_year": 2027}, NO_YEAR, 0),
        ({"kind": "SS", "laid_year": 1899}, NO_YEAR, 0),
        ({"kind": "GD", "laid_year": 1950}, NO_LIMIT, 0),
        ({"kind": None, "laid_year": 1950}, NO_LIMIT, 0),
        ({"kind": "??", "laid_year": 1950}, NO_LIMIT, 0),
        ({"kind": "SS", "laid_year": 1950, "use_state": "废弃"}, ABANDONED, 100),
    ],
)
def test_age_is_judged_by_kind_and_an_unknown_year_is_never_within(
    project: Project, values: dict[str, Value], state: int, overdue_points: int
) -> None:
    pipe(project, **values)
    found = scored(project)
    assert found.state.tolist() == [state]
    assert found.points["overdue"].tolist() == [overdue_points]


@pytest.mark.parametrize(
    ("values", "outdated"),
    [
        ({"kind": "SS", "material_detail": "HKZT"}, 1),
        ({"kind": "SS", "material_detail": "NCZT"}, 0),
        ({"kind": "TR", "material_detail": "NCZT"}, 1),
        ({"kind": "SS", "material": "SM"}, 1),
        ({"kind": "WS", "material": "SM"}, 0),
        ({"kind": "WS", "material_detail": "PKHNT"}, 1),
        ({"kind": "SS", "material": "PE"}, 0),
        ({"kind": "SS", "material": "不详"}, np.nan),
        ({"kind": "SS"}, np.nan),
    ],
)
def test_materials_are_outdated_by_kind_and_an_unknown_one_is_not_known(
    project: Project, values: dict[str, Value], outdated: float
) -> None:
    pipe(project, **values)
    assert np.array_equal(scored(project).values["outdated"], [outdated], equal_nan=True)


def test_the_score_is_the_weighted_mean_of_the_points(project: Project) -> None:
    pipe(project, laid_year=1996, material="SM", leak_count=1, fault_count=3)
    pipe(project, leak_count=2)
    pipe(project, fault_count=2)
    pipe(project, laid_year=2020, material="PE", leak_count=0, fault_count=0)
    found = scored(project)
    assert found.score.tolist() == [0.4 * 60 + 30 + 0.2 * 50 + 10, 20.0, 6.0, 0.0]
    assert found.ranked().tolist() == [0, 1, 2]
    assert found.shade.tolist() == [74.0, 20.0, 6.0, 0.0]


def test_a_pipe_of_unknown_year_without_a_score_stands_apart(project: Project) -> None:
    pipe(project)
    pipe(project, laid_year=2020)
    pipe(project, laid_year=1950, use_state="废弃")
    assert np.array_equal(scored(project).shade, [-1, 0, np.nan], equal_nan=True)


def test_kilometres_by_kind_and_age_are_those_of_an_independent_count(project: Project) -> None:
    for kind, year in (("SS", 1990), ("SS", None), ("SS", None), ("TR", 2020), ("GD", 1970)):
        pipe(project, kind=kind, laid_year=year)
    connection = sqlite3.connect(project.path)
    count = connection.execute(
        "SELECT count(*) FROM pipe_line WHERE kind = 'SS' AND laid_year IS NULL"
    ).fetchone()[0]
    connection.close()
    ages, decades, materials = renewal.kilometres(scored(project), project.catalogue)
    row = ages.rows.index("Water transmission")
    assert ages.columns == (
        "Beyond its years", "Within its years", "Year unknown", "No limit for its kind"
    )  # fmt: skip
    assert ages.km[row].tolist() == pytest.approx([0.05, 0, 0.05 * count, 0])
    assert decades.columns == ("1970–1979", "1990–1999", "2020–2029", "not known")
    assert materials.columns == ("not known",)
    for table in (ages, decades, materials):
        assert table.km.sum() == pytest.approx(0.25)


def test_nonsense_in_the_file_is_borne(project: Project) -> None:
    pipe(project, laid_year=1990)
    add(project, "pipe_line", shapely.LineString(), kind="SS", laid_year=1990)
    add(project, "pipe_line", None, kind="SS", laid_year=1990)
    foreign(project, "UPDATE pipe_line SET laid_year = '约1990年', leak_count = 'x' WHERE fid = 1")
    found = scored(project)
    assert found.state.tolist() == [NO_YEAR, BEYOND, BEYOND]
    assert found.km.tolist() == [0.05, 0.0, 0.0]
    assert found.score.tolist() == [0.0, 32.0, 32.0]


def test_a_project_without_pipes_has_no_candidates(project: Project) -> None:
    found = scored(project)
    assert len(found) == 0
    assert found.ranked().tolist() == []
    assert [table.rows for table in renewal.kilometres(found, project.catalogue)] == [()] * 3


def test_a_project_scores_by_its_own_rules_and_undo_brings_the_usual_ones_back(
    project: Project,
) -> None:
    pipe(project, laid_year=2000, leak_count=1)
    own = usual_rules().with_changes(
        {"water": 20}, {"outdated": 0, "faults": 0}, {"leaks": [10, 20]}
    )
    project.session.apply(change_rules(project.info(FACT), own))
    assert read_rules(project.info(FACT)) == own
    found = scored(project)
    assert found.score.tolist() == [(40 * 80 + 20 * 10) / 60]
    assert not change_rules(project.info(FACT), own), "nothing changes"
    project.session.undo()
    assert project.info(FACT) is None
    assert read_rules(project.info(FACT)) == usual_rules()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"years": {"water": 0}}', '{"points": {"leaks": [1]}}']
)
def test_rules_that_cannot_be_read_are_the_usual_ones(text: str) -> None:
    assert read_rules(text) == usual_rules()


def test_rules_that_make_no_sense_are_refused() -> None:
    usual = usual_rules()
    with pytest.raises(EditRefused, match="years"):
        usual.with_changes({"gas": 201}, {}, {})
    with pytest.raises(EditRefused, match="0 to 100"):
        usual.with_changes({}, {"leaks": 101}, {})
    with pytest.raises(EditRefused, match="weight"):
        usual.with_changes({}, dict.fromkeys(("overdue", "outdated", "leaks", "faults"), 0), {})


def test_a_file_of_rules_that_does_not_load_is_named(tmp_path: Path) -> None:
    path = tmp_path / "renewal.toml"
    path.write_text("not_judged = []\n", "utf-8")
    with pytest.raises(DictionaryError, match=r"renewal\.toml"):
        load_rules(path)


def test_groups_and_materials_of_the_rules_are_those_of_the_catalogue() -> None:
    known = catalogue()
    majors = {entry.extra.get("major") for entry in known.codes("pipe_kind").codes}
    for entry in (*usual_rules().lives, *usual_rules().outdated):
        assert {*entry.majors} <= majors
        assert all(known.codes("pipe_material").get(name) for name in entry.materials)
    assert all(known.codes("use_state").get(name) for name in usual_rules().not_judged)


def test_the_check_says_how_far_beyond_its_years_a_pipe_is(project: Project) -> None:
    year = dt.date.today().year - 33
    pipe(project, laid_year=year, material="SM")
    (issue,) = issues(project, "pipe.renewal_due")
    assert issue.message == (
        f"Laid in {year}: 30 years are its limit, 3 more have passed; outdated material: Asbestos"
    )


def test_pipes_are_sorted_by_any_column_of_the_list(project: Project) -> None:
    pipe(project, pipe_no="b", laid_year=1990, road_name="乙路", diameter_mm=300)
    pipe(project, pipe_no="a", laid_year=1980, road_name="甲路")
    pipe(project)
    found = scored(project)
    told = renewal.pipe_words(found, project.catalogue, [0])
    for name in told:
        assert len(renewal.sort_keys(found, name)) == 3
    assert np.argsort(renewal.sort_keys(found, "pipe_no")).tolist() == [1, 0, 2]
    assert np.argsort(renewal.sort_keys(found, "year")).tolist() == [1, 0, 2]
    assert np.isnan(renewal.sort_keys(found, "diameter_mm")).tolist() == [False, True, True]


def test_groups_of_kinds_hold_all_kilometres(project: Project) -> None:
    for kind in ("SS", "JY", "TR", "??", None):
        pipe(project, kind=kind)
    table = renewal.by_group(scored(project), project.catalogue)
    assert table.km.sum() == pytest.approx(0.25)
    rows = dict(zip(table.rows, table.km.sum(axis=1), strict=True))
    assert rows["not known"] == pytest.approx(0.1)
    assert max(rows.values()) == pytest.approx(0.1)
