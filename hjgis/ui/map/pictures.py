"""The map's picture as images, made from the one before wherever pixels can be kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QRegion

from hjgis.layers.texts import LabelTexts
from hjgis.models.changes import Extent
from hjgis.progress import Progress
from hjgis.render.frame import MapFrame
from hjgis.render.map_picture import (
    MapSource,
    paint_rect,
    paint_selection,
    paint_texts,
    reach_px,
    tiers,
)
from hjgis.render.raster.choice import Tier
from hjgis.ui.map.blitting import blit, rects
from hjgis.ui.map.viewport import on_device

# Painted beyond the window's edge, so that a small pan shows no blank strip.
MARGIN_PX: Final = 96
# Above this share, painting all is quicker than painting pieces.
_MOST_ANEW: Final = 0.6


@dataclass(frozen=True, eq=False)
class FrameRequest:
    """What is to be painted: `frame` in window pixels, `ratio` device pixels to one of them.

    With a colour as `ground` the map is opaque; otherwise something lies below it.
    """

    frame: MapFrame
    ratio: float
    layers: tuple[MapSource, ...]
    selected: MapSource | None = None
    selected_fids: NDArray[np.int64] | None = None
    labels: bool = True
    ground: str | None = None


@dataclass(frozen=True, eq=False)
class Shot:
    """An image of the map; `frame` is what it shows, in device pixels, margin included."""

    image: QImage
    frame: MapFrame


@dataclass(frozen=True, eq=False)
class Picture:
    """What the window shows: the map, labels and what is selected, each on nothing.

    While the map moves, labels and selection may be a step behind the map. `flat`, where it is
    there, is all of it in one image: to copy that to the window takes half the time.

    Attributes
    ----------
    number : int
        How manieth of its maker.
    patch : QRect or None
        All that differs from the picture before, in pixels of the base; None if that is not known.
    """

    request: FrameRequest
    base: Shot
    tiers: tuple[Tier | None, ...]
    labels: Shot | None = None
    selection: Shot | None = None
    complete: bool = False
    flat: Shot | None = None
    number: int = 0
    patch: QRect | None = None

    @property
    def shots(self) -> tuple[Shot, ...]:
        """What is to be copied to the window at the scale of the map, the lowest first."""
        several = (self.base, self.labels, self.selection)
        return (self.flat,) if self.flat else tuple(shot for shot in several if shot)


class Wanted(Progress, Protocol):
    """Who waits for a picture."""

    @property
    def superseded(self) -> bool:
        """Whether a newer one is wanted already."""


class PictureMaker:
    """Makes pictures one after the other, in one thread."""

    def __init__(self, texts: LabelTexts) -> None:
        self._texts = texts
        self._last: Picture | None = None
        self._numbers = count(1)

    def close(self) -> None:
        """Give back what it reads from."""
        self._texts.close()
        self._last = None

    def pictures(self, request: FrameRequest, wanted: Wanted) -> Iterator[Picture]:
        """Yield the map first, then the same with new labels and selection."""
        last = self._last
        picture = self._base(request, last, wanted)
        frame = picture.base.frame
        labels_kept = last is not None and _same_labels(last, request, frame)
        if last is not None:
            # Labels of another scale would flash up, stretched.
            same = math.isclose(last.base.frame.m_per_px, frame.m_per_px, rel_tol=1e-9)
            labels = last.labels if same else None
            picture = replace(picture, labels=labels, selection=last.selection)
        if not labels_kept:
            self._last = picture
            moves = last is None or last.base.frame != frame
            # A moving map is copied many times; an edit is to be seen at once.
            yield self._numbered(_flattened(picture) if moves else picture)
            if wanted.superseded:
                return
            picture = replace(picture, labels=self._label_shot(picture, wanted))
        picture = replace(picture, selection=self._selection_shot(picture, last, wanted))
        self._last = picture = replace(picture, complete=True, patch=None)
        yield self._numbered(_flattened(picture))

    def _numbered(self, picture: Picture) -> Picture:
        return replace(picture, number=next(self._numbers))

    # -- the map -------------------------------------------------------------------------

    def _base(self, request: FrameRequest, last: Picture | None, wanted: Wanted) -> Picture:
        frame = on_device(request.frame, request.ratio, margin_px=MARGIN_PX)
        chosen = _tiers(request, last, frame)
        if last is not None:
            moved = _moved(last.base.frame, frame)
            if moved is not None and chosen == last.tiers:
                # Half a pixel aside is not seen; the next picture is again whole pixels away.
                frame = _shifted(last.base.frame, *moved)
                anew = _anew(last, request, frame, moved)
                if anew is not None:
                    image = last.base.image if anew.isEmpty() else _copied(last.base.image, moved)
                    self._paint(image, frame, request, chosen, anew, wanted)
                    patch = anew.boundingRect() if moved == (0, 0) else None
                    return Picture(request, Shot(image, frame), chosen, patch=patch)
        image = _blank(frame, request.ground)
        whole = QRegion(image.rect())
        self._paint(image, frame, request, chosen, whole, wanted)
        return Picture(request, Shot(image, frame), chosen)

    def _paint(
        self,
        image: QImage,
        frame: MapFrame,
        request: FrameRequest,
        chosen: Sequence[Tier | None],
        region: QRegion,
        wanted: Wanted,
    ) -> None:
        for rect in rects(region):
            painter = QPainter(image)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
            painter.fillRect(rect, _ink(request.ground))
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
            try:
                paint_rect(painter, frame, request.layers, chosen, rect, progress=wanted)
            finally:
                painter.end()

    # -- what lies above it --------------------------------------------------------------

    def _label_shot(self, picture: Picture, wanted: Wanted) -> Shot | None:
        request, frame = picture.request, picture.base.frame
        if not request.labels:
            return None
        image = _blank(frame)
        painter = QPainter(image)
        try:
            written = paint_texts(painter, frame, request.layers, self._texts, progress=wanted)
        finally:
            painter.end()
        return Shot(image, frame) if written else None

    def _selection_shot(
        self, picture: Picture, last: Picture | None, wanted: Wanted
    ) -> Shot | None:
        request, frame = picture.request, picture.base.frame
        if request.selected is None or request.selected_fids is None:
            return None
        if last is not None and _same_selection(last, request, frame):
            return last.selection
        image = _blank(frame)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        try:
            fids = request.selected_fids
            paint_selection(painter, frame, request.selected, fids, progress=wanted)
        finally:
            painter.end()
        return Shot(image, frame)


def _flattened(picture: Picture) -> Picture:
    """Return the picture with all of it in one image."""
    above = [(shot.image, shot.frame) for shot in picture.shots[1:]]
    if not above:
        return replace(picture, flat=picture.base)
    image = QImage(picture.base.image)
    painter = QPainter(image)
    try:
        blit(painter, above, picture.base.frame)
    finally:
        painter.end()
    return replace(picture, flat=Shot(image, picture.base.frame))


def _tiers(request: FrameRequest, last: Picture | None, frame: MapFrame) -> tuple[Tier | None, ...]:
    """Choose how the layers are painted; in the same frame an edited layer stays as it was."""
    known: dict[MapSource, Tier | None] = {}
    if last is not None and last.base.frame == frame:
        before = {layer.columns.layer: i for i, layer in enumerate(last.request.layers)}
        for layer in request.layers:
            i = before.get(layer.columns.layer)
            if i is not None and _is_edited(last.request.layers[i], layer):
                known[layer] = last.tiers[i]
    new = [layer for layer in request.layers if layer not in known]
    known |= zip(new, tiers(frame, new), strict=True)
    return tuple(known[layer] for layer in request.layers)


def _is_edited(before: MapSource, now: MapSource) -> bool:
    """Whether a layer is the same but for some edits, or for none."""
    return before.style is now.style and now.columns.changed_since(before.columns) is not None


def _same_labels(last: Picture, request: FrameRequest, frame: MapFrame) -> bool:
    """Whether the labels of the last picture are those of the next one."""
    return (
        last.complete
        and last.base.frame == frame
        and last.request.labels == request.labels
        and _same_sources(last.request.layers, request.layers)
    )


def _same_selection(last: Picture, request: FrameRequest, frame: MapFrame) -> bool:
    before, now = last.request.selected, request.selected
    return (
        last.complete
        and last.base.frame == frame
        and before is not None
        and now is not None
        and before.columns is now.columns
        and last.request.selected_fids is request.selected_fids
    )


def _same_sources(one: Sequence[MapSource], other: Sequence[MapSource]) -> bool:
    return len(one) == len(other) and all(
        a.columns is b.columns and a.style is b.style for a, b in zip(one, other, strict=True)
    )


def _moved(old: MapFrame, new: MapFrame) -> tuple[int, int] | None:
    """Return by how many device pixels the map moved right and down; None if it was not moved."""
    alike = (old.width_px, old.height_px, old.dpi) == (new.width_px, new.height_px, new.dpi)
    if not alike or not math.isclose(old.m_per_px, new.m_per_px, rel_tol=1e-12):
        return None
    right = round((old.center_x - new.center_x) / new.m_per_px)
    down = round((new.center_y - old.center_y) / new.m_per_px)
    return (right, down) if abs(right) < new.width_px and abs(down) < new.height_px else None


def _shifted(frame: MapFrame, right: int, down: int) -> MapFrame:
    if not (right or down):
        return frame
    return replace(
        frame,
        center_x=frame.center_x - right * frame.m_per_px,
        center_y=frame.center_y + down * frame.m_per_px,
    )


def _anew(
    last: Picture, request: FrameRequest, frame: MapFrame, moved: tuple[int, int]
) -> QRegion | None:
    """Return what must be painted anew after a move and some edits; None if all must."""
    width, height = round(frame.width_px), round(frame.height_px)
    whole = QRect(0, 0, width, height)
    result = QRegion(whole) - QRegion(whole.translated(*moved))
    if len(last.request.layers) != len(request.layers) or last.request.ground != request.ground:
        return None
    for before, now in zip(last.request.layers, request.layers, strict=True):
        if before.style is not now.style or before.columns.layer != now.columns.layer:
            return None
        extents = now.columns.changed_since(before.columns)
        if extents is None:
            return None
        margin = reach_px(now.style, frame)
        for extent in extents:
            result |= QRegion(_rect_of(extent, frame, margin) & whole)
    painted = sum(rect.width() * rect.height() for rect in rects(result))
    return result if painted <= _MOST_ANEW * width * height else None


def _rect_of(extent: Extent, frame: MapFrame, margin_px: float) -> QRect:
    """Return the pixels of a box on the map, grown by a margin."""
    left = (extent[0] - frame.center_x) / frame.m_per_px + frame.width_px / 2 - margin_px
    right = (extent[2] - frame.center_x) / frame.m_per_px + frame.width_px / 2 + margin_px
    top = (frame.center_y - extent[3]) / frame.m_per_px + frame.height_px / 2 - margin_px
    bottom = (frame.center_y - extent[1]) / frame.m_per_px + frame.height_px / 2 + margin_px
    # Far outside, pixel numbers do not fit Qt's integers.
    low, high = -(2**20), 2**20
    sides = [min(max(side, low), high) for side in (left, top, right, bottom)]
    corner = QPoint(math.floor(sides[0]), math.floor(sides[1]))
    return QRect(corner, QPoint(math.ceil(sides[2]), math.ceil(sides[3])))


def _blank(frame: MapFrame, ground: str | None = None) -> QImage:
    kind = QImage.Format.Format_RGB32 if ground else QImage.Format.Format_ARGB32_Premultiplied
    image = QImage(round(frame.width_px), round(frame.height_px), kind)
    image.fill(_ink(ground))
    return image


def _ink(ground: str | None) -> QColor:
    return QColor(ground) if ground else QColor(Qt.GlobalColor.transparent)


def _copied(image: QImage, moved: tuple[int, int]) -> QImage:
    """Return a copy whose content is moved right and down."""
    # What is outside the old image is transparent in the copy.
    return image.copy(image.rect().translated(-moved[0], -moved[1]))
