"""Commands that ask: which features, how many of what."""

from __future__ import annotations

import argparse

from hjgis.cli.saying import print_json, progress, say
from hjgis.errors import UsageError
from hjgis.i18n import _


def select(arguments: argparse.Namespace) -> int:
    """Print which features a saved query or a sentence finds."""
    from hjgis.layers import querying
    from hjgis.layers.project import Project
    from hjgis.models.sentences import sentence

    if bool(arguments.name) == bool(arguments.where):
        raise UsageError(_("Give the name of a saved query or --where with a sentence."))
    with Project.open(arguments.project, write=False) as project:
        if arguments.name:
            query = querying.query_named(project, arguments.name)
        else:
            query = querying.query_said(project, arguments.where, arguments.layer or "")
        fids = querying.rows(project, query, progress=progress())
        table = project.table(query.layer, (), fids=fids.tolist(), geometry=False)
        said = sentence(query, project.types, project.catalogue)
    uuids = [str(uuid) for uuid in table.uuids]
    if arguments.json:
        facts = {"layer": query.layer, "sentence": said, "count": len(uuids), "uuids": uuids}
        return print_json(facts)
    for uuid in uuids:
        print(uuid)
    return 0


def stats(arguments: argparse.Namespace) -> int:
    """Count and measure features by up to two dimensions."""
    from hjgis.layers import querying
    from hjgis.layers.project import Project
    from hjgis.models.statistics import NoSuchStatistics
    from hjgis.reports import statistics

    if len(arguments.by or ()) > 2:
        raise UsageError(_("Statistics are by two things at most."))
    if arguments.query and arguments.where:
        raise UsageError(_("Give --query or --where, not both."))
    with Project.open(arguments.project, write=False) as project:
        if arguments.layer not in project.types:
            message = _("There is no layer {name}. There are: {names}.")
            names = ", ".join(project.types)
            raise UsageError(message.format(name=arguments.layer, names=names))
        query = None
        if arguments.query:
            query = querying.query_named(project, arguments.query)
        elif arguments.where:
            query = querying.query_said(project, arguments.where, arguments.layer)
        if query is not None and query.layer != arguments.layer:
            message = _("The query {name} is about another layer.")
            raise UsageError(message.format(name=arguments.query))
        try:
            question = querying.question(
                project, arguments.layer, arguments.by or (), arguments.measure, query
            )
            table = project.store.statistics(question, project.catalogue, progress=progress())
        except NoSuchStatistics as error:
            raise UsageError(str(error)) from error
        facts = statistics.to_json(project, table)
        rows = statistics.grid(project, table)
        if arguments.out:
            statistics.write_statistics(project, table, arguments.out, kind=arguments.chart)
            say(_("Statistics: {path}").format(path=arguments.out))
    if arguments.json:
        return print_json(facts)
    for row in rows:
        print("\t".join(_shown(value, question.measure.decimals) for value in row))
    return 0


def _shown(value: str | float | None, decimals: int) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:.{decimals}f}"
