"""A bar above the map that asks once who edits; nobody has to answer, and nothing waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton

from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.layers import foreign
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement
from hjgis.models.operators import (
    FACT,
    Operator,
    read_operators,
    same_name,
    store_operators,
    with_operator,
)
from hjgis.models.own_lists import clean_name
from hjgis.ui.actions.action_table import DRAW
from hjgis.ui.composing import NameLine
from hjgis.ui.door import store
from hjgis.ui.workspace import Workspace

_TOP_PX: Final = 8
_NAME_PX: Final = 110
_OFFERED: Final = 3
_BESIDE: Final = QBoxLayout.Direction.LeftToRight


class OperatorBar(QFrame):
    """Comes when somebody without a name begins to draw or has edited; `named` carries the name.

    It leaves the keyboard where it is until it is clicked.
    """

    named = Signal(str)

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.canvas)
        self._project, self._canvas = workspace.project, workspace.canvas
        self._asked = False
        self.setObjectName("operatorBar")
        # What is pressed here is not pressed on the map below it.
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.words, self.line = QLabel(), NameLine(hint=_("Full name"))
        self.words.setWordWrap(True)
        self.line.setFixedWidth(_NAME_PX)
        self.line.setAccessibleName(_("Operator"))
        self._known = QHBoxLayout()
        self._known.setSpacing(4)
        self.take, self.later = QPushButton(_("Write it")), QPushButton(_("Later"))
        self._row = QBoxLayout(_BESIDE, self)
        self._row.setContentsMargins(12, 6, 6, 6)
        self._row.setSpacing(8)
        answers = QHBoxLayout()
        answers.addLayout(self._known)
        for part in (self.line, self.take, self.later):
            answers.addWidget(part)
        self._row.addWidget(self.words, 1)
        self._row.addLayout(answers)
        self.hide()
        self._canvas.installEventFilter(self)
        for part in (self.line, self.take, self.later):
            part.installEventFilter(self)
        self.take.clicked.connect(self._take_typed)
        self.line.returnPressed.connect(self._take_typed)
        self.later.clicked.connect(self.close_bar)
        workspace.bridge.changed.connect(self._edited)
        workspace.tool_changed.connect(self._tool_taken)

    # -- when it asks --------------------------------------------------------------------

    def _tool_taken(self, tool: str) -> None:
        if tool.startswith(DRAW):
            self._ask_once()

    def _edited(self, announcement: Announcement) -> None:
        if announcement.label != foreign.LABEL:
            self._ask_once()

    def _ask_once(self) -> None:
        if not self._asked and not self._project.session.operator:
            self.ask()

    def ask(self) -> None:
        """Show the bar."""
        if self._project.read_only:
            return
        self._asked = True
        self._offer(read_operators(self._project.info(FACT)))
        self.line.setText(self._project.session.operator)
        self._say(_("Write your name: the history then tells who changed what."))
        self.show()
        self.raise_()

    def _offer(self, people: Sequence[Operator]) -> None:
        """Put a button for each of the first few who are listed: one click is an answer."""
        while (item := self._known.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for one in people[:_OFFERED]:
            button = QPushButton(one.name.replace("&", "&&"))
            button.clicked.connect(partial(self._take, one.name))
            button.installEventFilter(self)
            self._known.addWidget(button)

    def ask_now(self) -> None:
        """Show the bar to somebody who wants to type a name."""
        self.ask()
        self.line.setFocus()
        self.line.selectAll()

    def close_bar(self) -> None:
        """Go away, and give the keyboard back to the map."""
        had = self.isAncestorOf(focused) if (focused := self.window().focusWidget()) else False
        self.hide()
        if had:
            self._canvas.setFocus()

    # -- what is answered ----------------------------------------------------------------

    def _take_typed(self) -> None:
        self._take(self.line.text())

    def _take(self, text: str) -> None:
        try:
            name = work_as(self._project, text)
        except HjgisError as error:
            self._say(str(error), refused=True)
            return
        self.close_bar()
        self.named.emit(name)
        self._canvas.message.say(_("Changes are written down as {name}'s.").format(name=name))

    def _say(self, words: str, *, refused: bool = False) -> None:
        self.words.setObjectName("error" if refused else "")
        self.words.style().polish(self.words)
        self.words.setText(words)
        self._place()

    # -- the map below -------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self._canvas:
            self._place()
        escape = (
            isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Escape
            and watched is not self._canvas
        )
        if escape and event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        if escape and event.type() == QEvent.Type.KeyPress:
            self.close_bar()
            return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # No key that is pressed here is one of the map's.
        event.accept()

    def _place(self) -> None:
        room = self._canvas.width() - 2 * _TOP_PX
        words = self.words.fontMetrics().horizontalAdvance(self.words.text()) + _TOP_PX
        self._row.setDirection(_BESIDE)
        wanted = self.sizeHint().width() - self.words.sizeHint().width() + words
        if wanted > room:
            # Below the question, which would stand in five short lines else.
            self._row.setDirection(QBoxLayout.Direction.TopToBottom)
            wanted = max(words, self.minimumSizeHint().width()) + 2 * _TOP_PX
        self.resize(min(room, wanted), 10)
        height = max(self.heightForWidth(self.width()), self.minimumSizeHint().height())
        self.resize(self.width(), height)
        self.move((self._canvas.width() - self.width()) // 2, _TOP_PX)


def work_as(project: Project, text: str) -> str:
    """Let somebody work on a project under a name, listed among its operators; return the name.

    Raises
    ------
    EditRefused
        If it is no name.
    """
    people = read_operators(project.info(FACT))
    name = clean_name(text)
    listed = same_name(name, [one.name for one in people])
    project.session.work_as(listed or name)
    if listed is None:
        store(project, store_operators(project.info(FACT), with_operator(people, Operator(name))))
    return listed or name
