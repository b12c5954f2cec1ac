"""A theme reckoned for a project: which class each feature has, and what is painted besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from hjgis.cartography import aggregated, classed, spread
from hjgis.cartography.portrayed import Portrayed
from hjgis.checks.figures import figures_of
from hjgis.checks.shading import COMPLETENESS, Shading, shading
from hjgis.errors import UsageError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.styles.style import is_template
from hjgis.models.themes import Method, Portrayal, Theme
from hjgis.progress import SILENT, Progress
from hjgis.render.features import LayerPaint


@dataclass(frozen=True, slots=True, eq=False)
class Themed:
    """A theme, reckoned once for the whole project; all its sheets show the same classes.

    Attributes
    ----------
    shadings : mapping of str to Shading
        By layer.
    added : mapping of str to tuple of LayerPaint
        By layer: what is painted where it stands in the draw order, before it.
    hidden : frozenset of str
        Layers that are not painted themselves.
    told : tuple of str
        Of `notes` those that the map's readers should know too.
    """

    theme: Theme
    shadings: Mapping[str, Shading] = field(default_factory=dict)
    added: Mapping[str, tuple[LayerPaint, ...]] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


def themed(
    project: Project, theme: Theme, *, measured: str = "", progress: Progress = SILENT
) -> Themed:
    """Reckon a theme.

    Parameters
    ----------
    measured : str
        Of which layer, or ``layer.field``, a theme of completeness is; of all if empty.

    Raises
    ------
    UsageError
        If `measured` is given and the theme is of something else, or names nothing.
    Cancelled
        If `progress` says so.
    """
    if measured and COMPLETENESS not in (entry.shade for entry in theme.portrayals):
        raise UsageError(_("Only a map of completeness is of a layer or field."))
    shadings: dict[str, Shading] = {}
    added: dict[str, tuple[LayerPaint, ...]] = {}
    hidden: set[str] = set()
    notes: list[str] = []
    told: list[str] = []
    for entry in theme.portrayals:
        if entry.layer not in project.types:
            continue
        missing = _missing_field(project, entry)
        if missing:
            notes.append(missing)
            continue
        wrong = _wrong_label(project, entry)
        if wrong:
            notes.append(wrong)
            entry = replace(entry, label="")
        found = METHODS[entry.method](project, entry, measured, progress)
        if found.shading is not None:
            shadings[entry.layer] = found.shading
        added[entry.layer] = (*added.get(entry.layer, ()), *found.added)
        hidden |= {entry.layer} if found.hides else set()
        notes += found.notes
        told += found.told
    return Themed(theme, shadings, added, frozenset(hidden), tuple(notes), tuple(told))


def _missing_field(project: Project, entry: Portrayal) -> str:
    """Say that a field of a theme is no more, which happens to themes that people keep."""
    asset = project.asset_type(entry.layer)
    if not entry.field or asset.has(entry.field) or entry.field in figures_of(asset):
        return ""
    message = _("{layer} has no field {field} any more: it is shown as usual.")
    return message.format(layer=label(asset.label), field=entry.field)


def _wrong_label(project: Project, entry: Portrayal) -> str:
    """Say that labels name a field that is no more, or are no template."""
    asset = project.asset_type(entry.layer)
    names = [field.name for field in asset.fields]
    if entry.label in ("", "-") or is_template(entry.label, names):
        return ""
    message = _("{layer}: the labels {text} name no field of it; the usual ones are shown.")
    return message.format(layer=label(asset.label), text=entry.label)


def _reckoned(project: Project, entry: Portrayal, measured: str, progress: Progress) -> Portrayed:
    found = shading(project, entry.shade, measured=measured, progress=progress)
    return Portrayed(replace(found, title=entry.legend_title or found.title))


_Reckon = Callable[[Project, Portrayal, str, Progress], Portrayed]
METHODS: Final[dict[Method, _Reckon]] = {
    "single": classed.single,
    "categories": classed.categories,
    "graduated": classed.graduated,
    "size": classed.size,
    "density": aggregated.density,
    "pies": aggregated.pies,
    "coverage": spread.coverage,
    "dots": spread.dots,
    "target": classed.target,
    "reckoned": _reckoned,
}
