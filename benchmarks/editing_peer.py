"""The same edits by QGIS, with the Python of the system that QGIS belongs to.

``/usr/bin/python3 benchmarks/editing_peer.py FILE.gpkg RESULT.json RUNS``; started by
`benchmarks.editing`, needs nothing of hjgis.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis import core


def layer_of(path: str, name: str) -> core.QgsVectorLayer:
    """Open a layer."""
    layer = core.QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    assert layer.isValid(), name
    return layer


def timed(layer: core.QgsVectorLayer, edit) -> float:
    """Return the milliseconds of one editing session with one edit in it."""
    started = time.perf_counter()
    layer.startEditing()
    edit()
    assert layer.commitChanges(), layer.commitErrors()
    return (time.perf_counter() - started) * 1000


def median(times: list) -> float:
    """Return the middle of all but the first."""
    return round(statistics.median(times[1:]), 2)


def main() -> None:
    """Measure."""
    path, result, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
    application = core.QgsApplication([], False)
    application.initQgis()
    nodes, pipes = layer_of(path, "manhole"), layer_of(path, "pipe_line")
    fids = sorted(nodes.allFeatureIds())
    remarks = nodes.fields().indexOf("remarks")

    def moved(fid: int) -> None:
        geometry = nodes.getFeature(fid).geometry()
        geometry.translate(0.5, 0.5)
        nodes.changeGeometry(fid, geometry)

    def move_many(first: int, count: int) -> None:
        for fid in fids[first : first + count]:
            moved(fid)

    def add_many() -> None:
        features = []
        for number in range(1000):
            feature = core.QgsFeature(nodes.fields())
            point = core.QgsPointXY(420000 + number, 0)
            feature.setGeometry(core.QgsGeometry.fromPointXY(point))
            features.append(feature)
        nodes.addFeatures(features)

    def set_many(first: int) -> None:
        for fid in fids[first : first + 10000]:
            nodes.changeAttributeValue(fid, remarks, "巡查")

    def split(fid: int) -> None:
        line = pipes.getFeature(fid).geometry().asPolyline()
        a, b = line[0], line[-1]
        middle = core.QgsPointXY(a.x() + 0.4 * (b.x() - a.x()), a.y() + 0.4 * (b.y() - a.y()))
        new = core.QgsFeature(pipes.fields())
        new.setGeometry(core.QgsGeometry.fromPolylineXY([middle, b]))
        pipes.changeGeometry(fid, core.QgsGeometry.fromPolylineXY([a, middle]))
        pipes.addFeature(new)

    def merge(one: int, other: int) -> None:
        first, second = (pipes.getFeature(fid).geometry() for fid in (one, other))
        pipes.changeGeometry(one, first.combine(second).mergeLines())
        pipes.deleteFeature(other)

    several = range(runs + 1)
    lines = sorted(pipes.allFeatureIds())
    facts = {
        "move": median(
            [timed(nodes, lambda i=i: moved(fids[37 * i + 5])) for i in range(20 * runs + 1)]
        ),
        "add_many": median([timed(nodes, add_many) for _ in several]),
        "move_many": median([timed(nodes, lambda i=i: move_many(2000 * i, 1000)) for i in several]),
        "set_many": median([timed(nodes, lambda i=i: set_many(1500 * i)) for i in several]),
        "move_10000": median(
            [timed(nodes, lambda i=i: move_many(3000 * i, 10000)) for i in several]
        ),
        "split": median(
            [timed(pipes, lambda i=i: split(lines[53 * i + 7])) for i in range(10 * runs + 1)]
        ),
        "merge": median(
            [
                timed(pipes, lambda i=i: merge(lines[53 * i + 20], lines[53 * i + 21]))
                for i in range(10 * runs + 1)
            ]
        ),
        "delete_many": median(
            [
                timed(nodes, lambda i=i: nodes.deleteFeatures(fids[50000 + 1000 * i :][:1000]))
                for i in several
            ]
        ),
    }
    Path(result).write_text(json.dumps(facts), "utf-8")
    # Taking QGIS down in order ends in a crash of its own in some versions.
    os._exit(0)


if __name__ == "__main__":
    main()
