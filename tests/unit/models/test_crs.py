from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.errors import InputError
from hjgis.models.crs import Transform, parse_crs, parse_project_crs

TOWN = (107.1486, 40.8872, 428_244.94, 4_528_395.52)  # degrees, then EPSG:4545


def test_the_town_centre_lands_where_it_should_x_east() -> None:
    move = Transform(parse_crs("EPSG:4490"), parse_crs("EPSG:4545"))
    x, y = move.points(np.array([TOWN[0]]), np.array([TOWN[1]]))
    assert (x[0], y[0]) == (pytest.approx(TOWN[2], abs=0.01), pytest.approx(TOWN[3], abs=0.01))


def test_wgs84_counts_as_cgcs2000_but_xian80_is_a_ballpark() -> None:
    target = parse_crs("EPSG:4545")
    assert not Transform(parse_crs("EPSG:4326"), target).ballpark
    assert Transform(parse_crs("EPSG:2381"), target).ballpark
    assert Transform(parse_crs("EPSG:4545"), target).identity


def test_z_stays_and_missing_geometry_stays_missing() -> None:
    shapes = np.array(
        [shapely.Point(107.1, 40.9, 1040.5), None, shapely.LineString([(107, 41), (107.1, 41)])],
        dtype=object,
    )
    moved = Transform(parse_crs("EPSG:4490"), parse_crs("EPSG:4545")).geometry(shapes)
    assert moved[0].z == 1040.5
    assert moved[1] is None
    assert not moved[2].has_z


def test_coordinates_outside_the_world_are_refused() -> None:
    shapes = np.array([shapely.Point(1e9, 1e9)], dtype=object)
    with pytest.raises(InputError, match="do not fit"):
        Transform(parse_crs("EPSG:4490"), parse_crs("EPSG:4545")).geometry(shapes)


@pytest.mark.parametrize("text", ["EPSG:4490", "EPSG:3857000", "hello", ""])
def test_a_project_crs_must_be_metric(text: str) -> None:
    with pytest.raises(InputError):
        parse_project_crs(text)


def test_the_central_meridian_is_known() -> None:
    assert parse_crs("EPSG:4545").central_meridian_deg == 108
    assert parse_crs("EPSG:4545").in_metres
    assert not parse_crs("EPSG:2263").in_metres


def test_a_damaged_definition_that_leads_nowhere_is_refused_in_words() -> None:
    sound = parse_crs("EPSG:4545").esri_wkt()
    damaged = sound.replace('"Scale_Factor",1.0', '"Scale_Factor",-1')
    assert damaged != sound
    with pytest.raises(InputError, match="no way can be found"):
        Transform(parse_crs(damaged), parse_crs("EPSG:4326"))


BURSA = "15.8,-154.4,-82.3,0.53,-1.21,2.4,4.2"
OLD = f"+proj=tmerc +lon_0=108 +x_0=500000 +ellps=krass +towgs84={BURSA} +units=m +type=crs"


@pytest.mark.parametrize("target", ["EPSG:4545", "EPSG:4524", "EPSG:4490"])
def test_parameters_in_a_proj_string_are_carried_out(target: str) -> None:
    x, y = np.array([428_000.0]), np.array([4_528_000.0])
    lon, lat = Transform(parse_crs(OLD), parse_crs("EPSG:4326")).points(x, y)
    plain = Transform(parse_crs("EPSG:2433"), parse_crs("EPSG:4326")).points(x, y)
    assert np.hypot(lon[0] - plain[0][0], lat[0] - plain[1][0]) > 0.0003
    straight = Transform(parse_crs(OLD), parse_crs(target))
    wanted = Transform(parse_crs("EPSG:4326"), parse_crs(target)).points(lon, lat)
    assert np.abs(np.subtract(straight.points(x, y), wanted)).max() < 1e-4
    assert not straight.ballpark
    back = Transform(parse_crs(target), parse_crs(OLD)).points(*straight.points(x, y))
    assert np.abs(np.subtract(back, (x, y))).max() < 1e-3


def test_parameters_stay_out_of_reports_and_projects() -> None:
    crs = parse_crs(OLD)
    assert "154.4" in crs.text
    assert "154.4" not in crs.public_text
    assert "154.4" not in Transform(crs, parse_crs("EPSG:4545")).description
    with pytest.raises(InputError, match="secret"):
        parse_project_crs(OLD)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("EPSG:4545", "CGCS2000, 3° zone, central meridian 108°"),
        ("EPSG:4524", "CGCS2000, 3° zone 36, central meridian 108°, zone before east"),
        ("EPSG:4507", "CGCS2000, 6° zone, central meridian 105°"),
        ("EPSG:2381", "Xi'an 1980, 3° zone, central meridian 108°"),
        ("EPSG:2433", "Beijing 1954, 3° zone, central meridian 108°"),
        ("EPSG:4490", "CGCS2000, longitude and latitude"),
        ("EPSG:32648", "WGS 84 / UTM zone 48N"),
    ],
)
def test_coordinate_systems_are_named_as_on_chinese_sheets_whoever_wrote_them(
    code: str, text: str
) -> None:
    known = parse_crs(code)
    assert known.called == text
    assert parse_crs(known.esri_wkt()).called == text
