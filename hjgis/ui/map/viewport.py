"""Where the map is in the window: arithmetic without Qt."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from hjgis.models.changes import Extent
from hjgis.render.frame import MapFrame

SMALLEST_DENOMINATOR: Final = 10.0
LARGEST_DENOMINATOR: Final = 20_000_000.0
_REMEMBERED: Final = 50
_SMALLEST_SHARE: Final = 1e-9


def panned(frame: MapFrame, dx_px: float, dy_px: float, *, ratio: float = 1.0) -> MapFrame:
    """Return the frame after the map was dragged by so many window pixels right and down.

    The shift is rounded to whole device pixels (`ratio` of them to a window pixel): only then can
    a painted picture be copied to its new place without being drawn again.
    """
    dx_px, dy_px = round(dx_px * ratio) / ratio, round(dy_px * ratio) / ratio
    return replace(
        frame,
        center_x=frame.center_x - dx_px * frame.m_per_px,
        center_y=frame.center_y + dy_px * frame.m_per_px,
    )


def at_denominator(
    frame: MapFrame, denominator: float, *, about_px: tuple[float, float] | None = None
) -> MapFrame:
    """Return the frame at the scale 1 : `denominator`; the place at `about_px` stays put."""
    allowed = min(max(denominator, SMALLEST_DENOMINATOR), LARGEST_DENOMINATOR)
    m_per_px = frame.m_per_px * allowed / frame.scale_denominator
    if about_px is None:
        return replace(frame, m_per_px=m_per_px)
    x, y = frame.to_map(*about_px)
    from_middle = (about_px[0] - frame.width_px / 2, about_px[1] - frame.height_px / 2)
    return replace(
        frame,
        m_per_px=m_per_px,
        center_x=x - from_middle[0] * m_per_px,
        center_y=y + from_middle[1] * m_per_px,
    )


def resized(frame: MapFrame, width_px: float, height_px: float) -> MapFrame:
    """Return the frame in a window of another size, same middle and scale."""
    return replace(frame, width_px=max(width_px, 1.0), height_px=max(height_px, 1.0))


def fitted(frame: MapFrame, extent: Extent) -> MapFrame:
    """Return the frame that shows all of `extent`; a single place is shown at 1:500."""
    fit = MapFrame.fitting(
        extent, width_px=frame.width_px, height_px=frame.height_px, dpi=frame.dpi
    )
    return at_denominator(fit, min(fit.scale_denominator, LARGEST_DENOMINATOR))


def filled(frame: MapFrame, box: Extent) -> MapFrame:
    """Return the frame in which a box drawn into `frame` fills the window as far as it can."""
    middle = centred(frame, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
    return at_denominator(middle, frame.scale_denominator * _share(frame, box))


def shrunk(frame: MapFrame, box: Extent) -> MapFrame:
    """Return the frame in which all that `frame` shows lies in the place of a box drawn into it."""
    wide = at_denominator(frame, frame.scale_denominator / _share(frame, box))
    right_px = ((box[0] + box[2]) / 2 - frame.center_x) / frame.m_per_px
    up_px = ((box[1] + box[3]) / 2 - frame.center_y) / frame.m_per_px
    return centred(
        wide, frame.center_x - right_px * wide.m_per_px, frame.center_y - up_px * wide.m_per_px
    )


def _share(frame: MapFrame, box: Extent) -> float:
    """Return how much of the window a box takes, by the side that takes more."""
    wide, high = (box[2] - box[0]) / frame.width_px, (box[3] - box[1]) / frame.height_px
    return max(wide / frame.m_per_px, high / frame.m_per_px, _SMALLEST_SHARE)


def centred(frame: MapFrame, x: float, y: float) -> MapFrame:
    """Return the frame with another middle, same scale."""
    return replace(frame, center_x=x, center_y=y)


def on_device(frame: MapFrame, ratio: float, *, margin_px: float) -> MapFrame:
    """Return the frame in device pixels, larger by a margin (in window pixels) on each side."""
    return MapFrame(
        frame.center_x,
        frame.center_y,
        frame.m_per_px / ratio,
        (frame.width_px + 2 * margin_px) * ratio,
        (frame.height_px + 2 * margin_px) * ratio,
        frame.dpi * ratio,
    )


class ViewHistory:
    """The views that were looked at, to go back and forth."""

    def __init__(self) -> None:
        self._views: list[MapFrame] = []
        self._at = -1

    def visit(self, view: MapFrame) -> None:
        """Remember a view; what lay ahead of the present one is forgotten."""
        if self._at >= 0 and same_view(self._views[self._at], view):
            return
        self._views = [*self._views[: self._at + 1], view][-_REMEMBERED:]
        self._at = len(self._views) - 1

    @property
    def has_previous(self) -> bool:
        """Whether there is a view to go back to."""
        return self._at > 0

    @property
    def has_next(self) -> bool:
        """Whether there is a view to go forth to."""
        return self._at < len(self._views) - 1

    def previous(self) -> MapFrame:
        """Go back; IndexError where there is nothing."""
        if not self.has_previous:
            raise IndexError("no earlier view")
        self._at -= 1
        return self._views[self._at]

    def next(self) -> MapFrame:
        """Go forth; IndexError where there is nothing."""
        if not self.has_next:
            raise IndexError("no later view")
        self._at += 1
        return self._views[self._at]


def same_view(one: MapFrame, other: MapFrame) -> bool:
    """Whether two frames show the same middle at the same scale."""
    return (one.center_x, one.center_y, one.m_per_px) == (
        other.center_x,
        other.center_y,
        other.m_per_px,
    )
