"""What an import would store, in a few lines of words; nothing here knows Qt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import shapely

from hjgis.exchange.differences import LayerUpdate
from hjgis.exchange.importing import ImportPlan
from hjgis.i18n import _, grouped, label, listed
from hjgis.layers.project import Project
from hjgis.models.crs import parse_crs
from hjgis.ui.dialogs.importing import wording

Lines = tuple[tuple[str, str], ...]
_ID: Final = "component_id"
# More kinds or fields than these say nothing at a glance.
_MOST_NAMED: Final = 8


def gist(project: Project, plan: ImportPlan) -> Lines:
    """Return headings and words: how much of what, where, in which system, under which ids."""
    layers = [layer for layer in plan.update.layers if len(layer.fresh_rows)]
    return tuple(_lines(project, plan, layers)) if layers else ()


def _lines(
    project: Project, plan: ImportPlan, layers: Sequence[LayerUpdate]
) -> Iterator[tuple[str, str]]:
    for layer in layers:
        kinds, said = _kinds(project, layer), grouped(len(layer.fresh_rows))
        if kinds:
            said = _("{count}: {kinds}").format(count=said, kinds=kinds)
        yield label(layer.asset.label), said
    if where := _where(layers):
        yield _("Extent"), where
    if plan.report.crs is not None:
        own, theirs = project.crs, parse_crs(plan.report.crs)
        said = wording.system(own.public_text)
        if theirs != own:
            words = _("{theirs}, stored in {own}")
            said = words.format(theirs=wording.system(plan.report.crs), own=said)
        yield _("Coordinate system"), said
    for layer in layers:
        if layer.asset.has(_ID):
            yield _("Component ids"), _ids(layer)
        yield _("Fields with values"), _filled(layer)


def _kinds(project: Project, layer: LayerUpdate) -> str:
    name = layer.asset.class_field
    column = layer.fresh.columns.get(name) if name else None
    if not name or column is None:
        return ""
    codes = layer.asset.field(name).codes
    counts = Counter(value for value in column if value is not None)
    said = [
        f"{project.catalogue.codes(codes).label_of(str(value)) if codes else value} {grouped(n)}"
        for value, n in counts.most_common(_MOST_NAMED)
    ]
    if more := len(counts) - len(said):
        said.append(_("{count} more").format(count=more))
    return listed(said)


def _where(layers: Sequence[LayerUpdate]) -> str:
    """Return the box around all that is new, metres north and east, and how large it is."""
    boxes = [shapely.total_bounds(layer.fresh.geometry) for layer in layers]
    boxes = [box for box in boxes if np.isfinite(box).all()]
    if not boxes:
        return ""
    west, south = np.min(boxes, axis=0)[:2]
    east, north = np.max(boxes, axis=0)[2:]
    words = _(
        "X(N) {south:.1f} to {north:.1f}, Y(E) {west:.1f} to {east:.1f} ({high:.0f} × {wide:.0f} m)"
    )
    return words.format(
        south=south, north=north, west=west, east=east, high=north - south, wide=east - west
    )


def _ids(layer: LayerUpdate) -> str:
    given = sum(value is not None for value in layer.fresh.columns.get(_ID, ()))
    without = len(layer.fresh_rows) - given
    if not without:
        return _("all come with the file")
    if not given:
        return _("none come with the file; give them out after the import")
    words = _("{given} come with the file, {without} have none yet")
    return words.format(given=grouped(given), without=grouped(without))


def _filled(layer: LayerUpdate) -> str:
    columns = layer.fresh.columns
    filled = [
        field
        for field in layer.asset.fields
        if any(value is not None for value in columns.get(field.name, ()))
    ]
    named = [label(field.label) for field in filled[:_MOST_NAMED]]
    if more := len(filled) - len(named):
        named.append(_("{count} more").format(count=more))
    words = _("{count} of {all}: {names}")
    return words.format(count=len(filled), all=len(layer.asset.fields), names=listed(named))
