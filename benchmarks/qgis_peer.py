"""The same file drawn by QGIS, with the Python of the system that QGIS belongs to.

``/usr/bin/python3 benchmarks/qgis_peer.py REQUEST.json RESULT.json``; started by
`benchmarks.canvas`, needs nothing of hjgis. Symbols are of the same size and colours as ours, the
settings those of the desktop: antialiasing and simplification on.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path

STARTED = time.monotonic()
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis import core  # noqa: E402
from qgis.PyQt.QtCore import QSize  # noqa: E402
from qgis.PyQt.QtGui import QColor, QFont, QFontDatabase  # noqa: E402

JOBS = {
    "sequential": core.QgsMapRendererSequentialJob,
    "parallel": core.QgsMapRendererParallelJob,
}
# As the program looks for them.
FONTS = ("Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei")
# A run that takes longer is not repeated as often.
SLOW_S = 2.0


def symbol(layer: str, color: str) -> core.QgsSymbol:
    """Return the symbol of one class."""
    if layer == "well":
        return core.QgsMarkerSymbol.createSimple(
            {
                "name": "circle",
                "color": color,
                "size": "1.6",
                "outline_color": "#232323",
                "outline_width": "0.2",
            }
        )
    if layer == "pipe":
        return core.QgsLineSymbol.createSimple({"line_color": color, "line_width": "0.4"})
    return core.QgsFillSymbol.createSimple(
        {"color": color, "outline_color": "#606060", "outline_width": "0.2"}
    )


def opened(request: dict, layer: str, *, categorised: bool, labels: bool) -> core.QgsVectorLayer:
    """Open a layer and give it its looks."""
    result = core.QgsVectorLayer(f"{request['project']}|layername={layer}", layer, "ogr")
    assert result.isValid(), layer
    colors = request["colors"]
    if categorised:
        # The system's Python may be older than ours: no zip(strict=...).
        categories = [
            core.QgsRendererCategory(kind, symbol(layer, colors[number]), kind)
            for number, kind in enumerate(request["kinds"][layer])
        ]
        result.setRenderer(core.QgsCategorizedSymbolRenderer("kind", categories))
    else:
        result.setRenderer(core.QgsSingleSymbolRenderer(symbol(layer, colors[0])))
    if labels:
        result.setLabeling(core.QgsVectorLayerSimpleLabeling(labelling(layer)))
        result.setLabelsEnabled(True)
    return result


def labelling(layer: str) -> core.QgsPalLayerSettings:
    """Return labels of our size, without a halo: that would cost QGIS more."""
    result = core.QgsPalLayerSettings()
    if layer == "pipe":
        result.fieldName, result.isExpression = '"kind" || \' DN\' || "number"', True
        result.placement = core.QgsPalLayerSettings.Line
    else:
        result.fieldName = "code"
        around = core.QgsPalLayerSettings.AroundPoint
        result.placement = around if layer == "well" else core.QgsPalLayerSettings.OverPoint
    words = core.QgsTextFormat()
    known = QFontDatabase().families()
    words.setFont(QFont(next((name for name in FONTS if name in known), "")))
    words.setSize(7)
    result.setFormat(words)
    return result


def settings(layers: list, view: dict) -> core.QgsMapSettings:
    """Return what the desktop's canvas would ask for."""
    result = core.QgsMapSettings()
    result.setLayers(layers)
    result.setDestinationCrs(core.QgsCoordinateReferenceSystem("EPSG:4545"))
    result.setOutputSize(QSize(view["width_px"], view["height_px"]))
    result.setOutputDpi(96)
    result.setBackgroundColor(QColor("white"))
    half_x = view["width_px"] * view["m_per_px"] / 2
    half_y = view["height_px"] * view["m_per_px"] / 2
    x, y = view["centre"]
    result.setExtent(core.QgsRectangle(x - half_x, y - half_y, x + half_x, y + half_y))
    for flag in ("Antialiasing", "UseAdvancedEffects", "DrawLabeling", "UseRenderingOptimization"):
        result.setFlag(getattr(core.QgsMapSettings, flag), True)
    return result


def drawn_ms(layers: list, view: dict, job: str, save: str | None = None) -> float:
    """Draw once."""
    started = time.perf_counter()
    work = JOBS[job](settings(layers, view))
    work.start()
    work.waitForFinished()
    image = work.renderedImage()
    took = (time.perf_counter() - started) * 1000
    if save:
        image.save(save)
    return took


def measured(layers: list, view: dict, runs: int, save: str | None = None) -> dict:
    """Return the median of the job class that was the quicker one when both were tried."""
    first = {job: drawn_ms(layers, view, job) for job in JOBS}
    best = min(first, key=first.__getitem__)
    count = runs if first[best] < SLOW_S * 1000 else min(runs, 3)
    times = [drawn_ms(layers, view, best, save if run == 0 else None) for run in range(count)]
    return {"ms": round(statistics.median(times), 2), "job": best, "runs": count, "first": first}


def redraws(request: dict) -> dict:
    """Draw every layer alone and all together in every view."""
    result: dict = {"single": {}, "categorised": {}}
    names = list(request["kinds"])
    for how in result:
        for group in ([name] for name in names):
            one = [opened(request, group[0], categorised=how == "categorised", labels=False)]
            result[how][group[0]] = {
                key: measured(one, view, request["runs"])
                for key, view in request["views"].items()
                if how == "categorised" or key == "full"
            }
        # The first one lies on top, as the project has them.
        every = [opened(request, n, categorised=how == "categorised", labels=False) for n in names]
        result[how]["all"] = {
            key: measured(every, view, request["runs"], saved(request, key))
            for key, view in request["views"].items()
            if how == "categorised" or key == "full"
        }
    labelled = [opened(request, name, categorised=True, labels=True) for name in names]
    mid = request["views"]["mid"]
    result["labelled_mid"] = measured(labelled, mid, request["runs"], saved(request, "labelled"))
    return result


def first(request: dict) -> dict:
    """Open everything and draw it once: the first thing that this process does."""
    started = time.perf_counter()
    names = list(request["kinds"])
    layers = [opened(request, name, categorised=True, labels=False) for name in names]
    drawn_ms(layers, request["views"]["full"], "parallel")
    return {
        "open_and_draw_ms": round((time.perf_counter() - started) * 1000, 1),
        "process_ms": round((time.monotonic() - STARTED) * 1000, 1),
    }


def write_project(request: dict) -> dict:
    """Write the project file that the desktop opens."""
    project = core.QgsProject.instance()
    project.setCrs(core.QgsCoordinateReferenceSystem("EPSG:4545"))
    for name in request["kinds"]:
        project.addMapLayer(opened(request, name, categorised=True, labels=False))
    box = settings([], request["views"]["full"]).extent()
    project.viewSettings().setDefaultViewExtent(core.QgsReferencedRectangle(box, project.crs()))
    assert project.write(request["qgs"])
    return {"version": core.Qgis.QGIS_VERSION}


def saved(request: dict, name: str) -> str | None:
    """Return where a picture goes, to be looked at."""
    folder = request.get("pictures")
    return str(Path(folder) / f"qgis-{name}.png") if folder else None


STEPS = {"redraws": redraws, "first": first, "project": write_project}


def main() -> None:
    """Do the step that is asked for."""
    request = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    core.QgsApplication.setPrefixPath("/usr", True)
    application = core.QgsApplication([], True, request["profile"])
    application.initQgis()
    result = STEPS[request["step"]](request)
    Path(sys.argv[2]).write_text(json.dumps(result), "utf-8")
    # Taking QGIS down in order takes time and at times crashes; everything is written.
    os._exit(0)


if __name__ == "__main__":
    main()
