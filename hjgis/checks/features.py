"""Features of a layer as a rule sees them: columns, and what is found on them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import Any, Final, TypeVar, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.models.assets import AssetType, Field
from hjgis.models.issues import Findings
from hjgis.models.reading import Coded, FeatureColumns, Vertices
from hjgis.models.unknown import FIELD as UNKNOWN

_POINT: Final = 0
_LINE: Final = 1
# One feature in so many is few: their geometries are read one by one.
_FEW: Final = 20
T = TypeVar("T")


class _Loaded:
    """Columns of a layer, and what was computed from them: all rules share it."""

    def __init__(self, columns: FeatureColumns) -> None:
        self.columns = columns
        self.computed: dict[str, Any] = {}

    @cached_property
    def xy(self) -> NDArray[np.float64]:
        known = self.columns.shapes.vertices
        result = np.full((len(known.kind), 2), np.nan)
        points = known.kind == _POINT
        result[points] = known.xy[known.first[points]]
        others = np.flatnonzero(known.kind == Vertices.OTHER)
        result[others] = _coordinates(self.columns.shapes.some(others))
        return result

    @cached_property
    def nowhere(self) -> NDArray[np.bool_]:
        known = self.columns.shapes.vertices
        result = np.asarray(known.kind == Vertices.NONE)
        others = np.flatnonzero(known.kind == Vertices.OTHER)
        shapes = self.columns.shapes.some(others)
        result[others] = shapely.is_missing(shapes) | shapely.is_empty(shapes)
        return result

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        known = self.columns.shapes.vertices
        result = np.full((len(known.kind), 4), np.nan)
        plain = np.flatnonzero(known.kind >= 0)
        if len(plain):
            xy, starts = known.of(plain), known.offsets(plain)[:-1]
            for axis in (0, 1):
                values = np.ascontiguousarray(xy[:, axis])
                result[plain, axis] = np.minimum.reduceat(values, starts)
                result[plain, axis + 2] = np.maximum.reduceat(values, starts)
        others = np.flatnonzero(known.kind == Vertices.OTHER)
        result[others] = shapely.bounds(self.columns.shapes.some(others))
        return result


class Features:
    """The features of one layer as a rule sees them, row i of every array being the same one.

    Parameters
    ----------
    names : collection of str
        Fields that may be asked for; KeyError for others, read or not, so that what a rule
        declared is what it depends on.
    """

    def __init__(self, asset: AssetType, columns: FeatureColumns, names: Collection[str]) -> None:
        self.asset = asset
        self._loaded = _Loaded(columns)
        self._names = frozenset(names)

    def seen_by(self, names: Collection[str]) -> Features:
        """Return the same features with no more than some of the fields."""
        view = Features(self.asset, self._columns, names)
        view._loaded = self._loaded
        return view

    def forget_computed(self) -> None:
        """Free what was computed from the columns, piece by piece; it can be computed again."""
        while self._loaded.computed:
            self._loaded.computed.popitem()

    @property
    def loaded(self) -> object:
        """What was read, the same for all who see these features."""
        return self._loaded

    @property
    def _columns(self) -> FeatureColumns:
        return self._loaded.columns

    def __len__(self) -> int:
        return len(self._columns.fids)

    @property
    def layer(self) -> str:
        """The name of the layer."""
        return self.asset.id

    @property
    def fids(self) -> NDArray[np.int64]:
        """Row numbers of the file, rising."""
        return self._columns.fids

    @property
    def uuids(self) -> NDArray[np.object_]:
        """Identities."""
        return self._columns.uuids

    def uuids_of(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """Return the identities of some features; of few they are there much sooner."""
        return self._columns.uuids_of(rows)

    @property
    def geometry(self) -> NDArray[np.object_]:
        """Shapely geometries in the project CRS; None where a feature has no place."""
        return self._columns.geometry

    @property
    def vertices(self) -> Vertices:
        """Vertices of simple geometries, which are there much sooner than `geometry`."""
        return self._columns.shapes.vertices

    def shapes(self, rows: NDArray[np.intp]) -> NDArray[np.object_]:
        """Return the geometries of some features; few are there sooner than all."""
        if len(rows) * _FEW > len(self):
            return np.asarray(self.geometry[rows], dtype=object)
        return self._columns.shapes.some(rows)

    def texts(self, name: str) -> Coded:
        """Return a field of text, of codes or of dates; KeyError if the rule did not declare it."""
        return self._columns.texts[self._declared(name)]

    def numbers(self, name: str) -> NDArray[np.float64]:
        """Return a field of numbers or of yes and no (1, 0); NaN where none is stored."""
        return self._columns.numbers[self._declared(name)]

    def coded(self, name: str) -> Coded | None:
        """Return a field as `texts` does; None where it is one of numbers."""
        return self._columns.texts.get(self._declared(name))

    def each(self, name: str) -> Iterator[Any]:
        """Yield what a field of text holds, row by row; empty text or None for nothing."""
        return self._columns.each(self._declared(name))

    def _declared(self, name: str) -> str:
        if name not in self._names:
            raise KeyError(name)
        return name

    def strays(self, name: str) -> Mapping[int, object]:
        """Return by row what a field of numbers holds that is no number."""
        return self._columns.strays.get(name, {})

    def missing(self, name: str) -> NDArray[np.bool_]:
        """Say where nothing is stored in a field: null, or empty text."""
        if name in self._columns.texts:
            return self.texts(name).missing
        gaps = np.isnan(self.numbers(name))
        gaps[list(self.strays(name))] = False
        return np.asarray(gaps)

    def objects(self, name: str, rows: NDArray[Any] | None = None) -> NDArray[np.object_]:
        """Return what is stored in a field as values of Python; None where nothing is."""
        if name in self._columns.texts:
            if rows is not None and rows.dtype != bool:
                return self._columns.objects(self._declared(name), rows)
            return self.texts(name).objects(rows)
        given = self.numbers(name)
        result = given.astype(object)
        result[np.isnan(given)] = None
        for row, value in self.strays(name).items():
            result[row] = value
        return result if rows is None else np.asarray(result[rows], dtype=object)

    def applies(self, field: Field) -> NDArray[np.bool_]:
        """Say in which features a field has a meaning; needs the field of its condition."""
        if field.when is None:
            return np.ones(len(self), dtype=bool)
        above = field.when.field
        if above in self._columns.texts:
            held = self.texts(above).isin(field.when.values)
        else:
            held = np.isin(self.numbers(above), np.array(field.when.values, dtype=np.float64))
        return np.asarray(held != field.when.negated)

    def lacking(self, field: Field) -> NDArray[np.bool_]:
        """Say which features lack a field: it has a meaning, and nobody said 不详 to it.

        Needs the field of its condition, and ``unknown_fields`` where the layer has it.
        """
        gaps = self.missing(field.name) & self.applies(field)
        if self.asset.has(UNKNOWN):
            gaps &= ~self.texts(UNKNOWN).meeting(lambda said: field.name in str(said).split())
        return np.asarray(gaps)

    def computed(self, name: str, make: Callable[[], T]) -> T:
        """Return what was made of these features under a name, made once for all rules."""
        held = self._loaded.computed
        if name not in held:
            held[name] = make()
        return cast("T", held[name])

    @property
    def xy(self) -> NDArray[np.float64]:
        """Coordinates of points, shape (n, 2): x east, y north; NaN where there is no place."""
        return self._loaded.xy

    @property
    def nowhere(self) -> NDArray[np.bool_]:
        """Where there is no geometry, or one without coordinates."""
        return self._loaded.nowhere

    @property
    def boxes(self) -> NDArray[np.float64]:
        """Boxes as `shapely.bounds` returns them, shape (n, 4), without making the geometries."""
        return self._loaded.boxes

    def found(
        self,
        rows: NDArray[Any],
        *,
        xy: NDArray[np.float64] | None = None,
        part: tuple[str, ...] = (),
        **facts: Any,
    ) -> Findings:
        """Return findings on some of the features.

        Parameters
        ----------
        rows : array of int or bool
            Which features; a feature may be named more than once, with different parts.
        xy : array of float64, shape (k, 2), optional
            Where to zoom to, if not to the feature itself; shape (n, 2) if `rows` is of bool.
        part : tuple of str
            Facts that tell several findings of the rule on one feature apart.
        **facts : array or one value
            What the message names; arrays as long as `xy` would be.
        """
        rows = np.asarray(rows)
        if rows.dtype == bool:
            chosen = np.flatnonzero(rows)
            facts = {
                name: values[chosen] if isinstance(values, np.ndarray) else values
                for name, values in facts.items()
            }
            xy = None if xy is None else xy[chosen]
        else:
            chosen = rows.astype(np.intp)
        spots = places(self.shapes(chosen)) if xy is None else np.asarray(xy, np.float64)
        fids, uuids = self.fids[chosen], self.uuids_of(chosen)
        return Findings(self.layer, fids, uuids, spots.reshape(len(chosen), 2), facts, part)


def places(geometry: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return a place to zoom to for each geometry, shape (n, 2); NaN where there is none.

    Points themselves, the middle of a line, a point inside an area; the centroid of an
    invalid geometry, which has no certain inside.
    """
    result = np.full((len(geometry), 2), np.nan)
    if not len(geometry):
        return result
    kind = shapely.get_type_id(geometry)
    result[kind == _POINT] = _coordinates(geometry[kind == _POINT])
    shaped = np.flatnonzero((kind > _POINT) & ~shapely.is_empty(geometry))
    if len(shaped):
        result[shaped] = _within(geometry[shaped], kind[shaped] == _LINE)
    return result


def _coordinates(points: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return x and y of points, shape (n, 2); NaN for a missing or empty one."""
    result = np.full((len(points), 2), np.nan)
    there = ~(shapely.is_missing(points) | shapely.is_empty(points))
    result[there] = shapely.get_coordinates(points[there])
    return result


def _within(shapes: NDArray[np.object_], lines: NDArray[np.bool_]) -> NDArray[np.float64]:
    spots = np.empty(len(shapes), dtype=object)
    broken = ~shapely.is_valid(shapes) & ~lines
    others = ~lines & ~broken
    spots[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    spots[others] = shapely.point_on_surface(shapes[others])
    # An outline may reach to infinity, and has no middle then.
    with np.errstate(invalid="ignore"):
        spots[broken] = shapely.centroid(shapes[broken])
    return _coordinates(spots)
