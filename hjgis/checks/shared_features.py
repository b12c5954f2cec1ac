"""The layers' columns, read once for all rules of a run; of large layers by a second thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.ahead import Ahead
from hjgis.checks.features import Features
from hjgis.checks.network import NODES, Links, is_node
from hjgis.layers.project import Project
from hjgis.layers.questions import FeatureQuestions
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent
from hjgis.models.reading import Doubt
from hjgis.progress import SILENT, Progress

if TYPE_CHECKING:
    from hjgis.checks.rules.register import Reads

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

    def let_go(self) -> None:
        """Forget what was read, piece by piece: of millions of objects that is a second.

        Nothing else in Python goes on while objects are freed, the window neither; between two
        pieces it may.
        """
        self._links = None
        for held in (self._rows, self._inside, self._doubtful, self._parts):
            for part in (*held.values(),):
                if isinstance(part, Features):
                    part.forget_computed()
            part = None
            while held:
                held.popitem()

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
