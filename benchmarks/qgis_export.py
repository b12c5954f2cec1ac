"""A layer written as a GBK shapefile by QGIS, with the Python of the system that QGIS belongs to.

``/usr/bin/python3 benchmarks/qgis_export.py PROJECT LAYER OUT CRS``; started by
`benchmarks.export`, needs nothing of hjgis. Says as JSON how long QGIS's own writer took, from the
open layer to the closed file, and what it told.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis import core


def main() -> None:
    """Write one layer."""
    project, layer, out, crs = sys.argv[1:]
    application = core.QgsApplication([], False)
    application.initQgis()
    there = core.QgsProject.instance()
    source = core.QgsVectorLayer(f"{project}|layername={layer}", layer, "ogr")
    if not source.isValid():
        raise SystemExit(f"{project} has no layer {layer}")
    options = core.QgsVectorFileWriter.SaveVectorOptions()
    options.driverName, options.fileEncoding, options.layerName = "ESRI Shapefile", "GBK", layer
    target = core.QgsCoordinateReferenceSystem(crs)
    options.ct = core.QgsCoordinateTransform(source.crs(), target, there)
    # GDAL's warnings go to the console, in GBK; who exports in a window never sees them.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    started, began = time.process_time(), time.perf_counter()
    code, message, *_names = core.QgsVectorFileWriter.writeAsVectorFormatV3(
        source, out, there.transformContext(), options
    )
    facts = {
        "cpu_seconds": time.process_time() - started,
        "seconds": time.perf_counter() - began,
        "memory_mb": _peak_mb(),
        "told": int(bool(code)) + len(message.splitlines()),
    }
    print(json.dumps(facts), flush=True)
    # Taking QGIS down in order takes time and at times crashes; everything is said.
    os._exit(0)


def _peak_mb() -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024


if __name__ == "__main__":
    main()
