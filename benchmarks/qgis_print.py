"""The same sheets made by QGIS layouts, with the Python of the system that QGIS belongs to.

``/usr/bin/python3 benchmarks/qgis_print.py REQUEST.json RESULT.json``; started by
`benchmarks.print`, needs nothing of hjgis. Layers, classes, colours and labels are those of
`benchmarks.qgis_peer`; the layout has map, title, legend and scale bar, PDF at 300 dpi.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import qgis_peer
from qgis import core
from qgis.PyQt.QtGui import QFont, QFontDatabase
from stopwatch import timed

MM = core.QgsUnitTypes.LayoutMillimeters


def layout(layers: list, sheet: dict) -> tuple:
    """Return a layout of A3 with what a sheet of ours has, and its map."""
    project = core.QgsProject.instance()
    made = core.QgsPrintLayout(project)
    made.initializeDefaults()
    made.pageCollection().page(0).setPageSize("A3", core.QgsLayoutItemPage.Landscape)
    box, (x, y) = sheet["map_mm"], sheet["center"]
    picture = core.QgsLayoutItemMap(made)
    picture.attemptMove(core.QgsLayoutPoint(box[0], box[1], MM))
    picture.attemptResize(core.QgsLayoutSize(box[2], box[3], MM))
    picture.setCrs(core.QgsCoordinateReferenceSystem("EPSG:4545"))
    picture.setLayers(layers)
    picture.setKeepLayerSet(True)
    half = [side * sheet["scale"] / 2000 for side in box[2:]]
    picture.setExtent(core.QgsRectangle(x - half[0], y - half[1], x + half[0], y + half[1]))
    picture.setScale(sheet["scale"])
    picture.setFrameEnabled(True)
    made.addLayoutItem(picture)
    known = QFontDatabase().families()
    font = QFont(next((name for name in qgis_peer.FONTS if name in known), ""), 22)
    title = core.QgsLayoutItemLabel(made)
    title.setText("杭锦后旗陕坝镇市政设施图")
    title.setFont(font)
    title.attemptMove(core.QgsLayoutPoint(10, 8, MM))
    title.attemptResize(core.QgsLayoutSize(400, 14, MM))
    made.addLayoutItem(title)
    legend = core.QgsLayoutItemLegend(made)
    legend.setLinkedMap(picture)
    legend.attemptMove(core.QgsLayoutPoint(box[0] + box[2] + 14, 25, MM))
    made.addLayoutItem(legend)
    bar = core.QgsLayoutItemScaleBar(made)
    bar.setLinkedMap(picture)
    bar.applyDefaultSize()
    bar.attemptMove(core.QgsLayoutPoint(box[0] + box[2] + 14, 260, MM))
    made.addLayoutItem(bar)
    made.kept = (picture, title, legend, bar)
    return made, picture


def one(request: dict, layers: list, sheet: dict) -> dict:
    """Export one sheet."""
    made, _picture = layout(layers, sheet)
    path = Path(request["folder"]) / "qgis.pdf"
    options = core.QgsLayoutExporter.PdfExportSettings()
    options.dpi = 300

    def work() -> None:
        done = core.QgsLayoutExporter(made).exportToPdf(str(path), options)
        assert done == core.QgsLayoutExporter.Success

    return timed(work, path, request["runs"])


def many(request: dict, layers: list, sheet: dict, centers: list) -> dict:
    """Export an atlas of sheets at one scale."""
    made, picture = layout(layers, sheet)
    cover = core.QgsVectorLayer("Polygon?crs=EPSG:4545&field=n:integer", "sheets", "memory")
    half = [side * sheet["scale"] / 2000 for side in sheet["map_mm"][2:]]
    features = []
    for number, (x, y) in enumerate(centers):
        feature = core.QgsFeature(cover.fields())
        feature.setAttributes([number])
        box = core.QgsRectangle(x - half[0], y - half[1], x + half[0], y + half[1])
        feature.setGeometry(core.QgsGeometry.fromRect(box))
        features.append(feature)
    cover.dataProvider().addFeatures(features)
    core.QgsProject.instance().addMapLayer(cover, False)
    atlas = made.atlas()
    atlas.setCoverageLayer(cover)
    atlas.setEnabled(True)
    atlas.setHideCoverage(True)
    picture.setAtlasDriven(True)
    picture.setAtlasScalingMode(core.QgsLayoutItemMap.Fixed)
    path = Path(request["folder"]) / "qgis-atlas.pdf"
    options = core.QgsLayoutExporter.PdfExportSettings()
    options.dpi = 300

    def work() -> None:
        done, error = core.QgsLayoutExporter.exportToPdf(atlas, str(path), options)
        assert done == core.QgsLayoutExporter.Success, error

    return timed(work, path, 1)


def main() -> None:
    """Make every sheet and series that is asked for."""
    request = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    core.QgsApplication.setPrefixPath("/usr", True)
    application = core.QgsApplication([], True, request["profile"])
    application.initQgis()
    core.QgsProject.instance().setCrs(core.QgsCoordinateReferenceSystem("EPSG:4545"))
    result: dict = {"version": core.Qgis.QGIS_VERSION}
    for name, sheet in request["sheets"].items():
        layers = [
            qgis_peer.opened(request, layer, categorised=True, labels=sheet["labels"])
            for layer in request["kinds"]
        ]
        for layer in layers:
            core.QgsProject.instance().addMapLayer(layer)
        if "centers" in sheet:
            result[name] = many(request, layers, sheet, sheet["centers"])
        else:
            result[name] = one(request, layers, sheet)
    Path(sys.argv[2]).write_text(json.dumps(result), "utf-8")
    # Taking QGIS down in order takes time and at times crashes; everything is written.
    os._exit(0)


if __name__ == "__main__":
    main()
