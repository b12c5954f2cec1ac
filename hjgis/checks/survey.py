"""What a rule sees of the project: columns of the layers that it declared, read once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.ahead import Ahead
from hjgis.checks.network import NODES, Links, Network, is_node
from hjgis.layers.project import Project
from hjgis.layers.questions import FeatureQuestions
from hjgis.models.assets import AssetType, Field
from hjgis.models.changes import Extent
from hjgis.models.issues import Findings
from hjgis.models.reading import Coded, Doubt, FeatureColumns, Vertices
from hjgis.models.unknown import FIELD as UNKNOWN
from hjgis.progress import SILENT, Progress

if TYPE_CHECKING:
    from hjgis.checks.rules import Reads

_POINT: Final = 0
_LINE: Final = 1
# One feature in so many is few: their geometries are read one by one.
_FEW: Final = 20
T = TypeVar("T")
_NO_ROWS: Final = np.empty(0, dtype=np.int64)


_Sort = Literal["whole", "doubtful", "ends", "repeated"]
# So many features, and their reading is worth a second thread.
_MANY: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that is read once: a layer, or which of its lines end at which nodes."""

    sort: _Sort
    layer: str
    field: str = ""
    node: str = ""


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


class SharedFeatures:
    """The layers' columns, each layer read once for all rules of a run.

    Parameters
    ----------
    reads : iterable of Reads
        Of all the rules that will look.
    """

    def __init__(
        self, project: Project, reads: Iterable[Reads], *, progress: Progress = SILENT
    ) -> None:
        self.project = project
        self.progress = progress
        every = tuple(reads)
        self._repeats = tuple(one for one in every if one.repeats)
        self._reads = tuple(one for one in every if one.doubts is None and not one.repeats)
        self._doubting = tuple(one for one in every if one.doubts is not None)
        self._inside: dict[tuple[str, Extent], Features] = {}
        self._rows: dict[tuple[str, bytes], Features] = {}
        self._doubtful: dict[tuple[str, Extent], Features] = {}
        self._parts: dict[_Part, Any] = {}
        self._ahead: Ahead[_Part, Any] | None = None
        self._links: tuple[tuple[object, ...], Links] | None = None

    @property
    def layers(self) -> tuple[AssetType, ...]:
        """The catalogue's layers, in draw order; reference layers of one's own stay out."""
        known = self.project.catalogue.types
        return tuple(asset for name, asset in self.project.types.items() if name in known)

    @contextmanager
    def read_ahead(self, reads: Iterable[Reads]) -> Iterator[None]:
        """Let a second thread read what rules will ask for, in their order, if it is much."""
        parts = [part for one in reads for part in self._parts_of(one) if part not in self._parts]
        store = self.project.store
        if sum(store.last_fid(part.layer) for part in {*parts}) < _MANY:
            yield
            return
        with store.snapshot():
            self._ahead = Ahead(
                self.project, [*dict.fromkeys(parts)], self._read_part, self.progress
            )
            try:
                with self._ahead.running():
                    yield
            finally:
                self._ahead = None

    def _parts_of(self, one: Reads) -> list[_Part]:
        """Return what a rule will ask for that is read as a whole."""
        if one.repeats:
            return []
        sort: _Sort = "whole" if one.doubts is None else "doubtful"
        held = [asset.id for asset in self.layers if one.columns(asset) is not None]
        parts = [_Part(sort, layer) for layer in held]
        line, *nodes = self._network_or_nothing()
        if sort == "whole" and line in held and nodes and {*nodes} <= {*held}:
            parts += [_Part("ends", line, name, node) for name in NODES for node in nodes]
        return parts

    def _network_or_nothing(self) -> tuple[str, ...]:
        return self.network_layers if any(asset.ends_on for asset in self.layers) else ("",)

    def _part(self, part: _Part) -> Any:
        if part not in self._parts:
            self._parts[part] = (
                self._read_part(self.project.store, part, self.progress)
                if self._ahead is None
                else self._ahead.take(part)
            )
        return self._parts[part]

    def _read_part(self, store: FeatureQuestions, part: _Part, progress: Progress) -> Any:
        if part.sort == "ends":
            return store.line_ends(part.layer, part.field, part.node)
        if part.sort == "whole":
            return self._read(part.layer, self._reads, store=store, progress=progress)
        return self._read_doubtful(part.layer, None, store, progress)

    def whole(self, layer: str) -> Features:
        """Return all features of a layer with the columns that any rule declared."""
        found: Features = self._part(_Part("whole", layer))
        return found

    def repeated(self, field: str) -> dict[str, NDArray[np.int64]]:
        """Return by layer the rows whose value of a field is there more than once anywhere."""
        part = _Part("repeated", "", field)
        if part not in self._parts:
            self._parts[part] = self.project.store.repeated(field)
        found: dict[str, NDArray[np.int64]] = self._parts[part]
        return found

    def whole_with(self, layer: str, names: Sequence[str]) -> Features | None:
        """Return all features of a layer if a rule declared all of some fields; else None."""
        asset = self.project.asset_type(layer)
        declared = {name for one in self._reads for name in _wanted(one, asset)}
        return self.whole(layer).seen_by(names) if declared.issuperset(names) else None

    def inside(self, layer: str, extent: Extent) -> Features:
        """Return the features whose box meets an extent, project CRS."""
        if (layer, extent) not in self._inside:
            every = (*self._reads, *self._repeats)
            self._inside[layer, extent] = self._read(layer, every, extent=extent)
        return self._inside[layer, extent]

    def rows(self, layer: str, fids: NDArray[np.int64]) -> Features:
        """Return some features; of rows that are not there, none."""
        key = layer, fids.tobytes()
        if key not in self._rows:
            every = (*self._reads, *self._doubting, *self._repeats)
            self._rows[key] = self._read(layer, every, fids=fids)
        return self._rows[key]

    @property
    def network_layers(self) -> tuple[str, ...]:
        """The layer of lines and the layers of the nodes that they end on."""
        (line,) = (asset for asset in self.layers if asset.ends_on)
        present = {asset.id for asset in self.layers if is_node(asset)}
        return (line.id, *(name for name in line.ends_on if name in present))

    def links(self, lines: Features, nodes: Sequence[Features]) -> Links:
        """Return which line ends at which node, worked out once for the same features."""
        loaded = tuple(features.loaded for features in (lines, *nodes))
        if self._links is None or self._links[0] != loaded:
            every = [self._parts.get(_Part("whole", some.layer)) for some in (lines, *nodes)]
            whole = loaded == tuple(one.loaded if one is not None else None for one in every)
            self._links = loaded, Links(lines, nodes, self._line_ends if whole else None)
        return self._links[1]

    def _line_ends(
        self, layer: str, field: str, node: str
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        found: tuple[NDArray[np.int64], NDArray[np.int64]] = self._part(
            _Part("ends", layer, field, node)
        )
        return found

    def doubtful(self, layer: str, extent: Extent | None) -> Features:
        """Return the features of which some rule says that they may be at fault."""
        if extent is None:
            every: Features = self._part(_Part("doubtful", layer))
            return every
        if (layer, extent) not in self._doubtful:
            found = self._read_doubtful(layer, extent, self.project.store, self.progress)
            self._doubtful[layer, extent] = found
        return self._doubtful[layer, extent]

    def _read_doubtful(
        self, layer: str, extent: Extent | None, store: FeatureQuestions, progress: Progress
    ) -> Features:
        asset = self.project.asset_type(layer)
        rules = [one for one in self._doubting if one.columns(asset) is not None]
        doubts = [
            doubt
            for one in rules
            if one.doubts
            for doubt in one.doubts(asset, self.project.catalogue)
        ]
        each = list(dict.fromkeys(doubts))
        return self._read(layer, rules, extent=extent, doubts=each, store=store, progress=progress)

    def _read(
        self,
        layer: str,
        reads: Sequence[Reads],
        *,
        extent: Extent | None = None,
        fids: NDArray[np.int64] | None = None,
        doubts: Sequence[Doubt] | None = None,
        store: FeatureQuestions | None = None,
        progress: Progress | None = None,
    ) -> Features:
        asset = self.project.asset_type(layer)
        wanted = [_wanted(one, asset) for one in reads]
        names = tuple(dict.fromkeys(name for some in wanted for name in some))
        whole = {
            name for one, some in zip(reads, wanted, strict=True) for name in {*some} - one.few
        }
        columns = (store or self.project.store).columns(
            layer,
            names,
            fids=fids,
            extent=extent,
            doubts=doubts,
            late=[name for name in names if name not in whole],
            later=self.project.store,
            progress=progress or self.progress,
        )
        return Features(asset, columns, names)


def _wanted(reads: Reads, asset: AssetType) -> list[str]:
    columns = reads.columns(asset)
    if columns is None:
        return []
    return [*columns, *(name for name in reads.keys(asset) if name != "uuid")]


class _Asked:
    """The project, noting what is asked of it besides what never changes."""

    def __init__(self, project: Project, asked: set[str]) -> None:
        self._project, self._asked = project, asked

    def __getattr__(self, name: str) -> Any:
        if name not in _FIXED:
            self._asked.add(name)
        return getattr(self._project, name)


# What of a project an edit of features does not change.
_FIXED: Final = frozenset(
    ("catalogue", "shipped", "crs", "path", "types", "map_types", "asset_type", "node_layers")
)


class Survey:
    """The project as one rule sees it.

    Parameters
    ----------
    rows : mapping of str to array of int64, optional
        By layer the only rows to look at; the others are not there for the rule.

    Attributes
    ----------
    limits : mapping
        The rule's limits, from ``rules.toml`` and the project.
    layers : tuple of AssetType
        The layers that the rule looks at, in draw order.
    progress : Progress
        A rule that takes long asks it now and then whether to stop.
    asked : set of str
        What the rule asked of the project itself, past what it declared.
    wholes : set of str
        Layers that it looked at as a whole.
    """

    def __init__(
        self,
        shared: SharedFeatures,
        reads: Reads,
        limits: Mapping[str, Any],
        *,
        extent: Extent | None = None,
        rows: Mapping[str, NDArray[np.int64]] | None = None,
    ) -> None:
        self._shared = shared
        self._reads = reads
        self._extent = extent
        self._rows = rows
        self.asked: set[str] = set()
        self.wholes: set[str] = set()
        self.project = cast("Project", _Asked(shared.project, self.asked))
        self.progress = shared.progress
        self.limits = limits
        self._all = tuple(asset for asset in shared.layers if reads.columns(asset) is not None)
        self.layers = self._all
        if rows is not None and reads.scope == "feature":
            self.layers = tuple(asset for asset in self._all if asset.id in rows)

    def features(self, layer: str) -> Features:
        """Return the features of a layer that the rule has to look at.

        Raises
        ------
        KeyError
            If the rule did not declare the layer.
        """
        names = self._declared(layer)
        if self._rows is not None:
            features = self._shared.rows(layer, self._rows.get(layer, _NO_ROWS))
        elif self._reads.doubts is not None:
            features = self._shared.doubtful(layer, self._extent)
        elif self._extent is not None:
            features = self._shared.inside(layer, self._extent)
        else:
            features = self._shared.whole(layer)
        return features.seen_by(names)

    def whole(self, layer: str) -> Features:
        """Return all features of a declared layer, whatever the rule has to look at."""
        names = self._declared(layer)
        self.wholes.add(layer)
        return self._shared.whole(layer).seen_by(names)

    def repeating(self, field: str) -> list[Features]:
        """Return by layer the features whose value of a field others have as well.

        Of a part of the project all features that the rule has to look at: what is repeated
        among them is for the rule to find.
        """
        if self._rows is not None or self._extent is not None:
            return [self.features(asset.id) for asset in self.layers]
        found = self._shared.repeated(field)
        return [
            self._shared.rows(asset.id, found[asset.id]).seen_by(self._declared(asset.id))
            for asset in self.layers
        ]

    def network(self) -> Network:
        """Return the network of what the rule has to look at (`network_columns`)."""
        lines, *nodes = map(self.features, self._shared.network_layers)
        return Network(lines, nodes, self._shared.links(lines, nodes))

    def ends_at(self, nodes: Sequence[str]) -> dict[str, int]:
        """Count by node the ends of all lines of the project that name it.

        For rules that declared the fields that name the nodes.
        """
        line = self._shared.network_layers[0]
        return self._shared.project.store.mentions(line, NODES, nodes)

    def has(self, layer: str) -> bool:
        """Whether the project has a layer that the rule declared."""
        return any(asset.id == layer for asset in self._all)

    def _declared(self, layer: str) -> Sequence[str]:
        names = self._reads.columns(self._shared.project.asset_type(layer))
        if names is None or not self.has(layer):
            raise KeyError(layer)
        return names


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
