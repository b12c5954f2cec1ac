"""Identity checks: does every component have an id of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.checks.features import Features
from hjgis.checks.naming import names
from hjgis.checks.rules.register import Reads, Scope, rule
from hjgis.checks.survey import Survey
from hjgis.i18n import N_
from hjgis.models.assets import AssetType
from hjgis.models.issues import Findings
from hjgis.models.naming import name_fields
from hjgis.models.reading import Coded

if TYPE_CHECKING:
    import pandas

_ID: Final = "component_id"


def _with_id(asset: AssetType) -> tuple[str, ...] | None:
    return (_ID, *name_fields(asset)) if asset.has(_ID) else None


def _keys(_asset: AssetType) -> tuple[str, ...]:
    return (_ID,)


@rule(
    "identity.component_id_duplicate",
    title=N_("Component id given twice"),
    explanation=N_(
        "Two or more components carry the same id, in one layer or in several. An id is one"
        " component's for good and is never reused: find out whose it is and number the others"
        " anew, or delete the one that was recorded twice."
    ),
    message=N_("{value} is also the id of {layer} {other} ({count} in all)"),
    reads=Reads(_with_id, Scope.GROUP, keys=_keys, geometry=False, repeats=True),
)
def component_id_duplicate(survey: Survey) -> Iterator[Findings]:
    """Find component ids that more than one feature carries, over all layers."""
    layers = survey.repeating(_ID)
    twins = _twins(layers)
    groups = twins.groupby("value", sort=False)
    twins["count"] = groups["uuid"].transform("size")
    # The next of its group names a twin, and the first that of the last: nobody names itself.
    for column in ("name", "said"):
        following = groups[column].shift(-1)
        twins[f"other_{column}"] = following.where(
            following.notna(), groups[column].transform("first")
        )
    for number, features in enumerate(layers):
        own = twins[twins["layer"] == number]
        yield features.found(
            own["row"].to_numpy(dtype=np.intp),
            value=own["value"].to_numpy(dtype=object),
            layer=own["other_name"].to_numpy(dtype=object),
            other=own["other_said"].to_numpy(dtype=object),
            count=own["count"].to_numpy(dtype=np.int64),
        )


def _twins(layers: Sequence[Features]) -> pandas.DataFrame:
    """Return features whose id others have, by id, layer and uuid, each with what it is called."""
    import pandas

    codes, different = _numbered([features.texts(_ID) for features in layers])
    count = sum(np.bincount(own[own >= 0], minlength=len(different)) for own in codes)
    often = np.append(np.asarray(count) > 1, False)
    parts = [
        pandas.DataFrame({"row": np.flatnonzero(often[own]), "code": own[often[own]], "layer": i})
        for i, own in enumerate(codes)
    ]
    twins = pandas.concat([*parts, pandas.DataFrame({"row": [], "code": [], "layer": []})])
    twins["value"] = np.asarray(different, dtype=object)[twins["code"].astype(int)]
    places = zip(twins["layer"].astype(int), twins["row"].astype(int), strict=True)
    twins["uuid"] = [layers[layer].uuids[row] for layer, row in places]
    twins["name"] = [layers[int(number)].layer for number in twins["layer"]]
    twins["said"] = ""
    for number, features in enumerate(layers):
        mine = twins["layer"] == number
        rows = twins.loc[mine, "row"].to_numpy(dtype=np.intp)
        twins.loc[mine, "said"] = names(features, rows, without=_ID)
    return twins.sort_values(["value", "name", "uuid"], ignore_index=True)


def _numbered(held: Sequence[Coded]) -> tuple[list[NDArray[np.int64]], NDArray[np.object_]]:
    """Return the ids of each layer as numbers, -1 for one that nothing else has, and the ids."""
    import pandas

    shared = _in_several(held)
    values = [column.values[_suspects(column, shared)] for column in held]
    # Of each different id of a layer once; how often a layer has it says its codes.
    known, different = pandas.factorize(np.concatenate([np.empty(0, object), *values]))
    codes, start = [], 0
    for ids, some in zip(held, values, strict=True):
        numbers = np.full(len(ids.values) + 1, -1)
        numbers[:-1][_suspects(ids, shared)] = known[start : start + len(some)]
        codes.append(numbers[ids.codes])
        start += len(some)
    return codes, different


def _in_several(held: Sequence[Coded]) -> frozenset[Any]:
    """Return the values that more than one column holds."""
    known: set[Any] = set()
    shared: set[Any] = set()
    # The longest comes last: it is looked through, and need not be kept.
    *others, longest = sorted((column.values.tolist() for column in held), key=len) or [[]]
    for values in others:
        shared.update(known.intersection(values))
        known.update(values)
    return frozenset(shared.union(known.intersection(longest)))


def _suspects(column: Coded, shared: Collection[Any]) -> NDArray[np.bool_]:
    """Say of which values of a column there may be more than one, here and elsewhere."""
    twice = np.bincount(column.codes[column.codes >= 0], minlength=len(column.values)) > 1
    if shared:
        twice |= np.fromiter(map(shared.__contains__, column.values), bool, len(column.values))
    return np.asarray(twice)
