"""Several layers of one file, each to what it probably is; what would need an answer is left."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from hjgis.errors import Cancelled, HjgisError, InputError
from hjgis.exchange import importing, sources
from hjgis.exchange.csv_files import write_csv
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.importing import ImportPlan
from hjgis.exchange.proposing import sure_kind
from hjgis.exchange.report import ImportReport, Problem
from hjgis.exchange.sources import LayerSummary
from hjgis.i18n import _, label, reason
from hjgis.layers.project import Project
from hjgis.models.own_lists import free_name
from hjgis.progress import SILENT, Progress

# Problems of line ends, as `linking` calls them.
_ENDS: Final = ("connected", "unresolved-node")
# What returns a layer of a file by its name.
Read = Callable[[str], ForeignLayer]
# What is true of every layer of a file; all else that is said is said of one coordinate system.
_OF_FILE: Final = ("encoding",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A layer of a file and what it is to become: a kind, or a reference layer of that name."""

    layer: LayerSummary
    to: str | None
    as_reference: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a layer; `left` says why it was left, and then there is no report."""

    wanted: Wanted
    report: ImportReport | None = None
    left: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as scripts read it."""
        name = {"source_layer": self.wanted.layer.name}
        return {**name, **(self.report.to_json() if self.report else {"left": self.left})}


def proposed(project: Project, layers: Sequence[LayerSummary]) -> tuple[Wanted, ...]:
    """Return what layers are to become, in the order in which they are taken: nodes before lines.

    A kind of the catalogue where that is sure, else the reference layer of that name that was made
    from such a layer before, else a new one.
    """
    taken = {title for known in project.types.values() for title in (known.id, *_titles(known))}
    wanted = []
    for layer in layers:
        kind = sure_kind(project, layer)
        name = None if kind else _own_name(project, layer, taken)
        taken |= {name} if name else set()
        wanted.append(Wanted(layer, kind, name))
    return tuple(sorted(wanted, key=lambda one: _is_line(project, one)))


def common_system(layers: Collection[LayerSummary]) -> str | None:
    """Return the system that all layers say they are in; None where they do not agree."""
    said = {layer.crs for layer in layers}
    return said.pop() if len(said) == 1 else None


def plan_layer(
    project: Project,
    source: Path,
    wanted: Wanted,
    told: Mapping[str, Any],
    *,
    settled: str | None,
    single: bool = False,
    read: Read | None = None,
    progress: Progress = SILENT,
) -> ImportPlan:
    """Read one of the layers and say what would become of its records; nothing is stored.

    Parameters
    ----------
    told : mapping
        What is said of the file, as `plan_import` calls it.
    settled : str or None
        The system that the layer names of which that was said; what is said of coordinates is
        said of the layers that name the same.
    single : bool
        Whether the file holds this layer only, so that it need not be named.
    read : function, optional
        Returns the layer by its name, where several were read at once.

    Raises
    ------
    InputError
        If the layer cannot be used, none of its records can, or something must be answered first.
    """
    alike = wanted.layer.crs == settled
    said = {name: value for name, value in told.items() if alike or name in _OF_FILE}
    plan = importing.plan_import(
        project,
        source,
        to=wanted.to,
        as_reference=wanted.as_reference,
        source_layer=None if single else wanted.layer.name,
        read=read,
        progress=progress,
        **said,
    )
    changed = plan.update.count("changed") + plan.update.count("conflict")
    if changed:
        message = _(
            "{count} records are in the project with other values or at another place; import"
            " this layer by itself and choose what is taken over."
        )
        raise InputError(message.format(count=changed))
    if not plan.changes and not plan.update.matched:
        raise InputError(_why_nothing(plan.report))
    return plan


def import_layers(
    project: Project,
    source: Path,
    wanted: Sequence[Wanted],
    told: Mapping[str, Any],
    *,
    settled: str | None,
    single: bool = False,
    dry_run: bool = False,
    progress: Progress = SILENT,
) -> tuple[Outcome, ...]:
    """Take layers one after the other, each as one change; see `plan_layer`.

    What was stored before the user stopped it stays, and the rest is listed as left. A trial, that
    stores nothing, finds no points for pipes that come with their points.

    Raises
    ------
    ReadOnlyProject
        If nothing can be stored.
    """
    if not dry_run:
        project.access.refuse()
    outcomes: list[Outcome] = []
    try:
        with reading(source, wanted, told, progress=progress) as read:
            for one in wanted:
                try:
                    plan = plan_layer(
                        project, source, one, told,
                        settled=settled, single=single, read=read, progress=progress,
                    )  # fmt: skip
                    report = (
                        _tried(project, wanted, one, plan.report)
                        if dry_run
                        else importing.carry_out(project, plan)
                    )
                except Cancelled:
                    raise
                except HjgisError as error:
                    outcomes.append(Outcome(one, left=str(error)))
                else:
                    outcomes.append(Outcome(one, report))
    except Cancelled:
        outcomes += stopped(wanted[len(outcomes) :])
    return tuple(outcomes)


def _tried(
    project: Project, wanted: Sequence[Wanted], one: Wanted, report: ImportReport
) -> ImportReport:
    """Return the report of a layer without what is only so while its nodes are not stored."""
    nodes = project.asset_type(one.to).ends_on if one.to else ()
    if not {other.to for other in wanted} & {*nodes}:
        return report
    kept = [problem for problem in report.problems if problem.kind not in _ENDS]
    words = _("Ends are connected when the points of this file are stored, which come first.")
    return replace(report, problems=(*kept, Problem(None, None, _ENDS[0], words)))


@contextmanager
def reading(
    source: Path, wanted: Sequence[Wanted], told: Mapping[str, Any], *, progress: Progress = SILENT
) -> Iterator[Read | None]:
    """Read layers at once, for `plan_layer`; None where each has to be read by itself.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    names = [one.layer.name for one in wanted]
    with ExitStack() as open_:
        read = None
        if len(names) > 1:
            encoding = told.get("encoding")
            several = sources.several(source, names, given_encoding=encoding, progress=progress)
            try:
                read = open_.enter_context(several)
            except Cancelled:
                raise
            except HjgisError:
                # One of them may have broken the reader; the others can be read without it.
                read = None
        yield read


def stopped(wanted: Sequence[Wanted]) -> tuple[Outcome, ...]:
    """Return the layers that were not reached."""
    return tuple(Outcome(one, left=_("Stopped before it was taken.")) for one in wanted)


def becomes(project: Project, wanted: Wanted) -> str:
    """Say what a layer is to become."""
    if wanted.to is not None:
        return label(project.asset_type(wanted.to).label)
    return _("Reference layer {name}").format(name=wanted.as_reference)


def write_report(project: Project, outcomes: Sequence[Outcome], path: Path) -> None:
    """Write what became of all layers, with their problems, as a CSV for a spreadsheet.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    heading = (_("Layer"), _("Becomes"), _("Records"), _("New"), _("Left out"),
               _("Rows"), _("Count"), _("Column"), _("What"))  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for one in outcomes:
        report = one.report
        name, target = one.wanted.layer.name, becomes(project, one.wanted)
        if report is None:
            rows.append((name, "", one.wanted.layer.count, 0, "", "", "", "", one.left))
            continue
        counts = (report.read, report.imported, report.rejected)
        rows.append((name, target, *counts, "", "", "", ""))
        rows += [
            (name, target, "", "", "", p.rows, p.count, p.field or "", p.message)
            for p in report.problems
        ]
    try:
        write_csv(path, (heading, *rows))
    except OSError as error:
        raise InputError(_("{path}: {error}").format(path=path, error=reason(error))) from error


def _why_nothing(report: ImportReport) -> str:
    """Say why no record of a layer can be taken."""
    of_rows = [problem for problem in report.problems if problem.row is not None]
    why = max(of_rows, key=lambda problem: problem.count).message if of_rows else ""
    return _("None of its {count} records can be taken: {why}").format(count=report.read, why=why)


def _own_name(project: Project, layer: LayerSummary, taken: Collection[str]) -> str:
    """Return the name of the reference layer that a layer becomes."""
    for known in project.types.values():
        mine = known.id not in project.shipped.types and layer.name in (known.id, *_titles(known))
        if mine and any(field.label["en"] in layer.columns for field in known.fields):
            return layer.name
    return free_name(layer.name, taken)


def _titles(asset: Any) -> tuple[str, ...]:
    return tuple(asset.label.values())


def _is_line(project: Project, wanted: Wanted) -> bool:
    """Whether records end on nodes, which must be there before."""
    return wanted.to is not None and bool(project.asset_type(wanted.to).ends_on)
