"""A hand on the map: events at map coordinates, and on tools without a canvas."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from hjgis.edits.arrange import lock
from hjgis.layers.texts import LabelTexts
from hjgis.ui.map.canvas import MapCanvas
from hjgis.ui.tools.base import MapMouse, Tool
from hjgis.ui.workspace import Workspace

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def pixel(canvas: MapCanvas, place: tuple[float, float]) -> QPoint:
    """Return the window pixel of a place on the map."""
    x, y = canvas.frame.to_device(np.array([place]))[0]
    return QPoint(round(float(x)), round(float(y)))


def lock_layer(workspace: Workspace, layer: str) -> None:
    """Lock a layer as the layer list does."""
    project = workspace.project
    workspace.apply(lock(project.arrangement, project.asset_type(layer), locked=True))


def click(
    qtbot: QtBot,
    canvas: MapCanvas,
    place: tuple[float, float],
    *,
    button: Qt.MouseButton = LEFT,
) -> None:
    """Click a place on the map."""
    qtbot.mouseClick(canvas, button, pos=pixel(canvas, place))


def drag(qtbot: QtBot, canvas: MapCanvas, *places: tuple[float, float]) -> None:
    """Press at the first place, go over the others, let go at the last."""
    qtbot.mousePress(canvas, LEFT, pos=pixel(canvas, places[0]))
    for place in places[1:]:
        qtbot.mouseMove(canvas, pixel(canvas, place))
    qtbot.mouseRelease(canvas, LEFT, pos=pixel(canvas, places[-1]))


def at(
    x: float,
    y: float,
    *,
    button: Qt.MouseButton = LEFT,
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> MapMouse:
    """Return the mouse at a place, at 0.1 m to the pixel."""
    return MapMouse(x, y, (x * 10, -y * 10), 0.1, 378.0, button, modifiers)


def clicks(tool: Tool, *places: tuple[float, float]) -> None:
    """Click places one after the other with a tool."""
    for place in places:
        tool.move(at(*place))
        tool.press(at(*place))
        tool.release(at(*place))


def labels(workspace: Workspace, layer: str) -> list[str]:
    """Return the labels of all features of a layer, as the map would write them."""
    held = workspace.layers[layer]
    fids = np.concatenate([part.present().fids for part in held.columns.parts])
    texts = LabelTexts(workspace.project.reader)
    try:
        return texts.of(held.columns, held.style, fids)
    finally:
        texts.close()
