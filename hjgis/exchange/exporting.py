"""Export: layers as files that open right elsewhere, with everything that was lost named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, UsageError
from hjgis.exchange import columns as shapes_of
from hjgis.exchange import marks, photo_folder, shapefile
from hjgis.exchange.csv_files import write_csv
from hjgis.exchange.dictionary import write_dictionary
from hjgis.exchange.report import ExportReport, LayerExport
from hjgis.i18n import _, reason
from hjgis.layers import media
from hjgis.layers.project import Project
from hjgis.layers.querying import rows
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent
from hjgis.models.crs import Crs, Transform, parse_crs
from hjgis.models.exceptions import FACT as EXCEPTIONS
from hjgis.models.exceptions import read_exceptions
from hjgis.models.query import Query
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
    query: Query | None = None,
    photos: bool = False,
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
        Only features whose box meets it, project CRS; tables without geometry are written whole,
        but of records only those of features that are written.
    query : Query, optional
        Only the features that it finds, so only its layer.
    photos : bool
        Write the photos and papers of what is written into a folder, too, with a list of them.

    Raises
    ------
    UsageError
        If a layer is unknown or the format is not built yet.
    InputError
        If a file is there already or the folder cannot be written.
    """
    if format in _LATER:
        raise UsageError(_("Writing {format} is not built yet.").format(format=format))
    chosen = _chosen(project, layers if query is None else [query.layer])
    target = parse_crs(crs or ("EPSG:4490" if format == "geojson" else project.crs.text))
    types = [project.asset_type(layer) for layer in chosen]
    _prepare(out, format, types, degrees=target.is_geographic)
    files: list[Path] = []
    try:
        done, uuids = _write_all(
            project,
            chosen,
            out,
            format,
            files,
            progress,
            encoding=encoding,
            target=target,
            extent=extent,
            query=query,
            skip_empty=layers is None and query is None,
        )
        if format == "shp" and done:
            files.append(write_dictionary(project, done, out / _DICTIONARY))
        if format == "gpkg" and done:
            held = [project.asset_type(layer.name) for layer in done]
            media.carry_over(project.path, out, held, progress)
            _write_exceptions(project, out, done, uuids)
        if photos:
            files += photo_folder.write(project, uuids, photo_folder.beside(out), progress)
    except BaseException:
        # Half an export looks like a whole one; what was there before was not touched.
        for path in files:
            path.unlink(missing_ok=True)
        raise
    progress.report(len(chosen), len(chosen), "")
    return ExportReport(tuple(files), tuple(done))


def _write_all(
    project: Project,
    chosen: Sequence[str],
    out: Path,
    format_: str,
    files: list[Path],
    progress: Progress,
    *,
    encoding: str,
    target: Crs,
    extent: Extent | None,
    query: Query | None,
    skip_empty: bool,
) -> tuple[list[LayerExport], dict[str, list[str]]]:
    """Write layer by layer; `files` holds what may have been made when one fails.

    Returns the uuids of what was written, by layer, too.
    """
    transform = Transform(project.crs, target)
    done: list[LayerExport] = []
    written: dict[str, list[str]] = {}
    for number, layer in enumerate(chosen):
        progress.report(number, len(chosen), layer)
        progress.check()
        asset = project.asset_type(layer)
        box = extent if asset.is_spatial else None
        table = project.table(layer, extent=box)
        if query is not None:
            table = table.taken(np.isin(table.fids, rows(project, query, progress=progress)))
        some_only = extent is not None or not skip_empty
        if asset.is_record and some_only and written:
            table = table.taken(_records_of(table, written))
        table = _moved(table, transform)
        if skip_empty and not len(table.fids):
            continue
        made = _files(out, format_, asset, degrees=target.is_geographic)
        files += [path for path in made if path not in files]
        done.append(write_layer(asset, table, made[0], format_, crs=target, encoding=encoding))
        if not asset.is_record:
            written[layer] = [str(uuid) for uuid in table.uuids]
    return done, written


def _records_of(table: LayerTable, written: Mapping[str, Sequence[str]]) -> NDArray[np.bool_]:
    """Return which records belong to features that were written."""
    known = {uuid for uuids in written.values() for uuid in uuids}
    return np.array([uuid in known for uuid in table.columns["asset_uuid"]], dtype=np.bool_)


def _chosen(project: Project, layers: Sequence[str] | None) -> list[str]:
    unknown = [name for name in layers or () if name not in project.types]
    if unknown:
        message = _("There is no layer {name}. There are: {names}.")
        raise UsageError(message.format(name=unknown[0], names=", ".join(project.types)))
    chosen = list(dict.fromkeys(layers)) if layers is not None else list(project.types)
    # Records last: which are written depends on what else is.
    return sorted(chosen, key=lambda layer: project.asset_type(layer).is_record)


def _files(out: Path, format_: str, asset: AssetType, *, degrees: bool) -> list[Path]:
    """Return the files of one layer, the one that names the others first."""
    if format_ == "gpkg":
        return [out]
    if format_ == "shp":
        parts = shapefile.PARTS if asset.is_spatial else shapefile.TABLE_PARTS
        noted = asset.is_spatial and degrees
        return [
            out / f"{asset.id}{suffix}"
            for suffix in (*parts, marks.SHAPEFILE_NOTE)[: None if noted else len(parts)]
        ]
    return [out / f"{asset.id}.{format_}"]


def _prepare(out: Path, format_: str, layers: Sequence[AssetType], *, degrees: bool) -> None:
    """Make the folder; refuse before anything is written if a file is in the way."""
    if format_ == "gpkg" and not out.parent.is_dir():
        raise InputError(_("There is no folder {path}.").format(path=out.parent))
    made = (path for layer in layers for path in _files(out, format_, layer, degrees=degrees))
    for path in (*made,
                 *((out / _DICTIONARY,) if format_ == "shp" else ())):  # fmt: skip
        if path.exists():
            message = _("{path} exists already; choose another place, nothing was overwritten.")
            raise InputError(message.format(path=path))
    if format_ == "gpkg":
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            _("Cannot write {path}: {error}").format(path=out, error=reason(error))
        ) from error


def _moved(table: LayerTable, transform: Transform) -> LayerTable:
    if transform.identity or table.geometry is None:
        return table
    moved = transform.geometry(table.geometry)
    return LayerTable(table.layer, table.fids, table.uuids, moved, table.columns)


def write_layer(
    asset: AssetType,
    table: LayerTable,
    path: Path,
    format_: str,
    *,
    crs: Crs,
    encoding: str = "gbk",
) -> LayerExport:
    """Write one layer, of the project or not, as ``shp``, ``gpkg``, ``geojson`` or ``csv``.

    Parameters
    ----------
    asset : AssetType
        What the table holds: names, types and widths of its columns.
    table : LayerTable
        Coordinates are in `crs` already.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    return _WRITERS[format_](asset, table, path, crs, encoding)


def _write_shapefile(
    asset: AssetType, table: LayerTable, path: Path, crs: Crs, encoding: str
) -> LayerExport:
    losses = shapefile.write(path, asset, table, crs, encoding=encoding)
    if crs.is_geographic:
        marks.write_note(path)
    names = {field.name: field.short for field in asset.fields} | {"uuid": shapefile.UUID_NAME}
    return LayerExport(asset.id, len(table.fids), names, losses, asset.secrecy)


def _write_gpkg(
    asset: AssetType, table: LayerTable, path: Path, crs: Crs, _encoding: str
) -> LayerExport:
    options = {} if path.exists() else {"dataset_options": {"VERSION": "1.3"}}
    told = {"DESCRIPTION": marks.TRUE} if crs.is_geographic else {}
    return _write_ogr(
        asset, table, path, crs,
        driver="GPKG", append=path.exists(), layer_options=told, **options,
    )  # fmt: skip


def _write_exceptions(
    project: Project, out: Path, done: Sequence[LayerExport], uuids: Mapping[str, Sequence[str]]
) -> None:
    """Write what the check accepts of features that are written, as a table beside them."""
    from pyogrio import raw

    written = {layer.name: {*uuids.get(layer.name, ())} for layer in done}
    entries = [
        entry
        for entry in read_exceptions(project.info(EXCEPTIONS))
        if entry.layer in written and (entry.uuid is None or entry.uuid in written[entry.layer])
    ]
    if not entries:
        return
    names = ["rule", "layer", "uuid", "part", "reason", "operator", "date"]
    columns = [[getattr(entry, name) for entry in entries] for name in names]
    data = [np.array([value or "" for value in column], dtype=object) for column in columns]
    masks = [np.array([value is None for value in column], dtype=bool) for column in columns]
    try:
        raw.write(
            out, geometry=None, field_data=data, fields=names, field_mask=masks,
            layer="hjgis_exceptions", driver="GPKG", append=True,
        )  # fmt: skip
    except shapefile.writing_errors() as error:
        message = _("Cannot write {path}: {error}").format(path=out, error=reason(error))
        raise InputError(message) from error


def _write_geojson(
    asset: AssetType, table: LayerTable, path: Path, crs: Crs, _encoding: str
) -> LayerExport:
    """Write degrees as RFC 7946 has it; other systems with the `crs` member of 2008."""
    degrees = crs.is_geographic and asset.is_spatial
    options = {"RFC7946": "YES" if degrees else "NO", "COORDINATE_PRECISION": "9"}
    options |= {"DESCRIPTION": marks.TRUE} if degrees else {}
    return _write_ogr(asset, table, path, crs, driver="GeoJSON", layer_options=options)


def _write_ogr(
    asset: AssetType, table: LayerTable, path: Path, crs: Crs, **options: Any
) -> LayerExport:
    from pyogrio import raw

    assert table.geometry is not None
    data, masks = shapes_of.arrays(asset, table)
    names = ["uuid", *asset.field_names]
    z = bool(np.any(shapely.has_z(table.geometry)))
    places: dict[str, Any] = {"geometry": None}
    if asset.is_spatial:
        places = {
            "geometry": shapely.to_wkb(table.geometry, flavor="iso", output_dimension=3),
            "geometry_type": f"{asset.geometry} Z" if z else asset.geometry,
        }
    try:
        raw.write(
            path,
            field_data=data,
            fields=names,
            field_mask=masks,
            layer=table.layer,
            crs=crs.text,
            **places,
            **options,
        )
    except shapefile.writing_errors() as error:
        raise InputError(
            _("Cannot write {path}: {error}").format(path=path, error=reason(error))
        ) from error
    same = {name: name for name in names}
    return LayerExport(asset.id, len(table.fids), same, (), asset.secrecy)


def _write_csv(
    asset: AssetType, table: LayerTable, path: Path, crs: Crs, _encoding: str
) -> LayerExport:
    """Write one CSV with a byte order mark, so that Excel takes it for UTF-8; Y is east."""
    headings: tuple[str, ...] = ()
    if asset.is_spatial:
        headings = marks.TRUE_HEADINGS if crs.is_geographic else ("X(北)", "Y(东)")
    assert table.geometry is not None
    spots = shapely.get_coordinates(shapely.point_on_surface(table.geometry), return_index=True)
    place = {int(index): xy for xy, index in zip(*spots, strict=True)}
    columns = [table.columns[name] for name in asset.field_names]

    def lines() -> Iterator[list[object]]:
        yield ["uuid", *headings, *asset.field_names]
        for row, uuid in enumerate(table.uuids):
            spot = place.get(row, ("", ""))[::-1] if asset.is_spatial else ()
            yield [uuid, *spot, *(column[row] for column in columns)]

    try:
        write_csv(path, lines())
    except OSError as error:
        raise InputError(
            _("Cannot write {path}: {error}").format(path=path, error=reason(error))
        ) from error
    same = {name: name for name in ("uuid", *asset.field_names)}
    return LayerExport(asset.id, len(table.fids), same, (), asset.secrecy)


_WRITERS: Final = {
    "shp": _write_shapefile,
    "gpkg": _write_gpkg,
    "geojson": _write_geojson,
    "csv": _write_csv,
}
