"""Other people's vector files as columns and geometries: GeoJSON, GeoPackage, Shapefile, CSV."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
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
_PLACE_NAMES: Final = {
    "x", "y", "lon", "lat", "lng", "long", "longitude", "latitude", "east", "north",
    "easting", "northing", "xcoord", "ycoord", "e", "n",
}  # fmt: skip
_PLACE_WORDS: Final = ("经度", "纬度", "經度", "緯度", "坐标", "座標", "東經", "北緯")
_SIDE_FILES: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# The files that this process holds, as Linux tells them.
_HELD: Final = Path("/proc/self/fd")


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
        if suffix == ".dbf":
            message = _("{path} is a table without shapes; import the .shp that belongs to it.")
            raise InputError(message.format(path=path.name))
        if suffix not in _VECTOR:
            raise InputError(
                _("{path} is of no format that hjgis reads: GeoJSON, GeoPackage, Shapefile, CSV.")
                .format(path=path.name)
            )  # fmt: skip
        return _read_vector(path, _chosen(path, layer), given_encoding)


def summaries(
    source: Path, *, given_encoding: str | None = None, x: str | None = None, y: str | None = None
) -> tuple[LayerSummary, ...]:
    """Return what is in a foreign file, layer by layer; see `read_layer`."""
    with _unpacked(source) as path:
        names: Sequence[str | None] = [None]
        if path.suffix.casefold() == ".gpkg":
            names = _layer_names(path)
        found: list[ForeignLayer] = []
        unusable: list[InputError] = []
        for name in names:
            try:
                found.append(read_layer(path, layer=name, given_encoding=given_encoding, x=x, y=y))
            except InputQuestion:
                raise
            except InputError as error:
                unusable.append(error)
    if unusable and not found:
        raise unusable[0]
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
        tuple(tuple("" if is_null(value) else str(value) for value in row) for row in rows),
    )


@contextmanager
def _unpacked(source: Path) -> Iterator[Path]:
    """Return the file to read: out of a ZIP, a copy if a shapefile has no index."""
    if not source.exists():
        raise InputError(_("There is no file {path}.").format(path=source))
    suffix = source.suffix.casefold()
    if source.is_dir() and suffix not in _LATER:
        raise InputError(_("{path} is a folder; choose a file in it.").format(path=source.name))
    if _is_held(source):
        message = _("{path} is open in this program; save a copy and import that.")
        raise InputError(message.format(path=source.name))
    bare = suffix == ".shp" and not _beside(source, ".shx")
    if suffix != ".zip" and not bare:
        yield source
        return
    with tempfile.TemporaryDirectory() as folder:
        yield _from_zip(source, Path(folder)) if suffix == ".zip" else _copied(source, Path(folder))


def _is_held(path: Path) -> bool:
    """Whether this process has the file open.

    Whoever opens and closes it a second time, GDAL above all, drops the locks of the first: then
    two programs may write a project at once and one of them loses what it wrote.
    """
    own = path.stat()
    for handle in _HELD.iterdir() if _HELD.is_dir() else ():
        # A handle may be closed by another thread meanwhile.
        with suppress(OSError):
            if os.path.samestat(handle.stat(), own):
                return True
    return False


def _from_zip(source: Path, folder: Path) -> Path:
    try:
        with zipfile.ZipFile(source) as archive:
            archive.extractall(folder)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError) as error:
        # RuntimeError is what an archive with a password or an unknown method raises.
        raise _unreadable(source, error) from error
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
    """Return the layers that have geometry; all if none has."""
    import pyogrio

    try:
        with _heard():
            listed = pyogrio.list_layers(path)
    except pyogrio.errors.GeometryError:
        return _bare_names(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise _unreadable(path, error) from error
    return [str(name) for name, kind in listed if kind is not None] or [str(n) for n, _k in listed]


def _bare_names(path: Path) -> list[str]:
    """Return all names where one layer's geometry type is unknown to pyogrio."""
    import fiona
    import fiona.errors

    try:
        return [str(name) for name in fiona.listlayers(path)]
    except (fiona.errors.FionaError, ValueError) as error:
        raise _unreadable(path, error) from error


@contextmanager
def _heard() -> Iterator[list[str]]:
    """Gather what GDAL warns of; nothing of it reaches the terminal."""
    said: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            yield said
        finally:
            said += dict.fromkeys(str(entry.message) for entry in caught)


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
    decided = Encoding("utf-8", "format")
    with _heard() as said:
        if path.suffix.casefold() == ".shp":
            decided = _shapefile_encoding(path, given)
            names, crs_text, wkbs, data = _read_raw(path, layer, encoding="ISO-8859-1")
            names, data = _decoded(names, data, decided.name, said)
        else:
            names, crs_text, wkbs, data = _read_raw(path, layer)
    if wkbs is None:
        raise InputError(_("{path} has no geometry.").format(path=path.name))
    shapes = np.empty(len(wkbs), dtype=object)
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are looked for later
        shapes[:] = shapely.from_wkb(wkbs, on_invalid="ignore")
    given_bytes = np.array([wkb is not None for wkb in wkbs], dtype=bool)
    columns = {name: _plain(column) for name, column in zip(_unique(names), data, strict=True)}
    crs, doubts = _file_crs(crs_text)
    heard = tuple(text.replace(f"{path.parent}/", "") for text in said)
    return ForeignLayer(
        layer or path.stem,
        columns,
        shapes,
        given_bytes & shapely.is_missing(shapes),
        crs,
        decided,
        (*decided.warnings, *heard, *doubts),
    )


def _read_raw(
    path: Path, layer: str | None, **options: Any
) -> tuple[list[str], str | None, Any, list[NDArray[Any]]]:
    """Return column names, CRS, WKB geometries (None if the layer has none) and columns."""
    import pyogrio
    from pyogrio import raw

    pyogrio.set_gdal_config_options({"OGR_GEOJSON_MAX_OBJ_SIZE": 0})
    try:
        with _new_index(path):
            meta, _fids, wkbs, data = raw.read(
                path, layer=layer, datetime_as_string=True, **options
            )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise _unreadable(path, error) from error
    return [str(name) for name in meta["fields"]], meta.get("crs"), wkbs, data


@contextmanager
def _new_index(path: Path) -> Iterator[None]:
    """Let GDAL write the index that a copied shapefile lacks.

    Left on, the option would make GDAL write the index of every shapefile anew, in its own folder.
    """
    import pyogrio

    lacking = path.suffix.casefold() == ".shp" and _beside(path, ".shx") is None
    if lacking:
        pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True})
    try:
        yield
    finally:
        if lacking:
            pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": None})


def _decoded(
    names: list[str], data: list[NDArray[Any]], encoding_name: str, said: list[str]
) -> tuple[list[str], list[NDArray[Any]]]:
    """Decode text that was read byte for byte as Latin-1.

    GDAL's own decoding gives up on a whole file for one value that was cut inside a character.
    """
    cut = set[str]()

    def decode(text: str) -> str:
        raw_bytes = text.encode("latin-1")
        try:
            return raw_bytes.decode(encoding_name)
        except UnicodeDecodeError:
            cut.add(text)
            return raw_bytes.decode(encoding_name, "ignore")

    def column_of(column: NDArray[Any]) -> NDArray[Any]:
        if column.dtype != object:
            return column
        known = {v: decode(v) if isinstance(v, str) else v for v in dict.fromkeys(column.tolist())}
        result = np.empty(len(column), dtype=object)
        result[:] = [known[value] for value in column]
        return result

    decoded = [decode(name) for name in names], [column_of(column) for column in data]
    if cut:
        message = _("{count} different texts end inside a character; that character is left out.")
        said.append(message.format(count=len(cut)))
    return decoded


def _unique(names: Iterable[str]) -> list[str]:
    """Return the names, those met before with a number, so that no column hides another."""
    result: list[str] = []
    for name in names:
        number, free = 2, name
        while free in result:
            free, number = f"{name}_{number}", number + 1
        result.append(free)
    return result


def _plain(column: NDArray[Any]) -> NDArray[Any]:
    """Return a column whose lists are JSON text and whose bytes are hexadecimal text."""
    if column.dtype != object:
        return column
    if all(value is None or isinstance(value, str) for value in column):
        return column
    result = np.empty(len(column), dtype=object)
    result[:] = [_plain_value(value) for value in column]
    return result


def _plain_value(value: object) -> object:
    if isinstance(value, np.ndarray):
        return json.dumps(value.tolist(), ensure_ascii=False, default=str)
    return value.hex() if isinstance(value, bytes) else value


def _shapefile_encoding(path: Path, given: str | None) -> Encoding:
    table = _beside(path, ".dbf")
    if table is None:
        return Encoding("utf-8", "format")
    return encoding.of_dbf(dbf.read_dbf(table), _beside(path, ".cpg"), given)


def _file_crs(text: str | None) -> tuple[Crs | None, tuple[str, ...]]:
    if not text:
        return None, ()
    try:
        crs = parse_crs(text)
        return (None if _is_undefined(crs) else crs), ()
    except HjgisError as error:
        return None, (str(error),)


def _is_undefined(crs: Crs) -> bool:
    """Whether it is GeoPackage's way of saying that nothing is known."""
    return crs.name.casefold().startswith("undefined")


def _unreadable(path: Path, error: Exception) -> InputError:
    message = _("{path} cannot be read: {error}")
    return InputError(message.format(path=path.name, error=str(error)[:300]))


def _read_csv(path: Path, given: str | None, x: str | None, y: str | None) -> ForeignLayer:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    decided = encoding.of_text(data, given)
    rows = _csv_rows(path, data.decode(decided.name, "replace"))
    if len(rows) < 2:
        raise InputError(_("{path} has no rows.").format(path=path.name))
    names = _unique(" ".join(name.split()) or f"column{n}" for n, name in enumerate(rows[0], 1))
    width = len(names)
    body = [[*row[:width], *[""] * (width - len(row))] for row in rows[1:]]
    columns = {
        name: np.array([row[n] or None for row in body], dtype=object)
        for n, name in enumerate(names)
    }
    if x not in columns or y not in columns:
        message = _("Which columns hold east (x) and north (y)?")
        raise InputQuestion(message, "--x / --y", tuple(sorted(names, key=_is_no_place)))
    shapes = _points(columns[x], columns[y])
    rest = {name: column for name, column in columns.items() if name not in (x, y)}
    unreadable = np.zeros(len(shapes), dtype=bool)
    return ForeignLayer(path.stem, rest, shapes, unreadable, None, decided)


def _csv_rows(path: Path, text: str) -> list[list[str]]:
    """Return the rows that hold something, split at what gives the heading most columns."""

    def split(delimiter: str) -> Iterator[list[str]]:
        return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)

    try:
        delimiter = max(",;\t|", key=lambda sign: len(next(split(sign), [])))
        return [row for row in split(delimiter) if any(row)]
    except csv.Error as error:
        raise _unreadable(path, error) from error


def _is_no_place(name: str) -> bool:
    """Whether a heading does not sound like a coordinate; False sorts first."""
    folded = name.casefold()
    return folded not in _PLACE_NAMES and not any(word in name for word in _PLACE_WORDS)


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


def is_null(value: object) -> bool:
    """Whether a value of a foreign column says nothing: None, NaN, NaT or no text."""
    return value is None or value != value or str(value) in ("NaT", "")
