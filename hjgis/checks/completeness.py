"""How much of what is required is filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hjgis.checks.features import Features
from hjgis.checks.rules.attributes import asked_names, missing_doubts, required_names
from hjgis.checks.rules.register import Reads
from hjgis.layers.project import Project
from hjgis.models.assets import Field
from hjgis.models.changes import Extent

READS = Reads(
    lambda asset: asked_names(asset) if asset.kind == "asset" else None,
    geometry=False,
    doubts=missing_doubts,
)


@dataclass(frozen=True, slots=True)
class Completeness:
    """Shares of filled-in values, 0 to 1; None where there are no features.

    Attributes
    ----------
    features : int
    fields : mapping of str to float or None
        Required field to share.
    overall : float or None
        Of all the values that are required.
    asked : int
        How many those are.
    """

    features: int
    fields: Mapping[str, float | None]
    overall: float | None
    asked: int

    def to_json(self) -> dict[str, Any]:
        """Return what scripts rely on."""
        return {"features": self.features, "fields": dict(self.fields), "overall": self.overall}


def of_all(layers: Iterable[Completeness]) -> float | None:
    """Return the share of several layers: filled in of required, as of one; None if none is."""
    known = [layer for layer in layers if layer.overall is not None]
    asked = sum(layer.asked for layer in known)
    return sum((layer.overall or 0.0) * layer.asked for layer in known) / asked if asked else None


def of_layer(
    project: Project,
    doubtful: Features,
    *,
    whole: Callable[[Sequence[str]], Features | None],
    extent: Extent | None = None,
) -> Completeness:
    """Measure one layer; 不详 counts as filled in, and a field only where it has a meaning.

    Parameters
    ----------
    doubtful : Features
        Those in which something may be missing, with `attributes.asked_names`.
    whole : function
        Gives all features of the layer with some fields, if those are read anyway; else None.
    extent : (xmin, ymin, xmax, ymax), optional
        Only features whose box meets it, project CRS.
    """
    asset = doubtful.asset
    fields = [asset.field(name) for name in required_names(asset)]
    names = tuple(dict.fromkeys(field.when.field for field in fields if field.when))
    if names or extent is not None:
        every = whole(names) if extent is None else None
        if every is None:
            columns = project.store.columns(asset.id, names, extent=extent, geometry=False)
            every = Features(asset, columns, names)
        count, asked = len(every), [int(every.applies(field).sum()) for field in fields]
    else:
        count = project.count(asset.id)
        asked = [count] * len(fields)
    return _shares(count, fields, asked, [int(doubtful.lacking(f).sum()) for f in fields])


def _shares(
    count: int, fields: Sequence[Field], asked: Sequence[int], lacking: Sequence[int]
) -> Completeness:
    shares = {
        field.name: (all_of_them - gaps) / all_of_them if all_of_them else None
        for field, all_of_them, gaps in zip(fields, asked, lacking, strict=True)
    }
    overall = (sum(asked) - sum(lacking)) / sum(asked) if sum(asked) else None
    return Completeness(count, shares, overall, sum(asked))
