"""Deliveries with wrong axes, zones, meridians, units or shifts: none comes in without a question.

Each is a file as somebody would send it; the question must offer the right answer, and with that
answer the wells must stand where they are in truth.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import openpyxl
import pytest
import shapely
from pyogrio import raw

from hjgis.errors import InputQuestion
from hjgis.exchange.importing import ImportPlan, carry_out, plan_import
from hjgis.exchange.placement import PlaceQuestion
from hjgis.layers.project import Project
from hjgis.models.changes import BulkInsert, ChangeSet, new_uuids
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.gcj02 import LonLat

TOWN = np.random.default_rng(2020).uniform((107.04, 40.81), (107.22, 40.97), (24, 2))
CM = "+proj=tmerc +lat_0=0 +lon_0={} +k=1 +x_0={} +y_0=0 +datum=WGS84 +units={} +type=crs"


@dataclass(frozen=True)
class Mistake:
    """What the numbers of a file are, what it says of them, and what must be offered."""

    form: str
    numbers: str
    says: str | None
    answer: Mapping[str, object]
    exchanged: bool = False
    stored: bool = False

    @property
    def id(self) -> str:
        turned = "-exchanged" if self.exchanged else ""
        return f"{self.form}-{self.numbers[:40]}-as-{self.says}{turned}"


SWAP: Mapping[str, object] = {"swap": True}
MISTAKES = [
    # Axes.
    Mistake("csv", "EPSG:4545", None, SWAP, exchanged=True),
    Mistake("xlsx", "EPSG:4545", None, SWAP, exchanged=True),
    Mistake("dat", "EPSG:4545", None, SWAP, exchanged=True),
    Mistake("dxf", "EPSG:4545", None, SWAP, exchanged=True),
    Mistake("shp", "EPSG:4545", "EPSG:4545", SWAP, exchanged=True),
    Mistake("gpkg", "EPSG:4545", "EPSG:4545", SWAP, exchanged=True),
    Mistake("geojson", "EPSG:4326", "EPSG:4326", SWAP, exchanged=True),
    Mistake("kml", "EPSG:4326", "EPSG:4326", SWAP, exchanged=True),
    Mistake("csv", "EPSG:4490", None, {"swap": True, "crs": "EPSG:4490"}, exchanged=True),
    Mistake("dat", "EPSG:4524", None, {"swap": True, "crs": "EPSG:4524"}, exchanged=True),
    # Numbers of zones.
    Mistake("csv", "EPSG:4524", None, {"crs": "EPSG:4524"}),
    Mistake("dat", "EPSG:4524", None, {"crs": "EPSG:4524"}),
    Mistake("dxf", "EPSG:4524", None, {"crs": "EPSG:4524"}),
    Mistake("shp", "EPSG:4524", "EPSG:4545", {"crs": "EPSG:4524"}),
    Mistake("gpkg", "EPSG:4545", "EPSG:4524", {"crs": "EPSG:4545"}),
    Mistake("shp", CM.format(108, 35500000, "m"), "EPSG:4523",
            {"crs": CM.format(108, 35500000, "m")}),
    Mistake("xlsx", CM.format(108, 37500000, "m"), None, {"crs": CM.format(108, 37500000, "m")}),
    Mistake("csv", CM.format(108, 18500000, "m"), None, {"crs": CM.format(108, 18500000, "m")}),
    # Meridians.
    Mistake("shp", "EPSG:4544", "EPSG:4545", {"crs": "EPSG:4544"}),
    Mistake("geojson", "EPSG:4546", "EPSG:4545", {"crs": "EPSG:4546"}),
    Mistake("shp", "EPSG:4507", "EPSG:4545", {"crs": "EPSG:4544"}),
    Mistake("gpkg", "EPSG:4496", "EPSG:4524", {"crs": "EPSG:4496"}),
    Mistake("dat", "EPSG:4544", None, {"crs": "EPSG:4544"}),
    Mistake("shp", "EPSG:4545", "EPSG:4544", {"crs": "EPSG:4545"}),
    # Degrees, metres of the web, millimetres.
    Mistake("csv", "EPSG:4490", None, {"crs": "EPSG:4490"}),
    Mistake("shp", "EPSG:4490", "EPSG:4545", {"crs": "EPSG:4490"}),
    Mistake("geojson", "EPSG:4545", "EPSG:4326", {"crs": "EPSG:4545"}),
    Mistake("gpkg", "EPSG:3857", "EPSG:4545", {"crs": "EPSG:3857"}),
    Mistake("shp", "EPSG:32648", "EPSG:4545", {"crs": "EPSG:32648"}),
    Mistake("dxf", CM.format(108, 500000, "mm"), None, {"crs": CM.format(108, 500000, "mm")}),
    Mistake("csv", "DMS", None, {"crs": "DMS"}),
    Mistake("geojson", "DMS", "EPSG:4326", {"crs": "DMS"}),
    # Shifts of map services, known by what is stored or asked for.
    Mistake("csv", "GCJ-02", None, {"crs": "GCJ-02"}),
    Mistake("csv", "BD-09", None, {"crs": "BD-09"}),
    Mistake("geojson", "GCJ-02", "EPSG:4326", {"crs": "GCJ-02"}, stored=True),
    Mistake("kml", "BD-09", "EPSG:4326", {"crs": "BD-09"}, stored=True),
    Mistake("shp", "GCJ-02", "EPSG:4490", {"crs": "GCJ-02"}, stored=True),
]  # fmt: skip


def in_system(system: str) -> np.ndarray:
    """Return the town's wells in a system, east first."""
    if system in ("GCJ-02", "BD-09"):
        there = LonLat(*TOWN.T, "true").shifted(system)  # type: ignore[arg-type]
        return np.column_stack([there.lon, there.lat])
    if system == "DMS":
        minutes, part = np.divmod(TOWN % 1 * 60, 1)
        return np.floor(TOWN) + minutes / 100 + part * 60 / 10_000
    return np.column_stack(Transform(parse_crs("EPSG:4490"), parse_crs(system)).points(*TOWN.T))


def as_csv(path: Path, xy: np.ndarray, _crs: str | None) -> None:
    rows = "".join(f"W{n},{x!r},{y!r}\n" for n, (x, y) in enumerate(xy.tolist()))
    path.write_text("exp_no,east,north\n" + rows)


def as_xlsx(path: Path, xy: np.ndarray, _crs: str | None) -> None:
    book = openpyxl.Workbook()
    book.active.append(["exp_no", "east", "north"])
    for number, (x, y) in enumerate(xy.tolist()):
        book.active.append([f"W{number}", x, y])
    book.save(path)


def as_dat(path: Path, xy: np.ndarray, _crs: str | None) -> None:
    path.write_text("".join(f"{n},J,{x!r},{y!r},1040\n" for n, (x, y) in enumerate(xy.tolist())))


def as_dxf(path: Path, xy: np.ndarray, _crs: str | None) -> None:
    drawing = ezdxf.new()
    for x, y in xy.tolist():
        drawing.modelspace().add_point((x, y))
    drawing.saveas(path)


def as_kml(path: Path, xy: np.ndarray, _crs: str | None) -> None:
    marks = "".join(
        f"<Placemark><Point><coordinates>{x!r},{y!r}</coordinates></Point></Placemark>"
        for x, y in xy.tolist()
    )
    path.write_text(
        f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}</Document></kml>'
    )


def as_geojson(path: Path, xy: np.ndarray, crs: str | None) -> None:
    features = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": spot}}
        for spot in xy.tolist()
    ]
    name = f"urn:ogc:def:crs:{str(crs).replace(':', '::')}"
    told = {"type": "name", "properties": {"name": name}}
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": told, "features": features}))


def as_vector(path: Path, xy: np.ndarray, crs: str | None) -> None:
    raw.write(
        path,
        geometry=shapely.to_wkb(shapely.points(xy)),
        field_data=[np.arange(len(xy))],
        fields=["a"],
        geometry_type="Point",
        crs=crs,
        driver={".shp": "ESRI Shapefile", ".gpkg": "GPKG"}[path.suffix],
    )


WRITERS: Mapping[str, Callable[[Path, np.ndarray, str | None], None]] = {
    "csv": as_csv, "xlsx": as_xlsx, "dat": as_dat, "dxf": as_dxf, "kml": as_kml,
    "geojson": as_geojson, "shp": as_vector, "gpkg": as_vector,
}  # fmt: skip


def delivered(folder: Path, mistake: Mistake) -> Path:
    xy = in_system(mistake.numbers)
    path = folder / f"wells.{mistake.form}"
    WRITERS[mistake.form](path, xy[:, ::-1] if mistake.exchanged else xy, mistake.says)
    return path


def planned(project: Project, path: Path, **said: Any) -> ImportPlan:
    columns = {"x": "east", "y": "north"} if path.suffix in (".csv", ".xlsx") else {}
    return plan_import(project, path, to="manhole", **columns, **said)


def store_wells(project: Project) -> None:
    shapes = np.asarray(shapely.points(in_system(project.crs.text)), dtype=object)
    bulk = BulkInsert("manhole", shapes, {}, new_uuids(len(shapes)))
    project.session.apply(ChangeSet("import", bulk=(bulk,)))


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_no_mistake_comes_in_without_a_question_that_holds_the_answer(
    tmp_path: Path, project: Project, mistake: Mistake
) -> None:
    if mistake.stored:
        store_wells(project)
    path = delivered(tmp_path, mistake)
    with pytest.raises(PlaceQuestion) as asked:
        planned(project, path)
    proposals = [
        proposal for proposal in asked.value.proposals if proposal.answer == mistake.answer
    ]
    assert proposals, [proposal.answer for proposal in asked.value.proposals]
    west, south, east, north = proposals[0].box_wgs84
    assert (107.0, 40.8) < (west, south) < (east, north) < (107.3, 41.0)
    plan = planned(project, path, **mistake.answer)
    if mistake.stored:
        # They land on what is stored, to the centimetre at which degrees are the same place.
        assert plan.report.matched == len(TOWN)
        return
    there = shapely.get_coordinates(plan.changes.bulk[0].geometry)
    away = np.hypot(*(there - in_system(project.crs.text)).T)
    assert away.max() < (1.0 if "0" in mistake.numbers and "-" in mistake.numbers[:4] else 0.01)


def test_there_are_more_than_twenty_over_all_formats() -> None:
    assert len(MISTAKES) >= 20
    assert {mistake.form for mistake in MISTAKES} == set(WRITERS)


@pytest.mark.parametrize(
    "mistake",
    [m for m in MISTAKES if m.says and not m.stored and m.numbers != "DMS"],
    ids=lambda mistake: mistake.id,
)
def test_what_is_wanted_as_it_is_comes_in_with_a_word(
    tmp_path: Path, project: Project, mistake: Mistake
) -> None:
    plan = planned(project, delivered(tmp_path, mistake), as_is=True)
    kinds = {problem.kind for problem in plan.report.problems}
    assert kinds & {"outside-county", "outside-crs"}, kinds


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ("EPSG:4544", "EPSG:4545"), ("EPSG:4523", "EPSG:4524"), ("EPSG:4496", "EPSG:4524"),
        ("EPSG:3857", "EPSG:4545"), ("EPSG:4490", "EPSG:4545"),
    ],
)  # fmt: skip
def test_whoever_names_a_wrong_system_is_told_the_likely_one(
    tmp_path: Path, project: Project, numbers: str, said: str
) -> None:
    plan = planned(project, delivered(tmp_path, Mistake("csv", numbers, None, {})), crs=said)
    (words,) = [p.message for p in plan.report.problems if p.kind == "outside-county"]
    assert f"--crs {numbers}" in words


def test_wells_in_an_old_datum_are_asked_about_and_common_points_put_them_right(
    tmp_path: Path, project: Project
) -> None:
    store_wells(project)
    true = in_system(project.crs.text)
    old = true + np.array([-41.0, 58.0])
    path = tmp_path / "wells.shp"
    as_vector(path, old, "EPSG:4545")
    with pytest.raises(InputQuestion, match="Beijing 1954") as asked:
        planned(project, path)
    assert "--common-points POINTS.csv" in asked.value.answers
    points = tmp_path / "points.csv"
    points.write_text(
        "name,from_east,from_north,to_east,to_north\n"
        + "".join(f"P{n},{a!r},{b!r},{c!r},{d!r}\n"
                  for n, ((a, b), (c, d)) in enumerate(zip(old[:4].tolist(), true[:4].tolist(),
                                                           strict=True)))
    )  # fmt: skip
    plan = planned(project, path, common_points=points)
    assert (plan.report.matched, plan.report.imported) == (len(true), 0)


# -- what is right -----------------------------------------------------------------------

RIGHT = [
    ("csv", "EPSG:4545", None, {}),
    ("dat", "EPSG:4545", None, {}),
    ("dxf", "EPSG:4545", None, {}),
    ("shp", "EPSG:4545", "EPSG:4545", {}),
    ("gpkg", "EPSG:4524", "EPSG:4524", {}),
    ("shp", "EPSG:4524", "EPSG:4524", {}),
    ("shp", "EPSG:4544", "EPSG:4544", {}),
    ("shp", "EPSG:4507", "EPSG:4507", {}),
    ("gpkg", "EPSG:4496", "EPSG:4496", {}),
    ("geojson", "EPSG:4326", "EPSG:4326", {}),
    ("gpkg", "EPSG:4490", "EPSG:4490", {}),
    ("kml", "EPSG:4326", "EPSG:4326", {}),
    ("gpkg", "EPSG:3857", "EPSG:3857", {}),
    ("csv", "EPSG:4524", None, {"crs": "EPSG:4524"}),
    ("csv", "EPSG:4326", None, {"crs": "epsg:4326"}),
    ("xlsx", "EPSG:4507", None, {"crs": "EPSG:4507"}),
    ("csv", "EPSG:4545", None, {"crs": CM.format(108, 500000, "m")}),
]


@pytest.mark.parametrize(
    ("form", "numbers", "says", "said"), RIGHT, ids=[f"{r[0]}-{r[1]}-{r[2]}" for r in RIGHT]
)
def test_what_is_right_comes_in_to_the_millimetre_and_is_not_talked_about(
    tmp_path: Path,
    project: Project,
    form: str,
    numbers: str,
    says: str | None,
    said: Mapping[str, object],
) -> None:
    path = delivered(tmp_path, Mistake(form, numbers, says, {}))
    plan = planned(project, path, **said)
    there = shapely.get_coordinates(plan.changes.bulk[0].geometry)
    assert np.hypot(*(there - in_system(project.crs.text)).T).max() < 0.001
    kinds = {problem.kind for problem in plan.report.problems}
    assert not kinds & {"outside-county", "offset", "ballpark-shift"}


def gauss_krueger(lon: float, lat: float, meridian: float, axis_m: float, flat: float) -> Any:
    """Return east and north after Krüger's series in n, to well under a millimetre."""
    n = 1 / (2 * flat - 1)
    radius = axis_m / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
    alpha = (
        n / 2 - 2 * n**2 / 3 + 5 * n**3 / 16 + 41 * n**4 / 180,
        13 * n**2 / 48 - 3 * n**3 / 5 + 557 * n**4 / 1440,
        61 * n**3 / 240 - 103 * n**4 / 140,
        49561 * n**4 / 161280,
    )
    phi, away = np.radians(lat), np.radians(lon - meridian)
    e = 2 * n**0.5 / (1 + n)
    t = np.sinh(np.arctanh(np.sin(phi)) - e * np.arctanh(e * np.sin(phi)))
    xi, eta = np.arctan2(t, np.cos(away)), np.arctanh(np.sin(away) / np.hypot(1, t))
    north = xi + sum(a * np.sin(2 * j * xi) * np.cosh(2 * j * eta) for j, a in enumerate(alpha, 1))
    east = eta + sum(a * np.cos(2 * j * xi) * np.sinh(2 * j * eta) for j, a in enumerate(alpha, 1))
    return np.array([500_000 + radius * east, radius * north])


CGCS2000, XIAN_80, BEIJING_54 = (6_378_137, 298.257222101), (6_378_140, 298.257), (6_378_245, 298.3)
KNOWN = [
    ("EPSG:4545", 108, 0, CGCS2000), ("EPSG:4524", 108, 36_000_000, CGCS2000),
    ("EPSG:4544", 105, 0, CGCS2000), ("EPSG:4507", 105, 0, CGCS2000),
    ("EPSG:4496", 105, 18_000_000, CGCS2000), ("EPSG:4546", 111, 0, CGCS2000),
    ("EPSG:2381", 108, 0, XIAN_80), ("EPSG:2360", 108, 36_000_000, XIAN_80),
    ("EPSG:2433", 108, 0, BEIJING_54), ("EPSG:2412", 108, 36_000_000, BEIJING_54),
]  # fmt: skip


@pytest.mark.parametrize(
    ("crs", "meridian", "prefix", "ellipsoid"), KNOWN, ids=[known[0] for known in KNOWN]
)
def test_the_towns_centre_comes_in_to_the_millimetre_from_every_system(
    tmp_path: Path,
    project: Project,
    crs: str,
    meridian: float,
    prefix: float,
    ellipsoid: tuple[float, float],
) -> None:
    centre = (107.1486, 40.8872)
    x, y = gauss_krueger(*centre, meridian, *ellipsoid)
    path = tmp_path / "wells.csv"
    as_csv(path, np.array([[x + prefix, y]]), None)
    plan = planned(project, path, crs=crs, accept_ballpark=ellipsoid != CGCS2000)
    (there,) = shapely.get_coordinates(plan.changes.bulk[0].geometry)
    assert np.hypot(*(there - gauss_krueger(*centre, 108, *CGCS2000))) < 0.001
    assert there == pytest.approx((428_244.94, 4_528_395.52), abs=0.01)


def test_the_towns_centre_comes_in_from_web_mercator(tmp_path: Path, project: Project) -> None:
    radius, lon, lat = 6_378_137, np.radians(107.1486), np.radians(40.8872)
    path = tmp_path / "wells.csv"
    as_csv(path, np.array([[radius * lon, radius * np.arcsinh(np.tan(lat))]]), None)
    (there,) = shapely.get_coordinates(
        planned(project, path, crs="EPSG:3857").changes.bulk[0].geometry
    )
    assert np.hypot(*(there - gauss_krueger(107.1486, 40.8872, 108, *CGCS2000))) < 0.001


@pytest.mark.parametrize(
    ("crs", "prefix"),
    [
        ("EPSG:2381", 0), ("EPSG:2360", 36_000_000), ("EPSG:2433", 0), ("EPSG:2412", 36_000_000),
        ("EPSG:4610", None), ("EPSG:4214", None),
    ],
)  # fmt: skip
def test_an_old_datum_is_refused_until_the_shift_is_accepted(
    tmp_path: Path, project: Project, crs: str, prefix: int | None
) -> None:
    path = delivered(tmp_path, Mistake("gpkg", crs, crs, {}))
    for said in ({}, {"crs": crs}):
        with pytest.raises(InputQuestion, match="no real transformation") as asked:
            planned(project, path, **said)
        assert asked.value.answers[0] == "--accept-ballpark"
        assert asked.value.answers[-1].startswith("--common-points")
    plan = planned(project, path, accept_ballpark=True)
    there = shapely.get_coordinates(plan.changes.bulk[0].geometry)
    assert np.hypot(*(there - in_system(project.crs.text)).T).max() < 0.001
    (words,) = [p.message for p in plan.report.problems if p.kind == "ballpark-shift"]
    assert "Ballpark" in words
    if prefix is not None:
        east = in_system(crs)[:, 0] - prefix
        assert (east > 400_000).all()
        assert (east < 450_000).all()


def test_what_was_put_right_is_stored_like_anything_else(tmp_path: Path, project: Project) -> None:
    path = delivered(tmp_path, Mistake("shp", "EPSG:4545", "EPSG:4545", SWAP, exchanged=True))
    carry_out(project, planned(project, path, swap=True))
    stored = project.table("manhole").geometry
    assert stored is not None
    assert np.hypot(*(shapely.get_coordinates(stored) - in_system("EPSG:4545")).T).max() < 0.001
    project.session.undo()
    assert project.count("manhole") == 0
