"""Real towns, imported by the program's own import, for tests and for looking at.

``python -m tests.real_towns FOLDER OUT`` makes a project of each; see `TOWNS`.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from hjgis.exchange.importing import carry_out, plan_import
from hjgis.exchange.profiles import Column
from hjgis.layers.project import Project

FEET: Final = 0.3048
INCHES: Final = 25.4
METRES: Final = 1000.0


@dataclass(frozen=True)
class Source:
    """A file, what its records become, and what a person would answer and tell beside."""

    file: str
    to: str
    columns: tuple[Column, ...] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)


def _sewer_levels(rim: str, level: str, *, to: tuple[str, str]) -> tuple[Column, ...]:
    return Column(rim, to[0], FEET), Column(level, to[1], FEET)


BANGOR: Final = (
    Source("town-bangor/cityFootprint.geojson", "boundary", (Column("Label", "boundary_name"),)),
    Source("town-bangor/roads.geojson", "road", (
        Column("NAME", "road_name"),
        Column("CLASS", "road_class", values={
            "INTERSTATE": "公路", "RAMP": "公路", "US HWY": "主干路", "STATE HWY": "主干路",
            "MAJOR": "主干路", "MINOR": "支路", "DRIVE": "街巷", "PRIVATE": "街巷",
        }),
    )),
    Source("town-bangor/sanitaryManhole.geojson", "manhole", (
        Column("BCD_RIM", "ground_elev_m", FEET), Column("BCD_INV", "bottom_elev_m", FEET),
        Column("DROP_", "appendage", values={"Y": "跌水井", "N": "污水井"}),
    )),
    Source("town-bangor/sanitaryPipe.geojson", "pipe_line", (
        Column("BCD_UP_INV", "start_elev_m", FEET), Column("BCD_DN_INV", "end_elev_m", FEET),
        Column("WIDTH", "width_mm", INCHES),
    )),
    Source("town-bangor/parks.geojson", "park", (
        Column("Name", "park_name"), Column("Owner", "owner_name"),
        Column("Shape_area", "area_m2", FEET**2),
    )),
    Source("town-bangor/downtownParking.geojson", "parking_lot", (
        Column("Name", "component_name"), Column("Spots", "bays_total"),
        Column("Shape_area", "area_m2", FEET**2),
    )),
    Source("town-bangor/recFacilities.geojson", "service_area", (Column("Type", "area_name"),)),
)  # fmt: skip
KY4: Final = (
    Source("water-ky4/ky4_junctions.geojson", "pipe_point", (
        Column("name", "exp_no"), Column("elevation", "ground_elev_m"),
    ), {"accept_ballpark": True}),
    Source("water-ky4/ky4_pipes.geojson", "pipe_line", (
        Column("name", "pipe_no"), Column("start_node_name", "start_no"),
        Column("end_node_name", "end_no"), Column("diameter", "diameter_mm", METRES),
        Column("length", "length_m"),
    ), {"accept_ballpark": True}),
)  # fmt: skip
TOILETS: Final = (
    Source("toilets-norwich-osm/toilets-amenity.geojson", "toilet", (
        Column("id", "component_name"),
    )),
    Source("toilets-norwich-osm/parkingSpaces.geojson", "parking_lot", (
        Column("id", "lot_no"), Column("capacity", "bays_total"),
        Column("capacity:disabled", "bays_access"),
        Column("parking", "lot_type", values={
            "surface": "路外地面", "multi-storey": "立体", "underground": "地下", "layby": "路内",
            "lane": "路内", "on_street": "路内",
        }),
    )),
)  # fmt: skip
TAIPEI: Final = (
    Source("taipei-open-data/臺北市親子友善廁所點位資訊.csv", "toilet", (
        Column("公廁編號", "component_id"), Column("公廁名稱", "component_name"),
        Column("公廁地址", "location_desc"), Column("管理單位", "maintainer_name"),
    ), {"x": "經度", "y": "緯度", "crs": "EPSG:4326"}),
)  # fmt: skip
LAMPS: Final = (
    Source("streetlights-dc/streetlights.csv", "street_lamp", (
        Column("FACILITYID", "pole_no"), Column("STREETNAME", "road_name"),
        Column("OWNER_DESC", "owner_name"), Column("NUMBERLIGHTS", "lamp_heads"),
        Column("WATTAGE1", "power_w"),
        Column("LIGHTTYPE_DESC", "lamp_type", values={
            "HPS-High Pressure Sodium": "高压钠灯", "LED-Light Emitting Diode": "LED",
            "LED": "LED",
        }),
    ), {"x": "XCOORD", "y": "YCOORD", "crs": "EPSG:4326"}),
)  # fmt: skip
STATIONS: Final = (
    Source("bikes-chiba/parking.geojson", "bike_station", (
        Column("name", "component_name"), Column("address", "location_desc"),
        Column("capacity", "capacity"),
    )),
)  # fmt: skip
LOTS: Final = (
    Source("parking-burlington/parking_lots.geojson", "parking_lot", (
        Column("FID", "lot_no"), Column("NAME", "component_name"),
        Column("CAPACITY", "bays_total"), Column("Address", "location_desc"),
        Column("CATEGORY", "lot_type",
               values={"Parking Lot": "路外地面", "Parking Garage": "立体"}),
    )),
    Source("parking-burlington/parking_meters.geojson", "road", (
        Column("StreetName", "road_name"),
    )),
)  # fmt: skip
PARKS: Final = (
    Source("parks-mecklenburg/parks.geojson", "park", (Column("name", "park_name"),)),
    Source("parks-mecklenburg/greenways.geojson", "road", (Column("name", "road_name"),)),
)  # fmt: skip
TOWNS: Final = {
    "bangor": BANGOR, "ky4": KY4, "norwich": TOILETS, "taipei": TAIPEI, "dc": LAMPS,
    "chiba": STATIONS, "burlington": LOTS, "mecklenburg": PARKS,
}  # fmt: skip


# The zones of UTM that the towns lie in: the county has its own system, with no distances there.
ZONES: Final = {
    "bangor": "EPSG:32619", "ky4": "EPSG:32617", "norwich": "EPSG:32631", "taipei": "EPSG:32651",
    "dc": "EPSG:32618", "chiba": "EPSG:32654", "burlington": "EPSG:32618",
    "mecklenburg": "EPSG:32617",
}  # fmt: skip


def build(folder: Path, town: str, path: Path) -> None:
    """Make a project of one of `TOWNS`, file after file."""
    with Project.create(path, ZONES[town], operator="test") as project:
        for source in TOWNS[town]:
            told = {column.source: column for column in source.columns}
            asked = plan_import(
                project, folder / source.file, to=source.to, mapping=told, **source.answers
            )
            carry_out(project, asked)


def main() -> None:
    """Make all of them in a folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    for town in TOWNS:
        build(given.folder, town, given.out / f"{town}.gpkg")


if __name__ == "__main__":
    main()
