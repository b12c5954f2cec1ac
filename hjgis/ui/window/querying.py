"""What the window's questions do: select by sentence and by place, saved queries, map filters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from hjgis.i18n import _, grouped, label
from hjgis.layers import querying
from hjgis.models.changes import Announcement
from hjgis.models.queries import FACT, SavedQuery, new_query, save_query
from hjgis.models.query import Query, layers_of
from hjgis.models.sentences import sentence
from hjgis.progress import Progress
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.query.choosing import chosen
from hjgis.ui.docks import Docks
from hjgis.ui.map.map_layers import MapFilter
from hjgis.ui.sentence.surroundings import Surroundings
from hjgis.ui.workspace import Workspace

if TYPE_CHECKING:
    from hjgis.ui.dialogs.query.filter_dialog import FilterDialog
    from hjgis.ui.dialogs.query.location_dialog import LocationDialog
    from hjgis.ui.dialogs.query.saved_dialog import SavedDialog
    from hjgis.ui.dialogs.query.sentence_dialog import SentenceDialog
    from hjgis.ui.dialogs.query.statistics_dialog import StatisticsDialog


class Querying(QObject):
    """Holds the windows that ask, and what the map is filtered by."""

    def __init__(self, workspace: Workspace, docks: Docks, window: QWidget) -> None:
        super().__init__(window)
        self._space, self._docks, self._window = workspace, docks, window
        self.around = Surroundings(workspace.project, workspace.selection, self._seen)
        self._sentence: SentenceDialog | None = None
        self._location: LocationDialog | None = None
        self._saved: SavedDialog | None = None
        self._statistics: StatisticsDialog | None = None
        self._filters: dict[str, Query] = {}
        workspace.bridge.changed.connect(self._heard)
        workspace.closing.connect(self.stop)
        docks.layer_tree.filter_off_wanted.connect(self.show_all_of)
        docks.table.filter_bar.edit_wanted.connect(self._edit_filter)
        docks.table.filter_bar.save_wanted.connect(self.save)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what is done for each action."""
        return {
            "select-sentence": self.show_sentence,
            "select-location": self.show_location,
            "queries": self.show_saved,
            "statistics": self.show_statistics,
        }

    # -- windows ---------------------------------------------------------------------------

    def sentence_dialog(self) -> SentenceDialog:
        """Return the window that selects by conditions; it stays open beside the map."""
        from hjgis.ui.dialogs.query.sentence_dialog import SentenceDialog

        if self._sentence is None:
            dialog = SentenceDialog(self.around, self._usual_layer(), self._window)
            dialog.save_wanted.connect(self.save)
            dialog.filter_wanted.connect(self.filter_map)
            dialog.zoom_wanted.connect(self._zoom_when_selected)
            self._sentence = dialog
        return self._sentence

    def location_dialog(self) -> LocationDialog:
        """Return the window that selects by location; it stays open beside the map."""
        from hjgis.ui.dialogs.query.location_dialog import LocationDialog

        if self._location is None:
            dialog = LocationDialog(self.around, self._window)
            dialog.zoom_wanted.connect(self._zoom_when_selected)
            self._location = dialog
        return self._location

    def saved_dialog(self) -> SavedDialog:
        """Return the list of saved queries; it stays open beside the map."""
        from hjgis.ui.dialogs.query.saved_dialog import SavedDialog

        if self._saved is None:
            self._saved = SavedDialog(self._space.project, self._window)
            self._saved.wanted.connect(self._space.carry_out)
            self._saved.used.connect(self._use)
        return self._saved

    def show_sentence(self) -> None:
        """Open the window that selects by conditions."""
        dialog = self.sentence_dialog()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def show_location(self) -> None:
        """Open the window that selects by location."""
        dialog = self.location_dialog()
        dialog.refresh()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def show_saved(self) -> None:
        """Open the list of saved queries."""
        dialog = self.saved_dialog()
        dialog.refresh()
        dialog.show()
        dialog.raise_()

    def statistics_dialog(self) -> StatisticsDialog:
        """Return the window of statistics; it stays open beside the map."""
        from hjgis.ui.dialogs.query.statistics_dialog import StatisticsDialog
        from hjgis.ui.panels.statistics import StatisticsPanel

        if self._statistics is None:
            panel = StatisticsPanel(self.around, self._usual_layer())
            panel.found.connect(self._show_counted)
            panel.failed.connect(self._space.failed)
            self._docks.table.filter_bar.changed.connect(self._table_filtered)
            self._statistics = StatisticsDialog(panel, self._window)
            self._table_filtered()
        return self._statistics

    def show_statistics(self) -> None:
        """Open the window of statistics."""
        dialog = self.statistics_dialog()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def stop(self) -> None:
        """Stop looking for anything, with the project."""
        for dialog in (self._sentence, self._location):
            if dialog is not None:
                dialog.counting.stop()
        if self._statistics is not None:
            self._statistics.panel.stop()

    # -- saved queries -----------------------------------------------------------------------

    def save(self, query: Query) -> None:
        """Ask for a name and keep a query."""
        from hjgis.ui.dialogs.query.saved_dialog import PropertiesDialog

        loaded = self._sentence.loaded if self._sentence is not None else None
        same = loaded is not None and loaded.query is not None and loaded.query.layer == query.layer
        entry = replace(loaded, query=query) if same and loaded else new_query("", query)
        dialog = PropertiesDialog(entry, self._window)
        if accepted(dialog):
            self.keep(dialog.entry())

    def keep(self, entry: SavedQuery) -> None:
        """Keep a query under its name; an edit like others."""
        stored = self._space.project.info(FACT)
        if any(other.id == entry.id and other.name != entry.name for other in self._entries()):
            # Another name for a changed query makes another query.
            entry = replace(entry, id=new_query("", Query("")).id)
        self._space.carry_out(partial(save_query, stored, entry))

    def _entries(self) -> list[SavedQuery]:
        return querying.saved(self._space.project)

    def _use(self, how: str, entry: SavedQuery) -> None:
        query = entry.query
        if query is None:
            return
        if how == "select":
            self.select(query)
        elif how == "map":
            self.filter_map(query)
        elif how == "table":
            self._docks.open_table(query.layer)
            self._docks.table.filter_bar.show_query(query)
        else:
            self.sentence_dialog().show_query(query, entry)
            self.show_sentence()

    # -- what is found -------------------------------------------------------------------------

    def select(self, query: Query) -> None:
        """Select what a query finds."""
        self._find(query, partial(self._selected, query))

    def filter_map(self, query: Query) -> None:
        """Show only what a query finds of its layer on the map."""
        self._filters[query.layer] = query
        self._find(query, partial(self._filtered, query, say=True))

    def show_all_of(self, layer: str) -> None:
        """Show all features of a layer again."""
        self._filters.pop(layer, None)
        if layer in self._space.layers:
            self._space.layers.set_filter(layer, None)

    def _find(self, query: Query, then: Callable[[NDArray[np.int64]], None]) -> None:
        reader = self._space.project.reader

        def work(progress: Progress) -> NDArray[np.int64]:
            with reader() as project:
                return querying.rows(project, query, progress=progress)

        self._space.jobs.run(work, then, title=_("Looking for features"))

    def _selected(self, query: Query, fids: NDArray[np.int64]) -> None:
        self._show_counted(query.layer, fids)

    def _filtered(self, query: Query, fids: NDArray[np.int64], *, say: bool) -> None:
        if self._filters.get(query.layer) is not query or query.layer not in self._space.layers:
            return
        project = self._space.project
        words = sentence(query, project.types, project.catalogue)
        self._space.layers.set_filter(query.layer, MapFilter(fids, words))
        if say:
            text = _("Only {count} of {total} are shown: {words}")
            total = project.count(query.layer)
            said = text.format(count=grouped(len(fids)), total=grouped(total), words=words)
            undo = partial(self.show_all_of, query.layer)
            self._space.canvas.message.say(said, _("Show all"), undo)

    def _heard(self, announcement: Announcement) -> None:
        """Ask again what an edit may have changed."""
        for query in list(self._filters.values()):
            if query.layer not in self._space.project.types:
                self._filters.pop(query.layer)
            elif not layers_of(query).isdisjoint(announcement.layers):
                self._find(query, partial(self._filtered, query, say=False))
        for dialog in (self._sentence, self._location):
            if dialog is not None:
                dialog.heard(announcement)
        if self._statistics is not None:
            self._statistics.panel.heard(announcement)
        if FACT in announcement.facts:
            if self._statistics is not None:
                self._statistics.panel.refresh_queries()
            for listing in (self._saved, self._sentence):
                if listing is not None:
                    listing.refresh()

    # -- the table -----------------------------------------------------------------------------

    def filter_dialog(self, query: Query) -> FilterDialog:
        """Return the window that asks for the table's filter."""
        from hjgis.ui.dialogs.query.filter_dialog import FilterDialog

        return FilterDialog(self.around, query, self._window)

    def _edit_filter(self, query: Query) -> None:
        dialog = self.filter_dialog(query)
        if accepted(dialog):
            wanted = dialog.query()
            if wanted is not None:
                self._docks.table.filter_bar.show_query(wanted)

    def _table_filtered(self) -> None:
        asset, panel = self._docks.table.model.asset, self.statistics_dialog().panel
        bar = self._docks.table.filter_bar
        panel.table_query = Query(asset.id, bar.conditions) if asset is not None else None

    def _show_counted(self, layer: str, fids: NDArray[np.int64]) -> None:
        chosen(self._space.selection, layer, fids, "new")
        name = label(self._space.project.asset_type(layer).label)
        text = _("{count} × {layer} selected")
        self._space.canvas.message.say(text.format(count=grouped(len(fids)), layer=name))

    # -- inside --------------------------------------------------------------------------------

    def _seen(self) -> tuple[float, float, float, float]:
        return self._space.canvas.frame.extent

    def _usual_layer(self) -> str:
        layer = self._space.selection.layer or self._docks.layer_tree.current_layer
        types = self._space.project.types
        return layer or ("manhole" if "manhole" in types else next(iter(types)))

    def _zoom_when_selected(self) -> None:
        if self._space.selection.layer is not None:
            self._space.zoom_to_selection()
