from __future__ import annotations

import random
import tempfile
from pathlib import Path

import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hjgis.edits.attributes import set_values
from hjgis.edits.move import move_node
from hjgis.layers.project import Project
from tests.network import build


def test_commits_that_join_are_one_step_of_undo_and_one_entry_with_all_fields(
    project: Project,
) -> None:
    keys = build(project)
    start, before = project.content_sha256(), len(project.history.entries())
    first = project.session.apply(set_values(project, [keys["A"]], {"exp_no": "A1"}))
    joins = first.change_id
    for values in ({"remarks": "x"}, {"exp_no": "A2"}, {"built_year": 1999}):
        more = project.session.apply(set_values(project, [keys["A"]], values), joins=joins)
        assert more.change_id == joins
    end = project.content_sha256()
    assert len(project.history.entries()) == before + 1
    (entry, *_more) = project.history.entries(keys["A"])
    assert entry.params["fields"] == ["built_year", "exp_no", "remarks"]
    assert entry.rows[0].old == {"exp_no": "A", "remarks": None, "built_year": None}
    project.session.undo()
    assert project.content_sha256() == start
    project.session.redo()
    assert project.content_sha256() == end


def test_a_joined_step_is_one_step_after_reopening_too(project: Project) -> None:
    keys = build(project)
    start = project.content_sha256()
    joins = project.session.apply(set_values(project, [keys["A"]], {"exp_no": "1"})).change_id
    project.session.apply(set_values(project, [keys["A"]], {"exp_no": "2"}), joins=joins)
    project.close()
    with Project.open(project.path) as again:
        again.session.undo()
        assert again.content_sha256() == start


def test_moves_that_join_lead_back_to_the_first_place(project: Project) -> None:
    keys = build(project)
    start = project.content_sha256()
    values = project.session.apply(set_values(project, [keys["B"]], {"remarks": "x"}))
    for x in (428_031, 428_032):
        move = move_node(project, keys["B"], shapely.Point(x, 4_528_003))
        assert project.session.apply(move, joins=values.change_id).change_id == values.change_id
    project.session.undo()
    assert project.content_sha256() == start


def test_nothing_joins_what_is_not_the_latest_edit_of_values(project: Project) -> None:
    keys = build(project)
    added = project.session.next_undo()
    latest = project.history.entries()[0].id
    one = project.session.apply(set_values(project, [keys["A"]], {"remarks": "1"}), joins=latest)
    assert one.change_id != latest, "a new feature takes no values that came later"
    project.session.mark("noon")
    two = project.session.apply(
        set_values(project, [keys["A"]], {"remarks": "2"}), joins=one.change_id
    )
    assert two.change_id != one.change_id, "the checkpoint would no longer be what it was"
    project.session.undo()
    three = project.session.apply(
        set_values(project, [keys["A"]], {"remarks": "3"}), joins=two.change_id
    )
    assert three.change_id > two.change_id, "what was undone is no step to join"
    for _step in range(2):
        project.session.undo()
    assert project.session.next_undo() == added


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_undo_of_any_joined_steps_restores_what_was_before_each(seed: int) -> None:
    dice = random.Random(seed)
    with (
        tempfile.TemporaryDirectory() as folder,
        Project.create(Path(folder) / "p.gpkg") as project,
    ):
        keys = build(project)
        states = [project.content_sha256()]
        joins = None
        for _ in range(30):
            some = dice.sample("ABC", dice.randint(1, 3))
            name = dice.choice(["exp_no", "remarks", "ground_elev_m", "built_year"])
            value = None if dice.random() < 0.2 else dice.randrange(1900, 1905)
            text = name in ("exp_no", "remarks") and value is not None
            stored = f"{value}" if text else value
            edit = set_values(project, [keys[one] for one in some], {name: stored})
            if dice.random() < 0.2:
                to = shapely.Point(428_030 + dice.random(), 4_528_000 + dice.random())
                edit = move_node(project, keys["B"], to)
            if not edit:
                continue
            done = project.session.apply(edit, joins=joins).change_id
            if done == joins:
                states[-1] = project.content_sha256()
            else:
                states.append(project.content_sha256())
            joins = None if dice.random() < 0.3 else done
        for state in reversed(states[:-1]):
            project.session.undo()
            assert project.content_sha256() == state
        for state in states[1:]:
            project.session.redo()
            assert project.content_sha256() == state
