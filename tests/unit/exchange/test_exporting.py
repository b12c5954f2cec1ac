from __future__ import annotations

import csv
import datetime as dt
import math
import shutil
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyogrio import list_layers, raw

from hjgis.edits.add import add_feature
from hjgis.errors import Cancelled, InputError
from hjgis.exchange.exporting import FOLDERS, foresee
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.outgoing import LOT, Format, Writing
from hjgis.exchange.report import ExportReport, LayerExport
from hjgis.exchange.unfinished import cannot_write
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import catalogue
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.exceptions import accept
from hjgis.models.issues import Issue, Severity
from tests.exported import choose, export

PLACE = shapely.Point(428_000.125, 4_528_000.5)


def add(project: Project, layer: str, shape: shapely.Geometry, **values: object) -> str:
    change = add_feature(project, layer, shape, values)
    project.session.apply(change)
    return change.changes[0].key.uuid


def layer_of(report: ExportReport, name: str) -> LayerExport:
    return next(layer for layer in report.layers if layer.name == name)


def read(path: Path, **options: object) -> tuple[dict[str, list[object]], np.ndarray]:
    meta, _fids, wkbs, data = raw.read(path, datetime_as_string=True, **options)
    columns = dict(zip(meta["fields"], (column.tolist() for column in data), strict=True))
    return columns, shapely.from_wkb(wkbs)


def same(stored: object, found: object) -> bool:
    if stored is None or stored == "":
        return found is None or found != found
    return bool(found == stored)


# -- shapefile ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "byte", "page"), [("gbk", 0x4D, "936"), ("utf-8", 0x00, "UTF-8")]
)
def test_every_kind_of_the_sample_reads_back_with_equal_values(
    sample: Project, tmp_path: Path, encoding: str, byte: int, page: str
) -> None:
    report = export(sample, tmp_path, encoding=encoding)
    assert {layer.name for layer in report.layers} == {
        layer.id for layer in sample.layers if layer.count
    }
    for layer in report.layers:
        spatial = sample.asset_type(layer.name).is_spatial
        path = tmp_path / f"{layer.name}.{'shp' if spatial else 'dbf'}"
        assert path.with_suffix(".dbf").read_bytes()[29] == byte
        assert path.with_suffix(".cpg").read_text() == page
        table = sample.table(layer.name)
        columns, shapes = read(path)
        assert columns["UUID"] == table.uuids.tolist()
        if spatial:
            assert (
                shapely.is_missing(shapes).tolist() == shapely.is_missing(table.geometry).tolist()
            )
            valid = shapely.is_valid(table.geometry) & ~shapely.is_missing(table.geometry)
            areas = shapely.area(table.geometry), shapely.area(shapes)
            assert areas[0][valid] == pytest.approx(areas[1][valid])
        lossy = {(loss.field, loss.uuid) for loss in layer.losses}
        for name, values in table.columns.items():
            for uuid, stored, found in zip(
                table.uuids, values, columns[layer.names[name]], strict=True
            ):
                assert same(stored, found) or (name, uuid) in lossy, (layer.name, name, stored)


def test_column_names_are_ascii_of_ten_bytes_and_unique(sample: Project, tmp_path: Path) -> None:
    for layer in export(sample, tmp_path).layers:
        names = list(layer.names.values())
        assert all(name.isascii() and 0 < len(name) <= 10 for name in names)
        assert len({name.casefold() for name in names}) == len(names)


def test_missing_numbers_dates_and_answers_come_back_missing(
    project: Project, tmp_path: Path
) -> None:
    add(project, "street_lamp", PLACE, power_w=70.5, replace_date="2020-06-15", lit_ok=False)
    add(project, "street_lamp", shapely.Point(428_010, 4_528_000))
    names = layer_of(export(project, tmp_path), "street_lamp").names
    columns, shapes = read(tmp_path / "street_lamp.shp")
    found = {name: columns[names[name]] for name in ("power_w", "replace_date", "lit_ok")}
    assert found["power_w"][0] == 70.5
    assert math.isnan(found["power_w"][1])
    assert found["replace_date"][0].startswith("2020-06-15")
    assert found["replace_date"][1] is None
    assert found["lit_ok"][0] == 0
    assert math.isnan(found["lit_ok"][1])
    assert (shapes[0].x, shapes[0].y) == (428_000.125, 4_528_000.5)


@pytest.mark.parametrize(("encoding", "kept"), [("gbk", 127), ("utf-8", 84)])
def test_long_text_is_cut_at_a_whole_character_and_listed(
    project: Project, tmp_path: Path, encoding: str, kept: int
) -> None:
    uuid = add(project, "manhole", PLACE, remarks="井" * 150)
    layer = layer_of(export(project, tmp_path, encoding=encoding), "manhole")
    (loss,) = layer.losses
    assert (loss.field, loss.uuid, loss.kind) == ("remarks", uuid, "truncated")
    columns, _ = read(tmp_path / "manhole.shp")
    assert columns[layer.names["remarks"]] == ["井" * kept]


def test_a_character_that_gbk_lacks_is_listed_with_its_feature_and_field(
    project: Project, tmp_path: Path
) -> None:
    uuid = add(project, "manhole", PLACE, remarks="𠮷路", exp_no="WS1")
    layer = layer_of(export(project, tmp_path / "gbk"), "manhole")
    assert [(loss.field, loss.uuid, loss.kind) for loss in layer.losses] == [
        ("remarks", uuid, "unencodable")
    ]
    assert "𠮷" in layer.losses[0].message
    columns, _ = read(tmp_path / "gbk" / "manhole.shp")
    assert columns[layer.names["remarks"]] == ["〓路"]
    whole = layer_of(export(project, tmp_path / "utf8", encoding="utf-8"), "manhole")
    assert whole.losses == ()
    columns, _ = read(tmp_path / "utf8" / "manhole.shp")
    assert columns[whole.names["remarks"]] == ["𠮷路"]


def test_every_sign_of_gbk_comes_back_as_it_was(project: Project, tmp_path: Path) -> None:
    signs = [chr(code) for code in range(0xA0, 0x10000) if not 0xD800 <= code < 0xE900]
    writable = [sign for sign in signs if len(sign.encode("gbk", "ignore")) == 2]
    texts = ["".join(writable[i : i + 100]) for i in range(0, len(writable), 100)]
    places = shapely.points(np.column_stack([np.arange(len(texts)) + 428_000.0,
                                             np.full(len(texts), 4_528_000.0)]))  # fmt: skip
    bulk = BulkInsert("manhole", places, {"remarks": texts})
    project.session.apply(ChangeSet("import", bulk=(bulk,)))
    layer = layer_of(export(project, tmp_path), "manhole")
    assert layer.losses == ()
    columns, _ = read(tmp_path / "manhole.shp")
    assert columns[layer.names["remarks"]] == texts
    assert len(writable) > 21_000


def test_a_number_finer_than_a_column_holds_is_listed(project: Project, tmp_path: Path) -> None:
    uuid = add(project, "manhole", PLACE, well_depth_m=1030.1234567890123)
    add(project, "manhole", shapely.Point(428_010, 4_528_000), well_depth_m=1e-17)
    losses = layer_of(export(project, tmp_path), "manhole").losses
    assert [(loss.field, loss.kind) for loss in losses] == [("well_depth_m", "type")]
    assert losses[0].uuid != uuid


# -- all formats -------------------------------------------------------------------------


@pytest.mark.parametrize("format_", ["shp", "geojson", "csv", "gpkg", "xlsx"])
def test_what_is_there_is_not_overwritten_and_nothing_else_is_written(
    project: Project, tmp_path: Path, format_: str
) -> None:
    add(project, "manhole", PLACE)
    out = tmp_path / ("o" if format_ in FOLDERS else f"o.{format_}")
    export(project, out, format=format_, layers=["manhole"])
    listed = sorted(tmp_path.rglob("*"))
    before = [path.read_bytes() for path in listed if path.is_file()]
    with pytest.raises(InputError, match="overwritten"):
        export(project, out, format=format_)
    assert sorted(tmp_path.rglob("*")) == listed
    assert [path.read_bytes() for path in listed if path.is_file()] == before


def test_a_stopped_export_leaves_no_half(project: Project, tmp_path: Path) -> None:
    add(project, "manhole", PLACE)
    add(project, "toilet", PLACE)
    progress = StopAtSecond()
    with pytest.raises(Cancelled):
        export(project, tmp_path / "o", layers=["manhole", "toilet"], progress=progress)
    assert list((tmp_path / "o").iterdir()) == []


class StopAtSecond:
    def __init__(self) -> None:
        self.asked = 0

    def report(self, done: int, total: int, message: str = "") -> None:
        pass

    def check(self) -> None:
        self.asked += 1
        if self.asked > 1:
            raise Cancelled("stopped")


def test_a_folder_that_cannot_be_made_is_a_clear_error(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError):
        export(project, tmp_path / "file" / "below")
    with pytest.raises(InputError, match="no folder"):
        export(project, tmp_path / "missing" / "o.gpkg", format="gpkg")


def test_another_crs_moves_the_places_and_is_declared(project: Project, tmp_path: Path) -> None:
    add(project, "manhole", shapely.Point(500_000, 4_528_000))
    export(project, tmp_path, crs="EPSG:4490")
    meta, _fids, wkbs, _data = raw.read(tmp_path / "manhole.shp")
    assert shapely.from_wkb(wkbs)[0].x == pytest.approx(108.0)
    assert "China" in (tmp_path / "manhole.prj").read_text()
    assert meta["crs"] == "EPSG:4490"


def test_several_parts_of_an_area_stay_one_feature(project: Project, tmp_path: Path) -> None:
    parts = shapely.MultiPolygon([shapely.box(428_000, 4_528_000, 428_010, 4_528_010),
                                  shapely.box(428_020, 4_528_000, 428_030, 4_528_010)])  # fmt: skip
    kind = next(a.id for a in catalogue().types.values() if a.geometry == "MultiPolygon")
    add(project, kind, parts)
    export(project, tmp_path)
    _columns, shapes = read(tmp_path / f"{kind}.shp")
    assert [(shape.geom_type, shape.area) for shape in shapes] == [("MultiPolygon", 200.0)]


@pytest.mark.parametrize("format_", ["geojson", "gpkg"])
def test_geojson_and_geopackage_read_back(sample: Project, tmp_path: Path, format_: str) -> None:
    out = tmp_path / ("o" if format_ in FOLDERS else f"o.{format_}")
    layers = ["manhole", "pipe_line", "park"]
    report = export(sample, out, format=format_, layers=layers)
    assert [layer.written for layer in report.layers] == [
        len(sample.table(name, []).fids) for name in layers
    ]
    for name in layers:
        path, options = (
            (out, {"layer": name}) if format_ == "gpkg" else (out / f"{name}.geojson", {})
        )
        columns, shapes = read(path, **options)
        table = sample.table(name)
        assert columns["uuid"] == table.uuids.tolist()
        for field, values in table.columns.items():
            wrong = [(a, b) for a, b in zip(values, columns[field], strict=True) if not same(a, b)]
            assert not wrong, (field, wrong[:3])
        if format_ == "gpkg":
            assert shapely.equals_identical(shapes, table.geometry).all()
        else:
            assert np.abs(shapely.get_coordinates(shapes)[:, 0] - 107).max() < 1


@pytest.mark.parametrize("format_", ["geojson", "gpkg"])
def test_a_layer_of_several_lots_is_one_layer_whatever_its_first_lot_lacks(
    project: Project, tmp_path: Path, format_: str
) -> None:
    count = LOT + 3
    places = shapely.points(428_000 + np.arange(count) / 10, np.full(count, 4_528_000.0))
    places[-1] = shapely.Point(428_000, 4_528_001, 1034.5)
    blank = [None] * (count - 1)
    values = {"remarks": [*blank, "末"], "power_w": [*blank, 90.5], "lamp_heads": [*blank, 2],
              "lit_ok": [*blank, True], "replace_date": [*blank, "2020-06-15"]}  # fmt: skip
    lamps = BulkInsert("street_lamp", places, values)
    project.session.apply(ChangeSet("import", bulk=(lamps,)))
    out = tmp_path / ("o.gpkg" if format_ == "gpkg" else "o")
    export(project, out, format=format_, crs="EPSG:4545")
    path = out if format_ == "gpkg" else out / "street_lamp.geojson"
    meta, _fids, wkbs, data = raw.read(path, layer="street_lamp")
    columns = dict(zip(meta["fields"], data, strict=True))
    assert columns["uuid"].tolist() == project.table("street_lamp").uuids.tolist()
    assert columns["remarks"][-1] == "末"
    assert columns["power_w"][-1] == 90.5
    assert columns["lamp_heads"][-1] == 2
    assert columns["lit_ok"][-1]
    assert str(columns["replace_date"][-1])[:10] == "2020-06-15"
    shapes = shapely.from_wkb(wkbs)
    assert shapely.get_z(shapes[-1]) == 1034.5
    assert shapely.get_x(shapes[LOT]) == pytest.approx(428_000 + LOT / 10, abs=1e-6)
    assert [one.name for one in (tmp_path / "o").glob("*")] in ([], [path.name])


def test_geojson_in_metres_says_so(project: Project, tmp_path: Path) -> None:
    add(project, "manhole", PLACE)
    export(project, tmp_path, format="geojson", crs="EPSG:4545")
    meta, _fids, wkbs, _data = raw.read(tmp_path / "manhole.geojson")
    assert meta["crs"] == "EPSG:4545"
    assert shapely.from_wkb(wkbs)[0].x == 428_000.125


def test_csv_has_north_before_east_and_a_mark_for_spreadsheets(
    project: Project, tmp_path: Path
) -> None:
    uuid = add(project, "manhole", PLACE, exp_no="WS1")
    export(project, tmp_path, format="csv")
    data = (tmp_path / "manhole.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(data.decode("utf-8-sig").splitlines())
    assert (row["uuid"], row["X(北)"], row["Y(东)"]) == (uuid, "4528000.5", "428000.125")
    assert (row["exp_no"], row["remarks"]) == ("WS1", "")


# -- dictionary --------------------------------------------------------------------------


def test_the_dictionary_explains_fields_codes_and_losses(project: Project, tmp_path: Path) -> None:
    import openpyxl

    uuid = add(project, "manhole", PLACE, remarks="𠮷")
    report = export(project, tmp_path)
    path = next(path for path in report.files if path.suffix == ".xlsx")
    book = openpyxl.load_workbook(path)
    fields, codes, losses = (
        [list(row) for row in book[name].iter_rows(min_row=2, values_only=True)]
        for name in book.sheetnames
    )
    names = layer_of(report, "manhole").names
    assert {(row[1], row[3]) for row in fields} == {(short, name) for name, short in names.items()}
    assert {row[0] for row in codes} == {
        field.codes for field in project.asset_type("manhole").fields if field.codes
    }
    kind = _("signs that the encoding has not")
    assert [row[:4] for row in losses] == [["manhole", "remarks", uuid, kind]]
    # In words, and with the name of the layer.
    assert {row[4] for row in fields} >= {_("text"), _("code"), _("number"), _("date")}
    assert {row[8] for row in fields} == {label(project.asset_type("manhole").label)}
    book.close()


def test_a_list_of_losses_that_is_too_long_for_a_workbook_is_whole_in_a_table_beside_it(
    project: Project, tmp_path: Path
) -> None:
    import openpyxl

    count = 2100
    places = shapely.points(np.arange(count) + 428_000.0, 4_528_000.0)
    bulk = BulkInsert("manhole", places, {"remarks": ["30m²"] * count})
    project.session.apply(ChangeSet("import", bulk=(bulk,)))
    report = export(project, tmp_path / "o")
    listed = next(path for path in report.files if path.suffix == ".csv")
    with listed.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [row[2] for row in rows] == project.table("manhole", []).uuids.tolist()
    book = openpyxl.load_workbook(tmp_path / "o" / "字段对照表.xlsx")
    sheet = [list(row) for row in book[book.sheetnames[2]].iter_rows(min_row=2, values_only=True)]
    assert len(sheet) == 2001
    assert sheet[-1][4] == f"100 more are in {listed.name}"
    book.close()


def test_a_geopackage_takes_along_what_the_check_accepts_of_its_features(
    project: Project, tmp_path: Path
) -> None:
    toilet, lamp = add(project, "toilet", PLACE), add(project, "street_lamp", PLACE)
    issues = [
        Issue("1", "a.b", Severity.INFO, "", "", layer, uuid, None, None, "", part="x")
        for layer, uuid in (("toilet", toilet), ("street_lamp", lamp), ("toilet", None))
    ]
    day = dt.date(2025, 5, 1)
    project.session.apply(accept(None, issues, "按图施工", operator="张三", on=day))
    out = tmp_path / "o.gpkg"
    export(project, out, format="gpkg", layers=["toilet"])
    meta, _fids, geometry, data = raw.read(out, layer="hjgis_exceptions")
    assert geometry is None
    rows = dict(zip(meta["fields"], (column.tolist() for column in data), strict=True))
    assert rows == {
        "rule": ["a.b", "a.b"],
        "layer": ["toilet", "toilet"],
        "uuid": [toilet, None],
        "part": ["x", "x"],
        "reason": ["按图施工", "按图施工"],
        "operator": ["张三", "张三"],
        "date": ["2025-05-01", "2025-05-01"],
    }
    # The only layer to choose is the one with features.
    assert plan_import(project, out, to="toilet").report is not None
    export(project, tmp_path / "lamps.gpkg", format="gpkg", layers=["park", "grid"])
    assert "hjgis_exceptions" not in list_layers(tmp_path / "lamps.gpkg")[:, 0]


def test_csv_holds_formulas_as_text_and_gives_them_back(project: Project, tmp_path: Path) -> None:
    texts = ["=1+1", "'=1", "''x", "+86", "-2-3", "@x", "＝1", 'a,b"c', "1\n2", "007", "1.5E3"]
    for number, text in enumerate(texts):
        add(project, "manhole", shapely.Point(428_000 + number, 4_528_000), location_desc=text)
    report = export(project, tmp_path, format="csv")
    assert not report.layers[0].losses
    data = (tmp_path / "manhole.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines(keepends=True)))
    assert not [row for row in rows if row["location_desc"].startswith(("=", "@", "＝"))]
    again = plan_import(project, tmp_path / "manhole.csv", to="manhole", x="Y(东)", y="X(北)")
    assert (again.update.unchanged, again.update.differences) == (len(texts), ())
    other = Project.create(tmp_path / "other.gpkg", crs=project.crs.text)
    with other:
        carry_out(
            other, plan_import(other, tmp_path / "manhole.csv", to="manhole", x="Y(东)", y="X(北)")
        )
        table = other.table("manhole", ["location_desc"])
        assert table.columns["location_desc"].tolist() == texts


def test_what_csv_loses_is_foreseen(project: Project, tmp_path: Path) -> None:
    bell = add(project, "manhole", PLACE, location_desc="a\x07b")
    high = add(project, "manhole", shapely.Point(428_010, 4_528_000, 1_040))
    add(project, "park", shapely.box(428_000, 4_528_000, 428_010, 4_528_010))
    writing = Writing("csv", project.crs)
    foreseen = foresee(project, choose(project), writing)
    assert {(loss.kind, loss.uuid) for layer in foreseen for loss in layer.losses} == {
        ("unencodable", bell), ("geometry", high), ("geometry", ""),
    }  # fmt: skip
    assert foreseen == list(export(project, tmp_path, format="csv").layers)


@pytest.mark.parametrize("format_", ["geojson", "kml"])
def test_a_vertex_without_height_is_written_with_height_0_and_told(
    tmp_path: Path, format_: Format
) -> None:
    line = shapely.LineString([(428_500, 4_528_500, 1030.0), (428_600, 4_528_500, np.nan)])
    with Project.create(tmp_path / "p.gpkg") as project:
        bulk = BulkInsert("pipe_line", np.array([line]), {})
        project.session.apply(ChangeSet("import", bulk=(bulk,)))
        out = tmp_path / ("out.kml" if format_ == "kml" else "out")
        report = export(project, out, format=format_)

    assert [loss.kind for loss in report.layers[0].losses] == ["geometry"]
    shape = gpd.read_file(report.files[0]).geometry[0]
    assert [place[2] for place in shape.coords] == [1030, 0]


def test_what_gdal_says_of_a_full_disk_is_told_as_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: full)
    path = tmp_path / "out.gpkg"

    said = str(cannot_write(path, RuntimeError("Failed to commit transaction")))

    assert said == f"Cannot write {path}: the disk is full"
