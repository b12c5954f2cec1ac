"""A map job turned into a page: scale, place, layers read, words chosen; nothing drawn yet."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from hjgis.cartography.arranging import arranged
from hjgis.cartography.extents import middle, subject_extent, town_of
from hjgis.cartography.facts import (
    Fact,
    convergence_deg,
    is_on_earth,
    is_secret,
    secrecy_text,
    title_block,
)
from hjgis.cartography.figures import Figures
from hjgis.cartography.legend import Row, legend_rows
from hjgis.cartography.overview import Overview, read_overview
from hjgis.cartography.portraying import Themed, themed
from hjgis.cartography.reading import read_layers
from hjgis.cartography.summaries import Telling
from hjgis.checks.shading import measured_part
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import _, label, listed
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.changes import Extent
from hjgis.models.crs import Crs
from hjgis.models.logos import picture_bytes
from hjgis.models.sheets import DEFAULT_SHEET, Sheet, SheetItem, sheet
from hjgis.models.themes import DEFAULT_THEME, Theme, theme
from hjgis.progress import SILENT, Progress
from hjgis.render.culling import in_view
from hjgis.render.features import LayerPaint
from hjgis.render.frame import MM_PER_INCH, MapFrame

# Scales of maps (DOMAIN 6.3), and those between for paper that would else be half empty.
_USUAL: Final = (
    *(100, 200, 500, 1000, 2000, 5000, 10_000, 25_000, 50_000),
    *(100_000, 200_000, 500_000, 1_000_000),
)
_BETWEEN: Final = (
    *(250, 2500, 8000, 12_000, 15_000, 20_000, 30_000, 40_000, 75_000),
    *(150_000, 250_000, 300_000),
)
NICE_SCALES: Final = tuple(sorted((*_USUAL, *_BETWEEN)))
# What of the map's area the place covers; emptier than this the paper is wasted.
_FULL: Final = 0.6
_FREE_MM: Final = 4.0
_SMALLEST_M: Final = 20.0


@dataclass(frozen=True, slots=True)
class MapJob:
    """What somebody wants printed.

    Attributes
    ----------
    sheet, theme : str or Sheet, str or Theme or Themed
        By name, or as somebody made it; a theme also as it was reckoned already.
    scale : float, optional
        The n of 1 : n; if not given, the largest usual scale at which the extent fits.
    center : tuple of float, optional
        East and north of the map's middle, project CRS.
    extent : tuple of float, optional
        What must be on the map; ignored for the place if there is a center.
    measured : str
        Of which layer, or ``layer.field``, a theme of completeness is; of all if empty.
    """

    project: Project
    title: str | None = None
    sheet: str | Sheet = DEFAULT_SHEET
    theme: str | Theme | Themed = DEFAULT_THEME
    scale: float | None = None
    center: tuple[float, float] | None = None
    extent: Extent | None = None
    on: date | None = None
    measured: str = ""

    @property
    def about(self) -> Theme:
        """The theme, however it was given."""
        if isinstance(self.theme, Themed):
            return self.theme.theme
        return theme(self.theme) if isinstance(self.theme, str) else self.theme


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """What one sheet of a series shows.

    Attributes
    ----------
    center : tuple of float
        East and north, project CRS.
    scale : float
        The n of 1 : n.
    name : str
        What lies there, for the title and the list of sheets.
    number : str
        The sheet's number (图号).
    neighbours : tuple of str
        Numbers of the eight sheets around it and its own, row by row from the north-west; empty
        where there is none. Nothing at all if the series has no neighbours.
    outline : shapely geometry, optional
        What the sheet is about, painted as an outline over the map.
    """

    center: tuple[float, float]
    scale: float
    name: str = ""
    number: str = ""
    neighbours: tuple[str, ...] = ()
    outline: Any = None


@dataclass(frozen=True, slots=True)
class Composition:
    """A page ready to be painted, on any device and as often as wanted.

    It is flat on purpose: each item of a sheet tells one or two of these things, none tells most.

    Attributes
    ----------
    hidden : tuple of str
        Layers that hold something here but do not show at this scale.
    overview : Overview or None
        The town as a small outline; None if no item shows it.
    notes : tuple of str
        What somebody who makes the map should know.
    project : str
        Title of the project.
    crs : Crs
        The project's coordinate system, by which the file tells where the map lies.
    legend : tuple of Row
        What is on the map.
    figures : Figures or None
        Of table and chart.
    pictures : mapping of str to bytes
        Files of the logos, by what their items say.
    items : tuple of SheetItem
        What is on the paper besides the map, where it stands: flowing items have their places.
    """

    sheet: Sheet
    place: Place
    layers: tuple[LayerPaint, ...]
    hidden: tuple[str, ...]
    title: str
    secrecy: str
    facts: tuple[Fact, ...]
    project: str
    crs: Crs
    sample: bool
    notes: tuple[str, ...] = ()
    legend: tuple[Row, ...] = ()
    figures: Figures | None = None
    overview: Overview | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)
    items: tuple[SheetItem, ...] = ()

    @property
    def scale(self) -> float:
        """The n of 1 : n."""
        return self.place.scale

    @property
    def center(self) -> tuple[float, float]:
        """East and north of the map's middle."""
        return self.place.center

    @property
    def convergence_deg(self) -> float:
        """Angle from true north to grid north in the map's middle, clockwise."""
        return convergence_deg(self.crs, *self.center)

    @property
    def words(self) -> Mapping[str, str]:
        """What stands for the fields of texts, such as ``{scale}``."""
        return {fact.id: fact.value for fact in self.facts} | {
            "title": self.title,
            "scale": scale_text(self.scale),
            "number": self.place.number,
            "project": self.project,
        }

    def frame(self, px_per_mm: float) -> MapFrame:
        """Return the map's frame on a device of so many pixels a millimetre."""
        return frame_on(self.sheet, self.place, px_per_mm)


def frame_on(paper: Sheet, place: Place, px_per_mm: float = 1.0) -> MapFrame:
    """Return the frame of a place on a sheet, on a device of so many pixels a millimetre."""
    box = paper.map_mm
    return MapFrame.at_scale(
        place.center,
        place.scale,
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
    composer = Composer(job, progress=progress)
    return composer.page(composer.place())


class Composer:
    """Makes the pages of one job: what they share is reckoned and read once.

    Parameters
    ----------
    places : sequence of Place, optional
        Of a series; what is read lies in their frames. Without them the job's own place.

    Raises
    ------
    UsageError, HjgisError, Cancelled
        As `compose`.
    """

    def __init__(
        self, job: MapJob, places: Sequence[Place] = (), *, progress: Progress = SILENT
    ) -> None:
        self._job = job
        self._own: Place | None = None
        self.sheet = sheet(job.sheet) if isinstance(job.sheet, str) else job.sheet
        self.theme = job.about
        self._names = _layers(job.project, self.theme)
        # Wrong wishes are refused before anything is reckoned.
        frames = [frame_on(self.sheet, place) for place in places or (self.place(),)]
        if not all(is_on_earth(job.project.crs, frame.extent) for frame in frames):
            words = _("The map would lie where the project's coordinates have no meaning.")
            raise UsageError(words)
        if isinstance(job.theme, Themed):
            self.themed = job.theme
        else:
            self.themed = themed(job.project, self.theme, measured=job.measured, progress=progress)
        self._layers = read_layers(
            job.project,
            self._names,
            frames,
            subject=self.theme.subject,
            themed=self.themed,
            progress=progress,
        )
        self._facts = title_block(
            job.project, issuer=label(self.sheet.issuer), on=job.on or date.today()
        )
        self._pictures = _pictures(job.project, self.sheet)
        self._telling: Telling | None = None
        self._overview = self._read_overview() if self.sheet.of_kind("overview") else None

    def place(self) -> Place:
        """Return where the job's own sheet lies."""
        if self._own is None:
            scale, center = _place(self._job, self.sheet, self._names, self.theme.subject)
            self._own = Place(center, scale)
        return self._own

    def page(self, place: Place) -> Composition:
        """Return one page; its layers are those of all, the painter takes what it needs."""
        job, project = self._job, self._job.project
        frame = frame_on(self.sheet, place)
        held = [layer for layer in self._layers if len(in_view(layer, frame.extent))]
        shown = tuple(layer for layer in held if layer.style.visible_at(place.scale))
        types = project.types
        levels = [types[layer.layer].secrecy for layer in shown if layer.layer in types]
        counts = any(item.text == "counts" for item in self.sheet.of_kind("legend"))
        made = Composition(
            sheet=self.sheet,
            place=place,
            layers=shown,
            hidden=tuple(dict.fromkeys(layer.layer for layer in held if layer not in shown)),
            title=job.title or _title(job, self.theme, place),
            secrecy=secrecy_text(project.catalogue, project.info("secrecy"), levels),
            facts=self._facts,
            project=project.title,
            crs=project.crs,
            sample=project.is_sample,
            legend=tuple(legend_rows(shown, frame, counts=counts)),
            figures=self._figures(frame),
            overview=self._overview,
            pictures=self._pictures,
        )
        items, notes = arranged(made)
        return replace(made, items=items, notes=(*self._notes(made, levels), *notes))

    def _read_overview(self) -> Overview | None:
        town = subject_extent(self._job.project, self._names, self.theme.subject)
        found = None if town is None else read_overview(self._job.project, town)
        # A frame on nothing does not say where it is.
        return found if found and (found.areas or found.lines) else None

    def _figures(self, frame: MapFrame) -> Figures | None:
        """Return what the page's table and chart tell, if it has any."""
        if not (self.sheet.of_kind("table") or self.sheet.of_kind("chart")):
            return None
        if self._telling is None:
            self._telling = Telling(self._job.project, self.themed)
        return self._telling.figures(frame.extent)

    def _notes(self, made: Composition, levels: Sequence[str]) -> tuple[str, ...]:
        """Return what somebody should know of a page, besides what has no room."""
        project, notes = self._job.project, list(self.themed.notes)
        if is_secret(project.catalogue, project.info("secrecy"), levels):
            message = _(
                "This sheet is {level}: print and hand it out as the rules for that demand."
            )
            notes.append(message.format(level=made.secrecy))
        if not made.layers and not made.hidden:
            notes.append(_("Nothing of this map's layers lies on the sheet."))
        x_min, y_min, x_max, y_max = made.frame(1.0).extent
        wanted = self._job.extent if self._job.center is None else None
        if wanted and not (
            x_min <= wanted[0] and y_min <= wanted[1] and x_max >= wanted[2] and y_max >= wanted[3]
        ):
            notes.append(_("At this scale not all of the wanted place is on the sheet."))
        logos = {item.picture for item in self.sheet.of_kind("logo") if item.picture}
        if not logos <= self._pictures.keys():
            notes.append(_("A logo's picture is not in the project."))
        return tuple(notes)


def _pictures(project: Project, paper: Sheet) -> dict[str, bytes]:
    """Read the pictures of the sheet's logos that there are."""
    found: dict[str, bytes] = {}
    for item in paper.of_kind("logo"):
        content = picture_bytes(item.picture)
        if content is not None:
            found[item.picture] = content
        elif item.picture and project.media.has(item.picture):
            found[item.picture] = project.media.read(item.picture)
    return found


def check_scale(scale: float | None) -> None:
    """Refuse the n of a scale 1 : n at which no sheet is printed; None is any.

    Raises
    ------
    UsageError
        If it is not within `NICE_SCALES`.
    """
    if scale is not None and not NICE_SCALES[0] <= scale <= NICE_SCALES[-1]:
        message = _("The scale is the n of 1:n, a number from {low:,} to {high:,}.")
        raise UsageError(message.format(low=NICE_SCALES[0], high=NICE_SCALES[-1]))


def scale_text(denominator: float) -> str:
    """Write a scale with its thousands apart: ``1:25 000``."""
    return "1:" + f"{denominator:,.0f}".replace(",", " ")


def hidden_text(hidden: Iterable[str], types: Mapping[str, AssetType]) -> str:
    """Say which layers, by id, a sheet's scale does not show; empty if there are none."""
    names = listed(label(types[name].label) if name in types else name for name in hidden)
    return _("Not shown at this scale: {names}").format(names=names) if names else ""


def fitting_scale(extent: Extent, paper: Sheet) -> float:
    """Return the largest usual scale at which an extent fits the sheet's map.

    Where that would leave much of the paper empty, one between the usual scales. Nothing is smaller
    than 1 : 1 000 000, even if the extent does not fit.
    """
    width_m = max(extent[2] - extent[0], _SMALLEST_M)
    height_m = max(extent[3] - extent[1], _SMALLEST_M)
    box = paper.map_mm
    needed = 1000 * max(width_m / (box.width - _FREE_MM), height_m / (box.height - _FREE_MM))
    fitting = [scale for scale in NICE_SCALES if scale >= needed * (1 - 1e-9)]
    if not fitting:
        return float(NICE_SCALES[-1])
    usual = next(scale for scale in fitting if scale in _USUAL)
    share = (width_m * 1000 / usual) * (height_m * 1000 / usual) / (box.width * box.height)
    return float(usual if share >= _FULL else fitting[0])


def _layers(project: Project, about: Theme) -> list[str]:
    """Return the layers to read, in the project's draw order."""
    held = list(project.map_types)
    return [name for name in held if name in (about.layers or held)]


def _title(job: MapJob, about: Theme, place: Place) -> str:
    words = label(about.label)
    if job.measured:
        layers, field = measured_part(job.project, job.measured)
        asset = job.project.asset_type(layers[0])
        of = [label(asset.label), *([label(asset.field(field).label)] if field else [])]
        words = _("{theme} ({of})").format(theme=words, of=" · ".join(of))
    where = place.name or job.project.title
    return _("{project}: {theme}").format(project=where, theme=words)


def _place(
    job: MapJob, paper: Sheet, names: Sequence[str], subject: Sequence[str]
) -> tuple[float, tuple[float, float]]:
    check_scale(job.scale)
    if job.scale is not None and job.center is not None:
        return float(job.scale), job.center
    if job.extent is not None and not _is_area(job.extent):
        raise UsageError(_("The place of a map is west, south, east and north in metres."))
    extent = job.extent or subject_extent(job.project, names, subject)
    if extent is None:
        raise HjgisError(_("There is nothing to show: the layers of this map are empty."))
    scale = float(job.scale or fitting_scale(extent, paper))
    if job.center is not None:
        return scale, job.center
    town = None if job.extent else town_of(job.project, names, subject)
    box = paper.map_mm
    sides_mm = (box.width - _FREE_MM, box.height - _FREE_MM)
    return scale, middle(extent, town, (sides_mm[0] * scale / 1000, sides_mm[1] * scale / 1000))


def _is_area(extent: Extent) -> bool:
    west, south, east, north = extent
    return all(map(math.isfinite, extent)) and west <= east and south <= north
