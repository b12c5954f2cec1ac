"""The small map of a series shows a town however small it is."""

from __future__ import annotations

from pathlib import Path

from hjgis.cartography.overview import read_overview
from hjgis.layers.project import Project


def test_a_town_of_one_point_has_room_around_it(tmp_path: Path) -> None:
    with Project.create(tmp_path / "p.gpkg", crs="EPSG:4547") as project:
        found = read_overview(project, (500000.0, 4500000.0, 500000.0, 4500000.0))
    assert found.extent[0] < 500000.0 < found.extent[2]
    assert found.extent[1] < 4500000.0 < found.extent[3]
