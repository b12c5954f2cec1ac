"""What can be seen in the program, by name: the one table of `hjgis screenshot`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtWidgets import QWidget

from hjgis.errors import UsageError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.ui.dialogs.importing.wizard import DONE, FIELDS, FILE, FOUND, TARGET, TRIAL, UPDATE
from hjgis.ui.scenes import asking, deliveries, measuring, network, panels, table, windows
from hjgis.ui.scenes.stage import USUAL_LAYER, Stage

START: Final = "start"
_FORM: Final = "form-"


@dataclass(frozen=True, slots=True)
class Scene:
    """How a screen is brought up.

    Attributes
    ----------
    bring_up : callable
        Returns the widget to grab.
    stores : bool
        Whether what the picture shows is stored for it; then it is stored in a copy.
    of : str
        Of which layer it shows a feature; without any there is no such picture.
    """

    bring_up: Callable[[Stage], QWidget]
    stores: bool = False
    of: str = ""


SCENES: Final[dict[str, Scene]] = {
    "main": Scene(panels.plain),
    START: Scene(panels.plain),
    "form": Scene(panels.form),
    "table": Scene(panels.table),
    "table-groups": Scene(panels.groups),
    "table-calculator": Scene(table.calculator, of=USUAL_LAYER),
    "table-paste": Scene(table.paste, of=USUAL_LAYER),
    "table-replace": Scene(table.replace, of=USUAL_LAYER),
    "table-batch": Scene(table.batch, of=USUAL_LAYER),
    "table-columns": Scene(table.columns),
    "table-export": Scene(table.export),
    "table-filter": Scene(asking.table_filter),
    "menu-edit": Scene(partial(panels.menu, title="Edit")),
    "menu-facilities": Scene(partial(panels.menu, title="Facilities")),
    "menu-checks": Scene(partial(panels.menu, title="Checks")),
    "menu-tools": Scene(partial(panels.menu, title="Tools")),
    "check": Scene(panels.check),
    "check-road": Scene(partial(panels.check, by="road")),
    "check-unit": Scene(partial(panels.check, by="unit")),
    "check-layer": Scene(partial(panels.check, by="layer", text="YS1")),
    "targets": Scene(panels.targets),
    "task-state": Scene(windows.task_state),
    "target-expected": Scene(windows.target),
    "menu-layer": Scene(partial(panels.menu, title="Layer")),
    "history": Scene(panels.history, stores=True, of=USUAL_LAYER),
    "operator": Scene(panels.operator),
    "inspections": Scene(panels.inspections),
    "visits": Scene(panels.visits),
    "completeness": Scene(measuring.completeness),
    "completeness-road": Scene(measuring.by_road),
    "renewal": Scene(measuring.renewal),
    "renewal-km": Scene(partial(measuring.renewal, page="0")),
    "renewal-chart": Scene(partial(measuring.renewal, page="3")),
    "renewal-rules": Scene(measuring.rules),
    "trace": Scene(network.traced, of="pipe_line"),
    "profile": Scene(network.profile, of="pipe_line"),
    "record": Scene(windows.record, of=USUAL_LAYER),
    "cycles": Scene(windows.cycles),
    "search": Scene(partial(panels.search, text="gc")),
    "search-empty": Scene(partial(panels.search, text="")),
    "search-nothing": Scene(partial(panels.search, text="qqqq")),
    "search-commands": Scene(partial(panels.search, text="> ")),
    "query": Scene(asking.query),
    "location": Scene(asking.location),
    "queries": Scene(asking.saved, stores=True),
    "query-save": Scene(asking.saving),
    "statistics": Scene(asking.statistics),
    "photos": Scene(partial(windows.photos, large=False), stores=True, of=USUAL_LAYER),
    "viewer": Scene(partial(windows.photos, large=True), stores=True, of=USUAL_LAYER),
    "photos-match": Scene(windows.match, of=USUAL_LAYER),
    "check-rules": Scene(windows.rules, stores=True),
    "check-rule": Scene(windows.rule),
    "check-exceptions": Scene(windows.exceptions, stores=True),
    "check-report": Scene(windows.report),
    "lists": Scene(partial(windows.lists, page="codes")),
    "lists-units": Scene(partial(windows.lists, page="units")),
    "lists-operators": Scene(partial(windows.lists, page="operators")),
    "lists-ranges": Scene(partial(windows.lists, page="ranges")),
    "lists-targets": Scene(partial(windows.lists, page="targets")),
    "lists-code": Scene(windows.code),
    "lists-operator": Scene(windows.operator),
    "lists-range": Scene(windows.number_range),
    "renumber": Scene(windows.renumber, of=USUAL_LAYER),
    "templates": Scene(windows.templates, stores=True, of=USUAL_LAYER),
    "template": Scene(windows.template, of=USUAL_LAYER),
    "fix": Scene(windows.fix),
    "fix-twins": Scene(partial(windows.fix, rule="geometry.duplicate", name="remove-twin")),
    "fix-number": Scene(
        partial(windows.fix, rule="pipe.end_without_node", name="connect-by-number")
    ),
    "fix-unit": Scene(partial(windows.fix, rule="attribute.range", name="other-unit")),
    "settings": Scene(windows.settings),
    "handbook": Scene(windows.handbook),
    "doctor": Scene(windows.health),
    "fault": Scene(windows.fault),
    "map": Scene(windows.sheet),
    "map-series": Scene(windows.series),
    "themes": Scene(windows.themes),
    "themes-numbers": Scene(partial(windows.themes, of="pipe_overdue")),
    "themes-cells": Scene(partial(windows.themes, of="parking_supply")),
    "theme-on-map": Scene(partial(windows.theme_on_map, of="lamps")),
    "theme-cells-on-map": Scene(partial(windows.theme_on_map, of="bikes")),
    "export": Scene(deliveries.assistant, stores=True),
    **{
        f"deliver-{step}": Scene(partial(deliveries.assistant, at=step), stores=True)
        for step in ("where", "kinds", "files", "preview", "done")
    },
    "deliveries": Scene(deliveries.register, stores=True),
    "take-back": Scene(deliveries.take_back, stores=True),
    "import": Scene(windows.importing),
    **{
        f"import-{step}": Scene(
            partial(windows.importing, step=step), stores=step in (UPDATE, DONE)
        )
        for step in (FILE, FOUND, TARGET, FIELDS, TRIAL, UPDATE, DONE)
    },
}


def scene(name: str, project: Project) -> Scene:
    """Return a scene by its name; ``form-`` and a kind is the form of one of that kind.

    Raises
    ------
    UsageError
        If there is no such screen; it names those that there are.
    """
    kind = name.removeprefix(_FORM)
    if name in SCENES:
        return SCENES[name]
    if name.startswith(_FORM) and kind in project.types:
        return Scene(partial(panels.form, layer=kind), of=kind)
    known = [*SCENES, *(f"{_FORM}{layer}" for layer in project.types)]
    words = _("There is no screen {name}. There are: {names}")
    raise UsageError(words.format(name=name, names=", ".join(known)))
