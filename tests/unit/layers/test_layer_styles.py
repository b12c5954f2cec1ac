"""The table of styles in a project: when it is written, and what of it is left alone."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import warnings
from pathlib import Path

import pyogrio
import pytest

from hjgis.layers import qml
from hjgis.layers.project import Project
from hjgis.models.own_lists import OwnCode, store_lists


def styles(path: Path) -> dict[str, tuple[str, str, str, int]]:
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "SELECT f_table_name, owner, styleQML, styleSLD, useAsDefault FROM layer_styles"
            " ORDER BY id"
        ).fetchall()
    database.close()
    return {layer: (owner, *rest) for layer, owner, *rest in rows}


def made_old(path: Path) -> None:
    """Leave a project as programs wrote it that knew of titles only."""
    with sqlite3.connect(path) as database:
        database.execute("DELETE FROM hjgis_project WHERE key = ?", (qml.DIGEST,))
        database.execute("UPDATE layer_styles SET styleQML = '<qgis/>', styleSLD = ''")
    database.close()


def test_a_new_project_tells_qgis_of_every_layer(blank: Path) -> None:
    found = styles(blank)
    with Project.open(blank, write=False) as project:
        assert set(found) == set(project.types)
        for asset in project.types.values():
            owner, text, sld, chosen = found[asset.id]
            assert (owner, chosen) == ("hjgis", 1)
            assert ("<renderer-v2" in text) == asset.is_spatial == ("<se:Rule>" in sld)


def test_a_project_of_before_is_told_of_when_it_is_opened_for_writing(
    blank: Path, tmp_path: Path
) -> None:
    path = Path(shutil.copy(blank, tmp_path / "old.gpkg"))
    made_old(path)
    with Project.open(path, write=False):
        pass
    assert styles(path)["manhole"][1] == "<qgis/>"
    with Project.open(path) as project:
        digest = project.content_sha256()
    assert styles(path) == styles(blank)
    with Project.open(blank, write=False) as project:
        assert project.content_sha256() == digest


def test_a_project_that_is_up_to_date_is_not_written(blank: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(blank, tmp_path / "same.gpkg"))
    with sqlite3.connect(path) as database:
        database.execute("UPDATE layer_styles SET styleQML = 'as it is'")
    database.close()
    Project.open(path).close()
    assert styles(path)["manhole"][1] == "as it is"


def test_the_style_that_a_user_of_qgis_made_default_stays(blank: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(blank, tmp_path / "theirs.gpkg"))
    made_old(path)
    with sqlite3.connect(path) as database:
        database.execute("UPDATE layer_styles SET useAsDefault = 0 WHERE f_table_name = 'park'")
        database.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name,"
            " f_geometry_column, styleName, styleQML, styleSLD, useAsDefault, owner)"
            " VALUES ('', '', 'park', 'geom', 'mine', '<qgis mine/>', '', 1, 'wang')"
        )
    database.close()
    Project.open(path).close()
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "SELECT owner, styleQML LIKE '%renderer%', useAsDefault FROM layer_styles"
            " WHERE f_table_name = 'park' ORDER BY owner"
        ).fetchall()
    database.close()
    assert rows == [("hjgis", 1, 0), ("wang", 0, 1)]


def test_the_projects_own_codes_reach_the_lists_that_qgis_offers(project: Project) -> None:
    assert "自编单位" not in styles(project.path)["manhole"][1]
    own = project.own_lists.added("unit", OwnCode("自编单位"))
    project.session.apply(store_lists(None, own))
    assert "自编单位" in styles(project.path)["manhole"][1]
    project.session.undo()
    assert "自编单位" not in styles(project.path)["manhole"][1]


def test_gdal_lists_the_layers_without_a_word_of_complaint(blank: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        names = pyogrio.list_layers(blank)[:, 0].tolist()
    assert {"manhole", "pipe_line", "layer_styles"} <= set(names)


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="GDAL's programs are not installed")
def test_ogrinfo_has_nothing_to_complain_of(blank: Path) -> None:
    for command in (["ogrinfo", "-ro", "-so", "-al", str(blank)], ["ogrinfo", "-ro", str(blank)]):
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        assert "ERROR" not in done.stdout
