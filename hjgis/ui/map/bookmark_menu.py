"""The menu of named places: add, manage, go there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.ui.map.bookmarks import Bookmark, Bookmarks
from hjgis.ui.map.map_view import MapView

if TYPE_CHECKING:
    from hjgis.ui.dialogs.bookmarks import BookmarksDialog


class BookmarkMenu(QMenu):
    """Shows places in a view; `entries` stand above them."""

    failed = Signal(object)

    def __init__(
        self, bookmarks: Bookmarks, view: MapView, entries: Sequence[QAction], parent: QWidget
    ) -> None:
        super().__init__(_("Bookmarks"), parent)
        self._bookmarks, self._view, self._entries = bookmarks, view, list(entries)
        self._dialog: BookmarksDialog | None = None
        bookmarks.changed.connect(self._fill)
        self._fill()

    @property
    def bookmarks(self) -> Bookmarks:
        """The places that it shows."""
        return self._bookmarks

    def add_place(self) -> None:
        """Keep what is seen, under a name that is asked for."""
        from hjgis.ui.dialogs.bookmarks import ask_for_name

        frame, name = self._view.frame, ask_for_name(self._bookmarks, self._window())
        if name is None:
            return
        try:
            self._bookmarks.add(name, frame)
        except HjgisError as error:
            self.failed.emit(error)

    def manage(self) -> None:
        """Show the list of places; it stays open beside the map."""
        from hjgis.ui.dialogs.bookmarks import BookmarksDialog

        if self._dialog is None:
            self._dialog = BookmarksDialog(self._bookmarks, self._window())
            self._dialog.setModal(False)
            self._dialog.chosen.connect(self._show_place)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def _window(self) -> QWidget:
        return self._view.window()

    def _fill(self) -> None:
        self.clear()
        self.addActions(self._entries)
        self.addSeparator()
        for place in self._bookmarks:
            # A single ampersand would make the next letter a key.
            action = self.addAction(place.name.replace("&", "&&"))
            action.setData(place)
            action.triggered.connect(self._go)

    def _go(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._show_place(action.data())

    def _show_place(self, place: Bookmark) -> None:
        self._view.show_place(place.x, place.y, place.denominator)
        self._view.setFocus()
