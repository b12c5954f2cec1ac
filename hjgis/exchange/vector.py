"""Foreign files that GDAL reads, as columns and geometries."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import HjgisError
from hjgis.exchange import dbf, encoding, exact
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer, beside, unique, unreadable
from hjgis.i18n import _
from hjgis.models.crs import Crs, parse_crs

# What SQL calls text; formats other than GeoPackage are asked in GDAL's own dialect.
_LONG_TEXT: Final = {".gpkg": "TEXT"}
# Tables that programs keep for themselves in a GeoPackage.
_OF_PROGRAMS: Final = ("layer_styles", "qgis_projects")


def layer_names(path: Path) -> list[str]:
    """Return the layers that have geometry; all if none has."""
    listed = _listed(path)
    return [name for name, spatial in listed if spatial] or [name for name, _spatial in listed]


def table_names(path: Path) -> list[str]:
    """Return the tables without geometry that stand beside layers with geometry."""
    listed = _listed(path)
    if not any(spatial for _name, spatial in listed):
        return []
    return [name for name, spatial in listed if not spatial and name not in _OF_PROGRAMS]


def _listed(path: Path) -> list[tuple[str, bool]]:
    """Return all layers and whether each has geometry."""
    import pyogrio

    try:
        with _heard():
            listed = pyogrio.list_layers(path)
    except pyogrio.errors.GeometryError:
        return [(name, True) for name in _bare_names(path)]
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise unreadable(path, error) from error
    return [(str(name), kind is not None) for name, kind in listed]


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
    decided = Encoding("utf-8", "format")
    with _heard() as said:
        if path.suffix.casefold() in (".shp", ".dbf"):
            decided = _shapefile_encoding(path, given)
            names, crs_text, rows, wkbs, data = _read_raw(path, layer, encoding="ISO-8859-1")
            names, data = _decoded(names, data, decided.name, said)
        else:
            names, crs_text, rows, wkbs, data = _read_raw(path, layer)
    spatial = wkbs is not None
    wkbs = wkbs if spatial else np.full(rows, None, dtype=object)
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
        spatial=spatial,
        words=_domains(path, layer or path.stem) if path.suffix.casefold() == ".gpkg" else {},
    )


def _read_raw(
    path: Path, layer: str | None, **options: Any
) -> tuple[list[str], str | None, int, Any, list[NDArray[Any]]]:
    """Return column names, CRS, number of rows, WKB geometries (None: a table) and columns."""
    import pyogrio
    from pyogrio import raw

    pyogrio.set_gdal_config_options({"OGR_GEOJSON_MAX_OBJ_SIZE": 0})
    try:
        with _new_index(path):
            meta, fids, wkbs, data = raw.read(
                path, layer=layer, datetime_as_string=True, return_fids=True, **options
            )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise unreadable(path, error) from error
    names = [str(name) for name in meta["fields"]]
    known = [
        exact.column(column, str(kind), partial(_texts, path, layer, name))
        for name, kind, column in zip(names, meta["dtypes"], data, strict=True)
    ]
    return names, meta.get("crs"), len(fids), wkbs, known


def _texts(path: Path, layer: str | None, column: str) -> NDArray[Any]:
    """Read one column as text, digit by digit."""
    import pyogrio
    from pyogrio import raw

    table, name = _quoted(layer or pyogrio.list_layers(path)[0, 0]), _quoted(column)
    # 25 characters hold every whole number of 64 bits.
    sql = f"SELECT CAST({name} AS {_LONG_TEXT.get(path.suffix.casefold(), 'CHARACTER(25)')})"
    read: NDArray[Any] = raw.read(path, sql=f"{sql} AS told FROM {table}")[3][0]
    return read


def _quoted(name: str) -> str:
    """Return a name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _domains(path: Path, layer: str) -> dict[str, dict[str, str]]:
    """Return the words of coded columns of a GeoPackage layer: column, code, word."""
    import pyogrio
    from pyogrio import raw

    name = layer.replace("'", "''")
    sql = (
        "SELECT d.column_name AS field, c.value AS code, c.description AS word"
        " FROM gpkg_data_columns d JOIN gpkg_data_column_constraints c USING (constraint_name)"
        f" WHERE c.constraint_type = 'enum' AND c.description NOTNULL AND d.table_name = '{name}'"
    )
    try:
        with _heard():
            rows = raw.read(path, sql=sql)[3]
    except pyogrio.errors.DataLayerError:
        # Few files have these tables.
        return {}
    result: dict[str, dict[str, str]] = {}
    for field, code, word in zip(*rows, strict=True):
        result.setdefault(str(field), {})[str(code)] = str(word)
    return result


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
