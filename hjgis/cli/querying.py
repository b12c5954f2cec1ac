"""Commands that ask: which features, how many of what."""

from __future__ import annotations

import argparse

from hjgis.cli.saying import print_json, progress
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
