"""The page painted in the background, as much of it as is seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QImage, QPainter

from hjgis.cartography.arranging import arranged
from hjgis.cartography.composition import Composition, compose
from hjgis.cartography.painting import paint_sheet
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.progress import Progress
from hjgis.ui.latest import Latest
from hjgis.ui.mapsheet.design import Wish


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A part of a page.

    Attributes
    ----------
    px_per_mm : float
        Pixels of the picture a millimetre of paper.
    left_px, top_px : int
        Where the picture's corner is on the page, in such pixels.
    composition, read : Composition
        What is painted; and as it was read, with its usual title.
    """

    image: QImage
    px_per_mm: float
    left_px: int
    top_px: int
    composition: Composition
    wish: Wish
    read: Composition


class Painting(QObject):
    """Paints what is asked for last; what was read is kept while it serves.

    `painted` carries a Picture, `failed` what went wrong; `busy_changed` whether one is on its way.
    """

    painted = Signal(object)
    failed = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._latest = Latest(project, _("Preview"), self)
        self._latest.failed.connect(self.failed)
        self._latest.busy_changed.connect(self.busy_changed)
        self._kept: Picture | None = None

    @property
    def busy(self) -> bool:
        """Whether a picture is still to come."""
        return self._latest.busy

    @property
    def picture(self) -> Picture | None:
        """The latest one."""
        return self._kept

    def ask(self, wish: Wish, px_per_mm: float, seen_px: QRect) -> None:
        """Paint a part of the page, given in pixels from the paper's corner."""
        kept = self._kept
        same = kept is not None and kept.wish.what_is_read == wish.what_is_read
        known = kept.read if kept is not None and same else None
        work = partial(_painted, wish=wish, known=known, px_per_mm=px_per_mm, seen_px=seen_px)
        self._latest.ask(work, self._take)

    def give_up(self) -> None:
        """Stop what is on its way; the last picture stays."""
        self._latest.give_up()

    def forget(self) -> None:
        """Read anew next time: the project has changed."""
        self._kept = None

    def stop(self) -> None:
        """Stop for good."""
        self._latest.stop()

    def _take(self, picture: Picture) -> None:
        self._kept = picture
        self.painted.emit(picture)


def _laid_out(read: Composition, wish: Wish) -> Composition:
    """Return a page that was read with everything where the wish has it."""
    title = wish.title.strip() or read.title
    said = arranged(read)[1]
    made = replace(read, sheet=wish.sheet, title=title)
    items, notes = arranged(made)
    kept = tuple(note for note in read.notes if note not in said)
    return replace(made, items=items, notes=(*kept, *notes))


def _painted(
    project: Project,
    progress: Progress,
    *,
    wish: Wish,
    known: Composition | None,
    px_per_mm: float,
    seen_px: QRect,
) -> Picture:
    read = known or compose(replace(wish, title="").job(project), progress=progress)
    page = _laid_out(read, wish)
    image = QImage(seen_px.size(), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    try:
        painter.translate(-seen_px.left(), -seen_px.top())
        paint_sheet(painter, page, px_per_mm=px_per_mm, progress=progress)
    finally:
        painter.end()
    return Picture(image, px_per_mm, seen_px.left(), seen_px.top(), page, wish, read)
