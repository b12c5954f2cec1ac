"""The command that examines the program and a project."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from hjgis.cli.saying import print_json, progress
from hjgis.errors import ProjectError
from hjgis.i18n import N_, _
from hjgis.models.health import health_json, worst

_STATES: Final = {"ok": N_("ok"), "warning": N_("warning"), "fault": N_("fault")}


def doctor(arguments: argparse.Namespace) -> int:
    """Examine the program, and a project if one is named; exit code 1 if something is at fault."""
    from hjgis.render.fonts import ensure_application
    from hjgis.render.health import qt_lines
    from hjgis.reports.health import TITLES, look

    project: Path | None = arguments.project
    if project is not None and not project.is_file():
        raise ProjectError(_("There is no file {path}.").format(path=project))
    ensure_application()
    lines = [*qt_lines(), *look(project, progress())]
    if arguments.json:
        print_json(health_json(lines))
    else:
        for line in lines:
            print(f"{_(_STATES[line.state]):<8} {_(TITLES[line.topic])}: {line.said}")
            if line.todo:
                print(f"{'':<8} → {line.todo}")
    return int(worst(lines) == "fault")
