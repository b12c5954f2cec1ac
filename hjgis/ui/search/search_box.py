"""One box that finds everything: at the right of the menu bar, Ctrl+K from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMainWindow,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _
from hjgis.ui import theme
from hjgis.ui.actions.menu_bar import MenuBar
from hjgis.ui.search.search_list import AnswerModel, AnswerView
from hjgis.ui.search.search_sources import Entry, SearchSources

if TYPE_CHECKING:
    from hjgis.ui.main_window import MainWindow

_BOX_PX: Final = 230
# Where the menus need the room.
_SMALL_BOX_PX: Final = 120
_PANEL_PX: Final = 520
_EDGE_PX: Final = 8
# Two letters that come faster than this are answered once.
_QUIET_MS: Final = 40
_PAGE: Final = 6
_LATEST: Final = 6
_OWN_KEYS: Final = frozenset(
    {Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Up, Qt.Key.Key_Down}
)
_STEPS: Final = {
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -_PAGE,
    Qt.Key.Key_PageDown: _PAGE,
}


class SearchBox(QLineEdit):
    """Answers as one types: arrows choose, Enter does, Esc goes back to where the keyboard was.

    While an input method is composing it has the keys, and nothing is searched.
    """

    answered = Signal()

    def __init__(self, window: QMainWindow, sources: SearchSources) -> None:
        super().__init__()
        self._window, self._sources = window, sources
        self._latest: list[str] = []
        self._back_to: QWidget | None = None
        self._composing = self._wanted = False
        self.setObjectName("searchBox")
        self.setClearButtonEnabled(True)
        self.setPlaceholderText(_("Search (Ctrl+K)"))
        self.setAccessibleName(_("Search everything"))
        self.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._model = AnswerModel(self)
        self._view, self._words = AnswerView(self._model), QLabel()
        self._state, self._keys = QLabel(), QLabel()
        self._panel = self._made_panel()
        self._soon = QTimer(self, interval=_QUIET_MS, singleShot=True)
        self._soon.timeout.connect(self.answer)
        self.textChanged.connect(self._soon.start)
        self.textEdited.connect(self._want)
        self._view.clicked.connect(self._clicked)
        self._view.entered.connect(self._view.setCurrentIndex)
        self.setFixedWidth(_BOX_PX)
        menus = window.menuBar()
        corner = QWidget(menus)
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 1, _EDGE_PX, 2)
        row.addWidget(self)
        menus.setCornerWidget(corner, Qt.Corner.TopRightCorner)
        if isinstance(menus, MenuBar):
            menus.room_changed.connect(self._fit)

    def _fit(self, room_px: int) -> None:
        """Leave the menus their room: at 150 % a laptop is 911 px wide."""
        self.setFixedWidth(max(_SMALL_BOX_PX, min(room_px - _EDGE_PX, _BOX_PX)))

    def _made_panel(self) -> QFrame:
        # A part of the window and no popup: the keyboard and its input method stay in the line.
        panel = QFrame(self._window)
        panel.setObjectName("searchPanel")
        panel.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._keys.setText(_("Enter: do it · Ctrl+Enter: select all of the layer · Esc: back"))
        self._around = (self._words, self._state, self._keys)
        for text in self._around:
            text.setObjectName("muted")
            text.setWordWrap(True)
            text.setContentsMargins(12, 6, 12, 6)
        column = QVBoxLayout(panel)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        for widget in (self._words, self._view, self._state, self._keys):
            column.addWidget(widget)
        panel.hide()
        return panel

    # -- opening and closing -------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether an answer is shown."""
        return self._panel.isVisible()

    @property
    def view(self) -> AnswerView:
        """The list of the answer."""
        return self._view

    @property
    def panel(self) -> QFrame:
        """What the answer is shown in."""
        return self._panel

    def open(self, text: str = "") -> None:
        """Take the keyboard and show what can be searched for."""
        focused = QApplication.focusWidget()
        if focused is not self:
            self._back_to = focused
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if text:
            self.setText(text)
        self.selectAll()
        self._begin()

    def _want(self) -> None:
        self._wanted = True

    def _begin(self) -> None:
        self._wanted = True
        self._sources.begin()
        self.answer()

    def close_answer(self) -> None:
        """Give the keyboard back to whoever had it."""
        self._hide()
        if self._back_to is not None and self._back_to.isVisible():
            self._back_to.setFocus()
        else:
            self._window.setFocus()

    def _hide(self) -> None:
        self._wanted = False
        self._panel.hide()
        self.clear()
        self._soon.stop()

    # -- answering -----------------------------------------------------------------------

    def answer(self) -> None:
        """Show what is found for what is typed."""
        self._soon.stop()
        if not self._wanted:
            return
        text = self.text().strip()
        asked = self._sources.sections(text) if text else self._sources.proposals(self._latest)
        self._model.show_sections(asked, text)
        self._words.setText("" if asked else self._nothing(text))
        self._words.setVisible(not asked)
        for widget in (self._view, self._keys):
            widget.setVisible(bool(asked))
        state = self._sources.state_words if text else ""
        self._state.setText(state)
        self._state.setVisible(bool(state))
        if text:
            self._view.choose_first()
        self._place()
        self.answered.emit()

    def follow_state(self) -> None:
        """Answer again: more can be found by now."""
        if self._panel.isVisible() and not self._composing:
            self.answer()

    def _nothing(self, text: str) -> str:
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        words = _(
            "Nothing is found for “{text}”. Names, numbers, ids, roads, units, kinds and remarks "
            "of all layers were searched, and commands, bookmarks and recent projects. Try fewer "
            "or other words."
        )
        return words.format(text=shown)

    def _place(self) -> None:
        """Put the answer below the box, as high as it needs and the window has."""
        bar = self._window.menuBar()
        corner = bar.mapTo(self._window, QPoint(0, bar.height()))
        width = min(_PANEL_PX, self._window.width() - 2 * _EDGE_PX)
        free = self._window.height() - corner.y() - 3 * _EDGE_PX
        self._panel.setFixedWidth(width)
        self._view.setFixedHeight(min(self._view.wanted_height(), free - self._other_height()))
        column = self._panel.layout()
        if column is not None:
            column.activate()
            self._panel.resize(width, column.totalHeightForWidth(width))
        self._panel.move(self._window.width() - width - _EDGE_PX, corner.y())
        self._panel.show()
        self._panel.raise_()

    def _other_height(self) -> int:
        """Return how much the panel needs beside the list."""
        width = self._panel.width()
        shown = [text for text in self._around if text.isVisibleTo(self._panel)]
        return sum(text.heightForWidth(width) for text in shown)

    # -- doing ---------------------------------------------------------------------------

    def _clicked(self, index: QModelIndex) -> None:
        self._view.setCurrentIndex(index)
        self._do(QApplication.keyboardModifiers())

    def _do(self, modifiers: Qt.KeyboardModifier) -> None:
        if self._soon.isActive():
            # What is typed last is not answered yet.
            self.answer()
        entry = self._view.entry
        if entry is None or entry.why_not:
            return
        if entry.fills:
            self.setText(entry.fills)
            self.answer()
            return
        act = _chosen(entry, modifiers)
        if act is None:
            return
        self._remember(self.text().strip())
        self.close_answer()
        act()

    def _remember(self, text: str) -> None:
        self._latest = [text, *(old for old in self._latest if old != text)][:_LATEST]

    # -- keys ----------------------------------------------------------------------------

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)

    def event(self, event: QEvent) -> bool:
        ours = isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS
        if ours and event.type() == QEvent.Type.ShortcutOverride:
            # Or the window would take them for its own.
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if self._composing or not self._panel.isVisible():
            super().keyPressEvent(event)
        elif key == Qt.Key.Key_Escape:
            self.close_answer()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(event.modifiers())
        elif key in _STEPS:
            self._view.step(_STEPS[key])
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() == Qt.FocusReason.MouseFocusReason:
            self._begin()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._composing = False
        if event.reason() not in (
            Qt.FocusReason.ActiveWindowFocusReason,
            Qt.FocusReason.PopupFocusReason,
        ):
            self._hide()


def search_box_of(window: MainWindow, recent: Sequence[str]) -> SearchBox:
    """Return the box of a window, put into its menu bar."""
    workspace = window.workspace
    sources = SearchSources(
        window.actions_by_id,
        workspace=workspace,
        docks=window.docks,
        bookmarks=window.bookmarks.bookmarks if window.bookmarks is not None else None,
        recent=recent,
        open_project=window.open_requested.emit,
    )
    box = SearchBox(window, sources)
    if workspace is not None:
        workspace.search.changed.connect(box.follow_state)
    return box


def _chosen(entry: Entry, modifiers: Qt.KeyboardModifier) -> Callable[[], object] | None:
    """Return what is to be done with a line."""
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        return entry.act_on_all or entry.act
    if modifiers & Qt.KeyboardModifier.AltModifier:
        return entry.act_aside or entry.act
    return entry.act
