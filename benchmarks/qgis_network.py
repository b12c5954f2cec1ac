"""QGIS's own graph of the pipes and the shortest ways in it, with the system's Python.

``/usr/bin/python3 benchmarks/qgis_network.py PROJECT X,Y X,Y RUNS PROFILE``; started by
`benchmarks.network`, needs nothing of hjgis.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis import analysis, core

TOLERANCE_M = 0.05


def main() -> None:
    """Build the graph and go from the one place to the other; told as JSON."""
    path, first, last, runs, profile = sys.argv[1:]
    os.environ["QGIS_CUSTOM_CONFIG_PATH"] = profile
    application = core.QgsApplication([], False, profile)
    application.initQgis()
    layer = core.QgsVectorLayer(f"{path}|layername=pipe_line", "pipes", "ogr")
    places = [core.QgsPointXY(*map(float, place.split(","))) for place in (first, last)]
    built, gone, length = [], [], 0.0
    for _run in range(int(runs)):
        started = time.process_time()
        both = analysis.QgsVectorLayerDirector.DirectionBoth
        director = analysis.QgsVectorLayerDirector(layer, -1, "", "", "", both)
        director.addStrategy(analysis.QgsNetworkDistanceStrategy())
        builder = analysis.QgsGraphBuilder(layer.crs(), False, TOLERANCE_M)
        tied = director.makeGraph(builder, places)
        graph = builder.graph()
        built.append(time.process_time() - started)
        started = time.process_time()
        start, goal = (graph.findVertex(place) for place in tied)
        _tree, costs = analysis.QgsGraphAnalyzer.dijkstra(graph, start, 0)
        length = costs[goal]
        gone.append(time.process_time() - started)
    told = {"read_cpu_s": statistics.median(built), "way_cpu_s": statistics.median(gone)}
    print(json.dumps({**told, "length_m": round(length, 2)}))


main()
