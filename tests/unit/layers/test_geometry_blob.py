from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.layers import geometry_blob
from tests.blobs import blob_of

SHAPES = [
    shapely.Point(1, 2),
    shapely.Point(1, 2, 3),
    shapely.LineString([(0, 0, 1), (5, 5, 2)]),
    shapely.Polygon([(0, 0), (4, 0), (4, 4)], [[(1, 0.5), (2, 0.5), (2, 1)]]),
    shapely.MultiPolygon([shapely.box(0, 0, 1, 1)]),
    shapely.LineString(),
    None,
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_geometry_comes_back_as_it_was(shape: object) -> None:
    blob = blob_of(shape, 4545)
    again = geometry_blob.decode_one(blob)
    assert again is None if shape is None else shapely.to_wkb(again) == shapely.to_wkb(shape)


def test_the_box_is_read_without_reading_the_shape() -> None:
    blob = blob_of(shapely.LineString([(3, 9), (1, 20)]), 4545)
    assert geometry_blob.bounds(blob) == (1, 9, 3, 20)
    assert geometry_blob.bounds(blob_of(shapely.Point(5, 6, 7), 1)) == (5, 6, 5, 6)
    assert geometry_blob.bounds(blob_of(shapely.LineString(), 1)) is None


@pytest.mark.parametrize("blob", [b"", b"nonsense nonsense", b"GP\x00\x01\x00\x00\x00\x00\x01\x05"])
def test_what_is_no_geometry_is_refused(blob: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        geometry_blob.decode([blob])


def test_an_envelope_of_another_writer_is_skipped() -> None:
    wkb = shapely.to_wkb(shapely.Point(1, 2))
    header = b"GP\x00\x05" + (4545).to_bytes(4, "little")
    assert geometry_blob.decode_one(header + np.zeros(6).tobytes() + wkb).x == 1
