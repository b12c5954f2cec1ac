"""Pipe networks of the invented town: every kind in its lane, connected by node identity."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from sample_data import streets as st
from sample_data.frame import Cells, Serials, dice, ground_m
from sample_data.network import Kind, Network

# On every street, on the wider ones, or on a few; the rarer the kind, the fewer.
_EVERYWHERE = (Kind("JP", -6.5, 1.7, 200, "PE", detail="HDPE", spacing=74),)
_ON_WIDE = (
    Kind("TR", 5.0, 1.2, 160, "PE", detail="HDPE", spacing=74, more={"pressure_class": "中压A"}),
    Kind(
        "GD",
        7.6,
        0.9,
        110,
        "PVC",
        "GK",
        spacing=74,
        more={"voltage_kv": 10.0, "holes_total": 6, "holes_used": 3, "cables": 3},
    ),
    Kind(
        "DH",
        -7.8,
        0.8,
        110,
        "PVC",
        "GK",
        spacing=74,
        more={"holes_total": 4, "holes_used": 2, "cables": 2},
    ),
)
_A_FEW = (
    ("RS", 9.4, 1.3, 300, "G"),
    ("XX", -8.7, 0.8, 110, "PVC"),
    ("LD", -9.6, 0.7, 75, "PVC"),
    ("RS", 9.4, 1.3, 250, "G"),
    ("ZS", -5.2, 1.6, 150, "PE"),
    ("LS", -4.6, 1.6, 100, "PE"),
    ("XS", -10.6, 1.8, 150, "QM"),
    ("SS", 10.6, 1.9, 500, "QM"),
    ("JY", 11.4, 1.9, 600, "QM"),
    ("JZ", 8.5, 1.6, 100, "PE"),
    ("JH", 11.9, 1.6, 200, "G"),
    ("MQ", 4.2, 1.2, 110, "G"),
    ("YH", 5.9, 1.2, 80, "G"),
    ("ZQ", 10.2, 1.3, 250, "G"),
    ("XH", -10.2, 0.7, 75, "PVC"),
    ("DC", 12.4, 0.9, 110, "PVC"),
    ("GG", 12.9, 0.7, 75, "PVC"),
    ("DS", -11.2, 0.8, 110, "PVC"),
    ("GB", -11.8, 0.8, 110, "PVC"),
    ("QQ", 4.0, 1.4, 100, "G"),
    ("YQ", 4.8, 1.4, 100, "G"),
    ("GQ", 5.6, 1.4, 100, "G"),
    ("YX", 6.4, 1.4, 100, "G"),
    ("BQ", 7.2, 1.4, 100, "G"),
    ("LQ", 8.0, 1.4, 100, "G"),
    ("DQ", -4.0, 1.4, 100, "G"),
    ("EY", -4.8, 1.4, 100, "G"),
    ("AQ", -5.6, 1.4, 100, "G"),
    ("JB", -6.4, 1.4, 100, "G"),
    ("SY", -7.2, 1.4, 100, "G"),
    ("ZH", 0.8, 2.4, 2000, "T"),
    ("BM", -12.6, 1.0, 100, "不详"),
)


def build(grid: np.ndarray, cells: Cells, serials: Serials) -> Network:
    """Lay every kind of CJJ 61 under the streets."""
    network = Network(cells, serials)
    roads = st.streets(grid)
    _drain(network, roads, Kind("WS", -2.6, 1.6, 300, "T", detail="GJHNT"), main="晨丰中路")
    _drain(network, roads, Kind("YS", 2.4, 1.3, 400, "T", detail="GJHNT"), main="示例二路")
    _combined(network, roads)
    for kind in _EVERYWHERE:
        _mesh(network, roads, kind)
    wide = [street for street in roads if street.road_class != "支路"]
    for kind in _ON_WIDE:
        _mesh(network, wide, kind)
    homes = [street for street in wide if not street.name.startswith("环城")]
    for number, (code, offset, depth, size, material) in enumerate(_A_FEW):
        burial = "GK" if material == "PVC" else "ZM"
        kind = Kind(code, offset, depth, size, material, burial, spacing=58.0)
        _short(network, homes[number % len(homes)], kind, stretches=2, first=2 + number % 5)
    return network


def _drain(network: Network, roads: list[st.Street], kind: Kind, main: str) -> None:
    """Lay a gravity net: streets drain both ways to one main that falls to the south."""
    trunk = next(street for street in roads if street.name == main)
    big = Kind(
        kind.code, kind.offset, kind.depth, 1000, kind.material, detail=kind.detail, spacing=58
    )
    arriving: dict[int, list[tuple[str, float, int, str]]] = {}
    for street in (road for road in roads if not road.vertical):
        for side in (range(trunk.number), range(8, trunk.number - 1, -1)):
            stretches = [number for number in side if street.has(number)]
            arriving.setdefault(street.number, []).extend(
                _branch(network, street, kind, stretches, trunk, forward=side.step > 0)
            )
    crossed = {road.number: road.name for road in roads if not road.vertical}
    _main(network, trunk, big, arriving, crossed)


def _branch(
    network: Network,
    street: st.Street,
    kind: Kind,
    stretches: list[int],
    trunk: st.Street,
    *,
    forward: bool,
) -> list[tuple[str, float, int, str]]:
    """Lay a street's drain towards the main; return last node, invert, size and the street."""
    runs: list[list[int]] = []
    for number in stretches:
        if runs and abs(runs[-1][-1] - number) == 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    # A run that a missing stretch cuts off from the main is left undrained.
    meets = trunk.number - 1 if forward else trunk.number
    run = next((run for run in runs if run[-1] == meets), [])
    if not run:
        return []
    corners = [number if forward else number + 1 for number in run]
    corners.append(run[-1] + (1 if forward else 0))
    path = [street.nodes[c] + [0.0, kind.offset] for c in corners]
    path[-1] = path[-1] + [(-9.0 if forward else 9.0), 0.0]
    size = kind.size
    places = _spread(path, 40.0 if size < 500 else 58.0)
    last, invert = None, 0.0
    for count, (x, y) in enumerate(places):
        ground = ground_m(x, y)
        size = kind.size + 100 * min(count // 14, 5)
        if last is not None:
            length = float(np.hypot(x - places[count - 1][0], y - places[count - 1][1]))
            invert = min(invert - 0.0009 * length, ground - 1.1)
        else:
            invert = ground - kind.depth
        invert = round(invert, 2)
        depth = round(ground - invert, 2)
        made = network.node(
            kind,
            x,
            y,
            street.name,
            well=True,
            well_depth_m=depth,
            bottom_elev_m=round(ground - depth, 2),
        )
        if last is not None:
            network.pipe(
                kind,
                last[0],
                made,
                street.name,
                (last[1], depth),
                diameter_mm=size,
                laid_year=1994 + 2 * (street.number % 12),
            )
        if kind.code == "YS" and count % 3 == 0:
            _gullies(network, kind, made, depth, street)
        last = (made, depth)
    assert last is not None
    return [(last[0], invert, size, street.name)]


def _main(
    network: Network,
    trunk: st.Street,
    kind: Kind,
    arriving: dict[int, list[tuple[str, float, int, str]]],
    crossed: dict[int, str],
) -> None:
    """Lay the main from north to south past all junctions; it takes what arrives at each."""
    last: tuple[str, float] | None = None
    invert = 10_000.0
    for number in range(len(trunk.nodes) - 1, -1, -1):
        x, y = trunk.nodes[number] + [kind.offset, kind.offset]
        before = network.place[last[0]] if last else None
        between = (
            _spread([np.array(before), np.array([x, y])], kind.spacing)[1:] if before else [(x, y)]
        )
        for place_x, place_y in between:
            ground = ground_m(round(place_x, 3), round(place_y, 3))
            at_junction = (place_x, place_y) == between[-1]
            low = min((i for _, i, _, _ in arriving.get(number, [])), default=10_000.0)
            length = 0.0
            if last:
                here = network.place[last[0]]
                length = float(np.hypot(place_x - here[0], place_y - here[1]))
            invert = min(
                invert - 0.0007 * length, ground - 1.6, low - 0.05 if at_junction else 10_000.0
            )
            invert = round(invert, 2)
            depth = round(ground - invert, 2)
            made = network.node(
                kind,
                place_x,
                place_y,
                trunk.name,
                well=True,
                well_depth_m=depth,
                bottom_elev_m=invert,
            )
            if last:
                road = _along(trunk, crossed, number, (place_y + here[1]) / 2)
                network.pipe(kind, last[0], made, road, (last[1], depth), laid_year=2010)
            last = (made, depth)
        for node, level, size, road in arriving.get(number, []):
            assert last is not None
            arriving_depth = round(ground_m(*network.place[node]) - level, 2)
            network.pipe(
                kind,
                node,
                last[0],
                road,
                (arriving_depth, last[1]),
                diameter_mm=size,
                laid_year=2010,
            )
    outfall = Kind(kind.code, kind.offset, kind.depth, kind.size, kind.material, detail=kind.detail)
    assert last is not None
    x, y = network.place[last[0]]
    end_depth = round(ground_m(x, y - 40) - (round(ground_m(x, y) - last[1], 2) - 0.06), 2)
    road = _along(trunk, crossed, 0, y)
    end = network.node(outfall, x, y - 40, road, well=False, feature="出水口")
    network.pipe(outfall, last[0], end, road, (last[1], end_depth), laid_year=2010)


def _along(trunk: st.Street, crossed: dict[int, str], stretch: int, y: float) -> str:
    """Return the road that a piece of a main lies in: where the trunk is not built, the nearest."""
    if trunk.has(stretch):
        return trunk.name
    return crossed[min(crossed, key=lambda number: abs(float(trunk.nodes[number][1]) - y))]


def _gullies(network: Network, kind: Kind, well: str, depth: float, street: st.Street) -> None:
    """Add a gully at each kerb with its connection to the well."""
    x, y = network.place[well]
    for side in (-1, 1):
        kerb = side * (street.width_m / 2 - 5.5)
        spot = (x + 2.0, y - kind.offset + kerb)
        ground = ground_m(round(spot[0], 3), round(spot[1], 3))
        made = network.node(
            kind,
            *spot,
            street.name,
            well=True,
            cover_kind="雨水箅子",
            well_depth_m=1.0,
            bottom_elev_m=round(ground - 1.0, 2),
        )
        network.pipe(
            kind, made, well, street.name, (0.9, min(depth, 1.1)), diameter_mm=200, laid_year=2012
        )


def _combined(network: Network, roads: list[st.Street]) -> None:
    """Lay a combined sewer under one old street."""
    street = next(road for road in roads if road.name == "思源北路")
    kind = Kind("HS", 0.6, 1.5, 500, "T", detail="PKHNT")
    _short(network, street, kind, stretches=3, first=4, falling=True, laid_year=1986)


def _mesh(network: Network, roads: list[st.Street], kind: Kind) -> None:
    """Lay a kind under streets; lines of two streets share the node at their crossing."""
    shared: dict[tuple[int, int], str] = {}
    for street in roads:
        for stretch in street.stretches():
            corners = [
                (street.number, n) if street.vertical else (n, street.number)
                for n in (stretch, stretch + 1)
            ]
            ends = street.nodes[stretch : stretch + 2] + kind.offset
            for corner, place in zip(corners, ends, strict=True):
                if corner not in shared:
                    shared[corner] = network.node(
                        kind,
                        *place,
                        street.name,
                        well=True,
                        well_depth_m=round(kind.depth + 0.4, 2),
                    )
            between = _spread(list(ends), kind.spacing)[1:-1]
            nodes = [shared[corners[0]]]
            for number, place in enumerate(between, start=1):
                well = number % kind.well_every == 0
                depth = {"well_depth_m": round(kind.depth + 0.4, 2)} if well else {}
                nodes.append(network.node(kind, *place, street.name, well=well, **depth))
            nodes.append(shared[corners[1]])
            year = 1988 + (street.number * 7 + stretch * 3 + (0 if street.vertical else 5)) % 31
            _string(network, kind, nodes, street.name, laid_year=year)


def _short(
    network: Network,
    street: st.Street,
    kind: Kind,
    *,
    stretches: int,
    first: int,
    falling: bool = False,
    laid_year: int = 2014,
) -> None:
    """Lay a kind under a few stretches of one street."""
    shift = [kind.offset, 0.0] if street.vertical else [0.0, kind.offset]
    path = [street.nodes[number] + shift for number in range(first + stretches, first - 1, -1)]
    places = _spread(path, kind.spacing)
    depth, nodes, depths = kind.depth, [], []
    for number, (x, y) in enumerate(places):
        if falling and number:
            before = places[number - 1]
            length = float(np.hypot(x - before[0], y - before[1]))
            drop = ground_m(round(x, 3), round(y, 3)) - ground_m(*np.round(before, 3))
            depth = max(depth + drop + 0.0011 * length, 1.2)
        end = number == len(places) - 1
        well = not end if falling else number % 2 == 0
        value: dict[str, object] = {"well_depth_m": round(depth + 0.3, 2)}
        if not well:
            # A sewer leads on beyond what was surveyed.
            value = {"feature": "探测终点" if falling else "起讫点"} if end or not number else {}
        nodes.append(network.node(kind, x, y, street.name, well=well, **value))
        depths.append(round(depth, 2))
    _string(network, kind, nodes, street.name, depths=depths, laid_year=laid_year)


def _string(
    network: Network,
    kind: Kind,
    nodes: list[str],
    road: str,
    *,
    depths: list[float] | None = None,
    laid_year: int,
) -> None:
    """Join nodes by pipes, one after the other."""
    random = dice(f"{kind.code}/{road}/{nodes[0]}")
    if depths is None:
        depths = [round(kind.depth + float(random.uniform(-0.08, 0.08)), 2) for _ in nodes]
    for number in range(len(nodes) - 1):
        pair = (depths[number], depths[number + 1])
        network.pipe(kind, nodes[number], nodes[number + 1], road, pair, laid_year=laid_year)


def _spread(path: list[np.ndarray], spacing: float) -> list[tuple[float, float]]:
    """Return corners of a path and places spread between, at most `spacing` metres apart."""
    places = [tuple(np.round(path[0], 3).tolist())]
    for start, end in pairwise(path):
        parts = max(int(np.ceil(np.hypot(*(end - start)) / spacing)), 1)
        places += [
            tuple(np.round(start + (end - start) * k / parts, 3).tolist())
            for k in range(1, parts + 1)
        ]
    return places
