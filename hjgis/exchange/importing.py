"""Import: a foreign layer becomes one change, and every record is accounted for."""

from __future__ import annotations

import uuid as uuid_module
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.errors import InputError, UsageError
from hjgis.exchange import linking, marks, places, reference, updating, usable
from hjgis.exchange.foreign import ForeignLayer, is_null
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.matching import Incoming
from hjgis.exchange.places import Placement
from hjgis.exchange.profiles import Column
from hjgis.exchange.report import ImportReport, Problems
from hjgis.exchange.sources import read_layer
from hjgis.exchange.updating import Kind, Update
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field, Value
from hjgis.models.changes import Announcement, BulkInsert, ChangeSet, new_uuids
from hjgis.models.crs import Transform
from hjgis.models.validation import BadValue, coerce
from hjgis.progress import SILENT, Progress

_NUMBER_FIELDS: Final = ("component_id", "exp_no", "pipe_no", "park_no", "bay_no", "station_no")
_IDENTITY: Final = "uuid"
# Nearer than this is the same place: degrees are often written with seven decimals.
_METRES_M: Final = 0.001
_DEGREES_M: Final = 0.01
_NEW_ONLY: Final[tuple[Kind, ...]] = ("new",)
_Trouble = tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """An import that has been thought through and not yet stored.

    Attributes
    ----------
    changes : ChangeSet
        The records that are new; empty when there are none.
    mapping : mapping of str to str
        Source column to field.
    update : Update
        What the file says of features that the project has already.
    shifted : tuple of str or None
        Digest of the source and the map service whose shift was taken away, if one was.
    """

    changes: ChangeSet
    report: ImportReport
    mapping: Mapping[str, str]
    update: Update
    shifted: tuple[str, str] | None = None


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
    placement = places.examine(layer, project, crs=crs, swap=swap, as_is=as_is, source=source)
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
    update, kept = _laid_beside(
        project, asset, source, layer, columns, transform, problems, progress
    )
    progress.check()
    report = ImportReport(
        source=source.name,
        layer=asset.id,
        read=len(layer),
        imported=len(update.fresh.geometry),
        rejected=len(layer) - kept,
        matched=update.matched,
        unchanged=update.unchanged,
        missing=len(update.of_kind("missing")),
        encoding=layer.encoding.name,
        encoding_source=layer.encoding.source,
        crs=system.text if system else None,
        crs_source=placement.how,
        transform=transform.description,
        problems=problems.listed(),
    )
    progress.report(4, 4, _("done"))
    taken = {source_name: column.field for source_name, column in columns.items()}
    changes = _change(asset, source, update.fresh)
    if asset.id not in project.types:
        changes = replace(changes, new_layer=asset)
    mark = marks.shifted(source, placement.shift)
    return ImportPlan(changes, report, taken, update, mark)


def _laid_beside(
    project: Project,
    asset: AssetType,
    source: Path,
    layer: ForeignLayer,
    columns: Mapping[str, Column],
    transform: Transform,
    problems: Problems,
    progress: Progress,
) -> tuple[Update, int]:
    """Return what the records become beside what is stored, and how many can be taken at all.

    What is odd about them goes to `problems`.
    """
    progress.report(1, 4, _("transforming"))
    kept, shapes = usable.records(layer, asset, transform, problems)
    progress.check()
    progress.report(2, 4, _("values"))
    values, refused = _values(project, asset, layer, columns, kept, problems)
    _note_unmapped(layer, columns, problems)
    given = set(values)
    _fill_source(asset, source, kept, values)
    progress.report(3, 4, _("linking"))
    if asset.ends_on:
        linking.link_ends(project, asset, values, shapes, kept, problems)
    incoming = Incoming(
        kept,
        shapes,
        values,
        _given_identities(layer, kept),
        refused,
        _DEGREES_M if transform.source.is_geographic else _METRES_M,
        frozenset(values) - given,
    )
    left_out = np.setdiff1d(np.arange(len(layer)), kept)
    named = {uuid for uuid in _given_identities(layer, left_out) if uuid is not None}
    file = updating.File(source.name, layer.encoding.name, named)
    found, update = updating.compare(project, asset, incoming, file)
    progress.check()
    new = np.flatnonzero(found < 0)
    fresh = _fresh(project, asset, incoming, new, problems)
    return updating.with_fresh(update, fresh, (kept[new] + 1).tolist()), len(kept)


def _fresh(
    project: Project,
    asset: AssetType,
    incoming: Incoming,
    new: NDArray[np.intp],
    problems: Problems,
) -> BulkInsert:
    """Return the new features; blank, repeated and taken numbers and identities are listed."""
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


def carry_out(
    project: Project, plan: ImportPlan, take: Collection[Kind] = _NEW_ONLY
) -> ImportReport:
    """Store a planned import as one change, which one undo takes back.

    Parameters
    ----------
    take : collection of str
        Which differences from what is stored are taken over: ``new``, ``changed`` (also values
        and places of features that are stored), ``missing`` (features that the file has not go).
    """
    if not plan.update.matched:
        changes = plan.changes if "new" in take else ChangeSet("import")
    else:
        changes = plan.update.accept(plan.update.of_kind(*take))
    store(project, plan, changes)
    return plan.report.stored(take, len(plan.update.of_kind("changed")))


def store(project: Project, plan: ImportPlan, changes: ChangeSet) -> Announcement | None:
    """Store what is taken of a plan and remember what must be known of its source; None: nothing.

    Raises
    ------
    StoreConflict
        If the project has changed since so that it does not fit any more.
    """
    if not changes:
        return None
    announcement = project.session.apply(changes)
    if plan.shifted is not None:
        marks.remember(project, *plan.shifted)
    return announcement


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
) -> tuple[dict[str, list[Value]], dict[str, set[int]]]:
    """Return the values of every field that is filled, and where one could not be taken whole.

    A value met again is not read again.
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


def _given_identities(layer: ForeignLayer, kept: NDArray[np.intp]) -> list[str | None]:
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
