"""What QGIS makes of the styles in a project, with the Python of the system that it belongs to.

``/usr/bin/python3 benchmarks/qgis_styles.py REQUEST.json ANSWER.json``; needs nothing of hjgis.
The request names ``project``, ``layers`` (id to ``center``, ``scale``, ``fids``; and ``picture``,
a path, where one is wanted), ``width_px``, ``height_px`` and ``dpi``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis import core
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor, QImage, QPainter

# Large enough that the middle of a thin stroke is a whole pixel of its colour.
PX_PER_MM = 24.0
SAMPLE_PX = 320


def parts_of(symbol: core.QgsSymbol) -> list[dict]:
    """Return the colours and sizes of a symbol's layers, those inside included."""
    result = []
    for layer in symbol.symbolLayers():
        facts = {"kind": layer.layerType(), "color": hexed(layer.color())}
        if layer.layerType() in ("SimpleMarker", "SvgMarker", "FontMarker", "SimpleFill"):
            facts["fill"] = hexed(layer.fillColor())
            facts["stroke"] = hexed(layer.strokeColor())
        if layer.layerType() == "FontMarker":
            facts["text"] = layer.character()
        if layer.layerType() in ("SimpleMarker", "SvgMarker", "FontMarker"):
            facts["size"] = layer.size()
        if layer.layerType() == "SimpleLine":
            facts["width"] = layer.width()
            facts["dashes"] = list(layer.customDashVector()) if layer.useCustomDashPattern() else []
        result.append(facts)
        if layer.subSymbol() is not None and layer.layerType() != "LinePatternFill":
            result += parts_of(layer.subSymbol())
    return result


def hexed(color: QColor) -> str:
    """Return ``#rrggbb``, with two digits more where one sees through it."""
    alpha = "" if color.alpha() == 255 else f"{color.alpha():02x}"
    return color.name() + alpha


def painted(symbol: core.QgsSymbol) -> list[str]:
    """Return the colours that are in the picture of a symbol, frequent ones first."""
    image = QImage(SAMPLE_PX, SAMPLE_PX, QImage.Format_ARGB32)
    image.fill(QColor("#fffffe"))
    painter = QPainter(image)
    context = core.QgsRenderContext.fromQPainter(painter)
    context.setScaleFactor(PX_PER_MM)
    symbol.drawPreviewIcon(painter, QSize(SAMPLE_PX, SAMPLE_PX), context)
    del context
    painter.end()
    counts = {}
    for y in range(0, SAMPLE_PX, 2):
        for x in range(0, SAMPLE_PX, 2):
            color = image.pixelColor(x, y).name()
            counts[color] = counts.get(color, 0) + 1
    return sorted((c for c, n in counts.items() if n > 3), key=lambda c: -counts[c])


def classes_of(layer: core.QgsVectorLayer) -> list[dict]:
    """Return the classes of a layer's renderer in its order."""
    renderer = layer.renderer()
    if renderer.type() == "categorizedSymbol":
        # A category that is let go of takes its symbol along.
        found = [(c.value(), c.label(), c.symbol().clone()) for c in renderer.categories()]
    else:
        found = [(None, "", renderer.symbol().clone())]
    return [
        {
            "codes": value if isinstance(value, list) else [value],
            "label": label,
            "opacity": symbol.opacity(),
            "parts": parts_of(symbol),
            "painted": painted(symbol),
        }
        for value, label, symbol in found
    ]


def symbols_of(layer: core.QgsVectorLayer) -> list[core.QgsSymbol]:
    """Return the symbols of a layer's renderer."""
    renderer = layer.renderer()
    if renderer.type() == "categorizedSymbol":
        return [category.symbol().clone() for category in renderer.categories()]
    return [renderer.symbol().clone()]


def broken_expressions(layer: core.QgsVectorLayer) -> list[str]:
    """Return what QGIS does not understand among the expressions of a layer's symbols."""
    owners = symbols_of(layer)
    waiting, result = list(owners), []
    while waiting:
        for part in waiting.pop().symbolLayers():
            given = part.dataDefinedProperties()
            texts = [given.property(key).expressionString() for key in given.propertyKeys()]
            if part.layerType() == "GeometryGenerator":
                texts.append(part.geometryExpression())
            result += [t for t in texts if core.QgsExpression(t).hasParserError()]
            if part.subSymbol() is not None:
                waiting.append(part.subSymbol())
    return result


def label_texts(layer: core.QgsVectorLayer, fids: list[int]) -> dict[str, str]:
    """Return the labels of some features."""
    settings = layer.labeling().settings()
    expression = core.QgsExpression(settings.fieldName)
    context = core.QgsExpressionContext(
        core.QgsExpressionContextUtils.globalProjectLayerScopes(layer)
    )
    result = {}
    for feature in layer.getFeatures(core.QgsFeatureRequest(fids)):
        context.setFeature(feature)
        result[str(feature.id())] = expression.evaluate(context)
    return result


def labels_of(layer: core.QgsVectorLayer, fids: list[int]) -> dict | None:
    """Return how a layer is labelled."""
    if not layer.labelsEnabled():
        return None
    settings = layer.labeling().settings()
    words = settings.format()
    return {
        "texts": label_texts(layer, fids),
        "size": words.size(),
        "color": hexed(words.color()),
        "halo": hexed(words.buffer().color()) if words.buffer().enabled() else None,
        "halo_mm": words.buffer().size(),
        "limit": settings.minimumScale if settings.scaleVisibility else None,
    }


def draw(layer: core.QgsVectorLayer, wanted: dict, request: dict) -> None:
    """Draw a layer as its style says."""
    settings = core.QgsMapSettings()
    size = QSize(request["width_px"], request["height_px"])
    settings.setOutputSize(size)
    settings.setOutputDpi(request["dpi"])
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setBackgroundColor(QColor("#ffffff"))
    settings.setFlag(core.QgsMapSettings.Antialiasing)
    m_per_px = wanted["scale"] * 0.0254 / request["dpi"]
    (x, y), half_w = wanted["center"], size.width() * m_per_px / 2
    half_h = size.height() * m_per_px / 2
    settings.setExtent(core.QgsRectangle(x - half_w, y - half_h, x + half_w, y + half_h))
    # As the desktop does, so that expressions know the scale.
    context = core.QgsExpressionContext()
    context.appendScope(core.QgsExpressionContextUtils.globalScope())
    context.appendScope(core.QgsExpressionContextUtils.mapSettingsScope(settings))
    settings.setExpressionContext(context)
    job = core.QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(wanted["picture"])


def facts_of(name: str, wanted: dict, request: dict) -> dict:
    """Return what QGIS makes of one layer; draw it if a picture is wanted."""
    layer = core.QgsVectorLayer(f"{request['project']}|layername={name}", name, "ogr")
    if wanted.get("picture"):
        draw(layer, wanted, request)
    fields = layer.fields()
    return {
        "valid": layer.isValid(),
        "aliases": {field.name(): field.alias() for field in fields},
        "lists": {
            field.name(): [
                [code, title]
                for pair in layer.editorWidgetSetup(i).config().get("map", [])
                for title, code in pair.items()
            ]
            for i, field in enumerate(fields)
            if layer.editorWidgetSetup(i).type() == "ValueMap"
        },
        "limit": layer.minimumScale() if layer.hasScaleBasedVisibility() else None,
        "classes": classes_of(layer) if layer.renderer() else [],
        "labels": labels_of(layer, wanted["fids"]) if layer.renderer() else None,
        "broken": broken_expressions(layer) if layer.renderer() else [],
    }


def main() -> None:
    """Answer one request."""
    request = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    application = core.QgsApplication([], False)
    application.initQgis()
    answer = {"version": core.Qgis.QGIS_VERSION, "layers": {}}
    for name, wanted in request["layers"].items():
        answer["layers"][name] = facts_of(name, wanted, request)
    Path(sys.argv[2]).write_text(json.dumps(answer, ensure_ascii=False), "utf-8")
    application.exitQgis()


if __name__ == "__main__":
    main()
