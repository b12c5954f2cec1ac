"""What somebody wants on paper, and every step on the way there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from PySide6.QtCore import QObject, Signal

from hjgis.cartography.composition import MapJob
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.sheets import Sheet, SheetItem
from hjgis.models.themes import Theme

Where = Literal["all", "view", "selection", "free"]
_MOST_STEPS: Final = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """A map as somebody wants it.

    Attributes
    ----------
    title : str
        Instead of the theme's; empty for that.
    scale : float, optional
        The n of 1 : n; None: the largest usual one at which the place fits.
    where, extent, center : str, tuple, tuple
        What the sheet shows: a kind of place; what it was when chosen, and where it was pulled to.
    """

    theme: Theme
    sheet: Sheet
    title: str = ""
    scale: float | None = None
    where: Where = "all"
    extent: Extent | None = None
    center: tuple[float, float] | None = None

    def job(self, project: Project) -> MapJob:
        """Return what the cartography makes of it."""
        return MapJob(
            project,
            title=self.title.strip() or None,
            sheet=self.sheet,
            theme=self.theme,
            scale=self.scale,
            center=self.center,
            extent=self.extent,
        )

    @property
    def what_is_read(self) -> object:
        """Equal for wishes for which the same has to be read; boxes and letters do not matter."""
        items = tuple(
            (one.id, one.kind, one.shown, one.picture, one.text if one.kind == "legend" else "")
            for one in self.sheet.items
        )
        box = self.sheet.map_mm
        size = (box.width, box.height, self.sheet.furniture)
        return (self.theme, self.scale, self.extent, self.center, items, size)

    def with_item(self, item: SheetItem) -> Wish:
        """Return the wish with one thing on the sheet changed."""
        return replace(self, sheet=self.sheet.with_item(item))


class Design(QObject):
    """The wish of now and those before it; `changed` is emitted after every step."""

    changed = Signal()

    def __init__(self, wish: Wish, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps, self._at = [wish], 0
        self._gesture = ""

    @property
    def wish(self) -> Wish:
        """What is wanted now."""
        return self._steps[self._at]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return self._at + 1 < len(self._steps)

    def change(self, wish: Wish, *, gesture: str = "") -> None:
        """Want something else; what belongs to one gesture (typing a title) is one step."""
        if wish == self.wish:
            return
        goes_on = bool(gesture) and gesture == self._gesture and self._at > 0
        del self._steps[self._at + (0 if goes_on else 1) :]
        self._steps.append(wish)
        del self._steps[:-_MOST_STEPS]
        self._at, self._gesture = len(self._steps) - 1, gesture
        self.changed.emit()

    def undo(self) -> None:
        """Take the latest step back."""
        self._go(-1)

    def redo(self) -> None:
        """Do again what was taken back."""
        self._go(1)

    def _go(self, by: int) -> None:
        if 0 <= self._at + by < len(self._steps):
            self._at, self._gesture = self._at + by, ""
            self.changed.emit()
