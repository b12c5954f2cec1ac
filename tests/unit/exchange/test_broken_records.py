"""One broken record, a missing index or a cut table does not cost the rest of a file."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.exchange.foreign import ForeignLayer, is_null
from hjgis.exchange.importing import plan_import
from hjgis.exchange.sources import read_layer, summaries
from hjgis.layers.project import Project

COUNT = 5
RECORD_BYTES = 8 + 44 + 4 + 4 * 16


@pytest.fixture
def areas(tmp_path: Path) -> Path:
    """Five triangles with their numbers, as fiona writes them."""
    import fiona

    path = tmp_path / "areas.shp"
    schema = {"geometry": "Polygon", "properties": {"n": "int:4"}}
    with fiona.open(path, "w", "ESRI Shapefile", schema, crs="EPSG:4545") as file:
        for n in range(COUNT):
            x, y = 428_000 + 10 * n, 4_528_000
            ring = [(x, y), (x + 5, y), (x + 5, y + 5), (x, y)]
            file.write(
                {
                    "type": "Feature",
                    "geometry": {"type": "Polygon", "coordinates": [ring]},
                    "properties": {"n": n},
                }
            )
    assert path.stat().st_size == 100 + COUNT * RECORD_BYTES
    return path


def patch(path: Path, place: int, new: bytes) -> None:
    data = bytearray(path.read_bytes())
    data[place : place + len(new)] = new
    path.write_bytes(data)


def content(record: int) -> int:
    return 100 + record * RECORD_BYTES + 8


def known(layer: ForeignLayer) -> list[bool]:
    return [shape is not None for shape in layer.geometry]


def numbers(layer: ForeignLayer) -> list[object]:
    return [None if is_null(value) else int(value) for value in layer.columns["n"].tolist()]


@pytest.mark.parametrize(
    ("place", "new", "why"),
    [
        (0, struct.pack("<i", 99), "its type 99 does not exist"),
        (36, struct.pack("<i", 2**30), "it claims more points"),
        (40, struct.pack("<i", 2**28), "it claims more points"),
        (40, struct.pack("<i", -1), "it claims more points"),
        (44, struct.pack("<i", 77), "its bytes are no shape"),
        (40, struct.pack("<i", 1), "a ring or line has too few points"),
    ],
    ids=["type", "parts", "points", "negative", "offset", "degenerate"],
)
def test_one_broken_record_is_told_and_the_others_are_read(
    areas: Path, project: Project, place: int, new: bytes, why: str
) -> None:
    patch(areas, content(2) + place, new)
    layer = read_layer(areas)
    assert known(layer) == [True, True, False, True, True]
    assert layer.unreadable.tolist() == [False, False, True, False, False]
    assert numbers(layer) == [0, 1, 2, 3, 4]
    assert any("row 3" in words and why in words for words in layer.warnings), layer.warnings
    report = plan_import(project, areas, as_reference="theirs").report
    assert (report.read, report.imported, report.rejected) == (5, 4, 1)
    assert any(problem.row == 3 for problem in report.problems)


@pytest.mark.parametrize("cut", [1, 60, RECORD_BYTES, 2 * RECORD_BYTES + 30])
def test_of_a_file_cut_short_what_is_there_is_read(areas: Path, cut: int) -> None:
    areas.write_bytes(areas.read_bytes()[:-cut])
    layer = read_layer(areas)
    lost = -(-cut // RECORD_BYTES)
    assert known(layer) == [True] * (COUNT - lost) + [False] * lost
    assert numbers(layer) == [0, 1, 2, 3, 4]
    said = " ".join(layer.warnings)
    assert f"cut off: {lost} shape" in said
    assert "the file ends before it" in said


@pytest.mark.parametrize(
    "damage",
    [
        lambda index: index[:100],
        lambda index: index[: 100 + 8 * 3],
        lambda index: index[: 100 + 8 * 3 + 5],
        lambda index: index[:24] + struct.pack(">i", (100 + 8 * 3) // 2) + index[28 : 100 + 8 * 3],
        lambda index: index[:116] + struct.pack(">ii", 2**29, 40) + index[124:],
        lambda index: index[:116] + struct.pack(">ii", 51, 40) + index[124:],
        lambda index: bytes(len(index)),
        lambda index: b"",
    ],
    ids=["none", "cut", "odd", "fewer", "beyond", "between", "zero", "empty"],
)
def test_an_index_that_does_not_fit_is_left_aside(
    areas: Path, damage: Callable[[bytes], bytes]
) -> None:
    index = areas.with_suffix(".shx")
    index.write_bytes(damage(index.read_bytes()))
    before = index.read_bytes()
    layer = read_layer(areas)
    assert known(layer) == [True] * COUNT
    assert numbers(layer) == [0, 1, 2, 3, 4]
    assert any("index (.shx) does not fit" in words for words in layer.warnings)
    assert index.read_bytes() == before


def rewrite_table(areas: Path, rows: int) -> None:
    table = areas.with_suffix(".dbf")
    data = table.read_bytes()
    first, width = struct.unpack_from("<HH", data, 8)
    whole = b"".join(b" %4d" % n for n in range(COUNT))
    assert width == 5
    body = (whole * 2)[: width * rows]
    table.write_bytes(data[:4] + struct.pack("<I", rows) + data[8:first] + body + b"\x1a")


def test_shapes_without_rows_and_rows_without_shapes_are_counted(areas: Path) -> None:
    rewrite_table(areas, 3)
    fewer = read_layer(areas)
    assert numbers(fewer) == [0, 1, 2, None, None]
    assert known(fewer) == [True] * 5
    assert "The table has 3 rows for 5 shapes: the last 2 have no values." in fewer.warnings
    rewrite_table(areas, 6)
    more = read_layer(areas)
    assert numbers(more) == [0, 1, 2, 3, 4, 0]
    assert known(more) == [True] * 5 + [False]
    assert not more.unreadable.any()
    assert "The table has 6 rows for 5 shapes: the last one has no shape." in more.warnings


def test_a_table_that_is_cut_off_keeps_its_whole_rows(areas: Path) -> None:
    table = areas.with_suffix(".dbf")
    table.write_bytes(table.read_bytes()[:-7])
    layer = read_layer(areas)
    assert numbers(layer) == [0, 1, 2, None, None]
    assert known(layer) == [True] * 5
    assert any("cut off: 2 rows" in words for words in layer.warnings)


def test_shapes_are_read_where_the_table_is_none(areas: Path) -> None:
    areas.with_suffix(".dbf").write_bytes(b"\x03\x01")
    layer = read_layer(areas)
    assert known(layer) == [True] * 5
    assert any("Only the shapes are read" in words for words in layer.warnings)


def test_a_table_without_shapes_that_is_cut_off_keeps_its_whole_rows(areas: Path) -> None:
    for suffix in (".shp", ".shx", ".prj"):
        areas.with_suffix(suffix).unlink()
    table = areas.with_suffix(".dbf")
    table.write_bytes(table.read_bytes()[:-7])
    layer = read_layer(table)
    assert numbers(layer) == [0, 1, 2]
    assert any("cut off: 2 rows" in words for words in layer.warnings)


@pytest.mark.parametrize(
    "prj",
    [b'PROJCS["x",GEOGCS["y"', b"\x00\xff" * 50, b"see the letter"],
    ids=["cut", "bytes", "words"],
)
def test_a_damaged_prj_costs_the_system_and_not_the_shapes(areas: Path, prj: bytes) -> None:
    areas.with_suffix(".prj").write_bytes(prj)
    layer = read_layer(areas)
    assert known(layer) == [True] * 5
    assert layer.crs is None
    assert any(".prj cannot be understood" in words for words in layer.warnings)


def test_a_slip_of_the_pen_in_a_drawing_makes_no_endless_arc(tmp_path: Path) -> None:
    import ezdxf

    document = ezdxf.new()
    space = document.modelspace()
    space.add_lwpolyline([(0, 0, 0, 0, 0.5), (4e20, 3, 0, 0, 0.5), (3, 3, 0, 0, 0)])
    space.add_arc((428_000, 4_528_000), 500, 0, 90)
    document.saveas(tmp_path / "slip.dxf")
    layer = read_layer(tmp_path / "slip.dxf")
    assert len(layer) == 2
    corners = shapely.points(layer.geometry[1].coords)
    away = shapely.distance(corners, shapely.Point(428_000, 4_528_000))
    assert len(corners) > 20
    assert np.abs(away - 500).max() < 0.01


def test_deleted_rows_stay_deleted_in_a_file_without_index(areas: Path) -> None:
    table = areas.with_suffix(".dbf")
    first, width = struct.unpack_from("<HH", table.read_bytes(), 8)
    patch(table, first + width, b"*")
    areas.with_suffix(".shx").unlink()
    patch(areas, content(3), struct.pack("<i", 99))
    layer = read_layer(areas)
    assert numbers(layer) == [0, 2, 3, 4]
    assert layer.unreadable.tolist() == [False, False, True, False]
    assert any("row 3: its type 99" in words for words in layer.warnings)


# -- GeoPackages -------------------------------------------------------------------------

ARC = struct.pack("<BII6d", 1, 8, 3, 0, 0, 1, 1, 2, 0)
CLOSED = struct.pack("<BII", 1, 9, 2) + ARC + struct.pack("<BII4d", 1, 2, 2, 2, 0, 0, 0)
AREA = struct.pack("<BII", 1, 10, 1) + CLOSED
SHAPES = {
    "CIRCULARSTRING": (ARC, "LineString"),
    "COMPOUNDCURVE": (CLOSED, "LineString"),
    "CURVEPOLYGON": (AREA, "Polygon"),
    "MULTICURVE": (struct.pack("<BII", 1, 11, 1) + CLOSED, "MultiLineString"),
    "MULTISURFACE": (struct.pack("<BII", 1, 12, 1) + AREA, "MultiPolygon"),
}


def geopackage(path: Path, declared: str, wkbs: list[bytes], *, z: int = 0) -> Path:
    from pyogrio import raw

    raw.write(
        path, shapely.to_wkb([shapely.Point(1, 2)]), [np.array(["x"], object)], ["a"],
        geometry_type="Unknown", crs="EPSG:4545", driver="GPKG", layer="t",
    )  # fmt: skip
    database = sqlite3.connect(path)
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        database.execute(f'DROP TRIGGER "{name}"')
    database.execute("DELETE FROM t")
    head = b"GP\0\x01" + struct.pack("<i", 4545)
    database.executemany("INSERT INTO t (geom, a) VALUES (?, 'v')", [(head + w,) for w in wkbs])
    database.execute(
        "UPDATE gpkg_geometry_columns SET geometry_type_name = ?, z = ?", (declared, z)
    )
    database.commit()
    database.close()
    return path


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("declares", [True, False])
def test_arcs_are_read_as_chords_and_that_is_told(
    tmp_path: Path, kind: str, declares: bool
) -> None:
    wkb, read_as = SHAPES[kind]
    point = struct.pack("<BI2d", 1, 1, 5, 5)
    wkbs = [wkb] if declares else [wkb, point]
    layer = read_layer(geopackage(tmp_path / "a.gpkg", kind if declares else "GEOMETRY", wkbs))
    assert layer.geometry[0].geom_type == read_as
    assert shapely.get_num_coordinates(layer.geometry[0]) > 20
    assert layer.geometry[0].distance(shapely.Point(1, 1)) < 0.01
    assert "1 shape has arcs; they are read as chords." in layer.warnings


def test_what_has_no_arcs_says_nothing_of_them(tmp_path: Path) -> None:
    point = struct.pack("<BI2d", 1, 1, 5, 5)
    assert not read_layer(geopackage(tmp_path / "a.gpkg", "GEOMETRY", [point, point])).warnings


@pytest.mark.parametrize("declared", ["GEOMETRY", "TIN", "POLYHEDRALSURFACE", "TRIANGLE"])
def test_a_layer_of_a_type_that_the_library_does_not_know_is_read_all_the_same(
    tmp_path: Path, declared: str
) -> None:
    spots = [shapely.to_wkb(shapely.Point(1, 2, 3)), shapely.to_wkb(shapely.Point(4, 5))]
    corners = struct.pack("<BIII8d", 1, 17, 1, 4, 0, 0, 1, 0, 1, 1, 0, 0)
    wkbs = [*spots, corners, b"\x01", ARC]
    layer = read_layer(geopackage(tmp_path / "a.gpkg", declared, wkbs, z=1))
    assert [shape and shape.wkt for shape in layer.geometry] == [
        "POINT Z (1 2 3)", "POINT (4 5)", None, None, None,
    ]  # fmt: skip
    assert layer.unreadable.tolist() == [False, False, True, True, True]
    assert any("row 5: it has arcs" in words for words in layer.warnings)
    assert layer.columns["a"].tolist() == ["v"] * 5
    assert layer.crs is not None
    assert layer.crs.text == "EPSG:4545"


def test_rows_that_the_count_beside_the_table_forgets_are_read(tmp_path: Path) -> None:
    point = struct.pack("<BI2d", 1, 1, 5, 5)
    path = geopackage(tmp_path / "a.gpkg", "GEOMETRY", [point] * 3)
    database = sqlite3.connect(path)
    assert database.execute("SELECT feature_count FROM gpkg_ogr_contents").fetchone() == (1,)
    database.close()
    assert len(read_layer(path)) == 3


def test_broken_blobs_of_a_geopackage_cost_only_themselves(tmp_path: Path) -> None:
    point = struct.pack("<BI2d", 1, 1, 5, 5)
    broken = [b"\x01\x63\0\0\0", b"\x01\x02\0\0\0\xff\xff\xff\x7f", point[:9]]
    layer = read_layer(geopackage(tmp_path / "a.gpkg", "GEOMETRY", [point, *broken, point]))
    assert known(layer) == [True, False, False, False, True]


def test_the_layer_of_unknown_type_with_heights_of_the_real_file_is_read(real_data: Path) -> None:
    path = real_data / "nasty/gpkg/gdal_sample_view.gpkg"
    assert (
        len(read_layer(path, layer="geometry3d"))
        == {s.name: s.count for s in summaries(path)}["geometry3d"]
    )


def test_shapes_alone_that_are_cut_between_two_of_them_say_so(areas: Path) -> None:
    for suffix in (".shx", ".dbf"):
        areas.with_suffix(suffix).unlink()
    whole = read_layer(areas)
    assert [said for said in whole.warnings if ".dbf" not in said] == []
    data = areas.read_bytes()
    first = 8 + 2 * int.from_bytes(data[104:108], "big")
    areas.write_bytes(data[: 100 + first])
    cut = read_layer(areas)
    assert len(cut) == 1
    assert any("cut off" in warning for warning in cut.warnings), cut.warnings
