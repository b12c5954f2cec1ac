from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.recode import fields_of, recode, usage
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models import queries, templates
from hjgis.models.changes import ChangeSet
from hjgis.models.own_lists import FACT, OwnCode, store_lists
from hjgis.models.queries import new_query, save_query
from hjgis.models.query import Condition, Group, Location, Query
from hjgis.models.templates import Template, set_templates

HERE = shapely.Point(428_000, 4_528_000)
UNIT = "unit"


@pytest.fixture
def used(project: Project) -> Project:
    """Three manholes and a lamp; two units, one of them the project's own."""
    own = project.own_lists.added(UNIT, OwnCode("供水所", aliases=("水厂",)))
    project.session.apply(store_lists(None, own))
    rows = [
        ("manhole", {"responsible_unit": "供水所", "managing_unit": "住建局"}),
        ("manhole", {"responsible_unit": "供水所", "supervisor_name": "水厂"}),
        ("manhole", {"responsible_unit": "某物业", "supervisor_name": "旗住建局"}),
        ("street_lamp", {"owner_name": "供水所"}),
    ]
    for layer, values in rows:
        project.session.apply(add_feature(project, layer, HERE, values))
    return project


def make(project: Project, old: str, new: str, *, words: bool = False) -> ChangeSet:
    change = (old, new)
    return recode(project, project.own_lists, project.info(FACT), UNIT, change, words=words)


def test_uses_are_counted_by_layer_and_field(used: Project) -> None:
    assert ("manhole", "responsible_unit", "code") in fields_of(used.types, UNIT)
    assert ("street_lamp", "owner_name", "text") in fields_of(used.types, UNIT)
    found = usage(used, used.catalogue.codes(UNIT))
    assert found.coded("供水所") == 2
    assert found.count("供水所") == 4
    assert found.coded("住建局") == 1
    assert found.count("住建局") == 2
    (lone,) = found.unlisted["某物业"]
    assert (lone.layer, lone.field, lone.count) == ("manhole", "responsible_unit", 1)


def test_another_code_is_stored_everywhere_at_once_and_undo_brings_all_back(used: Project) -> None:
    before, fact = used.content_sha256(), used.info(FACT)
    used.session.apply(make(used, "供水所", "供水公司", words=True))
    found = usage(used, used.catalogue.codes(UNIT))
    assert found.coded("供水公司") == 2
    assert found.count("供水公司") == 4
    assert not found.count("供水所")
    (lamp,) = used.store.find("street_lamp", "owner_name", "供水公司")
    assert lamp.fid == 1
    assert used.catalogue.codes(UNIT).get("供水所") is None
    used.session.undo()
    assert (used.content_sha256(), used.info(FACT)) == (before, fact)
    assert used.catalogue.codes(UNIT).get("供水所") is not None
    used.session.redo()
    assert usage(used, used.catalogue.codes(UNIT)).coded("供水公司") == 2


def test_text_fields_follow_only_when_asked(used: Project) -> None:
    used.session.apply(make(used, "供水所", "供水公司"))
    assert used.store.find("street_lamp", "owner_name", "供水所")
    assert not used.store.find("manhole", "responsible_unit", "供水所")


def test_two_codes_become_one(used: Project) -> None:
    change = make(used, "供水所", "住建局", words=True)
    assert change.params["count"] == 4
    used.session.apply(change)
    found = usage(used, used.catalogue.codes(UNIT))
    assert found.coded("住建局") == 3
    assert used.catalogue.codes(UNIT).parse("水厂") == "住建局"
    # Who is named by another word of the unit keeps it.
    assert used.store.find("manhole", "supervisor_name", "旗住建局")


def test_the_credit_code_goes_with_the_name_where_two_units_become_one(used: Project) -> None:
    credit, other = "12150826MB0X12345K", "91150826MA0X54321B"
    own = used.own_lists.added(UNIT, OwnCode("供水公司", credit_code=credit))
    used.session.apply(store_lists(used.info(FACT), own))
    values = {"owner_name": "供水所", "owner_code": other}
    used.session.apply(add_feature(used, "toilet", HERE, values))
    before = used.content_sha256()
    used.session.apply(make(used, "供水所", "供水公司", words=True))
    assert used.store.find("toilet", "owner_code", credit)
    used.session.undo()
    assert used.content_sha256() == before
    used.session.apply(make(used, "供水所", "供水站", words=True))
    assert used.store.find("toilet", "owner_name", "供水站")[0].values["owner_code"] == other


def test_a_value_that_is_not_listed_becomes_a_word_for_the_one_that_replaces_it(
    used: Project,
) -> None:
    used.session.apply(make(used, "某物业", "住建局"))
    assert used.catalogue.codes(UNIT).parse("某物业") == "住建局"
    assert not usage(used, used.catalogue.codes(UNIT)).unlisted


def test_a_code_of_the_program_that_is_replaced_is_hidden(used: Project) -> None:
    used.session.apply(make(used, "住建局", "建设局"))
    code = used.catalogue.codes(UNIT).get("住建局")
    assert code is not None
    assert code.hidden
    assert usage(used, used.catalogue.codes(UNIT)).coded("建设局") == 1


@pytest.mark.parametrize(("old", "new"), [("供水所", "供水所"), ("供水所", " "), ("无此", "新")])
def test_what_makes_no_sense_is_refused(used: Project, old: str, new: str) -> None:
    with pytest.raises(EditRefused):
        make(used, old, new)


def test_other_programs_see_the_lists_as_they_are_now(used: Project) -> None:
    def seen() -> tuple[list[str], list[str]]:
        with closing(sqlite3.connect(f"file:{used.path}?mode=ro", uri=True)) as db:
            codes = db.execute("SELECT code FROM code_list WHERE list = 'unit'").fetchall()
            enum = db.execute(
                "SELECT value FROM gpkg_data_column_constraints"
                " WHERE constraint_name = 'codes_unit'"
            ).fetchall()
        return sorted(r[0] for r in codes), sorted(r[0] for r in enum)

    first = seen()
    assert first[0] == first[1]
    assert "供水所" in first[0]
    used.session.apply(make(used, "供水所", "供水公司"))
    assert "供水公司" in seen()[0]
    assert "供水所" not in seen()[1]
    used.session.undo()
    assert seen() == first


def test_the_lists_are_there_when_the_project_is_opened_again(used: Project) -> None:
    path = used.path
    used.close()
    with Project.open(path) as again:
        assert again.catalogue.codes(UNIT).get("供水所") is not None
        with again.reader() as reader:
            assert reader.catalogue.codes(UNIT).get("供水所") is not None


def test_saved_queries_and_templates_follow_a_code_and_undo_brings_them_back(
    used: Project,
) -> None:
    asked = Query(
        "manhole",
        (
            Condition("responsible_unit", "in", ("供水所", "住建局")),
            Group((Condition("responsible_unit", "!=", "供水所"),), "none"),
            Condition("road_name", "=", "供水所"),
            Location("near", Query("manhole", (Condition("managing_unit", "=", "供水所"),)), 5.0),
        ),
    )
    used.session.apply(save_query(None, new_query("供水", asked)))
    template = Template("供水井", "manhole", {"responsible_unit": "供水所", "remarks": "供水所"})
    used.session.apply(set_templates(None, [template]))
    before = used.info(queries.FACT), used.info(templates.FACT)
    used.session.apply(make(used, "供水所", "供水公司"))
    (entry,) = queries.read_queries(used.info(queries.FACT))
    assert entry.query == Query(
        "manhole",
        (
            Condition("responsible_unit", "in", ("供水公司", "住建局")),
            Group((Condition("responsible_unit", "!=", "供水公司"),), "none"),
            Condition("road_name", "=", "供水所"),
            Location("near", Query("manhole", (Condition("managing_unit", "=", "供水公司"),)), 5.0),
        ),
    )
    (one,) = templates.read_templates(used.info(templates.FACT))
    assert one.values == {"responsible_unit": "供水公司", "remarks": "供水所"}
    used.session.undo()
    assert (used.info(queries.FACT), used.info(templates.FACT)) == before
    untouched = make(used, "住建局", "住房局")
    assert {fact.key for fact in untouched.facts} == {FACT, queries.FACT}
