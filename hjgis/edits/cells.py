"""What would become of many cells: by calculating, by replacing; and the change that does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.edits.attributes import set_each
from hjgis.models.assets import Catalogue, Field, Value
from hjgis.models.changes import BulkInsert, ChangeSet
from hjgis.models.expressions import Expression
from hjgis.models.reading import TableReader
from hjgis.models.replacing import Search, replacer
from hjgis.models.validation import BadValue, coerce, display, problem
from hjgis.progress import SILENT, Progress

_LOT: Final = 5_000


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell before and after.

    Attributes
    ----------
    text : str
        What was to be stored, as text.
    refused : str
        Why it cannot be; `new` is then None.
    doubt : str
        What is wrong with the new value although it can be stored.
    """

    fid: int
    field: str
    old: Value
    new: Value
    text: str
    refused: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Calculated:
    """One field of many rows before and after.

    Attributes
    ----------
    fids, old, new : sequences of the same length
        Rows that got a value, also where it is the old one.
    refused : dict of int to str
        Row number to why it has no value; such rows are left as they are.
    doubts : int
        How many new values can be stored and are yet not right.
    """

    fids: list[int] = field(default_factory=list)
    old: list[Value] = field(default_factory=list)
    new: list[Value] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    doubts: int = 0

    @property
    def changing(self) -> int:
        """How many values are not the old ones."""
        return sum(one != other for one, other in zip(self.old, self.new, strict=True))


def calculate(
    reader: TableReader,
    expression: Expression,
    target: Field,
    fids: NDArray[np.int64],
    catalogue: Catalogue,
    *,
    progress: Progress = SILENT,
) -> Calculated:
    """Work out a field of many rows; nothing is stored.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    result = Calculated()
    doubts = 0
    layer = expression.asset.id
    names = tuple(dict.fromkeys((*expression.fields, target.name)))
    for start in range(0, len(fids), _LOT):
        progress.report(start, len(fids), layer)
        progress.check()
        lot = fids[start : start + _LOT].tolist()
        table = reader.table(layer, names, fids=lot, geometry=expression.needs_geometry)
        values, troubles = expression.evaluate(table)
        old = table.columns[target.name].tolist()
        for row, fid in enumerate(table.fids.tolist()):
            if row in troubles:
                result.refused[fid] = troubles[row]
                continue
            try:
                new = coerce(target, _for(target, values[row]), catalogue)
            except BadValue as error:
                result.refused[fid] = str(error)
                continue
            doubts += problem(target, new, catalogue) is not None
            result.fids.append(fid)
            result.old.append(old[row])
            result.new.append(new)
    progress.report(len(fids), len(fids), layer)
    return Calculated(result.fids, result.old, result.new, result.refused, doubts)


def _for(target: Field, value: Any) -> Any:
    """Return a result as it would be typed: no 0.30000000000000004 in a text."""
    as_text = target.type in ("text", "code") and isinstance(value, float)
    return f"{value:.12g}" if as_text else value


def replaced_cells(
    reader: TableReader,
    layer: str,
    fids: NDArray[np.int64],
    fields: Sequence[str],
    search: Search,
    *,
    catalogue: Catalogue,
    progress: Progress = SILENT,
) -> list[CellChange]:
    """Return the cells in which something is found, with what they would be.

    Texts are searched as people see them: codes by their names.

    Raises
    ------
    EditRefused
        If the pattern is none or does not come to an end.
    Cancelled
        If `progress` says so.
    """
    replaced = replacer(search)
    chosen = [reader.asset_type(layer).field(name) for name in fields]
    result: list[CellChange] = []
    for start in range(0, len(fids), _LOT):
        progress.report(start, len(fids), layer)
        progress.check()
        lot = fids[start : start + _LOT].tolist()
        table = reader.table(layer, fields, fids=lot, geometry=False)
        for row, fid in enumerate(table.fids.tolist()):
            for one in chosen:
                old = table.columns[one.name][row]
                text = replaced(display(one, old, catalogue))
                if text is not None:
                    result.append(_cell(fid, one, old, text, catalogue))
    progress.report(len(fids), len(fids), layer)
    return result


def _cell(fid: int, target: Field, old: Value, text: str, catalogue: Catalogue) -> CellChange:
    try:
        new = coerce(target, text, catalogue)
    except BadValue as error:
        return CellChange(fid, target.name, old, None, text, refused=str(error))
    doubt = problem(target, new, catalogue) or ""
    return CellChange(fid, target.name, old, new, text, doubt=doubt)


def set_cells(reader: TableReader, layer: str, cells: Iterable[CellChange]) -> ChangeSet:
    """Return the one change that stores the new values of cells; refused ones are left out."""
    new: dict[int, dict[str, Value]] = {}
    for cell in cells:
        if not cell.refused:
            new.setdefault(cell.fid, {})[cell.field] = cell.new
    names = sorted({name for row in new.values() for name in row})
    table = reader.table(layer, names, fids=sorted(new), geometry=False)
    columns = {
        name: [
            new[fid].get(name, stored)
            for fid, stored in zip(table.fids.tolist(), table.columns[name], strict=True)
        ]
        for name in names
    }
    return set_each(reader, layer, table.fids, columns)


def add_records(reader: TableReader, layer: str, rows: Sequence[Mapping[str, Value]]) -> ChangeSet:
    """Return the change that adds rows to a table without geometry; the rest are defaults.

    Raises
    ------
    ValueError
        If the layer has places: what is on the map is not added by its values alone.
    """
    asset = reader.asset_type(layer)
    if asset.is_spatial:
        raise ValueError(f"{layer} has places")
    whole = [{**asset.empty_values(), **row} for row in rows]
    columns = {name: [row[name] for row in whole] for name in asset.field_names}
    geometry = np.full(len(whole), None, object)
    bulk = (BulkInsert(layer, geometry, columns),) if whole else ()
    return ChangeSet("edit.add", bulk=bulk, params={"count": len(whole), "layer": layer})
