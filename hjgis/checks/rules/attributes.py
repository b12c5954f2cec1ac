"""Attribute checks: is every value there, and is it one that its field can take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.pipe_facts import PLACEHOLDER, placeholders
from hjgis.checks.rules.register import Reads, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_, _
from hjgis.models.assets import AssetType, Catalogue, Field
from hjgis.models.issues import Findings
from hjgis.models.reading import Doubt
from hjgis.models.unknown import FIELD as UNKNOWN
from hjgis.models.validation import display, problem

_NUMBERS: Final = ("integer", "number")
_MANHOLE: Final = "manhole"
_RESPONSIBLE: Final = ("responsible_unit", "managing_unit")


def required_names(asset: AssetType) -> tuple[str, ...]:
    """Return the fields that a kind requires, in the catalogue's order."""
    return tuple(field.name for field in asset.fields if field.required)


def asked_names(asset: AssetType) -> tuple[str, ...]:
    """Return what must be read to tell which required fields of a feature are gaps."""
    fields = [field for field in asset.fields if field.required]
    conditions = [field.when.field for field in fields if field.when]
    unknown = [UNKNOWN] if asset.has(UNKNOWN) else []
    return tuple(dict.fromkeys([*(field.name for field in fields), *conditions, *unknown]))


def missing_doubts(asset: AssetType, _catalogue: Catalogue) -> list[Doubt]:
    """Return where to look for features that lack a required field."""
    return [Doubt(name, "missing") for name in required_names(asset)]


def _unlisted_doubts(asset: AssetType, catalogue: Catalogue) -> list[Doubt]:
    lists = [(name, catalogue.codes(asset.field(name).codes or "")) for name in _listed(asset)]
    return [
        Doubt(name, "unlisted", tuple(entry.code for entry in codes.codes))
        for name, codes in lists
        if not codes.open
    ]


def _limit_doubts(asset: AssetType, _catalogue: Catalogue) -> list[Doubt]:
    fields = [asset.field(name) for name in _limited(asset)]
    return [
        Doubt(field.name, "outside", field.range or (None, None))
        if field.type in _NUMBERS
        else Doubt(field.name, "longer", (field.max_length,))
        for field in fields
    ]


def _listed(asset: AssetType) -> tuple[str, ...]:
    return tuple(field.name for field in asset.fields if field.type == "code")


def _cascading(asset: AssetType) -> tuple[str, ...]:
    fields = [field for field in asset.fields if field.codes_by]
    return tuple(dict.fromkeys(name for f in fields for name in (f.name, f.codes_by or "")))


def _limited(asset: AssetType) -> tuple[str, ...]:
    return tuple(
        field.name
        for field in asset.fields
        if field.type in _NUMBERS or (field.max_length and field.type == "text")
    )


@rule(
    "attribute.required",
    title=N_("Required field not filled in"),
    explanation=N_(
        "A field that its kind requires is empty. Unknown (不详) is an answer and counts as filled"
        " in. Fill the field in, or leave it for the field survey: drafts are allowed, and the"
        " completeness shows what is left."
    ),
    message=N_("Not filled in: {fields}"),
    reads=Reads(asked_names, geometry=False, doubts=missing_doubts),
    limits=("reported_elsewhere",),
)
def required(survey: Survey) -> Iterator[Findings]:
    """Find required fields that hold nothing, less those that another rule reports."""
    for asset in survey.layers:
        elsewhere = survey.limits["reported_elsewhere"].get(asset.id, ())
        names = [name for name in required_names(asset) if name not in elsewhere]
        yield from _gaps(survey.features(asset.id), names)


@rule(
    "attribute.code",
    title=N_("Value not in its code list"),
    explanation=N_(
        "A coded field holds a value that its list does not have, as other programs may write."
        " Choose a value of the list; unknown (不详) is one of them where it makes sense."
    ),
    message=N_("{field}: {problem}"),
    reads=Reads(_listed, geometry=False, doubts=_unlisted_doubts),
)
def code(survey: Survey) -> Iterator[Findings]:
    """Find coded fields with a value that is not in their list, unless the list is open."""
    catalogue = survey.project.catalogue
    for asset in survey.layers:
        features = survey.features(asset.id)
        for name in _listed(asset):
            field = asset.field(name)
            codes = catalogue.codes(field.codes or "")
            if codes.open:
                continue
            column = features.texts(name)
            unknown = ~column.isin({entry.code for entry in codes.codes}) & ~column.missing
            yield from _problems(features, field, np.flatnonzero(unknown), catalogue)


@rule(
    "attribute.parent",
    title=N_("Code that does not fit the one above it"),
    explanation=N_(
        "Two coded fields contradict each other, such as an element code of a water pipe on a sewer"
        ", or asbestos cement under polyvinyl chloride. One of them is wrong: choose it anew; the"
        " list of the finer one offers what fits."
    ),
    message=N_("{field}: {problem}"),
    reads=Reads(_cascading, geometry=False),
)
def parent(survey: Survey) -> Iterator[Findings]:
    """Find codes that belong under others than the one that is stored above them."""
    for asset in survey.layers:
        for field in asset.fields:
            if field.codes_by is not None:
                yield from _misplaced(survey, asset, field)


def _misplaced(survey: Survey, asset: AssetType, field: Field) -> Iterator[Findings]:
    features, catalogue = survey.features(asset.id), survey.project.catalogue
    above = field.codes_by or ""
    codes = catalogue.codes(field.codes or "")
    parents = catalogue.codes(asset.field(above).codes or "")
    fine, coarse = features.texts(field.name), features.texts(above)
    # Of a million rows, few pairs are different ones.
    pairs = fine.codes.astype(np.int64) * (len(coarse.values) + 1) + coarse.codes
    _pairs, first, which = np.unique(pairs, return_index=True, return_inverse=True)
    said = np.empty(len(first), dtype=object)
    for number, row in enumerate(first.tolist()):
        value, parent = fine.at(row), coarse.at(row)
        # What is in no list is told for that; nothing can be said of what belongs under it.
        if codes.get(value) is not None and parents.get(parent) is not None:
            said[number] = problem(field, value, catalogue, {above: parent})
    wrong = np.array([words is not None for words in said], dtype=bool)
    rows = np.flatnonzero(wrong[which])
    problems = said[which[rows]]
    yield features.found(rows, part=("field",), field=field.name, problem=problems)


@rule(
    "attribute.range",
    title=N_("Implausible value"),
    explanation=N_(
        "A number lies outside the range that is plausible for its field, is no number at all, or"
        " a text is longer than its field. Often the unit is wrong (300 or 0.3): correct it, or"
        " empty the field."
    ),
    message=N_("{field} {value}: {problem}"),
    reads=Reads(_limited, geometry=False, doubts=_limit_doubts),
    limits=("heights", "systems"),
)
def value_range(survey: Survey) -> Iterator[Findings]:
    """Find numbers out of the range of their field, and texts longer than their field.

    How high the ground is says nothing in a project of another county, in other systems.
    """
    catalogue = survey.project.catalogue
    elsewhere = survey.project.crs.text not in survey.limits["systems"]
    unjudged = survey.limits["heights"] if elsewhere else ()
    for asset in survey.layers:
        features = survey.features(asset.id)
        for name in _limited(asset):
            field = asset.field(name)
            judged = replace(field, range=None) if name in unjudged else field
            suspects = np.flatnonzero(_out_of_limits(features, judged))
            yield from _problems(features, field, suspects, catalogue)


@rule(
    PLACEHOLDER,
    title=N_("Number that stands for no number"),
    explanation=N_(
        "A field holds 0, -999, 9999 or the like where no such value can be: another program wrote"
        " it for a value that nobody measured. It would go into averages and profiles as if it"
        " were true. Empty the field; measure it where it is required."
    ),
    message=N_("{field} is {value:g}: not a value, but the lack of one"),
    reads=Reads(_limited, geometry=False, doubts=_limit_doubts),
    limits=("values",),
)
def placeholder(survey: Survey) -> Iterator[Findings]:
    """Find numbers of the list of placeholders that lie out of the range of their field."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        for field in (asset.field(name) for name in _limited(asset)):
            if field.type in _NUMBERS:
                rows = np.flatnonzero(placeholders(features, field.name))
                value = features.numbers(field.name)[rows]
                yield features.found(rows, part=("field",), field=field.name, value=value)


@rule(
    "manhole.responsible_missing",
    title=N_("Manhole without responsible or managing unit"),
    explanation=N_(
        "Task 16 of the notice: who is in charge answers for it, who uses it looks after it. Every"
        " manhole needs a responsible unit (责任主体) and a managing unit (管理主体); where none"
        " can be found, the government names one by the manhole's use. Fill both in."
    ),
    message=N_("Nobody is named as {fields}"),
    reads=Reads(
        lambda asset: (*_RESPONSIBLE, UNKNOWN) if asset.id == _MANHOLE else None,
        geometry=False,
        doubts=lambda _asset, _catalogue: [Doubt(name, "missing") for name in _RESPONSIBLE],
    ),
)
def responsible_missing(survey: Survey) -> Iterator[Findings]:
    """Find manholes that lack the responsible or the managing unit."""
    return _gaps(survey.features(_MANHOLE), _RESPONSIBLE)


def _gaps(features: Features, names: Sequence[str]) -> Iterator[Findings]:
    """Yield one finding for each feature that lacks any of the fields, naming them all."""
    if not names or not len(features):
        return
    lacking = np.column_stack([features.lacking(features.asset.field(name)) for name in names])
    rows = np.flatnonzero(lacking.any(axis=1))
    # Few combinations are different ones.
    kinds, which = np.unique(lacking[rows], axis=0, return_inverse=True)
    named = np.empty(len(kinds), dtype=object)
    for number, kind in enumerate(kinds.tolist()):
        named[number] = tuple(name for name, gap in zip(names, kind, strict=True) if gap)
    yield features.found(rows, fields=named[which.reshape(-1)])


def _out_of_limits(features: Features, field: Field) -> NDArray[np.bool_]:
    if field.type not in _NUMBERS:
        limit = field.max_length or 0
        return features.texts(field.name).meeting(lambda value: len(str(value)) > limit)
    given = features.numbers(field.name)
    low, high = field.range or (None, None)
    below = given < (-np.inf if low is None else low)
    above = given > (np.inf if high is None else high)
    wrong = (below | above) & ~placeholders(features, field.name)
    wrong[list(features.strays(field.name))] = True
    return np.asarray(wrong)


def _problems(
    features: Features, field: Field, rows: NDArray[np.intp], catalogue: Catalogue
) -> Iterator[Findings]:
    """Yield findings in the words of the one validation engine."""
    values = features.objects(field.name, rows)
    if field.type == "integer":
        # Whole numbers are held as floats; they are said as they are stored.
        values[:] = [int(v) if isinstance(v, float) and v.is_integer() else v for v in values]
    said = {value: _words(field, value, catalogue) for value in {*values.tolist()}}
    words = np.array([said[value] for value in values.tolist()], dtype=object)
    plain = {value: _plain(field, value, catalogue) for value in said}
    values[:] = [plain[value] for value in values.tolist()]
    yield features.found(rows, part=("field",), field=field.name, value=values, problem=words)


def _plain(field: Field, value: object, catalogue: Catalogue) -> object:
    """Return a value as people read it: 43.8912, not 43.891200000000005."""
    return display(field, value, catalogue) if isinstance(value, float) else value


def _words(field: Field, value: object, catalogue: Catalogue) -> str:
    if field.type in _NUMBERS and not isinstance(value, int | float):
        return _("{value} is not a number").format(value=value)
    said = problem(field, value, catalogue)  # type: ignore[arg-type]
    assert said is not None, (field.name, value)
    return said
