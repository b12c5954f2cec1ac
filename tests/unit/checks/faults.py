"""Makes features with faults in a real project, and asks what a check finds."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.checks import runner
from hjgis.layers import geometry_blob
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import BulkInsert, Change, ChangeSet, Feature, FeatureKey, new_uuid
from hjgis.models.issues import Issue

X, Y = 428_000.0, 4_528_000.0
BOW_TIE = shapely.Polygon([(X, Y), (X + 10, Y + 10), (X + 10, Y), (X, Y + 10)])


def at(east_m: float = 0.0, north_m: float = 0.0) -> shapely.Point:
    return shapely.Point(X + east_m, Y + north_m)


def line(*places: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString([(X + east, Y + north) for east, north in places])


def square(east_m: float, north_m: float, side_m: float) -> shapely.Polygon:
    return shapely.box(X + east_m, Y + north_m, X + east_m + side_m, Y + north_m + side_m)


def add(project: Project, layer: str, geometry: BaseGeometry | None, **values: Value) -> str:
    """Store a feature with nothing but these values, and return its uuid."""
    asset = project.asset_type(layer)
    if isinstance(geometry, shapely.Polygon) and asset.geometry == "MultiPolygon":
        geometry = shapely.MultiPolygon([geometry])
    empty = dict.fromkeys(asset.field_names)
    feature = Feature(FeatureKey(layer, new_uuid()), geometry, {**empty, **values})
    project.session.apply(ChangeSet("edit.add", (Change(None, feature),)))
    return feature.key.uuid


def add_many(
    project: Project, layer: str, places: Sequence[BaseGeometry], **values: Sequence[Value]
) -> None:
    """Store many features at once."""
    geometry = np.empty(len(places), dtype=object)
    geometry[:] = places
    project.session.apply(ChangeSet("import", bulk=(BulkInsert(layer, geometry, values),)))


def foreign(project: Project, sql: str, *values: object) -> None:
    """Write to the open project as another program does, past our own checks."""
    foreign_all(project, [(sql, values)])


def foreign_all(project: Project, statements: Iterable[tuple[str, Sequence[object]]]) -> None:
    """Write all of this in one go."""
    connection = sqlite3.connect(project.path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    geometry_blob.register_functions(connection)
    connection.execute("BEGIN IMMEDIATE")
    for sql, values in statements:
        connection.execute(sql, values)
    connection.execute("COMMIT")
    connection.close()


def issues(project: Project, rule: str) -> tuple[Issue, ...]:
    report = runner.run(project, only=[rule], measured=False)
    assert not report.failed
    return tuple(report.issues)


def found(project: Project, rule: str) -> set[str | None]:
    return {issue.uuid for issue in issues(project, rule)}


def pipe(project: Project, start: tuple[float, float], end: tuple[float, float]) -> dict[str, str]:
    """Two manholes and a pipe from one to the other, drawn from `start` to `end`."""
    a = add(project, "manhole", at(), exp_no="A")
    b = add(project, "manhole", at(50), exp_no="B")
    ends = {"from_node": a, "to_node": b, "start_no": "A", "end_no": "B"}
    return {"a": a, "b": b, "pipe": add(project, "pipe_line", line(start, end), **ends)}


STRAIGHT = ((0.0, 0.0), (50.0, 0.0))
# Makes something in a project, and returns the uuids that the rule must find.
Example = Callable[[Project], set[str | None]]
