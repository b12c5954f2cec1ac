"""Commands about inspections and the files of assets."""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from hjgis.cli.options import feature_key
from hjgis.cli.saying import operator, print_json, progress, say
from hjgis.errors import UsageError
from hjgis.i18n import _, ngettext_
from hjgis.models.changes import FeatureKey

if TYPE_CHECKING:
    from hjgis.layers.due import DueTable
    from hjgis.layers.project import Project


def overdue(arguments: argparse.Namespace) -> int:
    """Print or write what is to be inspected and what is not put right."""
    from hjgis.layers.project import Project
    from hjgis.models.records import FACT, read_cycles

    with Project.open(arguments.project, write=False) as project:
        cycles = read_cycles(project.info(FACT))
        day = arguments.on or dt.date.today()
        due = project.store.due(cycles, day, progress=progress())
        if arguments.out:
            _write(project, due, arguments.out)
            say(_("Written: {path}").format(path=arguments.out))
        return _tell(project, due, as_json=arguments.json)


def _write(project: Project, due: DueTable, path: Path) -> None:
    from hjgis.cartography.field_sheet import write_field_sheet
    from hjgis.layers.due import NEVER
    from hjgis.reports.overdue import due_report, field_sheet
    from hjgis.reports.tables import write_tables

    if path.suffix.casefold() == ".pdf":
        # Nobody takes a list of all that was never inspected outdoors.
        rows = [row for row, group in enumerate(due.group) if group != NEVER]
        write_field_sheet(field_sheet(project, due, rows), path, progress=progress())
        return
    report = due_report(due, project.catalogue)
    write_tables(path, report.title, [report])


def _tell(project: Project, due: DueTable, *, as_json: bool) -> int:
    from hjgis.layers.due import NEVER
    from hjgis.models.wording import layer_label
    from hjgis.reports.overdue import GROUP_WORDS, due_json

    facts = due_json(due)
    if as_json:
        return print_json(facts)
    for row in facts["rows"]:
        # Of those that were never inspected the count will do.
        if row["group"] != NEVER:
            place = f"{row['layer']}/{row['uuid']}"
            print(f"{row['group']:<8} {row['days']:>6}  {row['due']}  {place}  {row['name'] or ''}")
    for entry in facts["counts"]:
        kind = layer_label(entry["layer"], project.catalogue)
        print(f"{entry['count']:>7}  {_(GROUP_WORDS[entry['group']])}  {kind}")
    return 0


def dossier(arguments: argparse.Namespace) -> int:
    """Write the files of assets as PDF."""
    from hjgis.cartography.dossier_output import write_dossiers
    from hjgis.layers.project import Project

    if bool(arguments.feature) == bool(arguments.query):
        raise UsageError(_("Say which assets: --feature LAYER/UUID, or --query with a name."))
    with Project.open(arguments.project, write=False, operator=operator()) as project:
        keys = _queried(project, arguments.query) if arguments.query else None
        if keys is None:
            keys = [feature_key(text, project.map_types) for text in arguments.feature]
        result = write_dossiers(project, keys, arguments.out, progress=progress())
    words = ngettext_("{count} asset on {pages} pages: {path}", "{count} assets on {pages} pages:"
                      " {path}", result.assets)  # fmt: skip
    say(words.format(count=result.assets, pages=result.pages, path=result.path))
    return 0


def _queried(project: Project, name: str) -> list[FeatureKey]:
    from hjgis.layers import querying

    query = querying.query_named(project, name)
    fids = querying.rows(project, query, progress=progress())
    table = project.table(query.layer, (), fids=fids.tolist(), geometry=False)
    return [FeatureKey(query.layer, str(uuid)) for uuid in table.uuids]
