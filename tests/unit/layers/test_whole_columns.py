"""All rows of a layer, read by joined values, are what reading row by row finds."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.layers import geometry_blob
from hjgis.layers.plain_blobs import Blobs, MadeShapes, StoredBlobs
from hjgis.layers.project import Project
from hjgis.models.reading import FeatureColumns, Vertices
from tests.blobs import blob_of
from tests.unit.checks.faults import add, at, foreign

_NAMES = ("exp_no", "cover_kind", "initial_date", "ground_elev_m", "built_year", "remarks")


def _same(one: FeatureColumns, other: FeatureColumns) -> None:
    assert one.fids.tolist() == other.fids.tolist()
    assert one.uuids.tolist() == other.uuids.tolist()
    assert [*map(str, one.geometry)] == [*map(str, other.geometry)]
    assert {*one.texts} == {*other.texts}
    for name in one.texts:
        assert one.texts[name].objects().tolist() == other.texts[name].objects().tolist(), name
    for name, numbers in one.numbers.items():
        np.testing.assert_array_equal(numbers, other.numbers[name])
    assert one.strays == other.strays


def _both(project: Project, layer: str, names: tuple[str, ...]) -> None:
    whole = project.store.columns(layer, names)
    _same(whole, project.store.columns(layer, names, fids=whole.fids))
    late = project.store.columns(layer, names, late=names)
    each = {name: [value or None for value in late.each(name)] for name in late.texts}
    assert each == {name: column.objects().tolist() for name, column in whole.texts.items()}
    _same(late, whole)


def test_ordinary_rows_are_read_alike(project: Project) -> None:
    for number in range(30):
        facts = {"exp_no": f"J{number}", "cover_kind": "雨" if number % 3 else None}
        add(project, "manhole", at(number), ground_elev_m=150.0 + number % 4, **facts)
    _both(project, "manhole", _NAMES)


def test_an_empty_layer_has_empty_columns(project: Project) -> None:
    whole = project.store.columns("manhole", _NAMES)
    assert len(whole.fids) == len(whole.uuids) == len(whole.geometry) == 0
    assert len(whole.texts["exp_no"]) == len(whole.numbers["built_year"]) == 0


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("exp_no", ["a\x1fb", "c", None]),
        ("exp_no", ["a\x00b", "c", ""]),
        ("exp_no", [b"\x01\x02", "c", "c"]),
        ("exp_no", ["同", "同", "同"]),
        ("initial_date", ["2020", "2020-01-01", None]),
        ("ground_elev_m", ["high", 3.5, None]),
        ("ground_elev_m", [7.5, 7.5, 7.5]),
        ("ground_elev_m", [7.5, None, 7.5]),
        ("built_year", [b"\x01", 1990, 1990]),
    ],
)
def test_what_other_programs_write_is_read_alike(
    project: Project, name: str, values: list[object]
) -> None:
    for number in range(len(values)):
        add(project, "manhole", at(number))
    for fid, value in enumerate(values, 1):
        foreign(project, f'UPDATE manhole SET "{name}" = ? WHERE fid = ?', value, fid)
    _both(project, "manhole", _NAMES)


_SHAPES = [
    shapely.Point(1, 2),
    shapely.Point(1, 2, 3),
    shapely.Point(),
    None,
    shapely.LineString([(0, 0), (3, 4)]),
    shapely.LineString([(0, 0, 1), (3, 4, 1)]),
    shapely.MultiLineString([[(0, 0), (3, 4)]]),
    shapely.box(0, 0, 3, 3),
    shapely.Polygon([(0, 0), (9, 0), (9, 9)], [[(6, 1), (7, 1), (7, 2)]]),
    shapely.Polygon(),
    shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]),
    shapely.GeometryCollection([shapely.Point(0, 0)]),
]


@pytest.mark.parametrize("shapes", [_SHAPES, *([shape] for shape in _SHAPES), []])
def test_shapes_come_back_as_they_were_stored(shapes: list[object]) -> None:
    given = np.empty(len(shapes), dtype=object)
    given[:] = shapes
    blobs = [blob or b"" for blob in geometry_blob.encode(given, 4508)]
    stored = StoredBlobs([Blobs(b"".join(blobs), np.array([*map(len, blobs)], dtype=np.int64))])
    made = MadeShapes(given).vertices
    assert [*map(str, stored.some(np.arange(len(given))))] == [*map(str, given)]
    assert [*map(str, stored.geometry)] == [*map(str, given)]
    assert shapely.has_z(stored.geometry).tolist() == shapely.has_z(given).tolist()
    found = stored.vertices
    plain = np.flatnonzero(found.kind >= 0)
    # What has heights is told apart in the file only.
    assert found.kind[plain].tolist() == made.kind[plain].tolist()
    assert found.of(plain).tolist() == made.of(plain).tolist()
    assert (found.kind == Vertices.NONE).tolist() == shapely.is_missing(given).tolist()


@pytest.mark.parametrize("odd", [0, 1, 2])
@pytest.mark.parametrize("where", ["head", "order", "type", "count"])
def test_one_blob_of_another_form_among_many_alike_is_seen(where: str, odd: int) -> None:
    line = shapely.LineString([(0, 0), (1, 1), (2, 5)])
    blobs = [blob_of(line, 4508) or b"" for _ in range(3)]
    told = blobs[0].index(b"\x01\x02\x00\x00\x00\x03\x00\x00\x00")
    at = {"head": 0, "order": told, "type": told + 1, "count": told + 5}[where]
    changed = bytearray(blobs[odd])
    changed[at] ^= 1
    blobs[odd] = bytes(changed)
    stored = StoredBlobs([Blobs(b"".join(blobs), np.array([*map(len, blobs)]))])
    kind = stored.vertices.kind.tolist()
    assert kind.pop(odd) == Vertices.OTHER
    assert kind == [1, 1]


def test_a_ring_that_does_not_close_spoils_no_other_shape() -> None:
    good = blob_of(shapely.box(0, 0, 3, 3), 4508)
    assert good is not None
    bad = good[:-16] + np.array([8.0, 8.0]).tobytes()
    stored = StoredBlobs([Blobs(good + bad, np.array([len(good), len(bad)]))])
    assert stored.some(np.array([0]))[0].equals(shapely.box(0, 0, 3, 3))
    with pytest.raises(ValueError, match="closed"):
        _ = stored.geometry


def test_a_field_that_is_no_text_is_not_among_the_texts(project: Project) -> None:
    add(project, "manhole", at(1), exp_no="J1", built_year=2001)
    whole = project.store.columns("manhole", ("exp_no", "built_year"))
    assert whole.texts.get("built_year") is None
    assert whole.texts.get("exp_no") is not None
