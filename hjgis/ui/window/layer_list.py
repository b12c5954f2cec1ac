"""What is done to the layer that the layer list stands on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from hjgis.edits.arrange import add_kind, lock, rename, reorder, take_out
from hjgis.i18n import _, label, ngettext_
from hjgis.models.assets import AssetType
from hjgis.models.changes import ChangeSet
from hjgis.ui import theme
from hjgis.ui.actions.action_set import ActionSet
from hjgis.ui.dialogs import confirming
from hjgis.ui.dialogs.naming import ChoiceDialog, NameDialog
from hjgis.ui.docks import Docks
from hjgis.ui.workspace import Workspace

# What the menu of a layer offers; an empty entry is a line.
_MENU: Final = (
    *("zoom-layer", "layer-table", "", "layer-lock", "layer-up", "layer-down", ""),
    *("theme-layer", "", "layer-rename", "layer-take-out"),
)


class LayerList(QObject):
    """Lock, order, name and take out layers; each is an edit that undo takes back."""

    def __init__(
        self, workspace: Workspace, docks: Docks, actions: ActionSet, window: QWidget
    ) -> None:
        super().__init__(window)
        self._space, self._tree, self._actions = workspace, docks.layer_tree, actions
        self._docks, self._window = docks, window
        self._tree.menu_wanted.connect(self._open_menu)
        self._tree.lock_wanted.connect(self._toggle_lock)
        self._tree.order_wanted.connect(self._reorder)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {
            "zoom-layer": self._on_layer(self._space.zoom_to_layer),
            "layer-table": self._on_layer(self._docks.open_table),
            "layer-lock": self._on_layer(self._toggle_lock),
            "layer-up": self._on_layer(partial(self._shift, by=1)),
            "layer-down": self._on_layer(partial(self._shift, by=-1)),
            "layer-add": self._add,
            "layer-rename": self._on_layer(self._rename),
            "layer-take-out": self._on_layer(self._take_out),
        }

    def menu(self) -> QMenu:
        """Return the menu of the layer that the list stands on."""
        layer = self._tree.current_layer
        locked = layer is not None and self._space.layers[layer].locked
        menu = QMenu(self._window)
        menu.setToolTipsVisible(True)
        for entry in _MENU:
            if not entry:
                menu.addSeparator()
            elif entry == "zoom-layer" and layer is not None and self._is_table(layer):
                menu.addAction(self._no_zoom(menu))
            elif entry == "layer-lock":
                menu.addAction(self._lock_action(menu, locked=locked))
            else:
                menu.addAction(self._actions[entry])
        return menu

    def _lock_action(self, menu: QMenu, *, locked: bool) -> QAction:
        """Return an action that says which way it goes."""
        words = _("Unlock layer") if locked else _("Lock layer")
        action = QAction(theme.icon("unlock" if locked else "lock"), words, menu)
        action.setEnabled(self._actions["layer-lock"].isEnabled())
        action.triggered.connect(self._actions["layer-lock"].trigger)
        return action

    def _is_table(self, layer: str) -> bool:
        return not self._space.project.asset_type(layer).is_spatial

    def _no_zoom(self, menu: QMenu) -> QAction:
        """Return the action that cannot be done, and why."""
        usual = self._actions["zoom-layer"]
        action = QAction(usual.icon(), usual.text(), menu)
        action.setEnabled(False)
        action.setToolTip(_("A table without geometry has no place on the map."))
        return action

    def _open_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.exec(at)
        menu.deleteLater()

    def _on_layer(self, work: Callable[[str], object]) -> Callable[[], object]:
        def start() -> None:
            layer = self._tree.current_layer
            if layer is None:
                self._space.canvas.message.say(_("Choose a layer in the layer list first."))
            else:
                work(layer)

        return start

    def _toggle_lock(self, layer: str) -> None:
        project = self._space.project
        asset, locked = project.asset_type(layer), layer not in project.arrangement.locked
        self._space.carry_out(lambda: lock(project.arrangement, asset, locked=locked))

    def _shift(self, layer: str, *, by: int) -> None:
        order = list(self._space.project.map_types)
        place = order.index(layer)
        order.insert(max(place + by, 0), order.pop(place))
        self._reorder(layer, order)

    def _reorder(self, layer: str, order: list[str]) -> None:
        if order != list(self._space.project.map_types):
            project = self._space.project
            asset = project.asset_type(layer)
            self._space.carry_out(lambda: reorder(project.arrangement, asset, order))

    def _add(self) -> None:
        project = self._space.project
        kinds = project.more_kinds
        if not kinds:
            self._space.canvas.message.say(_("The project has all kinds already."))
            return
        names = [label(asset.label) for asset in kinds]
        title, asked = _("Add layer"), _("Kind of the layer")
        name = ChoiceDialog(title, asked, names, self._window, done=_("Add")).ask()
        if name:
            asset = kinds[names.index(name)]
            made = not project.is_free(asset.id)
            self._space.carry_out(lambda: add_kind(project.arrangement, asset, made=made))

    def _rename(self, layer: str) -> None:
        asset = self._space.project.asset_type(layer)
        name = NameDialog(_("Rename layer"), label(asset.label), self._window).ask()
        if name:
            arrangement = self._space.project.arrangement
            self._space.carry_out(lambda: rename(arrangement, asset, name))

    def _take_out(self, layer: str) -> None:
        asset = self._space.project.asset_type(layer)
        count = self._space.project.count(layer)
        question = ngettext_(
            "Take {layer} with its {count} feature out of the project? Undo brings it back.",
            "Take {layer} with its {count} features out of the project? Undo brings it back.",
            count,
        ).format(layer=label(asset.label), count=count)
        if asset.optional or asset.kind != "asset":
            title, verb = (
                _("Take out layer"),
                _("Take out {layer}").format(layer=label(asset.label)),
            )
            if not confirming.agreed(self._window, title, question, verb):
                return
        self._space.carry_out(partial(self._without, asset))

    def _without(self, asset: AssetType) -> ChangeSet:
        project = self._space.project
        rows = project.table(asset.id, [], geometry=False)
        return take_out(project.arrangement, asset, rows)
