"""The attribute form for people who type: keys that go on, values of before, pins, templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from hjgis.edits.attributes import set_values
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Value
from hjgis.models.templates import (
    FACT,
    Template,
    read_templates,
    repeatable,
    set_templates,
    with_template,
)
from hjgis.ui.bridge import Bridge
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.form.editors import Shown
from hjgis.ui.form.groups import AttributeForm
from hjgis.ui.form.head import TemplateBar
from hjgis.ui.form.place import EAST, NORTH
from hjgis.ui.form.reading import Seen
from hjgis.ui.habits import Habits
from hjgis.ui.panels.shown_form import EDGE_PX, ShownForm
from hjgis.ui.selection import Selection

if TYPE_CHECKING:
    from hjgis.ui.dialogs.templates import TemplateDialog


class Around(Protocol):
    """What the form asks the window."""

    def rows_of(self, layer: str) -> NDArray[np.int64] | None:
        """Return the rows of a layer in the order of its table; None while that is not shown."""

    def drawn_layer(self) -> str | None:
        """Return the layer that is being drawn on the map."""


class AttributesPanel(ShownForm):
    """Goes from field to field and from feature to feature without the mouse."""

    visited = Signal(float, float)
    map_wanted = Signal()
    templates_wanted = Signal()

    def __init__(
        self,
        project: Project,
        bridge: Bridge,
        selection: Selection,
        parent: QWidget | None = None,
        *,
        habits: Habits | None = None,
        around: Around | None = None,
    ) -> None:
        self._around = around
        self._field = ""
        self.templates = TemplateBar()
        super().__init__(project, bridge, selection, parent, habits=habits)
        self.templates.setContentsMargins(0, 0, EDGE_PX, 0)
        self.column.insertWidget(0, self.templates)
        self.habits.changed.connect(self.show_habits)
        self.head.field_wanted.connect(self.go_to)
        self.head.pin_wanted.connect(self.pin_or_unpin)
        self.head.unknown_wanted.connect(self._say_unknown)
        self.head.short_wanted.connect(self._show_short)
        self.templates.chosen.connect(self._use_template)
        self.templates.save_wanted.connect(self._ask_template)
        self.templates.edit_wanted.connect(self.templates_wanted)

    def take_actions(self, actions: Iterable[QAction]) -> None:
        """Let keys of these actions work in the form, and only there; show buttons for them."""
        taken = [*actions]
        for action in taken:
            self.addAction(action)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.head.add_actions(taken)

    def _take(self, seen: Seen | None) -> None:
        super()._take(seen)
        self.show_habits()

    def show_habits(self) -> None:
        """Show which fields are pinned, left out and filled in by a template."""
        layer = self.kind
        self.templates.setVisible(layer is not None and not self._project.read_only)
        if self._seen is None:
            self._tell_busy()
        if layer is None:
            return
        chosen = self.habits.template(layer)
        names = [one.name for one in self.habits.templates(layer)]
        self.templates.show_templates(names, chosen.name if chosen else "")
        self.templates.save.setEnabled(self._seen is not None)
        if self._form is None or self._seen is None:
            return
        short = self.habits.is_short(layer)
        self.head.short.setChecked(short)
        only = self._usual(self._form.asset) if short else None
        self._form.show_only(only, self.habits.pins(layer))
        self._show_buttons()

    @property
    def kind(self) -> str | None:
        """The layer that the form is about: of what is selected, else of what is drawn."""
        if self._seen is not None:
            return self._seen.asset.id
        return self._around.drawn_layer() if self._around is not None else None

    def _nothing(self) -> str:
        drawn = self._around.drawn_layer() if self._around is not None else None
        if drawn is None:
            return super()._nothing()
        words = _("{layer}: draw it on the map.\n\nIts form opens when it is finished.")
        return words.format(layer=label(self._project.asset_type(drawn).label))

    def _usual(self, asset: AssetType) -> frozenset[str]:
        """Return the fields that somebody fills in; before anybody has, the required ones."""
        used = self.habits.used(asset.id) | {*self.habits.given(asset.id)}
        return used or frozenset(field.name for field in asset.fields if field.required)

    def _make_form(self, asset: AssetType) -> AttributeForm:
        form = super()._make_form(asset)
        form.passed.connect(self._pass)
        form.escaped.connect(self.map_wanted)
        form.focused.connect(self._focus)
        form.folded.connect(self._keep_fold)
        return form

    # -- from field to field -------------------------------------------------------------

    def go_to(self, name: str) -> None:
        """Put the cursor into a field."""
        if self._form is None:
            return
        if not self._form.is_asked(name):
            self.habits.use(self._form.asset.id, name)
        self._form.go_to(name)
        # What was just unfolded has its place when the layout has been done.
        QTimer.singleShot(0, self._show_line)

    def _show_line(self) -> None:
        line = QApplication.focusWidget()
        if line is not None and self._content.isAncestorOf(line):
            self._area.ensureWidgetVisible(line, 0, 60)

    def begin(self) -> None:
        """Put the cursor into the first required field that lacks something, else the first."""
        if self._seen is None or self._form is None:
            return
        form, shown = self._form, self._seen.shown
        passed_by = self._passed_by(self._seen)
        asked = [
            name
            for name in form.names
            if name not in passed_by and name not in (NORTH, EAST) and form.is_asked(name)
        ]
        gaps = [
            name
            for name in asked
            if form.asset.field(name).required and shown[name].value in (None, "")
        ]
        if asked:
            self.go_to((gaps or asked)[0])

    def _passed_by(self, seen: Seen) -> frozenset[str]:
        """Return the fields that hold what every new feature gets: nobody has to look at them."""
        given = self.habits.given(seen.asset.id)
        return frozenset(name for name, value in given.items() if seen.shown[name].value == value)

    def _pass(self, name: str, forward: bool) -> None:
        if self._form is None or self._seen is None:
            return
        without = {*self._passed_by(self._seen), NORTH, EAST} - {name}
        beside = self._form.beside(name, forward=forward, without=without)
        if beside is None:
            # Round again from the other end.
            names = self._form.names if forward else self._form.names[::-1]
            left = [one for one in names if one not in without and self._form.is_asked(one)]
            beside = left[0] if left else None
        if beside is not None:
            self.go_to(beside)

    def _focus(self, name: str) -> None:
        self._field = name
        self._show_buttons()

    def _show_buttons(self) -> None:
        layer, name = self.kind, self._field
        known = layer is not None and self._form is not None and self._form.asset.has(name)
        free = known and not self._project.read_only
        self.head.pin.setEnabled(free)
        self.head.unknown.setEnabled(free)
        self.head.pin.setChecked(bool(known and layer and name in self.habits.pins(layer)))

    def _keep_fold(self, group: str, opened: bool) -> None:
        if self._form is not None:
            self.habits.fold(self._form.asset.id, group, opened=opened)

    def _show_short(self, short: bool) -> None:
        if self._form is not None and short != self.habits.is_short(self._form.asset.id):
            self.habits.set_short(self._form.asset.id, short=short)

    def _say_unknown(self) -> None:
        if self._form is not None and self._field:
            self._set_unknown(self._field)
            self._pass(self._field, True)

    # -- values of before ----------------------------------------------------------------

    def same_as_last(self) -> None:
        """Give the field the value that the feature edited last has, and go on."""
        if self._form is None or self._seen is None or not self._form.asset.has(self._field):
            return
        name = self._field
        last = self.habits.last_values(self._seen.asset.id, self._seen.feature.key)
        if last.get(name) is None:
            self.troubled.emit(_("The feature edited last has no value here."))
            return
        self._form.editor(name).take_back()
        self._edit(name, last[name])
        self._pass(name, True)

    def all_as_last(self) -> None:
        """Give all empty fields the values that the feature edited last has."""
        if self._seen is None:
            return
        last = self.habits.last_values(self._seen.asset.id, self._seen.feature.key)
        self._fill(repeatable(self._seen.asset, last))

    def _fill(self, values: dict[str, Value]) -> None:
        """Fill in what is empty, in one step."""
        assert self._seen is not None
        empty = {
            name: value
            for name, value in values.items()
            if self._seen.shown[name] == Shown()
            and self._seen.asset.field(name).applies({**self._seen.values, **values})
        }
        self._joins = None
        if not empty or not self._change(lambda some, keys: set_values(some, keys, empty)):
            self.troubled.emit(_("There is nothing to fill in."))
            return
        for name in empty:
            self._noted(name)

    # -- pins and templates --------------------------------------------------------------

    def pin_or_unpin(self) -> None:
        """Give every new feature the value of the field, or no longer."""
        if self._form is None or self._seen is None or not self._form.asset.has(self._field):
            return
        layer, name = self._seen.asset.id, self._field
        editor = self._form.editor(name)
        if name in self.habits.pins(layer):
            self.habits.unpin(layer, name)
            return
        if not editor.commit() or editor.value is None or self._seen.asset.field(name).unique:
            self.head.pin.setChecked(False)
            self.troubled.emit(_("Only a value that several features may have can be pinned."))
            return
        self.habits.pin(layer, name, editor.value)
        self._pass(name, True)

    def _use_template(self, name: str) -> None:
        layer = self.kind
        if layer is None:
            return
        self.habits.use_template(layer, name)
        template = self.habits.template(layer)
        if template is not None and self._seen is not None:
            asset = self._seen.asset
            self._fill({n: v for n, v in template.values.items() if asset.has(n)})

    def template_dialog(self) -> TemplateDialog:
        """Return the window that makes a template of the selected feature."""
        from hjgis.ui.dialogs.templates import TemplateDialog

        assert self._seen is not None
        return TemplateDialog(self._project, self._seen.asset, self._seen.values, self)

    def _ask_template(self) -> None:
        if self._seen is None:
            return
        dialog = self.template_dialog()
        if accepted(dialog):
            self.save_template(dialog.template())

    def save_template(self, new: Template) -> None:
        """Keep a template, and let new features start with it."""
        stored = self._project.info(FACT)
        templates = with_template(read_templates(stored), new)
        self._joins = None
        if self._store(set_templates(stored, templates)):
            self.habits.use_template(new.layer, new.name)

    # -- from feature to feature ---------------------------------------------------------

    def next_feature(self) -> None:
        """Take what is typed and go on to the next feature; while drawing, back to the map."""
        self._go_on(forward=True)

    def previous_feature(self) -> None:
        """Take what is typed and go back to the feature before."""
        self._go_on(forward=False)

    def _go_on(self, *, forward: bool) -> None:
        if self._seen is None or self._form is None:
            return
        layer, field = self._seen.asset.id, self._field
        if self._form.asset.has(field) and not self._form.editor(field).take():
            return
        drawn = self._around.drawn_layer() if self._around is not None else None
        if forward and drawn == layer:
            self.map_wanted.emit()
            name = label(self._seen.asset.label)
            self.troubled.emit(_("Click the next {name} on the map.").format(name=name))
            return
        fid = self._beside(layer, forward=forward)
        if fid is None:
            return
        self._selection.set(layer, [fid])
        self._visit()
        if field and self._form.asset.id == layer and self._form.is_asked(field):
            self.go_to(field)

    def _beside(self, layer: str, *, forward: bool) -> int | None:
        """Return the next row in the order of the table, or of the file; round at the end."""
        here = int(self._selection.fids[-1 if forward else 0])
        rows = self._around.rows_of(layer) if self._around is not None else None
        around = _("Round again: this is the {place}.")
        place = _("first") if forward else _("last")
        if rows is not None and len(rows):
            found = np.flatnonzero(rows == here)
            at = int(found[0]) if len(found) else -1
            after = at + (1 if forward else -1)
            if not 0 <= after < len(rows):
                self.troubled.emit(around.format(place=place))
            return int(rows[after % len(rows)])
        beside = self._project.store.fid_beside(layer, here, forward=forward)
        if beside is None:
            self.troubled.emit(around.format(place=place))
            end = -1 if forward else 2**62
            beside = self._project.store.fid_beside(layer, end, forward=forward)
        return beside

    def _visit(self) -> None:
        place = self._seen.feature.geometry if self._seen is not None else None
        if place is not None and not place.is_empty:
            point = shapely.Point(place.representative_point())
            self.visited.emit(point.x, point.y)
