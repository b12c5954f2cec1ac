"""Where somebody is in the list of findings, so that another list leaves them there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from hjgis.checks.arranging import Spot, find, spot_of
from hjgis.ui.panels.finding_view import FindingView

# Of those that follow, so many are looked for when the current one is gone.
_FOLLOWING: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What the cursor is on and how far down the window that is.

    Attributes
    ----------
    spots : tuple of Spot
        The finding under the cursor and those after it, as far as they are listed.
    lines : tuple of tuple of str
        Headings and rules to go to when the findings are gone, the best one first.
    offset : int
        Rows between the first one in sight and the cursor.
    """

    spots: tuple[Spot, ...]
    lines: tuple[tuple[str, ...], ...]
    offset: int
    top: int

    @classmethod
    def of(cls, view: FindingView) -> Self:
        """Remember the place."""
        top, row = view.verticalScrollBar().value(), view.currentIndex().row()
        if view.rows.issues is None or not 0 <= row < view.rows.rowCount():
            return cls((), (), 0, top)
        spots = []
        for line in range(row, min(row + _FOLLOWING, view.rows.rowCount())):
            at = view.rows.line(line).at
            if at is None:
                break
            spots.append(spot_of(view.rows.issues, at))
        here, below, above = view.rows.keys_around(row)
        # After the last finding of a rule the next rule comes, not the same one from its start.
        lines = (*below, here, *above) if spots else (here, *below, *above)
        return cls(tuple(spots), lines, row - top, top)

    def restore(self, view: FindingView) -> bool:
        """Put the cursor back; return whether it had to go on to the next finding."""
        row = self._row(view)
        if row is None:
            view.doItemsLayout()
            view.verticalScrollBar().setValue(self.top)
            return False
        view.put_cursor(row)
        view.verticalScrollBar().setValue(max(row - self.offset, 0))
        at = view.current
        assert view.rows.issues is not None
        return bool(self.spots) and (at is None or spot_of(view.rows.issues, at) != self.spots[0])

    def _row(self, view: FindingView) -> int | None:
        issues = view.rows.issues
        if issues is None:
            return None
        for number, spot in enumerate(self.spots):
            at = find(issues, spot)
            if at is not None:
                # In other company it may stand in something that is folded.
                row = view.rows.row_of(at) if number else view.rows.reveal(at)
                if row is not None:
                    return row
        rows = (view.rows.row_of_line(line) for line in self.lines)
        return next((row for row in rows if row is not None), None)
