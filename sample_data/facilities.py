"""Parks, toilets, lamps, bike stations and parking of the invented town."""

from __future__ import annotations

import numpy as np
import shapely

from sample_data import streets as st
from sample_data.frame import (
    STATE,
    SUPERVISOR,
    XMAX,
    XMIN,
    YMAX,
    YMIN,
    Cells,
    Layer,
    Serials,
    dice,
)

LAMPS_ON_A_TRUNK_ROAD = 230
BIKE_STATIONS = 800
_BIKE_SPACING_M = 70.0
# (name, class, column, row, columns, rows, share of the block)
_PARKS = (
    ("体育公园", "G139", 7, 6, 1, 1, 0.9),
    ("陕坝公园", "G11", 2, 3, 1, 1, 0.95),
    ("润昇湖公园", "G11", 1, 8, 1, 2, 0.95),
    ("示例公园01", "G12", 5, 9, 1, 1, 0.8),
    ("示例公园02", "G12", 0, 2, 1, 1, 0.7),
    ("示例公园03", "G14", 8, 3, 1, 1, 0.55),
    ("示例公园04", "G14", 4, 1, 1, 1, 0.55),
    ("示例公园05", "G12", 7, 2, 1, 1, 0.75),
    ("示例公园06", "G14", 5, 4, 1, 1, 0.5),
    ("示例公园07", "G14", 0, 6, 1, 1, 0.5),
    ("示例公园08", "G14", 8, 8, 1, 1, 0.6),
    ("示例公园09", "G14", 6, 0, 1, 1, 0.45),
    ("示例广场01", "G3", 4, 5, 1, 1, 0.55),
    ("示例广场02", "G3", 3, 6, 1, 1, 0.4),
    ("示例广场03", "G3", 6, 5, 1, 1, 0.4),
    ("示例广场04", "G3", 5, 7, 1, 1, 0.45),
    ("示例广场05", "G3", 2, 5, 1, 1, 0.35),
    ("示例广场06", "G3", 4, 8, 1, 1, 0.4),
)


def parks(grid: np.ndarray) -> Layer:
    """Return the 19 parks and squares; none lies on a street or on another."""
    layer = Layer("park")
    land = st.street_land(grid).buffer(3)
    belt = canal().buffer(27).difference(land).buffer(-2).buffer(2)
    places = [("园子渠带状公园", "G14", belt, 0.0)]
    taken = canal().buffer(45)
    for name, kind, i, j, columns, rows, share in _PARKS:
        plot = st.block(grid, i, j, columns=columns, rows=rows).difference(land)
        shape = _within(plot, share, square=kind == "G3", name=name).difference(taken)
        water = 0.0
        if name == "润昇湖公园":
            water = round(0.22 * shape.area, 1)
        places.append((name, kind, shape.buffer(-1).buffer(1), water))
        taken = taken.union(shape.buffer(10))
    for number, (name, kind, shape, water) in enumerate(places, start=1):
        parts = [part for part in shapely.get_parts(shape) if part.area > 200]
        outline = shapely.set_precision(shapely.multipolygons(parts), 0.001)
        outline = shapely.multipolygons(shapely.get_parts(outline))
        area = round(outline.area, 1)
        layer.add(
            name,
            outline,
            park_no=f"150826-GY-{number:03d}",
            park_name=name,
            park_class=kind,
            maintained=True,
            supervisor_name="园林局",
            maintainer_name="园林局",
            area_m2=area,
            green_area_m2=round(area * (0.4 if kind == "G3" else 0.75) - water, 1),
            water_area_m2=water,
            grade="二级",
            opened_year=1995 + number,
            toilet_count=1 if area > 20_000 else 0,
            accessible=True,
            dead_trees=0,
            missing_trees=0,
            initial_date="2020-06-15",
            **STATE,
        )
    return layer


def canal() -> shapely.LineString:
    """Return the centre line of the canal that crosses the town."""
    along = np.linspace(0, 1, 60)
    x = XMIN + 60 + along * (XMAX - XMIN - 120)
    y = YMAX - 420 - along * (YMAX - YMIN - 900) + 130 * np.sin(along * 7.5)
    return shapely.LineString(np.column_stack([x, y]))


def _within(plot: shapely.Geometry, share: float, *, square: bool, name: str) -> shapely.Geometry:
    """Return a rounded part of a plot; squares stay near their corners, parks swell."""
    centre = plot.centroid
    small = shapely.affinity.scale(plot, share**0.5, share**0.5, origin=centre)
    if square:
        return small.buffer(-4).buffer(4)
    random = dice(name)
    turn = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    waves = sum(
        random.uniform(-0.07, 0.07) * np.sin(k * turn + random.uniform(0, 6)) for k in (2, 3, 5)
    )
    xmin, ymin, xmax, ymax = small.bounds
    radius = np.array([xmax - xmin, ymax - ymin]) * 0.54
    ring = np.column_stack([np.cos(turn), np.sin(turn)]) * radius * (1 + waves)[:, None]
    blob = shapely.Polygon(ring + np.array([centre.x, centre.y]))
    return small.intersection(blob).buffer(-14).buffer(14)


def lamps(grid: np.ndarray, cells: Cells, serials: Serials) -> Layer:
    """Return 920 LED lamp heads on the four trunk roads and sodium lamps on other main roads."""
    layer = Layer("street_lamp")
    for street in st.streets(grid):
        if street.name in st.TRUNK:
            _trunk_lamps(layer, street, cells, serials)
        elif street.road_class != "支路":
            _ordinary_lamps(layer, street, cells, serials)
    return layer


def _trunk_lamps(layer: Layer, street: st.Street, cells: Cells, serials: Serials) -> None:
    line = shapely.LineString(street.nodes)
    poles = LAMPS_ON_A_TRUNK_ROAD - 20
    for number in range(poles):
        side, place = number % 2, number // 2
        # The first poles stand at junctions and carry two heads, so heads and poles differ.
        heads = 2 if place < 10 else 1
        chainage = (place + 0.5) * line.length / (poles / 2)
        _lamp(
            layer,
            street,
            line,
            chainage,
            side,
            number,
            cells,
            serials,
            lamp_heads=heads,
            lamp_type="LED",
            power_w=150.0,
            color_temp_k=4000,
            replaced_2020=True,
            replace_date="2020-09-30",
            pole_height_m=12.0,
            single_lamp_ctrl=True,
            layout="双侧对称",
            owner_name="中国铁塔公司",
        )


def _ordinary_lamps(layer: Layer, street: st.Street, cells: Cells, serials: Serials) -> None:
    line = shapely.LineString(street.nodes)
    for number in range(int(line.length // 42)):
        _lamp(
            layer,
            street,
            line,
            21 + 42 * number,
            number % 2,
            number,
            cells,
            serials,
            lamp_heads=1,
            lamp_type="高压钠灯",
            power_w=250.0,
            color_temp_k=2000,
            replaced_2020=False,
            pole_height_m=11.0,
            single_lamp_ctrl=False,
            layout="双侧交错",
            owner_name="市政维护站",
        )


def _lamp(
    layer: Layer,
    street: st.Street,
    line: shapely.LineString,
    chainage: float,
    side: int,
    number: int,
    cells: Cells,
    serials: Serials,
    **values: object,
) -> None:
    x, y = _beside(line, chainage, (street.width_m / 2 - 6.5) * (1 if side else -1))
    pole = f"{street.name[:2]}{number + 1:03d}"
    layer.add(
        f"{street.name}/{number}",
        shapely.Point(x, y),
        component_id=serials.next("01037"),
        component_name="路灯",
        grid_id=cells.at(x, y),
        initial_date="2020-06-15",
        pole_no=pole,
        road_name=street.name,
        side="右" if side else "左",
        chainage_m=round(chainage, 1),
        ctrl_box_id=f"KZX{street.number + (0 if street.vertical else 20):02d}",
        circuit_no=str(1 + side),
        lit_ok=True,
        **SUPERVISOR,
        **STATE,
        **values,
    )


def _beside(line: shapely.LineString, chainage: float, offset: float) -> tuple[float, float]:
    """Return the place at a chainage, some metres to the right (positive) of the line."""
    here = line.interpolate(chainage)
    there = line.interpolate(min(chainage + 1, line.length))
    back = line.interpolate(max(chainage - 1, 0))
    dx, dy = there.x - back.x, there.y - back.y
    length = float(np.hypot(dx, dy))
    x, y = here.x + offset * dy / length, here.y - offset * dx / length
    return round(x, 3), round(y, 3)


def bike_stations(grid: np.ndarray, cells: Cells, serials: Serials) -> Layer:
    """Return 800 stations on pavements, no two nearer than 70 m, all inside the frame."""
    random = dice("bikes")
    candidates = []
    for street in st.streets(grid):
        line = shapely.LineString(street.nodes)
        for chainage in np.arange(11, line.length - 8, 6.0):
            for sign in (-1, 1):
                spot = _beside(line, float(chainage), sign * (street.width_m / 2 - 2.6))
                candidates.append((*spot, street.name))
    order = random.permutation(len(candidates))
    frame = shapely.box(XMIN + 1, YMIN + 1, XMAX - 1, YMAX - 1)
    kept: list[tuple[float, float, str]] = []
    places = np.empty((0, 2))
    for index in order:
        x, y, road = candidates[index]
        far = not len(places) or ((places - [x, y]) ** 2).sum(axis=1).min() > _BIKE_SPACING_M**2
        if far and frame.contains(shapely.Point(x, y)):
            kept.append((x, y, road))
            places = np.vstack([places, [x, y]])
        if len(kept) == BIKE_STATIONS:
            break
    assert len(kept) == BIKE_STATIONS, len(kept)
    layer = Layer("bike_station")
    for number, (x, y, road) in enumerate(sorted(kept, key=lambda k: (-k[1], k[0])), start=1):
        layer.add(
            number,
            shapely.Point(x, y),
            component_id=serials.next("02026"),
            component_name=f"停取点{number:03d}",
            grid_id=cells.at(x, y),
            road_name=road,
            initial_date="2020-06-15",
            station_no=f"DC{number:03d}",
            operator="示例单车公司",
            in_service=True,
            capacity=int(10 + 5 * (number % 5)),
            area_m2=20.0,
            dock_type="电子围栏",
            place="人行道",
            marked=True,
            **SUPERVISOR,
            **STATE,
        )
    return layer


def toilets(
    grid: np.ndarray, cells: Cells, serials: Serials, sewers: shapely.Geometry, green: Layer
) -> Layer:
    """Return about sixty toilets at crossings, and one in each large park that has none beside it.

    New and rebuilt ones are flush.
    """
    layer = Layer("toilet")
    random = dice("toilets")
    spots = []
    for i in range(1, 9):
        for j in range(1, 11):
            if random.random() > 0.78:
                continue
            corner = grid[i, j] + np.round(
                [31 + random.uniform(0, 9), 34 + random.uniform(0, 9)], 2
            )
            spots.append((*corner, int(random.integers(4, 9))))
    placed = shapely.multipoints([spot[:2] for spot in spots])
    for shape in green.geometry:
        if shape.area >= 20_000 and shapely.distance(shape, placed) > 45:
            inside = shapely.point_on_surface(shape)
            spots.append((inside.x, inside.y, 6))
    for number, (east, north, women) in enumerate(spots, start=1):
        _toilet(layer, number, (round(east, 3), round(north, 3)), women, cells, serials, sewers)
    return layer


def _toilet(
    layer: Layer,
    number: int,
    place: tuple[float, float],
    women: int,
    cells: Cells,
    serials: Serials,
    sewers: shapely.Geometry,
) -> None:
    kinds = ("一类", "二类", "二类", "三类", "附属二类", "活动式")
    nature = ("既有", "改建", "新建")[number % 3]
    squat = int(women * 0.4)
    spot = shapely.Point(place)
    layer.add(
        number,
        spot,
        component_id=serials.next("03001"),
        component_name=f"示例公厕{number:02d}",
        grid_id=cells.at(*place),
        initial_date="2020-06-15",
        toilet_class=kinds[number % 6],
        build_type=("附属", "活动")[number % 6 == 5] if number % 6 > 3 else "独立",
        flush_type="旱厕" if nature == "既有" and number % 9 == 0 else "水冲",
        build_nature=nature,
        build_year=2020 if nature != "既有" else 2008,
        stall_m_squat=squat,
        stall_m_urinal=int(women / 1.5) - squat,
        stall_f=women,
        stall_access=1,
        third_room=number % 6 == 0,
        open_hours="06:00-22:00",
        open_to_public=True,
        sign_ok=True,
        drain_to="市政污水" if shapely.distance(spot, sewers) <= 45 else "化粪池",
        **SUPERVISOR,
        **STATE,
    )


def parking(
    grid: np.ndarray, cells: Cells, serials: Serials, green: shapely.Geometry
) -> tuple[Layer, Layer]:
    """Return car parks and bays: rows inside blocks, and bays along the kerbs of side streets."""
    lots, bays = Layer("parking_lot"), Layer("parking_bay")
    number = 0
    for i, j in [
        (i, j) for j in range(1, 10) for i in range(1, 8) if (i * 3 + j * 2) % 5 in (1, 3)
    ]:
        plot = st.block(grid, i, j).buffer(-26)
        if plot.is_empty or plot.area < 9000:
            continue
        rows = _rows(plot, 3, 22)
        outline = shapely.union_all(rows).envelope.buffer(3, join_style="mitre")
        if outline.intersects(green) or not plot.buffer(8).contains(outline):
            continue
        number += 1
        _lot(lots, bays, f"L{number:02d}", outline, rows, "路外地面", "垂直", cells, serials)
    for street in st.streets(grid):
        if street.road_class != "支路":
            continue
        for stretch in street.stretches():
            if (stretch + street.number) % 4 == 3:
                continue
            rows = _kerb(street, stretch)
            outline = shapely.union_all(rows).buffer(0.4, join_style="mitre").convex_hull
            if len(rows) >= 6 and not outline.intersects(green):
                number += 1
                _lot(lots, bays, f"L{number:02d}", outline, rows, "路内", "平行", cells, serials)
    return lots, bays


def _rows(plot: shapely.Polygon, count: int, length: int) -> list[shapely.Polygon]:
    """Return perpendicular bays of 2.5 by 5.3 m in rows with aisles of 6 m."""
    x0, y0 = plot.centroid.x - length * 1.25, plot.centroid.y - count * 5.7
    return [
        shapely.box(
            *np.round([x0 + 2.5 * k, y0 + 11.3 * r, x0 + 2.5 * k + 2.5, y0 + 11.3 * r + 5.3], 3)
        )
        for r in range(count)
        for k in range(length)
    ]


def _kerb(street: st.Street, stretch: int) -> list[shapely.Polygon]:
    """Return parallel bays of 6.0 by 2.5 m along one kerb, clear of the crossings."""
    line = street.line(stretch)
    boxes = []
    for start in np.arange(36, line.length - 42, 6.0)[:26]:
        corners = [
            _beside(line, float(at), offset)
            for at, offset in ((start, 4.2), (start + 6, 4.2), (start + 6, 6.7), (start, 6.7))
        ]
        boxes.append(shapely.Polygon(corners))
    return boxes


def _lot(
    lots: Layer,
    bays: Layer,
    lot: str,
    outline: shapely.Polygon,
    boxes: list[shapely.Polygon],
    kind: str,
    form: str,
    cells: Cells,
    serials: Serials,
) -> None:
    centre = outline.centroid
    outline = shapely.set_precision(outline, 0.001)
    lots.add(
        lot,
        shapely.multipolygons([outline]),
        component_id=serials.next("02001"),
        component_name=f"示例停车场{lot[1:]}",
        grid_id=cells.at(centre.x, centre.y),
        initial_date="2020-06-15",
        lot_no=lot,
        lot_type=kind,
        bays_total=len(boxes),
        bays_access=1,
        bays_charging=0,
        area_m2=round(outline.area, 1),
        fee="免费",
        idle_underground=False,
        use_changed=False,
        **SUPERVISOR,
        **STATE,
    )
    long, wide = (6.0, 2.5) if form == "平行" else (5.3, 2.5)
    for serial, box in enumerate(boxes, start=1):
        bays.add(
            f"{lot}/{serial}",
            box,
            bay_no=f"150826-BW-{lot}-{serial:04d}",
            lot_no=lot,
            bay_form=form,
            length_m=long,
            width_m=wide,
            accessible=serial == 1,
            marked_ok=True,
            **STATE,
        )
