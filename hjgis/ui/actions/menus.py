"""The menu bar and the tool row, made from the tables of actions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QToolButton, QWidget

from hjgis.i18n import _, label
from hjgis.ui import theme
from hjgis.ui.actions.action_set import ActionSet
from hjgis.ui.actions.action_table import (
    BOOKMARK_ENTRIES,
    BOOKMARK_MENU,
    MENU_LETTERS,
    MENUS,
    RECENT_MENU,
    SNAP_MENU,
    SUBMENUS,
    TOOL_ROW,
    WORDED,
)
from hjgis.ui.actions.edit_table import DRAW_MENU, NODE_MENU
from hjgis.ui.actions.tool_row import ToolRow
from hjgis.ui.map.bookmark_menu import BookmarkMenu
from hjgis.ui.map.bookmarks import Bookmarks
from hjgis.ui.map.snap_menu import SnapMenu
from hjgis.ui.workspace import Workspace


class Menus(QObject):
    """Fills a window's menu bar and tool row; `project_chosen` says which recent one to open.

    Attributes
    ----------
    bookmarks : BookmarkMenu or None
        The menu of named places, once the menu bar of an open project is filled.
    """

    project_chosen = Signal(object)

    def __init__(
        self,
        actions: ActionSet,
        workspace: Workspace | None,
        recent: Sequence[str],
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._actions = actions
        self._workspace = workspace
        self._recent = recent
        self._window = window
        self.bookmarks: BookmarkMenu | None = None
        self._draw: QToolButton | None = None

    def fill(self, bar: QMenuBar) -> None:
        """Put the menus into a menu bar."""
        for title, entries in MENUS:
            menu = bar.addMenu(_with_letter(_(title), MENU_LETTERS[title]))
            for entry in entries:
                self._add_entry(menu, entry)

    def _add_entry(self, menu: QMenu, entry: str) -> None:
        if not entry:
            menu.addSeparator()
        elif entry == DRAW_MENU:
            self._draw_menu(menu.addMenu(theme.icon("draw"), _("Draw")))
        elif entry == NODE_MENU:
            words = _("Where a pipe ends at no node")
            self._node_menu(menu.addMenu(theme.icon("connect"), words))
        elif entry == RECENT_MENU:
            self._recent_menu(menu.addMenu(theme.icon("history"), _("Recent projects")))
        elif entry in SUBMENUS:
            title, icon, entries = SUBMENUS[entry]
            inner = menu.addMenu(theme.icon(icon), _(title))
            for one in entries:
                self._add_entry(inner, one)
        elif entry == BOOKMARK_MENU:
            self._add_bookmark_menu(menu)
        elif entry == SNAP_MENU:
            menu.addMenu(self._snap_menu()).setIcon(theme.icon("layers"))
        else:
            menu.addAction(self._actions[entry])

    def _draw_menu(self, menu: QMenu) -> QMenu:
        for action in reversed(self._actions.draw_ids):
            menu.addAction(self._actions[action])
        menu.setEnabled(bool(self._actions.draw_ids))
        return menu

    def _node_menu(self, menu: QMenu) -> None:
        if self._workspace is None:
            menu.setEnabled(False)
            return
        toolbox, group = self._workspace.toolbox, QActionGroup(menu)
        for layer in (None, *self._workspace.project.node_layers):
            asset = self._workspace.project.asset_type(layer) if layer else None
            name = label(asset.label) if asset else ""
            words = _("put {name} there").format(name=name) if asset else _("leave the end free")
            action = menu.addAction(words)
            action.setCheckable(True)
            action.setChecked(toolbox.missing_nodes == layer)
            action.triggered.connect(partial(toolbox.set_missing_nodes, layer))
            group.addAction(action)
        menu.setEnabled(not self._workspace.project.read_only)

    def _snap_menu(self) -> QMenu:
        if self._workspace is None:
            menu = QMenu(_("Snap to layers"), self._window)
            menu.setEnabled(False)
            return menu
        return SnapMenu(self._workspace.layers, self._window)

    def _recent_menu(self, menu: QMenu) -> None:
        for path in self._recent:
            action = menu.addAction(Path(path).name.replace("&", "&&"))
            action.setToolTip(path)
            action.setData(path)
            action.triggered.connect(self._open_recent)
        menu.setToolTipsVisible(True)
        menu.setEnabled(bool(self._recent))

    def _add_bookmark_menu(self, menu: QMenu) -> None:
        entries = [self._actions[entry] for entry in BOOKMARK_ENTRIES]
        if self._workspace is None:
            menu.addActions(entries)
            return
        bookmarks = Bookmarks(self._workspace.project, self)
        self.bookmarks = BookmarkMenu(bookmarks, self._workspace.canvas, entries, self._window)
        menu.addMenu(self.bookmarks).setIcon(theme.icon("bookmark"))

    def _open_recent(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.project_chosen.emit(Path(action.data()))

    def tool_row(self) -> QToolBar:
        """Return the row of tools."""
        bar = ToolRow()
        for entry in TOOL_ROW:
            if not entry:
                bar.addSeparator()
            elif entry == DRAW_MENU:
                self._draw = self._draw_button(bar)
                bar.addWidget(self._draw)
            else:
                bar.addAction(self._actions[entry])
                button = bar.widgetForAction(self._actions[entry])
                if entry == "snapping" and isinstance(button, QToolButton):
                    button.setMenu(self._snap_menu())
                    button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
                if entry in WORDED and isinstance(button, QToolButton):
                    bar.give_words(button)
        return bar

    def _draw_button(self, bar: ToolRow) -> QToolButton:
        button = QToolButton(bar)
        button.setIcon(theme.icon("draw"))
        button.setText(_("Draw"))
        bar.give_words(button)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self._draw_menu(QMenu(button)))
        button.setToolTip(_("Draw a new feature of a layer"))
        button.setCheckable(True)
        for action in self._actions.draw_ids:
            self._actions[action].toggled.connect(self._show_drawing)
        # The keyboard would switch it on and off.
        button.clicked.connect(self._show_drawing)
        return button

    def _show_drawing(self) -> None:
        """Let the button be down while something is drawn, like those of the other tools."""
        drawing = any(self._actions[action].isChecked() for action in self._actions.draw_ids)
        if self._draw is not None:
            self._draw.setChecked(drawing)


def _with_letter(title: str, letter: str) -> str:
    """Mark the letter that opens a menu with Alt; behind a title that has no Latin letters."""
    at = title.casefold().find(letter.casefold())
    return f"{title[:at]}&{title[at:]}" if at >= 0 else f"{title}(&{letter})"
