"""What the records of a foreign layer become: values of fields, numbers, identities."""

from __future__ import annotations

import uuid as uuid_module
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.exchange.foreign import ForeignLayer, is_null
from hjgis.exchange.matching import Incoming
from hjgis.exchange.profiles import Column
from hjgis.exchange.report import Problems
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field, Value
from hjgis.models.changes import BulkInsert, new_uuids
from hjgis.models.validation import BadValue, coerce, problem

NUMBER_FIELDS: Final = ("component_id", "exp_no", "pipe_no", "park_no", "bay_no", "station_no")
# A problem of a value that is stored and yet is hardly right, such as a number out of range.
DOUBTFUL: Final = "doubtful"
_IDENTITY: Final = "uuid"
_Trouble = tuple[str, str] | None
Values = dict[str, list[Value]]


def values_of(
    project: Project,
    asset: AssetType,
    layer: ForeignLayer,
    columns: Mapping[str, Column],
    kept: NDArray[np.intp],
    problems: Problems,
) -> tuple[Values, dict[str, set[int]]]:
    """Return the values of every field that is filled, and where one could not be taken whole.

    A value met again is not read again.

    Parameters
    ----------
    kept : array of int, shape (n,)
        Record numbers from 0.

    Returns
    -------
    values : dict of str to list, each of length n
    refused : dict of str to set of int
        Field to places in the lists.
    """
    rows = (kept + 1).tolist()
    result = {}
    refused: dict[str, set[int]] = {}
    for source, column in columns.items():
        target = asset.field(column.field)
        known: dict[object, tuple[Value, _Trouble]] = {}
        values: list[Value] = []
        for row, given in zip(rows, layer.columns[source][kept].tolist(), strict=True):
            key = (type(given), given)
            if key not in known:
                known[key] = _value(project, target, column, given)
            value, trouble = known[key]
            if trouble is not None:
                problems.add(row, source, *trouble)
                if trouble[0] != DOUBTFUL:
                    refused.setdefault(column.field, set()).add(len(values))
            values.append(value)
        result[column.field] = values
    return result, refused


def _value(project: Project, target: Field, column: Column, given: Any) -> tuple[Value, _Trouble]:
    """Return what is stored, and kind and words of what was lost on the way."""
    if is_null(given) or column.is_missing(given):
        return None, None
    given = column.values.get(str(given), given)
    try:
        value = _read(project, target, column, given)
        doubt = problem(target, value, project.catalogue)
        said = _("taken as it is: {why}").format(why=doubt)
        return value, ((DOUBTFUL, said) if doubt else None)
    except BadValue as error:
        if target.type == "text" and target.max_length and len(str(given)) > target.max_length:
            cut = str(given).strip()[: target.max_length]
            message = _("{why}; cut: {text}…")
            return cut, ("truncated", message.format(why=error, text=cut[:20]))
        return None, ("bad-value", _("left empty: {why}").format(why=error))


def _read(project: Project, target: Field, column: Column, given: Any) -> Value:
    """Return a value in the field's unit."""
    if column.factor == 1.0:
        return coerce(target, given, project.catalogue)
    number = coerce(replace(target, type="number"), given, project.catalogue)
    if not isinstance(number, float):
        return None
    scaled = number * column.factor
    # 144 ft are 43.8912 m, not 43.891200000000005.
    return round(scaled) if target.type == "integer" else float(f"{scaled:.12g}")


def note_unmapped(layer: ForeignLayer, columns: Mapping[str, Column], problems: Problems) -> None:
    """List the columns that are not taken and hold something."""
    for name, values in layer.columns.items():
        if name in columns or name.casefold() == _IDENTITY:
            continue
        filled = sum(not is_null(value) for value in values.tolist())
        if filled:
            message = _("column {name} is not taken ({count} values)")
            text = message.format(name=name, count=filled)
            problems.add(None, name, "unmapped", text, count=filled)


def fill_source(asset: AssetType, source: str, rows: NDArray[np.intp], values: Values) -> None:
    """Say in the features themselves which record of which file they were."""
    if asset.has("source_file") and "source_file" not in values:
        values["source_file"] = [source] * len(rows)
        values["source_row"] = [int(row) + 1 for row in rows]


def _note_numbers(
    project: Project,
    asset: AssetType,
    values: Mapping[str, list[Value]],
    kept: NDArray[np.intp],
    problems: Problems,
) -> None:
    """List blank and repeated numbers; they are taken all the same."""
    for name in (name for name in NUMBER_FIELDS if name in values):
        stored = project.table(asset.id, [name], geometry=False).columns[name]
        counts = Counter(value for value in (*values[name], *stored) if value is not None)
        called = label(asset.field(name).label)
        for row, value in zip(kept + 1, values[name], strict=True):
            if value is None:
                problems.add(int(row), name, "blank-id", _("no {field}").format(field=called))
            elif counts[value] > 1:
                message = _("{field} {value} is given {count} times")
                text = message.format(field=called, value=value, count=counts[value])
                problems.add(int(row), name, "duplicate-id", text)


def new_features(
    project: Project,
    asset: AssetType,
    incoming: Incoming,
    new: NDArray[np.intp],
    problems: Problems,
) -> BulkInsert:
    """Return the features that are new; blank, repeated and taken numbers are listed.

    Parameters
    ----------
    new : array of int, shape (m,)
        Which of the records.
    """
    if len(new) == len(incoming):
        values = dict(incoming.values)
    else:
        values = {name: [column[i] for i in new] for name, column in incoming.values.items()}
    rows = incoming.rows[new]
    if asset.kind == "asset":
        _note_numbers(project, asset, values, rows, problems)
    given = [incoming.uuids[i] for i in new]
    return BulkInsert(
        asset.id, incoming.geometry[new], values, _identities(project, asset, given, rows, problems)
    )


def given_identities(layer: ForeignLayer, kept: NDArray[np.intp]) -> list[str | None]:
    """Return the identities that the records give themselves, None where they give none."""
    column = next((name for name in layer.columns if name.casefold() == _IDENTITY), None)
    if column is None:
        return [None] * len(kept)
    given = (str(value or "").strip().lower() for value in layer.columns[column][kept].tolist())
    return [text if _is_uuid(text) else None for text in given]


def _identities(
    project: Project,
    asset: AssetType,
    given: Sequence[str | None],
    rows: NDArray[np.intp],
    problems: Problems,
) -> list[str]:
    """Return the source's own identities where they are free, new ones elsewhere."""
    made = new_uuids(len(rows))
    if not any(given):
        return made
    taken = _stored_identities(project, asset)
    for place, uuid in enumerate(given):
        if uuid in taken:
            message = _("the identity is taken by another feature, so a new one was given")
            problems.add(int(rows[place]) + 1, _IDENTITY, "duplicate-id", message)
        elif uuid is not None:
            made[place] = uuid
            taken.add(uuid)
    return made


def _stored_identities(project: Project, asset: AssetType) -> set[str]:
    """Return the identities that a new feature may not have: of its layer and of all nodes."""
    lines = [line for line in project.types.values() if asset.id in line.ends_on]
    layers = {asset.id, *(name for line in lines for name in line.ends_on)} & set(project.types)
    return {
        uuid for name in layers for uuid in project.table(name, [], geometry=False).uuids.tolist()
    }


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid_module.UUID(text)) == text
    except ValueError:
        return False
