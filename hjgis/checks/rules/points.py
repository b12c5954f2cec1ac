"""Checks of surveyed points: their numbers, and what they say they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.network import NUMBER, is_node
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType, Catalogue, Code
from hjgis.models.issues import Findings
from hjgis.models.reading import Coded

_CONTENT: Final = ("feature", "appendage")
_GROUND: Final = "ground_elev_m"
_CODE: Final = "element_code"


def _points(*names: str) -> Callable[[AssetType], tuple[str, ...] | None]:
    return lambda asset: tuple(n for n in names if asset.has(n)) if is_node(asset) else None


def _number_keys(_asset: AssetType) -> tuple[str, ...]:
    return (NUMBER,)


_NUMBERED: Final = Reads(
    _points(NUMBER, "kind", "pipe_kind", *_CONTENT, _GROUND), Scope.GROUP, keys=_number_keys
)


@rule(
    "point.number_twice",
    title=N_("Point number given to different points"),
    explanation=N_(
        "Two manholes or points of one pipe kind carry the same survey number but differ in place"
        " or content. Pipes name their ends by this number, so they may hang on the wrong one."
        " Find out from the field sheet whose number it is, and number the other anew."
    ),
    message=N_("Number {number} is also that of another {layer} ({count} points in all)"),
    reads=_NUMBERED,
    limits=("tolerance_m",),
)
def number_twice(survey: Survey) -> Iterator[Findings]:
    """Find point numbers that points of one kind share which are not the same point."""
    return _shared_numbers(survey, same=False)


@rule(
    "point.recorded_twice",
    title=N_("Point recorded twice"),
    explanation=N_(
        "A point is there twice with the same number, place and content: usually two survey"
        " parties met at it, or a file was imported twice. Delete one, after connecting its pipes"
        " to the other."
    ),
    message=N_("The same point {number} is there {count} times"),
    reads=_NUMBERED,
    limits=("tolerance_m",),
)
def recorded_twice(survey: Survey) -> Iterator[Findings]:
    """Find points that are there more than once with the same number and content."""
    return _shared_numbers(survey, same=True)


def _shared_numbers(survey: Survey, *, same: bool) -> Iterator[Findings]:
    layers = [survey.features(asset.id) for asset in survey.layers]
    group = _groups(layers)
    size = np.bincount(group[group >= 0], minlength=1)
    rows = np.flatnonzero((group >= 0) & (size[group] > 1))
    rows = rows[np.lexsort((rows, group[rows]))]
    _values, first, which, count = np.unique(
        group[rows], return_index=True, return_inverse=True, return_counts=True
    )
    leader = rows[first[which]] if len(rows) else rows
    differs = _differ(survey, layers, rows, leader)
    different = np.bincount(which, weights=differs, minlength=len(count)) > 0
    chosen = different[which] != same
    # Each names the next of its group, and the last one the first.
    place = np.arange(len(rows))
    following = np.where(place + 1 < (first + count)[which], place + 1, first[which])
    yield from _on_points(layers, rows[chosen], rows[following[chosen]], count[which[chosen]])


def _groups(layers: list[Features]) -> NDArray[np.int64]:
    """Return for each point of all layers its group of kind and number; -1 without a number."""
    number_of: dict[object, int] = {}
    parts = []
    for features in layers:
        kind = features.texts("kind" if features.asset.has("kind") else "pipe_kind")
        numbers = _indexed(features.texts(NUMBER), number_of)
        kinds = _indexed(kind, number_of)
        # Indices stay far below what the product may reach.
        parts.append(np.where(numbers < 0, -1, numbers * 2**31 + kinds + 1))
    key = np.concatenate([np.empty(0, np.int64), *parts])
    _values, group = np.unique(key, return_inverse=True)
    return np.where(key < 0, -1, group)


def _indexed(column: Coded, known: dict[object, int]) -> NDArray[np.int64]:
    """Return a number for each value, blanks at its ends apart; -1 for none."""
    words = [str(value).strip() for value in column.values.tolist()]
    numbers = [known.setdefault(word, len(known)) if word else -1 for word in words]
    return np.array([*numbers, -1], dtype=np.int64)[column.codes]


def _differ(
    survey: Survey, layers: list[Features], rows: NDArray[np.int64], leader: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Say which points differ from the first of their number, in place or in content."""
    tolerance = survey.limits["tolerance_m"]
    xy = np.concatenate([np.empty((0, 2)), *(features.xy for features in layers)])
    away = np.hypot(*(xy[rows] - xy[leader]).T) > tolerance
    ground = np.concatenate([np.empty(0), *(f.numbers(_GROUND) for f in layers)])
    away |= np.abs(ground[rows] - ground[leader]) > tolerance
    starts = np.cumsum([0, *map(len, layers)])
    layer = np.searchsorted(starts, np.arange(len(xy)), side="right")
    away |= layer[rows] != layer[leader]
    for name in _CONTENT:
        known: dict[object, int] = {}
        code = np.concatenate(
            [np.empty(0, np.int64), *(_indexed(f.texts(name), known) for f in layers)]
        )
        away |= code[rows] != code[leader]
    return np.asarray(away)


def _on_points(
    layers: list[Features],
    rows: NDArray[np.int64],
    others: NDArray[np.int64],
    count: NDArray[np.int64],
) -> Iterator[Findings]:
    starts = np.cumsum([0, *map(len, layers)])
    names = np.array([features.layer for features in layers], dtype=object)
    of_other = names[np.searchsorted(starts, others, side="right") - 1]
    for features, start in zip(layers, starts.tolist(), strict=False):
        here = (rows >= start) & (rows < start + len(features))
        own = rows[here] - start
        number = features.objects(NUMBER, own)
        yield features.found(own, number=number, layer=of_other[here], count=count[here])


@rule(
    "point.feature_or_appendage",
    title=N_("Feature and appendage: not exactly one"),
    explanation=N_(
        "A surveyed point is either a feature of the pipe (bend, tee) or carries an appendage"
        " (valve, well), never both, and one of them must be said. Empty the one that is wrong, or"
        " fill in what the field sheet says. A manhole needs neither."
    ),
    message={
        "both": N_("Both filled in: feature {feature}, appendage {appendage}"),
        "neither": N_("Neither feature nor appendage is filled in"),
    },
    reads=Reads(_points(*_CONTENT), geometry=False),
)
def feature_or_appendage(survey: Survey) -> Iterator[Findings]:
    """Find points with both feature and appendage, and pipe points with neither."""
    for asset in survey.layers:
        points = survey.features(asset.id)
        gaps = [points.missing(name) for name in _CONTENT]
        neither = gaps[0] & gaps[1]
        if not asset.field("exp_no").required:
            neither[:] = False  # A manhole is known to be one.
        rows = np.flatnonzero(~gaps[0] & ~gaps[1] | neither)
        yield points.found(
            rows,
            case=np.where(neither[rows], "neither", "both"),
            feature=points.objects("feature", rows),
            appendage=points.objects("appendage", rows),
        )


@rule(
    "point.element_code",
    title=N_("Element code does not fit the point"),
    explanation=N_(
        "The eight digits of the element code say what a point is: the fifth that it is a point,"
        " the sixth whether a feature or an appendage, the last two which. Maps draw the symbol of"
        " the code. Choose the code that fits feature or appendage, or correct that."
    ),
    message={
        "segment": N_("{code} is no code of a point"),
        "feature": N_("{code} is the code of an appendage, but the feature is {value}"),
        "appendage": N_("{code} is the code of a feature, but the appendage is {value}"),
        "other": N_("{code} means {meaning}, but the point is {value}, code {right}"),
    },
    reads=Reads(_points(_CODE, *_CONTENT), geometry=False),
)
def element_code(survey: Survey) -> Iterator[Findings]:
    """Find points whose element code contradicts their feature or appendage."""
    catalogue = survey.project.catalogue
    for asset in survey.layers:
        points = survey.features(asset.id)
        code = points.texts(_CODE)
        columns = [points.texts(name) for name in _CONTENT]
        # Few triples are different ones.
        triples = np.zeros(len(points), dtype=np.int64)
        for column in (code, *columns):
            triples = triples * (len(column.values) + 1) + column.codes + 1
        _triples, first, which = np.unique(triples, return_index=True, return_inverse=True)
        said = np.empty(len(first), dtype=object)
        for number, row in enumerate(first.tolist()):
            said[number] = _mismatch(catalogue, code.at(row), *(c.at(row) for c in columns))
        wrong = np.array([facts is not None for facts in said], dtype=bool)
        rows = np.flatnonzero(wrong[which])
        case, held, meaning, value, right = _columns_of(said[which[rows]])
        yield points.found(rows, case=case, code=held, meaning=meaning, value=value, right=right)


def _columns_of(facts: NDArray[np.object_]) -> list[NDArray[np.object_]]:
    return [np.array([fact[at] for fact in facts], dtype=object) for at in range(5)]


def _mismatch(
    catalogue: Catalogue, code: object, feature: object, appendage: object
) -> tuple[str, ...] | None:
    """Return case, code, its meaning, the value it contradicts and the right code, if it does."""
    digits = str(code or "")
    if len(digits) != 8 or not digits.isdigit():
        return None  # Left to the code list.
    if digits[4] != "2":
        return ("segment", digits, "", "", "")
    if bool(feature) == bool(appendage):
        return None  # Told by the rule of feature and appendage.
    value = str(feature or appendage)
    if feature and digits[5] == "2":
        return ("feature", digits, "", value, "")
    if appendage and digits[5] == "1":
        return ("appendage", digits, "", value, "")
    entries = catalogue.codes(_CODE)
    held = entries.get(digits)
    family = [entry for entry in entries.codes if entry.code[:6] == digits[:6]]
    right = next((entry for entry in family if _means(entry, value)), None)
    if held is None or right is None or _means(held, value):
        return None
    return ("other", digits, entries.label_of(digits), value, right.code)


def _means(entry: Code, value: str) -> bool:
    # The list names the kind first: 配水三通.
    return entry.label["zh_CN"].endswith(value)


@rule(
    "point.map_number",
    title=N_("Map number differs from the point number"),
    explanation=N_(
        "The project wants the number on the map to be the number of the survey, and here they"
        " differ. Off unless the survey was ordered so: many surveys number each sheet anew."
        " Correct the number that is not the field sheet's."
    ),
    message=N_("Map number {map_number}, point number {number}"),
    reads=Reads(_points(NUMBER, "map_no"), geometry=False),
)
def map_number(survey: Survey) -> Iterator[Findings]:
    """Find points whose map number is not their survey number."""
    for asset in survey.layers:
        points = survey.features(asset.id)
        known: dict[object, int] = {}
        one, other = (_indexed(points.texts(name), known) for name in (NUMBER, "map_no"))
        rows = np.flatnonzero((one >= 0) & (other >= 0) & (one != other))
        yield points.found(
            rows, number=points.objects(NUMBER, rows), map_number=points.objects("map_no", rows)
        )
