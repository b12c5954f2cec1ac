from __future__ import annotations

import pytest
import shapely

from hjgis.layers.project import Project
from tests.unit.checks.faults import STRAIGHT, X, Y, add, at, foreign, issues, line, pipe

WITHOUT, OFF = "pipe.end_without_node", "pipe.end_off_node"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (None, "The start has no node and no point number"),
        ("  ", "The start has no node and no point number"),
        ("NO MH", "The start node “NO MH” is no manhole or point of this project"),
        ("C", "The start node “C” is the number of 2 manholes or points"),
        ("A", "The start is not connected, though there is a node “A”"),
        (" A ", "The start is not connected, though there is a node “A”"),
    ],
)
def test_an_end_without_node_says_why(project: Project, number: str | None, said: str) -> None:
    nodes = pipe(project, *STRAIGHT)
    add(project, "manhole", at(0, 90), exp_no="C")
    add(project, "pipe_point", at(9, 90), exp_no="C")
    facts = {"start_no": number, "to_node": nodes["b"]}
    loose = add(project, "pipe_line", line((7, 7), (50, 0)), **facts)
    (issue,) = issues(project, WITHOUT)
    assert (issue.uuid, issue.message, issue.x, issue.y) == (loose, said, X + 7, Y + 7)


def test_both_loose_ends_of_a_pipe_are_counted(project: Project) -> None:
    add(project, "pipe_line", line(*STRAIGHT))
    both = issues(project, WITHOUT)
    assert [(issue.x, issue.y) for issue in sorted(both, key=lambda issue: issue.x or 0)] == [
        (X, Y),
        (X + 50, Y),
    ]
    assert len({issue.id for issue in both}) == 2


def test_a_node_that_another_program_deleted_is_missed(project: Project) -> None:
    nodes = pipe(project, *STRAIGHT)
    foreign(project, "DELETE FROM manhole WHERE uuid = ?", nodes["b"])
    (issue,) = issues(project, WITHOUT)
    assert issue.uuid == nodes["pipe"]
    assert issue.message == f"The end is connected to a node that is no longer there ({nodes['b']})"
    assert issues(project, OFF) == ()


def test_a_pipe_without_geometry_still_lacks_its_nodes(project: Project) -> None:
    add(project, "pipe_line", None)
    assert [(issue.x, issue.y) for issue in issues(project, WITHOUT)] == [(None, None)] * 2


def test_an_end_off_its_node_says_how_far_and_where(project: Project) -> None:
    nodes = pipe(project, (0, 0), (50, 0.25))
    (issue,) = issues(project, OFF)
    assert issue.uuid == nodes["pipe"]
    assert issue.message == "The end is 0.25 m away from its node"
    assert (issue.x, issue.y) == (X + 50, Y + 0.25)


def test_a_line_drawn_the_other_way_round_is_told_from_one_that_is_off(project: Project) -> None:
    nodes = pipe(project, *STRAIGHT)
    ends = {"from_node": nodes["b"], "to_node": nodes["a"]}
    turned = add(project, "pipe_line", line((0.2, 0), (50, 0)), **ends)
    alone = add(project, "pipe_line", line((0, 0), (0, 9)), to_node=nodes["a"])
    said = {issue.uuid: issue.message for issue in issues(project, OFF)}
    assert set(said) == {turned, alone}
    assert all("drawn from its end point to its start point" in words for words in said.values())


def test_a_line_from_a_node_to_the_same_node_is_not_turned(project: Project) -> None:
    node = add(project, "manhole", at(0, 0))
    add(project, "pipe_line", line(*STRAIGHT), from_node=node, to_node=node)
    (issue,) = issues(project, OFF)
    assert issue.message == "The end is 50.00 m away from its node"


def test_a_node_moved_by_another_program_is_noticed(project: Project) -> None:
    nodes = pipe(project, *STRAIGHT)
    foreign(
        project,
        "UPDATE manhole SET geom = (SELECT geom FROM manhole WHERE uuid = ?) WHERE uuid = ?",
        nodes["b"],
        nodes["a"],
    )
    (issue,) = issues(project, OFF)
    assert issue.message == "The start is 50.00 m away from its node"


def test_a_pipe_may_end_at_a_pipe_point_and_heights_do_not_matter(project: Project) -> None:
    a = add(project, "manhole", shapely.Point(X, Y, 1040.0))
    b = add(project, "pipe_point", at(50))
    add(project, "pipe_line", line(*STRAIGHT), from_node=a, to_node=b)
    assert issues(project, OFF) == ()
    assert issues(project, WITHOUT) == ()


def test_a_node_without_a_place_is_left_to_its_own_rule(project: Project) -> None:
    nodes = pipe(project, *STRAIGHT)
    foreign(project, "UPDATE manhole SET geom = NULL WHERE uuid = ?", nodes["a"])
    assert issues(project, OFF) == ()
    assert [issue.uuid for issue in issues(project, "geometry.empty")] == [nodes["a"]]
