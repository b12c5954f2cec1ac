"""Checks of single pipes: size, material and year that go together, ducts and cables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from hjgis.checks.network import line_columns
from hjgis.checks.pipe_facts import plausible
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings, merged

_PIPE: Final = "pipe_line"


@rule(
    "pipe.implausible",
    title=N_("Size, material and year do not go together"),
    explanation=N_(
        "A pipe is of a material that was not laid yet in its year, or is not made in its size, or"
        " has a size that no series has. Usually one of the three was mistyped or a default was"
        " kept. Compare with the field sheet or the archive."
    ),
    message={
        "year": N_("{material} laid in {year:.0f}; not in use before {limit:.0f}"),
        "small": N_("{material} with {size_mm:.0f} mm; not made below {limit:.0f} mm"),
        "large": N_("{material} with {size_mm:.0f} mm; not made above {limit:.0f} mm"),
        "series": N_("{size_mm:.0f} mm is no usual size; the next one is {limit:.0f} mm"),
    },
    reads=Reads(
        line_columns("kind", "diameter_mm", "width_mm", "height_mm", "material", "laid_year"),
        geometry=False,
    ),
    limits=("materials", "sizes_mm", "size_tolerance_percent"),
)
def implausible(survey: Survey) -> Iterator[Findings]:
    """Find materials before their time or in sizes not made, and sizes of no series."""
    return merged(_unlikely(survey))


def _unlikely(survey: Survey) -> Iterator[Findings]:
    pipes, limits = survey.features(_PIPE), survey.limits
    size, year = plausible(pipes, "diameter_mm"), plausible(pipes, "laid_year")
    piped = pipes.applies(pipes.asset.field("diameter_mm"))
    boxed = ~(pipes.missing("width_mm") & pipes.missing("height_mm"))
    size = np.where(piped & ~boxed, size, np.nan)
    material = pipes.texts("material")
    done = np.zeros(len(pipes), dtype=bool)
    for code, (since, smallest, largest) in limits["materials"].items():
        of_it = material.isin((code,))
        for case, wrong, limit in (
            ("year", year < since, since),
            ("small", size < smallest, smallest),
            ("large", size > largest, largest),
        ):
            rows = np.flatnonzero(of_it & wrong & ~done)
            done[rows] = True
            yield pipes.found(
                rows,
                case=case,
                material=code,
                size_mm=size[rows],
                year=year[rows],
                limit=float(limit),
            )
    series = np.array(sorted(limits["sizes_mm"]), dtype=np.float64)
    if len(series) < 2:
        return
    after = np.clip(np.searchsorted(series, size), 1, len(series) - 1)
    lower, upper = series[after - 1], series[after]
    nearest = np.where(size - lower < upper - size, lower, upper)
    off = np.abs(size - nearest) > nearest * limits["size_tolerance_percent"] / 100.0
    rows = np.flatnonzero(off & ~done)
    yield pipes.found(rows, case="series", size_mm=size[rows], limit=nearest[rows])


@rule(
    "pipe.ducts",
    title=N_("Ducts and cables do not agree"),
    explanation=N_(
        "More ducts are in use than there are, or a cable laid directly in the ground is said to"
        " have ducts. One of the numbers or the way of laying is wrong: open the manhole and count,"
        " or correct the way of laying."
    ),
    message={
        "used": N_("{used:.0f} ducts in use of {total:.0f}"),
        "direct": N_(
            "{total:.0f} ducts, though {cables:.0f} cables are laid directly in the ground"
        ),
    },
    reads=Reads(line_columns("holes_total", "holes_used", "cables", "burial"), geometry=False),
    limits=("direct_burial",),
)
def ducts(survey: Survey) -> Iterator[Findings]:
    """Find more ducts in use than there are, and ducts of cables that have none."""
    pipes = survey.features(_PIPE)
    total, used, cables = (
        plausible(pipes, name) for name in ("holes_total", "holes_used", "cables")
    )
    direct = pipes.texts("burial").isin(survey.limits["direct_burial"])
    over = used > total
    none = direct & (total > 0) & (cables > 0)
    case = np.where(over, "used", "direct")
    yield pipes.found(over | none, case=case, used=used, total=total, cables=cables)


def _number(_asset: AssetType) -> tuple[str, ...]:
    return ("pipe_no",)


@rule(
    "pipe.number_twice",
    title=N_("Pipe number given twice"),
    explanation=N_(
        "Two pipes of one kind carry the same pipe number. Records and lists that name a pipe by"
        " its number mean either. Often a pipe was divided and both parts kept the number: number"
        " one of them anew. Where numbers begin again on each road, switch this check off."
    ),
    message=N_("Number {number} is that of {count} pipes of this kind"),
    reads=Reads(line_columns("pipe_no", "kind"), Scope.GROUP, keys=_number, geometry=False),
)
def number_twice(survey: Survey) -> Iterator[Findings]:
    """Find pipes of one kind that share their number."""
    pipes = survey.features(_PIPE)
    number, kind = pipes.texts("pipe_no"), pipes.texts("kind")
    numbered = np.flatnonzero(~number.missing)
    keys = np.column_stack([number.codes[numbered], kind.codes[numbered]])
    _keys, group, size = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    count = size[group]
    rows = numbered[count > 1]
    yield pipes.found(rows, number=number.objects(rows), count=count[count > 1])
