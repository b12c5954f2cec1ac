"""Foreign files that GDAL reads, as columns and geometries."""

from __future__ import annotations

import codecs
import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import HjgisError, InputError
from hjgis.exchange import dbf, encoding
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer, beside, unique, unreadable
from hjgis.i18n import _
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
    """Return the layers that have geometry; all if none has."""
    import pyogrio

    _refuse_disguise(path)
    try:
        with _heard():
            listed = pyogrio.list_layers(path)
    except pyogrio.errors.GeometryError:
        return _bare_names(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise unreadable(path, error) from error
    return [str(name) for name, kind in listed if kind is not None] or [str(n) for n, _k in listed]


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
    """Read one layer; `given` is the encoding that the user names for a shapefile.

    Raises
    ------
    InputError
        If it cannot be read or has no geometry.
    InputQuestion
        If the encoding must be chosen.
    """
    _refuse_disguise(path)
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
    columns = {name: _plain(column) for name, column in zip(unique(names), data, strict=True)}
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
        raise unreadable(path, error) from error
    return [str(name) for name in meta["fields"]], meta.get("crs"), wkbs, data


@contextmanager
def _new_index(path: Path) -> Iterator[None]:
    """Let GDAL write the index that a copied shapefile lacks.

    Left on, the option would make GDAL write the index of every shapefile anew, in its own folder.
    """
    import pyogrio

    lacking = path.suffix.casefold() == ".shp" and beside(path, ".shx") is None
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
