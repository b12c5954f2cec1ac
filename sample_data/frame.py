"""The invented town's frame: extent, random numbers, identities, ground, grid cells, units."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import shapely

# 4000 m by 3750 m are exactly 15 square kilometres; EPSG:4545, x east, y north.
XMIN, YMIN, XMAX, YMAX = 426_245.0, 4_526_521.0, 430_245.0, 4_530_271.0
COUNTY, TOWN = "150826", "100"
COLUMNS, ROWS = 40, 38
SEED = 20_200_615
_NAMESPACE = uuid.UUID("5f0c2c6e-3a36-5d0e-9f6b-150826150826")

SUPERVISOR = {"supervisor_code": "SYN150826ZJJ000001", "supervisor_name": "住建局"}
STATE = {"state": "完好", "data_source": "合成"}


def identity(*parts: object) -> str:
    """Return the stable identity (UUID version 5) of a named thing of the sample."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(map(str, parts))))


def dice(name: str) -> np.random.Generator:
    """Return random numbers of their own for each part, so that parts do not shift one another."""
    return np.random.default_rng([SEED, *name.encode()])


def ground_m(x: float, y: float) -> float:
    """Return the ground level: a plain that falls to the south-west, to the centimetre."""
    wave = 0.05 * np.sin(x / 310) * np.cos(y / 270)
    return round(1038.6 + 0.0006 * (y - YMIN) + 0.00025 * (x - XMIN) + float(wave), 2)


@dataclass
class Layer:
    """Features of one layer as columns, gathered one by one."""

    id: str
    geometry: list[shapely.Geometry] = field(default_factory=list)
    uuids: list[str] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)

    def add(self, name: object, geometry: shapely.Geometry, **values: object) -> str:
        """Add a feature whose identity follows from its layer and name."""
        made = identity(self.id, name)
        self.geometry.append(geometry)
        self.uuids.append(made)
        self.rows.append(values)
        return made

    def columns(self) -> dict[str, list[object]]:
        """Return the values by field; None where a feature has none."""
        names = dict.fromkeys(name for row in self.rows for name in row)
        return {name: [row.get(name) for row in self.rows] for name in names}


class Cells:
    """The unit grid: cells without gap or overlap, numbered west to east, then north to south."""

    def __init__(self) -> None:
        self.width = (XMAX - XMIN) / COLUMNS
        self.height = (YMAX - YMIN) / ROWS
        seeds = dice("communities").uniform(0.08, 0.92, (13, 2))
        seeds = seeds[np.argsort(-np.round(seeds[:, 1] * 3) + seeds[:, 0])]
        counts = [0] * len(seeds)
        self.ids: dict[tuple[int, int], str] = {}
        self.community: dict[tuple[int, int], int] = {}
        for row in range(ROWS):
            for column in range(COLUMNS):
                at = np.array([(column + 0.5) / COLUMNS, 1 - (row + 0.5) / ROWS])
                nearest = int(np.argmin(((seeds - at) ** 2).sum(axis=1)))
                counts[nearest] += 1
                code = f"{COUNTY}{TOWN}{nearest + 1:03d}{counts[nearest]:03d}"
                self.ids[column, row] = code
                self.community[column, row] = nearest + 1

    def at(self, x: float, y: float) -> str:
        """Return the id of the cell at a place; the nearest cell's outside."""
        column = min(max(int((x - XMIN) / self.width), 0), COLUMNS - 1)
        row = min(max(int((YMAX - y) / self.height), 0), ROWS - 1)
        return self.ids[column, row]

    def box(self, column: int, row: int) -> shapely.Polygon:
        """Return the outline of a cell."""
        left, top = XMIN + column * self.width, YMAX - row * self.height
        return shapely.box(left, top - self.height, left + self.width, top)


class Serials:
    """Component ids of the synthetic range, counted for each class."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, class_17: str) -> str:
        """Return the next 17-digit id of a class."""
        self._last[class_17] = self._last.get(class_17, 899_999) + 1
        return f"{COUNTY}{class_17}{self._last[class_17]:06d}"


def union(parts: Iterable[shapely.Geometry]) -> shapely.Geometry:
    """Return the union of geometries."""
    return shapely.union_all(list(parts))
