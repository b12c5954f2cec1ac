"""Completeness on paper: by field, group and day, always with what it is measured against."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from hjgis.cartography.figures import Chart
from hjgis.checks import gaps, targets
from hjgis.checks.gaps import CLASS, FIELD, GROUPINGS, LAYER, UNIT, LayerGaps, Tally
from hjgis.checks.targets import TargetResult
from hjgis.checks.trend import DayState
from hjgis.i18n import N_, _, grouped, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Catalogue, Value
from hjgis.models.targets import FACT, project_register
from hjgis.reports.tables import Column, Table

_TEXT, _NUMBER, _SHARE = 30, 14, 12
_HEADS: Final = (
    Column(N_("Required values"), _NUMBER),
    Column(N_("Gaps"), _NUMBER),
    Column(N_("How complete"), _SHARE, percent=True),
)


def group_words(by: str, value: Value, asset: AssetType, known: Catalogue) -> str:
    """Return what a group is called; codes by their names."""
    if value is None:
        return _("(not known)")
    codes = "unit" if by == UNIT else None
    if by == CLASS and asset.class_field is not None:
        codes = asset.field(asset.class_field).codes
    return known.codes(codes).label_of(str(value)) if codes else str(value)


def against(held: LayerGaps, measured: Sequence[TargetResult]) -> list[str]:
    """Say what a layer is measured against: required fields, count targets, the grid."""
    told = [
        _("{count} required fields of the catalogue; unknown (不详) is an answer").format(
            count=len(held.names)
        )
    ]
    for result in measured:
        if result.expected is not None and result.actual is not None:
            words = _("{title}: {actual:g} of {expected:g}")
            told.append(words.format(
                title=result.title, actual=result.actual, expected=result.expected
            ))  # fmt: skip
    outside = int(held.groups[gaps.GRID].missing.sum())
    words = _("grid: {count} of {whole} in a cell")
    told.append(words.format(count=grouped(len(held) - outside), whole=grouped(len(held))))
    return told


def count_targets(project: Project, layer: str) -> list[TargetResult]:
    """Measure the targets that ask how many features a layer has."""
    register = project_register(project.info(FACT))
    wanted = tuple(
        t for t in register.targets if t.layer == layer and t.measure == "count" and t.expected
    )
    return list(targets.measure(project, register=replace(register, targets=wanted)))


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table of completeness.

    Attributes
    ----------
    value : value
        The field, the layer or what the features of a group have in common.
    worst : str or None
        The field with the most gaps, and how many these are.
    """

    value: Value
    words: str
    features: int
    asked: int
    lacking: int
    worst: str | None = None
    worst_words: str = ""
    worst_gaps: int = 0

    @property
    def share(self) -> float | None:
        """Share of the values that are there, 0 to 1; None where none is required."""
        return gaps.share(self.asked, self.lacking)


def lines(
    held: LayerGaps, by: str, known: Catalogue, *, field: str | None = None
) -> tuple[Line, ...]:
    """Return the fields or groups of a layer, the worst first.

    Parameters
    ----------
    by : str
        `gaps.FIELD`, or a grouping that the layer has.
    field : str, optional
        Groups: only this required field.
    """
    if by == FIELD:
        whole, asset = held.tally(), held.asset
        found = []
        for name in held.names:
            asked, lacking = whole.figures(0, name)
            found.append(Line(name, label(asset.field(name).label), asked, asked, lacking))
        return _sorted(found)
    tally = held.tally(by)
    return _sorted(
        _line(held, tally, row, value, group_words(by, value, held.asset, known), field)
        for row, value in enumerate(tally.values)
    )


def layer_lines(layers: Iterable[LayerGaps]) -> tuple[Line, ...]:
    """Return whole layers, the worst first."""
    return _sorted(
        _line(held, held.tally(), 0, held.asset.id, label(held.asset.label), None)
        for held in layers
    )


def _line(
    held: LayerGaps, tally: Tally, row: int, value: Value, words: str, field: str | None
) -> Line:
    worst = tally.worst(row) if field is None else None
    return Line(
        value,
        words,
        int(tally.features[row]),
        *tally.figures(row, field),
        worst=worst[0] if worst else None,
        worst_words=label(held.asset.field(worst[0]).label) if worst else "",
        worst_gaps=worst[1] if worst else 0,
    )


def _sorted(found: Iterable[Line]) -> tuple[Line, ...]:
    """Sort the worst first, those with more gaps before others, those without values last."""
    return tuple(sorted(found, key=_rank))


def _rank(line: Line) -> tuple[float, int]:
    return (2.0 if line.share is None else line.share), -line.lacking


def line_table(title: str, heading: str, told: Sequence[Line]) -> Table:
    """Return lines as a table to be written; `heading` is that of the first column."""
    rows = tuple(
        (n.words, n.features, n.asked, n.lacking, n.share, n.worst_words, n.worst_gaps or None)
        for n in told
    )
    columns = (
        *(Column(heading, _TEXT), Column(N_("Features"), _NUMBER), *_HEADS),
        *(Column(N_("Most gaps in"), _TEXT), Column(N_("Gaps there"), _NUMBER)),
    )
    return Table(title, columns, rows)


def heading(by: str) -> str:
    """Return the key of what lines by a grouping are."""
    return {FIELD: N_("Field"), LAYER: N_("Layer")}.get(by) or GROUPINGS[by]


def percent(share: float | None) -> str:
    """Return a share in percent, cut and not rounded: 100 % is said only of what is complete."""
    if share is None:
        return "–"
    return _("{number} %").format(number=f"{math.floor(share * 1000) / 10:.1f}")


def trend_table(asset: AssetType, states: Sequence[DayState]) -> Table:
    """Return a layer's completeness by days."""
    rows = tuple((day_words(s), s.features, s.asked, s.lacking, s.share) for s in states)
    columns = (Column(N_("Day"), 14), Column(N_("Features"), _NUMBER), *_HEADS)
    return Table(label(asset.label), columns, rows)


def trend_chart(asset: AssetType, states: Sequence[DayState], field: str | None) -> Chart:
    """Return the line of a layer's completeness in percent, by days."""
    of = [label(asset.label), *([label(asset.field(field).label)] if field else [])]
    # Cut and not rounded, like all percentages here.
    shares = tuple(math.nan if s.share is None else math.floor(1000 * s.share) / 10 for s in states)
    return Chart(
        _("Completeness by day: {of}").format(of=" · ".join(of)),
        tuple(map(day_words, states)),
        ((_("How complete"), shares),),
        "%",
        kind="line",
        decimals=1,
    )


def day_words(state: DayState) -> str:
    """Return the day in ISO form."""
    return state.day.isoformat() if state.day else _("before")


def tally_json(held: LayerGaps, by: str | None, known: Catalogue) -> dict[str, Any]:
    """Return the gaps of a layer for scripts: whole, by fields and by groups."""
    tally = held.tally()
    result: dict[str, Any] = {
        "layer": held.asset.id,
        "features": len(held),
        **_told(*tally.figures(0)),
        "fields": [{"field": name, **_told(*tally.figures(0, name))} for name in held.names],
    }
    if by and by not in (FIELD, LAYER):
        groups = held.tally(by)
        result["by"] = by
        result["groups"] = [
            {
                "value": value,
                "label": group_words(by, value, held.asset, known),
                "features": int(groups.features[row]),
                **_told(*groups.figures(row)),
            }
            for row, value in enumerate(groups.values)
        ]
    return result


def trend_json(states: Sequence[DayState]) -> list[dict[str, Any]]:
    """Return the days for scripts; the day is null for what was there before the journal."""
    return [
        {
            "day": state.day.isoformat() if state.day else None,
            "features": state.features,
            **_told(state.asked, state.lacking),
        }
        for state in states
    ]


def _told(asked: int, lacking: int) -> dict[str, Any]:
    return {"required": asked, "gaps": lacking, "completeness": gaps.share(asked, lacking)}
