"""A small pipe network to edit: three manholes in a row and the two pipes between."""

from __future__ import annotations

import shapely

from hjgis.edits.add import add_feature
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey

PLACES = {
    "A": (428_000.0, 4_528_000.0),
    "B": (428_030.0, 4_528_000.0),
    "C": (428_060.0, 4_528_010.0),
}


def build(project: Project) -> dict[str, FeatureKey]:
    """Add the network by five edits; return the keys of A, B, C, AB and BC."""
    keys = {}
    for name, place in PLACES.items():
        change = add_feature(project, "manhole", shapely.Point(place), {"exp_no": name})
        project.session.apply(change)
        keys[name] = change.changes[0].key
    for first, last in ("AB", "BC"):
        line = shapely.LineString([PLACES[first], PLACES[last]])
        change = add_feature(project, "pipe_line", line, {"kind": "WS", "pipe_no": first + last})
        project.session.apply(change)
        keys[first + last] = change.changes[0].key
    return keys
