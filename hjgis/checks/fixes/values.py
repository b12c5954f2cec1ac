"""Fixes of values: gaps that can be filled, codes, units, signs for "not measured"."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from hjgis.checks.by_place import computed, near_road, new_id, of_cell
from hjgis.checks.fixes.register import Bench, Fault, Partly, fix, limit
from hjgis.checks.pipe_facts import PLACEHOLDER
from hjgis.checks.rules.register import limits_of
from hjgis.edits.numbering import FIELD as ID
from hjgis.errors import EditRefused
from hjgis.i18n import N_, _, label, listed
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, CodeList, Field, Value
from hjgis.models.changes import Feature, FeatureKey
from hjgis.models.issues import Issue
from hjgis.models.validation import BadValue, coerce, display, is_missing, problem

_ROAD: Final = "road_name"
_REMARKS: Final = "remarks"
# So many findings say what the others are like.
_ASKED: Final = 200
_UNITS: Final = (("responsible_unit", "owner_name"), ("managing_unit", "maintainer_name"))


@fix(
    "attribute.required",
    name="fill-in",
    title=N_("Fill in what follows from the rest"),
    explanation=N_(
        "Values are filled in that follow from others: lengths and areas, grid and sheet by the"
        " place, community by the grid, the name of the nearest road, point numbers and levels by"
        " the nodes, and what the catalogue gives to every new feature. What nothing says stays"
        " empty and is named."
    ),
    safe=True,
)
def fill_in(bench: Bench, fault: Fault) -> None:
    """Fill in the empty fields of a feature as far as they follow from something."""
    feature = bench.feature(fault)
    asset = bench.draft.asset_type(feature.key.layer)
    names = [name for name in fault.facts["fields"] if is_missing(feature.values.get(name))]
    found: dict[str, Value] = {}
    for name in names:
        value = _following(bench, feature.with_values(**found), asset.field(name))
        if not is_missing(value):
            found[name] = value
    if not found:
        raise EditRefused(
            _("Nothing says what belongs there: {fields}").format(fields=_labels(asset, names))
        )
    bench.set(fault, **found)
    left = [name for name in names if name not in found]
    if left:
        words = _("{filled} filled in; nothing says what belongs into {fields}")
        raise Partly(words.format(filled=_labels(asset, list(found)), fields=_labels(asset, left)))


def _following(bench: Bench, feature: Feature, field: Field) -> Value:
    """Return what belongs into a field; None if nothing says so."""
    if field.name == ID:
        return new_id(bench, feature)[0]
    if field.computed is not None:
        return computed(bench, feature, field)
    if field.name == _ROAD:
        return near_road(bench, feature)[0]
    if field.name in ("community_code", "community_name"):
        return of_cell(bench, feature, field.name)
    return field.default


@fix(
    "manhole.responsible_missing",
    name="units-from-owner",
    title=N_("Take owner and maintainer"),
    explanation=N_(
        "The owner becomes the responsible unit (责任主体), the maintainer the managing unit"
        " (管理主体), where these are known and the others are not. Usually it is so; who disputes"
        " a cover must be asked."
    ),
)
def units_from_owner(bench: Bench, fault: Fault) -> None:
    """Fill in responsible and managing unit by owner and maintainer."""
    feature = bench.feature(fault)
    asset = bench.draft.asset_type(feature.key.layer)
    asked = [(name, source) for name, source in _UNITS if name in fault.facts["fields"]]
    found: dict[str, Value] = {}
    for name, source in asked:
        value = feature.values.get(source)
        if not is_missing(value):
            found[name] = coerce(asset.field(name), value, bench.catalogue)
    if not found:
        words = _("Nobody is named there either: {fields}")
        sources = [source for _name, source in asked]
        raise EditRefused(words.format(fields=_labels(asset, sources)))
    bench.set(fault, **found)
    left = [source for name, source in asked if name not in found]
    if left:
        words = _("Nobody is named there either: {fields}")
        raise Partly(words.format(fields=_labels(asset, left)))


# -- codes -------------------------------------------------------------------------------


@fix(
    "attribute.code",
    name="code-by-name",
    title=N_("Take the code that is spelled like it"),
    explanation=N_(
        "The value becomes the code whose name, other name or pinyin it is, or the one whose name"
        " is most like it. Where two are about as like, or none is, nothing is done."
    ),
)
def code_by_name(bench: Bench, fault: Fault) -> None:
    """Give a coded field the code that its value seems to mean."""
    field, value = _at_fault(bench, fault)
    codes = bench.catalogue.codes(field.codes or "")
    try:
        code = coerce(field, value, bench.catalogue)
    except BadValue:
        code = None
    bench.set(fault, **{field.name: code or _most_like(str(value), codes)})


def _most_like(text: str, codes: CodeList) -> str:
    """Return the code with the name most like a text."""
    ranked = []
    for entry in codes.offered:
        names = (entry.code, *entry.label.values(), *entry.aliases)
        ratio = max(difflib.SequenceMatcher(None, text, name).ratio() for name in names)
        ranked.append((ratio, entry.code))
    ranked.sort(reverse=True)
    best, *others = ranked or [(0.0, "")]
    if best[0] < float(limit("spelling_ratio")):
        words = _("No code is spelled like {value}: choose one.")
        raise EditRefused(words.format(value=text))
    if others and others[0][0] == best[0]:
        words = _("{value} may be {one} or {other}: choose one.")
        names = (codes.label_of(best[1]), codes.label_of(others[0][1]))
        raise EditRefused(words.format(value=text, one=names[0], other=names[1]))
    return best[1]


def _codes_to_choose(project: Project, issues: Sequence[Issue]) -> list[tuple[Value, str]]:
    """Return the codes of the field at fault; none if several fields are."""
    found = _wrong(project, issues, "code")
    lists = {(field.name, field.codes or "") for _feature, field in found}
    if len(lists) != 1:
        return []
    codes = project.catalogue.codes(lists.pop()[1])
    return [(entry.code, label(entry.label)) for entry in codes.offered]


@fix(
    "attribute.code",
    name="code-chosen",
    title=N_("Put a code that I choose"),
    explanation=N_(
        "All findings get the code that is chosen here, so they must be of one field: filter the"
        " list first. The old value is not kept; it stands in the history."
    ),
    choices=_codes_to_choose,
)
def code_chosen(bench: Bench, fault: Fault) -> None:
    """Give a coded field the code that was chosen."""
    field, _value = _at_fault(bench, fault)
    if not isinstance(bench.answer, str):
        raise EditRefused(_("The findings are of several fields: take those of one."))
    if problem(field, bench.answer, bench.catalogue) is not None:
        words = _("{value} is no code of {field}.")
        raise EditRefused(words.format(value=bench.answer, field=label(field.label)))
    bench.set(fault, **{field.name: bench.answer})


@fix(
    "attribute.parent",
    name="parent-by-code",
    title=N_("Correct the field above it"),
    explanation=N_(
        "The finer code is taken for right, and the coarser field gets the one code that it belongs"
        " under. Where it belongs under several, nothing is done."
    ),
)
def parent_by_code(bench: Bench, fault: Fault) -> None:
    """Give the field above a code the one that the code belongs under."""
    field, value = _at_fault(bench, fault)
    entry = bench.catalogue.codes(field.codes or "").get(value)
    if entry is None or len(entry.of) != 1 or field.codes_by is None:
        raise EditRefused(_("The code belongs under several others: choose one."))
    bench.set(fault, **{field.codes_by: entry.of[0]})


@fix(
    "attribute.code",
    "attribute.parent",
    "attribute.range",
    "attribute.placeholder",
    "date.impossible",
    "date.in_future",
    name="to-remarks",
    title=N_("Empty the field, keep the value in the remarks"),
    explanation=N_(
        "The value goes into the remarks with the name of its field, and the field becomes empty: a"
        " gap for the field survey instead of a wrong value on the map and in the totals."
    ),
    safe=True,
)
def to_remarks(bench: Bench, fault: Fault) -> None:
    """Move a wrong value into the remarks."""
    field, value = _at_fault(bench, fault)
    feature = bench.feature(fault)
    asset = bench.draft.asset_type(feature.key.layer)
    if not asset.has(_REMARKS) or field.name == _REMARKS:
        raise EditRefused(_("This kind has no remarks."))
    said = _("{field}: {value}").format(
        field=label(field.label), value=display(field, value, bench.catalogue)
    )
    known = feature.values.get(_REMARKS)
    remarks = said if is_missing(known) else f"{known}; {said}"
    wrong = problem(asset.field(_REMARKS), remarks, bench.catalogue)
    if wrong:
        raise EditRefused(_("The remarks would be {problem}").format(problem=wrong))
    bench.set(fault, **{field.name: None, _REMARKS: remarks})


# -- numbers -----------------------------------------------------------------------------


def _factors(project: Project, issues: Sequence[Issue]) -> list[tuple[Value, str]]:
    """Return the factors, the one that puts most values right first."""
    counts: Counter[float] = Counter()
    factors = [float(factor) for factor in limit("unit_factors")]
    for feature, field in _wrong(project, issues, "number", "integer"):
        value = feature.values.get(field.name)
        if isinstance(value, int | float):
            counts.update(f for f in factors if _fits(project, field, value * f))
    factors.sort(key=lambda factor: -counts[factor])
    words = _("× {factor:g} ({count} fit)")
    return [(factor, words.format(factor=factor, count=counts[factor])) for factor in factors]


@fix(
    "attribute.range",
    name="other-unit",
    title=N_("Correct the unit"),
    explanation=N_(
        "The value is multiplied, as where metres were written for millimetres (0.3 for 300). Only"
        " values that are plausible afterwards are changed; choose the factor and look at them."
    ),
    choices=_factors,
)
def other_unit(bench: Bench, fault: Fault) -> None:
    """Multiply a value by the factor that was chosen."""
    field, value = _at_fault(bench, fault)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise EditRefused(_("{value} is not a number").format(value=value))
    if isinstance(bench.answer, bool) or not isinstance(bench.answer, int | float):
        raise EditRefused(_("Choose by what the values are multiplied."))
    new: float = round(float(value) * float(bench.answer), 6)
    if field.type == "integer":
        new = round(new)
    said = problem(field, new, bench.catalogue)
    if said is not None or new == value:
        words = _("{value:g} would be {problem}")
        raise EditRefused(words.format(value=new, problem=said or _("the same")))
    bench.set(fault, **{field.name: new})


@fix(
    "attribute.placeholder",
    "attribute.range",
    name="not-measured",
    title=N_("Empty what stands for “not measured”"),
    explanation=N_(
        "Numbers such as -999, 9999 or 0, which survey programs write where nothing was measured,"
        " become an empty field. Other values stay as they are."
    ),
    safe=True,
)
def not_measured(bench: Bench, fault: Fault) -> None:
    """Empty a field that holds a sign for "not measured"."""
    field, value = _at_fault(bench, fault)
    if isinstance(value, bool) or value not in limits_of(PLACEHOLDER)["values"]:
        words = _("{value} is none of the usual signs for a missing value.")
        raise EditRefused(words.format(value=value))
    bench.set(fault, **{field.name: None})


@fix(
    "attribute.range",
    name="read-number",
    title=N_("Read the text as a number"),
    explanation=N_(
        "A number that was stored as text, with its unit or in wide digits (DN300, ３００mm), is"
        " read and stored as a number in the field's unit."
    ),
    safe=True,
)
def read_number(bench: Bench, fault: Fault) -> None:
    """Read a text in a field of numbers."""
    field, value = _at_fault(bench, fault)
    if field.type not in ("number", "integer") or not isinstance(value, str):
        raise EditRefused(_("It is no text in a field of numbers."))
    try:
        new = coerce(field, value, bench.catalogue)
    except BadValue as error:
        raise EditRefused(str(error)) from error
    said = problem(field, new, bench.catalogue)
    if said is not None:
        raise EditRefused(_("{value:g} would be {problem}").format(value=new, problem=said))
    bench.set(fault, **{field.name: new})


# -- what is wrong -----------------------------------------------------------------------


def _at_fault(bench: Bench, fault: Fault) -> tuple[Field, Value]:
    """Return the field at fault and what it holds by now."""
    feature = bench.feature(fault)
    field = bench.draft.asset_type(feature.key.layer).field(fault.facts["field"])
    return field, feature.values.get(field.name)


def _wrong(
    project: Project, issues: Sequence[Issue], *types: str
) -> Iterator[tuple[Feature, Field]]:
    """Yield fields of some of the features at fault whose values do not fit."""
    some = [issue for issue in issues if issue.uuid][:_ASKED]
    keys = [FeatureKey(issue.layer, str(issue.uuid)) for issue in some]
    for feature in project.known(keys).values():
        for field in project.asset_type(feature.key.layer).fields:
            value = feature.values.get(field.name)
            if field.type in types and problem(field, value, project.catalogue) is not None:
                yield feature, field


def _fits(project: Project, field: Field, value: float) -> bool:
    return problem(field, value, project.catalogue) is None


def _labels(asset: AssetType, names: Sequence[str]) -> str:
    return listed(label(asset.field(name).label) for name in names)
