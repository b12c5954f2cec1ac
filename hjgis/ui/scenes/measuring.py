"""Scenes of completeness and renewal."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from hjgis.checks.gaps import ROAD
from hjgis.ui.scenes.stage import USUAL_LAYER, Stage


def completeness(stage: Stage) -> QWidget:
    """Show all layers, and the grid coloured."""
    panel = stage.measuring.completeness
    stage.window.do("completeness")
    panel.map.setChecked(True)
    return stage.window


def by_road(stage: Stage) -> QWidget:
    """Show one layer by roads, with its trend."""
    panel = stage.measuring.completeness
    stage.window.do("completeness")
    panel.choose(USUAL_LAYER, ROAD)
    panel.trend.setChecked(True)
    return stage.window


def renewal(stage: Stage, page: str = "") -> QWidget:
    """Show pipes to be renewed and colour them; `page` is the number of another page."""
    panel = stage.measuring.renewal
    stage.window.do("renewal")
    panel.map.setChecked(True)
    stage.wait()
    if page:
        panel.what.setCurrentIndex(panel.what.findData(int(page)))
    return stage.window


def rules(stage: Stage) -> QWidget:
    """Show what the score is made of."""
    return stage.shown(stage.measuring.rules_dialog())
