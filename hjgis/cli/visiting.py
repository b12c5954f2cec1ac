"""The command about places to visit."""

from __future__ import annotations

import argparse

from hjgis.cli.saying import print_json, progress, say
from hjgis.i18n import _, ngettext_


def visits(arguments: argparse.Namespace) -> int:
    """List the places to visit, or write them as a field sheet or a layer."""
    from hjgis.checks.visits import find_visits
    from hjgis.layers.project import Project

    out = arguments.out
    with Project.open(arguments.project, write=False) as project:
        found = find_visits(project, extent=arguments.extent, progress=progress())
        if out is not None and out.suffix.casefold() == ".pdf":
            from hjgis.cartography.visit_sheet import write_visit_sheet

            write_visit_sheet(project, found, out, progress=progress())
        elif out is not None:
            from hjgis.exchange.visit_layer import write_visits

            write_visits(project, found, out, encoding=arguments.encoding)
    if out is not None:
        say(_("Written: {path}").format(path=out))
    if arguments.json:
        return print_json({"visits": [visit.to_json() for visit in found]})
    if out is None:
        for visit in found:
            place = f"X {visit.y:.2f}  Y {visit.x:.2f}"
            print(f"{visit.number:>5}  {place}  {visit.road or visit.grid}  {visit.title}: "
                  f"{visit.reason}")  # fmt: skip
    words = ngettext_("{count} place to visit", "{count} places to visit", len(found))
    say(words.format(count=len(found)))
    return 0
