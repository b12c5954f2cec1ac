"""Pipes to be renewed on paper: the ranked list, kilometres, what the score is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from hjgis.cartography.figures import Chart
from hjgis.checks import renewal
from hjgis.checks.renewal import ABANDONED, STATES, Candidates, Kilometres
from hjgis.checks.shading import RENEWAL, classes_of, shade_style
from hjgis.i18n import N_, _, label
from hjgis.models.assets import Catalogue
from hjgis.models.renewal import RenewalRules
from hjgis.reports.tables import Cell, Column, Table

# What the list shows, by column of `renewal.pipe_words`.
LIST: Final = (
    ("score", N_("Score"), 8),
    ("pipe_no", N_("Pipe number"), 15),
    ("ends", N_("From–to"), 15),
    ("kind", N_("Kind"), 11),
    ("road_name", N_("Road"), 14),
    ("material", N_("Material"), 14),
    ("diameter_mm", N_("DN (mm)"), 9),
    ("m", N_("Length (m)"), 11),
    ("year", N_("Year laid"), 10),
    ("over", N_("Years over"), 11),
    ("outdated", N_("Outdated"), 11),
    ("leaks", N_("Leaks"), 9),
    ("faults", N_("Faults"), 9),
    ("replace_plan_year", N_("Planned for"), 13),
    ("owner_name", N_("Owner"), 24),
)
NUMBERS: Final = frozenset(
    ("score", "diameter_mm", "m", "year", "over", "leaks", "faults", "replace_plan_year")
)
# Of `STATES`, as the map has them: beyond its years, within, year unknown, no limit, abandoned.
_COLOURS: Final = ("#c4492f", "#3a9d6e", "#7a5ac2", "#8a97a5", "#c3cad2")


def list_rows(
    found: Candidates, known: Catalogue, rows: Sequence[int]
) -> tuple[tuple[Cell, ...], ...]:
    """Return the list's cells for some pipes; 不详 where the year is not known."""
    told = renewal.pipe_words(found, known, rows)
    told["outdated"] = [_("yes") if value else "" for value in told["outdated"]]
    told["year"] = [_(renewal.NOT_KNOWN) if year is None else year for year in told["year"]]
    return tuple(zip(*(told[name] for name, _words, _width in LIST), strict=True))


def class_kilometres(found: Candidates) -> tuple[tuple[str, float, int], ...]:
    """Return km and number of pipes by class of the score, the highest first."""
    style = shade_style(RENEWAL)
    classes = classes_of(style, found.shade)
    km = np.bincount(classes, weights=found.km, minlength=len(style.all_classes))
    counts = np.bincount(classes, minlength=len(style.all_classes))
    order = [*reversed(range(len(style.classes))), len(style.classes)]
    return tuple((label(style.all_classes[n].label), float(km[n]), int(counts[n])) for n in order)


def tables(found: Candidates, known: Catalogue) -> list[Table]:
    """Return all parts of the workbook."""
    listed = Table(
        _("Ranked list"),
        tuple(Column(words, width) for _name, words, width in LIST),
        list_rows(found, known, found.ranked().tolist()),
    )
    classes = Table(
        _("By score"),
        (Column(N_("Class"), 30), Column(N_("Length (km)"), 14), Column(N_("Pipes"), 10)),
        class_kilometres(found),
    )
    crossed = [_cross_table(table) for table in renewal.kilometres(found, known)]
    return [listed, classes, *crossed, rules_table(found.rules)]


def table_titles() -> tuple[str, ...]:
    """Return what the tables of kilometres are called, in their order."""
    return tuple(_(title) for title in renewal.TABLES)


def _cross_table(table: Kilometres) -> Table:
    heads = (table.title.partition(" × ")[0], *table.columns, _("Total"))
    rows: list[tuple[Cell, ...]] = [
        (name, *(round(float(km), 3) for km in row), round(float(row.sum()), 3))
        for name, row in zip(table.rows, table.km, strict=True)
    ]
    sums = [round(float(km), 3) for km in table.km.sum(axis=0)]
    rows.append((_("Total"), *sums, round(float(table.km.sum()), 3)))
    return Table(
        _("{title} (km)").format(title=table.title),
        tuple(Column(head, 14) for head in heads),
        tuple(rows),
    )


def rules_table(rules: RenewalRules) -> Table:
    """Return what the score is made of, with its basis."""
    lives: list[tuple[Cell, ...]] = [
        (_("Service life"), label(life.label), _("{years} years").format(years=life.years),
         life.basis, life.confidence)
        for life in rules.lives
    ]  # fmt: skip
    parts: list[tuple[Cell, ...]] = [
        (
            _("Part of the score"),
            label(part.label),
            _("weight {weight}: {steps} ({unit})").format(
                weight=part.weight,
                steps=", ".join(f"≥{value:g} → {points}" for value, points in part.steps),
                unit=label(part.unit),
            ),
            part.basis,
            part.confidence,
        )
        for part in rules.parts
    ]
    columns = (
        *(Column(N_("What"), 18), Column(N_("Name"), 22), Column(N_("Value"), 46)),
        *(Column(N_("Basis"), 60), Column(N_("Confidence"), 12)),
    )
    return Table(_("Rules"), columns, (*lives, *parts))


def chart(found: Candidates, known: Catalogue) -> Chart:
    """Return km by group of kinds and age as bars; 不详 is a colour of its own."""
    ages = renewal.by_group(found, known)
    order = np.argsort(-ages.km.sum(axis=1), kind="stable")
    colours = {_(words): colour for words, colour in zip(STATES, _COLOURS, strict=True)}
    return Chart(
        _("Pipes by kind and age (km)"),
        tuple(ages.rows[row] for row in order),
        tuple(
            (name, tuple(float(km) for km in ages.km[order, column]))
            for column, name in enumerate(ages.columns)
        ),
        "km",
        kind="stacked",
        decimals=1,
        colours=tuple(colours[name] for name in ages.columns),
    )


def to_json(found: Candidates, known: Catalogue) -> dict[str, Any]:
    """Return the object that ``hjgis renewal --json`` prints; lengths in km and m."""
    rows = found.ranked().tolist()
    told = renewal.pipe_words(found, known, rows)
    keys = list(told)
    return {
        "on": found.on.isoformat(),
        "ages": [
            {
                "state": number,
                "label": _(words),
                "pipes": int((found.state == number).sum()),
                "km": round(float(found.km[found.state == number].sum()), 3),
            }
            for number, words in enumerate(STATES)
        ],
        "classes": [
            {"label": words, "km": round(km, 3), "pipes": count}
            for words, km, count in class_kilometres(found)
        ],
        "tables": [
            {
                "title": table.title,
                "rows": list(table.rows),
                "columns": list(table.columns),
                "km": [[round(float(km), 3) for km in row] for row in table.km],
            }
            for table in renewal.kilometres(found, known)
        ],
        "pipes": [
            {"uuid": str(found.features.uuids[row]), **{key: told[key][at] for key in keys}}
            for at, row in enumerate(rows)
        ],
        "judged_km": round(float(found.km[found.state != ABANDONED].sum()), 3),
    }
