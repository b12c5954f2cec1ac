"""Checks for things recorded twice that do not lie in exactly the same place."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import places
from hjgis.checks.naming import names
from hjgis.checks.pairs import nearest_others
from hjgis.checks.rules.register import Reads, Scope, limits_of, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.naming import name_fields


def _near_kinds(asset: AssetType) -> tuple[str, ...] | None:
    return name_fields(asset) if asset.id in limits_of("duplicate.near")["tolerances_m"] else None


def _named_kinds(asset: AssetType) -> tuple[str, ...] | None:
    fields = limits_of("duplicate.same_name")["fields"]
    if asset.id not in fields:
        return None
    return tuple(dict.fromkeys((fields[asset.id], *name_fields(asset))))


def _name_keys(asset: AssetType) -> tuple[str, ...]:
    return (_named_kinds(asset) or ())[:1]


@rule(
    "duplicate.near",
    title=N_("Very near another of its kind"),
    explanation=N_(
        "Two points of one kind lie so near one another that two such things cannot stand there,"
        " but not in the same place. Usually one was surveyed twice, or comes from two sources."
        " Look at both; merge them or delete one, or say that both exist (exception)."
    ),
    message=N_("{distance_m:.2f} m from {other}"),
    reads=Reads(_near_kinds, Scope.NEIGHBOURS, reach="reach_m"),
    limits=("reach_m", "copy_m", "tolerances_m"),
)
def near(survey: Survey) -> Iterator[Findings]:
    """Find points of a kind nearer than its tolerance; copies in one place are another rule's."""
    for asset in survey.layers:
        tolerance_m = survey.limits["tolerances_m"].get(asset.id)
        if tolerance_m is not None and asset.geometry == "Point":
            features = survey.features(asset.id)
            within = min(tolerance_m, survey.limits["reach_m"])
            copy_m = survey.limits["copy_m"]
            rows, other, distance = nearest_others(features.xy, within, copy_m=copy_m)
            yield features.found(rows, other=names(features, other), distance_m=distance)


@rule(
    "duplicate.same_name",
    title=N_("Same name or number nearby"),
    explanation=N_(
        "Two of a kind have the same name or number and lie near one another: usually the same one"
        " recorded twice, or copied and not renamed. Merge them, or name one of them anew."
    ),
    message=N_("{field} “{value}” also at {distance_m:.0f} m ({other})"),
    reads=Reads(_named_kinds, Scope.GROUP, keys=_name_keys),
    limits=("copy_m", "within_m", "most_alike", "fields"),
)
def same_name(survey: Survey) -> Iterator[Findings]:
    """Find features of one name within a distance; names that many have name nothing."""
    for asset in survey.layers:
        name = survey.limits["fields"].get(asset.id)
        if name is None:
            continue
        features = survey.features(asset.id)
        column = features.texts(name)
        count = np.append(np.bincount(column.codes[column.codes >= 0],
                                      minlength=len(column.values)), 0)  # fmt: skip
        shared = (count > 1) & (count <= survey.limits["most_alike"])
        rows = np.flatnonzero(shared[column.codes] & ~features.nowhere)
        first, second = _alike(column.codes[rows])
        first, second = rows[first], rows[second]
        spots = np.full((len(features), 2), np.nan)
        spots[rows] = places(features.geometry[rows])
        apart = np.hypot(*(spots[first] - spots[second]).T)
        # Copies in one place are another rule's.
        other_place = apart > survey.limits["copy_m"]
        near_by = np.flatnonzero(other_place & (apart <= survey.limits["within_m"]))
        nearest = near_by[np.lexsort((apart[near_by], first[near_by]))]
        own, at = np.unique(first[nearest], return_index=True)
        chosen = nearest[at]
        yield features.found(
            own,
            field=name,
            value=column.objects(own),
            other=names(features, second[chosen]),
            distance_m=apart[chosen],
        )


def _alike(codes: NDArray[np.int32]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return all ordered pairs of positions with the same code."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    start = np.searchsorted(ordered, ordered, side="left")
    count = np.searchsorted(ordered, ordered, side="right") - start
    left = np.repeat(np.arange(len(order)), count)
    into = np.arange(len(left)) - np.repeat(np.cumsum(count) - count, count)
    right = np.repeat(start, count) + into
    different = left != right
    return order[left[different]], order[right[different]]
