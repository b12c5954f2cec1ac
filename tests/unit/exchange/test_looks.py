"""A foreign layer keeps the look that its GeoPackage gives it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import geopandas
import numpy as np
import pyogrio
import pytest
import shapely

from hjgis import cli
from hjgis.exchange.importing import carry_out, plan_import
from hjgis.layers.project import Project
from hjgis.models.styles.style import LineSymbol
from hjgis.models.styles.stylefile import style_for
from hjgis.render.features import layer_paint
from tests.test_cli import Faces
from tests.unit.models.test_qml import GRADED, OLD_FORM

_TABLE = (
    "CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_name TEXT, styleName TEXT,"
    " styleQML TEXT, styleSLD TEXT, useAsDefault BOOLEAN)"
)
Rows = Sequence[tuple[str, str, str, str, bool]]


def foreign(folder: Path, rows: Rows, *, areas: bool = False) -> Path:
    path = folder / "theirs.gpkg"
    starts = np.array([[428_000.0 + i * 20, 4_528_000.0] for i in range(4)])
    shapes = shapely.linestrings(np.stack([starts, starts + 15], axis=1))
    shapes = shapely.buffer(shapely.points(starts), 5) if areas else shapes
    columns = {"Kind": [1, 2, 3, 9], "Name": ["a", "b", "c", "d"], "depth": [0.5, 1.5, 3.0, 20.0]}
    frame = geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4545")
    frame.to_file(path, layer="theirs", engine="pyogrio")
    with sqlite3.connect(path) as database:
        database.execute(_TABLE)
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
        database.executemany(
            "INSERT INTO layer_styles (f_table_name, styleName, styleQML, styleSLD, useAsDefault)"
            " VALUES (?, ?, ?, ?, ?)",
            rows,
        )
    database.close()
    return path


def words(plan_or_report: object) -> list[str]:
    problems = plan_or_report.report.problems  # type: ignore[attr-defined]
    return [problem.message for problem in problems if problem.kind == "look"]


def classes_of(project: Project, layer: str) -> list[int]:
    asset = project.asset_type(layer)
    batches = list(project.store.batches(layer, style_for(asset)))
    table = project.table(layer, style_for(asset).columns)
    of_table = layer_paint(table, style_for(asset)).classes.tolist()
    of_map = [number for batch in batches for number in batch.classes.tolist()]
    assert of_map == of_table
    return of_map


def test_a_reference_layer_looks_as_in_the_file_it_came_from(
    project: Project, tmp_path: Path
) -> None:
    rows = [("theirs", "old", "<qgis/>", "", False), ("theirs", "theirs", OLD_FORM, "", True)]
    plan = plan_import(project, foreign(tmp_path, rows), as_reference="theirs")
    carry_out(project, plan)
    style = style_for(project.asset_type("theirs"))
    assert [item.symbol.color for item in style.classes] == ["#ff0000", "#0000ff80"]  # type: ignore[union-attr]
    assert style.default.symbol == LineSymbol("#010203", 0.3)
    assert style.max_denominator == 5000
    assert classes_of(project, "theirs") == [0, 1, 1, 2]
    said = words(plan)
    assert "theirs" in said[0]
    assert any("ArrowLine" in text for text in said[1:])


def test_the_look_is_there_when_the_project_is_opened_again_and_told_to_qgis(
    project: Project, tmp_path: Path
) -> None:
    path = foreign(tmp_path, [("theirs", "theirs", OLD_FORM, "", True)])
    carry_out(project, plan_import(project, path, as_reference="theirs"))
    before = style_for(project.asset_type("theirs"))
    project.close()
    with Project.open(project.path) as again:
        assert style_for(again.asset_type("theirs")) == before
    _meta, _fids, _shapes, held = pyogrio.raw.read(
        project.path,
        layer="layer_styles",
        columns=["styleQML"],
        where="f_table_name = 'theirs'",
        read_geometry=False,
    )
    assert "255,0,0,255" in held[0][0]


def test_one_undo_takes_layer_and_look_away_and_redo_brings_both(
    project: Project, tmp_path: Path
) -> None:
    path = foreign(tmp_path, [("theirs", "theirs", OLD_FORM, "", True)])
    carry_out(project, plan_import(project, path, as_reference="theirs"))
    project.session.undo()
    assert "theirs" not in project.types
    project.session.redo()
    assert len(style_for(project.types["theirs"]).classes) == 2


def test_ranges_of_numbers_colour_the_features_that_are_in_them(
    project: Project, tmp_path: Path
) -> None:
    path = foreign(tmp_path, [("theirs", "depths", GRADED, "", True)], areas=True)
    carry_out(project, plan_import(project, path, as_reference="theirs"))
    assert classes_of(project, "theirs") == [0, 0, 1, 2]


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        ([], 0),
        ([("other", "x", OLD_FORM, "", True)], 0),
        ([("theirs", "x", "broken <", "", True)], 1),
        ([("theirs", "x", "", "", True)], 1),
        ([("theirs", "x", GRADED, "", True)], 1),
    ],
)
def test_without_a_usable_style_the_layer_has_the_usual_look_and_a_reason(
    project: Project, tmp_path: Path, rows: Rows, count: int
) -> None:
    plan = plan_import(project, foreign(tmp_path, rows), as_reference="theirs")
    carry_out(project, plan)
    assert project.asset_type("theirs").look == ""
    assert not style_for(project.asset_type("theirs")).classes
    assert len(words(plan)) == count


def test_the_command_line_says_which_look_was_kept(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = foreign(tmp_path, [("theirs", "blue lines", OLD_FORM, "", True)])
    project.close()
    command = ["import", project.path, path, "--as-reference", "theirs", "--json"]
    assert cli.main([str(part) for part in command], Faces()) == 0
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert any("blue lines" in problem["message"] for problem in problems)
