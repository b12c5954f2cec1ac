"""Commands that measure: how complete the data is, which pipes are to be renewed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from hjgis.cli.saying import print_json, progress, say
from hjgis.errors import UsageError
from hjgis.i18n import _, label

if TYPE_CHECKING:
    from hjgis.checks.gaps import LayerGaps
    from hjgis.layers.project import Project
    from hjgis.reports.tables import Table


def completeness(arguments: argparse.Namespace) -> int:
    """Print or write how complete layers are: by field, by groups, by days."""
    from hjgis.checks import gaps, shading
    from hjgis.layers.project import Project

    if arguments.trend and arguments.by:
        raise UsageError(_("--trend is by days; leave --by out."))
    with Project.open(arguments.project, write=False) as project:
        layers, _field = shading.measured_part(project, arguments.layer or "")
        if arguments.trend:
            return _trend(project, layers, arguments)
        held = [gaps.read(project, layer, progress=progress()) for layer in layers]
        if arguments.by not in (None, gaps.FIELD):
            held = [one for one in held if arguments.by in one.groups]
        return _tell(project, held, arguments)


def _tell(project: Project, held: list[LayerGaps], arguments: argparse.Namespace) -> int:
    from hjgis.checks.gaps import FIELD, LAYER
    from hjgis.reports import completeness as report

    known, by = project.catalogue, arguments.by
    against = {
        one.asset.id: report.against(one, report.count_targets(project, one.asset.id))
        for one in held
    }
    by = by or (FIELD if arguments.layer else LAYER)
    if by == LAYER:
        lines = report.layer_lines(held)
        tables = [report.line_table(_("How complete"), report.heading(by), lines)]
    else:
        tables = [
            report.line_table(
                label(one.asset.label), report.heading(by), report.lines(one, by, known)
            )
            for one in held
        ]
    _write(tables, arguments)
    if arguments.json:
        facts: list[dict[str, Any]] = [
            {**report.tally_json(one, by, known), "against": against[one.asset.id]} for one in held
        ]
        return print_json({"layers": facts})
    for table in tables:
        _print(table)
    for layer, words in against.items():
        say(f"{layer}: {'; '.join(words)}")
    return 0


def _trend(project: Project, layers: list[str], arguments: argparse.Namespace) -> int:
    from hjgis.checks.trend import trend
    from hjgis.reports import completeness as report

    states = {layer: trend(project, layer, progress=progress()) for layer in layers}
    tables = [
        report.trend_table(project.asset_type(layer), found) for layer, found in states.items()
    ]
    _write(tables, arguments)
    if arguments.json:
        facts = [
            {"layer": layer, "days": report.trend_json(found)} for layer, found in states.items()
        ]
        return print_json({"layers": facts})
    for table in tables:
        _print(table)
    return 0


def renewal(arguments: argparse.Namespace) -> int:
    """Print or write which pipes are to be renewed."""
    from hjgis.checks.renewal import candidates
    from hjgis.layers.project import Project
    from hjgis.reports import renewal as report

    with Project.open(arguments.project, write=False) as project:
        found = candidates(project, on=arguments.on, progress=progress())
        known = project.catalogue
        if arguments.out:
            _write(report.tables(found, known), arguments)
        if arguments.json:
            return print_json(report.to_json(found, known))
        for table in report.tables(found, known)[1:3]:
            _print(table)
    return 0


def _write(tables: list[Table], arguments: argparse.Namespace) -> None:
    if arguments.out:
        from hjgis.reports.tables import write_tables

        write_tables(arguments.out, tables[0].title, tables)
        say(_("Written: {path}").format(path=arguments.out))


def _print(table: Table) -> None:
    print(f"# {table.title}")
    print("\t".join(_(column.heading) for column in table.columns))
    for row in table.rows:
        print("\t".join(map(_word, row)))


def _word(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    return "" if value is None else str(value)
