"""How a layer is painted: feature by feature while they are few, as masks when they are many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from PySide6.QtGui import QPainter

from hjgis.layers.parts import Part, meeting
from hjgis.models.changes import Extent
from hjgis.models.styles.style import Style, SymbolKind
from hjgis.progress import SILENT, Progress
from hjgis.render.frame import MapFrame
from hjgis.render.raster.areas import paint_areas
from hjgis.render.raster.lines import paint_lines
from hjgis.render.raster.points import paint_points

Tier = Literal["plain", "dense"]
# Features and vertices in view up to which QPainter is as quick as masks, which take some 25 to
# 50 ms for 1600 x 1000 pixels: it takes 2.5 us a point, 15 to 30 us a line, 15 us an area.
_MOST_FEATURES: Final[dict[SymbolKind, int]] = {"marker": 10_000, "line": 2_500, "fill": 3_000}
_MOST_VERTICES: Final[dict[SymbolKind, int]] = {"marker": 20_000, "line": 40_000, "fill": 60_000}
# A picture with four times the pixels takes masks four times as long.
_PIXELS: Final = 1_600_000


def tier(parts: Sequence[Part], style: Style, frame: MapFrame) -> Tier:
    """Choose how a layer is painted in a frame."""
    larger = max(frame.width_px * frame.height_px / _PIXELS, 1.0)
    features = vertices = 0.0
    for part in parts:
        count = _count(part, frame.extent)
        features += count
        vertices += count * len(part.shapes.coords) / max(len(part), 1)
    few = features <= _MOST_FEATURES[style.kind] * larger
    return "plain" if few and vertices <= _MOST_VERTICES[style.kind] * larger else "dense"


def paint_dense(
    painter: QPainter,
    frame: MapFrame,
    parts: Sequence[Part],
    style: Style,
    *,
    halo: bool = False,
    progress: Progress = SILENT,
) -> None:
    """Paint the features of parts as masks.

    Sizes, places and colours are those of `paint_plain` to a pixel; edges are not smoothed, and
    dashes, letters, hatches and glyphs drop out.

    Parameters
    ----------
    halo : bool
        All of it is selected: paint the double halo below it.
    """
    paint = {"marker": paint_points, "line": paint_lines, "fill": paint_areas}[style.kind]
    paint(painter, frame, parts, style, halo=halo, progress=progress)


def _count(part: Part, extent: Extent) -> int:
    """Return how many rows have a box that meets the extent; some may be gone."""
    count = 0
    for run in part.runs(extent):
        if run.inside:
            count += run.stop - run.start
        else:
            count += int(np.count_nonzero(meeting(part.boxes(run.start, run.stop), extent)))
    return count
