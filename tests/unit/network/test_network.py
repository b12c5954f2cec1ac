"""The network followed, and profiles along it."""

from __future__ import annotations

import random
from collections import deque

import numpy as np
import pytest

from hjgis.errors import InputError
from hjgis.layers.project import Project
from hjgis.network import pipes as network
from hjgis.network.pipes import Pipes
from hjgis.network.profile import Profile, profile
from hjgis.network.tracing import Traced, Way, trace
from tests.unit.checks.faults import add, add_many, at, line


class Town:
    """Nodes by letter on a line, ten metres apart, and pipes between them."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.uuid: dict[str, str] = {}

    def node(self, name: str, layer: str = "manhole", **values: object) -> None:
        place = at(10.0 * len(self.uuid))
        self.uuid[name] = add(self.project, layer, place, exp_no=name, **values)  # type: ignore[arg-type]

    def pipe(self, name: str, flow: str | None = "顺向", **values: object) -> None:
        """Lay a pipe between two nodes, "AB"; a dot is no node."""
        places = [self._east(letter, name) for letter in name]
        ends = {
            field: self.uuid.get(letter)
            for field, letter in zip(("from_node", "to_node"), name, strict=True)
        }
        given = {"kind": "WS", "pipe_no": name, "flow_dir": flow, **ends, **values}
        add(self.project, "pipe_line", line(*((x, 0.0) for x in places)), **given)  # type: ignore[arg-type]

    def _east(self, letter: str, name: str) -> float:
        if letter in self.uuid:
            return 10.0 * list(self.uuid).index(letter)
        return self._east(name.replace(".", "")[0], name) + 5.0

    def read(self) -> Pipes:
        return network.read(self.project)

    def number(self, pipes: Pipes, name: str) -> int:
        (number,) = pipes.named(name).tolist()
        return int(number)

    def traced(self, way: Way, start: str = "", along: str = "") -> Traced:
        pipes = self.read()
        names = pipes.lines.objects("pipe_no").tolist()
        return trace(
            pipes,
            self.project.catalogue,
            way,
            nodes=[self.number(pipes, start)] if start else [],
            lines=[names.index(along)] if along else [],
        )

    def profile(self, *names: str) -> Profile:
        pipes = self.read()
        return profile(pipes, self.project.catalogue, [self.number(pipes, name) for name in names])

    def pipes_of(self, traced: Traced) -> set[str]:
        return {str(self.read().lines.objects("pipe_no")[row]) for row in traced.lines}

    def nodes_of(self, numbers: np.ndarray) -> set[str]:
        pipes = self.read()
        named = pipes.network.of_nodes(lambda features: features.objects("exp_no"))
        return {str(named[number]) for number in numbers}


@pytest.fixture
def town(project: Project) -> Town:
    return Town(project)


def test_downstream_goes_by_the_flow_that_is_stored_whichever_way_a_pipe_was_drawn(
    town: Town,
) -> None:
    for name in "ABCDE":
        town.node(name)
    town.pipe("AB")
    town.pipe("CB", "逆向")
    town.pipe("CD")
    town.pipe("EC")
    assert town.pipes_of(town.traced(Way.DOWN, "A")) == {"AB", "CB", "CD"}
    assert town.pipes_of(town.traced(Way.UP, "D")) == {"CD", "CB", "AB", "EC"}
    assert town.traced(Way.DOWN, "A").length_m == pytest.approx(30.0)


def test_a_pipe_is_followed_from_itself(town: Town) -> None:
    for name in "ABCD":
        town.node(name)
    for name in ("AB", "BC", "CD"):
        town.pipe(name)
    assert town.pipes_of(town.traced(Way.DOWN, along="BC")) == {"BC", "CD"}
    assert town.pipes_of(town.traced(Way.UP, along="BC")) == {"BC", "AB"}


def test_a_pipe_of_unknown_flow_is_told_and_not_followed(town: Town) -> None:
    for name in "ABCD":
        town.node(name)
    town.pipe("AB")
    town.pipe("BC", None)
    town.pipe("CD", "双向")
    found = town.traced(Way.DOWN, "A")
    assert town.pipes_of(found) == {"AB"}
    assert found.unknown.tolist() == [[1, 0]]
    assert len(found.breaks) == 1
    # It is shown at the end that was reached, whichever way the pipe was drawn.
    assert town.traced(Way.UP, "C").unknown.tolist() == [[1, 1], [2, 0]]
    assert town.pipes_of(town.traced(Way.ALL, "D")) == {"AB", "BC", "CD"}


def test_a_pipe_that_ends_at_no_node_is_a_break(town: Town) -> None:
    town.node("A")
    town.node("B")
    town.pipe("AB")
    town.pipe("B.")
    found = town.traced(Way.DOWN, "A")
    assert town.pipes_of(found) == {"AB", "B."}
    assert found.loose.tolist() == [[1, 1]]
    assert town.traced(Way.UP, "A").breaks == []


def test_water_stops_at_a_dead_end_but_not_at_an_outfall(town: Town) -> None:
    town.node("A")
    town.node("B")
    town.node("C", "pipe_point", feature="出水口")
    town.pipe("AB")
    assert town.nodes_of(town.traced(Way.DOWN, "A").stops) == {"B"}
    town.pipe("BC")
    assert town.traced(Way.DOWN, "A").breaks == []


def test_water_under_pressure_may_end_anywhere(town: Town) -> None:
    town.node("A")
    town.node("B")
    town.node("C")
    town.pipe("AB", kind="JS")
    assert town.traced(Way.DOWN, "A").breaks == []
    assert town.traced(Way.DOWN, "C").breaks == []


def test_a_loop_is_met_once(town: Town) -> None:
    for name in "ABC":
        town.node(name)
    for name in ("AB", "BC", "CA"):
        town.pipe(name)
    found = town.traced(Way.DOWN, "B")
    assert town.pipes_of(found) == {"AB", "BC", "CA"}
    assert found.length_m == pytest.approx(40.0)


def test_random_networks_are_followed_as_a_plain_search_follows_them(project: Project) -> None:
    dice = random.Random(7)
    count = 60
    add_many(
        project, "manhole", [at(i) for i in range(count)], exp_no=[str(i) for i in range(count)]
    )
    uuids = project.table("manhole", (), geometry=False).uuids
    pairs = [(dice.randrange(count), dice.randrange(count)) for _ in range(70)]
    flows = [dice.choice(["顺向", "逆向", None]) for _ in pairs]
    add_many(
        project,
        "pipe_line",
        [line((a, 0.0), (b + 0.5, 1.0)) for a, b in pairs],
        from_node=[uuids[a] for a, _b in pairs],
        to_node=[uuids[b] for _a, b in pairs],
        flow_dir=flows,
    )
    pipes = network.read(project)
    for start in range(0, count, 7):
        for way in Way:
            found = trace(pipes, project.catalogue, way, nodes=[start])
            assert set(found.lines.tolist()) == _plainly(pairs, flows, way, start)


def _plainly(
    pairs: list[tuple[int, int]], flows: list[str | None], way: Way, start: int
) -> set[int]:
    seen, todo, gone = {start}, deque([start]), set()
    while todo:
        node = todo.popleft()
        for row, ((a, b), flow) in enumerate(zip(pairs, flows, strict=True)):
            arcs = {"顺向": [(a, b)], "逆向": [(b, a)], None: []}[flow]
            if way is Way.UP:
                arcs = [(tail, head) for head, tail in arcs]
            if way is Way.ALL:
                arcs = [(a, b), (b, a)]
            for tail, head in arcs:
                if tail == node:
                    gone.add(row)
                    if head not in seen:
                        seen.add(head)
                        todo.append(head)
    return gone


def test_a_profile_has_stations_levels_and_slopes_the_way_it_is_gone(town: Town) -> None:
    town.node("A", ground_elev_m=100.0, well_depth_m=2.0)
    town.node("B", ground_elev_m=99.8, bottom_elev_m=97.7)
    town.node("C", ground_elev_m=99.5)
    levels = {"diameter_mm": 400, "elev_basis": "管内底", "material": "PVC"}
    town.pipe("AB", start_elev_m=98.0, end_elev_m=97.9, **levels)
    town.pipe("CB", "逆向", start_depth_m=1.7, end_elev_m=97.9, **levels)
    found = town.profile("A", "C")
    assert [(one.name, one.at_m) for one in found.stations] == [("A", 0), ("B", 10), ("C", 20)]
    assert [one.bottom_m for one in found.stations][:2] == pytest.approx([98.0, 97.7])
    first, second = found.reaches
    assert (first.name, first.size, first.flow) == ("AB", "400", 1)
    assert first.invert_m == pytest.approx((98.0, 97.9))
    assert first.top_m == pytest.approx((98.4, 98.3))
    assert first.cover_m == pytest.approx((1.6, 1.5))
    assert first.slope == pytest.approx(0.01)
    assert second.invert_m == pytest.approx((97.9, 97.8))
    assert (second.flow, second.rises) == (1, False)


def test_levels_to_the_top_are_lowered_by_the_pipe(town: Town) -> None:
    town.node("A", ground_elev_m=100.0)
    town.node("B", ground_elev_m=100.0)
    town.pipe("AB", None, kind="JS", diameter_mm=200, start_depth_m=1.5, end_depth_m=1.6)
    (reach,) = town.profile("A", "B").reaches
    assert reach.top_m == pytest.approx((98.5, 98.4))
    assert reach.invert_m == pytest.approx((98.3, 98.2))
    assert not reach.gravity


def test_a_duct_without_a_size_lies_where_its_top_is(town: Town) -> None:
    town.node("A", ground_elev_m=100.0)
    town.node("B", ground_elev_m=100.0)
    town.pipe("AB", None, kind="DL", start_depth_m=0.7, end_depth_m=0.8)
    (reach,) = town.profile("A", "B").reaches
    assert np.isnan(reach.invert_m).all()
    assert reach.lying_m == reach.top_m == pytest.approx((99.3, 99.2))
    assert reach.slope == pytest.approx(0.01)


def test_a_gravity_pipe_that_rises_is_told_whichever_way_the_profile_goes(town: Town) -> None:
    town.node("A")
    town.node("B")
    town.pipe("AB", start_elev_m=97.0, end_elev_m=97.3, elev_basis="管内底")
    for way in ("AB", "BA"):
        (reach,) = town.profile(*way).reaches
        assert reach.rises


def test_what_was_not_measured_stays_unknown(town: Town) -> None:
    town.node("A", ground_elev_m=-999.0)
    town.node("B")
    town.pipe("AB")
    found = town.profile("A", "B")
    assert np.isnan([found.stations[0].ground_m, *found.reaches[0].invert_m]).all()
    assert not found.reaches[0].rises
    assert found.reaches[0].size == ""


def test_a_profile_takes_the_shortest_way_and_passes_what_it_must(town: Town) -> None:
    for name in "ADBC":
        town.node(name)
    for name in ("AB", "BC", "CD", "AD"):
        town.pipe(name)
    assert [one.name for one in town.profile("A", "D").stations] == ["A", "D"]
    assert [one.name for one in town.profile("A", "B", "C").stations] == ["A", "B", "C"]


def test_nodes_that_no_pipes_join_have_no_profile(town: Town) -> None:
    for name in "ABC":
        town.node(name)
    town.pipe("AB")
    with pytest.raises(InputError, match="No pipes lead from A to C"):
        town.profile("A", "C")
    with pytest.raises(InputError, match="two different nodes"):
        town.profile("A")
    with pytest.raises(InputError, match="two different nodes"):
        town.profile("A", "A")


def test_a_project_without_pipes_has_an_empty_network(town: Town) -> None:
    pipes = town.read()
    assert len(pipes.lines) == 0
    found = trace(pipes, town.project.catalogue, Way.ALL)
    assert (len(found.lines), found.breaks) == (0, [])


def crossed(town: Town) -> Town:
    """A sewer from A over B to C, inverts 98.0, 97.9 and 97.8, ground 100."""
    for name in "ABC":
        town.node(name, ground_elev_m=100.0)
    levels = {"diameter_mm": 400, "elev_basis": "管内底"}
    town.pipe("AB", start_elev_m=98.0, end_elev_m=97.9, **levels)
    town.pipe("BC", start_elev_m=97.9, end_elev_m=97.8, **levels)
    return town


def across(town: Town, places: list[tuple[float, float]], **values: object) -> None:
    add(town.project, "pipe_line", line(*places), **{"kind": "JP", **values})  # type: ignore[arg-type]


MAIN = {"diameter_mm": 200, "elev_basis": "管顶"}


def test_a_pipe_over_the_way_is_cut_where_it_crosses(town: Town) -> None:
    crossed(town)
    across(town, [(4, -5), (4, 5)], start_elev_m=99.0, end_elev_m=99.2, **MAIN)
    (found,) = town.profile("A", "C").crossings
    assert (found.kind, found.size, found.at_m) == ("JP", "200", pytest.approx(4.0))
    assert (found.top_m, found.invert_m) == (pytest.approx(99.1), pytest.approx(98.9))
    assert found.wide_m == pytest.approx(0.2)
    # The sewer's top is 97.96 + 0.4 there.
    assert found.clearance_m == pytest.approx(0.54)
    assert not found.close
    (back,) = town.profile("C", "A").crossings
    assert back.at_m == pytest.approx(16.0)
    assert back.clearance_m == pytest.approx(0.54)


def test_a_pipe_through_the_way_is_close_and_one_of_unknown_level_is_not(town: Town) -> None:
    crossed(town)
    across(town, [(4, -5), (4, 5)], start_elev_m=98.2, end_elev_m=98.2, **MAIN)
    across(town, [(6, -5), (6, 5)], diameter_mm=200)
    through, unknown = town.profile("A", "B").crossings
    assert through.clearance_m == pytest.approx(-0.24)
    assert through.close
    assert np.isnan(unknown.clearance_m)
    assert unknown.known_m == ()
    assert not unknown.close


def test_what_crosses_aslant_is_cut_wider(town: Town) -> None:
    crossed(town)
    across(town, [(2, -2), (6, 2)], diameter_mm=200)
    across(town, [(12, -3), (12, 3)], width_mm=2000, height_mm=1000)
    slanting, box = town.profile("A", "C").crossings
    assert slanting.wide_m == pytest.approx(0.2 * 2**0.5)
    assert (box.wide_m, box.box, box.size) == (pytest.approx(2.0), True, "2000×1000")


def test_branches_twins_and_the_way_itself_do_not_cross_it(town: Town) -> None:
    crossed(town)
    across(town, [(10, 0), (10, 9)], from_node=town.uuid["B"])
    across(town, [(3, 0), (3, 9)])
    across(town, [(0, 0), (10, 0)], kind="WS", from_node=town.uuid["A"], to_node=town.uuid["B"])
    add(town.project, "pipe_line", None, kind="JP")
    assert town.profile("A", "C").crossings == ()


def test_what_goes_under_a_node_crosses_once_and_a_winding_pipe_more_often(town: Town) -> None:
    crossed(town)
    across(town, [(10, -9), (10, 9)])
    across(town, [(2, -2), (2, 2), (14, 2), (14, -2)])
    found = town.profile("A", "C").crossings
    assert [one.at_m for one in found] == pytest.approx([2.0, 10.0, 14.0])
