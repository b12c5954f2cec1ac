"""What the program can work out itself, kept up while features are edited.

A computed value goes into a field that is empty, or that still holds what the computation gave
before; what somebody has typed stays, and the form shows the difference.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import shapely

from hjgis.models.assets import AssetType, Catalogue, Field, Value
from hjgis.models.changes import BORN_OF, Change, ChangeSet, Feature
from hjgis.models.reading import FeatureReader
from hjgis.models.unknown import without_answered

_GROUND: Final = "ground_elev_m"
_NUMBER: Final = "exp_no"
_GRID: Final = "grid"
_KEPT: Final = 8
# Of more features at once nothing is worked out: such edits are moves and settings of whole layers.
_MANY: Final = 1000
# Sheets of 50 cm by 50 cm at 1:500, numbered by their south-west corner in kilometres, X(north)
# first: GB/T 20257.1 as cited in DOMAIN 6.1.
_SHEET_M: Final = 250.0
# Edits that bring back or bring in what was recorded elsewhere: it is not for us to add to it.
_AS_RECORDED: Final = ("import", "sample", "edit.restore", "edit.foreign")


class Surroundings:
    """What a computation may look at: the stored features, with an edit already done."""

    def __init__(self, reader: FeatureReader, changes: Iterable[Change] = ()) -> None:
        self._reader = reader
        self._after = {change.key.uuid: change.after for change in changes}
        # The cells that held a place before: neighbours mostly lie in one.
        self._cells: list[Feature] = []
        # Every pipe asks for its ends again and again.
        self._nodes: dict[str, Feature | None] = {}

    def node(self, uuid: object) -> Feature | None:
        """Return a node of the network as it will be."""
        if not isinstance(uuid, str) or not uuid:
            return None
        if uuid in self._after:
            return self._after[uuid]
        if uuid not in self._nodes:
            self._nodes[uuid] = self._reader.node(uuid)
        return self._nodes[uuid]

    def cell_at(self, point: shapely.Point) -> Feature | None:
        """Return the cell of the town's grid that holds a place."""
        found = next((cell for cell in self._cells if _covers(cell, point)), None)
        if found is None and _GRID in self._reader.types:
            near = self._reader.within(_GRID, (point.x, point.y, point.x, point.y))
            self._cells = [cell for cell in near if _covers(cell, point)] + self._cells[:_KEPT]
            found = self._cells[0] if self._cells and _covers(self._cells[0], point) else None
        return found


@dataclass(frozen=True, slots=True)
class Computation:
    """How a value is worked out.

    Attributes
    ----------
    work : callable
        Of the surroundings and the feature; None where it cannot be said.
    follows : tuple of str
        Fields whose change lets a value that was computed be computed anew; ``geom`` for the
        place. Of two fields that follow from each other each follows the other only.
    node_fields : tuple of str
        The same, of the nodes that a line ends on.
    """

    work: Callable[[Surroundings, Feature], Value]
    follows: tuple[str, ...] = ()
    node_fields: tuple[str, ...] = ()


def _length(_around: Surroundings, feature: Feature) -> Value:
    return None if feature.geometry is None else round(feature.geometry.length, 2)


def _area(_around: Surroundings, feature: Feature) -> Value:
    return None if feature.geometry is None else round(feature.geometry.area, 1)


def _sheet(_around: Surroundings, feature: Feature) -> Value:
    if feature.geometry is None or feature.geometry.is_empty:
        return None
    point = feature.geometry.representative_point()
    north, east = (math.floor(at / _SHEET_M) * _SHEET_M / 1000 for at in (point.y, point.x))
    return f"{north:.2f}-{east:.2f}"


def _grid_code(around: Surroundings, feature: Feature) -> Value:
    if feature.geometry is None or feature.geometry.is_empty:
        return None
    cell = around.cell_at(feature.geometry.representative_point())
    return cell.values.get("grid_id") if cell is not None else None


def _covers(cell: Feature, point: shapely.Point) -> bool:
    return cell.geometry is not None and bool(cell.geometry.covers(point))


def _today(_around: Surroundings, _feature: Feature) -> Value:
    return dt.datetime.now().astimezone().date().isoformat()


def _difference(above: str, below: str) -> Callable[[Surroundings, Feature], Value]:
    def work(_around: Surroundings, feature: Feature) -> Value:
        return _less(feature.values.get(above), feature.values.get(below))

    return work


def _below_node(end: str, below: str) -> Callable[[Surroundings, Feature], Value]:
    """Ground at the node less depth is the elevation of the pipe, and the other way round.

    Source: 地面高程 = 埋深 + 管线高程, DOMAIN 4.2.
    """

    def work(around: Surroundings, feature: Feature) -> Value:
        node = around.node(feature.values.get(end))
        ground = node.values.get(_GROUND) if node is not None else None
        return _less(ground, feature.values.get(below))

    return work


def _node_number(end: str) -> Callable[[Surroundings, Feature], Value]:
    def work(around: Surroundings, feature: Feature) -> Value:
        node = around.node(feature.values.get(end))
        return node.values.get(_NUMBER) if node is not None else None

    return work


def _less(above: Value, below: Value) -> Value:
    if not isinstance(above, int | float) or not isinstance(below, int | float):
        return None
    return round(above - below, 3)


# A name of the catalogue (`Field.computed`) and how its value is worked out. Other modules of
# edits enter theirs here by `COMPUTATIONS[name] = Computation(...)`.
COMPUTATIONS: Final[dict[str, Computation]] = {
    "length_m": Computation(_length, ("geom",)),
    "area_m2": Computation(_area, ("geom",)),
    "sheet_no": Computation(_sheet, ("geom",)),
    "grid_id": Computation(_grid_code, ("geom",)),
    "today": Computation(_today),
    "bottom_elev_m": Computation(_difference(_GROUND, "well_depth_m"), (_GROUND, "well_depth_m")),
    "well_depth_m": Computation(_difference(_GROUND, "bottom_elev_m"), ("bottom_elev_m",)),
    **{
        f"{side}_elev_m": Computation(
            _below_node(end, f"{side}_depth_m"), (f"{side}_depth_m", end), (_GROUND,)
        )
        for side, end in (("start", "from_node"), ("end", "to_node"))
    },
    **{
        f"{side}_depth_m": Computation(_below_node(end, f"{side}_elev_m"), (f"{side}_elev_m",))
        for side, end in (("start", "from_node"), ("end", "to_node"))
    },
    **{
        f"{side}_no": Computation(_node_number(end), (end,), (_NUMBER,))
        for side, end in (("start", "from_node"), ("end", "to_node"))
    },
}


def computed_value(reader: FeatureReader, feature: Feature, field: Field) -> Value:
    """Return what the program would fill in for a field of a stored feature; None for nothing.

    What follows from nothing, such as the day of today, is filled in once and never again.
    """
    found = COMPUTATIONS.get(field.computed or "")
    if found is None or not (found.follows or found.node_fields):
        return None
    return found.work(Surroundings(reader), feature)


def with_derived(
    reader: FeatureReader,
    changes: ChangeSet,
    catalogue: Catalogue | None = None,
    *,
    most: int = _MANY,
) -> ChangeSet:
    """Complete an edit by what follows from it.

    Computed fields are filled in or kept up, also those of pipes whose nodes change; an empty
    parent of a code gets the one that the code belongs under; fields that have got a value are
    no longer among the unknown ones. Bulk parts, and more than 1000 features at once, are left
    as they are: they come from imports, which bring their own values, or set thousands at once.

    Parameters
    ----------
    reader : FeatureReader
        As it is before the edit.
    catalogue : Catalogue, optional
        Where the code lists are; without it no parents are filled in.
    most : int
        So many features at once are looked at; more only where nobody waits for it.
    """
    if changes.label.startswith(_AS_RECORDED) or not 0 < len(changes.changes) <= most:
        return changes
    parts = _with_lines(reader, changes.changes)
    work = _Work(reader, parts, catalogue, {**changes.params.get(BORN_OF, {})})
    latest = {change.key: index for index, change in enumerate(parts)}
    fields: set[str] = set()
    for index in latest.values():
        change = parts[index]
        values = work.follow_ups(change) if change.after is not None else {}
        if values and change.after is not None:
            parts[index] = Change(change.before, change.after.with_values(**values))
            fields.update(values)
    kept = tuple(change for change in parts if change.before is not change.after)
    return replace(changes, changes=kept, params=_params(changes, fields))


def _with_lines(reader: FeatureReader, changes: tuple[Change, ...]) -> list[Change]:
    """Return the changes with, in the end, the stored lines that follow a changed node."""
    parts = list(changes)
    asked = {_GROUND, _NUMBER}
    moved = [
        change.key.uuid
        for change in changes
        if change.before is not None
        and change.after is not None
        and any(change.before.values.get(n) != change.after.values.get(n) for n in asked)
    ]
    if moved:
        known = {change.key for change in changes}
        for lines in reader.lines_ending_at_any(moved).values():
            for line in lines:
                if line.key not in known:
                    known.add(line.key)
                    parts.append(Change(line, line))
    return parts


class _Work:
    """One edit that is being completed: what is computed of one feature is told to no other."""

    def __init__(
        self,
        reader: FeatureReader,
        parts: Sequence[Change],
        catalogue: Catalogue | None,
        born_of: Mapping[str, str],
    ) -> None:
        self._reader, self._catalogue, self._born_of = reader, catalogue, born_of
        self._gone = {change.key.uuid for change in parts if change.after is None}
        self._before, self._around = Surroundings(reader), Surroundings(reader, parts)

    def follow_ups(self, change: Change) -> dict[str, Value]:
        """Return the values that follow from a change, by field."""
        assert change.after is not None
        asset = self._reader.asset_type(change.key.layer)
        touched, now = _touched(change), change.after
        result = self._parents(asset, now, touched)
        for field in asset.fields:
            found = COMPUTATIONS.get(field.computed or "")
            if found is None or field.name in touched or field.name in result:
                continue
            stored = now.values.get(field.name)
            if not self._is_due(found, change, touched, stored):
                continue
            value = found.work(self._around, now)
            if value is not None and not alike(value, stored):
                result[field.name] = value
                now = now.with_values(**{field.name: value})
        return {**result, **without_answered(asset, {**change.after.values, **result})}

    def _is_due(
        self, found: Computation, change: Change, touched: frozenset[str], stored: Value
    ) -> bool:
        """Whether a field is empty or holds what was computed, and its reasons are new."""
        if change.before is None:
            # A piece of something is no new thing: what it lacks was lacking before. Nor is what
            # becomes another kind: today is not its first day.
            if change.key.uuid in self._gone and not (found.follows or found.node_fields):
                return False
            return stored is None and change.key.uuid not in self._born_of
        if not touched & {*found.follows} and not self._node_differs(found, change):
            return False
        return stored is None or alike(found.work(self._before, change.before), stored)

    def _node_differs(self, found: Computation, change: Change) -> bool:
        if not found.node_fields or change.before is None or change.after is None:
            return False
        for end in ("from_node", "to_node"):
            old = self._before.node(change.before.values.get(end))
            new = self._around.node(change.after.values.get(end))
            for name in found.node_fields:
                if (old and old.values.get(name)) != (new and new.values.get(name)):
                    return True
        return False

    def _parents(
        self, asset: AssetType, feature: Feature, touched: frozenset[str]
    ) -> dict[str, Value]:
        """Return the codes above those that were chosen, where nothing is said there."""
        result: dict[str, Value] = {}
        for field in asset.fields if self._catalogue is not None else ():
            parent = field.codes_by
            if parent is None or field.name not in touched or parent in touched:
                continue
            assert self._catalogue is not None
            entry = self._catalogue.codes(field.codes or "").get(feature.values[field.name])
            if entry is not None and entry.of and feature.values.get(parent) is None:
                result[parent] = entry.of[0]
        return result


def _touched(change: Change) -> frozenset[str]:
    """Return the fields that the edit itself sets; ``geom`` for the place."""
    assert change.after is not None
    after = change.after.values
    if change.before is None:
        # Of a new feature, those that have been given.
        return frozenset(name for name, value in after.items() if value is not None)
    known = change.before.values
    names = {name for name, value in after.items() if known.get(name) != value}
    return frozenset(names | ({"geom"} if _moves(change.before, change.after) else set()))


def _moves(before: Feature, after: Feature) -> bool:
    one, other = before.geometry, after.geometry
    if one is other:
        return False
    return one is None or other is None or not one.equals_exact(other, 0.0)


def alike(one: Value, other: Value) -> bool:
    """Whether two values are the same to half a millimetre."""
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, int | float) and isinstance(other, int | float)
        return numbers and math.isclose(float(one or 0), float(other or 0), abs_tol=5e-4)
    return one == other


def _params(changes: ChangeSet, fields: Iterable[str]) -> Mapping[str, object]:
    known = changes.params.get("fields")
    if known is None:
        return changes.params
    return {**changes.params, "fields": sorted({*known, *fields})}
