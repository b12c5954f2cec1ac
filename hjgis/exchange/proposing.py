"""Which kind the records of a foreign layer probably are, told by its columns, shapes and name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hjgis.exchange.mapping import columns_for
from hjgis.exchange.sources import LayerSummary
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType

# What fits every kind, and nothing, as a proposal.
REFERENCE: Final = "*"
# One column that fits may be chance.
_SURE_COLUMNS: Final = 2


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a kind suits a layer: `reason` says why it cannot take the records."""

    asset: AssetType
    columns: int
    reason: str = ""


def best_of(fits: Sequence[Fit], name: str) -> str:
    """Return the kind that fits clearly best; a tie is decided by the layer's name or not at all.

    Where no kind knows a column, a new reference layer; nothing where the user must choose.
    """
    most = max((fit.columns for fit in fits), default=0)
    if not most:
        return REFERENCE
    equal = [fit.asset for fit in fits if fit.columns == most]
    # A kind that few projects have must fit better than those that all have, or be named.
    best = [asset for asset in equal if not asset.optional] or equal
    named = [asset for asset in equal if _is_named(asset, name)]
    if not named and len(equal) == len(fits) > 1:
        # What fits every kind, such as the date of a photo, tells nothing.
        return REFERENCE
    chosen = best if len(best) == 1 else named
    return chosen[0].id if len(chosen) == 1 else ""


def families(kinds: str) -> set[str]:
    """Return the kinds of shapes of a layer without telling several parts from one."""
    named = (kind for kind in kinds.split(", ") if kind not in ("", "None"))
    return {kind.removeprefix("Multi") for kind in named}


def sure_kind(project: Project, layer: LayerSummary) -> str | None:
    """Return the kind that a layer's records are without a doubt; None if there is one.

    The shapes must all be of its sort, and half of the columns, two at least, be known to it, or
    its name stand in that of the layer.
    """
    kinds = (*project.map_types.values(), *project.more_kinds)
    shapes = families(layer.geometry)
    fits = [
        Fit(asset, len(columns_for(asset, layer.columns)))
        for asset in kinds
        if asset.id in project.shipped.types and shapes == {asset.geometry.removeprefix("Multi")}
    ]
    best = best_of(fits, layer.name)
    fit = next((fit for fit in fits if fit.asset.id == best), None)
    if fit is None:
        return None
    telling = fit.columns >= _SURE_COLUMNS and 2 * fit.columns >= len(layer.columns)
    return best if telling or _is_named(fit.asset, layer.name) else None


def _is_named(asset: AssetType, name: str) -> bool:
    """Whether the name of a layer says what its records are."""
    words = (asset.id, *asset.label.values())
    return any(word.casefold() in name.casefold() for word in words)
