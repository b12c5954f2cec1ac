"""Kinds that a project has only when wanted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import shapely

from hjgis.edits.add import add_feature
from hjgis.edits.arrange import add_kind, take_out
from hjgis.errors import EditRefused
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.layers.project import Project

CHIMNEY = {"type": "Point", "coordinates": [107.15, 40.89]}


def lifts(path: Path) -> Path:
    rows = [{"电梯编号": f"DT-{number}", "下次检验日期": "2026-06-30"} for number in range(3)]
    features = [{"type": "Feature", "geometry": CHIMNEY, "properties": row} for row in rows]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def test_a_new_kind_lies_where_the_catalogue_draws_it_also_after_reopening(
    project: Project,
) -> None:
    for kind in ("hazard", "compound"):
        project.session.apply(add_kind(project.arrangement, project.asset_type(kind), made=False))
    known = [name for name in project.shipped.types if name in project.types]
    assert list(project.types) == known
    project.close()
    with Project.open(project.path) as again:
        assert list(again.types) == known
        assert "lift" not in again.types
    with Project.open(project.path, write=False) as reader:
        assert list(reader.types) == known


def test_an_import_makes_the_layer_and_undo_takes_it_away_with_its_features(
    project: Project, tmp_path: Path
) -> None:
    source = lifts(tmp_path / "lifts.geojson")
    carry_out(project, plan_import(project, source, to="lift"))
    assert project.count("lift") == 3
    project.session.undo()
    assert "lift" not in project.types
    carry_out(project, plan_import(project, source, to="lift"))
    assert project.count("lift") == 3


def test_only_optional_kinds_can_be_taken_out(project: Project) -> None:
    lift, toilet = project.asset_type("lift"), project.asset_type("toilet")
    project.session.apply(add_kind(project.arrangement, lift, made=False))
    rows = project.table("lift", [], geometry=False)
    project.session.apply(take_out(project.arrangement, lift, rows))
    assert "lift" in {asset.id for asset in project.more_kinds}
    with pytest.raises(EditRefused):
        take_out(project.arrangement, toilet, project.table("toilet", [], geometry=False))


def test_features_of_a_kind_that_was_added_are_journalled_and_come_back(project: Project) -> None:
    project.session.apply(add_kind(project.arrangement, project.asset_type("pole"), made=False))
    place = shapely.Point(428_000, 4_528_000)
    project.session.apply(add_feature(project, "pole", place, {"pole_no": "G-1"}))
    before = project.content_sha256()
    project.session.undo()
    project.session.undo()
    assert "pole" not in project.types
    project.session.redo()
    project.session.redo()
    assert project.content_sha256() == before
