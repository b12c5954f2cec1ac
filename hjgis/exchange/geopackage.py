"""What GeoPackages hold that the library refuses, or changes without a word.

The tables are those of OGC GeoPackage 1.3, the blobs its clause 2.1.3.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange import gdal
from hjgis.exchange.gdal import Raw, quoted
from hjgis.i18n import _, ngettext_

# WKB numbers of arcs and of what is made of them (ISO 19125-1, with Z and M 1000 apart).
_CURVES: Final = {8, 9, 10, 11, 12}
# What can hold no arc.
_STRAIGHT: Final = (
    "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON",
)  # fmt: skip
_HEADER_BYTES: Final = 8
# By the third group of bits of the flags.
_ENVELOPE_BYTES: Final = (0, 32, 48, 48, 64)
_BLOB: Final = "hjgis_blob"
# The first five bytes of the WKB, behind an envelope of whatever size.
_STARTS: Final = """
SELECT CASE WHEN hex(substr({geometry}, 4, 1)) IN ('00', '01') THEN hex(substr({geometry}, 9, 5))
            WHEN hex(substr({geometry}, 4, 1)) IN ('02', '03') THEN hex(substr({geometry}, 41, 5))
            WHEN hex(substr({geometry}, 4, 1)) IN ('08', '09') THEN hex(substr({geometry}, 73, 5))
            ELSE hex(substr({geometry}, 57, 5)) END AS start, count(*) AS number
FROM {layer} GROUP BY 1"""


def read(path: Path, layer: str | None) -> Raw:
    """Read a layer, also one of a type of geometry that the library does not know.

    Raises
    ------
    InputError
        If it cannot be read either way.
    """
    if layer is None:
        return gdal.read(path)
    try:
        raw = gdal.read(path, layer)
    except gdal.TypeUnknown:
        return _by_blobs(path, layer)
    # GDAL stops at a number that is kept beside the table, and that other programs forget.
    if len(raw.fids) == _count(path, layer):
        return raw
    return gdal.read(path, layer, sql=f"SELECT * FROM {quoted(layer)}")


def curves(path: Path, layer: str | None) -> list[str]:
    """Say how many arcs of a layer were read as chords."""
    facts = _facts(path, layer or "")
    if facts is None or facts[1].upper() in _STRAIGHT:
        return []
    query = _STARTS.format(geometry=quoted(facts[0]), layer=quoted(layer or ""))
    try:
        starts, numbers = _asked(path, query)
    except InputError:
        # A view that the database itself cannot count; its rows have been read all the same.
        return [_("Whether there are arcs cannot be told; they would be read as chords.")]
    count = sum(int(n) for start, n in zip(starts, numbers, strict=True) if _is_curve(start))
    words = ngettext_(
        "{count} shape has arcs; they are read as chords.",
        "{count} shapes have arcs; they are read as chords.",
        count,
    )
    return [words.format(count=count)] if count else []


def _is_curve(start: str | None) -> bool:
    data = bytes.fromhex(start or "")
    if len(data) < 5:
        return False
    kind = int.from_bytes(data[1:], "little" if data[0] else "big")
    return kind & 0x0FFFFFFF in {number + 1000 * more for number in _CURVES for more in range(4)}


def _by_blobs(path: Path, layer: str) -> Raw:
    """Read a layer as a table of values, and its geometry out of the blobs."""
    facts = _facts(path, layer)
    if facts is None:
        raise InputError(_("{path} has no geometry.").format(path=path.name))
    geometry, _kind, crs = facts
    names, keys = _asked(path, f"SELECT name, pk FROM pragma_table_info({_text(layer)})")
    columns = [
        str(name)
        for name, key in zip(names, keys, strict=True)
        if not int(key) and name != geometry
    ]
    # As text: a blob would be taken for a geometry again.
    wanted = ", ".join([f"hex({quoted(geometry)}) AS {_BLOB}", *map(quoted, columns)])
    raw = gdal.read(path, layer, sql=f"SELECT {wanted} FROM {quoted(layer)}", read_geometry=False)
    place = raw.names.index(_BLOB)
    rest = [number for number in range(len(raw.names)) if number != place]
    return Raw(
        [raw.names[number] for number in rest],
        crs,
        _wkbs(raw.columns[place]),
        [raw.columns[number] for number in rest],
        raw.fids,
    )


def media_left(path: Path, layer: str | None) -> list[str]:
    """Say that photos and papers of a layer's features are not read, where there are any."""
    query = f"""
    SELECT related_table_name FROM gpkgext_relations
    WHERE relation_name = 'media' AND lower(base_table_name) = lower({_text(layer or "")})"""
    try:
        tables = [str(name) for name in _asked(path, query)[0]]
        count = sum(_count(path, table) for table in dict.fromkeys(tables))
    except InputError:
        # Few files have this extension.
        return []
    words = _(
        "The file holds photos and papers of its features; they are not imported. Take them over"
        " afterwards: Facilities, Photos of another file."
    )
    return [words] if count else []


def domains(path: Path, layer: str) -> dict[str, dict[str, str]]:
    """Return the words of coded columns of a layer: column, code, word."""
    query = f"""
    SELECT d.column_name AS field, c.value AS code, c.description AS word
    FROM gpkg_data_columns AS d JOIN gpkg_data_column_constraints AS c USING (constraint_name)
    WHERE c.constraint_type = 'enum' AND c.description NOTNULL AND d.table_name = {_text(layer)}"""
    try:
        rows = _asked(path, query)
    except InputError:
        # Few files have these tables.
        return {}
    result: dict[str, dict[str, str]] = {}
    for field, code, word in zip(*rows, strict=True):
        result.setdefault(str(field), {})[str(code)] = str(word)
    return result


def _count(path: Path, layer: str) -> int:
    return int(_asked(path, f"SELECT count(*) AS number FROM {quoted(layer)}")[0][0])


def _facts(path: Path, layer: str) -> tuple[str, str, str | None] | None:
    """Return the geometry's column, its declared type and the CRS; None if the layer has none."""
    query = f"""
    SELECT g.column_name, g.geometry_type_name, s.organization, s.organization_coordsys_id,
           s.definition
    FROM gpkg_geometry_columns AS g LEFT JOIN gpkg_spatial_ref_sys AS s ON s.srs_id = g.srs_id
    WHERE lower(g.table_name) = lower({_text(layer)})"""
    try:
        columns = _asked(path, query)
    except InputError:
        return None
    if not len(columns[0]):
        return None
    column, kind, organization, code, definition = (entry[0] for entry in columns)
    known = organization and str(organization).upper() != "NONE"
    return str(column), str(kind), f"{organization}:{int(code)}" if known else definition


def _asked(path: Path, query: str) -> list[NDArray[Any]]:
    return gdal.read(path, sql=query, read_geometry=False).columns


def _wkbs(blobs: NDArray[Any]) -> NDArray[np.object_]:
    result = np.empty(len(blobs), dtype=object)
    result[:] = [_wkb(bytes.fromhex(blob)) if blob else None for blob in blobs]
    return result


def _wkb(blob: bytes) -> bytes:
    size = blob[3] >> 1 & 7 if blob.startswith(b"GP") and len(blob) > _HEADER_BYTES else 7
    return blob[_HEADER_BYTES + _ENVELOPE_BYTES[size] :] if size < len(_ENVELOPE_BYTES) else blob


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
