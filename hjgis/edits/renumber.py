"""Numbers anew: component ids, or numbers such as those of survey points, in an order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Final, Literal, Protocol

import numpy as np
import shapely

from hjgis.edits.numbering import FIELD, FORMER, former, next_ids
from hjgis.i18n import _
from hjgis.models.assets import AssetType, Value
from hjgis.models.changes import BulkUpdate, Change, ChangeSet, Feature
from hjgis.models.identifiers import ComponentId, class_code, other_scheme
from hjgis.models.numbering import NumberPlan
from hjgis.models.reading import SerialReader, ValueReader
from hjgis.models.rows import Numbering, row_fields

Order = Literal["road", "rows", "west", "north", "number", "stored"]
ROADS: Final = "road"
# What is farther from every road than this belongs to none, metres.
NEAR_ROAD_M: Final = 100.0
# Above so many, changes are stored column by column.
_MANY: Final = 500


class Reader(SerialReader, ValueReader, Protocol):
    """What can count values and knows ids."""


@dataclass(frozen=True, slots=True)
class Renumbered:
    """One feature's old and new number; `trouble` says why it cannot have it."""

    feature: Feature
    old: Value
    new: str | None
    trouble: str = ""


def number_fields(asset: AssetType) -> tuple[str, ...]:
    """Return the fields of a kind that can be numbered anew, the component id first."""
    numbers = {asset.topology.number, row_fields(asset.id).get("number")}
    return tuple(
        field.name
        for field in asset.fields
        if field.type == "text"
        and (field.unique or field.name in numbers)
        and field.name != FORMER
        and (field.name != FIELD or asset.component is not None)
    )


def in_order(
    reader: Reader, features: Sequence[Feature], order: Order, *, field: str, row_m: float = 50.0
) -> list[Feature]:
    """Return features in the order in which they get numbers.

    Parameters
    ----------
    order : str
        ``road``: road by road, along each; ``rows``: in rows from the north, each from the west;
        ``west`` and ``north``: from there; ``number``: as they are numbered in `field`;
        ``stored``: as they were entered.
    row_m : float
        Height of a row, metres.
    """
    keys: dict[str, Callable[[Feature], tuple[Any, ...]]] = {
        "west": lambda one: (_x(one), -_y(one)),
        "north": lambda one: (-_y(one), _x(one)),
        "number": lambda one: _natural(one.values.get(field)),
        "stored": lambda one: (one.fid or 0,),
    }
    if not features:
        return []
    if order == "rows":
        top = max(map(_y, features), default=0.0)
        return sorted(features, key=lambda one: (int((top - _y(one)) // row_m), _x(one)))
    if order == "road":
        places = _along_roads(reader, features)
        return [features[i] for i in sorted(range(len(features)), key=places.__getitem__)]
    return sorted(features, key=keys[order])


def renumber_ids(
    reader: Reader, features: Sequence[Feature], plan: NumberPlan, *, start: int | None = None
) -> list[Renumbered]:
    """Return new component ids for features of one layer, in their order.

    Parameters
    ----------
    start : int, optional
        First serial of each class; if not given, numbers that were never in use.
    """
    if not features:
        return []
    layer = features[0].key.layer
    if start is None:
        issued = next_ids(reader, layer, features, plan)
        why = issued.reasons[0] if issued.reasons else ""
        return [
            Renumbered(one, one.values.get(FIELD), new, "" if new else why or _no_class())
            for one, new in zip(features, issued.ids, strict=True)
        ]
    asset, counters = reader.asset_type(layer), Counter[str]()
    wanted: list[str | None] = []
    for one in features:
        kind = class_code(asset, one.values, reader.catalogue)
        if kind is None:
            wanted.append(None)
            continue
        wanted.append(str(ComponentId(plan.county, kind, start + counters[kind])))
        counters[kind] += 1
    troubles = _id_troubles(reader, features, wanted, plan)
    return _apart(
        Renumbered(one, one.values.get(FIELD), new, trouble)
        for one, new, trouble in zip(features, wanted, troubles, strict=True)
    )


def renumber(
    reader: Reader, features: Sequence[Feature], field: str, numbering: Numbering
) -> list[Renumbered]:
    """Return new numbers such as ``YS001`` for features of one layer, in their order."""
    if not features:
        return []
    asset = reader.asset_type(features[0].key.layer)
    texts = list(islice(numbering.texts(), len(features)))
    own = Counter(str(one.values.get(field)) for one in features)
    taken: Counter[str] = Counter()
    for layer in _numbered_alike(reader, asset, field):
        name = field if layer == asset.id else reader.asset_type(layer).topology.number or field
        taken.update(reader.value_counts(layer, name))
    longest = asset.field(field).max_length or len(texts[-1])
    result = []
    for one, text in zip(features, texts, strict=True):
        trouble = _("in use elsewhere") if taken[text] > own[text] else ""
        if len(text) > longest:
            trouble = _("longer than {limit} characters").format(limit=longest)
        result.append(Renumbered(one, one.values.get(field), text, trouble))
    return _apart(result)


def _apart(numbers: Iterable[Renumbered]) -> list[Renumbered]:
    """Refuse a number too that stays with another feature, because that one cannot have its own."""
    result = list(numbers)
    wanting = {one.new: i for i, one in enumerate(result) if one.new and not one.trouble}
    staying = [one.old for one in result if one.new is None or one.trouble]
    while staying:
        i = wanting.pop(str(staying.pop()), None)
        if i is not None:
            result[i] = replace(result[i], trouble=_("in use elsewhere"))
            staying.append(result[i].old)
    return result


def store_numbers(reader: Reader, field: str, numbers: Iterable[Renumbered]) -> ChangeSet:
    """Return the edit that gives features their new numbers; pipes that repeat them follow.

    Component ids that go are kept among the former ones.
    """
    changes: list[Change] = []
    new = {}
    for one in numbers:
        if one.new is None or one.trouble or one.new == one.old:
            continue
        values: dict[str, Value] = {field: one.new}
        if field == FIELD and one.old:
            values[FORMER] = former(one.feature.values.get(FORMER), str(one.old))
        changes.append(Change(one.feature, one.feature.with_values(**values)))
        new[one.feature.key.uuid] = one.new
    layer = changes[0].key.layer if changes else ""
    params = {"layer": layer, "count": len(changes), "fields": [field]}
    if changes and reader.asset_type(layer).topology.number == field:
        changes += _pipes(reader, new)
    return _stored("edit.renumber", changes, params)


def _pipes(reader: Reader, numbers: Mapping[str, str]) -> list[Change]:
    """Return the changes of pipes that repeat the numbers of their nodes."""
    after: dict[object, tuple[Feature, Feature]] = {}
    for uuid, lines in reader.lines_ending_at_any(numbers).items():
        for line in lines:
            first, now = after.get(line.key, (line, line))
            pairs = reader.asset_type(line.key.layer).topology.numbers
            for at, link in enumerate(("from_node", "to_node")):
                if line.values.get(link) == uuid:
                    now = now.with_values(**{pair[at]: numbers[uuid] for pair in pairs})
            after[line.key] = (first, now)
    return [Change(old, new) for old, new in after.values() if old.values != new.values]


def _stored(label: str, changes: Sequence[Change], params: Mapping[str, Any]) -> ChangeSet:
    if len(changes) <= _MANY:
        return ChangeSet(label, tuple(changes), params=params)
    layers = dict.fromkeys(change.key.layer for change in changes)
    bulk = tuple(_in_bulk([c for c in changes if c.key.layer == layer]) for layer in layers)
    return ChangeSet(label, (), bulk, params)


def _in_bulk(changes: Sequence[Change]) -> BulkUpdate:
    pairs = [(c.before, c.after) for c in changes if c.before is not None and c.after is not None]
    names = {
        name
        for before, after in pairs
        for name, value in after.values.items()
        if before.values.get(name) != value
    }
    return BulkUpdate(
        changes[0].key.layer,
        np.array([before.fid for before, _after in pairs], np.int64),
        {name: [after.values.get(name) for _before, after in pairs] for name in names},
        {name: [before.values.get(name) for before, _after in pairs] for name in names},
    )


def _id_troubles(
    reader: Reader, features: Sequence[Feature], wanted: Sequence[str | None], plan: NumberPlan
) -> Iterator[str]:
    layer = features[0].key.layer
    own = {(layer, feature.fid) for feature in features}
    theirs = {str(feature.values.get(FIELD)) for feature in features}
    asset = reader.asset_type(layer)
    # The same component has one serial in both schemes.
    others = {text: other_scheme(text, asset, reader.catalogue) for text in wanted if text}
    known = reader.known_ids([text for pair in others.items() for text in pair if text])
    ranges = plan.own(layer)
    for text in wanted:
        if text is None:
            yield _no_class()
            continue
        names = [name for name in (text, others[text] or "") if name in known]
        serial = ComponentId.parse(text).serial
        if any(known[name] - own for name in names):
            yield _("in use elsewhere")
        elif any(not known[name] and name not in theirs for name in names):
            yield _("was in use once, and no id is given twice")
        elif not any(one.first <= serial <= one.last for one in ranges):
            yield _("not one of the numbers of {name}").format(name=plan.operator or "–")
        else:
            yield ""


def _no_class() -> str:
    return _("its component class is not known yet")


def _numbered_alike(reader: Reader, asset: AssetType, field: str) -> list[str]:
    """Return the layers in which a number must not come twice: all nodes of a network together."""
    if asset.topology.number != field:
        return [asset.id]
    nodes = {name for other in reader.types.values() for name in other.ends_on}
    return [asset.id, *sorted(nodes - {asset.id})] if asset.id in nodes else [asset.id]


def _along_roads(reader: Reader, features: Sequence[Feature]) -> list[tuple[Any, ...]]:
    """Return for each feature its road and how far along it lies; those of no road come last."""
    points = np.array([_point(feature) for feature in features], dtype=object)
    x_min, y_min, x_max, y_max = shapely.total_bounds(points)
    near = NEAR_ROAD_M
    roads = [
        road
        for road in reader.within(ROADS, (x_min - near, y_min - near, x_max + near, y_max + near))
        if road.geometry is not None
    ]
    lines: list[Any] = [shapely.line_merge(road.geometry) for road in roads]
    tree = shapely.STRtree(lines)
    pairs = tree.query_nearest(points, max_distance=near, all_matches=False)
    nearest = dict(pairs.T.tolist())
    result: list[tuple[Any, ...]] = []
    for i, point in enumerate(points):
        j = nearest.get(i)
        if j is None:
            result.append((1, "", "", point.x, -point.y))
            continue
        name = str(roads[j].values.get("road_name") or "")
        result.append((0, name, roads[j].key.uuid, float(lines[j].project(point)), 0.0))
    return result


def _point(feature: Feature) -> shapely.Point:
    geometry = feature.geometry
    if geometry is None or geometry.is_empty:
        return shapely.Point(0.0, 0.0)
    return geometry if isinstance(geometry, shapely.Point) else geometry.representative_point()


def _x(feature: Feature) -> float:
    return float(_point(feature).x)


def _y(feature: Feature) -> float:
    return float(_point(feature).y)


def _natural(value: Value) -> tuple[Any, ...]:
    """Return how numbers sort: 2 before 10; what is empty comes last."""
    if value is None or value == "":
        return (1,)
    parts = re.split(r"(\d+)", str(value))
    return (0, *((int(part), "") if part.isdecimal() else (-1, part) for part in parts))
