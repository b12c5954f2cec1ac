"""Plants faults into a project and keeps the answer: which rule must find which feature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import Change, ChangeSet, Feature, FeatureKey, new_uuid

# Rule and uuid of what it must find.
Answer = set[tuple[str, str]]
# So far from one planted fault to the next that they have nothing to do with one another, metres.
_ALONE_M = 150.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A sort of fault; `plant` makes one and says what must be found."""

    name: str
    plant: Callable[[Garden], Answer]


class Garden:
    """A project to plant in; no two faults come near each other."""

    def __init__(self, project: Project, seed: int = 2020) -> None:
        self.project = project
        self._random = np.random.default_rng(seed)
        self._taken: list[shapely.Point] = []
        self._uuids: dict[str, list[str]] = {}

    def take(self, layer: str, fits: Callable[[Feature], bool] = lambda _feature: True) -> Feature:
        """Return a feature that fits and that lies far from all faults so far."""
        if layer not in self._uuids:
            uuids = self.project.table(layer, (), geometry=False).uuids.tolist()
            self._uuids[layer] = [str(uuid) for uuid in self._random.permutation(uuids)]
        waiting = self._uuids[layer]
        for position, uuid in enumerate(waiting):
            feature = self.project.get(FeatureKey(layer, uuid))
            if self._is_alone(feature.geometry) and fits(feature):
                del waiting[position]
                self._claim(feature.geometry)
                return feature
        raise AssertionError(f"no {layer} is left to plant in")

    def _is_alone(self, place: BaseGeometry | None) -> bool:
        return place is None or all(place.distance(spot) > _ALONE_M for spot in self._taken)

    def _claim(self, place: BaseGeometry | None) -> None:
        if place is not None:
            self._taken.append(place.centroid)

    def set(self, feature: Feature, **values: Value) -> str:
        """Store other values; return the uuid."""
        return self._store(feature, replace(feature, values={**feature.values, **values}))

    def shape(self, feature: Feature, geometry: BaseGeometry | None) -> str:
        """Store another shape; return the uuid."""
        return self._store(feature, replace(feature, geometry=geometry))

    def copy(self, feature: Feature, geometry: BaseGeometry | None, **values: Value) -> str:
        """Store a feature like another with some values of its own; return the uuid."""
        key = FeatureKey(feature.key.layer, new_uuid())
        copy = Feature(key, geometry, {**feature.values, **values})
        return self._store(None, copy)

    def _store(self, before: Feature | None, after: Feature) -> str:
        self.project.session.apply(ChangeSet("edit.set", (Change(before, after),)))
        return after.key.uuid

    def pipes_at(self, feature: Feature) -> tuple[Feature, ...]:
        """Return the pipes that end at a node."""
        return self.project.lines_ending_at(feature.key.uuid)

    def node(self, uuid: Value) -> Feature:
        """Return a node by its uuid."""
        found = self.project.node(str(uuid))
        assert found is not None
        return found
