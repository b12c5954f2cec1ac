"""Checks of units: is who is named a unit that is known, and named the same everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType, Catalogue
from hjgis.models.issues import Findings

_LIST: Final = "unit"
# Fields of text that hold a unit's name, and the field of its code.
_CODES: Final = {
    "supervisor_name": "supervisor_code",
    "owner_name": "owner_code",
    "maintainer_name": "maintainer_code",
}


def _listed(asset: AssetType) -> tuple[str, ...]:
    return tuple(field.name for field in asset.fields if field.codes == _LIST)


def _named(asset: AssetType) -> tuple[str, ...]:
    return (*_listed(asset), *(name for name in _CODES if asset.has(name)))


def _with_codes(asset: AssetType) -> tuple[str, ...] | None:
    return tuple(x for pair in _pairs(asset) for x in pair) or None


def _code_keys(asset: AssetType) -> tuple[str, ...]:
    return tuple(code for _name, code in _pairs(asset))


def _pairs(asset: AssetType) -> list[tuple[str, str]]:
    return [(n, c) for n, c in _CODES.items() if asset.has(n) and asset.has(c)]


def _other_names(catalogue: Catalogue) -> Mapping[str, str]:
    """Return what a unit is also called, and the name that its list has."""
    codes = catalogue.codes(_LIST).codes
    listed = {code.code for code in codes}
    names = {alias: code.code for code in codes for alias in code.aliases}
    return {alias: code for alias, code in names.items() if alias not in listed}


@rule(
    "unit.other_name",
    title=N_("Unit under another name"),
    explanation=N_(
        "The unit is in the list under another name, or is written with blanks around it. Lists by"
        " unit and letters to it then miss these assets. Choose the name of the list."
    ),
    message=N_("{field}: “{value}” is {unit} in the list of units"),
    reads=Reads(_named, geometry=False),
)
def other_name(survey: Survey) -> Iterator[Findings]:
    """Find units that are named by an alias, or with blanks."""
    catalogue = survey.project.catalogue
    aliases = _other_names(catalogue)
    listed = {code.code for code in catalogue.codes(_LIST).codes}
    for asset in survey.layers:
        features = survey.features(asset.id)
        for name in _named(asset):
            column = features.texts(name)
            meant = np.empty(len(column.values) + 1, dtype=object)
            for code, value in enumerate(column.values.tolist()):
                plain = str(value).strip()
                unit = aliases.get(plain, plain if plain in listed else None)
                meant[code] = unit if unit != value else None
            rows = np.flatnonzero((meant != np.array(None))[column.codes])
            yield features.found(
                rows,
                part=("field",),
                field=name,
                value=column.objects(rows),
                unit=meant[column.codes[rows]],
            )


@rule(
    "unit.not_listed",
    title=N_("Unit that is not in the list"),
    explanation=N_(
        "A unit is named that the project's list of units does not have. The list is open, so this"
        " may be right; often it is a misspelling, or a name that no longer exists. If it is right,"
        " add it to the project's list (own code lists), so that everybody chooses the same name."
    ),
    message=N_("{field}: “{value}” ({count} times) is not in the list of units"),
    reads=Reads(lambda asset: _listed(asset) or None, Scope.LAYER, geometry=False),
)
def not_listed(survey: Survey) -> Iterator[Findings]:
    """Find units that no list has; one finding a unit and field, at the first that names it."""
    catalogue = survey.project.catalogue
    known = {code.code for code in catalogue.codes(_LIST).codes} | {*_other_names(catalogue)}
    for asset in survey.layers:
        features = survey.features(asset.id)
        for name in _listed(asset):
            column = features.texts(name)
            strange = column.meeting(lambda value: str(value).strip() not in known)
            held = np.flatnonzero(strange)
            codes, first, count = np.unique(
                column.codes[held], return_index=True, return_counts=True
            )
            yield features.found(
                held[first],
                part=("field", "value"),
                field=name,
                value=column.values[codes],
                count=count,
            )


@rule(
    "unit.code_of_two",
    title=N_("One unit code with several names"),
    explanation=N_(
        "A code of a unit (统一社会信用代码) belongs to one unit. Here the same code stands beside"
        " different names. Correct the name or the code; where the unit was renamed, use the new"
        " name everywhere."
    ),
    message=N_("{field} “{value}”: code {code} stands with “{usual}” elsewhere"),
    reads=Reads(_with_codes, Scope.GROUP, keys=_code_keys, geometry=False),
)
def code_of_two(survey: Survey) -> Iterator[Findings]:
    """Find names that are not the one that most features have with the same code of a unit."""
    import pandas

    parts = []
    layers = [survey.features(asset.id) for asset in survey.layers]
    for number, features in enumerate(layers):
        for name, code in _pairs(features.asset):
            rows = np.flatnonzero(~(features.missing(code) | features.missing(name)))
            if len(rows):
                pair = {"code": features.objects(code, rows), "name": features.objects(name, rows)}
                facts = {"field": name, "layer": number, "row": rows}
                parts.append(pandas.DataFrame({**pair, **facts}))
    if not parts:
        return
    held = pandas.concat(parts)
    counts = held.groupby(["code", "name"]).size().reset_index(name="count")
    counts = counts.sort_values(["code", "count", "name"], ascending=[True, False, True])
    usual = counts.drop_duplicates("code").set_index("code")["name"]
    held["usual"] = held["code"].map(usual)
    wrong = held[held["usual"] != held["name"]]
    for number, features in enumerate(layers):
        own = wrong[wrong["layer"] == number]
        yield features.found(
            own["row"].to_numpy(dtype=np.intp),
            part=("field",),
            field=own["field"].to_numpy(dtype=object),
            value=own["name"].to_numpy(dtype=object),
            code=own["code"].to_numpy(dtype=object),
            usual=own["usual"].to_numpy(dtype=object),
        )
