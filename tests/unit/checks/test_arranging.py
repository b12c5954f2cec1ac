"""Findings are filtered, grouped and sorted as positions, each listed exactly once."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from hjgis.checks import runner
from hjgis.checks.arranging import (
    GROUPINGS,
    Arranged,
    Wanted,
    arrange,
    batch_of,
    by_layer,
    find,
    places,
    spot_of,
)
from hjgis.checks.feature_words import NAME, words_of
from hjgis.checks.issue_list import Issues
from hjgis.errors import Cancelled
from hjgis.layers.project import Project
from hjgis.models.issues import Severity
from tests.unit.checks.faults import X, Y, add, at

ONLY = ("completeness", "outlier")


@pytest.fixture
def found(project: Project) -> Issues:
    """Faults of three manholes on two roads, one of them without any, and of a lamp."""
    add(project, "manhole", at(0), exp_no="W2", road_name="人民路", responsible_unit="住建局")
    add(project, "manhole", at(10), exp_no="W1", road_name="胜利路")
    add(project, "manhole", at(500), exp_no="W3")
    add(project, "street_lamp", at(20), pole_no="L7", road_name="人民路")
    return runner.run(project, only=ONLY).issues


def messages(issues: Issues, arranged: Arranged) -> list[str]:
    return [issues[at].message for at in arranged.order.tolist()]


def titles(arranged: Arranged) -> list[str]:
    return [top.title for top in arranged.tops]


@pytest.mark.parametrize("grouping", GROUPINGS)
@pytest.mark.parametrize("order", ["usual", "title", "count", "feature"])
def test_every_finding_is_listed_once_whatever_the_grouping(
    project: Project, found: Issues, grouping: str, order: str
) -> None:
    for falling in (False, True):
        wanted = Wanted(grouping=grouping, order=order, falling=falling)
        arranged = arrange(found, wanted, project)
        assert sorted(arranged.order.tolist()) == [*range(len(found))]
        ends = [(group.start, group.stop) for top in arranged.tops for group in top.groups]
        assert [start for start, _stop in ends] == [0, *(stop for _start, stop in ends[:-1])]
        assert ends[-1][1] == len(found)
        for top in arranged.tops:
            for group in top.groups:
                for position in arranged.order[group.start : group.stop].tolist():
                    assert found[position].rule == group.rule.id


def test_roads_and_units_are_those_of_the_features(project: Project, found: Issues) -> None:
    roads = arrange(found, Wanted(grouping="road"), project)
    assert set(titles(roads)) == {"人民路", "胜利路", "No road named"}
    assert titles(roads)[-1] == "No road named"
    for top in roads.tops:
        for group in top.groups:
            for position in roads.order[group.start : group.stop].tolist():
                batch, row = batch_of(found, position)
                feature = next(
                    iter(project.store.features(batch.findings.layer, [batch.findings.fids[row]]))
                )
                assert (feature.values.get("road_name") or "") == top.key
    units = arrange(found, Wanted(grouping="unit"), project)
    assert titles(units)[1:] == ["No unit named"]
    assert units.tops[0].key != ""
    assert titles(arrange(found, Wanted(grouping="operator"), project)) == ["tester"]


@pytest.mark.parametrize(
    ("text", "names"),
    [("w3", {"W3"}), ("L7", {"L7"}), ("nothing of the kind", set()), ("Street lamp", {"L7"})],
)
def test_a_text_is_looked_for_in_names_messages_rules_and_layers(
    project: Project, found: Issues, text: str, names: set[str]
) -> None:
    arranged = arrange(found, Wanted(text=text), project)
    said = set()
    for position in arranged.order.tolist():
        batch, row = batch_of(found, position)
        layer, fid = batch.findings.layer, int(batch.findings.fids[row])
        said.add(words_of(project, layer, NAME).of(fid))
    assert said == names


def test_a_text_of_one_message_lists_that_message_only(project: Project, found: Issues) -> None:
    one = found[0].message
    arranged = arrange(found, Wanted(text=one.upper()), project)
    assert len(arranged)
    assert all(one in said for said in messages(found, arranged))
    assert len(arranged) == sum(one in issue.message for issue in found)


def test_only_what_is_asked_for_stays(project: Project, found: Issues) -> None:
    lamp = arrange(found, Wanted(layer="street_lamp"), project)
    assert {found[at].layer for at in lamp.order.tolist()} == {"street_lamp"}
    near = arrange(found, Wanted(extent=(X - 1, Y - 1, X + 1, Y + 1)), project)
    assert len(near)
    assert {found[at].x for at in near.order.tolist()} == {X}
    fids = project.table("manhole", (), geometry=False).fids[:1]
    only = arrange(found, Wanted(only=("manhole", fids)), project)
    assert {found[at].uuid for at in only.order.tolist()} == {found[near.order[0]].uuid}
    assert not len(arrange(found, Wanted(only=("", fids)), project))


def test_counts_of_severities_are_those_before_the_severity_is_chosen(
    project: Project, found: Issues
) -> None:
    only = arrange(found, Wanted(severities=frozenset({Severity.ERROR})), project)
    assert only.severities == found.severities()
    assert {found[at].severity for at in only.order.tolist()} == {Severity.ERROR}
    assert not len(arrange(found, Wanted(severities=frozenset()), project))


def test_names_sort_both_ways(project: Project, found: Issues) -> None:
    def names(*, falling: bool) -> list[str]:
        wanted = Wanted(order="feature", falling=falling, layer="manhole", grouping="layer")
        arranged = arrange(found, wanted, project)
        group = max(arranged.tops[0].groups, key=len)
        words = words_of(project, "manhole", NAME)
        spots = [batch_of(found, at) for at in arranged.order[group.start : group.stop].tolist()]
        return [words.of(int(batch.findings.fids[row])) for batch, row in spots]

    assert names(falling=False) == sorted(names(falling=False))
    assert names(falling=True) == names(falling=False)[::-1]


def test_a_finding_is_found_again_in_another_report(project: Project, found: Issues) -> None:
    again = runner.run(project, only=ONLY).issues
    for position in range(len(found)):
        assert find(again, spot_of(found, position)) == position
    gone = dataclasses.replace(spot_of(found, 0), uuid="nobody")
    assert find(again, gone) is None
    assert find(again, dataclasses.replace(gone, rule="no.rule")) is None


def test_an_empty_list_is_arranged(project: Project) -> None:
    none = Issues((), project.catalogue)
    for grouping in GROUPINGS:
        arranged = arrange(none, Wanted(grouping=grouping, text="a"), project)
        assert (len(arranged), arranged.tops) == (0, ())
    assert places(none)[0].shape == (0, 2)
    assert by_layer(none) == {}


def test_layers_are_counted_by_severity(found: Issues) -> None:
    counts = by_layer(found)
    assert sum(counts["manhole"].values()) + sum(counts["street_lamp"].values()) == len(found)
    for layer, severities in counts.items():
        for severity, count in severities.items():
            same = [i for i in found if (i.layer, i.severity) == (layer, severity)]
            assert count == len(same)


def test_places_and_ranks_are_those_of_the_issues(found: Issues) -> None:
    xy, ranks = places(found)
    for position, issue in enumerate(found):
        assert tuple(Severity)[ranks[position]] is issue.severity
        if issue.x is None:
            assert np.isnan(xy[position]).all()
        else:
            assert tuple(xy[position]) == (issue.x, issue.y)


def test_a_search_can_be_given_up(project: Project, found: Issues) -> None:
    class Stopped:
        def report(self, done: int, total: int, key: str) -> None:
            del done, total, key

        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        arrange(found, Wanted(text="x"), project, progress=Stopped())
