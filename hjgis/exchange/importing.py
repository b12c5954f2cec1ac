"""Import: a foreign layer becomes one change, and every record is accounted for."""

from __future__ import annotations

import uuid as uuid_module
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError, UsageError
from hjgis.exchange import linking, places, reference, usable
from hjgis.exchange.foreign import ForeignLayer, is_null
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.places import Placement
from hjgis.exchange.profiles import Column
from hjgis.exchange.report import ImportReport, Problems
from hjgis.exchange.sources import read_layer
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field, Value
from hjgis.models.changes import BulkInsert, ChangeSet, new_uuids
from hjgis.models.crs import Transform
from hjgis.models.validation import BadValue, coerce
from hjgis.progress import SILENT, Progress

_NUMBER_FIELDS: Final = ("component_id", "exp_no", "pipe_no", "park_no", "bay_no", "station_no")
_IDENTITY: Final = "uuid"
_Trouble = tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """An import that has been thought through and not yet stored.

    Attributes
    ----------
    changes : ChangeSet
        Empty when no record can be taken.
    mapping : mapping of str to str
        Source column to field.
    """

    changes: ChangeSet
    report: ImportReport
    mapping: Mapping[str, str]


def plan_import(
    project: Project,
    source: Path,
    *,
    to: str | None = None,
    as_reference: str | None = None,
    source_layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    x: str | None = None,
    y: str | None = None,
    swap: bool = False,
    as_is: bool = False,
    accept_ballpark: bool = False,
    mapping: Mapping[str, str | Column] | None = None,
    progress: Progress = SILENT,
) -> ImportPlan:
    """Read a source and say what would become of each record; nothing is stored.

    Parameters
    ----------
    to : str, optional
        Asset kind; else `as_reference` names a new reference layer.
    crs, swap, as_is
        What is said of the coordinates; see `places.examine`.
    accept_ballpark : bool
        Whether two datums may be set equal where no transformation between them is known.
    mapping : mapping, optional
        Source column to field, or to a `Column` with factor and values, before all guesses.

    Raises
    ------
    InputError
        If the source cannot be used.
    InputQuestion
        If something must be answered first.
    UsageError
        If target, column or field do not exist.
    """
    _check_target(project, source, to, as_reference)
    progress.report(0, 4, _("reading"))
    layer = read_layer(source, layer=source_layer, given_encoding=encoding, x=x, y=y)
    progress.check()
    placement = places.examine(layer, project, crs=crs, swap=swap, as_is=as_is)
    if placement.question is not None:
        raise placement.question
    layer, system = placement.layer, placement.crs
    transform = places.transform_to(
        project.crs, system or project.crs, accept_ballpark=accept_ballpark
    )
    if to is not None:
        asset = project.asset_type(to)
        columns = columns_for(asset, layer.columns, mapping)
    else:
        asset = reference.layer_type(project, layer, str(as_reference))
        columns = reference.columns_of(asset, layer)
    problems = _first_problems(placement, transform)
    bulk = _bulk(project, asset, source, layer, columns, transform, problems, progress)
    progress.check()
    count = len(bulk.geometry)
    report = ImportReport(
        source=source.name,
        layer=asset.id,
        read=len(layer),
        imported=count,
        rejected=len(layer) - count,
        encoding=layer.encoding.name,
        encoding_source=layer.encoding.source,
        crs=system.text if system else None,
        crs_source=placement.how,
        transform=transform.description,
        problems=problems.listed(),
    )
    progress.report(4, 4, _("done"))
    taken = {source_name: column.field for source_name, column in columns.items()}
    changes = _change(asset, source, bulk)
    if to is None:
        changes = replace(changes, new_layer=asset)
    return ImportPlan(changes, report, taken)


def _bulk(
    project: Project,
    asset: AssetType,
    source: Path,
    layer: ForeignLayer,
    columns: Mapping[str, Column],
    transform: Transform,
    problems: Problems,
    progress: Progress,
) -> BulkInsert:
    """Return the features that the records become; what is odd goes to `problems`."""
    progress.report(1, 4, _("transforming"))
    kept, shapes = usable.records(layer, asset, transform, problems)
    progress.check()
    progress.report(2, 4, _("values"))
    values = _values(project, asset, layer, columns, kept, problems)
    _note_unmapped(layer, columns, problems)
    _fill_source(asset, source, kept, values)
    if asset.kind == "asset":
        _note_numbers(project, asset, values, kept, problems)
    progress.report(3, 4, _("linking"))
    if asset.ends_on:
        linking.link_ends(project, asset, values, shapes, kept, problems)
    uuids = _identities(project, asset, layer, kept, problems)
    return BulkInsert(asset.id, shapes, values, uuids)


def carry_out(project: Project, plan: ImportPlan) -> ImportReport:
    """Store a planned import as one change, which one undo takes back."""
    if plan.changes:
        project.session.apply(plan.changes)
    return plan.report


def _check_target(project: Project, source: Path, to: str | None, as_reference: str | None) -> None:
    if (to is None) == (as_reference is None):
        raise UsageError(_("Give either --to KIND or --as-reference NAME."))
    if source.exists() and source.samefile(project.path):
        raise InputError(_("A project cannot be imported into itself."))
    if to is not None and to not in project.types:
        message = _("There is no kind {name}. There are: {names}.")
        raise UsageError(message.format(name=to, names=", ".join(project.types)))


def _first_problems(placement: Placement, transform: Transform) -> Problems:
    """Return what is to be said before any record is looked at."""
    problems = Problems()
    for warning in placement.layer.warnings:
        problems.add(None, None, "warning", warning)
    if placement.astray_words:
        problems.add(None, None, "outside-county", placement.astray_words)
    if placement.heights:
        problems.add(None, None, "heights", placement.heights)
    if transform.ballpark:
        problems.add(None, None, "ballpark-shift", transform.description)
    return problems


# -- values ------------------------------------------------------------------------------


def _values(
    project: Project,
    asset: AssetType,
    layer: ForeignLayer,
    columns: Mapping[str, Column],
    kept: NDArray[np.intp],
    problems: Problems,
) -> dict[str, list[Value]]:
    """Return the values of every field that is filled; a value met again is not read again."""
    rows = (kept + 1).tolist()
    result = {}
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
            values.append(value)
        result[column.field] = values
    return result


def _value(project: Project, target: Field, column: Column, given: Any) -> tuple[Value, _Trouble]:
    """Return what is stored, and kind and words of what was lost on the way."""
    if is_null(given) or column.is_missing(given):
        return None, None
    given = column.values.get(str(given), given)
    try:
        if column.factor == 1.0:
            return coerce(target, given, project.catalogue), None
        number = coerce(replace(target, type="number"), given, project.catalogue)
        if not isinstance(number, float):
            return None, None
        scaled = number * column.factor
        return (round(scaled) if target.type == "integer" else scaled), None
    except BadValue as error:
        if target.type == "text" and target.max_length and len(str(given)) > target.max_length:
            cut = str(given).strip()[: target.max_length]
            message = _("text cut to {limit} characters: {text}…")
            text = message.format(limit=target.max_length, text=cut[:20])
            return cut, ("truncated", text)
        return None, ("bad-value", _("left empty: {why}").format(why=error))


def _note_unmapped(layer: ForeignLayer, columns: Mapping[str, Column], problems: Problems) -> None:
    for name, values in layer.columns.items():
        if name in columns or name.casefold() == _IDENTITY:
            continue
        filled = sum(not is_null(value) for value in values.tolist())
        if filled:
            message = _("column {name} is not taken ({count} values)")
            text = message.format(name=name, count=filled)
            problems.add(None, name, "unmapped", text, count=filled)


def _fill_source(
    asset: AssetType, source: Path, kept: NDArray[np.intp], values: dict[str, list[Value]]
) -> None:
    if asset.has("source_file") and "source_file" not in values:
        values["source_file"] = [source.name] * len(kept)
        values["source_row"] = [int(row) + 1 for row in kept]


def _note_numbers(
    project: Project,
    asset: AssetType,
    values: Mapping[str, list[Value]],
    kept: NDArray[np.intp],
    problems: Problems,
) -> None:
    """List blank and repeated numbers; they are taken all the same."""
    for name in (name for name in _NUMBER_FIELDS if name in values):
        stored = project.table(asset.id, [name], geometry=False).columns[name]
        counts = Counter(value for value in (*values[name], *stored) if value is not None)
        for row, value in zip(kept + 1, values[name], strict=True):
            if value is None:
                message = _("row {row} has no {field}").format(row=row, field=name)
                problems.add(int(row), name, "blank-id", message)
            elif counts[value] > 1:
                message = _("{field} {value} is given {count} times")
                text = message.format(field=name, value=value, count=counts[value])
                problems.add(int(row), name, "duplicate-id", text)


# -- the change --------------------------------------------------------------------------


def _change(asset: AssetType, source: Path, bulk: BulkInsert) -> ChangeSet:
    count = len(bulk.geometry)
    if not count:
        return ChangeSet("import")
    own = {} if asset.kind == "asset" else {"title": dict(asset.label)}
    params = {"layer": asset.id, "count": count, "source": source.name, **own}
    return ChangeSet("import", bulk=(bulk,), params=params, source="import")


def _identities(
    project: Project,
    asset: AssetType,
    layer: ForeignLayer,
    kept: NDArray[np.intp],
    problems: Problems,
) -> list[str]:
    """Return the source's own identities where they are valid and free, new ones elsewhere."""
    made = new_uuids(len(kept))
    column = next((name for name in layer.columns if name.casefold() == _IDENTITY), None)
    if column is None:
        return made
    taken = _stored_identities(project, asset)
    for place, value in enumerate(layer.columns[column][kept].tolist()):
        given = str(value or "").strip().lower()
        if given in taken:
            message = _("the identity is taken by another feature, so a new one was given")
            problems.add(int(kept[place]) + 1, column, "duplicate-id", message)
        elif _is_uuid(given):
            made[place] = given
            taken.add(given)
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
