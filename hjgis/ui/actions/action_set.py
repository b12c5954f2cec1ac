"""The QActions of the table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from hjgis.i18n import N_, _, label
from hjgis.models.assets import AssetType
from hjgis.ui import theme
from hjgis.ui.actions.action_table import ACTIONS, DRAW
from hjgis.ui.actions.needs import ActionSpec, State, needs_writing

_DRAW_ICONS: Final = {"Point": "draw-point", "LineString": "draw-line"}
# The topmost layers of the menu have a key each.
_DRAW_KEYS: Final = (*(f"Alt+{digit}" for digit in "1234567890"), *map("Ctrl+Alt+{}".format, "345"))


def draw_specs(drawn: Iterable[AssetType]) -> list[ActionSpec]:
    """Return the actions that draw features, one for each layer, the lowest layer first.

    The keys belong to the kinds that every project has: they do not change when one is added.
    """
    layers = list(drawn)
    usual = [asset.id for asset in reversed(layers) if not asset.optional]
    keys = dict(zip(usual, _DRAW_KEYS, strict=False))
    return [draw_spec(asset, (keys[asset.id],) if asset.id in keys else ()) for asset in layers]


def draw_spec(asset: AssetType, keys: tuple[str, ...] = ()) -> ActionSpec:
    """Return the action that draws features of a layer."""

    def need(state: State) -> str:
        locked = asset.id in state.locked_layers
        why = _("The layer is locked in the layer list.") if locked else ""
        if asset.id not in state.layers:
            why = _("The project has no layer for it yet (Layer, Add layer of a kind…).")
        return needs_writing(state) or why

    icon = _DRAW_ICONS.get(asset.geometry, "draw-polygon")
    hint = N_("Draw a new feature of this layer")
    return ActionSpec(DRAW + asset.id, label(asset.label), icon, keys, hint, need, tool=True)


class ActionSet(QObject):
    """The QActions of the table; `chosen` says which was triggered."""

    chosen = Signal(str)

    def __init__(self, drawn: Iterable[AssetType], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._specs = {spec.id: spec for spec in (*ACTIONS, *draw_specs(drawn))}
        self._actions = {spec.id: self._made(spec) for spec in self._specs.values()}
        tools = QActionGroup(self)
        for spec in self._specs.values():
            if spec.tool:
                tools.addAction(self._actions[spec.id])
        self._actions["snapping"].setChecked(True)

    def __getitem__(self, action: str) -> QAction:
        return self._actions[action]

    @property
    def draw_ids(self) -> list[str]:
        """The actions that draw, one for each layer."""
        return [action for action in self._actions if action.startswith(DRAW)]

    @property
    def specs(self) -> Mapping[str, ActionSpec]:
        """The table by id."""
        return self._specs

    def refresh(self, state: State) -> None:
        """Make actions available or not; a disabled one says why."""
        for action, spec in self._specs.items():
            why = spec.need(state) if spec.need else ""
            self._actions[action].setEnabled(not why)
            self._actions[action].setToolTip(why or _tip(spec))
            if action.startswith(DRAW):
                # A kind that the project does not have yet is not offered.
                there = not state.has_project or action.removeprefix(DRAW) in state.layers
                self._actions[action].setVisible(there)
        self._name("undo", _("Undo: {what}"), state.undo)
        self._name("redo", _("Redo: {what}"), state.redo)

    def _name(self, action: str, template: str, what: str) -> None:
        spec = self._specs[action]
        self._actions[action].setText(template.format(what=what) if what else _(spec.words))
        if what:
            tip = f"{template.format(what=what)} ({spec.keys[0]})"
            self._actions[action].setToolTip(tip)

    def _made(self, spec: ActionSpec) -> QAction:
        words = spec.words if spec.id.startswith(DRAW) else _(spec.words)
        action = QAction(words, self)
        action.setData(spec.id)
        action.setIconText(words.rstrip("…"))
        if spec.icon:
            action.setIcon(theme.icon(spec.icon))
        action.setShortcuts([QKeySequence(key) for key in spec.keys])
        action.setCheckable(spec.tool or spec.checkable)
        action.setStatusTip(_(spec.hint))
        action.triggered.connect(self._triggered)
        return action

    def _triggered(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.chosen.emit(action.data())


def _tip(spec: ActionSpec) -> str:
    words = spec.words if spec.id.startswith(DRAW) else _(spec.words)
    title = words.rstrip("…") + (f" ({spec.keys[0]})" if spec.keys else "")
    return f"{title}\n{_(spec.hint)}" if spec.hint else title
