"""What features were before, told from the journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hjgis.errors import EditRefused
from hjgis.i18n import _
from hjgis.layers import geometry_blob
from hjgis.layers.journal import Entry, Row
from hjgis.layers.project import Project
from hjgis.models.changes import Feature, FeatureKey

PLACE: Final = "geom"


@dataclass(frozen=True, slots=True)
class DayBefore:
    """What the features were before one day's work of somebody.

    Attributes
    ----------
    states : dict
        None: the feature was not there.
    kept : int
        How many features are left out, because somebody has changed them since.
    """

    states: dict[FeatureKey, Feature | None]
    kept: int = 0


def state_before(project: Project, key: FeatureKey, change: int) -> Feature | None:
    """Return a feature as it was before a change; None if it was not there.

    Raises
    ------
    EditRefused
        If what it was is not in the journal: it went as one of very many.
    """
    return _before(project, key, project.history.entries(key), change)


def with_field_before(project: Project, key: FeatureKey, change: int, field: str) -> Feature:
    """Return a feature as it is, but for one field, or the place (``geom``).

    Raises
    ------
    EditRefused
        If the feature is not there, or was not.
    """
    now, before = _now(project, key), state_before(project, key, change)
    if now is None or before is None:
        raise EditRefused(_("The feature was not there: bring back the whole of it."))
    if field == PLACE:
        return now.with_geometry(before.geometry)
    return now.with_values(**{field: before.values.get(field)})


def before_day(project: Project, operator: str, day: dt.date) -> DayBefore:
    """Return what the features were before one day's work of an operator.

    A feature that was changed again since, by anybody, is left out and counted.

    Raises
    ------
    EditRefused
        If the operator changed nothing on that day.
    """
    entries = project.history.entries()
    mine = {entry.id for entry in entries if entry.operator == operator and _day(entry) == day}
    if not mine:
        raise EditRefused(_("On that day nothing was changed by {who}.").format(who=operator))
    states: dict[FeatureKey, Feature | None] = {}
    kept = 0
    for key, fid in project.history.touched(mine):
        history = project.history.of_row(key, fid)
        numbers = [entry.id for entry in history]
        during = [number for number in numbers if number in mine]
        if numbers[0] != during[0] or _is_mixed(numbers, mine):
            kept += 1
        else:
            states[key] = _before(project, key, history, during[-1])
    return DayBefore(states, kept)


def _is_mixed(numbers: Sequence[int], mine: set[int]) -> bool:
    """Whether somebody else's change lies between those of the day; latest first."""
    last = max(i for i, number in enumerate(numbers) if number in mine)
    return any(number not in mine for number in numbers[:last])


def _before(
    project: Project, key: FeatureKey, history: Iterable[Entry], change: int
) -> Feature | None:
    feature = _now(project, key)
    for entry in history:
        if entry.id < change:
            break
        for row in reversed(entry.rows):
            feature = _without(feature, row, key)
    return feature


def _now(project: Project, key: FeatureKey) -> Feature | None:
    try:
        return project.get(key)
    except KeyError:
        return None


def _without(feature: Feature | None, row: Row, key: FeatureKey) -> Feature | None:
    """Return a feature as it was before one row of the journal."""
    if row.op == "insert":
        return None
    if row.old is None and row.old_geom is None:
        raise EditRefused(
            _("It went as one of very many: take that change back by undo or a checkpoint.")
        )
    old = {name: value for name, value in (row.old or {}).items() if name not in ("uuid", PLACE)}
    if row.op == "delete":
        place = geometry_blob.decode_one(row.old_geom)
        return Feature(key, place, old, row.fid)
    assert feature is not None
    result = feature.with_values(**old)
    if row.old_geom is not None or PLACE in (row.old or {}):
        result = result.with_geometry(geometry_blob.decode_one(row.old_geom))
    return result


def _day(entry: Entry) -> dt.date:
    return dt.datetime.fromisoformat(entry.at).astimezone().date()
