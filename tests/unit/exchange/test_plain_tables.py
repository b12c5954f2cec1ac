"""Tables without geometry, from other people's files into the project and out again."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import fiona
import pyogrio
import pytest
import shapely

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange.importing import ImportPlan, carry_out, plan_import
from hjgis.exchange.sources import read_layer, summaries
from hjgis.layers.project import Project
from tests.exported import export

UNITS = [
    {"单位": "环卫局", "电话": "0478-6622", "盏数": 12, "入库": "2020-06-15"},
    {"单位": "市政维护站", "电话": None, "盏数": None, "入库": None},
]


def imported(project: Project, source: Path, **options: object) -> ImportPlan:
    plan = plan_import(project, source, as_reference="权属单位", **options)  # type: ignore[arg-type]
    carry_out(project, plan)
    return plan


@pytest.fixture
def units(tmp_path: Path) -> Path:
    path = tmp_path / "units.csv"
    path.write_text("单位,电话,盏数\n环卫局,0478-6622,12\n市政维护站,,\n", "gbk")
    return path


def test_a_lone_dbf_becomes_a_layer_without_geometry(real_data: Path, project: Project) -> None:
    plan = imported(project, real_data / "nasty/dbf/gdal-chinese.dbf")
    assert (plan.report.read, plan.report.imported, plan.report.crs) == (1, 1, None)
    assert plan.report.crs_source == "none"
    (layer,) = (info for info in project.layers if info.kind == "reference" and info.count)
    assert layer.geometry == "None"
    (field,) = project.asset_type(layer.id).fields
    assert field.label["zh_CN"] == "中国"
    assert project.table(layer.id).columns[field.name].tolist() == ["中国"]
    project.session.undo()
    assert layer.id not in project.types


@pytest.mark.parametrize(
    ("name", "column", "values", "how"),
    [
        ("gdal-chinese", "中国", ["中国"], ("gbk", "ldid")),
        ("mapshaper-gbk", "NAME", ["简体国语"], ("gbk", "detected")),
        ("mapshaper-utf8", "NAME", ["国语國語"], ("utf-8", "detected")),
        ("dbase_03_cyrillic", "ШАР", ["Номер", "Культ"], ("utf-8", "detected")),
    ],
)
def test_real_tables_are_read_in_their_encoding(
    real_data: Path, name: str, column: str, values: list[str], how: tuple[str, str]
) -> None:
    layer = read_layer(real_data / f"nasty/dbf/{name}.dbf")
    assert layer.columns[column].tolist() == values
    assert (layer.encoding.name, layer.encoding.source) == how
    assert not layer.spatial


def test_a_number_that_overflowed_is_missing(real_data: Path) -> None:
    values = read_layer(real_data / "nasty/dbf/geotools-stars.dbf").columns["ATT_LOSS"].tolist()
    assert values[2:] == [0.0, 5.21]
    assert all(value != value for value in values[:2])


def test_the_table_of_a_shapefile_is_not_taken_for_one_of_its_own(
    shapefile: Callable[..., Path],
) -> None:
    path = shapefile([{"name": "a"}])
    with pytest.raises(InputError, match="part of a shapefile"):
        read_layer(path.with_suffix(".dbf"))


def test_a_table_beside_layers_is_listed_and_taken_when_asked_for(
    tmp_path: Path, project: Project
) -> None:
    path = tmp_path / "theirs.gpkg"
    rows = [
        {
            "type": "Feature",
            "properties": {"a": 1},
            "geometry": {"type": "Point", "coordinates": (428000, 4528000)},
        }
    ]
    with fiona.open(
        path, "w", "GPKG", {"geometry": "Point", "properties": {"a": "int"}},
        crs="EPSG:4545", layer="lamps",
    ) as file:  # fmt: skip
        file.writerecords(rows)
    pyogrio.raw.write(
        path, None, [shapely.get_coordinates([])[:, 0]], ["n"], layer="owners", driver="GPKG",
        append=True,
    )  # fmt: skip
    assert [(s.name, s.geometry) for s in summaries(path)] == [
        ("lamps", "Point"),
        ("owners", "None"),
    ]
    assert read_layer(path).name == "lamps"
    assert not read_layer(path, layer="owners").spatial
    with pytest.raises(InputQuestion) as asked:
        read_layer(path, layer="nothing")
    assert asked.value.candidates == ("lamps", "owners")


def test_a_kind_of_assets_needs_places(units: Path, project: Project) -> None:
    with pytest.raises(InputQuestion):
        plan_import(project, units, to="lamp" if "lamp" in project.types else "manhole")
    with pytest.raises(InputError, match="import it as a reference layer"):
        plan_import(project, units, to="manhole", spatial=False)


def test_records_none_of_which_has_a_place_are_a_table(tmp_path: Path, project: Project) -> None:
    path = tmp_path / "no.geojson"
    features = [{"type": "Feature", "geometry": None, "properties": {"name": n}} for n in "ab"]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    plan = imported(project, path)
    assert plan.report.imported == 2
    assert any("No record has a place" in problem.message for problem in plan.report.problems)


def test_what_nothing_sounds_like_coordinates_in_is_taken_with_a_warning(
    units: Path, project: Project
) -> None:
    plan = imported(project, units)
    assert [p.kind for p in plan.report.problems] == ["warning"]
    assert "without geometry" in plan.report.problems[0].message


def test_a_layer_is_taken_without_its_places_when_told(
    geojson: Callable[..., Path], project: Project
) -> None:
    path = geojson([(shapely.Point(428000, 4528000), {"a": 1})])
    assert imported(project, path, spatial=False).report.imported == 1
    assert project.layers[0].geometry == "None"


@pytest.fixture
def stored(units: Path, project: Project) -> str:
    imported(project, units)
    return project.layers[0].id


def test_a_dbf_alone_is_written_and_read_back(
    project: Project, stored: str, tmp_path: Path
) -> None:
    report = export(project, tmp_path / "out", format="shp", layers=[stored])
    names = sorted(path.name for path in report.files)
    assert names == [f"{stored}.cpg", f"{stored}.dbf", "字段对照表.xlsx"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    with fiona.open(tmp_path / "out" / f"{stored}.dbf") as file:
        assert file.schema["geometry"] == "None"
        assert [row["properties"]["F1"] for row in file] == ["环卫局", "市政维护站"]
    again = read_layer(tmp_path / "out" / f"{stored}.dbf")
    assert again.columns["F2"].tolist() == ["0478-6622", None]
    assert again.encoding.name == "gbk"


def test_a_geopackage_gets_a_table_without_geometry(
    project: Project, stored: str, tmp_path: Path
) -> None:
    export(project, tmp_path / "out.gpkg", format="gpkg", layers=[stored])
    assert [stored, None] in pyogrio.list_layers(tmp_path / "out.gpkg").tolist()
    layer = read_layer(tmp_path / "out.gpkg")
    assert not layer.spatial
    assert len(layer) == 2


def test_a_geojson_says_null(project: Project, stored: str, tmp_path: Path) -> None:
    export(project, tmp_path / "out", format="geojson", layers=[stored])
    read = json.loads((tmp_path / "out" / f"{stored}.geojson").read_text())
    assert [feature["geometry"] for feature in read["features"]] == [None, None]


def test_a_csv_has_no_columns_of_places(project: Project, stored: str, tmp_path: Path) -> None:
    extent = (0.0, 0.0, 1.0, 1.0)
    export(project, tmp_path / "out", format="csv", layers=[stored], extent=extent)
    with (tmp_path / "out" / f"{stored}.csv").open(encoding="utf-8-sig") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["uuid", *project.asset_type(stored).field_names]
    assert [row[1] for row in rows] == ["环卫局", "市政维护站"]
