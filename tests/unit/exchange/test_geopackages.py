"""Odd GeoPackages: every type of column, names, domains, what other writers leave behind."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import fiona
import pytest
import shapely

from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.sources import read_layer, summaries
from hjgis.layers.project import Project


@pytest.fixture
def types(real_data: Path, tmp_path: Path) -> Path:
    """The table of every type, with a row of values and a row of nulls."""
    path = tmp_path / "types.gpkg"
    path.write_bytes((real_data / "nasty/gpkg/types.gpkg").read_bytes())
    file = sqlite3.connect(path)
    file.execute(
        "INSERT INTO types VALUES (1, -7, 70000, 9007199254740993, 1, 1.25, 0.1, '文字', x'00ff',"
        " '2020-06-15', '2020-06-15T08:30:00.250Z', '08:30')"
    )
    file.execute("INSERT INTO types (fid) VALUES (2)")
    file.commit()
    file.close()
    return path


def test_every_type_of_column_is_read_as_it_is_stored(types: Path) -> None:
    read = {name: column.tolist()[0] for name, column in read_layer(types).columns.items()}
    assert read == {
        "int16": -7,
        "int32": 70000,
        "int64": 9007199254740993,
        "boolean": True,
        "double": 1.25,
        "float32": 0.1,
        "string": "文字",
        "blob": "00ff",
        "date": "2020-06-15",
        "datetime": "2020-06-15T08:30:00.250Z",
        "time": "08:30",
    }


def test_the_types_become_those_of_fields_and_the_values_are_stored(
    types: Path, project: Project
) -> None:
    plan = plan_import(project, types, as_reference="types")
    carry_out(project, plan)
    asset = project.asset_type("types")
    kinds = {field.label["en"]: field.type for field in asset.fields}
    assert kinds == {
        **dict.fromkeys(("int16", "int32", "int64"), "integer"),
        **dict.fromkeys(("double", "float32"), "number"),
        **dict.fromkeys(("string", "blob", "date", "datetime", "time"), "text"),
        "boolean": "boolean",
    }
    stored = project.table("types").columns
    number = next(field.name for field in asset.fields if field.label["en"] == "int64")
    assert stored[number].tolist() == [9007199254740993, None]


def test_long_whole_numbers_of_other_formats_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "ids.geojson"
    values = ({"id": 9007199254740993, "tags": ["a", "路"]}, {"id": None, "tags": None})
    features = [{"type": "Feature", "geometry": None, "properties": value} for value in values]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    columns = read_layer(path).columns
    assert columns["id"].tolist() == [9007199254740993, None]
    assert columns["tags"].tolist() == ['["a", "路"]', None]


def test_a_text_primary_key_is_a_column(real_data: Path, project: Project) -> None:
    plan = plan_import(project, real_data / "nasty/gpkg/stringpk.gpkg", as_reference="people")
    carry_out(project, plan)
    assert project.table("people").columns["name"].tolist() == ["bob", "jess", "zoe"]


def test_the_words_of_coded_columns_are_used_and_that_is_said(
    real_data: Path, tmp_path: Path, project: Project
) -> None:
    path = tmp_path / "domains.gpkg"
    path.write_bytes((real_data / "nasty/gpkg/gdal-domains.gpkg").read_bytes())
    file = sqlite3.connect(path)
    for name in ("insert", "update1", "update2", "update3", "update4", "delete"):
        file.execute(f"DROP TRIGGER IF EXISTS rtree_test_geom_{name}")
    file.executemany("INSERT INTO test (with_enum_domain) VALUES (?)", [(1,), (2,), (None,)])
    file.commit()
    file.close()
    assert read_layer(path).words == {"with_enum_domain": {"1": "one"}}
    plan = plan_import(project, path, as_reference="domains")
    assert plan.changes.bulk[0].columns["with_enum_domain"] == ["one", "2", None]
    assert any("1 = one" in problem.message for problem in plan.report.problems)


@pytest.mark.parametrize("name", ["路灯 表", "it's", 'a "b" c', "灯💡", "select", "1-2.3"])
def test_layers_and_columns_may_be_called_anything(
    tmp_path: Path, project: Project, name: str
) -> None:
    path = tmp_path / "odd.gpkg"
    schema = {"geometry": "Point", "properties": {name: "int:18", "other": "str"}}
    with fiona.open(path, "w", "GPKG", schema, crs="EPSG:4545", layer=name) as file:
        spot = {"type": "Point", "coordinates": (428_000, 4_528_000)}
        for value in (1 << 53) + 1, None:
            file.write(
                {"type": "Feature", "geometry": spot, "properties": {name: value, "other": ""}}
            )
    (summary,) = summaries(path)
    assert (summary.name, summary.columns) == (name, (name, "other"))
    plan = plan_import(project, path, as_reference=name)
    carry_out(project, plan)
    (layer,) = (info for info in project.layers if info.kind == "reference" and info.count)
    field = project.asset_type(layer.id).fields[0]
    assert (layer.title["zh_CN"], field.label["zh_CN"]) == (name, name)
    assert plan.report.imported == 2


def test_what_is_still_in_the_write_ahead_log_is_read(tmp_path: Path) -> None:
    path, copy = tmp_path / "open.gpkg", tmp_path / "copy.gpkg"
    schema = {"geometry": "None", "properties": {"a": "int"}}
    with fiona.open(path, "w", "GPKG", schema) as file:
        file.write({"type": "Feature", "geometry": None, "properties": {"a": 1}})
    file = sqlite3.connect(path)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("INSERT INTO open (a) VALUES (2)")
    file.commit()
    # As somebody copies a file that QGIS has open.
    for suffix in ("", "-wal"):
        shutil.copyfile(f"{path}{suffix}", f"{copy}{suffix}")
    file.close()
    assert read_layer(copy).columns["a"].tolist() == [1, 2]


@pytest.mark.parametrize("m", [0, 1])
def test_heights_are_kept_measures_are_not(tmp_path: Path, project: Project, m: int) -> None:
    path = tmp_path / "zm.gpkg"
    schema = {"geometry": "3D LineString", "properties": {}}
    with fiona.open(path, "w", "GPKG", schema, crs="EPSG:4545") as file:
        line = {
            "type": "LineString",
            "coordinates": [(428000, 4528000, 1039), (428001, 4528000, 1)],
        }
        file.write({"type": "Feature", "geometry": line, "properties": {}})
    kind = "ZM" if m else "Z"
    measure = " 5" if m else ""
    wkt = f"LINESTRING {kind} (428000 4528000 1039{measure}, 428001 4528000 1040{measure})"
    wkb = shapely.to_wkb(shapely.from_wkt(wkt), flavor="iso", output_dimension=4)
    file = sqlite3.connect(path)
    triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    for (name,) in file.execute(triggers).fetchall():
        file.execute(f'DROP TRIGGER "{name}"')
    file.execute(f"UPDATE gpkg_geometry_columns SET z = 1, m = {m}")
    head = b"GP\x00\x01" + (4545).to_bytes(4, "little")
    file.execute("UPDATE zm SET geom = ?", (head + wkb,))
    file.commit()
    file.close()
    plan = plan_import(project, path, as_reference="zm")
    carry_out(project, plan)
    stored = project.table("zm").geometry
    assert stored is not None
    assert stored[0].wkt == "LINESTRING Z (428000 4528000 1039, 428001 4528000 1040)"


def test_a_registered_view_and_odd_system_tables_are_read(real_data: Path) -> None:
    view = real_data / "nasty/gpkg/gdal_sample_view.gpkg"
    assert len(read_layer(view, layer="sample_view")) == 8
    assert not read_layer(view, layer="sample_attributes").spatial
    assert len(read_layer(real_data / "nasty/gpkg/gdal-poly_non_conformant.gpkg")) == 1
