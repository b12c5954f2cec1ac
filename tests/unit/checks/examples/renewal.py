"""One faulty and one faultless example for each of the checks of renewal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from hjgis.layers.project import Project
from tests.unit.checks.faults import STRAIGHT, Example, add, line

_THIS_YEAR = dt.date.today().year


def old_water_pipe(project: Project) -> set[str | None]:
    add(project, "pipe_line", line(*STRAIGHT), kind="SS", laid_year=_THIS_YEAR - 29)
    return {
        add(project, "pipe_line", line(*STRAIGHT), kind="SS", laid_year=_THIS_YEAR - 30),
        add(project, "pipe_line", line(*STRAIGHT), kind="SS", material="SM", laid_year=_THIS_YEAR),
        add(project, "pipe_line", line(*STRAIGHT), kind="TR", material_detail="HKZT"),
    }


def pipes_in_order(project: Project) -> set[str | None]:
    shape = line(*STRAIGHT)
    add(project, "pipe_line", shape, kind="SS", material="PE", laid_year=_THIS_YEAR)
    add(project, "pipe_line", shape, kind="SS", laid_year=1960, use_state="废弃")
    add(project, "pipe_line", shape, kind="GD", laid_year=1960)
    add(project, "pipe_line", shape, kind="WS", laid_year=_THIS_YEAR - 49)
    add(project, "pipe_line", shape, kind="SS", laid_year=1970, replace_plan_year=_THIS_YEAR)
    return set()


def water_pipe_of_no_year(project: Project) -> set[str | None]:
    shape = line(*STRAIGHT)
    return {
        add(project, "pipe_line", shape, kind="SS"),
        add(project, "pipe_line", shape, kind="SS", laid_year=0),
        add(project, "pipe_line", shape, kind="SS", laid_year=_THIS_YEAR + 1),
    }


def years_known_or_of_no_matter(project: Project) -> set[str | None]:
    shape = line(*STRAIGHT)
    add(project, "pipe_line", shape, kind="SS", laid_year=1900)
    add(project, "pipe_line", shape, kind="GD")
    add(project, "pipe_line", shape)
    add(project, "pipe_line", shape, kind="SS", use_state="废弃")
    return set()


EXAMPLES: Mapping[str, tuple[Example, Example]] = {
    "pipe.renewal_due": (old_water_pipe, pipes_in_order),
    "pipe.year_unknown": (water_pipe_of_no_year, years_known_or_of_no_matter),
}
