"""One selected feature, one form, at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hjgis.edits.attributes import set_values
from hjgis.errors import HjgisError
from hjgis.i18n import _, label
from hjgis.layers import geometry_blob
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field, Value
from hjgis.models.changes import Announcement, Feature, FeatureKey
from hjgis.models.validation import display, is_missing
from hjgis.ui.bridge import Bridge
from hjgis.ui.door import store
from hjgis.ui.forms import AttributeForm
from hjgis.ui.section import Section
from hjgis.ui.selection import Selection

_ENDS: Final = ("from_node", "to_node")
# More features than this are shown without reading each of them.
_READ_AT_MOST: Final = 1000


class Part(Protocol):
    """A widget below the fields that shows something else of what is selected."""

    def show_features(self, layer: str | None, fids: NDArray[np.int64]) -> None:
        """Show what belongs to these features; without a layer, nothing."""


class AttributesPanel(QWidget):
    """The form of what is selected, with completeness and links to the network's nodes."""

    zoom_requested = Signal(object)
    troubled = Signal(str)

    def __init__(
        self, project: Project, bridge: Bridge, selection: Selection, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._selection = project, selection
        self._features: tuple[Feature, ...] = ()
        self._form: AttributeForm | None = None
        self._forms: dict[str, AttributeForm] = {}
        self._title = QLabel()
        self._title.setObjectName("card_title")
        self._title.setWordWrap(True)
        self._under = QLabel()
        self._under.setObjectName("muted")
        self._under.setWordWrap(True)
        self._zoom = QPushButton(_("Zoom"))
        self._zoom.clicked.connect(self._zoom_there)
        self._bar = QProgressBar()
        self._bar.setFormat(_("Complete %p%"))
        self._ends = QLabel()
        self._ends.setWordWrap(True)
        self._ends.linkActivated.connect(self._go_to_node)
        self._identity = QLabel()
        self._identity.setObjectName("muted")
        self._identity.setWordWrap(True)
        self._identity.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._parts: list[Part] = []
        self._content = QWidget()
        self._below = QVBoxLayout(self._content)
        self._empty = QLabel(
            _("Nothing selected.\n\nClick a feature on the map, or a row of the table.")
        )
        self._empty.setObjectName("muted")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        self._lay_out()
        selection.changed.connect(self.refresh)
        selection.changed.connect(self._show_parts)
        bridge.changed.connect(self._heard)
        self.refresh()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self._zoom, 0, Qt.AlignmentFlag.AlignTop)
        self._full = QWidget()
        inside = QVBoxLayout(self._full)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.setSpacing(6)
        inside.addLayout(head)
        inside.addWidget(self._under)
        inside.addWidget(self._bar)
        inside.addWidget(self._ends)
        inside.addWidget(self._area, 1)
        inside.addWidget(self._identity)
        self._below.setContentsMargins(0, 0, 0, 0)
        self._below.setSpacing(4)
        self._below.addStretch(1)
        self._area.setWidget(self._content)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._empty, 1)
        column.addWidget(self._full, 1)

    def add_part(self, title: str, part: QWidget) -> None:
        """Put a foldable part below the fields, such as photographs or records.

        It is told what is selected by `show_features(layer, fids)`, now and whenever that
        changes; changes of the data it hears by itself.
        """
        self._below.insertWidget(self._below.count() - 1, Section(title, part, opened=True))
        shown = cast("Part", part)
        self._parts.append(shown)
        shown.show_features(self._selection.layer, self._selection.fids)

    def _show_parts(self) -> None:
        for part in self._parts:
            part.show_features(self._selection.layer, self._selection.fids)

    def refresh(self) -> None:
        """Show what is selected now."""
        layer, fids = self._selection.layer, self._selection.fids[:_READ_AT_MOST]
        self._features = self._project.store.features(layer, fids) if layer else ()
        self._empty.setVisible(not self._features)
        self._full.setVisible(bool(self._features))
        if self._features:
            self._show(self._project.asset_type(self._features[0].key.layer))

    def _show(self, asset: AssetType) -> None:
        self._use_form(asset)
        assert self._form is not None
        first, count = self._features[0], len(self._selection.fids)
        values = first.values
        mixed = frozenset(
            name
            for name in asset.field_names
            if any(feature.values[name] != values[name] for feature in self._features[1:])
        )
        self._form.show_values(values, mixed)
        self._form.set_editable(editable=not self._project.read_only)
        name = self._name(asset, first)
        self._title.setText(name if count == 1 else _("{count} selected").format(count=count))
        reason = self._project.read_only_reason
        self._under.setText(label(asset.label) + (f"\n{reason}" if reason else ""))
        placed = any(feature.geometry is not None for feature in self._features)
        self._zoom.setEnabled(placed)
        self._zoom.setToolTip("" if placed else _("What is selected has no place on the map."))
        self._show_completeness(asset)
        self._show_ends(asset, values if count == 1 else {})
        uuid = f"uuid {first.key.uuid}\nfid {first.fid}" if count == 1 else ""
        self._identity.setText(uuid)
        self._identity.setVisible(bool(uuid))

    def _use_form(self, asset: AssetType) -> None:
        if self._form is not None and self._form.asset is asset:
            return
        if self._form is not None:
            self._form.hide()
        form = self._forms.get(asset.id)
        if form is None:
            form = AttributeForm(asset, self._project.catalogue, skip=_is_node)
            form.edited.connect(self._edit)
            self._forms[asset.id] = form
            self._below.insertWidget(0, form)
        self._form = form
        form.show()

    def _name(self, asset: AssetType, feature: Feature) -> str:
        if asset.display and feature.values.get(asset.display) is not None:
            return display(
                asset.field(asset.display), feature.values[asset.display], self._project.catalogue
            )
        return label(asset.label)

    def _show_completeness(self, asset: AssetType) -> None:
        required = [field.name for field in asset.fields if field.required]
        filled = sum(
            not is_missing(feature.values[name]) for feature in self._features for name in required
        )
        self._bar.setVisible(bool(required))
        self._bar.setMaximum(max(len(required) * len(self._features), 1))
        self._bar.setValue(filled)

    def _show_ends(self, asset: AssetType, values: Mapping[str, Value]) -> None:
        parts = []
        if asset.ends_on and values:
            parts = [
                f"{words}: {self._node_link(values[name])}"
                for name, words in zip(_ENDS, (_("From"), _("To")), strict=True)
            ]
        self._ends.setText(" &nbsp; ".join(parts))
        self._ends.setVisible(bool(parts))

    def _node_link(self, uuid: object) -> str:
        node = self._project.node(str(uuid)) if uuid else None
        if node is None:
            loose = _("not connected")
            return f"<span style='color:#b3261e'>{loose}</span>"
        number = node.values.get("exp_no") or label(self._project.asset_type(node.key.layer).label)
        return f"<a href='{node.key.layer}/{node.key.uuid}'>{number}</a>"

    def _go_to_node(self, link: str) -> None:
        layer, _slash, uuid = link.partition("/")
        self._selection.set(layer, [self._project.store.fid(FeatureKey(layer, uuid))])
        self._zoom_there()

    def _zoom_there(self) -> None:
        boxes = [f.geometry.bounds for f in self._features if f.geometry is not None]
        extent = geometry_blob.union(boxes)
        if extent is not None:
            self.zoom_requested.emit(extent)

    def _edit(self, name: str, value: Value) -> None:
        keys = self._selection.keys(self._project)
        try:
            changes = set_values(self._project, keys, {name: value})
            if changes:
                store(self._project, changes)
        except HjgisError as error:
            self.troubled.emit(str(error))
            self.refresh()

    def _heard(self, announcement: Announcement) -> None:
        touched = set(announcement.layers) & {f.key.layer for f in self._features}
        asset = self._form.asset if self._form is not None else None
        if touched or (asset is not None and set(asset.ends_on) & set(announcement.layers)):
            self.refresh()


def _is_node(field: Field) -> bool:
    return field.name in _ENDS
