"""``hjgis import`` and ``hjgis fit-crs``."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from hjgis.cli.saying import operator, print_json, progress, say
from hjgis.errors import InputQuestion, UsageError
from hjgis.i18n import _

if TYPE_CHECKING:
    from hjgis.exchange.differences import Kind
    from hjgis.exchange.importing import ImportPlan
    from hjgis.exchange.profiles import Column
    from hjgis.layers.project import Project

# What is said of a file of somebody else; a workbook that was written here says it itself.
_WITH_KIND: Final = (
    "source_layer", "encoding", "crs", "x", "y", "swap_axes", "as_is", "accept_ballpark",
    "no_geometry", "common_points", "map", "mapping",
)  # fmt: skip
# What is said of one layer.
_OF_ONE: Final = (
    "to", "as_reference", "source_layer", "x", "y", "no_geometry", "map", "mapping", "update",
    "number",
)  # fmt: skip
# Room for row numbers before each problem; --json has all of them.
_ROWS_SHOWN: Final = 20


def import_(arguments: argparse.Namespace) -> int:
    """Take somebody else's file into a project."""
    from hjgis.exchange import importing
    from hjgis.layers.project import Project

    if arguments.all_layers:
        return _import_all(arguments)
    with Project.open(arguments.project, operator=operator()) as project:
        plan = _plan(project, arguments)
        if arguments.dry_run:
            report = plan.report
        else:
            take = _take(arguments.update, plan)
            report = importing.carry_out(project, plan, take, number=arguments.number)
    facts = report.to_json()
    if plan.update.matched:
        facts["differences"] = plan.update.to_json()
    if arguments.json:
        return print_json(facts)
    _print(facts)
    if arguments.dry_run:
        say(_("Nothing was stored: this was a trial."))
    return 0


def _import_all(arguments: argparse.Namespace) -> int:
    """Take all layers of a file, each to what it probably is; exit code 1 if some were left."""
    from hjgis.exchange import at_once, sources
    from hjgis.layers.project import Project

    _refuse(arguments, _OF_ONE, _("{option} does not go with --all: it is said of one layer."))
    told = {name: getattr(arguments, name) for name in ("encoding", "crs", "common_points")}
    told |= {"swap": arguments.swap_axes, "as_is": arguments.as_is}
    told |= {"accept_ballpark": arguments.accept_ballpark}
    with Project.open(arguments.project, operator=operator()) as project:
        layers = sources.summaries(
            arguments.source, given_encoding=arguments.encoding, progress=progress()
        )
        outcomes = at_once.import_layers(
            project,
            arguments.source,
            at_once.proposed(project, layers),
            told,
            settled=at_once.common_system(layers),
            single=len(layers) == 1,
            dry_run=arguments.dry_run,
            progress=progress(),
        )
        becomes = [at_once.becomes(project, one.wanted) for one in outcomes]
    code = int(any(one.left for one in outcomes))
    if arguments.json:
        print_json({"source": arguments.source.name, "layers": [o.to_json() for o in outcomes]})
        return code
    for one, target in zip(outcomes, becomes, strict=True):
        print(f"{one.wanted.layer.name} → {target}")
        if one.report is not None:
            _print(one.report.to_json())
        else:
            print(_("  left: {reason}").format(reason=one.left))
    say(
        _("Nothing was stored: this was a trial.")
        if arguments.dry_run
        else _("Each layer is one change: undo takes them back one by one.")
    )
    return code


def _plan(project: Project, arguments: argparse.Namespace) -> ImportPlan:
    from hjgis.exchange import importing, survey
    from hjgis.exchange.tables import BOOK_SUFFIXES
    from hjgis.exchange.workbooks import workbook_return

    unnamed = arguments.to is None and arguments.as_reference is None
    if unnamed and arguments.source.suffix.casefold() in BOOK_SUFFIXES:
        _refuse(arguments, _WITH_KIND, _("{option} needs --to or --as-reference."))
        return workbook_return.plan_workbook(project, arguments.source, progress=progress())
    asked: dict[str, Any] = {
        "encoding": arguments.encoding,
        "crs": arguments.crs,
        "x": arguments.x,
        "y": arguments.y,
        "swap": arguments.swap_axes,
        "as_is": arguments.as_is,
        "accept_ballpark": arguments.accept_ballpark,
        "common_points": arguments.common_points,
        "mapping": _mapping(arguments),
        "progress": progress(),
    }
    if arguments.to != survey.NETWORK:
        return importing.plan_import(
            project,
            arguments.source,
            to=arguments.to,
            as_reference=arguments.as_reference,
            source_layer=arguments.source_layer,
            spatial=False if arguments.no_geometry else None,
            **asked,
        )
    message = _("{option} does not go with --to {name}.")
    options = ("as_reference", "source_layer", "no_geometry")
    _refuse(arguments, options, message.format(option="{option}", name=survey.NETWORK))
    return survey.plan_survey(project, arguments.source, **asked)


def _refuse(arguments: argparse.Namespace, options: Sequence[str], message: str) -> None:
    """Refuse options that do not go with what is imported."""
    for option in options:
        if getattr(arguments, option):
            raise UsageError(message.format(option=f"--{option.replace('_', '-')}"))


def _print(facts: Mapping[str, Any]) -> None:
    print(
        _("{read} read, {imported} imported, {rejected} rejected").format(
            read=facts["read"], imported=facts["imported"], rejected=facts["rejected"]
        )
    )
    if facts["matched"]:
        print(
            _(
                "{matched} in the project already: {unchanged} as they are, {updated} taken over;"
                " {missing} are missing in the file, {deleted} taken out"
            ).format(**facts)
        )
    for problem in facts["problems"]:
        rows = textwrap.shorten(problem["rows"], _ROWS_SHOWN, placeholder=" …")
        print(f"  {rows:<{_ROWS_SHOWN}} ×{problem['count']:<6} {problem['message']}")


def _take(told: str | None, plan: ImportPlan) -> Sequence[Kind]:
    """Return which differences are to be taken over; where that is not told, ask if it matters."""
    from hjgis.exchange.differences import KINDS

    named = (told or "new").split(",")
    chosen = [kind for kind in KINDS if kind in named]
    if len(chosen) != len(named):
        message = _("--update takes some of {kinds}, not {text}.")
        raise UsageError(message.format(kinds=", ".join(KINDS), text=told))
    changed = plan.update.count("changed")
    if told is None and changed:
        message = _(
            "{count} records are in the project with other values or at another place; --dry-run"
            " --json lists them. Take over only what is new, or what was changed too?"
        )
        raise InputQuestion(message.format(count=changed), "--update", ("new", "new,changed"))
    return chosen


def _mapping(arguments: argparse.Namespace) -> dict[str, str | Column] | None:
    from hjgis.exchange.profiles import read_mapping

    mapping = dict(read_mapping(arguments.mapping, arguments.to)) if arguments.mapping else {}
    for pair in arguments.map or ():
        source, equals, field = pair.partition("=")
        if not equals or not source or not field:
            raise UsageError(_("--map takes SOURCE=FIELD, not {text}.").format(text=pair))
        mapping[source] = field
    return mapping or None


def fit_crs(arguments: argparse.Namespace) -> int:
    """Fit transformation parameters to common points."""
    from hjgis.exchange import common_points

    result = common_points.fit_file(
        arguments.points,
        arguments.out,
        source=arguments.source,
        target=arguments.target,
        model=arguments.model,
        name=arguments.name,
    )
    if arguments.json:
        return print_json(result.to_json())
    print("\n".join(result.lines))
    for words in (result.parameters.words, *result.warnings):
        say(words)
    say(_("Written, to be kept secret: {path}").format(path=arguments.out))
    return 0
