"""Queries that a project keeps."""

from __future__ import annotations

import json

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.issues import Severity
from hjgis.models.queries import (
    FACT,
    delete_query,
    find,
    new_query,
    queries_text,
    query_json,
    read_queries,
    read_query,
    save_query,
)
from hjgis.models.query import Condition, Group, Location, Part, Query

LARGE = Query("manhole", (Condition("cover_size_mm", ">", 600),))
WHOLE = st.integers(-(2**63), 2**63 - 1)
VALUES = st.one_of(st.none(), st.booleans(), WHOLE, st.floats(allow_nan=False), st.text())
CONDITIONS: st.SearchStrategy[Part] = st.one_of(
    st.builds(Condition, st.text(), st.text(), VALUES | st.lists(VALUES).map(tuple)),
    st.builds(Location, st.text(), st.just(shapely.box(1, 2, 3, 4.5)), st.floats(0, 1e6)),
)


def deeper(parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    some = st.lists(parts, max_size=3).map(tuple)
    queries = st.builds(Query, st.text(), some, st.booleans())
    return st.one_of(
        st.builds(Group, some, st.sampled_from(["all", "any", "none"])),
        st.builds(Location, st.text(), queries, st.floats(0, 1e6)),
    )


@settings(max_examples=200, deadline=None)
@given(
    st.builds(
        Query,
        st.text(),
        st.lists(st.recursive(CONDITIONS, deeper, max_leaves=6), max_size=3).map(tuple),
        st.booleans(),
    )
)
def test_a_query_is_read_as_it_was_written(query: Query) -> None:
    assert read_query(json.loads(json.dumps(query_json(query)))) == query


@pytest.mark.parametrize(
    "raw",
    [None, [], {}, {"layer": "x"}, {"layer": "x", "where": [{}]}, {"layer": "x", "where": [7]},
     {"layer": "x", "where": [{"place": "within", "area": "00"}]},
     {"version": 9, "layer": "x", "where": []},
     {"layer": "x", "where": [{"field": "a", "op": "=", "value": {"b": 1}}]}],
)  # fmt: skip
def test_what_is_no_query_is_refused_in_words(raw: object) -> None:
    with pytest.raises(ValueError, match=r"query|value"):
        read_query(raw)


def test_what_a_newer_program_has_saved_is_kept(project: Project) -> None:
    newer = {"id": "n", "name": "Newer", "query": {"version": 2, "x": [1]}, "colour": "red"}
    project.set_info(FACT, json.dumps([newer]))
    project.session.apply(save_query(project.info(FACT), new_query("Large", LARGE)))
    kept = json.loads(project.info(FACT) or "")
    assert kept[0] == newer
    assert read_queries(project.info(FACT))[0].query is None


def test_saving_renaming_and_deleting_are_edits_that_undo_takes_back(project: Project) -> None:
    start = project.info(FACT)
    entry = new_query("Large", LARGE, severity=Severity.WARNING, message="too large")
    project.session.apply(save_query(project.info(FACT), entry))
    first = project.info(FACT)
    assert read_queries(first)[0].severity is Severity.WARNING
    renamed = save_query(first, new_query("Small", LARGE))
    project.session.apply(renamed)
    assert [saved.name for saved in read_queries(project.info(FACT))] == ["Large", "Small"]
    project.session.apply(delete_query(project.info(FACT), entry.id))
    assert find(read_queries(project.info(FACT)), "Large") is None
    for _step in range(3):
        project.session.undo()
    assert project.info(FACT) == start


def test_two_queries_of_one_name_and_none_without_are_refused() -> None:
    stored = queries_text([new_query("Large", LARGE)])
    with pytest.raises(EditRefused, match="Large already"):
        save_query(stored, new_query(" Large ", LARGE))
    with pytest.raises(EditRefused, match="name"):
        save_query(stored, new_query("  ", LARGE))


def test_saving_the_same_again_is_no_edit() -> None:
    entry = new_query("Large", LARGE)
    assert not save_query(queries_text([entry]), entry)


@pytest.mark.parametrize(
    "place", ['"of": {"layer": "road", "where": []}, "distance_m": 1' + "0" * 400, '"area": []']
)
def test_a_place_that_is_none_is_a_query_that_cannot_be_read(place: str) -> None:
    where = '{"place": "near", ' + place + "}"
    text = '[{"id": "1", "name": "近", "query": {"layer": "manhole", "where": [' + where + "]}}]"
    (entry,) = read_queries(text)
    assert entry.query is None
    assert queries_text([entry])


@pytest.mark.parametrize("value", ["1" + "0" * 30, "-1" + "0" * 30])
def test_a_value_that_cannot_be_asked_for_is_no_query(value: str) -> None:
    part = '{"field": "cover_size_mm", "op": "=", "value": ' + value + "}"
    text = '[{"id": "1", "name": "大", "query": {"layer": "manhole", "where": [' + part + "]}}]"
    (entry,) = read_queries(text)
    assert entry.query is None


def test_a_sentence_of_thousands_of_conditions_is_asked(project: Project) -> None:
    many = tuple(Condition("road_name", "=", f"路{number}") for number in range(3000))
    assert not len(project.store.fids("manhole", [Group(many, "any")]))
    assert not len(project.store.fids("manhole", many))
    assert not len(project.store.fids("manhole", [Group(many, "none")]))
