from __future__ import annotations

import math
import struct

import numpy as np
import pytest
import shapely

from hjgis.layers.blob_arrays import Batch, shapes_of
from hjgis.models.shapes import Dimension
from tests.blobs import blob_of

HOLE = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(3, 3), (6, 3), (6, 6)]])
TWO = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 7, 8)])
ALIKE: dict[Dimension, list[shapely.Geometry]] = {
    0: [
        shapely.Point(428_000.123456789, 4_528_000.5),
        shapely.Point(1, 2, 3),
        shapely.MultiPoint([(1, 1), (2, 2)]),
        shapely.MultiPoint([(4, 4)]),
    ],
    1: [
        shapely.LineString([(0, 0), (1, 1)]),
        shapely.LineString([(0, 0, 5), (1, 1, 6), (2, 0, 7)]),
        shapely.MultiLineString([[(0, 0), (3, 3)]]),
        shapely.MultiLineString([[(0, 0), (3, 3)], [(5, 5), (6, 6), (7, 5)]]),
    ],
    2: [
        shapely.box(0, 0, 3, 3),
        HOLE,
        shapely.MultiPolygon([shapely.box(5, 5, 7, 7)]),
        TWO,
        shapely.MultiPolygon([HOLE]),
    ],
}


def batch(*blobs: bytes) -> Batch:
    fids = np.arange(1, len(blobs) + 1)
    lengths = np.array([len(blob) for blob in blobs], np.int64)
    return Batch(fids, lengths, b"".join(blobs), (fids % 5).astype(np.uint8))


def blob(shape: shapely.Geometry) -> bytes:
    encoded = blob_of(shape, 4545)
    assert encoded is not None
    return encoded


def bare(wkb: bytes) -> bytes:
    return struct.pack("<2sBBi", b"GP", 0, 1, 4545) + wkb


@pytest.mark.parametrize("dimension", [0, 1, 2])
def test_all_kinds_of_a_dimension_come_back_as_they_were(dimension: Dimension) -> None:
    shapes, skipped = shapes_of(batch(*map(blob, ALIKE[dimension])), dimension)
    assert skipped == {}
    for row, fid in enumerate(shapes.fids.tolist()):
        assert shapes.classes[row] == fid % 5
        original = shapely.force_2d(ALIKE[dimension][fid - 1])
        assert shapely.equals(shapes.geometry(row), original)
        assert sorted(map(tuple, np.concatenate(list(shapes.parts(row))).tolist())) == sorted(
            map(tuple, shapely.get_coordinates(original).tolist())
        )
    assert sorted(shapes.fids.tolist()) == list(range(1, len(ALIKE[dimension]) + 1))


def test_coordinates_are_exact_to_the_last_bit() -> None:
    random = np.random.default_rng(1).uniform(-1e7, 1e7, (500, 2))
    shapes, _skipped = shapes_of(batch(*(blob(point) for point in shapely.points(random))), 0)
    assert np.array_equal(shapes.coords, random)


def test_big_endian_blobs_are_read_too() -> None:
    wkb = shapely.to_wkb(shapely.LineString([(1, 2), (3, 4)]), byte_order=0)
    shapes, skipped = shapes_of(batch(bare(wkb)), 1)
    assert skipped == {}
    assert shapes.coords.tolist() == [[1, 2], [3, 4]]


POINT = struct.Struct("<BI2d")
LINE_HEAD = struct.Struct("<BII")
BAD: list[tuple[str, Dimension, bytes]] = [
    ("empty", 0, blob(shapely.Point())),
    ("empty", 1, blob(shapely.LineString())),
    ("empty", 2, blob(shapely.Polygon())),
    ("astray", 0, bare(POINT.pack(1, 1, 1e308, 0.0))),
    ("astray", 0, bare(POINT.pack(1, 1, math.inf, 0.0))),
    ("astray", 0, bare(POINT.pack(1, 1, 0.0, math.nan))),
    ("astray", 1, bare(LINE_HEAD.pack(1, 2, 2) + struct.pack("<4d", 0, 0, 1, math.nan))),
    ("empty", 0, b""),
    ("unreadable", 0, b"GP"),
    ("unreadable", 0, b"no geometry at all, but long enough to hold one"),
    ("unreadable", 1, bare(LINE_HEAD.pack(1, 2, 2**31)) + b"\0" * 32),
    ("unreadable", 1, blob(shapely.LineString([(0, 0), (1, 1), (2, 2)]))[:-5]),
    ("unlike", 1, blob(shapely.Point(1, 1))),
    ("unlike", 2, blob(shapely.LineString([(0, 0), (1, 1)]))),
    ("unlike", 0, blob(shapely.GeometryCollection([shapely.box(0, 0, 1, 1)]))),
]


@pytest.mark.parametrize(
    ("why", "dimension", "bad"), BAD, ids=[f"{b[0]}-{i}" for i, b in enumerate(BAD)]
)
def test_what_cannot_be_drawn_is_left_out_and_named(
    why: str, dimension: Dimension, bad: bytes
) -> None:
    good = blob(ALIKE[dimension][0])
    shapes, skipped = shapes_of(batch(good, bad, good), dimension)
    assert shapes.fids.tolist() == [1, 3]
    assert {reason: fids.tolist() for reason, fids in skipped.items()} == {why: [2]}


def test_of_a_mixed_collection_the_layers_own_kind_is_drawn() -> None:
    line = shapely.LineString([(0, 0), (1, 1)])
    mixed = shapely.GeometryCollection(
        [shapely.Point(5, 5), line, shapely.GeometryCollection([shapely.MultiLineString([line])])]
    )
    shapes, skipped = shapes_of(batch(blob(mixed)), 1)
    assert skipped == {}
    assert len(list(shapes.parts(0))) == 2


def test_a_polygon_of_very_many_vertices_is_read() -> None:
    turn = np.linspace(0, 2 * math.pi, 200_000)
    ring = shapely.Polygon(np.stack([np.cos(turn), np.sin(turn)], axis=1))
    shapes, skipped = shapes_of(batch(blob(ring)), 2)
    assert skipped == {}
    assert len(shapes.coords) == len(shapely.get_coordinates(ring))


def test_no_rows_are_no_shapes() -> None:
    shapes, skipped = shapes_of(batch(), 2)
    assert (len(shapes), skipped) == (0, {})
