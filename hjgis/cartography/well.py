"""What is known of a well below ground, and its drawing: ground, bottom, pipes at their levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hjgis.cartography.page import Page
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import Value
from hjgis.models.changes import Feature
from hjgis.models.sheets import Align, Box

_EARTH: Final = "#8a6d3b"
_WATER: Final = "#7fb2e5"
_MUD: Final = "#a08a5a"
_PIPE: Final = "#d9dee3"
_TEXT_MM: Final = 2.3
_ROW_MM: Final = 6.6
_STUB_MM: Final = 5.0
_GAP_MM: Final = 1.5
# Pipes that carry no diameter are drawn as thin as this, metres.
_THIN_M: Final = 0.1


@dataclass(frozen=True, slots=True)
class PipeEnd:
    """Where a pipe meets the well.

    Attributes
    ----------
    level_m : float
        Of its lowest inside point, as well as that is known; height datum of the survey.
    comes_in : bool
        Whether it flows into the well, as far as its direction tells.
    other : str
        Number of the node at the pipe's other end.
    """

    words: str
    level_m: float
    height_m: float
    comes_in: bool
    other: str


@dataclass(frozen=True, slots=True)
class WellSection:
    """A well from the ground to its bottom, elevations in metres."""

    ground_m: float
    bottom_m: float
    water_m: float
    mud_m: float
    pipes: tuple[PipeEnd, ...]


def well_section(project: Project, feature: Feature) -> WellSection | None:
    """Return what a drawing needs; None where ground or bottom is not known.

    The bottom is taken from its elevation, else from the depth below ground, else from the lowest
    pipe; without a ground elevation there is no drawing.
    """
    values = feature.values
    ground = _number(values, "ground_elev_m")
    if ground is None:
        return None
    lines = project.lines_ending_at(feature.key.uuid)
    ends = [end for line in lines if (end := _pipe_end(project, feature, line, ground))]
    bottom = _number(values, "bottom_elev_m")
    depth = _number(values, "well_depth_m")
    if bottom is None and depth is not None:
        bottom = ground - depth
    if bottom is None and ends:
        bottom = min(end.level_m for end in ends)
    if bottom is None or bottom >= ground:
        return None
    return WellSection(
        ground_m=ground,
        bottom_m=bottom,
        water_m=_number(values, "water_depth_m") or 0.0,
        mud_m=_number(values, "mud_depth_m") or 0.0,
        pipes=tuple(sorted(ends, key=lambda end: -end.level_m)),
    )


def _pipe_end(project: Project, feature: Feature, line: Feature, ground_m: float) -> PipeEnd | None:
    starts = line.values.get("from_node") == feature.key.uuid
    side = "start" if starts else "end"
    level, depth = _number(line.values, f"{side}_elev_m"), _number(line.values, f"{side}_depth_m")
    if level is None and depth is not None:
        level = ground_m - depth
    if level is None:
        return None
    size_mm = _number(line.values, "height_mm") or _number(line.values, "diameter_mm")
    height = (size_mm or 0.0) / 1000
    basis = project.catalogue.codes("elevation_basis").get(line.values.get("elev_basis"))
    if basis is not None and basis.extra.get("top"):
        level -= height
    flow = project.catalogue.codes("flow_direction").get(line.values.get("flow_dir"))
    against = flow is not None and flow.extra.get("sign") == -1
    other = project.node(str(line.values.get("to_node" if starts else "from_node")))
    return PipeEnd(
        words=_pipe_words(project, line, size_mm),
        level_m=level,
        height_m=height,
        comes_in=starts == against,
        other=str(other.values.get("exp_no") or "") if other else "",
    )


def _pipe_words(project: Project, line: Feature, size_mm: float | None) -> str:
    catalogue = project.catalogue
    kind = catalogue.codes("pipe_kind").label_of(str(line.values.get("kind") or ""))
    material = line.values.get("material")
    stuff = catalogue.codes("pipe_material").label_of(str(material)) if material else ""
    size = f"DN{size_mm:g}" if size_mm else _("size unknown")
    return " ".join(part for part in (kind, size, stuff) if part)


def _number(values: Mapping[str, Value], name: str) -> float | None:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) else None


def paint_well(page: Page, box: Box, well: WellSection) -> None:
    """Paint the section, as deep as the box is high: pipes left that come in, right the others."""
    title = Box(box.x, box.y, box.width, 5)
    page.text(title, _("Section of the well, not to scale across"), 2.5, align="center")
    top, bottom = box.y + 11, box.bottom - 5
    lowest = min([well.bottom_m, *(end.level_m for end in well.pipes)])
    scale = (bottom - top) / (well.ground_m - lowest)
    middle = box.x + box.width / 2
    half = min(7.0, box.width / 8)
    free = middle - half - _STUB_MM - _GAP_MM - box.x

    def at(level_m: float) -> float:
        return top + (well.ground_m - level_m) * scale

    _paint_shaft(page, (middle, half), (top, at(well.bottom_m)))
    floor = well.bottom_m
    for thick, ink in ((well.mud_m, _MUD), (well.water_m, _WATER)):
        thick = min(thick, well.ground_m - floor)
        if thick > 0:
            page.fill(Box(middle - half, at(floor + thick), 2 * half, thick * scale), ink)
    for side in (-1, 1):
        ends = [end for end in well.pipes if end.comes_in == (side < 0)]
        rows = _spread([at(end.level_m) for end in ends], top + 4, bottom)
        for end, y in zip(ends, rows, strict=True):
            high = max(end.height_m, _THIN_M) * scale
            wall = (middle + side * half, at(end.level_m))
            _paint_end(page, wall, side, end=end, high=high, y=y, room=free)
    ground = _("Ground {level:.2f} m").format(level=well.ground_m)
    page.text(Box(box.x, top - 5.5, middle - half - box.x, 4), ground, _TEXT_MM)
    name = Box(middle - half - 12, at(well.bottom_m) + 0.6, 2 * half + 24, 4)
    text = _("Bottom {level:.2f} m, depth {depth:.2f} m").format(
        level=well.bottom_m, depth=well.ground_m - well.bottom_m
    )
    page.text(name, text, _TEXT_MM, align="center")


def _paint_shaft(page: Page, across: tuple[float, float], down: tuple[float, float]) -> None:
    (middle, half), (top, bottom) = across, down
    for side in (-1, 1):
        edge = middle + side * half
        page.line((edge, top), (edge, bottom), mm=0.6)
        page.line((edge, top), (edge + side * 22, top), mm=0.35, ink=_EARTH)
        for step in range(7):
            x = edge + side * (1 + step * 3)
            page.line((x, top), (x - 1.4, top + 1.6), mm=0.15, ink=_EARTH)
    page.line((middle - half, bottom), (middle + half, bottom), mm=0.6)
    page.line((middle - half * 0.6, top), (middle + half * 0.6, top), mm=1.2)


def _paint_end(
    page: Page,
    at: tuple[float, float],
    side: int,
    *,
    end: PipeEnd,
    high: float,
    y: float,
    room: float,
) -> None:
    """Paint a stub of a pipe whose invert meets the wall at `at`, and its words at height `y`."""
    wall, invert = at
    x = wall if side > 0 else wall - _STUB_MM
    pipe = Box(x, invert - high, _STUB_MM, high)
    page.fill(pipe, _PIPE)
    page.frame(pipe, 0.2)
    outer = wall + side * _STUB_MM
    near = outer + side * _GAP_MM
    page.line((outer, invert - high / 2), (near, y), mm=0.12, ink="#8a949e")
    above = Box(near if side > 0 else near - room, y - 3.2, room, 3.2)
    align: Align = "left" if side > 0 else "right"
    page.text(above, end.words, _TEXT_MM, align=align)
    way = _("from {node}") if end.comes_in else _("to {node}")
    parts = (f"{end.level_m:.2f} m", way.format(node=end.other) if end.other else "")
    below = Box(above.x, y, room, 3.2)
    page.text(below, "  ".join(parts), _TEXT_MM, align=align, ink="#444c55")


def _spread(wanted: Sequence[float], low: float, high: float) -> list[float]:
    """Return heights near those wanted, top to bottom, far enough apart for two lines of text."""
    result: list[float] = []
    for y in wanted:
        result.append(max(y, result[-1] + _ROW_MM if result else low))
    over = result[-1] - (high - 2) if result else 0.0
    if over > 0:
        for index in range(len(result) - 1, -1, -1):
            limit = high - 2 if index == len(result) - 1 else result[index + 1] - _ROW_MM
            result[index] = min(result[index], limit)
    return result
