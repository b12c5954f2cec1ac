"""QGIS's attribute table on one layer, with the Python of the system that QGIS belongs to.

``/usr/bin/python3 benchmarks/qgis_table.py PROJECT LAYER PROFILE WIDTH HEIGHT``; started by
`benchmarks.table`, needs nothing of hjgis. `QgsDualView` is what the window of the attribute table
shows: all features, until the model has them and the first rows are painted.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis import core, gui
from qgis.PyQt.QtWidgets import QTableView


def resident_mb() -> float:
    """Return the memory that this process has now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def main() -> None:
    """Open the table, and say what it took as JSON in the last line."""
    project, name, profile, width, height = sys.argv[1:]
    core.QgsApplication.setPrefixPath("/usr", True)
    application = core.QgsApplication([], True, profile)
    application.initQgis()
    layer = core.QgsVectorLayer(f"{project}|layername={name}", name, "ogr")
    assert layer.isValid(), name
    core.QgsProject.instance().addMapLayer(layer)
    canvas = gui.QgsMapCanvas()
    before, started, cpu = resident_mb(), time.perf_counter(), time.process_time()
    view = gui.QgsDualView()
    view.resize(int(width), int(height))
    view.init(layer, canvas, core.QgsFeatureRequest())
    view.setView(gui.QgsDualView.AttributeTable)
    view.show()
    application.processEvents()
    table = view.findChild(QTableView)
    table.viewport().repaint()
    facts = {
        "open_s": round(time.perf_counter() - started, 2),
        "open": round(time.process_time() - cpu, 2),
        "rows": table.model().rowCount(),
        "memory": round(resident_mb() - before, 1),
        "version": core.Qgis.QGIS_VERSION,
    }
    print(json.dumps(facts, ensure_ascii=False), flush=True)
    # Taking QGIS down in order takes time and at times crashes; everything is said.
    os._exit(0)


if __name__ == "__main__":
    main()
