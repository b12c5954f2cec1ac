"""One layer as GDAL gives it, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange import exact
from hjgis.exchange.foreign import unreadable

# What SQL calls text; formats other than GeoPackage are asked in GDAL's own dialect.
_LONG_TEXT: Final = {".gpkg": "TEXT"}


@dataclass(frozen=True, slots=True)
class Raw:
    """Names, text of the CRS, WKB and columns, row i of every array being the same record.

    Attributes
    ----------
    wkbs : array of bytes or None, shape (n,)
        None if the layer has no geometry.
    fids : array of int64, shape (n,)
        Number of the record in the file.
    """

    names: list[str]
    crs: str | None
    wkbs: NDArray[np.object_] | None
    columns: list[NDArray[Any]]
    fids: NDArray[np.int64]


class TypeUnknown(InputError):
    """The layer is declared to hold a type of geometry that the library does not know."""


def read(path: Path, layer: str | None = None, *, sql: str | None = None, **options: Any) -> Raw:
    """Read a layer, or what `sql` asks of it.

    Raises
    ------
    TypeUnknown
        If the library does not know its type of geometry.
    InputError
        If it cannot be read.
    """
    import pyogrio
    from pyogrio import raw

    pyogrio.set_gdal_config_options({"OGR_GEOJSON_MAX_OBJ_SIZE": 0})
    try:
        meta, fids, wkbs, data = raw.read(
            path,
            layer=None if sql else layer,
            sql=sql,
            datetime_as_string=True,
            return_fids=True,
            **options,
        )
    except pyogrio.errors.GeometryError as error:
        raise TypeUnknown(str(unreadable(path, error))) from error
    except (
        pyogrio.errors.DataSourceError,
        pyogrio.errors.DataLayerError,
        pyogrio.errors.FeatureError,
        pyogrio.errors.CRSError,
        ValueError,
    ) as error:
        raise unreadable(path, error) from error
    names = [str(name) for name in meta["fields"]]
    columns = [
        exact.column(column, str(kind), partial(_texts, path, layer, name))
        for name, kind, column in zip(names, meta["dtypes"], data, strict=True)
    ]
    return Raw(names, meta.get("crs"), wkbs, columns, fids)


def quoted(name: str) -> str:
    """Return a name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def _texts(path: Path, layer: str | None, column: str) -> NDArray[Any]:
    """Read one column as text, digit by digit."""
    import pyogrio

    table, name = quoted(layer or pyogrio.list_layers(path)[0, 0]), quoted(column)
    # 25 characters hold every whole number of 64 bits.
    kind = _LONG_TEXT.get(path.suffix.casefold(), "CHARACTER(25)")
    return read(path, sql=f"SELECT CAST({name} AS {kind}) AS told FROM {table}").columns[0]
