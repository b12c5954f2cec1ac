"""Step 5: what goes out, what stays here and what the formats cannot hold, before it is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem

from hjgis.delivery.planning import Planned
from hjgis.exchange.report import LayerExport, Loss
from hjgis.i18n import N_, _, grouped, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.naming import number_of
from hjgis.models.wording import layer_label
from hjgis.ui.deliveries.files_page import FORMATS
from hjgis.ui.deliveries.wishes import Wishes, WishPage
from hjgis.ui.dialogs.importing.tiles import Tiles
from hjgis.ui.page_parts import RIGHT, ROLE, align_right, column_of, fit_columns, heading, muted

# More lines than these are read by nobody; the workbook in the package has all of them.
_MOST_LINES: Final = 500
# Format with layer, field and count; what happens has the rest.
_WIDEST: Final = (300, 160, 80)
# So many words are made ready to be searched while nothing else is to be done.
_AT_ONCE: Final = 5000
_KINDS: Final[Mapping[str, str]] = {
    "truncated": N_("cut"),
    "unencodable": N_("characters that the encoding has not"),
    "type": N_("written as another type"),
    "empty": N_("empty text becomes nothing"),
    "time": N_("time of day"),
    "geometry": N_("the shape is written in another way"),
    "name": N_("name of the field"),
}


@dataclass(eq=False)
class _Group:
    """Losses of one kind in one field; there may be tens of thousands of them."""

    format: str
    layer: str
    field: str
    kind: str
    losses: list[Loss]

    def __post_init__(self) -> None:
        self._messages: list[str] = []

    def prepare(self, most: int) -> int:
        """Make the next words ready to be searched; return how many of so many at most."""
        start = len(self._messages)
        self._messages += [loss.message.casefold() for loss in self.losses[start : start + most]]
        return len(self._messages) - start

    def saying(self, wanted: str) -> list[Loss]:
        """Return those whose words have a text in them."""
        self.prepare(len(self.losses))
        pairs = zip(self.losses, self._messages, strict=True)
        return [loss for loss, message in pairs if wanted in message]


class PreviewPage(WishPage):
    """Counts, warnings, and a tree of losses by format, kind and field."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._shown: Planned | None = None
        self._groups: list[_Group] = []
        self._listed: list[tuple[str, list[Loss]]] = []
        self._notes: list[tuple[str, str]] = []
        self.tiles, self.warnings = Tiles(), QLabel()
        self.warnings.setObjectName("question")
        self.warnings.setWordWrap(True)
        self.warnings.setMargin(6)
        self.withheld = muted()
        self.said = heading("")
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Search by layer, field or value"))
        self.filter.setClearButtonEnabled(True)
        self.losses = QTreeWidget()
        self.losses.setObjectName("framed")
        self.losses.setUniformRowHeights(True)
        self.losses.setHeaderLabels(
            [_("Format and layer"), _("Field"), _("Count"), _("What happens")]
        )
        align_right(self.losses, 2)
        # Where nothing is lost, what stands above keeps its place.
        policy = self.losses.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.losses.setSizePolicy(policy)
        column = column_of(self)
        column.addWidget(self.tiles)
        column.addWidget(self.warnings)
        column.addWidget(self.withheld)
        column.addWidget(self.said)
        column.addWidget(self.filter)
        column.addWidget(self.losses, 1)
        self._preparing = QTimer(self, interval=0)
        self._preparing.timeout.connect(self._prepare)
        self.losses.itemExpanded.connect(self._expanded)
        self.filter.textChanged.connect(self._fill)

    def show_wishes(self, wishes: Wishes) -> None:
        planned = wishes.planned
        if planned is None or planned is self._shown:
            return
        self._shown = planned
        counts = {layer: len(fids) for layer, fids in planned.selection.rows.items()}
        self.tiles.show_counts(
            [
                (_("layers"), grouped(len(counts))),
                (_("features"), grouped(sum(counts.values()))),
                (_("km² of ground"), f"{planned.area_km2:.2f}"),
                (_("secrecy"), self._secrecy(planned)),
            ]
        )
        self.warnings.setText("\n".join(planned.warnings))
        self.warnings.setVisible(bool(planned.warnings))
        self.withheld.setText("\n".join(self._withheld(planned)))
        self.withheld.setVisible(bool(planned.withheld))
        self._groups = list(_grouped(planned.foreseen))
        self._notes = [
            (self._title(format_, layer.name), note)
            for format_, layers in planned.foreseen.items()
            for layer in layers
            for note in layer.notes
        ]
        self.filter.clear()
        self._fill()
        fit_columns(self.losses, _WIDEST)
        self._preparing.start()

    def _prepare(self) -> None:
        """Make words ready for the first letter of the filter, some at a time."""
        if not any(group.prepare(_AT_ONCE) for group in self._groups):
            self._preparing.stop()

    def _secrecy(self, planned: Planned) -> str:
        entry = self._project.catalogue.codes("secrecy_class").get(planned.secrecy)
        return label(entry.label) if entry else planned.secrecy

    def _withheld(self, planned: Planned) -> Iterable[str]:
        for entry in planned.withheld:
            words = _("Stays here: {what}")
            yield words.format(what=entry.said(self._project.asset_type(entry.layer)))

    # -- losses --------------------------------------------------------------------------

    def _fill(self) -> None:
        self.losses.clear()
        self._listed.clear()
        for group in self._groups:
            self._add(group)
        for title, note in self._notes:
            self._add_note(title, note)
        total = sum(len(group.losses) for group in self._groups)
        words = ngettext_(
            "{count} value cannot be kept as it is", "{count} values cannot be kept as they are",
            total,
        )  # fmt: skip
        self.said.setText(words.format(count=grouped(total)) if total else _("Nothing is lost."))
        self.losses.setVisible(bool(total or self._notes))
        self.filter.setVisible(bool(total or self._notes))

    def _add(self, group: _Group) -> None:
        wanted = self.filter.text().strip().casefold()
        asset = self._project.asset_type(group.layer)
        name = label(asset.field(group.field).label) if asset.has(group.field) else ""
        title, shown = self._title(group.format, group.layer), group.losses
        if wanted and wanted not in f"{title} {name}".casefold():
            shown = group.saying(wanted)
        if not shown:
            return
        what = shown[0].message
        if any(loss.message != what for loss in shown):
            what = _(_KINDS.get(group.kind, group.kind))
        item = QTreeWidgetItem([title, name, grouped(len(shown)), what])
        item.setToolTip(3, what)
        item.setTextAlignment(2, RIGHT)
        # Its number alone: Qt would copy the list.
        item.setData(0, ROLE, len(self._listed))
        self._listed.append((group.layer, shown))
        if len(shown) > 1 or shown[0].uuid:
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        self.losses.addTopLevelItem(item)

    def _title(self, format_: str, layer: str) -> str:
        return f"{dict(FORMATS)[format_]}  {layer_label(layer, self._project.catalogue)}"

    def _add_note(self, title: str, note: str) -> None:
        """List what changes on the way without being lost, such as a layer in several files."""
        if self.filter.text().strip().casefold() in f"{title} {note}".casefold():
            item = QTreeWidgetItem([title, "", "", note])
            item.setToolTip(3, note)
            self.losses.addTopLevelItem(item)

    def _expanded(self, item: QTreeWidgetItem) -> None:
        if item.childCount():
            return
        layer, losses = self._listed[item.data(0, ROLE)]
        for title, loss in self._titled(layer, losses[:_MOST_LINES]):
            child = QTreeWidgetItem([title, "", "", loss.message])
            child.setToolTip(3, loss.message)
            child.setFlags(child.flags() & ~Qt.ItemFlag.ItemIsDropEnabled)
            item.addChild(child)
        if len(losses) > _MOST_LINES:
            words = _("{count} more; the list in the package has all of them")
            item.addChild(QTreeWidgetItem([words.format(count=grouped(len(losses) - _MOST_LINES))]))

    def _titled(self, layer: str, losses: Sequence[Loss]) -> Iterator[tuple[str, Loss]]:
        """Return losses, each with how people call its feature."""
        asset, catalogue = self._project.asset_type(layer), self._project.catalogue
        keys = [FeatureKey(layer, loss.uuid) for loss in losses if loss.uuid]
        known = self._project.known(keys)
        for loss in losses:
            # Somebody may have deleted it since.
            feature = known.get(FeatureKey(layer, loss.uuid))
            title = number_of(asset, feature.values, catalogue) if feature is not None else ""
            yield title or loss.uuid or _("all features"), loss


def _grouped(foreseen: Mapping[str, Iterable[LayerExport]]) -> Iterator[_Group]:
    """Return losses by format, layer, field and kind."""
    for format_, layers in foreseen.items():
        for layer in layers:
            found: dict[tuple[str, str], list[Loss]] = defaultdict(list)
            for loss in layer.losses:
                found[loss.field, loss.kind].append(loss)
            for (field, kind), losses in found.items():
                yield _Group(format_, layer.name, field, kind, losses)
