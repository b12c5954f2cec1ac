from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_each, set_values
from hjgis.edits.move import move_node
from hjgis.errors import ReadOnlyProject
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, BulkUpdate, Change, ChangeSet
from tests.network import build


def test_undo_and_redo_go_on_after_the_project_was_closed(project: Project) -> None:
    keys = build(project)
    middle = project.content_sha256()
    project.session.apply(move_node(project, keys["B"], shapely.Point(428_031, 4_528_003)))
    end = project.content_sha256()
    project.session.undo()
    project.close()

    with Project.open(project.path) as again:
        assert again.content_sha256() == middle
        assert again.session.can_redo
        again.session.redo()
        assert again.content_sha256() == end
        again.session.undo()
        assert again.content_sha256() == middle


def test_a_new_edit_ends_what_could_be_redone_also_after_reopening(project: Project) -> None:
    keys = build(project)
    project.session.undo()
    project.session.apply(set_values(project, [keys["A"]], {"exp_no": "A2"}))
    assert not project.session.can_redo
    project.close()
    with Project.open(project.path) as again:
        assert not again.session.can_redo
        assert again.session.next_undo() == (
            "edit.attributes",
            {"count": 1, "layer": "manhole", "fields": ["exp_no"]},
        )


def test_undoing_everything_leads_back_to_the_start(project: Project) -> None:
    start = project.content_sha256()
    build(project)
    while project.session.can_undo:
        project.session.undo()
    assert project.content_sha256() == start
    while project.session.can_redo:
        project.session.redo()
    assert project.count("pipe_line") == 2


def test_history_says_who_did_what_to_a_feature_latest_first(project: Project) -> None:
    keys = build(project)
    project.session.apply(set_values(project, [keys["A"]], {"exp_no": "A2"}))
    project.session.undo()

    entries = project.history.entries(keys["A"])

    assert [entry.label for entry in entries] == ["edit.attributes", "edit.attributes", "edit.add"]
    assert entries[0].undoes == entries[1].id
    assert entries[1].rows[0].old == {"exp_no": "A"}
    assert {entry.operator for entry in entries} == {"tester"}


def test_history_outlives_the_feature(project: Project) -> None:
    from hjgis.edits.delete import delete_features

    keys = build(project)
    project.session.apply(delete_features(project, [keys["A"]]))
    assert [e.label for e in project.history.entries(keys["A"])] == ["edit.delete", "edit.add"]


def test_an_empty_change_is_not_journaled(project: Project) -> None:
    with pytest.raises(ValueError, match="empty"):
        project.session.apply(ChangeSet("t"))
    assert not project.history.entries()


def test_a_project_open_for_reading_refuses_edits(project: Project) -> None:
    keys = build(project)
    with project.reader() as reader, pytest.raises(ReadOnlyProject):
        reader.session.apply(set_values(reader, [keys["A"]], {"exp_no": "A2"}))


def test_going_back_to_a_checkpoint_takes_back_all_that_came_after(project: Project) -> None:
    keys = build(project)
    project.session.undo()
    marked = project.session.mark("before the survey")
    start = project.content_sha256()
    project.session.redo()
    project.session.undo()
    project.session.undo()
    project.session.apply(set_values(project, [keys["A"]], {"exp_no": "A2"}))
    end = project.content_sha256()

    assert project.session.discard_to(marked) == 4
    assert project.content_sha256() == start
    assert not project.session.can_redo
    project.close()

    with Project.open(project.path) as again:
        for _step in range(4):
            again.session.undo()
        assert again.content_sha256() == end
        assert [mark.name for mark in again.history.checkpoints()] == ["before the survey"]
        again.session.apply(set_values(again, [keys["A"]], {"exp_no": "A3"}))
        assert again.session.discard_to(again.history.checkpoints()[0]) > 0
        assert again.content_sha256() == start
        assert end != start


def wells(project: Project, count: int) -> list[int]:
    points = shapely.points(428_000 + np.arange(count), np.full(count, 4_528_000.0))
    columns = {
        "exp_no": [f"W{at}" if at % 3 else None for at in range(count)],
        "well_depth_m": [at / 10 if at % 5 else None for at in range(count)],
        "remarks": ["同" for _at in range(count)],
    }
    project.session.apply(ChangeSet("edit.add", bulk=(BulkInsert("manhole", points, columns),)))
    return project.table("manhole", [], geometry=False).fids.tolist()


def test_values_of_many_rows_are_taken_back_and_set_again_with_their_history(
    project: Project,
) -> None:
    fids = wells(project, 1_200)
    start = project.content_sha256()
    # Other numbers in some rows, other texts in other ones, both in a third kind, and gaps.
    columns = {
        "exp_no": [f"X{at}" if at % 2 else None for at in range(1_200)],
        "well_depth_m": [at / 10 if at % 7 else None for at in range(1_200)],
        "remarks": ["同" if at % 2 else "改" for at in range(1_200)],
    }
    project.session.apply(set_each(project, "manhole", fids, columns))
    end = project.content_sha256()
    for _time in range(2):
        undone = project.session.undo()
        assert project.content_sha256() == start
        redone = project.session.redo()
        assert project.content_sha256() == end
    for one in (undone, redone):
        delta = one.layers["manhole"]
        assert delta.fields == frozenset(columns)
        assert set(delta.updated.tolist()) <= set(fids)
        assert len(delta.updated) == len(set(delta.updated.tolist()))
    (feature,) = project.store.features("manhole", [fids[0]])
    latest = project.history.entries(feature.key)[0]
    assert [dict(row.old or {}) for row in latest.rows] == [
        {"remarks": "同"},
    ]


def test_rows_that_one_change_sets_twice_come_back_to_their_first_values(
    project: Project,
) -> None:
    fids = wells(project, 700)
    start = project.content_sha256()
    features = project.store.features("manhole", fids)
    once = BulkUpdate(
        "manhole", np.array(fids), {"remarks": ["一"] * 700}, {"remarks": ["同"] * 700}
    )
    between = [one.with_values(remarks="一") for one in features]
    # Some of them to what they were before.
    then = tuple(
        Change(one, one.with_values(remarks="二" if at % 2 else "同"))
        for at, one in enumerate(between)
    )
    project.session.apply(ChangeSet("edit.attributes", then, (once,)))
    end = project.content_sha256()
    project.session.undo()
    assert project.content_sha256() == start
    project.session.redo()
    assert project.content_sha256() == end


def test_a_name_that_comes_later_is_written_into_the_changes_of_this_session_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "p.gpkg"
    with Project.create(path) as first:
        first.session.apply(add_feature(first, "manhole", shapely.Point(428_000, 4_528_000)))
    with Project.open(path) as project:
        project.session.apply(add_feature(project, "manhole", shapely.Point(428_010, 4_528_000)))
        project.session.undo()
        project.session.work_as("张三")
        project.session.redo()
        found = [entry.operator for entry in project.history.entries()]
        assert found == ["张三", "张三", "张三", ""]
        project.session.work_as("李四")
        assert [entry.operator for entry in project.history.entries()] == found
