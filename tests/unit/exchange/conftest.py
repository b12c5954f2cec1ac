from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import shapely

from hjgis.i18n import language, set_language
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample

PLACE = (428_000.0, 4_528_000.0)


Rows = Sequence[Mapping[str, object]]


@pytest.fixture(scope="package")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Open the sample town for reading."""
    path = tmp_path_factory.mktemp("sample") / "sample.gpkg"
    create_sample(path, clean=False)
    with Project.open(path, write=False) as project:
        yield project


@pytest.fixture
def chinese() -> Iterator[None]:
    """Speak Chinese, and afterwards as before."""
    before = language()
    set_language("zh_CN")
    yield
    set_language(before)


@pytest.fixture
def shapefile(tmp_path: Path) -> Callable[..., Path]:
    """Make a point shapefile as some other program would leave it."""

    def make(
        rows: Rows,
        *,
        encoding: str = "UTF-8",
        language_byte: int = 0,
        cpg: str | None = None,
        crs: str | None = "EPSG:4545",
        name: str = "theirs",
        widths: Mapping[str, int] | None = None,
    ) -> Path:
        import fiona

        path = tmp_path / f"{name}.shp"
        kinds = {str: "str:{}", int: "int:9", float: "float:19.6"}
        properties = {
            key: kinds[type(value)].format((widths or {}).get(key, 60))
            for key, value in rows[0].items()
        }
        schema = {"geometry": "Point", "properties": properties}
        with fiona.open(path, "w", "ESRI Shapefile", schema, crs=crs, encoding=encoding) as file:
            for number, row in enumerate(rows):
                spot = {"type": "Point", "coordinates": (PLACE[0] + 10 * number, PLACE[1])}
                file.write({"type": "Feature", "geometry": spot, "properties": dict(row)})
        path.with_suffix(".cpg").unlink(missing_ok=True)
        if cpg is not None:
            path.with_suffix(".cpg").write_text(cpg)
        table = bytearray(path.with_suffix(".dbf").read_bytes())
        table[29] = language_byte
        path.with_suffix(".dbf").write_bytes(table)
        return path

    return make


@pytest.fixture
def geojson(tmp_path: Path) -> Callable[..., Path]:
    """Make a GeoJSON file in the project's CRS, or in another."""

    def make(
        features: Sequence[tuple[shapely.Geometry | dict | None, Mapping[str, object]]],
        *,
        crs: str | None = "EPSG:4545",
        name: str = "theirs",
    ) -> Path:
        import json

        def shape(value: shapely.Geometry | dict | None) -> object:
            return value.__geo_interface__ if isinstance(value, shapely.Geometry) else value

        collection: dict[str, object] = {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "geometry": shape(spot), "properties": dict(values)}
                for spot, values in features
            ],
        }
        if crs:
            urn = f"urn:ogc:def:crs:{crs.replace(':', '::')}"
            collection["crs"] = {"type": "name", "properties": {"name": urn}}
        path = tmp_path / f"{name}.geojson"
        path.write_text(json.dumps(collection, ensure_ascii=False), "utf-8")
        return path

    return make
