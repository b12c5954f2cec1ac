"""What one rule sees of the project: the columns that it declared, and nothing else unnoticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.network import NODES, Network
from hjgis.checks.shared_features import SharedFeatures
from hjgis.layers.project import Project
from hjgis.models.changes import Extent

if TYPE_CHECKING:
    from hjgis.checks.rules.register import Reads

_NO_ROWS: Final = np.empty(0, dtype=np.int64)


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
