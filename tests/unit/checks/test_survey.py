from __future__ import annotations

import numpy as np
import pytest
import shapely

from hjgis.checks.features import places
from hjgis.checks.rules.register import Reads
from hjgis.checks.shared_features import SharedFeatures
from hjgis.checks.survey import Survey
from hjgis.layers.project import Project
from tests.unit.checks.faults import BOW_TIE, STRAIGHT, X, Y, add, at, foreign, line, square

LENGTHS = Reads(lambda asset: ("diameter_mm", "material") if asset.id == "pipe_line" else None)
HERE = (X - 1, Y - 1, X + 1, Y + 1)


def survey(project: Project, reads: Reads, **options: object) -> Survey:
    return Survey(SharedFeatures(project, [reads]), reads, {}, **options)  # type: ignore[arg-type]


def test_columns_come_by_type_and_what_is_missing_is_told(project: Project) -> None:
    first = add(project, "pipe_line", line(*STRAIGHT), diameter_mm=300, material="PE")
    second = add(project, "pipe_line", line(*STRAIGHT), material="")
    pipes = survey(project, LENGTHS).features("pipe_line")
    assert pipes.uuids.tolist() == [first, second]
    assert pipes.geometry[0].length == 50
    np.testing.assert_array_equal(pipes.numbers("diameter_mm"), [300.0, np.nan])
    assert pipes.texts("material").objects().tolist() == ["PE", None]
    assert pipes.missing("material").tolist() == [False, True]
    assert pipes.objects("diameter_mm").tolist() == [300.0, None]


def test_what_is_no_number_is_kept_apart(project: Project) -> None:
    add(project, "pipe_line", line(*STRAIGHT))
    foreign(project, "UPDATE pipe_line SET diameter_mm = '约300'")
    pipes = survey(project, LENGTHS).features("pipe_line")
    assert np.isnan(pipes.numbers("diameter_mm")[0])
    assert pipes.objects("diameter_mm").tolist() == ["约300"]
    assert not pipes.missing("diameter_mm").any()


def test_an_empty_layer_has_no_rows(project: Project) -> None:
    pipes = survey(project, LENGTHS).features("pipe_line")
    assert len(pipes) == len(pipes.texts("material")) == len(pipes.numbers("diameter_mm")) == 0
    assert len(pipes.found(pipes.nowhere)) == 0


def test_only_declared_layers_and_columns_are_seen(project: Project) -> None:
    other = Reads(lambda asset: ("laid_year",) if asset.id == "pipe_line" else None)
    seen = Survey(SharedFeatures(project, [LENGTHS, other]), LENGTHS, {})
    assert [asset.id for asset in seen.layers] == ["pipe_line"]
    with pytest.raises(KeyError, match="laid_year"):
        seen.features("pipe_line").numbers("laid_year")
    with pytest.raises(KeyError, match="manhole"):
        seen.features("manhole")


def test_an_extent_narrows_what_is_looked_at(project: Project) -> None:
    add(project, "pipe_line", line(*STRAIGHT))
    add(project, "pipe_line", line((100, 0), (200, 0)))
    assert len(survey(project, LENGTHS, extent=HERE).features("pipe_line")) == 1
    assert len(survey(project, LENGTHS, extent=HERE).whole("pipe_line")) == 2


def test_a_layer_is_read_once(project: Project) -> None:
    shared = SharedFeatures(project, [LENGTHS])
    assert shared.whole("pipe_line") is shared.whole("pipe_line")


def test_findings_carry_what_belongs_to_their_rows(project: Project) -> None:
    uuids = [add(project, "pipe_line", line((0, n), (50, n))) for n in range(3)]
    pipes = survey(project, LENGTHS).features("pipe_line")
    chosen = pipes.found(np.array([True, False, True]), number=np.arange(3), word="x")
    assert chosen.uuids.tolist() == [uuids[0], uuids[2]]
    assert [chosen.facts_of(row) for row in (0, 1)] == [
        {"number": 0, "word": "x"},
        {"number": 2, "word": "x"},
    ]
    assert chosen.xy.tolist() == [[X + 25, Y], [X + 25, Y + 2]]
    twice = pipes.found(np.array([1, 1]), part=("end",), end=np.array(["a", "b"], dtype=object))
    assert [twice.part_of(row) for row in (0, 1)] == ["a", "b"]


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
    assert np.isnan(spots[:2]).all()
    assert spots[2].tolist() == [X + 1, Y + 2]
    assert spots[3].tolist() == [X + 6, Y]
    for shape, spot in zip(shapes[4:], spots[4:], strict=True):
        assert shapely.distance(shape, shapely.Point(spot)) == 0
