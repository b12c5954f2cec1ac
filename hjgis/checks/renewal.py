"""Pipes that are due for renewal: beyond their years, of outdated material, leaky, often faulty.

What the words mean: task 15 of the notice, limits after 国办发〔2022〕22号 (``renewal.toml``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.rules.register import Reads, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_, _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Catalogue
from hjgis.models.issues import Findings
from hjgis.models.reading import Coded
from hjgis.models.renewal import (
    FACT,
    FAULTS,
    LEAKS,
    OUTDATED,
    OVERDUE,
    Part,
    RenewalRules,
    read_rules,
)
from hjgis.progress import SILENT, Progress

PIPES: Final = "pipe_line"
UNKNOWN: Final = "不详"
NOT_KNOWN: Final = N_("not known")
# What the age says of a pipe; unknown is not "within its years".
BEYOND, WITHIN, NO_YEAR, NO_LIMIT, ABANDONED = range(5)
STATES: Final = (
    N_("Beyond its years"),
    N_("Within its years"),
    N_("Year unknown"),
    N_("No limit for its kind"),
    N_("Abandoned, not judged"),
)
TABLES: Final = (N_("Kind × age"), N_("Kind × decade"), N_("Kind × material"))
_OF_SCORE: Final = (
    *("kind", "material", "material_detail", "laid_year", "leak_count", "fault_count"),
    *("use_state",),
)
_OF_LIST: Final = (
    *("pipe_no", "start_no", "end_no", "diameter_mm", "road_name", "owner_name"),
    *("replace_plan_year",),
)
_FIRST_YEAR: Final = 1900
_DECADE: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """All pipes with their scores, row i of every array being the same pipe.

    Attributes
    ----------
    features : Features
        The pipes, with what lists say of them.
    km : array of float64, shape (n,)
        Length of the geometry, in the plane of the project CRS.
    year, limit : array of float64, shape (n,)
        When it was laid, NaN where that is not known or cannot be; how many years it may serve,
        NaN where nothing says so.
    state : array of int8, shape (n,)
        Place in `STATES`.
    values, points : mapping of str to array of float64, shape (n,)
        By part of the score: what was counted (NaN: not known), and points of 100.
    score : array of float64, shape (n,)
        0 to 100; NaN for abandoned pipes. Where something is not known, it is the least that
        the score can be.
    """

    rules: RenewalRules
    on: dt.date
    features: Features
    km: NDArray[np.float64]
    year: NDArray[np.float64]
    limit: NDArray[np.float64]
    state: NDArray[np.int8]
    values: Mapping[str, NDArray[np.float64]]
    points: Mapping[str, NDArray[np.float64]]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.km)

    @property
    def over(self) -> NDArray[np.float64]:
        """Years beyond the limit, less than 0 before it, shape (n,); NaN where not known."""
        return self.values[OVERDUE]

    @property
    def shade(self) -> NDArray[np.float64]:
        """What pipes are coloured by, shape (n,): the score; -1 for no year and no score."""
        unclear = (self.state == NO_YEAR) & (self.score == 0)
        return np.where(unclear, -1.0, self.score)

    def ranked(self) -> NDArray[np.intp]:
        """Return the pipes with a score, highest first, longer ones first among equals."""
        rows = np.flatnonzero(self.score > 0)
        return rows[np.lexsort((-self.km[rows], -self.score[rows]))]


def candidates(
    project: Project, *, on: dt.date | None = None, progress: Progress = SILENT
) -> Candidates:
    """Score all pipes of a project, by its own rules.

    Parameters
    ----------
    on : date, optional
        The day that ages count to; today if not given.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    asset = project.asset_type(PIPES)
    names = (*_OF_SCORE, *_OF_LIST)
    columns = project.store.columns(PIPES, names, progress=progress)
    rules = read_rules(project.info(FACT))
    features = Features(asset, columns, names)
    return scored(features, rules, project.catalogue, on or dt.date.today())


def scored(features: Features, rules: RenewalRules, known: Catalogue, on: dt.date) -> Candidates:
    """Score pipes.

    Parameters
    ----------
    features : Features
        With kind, materials, year, leaks, faults and state of use among its columns.
    """
    majors = _majors(features, known)
    year = features.numbers("laid_year").copy()
    # What cannot be is not known: a year to come, a year 0.
    year[~((year >= _FIRST_YEAR) & (year <= on.year))] = np.nan
    limit = _limits(features, majors, rules)
    over = on.year - year - limit
    abandoned = features.texts("use_state").isin(rules.not_judged)
    state = np.select(
        [abandoned, np.isnan(limit), np.isnan(year), over >= 0],
        [ABANDONED, NO_LIMIT, NO_YEAR, BEYOND],
        WITHIN,
    ).astype(np.int8)
    values = {
        OVERDUE: over,
        OUTDATED: _outdated(features, majors, rules, known),
        LEAKS: features.numbers("leak_count"),
        FAULTS: features.numbers("fault_count"),
    }
    points = {part.id: _points(part, values[part.id]) for part in rules.parts}
    whole = sum(part.weight for part in rules.parts)
    score = sum(part.weight * points[part.id] for part in rules.parts) / whole
    with np.errstate(invalid="ignore"):
        length = shapely.length(features.geometry)
    km = np.where(np.isfinite(length), length, 0.0) / 1000
    return Candidates(
        rules, on, features, km, year, limit, state, values, points,
        np.where(abandoned, np.nan, score),
    )  # fmt: skip


def _majors(features: Features, known: Catalogue) -> Coded:
    """Return the group of each pipe; None among the values for kinds that are not known."""
    codes = known.codes("pipe_kind")
    kinds = features.texts("kind")
    groups = np.empty(len(kinds.values), object)
    for number, value in enumerate(kinds.values.tolist()):
        entry = codes.get(value)
        groups[number] = entry.extra.get("major", value) if entry else None
    return Coded(kinds.codes, groups)


def _limits(features: Features, majors: Coded, rules: RenewalRules) -> NDArray[np.float64]:
    result = np.full(len(features), np.nan)
    materials = features.texts("material")
    # The first line that fits counts, so it comes last.
    for life in reversed(rules.lives):
        meant = majors.isin(life.majors)
        if life.materials:
            meant &= materials.isin(life.materials)
        result[meant] = life.years
    return result


def _outdated(
    features: Features, majors: Coded, rules: RenewalRules, known: Catalogue
) -> NDArray[np.float64]:
    """Return 1 for outdated materials, 0 for others, NaN where the material is not known."""
    details, materials = features.texts("material_detail"), features.texts("material")
    unknown = _unknown(materials) & _unknown(details)
    result = np.where(unknown, np.nan, 0.0)
    for entry in known.codes("material_detail").codes:
        listed: Any = entry.extra.get("outdated_for", ())
        if listed:
            result[details.isin((entry.code,)) & majors.isin(listed)] = 1.0
    for line in rules.outdated:
        result[materials.isin(line.materials) & majors.isin(line.majors)] = 1.0
    return result


def _points(part: Part, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points of 100; none where the value is not known."""
    limits = [value for value, _points in part.steps]
    given = np.array([0, *(points for _value, points in part.steps)], np.float64)
    reached = np.searchsorted(limits, np.where(np.isnan(values), -np.inf, values), side="right")
    return np.asarray(given[reached])


def _unknown(column: Coded) -> NDArray[np.bool_]:
    return column.missing | column.isin((UNKNOWN,))


# -- kilometres ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Kilometres:
    """A cross table of lengths: `rows` × `columns`, in km; the last column may be 不详."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    km: NDArray[np.float64]


_Axis = tuple[NDArray[np.int64], list[str]]


def kilometres(found: Candidates, known: Catalogue) -> tuple[Kilometres, ...]:
    """Return km by kind and state, decade, material and class of score; 不详 has a column."""
    judged = found.state != ABANDONED
    kinds = _by_code(found.features.texts("kind"), known, "pipe_kind")
    states = (found.state.astype(np.int64), [_(words) for words in STATES])
    materials = _by_code(found.features.texts("material"), known, "pipe_material")
    ages, decades, of_materials = (_(title) for title in TABLES)
    return (
        _crossed(ages, kinds, states, found.km, np.ones(len(found), bool)),
        _crossed(decades, kinds, _by_decade(found), found.km, judged),
        _crossed(of_materials, kinds, materials, found.km, judged),
    )


def by_group(found: Candidates, known: Catalogue) -> Kilometres:
    """Return km by group of kinds and age: fewer rows than by kinds."""
    majors = _majors(found.features, known)
    named = [*(UNKNOWN if major is None else str(major) for major in majors.values), UNKNOWN]
    codes = sorted(set(named))
    index = np.array([codes.index(name) for name in named], np.int64)[majors.codes]
    names = known.codes("pipe_kind")
    words = []
    for code in codes:
        other = _(NOT_KNOWN) if code == UNKNOWN else _("Other kinds")
        words.append(names.label_of(code) if names.get(code) else other)
    states = (found.state.astype(np.int64), [_(words) for words in STATES])
    return _crossed(_(TABLES[0]), (index, words), states, found.km, np.ones(len(found), bool))


def _crossed(
    title: str, rows: _Axis, columns: _Axis, km: NDArray[np.float64], meant: NDArray[np.bool_]
) -> Kilometres:
    shape = (len(rows[1]), len(columns[1]))
    cells = (
        np.bincount(
            (rows[0] * shape[1] + columns[0])[meant],
            weights=km[meant],
            minlength=shape[0] * shape[1],
        )
        .astype(np.float64)
        .reshape(shape)
    )
    down, across = np.flatnonzero(cells.any(axis=1)), np.flatnonzero(cells.any(axis=0))
    return Kilometres(
        title,
        tuple(rows[1][row] for row in down),
        tuple(columns[1][column] for column in across),
        cells[np.ix_(down, across)],
    )


def _by_code(column: Coded, known: Catalogue, list_id: str) -> _Axis:
    """Return the place of each pipe in the list's order; values off the list, then 不详."""
    codes = known.codes(list_id)
    order = [entry.code for entry in codes.codes if entry.code != UNKNOWN]
    others = [value for value in column.values.tolist() if value not in {*order, UNKNOWN}]
    places = {value: number for number, value in enumerate([*order, *others, UNKNOWN])}
    of_value = [places[value] for value in column.values.tolist()]
    at = np.array([*of_value, places[UNKNOWN]], np.int64)[column.codes]
    words = [codes.label_of(str(value)) for value in [*order, *others]]
    return at, [*words, _(NOT_KNOWN)]


def _by_decade(found: Candidates) -> _Axis:
    decades = np.unique(found.year[~np.isnan(found.year)] // _DECADE).astype(int).tolist()
    words = [f"{_DECADE * decade}–{_DECADE * decade + _DECADE - 1}" for decade in decades]
    at = np.searchsorted(decades, np.nan_to_num(found.year) // _DECADE)
    return np.where(np.isnan(found.year), len(decades), at), [*words, _(NOT_KNOWN)]


# -- rules of the check --------------------------------------------------------------------------


def _pipes(*names: str) -> Callable[[AssetType], Sequence[str] | None]:
    def columns(asset: AssetType) -> Sequence[str] | None:
        return names if asset.id == PIPES else None

    return columns


@rule(
    "pipe.renewal_due",
    title=N_("Pipe due for renewal, not planned"),
    explanation=N_(
        "A pipe in use is beyond the years that pipes of its kind may serve, or of a material that"
        " is to be replaced whatever its age, and no year is planned for it. Have it assessed and"
        " enter the year; how long pipes may serve can be changed in the renewal panel."
    ),
    message={
        "overdue": N_("Laid in {year}: {limit} years are its limit, {over} more have passed"),
        "outdated": N_("Outdated material: {material}"),
        "both": N_(
            "Laid in {year}: {limit} years are its limit, {over} more have passed; outdated"
            " material: {material}"
        ),
    },
    reads=Reads(_pipes(*_OF_SCORE, "replace_plan_year"), geometry=False),
)
def renewal_due(survey: Survey) -> Iterator[Findings]:
    """Find pipes that are overdue or of outdated material, by the project's rules of renewal."""
    if not survey.has(PIPES):
        return
    found = _of_survey(survey)
    overdue = found.state == BEYOND
    outdated = (found.values[OUTDATED] == 1) & (found.state != ABANDONED)
    planned = found.features.numbers("replace_plan_year") >= found.on.year
    rows = np.flatnonzero((overdue | outdated) & ~planned)
    case = np.where(overdue & outdated, "both", np.where(overdue, "overdue", "outdated"))
    materials = _material_words(found.features, survey.project.catalogue, rows)
    yield found.features.found(
        rows,
        case=case[rows].astype(object),
        year=_whole_array(found.year[rows]),
        over=_whole_array(found.over[rows]),
        limit=_whole_array(found.limit[rows]),
        material=materials,
    )


@rule(
    "pipe.year_unknown",
    title=N_("Year of a pipe unknown"),
    explanation=N_(
        "Pipes of this kind may serve a limited number of years, and nobody knows since when this"
        " one does. It is counted as unknown, never as in order. Look for it in the archive of the"
        " owner; houses and roads of the same time help to estimate it."
    ),
    message=N_("Laid nobody knows when; pipes of its kind may serve {limit} years"),
    reads=Reads(_pipes(*_OF_SCORE), geometry=False),
)
def year_unknown(survey: Survey) -> Iterator[Findings]:
    """Find pipes in use of which the year is not known or cannot be, where there is a limit."""
    if not survey.has(PIPES):
        return
    found = _of_survey(survey)
    rows = np.flatnonzero(found.state == NO_YEAR)
    yield found.features.found(rows, limit=_whole_array(found.limit[rows]))


def _whole_array(values: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.nan_to_num(values).astype(np.int64)


def _of_survey(survey: Survey) -> Candidates:
    project = survey.project
    rules = read_rules(project.info(FACT))
    return scored(survey.features(PIPES), rules, project.catalogue, dt.date.today())


def _material_words(
    features: Features, known: Catalogue, rows: NDArray[np.intp]
) -> NDArray[np.object_]:
    """Return the finest name that is known of each material, shape (k,)."""
    details = features.texts("material_detail").objects(rows)
    rough = features.texts("material").objects(rows)
    finer, coarse = known.codes("material_detail"), known.codes("pipe_material")
    words = [
        finer.label_of(str(detail)) if detail else coarse.label_of(str(other or UNKNOWN))
        for detail, other in zip(details, rough, strict=True)
    ]
    result = np.empty(len(rows), object)
    result[:] = words
    return result


def pipe_words(found: Candidates, known: Catalogue, rows: Sequence[int]) -> dict[str, list[Any]]:
    """Return what lists say of some pipes: names, kinds and materials in words, by column."""
    features, at = found.features, np.asarray(rows, np.intp)
    kinds = known.codes("pipe_kind")
    told: dict[str, list[Any]] = {
        name: features.objects(name, at).tolist() for name in ("pipe_no", "road_name", "owner_name")
    }
    ends = zip(features.objects("start_no", at), features.objects("end_no", at), strict=True)
    told["ends"] = [f"{a or '?'}–{b or '?'}" if a or b else None for a, b in ends]
    told["kind"] = [
        kinds.label_of(str(value)) if value else None for value in features.objects("kind", at)
    ]
    told["material"] = _material_words(features, known, at).tolist()
    for name in ("diameter_mm", "replace_plan_year"):
        told[name] = _whole(features.numbers(name)[at])
    told["year"], told["over"] = _whole(found.year[at]), _whole(found.over[at])
    told["leaks"] = _whole(found.values[LEAKS][at])
    told["faults"] = _whole(found.values[FAULTS][at])
    told["outdated"] = [bool(value == 1) for value in found.values[OUTDATED][at]]
    told["score"] = [round(float(value), 1) for value in found.score[at]]
    told["m"] = [round(float(value) * 1000, 1) for value in found.km[at]]
    return told


def sort_keys(found: Candidates, name: str) -> NDArray[np.float64]:
    """Return what pipes are sorted by in a column of `pipe_words`, shape (n,); NaN: unknown."""
    numbers = {
        "score": found.score,
        "m": found.km,
        "year": found.year,
        "over": found.over,
        **found.values,
    }
    if name in numbers:
        return numbers[name]
    if name in ("diameter_mm", "replace_plan_year"):
        return found.features.numbers(name)
    column = found.features.texts("start_no" if name == "ends" else name)
    ranks = np.empty(len(column.values) + 1)
    ranks[-1] = np.nan
    ranks[np.argsort(column.values.astype(str))] = np.arange(len(column.values))
    return np.asarray(ranks[column.codes])


def _whole(values: NDArray[np.float64]) -> list[int | None]:
    return [None if np.isnan(value) else int(value) for value in values]
