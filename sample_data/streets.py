"""Streets of the invented town: a bent grid, a ring, nine lines, lanes and the blocks between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from sample_data.frame import XMAX, XMIN, YMAX, YMIN, Layer, dice

# Fractions of the frame; closer together in the middle, as a town's are.
_WEST_EAST = (0.012, 0.13, 0.25, 0.36, 0.455, 0.545, 0.64, 0.75, 0.87, 0.988)
_SOUTH_NORTH = (0.012, 0.11, 0.205, 0.295, 0.38, 0.46, 0.54, 0.62, 0.705, 0.795, 0.89, 0.988)
_ROADS = (
    "环城西路",
    "米仓路",
    "示例一路",
    "思源北路",
    "晨丰中路",
    "中山路",
    "陕临路",
    "示例二路",
    "示例三路",
    "环城东路",
)
_STREETS = (
    "环城南街",
    "示例一街",
    "塞上东街",
    "示例二街",
    "甘泉街",
    "迎宾街",
    "龙宝街",
    "示例三街",
    "公园北街",
    "示例四街",
    "示例五街",
    "环城北街",
)
TRUNK = ("陕临路", "中山路", "龙宝街", "迎宾街")
_MAIN = ("晨丰中路", "思源北路", "甘泉街", "公园北街", "米仓路", "塞上东街")
WIDTH_M = {"主干路": 40.0, "次干路": 26.0, "支路": 18.0, "街巷": 9.0, "公路": 22.0}
# Stretches (street, number of the stretch) that were never built: the town frays out.
_MISSING = {
    ("示例一路", 0),
    ("示例一路", 10),
    ("示例三路", 0),
    ("示例三路", 9),
    ("示例三路", 10),
    ("示例一街", 0),
    ("示例一街", 8),
    ("示例四街", 7),
    ("示例五街", 0),
    ("示例五街", 1),
    ("示例五街", 7),
    ("示例二街", 7),
    ("示例二路", 10),
    ("示例二路", 0),
}


@dataclass(frozen=True)
class Street:
    """One street: its crossings in order, None-free runs of stretches, class and width."""

    name: str
    vertical: bool
    number: int
    road_class: str
    nodes: np.ndarray

    @property
    def width_m(self) -> float:
        """Width between building lines."""
        return WIDTH_M[self.road_class]

    def has(self, stretch: int) -> bool:
        """Whether the stretch between two crossings was built."""
        return 0 <= stretch < len(self.nodes) - 1 and (self.name, stretch) not in _MISSING

    def stretches(self) -> list[int]:
        """Return the numbers of the built stretches."""
        return [number for number in range(len(self.nodes) - 1) if self.has(number)]

    def line(self, stretch: int) -> shapely.LineString:
        """Return the centre line of a stretch."""
        return shapely.LineString(self.nodes[stretch : stretch + 2])


def crossings() -> np.ndarray:
    """Return the places of all crossings, shape (10, 12, 2): slightly bent both ways."""
    x = XMIN + np.array(_WEST_EAST) * (XMAX - XMIN)
    y = YMIN + np.array(_SOUTH_NORTH) * (YMAX - YMIN)
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    inner_x = np.sin(np.pi * np.arange(10) / 9)[:, None]
    inner_y = np.sin(np.pi * np.arange(12) / 11)[None, :]
    bend_x = 26 * np.sin(np.arange(12) / 3.1 + 0.7)[None, :] * inner_x
    bend_y = 22 * np.sin(np.arange(10) / 2.3 + 0.4)[:, None] * inner_y
    shake = dice("crossings").uniform(-7, 7, (10, 12, 2)) * inner_x[..., None] * inner_y[..., None]
    grid[..., 0] += bend_x
    grid[..., 1] += bend_y
    return np.round(grid + shake, 3)


def streets(grid: np.ndarray) -> list[Street]:
    """Return the streets of the grid."""
    result = [Street(name, True, i, _class(name), grid[i]) for i, name in enumerate(_ROADS)]
    result += [Street(name, False, j, _class(name), grid[:, j]) for j, name in enumerate(_STREETS)]
    return result


def _class(name: str) -> str:
    if name in TRUNK or name.startswith("环城"):
        return "主干路"
    return "次干路" if name in _MAIN else "支路"


def lanes(grid: np.ndarray) -> list[tuple[str, shapely.LineString]]:
    """Return lanes that divide the inner blocks."""
    random = dice("lanes")
    result = []
    for i in range(1, 8):
        for j in range(2, 9):
            if random.random() < 0.42:
                share = random.uniform(0.4, 0.6)
                low = grid[i, j] + share * (grid[i + 1, j] - grid[i, j])
                high = grid[i, j + 1] + share * (grid[i + 1, j + 1] - grid[i, j + 1])
                line = shapely.LineString(np.round([low, high], 3))
                result.append((f"示例{len(result) + 1}巷", line))
    return result


def radials(grid: np.ndarray) -> list[tuple[str, shapely.LineString]]:
    """Return the nine lines that leave the ring for the villages."""
    starts = [
        grid[1, 11],
        grid[4, 11],
        grid[7, 11],
        grid[9, 8],
        grid[9, 4],
        grid[7, 0],
        grid[4, 0],
        grid[1, 0],
        grid[0, 6],
    ]
    centre = np.array([(XMIN + XMAX) / 2, (YMIN + YMAX) / 2])
    result = []
    for number, start in zip("一二三四五六七八九", starts, strict=True):
        out = (start - centre) / np.hypot(*(start - centre))
        turn = np.array([-out[1], out[0]])
        path = [start, start + 260 * out + 25 * turn, start + 560 * out - 20 * turn]
        result.append((f"{number}号线", shapely.LineString(np.round(path, 3))))
    return result


def road_layer(grid: np.ndarray, cut: shapely.Geometry) -> Layer:
    """Return the reference layer of all roads.

    Parameters
    ----------
    cut : shapely geometry
        Where lanes may not run: parks and car parks.
    """
    layer = Layer("road")
    for street in streets(grid):
        shape = shapely.MultiLineString([street.line(number) for number in street.stretches()])
        layer.add(
            street.name,
            shapely.multilinestrings(shapely.get_parts(shapely.line_merge(shape))),
            road_name=street.name,
            road_class=street.road_class,
            is_trunk=street.name in TRUNK,
            road_group="环线" if street.name.startswith("环城") else None,
            chief_name="示例路长",
            width_m=street.width_m,
            length_m=round(shape.length, 1),
            project_status="改造中"
            if street.name in ("塞上东街", "公园北街", "甘泉街")
            else "现状",
        )
    for name, line in radials(grid):
        layer.add(
            name,
            shapely.multilinestrings([line]),
            road_name=name,
            road_class="公路",
            is_trunk=False,
            road_group=name,
            chief_name="示例路长",
            width_m=22.0,
            length_m=round(line.length, 1),
            project_status="现状",
        )
    for name, line in lanes(grid):
        if not line.intersects(cut):
            layer.add(
                name,
                shapely.multilinestrings([line]),
                road_name=name,
                road_class="街巷",
                is_trunk=False,
                width_m=9.0,
                length_m=round(line.length, 1),
                project_status="现状",
            )
    return layer


def block(grid: np.ndarray, i: int, j: int, *, columns: int = 1, rows: int = 1) -> shapely.Polygon:
    """Return the land between streets, inside their building lines."""
    ring = [grid[i, j], grid[i + columns, j], grid[i + columns, j + rows], grid[i, j + rows]]
    return shapely.Polygon(ring)


def street_land(grid: np.ndarray) -> shapely.Geometry:
    """Return the area that streets take."""
    return shapely.union_all(
        [
            street.line(number).buffer(street.width_m / 2, cap_style="square")
            for street in streets(grid)
            for number in street.stretches()
        ]
    )
