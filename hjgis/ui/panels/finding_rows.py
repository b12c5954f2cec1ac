"""Findings as rows of a table: headings, rules and, where a rule is opened, what it found.

A tree of Qt asks its model for every row that is open, which takes seconds for a million; a table
of rows of one height asks only for those in sight.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from hjgis.checks.arranging import Arranged, Group, Top, batch_of
from hjgis.checks.feature_words import NAME, words_of
from hjgis.checks.issue_list import Issues
from hjgis.i18n import N_, _, grouped
from hjgis.layers.project import Project
from hjgis.models.wording import layer_label
from hjgis.ui.severity_icon import severity_icon

FINDING, FEATURE, COUNT = range(3)
LEVEL: Final = Qt.ItemDataRole.UserRole
IS_OPEN: Final = Qt.ItemDataRole.UserRole + 1
_TITLES: Final = (N_("Finding"), N_("Feature"), N_("Count"))
_MUTED: Final = QColor("#5b6670")
# Words of rows around the one that is asked for are made with it.
_AROUND: Final = 100
_KEPT: Final = 4000
# More headings than this start folded.
_OPEN_AT_MOST: Final = 12
_Index = QModelIndex | QPersistentModelIndex
_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What a row shows: a heading, a rule below one, or a finding of a rule.

    Attributes
    ----------
    at : int or None
        Position of the finding in the issues.
    """

    top: Top
    group: Group | None = None
    at: int | None = None

    @property
    def key(self) -> _Key:
        """What tells the heading or the rule from others."""
        return (self.top.key,) if self.group is None else (self.top.key, self.group.rule.id)


class FindingModel(QAbstractTableModel):
    """What was found, arranged; words are made only for the rows that are shown."""

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project = project
        self.issues: Issues | None = None
        self.arranged = Arranged()
        self._pending: frozenset[str] = frozenset()
        self._grouping = ""
        self._toggled: set[tuple[str, ...]] = set()
        self._lines: list[Line] = []
        self._starts: list[int] = []
        self._length = 0
        self._messages: dict[int, str] = {}
        self._names: dict[tuple[str, int], str] = {}
        self._bold = QFont()
        self._bold.setBold(True)

    def show_findings(self, issues: Issues, arranged: Arranged, *, grouping: str) -> None:
        """Show other findings, or the same in another order; what is open stays open."""
        self.beginResetModel()
        if grouping != self._grouping:
            self._toggled.clear()
        self._grouping = grouping
        self.issues, self.arranged = issues, arranged
        self._messages.clear()
        self._names.clear()
        self._lay_lines()
        self.endResetModel()

    def show_pending(self, pending: Collection[str]) -> None:
        """Mark the rules whose findings may be out of date."""
        if frozenset(pending) != self._pending:
            self._pending = frozenset(pending)
            if self._length:
                last = self.index(self._length - 1, FEATURE)
                self.dataChanged.emit(self.index(0, FEATURE), last)

    # -- rows ----------------------------------------------------------------------------

    def line(self, row: int) -> Line:
        """Return what a row shows."""
        number = bisect_right(self._starts, row) - 1
        line = self._lines[number]
        if line.group is None or row == self._starts[number]:
            return line
        position = line.group.start + row - self._starts[number] - 1
        return Line(line.top, line.group, int(self.arranged.order[position]))

    def chosen(self, spans: Iterable[tuple[int, int]]) -> NDArray[np.int64]:
        """Return the positions of the findings that rows stand for, each once, rising.

        Parameters
        ----------
        spans : iterable of (int, int)
            First and last row of pieces next to one another. A heading or a rule stands for all
            that is listed below it.
        """
        order, picked = self.arranged.order, []
        for first, last in spans:
            number = bisect_right(self._starts, first) - 1
            while number < len(self._lines) and self._starts[number] <= last:
                line, start = self._lines[number], self._starts[number]
                if start >= first:
                    groups = (line.group,) if line.group is not None else line.top.groups
                    picked += [order[group.start : group.stop] for group in groups]
                elif line.group is not None:
                    begin = line.group.start + first - start - 1
                    picked.append(
                        order[begin : min(line.group.start + last - start, line.group.stop)]
                    )
                number += 1
        # numpy's own `unique` takes a second for a million.
        found = np.sort(np.concatenate([np.empty(0, np.int64), *picked]))
        return np.asarray(found[np.diff(found, prepend=-1) > 0])

    def is_open(self, line: Line) -> bool:
        """Whether what stands below a heading or a rule is shown."""
        usual = line.group is None and len(self.arranged.tops) <= _OPEN_AT_MOST
        return usual != (line.key in self._toggled)

    def set_open(self, row: int, *, opened: bool) -> None:
        """Show or hide what stands below a heading or a rule."""
        line = self.line(row)
        if line.at is not None or self.is_open(line) == opened:
            return
        before = self._below(line) if not opened else 0
        self._toggled ^= {line.key}
        count = self._below(line) if opened else before
        if opened:
            self.beginInsertRows(QModelIndex(), row + 1, row + count)
        else:
            self.beginRemoveRows(QModelIndex(), row + 1, row + count)
        self._lay_lines()
        if opened:
            self.endInsertRows()
        else:
            self.endRemoveRows()

    def row_of(self, at: int) -> int | None:
        """Return the row of a finding; None if it is filtered out or in what is folded."""
        for start, line in zip(self._starts, self._lines, strict=True):
            group = line.group
            if group is None or not self.is_open(line):
                continue
            found = np.flatnonzero(self.arranged.order[group.start : group.stop] == at)
            if len(found):
                return start + 1 + int(found[0])
        return None

    def row_of_line(self, key: _Key) -> int | None:
        """Return the row of a heading or a rule."""
        for start, line in zip(self._starts, self._lines, strict=True):
            if line.key == key:
                return start
        return None

    def keys_around(self, row: int) -> tuple[_Key, list[_Key], list[_Key]]:
        """Return the heading or rule of a row, those after it, and those before, nearest first."""
        here = bisect_right(self._starts, row) - 1
        keys = [line.key for line in self._lines]
        return keys[here], keys[here + 1 :], keys[:here][::-1]

    def reveal(self, at: int) -> int | None:
        """Open what a finding stands in, and return its row; None if it is filtered out."""
        place = np.flatnonzero(self.arranged.order == at)
        for top in self.arranged.tops if len(place) else ():
            for group in top.groups:
                if group.start <= place[0] < group.stop:
                    self._open((top.key,))
                    self._open((top.key, group.rule.id))
                    row = self.row_of_line((top.key, group.rule.id))
                    assert row is not None
                    return row + 1 + int(place[0]) - group.start
        return None

    def _open(self, key: _Key) -> None:
        row = self.row_of_line(key)
        if row is not None:
            self.set_open(row, opened=True)

    def _lay_lines(self) -> None:
        self._lines, self._starts, row = [], [], 0
        for top in self.arranged.tops:
            for line, length in self._lines_of(top):
                self._lines.append(line)
                self._starts.append(row)
                row += length
        self._length = row

    def _lines_of(self, top: Top) -> Iterator[tuple[Line, int]]:
        head = Line(top)
        yield head, 1
        if self.is_open(head):
            for group in top.groups:
                line = Line(top, group)
                yield line, 1 + (len(group) if self.is_open(line) else 0)

    def _below(self, line: Line) -> int:
        if line.group is not None:
            return len(line.group)
        return sum(length for _line, length in self._lines_of(line.top)) - 1

    # -- words ---------------------------------------------------------------------------

    def message(self, at: int) -> str:
        """Return what a finding says."""
        if at not in self._messages:
            assert self.issues is not None
            if len(self._messages) > _KEPT:
                self._messages.clear()
            self._messages[at] = self.issues[at].message
        return self._messages[at]

    def name(self, line: Line) -> str:
        """Return the layer and the name of the feature at fault."""
        assert self.issues is not None
        assert line.at is not None
        batch, row = batch_of(self.issues, line.at)
        layer, fid = batch.findings.layer, int(batch.findings.fids[row])
        if (layer, fid) not in self._names:
            self._read_names(line, layer)
        said = self._names.get((layer, fid), "")
        return f"{layer_label(layer, self._project.catalogue)} {said}".strip()

    def _read_names(self, line: Line, layer: str) -> None:
        assert self.issues is not None
        assert line.group is not None
        order = self.arranged.order[line.group.start : line.group.stop]
        middle = int(np.flatnonzero(order == line.at)[0])
        fids = set()
        for at in order[max(middle - _AROUND, 0) : middle + _AROUND].tolist():
            batch, row = batch_of(self.issues, at)
            if batch.findings.layer == layer:
                fids.add(int(batch.findings.fids[row]))
        if len(self._names) > _KEPT:
            self._names.clear()
        wanted = np.array(sorted(fids), np.int64)
        words = words_of(self._project, layer, NAME, fids=wanted)
        self._names |= {(layer, fid): words.of(fid) for fid in fids}

    # -- Qt ------------------------------------------------------------------------------

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else self._length

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(_TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _(_TITLES[section])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(section)
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        line, column = self.line(index.row()), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(line, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._words(line, column) or None
        if role == Qt.ItemDataRole.DecorationRole:
            rule = column == FINDING and line.group is not None and line.at is None
            return severity_icon(line.group.rule.severity) if rule and line.group else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(column)
        if role == Qt.ItemDataRole.ForegroundRole:
            return _MUTED if column == FEATURE else None
        if role == Qt.ItemDataRole.FontRole:
            return self._bold if line.group is None else None
        if role == LEVEL:
            return 0 if line.group is None else 1 if line.at is None else 2
        if role == IS_OPEN:
            return None if line.at is not None else self.is_open(line)
        return None

    def _words(self, line: Line, column: int) -> str:
        if line.at is not None:
            words = {FINDING: self.message, FEATURE: None}.get(column)
            if words is not None:
                return words(line.at)
            return self.name(line) if column == FEATURE else ""
        if column == COUNT:
            return grouped(len(line.group or line.top))
        if column == FINDING:
            return line.group.rule.title if line.group is not None else line.top.title
        return _("being updated") if self._is_pending(line) else ""

    def _is_pending(self, line: Line) -> bool:
        groups = line.top.groups if line.group is None else (line.group,)
        if line.group is None and self.is_open(line):
            return False
        return any(group.rule.id in self._pending for group in groups)


def _aligned(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column == COUNT else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
