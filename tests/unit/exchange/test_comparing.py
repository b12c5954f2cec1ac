"""What is shifted inside the county is found by what the project holds already."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import shapely

from hjgis.errors import InputQuestion
from hjgis.exchange.importing import ImportPlan, plan_import
from hjgis.exchange.placement import PlaceQuestion
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models.changes import BulkInsert, ChangeSet, new_uuids
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.gcj02 import LonLat, System
from hjgis.paths import sample_data

CENTRE = (428_000.0, 4_528_000.0)


def town(count: int = 60, *, width: float = 3000.0, seed: int = 3) -> np.ndarray:
    return np.array(CENTRE) + np.random.default_rng(seed).uniform(0, width, (count, 2))


def store(
    project: Project,
    places: np.ndarray,
    layer: str = "manhole",
    values: Mapping[str, list[object]] = MappingProxyType({}),
) -> None:
    shapes = np.asarray(shapely.points(places), dtype=object)
    bulk = BulkInsert(layer, shapes, dict(values), new_uuids(len(shapes)))
    project.session.apply(ChangeSet("import", bulk=(bulk,)))


def shifted(project: Project, places: np.ndarray, system: System) -> np.ndarray:
    lon, lat = Transform(project.crs, parse_crs("EPSG:4326")).points(*places.T)
    there = LonLat(lon, lat, "true").shifted(system)
    return np.column_stack([there.lon, there.lat])


def written(folder: Path, places: np.ndarray, crs: str = "EPSG:4326") -> Path:
    path = folder / "theirs.geojson"
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": xy},
            "properties": {"编号": f"W{number}"},
        }
        for number, xy in enumerate(places.tolist())
    ]
    name = f"urn:ogc:def:crs:{crs.replace(':', '::')}"
    collection = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": name}},
        "features": features,
    }
    path.write_text(json.dumps(collection))
    return path


def planned(project: Project, path: Path, **said: object) -> ImportPlan:
    return plan_import(project, path, to="manhole", **said)  # type: ignore[arg-type]


def unverified(plan: ImportPlan) -> list[str]:
    return [p.message for p in plan.report.problems if p.kind == "unverified-degrees"]


def doubts(plan: ImportPlan) -> list[str]:
    return [problem.message for problem in plan.report.problems if problem.kind == "offset"]


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
@pytest.mark.parametrize("kind", ["manhole", "street_lamp"])
def test_degrees_of_a_map_service_are_known_by_what_is_stored(
    project: Project, tmp_path: Path, system: System, kind: str
) -> None:
    places = town()
    store(project, places, kind)
    path = written(tmp_path, shifted(project, places, system))
    with pytest.raises(PlaceQuestion, match="map service") as asked:
        planned(project, path)
    answer = asked.value.proposals[0].answer
    assert answer == {"crs": system}
    plan = planned(project, path, **answer)
    if kind == "manhole":
        assert plan.report.matched == len(places)
    else:
        there = shapely.get_coordinates(plan.changes.bulk[0].geometry)
        assert np.hypot(*(there - places).T).max() < 0.05
    assert doubts(planned(project, path, as_is=True))
    assert doubts(planned(project, path, crs="EPSG:4326"))


def test_new_things_in_the_same_file_do_not_hide_the_shift(
    project: Project, tmp_path: Path
) -> None:
    places = town()
    store(project, places)
    mixed = np.concatenate([places[:45], town(20, seed=9)])
    path = written(tmp_path, shifted(project, mixed, "GCJ-02"))
    with pytest.raises(PlaceQuestion, match="GCJ-02"):
        planned(project, path)


@pytest.mark.parametrize("known", ["places", "others", "nothing"])
def test_true_degrees_are_not_doubted_where_something_tells(
    project: Project, tmp_path: Path, known: str
) -> None:
    if known != "nothing":
        store(project, town(seed=3 if known == "places" else 8))
    lon, lat = Transform(project.crs, parse_crs("EPSG:4326")).points(*town().T)
    path = written(tmp_path, np.column_stack([lon, lat]))
    plan = planned(project, path)
    assert doubts(plan) == []
    if known == "places":
        assert unverified(plan) == []
    else:
        # Whose degrees they are nobody can see; so it is said, and the import goes on.
        (words,) = unverified(plan)
        assert "GCJ-02" in words
        assert "BD-09" in words
    assert unverified(planned(project, path, crs="EPSG:4326")) == []


def test_degrees_of_a_receiver_are_true(project: Project) -> None:
    source = next((sample_data() / "foreign").glob("*.nmea"))
    assert unverified(plan_import(project, source, as_reference="track")) == []


def test_a_dense_town_does_not_make_a_shift_of_chance(project: Project, tmp_path: Path) -> None:
    # A stored thing every 6 m: anything meets something within 3 m in most places.
    grid = np.stack(np.meshgrid(np.arange(0, 600, 6), np.arange(0, 600, 6)), -1).reshape(-1, 2)
    store(project, np.array(CENTRE) + grid)
    mine = np.array(CENTRE) + np.random.default_rng(4).uniform(100, 400, (50, 2))
    lon, lat = Transform(project.crs, parse_crs("EPSG:4326")).points(*mine.T)
    assert not doubts(planned(project, written(tmp_path, np.column_stack([lon, lat]))))


def test_metres_made_of_shifted_degrees_are_told_and_asked_about(
    project: Project, tmp_path: Path
) -> None:
    places = town()
    store(project, places)
    degrees = shifted(project, places, "GCJ-02")
    x, y = Transform(parse_crs("EPSG:4326"), project.crs).points(*degrees.T)
    path = written(tmp_path, np.column_stack([x, y]), "EPSG:4545")
    with pytest.raises(InputQuestion, match="Ask for the degrees") as asked:
        planned(project, path)
    assert asked.value.answers == ("--as-is",)


@pytest.mark.parametrize("step", [(-42.0, 61.5), (0.0, 120.0), (11.0, 3.0)])
def test_a_constant_step_of_tens_of_metres_looks_like_an_old_datum(
    project: Project, tmp_path: Path, step: tuple[float, float]
) -> None:
    places = town()
    store(project, places)
    path = written(tmp_path, places + step, "EPSG:4545")
    with pytest.raises(InputQuestion, match="Beijing 1954 or Xi'an 1980") as asked:
        planned(project, path)
    assert f"({step[0]:.1f} m too far east, {step[1]:.1f} m too far north)" in str(asked.value)
    assert "--as-is" in asked.value.answers
    (words,) = doubts(planned(project, path, as_is=True))
    assert "Beijing 1954" in words


def test_lamps_on_the_other_side_of_one_street_are_no_old_datum(
    project: Project, tmp_path: Path
) -> None:
    row = np.array(CENTRE) + np.column_stack([np.arange(0, 1500, 30.0), np.zeros(50)])
    store(project, row)
    assert not doubts(planned(project, written(tmp_path, row + np.array([0, 20.0]), "EPSG:4545")))


def test_a_regular_grid_beside_another_is_no_old_datum(project: Project, tmp_path: Path) -> None:
    grid = np.stack(np.meshgrid(np.arange(0, 600, 40.0), np.arange(0, 600, 40.0)), -1)
    store(project, np.array(CENTRE) + grid.reshape(-1, 2))
    mine = np.array(CENTRE) + grid.reshape(-1, 2)[100:160] + 20
    assert not doubts(planned(project, written(tmp_path, mine, "EPSG:4545")))


def test_survey_noise_is_no_shift(project: Project, tmp_path: Path) -> None:
    places = town()
    store(project, places)
    noisy = places + np.random.default_rng(5).normal(0, 1.0, places.shape)
    assert not doubts(planned(project, written(tmp_path, noisy, "EPSG:4545")))


# -- by number ---------------------------------------------------------------------------


def numbered(project: Project, places: np.ndarray) -> None:
    store(project, places, values={"exp_no": [f"W{n}" for n in range(len(places))]})


@pytest.mark.parametrize("system", ["GCJ-02", "BD-09"])
def test_places_picked_on_a_web_map_are_known_by_their_numbers(
    project: Project, tmp_path: Path, system: System
) -> None:
    places = town(12)
    numbered(project, places)
    # A finger on a screen is good to some ten metres.
    picked = places + np.random.default_rng(6).normal(0, 12, places.shape)
    path = written(tmp_path, shifted(project, picked, system))
    with pytest.raises(PlaceQuestion, match="map service") as asked:
        planned(project, path)
    assert asked.value.proposals[0].answer == {"crs": system}


def test_an_old_datum_is_known_by_numbers_where_few_are_stored(
    project: Project, tmp_path: Path
) -> None:
    row = np.array(CENTRE) + np.column_stack([np.arange(0, 300, 50.0), np.zeros(6)])
    numbered(project, row)
    with pytest.raises(InputQuestion, match="Beijing 1954"):
        planned(project, written(tmp_path, row + np.array([-42.0, 61.0]), "EPSG:4545"))


def test_what_was_surveyed_anew_is_no_shift(project: Project, tmp_path: Path) -> None:
    places = town(12)
    numbered(project, places)
    moved = places + np.random.default_rng(6).normal(0, 25, places.shape)
    assert not doubts(planned(project, written(tmp_path, moved, "EPSG:4545")))


def test_other_things_of_the_same_numbers_are_no_shift(project: Project, tmp_path: Path) -> None:
    numbered(project, town(12))
    assert not doubts(planned(project, written(tmp_path, town(12, seed=31), "EPSG:4545")))


def test_five_new_toilets_in_a_town_full_of_things_are_no_old_datum(tmp_path: Path) -> None:
    path = tmp_path / "sample.gpkg"
    create_sample(path, clean=False)
    with Project.open(path, operator="tester") as project:
        source = sample_data() / "foreign" / "公厕_XY对调.csv"
        plan = plan_import(project, source, to="toilet", x="Y", y="X")
        assert (plan.report.imported, doubts(plan)) == (5, [])
