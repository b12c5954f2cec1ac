from __future__ import annotations

import sqlite3
import threading

import numpy as np
import pytest
import shapely

from hjgis.errors import Cancelled
from hjgis.layers import database, table_rows
from hjgis.layers.geometry_blob import register_functions
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.query import Condition

COUNT = 600


@pytest.fixture
def wells(project: Project) -> Project:
    dice = np.random.default_rng(5)
    depths = [None if one > 8 else float(one) for one in dice.integers(0, 10, COUNT)]
    roads = [None if one > 4 else f"路{one}" for one in dice.integers(0, 6, COUNT)]
    points = shapely.points(dice.uniform(0, 100, COUNT), dice.uniform(0, 100, COUNT))
    columns = {"well_depth_m": depths, "road_name": roads, "smart": [True, None] * (COUNT // 2)}
    project.session.apply(ChangeSet("import", bulk=(BulkInsert("manhole", points, columns),)))
    return project


def brute(project: Project, order: list[tuple[str, bool]]) -> list[int]:
    """Sort in Python, empty values last."""
    table = project.table("manhole", ["well_depth_m", "road_name"])
    north = shapely.get_y(table.geometry)
    rows = list(range(COUNT))
    for name, falls in reversed(order):
        value = (lambda r: north[r]) if name == "@north" else table.columns[name].__getitem__
        rows.sort(key=lambda r: "" if value(r) is None else value(r), reverse=falls) if all(
            value(r) is not None for r in rows
        ) else rows.__setitem__(
            slice(None),
            sorted((r for r in rows if value(r) is not None), key=value, reverse=falls)
            + [r for r in rows if value(r) is None],
        )
    return table.fids[rows].tolist()


@pytest.mark.parametrize(
    "order",
    [
        [],
        [("well_depth_m", False)],
        [("well_depth_m", True)],
        [("road_name", True)],
        [("road_name", False), ("well_depth_m", True)],
        [("well_depth_m", True), ("@north", False)],
        [("@north", True)],
        [("@north", False), ("road_name", False)],
    ],
    ids=str,
)
@pytest.mark.parametrize("lot", [200_000, 100], ids=["one lot", "lots"])
def test_rows_are_sorted_by_several_keys_and_then_by_number(
    wells: Project, order: list, lot: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_rows, "_LOT", lot)
    assert wells.store.ordered_fids("manhole", order=order).tolist() == brute(wells, order)


@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize("long", [False, True], ids=["short", "long"])
def test_words_are_sorted_by_their_letters_however_long(
    project: Project, falls: bool, long: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [
        "b",
        "a",
        "",
        None,
        "ab",
        "路",
        "a" * 9,
        "a" * 8,
        "𠮷",
        "é",
        "A",
        None,
        "路1",
        "a" * 64,
    ]
    words += ["路" * 40, "路" * 39 + "a"] if long else []
    points = shapely.points(np.zeros(len(words)), np.zeros(len(words)))
    bulk = BulkInsert("manhole", points, {"remarks": words})
    project.session.apply(ChangeSet("import", bulk=(bulk,)))
    monkeypatch.setattr(table_rows, "_LOT", 5)
    fids = project.store.ordered_fids("manhole", order=(("remarks", falls), ("@north", False)))
    there = sorted((word for word in words if word is not None), reverse=falls)
    assert [words[fid - 1] for fid in fids] == [*there, None, None]
    assert fids[-2:].tolist() == [4, 12]


def test_conditions_hold_whatever_the_order(wells: Project) -> None:
    asked = [Condition("well_depth_m", ">", 3)]
    expected = wells.store.fids("manhole", asked).tolist()
    for order in ((), (("well_depth_m", True),), (("road_name", False),)):
        found = wells.store.ordered_fids("manhole", asked, order=order)
        assert sorted(found.tolist()) == expected


def test_gaps_in_the_row_numbers_are_no_rows(wells: Project) -> None:
    from hjgis.edits.delete import delete_features

    features = wells.store.features("manhole", [3, 4])
    wells.session.apply(delete_features(wells, [feature.key for feature in features]))
    found = wells.store.ordered_fids("manhole")
    assert len(found) == COUNT - 2
    assert not {3, 4} & set(found.tolist())


def test_an_empty_layer_has_no_rows(project: Project) -> None:
    for order in ((), (("well_depth_m", True),), (("road_name", True),)):
        assert len(project.store.ordered_fids("manhole", order=order)) == 0
    assert project.store.totals("manhole", ["well_depth_m"])[0] == table_rows.Totals(0, 0)
    assert project.store.group_totals("manhole", "road_name", ["well_depth_m"]) == []


def test_groups_are_counted_and_added_up(wells: Project) -> None:
    table = wells.table("manhole", ["well_depth_m", "road_name"], geometry=False)
    groups = wells.store.group_totals("manhole", "road_name", ["well_depth_m"])
    assert sum(group.count for group in groups) == COUNT
    assert [g.count for g in groups] == sorted((g.count for g in groups), reverse=True)
    for group in groups:
        depths = [
            depth
            for depth, road in zip(*(table.columns[n] for n in table.columns), strict=True)
            if road == group.value and depth is not None
        ]
        (found,) = group.totals
        assert (found.filled, found.sum) == (len(depths), sum(depths))
        assert (found.low, found.high) == (min(depths), max(depths))
        assert found.mean == pytest.approx(sum(depths) / len(depths))


def test_totals_are_of_the_rows_that_are_asked_for(wells: Project) -> None:
    fids = np.array([5, 1, 9, 300])
    table = wells.table("manhole", ["well_depth_m"], fids=fids)
    depths = [depth for depth in table.columns["well_depth_m"] if depth is not None]
    depth, north = wells.store.totals("manhole", ["well_depth_m", "@north"], fids=fids)
    assert (depth.count, depth.filled, depth.sum) == (4, len(depths), sum(depths))
    assert north.sum == pytest.approx(shapely.get_y(table.geometry).sum())


def test_yes_and_no_are_groups_of_their_own(wells: Project) -> None:
    groups = wells.store.group_totals("manhole", "smart")
    assert {(group.value, group.count) for group in groups} == {(True, 300), (None, 300)}


def test_fields_that_hold_something_are_known(wells: Project) -> None:
    filled = wells.store.filled_fields("manhole")
    assert {"well_depth_m", "road_name", "smart"} <= filled
    assert "surveyor" not in filled


def test_a_query_can_be_stopped(wells: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped:
        def __init__(self) -> None:
            self.asked = threading.Event()

        def report(self, done: int, total: int, key: str) -> None:
            del done, total, key

        def check(self) -> None:
            self.asked.set()
            raise Cancelled

    monkeypatch.setattr(database, "_STEPS_BETWEEN_LOOKS", 100)
    for order in ((("road_name", True),), (("well_depth_m", True),)):
        with pytest.raises(Cancelled):
            wells.store.ordered_fids("manhole", order=order, progress=Stopped())
    # The connection goes on.
    assert len(wells.store.ordered_fids("manhole")) == COUNT


def test_text_in_a_column_of_numbers_is_no_number_and_comes_last(wells: Project) -> None:
    path = wells.path
    wells.close()
    other = sqlite3.connect(path)
    register_functions(other)
    other.execute(
        "UPDATE manhole SET well_depth_m = CASE fid WHEN 1 THEN '浅' ELSE '1,5' END WHERE fid < 3"
    )
    other.commit()
    other.close()
    with Project.open(path) as again:
        stored = again.table("manhole", ["well_depth_m"]).columns["well_depth_m"]
        numbers = [value for value in stored if isinstance(value, float)]
        (depth,) = again.store.totals("manhole", ["well_depth_m"])
        assert (depth.filled, depth.sum) == (len(numbers), sum(numbers))
        assert (depth.low, depth.high) == (min(numbers), max(numbers))
        for falls in (False, True):
            found = again.store.ordered_fids("manhole", order=[("well_depth_m", falls)])
            assert {1, 2} <= set(found[len(numbers) :].tolist())
            sorted_ = [stored[fid - 1] for fid in found[: len(numbers)].tolist()]
            assert sorted_ == sorted(numbers, reverse=falls)
        groups = again.store.group_totals("manhole", "well_depth_m", ["well_depth_m"])
        assert {g.value: g.totals[0].filled for g in groups}["1,5"] == 0


def test_places_of_a_sorted_table_are_found_once(
    wells: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    found = type(wells.store).resolved

    def counting(self, *args, **facts):
        asked.append(args)
        return found(self, *args, **facts)

    monkeypatch.setattr(type(wells.store), "resolved", counting)
    near = Condition("@north", ">", 50)
    rows = wells.store.ordered_fids("manhole", [near], order=[("well_depth_m", False)])
    assert len(rows)
    assert len(asked) == 1
