"""Shapefiles whose every byte is decided here: names, widths, language byte, what is lost.

GDAL left alone grows widths, drops characters that the encoding lacks and cuts text in the
middle of one, all without a word. So widths are computed from the data, text is fitted whole
character by whole character before it is written, and the header is read back afterwards.
Empty text and missing text are both stored as blanks and read back as null; a yes/no is a
number of one digit (1, 0, blank); dates are of type D.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange import columns, dbf, marks
from hjgis.exchange.ogr_writing import writing_errors
from hjgis.exchange.outgoing import Outgoing, Writing
from hjgis.exchange.report import LayerExport, Loss
from hjgis.i18n import _, reason
from hjgis.models.assets import AssetType, Field
from hjgis.models.crs import Crs
from hjgis.models.reading import LayerTable
from hjgis.progress import SILENT, Progress

PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
UUID_NAME: Final = "UUID"
_TEXT_BYTES: Final = 254
_NUMBER_WIDTH: Final = 19
_MAX_DECIMALS: Final = 15
# In GBK and in every Chinese font; never mistaken for a question mark in the data.
_SUBSTITUTE: Final = "〓"
_PROFILES: Final = {"gbk": ("LDID/77", "936", 0x4D), "utf-8": ("UTF-8", "UTF-8", 0x00)}


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    kind: str
    data: NDArray[Any]
    mask: NDArray[np.bool_] | None


def foresee(
    going: Sequence[Outgoing], writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Return column names and what will be lost of each layer; nothing is written."""
    told = []
    for number, one in enumerate(going):
        progress.report(number, len(going), one.asset.id)
        progress.check()
        losses: list[Loss] = []
        list(_columns(one.asset, one.table(), writing.encoding, losses))
        told.append(_told(one, losses))
    return told


def write(
    going: Sequence[Outgoing], path: Path, writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Write layers into a folder; a table without geometry becomes a ``.dbf`` alone.

    Raises
    ------
    InputError
        If a file cannot be written, or does not say what it should when read back.
    """
    told = []
    for number, one in enumerate(going):
        progress.report(number, len(going), one.asset.id)
        progress.check()
        file = path / f"{one.asset.id}{'.shp' if one.asset.is_spatial else '.dbf'}"
        losses = _write(file, one.asset, one.table(), writing.crs, encoding=writing.encoding)
        if one.asset.is_spatial and writing.crs.is_geographic:
            marks.write_note(file)
        told.append(_told(one, losses))
    return told


def _told(one: Outgoing, losses: Sequence[Loss]) -> LayerExport:
    names = {field.name: field.short for field in one.asset.fields} | {"uuid": UUID_NAME}
    return LayerExport(one.asset.id, len(one), names, tuple(losses), one.asset.secrecy)


def _write(
    path: Path, asset: AssetType, table: LayerTable, crs: Crs, *, encoding: str
) -> tuple[Loss, ...]:
    """Write one layer; fiona makes the file with exact widths, pyogrio appends the rows.

    A table without geometry becomes a ``.dbf`` alone.

    Parameters
    ----------
    path : Path
        Ends in ``.shp``, or in ``.dbf`` for a table without geometry.
    encoding : str
        ``gbk`` (language byte 0x4D, ``.cpg`` 936) or ``utf-8``.

    Returns
    -------
    tuple of Loss
        Every value that was cut or changed.

    Raises
    ------
    InputError
        If the file cannot be written, or does not say what it should when read back.
    """
    import fiona
    import fiona.errors

    assert table.geometry is not None
    driver_encoding, page, language_byte = _PROFILES[encoding]
    losses: list[Loss] = []
    made = list(_columns(asset, table, encoding, losses))
    z = bool(np.any(shapely.has_z(table.geometry)))
    schema = {
        "geometry": ("3D " if z else "") + asset.geometry.removeprefix("Multi"),
        "properties": {column.name: column.kind for column in made},
    }
    try:
        wkt = crs.esri_wkt() if asset.is_spatial else None
        with fiona.open(path, "w", "ESRI Shapefile", schema, crs_wkt=wkt, encoding=driver_encoding):
            pass
        if len(table.fids):
            _append(path, asset, table.geometry, made, encoding=driver_encoding, z=z)
        path.with_suffix(".cpg").write_text(page, "ascii")
    except (fiona.errors.FionaError, *writing_errors()) as error:
        raise InputError(
            _("Cannot write {path}: {error}").format(path=path, error=reason(error))
        ) from error
    _read_back(path, language_byte, len(table.fids))
    return tuple(losses)


def _append(
    path: Path, asset: AssetType, geometry: NDArray[np.object_], made: list[_Column],
    *, encoding: str, z: bool,
) -> None:  # fmt: skip
    from pyogrio import raw

    kind = asset.geometry.removeprefix("Multi")
    places: dict[str, Any] = {"geometry": None}
    if asset.is_spatial:
        places = {
            "geometry": shapely.to_wkb(geometry, flavor="iso", output_dimension=3),
            "geometry_type": f"{kind} Z" if z else kind,
            "crs": "EPSG:4326",  # not looked at when appending; the .prj is there already
        }
    raw.write(
        path,
        **places,
        field_data=[column.data for column in made],
        fields=[column.name for column in made],
        field_mask=[column.mask for column in made],
        driver="ESRI Shapefile",
        encoding=encoding,
        append=True,
    )


def _columns(
    asset: AssetType, table: LayerTable, encoding: str, losses: list[Loss]
) -> Iterator[_Column]:
    yield _Column(UUID_NAME, "str:36", table.uuids, None)
    for field in asset.fields:
        values = table.columns[field.name]
        if field.type in ("text", "code", "datetime"):
            fitted, width = _fitted(field, values, table.uuids, encoding, losses)
            yield _Column(field.short, f"str:{width}", fitted, None)
            continue
        data, mask = columns.typed(field, values)
        if field.type == "boolean":
            data = data.astype(np.int32)
        if field.type == "number":
            _rounded(field, data, table.uuids, losses)
        yield _Column(field.short, _kind(field, data), data, mask)


def _kind(field: Field, data: NDArray[Any]) -> str:
    if field.type == "date":
        return "date"
    if field.type == "boolean":
        return "int:1"
    if field.type == "integer":
        longest = max((len(str(value)) for value in data.tolist()), default=1)
        return f"int:{max(longest, 4)}"
    return f"float:{_NUMBER_WIDTH}.{_decimals(data)}"


def _decimals(data: NDArray[np.float64]) -> int:
    """Return the decimals that bring every number back, as far as the width allows."""
    known = np.unique(data[np.isfinite(data)])
    if not len(known):
        return 3
    whole = len(str(int(np.abs(known).max()))) + 1
    needed = max(_decimals_of(value) for value in known.tolist())
    return max(1, min(needed, _MAX_DECIMALS, _NUMBER_WIDTH - 1 - whole))


def _decimals_of(value: float) -> int:
    """Return how many decimals the shortest writing of a number has."""
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _rounded(
    field: Field, data: NDArray[np.float64], uuids: NDArray[np.object_], losses: list[Loss]
) -> None:
    """Note numbers that the column's decimals cannot bring back."""
    decimals = _decimals(data)
    known = np.unique(data[np.isfinite(data)])
    changed = [value for value in known.tolist() if float(f"{value:.{decimals}f}") != value]
    for row in np.flatnonzero(np.isin(data, changed)):
        message = _("{value} is written as {written}")
        value = float(data[row])
        text = message.format(value=repr(value), written=f"{value:.{decimals}f}")
        losses.append(Loss(field.name, uuids[row], "type", text))


def _fitted(
    field: Field,
    values: NDArray[np.object_],
    uuids: NDArray[np.object_],
    encoding: str,
    losses: list[Loss],
) -> tuple[NDArray[np.object_], int]:
    """Return text that the encoding and the width hold, and the width in bytes."""
    result = np.empty(len(values), dtype=object)
    known: dict[str, tuple[str, int, tuple[tuple[str, str], ...]]] = {}
    width = 1
    for row, value in enumerate(values):
        if value is None:
            continue
        if value not in known:
            known[value] = _fit(str(value), encoding)
        result[row], size, troubles = known[value]
        width = max(width, size)
        if troubles:
            losses += [Loss(field.name, uuids[row], kind, message) for kind, message in troubles]
    return result, width


def _fit(text: str, encoding: str) -> tuple[str, int, tuple[tuple[str, str], ...]]:
    troubles = []
    if not _encodes(text, encoding):
        lacking = sorted({sign for sign in text if not _encodes(sign, encoding)})
        text = "".join(_SUBSTITUTE if sign in lacking else sign for sign in text)
        message = _("{signs} is not in {encoding}; written as {substitute}")
        said = message.format(
            signs="".join(lacking), encoding=encoding.upper(), substitute=_SUBSTITUTE
        )
        troubles.append(("unencodable", said))
    size = len(text.encode(encoding))
    if size > _TEXT_BYTES:
        kept = text.encode(encoding)[:_TEXT_BYTES].decode(encoding, "ignore")
        message = _("text of {size} bytes cut to {kept} characters of {all}")
        said = message.format(size=size, kept=len(kept), all=len(text))
        troubles.append(("truncated", said))
        text, size = kept, len(kept.encode(encoding))
    return text, size, tuple(troubles)


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _read_back(path: Path, language_byte: int, rows: int) -> None:
    """Look whether the file says what it should."""
    table = dbf.read_dbf(path.with_suffix(".dbf"))
    stored = int.from_bytes(table.data[4:8], "little")
    if table.language_byte != language_byte or stored != rows:
        message = _(
            "{path} was not written as it should be (language byte {byte:#04x}, {rows} rows)."
        )
        raise InputError(message.format(path=path, byte=table.language_byte, rows=stored))
