"""Values in several rows, and how often a text stands in fields: asked in SQL."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.layers.glance import Glance
from hjgis.layers.project import Project
from tests.unit.checks.faults import add, at, foreign


def _repeated(project: Project) -> dict[str, list[int]]:
    found = project.store.repeated("component_id")
    return {layer: fids.tolist() for layer, fids in found.items() if len(fids)}


def test_values_of_one_layer_and_of_several_are_found(project: Project) -> None:
    for number, value in enumerate(("1", "2", "1", None, "3")):
        add(project, "manhole", at(number), component_id=value)
    add(project, "street_lamp", at(50), component_id="3")
    add(project, "street_lamp", at(51), component_id="4")
    assert _repeated(project) == {"manhole": [1, 3, 5], "street_lamp": [1]}


def test_nothing_is_no_value_that_repeats(project: Project) -> None:
    for number in range(3):
        add(project, "manhole", at(number), component_id=None)
    foreign(project, "UPDATE manhole SET component_id = '' WHERE fid > 1")
    assert _repeated(project) == {}


def test_what_is_no_text_is_found_as_well(project: Project) -> None:
    for number in range(3):
        add(project, "manhole", at(number), component_id=str(number))
    foreign(project, "UPDATE manhole SET component_id = x'31' WHERE fid > 1")
    assert _repeated(project) == {"manhole": [2, 3]}


def test_mentions_are_counted_over_fields(project: Project) -> None:
    one, two = (add(project, "manhole", at(n)) for n in range(2))
    line = "LINESTRING (0 0, 1 1)"
    add(project, "pipe_line", shapely.from_wkt(line), from_node=one, to_node=two)
    add(project, "pipe_line", shapely.from_wkt(line), from_node=two, to_node=None)
    found = project.store.mentions("pipe_line", ("from_node", "to_node"), [one, two, "nobody"])
    assert found == {one: 1, two: 2, "nobody": 0}


def test_a_glance_sees_the_first_rows_only(project: Project) -> None:
    for number, state in enumerate(("完好", "完好", "破损")):
        add(project, "manhole", at(number), state=state, built_year=1990)
    seen = Glance(project.store._db, "manhole", ("state", "built_year", "remarks"))
    assert (seen.usual("state"), seen.is_one("state")) == ("完好", False)
    assert seen.is_one("built_year")
    assert seen.is_empty("remarks")
    none = Glance(project.store._db, "toilet", ("state",))
    assert none.is_empty("state")
    assert none.usual("state") is None


@pytest.mark.parametrize("rows", [[0], [2, 0], []])
def test_identities_of_few_are_those_of_all(project: Project, rows: list[int]) -> None:
    for number in range(3):
        add(project, "manhole", at(number))
    columns = project.store.columns("manhole", ("state",))
    some = np.array(rows, dtype=np.intp)
    few = columns._some("uuid", some) if columns._some else None
    assert few is not None
    assert few.tolist() == columns.uuids[some].tolist() == columns.uuids_of(some).tolist()
