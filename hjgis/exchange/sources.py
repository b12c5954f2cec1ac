"""Other people's vector files as columns and geometries: GeoJSON, GeoPackage, Shapefile, CSV."""

from __future__ import annotations

import csv
import io
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import HjgisError, InputError, InputQuestion, UsageError
from hjgis.exchange import dbf, encoding
from hjgis.exchange.encoding import Encoding
from hjgis.i18n import _
from hjgis.models.crs import Crs, parse_crs

_VECTOR: Final = {".geojson", ".json", ".gpkg", ".shp"}
_LATER: Final = {".dxf", ".kml", ".kmz", ".xlsx", ".xls", ".dat", ".mdb", ".inp", ".gdb"}
_SIDE_FILES: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")


@dataclass(frozen=True, slots=True)
class ForeignLayer:
    """One layer of a foreign file, row i of every array being the same record.

    Attributes
    ----------
    geometry : array of shapely geometries, shape (n,)
        As in the file; None where missing or not readable.
    unreadable : array of bool, shape (n,)
        Where there are bytes that are no geometry.
    crs : Crs or None
        As the file says.
    """

    name: str
    columns: dict[str, NDArray[Any]]
    geometry: NDArray[np.object_]
    unreadable: NDArray[np.bool_]
    crs: Crs | None
    encoding: Encoding
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of records."""
        return len(self.geometry)


@dataclass(frozen=True, slots=True)
class LayerSummary:
    """What a dialog shows before anything is imported."""

    name: str
    geometry: str
    count: int
    columns: tuple[str, ...]
    crs: str | None
    encoding: str
    encoding_source: str
    samples: tuple[tuple[str, ...], ...] = field(default=())


def read_layer(
    source: Path,
    *,
    layer: str | None = None,
    given_encoding: str | None = None,
    x: str | None = None,
    y: str | None = None,
) -> ForeignLayer:
    """Read one layer of a foreign file.

    Raises
    ------
    InputError
        If the file is missing, damaged, of no format that is read here, or empty.
    InputQuestion
        If encoding, layer or coordinate columns must be chosen.
    UsageError
        If the format is one that is not built yet.
    """
    with _unpacked(source) as path:
        suffix = path.suffix.casefold()
        if suffix == ".csv":
            return _read_csv(path, given_encoding, x, y)
        if suffix in _LATER:
            raise UsageError(_("Reading {suffix} is not built yet.").format(suffix=suffix))
        if suffix not in _VECTOR:
            raise InputError(
                _("{path} is of no format that hjgis reads: GeoJSON, GeoPackage, Shapefile, CSV.")
                .format(path=path.name)
            )  # fmt: skip
        return _read_vector(path, _chosen(path, layer), given_encoding)


def summaries(source: Path, *, given_encoding: str | None = None) -> tuple[LayerSummary, ...]:
    """Return what is in a foreign file, layer by layer."""
    with _unpacked(source) as path:
        names: Sequence[str | None] = [None]
        if path.suffix.casefold() == ".gpkg":
            names = _layer_names(path)
        found = [read_layer(path, layer=name, given_encoding=given_encoding) for name in names]
    return tuple(_summary(layer) for layer in found)


def _summary(layer: ForeignLayer) -> LayerSummary:
    kinds = sorted({shape.geom_type for shape in layer.geometry if shape is not None})
    rows = list(zip(*(column[:5] for column in layer.columns.values()), strict=True))
    return LayerSummary(
        layer.name,
        ", ".join(kinds),
        len(layer),
        tuple(layer.columns),
        layer.crs.text if layer.crs else None,
        layer.encoding.name,
        layer.encoding.source,
        tuple(tuple("" if _is_null(value) else str(value) for value in row) for row in rows),
    )


@contextmanager
def _unpacked(source: Path) -> Iterator[Path]:
    """Return the file to read: out of a ZIP, with a new index if a shapefile has none."""
    if not source.exists():
        raise InputError(_("There is no file {path}.").format(path=source))
    suffix = source.suffix.casefold()
    bare = suffix == ".shp" and not _beside(source, ".shx")
    if suffix != ".zip" and not bare:
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        yield _from_zip(source, Path(folder)) if suffix == ".zip" else _copied(source, Path(folder))


def _from_zip(source: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(source) as archive:
            archive.extractall(folder)
    except (zipfile.BadZipFile, OSError) as error:
        raise InputError(_("{path}: {error}").format(path=source.name, error=error)) from error
    found = sorted(path for path in folder.rglob("*") if path.suffix.casefold() in _VECTOR)
    if len(found) != 1:
        names = tuple(path.name for path in found)
        message = _("{path} holds {count} files that could be read; unpack it and choose one.")
        raise InputQuestion(message.format(path=source.name, count=len(found)), "SOURCE", names)
    return found[0]


def _copied(source: Path, folder: Path) -> Path:
    for suffix in _SIDE_FILES:
        side = _beside(source, suffix)
        if side is not None:
            shutil.copyfile(side, folder / (source.stem + suffix))
    return folder / (source.stem + ".shp")


def _beside(path: Path, suffix: str) -> Path | None:
    """Return the file of the same stem with this suffix in whatever case, if there is one."""
    for candidate in (path.with_suffix(suffix), path.with_suffix(suffix.upper())):
        if candidate.exists():
            return candidate
    return None


def _layer_names(path: Path) -> list[str]:
    import pyogrio

    try:
        listed = pyogrio.list_layers(path)
    except pyogrio.errors.DataSourceError as error:
        raise _unreadable(path, error) from error
    return [str(name) for name, kind in listed if kind is not None] or [str(n) for n, _k in listed]


def _chosen(path: Path, layer: str | None) -> str | None:
    if path.suffix.casefold() != ".gpkg":
        return None
    names = _layer_names(path)
    if layer in names:
        return layer
    if layer is None and len(names) == 1:
        return names[0]
    message = (
        _("{path} holds several layers; choose one.")
        if layer is None
        else _("{path} has no layer {layer}.")
    )
    raise InputQuestion(message.format(path=path.name, layer=layer), "--source-layer", tuple(names))


def _read_vector(path: Path, layer: str | None, given: str | None) -> ForeignLayer:
    import pyogrio
    from pyogrio import raw

    decided = Encoding("utf-8", "format")
    options: dict[str, Any] = {}
    if path.suffix.casefold() == ".shp":
        decided = _shapefile_encoding(path, given)
        options = {"encoding": decided.name}
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True, "OGR_GEOJSON_MAX_OBJ_SIZE": 0})
    try:
        meta, _fids, wkbs, data = raw.read(path, layer=layer, datetime_as_string=True, **options)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        message = _("{path}: text is not {name}; say which it is.")
        raise InputQuestion(
            message.format(path=path.name, name=decided.name), "--encoding", ("gbk", "utf-8")
        ) from error
    if wkbs is None:
        raise InputError(_("{path} has no geometry.").format(path=path.name))
    shapes = np.asarray(shapely.from_wkb(wkbs, on_invalid="ignore"), dtype=object)
    shapes = shapes.reshape(len(wkbs))
    unreadable = np.array([wkb is not None for wkb in wkbs], dtype=bool) & shapely.is_missing(
        shapes
    )
    columns = dict(zip(map(str, meta["fields"]), data, strict=True))
    crs, warnings = _file_crs(meta.get("crs"))
    name = layer or path.stem
    return ForeignLayer(
        name, columns, shapes, unreadable, crs, decided, (*decided.warnings, *warnings)
    )


def _shapefile_encoding(path: Path, given: str | None) -> Encoding:
    table = _beside(path, ".dbf")
    if table is None:
        return Encoding("utf-8", "format")
    return encoding.of_dbf(dbf.read_dbf(table), _beside(path, ".cpg"), given)


def _file_crs(text: str | None) -> tuple[Crs | None, tuple[str, ...]]:
    if not text:
        return None, ()
    try:
        return parse_crs(text), ()
    except HjgisError as error:
        return None, (str(error),)


def _unreadable(path: Path, error: Exception) -> InputError:
    message = _("{path} cannot be read: {error}")
    return InputError(message.format(path=path.name, error=str(error)[:300]))


def _read_csv(path: Path, given: str | None, x: str | None, y: str | None) -> ForeignLayer:
    data = path.read_bytes()
    decided = encoding.of_text(data, given)
    text = data.decode(decided.name)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), dialect) if any(row)]
    if len(rows) < 2:
        raise InputError(_("{path} has no rows.").format(path=path.name))
    names = [" ".join(name.split()) or f"column{n}" for n, name in enumerate(rows[0], start=1)]
    width = len(names)
    body = [[*row[:width], *[""] * (width - len(row))] for row in rows[1:]]
    columns = {
        name: np.array([row[n] or None for row in body], dtype=object)
        for n, name in enumerate(names)
    }
    for wanted in (x, y):
        if wanted is None or wanted not in columns:
            message = _("Which columns hold east (x) and north (y)?")
            raise InputQuestion(message, "--x / --y", tuple(names))
    assert x is not None
    assert y is not None
    shapes = _points(columns.pop(x), columns.pop(y) if y != x else columns[x])
    return ForeignLayer(
        path.stem, dict(columns), shapes, np.zeros(len(shapes), dtype=bool), None, decided
    )


def _points(east: NDArray[Any], north: NDArray[Any]) -> NDArray[np.object_]:
    def number(text: str | None) -> float:
        try:
            return float(text) if text is not None else np.nan
        except ValueError:
            return np.nan

    xy = np.array([[number(a), number(b)] for a, b in zip(east, north, strict=True)])
    shapes = np.empty(len(xy), dtype=object)
    known = np.isfinite(xy).all(axis=1)
    shapes[known] = shapely.points(xy[known])
    return shapes


def _is_null(value: object) -> bool:
    return value is None or value != value or str(value) == "NaT"
