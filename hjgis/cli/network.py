"""Commands that follow the pipe network."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from hjgis.cli.saying import print_json, progress, say
from hjgis.errors import UsageError
from hjgis.i18n import _

if TYPE_CHECKING:
    from hjgis.network.pipes import Pipes


def trace(arguments: argparse.Namespace) -> int:
    """Print the pipes that are reached from nodes, and where the data break off."""
    from hjgis.checks.pipe_facts import pipe_names
    from hjgis.layers.project import Project
    from hjgis.network import pipes as network
    from hjgis.network import tracing

    with Project.open(arguments.project, write=False) as project:
        pipes = network.read(project, progress=progress())
        nodes = [_node(pipes, point) for point in arguments.points]
        way = tracing.Way(arguments.way)
        found = tracing.trace(pipes, project.catalogue, way, nodes=nodes)
        names = pipe_names(pipes.lines, found.lines).tolist()
        breaks = pipes.places_of(found.breaks).round(3).tolist()
        uuids = pipes.lines.uuids_of(found.lines).tolist()
    if arguments.json:
        facts = {"pipes": uuids, "names": names, "length_m": round(found.length_m, 3)}
        return print_json({**facts, "breaks": breaks})
    for name in names:
        print(name)
    words = _("{count} pipes, {length:.1f} m; breaks: {breaks}")
    say(words.format(count=len(names), length=found.length_m, breaks=len(breaks)))
    return 0


def profile(arguments: argparse.Namespace) -> int:
    """Write the length profile through nodes as PDF or DXF."""
    from hjgis.cartography.drawing_page import drawing_pdf
    from hjgis.exchange.drawings.line_drawing_file import write_drawing
    from hjgis.layers.project import Project
    from hjgis.network import pipes as network
    from hjgis.network.profile import profile as made
    from hjgis.network.profile_sheet import fitting, titled_sheet

    write = drawing_pdf if arguments.out.suffix.casefold() == ".pdf" else write_drawing
    with Project.open(arguments.project, write=False) as project:
        pipes = network.read(project, progress=progress())
        nodes = [_node(pipes, point) for point in arguments.points]
        found = made(pipes, project.catalogue, nodes)
        write(titled_sheet(found, fitting(found), project.title), arguments.out)
    say(_("Profile: {path}").format(path=arguments.out))
    return 0


def _node(pipes: Pipes, point: str) -> int:
    found = pipes.named(point)
    if len(found) == 1:
        return int(found[0])
    message = (
        _("{count} points have the number {point}; give the uuid of one.")
        if len(found)
        else _("There is no point {point} in the pipe network.")
    )
    raise UsageError(message.format(point=point, count=len(found)))
