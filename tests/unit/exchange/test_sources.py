from __future__ import annotations

import contextlib
import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from hjgis import paths
from hjgis.errors import HjgisError, InputError, InputQuestion, UsageError
from hjgis.exchange.importing import plan_import
from hjgis.exchange.sources import read_layer, summaries
from hjgis.layers.project import Project

Make = Callable[..., Path]


def test_summary_shows_names_types_crs_encoding_and_first_values(geojson: Make) -> None:
    path = geojson([(shapely.Point(1, 2), {"名称": "一号", "n": 3}), (None, {"名称": None})])
    (layer,) = summaries(path)
    assert (layer.geometry, layer.count, layer.columns) == ("Point", 2, ("名称", "n"))
    assert (layer.crs, layer.encoding, layer.encoding_source) == ("EPSG:4545", "utf-8", "format")
    assert layer.samples == (("一号", "3"), ("", ""))


def test_lists_in_a_value_become_json_text(geojson: Make) -> None:
    path = geojson([(shapely.Point(1, 2), {"a": [1, 2], "b": ["x", "y"]})])
    layer = read_layer(path)
    assert json.loads(layer.columns["a"][0]) == [1, 2]
    assert json.loads(layer.columns["b"][0]) == ["x", "y"]


def test_what_gdal_warns_of_is_kept_and_nothing_escapes(tmp_path: Path) -> None:
    path = tmp_path / "ids.geojson"
    feature = {"type": "Feature", "id": 1, "properties": {}, "geometry": None}
    spot = {**feature, "geometry": {"type": "Point", "coordinates": [107, 40]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [spot, spot]}))
    layer = read_layer(path)
    assert len(layer) == 2
    assert any("id" in warning for warning in layer.warnings)
    assert not any(str(tmp_path) in warning for warning in layer.warnings)


def test_a_shapefile_without_index_is_read_and_its_folder_left_alone(shapefile: Make) -> None:
    path = shapefile([{"A": "x"}, {"A": "y"}])
    path.with_suffix(".shx").unlink()
    before = sorted(path.parent.iterdir())
    assert len(read_layer(path)) == 2
    assert sorted(path.parent.iterdir()) == before


def test_a_zip_with_one_layer_is_read_and_with_two_is_asked_about(
    shapefile: Make, tmp_path: Path
) -> None:
    path = shapefile([{"名称": "井"}], encoding="GBK", language_byte=0x4D)
    one = tmp_path / "one.zip"
    with zipfile.ZipFile(one, "w") as archive:
        for part in path.parent.glob(f"{path.stem}.*"):
            archive.write(part, f"folder/{part.name}")
    assert read_layer(one).columns["名称"][0] == "井"
    with zipfile.ZipFile(one, "a") as archive:
        archive.writestr("other.geojson", "{}")
    with pytest.raises(InputQuestion) as asked:
        read_layer(one)
    assert set(asked.value.candidates) == {"theirs.shp", "other.geojson"}


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("a.geojson", b"{", InputError),
        ("a.gpkg", b"no geopackage", InputError),
        ("a.shp", b"no shapefile", InputError),
        ("a.zip", b"no zip", InputError),
        ("a.csv", b"", InputError),
        ("a.dbf", b"\x03" * 40, InputError),
        ("a.txt", b"x", InputError),
        ("a.dxf", b"x", InputError),
        ("a.xlsx", b"x", InputError),
        ("a.xls", b"x", InputError),
        ("a.dat", b"1,2", InputError),
        ("a.kml", b"<kml", InputError),
        ("a.kmz", b"x", InputError),
        ("a.inp", b"[TITLE]", InputError),
        ("a.gdb", b"x", InputError),
        ("a.dwg", b"AC1015", UsageError),
        ("a.mdb", b"x", UsageError),
        ("a.doc", b"x", InputError),
    ],
)
def test_what_cannot_be_read_says_so_by_name(
    tmp_path: Path, name: str, data: bytes, error: type[Exception]
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(error, match=rf"{path.suffix}"):
        read_layer(path)
    with pytest.raises(InputError, match="no file"):
        read_layer(tmp_path / f"missing{path.suffix}")


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.dbf").write_bytes(bytes(40))
    with pytest.raises(InputError, match=r"t\.dbf"):
        read_layer(tmp_path / "t.dbf")


# -- CSV ---------------------------------------------------------------------------------


def test_csv_asks_which_columns_are_the_coordinates_likely_ones_first(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("名称,经度,纬度\n井,107.1,40.9\n", "gbk")
    with pytest.raises(InputQuestion) as asked:
        read_layer(path)
    assert (asked.value.option, asked.value.candidates) == ("--x / --y", ("经度", "纬度", "名称"))


def test_csv_rows_short_and_long_blank_and_twice_named_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("X;Y;A;A\n1;2;p;q\n\n3;;r\n5;6;s;t;u\n,;;x\n", "utf-8")
    layer = read_layer(path, x="X", y="Y")
    assert layer.columns["A"].tolist() == ["p", "r", "s", "x"]
    assert layer.columns["A_2"].tolist() == ["q", None, "t", None]
    assert [shape and (shape.x, shape.y) for shape in layer.geometry] == [
        (1, 2), None, (5, 6), None,
    ]  # fmt: skip


def test_csv_with_a_heading_over_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('X,Y,"two\nlines"\n1,2,v\n')
    assert read_layer(path, x="X", y="Y").columns["two lines"].tolist() == ["v"]


def test_the_samples_csv_with_x_north_is_asked_about(project: Project) -> None:
    source = paths.sample_data() / "foreign" / "公厕_XY对调.csv"
    with pytest.raises(InputQuestion) as asked:
        plan_import(project, source, to="toilet", x="X", y="Y")
    assert asked.value.option == "--swap-axes"
    assert plan_import(project, source, to="toilet", x="Y", y="X").report.imported == 5
    turned = plan_import(project, source, to="toilet", x="X", y="Y", swap=True)
    assert turned.report.imported == 5


# -- real files --------------------------------------------------------------------------


def test_no_real_file_raises_anything_but_an_error_of_ours_or_is_changed(real_data: Path) -> None:
    read = 0
    for path in sorted((real_data / "nasty").rglob("*")):
        if path.is_dir() or path.suffix in (".shx", ".prj", ".cpg"):
            continue
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        with contextlib.suppress(HjgisError):
            read += len(summaries(path))
        assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert read >= 25


@pytest.mark.parametrize(
    ("file", "count"),
    [
        ("shp/no-shx/nz_pa_points_topo_150k.shp", 2143),
        ("shp/deleted/archsites.shp", 21),
        ("shp/null-shapes/LGA_2013_AUST.shp", 13),
        ("shp/mixed/mixed_shape_type_non_conformant.shp", 6),
        ("shp/zm/pointzm_with_one_valid_m.shp", 2),
        ("gpkg/gdal-first_geometry_null.gpkg", 2),
        ("gpkg/gdal-poly_non_conformant.gpkg", 1),
    ],
)
def test_real_files_give_all_their_records(real_data: Path, file: str, count: int) -> None:
    assert len(read_layer(real_data / "nasty" / file)) == count


def test_a_geopackage_with_a_layer_of_unknown_type_still_lists_the_others(real_data: Path) -> None:
    found = {
        layer.name: layer for layer in summaries(real_data / "nasty/gpkg/gdal_sample_view.gpkg")
    }
    assert found["point2d"].count == 2
    assert "sample_view" in found
    assert found["sample_attributes"].geometry == "None"


# -- what is not ours to touch -----------------------------------------------------------


def states(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_reading_a_whole_shapefile_touches_none_of_its_files(shapefile: Make) -> None:
    path = shapefile([{"A": "x"}, {"A": "y"}])
    before = states(path.parent)
    assert len(read_layer(path)) == 2
    assert states(path.parent) == before


def test_a_missing_index_is_written_for_nobody_else_afterwards(shapefile: Make) -> None:
    from pyogrio import raw
    from pyogrio.errors import DataSourceError

    path = shapefile([{"A": "x"}])
    path.with_suffix(".shx").unlink()
    assert len(read_layer(path)) == 1
    with pytest.raises(DataSourceError, match="shx"):
        raw.read(path)


def test_a_folder_with_a_files_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lamps.shp").mkdir()
    with pytest.raises(InputError, match=r"lamps\.shp is a folder"):
        read_layer(tmp_path / "lamps.shp")


def test_damaged_and_locked_archives_are_refused(tmp_path: Path) -> None:
    packed = tmp_path / "t.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("t.geojson", "{}" * 500)
    whole = packed.read_bytes()
    body = whole.index(b"t.geojson") + len("t.geojson")
    packed.write_bytes(whole[:body] + b"\xff\xff" + whole[body + 2 :])
    with pytest.raises(InputError, match=r"t\.zip"):
        read_layer(packed)
    # The flag of an encrypted member, in the local and in the central header.
    locked, central = bytearray(whole), whole.index(b"PK\x01\x02")
    locked[6] |= 1
    locked[central + 8] |= 1
    packed.write_bytes(locked)
    with pytest.raises(InputError, match=r"t\.zip"):
        read_layer(packed)
