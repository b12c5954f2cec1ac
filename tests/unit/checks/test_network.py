"""The network as arrays: which line ends at which node, whatever the file says."""

from __future__ import annotations

import numpy as np

from hjgis.checks.network import Network, network_columns, network_keys
from hjgis.checks.rules.register import Reads, Scope
from hjgis.checks.shared_features import SharedFeatures
from hjgis.checks.survey import Survey
from hjgis.layers.project import Project
from tests.unit.checks.examples.pipes import EAST, join, node, run_of
from tests.unit.checks.faults import X, Y, add, foreign, line

READS = Reads(network_columns(nodes=("exp_no",)), Scope.GROUP, keys=network_keys)


def network(project: Project) -> Network:
    return Survey(SharedFeatures(project, [READS]), READS, {}).network()


def test_nodes_are_counted_through_their_layers(project: Project) -> None:
    well = node(project, (0, 0), "manhole")
    point = node(project, (30, 0))
    join(project, (well, point), EAST[:2])
    net = network(project)
    uuids = net.of_nodes(lambda features: features.uuids)
    assert uuids[net.ends[0]].tolist() == [well, point]
    assert net.degree.tolist() == [1, 1]
    assert net.end_xy.tolist() == [[[X, Y], [X + 30, Y]]]
    assert net.node_xy[net.ends[0]].tolist() == [[X, Y], [X + 30, Y]]


def test_ends_without_a_node_have_none(project: Project) -> None:
    add(project, "pipe_line", None)
    foreign(project, "UPDATE pipe_line SET from_node = 'gone', to_node = 7")
    net = network(project)
    assert net.ends.tolist() == [[-1, -1]]
    assert np.isnan(net.end_xy).all()
    assert np.isnan(net.at_ends(np.empty(0))).all()
    assert len(net.incidence.node) == 0


def test_an_empty_project_has_an_empty_network(project: Project) -> None:
    net = network(project)
    assert (net.count, len(net.ends), len(net.degree)) == (0, 0, 0)
    assert net.end_xy.shape == (0, 2, 2)
    assert [*net.found(np.empty(0, np.int64))]


def test_lines_at_a_node_are_found_from_both_sides(project: Project) -> None:
    nodes, lines = run_of(project, EAST[:3], {}, {})
    net = network(project)
    middle = net.of_nodes(lambda features: features.uuids).tolist().index(nodes[1])
    every = np.ones(len(net.incidence.line), dtype=bool)
    uuids = net.lines.uuids
    assert uuids[net.one_at(every)[middle]] == lines[0]
    assert uuids[net.one_at(every, highest=True)[middle]] == lines[1]
    assert net.one_at(~every).tolist() == [-1, -1, -1]
    assert net.any_at(net.incidence.side == 0).sum() == 2


def test_a_node_whose_number_a_loose_end_gives_is_claimed(project: Project) -> None:
    node(project, (0, 0), exp_no=" N1")
    node(project, (30, 0), exp_no="N2")
    add(project, "pipe_line", line((0, 0), (9, 0)), start_no="N1 ", end_no="N3")
    reads = Reads(network_columns(lines=("start_no", "end_no"), nodes=("exp_no",)), Scope.LAYER)
    net = Survey(SharedFeatures(project, [reads]), reads, {}).network()
    assert net.claimed().tolist() == [True, False]


def test_the_links_of_the_same_features_are_worked_out_once(project: Project) -> None:
    run_of(project, EAST[:2], {})
    other = Reads(network_columns(lines=("kind",)), Scope.GROUP, keys=network_keys)
    shared = SharedFeatures(project, [READS, other])
    first, second = (Survey(shared, reads, {}).network() for reads in (READS, other))
    assert first.ends is second.ends
    assert first.degree is second.degree
