"""Foreign files that GDAL reads, as columns and geometries."""

from __future__ import annotations

import codecs
import json
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import HjgisError, InputError
from hjgis.exchange import encoding, gdal, geopackage
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer, beside, unique, unreadable
from hjgis.exchange.gdal import Raw
from hjgis.exchange.shapefiles import dbf, mending
from hjgis.i18n import _, ngettext_
from hjgis.models.crs import Crs, parse_crs

# How files of these formats begin, byte order marks and blanks apart. GDAL goes by contents, so a
# file of another kind under this name would be opened as what it is.
_BEGINNINGS: Final[Mapping[str, tuple[bytes, ...]]] = {
    ".shp": (b"\x00\x00\x27\x0a",),
    ".gpkg": (b"SQLite format 3\x00",),
    ".geojson": (b"{", b"[", b"\x1e"),
    ".json": (b"{", b"[", b"\x1e"),
    ".kml": (b"<", b"\xff\xfe<", b"\xfe\xff\x00<"),
}
_BEGINNING_BYTES: Final = 1000
_MOST_NAMED: Final = 10
# Tables that programs keep for themselves in a GeoPackage.
_OF_PROGRAMS: Final = ("layer_styles", "qgis_projects", "hjgis_media", "hjgis_exceptions")


def _refuse_disguise(path: Path) -> None:
    expected = _BEGINNINGS.get(path.suffix.casefold())
    if expected is None:
        return
    try:
        with path.open("rb") as file:
            start = file.read(_BEGINNING_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error
    if not start.startswith(expected):
        start = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if not start.startswith(expected):
        kind = path.suffix.removeprefix(".").upper()
        message = _("{path} does not begin like a file of its kind ({kind}); it is not opened.")
        raise InputError(message.format(path=path.name, kind=kind))


def layer_names(path: Path) -> list[str]:
    """Return the layers that have geometry; if none has, the tables of users."""
    listed = _listed(path)
    tables = [name for name, _spatial in listed if name not in _OF_PROGRAMS]
    return [name for name, spatial in listed if spatial] or tables


def table_names(path: Path) -> list[str]:
    """Return the tables without geometry that stand beside layers with geometry."""
    listed = _listed(path)
    if not any(spatial for _name, spatial in listed):
        return []
    return [name for name, spatial in listed if not spatial and name not in _OF_PROGRAMS]


def _listed(path: Path) -> list[tuple[str, bool]]:
    """Return all layers and whether each has geometry."""
    import pyogrio

    _refuse_disguise(path)
    try:
        with _heard():
            listed = pyogrio.list_layers(path)
    except pyogrio.errors.GeometryError:
        return [(name, True) for name in _bare_names(path)]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise unreadable(path, error) from error
    return [(str(name), kind is not None) for name, kind in listed]


def rows_of(path: Path, table: str, columns: Sequence[str]) -> list[dict[str, object]]:
    """Return the rows of a table without geometry; none if it is not there or not readable."""
    import pyogrio

    asked = {"columns": [*columns], "read_geometry": False}
    try:
        with _heard():
            meta, _fids, _shapes, held = pyogrio.raw.read(path, layer=table, **asked)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError):
        return []
    return [dict(zip(meta["fields"], row, strict=True)) for row in zip(*held, strict=True)]


def _bare_names(path: Path) -> list[str]:
    """Return all names where one layer's geometry type is unknown to pyogrio."""
    import fiona
    import fiona.errors

    try:
        return [str(name) for name in fiona.listlayers(path)]
    except (fiona.errors.FionaError, ValueError) as error:
        raise unreadable(path, error) from error


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


def read_vector(path: Path, layer: str | None, given: str | None) -> ForeignLayer:
    """Read one layer or table; `given` is the encoding that the user names for a DBF table.

    Raises
    ------
    InputError
        If it cannot be read.
    InputQuestion
        If the encoding must be chosen.
    """
    _refuse_disguise(path)
    suffix, words = path.suffix.casefold(), {}
    decided = Encoding("utf-8", "format")
    records: mending.Shapes | None = None
    with _heard() as said:
        if suffix == ".shp":
            decided, raw, records = _shapefile(path, given, said)
        elif suffix == ".dbf":
            with mending.whole_table(path) as (table, wrong):
                decided, raw = _bytes_of(table, given, said)
            said += wrong
        elif suffix == ".gpkg":
            raw = geopackage.read(path, layer)
            said += geopackage.curves(path, layer)
            said += geopackage.media_left(path, layer)
            words = geopackage.domains(path, layer or path.stem)
        else:
            raw = gdal.read(path, layer)
    spatial = raw.wkbs is not None
    wkbs = raw.wkbs if raw.wkbs is not None else np.full(len(raw.fids), None, dtype=object)
    shapes = _shapes(wkbs)
    broken = _broken(wkbs, raw.fids, shapes, records)
    crs, doubts = _file_crs(raw.crs)
    heard = tuple(text.replace(f"{path.parent}/", "") for text in said)
    return ForeignLayer(
        layer or path.stem,
        {n: _plain(column) for n, column in zip(unique(raw.names), raw.columns, strict=True)},
        shapes,
        np.isin(np.arange(len(shapes)), list(broken)),
        crs,
        decided,
        (*decided.warnings, *heard, *_broken_words(broken), *doubts),
        spatial=spatial,
        words=words,
    )


def _shapefile(
    path: Path, given: str | None, said: list[str]
) -> tuple[Encoding, Raw, mending.Shapes]:
    """Read a shapefile, without its coordinate system if that is damaged."""
    try:
        with mending.whole(path) as (sound, records, wrong):
            decided, raw = _bytes_of(sound, given, said)
    except gdal.CrsDamaged:
        with mending.whole(path, crs=False) as (sound, records, wrong):
            decided, raw = _bytes_of(sound, given, said)
    said += wrong
    if beside(path, ".dbf") is None:
        said.append(_("There is no table (.dbf) beside it: the shapes come without values."))
    system = beside(path, ".prj")
    if not raw.crs and system is not None and system.stat().st_size:
        said.append(_("The .prj cannot be understood, so nothing says the coordinate system."))
    return decided, raw, records


def _bytes_of(path: Path, given: str | None, said: list[str]) -> tuple[Encoding, Raw]:
    """Read a shapefile or its table, text decoded by us."""
    decided = _shapefile_encoding(path, given)
    raw = gdal.read(path, encoding="ISO-8859-1")
    names, columns = _decoded(raw.names, raw.columns, decided.name, said)
    return decided, replace(raw, names=names, columns=columns)


def _shapes(wkbs: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return shapes, None for bytes that are none."""
    shapes = np.empty(len(wkbs), dtype=object)
    with np.errstate(invalid="ignore"):  # coordinates that are no numbers are looked for later
        try:
            shapes[:] = shapely.from_wkb(wkbs, on_invalid="ignore")
        except NotImplementedError:
            # One arc makes shapely refuse them all.
            shapes[:] = [_shape(wkb) for wkb in wkbs]
    return shapes


def _shape(wkb: bytes | None) -> shapely.Geometry | None:
    try:
        return shapely.from_wkb(wkb, on_invalid="ignore")
    except NotImplementedError:
        return None


def _broken(
    wkbs: NDArray[np.object_],
    fids: NDArray[np.int64],
    shapes: NDArray[np.object_],
    records: mending.Shapes | None,
) -> dict[int, str]:
    """Return the rows whose shape is there and cannot be read, and why."""
    found = {}
    for row in np.flatnonzero(shapely.is_missing(shapes)).tolist():
        wkb, record = wkbs[row], int(fids[row])
        if wkb is not None:
            found[row] = _fault(wkb)
        elif records is not None and not records.is_null(record):
            found[row] = records.fault(record)
    return found


def _fault(wkb: bytes) -> str:
    """Say what is wrong with bytes that are no shape."""
    try:
        shapely.from_wkb(wkb)
    except NotImplementedError:
        return _("it has arcs, and the type of its layer is not known")
    except shapely.errors.GEOSException as error:
        if "point" in str(error):
            return _("a ring or line has too few points")
        return (str(error).partition(": ")[2] or str(error)).strip()
    return _("its bytes are no shape")


def _broken_words(broken: Mapping[int, str]) -> Iterator[str]:
    if not broken:
        return
    rows = [
        _("row {row}: {why}").format(row=row + 1, why=why)
        for row, why in list(broken.items())[:_MOST_NAMED]
    ]
    words = ngettext_(
        "{count} damaged shape is left out ({rows})",
        "{count} damaged shapes are left out ({rows})",
        len(broken),
    )
    yield words.format(count=len(broken), rows="; ".join(rows))


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
    table = beside(path, ".dbf")
    if table is None:
        return Encoding("utf-8", "format")
    return encoding.of_dbf(dbf.read_dbf(table), beside(path, ".cpg"), given)


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
