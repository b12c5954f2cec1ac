"""QGIS's fastest honest ways to five checks, with the Python of the system that QGIS belongs to.

``/usr/bin/python3 benchmarks/qgis_checks.py PROJECT REQUIRED RUNS PROFILE``; started by
`benchmarks.checks`, needs nothing of hjgis. REQUIRED is JSON: layer to fields that must be filled
in. What users click takes 8 to 10 times as long as these.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis import core

TOLERANCE_M = 0.05
_WITHOUT_FIELDS = core.QgsFeatureRequest().setNoAttributes()


def nulls(layers: dict, required: dict) -> int:
    """Count gaps by filters that become SQL, a field each."""
    found = 0
    for name, fields in required.items():
        for field in fields:
            asked = core.QgsFeatureRequest().setFilterExpression(f'"{field}" IS NULL')
            asked.setFlags(core.QgsFeatureRequest.NoGeometry).setNoAttributes()
            found += sum(1 for _ in layers[name].getFeatures(asked))
    return found


def nulls_sql(connection: object, required: dict) -> int:
    """Count gaps by one SQL a layer."""
    found = 0
    for name, fields in required.items():
        sums = ", ".join(f'sum("{field}" IS NULL)' for field in fields)
        found += sum(value or 0 for value in connection.executeSql(f"SELECT {sums} FROM {name}")[0])
    return found


def duplicates(connection: object) -> int:
    """Count ids that stand twice."""
    sql = (
        'SELECT "component_id", count(*) FROM manhole WHERE "component_id" IS NOT NULL'
        " GROUP BY 1 HAVING count(*) > 1"
    )
    return len(connection.executeSql(sql))


def invalid(layer: core.QgsVectorLayer) -> int:
    """Count shapes that are not valid."""
    layer.selectByExpression("not is_valid($geometry)")
    found = layer.selectedFeatureCount()
    layer.removeSelection()
    return found


def dangling(nodes: core.QgsVectorLayer, lines: core.QgsVectorLayer) -> int:
    """Count line ends with no node near; a pipe that names none lies on one all the same."""
    index = core.QgsSpatialIndexKDBush(nodes)
    found = 0
    for feature in lines.getFeatures(_WITHOUT_FIELDS):
        line = feature.geometry().constGet()
        for end in (line.startPoint(), line.endPoint()):
            if not index.within(core.QgsPointXY(end.x(), end.y()), TOLERANCE_M):
                found += 1
    return found


def best(ways: list[Callable[[], int]], runs: int) -> dict:
    """Return the quickest way's middle time, and what it found."""
    results = []
    for way in ways:
        way()
        times, found = [], 0
        for _ in range(runs):
            started = time.perf_counter()
            found = way()
            times.append(time.perf_counter() - started)
        results.append({"s": round(statistics.median(times), 3), "found": found})
    return min(results, key=lambda result: result["s"])


def main() -> None:
    """Do the five checks and say what they took as JSON in the last line."""
    project, required, runs, profile = sys.argv[1:]
    fields = json.loads(required)
    core.QgsApplication.setPrefixPath("/usr", True)
    application = core.QgsApplication([], True, profile)
    application.initQgis()
    layers = {
        name: core.QgsVectorLayer(f"{project}|layername={name}", name, "ogr") for name in fields
    }
    assert all(layer.isValid() for layer in layers.values())
    provider = core.QgsProviderRegistry.instance().providerMetadata("ogr")
    connection = provider.createConnection(project, {})
    bays, pipes, nodes = layers["parking_bay"], layers["pipe_line"], layers["manhole"]
    count = int(runs)
    facts = {
        "null": best([lambda: nulls(layers, fields), lambda: nulls_sql(connection, fields)], count),
        "duplicate": best([lambda: duplicates(connection)], count),
        "invalid_bays": best([lambda: invalid(bays)], count),
        "invalid_pipes": best([lambda: invalid(pipes)], count),
        "dangling": best([lambda: dangling(nodes, pipes)], count),
        "version": core.Qgis.QGIS_VERSION,
    }
    status = Path("/proc/self/status").read_text().splitlines()
    facts["peak_mb"] = int(next(x for x in status if x.startswith("VmHWM")).split()[1]) // 1024
    print(json.dumps(facts, ensure_ascii=False), flush=True)
    # Taking QGIS down in order takes time and at times crashes; everything is said.
    os._exit(0)


if __name__ == "__main__":
    main()
