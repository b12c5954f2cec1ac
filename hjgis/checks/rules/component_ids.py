"""Checks of component ids: are they made as they should be, and is their number free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.naming import names
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType, Catalogue, Code, Component
from hjgis.models.identifiers import COUNTY, SERIAL_DIGITS, SYNTHETIC_SERIALS, class_prefixes
from hjgis.models.issues import Findings
from hjgis.models.naming import name_fields
from hjgis.models.reading import Coded

_ID: Final = "component_id"
_FORMER: Final = "former_ids"
_LENGTHS: Final = (16, 17)
_SERIALS: Final = 10**SERIAL_DIGITS
_WIDEST: Final = 18


def _with_id(asset: AssetType) -> tuple[str, ...] | None:
    return (_ID,) if asset.has(_ID) else None


def _with_class(asset: AssetType) -> tuple[str, ...] | None:
    if asset.component is None or not asset.has(_ID):
        return None
    return tuple(filter(None, (_ID, asset.component.codes_field)))


def _with_former(asset: AssetType) -> tuple[str, ...] | None:
    if not (asset.has(_ID) and asset.has(_FORMER)):
        return None
    return tuple(dict.fromkeys((_ID, _FORMER, *name_fields(asset))))


def numbers_of(ids: Coded) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the values of a column of ids as numbers, and how many digits each has.

    Returns
    -------
    number, digits : arrays of int64, shape (k,)
        Of each different value; digits are 0 where it is not 16 or 17 digits and nothing else.
    """
    texts = ids.values.astype(f"U{_WIDEST}")
    signs = texts.view(np.uint32).reshape(len(texts), -1) if len(texts) else np.empty((0, 1))
    is_digit = (signs >= ord("0")) & (signs <= ord("9"))
    length = (signs > 0).sum(axis=1)
    proper = np.isin(length, _LENGTHS) & (is_digit.sum(axis=1) == length)
    number = np.zeros(len(texts), np.int64)
    number[proper] = texts[proper].astype(np.int64)
    return number, np.where(proper, length, 0)


def _parsed(features: Features) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return `numbers_of` the ids of a layer, found once for all rules."""
    return features.computed(_ID, lambda: numbers_of(features.texts(_ID)))


@rule(
    "identity.component_id_form",
    title=N_("Component id of the wrong form"),
    explanation=N_(
        "A component id is 17 digits: the county, the class of the component (5 digits) and a"
        " serial number. Ids of other systems, of another county or class are not accepted when"
        " the data are handed in. Number the component anew; the old id is kept among its former"
        " ids."
    ),
    message={
        "digits": N_("{value} is not 17 digits (16 in older data)"),
        "county": N_("{value} begins with {found}, not with {county} of this county"),
        "class": N_("{value} has class {found}; this kind of component is {expected}"),
        "serial": N_("{value} has the serial number 0"),
    },
    reads=Reads(_with_class, geometry=False),
)
def component_id_form(survey: Survey) -> Iterator[Findings]:
    """Find ids whose length, county, class or serial number cannot be right."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        ids = features.texts(_ID)
        number, digits = _parsed(features)
        county = number // 10 ** np.maximum(digits - len(COUNTY), 0)
        serial = number % _SERIALS
        told = np.select(
            [digits == 0, county != int(COUNTY), serial == 0], ["digits", "county", "serial"], ""
        )
        case = np.append(told, "")[ids.codes].astype("U6")
        wrong, expected = _classes(features, survey.project.catalogue, ids, number)
        case[(case == "") & wrong] = "class"
        rows = np.flatnonzero(case != "")
        value = ids.objects(rows)
        said = zip(value.tolist(), case[rows].tolist(), strict=True)
        parts = np.array([_part(text, which) for text, which in said], dtype=object)
        yield features.found(
            rows, case=case[rows], value=value, found=parts, county=COUNTY, expected=expected[rows]
        )


def _part(text: object, case: str) -> str:
    said = str(text)
    return said[len(COUNTY) : -SERIAL_DIGITS] if case == "class" else said[: len(COUNTY)]


def _classes(
    features: Features, catalogue: Catalogue, ids: Coded, number: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.object_]]:
    """Say of which features the class in the id is not that of the kind, and what that is."""
    asset = features.asset
    assert asset.component is not None
    known = number[ids.codes] if len(ids.values) else np.zeros(len(features), np.int64)
    own = (known // _SERIALS).astype(np.int64)
    wrong = np.zeros(len(features), bool)
    expected = np.empty(len(features), dtype=object)
    if asset.component.codes_field is None:
        groups: list[tuple[Component | Code, NDArray[np.bool_]]] = [
            (asset.component, np.ones(len(features), bool))
        ]
    else:
        field = asset.field(asset.component.codes_field)
        column = features.texts(field.name)
        codes = catalogue.codes(field.codes or "").codes
        groups = [(code, column.isin({code.code})) for code in codes]
    for source, rows in groups:
        pair = [code for code in (source.class_17, source.class_16) if code]
        if not pair:
            continue
        fits = np.isin(own, [int(COUNTY + code) for code in pair])
        wrong |= rows & ~fits
        expected[rows] = pair[0]
    return wrong & ~ids.missing, expected


@rule(
    "identity.component_id_old",
    title=N_("Component id of the old form"),
    explanation=N_(
        "The id has 16 digits, as GB/T 30428.2-2013 had it. GB/T 47678.5-2026 asks for 17. Both"
        " name the same component; renumbering keeps the old id among the former ones."
    ),
    message=N_("{value} has 16 digits"),
    reads=Reads(_with_id, geometry=False),
)
def component_id_old(survey: Survey) -> Iterator[Findings]:
    """Find ids of 16 digits."""
    for asset in survey.layers:
        features = survey.features(asset.id)
        ids = features.texts(_ID)
        _number, digits = _parsed(features)
        rows = np.flatnonzero(np.append(digits == 16, False)[ids.codes])
        yield features.found(rows, value=ids.objects(rows))


@rule(
    "identity.component_id_reserved",
    title=N_("Component id of example data"),
    explanation=N_(
        "Serial numbers from 900000 are kept for example data, so that these can never be mistaken"
        " for real ones. In a project of a real town the component was copied from an example:"
        " number it anew, or delete it."
    ),
    message=N_("{value}: serial numbers from {first} are for example data"),
    reads=Reads(_with_id, geometry=False),
)
def component_id_reserved(survey: Survey) -> Iterator[Findings]:
    """Find ids with a serial number of the example data, in projects that are none."""
    if survey.project.is_sample:
        return
    for asset in survey.layers:
        features = survey.features(asset.id)
        ids = features.texts(_ID)
        number, digits = _parsed(features)
        spare = (digits > 0) & (number % _SERIALS >= SYNTHETIC_SERIALS.start)
        rows = np.flatnonzero(np.append(spare, False)[ids.codes])
        yield features.found(rows, value=ids.objects(rows), first=SYNTHETIC_SERIALS.start)


@rule(
    "identity.serial_duplicate",
    title=N_("Serial number used in both forms of the id"),
    explanation=N_(
        "One component has an id of 16 digits and another one of 17, with the same class and the"
        " same serial number: once the old id is written the new way, both have the same. Number"
        " one of them anew."
    ),
    message=N_("{value} and {other} are the same component's id in two forms"),
    reads=Reads(_with_id, Scope.LAYER, geometry=False),
)
def serial_duplicate(survey: Survey) -> Iterator[Findings]:
    """Find ids of 16 digits that are, with 17, the id of another feature of the layer."""
    catalogue = survey.project.catalogue
    for asset in survey.layers:
        features = survey.features(asset.id)
        ids = features.texts(_ID)
        number, digits = _parsed(features)
        old = np.flatnonzero(digits == 16)
        longer = _with_new_class(asset, catalogue, number[old])
        new = np.flatnonzero(digits == 17)
        twin = np.full(len(ids.values) + 1, -1)
        if len(new):
            order = new[np.argsort(number[new])]
            at = np.minimum(np.searchsorted(number[order], longer), len(order) - 1)
            same = (number[order[at]] == longer) & (longer > 0)
            twin[old[same]] = order[at[same]]
        rows = np.flatnonzero(twin[ids.codes] >= 0)
        other = ids.values[twin[ids.codes[rows]]]
        yield features.found(rows, value=ids.objects(rows), other=other)


def _with_new_class(
    asset: AssetType, catalogue: Catalogue, number: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return ids of 16 digits with the class of 17; 0 where there is none."""
    result = np.zeros(len(number), np.int64)
    head, serial = number // _SERIALS, number % _SERIALS
    county, given = head // 10_000, head % 10_000
    component = asset.component
    if component is None:
        return result
    classes = {component.class_17}
    if component.codes_field:
        codes = catalogue.codes(asset.field(component.codes_field).codes or "").codes
        classes = {code.class_17 for code in codes}
    for new in filter(None, classes):
        for old in class_prefixes(asset, catalogue, new)[1:]:
            rows = given == int(old)
            result[rows] = (county[rows] * 100_000 + int(new)) * _SERIALS + serial[rows]
    return result


@rule(
    "identity.former_id_in_use",
    title=N_("Former id of another component in use"),
    explanation=N_(
        "An id is one component's for good, even after it was numbered anew. Here another component"
        " carries an id that this one had before, so old papers and reports now point to the wrong"
        " one. Number the component that carries it now."
    ),
    message=N_("{value} was the id of this component and is now that of {layer} {other}"),
    reads=Reads(_with_former, Scope.LAYER, geometry=False),
)
def former_id_in_use(survey: Survey) -> Iterator[Findings]:
    """Find former ids that are the id of another feature, in any layer."""
    import pandas

    layers = [survey.features(asset.id) for asset in survey.layers]
    for features in layers:
        former = features.texts(_FORMER)
        rows = np.flatnonzero(~former.missing)
        if not len(rows):
            continue
        said = pandas.Series(former.objects(rows).astype(str), index=rows).str.split().explode()
        had = pandas.DataFrame({"row": said.index, "value": said.to_numpy()})
        for holders in layers:
            ids = holders.texts(_ID)
            users = np.flatnonzero(ids.isin({*had["value"]}))
            used = pandas.DataFrame({"user": users, "value": ids.objects(users)})
            both = had.merge(used, on="value")
            row, user = (both[name].to_numpy(dtype=np.intp) for name in ("row", "user"))
            both = both[features.uuids_of(row) != holders.uuids_of(user)]
            yield features.found(
                both["row"].to_numpy(dtype=np.intp),
                part=("value",),
                value=both["value"].to_numpy(dtype=object),
                layer=holders.layer,
                other=names(holders, both["user"].to_numpy(dtype=np.intp)),
            )
