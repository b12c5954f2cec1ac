"""The list of places to visit: findings of rules that ask for a visit, in the order of a walk."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks import runner
from hjgis.checks.along import NO_ROAD, along_roads, road_runs
from hjgis.checks.cells import cell_outlines, cells_at
from hjgis.checks.runner import CheckReport
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.issues import Issue
from hjgis.models.visits import Visit
from hjgis.progress import SILENT, Progress

_ROAD: Final = "road"
_ROAD_WITHIN_M: Final = 100.0
# As large as a page of the field sheet shows.
_BLOCK_M: Final = 1500.0
_LAST: Final = "\uffff"


def find_visits(
    project: Project, *, extent: Extent | None = None, progress: Progress = SILENT
) -> tuple[Visit, ...]:
    """Find the places to visit, running the rules that ask for a visit and no others.

    Parameters
    ----------
    extent : (xmin, ymin, xmax, ymax), optional
        Only places that lie in it, project CRS.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    own, _wrong = runner.rules_for(project)
    rules = [rule.id for rule in runner.select((), own) if rule.visit]
    if not rules:
        return ()
    report = runner.run(project, only=rules, measured=False, progress=progress)
    return listed(project, report, extent=extent)


def listed(
    project: Project, report: CheckReport, *, extent: Extent | None = None
) -> tuple[Visit, ...]:
    """Put what rules that ask for a visit have found in the order of a walk, and number it.

    The town is walked square by square, and there road by road. Findings without a place, or
    outside the extent, are left out.
    """
    kept = [
        issue
        for batch in report.issues.batches
        if batch.rule.visit
        for issue in (report.issues.issue(batch, row) for row in range(len(batch.findings)))
        if issue.x is not None and issue.y is not None and _inside(issue.x, issue.y, extent)
    ]
    xy = np.array([(issue.x, issue.y) for issue in kept], dtype=np.float64).reshape(-1, 2)
    roads, along_m = _roads_at(project, xy)
    grids = _grids_at(project, xy)
    blocks = _blocks(xy)
    order = sorted(
        range(len(kept)),
        key=lambda i: (blocks[i], roads[i] or _LAST, grids[i] if not roads[i] else "",
                       along_m[i], kept[i].id),
    )  # fmt: skip
    return tuple(
        _visit(number, kept[row], report.rule(kept[row].rule).title, roads[row], grids[row])
        for number, row in enumerate(order, 1)
    )


def _blocks(xy: NDArray[np.float64]) -> list[int]:
    """Return squares of the town to walk through one after the other, there and back."""
    if not len(xy):
        return []
    # From south-west to north-east; every other row is walked the other way.
    east, north = np.floor((xy - xy.min(axis=0)) / _BLOCK_M).astype(int).T
    wide = int(east.max()) + 1
    order: list[int] = (north * wide + np.where(north % 2, wide - 1 - east, east)).tolist()
    return order


def _inside(x: float, y: float, extent: Extent | None) -> bool:
    return extent is None or (extent[0] <= x <= extent[2] and extent[1] <= y <= extent[3])


def _visit(number: int, issue: Issue, title: str, road: str, grid: str) -> Visit:
    assert issue.x is not None
    assert issue.y is not None
    return Visit(
        number=number,
        issue=issue.id,
        rule=issue.rule,
        title=title,
        reason=issue.message,
        layer=issue.layer,
        uuid=issue.uuid,
        road=road,
        grid=grid,
        x=issue.x,
        y=issue.y,
    )


def _roads_at(project: Project, xy: NDArray[np.float64]) -> tuple[list[str], list[float]]:
    """Return the names of the nearest roads, and how far along these places lie."""
    nowhere = [""] * len(xy), [0.0] * len(xy)
    if _ROAD not in project.types or not len(xy):
        return nowhere
    columns = project.store.columns(_ROAD, ("road_name",))
    runs = road_runs(columns.geometry, columns.texts["road_name"])
    if not len(runs.lines):
        return nowhere
    along = along_roads(xy, runs, within_m=_ROAD_WITHIN_M)
    names = ["" if run == NO_ROAD else str(runs.names[run] or "") for run in along.run.tolist()]
    return names, np.nan_to_num(along.measure_m).tolist()


def _grids_at(project: Project, xy: NDArray[np.float64]) -> list[str]:
    ids, outlines = cell_outlines(project)
    return [str(ids[cell]) if cell >= 0 else "" for cell in cells_at(xy, outlines).tolist()]
