"""Export: layers as files that open right elsewhere, with everything that was lost named."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from hjgis.errors import InputError, UsageError
from hjgis.exchange import columns as shapes_of
from hjgis.exchange import shapefile
from hjgis.exchange.dictionary import write_dictionary
from hjgis.exchange.report import ExportReport, LayerExport
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.crs import Crs, Transform, parse_crs
from hjgis.models.reading import LayerTable
from hjgis.progress import SILENT, Progress

_LATER: Final = ("dxf", "xlsx", "kml")
_DICTIONARY: Final = "字段对照表.xlsx"


def export(
    project: Project,
    out: Path,
    *,
    format: str = "shp",
    layers: Sequence[str] | None = None,
    encoding: str = "gbk",
    crs: str | None = None,
    extent: Extent | None = None,
    progress: Progress = SILENT,
) -> ExportReport:
    """Write layers into a folder (shp, csv, geojson) or one new file (gpkg).

    Parameters
    ----------
    layers : sequence of str, optional
        Layer ids; all that hold something when left out.
    encoding : str
        ``gbk`` or ``utf-8``, for shapefiles.
    crs : str, optional
        Target system; the project's when left out (GeoJSON: CGCS2000 degrees).
    extent : (xmin, ymin, xmax, ymax), optional
        Only features whose box meets it, project CRS.

    Raises
    ------
    UsageError
        If a layer is unknown or the format is not built yet.
    InputError
        If a file is there already or the folder cannot be written.
    """
    if format in _LATER:
        raise UsageError(_("Writing {format} is not built yet.").format(format=format))
    chosen = _chosen(project, layers)
    target = parse_crs(crs or ("EPSG:4490" if format == "geojson" else project.crs.text))
    transform = Transform(project.crs, target)
    writer = _WRITERS[format]
    _prepare(out, format)
    files: list[Path] = []
    done: list[LayerExport] = []
    for number, layer in enumerate(chosen):
        progress.report(number, len(chosen), layer)
        progress.check()
        table = _moved(project.table(layer, extent=extent), transform)
        if not len(table.fids) and layers is None:
            continue
        made, exported = writer(project, table, out, target, encoding)
        files += made
        done.append(exported)
    if format == "shp" and done:
        files.append(write_dictionary(project, done, out / _DICTIONARY))
    progress.report(len(chosen), len(chosen), "")
    return ExportReport(tuple(files), tuple(done))


def _chosen(project: Project, layers: Sequence[str] | None) -> list[str]:
    unknown = [name for name in layers or () if name not in project.types]
    if unknown:
        message = _("There is no layer {name}. There are: {names}.")
        raise UsageError(message.format(name=unknown[0], names=", ".join(project.types)))
    return list(layers) if layers is not None else list(project.types)


def _prepare(out: Path, format_: str) -> None:
    if format_ == "gpkg":
        refuse_existing(out)
        if not out.parent.is_dir():
            raise InputError(_("There is no folder {path}.").format(path=out.parent))
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(_("Cannot write {path}: {error}").format(path=out, error=error)) from error


def refuse_existing(path: Path) -> None:
    """Raise `InputError` where a file would be overwritten."""
    if path.exists():
        message = _("{path} exists already; choose another place, nothing was overwritten.")
        raise InputError(message.format(path=path))


def _moved(table: LayerTable, transform: Transform) -> LayerTable:
    if transform.identity or table.geometry is None:
        return table
    moved = transform.geometry(table.geometry)
    return LayerTable(table.layer, table.fids, table.uuids, moved, table.columns)


def _write_shapefile(
    project: Project, table: LayerTable, out: Path, crs: Crs, encoding: str
) -> tuple[list[Path], LayerExport]:
    asset = project.asset_type(table.layer)
    path = out / f"{table.layer}.shp"
    for suffix in shapefile.PARTS:
        refuse_existing(path.with_suffix(suffix))
    losses = shapefile.write(path, asset, table, crs, encoding=encoding)
    names = {field.name: field.short for field in asset.fields} | {"uuid": shapefile.UUID_NAME}
    made = [path.with_suffix(suffix) for suffix in shapefile.PARTS]
    return made, LayerExport(asset.id, len(table.fids), names, losses, asset.secrecy)


def _write_ogr(
    project: Project, table: LayerTable, path: Path, crs: Crs, driver: str
) -> tuple[list[Path], LayerExport]:
    from pyogrio import raw

    asset = project.asset_type(table.layer)
    assert table.geometry is not None
    data, masks = shapes_of.arrays(asset, table)
    names = ["uuid", *asset.field_names]
    z = bool(np.any(shapely.has_z(table.geometry)))
    options: dict[str, Any] = {"RFC7946": "YES"} if driver == "GeoJSON" else {"VERSION": "1.3"}
    raw.write(
        path,
        geometry=shapely.to_wkb(table.geometry, flavor="iso", output_dimension=3),
        field_data=data,
        fields=names,
        field_mask=masks,
        driver=driver,
        layer=table.layer,
        geometry_type=f"{asset.geometry} Z" if z else asset.geometry,
        crs=crs.text,
        append=path.exists(),
        layer_options=options if driver == "GeoJSON" else {},
        dataset_options=options if driver == "GPKG" and not path.exists() else {},
    )
    same = {name: name for name in names}
    return [path], LayerExport(asset.id, len(table.fids), same, (), asset.secrecy)


def _write_gpkg(
    project: Project, table: LayerTable, out: Path, crs: Crs, _encoding: str
) -> tuple[list[Path], LayerExport]:
    made, exported = _write_ogr(project, table, out, crs, "GPKG")
    return (made if exported.written >= 0 else []), exported


def _write_geojson(
    project: Project, table: LayerTable, out: Path, crs: Crs, _encoding: str
) -> tuple[list[Path], LayerExport]:
    path = out / f"{table.layer}.geojson"
    refuse_existing(path)
    return _write_ogr(project, table, path, crs, "GeoJSON")


def _write_csv(
    project: Project, table: LayerTable, out: Path, _crs: Crs, _encoding: str
) -> tuple[list[Path], LayerExport]:
    """Write one CSV with a byte order mark, so that Excel takes it for UTF-8; Y is east."""
    asset = project.asset_type(table.layer)
    path = out / f"{table.layer}.csv"
    refuse_existing(path)
    assert table.geometry is not None
    spots = shapely.get_coordinates(shapely.point_on_surface(table.geometry), return_index=True)
    place = {int(index): xy for xy, index in zip(*spots, strict=True)}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["uuid", "X(北)", "Y(东)", *asset.field_names])
        columns = [table.columns[name] for name in asset.field_names]
        for row, uuid in enumerate(table.uuids):
            east, north = place.get(row, ("", ""))
            writer.writerow([uuid, north, east, *(column[row] for column in columns)])
    same = {name: name for name in ("uuid", *asset.field_names)}
    return [path], LayerExport(asset.id, len(table.fids), same, (), asset.secrecy)


_WRITERS: Final = {
    "shp": _write_shapefile,
    "gpkg": _write_gpkg,
    "geojson": _write_geojson,
    "csv": _write_csv,
}
