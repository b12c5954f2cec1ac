"""Inspection records from a table: each row names its asset by a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from hjgis.edits.records import import_records
from hjgis.errors import InputError, UsageError
from hjgis.exchange import records
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.profiles import Column
from hjgis.exchange.report import ImportReport, Problems
from hjgis.exchange.sources import read_layer
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import RECORD_OF, AssetType, Value
from hjgis.models.changes import ChangeSet, Feature, FeatureKey, new_uuids
from hjgis.models.records import LAYER, inspected_kinds
from hjgis.progress import Progress

# What tells an asset from others, in the order in which a number is looked for.
_NUMBERS: Final = ("component_id", "exp_no", "pole_no", "pipe_no")
# A record is the same as a stored one if these are.
_SAME: Final = (*RECORD_OF, "date", "kind", "finding", "person")


@dataclass(frozen=True, slots=True)
class RecordPlan:
    """What becomes of a table of records; nothing is stored yet."""

    changes: ChangeSet
    report: ImportReport
    mapping: Mapping[str, str]


def plan_records(
    project: Project,
    source: Path,
    to: str,
    *,
    source_layer: str | None,
    encoding: str | None,
    mapping: Mapping[str, str | Column] | None,
    progress: Progress,
) -> RecordPlan:
    """Read a table of inspection records and find the assets that its rows name.

    Rows whose asset is unknown or not the only one, and those without a date, are left out and
    listed; so are those that are stored already.

    Raises
    ------
    UsageError
        If this kind of record cannot be imported.
    InputError
        If the source cannot be used or no column names an asset.
    """
    if to != LAYER:
        raise UsageError(_("Photos and papers are attached, not imported from a table."))
    layer = read_layer(
        source,
        layer=source_layer,
        given_encoding=encoding,
        spatial=False,
        progress=progress,
    )
    asset, problems = project.asset_type(to), Problems()
    for warning in layer.warnings:
        problems.add(None, None, "warning", warning)
    columns = columns_for(asset, layer.columns, mapping)
    if not any(column.field == "asset_uuid" for column in columns.values()):
        message = _("No column of {path} names the asset; give one with --map COLUMN=asset_uuid.")
        raise InputError(message.format(path=source.name))
    every = np.arange(len(layer))
    values, _refused = records.values_of(project, asset, layer, columns, every, problems)
    records.note_unmapped(layer, columns, problems)
    progress.report(3, 4, _("linking"))
    found, doubled = _records(project, asset, values, len(layer), problems)
    params = {"count": len(found), "layer": to, "source": source.name}
    report = _report(source, layer, to, (len(found), doubled), problems)
    taken = {name: column.field for name, column in columns.items()}
    return RecordPlan(import_records(project, found, params=params), report, taken)


def _records(
    project: Project,
    asset: AssetType,
    values: Mapping[str, list[Value]],
    count: int,
    problems: Problems,
) -> tuple[list[Feature], int]:
    """Return the records that are new, and how many are stored already."""
    owners = owners_of(project)
    stored = _stored(project)
    found: list[Feature] = []
    doubled = 0
    for row, uuid in enumerate(new_uuids(count)):
        given = {name: column[row] for name, column in values.items()}
        named = str(given.get("asset_uuid") or "").strip()
        known = owners.get(named, [])
        if trouble := owner_trouble(named, known, given):
            problems.add(row + 1, "asset_uuid", "rejected", trouble)
            continue
        key = known[0]
        whole = {**asset.empty_values(), **{n: v for n, v in given.items() if v is not None}}
        whole |= dict(zip(RECORD_OF, (key.layer, key.uuid), strict=True))
        same = tuple(whole[name] for name in _SAME)
        if same in stored:
            doubled += 1
        else:
            stored.add(same)
            found.append(Feature(FeatureKey(asset.id, uuid), None, whole))
    return found, doubled


def owner_trouble(named: str, known: Sequence[FeatureKey], given: Mapping[str, Value]) -> str:
    """Say why a record with these values cannot be taken; empty if it can."""
    if not named:
        return _("left out: no asset is named")
    if not known:
        return _("left out: there is no asset {number}").format(number=named)
    if len(known) > 1:
        message = _("left out: {count} assets are called {number}")
        return message.format(count=len(known), number=named)
    return "" if given.get("date") else _("left out: no date")


def owners_of(project: Project) -> dict[str, list[FeatureKey]]:
    """Return which assets a number or an identity names."""
    result: dict[str, list[FeatureKey]] = {}
    for asset in inspected_kinds(project.types):
        names = [name for name in _NUMBERS if asset.has(name)]
        table = project.table(asset.id, names, geometry=False)
        for place, uuid in enumerate(table.uuids.tolist()):
            key = FeatureKey(asset.id, uuid)
            for number in {uuid, *(table.columns[name][place] for name in names)} - {None}:
                result.setdefault(str(number).strip(), []).append(key)
    return result


def _stored(project: Project) -> set[tuple[Any, ...]]:
    columns = project.table(LAYER, _SAME, geometry=False).columns
    return set(zip(*(columns[name].tolist() for name in _SAME), strict=True))


def _report(
    source: Path, layer: ForeignLayer, to: str, counts: tuple[int, int], problems: Problems
) -> ImportReport:
    imported, unchanged = counts
    return ImportReport(
        source=source.name,
        layer=to,
        read=len(layer),
        imported=imported,
        rejected=len(layer) - imported - unchanged,
        matched=unchanged,
        unchanged=unchanged,
        missing=0,
        encoding=layer.encoding.name,
        encoding_source=layer.encoding.source,
        crs=None,
        crs_source="none",
        transform="",
        problems=problems.listed(),
    )
