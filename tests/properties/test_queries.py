"""What SQL and the R-tree find is what looking at every feature finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import BulkInsert, ChangeSet, Feature
from hjgis.models.query import Condition, Group, Location, Part, Query

# When the values were made: the questions are of the day on which they are asked.
BEGUN = dt.date.today()
RECENT = (BEGUN - dt.timedelta(days=3)).isoformat()
TEXTS = (None, "", "不详", "50%", "5_0", "a\\b", "ABC", "abc", "污水", "污水井 1")
NUMBERS = (None, -1.5, 0.0, 2.5, 300.0)
YEARS = (None, 0, 1998, 2024)
DATES = (None, "1999-12-31", "2024-02-29", RECENT, BEGUN.isoformat())
FLAGS = (None, True, False)
FIELDS = {
    "exp_no": TEXTS,
    "responsible_unit": (None, "", "不详", "城管局"),
    "cover_size_mm": (None, 0, 300, 600),
    "well_depth_m": NUMBERS,
    "made_date": DATES,
    "smart": FLAGS,
}
ROOM = 40.0
COUNT = 60


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Manholes with all sorts of values, and roads (areas) and pipes among them."""
    path: Path = tmp_path_factory.mktemp("town") / "town.gpkg"
    random = np.random.default_rng(7)

    def some(values: tuple[Value, ...]) -> list[Value]:
        return [values[index] for index in random.integers(0, len(values), COUNT)]

    with Project.create(path, operator="tester") as project:
        spots = random.integers(0, int(ROOM), (COUNT, 2)).astype(float)
        points = shapely.points(spots)
        points[::9] = None
        columns = {name: some(values) for name, values in FIELDS.items()}
        boxes = np.array([shapely.box(x, y, x + 8, y + 5) for x, y in spots[:12]], object)
        # One whose outline crosses itself.
        boxes[3] = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
        boxes[:] = [shapely.MultiPolygon([box]) for box in boxes]
        lines = np.array(
            [shapely.LineString(pair) for pair in zip(spots[:20], spots[20:40], strict=True)],
            object,
        )
        project.session.apply(
            ChangeSet(
                "t",
                bulk=(
                    BulkInsert("manhole", points, columns),
                    BulkInsert("park", boxes, {}),
                    BulkInsert("pipe_line", lines, {}),
                ),
            )
        )
        yield project


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    name = draw(st.sampled_from([*FIELDS, "*"]))
    if name == "*":
        return Condition("*", "contains", draw(st.sampled_from(["5", "%", "_", "污", "\\", "B"])))
    values = [value for value in FIELDS[name] if value not in (None, "")]
    value = st.sampled_from(values)
    kind = {"made_date": "date", "smart": "flag", "well_depth_m": "number"}.get(name, "text")
    shared = ["empty", "not_empty", "="]
    compared = ["!=", ">", ">=", "<", "<=", "between", "in", "not_in"]
    more = {
        "date": [*compared, "in_year", "last_days"],
        "number": compared,
        "flag": [],
        "text": ["!=", "in", "not_in", "contains", "starts", "ends", "unknown"],
    }[kind]
    if name == "cover_size_mm":
        more = compared
    operator = draw(st.sampled_from([*shared, *more]))
    if operator in ("in", "not_in"):
        return Condition(name, operator, tuple(draw(st.lists(value, max_size=3))))
    if operator == "between":
        return Condition(name, operator, (draw(value), draw(value)))
    if operator == "in_year":
        return Condition(name, operator, draw(st.sampled_from([1999, 2024, BEGUN.year])))
    if operator == "last_days":
        return Condition(name, operator, draw(st.sampled_from([0, 3, 30])))
    return Condition(name, operator, draw(value))


def grouped(parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Part]:
    return st.builds(
        Group, st.lists(parts, max_size=3).map(tuple), st.sampled_from(["all", "any", "none"])
    )


PARTS: st.SearchStrategy[Part] = st.recursive(conditions(), grouped, max_leaves=5)


def holds(asset: AssetType, feature: Feature, part: Part) -> bool:
    """Say it in Python, the slow and plain way."""
    if isinstance(part, Group):
        found = [holds(asset, feature, inner) for inner in part.parts]
        return {"all": all, "any": any, "none": lambda f: not any(f)}[part.how](found)
    assert isinstance(part, Condition)
    if part.field == "*":
        names = [field.name for field in asset.fields if field.type in ("text", "code")]
        return any(holds(asset, feature, Condition(n, part.operator, part.value)) for n in names)
    stored, value = feature.values[part.field], part.value
    gap = stored is None or stored == ""
    simple = {
        "empty": gap,
        "not_empty": not gap,
        "unknown": stored == "不详",
        "=": stored is not None and stored == value,
        "!=": stored is None or stored != value,
    }
    if part.operator in simple:
        return simple[part.operator]
    if part.operator in ("in", "not_in"):
        inside = stored is not None and stored in value
        return inside if part.operator == "in" else not inside
    if stored is None:
        return False
    return _known(stored, part.operator, value)


def _known(stored: Value, operator: str, value: object) -> bool:
    if operator in ("contains", "starts", "ends"):
        text, asked = str(stored).lower(), str(value).lower()
        return {
            "contains": asked in text,
            "starts": text.startswith(asked),
            "ends": text.endswith(asked),
        }[operator]
    if operator == "between":
        return value[0] <= stored <= value[1]
    if operator == "in_year":
        return str(stored)[:4] == str(value)
    if operator == "last_days":
        today = dt.date.today()
        first = (today - dt.timedelta(days=value)).isoformat()
        return first <= str(stored) <= today.isoformat()
    return {
        ">": stored > value,
        ">=": stored >= value,
        "<": stored < value,
        "<=": stored <= value,
    }[operator]


@settings(max_examples=300, deadline=None)
@given(parts=st.lists(PARTS, max_size=3))
def test_a_sentence_finds_just_the_features_that_meet_it(town: Project, parts: list[Part]) -> None:
    asset = town.asset_type("manhole")
    everything = town.store.features("manhole", town.store.fids("manhole"))
    expected = [
        feature.fid for feature in everything if all(holds(asset, feature, p) for p in parts)
    ]
    assert town.store.fids("manhole", parts).tolist() == expected


def lies(feature: Feature, others: list[Feature], location: Location) -> bool:
    shape = feature.geometry
    if shape is None:
        return False
    ask = {
        "within": shapely.covered_by,
        "contains": shapely.covers,
        "intersects": shapely.intersects,
        "touches": shapely.touches,
        "near": lambda a, b: shapely.distance(a, b) <= location.distance_m,
    }[location.relation]
    shapes = [o.geometry for o in others if o.key != feature.key and o.geometry is not None]
    return any(ask(shape, _sound(other)) for other in shapes)


def _sound(shape: shapely.Geometry) -> shapely.Geometry:
    return shape if shape.is_valid else shapely.make_valid(shape)


@settings(max_examples=120, deadline=None)
@given(
    layer=st.sampled_from(["manhole", "park", "pipe_line"]),
    other=st.sampled_from(["manhole", "park", "pipe_line"]),
    relation=st.sampled_from(["within", "contains", "intersects", "touches", "near"]),
    distance=st.sampled_from([0.0, 1.0, 5.0, 12.5]),
    wanted=st.sampled_from(
        [(), (Condition("uuid", "not_in", ()),), (Condition("@north", ">", 20),)]
    ),
)
def test_a_location_finds_just_the_features_that_lie_so(
    town: Project,
    layer: str,
    other: str,
    relation: str,
    distance: float,
    wanted: tuple[Condition, ...],
) -> None:
    location = Location(relation, Query(other, wanted), distance)
    others = list(town.store.features(other, town.store.fids(other, wanted)))
    features = town.store.features(layer, town.store.fids(layer))
    features = tuple(
        f if f.geometry is None else f.with_geometry(_sound(f.geometry)) for f in features
    )
    expected = [feature.fid for feature in features if lies(feature, others, location)]
    assert town.store.fids(layer, [location]).tolist() == expected
    not_so = [feature.fid for feature in features if feature.fid not in expected]
    assert town.store.fids(layer, [Group((location,), "none")]).tolist() == not_so
