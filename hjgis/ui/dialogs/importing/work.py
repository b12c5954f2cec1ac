"""What the import wizard does in the background: look into the file, try the import.

Plain functions for `ui.jobs`; nothing here knows Qt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import at_once, importing, places, reference, sources, survey
from hjgis.exchange.at_once import Outcome, Wanted
from hjgis.exchange.coordinates import finite
from hjgis.exchange.differences import KINDS, Update
from hjgis.exchange.foreign import ForeignLayer, is_null
from hjgis.exchange.importing import ImportPlan
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.placement import Placement
from hjgis.exchange.sources import LayerSummary
from hjgis.exchange.tables import BOOK_SUFFIXES, TEXT_SUFFIXES
from hjgis.exchange.workbooks import workbook_return
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.region import Box
from hjgis.progress import Progress
from hjgis.ui.dialogs.importing.choices import Choices
from hjgis.ui.dialogs.importing.gist import Lines, gist

_DEGREES: Final = "EPSG:4490"
# More shapes than these are only a blot on a small map.
_MOST_SHOWN: Final = 1500
_MOST_ROADS: Final = 3000
_OF_SURVEY: Final = ("crs", "swap", "as_is", "common_points")
_OF_PLAN: Final = (*_OF_SURVEY, "encoding", "accept_ballpark")
_OF_PLACES: Final = ("crs", "swap", "as_is", "to", "common_points")
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """What the project holds, for a small map: shapes in degrees."""

    boundaries: tuple[Any, ...] = ()
    roads: tuple[Any, ...] = ()
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds, read with the answers given so far.

    Attributes
    ----------
    layer : ForeignLayer or None
        The chosen one; None while a question is open.
    shapes : tuple of shapely geometries
        Some of its shapes in degrees, as they would be taken.
    question : InputQuestion or None
        What must be answered before anything can be read.
    datum : InputQuestion or None
        Whether a mere approximation between two datums will do.
    previews : mapping of str to rows
        Heading and first rows in each encoding that may be the right one.
    fits : mapping of str to int
        How many columns each kind knows.
    table : LayerSummary or None
        All columns of a table, those of the places included.
    is_ours : bool
        It is a workbook that was written here, so that nothing is to be asked.
    wanted : tuple of Wanted
        What the layers would become, if there are several.
    """

    layers: tuple[LayerSummary, ...] = ()
    layer: ForeignLayer | None = None
    placement: Placement | None = None
    shapes: tuple[Any, ...] = ()
    question: InputQuestion | None = None
    datum: InputQuestion | None = None
    previews: Mapping[str, Rows] = field(default_factory=dict)
    fits: Mapping[str, int] = field(default_factory=dict)
    table: LayerSummary | None = None
    is_survey: bool = False
    is_ours: bool = False
    wanted: tuple[Wanted, ...] = ()

    @property
    def next_layer(self) -> str | None:
        """The layer of the file after the chosen one; None if that is the last."""
        names = [layer.name for layer in self.layers]
        at = names.index(self.layer.name) if self.layer and self.layer.name in names else len(names)
        return names[at + 1] if at + 1 < len(names) else None

    @property
    def summary(self) -> LayerSummary | None:
        """What is said of the chosen layer."""
        name = self.layer.name if self.layer else None
        return next((layer for layer in self.layers if layer.name == name), None)


@dataclass(frozen=True, slots=True)
class Trial:
    """An import that was thought through: what would be stored."""

    plan: ImportPlan
    gist: Lines = ()

    @property
    def update(self) -> Update | None:
        """What the file says of features that the project has already; None if of none."""
        return self.plan.update if self.plan.update.matched else None

    @property
    def stores_something(self) -> bool:
        """Whether anything would be stored."""
        return bool(self.plan.changes or (self.update and self.update.differences))

    def counts(self) -> tuple[tuple[str, int], ...]:
        """Return what would become of the records, by name."""
        report, update = self.plan.report, self.update
        if update is None:
            return ((_("Records"), report.read), (_("New"), report.imported),
                    (_("Left out"), report.rejected))  # fmt: skip
        found = {kind: len(update.of_kind(kind)) for kind in KINDS}
        return (
            (_("Records"), report.read),
            (_("New"), found["new"]),
            (_("Changed"), found["changed"]),
            (_("Unchanged"), update.unchanged),
            (_("Missing in the file"), found["missing"]),
            (_("Left out"), report.rejected),
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """What an import has stored: where, and how much of what."""

    layer: str
    extent: Extent | None
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an import has come; None is what is still to be found out."""

    choices: Choices | None = None
    found: Found | None = None
    trial: Trial | None = None
    stored: tuple[tuple[str, int], ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    tried: tuple[Outcome, ...] = ()


def ground_of(project: Project, progress: Progress) -> Ground:
    """Read what the small map shows of a project."""
    with project.reader() as reader:
        transform = Transform(reader.crs, parse_crs(_DEGREES))
        read = {}
        for layer in ("boundary", "road"):
            progress.check()
            there = layer in reader.types and reader.count(layer) > 0
            shapes = reader.table(layer, []).geometry if there else None
            some = None if shapes is None else _some(shapes, _MOST_ROADS)
            read[layer] = () if some is None else tuple(transform.geometry(some))
        extent = reader.extent()
    box = _turned(extent, transform) if extent else None
    return Ground(read["boundary"], read["road"], box)


def look(project: Project, choices: Choices, progress: Progress) -> Found:
    """Read a file as far as the answers allow."""
    source, answered = choices.source, choices.answered()
    if _is_ours(choices, progress):
        return Found(is_ours=True)
    if _is_survey(choices, progress):
        return _survey(project, choices, progress)
    reading = {name: answered.get(name) for name in ("x", "y", "spatial")}
    reading["given_encoding"] = choices.encoding
    table = _table(choices, progress) if choices.x else None
    try:
        layers = sources.summaries(source, progress=progress, **reading)
        progress.check()
        name = choices.source_layer or layers[0].name
        only = name if len(layers) > 1 else None
        layer = sources.read_layer(source, layer=only, progress=progress, **reading)
    except InputQuestion as question:
        return _asked(choices, question, progress)
    progress.check()
    told = {name: answered[name] for name in _OF_PLACES if name in answered}
    with project.reader() as reader:
        placement = places.examine(layer, reader, source=source, **told)
        datum = _datum_question(placement, reader, choices)
        kinds = (*reader.types.values(), *reader.more_kinds)
        fits = {asset.id: _known_columns(reader, asset, layer) for asset in kinds}
        wanted = at_once.proposed(reader, layers) if len(layers) > 1 else ()
    shapes = _shown(placement)
    found = Found(layers, layer, placement, shapes, datum=datum, fits=fits, table=table)
    return replace(found, wanted=wanted)


def _is_ours(choices: Choices, progress: Progress) -> bool:
    try:
        return workbook_return.is_ours(choices.source, progress=progress)
    except InputError:
        # Why it cannot be read is said where it is read.
        return False


def _is_survey(choices: Choices, progress: Progress) -> bool:
    """Whether a file is taken as a survey: it is one, and nobody wants a single table of it."""
    single = choices.network is False or choices.x or choices.spatial is False
    if single or choices.source.suffix.casefold() not in (*TEXT_SUFFIXES, *BOOK_SUFFIXES):
        return False
    try:
        return survey.is_survey(choices.source, encoding=choices.encoding, progress=progress)
    except InputError:
        # Why it cannot be read is said where it is read.
        return False


def _survey(project: Project, choices: Choices, progress: Progress) -> Found:
    """Return what the tables of a survey hold, taken together."""
    answered = choices.answered()
    told = {name: answered[name] for name in (*_OF_SURVEY, "encoding") if name in answered}
    try:
        with project.reader() as reader:
            placement = survey.place(reader, choices.source, progress=progress, **told)
            datum = _datum_question(placement, reader, choices)
    except InputQuestion as question:
        return _asked(choices, question, progress)
    progress.check()
    tables = sources.summaries(
        choices.source, given_encoding=choices.encoding, spatial=False, progress=progress
    )
    layer = placement.layer
    found = Found(tables, layer, placement, _shown(placement), datum=datum, table=tables[0])
    return replace(found, is_survey=True)


def _known_columns(project: Project, asset: AssetType, layer: ForeignLayer) -> int:
    """Return how many columns of a layer a kind knows."""
    if asset.id in project.catalogue.types:
        return len(columns_for(asset, layer.columns))
    return len(reference.columns_of(asset, layer))


def _datum_question(
    placement: Placement, project: Project, choices: Choices
) -> InputQuestion | None:
    """Return what is to be asked about the way from one datum to another; None for nothing."""
    if placement.crs is None and placement.parameters is None:
        return None
    accepted = choices.accept_ballpark
    try:
        places.transform_of(placement, project.crs, accept_ballpark=accepted)
    except InputQuestion as question:
        return question
    return None


def _asked(choices: Choices, question: InputQuestion, progress: Progress) -> Found:
    """Return a question with what helps to answer it."""
    if "--encoding" in question.option:
        shown = sources.encoding_previews(choices.source, question.candidates, progress=progress)
        return Found(question=question, previews=shown)
    wanted = "--x" in question.option
    table = _table(choices, progress, question.candidates) if wanted else None
    return Found(question=question, table=table)


def _table(choices: Choices, progress: Progress, names: Iterable[str] = ()) -> LayerSummary | None:
    """Return all columns of the table that is asked about, as if it had no places."""
    tables = sources.summaries(
        choices.source, given_encoding=choices.encoding, spatial=False, progress=progress
    )
    wanted = choices.source_layer
    fitting = [table for table in tables if set(names) <= set(table.columns)]
    return next((t for t in fitting if t.name == wanted), fitting[0] if fitting else None)


def _shown(placement: Placement) -> tuple[Any, ...]:
    """Return some of a layer's shapes in degrees; none if nobody knows where they are."""
    if placement.crs is None or placement.parameters is not None:
        # Only the place of the whole is known.
        return (shapely.box(*placement.box_wgs84),) if placement.box_wgs84 else ()
    geometry = placement.layer.geometry
    there = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    shapes = _some(geometry[there & finite(geometry)], _MOST_SHOWN)
    transform = Transform(placement.crs, parse_crs(_DEGREES))
    moved = shapely.transform(shapes, lambda xy: np.column_stack(transform.points(*xy.T[:2])))
    return tuple(moved[finite(moved)])


def count_values(
    layer: ForeignLayer, names: Iterable[str], progress: Progress
) -> dict[str, Counter[str]]:
    """Return for columns how often each value stands in them, as text."""
    result = {}
    for name in names:
        progress.check()
        values = layer.columns[name].tolist()
        result[name] = Counter(str(value) for value in values if not is_null(value))
    return result


def attempt(
    project: Project,
    choices: Choices,
    progress: Progress,
    *,
    is_survey: bool = False,
    is_ours: bool = False,
) -> Trial:
    """Think the import through; nothing is stored."""
    answered = choices.answered()
    with project.reader() as reader:
        if is_ours:
            plan = workbook_return.plan_workbook(reader, choices.source, progress=progress)
        elif is_survey:
            told = {name: answered[name] for name in _OF_PLAN if name in answered}
            plan = survey.plan_survey(reader, choices.source, progress=progress, **told)
        else:
            plan = importing.plan_import(reader, choices.source, progress=progress, **answered)
        told_of = gist(reader, plan)
    # The reader is closed by the time when differences are accepted.
    trial = Trial(replace(plan, update=replace(plan.update, project=project)), told_of)
    if trial.update is not None:
        # Listed here, where it keeps nobody waiting.
        _ = trial.update.differences
    return trial


def attempt_all(
    project: Project,
    choices: Choices,
    wanted: Sequence[Wanted],
    settled: str | None,
    progress: Progress,
) -> tuple[Outcome, ...]:
    """Think through what becomes of each of several layers; nothing is stored."""
    with project.reader() as reader:
        outcomes = at_once.import_layers(
            reader,
            choices.source,
            wanted,
            choices.of_file(),
            settled=settled,
            dry_run=True,
            progress=progress,
        )
    # What was stopped is no trial.
    progress.check()
    return outcomes


def attempt_one(
    project: Project, choices: Choices, wanted: Wanted, settled: str | None, progress: Progress
) -> Trial:
    """Think through what one of several layers becomes; nothing is stored."""
    told = choices.of_file()
    with project.reader() as reader:
        plan = at_once.plan_layer(
            reader, choices.source, wanted, told, settled=settled, progress=progress
        )
    return Trial(plan)


def take_back(project: Project) -> None:
    """Take the latest change back."""
    project.session.undo()


def store(project: Project, trial: Trial, accepted: Collection[int] | None) -> Stored:
    """Store what was tried, or the differences that are accepted, as one change.

    Raises
    ------
    HjgisError
        If the project has changed meanwhile so that it does not fit any more.
    """
    report, update = trial.plan.report, trial.update
    counts = [(_("New"), report.imported)]
    changes = trial.plan.changes
    if update is not None and accepted is not None:
        # Read in the thread that stores, through its own opening of the file.
        changes = replace(update, project=project).accept(accepted)
        kinds = Counter(update.differences[index].kind for index in accepted)
        counts = [(_("New"), kinds["new"]), (_("Changed"), kinds["changed"]),
                  (_("Deleted"), kinds["missing"])]  # fmt: skip
    announcement = importing.store(project, trial.plan, changes)
    deltas = announcement.layers.values() if announcement is not None else ()
    extent = union(delta.extent for delta in deltas)
    changed = list(announcement.layers) if announcement is not None else []
    layer = report.layer if report.layer in project.types else next(iter(changed), "")
    return Stored(layer, extent, (*counts, (_("Left out"), report.rejected)))


def union(extents: Iterable[Extent | None]) -> Extent | None:
    """Return the box around boxes; None where there is none."""
    boxes = [extent for extent in extents if extent is not None]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _some(shapes: NDArray[np.object_], most: int) -> NDArray[np.object_]:
    """Return shapes spread evenly over all of them."""
    return shapes[:: max(1, -(-len(shapes) // most))]


def _turned(extent: Box, transform: Transform) -> Box:
    box = shapely.transform(
        shapely.box(*extent), lambda xy: np.column_stack(transform.points(*xy.T[:2]))
    )
    west, south, east, north = box.bounds
    return float(west), float(south), float(east), float(north)
