from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.checks.rules import Reads, Scope
from hjgis.checks.survey import SharedTables, Survey, is_gap, numbers, places
from hjgis.layers.project import Project
from tests.unit.checks.faults import BOW_TIE, STRAIGHT, X, Y, add, at, line, square

LENGTHS = Reads(lambda asset: ("diameter_mm", "material") if asset.id == "pipe_line" else None)
BY_NODE = Reads(LENGTHS.columns, Scope.GROUP)
HERE = (X - 1, Y - 1, X + 1, Y + 1)


def survey(project: Project, reads: Reads, **options: object) -> Survey:
    return Survey(SharedTables(project, [reads], **options), reads, {})  # type: ignore[arg-type]


def test_a_frame_is_indexed_by_uuid_and_knows_the_project_crs(project: Project) -> None:
    uuid = add(project, "pipe_line", line(*STRAIGHT), diameter_mm=300)
    frame = survey(project, LENGTHS).frame("pipe_line")
    assert frame.index.tolist() == [uuid]
    assert frame.crs.to_epsg() == 4545
    assert list(frame.columns) == ["diameter_mm", "material", "geometry"]
    assert frame.geometry.iloc[0].length == 50


def test_numbers_are_floats_and_what_is_missing_is_nan_or_none(project: Project) -> None:
    add(project, "pipe_line", line(*STRAIGHT), diameter_mm=300, material="PE")
    add(project, "pipe_line", line(*STRAIGHT))
    frame = survey(project, LENGTHS).frame("pipe_line")
    assert frame["diameter_mm"].dtype == np.float64
    assert np.isnan(frame["diameter_mm"].iloc[1])
    assert frame["material"].tolist() == ["PE", None]


def test_an_empty_layer_is_an_empty_frame(project: Project) -> None:
    assert len(survey(project, LENGTHS).frame("pipe_line")) == 0


def test_only_declared_layers_and_columns_are_seen(project: Project) -> None:
    seen = survey(project, LENGTHS)
    assert [asset.id for asset in seen.layers] == ["pipe_line"]
    assert seen.table("pipe_line").columns.keys() == {"diameter_mm", "material"}
    with pytest.raises(KeyError):
        seen.table("manhole")


def test_columns_of_other_rules_are_not_seen(project: Project) -> None:
    other = Reads(lambda asset: ("laid_year",) if asset.id == "pipe_line" else None)
    tables = SharedTables(project, [LENGTHS, other])
    assert Survey(tables, other, {}).table("pipe_line").columns.keys() == {"laid_year"}


def test_an_extent_narrows_rules_of_feature_scope_only(project: Project) -> None:
    add(project, "pipe_line", line(*STRAIGHT))
    add(project, "pipe_line", line((100, 0), (200, 0)))
    assert len(survey(project, LENGTHS, extent=HERE).table("pipe_line").fids) == 1
    assert len(survey(project, LENGTHS, extent=HERE).whole("pipe_line").fids) == 2
    assert len(survey(project, BY_NODE, extent=HERE).table("pipe_line").fids) == 2


def test_a_layer_is_read_once(project: Project) -> None:
    tables = SharedTables(project, [LENGTHS, BY_NODE])
    assert tables.table("pipe_line") is tables.table("pipe_line", whole=True)


def test_a_gap_is_null_or_empty_text_and_unknown_is_none() -> None:
    values = np.array([None, "", "不详", 0, False, 0.0], dtype=object)
    assert is_gap(values).tolist() == [True, True, False, False, False, False]


def test_numbers_of_what_is_no_number_are_nan() -> None:
    values = np.array([1, 2.5, None, "约3", "4"], dtype=object)
    np.testing.assert_array_equal(numbers(values), [1.0, 2.5, np.nan, np.nan, 4.0])


def test_places_lie_on_what_they_stand_for() -> None:
    shapes = [
        None,
        shapely.Point(),
        at(1, 2),
        line((0, 0), (10, 0), (10, 2)),
        square(0, 0, 10),
        BOW_TIE,
        shapely.MultiLineString([line(*STRAIGHT), line((0, 9), (9, 9))]),
        shapely.MultiPolygon([square(0, 0, 5)]),
    ]
    array = np.empty(len(shapes), dtype=object)
    array[:] = shapes
    spots = places(array)
    assert spots[0] is None
    assert spots[1] is None
    assert spots[2] == at(1, 2)
    assert spots[3] == at(6, 0)
    for shape, spot in zip(shapes[4:], spots[4:], strict=True):
        assert shapely.distance(shape, spot) == 0
