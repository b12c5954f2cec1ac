"""Columns of a layer as the typed arrays that file writers take, nulls marked apart."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.exchange.report import Loss
from hjgis.i18n import _
from hjgis.models.assets import AssetType, Field
from hjgis.models.reading import LayerTable

_DTYPES: Final = {"integer": np.int64, "number": np.float64, "boolean": np.bool_}
# Ends a text for GDAL, whatever comes behind it.
_ZERO: Final = "\0"


def arrays(
    asset: AssetType, table: LayerTable
) -> tuple[list[NDArray[Any]], list[NDArray[np.bool_] | None]]:
    """Return one array a column, uuid first, and where each is null; see `losses`.

    Returns
    -------
    data : list of arrays, each of shape (n,)
        object for text, int64, float64, bool, or datetime64[D].
    masks : list of bool arrays or None, each of shape (n,)
        True where nothing is known; None where the array says it itself.
    """
    pairs = [typed(field, table.columns[field.name]) for field in asset.fields]
    data = [table.uuids, *(array for array, _mask in pairs)]
    return data, [None, *(mask for _array, mask in pairs)]


def losses(asset: AssetType, table: LayerTable) -> Iterator[Loss]:
    """Yield the values that `arrays` leaves out: what no edit of ours would have stored."""
    for field in asset.fields:
        for row, value in enumerate(table.columns[field.name].tolist()):
            if value is None or _fits(field, value):
                continue
            kind, words = "type", _("{value} does not fit the column; left blank")
            if isinstance(value, str) and field.type not in (*_DTYPES, "date"):
                kind, words = "unencodable", _("{value} is written without its zero bytes")
            said = words.format(value=repr(value)[:80])
            yield Loss(field.name, str(table.uuids[row]), kind, said)


def _fits(field: Field, value: object) -> bool:
    if field.type == "date":
        return isinstance(value, str) and _is_date(value)
    if field.type == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    if field.type == "number":
        return isinstance(value, int | float)
    if field.type == "boolean":
        return value in (0, 1)
    return isinstance(value, str) and _ZERO not in value


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def typed(
    field: Field, column: NDArray[np.object_]
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return a column as its writer's type and where it is null."""
    known = [value is not None and _fits(field, value) for value in column.tolist()]
    null = ~np.array(known, dtype=bool)
    dtype = _DTYPES.get(field.type)
    if field.type == "date":
        return np.where(null, "NaT", column).astype("datetime64[D]"), None
    if dtype is None:
        rows = np.flatnonzero(null).tolist()
        if any(column[row] is not None for row in rows):
            column = column.copy()
            column[rows] = [_mended(column[row]) for row in rows]
        return column, None
    filled = np.where(null, 0, column)
    if dtype is np.float64:
        numbers = filled.astype(np.float64)
        numbers[null] = np.nan
        return numbers, None
    return filled.astype(dtype), null


def _mended(value: object) -> str | None:
    return value.replace(_ZERO, "") if isinstance(value, str) else None
