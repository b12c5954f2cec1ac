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
from hjgis.exchange.outgoing import Encoding, Format, Outgoing, Selection, Writing
from hjgis.exchange.report import ExportReport, LayerExport
from hjgis.i18n import _
from hjgis.layers import media
from hjgis.layers.project import Project
from hjgis.layers.querying import rows
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent
from hjgis.models.crs import Crs, parse_crs
from hjgis.models.exceptions import FACT as EXCEPTIONS
from hjgis.models.exceptions import read_exceptions
from hjgis.models.query import Query
from hjgis.models.reading import LayerTable
from hjgis.progress import SILENT, Progress

_DICTIONARY: Final = "字段对照表.xlsx"
# Formats with a file for each layer; the others hold all layers in one.
FOLDERS: Final = ("shp", "csv", "geojson")


def export(
    project: Project,
    out: Path,
    *,
    format: Format = "shp",
    layers: Sequence[str] | None = None,
    encoding: Encoding = "gbk",
    crs: str | None = None,
    extent: Extent | None = None,
    query: Query | None = None,
    photos: bool = False,
    progress: Progress = SILENT,
) -> ExportReport:
    """Choose and write in one call; see `choose` and `write`.

    Parameters
    ----------
    crs : str, optional
        Target system; the project's when left out (GeoJSON: CGCS2000 degrees).
    """
    writing = Writing(format, target_crs(project, format, crs), encoding)
    chosen = choose(project, layers, extent=extent, query=query, progress=progress)
    return write(project, out, chosen, writing, photos=photos, progress=progress)


def target_crs(project: Project, format_: Format, given: str | None) -> Crs:
    """Return the system of the files: the one given, else what the format or the project has."""
    return parse_crs(given or ("EPSG:4490" if format_ == "geojson" else project.crs.text))


def choose(
    project: Project,
    layers: Sequence[str] | None = None,
    *,
    extent: Extent | None = None,
    query: Query | None = None,
    progress: Progress = SILENT,
) -> Selection:
    """Return the rows that layers, a box or a query name.

    Parameters
    ----------
    layers : sequence of str, optional
        Layer ids; all that hold something when left out.
    extent : (xmin, ymin, xmax, ymax), optional
        Only features whose box meets it, project CRS; tables without geometry go out whole, but
        of records only those of features that go out.
    query : Query, optional
        Only the features that it finds, so only its layer.

    Raises
    ------
    UsageError
        If a layer or something in the query is unknown.
    """
    rows_of: dict[str, NDArray[np.int64]] = {}
    uuids: set[str] = set()
    some_only = extent is not None or layers is not None or query is not None
    for layer in _chosen(project, layers if query is None else [query.layer]):
        asset = project.asset_type(layer)
        box = extent if asset.is_spatial else None
        of_records = asset.is_record and some_only and bool(rows_of)
        names = ["asset_uuid"] if of_records else []
        table = project.table(layer, names, extent=box, geometry=False)
        if query is not None:
            table = table.taken(np.isin(table.fids, rows(project, query, progress=progress)))
        if of_records:
            table = table.taken(np.isin(table.columns["asset_uuid"].astype(str), [*uuids]))
        if len(table.fids) or layers is not None or query is not None:
            rows_of[layer] = table.fids
        if not asset.is_record:
            uuids.update(table.uuids.tolist())
    return Selection(rows_of)


def write(
    project: Project,
    out: Path,
    selection: Selection,
    writing: Writing,
    *,
    photos: bool = False,
    progress: Progress = SILENT,
) -> ExportReport:
    """Write layers into a folder (shp, csv, geojson) or one new file (gpkg, xlsx, dxf, kml).

    Parameters
    ----------
    photos : bool
        Write the photos and papers of what is written into a folder, too, with a list of them.

    Raises
    ------
    UsageError
        If the format is not built yet.
    InputError
        If a file is there already or the folder cannot be written.
    """
    going = selection.outgoing(project, writing.crs)
    _prepare(out, writing, [one.asset for one in going])
    files: list[Path] = []
    try:
        done = _write_all(going, out, writing, files, progress)
        uuids = {one.asset.id: one.uuids() for one in going if not one.asset.is_record}
        if writing.format == "shp" and done:
            files.append(write_dictionary(project, done, out / _DICTIONARY))
        if writing.format == "gpkg" and done:
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
    progress.report(len(going), len(going), "")
    return ExportReport(tuple(files), tuple(done))


def _write_all(
    going: Sequence[Outgoing],
    out: Path,
    writing: Writing,
    files: list[Path],
    progress: Progress,
) -> list[LayerExport]:
    """Write layer by layer; `files` holds what may have been made when one fails."""
    done: list[LayerExport] = []
    for number, one in enumerate(going):
        progress.report(number, len(going), one.asset.id)
        progress.check()
        made = _files(out, writing, one.asset)
        files += [path for path in made if path not in files]
        table = one.table()
        done.append(
            write_layer(
                one.asset,
                table,
                made[0],
                writing.format,
                crs=writing.crs,
                encoding=writing.encoding,
            )
        )
    return done


def _chosen(project: Project, layers: Sequence[str] | None) -> list[str]:
    unknown = [name for name in layers or () if name not in project.types]
    if unknown:
        message = _("There is no layer {name}. There are: {names}.")
        raise UsageError(message.format(name=unknown[0], names=", ".join(project.types)))
    chosen = list(dict.fromkeys(layers)) if layers is not None else list(project.types)
    # Records last: which are written depends on what else is.
    return sorted(chosen, key=lambda layer: project.asset_type(layer).is_record)


def _files(out: Path, writing: Writing, asset: AssetType) -> list[Path]:
    """Return the files of one layer, the one that names the others first."""
    if writing.format not in FOLDERS:
        return [out]
    if writing.format == "shp":
        parts = shapefile.PARTS if asset.is_spatial else shapefile.TABLE_PARTS
        noted = asset.is_spatial and writing.crs.is_geographic
        return [
            out / f"{asset.id}{suffix}"
            for suffix in (*parts, marks.SHAPEFILE_NOTE)[: None if noted else len(parts)]
        ]
    return [out / f"{asset.id}.{writing.format}"]


def _prepare(out: Path, writing: Writing, layers: Sequence[AssetType]) -> None:
    """Make the folder; refuse before anything is written if a file is in the way."""
    if writing.format not in _WRITERS:
        raise UsageError(_("Writing {format} is not built yet.").format(format=writing.format))
    one_file = writing.format not in FOLDERS
    if one_file and not out.parent.is_dir():
        raise InputError(_("There is no folder {path}.").format(path=out.parent))
    made = [path for layer in layers for path in _files(out, writing, layer)]
    made += [out / _DICTIONARY] if writing.format == "shp" else []
    for path in made:
        if path.exists():
            message = _("{path} exists already; choose another place, nothing was overwritten.")
            raise InputError(message.format(path=path))
    if one_file:
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(_("Cannot write {path}: {error}").format(path=out, error=error)) from error


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
        message = _("Cannot write {path}: {error}").format(path=out, error=error)
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
            _("Cannot write {path}: {error}").format(path=path, error=error)
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
            _("Cannot write {path}: {error}").format(path=path, error=error)
        ) from error
    same = {name: name for name in ("uuid", *asset.field_names)}
    return LayerExport(asset.id, len(table.fids), same, (), asset.secrecy)


_WRITERS: Final = {
    "shp": _write_shapefile,
    "gpkg": _write_gpkg,
    "geojson": _write_geojson,
    "csv": _write_csv,
}
