"""Which part of a page is seen, and how large."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize

from hjgis.models.sheets import Box

_MARGIN_PX: Final = 16
_LEAST_PX_PER_MM: Final = 0.05
_MOST_PX_PER_MM: Final = 60.0
_LEAST_SIDE_PX: Final = 100
# So much of the page stays on the screen wherever it is pulled.
_IN_SIGHT_PX: Final = 60


class Lens:
    """Lays a page into a room on the screen, all of it or as somebody looks at it.

    Attributes
    ----------
    zoom : float
        Pixels of the screen a millimetre of paper.
    origin : QPointF
        Where the paper's corner is, pixels.
    """

    def __init__(self, paper_mm: tuple[float, float]) -> None:
        self._paper_mm, self._room = paper_mm, QSize()
        self._fits = True
        self.zoom, self.origin = 1.0, QPointF()

    @property
    def page(self) -> QRectF:
        """Where the page is."""
        return self.rect_of(Box(0, 0, *self._paper_mm))

    def rect_of(self, box: Box) -> QRectF:
        """Return where a box of the paper is."""
        corner = self.origin + QPointF(box.x, box.y) * self.zoom
        return QRectF(corner.x(), corner.y(), box.width * self.zoom, box.height * self.zoom)

    def set_paper(self, paper_mm: tuple[float, float]) -> None:
        """Look at another page, all of it."""
        self._paper_mm = paper_mm
        self.fit()

    def set_room(self, room: QSize) -> None:
        """Go on in a room of another size."""
        self._room = room
        if self._fits:
            self.fit()
        else:
            self._keep_in_sight()

    def fit(self) -> None:
        """Show the whole page, in the middle."""
        self._fits = True
        width, height = self._paper_mm
        across, down = self._room.width(), self._room.height()
        fits = min((across - 2 * _MARGIN_PX) / width, (down - 2 * _MARGIN_PX) / height)
        self.zoom = max(fits, _LEAST_PX_PER_MM)
        left, top = (across - width * self.zoom) / 2, (down - height * self.zoom) / 2
        self.origin = QPointF(round(left), round(top))

    def zoom_at(self, place: QPointF, factor: float) -> None:
        """Show the page larger or smaller; what lies under a place stays there."""
        smallest = _LEAST_SIDE_PX / max(self._paper_mm)
        new = min(max(self.zoom * factor, smallest), _MOST_PX_PER_MM)
        self.pull_to(place - (place - self.origin) * (new / self.zoom), zoom=new)

    def pull_to(self, origin: QPointF, *, zoom: float | None = None) -> None:
        """Put the paper's corner somewhere; some of the page stays in sight."""
        self.origin, self.zoom, self._fits = origin, zoom or self.zoom, False
        self._keep_in_sight()

    def _keep_in_sight(self) -> None:
        width, height = (side * self.zoom for side in self._paper_mm)
        left = min(max(self.origin.x(), _IN_SIGHT_PX - width), self._room.width() - _IN_SIGHT_PX)
        top = min(max(self.origin.y(), _IN_SIGHT_PX - height), self._room.height() - _IN_SIGHT_PX)
        self.origin = QPointF(round(left), round(top))
