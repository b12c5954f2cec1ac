"""Edits that ask something first: a window of their own, or a question."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shapely.geometry.base import BaseGeometry

from hjgis.edits.copying import change_kind
from hjgis.edits.shape import simplify
from hjgis.errors import EditRefused
from hjgis.i18n import _, grouped, label
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, FeatureKey
from hjgis.ui.commands import COMMANDS
from hjgis.ui.dialogs import confirming
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.naming import ChoiceDialog, LengthDialog
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.dialogs.assignments import AssignmentsDialog
    from hjgis.ui.dialogs.check_exceptions import CheckExceptionsDialog
    from hjgis.ui.dialogs.check_rules import CheckRulesDialog
    from hjgis.ui.dialogs.merge import MergeDialog
    from hjgis.ui.dialogs.project_lists.dialog import ProjectListsDialog
    from hjgis.ui.dialogs.renumber import RenumberDialog
    from hjgis.ui.dialogs.rows import RowDialog
    from hjgis.ui.dialogs.templates import TemplatesDialog

_ASK_ABOVE: Final = 10
_TOLERANCE_M: Final = 0.1


class Editing(QObject):
    """What the edit actions of the window do."""

    def __init__(self, workspace: Workspace, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._window = workspace, window
        self._rows: RowDialog | None = None
        self._assignments: AssignmentsDialog | None = None
        self._lists: ProjectListsDialog | None = None
        self._templates: TemplatesDialog | None = None
        self._rules: CheckRulesDialog | None = None
        self._exceptions: CheckExceptionsDialog | None = None
        workspace.node_dropped.connect(self._ask_to_join)
        workspace.tool_changed.connect(self._leave_rows)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        space = self._space
        return {
            **{command: partial(space.edit_selected, command) for command in COMMANDS},
            "delete": self._delete,
            "copy": space.copy_selected,
            "paste": space.paste,
            "merge": self._merge,
            "kind": self._change_kind,
            "simplify": self._simplify,
            "row": self.show_rows,
            "lists": self._show_lists,
            "renumber": self._renumber,
            "copy-id": space.copy_other_ids,
            "assignments": self._show_assignments,
            "show-assigned": space.whose.toggle,
            "templates": self.show_templates,
            "check-rules": self._show_rules,
            "check-exceptions": self.show_exceptions,
        }

    def show_templates(self) -> TemplatesDialog:
        """Show the list of templates; it stays open beside the map."""
        from hjgis.ui.dialogs.templates import TemplatesDialog

        if self._templates is None:
            space = self._space
            self._templates = TemplatesDialog(space.project, space.bridge, self._window)
            self._templates.wanted.connect(space.carry_out)
        self._templates.show()
        return self._templates

    def assignments_dialog(self) -> AssignmentsDialog:
        """Return the list of who answers for what; it stays open beside the map."""
        from hjgis.ui.dialogs.assignments import AssignmentsDialog

        if self._assignments is None:
            self._assignments = AssignmentsDialog(
                self._space.project, self._selected_areas, self._window
            )
            self._assignments.wanted.connect(self._space.carry_out)
            self._space.bridge.changed.connect(self._assignments.refresh)
        return self._assignments

    def _show_lists(self) -> None:
        self.lists_dialog().show()

    def _show_assignments(self) -> None:
        self.assignments_dialog().show()

    def lists_dialog(self) -> ProjectListsDialog:
        """Return the project's own lists; they stay open beside the map."""
        from hjgis.ui.dialogs.project_lists.dialog import ProjectListsDialog

        if self._lists is None:
            space = self._space
            self._lists = ProjectListsDialog(
                space.project, space.jobs, self._selected_areas, self._window
            )
            self._lists.wanted.connect(space.carry_out)
            self._lists.selected.connect(self._select)
            space.bridge.changed.connect(self._lists.follow)
        return self._lists

    def rules_dialog(self) -> CheckRulesDialog:
        """Return the rules of the check; they stay open beside the map."""
        from hjgis.ui.dialogs.check_rules import CheckRulesDialog

        if self._rules is None:
            space = self._space
            self._rules = CheckRulesDialog(space.project, self._window)
            self._rules.wanted.connect(space.carry_out)
            space.bridge.changed.connect(self._rules.follow)
        return self._rules

    def _show_rules(self) -> None:
        self.rules_dialog().show()

    def show_exceptions(self) -> CheckExceptionsDialog:
        """Show what was accepted as it is; it stays open beside the map."""
        from hjgis.ui.dialogs.check_exceptions import CheckExceptionsDialog

        if self._exceptions is None:
            space = self._space
            self._exceptions = CheckExceptionsDialog(space.project, space.checking, self._window)
            self._exceptions.wanted.connect(space.carry_out)
            self._exceptions.shown.connect(self._show_feature)
            space.bridge.changed.connect(self._exceptions.follow)
        self._exceptions.show()
        return self._exceptions

    def _show_feature(self, key: FeatureKey) -> None:
        stored = self._space.project.known([key])
        if key in stored:
            self._select(key.layer, np.array([stored[key].fid], dtype=np.int64))
        else:
            self._space.canvas.message.say(_("That feature is no longer there."))

    def _select(self, layer: str, fids: NDArray[np.int64]) -> None:
        self._space.selection.set(layer, fids)
        self._space.zoom_to_selection()

    def renumber_dialog(self) -> RenumberDialog:
        """Return the window that numbers anew what is selected, or a layer."""
        from hjgis.ui.dialogs.renumber import RenumberDialog

        selection = self._space.selection
        return RenumberDialog(self._space.project, selection.layer, selection.fids, self._window)

    def _renumber(self) -> None:
        dialog = self.renumber_dialog()
        if accepted(dialog):
            self._space.carry_out(dialog.make)

    def _selected_areas(self) -> list[BaseGeometry]:
        keys = self._space.selection.keys(self._space.project)
        shapes = (feature.geometry for feature in self._space.project.get_many(keys))
        return [
            shape for shape in shapes if shape is not None and shapely.get_dimensions(shape) == 2
        ]

    def show_rows(self) -> RowDialog:
        """Show the window that makes rows, and give the mouse to its tool."""
        from hjgis.ui.dialogs.rows import RowDialog

        space = self._space
        space.use_tool("row")
        if self._rows is None:
            self._rows = RowDialog(space.project, space.toolbox.rows, self._window)
            self._rows.finished.connect(self._close_rows)
            self._rows.place_begun.connect(self._type_on_map)
        self._rows.show()
        corner = space.canvas.mapToGlobal(space.canvas.rect().topLeft())
        self._rows.move(corner.x() + 12, corner.y() + 12)
        return self._rows

    def merge_dialog(self) -> MergeDialog:
        """Return the window that asks what becomes of each field."""
        from hjgis.ui.dialogs.merge import MergeDialog

        keys = self._space.selection.keys(self._space.project)
        if len(keys) < 2:
            raise EditRefused(_("Select two features or more of one layer."))
        return MergeDialog(self._space.project, keys, self._window)

    def _merge(self) -> None:
        try:
            dialog = self.merge_dialog()
        except EditRefused as error:
            self._space.canvas.message.say(str(error))
            return
        if accepted(dialog):
            self._space.carry_out(dialog.change)

    def _change_kind(self) -> None:
        project, layer = self._space.project, self._space.selection.layer
        if layer is None:
            return
        now = project.asset_type(layer)
        others = [
            asset
            for asset in project.types.values()
            if asset.id != layer and asset.kind == "asset" and asset.geometry == now.geometry
        ]
        if not others:
            self._space.canvas.message.say(_("There is no other kind with this geometry."))
            return
        names = [label(asset.label) for asset in others]
        words = _("Make the selected features")
        title, done = _("Change kind"), _("Change")
        chosen = ChoiceDialog(title, words, names, self._window, done=done).ask()
        if chosen:
            target = others[names.index(chosen)].id
            self._edit_selected(lambda some, keys: change_kind(some, keys, target))

    def _simplify(self) -> None:
        words = _("Leave out points nearer to the course than")
        metres = LengthDialog(_("Simplify"), words, _TOLERANCE_M, self._window).ask()
        if metres:
            self._edit_selected(lambda some, keys: simplify(some, keys, metres))

    def _edit_selected(self, edit: Callable[[Project, list[FeatureKey]], ChangeSet]) -> None:
        selection = self._space.selection
        self._space.carry_out_of_many(len(selection), lambda some: edit(some, selection.keys(some)))

    def _delete(self) -> None:
        count, layer = len(self._space.selection), self._space.selection.layer
        if count > _ASK_ABOVE and layer is not None:
            kind = label(self._space.project.asset_type(layer).label)
            verb = _("Delete {count} × {layer}").format(count=grouped(count), layer=kind)
            words = _("{count} × {layer} will be deleted. Undo brings them back.")
            text = words.format(count=grouped(count), layer=kind)
            if not confirming.agreed(self._window, _("Delete"), text, verb):
                return
        self._space.delete_selected()

    def _ask_to_join(self, joined: ChangeSet) -> None:
        """Ask what is meant where a node was dropped on another."""
        question = _("Make the two nodes one? The pipes of the moved one then end at the other.")
        title, verb = _("Two nodes at one place"), _("Make them one")
        if confirming.agreed(self._window, title, question, verb):
            self._space.carry_out(lambda: joined)
        else:
            self._space.canvas.message.say(_("Nothing was moved."))

    def _leave_rows(self, tool: str) -> None:
        if tool != "row" and self._rows is not None and self._rows.isVisible():
            self._rows.hide()

    def _type_on_map(self, text: str) -> None:
        """Let a place that somebody began to type before the map be typed on it."""
        if self._space.canvas.begin_typing(text):
            self._window.activateWindow()

    def _close_rows(self) -> None:
        if self._space.canvas.tool is self._space.toolbox.rows:
            self._space.use_tool("identify")
