"""An invented town to measure with: wells, pipes and parking bays along a grid of streets.

``python -m benchmarks.town FOLDER [SIZE...]`` writes one project a size with three layers of that
many features each. The streets are 200 m apart and carry four lanes of wells, so a larger size is
a larger town and not a denser one: a view of 2 km holds about the same at every size.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field, GeometryType
from hjgis.models.changes import BulkInsert, ChangeSet

# Rises with every change to what is written: what an older one has made is made anew.
VERSION: Final = 1
SIZES: Final = {"10k": 10_000, "100k": 100_000, "1M": 1_000_000}
CENTRE: Final = (428_400.0, 4_528_700.0)
CRS: Final = "EPSG:4545"
LAYERS: Final[dict[str, GeometryType]] = {
    "well": "Point",
    "pipe": "LineString",
    "bay": "Polygon",
}
KINDS: Final = ("雨水", "污水", "给水", "电力", "通信", "燃气", "热力")
_BAY_KINDS: Final = ("普通", "残疾人", "充电", "装卸", "出租", "公交", "临时")
KINDS_OF: Final = {"well": KINDS, "pipe": KINDS, "bay": _BAY_KINDS}
_ROADS: Final = ("胜利", "建设", "解放", "人民", "团结", "光明", "新华", "朝阳", "河套", "兴隆")
_BLOCK_M: Final = 200.0
_PER_KM2: Final = 1200
_LANES_M: Final = np.array([-6.0, -2.0, 2.0, 6.0])
_BAY_M: Final = (5.3, 2.5)
_BAY_PITCH_M: Final = 6.0
_BAY_OFFSET_M: Final = 9.0
_ROWS_AT_ONCE: Final = 250_000


@dataclass(frozen=True)
class Rows:
    """The features of one layer before they are stored."""

    geometry: NDArray[np.object_]
    kinds: NDArray[np.intp]
    streets: NDArray[np.intp]


def blocks_of(count: int) -> int:
    """Return how many blocks a side the town of `count` wells has."""
    return max(round((count / (_PER_KM2 * _BLOCK_M**2 / 1e6)) ** 0.5), 1)


def town(folder: Path, size: str) -> Path:
    """Return the project of a size, made if it is not there."""
    path = folder / f"town-{size}-v{VERSION}.gpkg"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"unfinished-{path.name}")
        for old in folder.glob(f"{unfinished.name}*"):
            old.unlink()
        _write(unfinished, SIZES[size])
        unfinished.rename(path)
    return path


def _write(path: Path, count: int) -> None:
    random = np.random.default_rng(20250101)
    wells, lanes = placed_wells(random, count)
    layers = {
        "well": wells,
        "pipe": _pipes(random, wells, lanes),
        "bay": placed_bays(random, count),
    }
    with Project.create(path, CRS, title="benchmark") as project:
        # The last one added lies lowest.
        for name, geometry in LAYERS.items():
            project.session.apply(ChangeSet("import", new_layer=_asset(name, geometry)))
        for name, rows in layers.items():
            for bulk in _bulks(name, rows):
                project.session.apply(ChangeSet("import", bulk=(bulk,)))


def _asset(name: str, geometry: GeometryType) -> AssetType:
    fields = {"code": "text", "kind": "text", "number": "integer", "name": "text"}
    return AssetType(
        name,
        "reference",
        geometry,
        {"en": name, "zh_CN": name},
        tuple(
            Field(field, kind, {"en": field, "zh_CN": field}, field, "technical")  # type: ignore[arg-type]
            for field, kind in fields.items()
        ),
        style=name,
    )


def _bulks(name: str, rows: Rows) -> Iterator[BulkInsert]:
    for start in range(0, len(rows.geometry), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        kinds, streets = rows.kinds[part].tolist(), rows.streets[part].tolist()
        numbers = range(start, start + len(kinds))
        yield BulkInsert(
            name,
            rows.geometry[part],
            {
                "code": [f"{name[0].upper()}{number:07d}" for number in numbers],
                "kind": [KINDS_OF[name][kind] for kind in kinds],
                "number": [100 * (1 + number % 12) for number in numbers],
                "name": [f"{_ROADS[at % 10]}路{at // 10 + 1}段" for at in streets],
            },
        )


def _placed(
    along: NDArray[np.float64], across: NDArray[np.float64], streets: NDArray[np.intp], blocks: int
) -> NDArray[np.float64]:
    """Turn places along and across streets into coordinates; odd streets run north."""
    off = (streets // 2) * _BLOCK_M + across
    north = streets % 2 == 1
    xy = np.stack([np.where(north, off, along), np.where(north, along, off)], axis=-1)
    placed: NDArray[np.float64] = np.round(xy - blocks * _BLOCK_M / 2 + CENTRE, 3)
    return placed


def placed_wells(random: np.random.Generator, count: int) -> tuple[Rows, NDArray[np.intp]]:
    """Return wells lane by lane, and the lane of each."""
    blocks = blocks_of(count)
    lanes = 2 * (blocks + 1) * len(_LANES_M)
    a_lane = -(-count // lanes)
    number = np.arange(count)
    lane, place = number // a_lane, number % a_lane
    street = lane // len(_LANES_M)
    along = (place + 0.5) * (blocks * _BLOCK_M / a_lane) + random.uniform(-0.5, 0.5, count)
    across = _LANES_M[lane % len(_LANES_M)] + random.uniform(-0.5, 0.5, count)
    kinds = (street + lane) % len(KINDS)
    xy = _placed(along, across, street, blocks)
    return Rows(shapely.points(xy), kinds, street), lane


def links(
    random: np.random.Generator, wells: Rows, lanes: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the wells that pipes join: along each lane, then from lane to lane of a street."""
    count = len(lanes)
    number = np.arange(count - 1)
    starts = number[lanes[:-1] == lanes[1:]]
    ends = starts + 1
    a_lane = int(np.count_nonzero(lanes == 0))
    across = np.arange(count - a_lane)
    across = across[wells.streets[across] == wells.streets[across + a_lane]]
    joined = random.choice(across, count - len(starts), replace=False)
    return np.concatenate([starts, joined]), np.concatenate([ends, joined + a_lane])


def _pipes(random: np.random.Generator, wells: Rows, lanes: NDArray[np.intp]) -> Rows:
    """Return as many pipes as wells."""
    starts, ends = links(random, wells, lanes)
    xy = shapely.get_coordinates(wells.geometry)
    return Rows(bent(random, xy[starts], xy[ends]), wells.kinds[starts], wells.streets[starts])


def bent(
    random: np.random.Generator, starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> NDArray[np.object_]:
    """Return lines of 2 to 6 vertices that bend a little to the side."""
    steps = random.integers(1, 6, len(starts))
    of = np.repeat(np.arange(len(starts)), steps + 1)
    first = np.concatenate([[0], np.cumsum(steps + 1)[:-1]])
    step = np.arange(len(of)) - first[of]
    share = (step / steps[of])[:, None]
    along = (ends - starts)[of]
    aside = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.hypot(*along.T)[:, None]
    bend = random.uniform(-0.4, 0.4, (len(of), 1)) * ((share > 0) & (share < 1))
    xy = np.round(starts[of] + along * share + aside * bend, 3)
    lines: NDArray[np.object_] = shapely.linestrings(xy, indices=of)
    return lines


def placed_bays(random: np.random.Generator, count: int) -> Rows:
    """Return bays in two rows along each side of a block."""
    blocks = blocks_of(count)
    an_edge = -(-count // (2 * (blocks + 1) * blocks))
    number = np.arange(count)
    edge, slot = number // an_edge, number % an_edge
    street, block = edge // blocks, edge % blocks
    a_side = -(-an_edge // 2)
    along = block * _BLOCK_M + 60.0 + (slot % a_side) * _BAY_PITCH_M
    across = np.where(slot < a_side, -_BAY_OFFSET_M, _BAY_OFFSET_M)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1)]) * np.array(_BAY_M) / 2
    rings = np.stack(
        [_placed(along + dx, across + dy, street, blocks) for dx, dy in corners],
        axis=1,
    )
    kinds = random.choice(len(_BAY_KINDS), count, p=[0.7, 0.03, 0.12, 0.04, 0.04, 0.03, 0.04])
    return Rows(shapely.polygons(rings), kinds, street)


def main() -> None:
    """Make what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sizes", nargs="*", default=["10k", "100k"], choices=[*SIZES])
    given = parser.parse_args()
    for size in given.sizes:
        started = time.perf_counter()
        path = town(given.folder, size)
        megabytes = path.stat().st_size / 1e6
        print(f"{path}: {megabytes:.0f} MB, {time.perf_counter() - started:.1f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
