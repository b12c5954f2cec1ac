"""A map job turned into a page: scale, place, layers read, words chosen; nothing drawn yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from hjgis.cartography.facts import Fact, convergence_deg, secrecy_text, title_block
from hjgis.cartography.sheet import DEFAULT_SHEET, DEFAULT_THEME, Sheet, Theme, sheet, theme
from hjgis.checks.shading import COMPLETENESS, Shading, measured_part, shading
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.models.stylefile import style_for
from hjgis.progress import SILENT, Progress
from hjgis.render.culling import in_view
from hjgis.render.features import LayerPaint, layer_paint
from hjgis.render.frame import MM_PER_INCH, MapFrame

NICE_SCALES: Final = (
    *(100, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000, 15_000, 20_000, 25_000, 30_000),
    *(40_000, 50_000, 75_000, 100_000, 150_000, 200_000, 250_000, 300_000, 500_000, 1_000_000),
)
_FREE_MM: Final = 4.0
_SMALLEST_M: Final = 20.0
_READ_MARGIN_MM: Final = 20.0


@dataclass(frozen=True, slots=True)
class MapJob:
    """What somebody wants printed.

    Attributes
    ----------
    scale : float, optional
        The n of 1 : n; if not given, the largest usual scale at which the extent fits.
    center : tuple of float, optional
        East and north of the map's middle, project CRS.
    extent : tuple of float, optional
        What must be on the map; ignored for the place if there is a center.
    layers : sequence of str, optional
        Only these layers; those of the theme if not given.
    measured : str
        Of which layer, or ``layer.field``, a theme of completeness is; of all if empty.
    """

    project: Project
    title: str | None = None
    sheet: str = DEFAULT_SHEET
    theme: str = DEFAULT_THEME
    scale: float | None = None
    center: tuple[float, float] | None = None
    extent: Extent | None = None
    layers: Sequence[str] | None = None
    on: date | None = None
    measured: str = ""


@dataclass(frozen=True, slots=True)
class Composition:
    """A page ready to be painted, on any device and as often as wanted.

    Attributes
    ----------
    hidden : tuple of str
        Layers that hold something here but do not show at this scale.
    """

    sheet: Sheet
    scale: float
    center: tuple[float, float]
    layers: tuple[LayerPaint, ...]
    hidden: tuple[str, ...]
    title: str
    secrecy: str
    facts: tuple[Fact, ...]
    convergence_deg: float
    sample: bool

    def frame(self, px_per_mm: float) -> MapFrame:
        """Return the map's frame on a device of so many pixels a millimetre."""
        box = self.sheet.map_mm
        return MapFrame.at_scale(
            self.center,
            self.scale,
            width_px=box.width * px_per_mm,
            height_px=box.height * px_per_mm,
            dpi=px_per_mm * MM_PER_INCH,
        )


def compose(job: MapJob, *, progress: Progress = SILENT) -> Composition:
    """Choose scale and place, read what lies in the frame, find the words.

    Raises
    ------
    UsageError
        If sheet, theme, layer or scale is none.
    HjgisError
        If there is nothing to show.
    Cancelled
        If `progress` says so.
    """
    paper, about = sheet(job.sheet), theme(job.theme)
    names = _layers(job, about)
    scale, center = _place(job, paper, names)
    frame = MapFrame.at_scale(
        center, scale, width_px=paper.map_mm.width, height_px=paper.map_mm.height, dpi=MM_PER_INCH
    )
    layers = read_layers(
        job.project,
        names,
        frame,
        subject=about.subject,
        shade=_shade(job, about, progress),
        progress=progress,
    )
    held = [layer for layer in layers if len(in_view(layer, frame.extent))]
    shown = tuple(layer for layer in held if layer.style.visible_at(scale))
    types = job.project.asset_type
    return Composition(
        sheet=paper,
        scale=scale,
        center=center,
        layers=shown,
        hidden=tuple(layer.layer for layer in held if layer not in shown),
        title=job.title or _title(job, about),
        secrecy=secrecy_text(
            job.project.catalogue,
            job.project.info("secrecy"),
            [types(layer.layer).secrecy for layer in shown],
        ),
        facts=title_block(job.project, issuer=label(paper.issuer), on=job.on or date.today()),
        convergence_deg=convergence_deg(job.project.crs, *center),
        sample=job.project.is_sample,
    )


def fitting_scale(extent: Extent, paper: Sheet) -> float:
    """Return the largest usual scale at which an extent fits the sheet's map."""
    width_m = max(extent[2] - extent[0], _SMALLEST_M)
    height_m = max(extent[3] - extent[1], _SMALLEST_M)
    box = paper.map_mm
    needed = 1000 * max(width_m / (box.width - _FREE_MM), height_m / (box.height - _FREE_MM))
    for scale in NICE_SCALES:
        if scale >= needed * (1 - 1e-9):
            return float(scale)
    return math.ceil(needed / NICE_SCALES[-1]) * float(NICE_SCALES[-1])


def _layers(job: MapJob, about: Theme) -> list[str]:
    """Return the layers to read, in the project's draw order."""
    held = list(job.project.map_types)
    for name in job.layers or ():
        if name not in held:
            known = ", ".join(held)
            raise UsageError(
                _("There is no layer {name}. Known: {known}").format(name=name, known=known)
            )
    wanted = job.layers or about.layers or held
    return [name for name in held if name in wanted]


def _title(job: MapJob, about: Theme) -> str:
    theme = label(about.label)
    if job.measured:
        layers, field = measured_part(job.project, job.measured)
        asset = job.project.asset_type(layers[0])
        of = [label(asset.label), *([label(asset.field(field).label)] if field else [])]
        theme = _("{theme} ({of})").format(theme=theme, of=" · ".join(of))
    return _("{project}: {theme}").format(project=job.project.title, theme=theme)


def _shade(job: MapJob, about: Theme, progress: Progress) -> Shading | None:
    if job.measured and about.shade != COMPLETENESS:
        raise UsageError(_("Only a map of completeness is of a layer or field."))
    if not about.shade:
        return None
    return shading(job.project, about.shade, measured=job.measured, progress=progress)


def _place(job: MapJob, paper: Sheet, names: Sequence[str]) -> tuple[float, tuple[float, float]]:
    if job.scale is not None and not 1 <= job.scale < math.inf:
        raise UsageError(_("The scale is the n of 1:n, a number of 1 or more."))
    if job.scale is not None and job.center is not None:
        return float(job.scale), job.center
    extent = job.extent or _extent(job.project, names)
    if extent is None:
        raise HjgisError(_("There is nothing to show: the layers of this map are empty."))
    center = job.center or ((extent[0] + extent[2]) / 2, (extent[1] + extent[3]) / 2)
    return float(job.scale or fitting_scale(extent, paper)), center


def _extent(project: Project, names: Sequence[str]) -> Extent | None:
    """Return the box around the assets, not counting what lies outside all boundaries.

    One misplaced feature must not shrink the map of the town to a dot.
    """
    kinds = {name: project.asset_type(name).kind for name in names}
    assets = [project.extent(name) for name in names if kinds[name] == "asset"]
    others = [project.extent(name) for name in names if kinds[name] == "reference"]
    whole = _union(assets) or _union(others)
    limit = project.extent("boundary") if "boundary" in names else None
    if whole is None or limit is None:
        return whole
    low = (max(whole[0], limit[0]), max(whole[1], limit[1]))
    high = (min(whole[2], limit[2]), min(whole[3], limit[3]))
    return (*low, *high) if low[0] < high[0] and low[1] < high[1] else whole


def _union(extents: Sequence[Extent | None]) -> Extent | None:
    found = [extent for extent in extents if extent is not None]
    if not found:
        return None
    x_min, y_min, x_max, y_max = zip(*found, strict=True)
    return (min(x_min), min(y_min), max(x_max), max(y_max))


def read_layers(
    project: Project,
    names: Sequence[str],
    frame: MapFrame,
    *,
    subject: Sequence[str] = (),
    shade: Shading | None = None,
    progress: Progress = SILENT,
) -> list[LayerPaint]:
    """Read what of some layers lies in a frame, ready to be painted.

    Parameters
    ----------
    subject : sequence of str
        Layers that show at every scale, whatever their style says.
    shade : Shading, optional
        What the features of a layer are coloured by instead of its style.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    layers = []
    for done, name in enumerate(names):
        progress.report(done, len(names), "read")
        progress.check()
        mine = shade if shade is not None and shade.layer == name else None
        layers.append(_read(project, name, frame, mine, always=name in subject))
    return layers


def _read(
    project: Project, name: str, frame: MapFrame, shade: Shading | None, *, always: bool
) -> LayerPaint:
    asset = project.asset_type(name)
    style = style_for(asset) if shade is None else shade.style
    if always:
        style = replace(style, max_denominator=math.inf)
    # Wide enough for half of the widest street at 1:500.
    table = project.table(name, style.columns, extent=frame.grown(frame.px(_READ_MARGIN_MM)))
    paint = layer_paint(table, style, label=asset.label)
    return paint if shade is None else replace(paint, classes=shade.of(paint.fids))
