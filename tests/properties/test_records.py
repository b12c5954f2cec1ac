"""Whatever the order in which records come and go, the asset says what its latest record says."""

from __future__ import annotations

import tempfile
from pathlib import Path

import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hjgis.edits.add import add_feature
from hjgis.edits.records import add_records, change_record, delete_records
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey

STATES = ("完好", "破损", "丢失", None)
KINDS = ("巡查", "维修")
DAYS = st.integers(1, 28)

steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), DAYS, st.sampled_from(STATES), st.sampled_from(KINDS)),
        st.tuples(st.just("change"), DAYS, st.sampled_from(STATES), st.integers(0, 9)),
        st.tuples(st.just("delete"), st.integers(0, 9)),
    ),
    max_size=9,
)


def stored(project: Project, key: FeatureKey) -> list[FeatureKey]:
    return [one.key for one in project.records_of([key.uuid])]


def said(project: Project, key: FeatureKey) -> tuple[object, object]:
    values = project.get(key).values
    return values["state"], values["last_inspect_date"]


def expected(project: Project, key: FeatureKey) -> tuple[object, object]:
    """What the records say; the asset's own words where none says anything."""
    records = sorted(project.records_of([key.uuid]), key=lambda one: (one.values["date"], one.fid))
    states = [one.values["state_after"] for one in records if one.values["state_after"]]
    days = [one.values["date"] for one in records if one.values["kind"] == "巡查"]
    return (states or ["占用"])[-1], ([None, *days])[-1]


@given(steps=steps, rest=st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_asset_follows_its_latest_record_and_undo_leads_back(steps, rest) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.gpkg"
        with Project.create(path) as project:
            first = add_feature(project, "manhole", shapely.Point(1, 2), {"state": "占用"})
            project.session.apply(first)
            key, before = first.changes[0].key, project.content_sha256()
            count = 0
            for what, *given_ in steps:
                records = stored(project, key)
                if what == "add":
                    day, state, kind = given_
                    values = {"date": f"2026-05-{day:02d}", "state_after": state, "kind": kind}
                    change = add_records(project, [key], values)
                elif not records:
                    continue
                elif what == "change":
                    day, state, place = given_
                    values = {"date": f"2026-05-{day:02d}", "state_after": state}
                    change = change_record(project, records[place % len(records)], values)
                else:
                    change = delete_records(project, [records[given_[0] % len(records)]])
                if change:
                    project.session.apply(change)
                    count += 1
                assert said(project, key) == expected(project, key)
            # Without any record it says what it said before them all.
            left = stored(project, key)
            rest.shuffle(left)
            for record in left:
                project.session.apply(delete_records(project, [record]))
                count += 1
            assert said(project, key) == ("占用", None)
            for _ in range(count):
                project.session.undo()
            assert project.content_sha256() == before
