from __future__ import annotations

import resource
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyogrio import raw

from hjgis.errors import InputError, StoreConflict
from hjgis.exchange import exporting
from hjgis.exchange.outgoing import Encoding, Format, Selection, Substitute, Writing
from hjgis.exchange.report import LayerExport
from hjgis.exchange.shapefiles import dbf_records, shapefile
from hjgis.exchange.shapefiles.column_names import column_names
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field
from hjgis.models.catalogue_files import catalogue
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.crs import parse_crs
from tests.blobs import blob_of
from tests.dbf_reader import Shape, read_dbf, read_shp, value_of

EAST, NORTH = 428_000.125, 4_528_000.5


def layer(
    project: Project,
    shapes: Sequence[Any] | int,
    columns: dict[str, Sequence[Any]],
    *,
    types: dict[str, str] | None = None,
    shorts: dict[str, str] | None = None,
    geometry: str = "Point",
    name: str = "things",
) -> Selection:
    """Make a layer of one's own and choose all of it; a number of shapes means that many points."""
    fields = tuple(
        Field(key, (types or {}).get(key, "text"), {"en": key}, (shorts or {}).get(key, key), "x")
        for key in columns
    )
    asset = AssetType(name, "reference", geometry, {"en": name}, fields, z="optional")
    project.session.apply(ChangeSet("import", new_layer=asset))
    if isinstance(shapes, int):
        shapes = shapely.points(EAST + np.arange(shapes), NORTH)
    places = np.empty(len(shapes), dtype=object)
    places[:] = shapes
    bulk = BulkInsert(name, places, columns)
    project.session.apply(ChangeSet("import", bulk=(bulk,)))
    return Selection({name: np.arange(1, len(shapes) + 1)})


def written(
    project: Project,
    chosen: Selection,
    out: Path,
    *,
    encoding: Encoding = "gbk",
    substitute: Substitute = "mark",
    crs: str = "EPSG:4545",
) -> LayerExport:
    writing = Writing("shp", parse_crs(crs), encoding, substitute=substitute)
    foreseen = exporting.foresee(project, chosen, writing)
    assert not out.exists()
    report = exporting.write(project, out, chosen, writing)
    assert list(report.layers) == foreseen
    return report.layers[0]


def raw_values(path: Path, column: str) -> list[bytes]:
    table = read_dbf(path)
    at = [field.name.decode() for field in table.fields].index(column)
    return [row[at] for row in table.rows]


def said(layer: LayerExport) -> list[tuple[str, str]]:
    return [(loss.field, loss.kind) for loss in layer.losses]


def poke(project: Project, sql: str, *values: object) -> None:
    """Store what no edit of ours would, as another program might."""
    with closing(sqlite3.connect(project.path)) as other:
        # Tables that follow places need functions that plain SQLite has not.
        for name in ("ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            other.create_function(name, 1, lambda _blob: 0.0)
        other.create_function("ST_IsEmpty", 1, lambda _blob: 0)
        with other:
            other.execute(sql, values)


# -- the list of losses is what the bytes say ---------------------------------------------

MANY = 100_000
TYPES = {"depth": "number", "size": "integer", "made": "date", "seen": "datetime", "ok": "boolean"}


def awkward(count: int) -> dict[str, list[Any]]:
    number = np.arange(count)
    notes = [None, "", "正常", "面积30m²", "业主𠮷姓", "井" * 126 + "a" + "盖", "井" * 128, "尾 "]
    depths = np.round(number % 977 / 7, 3).tolist()
    depths[5], depths[6], depths[7] = None, 1.2345678901234567e-9, 1e300
    return {
        "code": [f"WS{at:07d}" for at in range(count)],
        "note": [notes[at % 8] if at % 5 == 0 else "路面" for at in range(count)],
        "depth": depths,
        "size": [None if at % 9 == 0 else at * 1_000_003 for at in range(count)],
        "made": [
            None if at % 7 == 0 else f"20{at % 30:02d}-0{1 + at % 9}-15" for at in range(count)
        ],
        "seen": [f"2020-06-15T15:{at % 60:02d}:00" if at % 3 else None for at in range(count)],
        "ok": [(None, True, False)[at % 3] for at in range(count)],
    }


def difference(stored: object, found: object, kind: str) -> bool:
    """Whether a value reads back as another one."""
    if kind == "datetime" and isinstance(stored, str):
        stored = stored.replace("T", " ")
    if kind == "boolean" and isinstance(stored, int):
        stored = int(stored)
    return not (stored is found or (stored == found and stored is not None))


def test_the_losses_told_before_writing_are_those_found_in_the_bytes_of_a_hundred_thousand_rows(
    project: Project, tmp_path: Path
) -> None:
    chosen = layer(project, MANY, awkward(MANY), types=TYPES)
    out = tmp_path / "out"
    told = written(project, chosen, out, crs="EPSG:4490")
    table, source = read_dbf(out / "things.dbf"), project.table("things", geometry=False)
    assert len(table.rows) == MANY
    different = set()
    for at, field in enumerate(table.fields[1:], 1):
        name = field.name.decode("ascii")
        for row, (uuid, stored) in enumerate(
            zip(source.uuids.tolist(), source.columns[name].tolist(), strict=True)
        ):
            found = value_of(field, table.rows[row][at], "gbk")
            if difference(stored, found, TYPES.get(name, "text")):
                different.add((name, uuid))
    assert [row[0].decode() for row in table.rows] == source.uuids.tolist()
    assert {(loss.field, loss.uuid) for loss in told.losses} == different
    assert {loss.kind for loss in told.losses} == {"empty", "unencodable", "truncated", "type"}
    assert {loss.field for loss in told.losses} == {"note", "depth"}
    assert MANY // 20 < len(different) < MANY // 5


def test_another_reader_finds_the_same(project: Project, tmp_path: Path) -> None:
    chosen = layer(project, 1000, awkward(1000), types=TYPES)
    told = written(project, chosen, tmp_path / "out")
    lost = {(loss.field, loss.uuid) for loss in told.losses}
    meta, _fids, wkbs, data = raw.read(tmp_path / "out/things.shp", datetime_as_string=True)
    source = project.table("things")
    assert source.geometry is not None
    assert shapely.equals_identical(shapely.from_wkb(wkbs), source.geometry).all()
    found = dict(zip(meta["fields"], data, strict=True))
    for name, values in source.columns.items():
        for uuid, stored, read in zip(source.uuids, values, found[name].tolist(), strict=True):
            if (name, uuid) in lost:
                continue
            missing = read is None or read != read
            if name == "made" and not missing:
                read = read[:10].replace("/", "-")
            assert (stored is None and missing) or not difference(
                stored, read, TYPES.get(name, "text")
            ), (name, stored, read)


# -- names ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_out_of_the_catalogue_are_whole_characters_of_ten_bytes_and_no_two_the_same(
    project: Project, tmp_path: Path, encoding: Encoding
) -> None:
    labels = [f.label["zh_CN"] for kind in catalogue().types.values() for f in kind.fields]
    wanted = list(dict.fromkeys(labels))[:200]
    assert len(wanted) == 200
    columns = {f"f{at}": ["井"] for at in range(200)}
    shorts = {f"f{at}": name for at, name in enumerate(wanted)}
    chosen = layer(project, 1, columns, shorts=shorts)
    told = written(project, chosen, tmp_path / "out", encoding=encoding)
    table = read_dbf(tmp_path / "out/things.dbf")
    names = [field.name.decode(encoding) for field in table.fields]
    assert all(0 < len(field.name) <= 10 for field in table.fields)
    assert len({name.casefold() for name in names}) == len(names) == 201
    assert names == [told.names["uuid"], *(told.names[key] for key in columns)]
    changed = {key for key, short in shorts.items() if told.names[key] != short}
    assert {loss.field for loss in told.losses} == changed
    assert all((loss.uuid, loss.kind) == ("", "truncated") for loss in told.losses)
    page, byte = {"gbk": ("936", 0x4D), "utf-8": ("UTF-8", 0)}[encoding]
    assert (tmp_path / "out/things.cpg").read_text() == page
    assert table.language == byte
    assert raw.read(tmp_path / "out/things.shp")[0]["fields"].tolist() == names


def test_names_that_are_none_or_taken_get_one_of_their_own() -> None:
    wanted = [
        "UUID",
        "uuid",
        "设施养护责任单位名称",
        "设施养护责任单位电话",
        "",
        "𠮷",
        "a" * 20,
        "A" * 20,
    ]
    names = [name.decode("gbk") for name in column_names(wanted, "gbk")]
    assert names == [
        "UUID", "uuid_2", "设施养护责", "设施养护_2", "_", "__2", "a" * 10, "A" * 8 + "_2",
    ]  # fmt: skip


def test_more_columns_than_there_can_be_are_refused_with_what_to_leave_out(
    project: Project, tmp_path: Path
) -> None:
    columns: dict[str, list[Any]] = {f"f{at}": ["x"] for at in range(256)}
    columns["f7"] = [None]
    chosen = layer(project, 1, columns)
    with pytest.raises(InputError, match=r"257 columns.*255.*2 fields.*f7, f255"):
        written(project, chosen, tmp_path / "out")
    fewer = Selection(
        chosen.rows, {"things": [name for name in columns if name not in ("f7", "f255")]}
    )
    written(project, fewer, tmp_path / "again")
    assert len(read_dbf(tmp_path / "again/things.dbf").fields) == 255


# -- values --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "marked", "nearest", "signs"),
    [
        ("𠮷祥路12号", "〓祥路12号", "吉祥路12号", "𠮷"),
        ("面积30m²", "面积30m〓", "面积30m2", "²"),
        ("½杯", "〓杯", "1/2杯", "½"),
        ("café", "café", "café", ""),
        ("plaça", "pla〓a", "placa", "ç"),
        ("路\u200b灯", "路〓灯", "路灯", "U+200B"),
        ("井😀", "井〓", "井〓", "😀"),
        ("a\0b", "a〓b", "ab", "U+0000"),
    ],
)
def test_signs_that_gbk_lacks_are_told_of_before_writing_with_what_became_of_them(
    project: Project, tmp_path: Path, text: str, marked: str, nearest: str, signs: str
) -> None:
    chosen = layer(project, 2, {"note": ["x", "x"]})
    poke(project, "UPDATE things SET note = ? WHERE fid = 2", text)
    uuid = project.table("things").uuids[1]
    made: tuple[tuple[Substitute, str], ...] = (("mark", marked), ("transliterate", nearest))
    for substitute, wanted in made:
        out = tmp_path / substitute
        told = written(project, chosen, out, substitute=substitute)
        assert raw_values(out / "things.dbf", "note")[1].decode("gbk").rstrip() == wanted
        if not signs:
            assert told.losses == ()
            continue
        (loss,) = told.losses
        assert (loss.field, loss.uuid, loss.kind) == ("note", uuid, "unencodable")
        assert signs in loss.message
        assert "〓" in loss.message or substitute == "transliterate"


def test_nothing_is_lost_of_them_in_utf8(project: Project, tmp_path: Path) -> None:
    texts = ["𠮷祥路12号", "30m²", "井😀", "井" * 84]
    told = written(project, layer(project, 4, {"note": texts}), tmp_path / "o", encoding="utf-8")
    assert told.losses == ()
    found = [v.decode().rstrip() for v in raw_values(tmp_path / "o/things.dbf", "note")]
    assert found == texts


def test_who_fills_a_table_in_has_room_where_nothing_stands_yet(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = {"owner": [None, None, None], "note": ["井" * 60, "", None]}
    chosen = layer(project, 3, columns)

    def widths(out: Path) -> dict[str, int]:
        written(project, chosen, out)
        return {f.name.decode(): f.width for f in read_dbf(out / "things.dbf").fields}

    assert widths(tmp_path / "small") == {"UUID": 36, "owner": 80, "note": 120}
    # Large tables are not blown up.
    monkeypatch.setattr(dbf_records, "ROOM_BYTES", 3 * 30)
    assert widths(tmp_path / "large") == {"UUID": 36, "owner": 31, "note": 120}


def test_whole_numbers_are_exact_to_the_last_digit(project: Project, tmp_path: Path) -> None:
    most, least = 2**63 - 1, -(2**63)
    columns = {
        "some": [9007199254740993, -1, 5],
        "wide": [999_999_999_999_999_999, 0, -5],
        "text": [most, least, 7],
    }
    chosen = layer(project, 3, columns, types=dict.fromkeys(columns, "integer"))
    told = written(project, chosen, tmp_path / "out")
    assert told.losses == ()
    fields = {
        f.name.decode(): (f.kind, f.width) for f in read_dbf(tmp_path / "out/things.dbf").fields
    }
    assert fields == {"UUID": ("C", 36), "some": ("N", 16), "wide": ("N", 18), "text": ("C", 20)}
    meta, _fids, _shapes, data = raw.read(tmp_path / "out/things.shp")
    found = dict(zip(meta["fields"], (values.tolist() for values in data), strict=True))
    assert found["some"] == [9007199254740993, -1, 5]
    assert found["wide"] == [999_999_999_999_999_999, 0, -5]
    assert found["text"] == [str(most), str(least), "7"]


def test_numbers_come_back_or_are_told_of(project: Project, tmp_path: Path) -> None:
    values = [0.1, -1234.5678, 1e-9, 123456.789012345, 0.0, None, 3.0, 5e15, -9.5]
    chosen = layer(project, len(values), {"n": values}, types={"n": "number"})
    told = written(project, chosen, tmp_path / "out")
    (field,) = read_dbf(tmp_path / "out/things.dbf").fields[1:]
    found = [value_of(field, v, "gbk") for v in raw_values(tmp_path / "out/things.dbf", "n")]
    uuids = project.table("things").uuids
    wrong = {u for u, a, b in zip(uuids, values, found, strict=True) if a != b}
    assert {loss.uuid for loss in told.losses} == wrong == {uuids[1], uuids[2], uuids[3]}
    assert [loss.message for loss in told.losses][1] == "1e-09 is written as 0.0"


def test_what_floating_point_adds_is_no_loss(project: Project, tmp_path: Path) -> None:
    values = [705.1332687735323, 43.891200000000005, 4_958_476.5]
    chosen = layer(project, len(values), {"n": values}, types={"n": "number"})
    assert written(project, chosen, tmp_path / "out").losses == ()


@pytest.mark.parametrize("value", [1e16, -1e16, 1e300, float("inf"), float("-inf")])
def test_a_number_that_is_too_long_is_left_blank_and_told_of(
    project: Project, tmp_path: Path, value: float
) -> None:
    chosen = layer(project, 2, {"n": [1.25, 1.0]}, types={"n": "number"})
    poke(project, "UPDATE things SET n = ? WHERE fid = 2", value)
    told = written(project, chosen, tmp_path / "out")
    assert said(told) == [("n", "type")]
    assert repr(value) in told.losses[0].message
    assert [v.strip() for v in raw_values(tmp_path / "out/things.dbf", "n")] == [b"1.25", b""]


def test_what_other_programs_stored_against_the_rules_is_told_of_and_never_breaks_a_column(
    project: Project, tmp_path: Path
) -> None:
    columns: dict[str, list[Any]] = {
        "whole": [1, 2], "number": [1.5, 2.5], "ok": [True, False],
        "day": ["2020-01-31", "2020-02-01"], "text": ["a", "b"],
    }  # fmt: skip
    types = {"whole": "integer", "number": "number", "ok": "boolean", "day": "date"}
    chosen = layer(project, 2, columns, types=types)
    strange = {"whole": 2.5, "number": "viel", "ok": 3, "day": "2020-02-30", "text": b"\xff\xfe"}
    for name, value in strange.items():
        poke(project, f"UPDATE things SET {name} = ? WHERE fid = 2", value)
    told = written(project, chosen, tmp_path / "out")
    assert sorted({field for field, _kind in said(told)}) == sorted(columns)
    for name, wanted in {"whole": b"1", "number": b"1.5", "ok": b"1", "day": b"20200131"}.items():
        found = [v.strip() for v in raw_values(tmp_path / "out/things.dbf", name)]
        assert found == [wanted, b""], name
    assert raw_values(tmp_path / "out/things.dbf", "text")[1].decode("gbk").strip() == "〓〓"


@pytest.mark.parametrize(
    ("stored", "found"),
    [("-", b""), (1e300, b""), (-7.0, b"-7"), ("--5", b""), (-(2**63), b"-9223372036854775808")],
)
def test_odd_whole_numbers_never_widen_a_column_beyond_what_it_can_be(
    project: Project, tmp_path: Path, stored: object, found: bytes
) -> None:
    chosen = layer(project, 2, {"n": [5, 5]}, types={"n": "integer"})
    poke(project, "UPDATE things SET n = ? WHERE fid = 2", stored)
    told = written(project, chosen, tmp_path / "out")
    assert [v.strip() for v in raw_values(tmp_path / "out/things.dbf", "n")] == [b"5", found]
    assert said(told) == ([] if found else [("n", "type")])


def test_a_text_that_holds_the_sign_between_texts_stays_in_its_row(
    project: Project, tmp_path: Path
) -> None:
    chosen = layer(project, 3, {"note": ["a", "b", "c"]})
    poke(project, "UPDATE things SET note = ? WHERE fid = 2", "x\x1fy")
    told = written(project, chosen, tmp_path / "out")
    assert {field for field, _kind in said(told)} == {"note"}
    found = [v.decode("gbk").rstrip() for v in raw_values(tmp_path / "out/things.dbf", "note")]
    assert found == ["a", "x〓y", "c"]


def test_a_date_time_keeps_its_time(project: Project, tmp_path: Path) -> None:
    seen = ["2020-06-15T15:25:00", None, "2020-06-15 15:25:01"]
    chosen = layer(project, 3, {"seen": seen}, types={"seen": "datetime"})
    assert written(project, chosen, tmp_path / "out").losses == ()
    assert raw_values(tmp_path / "out/things.dbf", "seen") == [
        b"2020-06-15 15:25:00", b" " * 19, b"2020-06-15 15:25:01",
    ]  # fmt: skip


# -- places --------------------------------------------------------------------------------

SQUARE = shapely.box(EAST, NORTH, EAST + 20, NORTH + 20)
HOLED = SQUARE.difference(shapely.box(EAST + 5, NORTH + 5, EAST + 9, NORTH + 9))
PLACES = {
    "Point": [shapely.Point(EAST, NORTH), shapely.Point(EAST + 1, NORTH)],
    "LineString": [shapely.LineString([(EAST, NORTH), (EAST + 9, NORTH + 1), (EAST, NORTH)])] * 2,
    "Polygon": [SQUARE, HOLED],
    "MultiPolygon": [
        shapely.MultiPolygon([SQUARE, shapely.box(EAST + 30, NORTH, EAST + 40, NORTH + 5)]),
        shapely.MultiPolygon([HOLED]),
    ],
    "MultiLineString": [
        shapely.MultiLineString(
            [[(EAST, NORTH), (EAST, NORTH + 1)], [(EAST + 3, NORTH), (EAST, 0)]]
        )
    ],
}


@pytest.mark.parametrize("z", [False, True])
@pytest.mark.parametrize("geometry", PLACES)
def test_shapes_are_the_bytes_that_gdal_would_write(
    project: Project, tmp_path: Path, geometry: str, z: bool
) -> None:
    shapes = np.array([*PLACES[geometry], None], dtype=object)
    if z:
        shapes = np.array([None if s is None else shapely.force_3d(s, 1034.25) for s in shapes])
    chosen = layer(project, shapes, {"n": ["x"] * len(shapes)}, geometry=geometry)
    told = written(project, chosen, tmp_path / "out")
    assert [(loss.field, loss.kind) for loss in told.losses] == [("geometry", "geometry")]
    theirs = tmp_path / "theirs.shp"
    kind = geometry.removeprefix("Multi") + (" Z" if z else "")
    wkb = shapely.to_wkb(shapes, flavor="iso", output_dimension=3)
    column = np.full(len(shapes), "x", dtype=object)
    raw.write(theirs, wkb, [column], ["n"], geometry_type=kind, crs="EPSG:4545")
    for suffix in (".shp", ".shx"):
        ours = (tmp_path / "out" / f"things{suffix}").read_bytes()
        assert ours == theirs.with_suffix(suffix).read_bytes(), suffix
    type_, _box, found = read_shp(tmp_path / "out/things.shp")
    assert type_ % 10 == {"Point": 1, "LineString": 3, "Polygon": 5}[geometry.removeprefix("Multi")]
    assert found[-1] is None


def test_heights_that_some_features_have_are_kept_and_the_others_told_of(
    project: Project, tmp_path: Path
) -> None:
    shapes = [shapely.Point(EAST, NORTH, 1034.5), shapely.Point(EAST, NORTH), None]
    told = written(project, layer(project, shapes, {"n": ["x"] * 3}), tmp_path / "out")
    uuids = project.table("things").uuids
    assert [(loss.uuid, loss.kind) for loss in told.losses] == [
        (uuids[2], "geometry"), (uuids[1], "geometry"),
    ]  # fmt: skip
    _kind, _box, found = read_shp(tmp_path / "out/things.shp")
    assert found == [Shape(11, [[(EAST, NORTH, 1034.5)]]), Shape(11, [[(EAST, NORTH, 0.0)]]), None]


def test_one_vertex_of_unknown_height_is_told_of(project: Project, tmp_path: Path) -> None:
    nan = float("nan")
    shapes = [
        shapely.LineString([(EAST, NORTH, 3.5), (EAST + 1, NORTH, nan), (EAST + 2, NORTH, 3.0)]),
        shapely.LineString([(EAST, NORTH, 3.5), (EAST + 1, NORTH, 3.4)]),
    ]
    chosen = layer(project, shapes, {"n": ["x"] * 2}, geometry="LineString")
    told = written(project, chosen, tmp_path / "out")
    uuids = project.table("things").uuids
    assert [(loss.uuid, loss.kind) for loss in told.losses] == [(uuids[0], "geometry")]
    assert "height 0" in told.losses[0].message
    _kind, _box, found = read_shp(tmp_path / "out/things.shp")
    assert found[0].parts[0][1] == (EAST + 1, NORTH, 0.0)


def test_a_shape_that_the_layer_cannot_have_is_told_of(project: Project, tmp_path: Path) -> None:
    chosen = layer(project, 6, {"n": ["x"] * 6})
    strange = [
        blob_of(shapely.LineString([(0, 0), (1, 1)]), 4545),
        blob_of(shapely.MultiPoint([(EAST, NORTH)]), 4545),
        blob_of(shapely.MultiPoint([(EAST, NORTH), (1, 1)]), 4545),
        b"no geometry at all, and longer than a point",
        blob_of(shapely.Point(), 4545),
    ]
    for fid, blob in enumerate(strange, 2):
        poke(project, "UPDATE things SET geom = ? WHERE fid = ?", blob, fid)
    told = written(project, chosen, tmp_path / "out", crs="EPSG:4490")
    uuids = project.table("things", geometry=False).uuids.tolist()
    rows = [uuids.index(loss.uuid) + 1 for loss in told.losses]
    assert rows == [2, 4, 5, 6]
    assert {loss.kind for loss in told.losses} == {"geometry"}
    _kind, _box, found = read_shp(tmp_path / "out/things.shp")
    assert [shape is None for shape in found] == [False, True, False, False, True, True]


def test_rows_with_gaps_between_them_are_the_rows_that_were_chosen(
    project: Project, tmp_path: Path
) -> None:
    layer(project, 50, {"n": [f"{at}" for at in range(50)]})
    some = Selection({"things": np.array([44, 3, 17, 18, 30])})
    assert written(project, some, tmp_path / "out").written == 5
    found = [v.strip() for v in raw_values(tmp_path / "out/things.dbf", "n")]
    assert found == [b"2", b"16", b"17", b"29", b"43"]
    xs = [shape.parts[0][0][0] for shape in read_shp(tmp_path / "out/things.shp")[2] if shape]
    assert xs == [EAST + at for at in (2, 16, 17, 29, 43)]


# -- files ---------------------------------------------------------------------------------


def test_what_is_more_than_a_file_holds_goes_into_several_and_says_so(
    project: Project, tmp_path: Path
) -> None:
    chosen = layer(project, 1000, {"n": ["井" * 20] * 1000})
    writing = Writing("shp", project.crs)
    going = chosen.outgoing(project, project.crs)
    (told,) = shapefile.write(going, tmp_path, writing, largest=20_000)
    names = sorted(path.stem for path in tmp_path.glob("*.shp"))
    count = len(names)
    assert names == sorted(f"things_{number}" for number in range(1, count + 1))
    assert all(path.stat().st_size <= 20_000 for path in tmp_path.glob("things*"))
    assert f"_1 to _{count}" in told.notes[0]
    uuids = []
    for number in range(1, count + 1):
        path = tmp_path / f"things_{number}.dbf"
        uuids += [row[0].decode() for row in read_dbf(path).rows]
        assert len(read_shp(path.with_suffix(".shp"))[2]) == len(read_dbf(path).rows)
    assert uuids == project.table("things").uuids.tolist()
    # Shapes may be what is long.
    line = shapely.LineString(np.column_stack([np.arange(1000.0), np.zeros(1000)]))
    long = layer(project, [line] * 4, {"n": ["x"] * 4}, geometry="LineString", name="lines")
    shapefile.write(long.outgoing(project, project.crs), tmp_path, writing, largest=20_000)
    assert sorted(path.name for path in tmp_path.glob("lines*.shp")) == [
        f"lines_{number}.shp" for number in (1, 2, 3, 4)
    ]
    with pytest.raises(InputError, match="lines: one record"):
        shapefile.write(long.outgoing(project, project.crs), tmp_path, writing, largest=5_000)


def test_a_full_disk_leaves_nothing_behind_and_is_told_in_words(
    project: Project, tmp_path: Path
) -> None:
    layer(project, 20_000, {"n": ["井" * 20] * 20_000})
    code = textwrap.dedent("""
        import resource, signal, sys
        from pathlib import Path
        from hjgis.errors import InputError
        from tests.exported import export
        from hjgis.layers.project import Project
        with Project.open(Path(sys.argv[1]), write=False) as project:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
            try:
                export(project, Path(sys.argv[2]), layers=["things"])
            except InputError as error:
                print(error)
    """)
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "-c", code, project.path, out],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"Cannot write {out}/things.dbf: ")
    assert list(out.iterdir()) == []
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 300_000


def test_a_path_of_250_characters_with_chinese_ones_is_written_and_read(
    project: Project, tmp_path: Path
) -> None:
    chosen = layer(project, 1, {"n": ["x"]})
    out = tmp_path
    while len(str(out)) < 250:
        out /= "杭锦后旗陕坝镇市政设施普查成果"[: max(249 - len(str(out)), 1)]
    written(project, chosen, out)
    assert raw.read(out / "things.shp")[3][1].tolist() == ["x"]


def test_a_folder_where_nothing_can_be_written_is_told_in_words(
    project: Project, tmp_path: Path
) -> None:
    chosen = layer(project, 1, {"n": ["x"]})
    with pytest.raises(InputError, match="Cannot write"):
        exporting.write(project, tmp_path / ("井" * 200), chosen, Writing("shp", project.crs))


def test_features_that_are_deleted_meanwhile_stop_the_export_with_words(
    project: Project, tmp_path: Path
) -> None:
    chosen = layer(project, 3, {"n": ["x"] * 3})
    poke(project, "DELETE FROM things WHERE fid = 2")
    with pytest.raises(StoreConflict, match="deleted meanwhile"):
        written(project, chosen, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_values_that_grow_while_they_are_written_are_never_cut(
    project: Project, tmp_path: Path
) -> None:
    chosen = layer(project, 3, {"n": ["x"] * 3})

    class Meddling:
        asked = 0

        def report(self, done: int, total: int, key: str) -> None:
            del done, total, key

        def check(self) -> None:
            self.asked += 1
            if self.asked == 1:
                poke(project, f"UPDATE things SET n = '{'longer' * 20}' WHERE fid = 2")

    with pytest.raises(InputError, match="changed while"):
        exporting.write(
            project, tmp_path / "out", chosen, Writing("shp", project.crs), progress=Meddling()
        )
    assert list((tmp_path / "out").iterdir()) == []


def test_a_table_that_does_not_say_what_was_written_is_refused(
    project: Project, tmp_path: Path
) -> None:
    from hjgis.exchange.shapefiles import dbf_check
    from hjgis.exchange.shapefiles.dbf_records import TextColumn

    chosen = layer(project, 2, {"n": ["井盖", "路"]})
    written(project, chosen, tmp_path / "out")
    path = tmp_path / "out/things.dbf"
    whole, columns = path.read_bytes(), []
    for name, width in ((b"UUID", 36), (b"n", dbf_records.TEXT_ROOM)):
        column = TextColumn(name.decode(), name, "gbk", "mark")
        column.width = width
        columns.append(column)
    dbf_check.check(path, columns, 2, "gbk")
    broken = (
        whole[:-1], whole[:29] + b"\0" + whole[30:], whole.replace("盖".encode("gbk"), b"\xb8 "),
        whole[:4] + b"\3" + whole[5:], b"",
    )  # fmt: skip
    for data in broken:
        path.write_bytes(data)
        with pytest.raises(InputError, match="not written as it should be"):
            dbf_check.check(path, columns, 2, "gbk")


@pytest.mark.parametrize("format_", ["shp", "gpkg", "geojson"])
def test_parameters_of_a_transformation_do_not_leave_the_house(
    project: Project, tmp_path: Path, format_: Format
) -> None:
    chosen = layer(project, 2, {"n": ["x"] * 2})
    crs = parse_crs(
        "+proj=tmerc +lat_0=0 +lon_0=107 +k=1 +x_0=500000 +y_0=0 +ellps=krass"
        " +towgs84=31.5,-154.25,-77.125,0,0,0,0 +units=m"
    )
    out = tmp_path / ("out.gpkg" if format_ == "gpkg" else "out")
    exporting.write(project, out, chosen, Writing(format_, crs))
    files = [out] if out.is_file() else [*out.iterdir()]
    for path in files:
        content = path.read_bytes()
        assert not [sign for sign in (b"154.25", b"154_25", b"77.125") if sign in content], path


def test_a_system_that_a_prj_cannot_name_is_refused_before_writing(
    project: Project, tmp_path: Path
) -> None:
    chosen = layer(project, 1, {"n": ["x"]})
    crs = parse_crs("+proj=ob_tran +o_proj=longlat +o_lon_p=0 +o_lat_p=39 +lon_0=18")
    with pytest.raises(InputError, match=r"cannot be said in a \.prj"):
        exporting.foresee(project, chosen, Writing("shp", crs))


def test_no_rows_are_a_table_without_rows(project: Project, tmp_path: Path) -> None:
    chosen = layer(project, 0, {"n": []}, geometry="Polygon")
    assert written(project, chosen, tmp_path / "out").losses == ()
    assert read_dbf(tmp_path / "out/things.dbf").rows == []
    assert read_shp(tmp_path / "out/things.shp") == (5, (0.0,) * 8, [])
    assert len(raw.read(tmp_path / "out/things.shp")[2]) == 0
