"""The selected features in one form: what is stored of them, and edits of it."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, Protocol, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from hjgis.edits.attributes import set_unknown, set_values
from hjgis.edits.derived import computed_value
from hjgis.edits.move import move_node
from hjgis.errors import HjgisError
from hjgis.i18n import _, grouped, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.assets import RECORD_OF, AssetType, Value
from hjgis.models.changes import Announcement, ChangeSet, FeatureKey
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.identifiers import other_scheme
from hjgis.models.naming import called, number_of
from hjgis.progress import Progress
from hjgis.ui.bridge import Bridge
from hjgis.ui.door import store
from hjgis.ui.form.groups import AttributeForm
from hjgis.ui.form.head import FormHead
from hjgis.ui.form.place import EAST, NORTH, degrees_of
from hjgis.ui.form.reading import Seen, see
from hjgis.ui.habits import Habits
from hjgis.ui.latest import Latest
from hjgis.ui.page_parts import muted
from hjgis.ui.photos.attaching import feature_name
from hjgis.ui.section import Section
from hjgis.ui.selection import Selection
from hjgis.ui.storing import reckoned

# How far all but the scroll bar stands from the edge, beyond the 2 px of the column.
EDGE_PX: Final = 6
_ENDS: Final = ("from_node", "to_node")
# To read more holds up whoever goes on clicking.
_AT_ONCE: Final = 2000


class Part(Protocol):
    """A widget below the fields that shows something else of what is selected."""

    def show_features(self, layer: str | None, fids: NDArray[np.int64]) -> None:
        """Show what belongs to these features; without a layer, nothing."""

    def belongs_to(self, layer: str) -> bool:
        """Whether features of a layer have such a thing at all."""


class ShownForm(QWidget):
    """The form of what is selected, with completeness and links to the network's nodes."""

    zoom_wanted = Signal()
    troubled = Signal(str)
    said = Signal(str)

    def __init__(
        self,
        project: Project,
        bridge: Bridge,
        selection: Selection,
        parent: QWidget | None = None,
        *,
        habits: Habits | None = None,
    ) -> None:
        super().__init__(parent)
        self._project, self._selection = project, selection
        self.habits = habits or Habits(project, bridge, self)
        self._seen: Seen | None = None
        self._form: AttributeForm | None = None
        self._forms: dict[str, AttributeForm] = {}
        self._catalogue = project.catalogue
        self._parts: list[tuple[Section, Part]] = []
        self._joins: int | None = None
        self._reading = Latest(project, _("Reading what is selected"), self)
        self._reading.failed.connect(self._not_read)
        self.head = FormHead()
        self._identity = QLabel()
        self._identity.setObjectName("identity")
        self._identity.setWordWrap(True)
        self._identity.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._empty = muted()
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._area, self._content, self._full = QScrollArea(), QWidget(), QWidget()
        self._below = QVBoxLayout(self._content)
        self._lay_out()
        selection.changed.connect(self._selected)
        bridge.changed.connect(self._heard)
        self.head.zoom_wanted.connect(self.zoom_wanted)
        self.head.link_followed.connect(self._go_to_node)
        self.refresh()

    def _lay_out(self) -> None:
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._below.setContentsMargins(0, 0, 0, 0)
        self._below.setSpacing(4)
        # As narrow as the dock, whatever a part would like: nothing is cut at the right.
        self._content.setMinimumWidth(1)
        self._below.addStretch(1)
        self._area.setWidget(self._content)
        inside = QVBoxLayout(self._full)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(6)
        self.head.setContentsMargins(0, 0, EDGE_PX, 0)
        self._identity.setContentsMargins(0, 0, EDGE_PX, 0)
        inside.addWidget(self.head)
        inside.addWidget(self._area, 1)
        inside.addWidget(self._identity)
        self.column = QVBoxLayout(self)
        # An id of 17 digits is to be seen whole at 1366 px.
        self.column.setContentsMargins(8, 8, 2, 8)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self.column.setSpacing(6)
        self.column.addWidget(self._empty, 1)
        self.column.addWidget(self._full, 1)

    def add_part(self, title: str, part: QWidget) -> None:
        """Put a foldable part below the fields, such as photographs or records.

        It is told what is selected by `show_features(layer, fids)`, now and whenever that
        changes; changes of the data it hears by itself.
        """
        section = Section(title, part, opened=True)
        self._below.insertWidget(self._below.count() - 1, section)
        self._parts.append((section, cast("Part", part)))
        self._tell_parts()

    def _tell_parts(self) -> None:
        layer = self._selection.layer
        for section, part in self._parts:
            part.show_features(layer, self._selection.fids)
            section.setVisible(layer is not None and part.belongs_to(layer))

    # -- showing -------------------------------------------------------------------------

    def _selected(self) -> None:
        self._joins = None
        for editor in self._form.typed_and_refused if self._form is not None else ():
            name = label(editor.field.label)
            words = _("{field}: {value} was not stored")
            self.troubled.emit(words.format(field=name, value=editor.line.text()))
            editor.take_back()
        self.refresh()
        self._tell_parts()

    @property
    def busy(self) -> bool:
        """Whether what is selected is still being read."""
        return self._reading.busy

    def stop(self) -> None:
        """Read nothing more; before the project closes."""
        self._reading.stop()

    def refresh(self) -> None:
        """Show what is selected now; of very many, in a moment."""
        layer, fids = self._selection.layer, self._selection.fids
        if layer is None:
            self._reading.give_up()
            self._take(None)
            return
        few = len(fids) <= _AT_ONCE
        if not few:
            # What is typed would change what is selected, and not what the form still shows.
            self._take(None)
        self._reading.ask(partial(_seen, layer, fids), self._take, at_once=few)

    def _take(self, seen: Seen | None) -> None:
        self._seen = seen
        self._tell_busy()
        self._empty.setVisible(seen is None)
        self._full.setVisible(seen is not None)
        if seen is not None:
            self._show(seen)

    def _tell_busy(self) -> None:
        count = len(self._selection)
        reading = ngettext_("Reading {count} feature…", "Reading {count} features…", count)
        self._empty.setText(reading.format(count=count) if count else self._nothing())

    def _nothing(self) -> str:
        """Return what stands where no form is shown."""
        return _("Nothing selected.\n\nClick a feature on the map, or a row of the table.")

    def _not_read(self, error: HjgisError) -> None:
        self._empty.setText(str(error))

    def _show(self, seen: Seen) -> None:
        form, head = self._use_form(seen.asset), self.head
        form.show_values(seen.shown, seen.values)
        form.set_editable(editable=not self._project.read_only)
        title, under = self._head_words(seen)
        head.title.setText(title)
        head.under.setText(under)
        head.under.setVisible(bool(under))
        head.why.setText(self._project.read_only_reason or "")
        head.why.setVisible(bool(self._project.read_only_reason))
        placed = seen.feature.geometry is not None
        head.zoom.setEnabled(placed)
        head.zoom.setToolTip("" if placed else _("What is selected has no place on the map."))
        head.show_filled(seen.asset, seen.filled)
        self._show_ends(seen.asset, seen.feature.values if seen.count == 1 else {})
        uuid = f"fid {seen.feature.fid} · {seen.feature.key.uuid}" if seen.count == 1 else ""
        other = other_scheme(seen.values.get("component_id"), seen.asset, self._project.catalogue)
        if other and uuid:
            words = _("{digits}-digit id {id}").format(id=other, digits=len(other))
            uuid = f"{words}\n{uuid}"
        self._identity.setText(uuid)
        self._identity.setVisible(bool(uuid))

    def _head_words(self, seen: Seen) -> tuple[str, str]:
        """Return what is selected, and smaller below it its kind or its id."""
        kind, values = label(seen.asset.label), seen.feature.values
        if seen.count > 1:
            words = ngettext_("{count} selected", "{count} selected", seen.count)
            title, second = words.format(count=grouped(seen.count)), kind
        else:
            catalogue, second = self._project.catalogue, str(values.get("component_id") or "")
            title = called(seen.asset, values, catalogue)
            second = "" if second == number_of(seen.asset, values, catalogue) else second
        return title, second

    def _use_form(self, asset: AssetType) -> AttributeForm:
        if self._catalogue is not self._project.catalogue:
            # The project has got other code lists: what was made of the old ones goes.
            self._catalogue = self._project.catalogue
            for old in self._forms.values():
                old.hide()
                old.deleteLater()
            self._forms.clear()
            self._form = None
        if self._form is not None and self._form.asset is asset:
            return self._form
        if self._form is not None:
            self._form.hide()
        form = self._forms.get(asset.id)
        if form is None or form.asset is not asset:
            form = self._make_form(asset)
            self._forms[asset.id] = form
            self._below.insertWidget(0, form)
        self._form = form
        self._area.verticalScrollBar().setValue(0)
        form.show()
        return form

    def _make_form(self, asset: AssetType) -> AttributeForm:
        groups = self._project.catalogue.groups
        folds = {group: self.habits.is_open(asset.id, group) for group in groups}
        opened = {group: state for group, state in folds.items() if state is not None}
        form = AttributeForm(asset, self._project.catalogue, opened=opened)
        form.edited.connect(self._edit)
        form.moved.connect(self._move_to_pair)
        form.said_unknown.connect(self._set_unknown)
        form.use_computed.connect(self._use_computed)
        return form

    def _show_ends(self, asset: AssetType, values: Mapping[str, Value]) -> None:
        parts = []
        if asset.ends_on and values:
            parts = [
                _("{field}: {value}").format(field=words, value=self._node_link(values[name]))
                for name, words in zip(_ENDS, (_("From"), _("To")), strict=True)
            ]
        elif asset.kind == "record" and values:
            parts = [_("Belongs to {asset}").format(asset=self._asset_link(values))]
        self.head.ends.setText(" &nbsp; ".join(parts))
        self.head.ends.setVisible(bool(parts))

    def _asset_link(self, values: Mapping[str, Value]) -> str:
        """Return whose record it is, as a link to that asset."""
        layer, uuid = (str(values.get(name) or "") for name in RECORD_OF)
        key = FeatureKey(layer, uuid)
        found = self._project.known([key]).get(key) if layer in self._project.types else None
        if found is None:
            gone = _("not in this project")
            return f"<span style='color:#b3261e'>{gone}</span>"
        return f"<a href='{layer}/{uuid}'>{html.escape(feature_name(self._project, found))}</a>"

    def _node_link(self, uuid: object) -> str:
        node = self._project.node(str(uuid)) if uuid else None
        if node is None:
            loose = _("not connected")
            return f"<span style='color:#b3261e'>{loose}</span>"
        asset = self._project.asset_type(node.key.layer)
        number = number_of(asset, node.values, self._project.catalogue) or label(asset.label)
        return f"<a href='{node.key.layer}/{node.key.uuid}'>{html.escape(number)}</a>"

    def _go_to_node(self, link: str) -> None:
        layer, _slash, uuid = link.partition("/")
        self._selection.set(layer, [self._project.store.fid(FeatureKey(layer, uuid))])
        self.zoom_wanted.emit()

    # -- editing -------------------------------------------------------------------------

    def _edit(self, name: str, value: Value) -> None:
        if name in (NORTH, EAST):
            self._move(name, value)
            return
        if self._change(lambda some, keys: set_values(some, keys, {name: value})):
            self._noted(name)

    def _set_unknown(self, name: str) -> None:
        if self._change(lambda some, keys: set_unknown(some, keys, name)):
            self._noted(name)
        self.refresh()

    def _change(self, make: Callable[[Project, list[FeatureKey]], ChangeSet]) -> bool:
        """Work an edit of what is selected out and store it."""
        keys, count = self._selection.keys, len(self._selection)
        try:
            change = reckoned(self._project, count, lambda some: make(some, keys(some)))
        except HjgisError as error:
            self.troubled.emit(str(error))
            self.refresh()
            return False
        return self._store(change)

    def _noted(self, name: str) -> None:
        if self._seen is not None and self._seen.count == 1:
            self.habits.note(self._seen.feature.key, name)

    def take_typed(self) -> None:
        """Store what is still in a line, before the project closes."""
        for editor in self._form.typed_and_refused if self._form is not None else ():
            editor.take()

    def _store(self, changes: ChangeSet) -> bool:
        """Store an edit of the form: with those before it, it is one step of undo."""
        if not changes:
            return False
        try:
            announcement = store(self._project, changes, joins=self._joins, tell=self.troubled.emit)
        except HjgisError as error:
            self.troubled.emit(str(error))
            self.refresh()
            return False
        self._joins = announcement.change_id if changes.label == "edit.attributes" else None
        count = int(changes.params.get("count", 1))
        if count > 1 and changes.label == "edit.attributes":
            words = ngettext_("{count} feature changed", "{count} features changed", count)
            self.said.emit(words.format(count=count))
        return True

    def _move(self, name: str, value: Value) -> None:
        place = self._seen.feature.geometry if self._seen is not None else None
        if isinstance(place, shapely.Point) and isinstance(value, int | float):
            north, east = (value, place.x) if name == NORTH else (place.y, value)
            self._move_to(float(east), float(north))

    def _move_to_pair(self, pair: tuple[float, float]) -> None:
        degrees = degrees_of(pair)
        if degrees is None:
            self._move_to(pair[1], pair[0])
            return
        transform = Transform(parse_crs("EPSG:4490"), self._project.crs)
        x, y = transform.points(np.array([degrees[0]]), np.array([degrees[1]]))
        self._move_to(float(x[0]), float(y[0]))

    def _move_to(self, x: float, y: float) -> None:
        if self._seen is None:
            return
        try:
            change = move_node(self._project, self._seen.feature.key, shapely.Point(x, y))
        except HjgisError as error:
            self.troubled.emit(str(error))
            self.refresh()
            return
        if self._store(change):
            words = _("Moved {distance:.2f} m").format(distance=change.params["distance_m"])
            self.said.emit(words)
        self.refresh()

    def _use_computed(self, name: str) -> None:
        if self._seen is not None:
            field = self._seen.asset.field(name)
            self._edit(name, computed_value(self._project, self._seen.feature, field))

    def _heard(self, announcement: Announcement) -> None:
        if self._seen is None:
            if self.busy:
                self.refresh()
            return
        layers = {self._seen.asset.id, *self._seen.asset.ends_on}
        if layers & set(announcement.layers) or self._catalogue is not self._project.catalogue:
            self.refresh()


def _seen(
    layer: str, fids: NDArray[np.int64], project: Project, _progress: Progress
) -> Seen | None:
    return see(project, layer, fids)
