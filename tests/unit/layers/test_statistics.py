"""Statistics tell what looking at every feature tells."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import BulkInsert, ChangeSet, Feature
from hjgis.models.query import Condition, Location, Query
from hjgis.models.statistics import (
    Dimension,
    Measure,
    NoSuchStatistics,
    Question,
    dimensions_of,
    measures_of,
    read_dimension,
    read_measure,
    title_of,
    value_words,
)

COUNT = 200
KIND, MATERIAL = Dimension("kind"), Dimension("material")
ROAD, YEAR = Dimension("road_name"), Dimension("survey_date", year=True)
GRAVITY, WIDTH, GRID = Dimension("is_gravity"), Dimension("diameter_mm"), Dimension(area="grid")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    path: Path = tmp_path_factory.mktemp("town") / "town.gpkg"
    random = np.random.default_rng(3)

    def some(*values: Value) -> list[Value]:
        return [values[index] for index in random.integers(0, len(values), COUNT)]

    ends = random.uniform(0, 100, (COUNT, 2, 2))
    lines = np.array([shapely.LineString(pair) for pair in ends], object)
    lines[::17] = None
    columns = {
        "kind": some("WS", "YS", None),
        "material": some("T", "G", "不详", "", None),
        "road_name": some("和平路", "解放街", "=1+1", None),
        "survey_date": some("2019-01-02", "2020-12-31", None),
        "is_gravity": some(True, False, None),
        "diameter_mm": some(100, 300, 600, None),
    }
    cells = [shapely.box(x, y, x + 50, y + 50) for x in (0, 50) for y in (0,)]
    grid = np.array([shapely.MultiPolygon([cell]) for cell in cells], object)
    with Project.create(path, operator="tester") as project:
        if project.asset_type("grid").geometry == "Polygon":
            grid = np.array(cells, object)
        names = {"grid_id": ["G1", "G2"]}
        bulk = (BulkInsert("pipe_line", lines, columns), BulkInsert("grid", grid, names))
        project.session.apply(ChangeSet("t", bulk=bulk))
        yield project


def key(project: Project, feature: Feature, dimension: Dimension) -> Value:
    if dimension.area:
        if feature.geometry is None:
            return None
        middle = feature.geometry.interpolate(0.5, normalized=True)
        areas = project.store.features("grid", project.store.fids("grid"))
        inside = [area for area in areas if area.geometry.covers(middle)]
        return inside[0].values["grid_id"] if inside else None
    value = feature.values[dimension.field]
    if value == "":
        return None
    return str(value)[:4] if dimension.year and value is not None else value


def number(feature: Feature, measure: Measure) -> float | None:
    if measure.kind == "length":
        return None if feature.geometry is None else feature.geometry.length
    return feature.values.get(measure.field)


def told(numbers: list[float | None], measure: Measure) -> float | None:
    known = [value for value in numbers if value is not None]
    if measure.kind == "count":
        return len(numbers)
    if not known:
        return None
    return {
        "length": math.fsum(known) / 1000,
        "sum": math.fsum(known),
        "mean": math.fsum(known) / len(known),
        "min": min(known),
        "max": max(known),
    }[measure.kind]


@pytest.mark.parametrize("measure", ["count", "length", "sum", "mean", "min", "max"])
@pytest.mark.parametrize(
    "by",
    [(), (KIND,), (KIND, MATERIAL), (ROAD, YEAR), (GRAVITY, WIDTH), (GRID,), (GRID, MATERIAL),
     (MATERIAL, GRID)],
    ids=lambda by: "-".join(dimension.text for dimension in by) or "all",
)  # fmt: skip
def test_each_cell_tells_what_looking_at_every_feature_tells(
    town: Project, by: tuple[Dimension, ...], measure: str
) -> None:
    asked = Measure(measure, "" if measure in ("count", "length") else "diameter_mm")
    condition = Condition("diameter_mm", "!=", 600)
    question = Question("pipe_line", by, asked, (condition,))
    table = town.store.statistics(question, town.catalogue)
    features = town.store.features("pipe_line", town.store.fids("pipe_line", [condition]))
    cells: dict[tuple[Value, ...], list[Feature]] = {}
    for feature in features:
        cells.setdefault(tuple(key(town, feature, dimension) for dimension in by), []).append(
            feature
        )
    for values, inside in cells.items():
        row, column = (*values, None, None)[:2]
        figures = table.cell(row, column).told(asked)
        assert figures == pytest.approx(told([number(f, asked) for f in inside], asked))
        wanted = dict(enumerate(values))
        found = town.store.counted(question, wanted)
        assert found.tolist() == sorted(feature.fid or 0 for feature in inside)
    assert len(cells) == len(table.cells)
    everything = told([number(f, asked) for f in features], asked)
    assert table.total.told(asked) == pytest.approx(everything)
    for row in table.rows if by else ():
        mine = [f for f in features if key(town, f, by[0]) == row]
        expected = told([number(f, asked) for f in mine], asked)
        assert table.row_total(row).told(asked) == pytest.approx(expected)
        assert len(town.store.counted(question, {0: row})) == len(mine)


def test_nothing_and_unknown_are_rows_of_their_own_and_come_last(town: Project) -> None:
    table = town.store.statistics(Question("pipe_line", (MATERIAL,)), town.catalogue)
    assert table.rows == ("G", "T", "不详", None)
    asset = town.asset_type("pipe_line")
    words = [value_words(row, MATERIAL, asset, town.catalogue) for row in table.rows]
    assert words == ["Steel", "Concrete", "Unknown", "(empty)"]
    flags = town.store.statistics(Question("pipe_line", (GRAVITY,)), town.catalogue).rows
    assert [value_words(row, GRAVITY, asset, town.catalogue) for row in flags] == [
        "no", "yes", "(empty)",
    ]  # fmt: skip


def test_statistics_are_of_what_a_sentence_finds(town: Project) -> None:
    inside = Location("intersects", Query("grid", (Condition("grid_id", "=", "G1"),)))
    question = Question("pipe_line", (KIND,), Measure(), (inside,))
    table = town.store.statistics(question, town.catalogue)
    assert table.total.count == len(town.store.fids("pipe_line", [inside])) > 0


def test_what_makes_no_sense_is_refused_in_words(town: Project) -> None:
    asset = town.asset_type("pipe_line")
    for text in ("colour", "kind:year", "in:manhole", "in:ufo"):
        with pytest.raises(NoSuchStatistics):
            read_dimension(text, asset, town.types)
    for text in ("weight", "sum", "count:kind", "sum:kind", "area"):
        with pytest.raises(NoSuchStatistics):
            read_measure(text, asset)


def test_all_that_is_offered_can_be_asked(town: Project) -> None:
    for layer in ("pipe_line", "manhole", "park"):
        asset = town.asset_type(layer)
        for measure in measures_of(asset):
            assert read_measure(measure.text, asset) == measure
        for dimension in dimensions_of(asset, town.types):
            assert read_dimension(dimension.text, asset, town.types) == dimension
            question = Question(layer, (dimension,), Measure())
            assert town.store.statistics(question, town.catalogue).question == question
            assert title_of(question, asset, town.types)


def test_a_table_that_nobody_reads_is_refused(town: Project) -> None:
    names = [f"M{number:05d}" for number in range(5_100)]
    points = shapely.points(np.zeros((len(names), 2)))
    bulk = (BulkInsert("manhole", points, {"remarks": names}),)
    town.session.apply(ChangeSet("t", bulk=bulk))
    with pytest.raises(NoSuchStatistics, match="5100"):
        town.store.statistics(Question("manhole", (Dimension("remarks"),)), town.catalogue)
    town.session.undo()
