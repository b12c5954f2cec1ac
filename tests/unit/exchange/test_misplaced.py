"""Twenty deliveries with wrong axes, zones or meridians: none comes in without a word."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from hjgis.errors import InputQuestion
from hjgis.exchange.importing import plan_import
from hjgis.layers.project import Project
from hjgis.models.crs import Transform, parse_crs

# Four places in the town, degrees.
TOWN = ((107.12, 40.88), (107.15, 40.89), (107.17, 40.90), (107.10, 40.87))
MISTAKES = [
    # (what the numbers are, what is said of them, x and y exchanged)
    ("EPSG:4545", None, True),
    ("EPSG:4545", "EPSG:4545", True),
    ("EPSG:4524", None, False),
    ("EPSG:4524", None, True),
    ("EPSG:4524", "EPSG:4545", False),
    ("EPSG:4524", "EPSG:2381", False),
    ("EPSG:4524", "EPSG:2433", False),
    ("EPSG:4544", None, False),
    ("EPSG:4544", "EPSG:4545", False),
    ("EPSG:4546", "EPSG:4545", False),
    ("EPSG:4546", None, False),
    ("EPSG:4507", "EPSG:4545", False),
    ("EPSG:4496", "EPSG:4524", False),
    ("EPSG:4523", "EPSG:4524", False),
    ("EPSG:4525", "EPSG:4524", False),
    ("EPSG:4490", None, False),
    ("EPSG:4490", "EPSG:4490", True),
    ("EPSG:4490", None, True),
    ("EPSG:3857", None, False),
    ("EPSG:3857", "EPSG:4545", False),
]


def delivered(folder: Path, numbers: str, exchanged: bool) -> Path:
    lon, lat = np.array(TOWN).T
    x, y = Transform(parse_crs("EPSG:4490"), parse_crs(numbers)).points(lon, lat)
    x, y = (y, x) if exchanged else (x, y)
    rows = "".join(f"{a:.6f},{b:.6f},W{n}\n" for n, (a, b) in enumerate(zip(x, y, strict=True)))
    path = folder / "wells.csv"
    path.write_text("east,north,exp_no\n" + rows)
    return path


@pytest.mark.parametrize(("numbers", "said", "exchanged"), MISTAKES)
def test_no_mistake_comes_in_silently(
    tmp_path: Path, project: Project, numbers: str, said: str | None, exchanged: bool
) -> None:
    path = delivered(tmp_path, numbers, exchanged)
    try:
        plan = plan_import(project, path, to="manhole", x="east", y="north", crs=said)
    except InputQuestion:
        return
    kinds = {problem.kind for problem in plan.report.problems}
    assert kinds & {"outside-county", "out-of-area"}, kinds


@pytest.mark.parametrize(
    ("numbers", "said", "exchanged", "offered"),
    [
        ("EPSG:4544", "EPSG:4545", False, ("EPSG:4544", "EPSG:4507")),
        ("EPSG:4523", "EPSG:4524", False, ("EPSG:4523",)),
        ("EPSG:4496", "EPSG:4524", False, ("EPSG:4496",)),
    ],
)
def test_the_right_system_is_offered(
    tmp_path: Path,
    project: Project,
    numbers: str,
    said: str,
    exchanged: bool,
    offered: Sequence[str],
) -> None:
    path = delivered(tmp_path, numbers, exchanged)
    plan = plan_import(project, path, to="manhole", x="east", y="north", crs=said)
    (words,) = [p.message for p in plan.report.problems if p.kind == "outside-county"]
    assert all(text in words for text in offered)


def test_what_is_right_is_not_talked_about(tmp_path: Path, project: Project) -> None:
    for numbers, said in (("EPSG:4545", None), ("EPSG:4524", "EPSG:4524"), ("EPSG:4490",) * 2):
        path = delivered(tmp_path, numbers, exchanged=False)
        plan = plan_import(project, path, to="manhole", x="east", y="north", crs=said)
        assert "outside-county" not in {problem.kind for problem in plan.report.problems}
