"""What new features start with, and what was typed last: pins, templates and the last features."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtCore import QObject, Signal

from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import Announcement, FeatureKey
from hjgis.models.templates import FACT, Template, read_templates
from hjgis.ui.bridge import Bridge

_KEPT: Final = "form"
_LAST: Final = 2


class Habits(QObject):
    """Kept with the project: pins, folded groups, fields in use. For the session: last features.

    Pins and the like are how somebody works, not what is recorded: they are no edits, and undo
    does not touch them. Templates are a fact of the project and come back with undo.
    """

    changed = Signal()

    def __init__(self, project: Project, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self._templates = read_templates(project.info(FACT))
        kept = _read(project.info(_KEPT))
        self._pins: dict[str, dict[str, Value]] = kept.get("pins", {})
        self._folds: dict[str, dict[str, bool]] = kept.get("folds", {})
        self._used: dict[str, list[str]] = kept.get("used", {})
        self._short: dict[str, bool] = kept.get("short", {})
        self._chosen: dict[str, str] = {}
        self._edited: dict[str, list[FeatureKey]] = {}
        bridge.changed.connect(self._heard)

    # -- what new features start with ----------------------------------------------------

    def given(self, layer: str) -> dict[str, Value]:
        """Return the values that a new feature of a layer gets: its template's, then the pins."""
        asset = self._project.asset_type(layer)
        template = self.template(layer)
        values = {**(template.values if template else {}), **self._pins.get(layer, {})}
        return {name: value for name, value in values.items() if asset.has(name)}

    def templates(self, layer: str) -> list[Template]:
        """Return the templates of a layer, by name."""
        return sorted((one for one in self._templates if one.layer == layer), key=_name_of)

    def template(self, layer: str) -> Template | None:
        """Return the template that is in use for a layer."""
        chosen = self._chosen.get(layer)
        return next((one for one in self.templates(layer) if one.name == chosen), None)

    def use_template(self, layer: str, name: str) -> None:
        """Let new features of a layer start with a template, or with none."""
        self._chosen[layer] = name
        self.changed.emit()

    def pins(self, layer: str) -> Mapping[str, Value]:
        """Return the pinned values of a layer."""
        return self._pins.get(layer, {})

    def pin(self, layer: str, name: str, value: Value) -> None:
        """Give every new feature of a layer this value; Enter passes the field by."""
        self._pins.setdefault(layer, {})[name] = value
        self._keep()

    def unpin(self, layer: str, name: str) -> None:
        """Let go of a pinned value."""
        self._pins.get(layer, {}).pop(name, None)
        self._keep()

    # -- how the form stands -------------------------------------------------------------

    def is_open(self, layer: str, group: str) -> bool | None:
        """Whether a group of fields was left open; None if nobody has touched it."""
        return self._folds.get(layer, {}).get(group)

    def fold(self, layer: str, group: str, *, opened: bool) -> None:
        """Remember how a group of fields was left."""
        self._folds.setdefault(layer, {})[group] = opened
        self._keep()

    def is_short(self, layer: str) -> bool:
        """Whether only required fields and those in use are shown."""
        return self._short.get(layer, False)

    def set_short(self, layer: str, *, short: bool) -> None:
        """Show all fields, or only required ones and those in use."""
        self._short[layer] = short
        self._keep()

    def used(self, layer: str) -> frozenset[str]:
        """Return the fields of a layer that somebody has filled in by hand."""
        return frozenset(self._used.get(layer, ()))

    # -- what was done last --------------------------------------------------------------

    def note(self, key: FeatureKey, name: str) -> None:
        """Hear that somebody has set a field of a feature."""
        last = self._edited.setdefault(key.layer, [])
        if key in last:
            last.remove(key)
        last.insert(0, key)
        del last[_LAST:]
        self.use(key.layer, name)

    def use(self, layer: str, name: str) -> None:
        """Count a field among those that somebody fills in."""
        used = self._used.setdefault(layer, [])
        if name not in used:
            used.append(name)
            self._keep()

    def last_values(self, layer: str, without: FeatureKey) -> Mapping[str, Value]:
        """Return the values of the feature of a layer that was edited last before this one."""
        keys = [key for key in self._edited.get(layer, ()) if key != without]
        known = self._project.known(keys)
        return next((known[key].values for key in keys if key in known), {})

    def _heard(self, announcement: Announcement) -> None:
        if FACT in announcement.facts:
            self._templates = read_templates(self._project.info(FACT))
            self.changed.emit()

    def _keep(self) -> None:
        if not self._project.read_only:
            kept = {"pins": self._pins, "folds": self._folds, "used": self._used}
            text = json.dumps({**kept, "short": self._short}, ensure_ascii=False)
            self._project.set_info(_KEPT, text)
        self.changed.emit()


def _read(text: str | None) -> dict[str, Any]:
    try:
        kept = json.loads(text or "{}")
    except ValueError:
        return {}
    known = kept.items() if isinstance(kept, dict) else ()
    return {name: part for name, part in known if isinstance(part, dict)}


def _name_of(template: Template) -> str:
    return template.name
