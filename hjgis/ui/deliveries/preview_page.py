"""Step 5: what goes out, what stays here and what the formats cannot hold, before it is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QTreeWidget, QTreeWidgetItem

from hjgis.delivery.planning import Planned
from hjgis.exchange.report import LayerExport, Loss
from hjgis.i18n import N_, _, grouped, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.wording import layer_label
from hjgis.ui.deliveries.files_page import FORMATS
from hjgis.ui.deliveries.wishes import Wishes, WishPage
from hjgis.ui.dialogs.importing.tiles import Tiles
from hjgis.ui.page_parts import RIGHT, ROLE, column_of, heading, muted

# More lines than these are read by nobody; the workbook in the package has all of them.
_MOST_LINES: Final = 500
_KINDS: Final[Mapping[str, str]] = {
    "truncated": N_("cut"),
    "unencodable": N_("characters that the encoding has not"),
    "type": N_("written as another type"),
    "empty": N_("empty text becomes nothing"),
    "time": N_("time of day"),
    "geometry": N_("shape"),
    "name": N_("name of the field"),
}


class PreviewPage(WishPage):
    """Counts, warnings, and a tree of losses by format, kind and field."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project
        self._shown: Planned | None = None
        self.tiles, self.warnings = Tiles(), QLabel()
        self.warnings.setObjectName("question")
        self.warnings.setWordWrap(True)
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
        for place, width in enumerate((300, 130, 70)):
            self.losses.setColumnWidth(place, width)
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
        self.filter.clear()
        self._fill()

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
        planned = self._shown
        if planned is None:
            return
        total = 0
        for format_, layers in planned.foreseen.items():
            for (layer, field, kind), losses in _grouped(layers).items():
                total += len(losses)
                self._add(format_, layer, field, kind, losses)
        words = ngettext_(
            "{count} value cannot be kept as it is", "{count} values cannot be kept as they are",
            total,
        )  # fmt: skip
        self.said.setText(words.format(count=grouped(total)) if total else _("Nothing is lost."))
        self.losses.setVisible(bool(total))
        self.filter.setVisible(bool(total))

    def _add(self, format_: str, layer: str, field: str, kind: str, losses: Sequence[Loss]) -> None:
        wanted = self.filter.text().strip().casefold()
        asset = self._project.asset_type(layer)
        name = label(asset.field(field).label) if asset.has(field) else ""
        title = f"{dict(FORMATS)[format_]}  {layer_label(layer, self._project.catalogue)}"
        shown = list(losses)
        if wanted and wanted not in f"{title} {name}".casefold():
            shown = [loss for loss in losses if wanted in loss.message.casefold()]
        if not shown:
            return
        what = shown[0].message if len(shown) == 1 else _(_KINDS.get(kind, kind))
        item = QTreeWidgetItem([title, name, grouped(len(shown)), what])
        item.setToolTip(3, what)
        item.setTextAlignment(2, RIGHT)
        item.setData(0, ROLE, (layer, shown))
        if len(shown) > 1 or shown[0].uuid:
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)
        self.losses.addTopLevelItem(item)

    def _expanded(self, item: QTreeWidgetItem) -> None:
        if item.childCount():
            return
        layer, losses = item.data(0, ROLE)
        for loss in losses[:_MOST_LINES]:
            child = QTreeWidgetItem([self._title(layer, loss.uuid), "", "", loss.message])
            child.setToolTip(3, loss.message)
            child.setFlags(child.flags() & ~Qt.ItemFlag.ItemIsDropEnabled)
            item.addChild(child)
        if len(losses) > _MOST_LINES:
            words = _("{count} more; the list in the package has all of them")
            item.addChild(QTreeWidgetItem([words.format(count=grouped(len(losses) - _MOST_LINES))]))

    def _title(self, layer: str, uuid: str) -> str:
        """Return how people call a feature."""
        if not uuid:
            return _("all features")
        asset = self._project.asset_type(layer)
        if asset.display is None:
            return uuid
        feature = self._project.get(FeatureKey(layer, uuid))
        return str(feature.values.get(asset.display) or uuid)


def _grouped(layers: Sequence[LayerExport]) -> Mapping[tuple[str, str, str], Sequence[Loss]]:
    found: dict[tuple[str, str, str], list[Loss]] = defaultdict(list)
    for layer in layers:
        for loss in layer.losses:
            found[layer.name, loss.field, loss.kind].append(loss)
    return found
