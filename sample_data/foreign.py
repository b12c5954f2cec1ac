"""Foreign files to practise importing on: each has a trap that real deliveries have."""

from __future__ import annotations

import csv
import datetime as dt
import functools
import operator
from pathlib import Path

import numpy as np
import shapely

from hjgis.models.crs import Transform, parse_crs
from sample_data import streets as st
from sample_data.frame import ground_m


def write(folder: Path) -> None:
    """Write all of them into a new folder."""
    folder.mkdir(parents=True)
    grid = st.crossings()
    _lamps_in_gbk(folder, grid)
    _survey_workbook(folder, grid)
    _swapped_csv(folder, grid)
    _receiver_log(folder, grid)


def _lamps_in_gbk(folder: Path, grid: np.ndarray) -> None:
    """Write a GBK shapefile that nothing says is GBK: no .cpg, language byte 0."""
    import fiona

    schema = {
        "geometry": "Point",
        "properties": {"灯杆编号": "str:20", "道路": "str:40", "光源": "str:20", "功率": "int:5"},
    }
    line = shapely.LineString(next(s for s in st.streets(grid) if s.name == "示例五街").nodes[2:7])
    path = folder / "路灯_无编码声明.shp"
    with fiona.open(path, "w", "ESRI Shapefile", schema, crs="EPSG:4545", encoding="GBK") as file:
        for number in range(40):
            spot = line.interpolate(20 + 38 * number)
            values = {
                "灯杆编号": f"WJ{number + 1:03d}",
                "道路": "示例五街",
                "光源": "高压钠灯" if number % 3 else "LED",
                "功率": 250 if number % 3 else 120,
            }
            geometry = {"type": "Point", "coordinates": (round(spot.x, 3), round(spot.y + 7, 3))}
            file.write({"type": "Feature", "geometry": geometry, "properties": values})
    path.with_suffix(".cpg").unlink(missing_ok=True)
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[29] = 0
    # The header's date would differ from day to day.
    table[1:4] = bytes((120, 6, 15))
    path.with_suffix(".dbf").write_bytes(table)


def _survey_workbook(folder: Path, grid: np.ndarray) -> None:
    """Write a survey's point and line tables: X is north, depths in metres."""
    import datetime as dt

    import openpyxl

    book = openpyxl.Workbook()
    book.properties.created = book.properties.modified = dt.datetime(2020, 6, 15)
    points, lines = book.active, book.create_sheet("管线表")
    points.title = "管点表"
    points.append(["物探点号", "特征", "附属物", "X", "Y", "地面高程", "井底深", "道路名称"])
    lines.append(
        [
            "起点点号",
            "终点点号",
            "管线类型",
            "起点埋深",
            "终点埋深",
            "管径",
            "材质",
            "埋设方式",
            "埋设年代",
        ]
    )
    start, end = grid[5, 10], grid[6, 10]
    for number in range(12):
        x, y = start + (end - start) * (number + 0.5) / 12 + [0.0, 3.0]
        ground = ground_m(float(x), float(y))
        points.append(
            [
                f"WS2{number:03d}",
                None,
                "污水井",
                round(float(y), 3),
                round(float(x), 3),
                ground,
                round(1.9 + 0.03 * number, 2),
                "示例五街",
            ]
        )
        if number:
            depths = round(1.6 + 0.03 * (number - 1), 2), round(1.6 + 0.03 * number, 2)
            lines.append(
                [
                    f"WS2{number - 1:03d}",
                    f"WS2{number:03d}",
                    "WS",
                    *depths,
                    "DN300",
                    "砼",
                    "直埋",
                    "2016年",
                ]
            )
    book.save(folder / "管线探测成果.xlsx")


def _swapped_csv(folder: Path, grid: np.ndarray) -> None:
    """Write toilets with X and Y as surveyors mean them: X north, Y east."""
    with (folder / "公厕_XY对调.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["名称", "X", "Y", "冲水方式", "建设性质"])
        # Each beside its crossing in a way of its own: a constant step would look like a shift.
        places = [
            ((1, 2), (52.0, 57.0)),
            ((3, 4), (31.0, -44.0)),
            ((5, 6), (-38.0, 49.0)),
            ((6, 3), (61.0, -35.0)),
            ((7, 8), (-44.0, -52.0)),
        ]
        for number, (crossing, step) in enumerate(places, start=1):
            x, y = grid[crossing] + step
            writer.writerow([f"待建公厕{number}", f"{y:.3f}", f"{x:.3f}", "水冲", "新建"])


# Seconds, quality of GGA, satellites, HDOP, standard deviation in metres, steps in m/s.
_WALK = (
    (15, 0, 3, 99.99, 0.0, 0.0),
    (25, 1, 9, 1.60, 2.0, 0.0),
    (15, 5, 14, 0.90, 0.2, 0.0),
    (45, 4, 18, 0.65, 0.008, 0.0),
    (40, 4, 18, 0.70, 0.010, 1.2),
    (45, 4, 17, 0.75, 0.008, 0.0),
)


def _receiver_log(folder: Path, grid: np.ndarray) -> None:
    """Write what a receiver told on a walk along a street, over midnight, with two bad lines."""
    spread = np.random.default_rng(20200615)
    to_degrees = Transform(parse_crs("EPSG:4545"), parse_crs("EPSG:4326"))
    start, end = grid[5, 10], grid[6, 10]
    ahead = (end - start) / np.hypot(*(end - start))
    course = np.degrees(np.arctan2(ahead[0], ahead[1])) % 360
    at, moment = start + np.array([0.0, 7.0]), dt.datetime(2020, 6, 15, 23, 58, 40)
    lines = [_sentence("GPTXT,01,01,02,SYNTHETIC SAMPLE - NOT SURVEYED")]
    for seconds, quality, satellites, hdop, error_m, step_m in _WALK:
        for _second in range(seconds):
            at = at + ahead * step_m
            # As much to the north as to the east.
            off_m = round(error_m / 2**0.5, 4)
            told = at + spread.normal(0.0, off_m, 2)
            lon, lat = (float(v[0]) for v in to_degrees.points(told[:1], told[1:]))
            place = f"{_minutes(lat, 2)},N,{_minutes(lon, 3)},E" if quality else ",,,"
            height = f"{ground_m(float(at[0]), float(at[1])):.3f}" if quality else ""
            how = f"{quality},{satellites:02},{hdop},{height},M,-30.500,M,,"
            going = f"{step_m / 0.514444:.2f},{f'{course:.1f}' if step_m else ''}"
            state, mode = "A" if quality else "V", "NADPRF"[quality]
            time = f"{moment:%H%M%S}.00"
            lines.append(_sentence(f"GNGGA,{time},{place},{how}"))
            lines.append(
                _sentence(f"GNRMC,{time},{state},{place},{going},{moment:%d%m%y},,,{mode}")
            )
            if quality:
                lines.append(_sentence(f"GNGST,{time},,,,,{off_m},{off_m},{2 * off_m:.4f}"))
            moment += dt.timedelta(seconds=1)
    lines[100] = lines[100][:-2] + "00"
    lines[130] = lines[130][:31]
    data = "".join(f"{line}\r\n" for line in lines)
    (folder / "合成航迹_RTK.nmea").write_bytes(data.encode("ascii"))


def _minutes(degrees: float, digits: int) -> str:
    whole = int(degrees)
    return f"{whole:0{digits}}{(degrees - whole) * 60:010.7f}"


def _sentence(body: str) -> str:
    return f"${body}*{functools.reduce(operator.xor, body.encode()):02X}"
