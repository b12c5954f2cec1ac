"""Scenes of windows that ask for features, with an example in each."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from hjgis.models.queries import new_query
from hjgis.models.query import Condition, Location, Query
from hjgis.models.sentences import sentence
from hjgis.models.statistics import Dimension, Measure
from hjgis.ui.dialogs.query.choosing import ChoosingDialog
from hjgis.ui.dialogs.query.saved_dialog import PropertiesDialog
from hjgis.ui.scenes.stage import USUAL_LAYER, Stage

_NEAR_M: Final = 50.0
_DEEP_M: Final = 2.0
_NEAR: Final = Location("near", Query("pipe_line", (Condition("kind", "=", "WS"),)), _NEAR_M)
_DEEP: Final = Query(USUAL_LAYER, (Condition("well_depth_m", ">", _DEEP_M), _NEAR))


def query(stage: Stage) -> QWidget:
    """Show the window that selects by conditions."""
    dialog = stage.querying.sentence_dialog()
    dialog.show_query(_DEEP)
    return _counted(stage, dialog)


def location(stage: Stage) -> QWidget:
    """Show the window that selects by location."""
    dialog = stage.querying.location_dialog()
    dialog.show_place(_NEAR)
    return _counted(stage, dialog)


def _counted(stage: Stage, dialog: ChoosingDialog) -> QWidget:
    dialog.show()
    stage.wait_while(lambda: dialog.counting.busy)
    return dialog


def table_filter(stage: Stage) -> QWidget:
    """Show the window that asks for the filter of the table."""
    return stage.shown(stage.querying.filter_dialog(Query(USUAL_LAYER, _DEEP.conditions[:1])))


def saved(stage: Stage) -> QWidget:
    """Show the list of saved queries with one in it."""
    project = stage.space.project
    words = sentence(Query(USUAL_LAYER, _DEEP.parts[:1]), project.types, project.catalogue)
    stage.querying.keep(new_query(words, _DEEP))
    stage.querying.show_saved()
    return stage.shown(stage.querying.saved_dialog())


def saving(stage: Stage) -> QWidget:
    """Show the window that asks for a query's name."""
    return stage.shown(PropertiesDialog(new_query("", _DEEP), stage.window))


def statistics(stage: Stage) -> QWidget:
    """Show the window of statistics."""
    dialog = stage.querying.statistics_dialog()
    dialog.show()
    by = (Dimension("road_name"), Dimension("material"))
    dialog.panel.show_question("pipe_line", by, Measure("length"))
    stage.wait_while(lambda: dialog.panel.busy)
    return dialog
