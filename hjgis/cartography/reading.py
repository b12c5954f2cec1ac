"""What of a project's layers is on a map, read ready to be painted."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from hjgis.cartography.extents import union
from hjgis.cartography.portraying import Themed
from hjgis.checks.shading import Shading
from hjgis.layers.blob_arrays import shapes_of
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.shapes import DIMENSION_OF
from hjgis.models.styles.style import Style
from hjgis.models.styles.stylefile import style_for
from hjgis.progress import SILENT, Progress
from hjgis.render.features import LayerPaint, layer_paint, shapes_paint
from hjgis.render.frame import MapFrame

# What is read and painted around a frame: half of the widest street at 1:500.
AROUND_MM: Final = 20.0


def read_layers(
    project: Project,
    names: Sequence[str],
    frames: MapFrame | Sequence[MapFrame],
    *,
    subject: Sequence[str] = (),
    themed: Themed | None = None,
    progress: Progress = SILENT,
) -> list[LayerPaint]:
    """Read what of some layers lies in a frame, or around several, ready to be painted.

    Parameters
    ----------
    subject : sequence of str
        Layers that show at every scale, whatever their style says.
    themed : Themed, optional
        What features are coloured by instead of their style, and what is painted besides.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    each = [frames] if isinstance(frames, MapFrame) else frames
    extent = union([frame.grown(frame.px(AROUND_MM)) for frame in each])
    assert extent is not None
    layers: list[LayerPaint] = []
    for done, name in enumerate(names):
        progress.report(done, len(names), "read")
        progress.check()
        if themed is not None:
            added = themed.added.get(name, ())
            layers += map(_always, added) if name in subject else added
        if themed is None or name not in themed.hidden:
            shade = themed.shadings.get(name) if themed is not None else None
            largest = min(frame.scale_denominator for frame in each)
            layers.append(_read(project, name, extent, shade, largest, always=name in subject))
    return layers


def _always(paint: LayerPaint) -> LayerPaint:
    return replace(paint, style=_at_every_scale(paint.style))


def _at_every_scale(style: Style) -> Style:
    return replace(style, max_denominator=math.inf)


def _read(
    project: Project,
    name: str,
    extent: Extent,
    shade: Shading | None,
    largest: float,
    *,
    always: bool,
) -> LayerPaint:
    asset = project.asset_type(name)
    style = style_for(asset) if shade is None else shade.style
    if always:
        style = _at_every_scale(style)
    if not style.labels_at(largest):
        # To write what nobody sees takes as long as to read the rest.
        style = replace(style, label=None)
    title = asset.label if shade is None or shade.title is None else shade.title
    dimension = DIMENSION_OF[asset.geometry]
    if style.label is None and asset.is_spatial and name in project.store.types:
        # Arrays, as the screen has them: to make objects of all rows takes longer than the rest.
        batch = project.store.batch_within(name, style, extent)
        shapes, _skipped = shapes_of(batch, dimension)
        shapes = shapes.taken(np.argsort(shapes.fids, kind="stable"))
        paint = shapes_paint(name, shapes, style, label=title)
    else:
        paint = layer_paint(project.table(name, style.columns, extent=extent), style, label=title)
    return paint if shade is None else replace(paint, classes=shade.of(paint.fids))
