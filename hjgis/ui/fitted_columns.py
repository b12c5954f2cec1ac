"""Columns of a list as wide as their words, as far as the list has room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QHeaderView, QTableView

# So much wider than asked for a column may become for its words.
_WIDENED: Final = 1.6
# So much of what takes the room that is left should be read.
_LEAST_PX: Final = 160
_MOST_PX: Final = 400
# A column is not cut below this, if its words are that long.
_KEPT_PX: Final = 96


class FittedColumns(QObject):
    """Shares out the width of a list whenever it changes or other rows are shown.

    Where the column that takes what is left has room to spare, others become wider for their
    words; where it has none, they give up what their words do not need. A column that somebody
    drew keeps its width.

    Parameters
    ----------
    widths : sequence of int
        What each column has at first; 0 takes the room that is left.
    squeezed : bool
        Whether columns cut their words before the list has to be scrolled sideways.
    """

    def __init__(self, view: QTableView, widths: Sequence[int], *, squeezed: bool) -> None:
        super().__init__(view)
        self._view, self._squeezed = view, squeezed
        self._widths = {at: width for at, width in enumerate(widths) if width}
        self._stretched: set[int] = set()
        self._fitting = False
        # The rows in sight: else Qt looks at a thousand below them, which takes it half a second.
        view.horizontalHeader().setResizeContentsPrecision(0)
        self._soon = QTimer(self, interval=0, singleShot=True)
        self._soon.timeout.connect(self.fit)
        view.viewport().installEventFilter(self)
        for said in (view.model().modelReset, view.model().rowsInserted):
            said.connect(self._soon.start)
        view.horizontalHeader().sectionResized.connect(self._drawn)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._soon.start()
        return False

    def fit(self) -> None:
        """Share out the width that there is now."""
        view = self._view
        header, room = view.horizontalHeader(), view.viewport().width()
        shown = [at for at in range(header.count()) if not header.isSectionHidden(at)]
        taking = [at for at in shown if self._takes_rest(at)]
        widths = {at: header.sectionSize(at) for at in shown if at not in taking}
        base = {at: self._widths[at] for at in widths if at in self._widths}
        heads = {at: header.sectionSizeHint(at) for at in shown}
        words = {at: max(view.sizeHintForColumn(at), heads[at]) for at in (*base, *taking)}
        widths |= base
        wanted = {at: min(words[at], round(_WIDENED * width)) for at, width in base.items()}
        lacking = {at: max(wanted[at] - width, 0) for at, width in base.items()}
        idle = {at: max(width - wanted[at], 0) for at, width in base.items()}
        spare = room - sum(widths.values()) - sum(min(words[at], _MOST_PX) for at in taking)
        # What words do not need is given up only where others lack it.
        taken = _taken(idle, sum(lacking.values()) - spare)
        given = _taken(lacking, spare + sum(taken.values()))
        widths |= {at: widths[at] - taken[at] + given[at] for at in base}
        if self._squeezed:
            least = sum(min(words[at], _LEAST_PX) for at in taking)
            kept = {at: max(heads[at], min(words[at], _KEPT_PX)) for at in base}
            rest = {at: max(widths[at] - kept[at], 0) for at in base}
            cut = _taken(rest, sum(widths.values()) + least - room)
            widths |= {at: widths[at] - cut[at] for at in base}
        self._fitting = True
        for at in base:
            if widths[at] != header.sectionSize(at):
                view.setColumnWidth(at, widths[at])
        left = (room - sum(widths.values())) // max(len(taking), 1)
        for at in taking:
            self._give_rest(at, left, min(words[at], _LEAST_PX))
        self._fitting = False

    def _give_rest(self, column: int, left: int, least: int) -> None:
        """Let a column take what is left, or what can be read: then the list is scrolled."""
        header, mode = self._view.horizontalHeader(), QHeaderView.ResizeMode
        if column not in self._stretched:
            return
        starved = left < least
        header.setSectionResizeMode(column, mode.Interactive if starved else mode.Stretch)
        if starved:
            self._view.setColumnWidth(column, least)

    def _takes_rest(self, column: int) -> bool:
        header = self._view.horizontalHeader()
        if header.sectionResizeMode(column) == QHeaderView.ResizeMode.Stretch:
            self._stretched.add(column)
        last = header.stretchLastSection() and column == header.count() - 1
        return last or column in self._stretched

    def _drawn(self, column: int, _before: int, _now: int) -> None:
        if not self._fitting and not self._takes_rest(column):
            self._widths.pop(column, None)


def _taken(there: Mapping[int, int], wanted: int) -> dict[int, int]:
    """Return what each column gives of what is wanted, in proportion to what it has."""
    share = min(max(wanted, 0) / max(sum(there.values()), 1), 1.0)
    return {at: int(share * more) for at, more in there.items()}
