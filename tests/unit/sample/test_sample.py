from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis import paths
from hjgis.errors import ProjectError
from hjgis.exchange.sources import read_layer
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models.catalogue_files import catalogue
from sample_data import build

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build.build(folder)
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Project:
    path = tmp_path_factory.mktemp("clean") / "clean.gpkg"
    create_sample(path, clean=True)
    project = Project.open(path, write=False)
    yield project
    project.close()


def digest(path: Path) -> str:
    with Project.open(path, write=False) as project:
        return project.content_sha256()


def test_the_built_files_are_fresh(built: Path) -> None:
    shipped = paths.sample_data()
    assert digest(built / "town.gpkg") == digest(shipped / "town.gpkg")
    with Project.open(shipped / "town.gpkg", write=False) as project:
        assert project.info("catalogue") == project.catalogue.digest, "build it anew"
    for name in ("answer_key.json", "repairs.json"):
        assert (built / name).read_text("utf-8") == (shipped / name).read_text("utf-8")
    assert {p.name for p in (built / "foreign").iterdir()} == {
        p.name for p in (shipped / "foreign").iterdir()
    }


def test_the_sample_is_small_enough_to_ship() -> None:
    files = [path for path in paths.sample_data().rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 12 * MEGABYTE


@pytest.mark.parametrize("clean", [False, True], ids=["with faults", "clean"])
def test_two_samples_hold_the_same_and_have_nothing_to_undo(tmp_path: Path, clean: bool) -> None:
    for name in ("one.gpkg", "two.gpkg"):
        create_sample(tmp_path / name, clean=clean)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.gpkg", "two.gpkg"]
    assert digest(tmp_path / "one.gpkg") == digest(tmp_path / "two.gpkg")
    with Project.open(tmp_path / "one.gpkg") as one:
        assert one.is_sample
        assert not one.session.can_undo
        assert not one.history.entries()


def test_the_clean_town_is_the_town_before_the_faults(tmp_path: Path, clean: Project) -> None:
    build.write_town(tmp_path / "town.gpkg")
    assert digest(tmp_path / "town.gpkg") == clean.content_sha256()


def test_an_existing_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.gpkg"
    path.write_bytes(b"mine")
    with pytest.raises(ProjectError, match="exists already"):
        create_sample(path, clean=False)
    assert path.read_bytes() == b"mine"


def test_the_town_has_what_the_notice_counts(clean: Project) -> None:
    lamps = clean.table("street_lamp", ["lamp_heads", "replaced_2020", "road_name"]).columns
    new = lamps["replaced_2020"] == True  # noqa: E712 - an array of True, False and None
    assert lamps["lamp_heads"][new].sum() == 920
    assert len(set(lamps["road_name"][new])) == 4
    assert len(clean.table("street_lamp", []).fids[new]) != 920, "heads are not poles"
    assert clean.count("park") == 19
    assert clean.count("bike_station") == 800
    assert shapely.area(clean.table("service_area", []).geometry).sum() == 15_000_000
    assert clean.count("manhole") >= 3000
    assert clean.count("pipe_line") >= 5000
    assert clean.count("parking_bay") >= 2000


def test_every_pipe_kind_is_laid_and_every_pipe_ends_at_its_nodes(clean: Project) -> None:
    pipes = clean.table("pipe_line", ["kind", "from_node", "to_node"])
    kinds = {c.code for c in catalogue().codes("pipe_kind").codes if not c.extra.get("undivided")}
    assert set(pipes.columns["kind"]) == kinds
    places = {}
    for layer in ("manhole", "pipe_point"):
        table = clean.table(layer, [])
        places.update(zip(table.uuids, table.geometry, strict=True))
    for end, name in ((0, "from_node"), (-1, "to_node")):
        nodes = np.array([places[uuid] for uuid in pipes.columns[name]], dtype=object)
        assert shapely.distance(shapely.get_point(pipes.geometry, end), nodes).max() == 0


def test_gravity_pipes_fall_and_levels_agree_with_depths(clean: Project) -> None:
    names = ["is_gravity", "start_elev_m", "end_elev_m", "start_depth_m", "from_node"]
    columns = clean.table("pipe_line", names).columns
    falls = columns["start_elev_m"].astype(float) - columns["end_elev_m"].astype(float)
    assert falls[columns["is_gravity"].astype(bool)].min() >= -0.01
    ground = {}
    for layer in ("manhole", "pipe_point"):
        table = clean.table(layer, ["ground_elev_m"])
        ground.update(zip(table.uuids, table.columns["ground_elev_m"], strict=True))
    level = np.array([ground[uuid] for uuid in columns["from_node"]], dtype=float)
    off = level - columns["start_depth_m"].astype(float) - columns["start_elev_m"].astype(float)
    assert np.abs(off).max() <= 0.011


def test_grid_cells_tile_the_town_without_gap_or_overlap(clean: Project) -> None:
    cells = clean.table("grid", ["grid_id"])
    area = shapely.area(cells.geometry).sum()
    assert shapely.union_all(cells.geometry, grid_size=0.001).area == pytest.approx(area, abs=1)
    assert area == pytest.approx(15_000_000, abs=1)
    assert len(set(cells.columns["grid_id"])) == len(cells.fids)


def test_parks_lie_on_no_street_and_on_no_other_park(clean: Project) -> None:
    parks = clean.table("park", []).geometry
    assert shapely.union_all(parks).area == pytest.approx(shapely.area(parks).sum(), rel=1e-6)
    assert not shapely.intersects(parks[:, None], clean.table("road", []).geometry[None, :]).any()


def test_everything_says_that_it_is_invented(clean: Project) -> None:
    for asset in catalogue().assets:
        if asset.optional and asset.id not in clean.types:
            continue
        table = clean.table(asset.id, ["data_source"])
        assert set(table.columns["data_source"]) == {"合成"}, asset.id
        if asset.has("component_id"):
            ids = clean.table(asset.id, ["component_id"]).columns["component_id"]
            assert all(text[-6] == "9" and len(text) == 17 for text in ids)


def test_the_answer_key_names_features_that_are_there(tmp_path: Path) -> None:
    create_sample(tmp_path / "p.gpkg", clean=False)
    key = json.loads((paths.sample_data() / "answer_key.json").read_text("utf-8"))
    with Project.open(tmp_path / "p.gpkg", write=False) as project:
        known = {name: set(project.table(name, []).uuids) for name in project.types}
        assert all(row["uuid"] in known[row["layer"]] for row in key)
    counts = Counter(row["rule"] for row in key)
    assert counts.total() >= 90
    assert len(counts) >= 30


def test_the_walk_of_the_receiver_is_the_one_that_is_built(built: Path) -> None:
    name = "foreign/合成航迹_RTK.nmea"
    shipped = (paths.sample_data() / name).read_bytes()
    assert (built / name).read_bytes() == shipped
    assert b"SYNTHETIC" in shipped.splitlines()[0]
    walk = read_layer(paths.sample_data() / name)
    assert len(walk) == 170
    said = " ".join(walk.warnings)
    assert "wrong checksum or value, left out: 1 (line 101)" in said
    assert "cut off, left out: 1 (line 131)" in said
