"""Puts back what the journal says was there before a change."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from hjgis.layers import journal, statements
from hjgis.layers.row_writing import RowWriter
from hjgis.layers.stored_rows import AT_ONCE, no_longer_stored
from hjgis.models.assets import Value


def revert(writer: RowWriter, rows: Sequence[journal.Row], ranges: Sequence[journal.Range]) -> None:
    """Put back what a journal entry says was there before, latest row first."""
    for run in reversed(ranges):
        _revert_range(writer, run)
    for layer, lot in groupby(reversed(rows), key=_layer_of_values):
        some = list(lot)
        if layer and len(some) > AT_ONCE and len({row.fid for row in some}) == len(some):
            _put_many_back(writer, layer, some)
        else:
            for row in some:
                _revert_row(writer, row)


def _revert_row(writer: RowWriter, row: journal.Row) -> None:
    if row.layer == journal.FACTS:
        for key, value in (row.old or {}).items():
            writer.put_fact(key, None if value is None else str(value))
    elif row.op == "insert":
        writer.delete(row.layer, [row.fid])
    elif row.op == "delete":
        _restore(writer, row)
    else:
        _put_back(writer, row)


def _revert_range(writer: RowWriter, run: journal.Range) -> None:
    if run.op == "delete":
        writer.unpark(run)
    else:
        writer.delete(run.layer, range(run.fid_lo, run.fid_hi + 1))


def _restore(writer: RowWriter, row: journal.Row) -> None:
    values = dict(row.old or {})
    uuid = str(values.pop("uuid"))
    typed = {
        name: _typed(writer, row.layer, name, value) if isinstance(value, str) else value
        for name, value in values.items()
    }
    writer.insert(row.layer, row.fid, uuid, row.old_geom, typed)


def _put_back(writer: RowWriter, row: journal.Row) -> None:
    asset = writer.asset_type(row.layer)
    old = dict(row.old or {})
    names = [name for name in ("uuid", *asset.field_names) if name in old]
    stored = writer.read(row.layer, row.fid, names)
    values: dict[str, Any] = {}
    for name in names:
        wanted = _typed(writer, row.layer, name, old[name])
        if wanted != stored[name]:
            values[name] = wanted
    if ("geom" in old or row.old_geom is not None) and row.old_geom != stored["geom"]:
        values["geom"] = row.old_geom
    writer.update(row.layer, row.fid, values, stored)


def _put_many_back(writer: RowWriter, layer: str, rows: Sequence[journal.Row]) -> None:
    """Put back values of many rows, each of them there once."""
    asset = writer.asset_type(layer)
    held = {name for row in rows for name in row.old or ()}
    names = [name for name in asset.field_names if name in held]
    stored = writer.at(layer, names, [row.fid for row in rows])
    # Which values are others now is mostly the same in all rows.
    lots: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for row in rows:
        if row.fid not in stored:
            raise no_longer_stored(layer, row.fid)
        before, after = {}, []
        old = row.old or {}
        for name, now in zip(names, stored[row.fid], strict=True):
            if name in old and (wanted := _typed(writer, layer, name, old[name])) != now:
                before[name] = now
                after.append(wanted)
        if before:
            writer.notes.append(journal.Row(layer, row.fid, "update", before))
            lots.setdefault(tuple(before), []).append((*after, row.fid))
    touched = writer.touch(layer, geometry=False, boxes=[writer.layer_box(layer)])
    for changed, values in lots.items():
        writer.db.executemany(statements.update(layer, changed), values)
        touched.updated.extend(row[-1] for row in values)
        touched.fields.update(changed)


def _typed(writer: RowWriter, layer: str, name: str, value: Value) -> Value:
    """Return a journal value as its column holds it: triggers write numbers as text."""
    asset = writer.asset_type(layer)
    if isinstance(value, str) and asset.has(name) and asset.field(name).type == "number":
        return float(value)
    return value


def _layer_of_values(row: journal.Row) -> str:
    """Return the layer of a row of which only values of fields were changed; otherwise nothing."""
    old = row.old or {}
    values = row.op == "update" and row.old_geom is None and row.layer != journal.FACTS
    return row.layer if values and old and not {"geom", "uuid"} & old.keys() else ""
