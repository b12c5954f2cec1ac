"""The window's second face: the same rooms from a shell or a script."""

from __future__ import annotations

import argparse
import logging
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from hjgis import __version__, logs, settings
from hjgis.cli import (
    attaching,
    delivering,
    examining,
    finding,
    fixing,
    help,
    importing,
    inspecting,
    mapping,
    measuring,
    network,
    querying,
    returning,
    visiting,
)
from hjgis.cli.options import OPTIONS, feature_key
from hjgis.cli.saying import operator, print_json, progress, say
from hjgis.errors import HjgisError, InputQuestion, UsageError
from hjgis.i18n import _, label, ngettext_, set_language
from hjgis.logs import Said
from hjgis.models.changes import Extent
from hjgis.paths import untold_damage

BUG: Final = 70
_STOPPED: Final = 4
_log = logging.getLogger("hjgis.cli")


class Faces(Protocol):
    """What needs a window, handed in by the program's entry."""

    def window(self, project: Path | None) -> int:
        """Open the window; return the exit code."""

    def screenshot(
        self, project: Path, out: Path, *, size: tuple[int, int], show: str, extent: Extent | None
    ) -> None:
        """Draw one screen of the program into a picture."""


def main(argv: Sequence[str], faces: Faces) -> int:
    """Run one command; return its exit code.

    0 done, 1 done and found errors, 2 usage, 3 the input cannot be used, 4 cancelled,
    70 a bug of ours.
    """
    logs.start()
    set_language(settings.load().language or None)
    command = argv[0] if argv and argv[0] in OPTIONS else "window"
    _log.info("%s begins, hjgis %s", Said(command), Said(__version__))
    code = _carry_out(argv, faces)
    _log.info("%s ends with %d", Said(command), code)
    return code


def _carry_out(argv: Sequence[str], faces: Faces) -> int:
    try:
        if not argv or (argv[0] not in OPTIONS and not argv[0].startswith("-")):
            return faces.window(_window_argument(argv))
        arguments = _parser().parse_args(argv)
        for file in untold_damage():
            say(_("A damaged file was put aside: {path}").format(path=file))
        if arguments.command == "screenshot":
            return _screenshot(arguments, faces)
        return _COMMANDS[arguments.command](arguments)
    except HjgisError as error:
        _log.info("not done: %s", error)
        say(_in_full(error))
        return error.exit_code
    except KeyboardInterrupt:
        say(_("Stopped."))
        return _STOPPED
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 - the last net: a bug of ours gets its own exit code
        traceback.print_exc()
        say(_("This is a fault of hjgis; the project is as it was after the last change."))
        _report(error)
        return BUG


def _report(error: Exception) -> None:
    from hjgis.reports.health import versions

    kept = logs.keep_report(logs.report(error, versions()))
    if kept is not None:
        words = _("Report, without any of your data: {path}")
        say(words.format(path=kept))


def _window_argument(argv: Sequence[str]) -> Path | None:
    if len(argv) > 1:
        message = _("Unknown command {name}. Commands: {commands}.")
        raise UsageError(message.format(name=argv[0], commands=", ".join(OPTIONS)))
    return Path(argv[0]) if argv else None


def _in_full(error: HjgisError) -> str:
    if not isinstance(error, InputQuestion):
        return str(error)
    lines = [str(error), *(f"  {answer}" for answer in error.answers)]
    if error.option == "--x / --y" and error.candidates:
        lines.append("  --no-geometry")
    return "\n".join(lines)


# -- the commands ------------------------------------------------------------------------


def _new(arguments: argparse.Namespace) -> int:
    path: Path = arguments.project
    if arguments.clean and not arguments.sample:
        raise UsageError(_("--clean belongs to --sample."))
    if arguments.sample:
        if arguments.crs:
            raise UsageError(_("The sample has its own coordinate system; leave --crs out."))
        from hjgis.layers.sample import create_sample

        create_sample(path, clean=arguments.clean)
    else:
        from hjgis.layers.project import Project

        Project.create(path, arguments.crs or "EPSG:4545", operator=operator()).close()
    say(_("Made {path}.").format(path=path))
    return 0


def _info(arguments: argparse.Namespace) -> int:
    from hjgis.layers.project import Project

    if arguments.doctor:
        return examining.doctor(arguments)
    if arguments.project is None:
        raise UsageError(_("Say which project, or --doctor to examine the program alone."))
    with Project.open(arguments.project, write=False) as project:
        facts: dict[str, Any] = {
            "crs": project.crs.text,
            "integrity": "ok",
            "content_sha256": project.content_sha256(),
            "layers": [
                {
                    "name": layer.id,
                    "title": label(layer.title),
                    "kind": layer.kind,
                    "geometry": layer.geometry,
                    "count": layer.count,
                }
                for layer in project.layers
            ],
            "attachments": _attachments(project),
        }
        title = project.title
    if arguments.json:
        return print_json(facts)
    print(f"{title}  {facts['crs']}")
    for entry in facts["layers"]:
        print(f"  {entry['name']:<14} {entry['count']:>9}  {entry['title']}")
    return 0


def _attachments(project: Any) -> dict[str, int]:
    """Return how many attachments there are, and how large their content is."""
    from hjgis.models.attachments import LAYER

    if LAYER not in project.types:
        # A file from before there were any, open for reading only.
        return {"count": 0, "bytes": 0}
    return {"count": project.count(LAYER), "bytes": project.media.stock().size_bytes}


def _check(arguments: argparse.Namespace) -> int:
    from hjgis.checks import runner
    from hjgis.layers.project import Project
    from hjgis.models.issues import Severity

    with Project.open(arguments.project, write=False) as project:
        report = runner.run(
            project,
            only=tuple(arguments.only or ()),
            extent=arguments.extent,
            exceptions=not arguments.no_exceptions,
            progress=progress(),
        )
        if arguments.report:
            from hjgis.reports.inspection import write_report

            write_report(project, report, arguments.report)
            say(_("Report: {path}").format(path=arguments.report))
    if arguments.json:
        print_json(report.to_json())
    else:
        for issue in report.issues:
            place = f"{issue.layer}/{issue.uuid}" if issue.uuid else issue.layer
            print(f"{issue.severity:<8} {issue.rule:<28} {place}  {issue.message}")
        for rule, count in sorted(report.summary.items()):
            print(f"{count:>7}  {rule}")
    accepted = sum(one.issue is not None for one in report.exceptions)
    if accepted:
        words = ngettext_(
            "{count} finding is accepted as an exception and not listed",
            "{count} findings are accepted as exceptions and not listed",
            accepted,
        )
        say(words.format(count=accepted))
    for rule, reason in report.failed.items():
        say(_("Not checked, {rule}: {reason}").format(rule=rule, reason=reason))
    return int(report.issues.severities()[Severity.ERROR] > 0)


def _targets(arguments: argparse.Namespace) -> int:
    from hjgis.checks import targets
    from hjgis.layers.project import Project

    with Project.open(arguments.project, write=False) as project:
        results = targets.measure(project)
        tasks = targets.task_results(project, results)
        if arguments.out:
            from hjgis.reports.targets import write_targets

            write_targets(project, tasks, arguments.out)
            say(_("Report: {path}").format(path=arguments.out))
    facts = targets.to_json(results, tasks)
    if arguments.json:
        return print_json(facts)
    if arguments.out:
        return 0
    for entry in facts["targets"]:
        figures = f"{entry['actual']} / {entry['expected']}"
        print(f"{entry['id']:<14} {entry['status']:<6} {figures:<16} {entry['title']}")
    return 0


def _history(arguments: argparse.Namespace) -> int:
    from hjgis.layers.project import Project
    from hjgis.layers.subjects import subjects
    from hjgis.models.wording import describe_change

    with Project.open_or_read(arguments.project, operator=operator()) as project:
        key = feature_key(arguments.feature, project.types) if arguments.feature else None
        entries = project.history.entries(key, ancestry=True)
        # Of one feature everything is about it.
        names = {} if key is not None else subjects(project, entries)
        catalogue = project.catalogue
        words = [
            describe_change(e.label, e.params, catalogue, feature=names.get(e.id, ""))
            for e in entries
        ]
    facts = {
        "changes": [
            {
                "id": entry.id,
                "uuid": entry.uuid,
                "at": entry.at,
                "operator": entry.operator,
                "device": entry.device,
                "label": entry.label,
                "words": text,
                "params": dict(entry.params),
                "undoes": entry.undoes,
                "source": entry.source,
                "rows": [{"op": row.op, "old": row.old} for row in entry.rows],
            }
            for entry, text in zip(entries, words, strict=True)
        ]
    }
    if arguments.json:
        return print_json(facts)
    for entry, text in zip(entries, words, strict=True):
        undone = _(" (takes back {change})").format(change=entry.undoes) if entry.undoes else ""
        who = entry.operator or entry.source
        print(f"{entry.id:>6}  {entry.at[:19]}  {who:<10} {text}{undone}")
    return 0


def _screenshot(arguments: argparse.Namespace, faces: Faces) -> int:
    faces.screenshot(
        arguments.project,
        arguments.out,
        size=arguments.size,
        show=arguments.show,
        extent=arguments.extent,
    )
    say(_("Picture: {path}").format(path=arguments.out))
    return 0


_COMMANDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "new": _new,
    "info": _info,
    "import": importing.import_,
    "check": _check,
    "fix": fixing.fix,
    "targets": _targets,
    "find": finding.find,
    "export": delivering.export,
    "deliver": delivering.deliver,
    "deliveries": delivering.deliveries,
    "select": querying.select,
    "stats": querying.stats,
    "trace": network.trace,
    "profile": network.profile,
    "fit-crs": importing.fit_crs,
    "map": mapping.map_,
    "history": _history,
    "attach": attaching.attach,
    "dossier": inspecting.dossier,
    "overdue": inspecting.overdue,
    "visits": visiting.visits,
    "completeness": measuring.completeness,
    "renewal": measuring.renewal,
    "return": returning.return_,
}


# -- arguments ---------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hjgis", description=_("Town asset inventory"))
    parser.add_argument("--version", action="version", version=f"hjgis {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, options in OPTIONS.items():
        words = _(help.COMMANDS[name])
        command = commands.add_parser(
            name, help=words, description=words, epilog=_(help.EXIT_CODES)
        )
        for flags, settings_ in options:
            said = help.OPTIONS.get((name, flags[0])) or help.EVERYWHERE.get(flags[0])
            command.add_argument(*flags, help=_(said) if said else None, **settings_)
    return parser
