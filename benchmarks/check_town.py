"""The town of `benchmarks.town` in the catalogue's kinds, with planted faults, to check.

``python -m benchmarks.check_town FOLDER [SIZE...]`` writes one project a size with that many
manholes, pipes and parking bays each, and beside it how many faults of each sort were planted.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks import town
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet, new_uuids

VERSION: Final = 2
# Pipe kind, cover kind and its class in component ids.
_KINDS: Final = (
    ("YS", "雨水井盖", "01003"),
    ("WS", "污水井盖", "01002"),
    ("JS", "供水井盖", "01001"),
    ("GD", "电力井盖", "01005"),
    ("TX", "通信井盖", "01007"),
    ("RQ", "燃气井盖", "01011"),
    ("RS", "热力井盖", "01010"),
)
_SIZES_MM: Final = (300, 400, 500, 600, 800)
# One in so many has the fault.
_ONE_IN: Final = 2_000
_LOT: Final = 250_000
_TOP_M: Final = 1_045.0
_FALL: Final = 0.0005
_DEPTH_M: Final = 2.0

Columns = dict[str, Sequence[Any]]


def check_town(folder: Path, size: str) -> tuple[Path, dict[str, int]]:
    """Return the project of a size and what was planted in it, made if it is not there."""
    path = folder / f"check-{size}-v{VERSION}.gpkg"
    told = path.with_suffix(".json")
    if not told.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(f"{path.name}*"):
            old.unlink()
        told.write_text(json.dumps(_write(path, town.SIZES[size])), "utf-8")
    return path, json.loads(told.read_text("utf-8"))


def _write(path: Path, count: int) -> dict[str, int]:
    random = np.random.default_rng(20250102)
    wells, lanes = town.placed_wells(random, count)
    uuids = np.array(new_uuids(count), dtype=object)
    planted: dict[str, int] = {}
    manholes = _manholes(random, wells, planted)
    pipes, lines = _pipes(random, wells, lanes, uuids, manholes, planted)
    bays, shapes = _bays(random, count, planted)
    with Project.create(path, town.CRS, title="benchmark") as project:
        for bulk in (
            *_lots("manhole", wells.geometry, manholes, uuids),
            *_lots("pipe_line", lines, pipes, None),
            *_lots("parking_bay", shapes, bays, None),
        ):
            project.session.apply(ChangeSet("import", bulk=(bulk,)))
    return planted


def _lots(
    layer: str, geometry: NDArray[np.object_], columns: Columns, uuids: NDArray[np.object_] | None
) -> Iterator[BulkInsert]:
    for start in range(0, len(geometry), _LOT):
        part = slice(start, start + _LOT)
        some = {name: values[part] for name, values in columns.items()}
        named = None if uuids is None else uuids[part].tolist()
        yield BulkInsert(layer, geometry[part], some, named)


def _some(random: np.random.Generator, count: int) -> NDArray[np.intp]:
    return np.sort(random.choice(count, max(count // _ONE_IN, 5), replace=False))


def _ground_m(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    west = xy.min(axis=0)
    level: NDArray[np.float64] = np.round(_TOP_M - _FALL * (xy - west).sum(axis=1), 3)
    return level


def _manholes(random: np.random.Generator, wells: town.Rows, planted: dict[str, int]) -> Columns:
    count = len(wells.kinds)
    serial = np.zeros(count, np.int64)
    for kind in range(len(_KINDS)):
        of_kind = wells.kinds == kind
        serial[of_kind] = np.arange(1, of_kind.sum() + 1)
    kinds = wells.kinds.tolist()
    ids = [f"150826{_KINDS[k][2]}{n:06d}" for k, n in zip(kinds, serial.tolist(), strict=True)]
    twice = _some(random, count - 1)
    twice = twice[np.diff(twice, prepend=-2) > 1]
    for row in twice.tolist():
        ids[row + 1] = ids[row]
    planted["duplicate"] = 2 * len(twice)
    units: list[str | None] = ["市政维护站" if k < 2 else "亿源水务公司" for k in kinds]
    nobody = _some(random, count)
    for row in nobody.tolist():
        units[row] = None
    planted["null"] = len(nobody)
    ground = _ground_m(shapely.get_coordinates(wells.geometry))
    return {
        "component_id": ids,
        "component_name": [_KINDS[k][1] for k in kinds],
        "supervisor_code": ["SYN150826ZJJ000001"] * count,
        "supervisor_name": ["住建局"] * count,
        "grid_id": [f"15082610{street:07d}" for street in wells.streets.tolist()],
        "state": ["完好"] * count,
        "initial_date": ["2020-06-15"] * count,
        "data_source": ["合成"] * count,
        "road_name": [f"示例{street}街" for street in wells.streets.tolist()],
        "cover_kind": [_KINDS[k][1] for k in kinds],
        "exp_no": [f"{_KINDS[k][0]}{n}" for k, n in zip(kinds, serial.tolist(), strict=True)],
        "pipe_kind": [_KINDS[k][0] for k in kinds],
        "responsible_unit": units,
        "managing_unit": ["住建局"] * count,
        "cover_material": ["球墨铸铁"] * count,
        "cover_size_mm": [700] * count,
        "load_class": ["D400"] * count,
        "fall_net": [True] * count,
        "lane_place": ["机动车道"] * count,
        "ground_elev_m": ground.tolist(),
        "well_depth_m": [_DEPTH_M] * count,
        "bottom_elev_m": np.round(ground - _DEPTH_M, 3).tolist(),
    }


def _pipes(
    random: np.random.Generator,
    wells: town.Rows,
    lanes: NDArray[np.intp],
    uuids: NDArray[np.object_],
    manholes: Columns,
    planted: dict[str, int],
) -> tuple[Columns, NDArray[np.object_]]:
    starts, ends = town.links(random, wells, lanes)
    xy = shapely.get_coordinates(wells.geometry)
    lines = town.bent(random, xy[starts], xy[ends])
    kinds = wells.kinds[starts].tolist()
    names = np.array(manholes["exp_no"], dtype=object)
    nodes: NDArray[np.object_] = uuids[ends].copy()
    loose = _some(random, len(starts))
    nodes[loose] = None
    planted["dangling"] = len(loose)
    # The last vertex of such a pipe lies beside the node.
    lines[loose] = [_ending_beside(line) for line in lines[loose]]
    count = len(starts)
    bottom = np.array(manholes["bottom_elev_m"])
    columns: Columns = {
        "kind": [_KINDS[k][0] for k in kinds],
        "start_no": names[starts].tolist(),
        "end_no": names[ends].tolist(),
        "owner_name": ["市政维护站"] * count,
        "from_node": uuids[starts].tolist(),
        "to_node": nodes.tolist(),
        "start_depth_m": [_DEPTH_M] * count,
        "end_depth_m": [_DEPTH_M] * count,
        "start_elev_m": bottom[starts].tolist(),
        "end_elev_m": bottom[ends].tolist(),
        "elev_basis": ["管内底"] * count,
        "diameter_mm": [_SIZES_MM[s % len(_SIZES_MM)] for s in wells.streets[starts].tolist()],
        "material": ["T"] * count,
        "material_detail": ["GJHNT"] * count,
        "burial": ["ZM"] * count,
        "laid_year": (1990 + wells.streets[starts] % 30).tolist(),
        "use_state": ["在用"] * count,
        "state": ["完好"] * count,
        "length_m": np.round(shapely.length(lines), 2).tolist(),
        "road_name": [f"示例{street}街" for street in wells.streets[starts].tolist()],
        "data_source": ["合成"] * count,
    }
    return columns, lines


def _ending_beside(line: shapely.LineString) -> shapely.LineString:
    *others, (x, y) = shapely.get_coordinates(line).tolist()
    return shapely.LineString([*others, (x + 0.5, y + 0.5)])


def _bays(
    random: np.random.Generator, count: int, planted: dict[str, int]
) -> tuple[Columns, NDArray[np.object_]]:
    rows = town.placed_bays(random, count)
    shapes = rows.geometry
    crossed = _some(random, count)
    rings = shapely.get_coordinates(shapes[crossed]).reshape(len(crossed), 5, 2)
    shapes[crossed] = shapely.polygons(rings[:, [0, 2, 1, 3, 0]])
    planted["invalid"] = len(crossed)
    number = range(count)
    return {
        "bay_no": [f"150826-BW-{n:07d}" for n in number],
        "lot_no": [f"L{n // 50}" for n in number],
        "bay_form": ["垂直"] * count,
        "length_m": [5.3] * count,
        "width_m": [2.5] * count,
        "state": ["完好"] * count,
        "data_source": ["合成"] * count,
        "marked_ok": [True] * count,
    }, shapes


def main() -> None:
    """Make what is asked for."""
    folder, *sizes = sys.argv[1:]
    for size in sizes or town.SIZES:
        print(*check_town(Path(folder), size))


if __name__ == "__main__":
    main()
