from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hjgis import paths
from hjgis.cartography.composition import MapJob, compose
from hjgis.checks import gaps, shading
from hjgis.checks.shading import COMPLETENESS, RENEWAL, Shading, classes_of, shade_style
from hjgis.errors import UsageError
from hjgis.layers.project import Project
from tests.unit.checks.faults import add, at, line, square


def grid(project: Project) -> None:
    for number in range(3):
        add(project, "grid", square(100 * number, 0, 100), grid_id=f"G{number}")
    add(project, "grid", square(300, 0, 100))


def test_every_shading_has_a_style_with_rising_numbers() -> None:
    files = {path.stem for path in (paths.resources() / "shades").glob("*.toml")}
    assert files == {COMPLETENESS, RENEWAL}
    for name in files:
        codes = [float(str(entry.codes[0])) for entry in shade_style(name).classes]
        assert codes == sorted(set(codes))


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "Below 60 %"),
        (59.999, "Below 60 %"),
        (60.0, "60 to 80 %"),
        (80.0, "80 to 95 %"),
        (94.999, "80 to 95 %"),
        (95.0, "95 % and more"),
        (99.999, "95 % and more"),
        (100.0, "Complete (100 %)"),
        (np.nan, "No features"),
    ],
)
def test_a_share_is_in_the_class_from_whose_limit_it_is(share: float, words: str) -> None:
    style = shade_style(COMPLETENESS)
    (number,) = classes_of(style, np.array([share])).tolist()
    assert style.all_classes[number].label["en"] == words


def test_cells_are_coloured_by_what_is_in_them_and_empty_ones_apart(project: Project) -> None:
    grid(project)
    names = gaps.read(project, "street_lamp").names
    texts = dict.fromkeys(names, "x")
    add(project, "street_lamp", at(50, 50), **{**texts, "grid_id": "G0"})
    add(project, "street_lamp", at(150, 50))
    found = shading.shading(project, COMPLETENESS, measured="street_lamp")
    words = [found.style.all_classes[n].label["en"] for n in found.classes]
    assert words == ["Complete (100 %)", "Below 60 %", "No features", "No features"]
    one = shading.shading(project, COMPLETENESS, measured="street_lamp.component_name")
    assert one.classes.tolist() == found.classes.tolist()
    everything = shading.shading(project, COMPLETENESS)
    assert everything.classes.tolist() == found.classes.tolist()


def test_what_is_not_known_to_a_shading_is_of_its_default_class() -> None:
    style = shade_style(COMPLETENESS)
    shade = Shading("grid", style, np.array([2, 5]), np.array([0, 4], np.uint8))
    assert shade.of(np.array([1, 2, 5, 9])).tolist() == [5, 0, 4, 5]
    none = Shading("grid", style, np.empty(0, np.int64), np.empty(0, np.uint8))
    assert none.of(np.array([1])).tolist() == [5]


def test_a_layer_or_field_that_is_not_measured_is_refused(project: Project) -> None:
    for measured in ("grid", "nothing", "street_lamp.remarks"):
        with pytest.raises(UsageError, match="Known are"):
            shading.shading(project, COMPLETENESS, measured=measured)


def test_pipes_are_coloured_by_their_score_and_those_of_unknown_year_apart(
    project: Project,
) -> None:
    shape = line((0, 0), (50, 0))
    add(project, "pipe_line", shape, kind="SS", laid_year=1950, material="SM")
    add(project, "pipe_line", shape, kind="SS")
    add(project, "pipe_line", shape, kind="SS", laid_year=2020, material="PE")
    add(project, "pipe_line", shape, kind="SS", use_state="废弃")
    found = shading.shading(project, RENEWAL)
    words = [found.style.all_classes[n].label["en"] for n in found.classes]
    assert words == [
        "Renew first (score 50 and more)", "Year unknown, no score",
        "No reason to renew", "Not judged (abandoned)",
    ]  # fmt: skip


def test_sheets_of_both_themes_are_in_the_colours_of_their_shading(
    project: Project, tmp_path: Path
) -> None:
    grid(project)
    add(project, "street_lamp", at(150, 50))
    add(project, "pipe_line", line((0, 0), (50, 0)), kind="SS", laid_year=1950, material="SM")
    cells = compose(MapJob(project, theme="completeness", measured="street_lamp"))
    layers = {layer.layer: layer for layer in cells.layers}
    assert layers["grid"].classes.tolist() == [5, 0, 5, 5]
    assert layers["grid"].style.id == COMPLETENESS
    assert "Street lamp" in cells.title
    pipes = {layer.layer: layer for layer in compose(MapJob(project, theme="renewal")).layers}
    assert pipes["pipe_line"].style.id == RENEWAL
    with pytest.raises(UsageError, match="map of completeness"):
        compose(MapJob(project, theme="overview", measured="street_lamp"))
