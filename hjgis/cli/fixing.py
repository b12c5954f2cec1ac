"""Findings mended from a shell."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING, Any

from hjgis.cli.saying import operator, print_json, progress, say
from hjgis.errors import UsageError
from hjgis.i18n import _, ngettext_

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hjgis.checks.fixes.register import Fix, FixResult
    from hjgis.layers.project import Project
    from hjgis.models.assets import Value
    from hjgis.models.changes import Change
    from hjgis.models.issues import Issue

# So many lines of what would change are printed; --json gives all.
_PRINTED = 200
# So many reasons why findings are left.
_REASONS = 5


def fix(arguments: argparse.Namespace) -> int:
    """Mend the findings of one rule, or say what would change; 1 if some are left."""
    from hjgis.checks import runner
    from hjgis.checks.fixes.wording import rows_of
    from hjgis.layers.project import Project

    chosen = _chosen(arguments.rule, arguments.fix)
    who = operator()
    write = not arguments.dry_run
    with Project.open(arguments.project, operator=who, write=write) as project:
        report = runner.run(
            project,
            only=[arguments.rule],
            extent=arguments.extent,
            measured=False,
            progress=progress(),
        )
        answer = _answer(chosen, project, report.issues, arguments.value)
        result = chosen.make(project, report.issues, answer=answer, progress=progress())
        rows = rows_of(project, result, _PRINTED)
        if write and result.changes:
            project.session.apply(result.changes)
    if arguments.json:
        print_json(_facts(chosen, result, stored=write))
    else:
        for row in rows:
            print("  ".join(row.cells))
        count = len(result.done)
        words = ngettext_("{count} finding is mended.", "{count} findings are mended.", count)
        if not write:
            words = _("{count} findings would be mended; nothing was stored.")
        print(words.format(count=count))
        _say_refused([why for _issue, why in result.refused])
        for note in result.notes:
            say(note)
    return int(bool(result.refused))


def _say_refused(reasons: Sequence[str]) -> None:
    """Say how many are left for which reason, the commonest first."""
    told = Counter(reasons).most_common(_REASONS)
    rest = len(reasons) - sum(count for _why, count in told)
    for why, left in [*told, ("…", rest)] if rest else told:
        words = ngettext_("{count} cannot be: {why}", "{count} cannot be: {why}", left)
        say(words.format(count=left, why=why))


def _chosen(rule: str, name: str | None) -> Fix:
    """Return the fix that is meant; where there are several, one must be named."""
    from hjgis.checks.fixes.register import fixes_for
    from hjgis.checks.rules.register import all_rules

    if rule not in all_rules():
        words = _("There is no check {name}. Known are: {known}.")
        raise UsageError(words.format(name=rule, known=", ".join(sorted(all_rules()))))
    offered = {one.id: one for one in fixes_for(rule)}
    if name is None and len(offered) == 1:
        return next(iter(offered.values()))
    if name not in offered:
        known = "\n".join(f"  {one.id:<22} {one.title}" for one in offered.values())
        words = _("Name one of the fixes of {rule} with --fix:") if offered else ""
        nothing = _("Nothing mends findings of {rule}: edit the features.")
        raise UsageError(f"{words or nothing}".format(rule=rule) + (f"\n{known}" if known else ""))
    return offered[name]


def _answer(chosen: Fix, project: Project, issues: Sequence[Issue], text: str | None) -> Value:
    """Return what was answered with --value; where the fix asks, it must be one of its choices."""
    if chosen.choices is None:
        if text is not None:
            raise UsageError(_("This fix asks nothing: leave --value out."))
        return None
    choices = chosen.choices(project, issues)
    found = next((value for value, words in choices if text in (str(value), words)), None)
    if found is None and issues:
        known = "\n".join(f"  {value}  {words}" for value, words in choices)
        raise UsageError(_("Answer with --value, one of:") + f"\n{known}")
    return found


def _facts(chosen: Fix, result: FixResult, *, stored: bool) -> dict[str, Any]:
    return {
        "fix": chosen.id,
        "stored": stored and bool(result.changes),
        "done": len(result.done),
        "refused": [
            {"layer": issue.layer, "uuid": issue.uuid, "message": issue.message, "why": why}
            for issue, why in result.refused
        ],
        "changes": [_change(change) for change in result.changes.changes],
        "notes": list(result.notes),
    }


def _change(change: Change) -> dict[str, Any]:
    """Return one change with the fields that differ, old and new."""
    before, after = change.before, change.after
    old = before.values if before else {}
    new = after.values if after else {}
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    shapes = [one.geometry.wkt if one and one.geometry else None for one in (before, after)]
    return {
        "layer": change.key.layer,
        "uuid": change.key.uuid,
        "action": "add" if before is None else "delete" if after is None else "change",
        "fields": {name: [old.get(name), new.get(name)] for name in names},
        "geometry": None if shapes[0] == shapes[1] else shapes,
    }
