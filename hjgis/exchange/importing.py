"""Import: a foreign layer becomes one change, and every record is accounted for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from hjgis.edits.arrange import add_kind
from hjgis.edits.numbering import numbered
from hjgis.errors import InputError, UsageError
from hjgis.exchange import (
    linking,
    looks,
    marks,
    places,
    record_import,
    records,
    reference,
    updating,
    usable,
)
from hjgis.exchange.differences import Kind, Update
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.matching import Incoming
from hjgis.exchange.placement import Placement
from hjgis.exchange.profiles import Column
from hjgis.exchange.report import ImportReport, Problem, Problems
from hjgis.exchange.sources import read_layer
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.changes import Announcement, ChangeSet
from hjgis.models.crs import Transform
from hjgis.progress import SILENT, Progress

_NEW_ONLY: Final[tuple[Kind, ...]] = ("new",)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """An import that has been thought through and not yet stored.

    Attributes
    ----------
    changes : ChangeSet
        The records that are new; empty when there are none.
    mapping : mapping of str to str
        Source column to field.
    update : Update
        What the file says of features that the project has already.
    shifted : tuple of str or None
        Digest of the source and the map service whose shift was taken away, if one was.
    """

    changes: ChangeSet
    report: ImportReport
    mapping: Mapping[str, str]
    update: Update
    shifted: tuple[str, str] | None = None


def plan_import(
    project: Project,
    source: Path,
    *,
    to: str | None = None,
    as_reference: str | None = None,
    source_layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    x: str | None = None,
    y: str | None = None,
    swap: bool = False,
    as_is: bool = False,
    accept_ballpark: bool = False,
    common_points: Path | None = None,
    spatial: bool | None = None,
    mapping: Mapping[str, str | Column] | None = None,
    read: Callable[[str], ForeignLayer] | None = None,
    progress: Progress = SILENT,
) -> ImportPlan:
    """Read a source and say what would become of each record; nothing is stored.

    Parameters
    ----------
    to : str, optional
        Asset kind; else `as_reference` names a new reference layer.
    crs, swap, as_is, common_points
        What is said of the coordinates; see `places.examine`.
    accept_ballpark : bool
        Whether two datums may be set equal where no transformation between them is known.
    spatial : bool, optional
        Whether a table has coordinates. When left out, a reference layer is taken without where
        nothing sounds like coordinates; an asset kind needs them.
    mapping : mapping, optional
        Source column to field, or to a `Column` with factor and values, before all guesses.
    read : function, optional
        Returns the layer by its name, where several were read at once; see `sources.several`.

    Raises
    ------
    InputError
        If the source cannot be used.
    InputQuestion
        If something must be answered first.
    UsageError
        If target, column or field do not exist.
    """
    _check_target(project, source, to, as_reference)
    progress.report(0, 4, _("reading"))
    if to is not None and project.asset_type(to).is_record:
        return _plan_of_records(
            project,
            source,
            to,
            source_layer=source_layer,
            encoding=encoding,
            mapping=mapping,
            progress=progress,
        )
    layer = _layer(
        source,
        to,
        layer=source_layer,
        given_encoding=encoding,
        x=x,
        y=y,
        spatial=spatial if to is None or spatial is not None else True,
        read=read,
        progress=progress,
    )
    progress.check()
    placement, transform = _placed(
        layer,
        project,
        accept_ballpark=accept_ballpark,
        crs=crs,
        swap=swap,
        as_is=as_is,
        source=source,
        to=to,
        common_points=common_points,
    )
    target = _target(project, placement.layer, to, str(as_reference), mapping)
    return _planned(project, source, placement, transform, target, progress)


def _placed(
    layer: ForeignLayer, project: Project, *, accept_ballpark: bool, **said: Any
) -> tuple[Placement, Transform]:
    """Return where a layer lies, and what brings it into the project; ask if that is not clear."""
    placement = places.examine(layer, project, **said)
    if placement.question is not None:
        raise placement.question
    return placement, places.transform_of(placement, project.crs, accept_ballpark=accept_ballpark)


def _planned(
    project: Project,
    source: Path,
    placement: Placement,
    transform: Transform,
    target: tuple[AssetType, dict[str, Column]],
    progress: Progress,
) -> ImportPlan:
    layer, (asset, columns) = placement.layer, target
    problems = first_problems(placement, transform)
    if asset.kind == "reference" and project.is_free(asset.id):
        asset, said = looks.with_look(source, layer, asset, columns)
        for words in said:
            problems.add(None, None, "look", words)
    update, kept = _laid_beside(
        project, asset, source, layer, columns, transform, problems, progress
    )
    progress.check()
    report = _report(source, asset, placement, transform, update, kept, problems)
    progress.report(4, 4, _("done"))
    changes = _with_layer(project, asset, update.take_new())
    taken = {name: column.field for name, column in columns.items()}
    return ImportPlan(changes, report, taken, update, marks.shifted(source, placement.shift))


def _with_layer(project: Project, asset: AssetType, changes: ChangeSet) -> ChangeSet:
    """Return a change that also makes the layer, or brings it back, if the project has it not."""
    if asset.id in project.types or not changes:
        # A layer without a feature in it is not worth a step of undo.
        return changes
    made = not project.is_free(asset.id)
    added = add_kind(project.arrangement, asset, made=made)
    return replace(changes, new_layer=added.new_layer, facts=(*changes.facts, *added.facts))


def _plan_of_records(project: Project, source: Path, to: str, **asked: Any) -> ImportPlan:
    plan = record_import.plan_records(project, source, to, **asked)
    nothing = Update(project, source.name, ())
    return ImportPlan(plan.changes, plan.report, plan.mapping, nothing)


def _target(
    project: Project,
    layer: ForeignLayer,
    to: str | None,
    name: str,
    mapping: Mapping[str, str | Column] | None,
) -> tuple[AssetType, dict[str, Column]]:
    """Return what the records become, and which column becomes which field."""
    if to is not None:
        asset = project.asset_type(to)
        return asset, columns_for(asset, layer.columns, mapping)
    asset = reference.layer_type(project, layer, name)
    return asset, reference.columns_of(asset, layer)


def _report(
    source: Path,
    asset: AssetType,
    placement: Placement,
    transform: Transform,
    update: Update,
    kept: int,
    problems: Problems,
) -> ImportReport:
    layer = placement.layer
    return ImportReport(
        source=source.name,
        layer=asset.id,
        read=len(layer),
        imported=update.new,
        rejected=len(layer) - kept,
        matched=update.matched,
        unchanged=update.unchanged,
        missing=update.count("missing"),
        encoding=layer.encoding.name,
        encoding_source=layer.encoding.source,
        crs=placement.crs.public_text if placement.crs else None,
        crs_source=placement.how if layer.spatial else "none",
        transform=transform.description if layer.spatial else "",
        problems=problems.listed(),
    )


def _layer(
    source: Path, to: str | None, *, read: Callable[[str], ForeignLayer] | None, **asked: Any
) -> ForeignLayer:
    """Read what is to be imported; a kind of assets takes nothing that has no places."""
    layer = read_layer(source, **asked) if read is None else read(asked["layer"])
    if not len(layer):
        words = _("{path} holds no records, so there is nothing to import.")
        inside = asked.get("layer")
        raise InputError(words.format(path=f"{source.name}/{inside}" if inside else source.name))
    if to is None:
        return reference.in_words(reference.as_table(layer))
    if not layer.spatial:
        message = _("{layer} is a table without geometry; import it as a reference layer.")
        raise InputError(message.format(layer=layer.name))
    return layer


def _laid_beside(
    project: Project,
    asset: AssetType,
    source: Path,
    layer: ForeignLayer,
    columns: Mapping[str, Column],
    transform: Transform,
    problems: Problems,
    progress: Progress,
) -> tuple[Update, int]:
    """Return what the records become beside what is stored, and how many can be taken at all.

    What is odd about them goes to `problems`.
    """
    progress.report(1, 4, _("transforming"))
    kept, shapes = usable.records(layer, asset, transform, problems)
    progress.check()
    progress.report(2, 4, _("values"))
    values, refused = records.values_of(project, asset, layer, columns, kept, problems)
    records.note_unmapped(layer, columns, problems)
    given = set(values)
    records.fill_source(asset, source.name, kept, values)
    progress.report(3, 4, _("linking"))
    if asset.ends_on:
        linking.link_ends(project, asset, values, shapes, kept, problems)
    incoming = Incoming(
        kept,
        shapes,
        values,
        records.given_identities(layer, kept),
        refused,
        usable.tolerance_m(transform),
        frozenset(values) - given,
    )
    left_out = np.setdiff1d(np.arange(len(layer)), kept)
    named = {uuid for uuid in records.given_identities(layer, left_out) if uuid is not None}
    file = updating.File(source.name, layer.encoding.name, named)
    progress.check()
    _uuids, update = updating.laid_beside(project, asset, incoming, file, problems)
    return Update(project, source.name, (update,)), len(kept)


def carry_out(
    project: Project,
    plan: ImportPlan,
    take: Collection[Kind] = _NEW_ONLY,
    *,
    number: bool = False,
) -> ImportReport:
    """Store a planned import as one change, which one undo takes back.

    Parameters
    ----------
    take : collection of str
        Which differences from what is stored are taken over: ``new``, ``changed`` (also values
        and places of features that are stored), ``missing`` (features that the file has not go).
    number : bool
        Give new components that come without an id one of the operator's numbers.
    """
    if not plan.update.matched:
        changes = plan.changes if "new" in take else ChangeSet("import")
    else:
        changes = plan.update.accept(plan.update.of_kind(*take))
    reasons: tuple[str, ...] = ()
    if number:
        changes, reasons = numbered(project, changes, project.number_plan)
    store(project, plan, changes)
    report = plan.report.stored(take, plan.update.count("changed"))
    more = (Problem(None, "component_id", "no-id", why, 1) for why in reasons)
    return replace(report, problems=(*report.problems, *more))


def store(project: Project, plan: ImportPlan, changes: ChangeSet) -> Announcement | None:
    """Store what is taken of a plan and remember what must be known of its source; None: nothing.

    Raises
    ------
    StoreConflict
        If the project has changed since so that it does not fit any more.
    """
    announcement = project.session.apply(changes) if changes else None
    if plan.shifted is not None:
        marks.remember(project, *plan.shifted)
    return announcement


def _check_target(project: Project, source: Path, to: str | None, as_reference: str | None) -> None:
    if (to is None) == (not (as_reference or "").strip()):
        raise UsageError(_("Give either --to KIND or --as-reference NAME."))
    if source.exists() and source.samefile(project.path):
        raise InputError(_("A project cannot be imported into itself."))
    kinds = (*project.types, *(asset.id for asset in project.more_kinds))
    if to is not None and to not in kinds:
        message = _("There is no kind {name}. There are: {names}.")
        raise UsageError(message.format(name=to, names=", ".join(kinds)))


def first_problems(placement: Placement, transform: Transform) -> Problems:
    """Return what is to be said before any record is looked at."""
    problems = Problems()
    for warning in placement.layer.warnings:
        problems.add(None, None, "warning", warning)
    for odd in placement.layer.problems:
        problems.include(odd)
    if placement.how == "assumed" and placement.crs is not None:
        words = _(
            "Nothing says in which system the coordinates are: they were taken to be in {crs}."
        )
        problems.add(None, None, "assumed-crs", words.format(crs=placement.crs.called))
    if placement.astray_words:
        problems.add(None, None, "outside-county", placement.astray_words)
    for doubt in placement.doubts:
        problems.add(None, None, "offset", doubt)
    if placement.unverified:
        problems.add(None, None, "unverified-degrees", placement.unverified)
    if placement.heights:
        problems.add(None, None, "heights", placement.heights)
    if transform.ballpark:
        problems.add(None, None, "ballpark-shift", transform.description)
    return problems
