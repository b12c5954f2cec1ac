"""Columns of a layer as the typed arrays that file writers take, nulls marked apart."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.models.assets import AssetType, Field
from hjgis.models.reading import LayerTable

_DTYPES: Final = {"integer": np.int64, "number": np.float64, "boolean": np.bool_}


def arrays(
    asset: AssetType, table: LayerTable
) -> tuple[list[NDArray[Any]], list[NDArray[np.bool_] | None]]:
    """Return one array a column, uuid first, and where each is null.

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


def typed(
    field: Field, column: NDArray[np.object_]
) -> tuple[NDArray[Any], NDArray[np.bool_] | None]:
    """Return a column as its writer's type and where it is null."""
    if field.type == "date":
        return np.array([value or "NaT" for value in column], dtype="datetime64[D]"), None
    dtype = _DTYPES.get(field.type)
    if dtype is None:
        return column, None
    null = np.array([value is None for value in column], dtype=bool)
    filled = np.where(null, 0, column)
    if dtype is np.float64:
        numbers = filled.astype(np.float64)
        numbers[null] = np.nan
        return numbers, None
    return filled.astype(dtype), null
