"""Edits of the list of layers: stored, taken back, seen after a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hjgis.edits.arrange import lock, rename, reorder, take_out
from hjgis.errors import EditRefused, StoreConflict
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet
from tests import network


@pytest.fixture
def trees(project: Project, tmp_path: Path) -> Project:
    """A project with an imported reference layer of two trees."""
    network.build(project)
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [107.15 + i / 1000, 40.89]},
            "properties": {"kind": "elm"},
        }
        for i in range(2)
    ]
    source = tmp_path / "trees.geojson"
    source.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    carry_out(project, plan_import(project, source, as_reference="trees"))
    return project


def out(project: Project) -> ChangeSet:
    asset = project.asset_type("trees")
    return take_out(project.arrangement, asset, project.table("trees", [], geometry=False))


def reopened(project: Project) -> Project:
    project.close()
    return Project.open(project.path)


def test_a_lock_is_an_edit_like_any_other(project: Project) -> None:
    project.session.apply(lock(project.arrangement, project.asset_type("road"), locked=True))
    assert project.arrangement.locked == {"road"}
    with reopened(project) as again:
        assert again.arrangement.locked == {"road"}
        again.session.undo()
        assert again.arrangement.locked == frozenset()
        assert again.info("layers") is None
        again.session.redo()
        assert again.arrangement.locked == {"road"}


def test_an_order_that_is_the_same_is_no_edit(project: Project) -> None:
    order = list(project.types)
    project.session.apply(reorder(project.arrangement, project.asset_type("road"), order[::-1]))
    assert list(project.types) == order[::-1]
    assert not reorder(project.arrangement, project.asset_type("road"), order[::-1])
    project.session.undo()
    assert list(project.types) == order


def test_an_arrangement_that_has_changed_meanwhile_is_not_overwritten(project: Project) -> None:
    old = lock(project.arrangement, project.asset_type("road"), locked=True)
    project.session.apply(lock(project.arrangement, project.asset_type("park"), locked=True))
    with pytest.raises(StoreConflict, match="changed meanwhile"):
        project.session.apply(old)
    assert project.arrangement.locked == {"park"}
    assert len(project.history.entries()) == 1


def test_a_new_name_is_seen_everywhere(trees: Project) -> None:
    asset = trees.asset_type("trees")
    trees.session.apply(rename(trees.arrangement, asset, " 行道树 "))
    assert trees.asset_type("trees").label["zh_CN"] == "行道树"
    assert [info.title["zh_CN"] for info in trees.layers if info.id == "trees"] == ["行道树"]
    with pytest.raises(EditRefused, match="needs a name"):
        rename(trees.arrangement, asset, "  ")


def test_a_layer_goes_with_its_features_and_comes_back_with_them(trees: Project) -> None:
    before = trees.content_sha256()
    trees.session.apply(out(trees))
    assert "trees" not in trees.types
    assert "trees" not in {info.id for info in trees.layers}
    with reopened(trees) as again:
        assert "trees" not in again.types
        again.session.undo()
        assert again.count("trees") == 2
        assert next(iter(again.types)) == "trees"
        assert again.content_sha256() == before


def test_a_locked_layer_is_not_taken_out(trees: Project) -> None:
    trees.session.apply(lock(trees.arrangement, trees.asset_type("trees"), locked=True))
    with pytest.raises(EditRefused, match="locked"):
        out(trees)


def test_an_import_that_is_taken_back_takes_its_layer_along(trees: Project, tmp_path: Path) -> None:
    end = trees.content_sha256()
    trees.session.undo()
    assert "trees" not in trees.types
    without = trees.content_sha256()
    trees.session.redo()
    assert trees.count("trees") == 2
    assert trees.content_sha256() == end != without
    trees.session.undo()
    source = tmp_path / "trees.geojson"
    report = carry_out(trees, plan_import(trees, source, as_reference="trees"))
    # The old table still stands behind: the name is free again, its id is not.
    assert report.layer != "trees"
    assert trees.asset_type(report.layer).label["en"] == "trees"
    trees.session.undo()
    assert not {"trees", report.layer} & set(trees.types)


def test_a_day_that_is_taken_back_leaves_the_list_of_layers_alone(project: Project) -> None:
    network.build(project)
    change = project.session.apply(
        lock(project.arrangement, project.asset_type("road"), locked=True)
    ).change_id
    assert project.history.touched({change}) == []
