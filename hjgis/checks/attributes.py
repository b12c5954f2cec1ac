"""Attribute checks: is every value there, and is it one that its field can take."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.rules import Reads, rule
from hjgis.checks.survey import Survey, findings, is_gap, numbers
from hjgis.i18n import N_, _
from hjgis.models.assets import AssetType, Catalogue, Field
from hjgis.models.issues import Finding
from hjgis.models.reading import LayerTable
from hjgis.models.unknown import FIELD
from hjgis.models.validation import problem

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
    unknown = [FIELD] if asset.has(FIELD) else []
    return tuple(dict.fromkeys([*(field.name for field in fields), *conditions, *unknown]))


def applies(table: LayerTable, field: Field) -> NDArray[np.bool_]:
    """Say in which features a field has a meaning, shape (n,)."""
    if field.when is None:
        return np.ones(len(table.fids), dtype=bool)
    held = [value in field.when.values for value in table.columns[field.when.field].tolist()]
    return np.asarray(np.array(held, dtype=bool) != field.when.negated)


def gaps(table: LayerTable, field: Field) -> NDArray[np.bool_]:
    """Say which features lack a field, shape (n,): it has a meaning, and nobody said 不详 to it."""
    found = is_gap(table.columns[field.name]) & applies(table, field)
    for row in np.flatnonzero(found) if FIELD in table.columns else ():
        said = table.columns[FIELD][row]
        if isinstance(said, str) and field.name in said.split():
            found[row] = False
    return found


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
    reads=Reads(asked_names),
    limits=("reported_elsewhere",),
)
def required(survey: Survey) -> Iterator[Finding]:
    """Find required fields that hold nothing, less those that another rule reports."""
    for asset in survey.layers:
        elsewhere = survey.limits["reported_elsewhere"].get(asset.id, ())
        names = [name for name in required_names(asset) if name not in elsewhere]
        yield from _gaps(survey.table(asset.id), asset, names)


@rule(
    "attribute.code",
    title=N_("Value not in its code list"),
    explanation=N_(
        "A coded field holds a value that its list does not have, as other programs may write."
        " Choose a value of the list; unknown (不详) is one of them where it makes sense."
    ),
    message=N_("{field}: {problem}"),
    reads=Reads(_listed),
)
def code(survey: Survey) -> Iterator[Finding]:
    """Find coded fields with a value that is not in their list, unless the list is open."""
    import pandas

    catalogue = survey.project.catalogue
    for asset in survey.layers:
        table = survey.table(asset.id)
        for name in _listed(asset):
            field, values = asset.field(name), table.columns[name]
            codes = catalogue.codes(field.codes or "")
            if codes.open:
                continue
            known = pandas.Series(values, dtype=object).isin([entry.code for entry in codes.codes])
            suspects = np.flatnonzero(~known.to_numpy() & ~is_gap(values))
            yield from _problems(table, field, suspects, catalogue)


@rule(
    "attribute.parent",
    title=N_("Code that does not fit the one above it"),
    explanation=N_(
        "Two coded fields contradict each other, such as an element code of a water pipe on a sewer"
        ", or asbestos cement under polyvinyl chloride. One of them is wrong: choose it anew; the"
        " list of the finer one offers what fits."
    ),
    message=N_("{field}: {problem}"),
    reads=Reads(_cascading),
)
def parent(survey: Survey) -> Iterator[Finding]:
    """Find codes that belong under others than the one that is stored above them."""
    for asset in survey.layers:
        for field in asset.fields:
            if field.codes_by is not None:
                yield from _misplaced(survey, asset, field)


def _misplaced(survey: Survey, asset: AssetType, field: Field) -> Iterator[Finding]:
    table, catalogue = survey.table(asset.id), survey.project.catalogue
    above = field.codes_by or ""
    codes = catalogue.codes(field.codes or "")
    parents = catalogue.codes(asset.field(above).codes or "")
    pairs = [*zip(table.columns[field.name], table.columns[above], strict=True)]
    # Of a million rows, few pairs are different ones.
    said = {
        pair: problem(field, pair[0], catalogue, {above: pair[1] or None})
        for pair in set(pairs)
        # What is in no list is told for that; nothing can be said of what belongs under it.
        if codes.get(pair[0]) is not None and parents.get(pair[1]) is not None
    }
    wrong = {pair: words for pair, words in said.items() if words}
    rows = [row for row, pair in enumerate(pairs) if pair in wrong] if wrong else []
    facts: Iterable[Mapping[str, object]] = (
        {"field": field.name, "problem": wrong[pairs[row]]} for row in rows
    )
    return findings(table, np.array(rows, dtype=np.intp), facts)


@rule(
    "attribute.range",
    title=N_("Implausible value"),
    explanation=N_(
        "A number lies outside the range that is plausible for its field, is no number at all, or"
        " a text is longer than its field. Often the unit is wrong (300 or 0.3) or a missing value"
        " was written as 0, 9999 or -999: correct it, or empty the field."
    ),
    message=N_("{field} {value}: {problem}"),
    reads=Reads(_limited),
)
def value_range(survey: Survey) -> Iterator[Finding]:
    """Find numbers out of the range of their field, and texts longer than their field."""
    catalogue = survey.project.catalogue
    for asset in survey.layers:
        table = survey.table(asset.id)
        for name in _limited(asset):
            field = asset.field(name)
            suspects = np.flatnonzero(_out_of_limits(field, table.columns[name]))
            yield from _problems(table, field, suspects, catalogue)


@rule(
    "manhole.responsible_missing",
    title=N_("Manhole without responsible or managing unit"),
    explanation=N_(
        "Task 16 of the notice: who is in charge answers for it, who uses it looks after it. Every"
        " manhole needs a responsible unit (责任主体) and a managing unit (管理主体); where none"
        " can be found, the government names one by the manhole's use. Fill both in."
    ),
    message=N_("Nobody is named as {fields}"),
    reads=Reads(lambda asset: _RESPONSIBLE if asset.id == _MANHOLE else None),
)
def responsible_missing(survey: Survey) -> Iterator[Finding]:
    """Find manholes that lack the responsible or the managing unit."""
    return _gaps(survey.table(_MANHOLE), survey.project.asset_type(_MANHOLE), _RESPONSIBLE)


def _gaps(table: LayerTable, asset: AssetType, names: Sequence[str]) -> Iterator[Finding]:
    """Yield one finding for each feature that lacks any of the fields, naming them all."""
    if not names or not len(table.fids):
        return iter(())
    lacking = np.column_stack([gaps(table, asset.field(name)) for name in names])
    rows = np.flatnonzero(lacking.any(axis=1))
    facts: Iterable[Mapping[str, object]] = (
        {"fields": tuple(name for name, gap in zip(names, row, strict=True) if gap)}
        for row in lacking[rows].tolist()
    )
    return findings(table, rows, facts)


def _out_of_limits(field: Field, values: NDArray[np.object_]) -> NDArray[np.bool_]:
    if field.type not in _NUMBERS:
        limit = field.max_length or 0
        lengths = [len(value) if isinstance(value, str) else 0 for value in values]
        return np.array(lengths, dtype=np.int64) > limit
    given = numbers(values)
    low, high = field.range or (None, None)
    below = given < (-np.inf if low is None else low)
    above = given > (np.inf if high is None else high)
    return below | above | (np.isnan(given) & ~is_gap(values))


def _problems(
    table: LayerTable, field: Field, rows: NDArray[np.intp], catalogue: Catalogue
) -> Iterator[Finding]:
    """Yield findings in the words of the one validation engine."""
    values = table.columns[field.name][rows]
    facts: Iterable[Mapping[str, object]] = (
        {"field": field.name, "value": value, "problem": _words(field, value, catalogue)}
        for value in values.tolist()
    )
    return findings(table, rows, facts)


def _words(field: Field, value: object, catalogue: Catalogue) -> str:
    if field.type in _NUMBERS and not isinstance(value, int | float):
        return _("{value} is not a number").format(value=value)
    said = problem(field, value, catalogue)  # type: ignore[arg-type]
    assert said is not None, (field.name, value)
    return said
