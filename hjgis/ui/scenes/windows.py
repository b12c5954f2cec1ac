"""Scenes of windows beside the main one."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtWidgets import QWidget

from hjgis.checks import runner
from hjgis.checks.rules.register import all_rules
from hjgis.edits.move import move_features
from hjgis.exchange.pictures import read_paper
from hjgis.i18n import _
from hjgis.logs import report as fault_report
from hjgis.models.changes import FeatureKey
from hjgis.models.numbering import NumberRange
from hjgis.models.operators import Operator
from hjgis.models.rule_settings import FACT as RULES
from hjgis.models.rule_settings import RuleSetting, store_settings
from hjgis.models.targets import target_register
from hjgis.models.templates import FACT, Template, set_templates, usual
from hjgis.models.themes import theme
from hjgis.paths import log_dir, sample_data
from hjgis.reports.health import versions
from hjgis.settings import Settings
from hjgis.ui.dialogs.check_rules import RuleDialog
from hjgis.ui.dialogs.crash import CrashDialog
from hjgis.ui.dialogs.cycles import CyclesDialog
from hjgis.ui.dialogs.fixing import FixDialog
from hjgis.ui.dialogs.importing.wizard import DONE, FILE, FOUND, UPDATE, ImportDialog
from hjgis.ui.dialogs.project_lists.code_dialog import CodeDialog
from hjgis.ui.dialogs.project_lists.operators_page import OperatorDialog
from hjgis.ui.dialogs.project_lists.ranges_page import RangeDialog
from hjgis.ui.dialogs.project_lists.targets_page import TargetDialog
from hjgis.ui.dialogs.settings import SettingsDialog
from hjgis.ui.dialogs.task_state import TaskStateDialog
from hjgis.ui.dialogs.templates import TemplateDialog
from hjgis.ui.photos.painted_photos import attach_painted, paint_files
from hjgis.ui.scenes.stage import USUAL_LAYER, Stage

_MOVED: Final = 6
_TASK_BY_HAND: Final = 20
_MOVED_BY_M: Final = (3.0, -4.0)
_VIEWER_SHARE: Final = 0.85
_OFFERED: Final = 1000
_BESIDE_M: Final = ((1.5, 1.0), (-30.0, 25.0), (4000.0, 9000.0))


def fault(stage: Stage) -> QWidget:
    """Show what a fault of ours looks like."""
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as error:
        text = fault_report(error, versions())
    return stage.shown(CrashDialog(text, log_dir() / "fault-1.txt", stage.window))


def health(stage: Stage) -> QWidget:
    """Show the program examining itself."""
    dialog = stage.window.helping.examine()
    stage.wait()
    return dialog


def sheet(stage: Stage) -> QWidget:
    """Show the window that makes a sheet."""
    window = stage.window.map_window()
    window.resize(window.size().boundedTo(stage.window.size()))
    stage.shown(window)
    stage.wait_while(lambda: window.busy)
    return window


def series(stage: Stage) -> QWidget:
    """Show the window that asks which sheets of a series are wanted."""
    window = stage.window.map_window()
    dialog = window.series_dialog()
    stage.shown(dialog)
    stage.wait_while(lambda: dialog.busy)
    return dialog


def themes(stage: Stage, *, of: str = "lamps") -> QWidget:
    """Show the window of themes on one of them."""
    assert stage.window.theming is not None
    editor = stage.window.theming.open_editor()
    editor.choose(theme(of))
    editor.resize(editor.size().boundedTo(stage.window.size()))
    stage.shown(editor)
    stage.wait_while(lambda: editor.busy)
    return editor


def theme_on_map(stage: Stage, *, of: str) -> QWidget:
    """Show a theme on the map."""
    assert stage.window.theming is not None
    on_map = stage.window.theming.on_map
    on_map.show(theme(of))
    stage.wait_while(lambda: on_map.busy)
    return stage.window


def settings(stage: Stage) -> QWidget:
    """Show the settings."""
    return stage.shown(SettingsDialog(Settings(), stage.window))


def handbook(stage: Stage) -> QWidget:
    """Show the handbook at its first page."""
    return stage.shown(stage.window.handbook.open())


def rules(stage: Stage) -> QWidget:
    """Show the rules of the check, one of them with another limit."""
    stage.wait()
    project = stage.space.project
    own = {"pipe.end_off_node": RuleSetting(limits={"tolerance_m": 0.05})}
    project.session.apply(store_settings(project.info(RULES), own))
    return stage.shown(stage.editing.rules_dialog())


def rule(stage: Stage, name: str = "pipe.end_off_node") -> QWidget:
    """Show the window that asks how a project wants one rule."""
    stage.wait()
    return stage.shown(RuleDialog(stage.space.project, all_rules()[name], stage.window))


def exceptions(stage: Stage) -> QWidget:
    """Show what was accepted as it is."""
    stage.wait()
    checking = stage.space.checking
    checking.run()
    stage.wait()
    report = checking.report
    assert report is not None
    chosen = [report.issues[place] for place in range(0, len(report.issues), 500)]
    checking.accept(chosen[:3], _("Checked on site: it is as it is stored"))
    checking.accept(chosen[3:5], _("Put out of use; kept for the record"))
    return stage.shown(stage.editing.show_exceptions())


def report(stage: Stage) -> QWidget:
    """Show what is asked before the report of a check is written."""
    reporting = stage.window.check_reporting
    assert reporting is not None
    return stage.shown(reporting.dialog())


def fix(stage: Stage, rule: str = "pipe.end_off_node", name: str = "end-to-node") -> QWidget:
    """Show what a fix would do to all findings of a rule."""
    report = runner.run(stage.space.project, only=[rule])
    stage.wait()
    dialog = FixDialog(stage.space, report.issues, stage.window)
    if name in [one.id for one in dialog.offered]:
        dialog.choose(name)
    return stage.shown(dialog)


# -- imports -----------------------------------------------------------------------------


def importing(stage: Stage, step: str = FOUND) -> QWidget:
    """Show a step of the wizard with the lamps that come with the sample."""
    stage.wait()
    dialog = stage.window.import_dialog()
    dialog.show()
    dialog.resize(dialog.size().boundedTo(stage.window.size()))
    _go_to(stage, dialog, step)
    stage.wait()
    return dialog


def _go_to(stage: Stage, dialog: ImportDialog, step: str) -> None:
    if step == UPDATE:
        # Only what is there already can be updated.
        _go_to(stage, dialog, DONE)
        _move_some(stage, dialog.stored_layer)
    if step != FILE:
        dialog.choose(min((sample_data() / "foreign").glob("*.shp")))
        stage.wait()
    while dialog.step != step and dialog.next.isEnabled():
        dialog.go_on()
        stage.wait()


def _move_some(stage: Stage, layer: str) -> None:
    """Let what was imported last be otherwise than in its file."""
    project = stage.space.project
    table = project.table(layer, [], geometry=False)
    keys = [FeatureKey(layer, str(uuid)) for uuid in table.uuids[-_MOVED:]]
    stage.space.apply(move_features(project, keys, *_MOVED_BY_M))


# -- lists of the project ----------------------------------------------------------------


def lists(stage: Stage, page: str) -> QWidget:
    """Show a page of the project's lists."""
    stage.wait()
    dialog = stage.editing.lists_dialog()
    dialog.tabs.setCurrentWidget(getattr(dialog, page))
    return stage.shown(dialog)


def code(stage: Stage) -> QWidget:
    """Show the window that asks for one entry of a list: the first unit."""
    project = stage.space.project
    first = project.catalogue.codes("unit").codes[0].code
    used = stage.editing.lists_dialog().units.used
    return stage.shown(CodeDialog(project, "unit", first, used, stage.window))


def operator(stage: Stage) -> QWidget:
    """Show the window that asks for an operator."""
    return stage.shown(OperatorDialog(stage.space.project, None, Operator(""), stage.window))


def number_range(stage: Stage) -> QWidget:
    """Show the window that asks for a range of numbers."""
    entry = NumberRange(stage.space.project.session.operator, 1, _OFFERED)
    return stage.shown(RangeDialog(stage.space.project, None, entry, (), stage.window))


def task_state(stage: Stage) -> QWidget:
    """Show the window that asks how far a task of the notice is: the rules and by-laws."""
    task = target_register().tasks[_TASK_BY_HAND]
    dialog = TaskStateDialog(stage.space.project, task, stage.window)
    dialog.evidence.add_files([stage.space.project.path])
    return stage.shown(dialog)


def target(stage: Stage) -> QWidget:
    """Show the window that asks for another number of a target: the lamps changed to LED."""
    changed = target_register().target("TG-07-LED")
    return stage.shown(TargetDialog(stage.space.project, changed, stage.window))


def renumber(stage: Stage) -> QWidget:
    """Show the window that numbers anew."""
    stage.select_one()
    dialog = stage.editing.renumber_dialog()
    dialog.missing_only.setChecked(False)
    return stage.shown(dialog)


def templates(stage: Stage) -> QWidget:
    """Show the list of templates with one in it."""
    stage.select_one()
    space = stage.space
    (feature,) = space.project.get_many(space.selection.keys(space.project))
    asset = space.project.asset_type(USUAL_LAYER)
    values = {name: feature.values[name] for name in usual(asset, feature.values)}
    named = Template(str(feature.values.get("road_name") or USUAL_LAYER), USUAL_LAYER, values)
    space.apply(set_templates(space.project.info(FACT), [named]))
    return stage.shown(stage.editing.show_templates())


def template(stage: Stage) -> QWidget:
    """Show the window that makes a template."""
    stage.select_one()
    space = stage.space
    (feature,) = space.project.get_many(space.selection.keys(space.project))
    asset = space.project.asset_type(USUAL_LAYER)
    return stage.shown(TemplateDialog(space.project, asset, feature.values, stage.window))


# -- records and photos ------------------------------------------------------------------


def record(stage: Stage) -> QWidget:
    """Show the window that asks for a record of one manhole."""
    stage.select_one()
    return stage.shown(stage.inspecting.record_dialog())


def cycles(stage: Stage) -> QWidget:
    """Show how often assets are inspected."""
    return stage.shown(CyclesDialog(stage.space.project, stage.window))


def photos(stage: Stage, *, large: bool) -> QWidget:
    """Show painted pictures of a manhole: its form, or the viewer."""
    stage.select_one()
    stage.wait()
    photographs, space = stage.photographs, stage.space
    (key,) = space.selection.keys(space.project)
    attach_painted(space, key, stage.folder)
    photographs.strip.list.setCurrentRow(1)
    stage.wait()
    photographs.scroll_to_strip()
    stage.wait()
    if not large:
        return stage.window
    viewer = photographs.show_viewer(key)
    viewer.resize(viewer.maximumSize().boundedTo(stage.window.size()) * _VIEWER_SHARE)
    stage.wait()
    return viewer


def match(stage: Stage) -> QWidget:
    """Show which assets are proposed for photos: one near, one farther, one of nowhere near."""
    stage.select_one()
    space = stage.space
    (feature,) = space.project.get_many(space.selection.keys(space.project))
    assert feature.geometry is not None
    x, y = feature.geometry.centroid.coords[0][:2]
    papers = [
        replace(read_paper(path, space.project.crs), place=(x + dx, y + dy))
        for path, (dx, dy) in zip(paint_files(stage.folder), _BESIDE_M, strict=True)
    ]
    dialog = stage.photographs.show_match()
    dialog.add(papers)
    return stage.shown(dialog)
