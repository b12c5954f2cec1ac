"""``hjgis return``: what a contractor changed in a delivery is taken back."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING, Any, Final

from hjgis.cli.delivering import password_from
from hjgis.cli.options import names
from hjgis.cli.saying import operator, print_json, progress, say
from hjgis.errors import UsageError
from hjgis.i18n import _

if TYPE_CHECKING:
    from hjgis.delivery.returning import ReturnPlan
    from hjgis.exchange.differences import Difference
    from hjgis.models.assets import Catalogue, Value

_TAKEN: Final = ("changed", "new", "missing")
# Room for row numbers before each problem; --json has all of them.
_ROWS_SHOWN: Final = 20


def return_(arguments: argparse.Namespace) -> int:
    """Lay a package beside what was delivered and store what is taken."""
    from hjgis.delivery import returning
    from hjgis.layers.project import Project

    kinds = _kinds(arguments)
    password = password_from(arguments.password_file) if arguments.password_file else None
    writes = not arguments.dry_run
    with Project.open(arguments.project, write=writes, operator=operator()) as project:
        plan = returning.plan_return(
            project,
            arguments.package,
            delivery=arguments.delivery,
            layers=names(arguments.layers),
            by=arguments.by,
            crs=arguments.crs,
            password=password,
            progress=progress(),
        )
        chosen = plan.update.of_kind(*kinds)
        stored = None if arguments.dry_run else returning.store(project, plan, chosen)
        catalogue = project.catalogue
    taken = len(chosen) if stored is not None else 0
    if arguments.json:
        return print_json({**plan.to_json(), "taken": taken})
    _print(plan, catalogue, taken)
    if arguments.dry_run:
        say(_("Nothing was stored: this was a trial."))
    return 0


def _kinds(arguments: argparse.Namespace) -> list[Any]:
    """Return which differences are stored."""
    told = names("changed,new" if arguments.take is None else arguments.take) or ()
    unknown = [name for name in told if name not in _TAKEN]
    if unknown:
        message = _("--take takes some of {kinds}, not {text}.")
        raise UsageError(message.format(kinds=", ".join(_TAKEN), text=unknown[0]))
    return [*told, *(("conflict",) if arguments.conflicts == "theirs" else ())]


def _print(plan: ReturnPlan, catalogue: Catalogue, taken: int) -> None:
    for warning in plan.found.warnings:
        say(warning)
    delivery = plan.found.delivery
    if delivery is not None:
        words = _("Delivery {name} to {recipient}, changed by {by}")
        print(words.format(name=delivery.name, recipient=delivery.recipient, by=plan.by))
    counts = plan.to_json()["counts"]
    words = _(
        "{changed} changed, {new} new, {missing} missing, {conflict} in conflict, {already} here"
        " already; {taken} taken over"
    )
    print(words.format(**counts, taken=taken))
    for entry in plan.update.differences:
        print(f"  {_line(entry, catalogue)}")
    for problem in plan.problems:
        rows = textwrap.shorten(problem.rows, _ROWS_SHOWN, placeholder=" …")
        print(f"  {rows:<{_ROWS_SHOWN}} ×{problem.count:<6} {problem.message}")


def _line(entry: Difference, catalogue: Catalogue) -> str:
    """Return a difference in one line; of a conflict all three values."""
    what = [
        f"{name}: {_ours(entry, name, ours, catalogue)} → {entry.said(name, theirs, catalogue)}"
        for name, (ours, theirs) in entry.values.items()
    ]
    if entry.gone:
        what.insert(0, _("(deleted here)"))
    if entry.moved_m is not None:
        what.append(_("moved by {metres:.2f} m").format(metres=entry.moved_m))
    return f"{entry.kind:<9} {entry.asset.id} {entry.title}  {'; '.join(what)}"


def _ours(entry: Difference, name: str, value: Value, catalogue: Catalogue) -> str:
    """Return what is stored; of a conflict also what was delivered."""
    said = entry.said(name, value, catalogue)
    if entry.kind != "conflict" or entry.delivered is None:
        return said
    was = entry.said(name, entry.delivered.values.get(name), catalogue)
    return _("{ours} (delivered: {was})").format(ours=said, was=was)
