"""A profile drawn as sewers are drawn: levels above, a band of figures below, on A3 or longer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby, pairwise
from typing import Final

from hjgis.i18n import _, listed
from hjgis.models.line_drawing import Area, LineDrawing, Place, Stroke, Words
from hjgis.network import crossing_marks
from hjgis.network.profile import Profile, Reach, Station

ACROSS: Final = (
    100, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000, 2500, 3000, 4000, 5000, 6000, 8000, 10_000,
    15_000, 20_000, 30_000, 50_000,
)  # fmt: skip
UP: Final = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_HEIGHT_MM: Final = 297.0
_LEAST_WIDTH_MM: Final = 420.0
# What a printer for long sheets takes; a longer way needs a smaller scale.
_MOST_WIDTH_MM: Final = 5000.0
_MARGIN_MM: Final = 12.0
_HEAD_MM: Final = 40.0
_AXIS_MM: Final = 14.0
# What the paper has beside the way.
_BESIDE_MM: Final = 2 * _MARGIN_MM + _HEAD_MM + _AXIS_MM
# Where the first node stands.
_FIRST_MM: Final = _MARGIN_MM + _HEAD_MM + _AXIS_MM / 2
_TITLE_MM: Final = 26.0
_FLAT_MM: Final = 8.0
_TALL_MM: Final = 17.0
_TEXT_MM: Final = 2.7
# Two figures at one node stand so far apart, and those of two nodes farther or as far.
_APART_MM: Final = 3.4
_NODES_APART_MM: Final = 4.4
_FOLD_MM: Final = 4.0
# In less room a figure would be too small to be read.
_LEAST_ROOM_MM: Final = 6.0
# In less room than that a short figure stands upright.
_UPRIGHT_ROOM_MM: Final = 3.2
_UPRIGHT_SIGNS: Final = 5
_WELL_MM: Final = 0.7

_INK: Final = "#1a1a1a"
_THIN: Final = "#c3cad1"
_GROUND: Final = "#8a6d3b"
_PIPE: Final = "#0b6e99"
_INSIDE: Final = "#d8ecf5"
_WRONG: Final = "#c62828"
_WRONG_INSIDE: Final = "#f6d5d5"


@dataclass(frozen=True, slots=True)
class Scales:
    """Denominators of the scales, along the way and up."""

    across: int
    up: int


def fitting(profile: Profile) -> Scales:
    """Return the largest scales at which a profile fits on A3."""
    across, up = offered(profile)
    least = profile.length_m * 1000 / (_LEAST_WIDTH_MM - _BESIDE_MM)
    return Scales(next((one for one in across if one >= least), across[-1]), up[0])


def offered(profile: Profile) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the scales at which a profile fits on paper at all, along the way and up."""
    low, high = _range(profile)
    deep = _band_top(profile) - _TITLE_MM - _MARGIN_MM - 2 * _FOLD_MM
    deep -= crossing_marks.WORDS_MM if profile.crossings else 0.0
    across = _from(ACROSS, profile.length_m * 1000 / (_MOST_WIDTH_MM - _BESIDE_MM))
    return across, _from(UP, (high - low) * 1000 / deep)


def left_out(profile: Profile, scales: Scales) -> int:
    """Return at how many nodes a sheet has no room for the figures."""
    return _Sheet(profile, scales).told.count(False)


def unnamed(profile: Profile, scales: Scales) -> int:
    """Return of how many pipes that cross a sheet has no room for the words."""
    return _Sheet(profile, scales).named.count(False)


def metres_at(scales: Scales, x_mm: float) -> float:
    """Return how far along the way a place on the sheet lies, metres; `x_mm` from its left."""
    return (x_mm - _FIRST_MM) * scales.across / 1000


def _from(choices: Sequence[int], least: float) -> tuple[int, ...]:
    # Levels that are kilometres apart are wrong, and have to be seen to be.
    more = (10 ** math.ceil(math.log10(max(least, 1.0))),)
    return tuple(choice for choice in choices if choice >= least) or more


def profile_sheet(
    profile: Profile, scales: Scales, *, title: str, notes: Sequence[str] = ()
) -> LineDrawing:
    """Return a profile as a drawing.

    Parameters
    ----------
    title : str
        What the sheet is called; below it stand the scales and `notes`.
    """
    sheet = _Sheet(profile, scales)
    items: list[Stroke | Area | Words] = [
        *sheet.grid(),
        *sheet.pipes(),
        *sheet.wells(),
        *sheet.ground(),
        *sheet.crossings(),
        *sheet.band(),
        *sheet.head(title, notes),
    ]
    return LineDrawing(title, (sheet.width, _HEIGHT_MM), tuple(items))


def titled_sheet(profile: Profile, scales: Scales, project: str) -> LineDrawing:
    """Return a profile as a drawing that is called by its kinds of pipe and its ends.

    Parameters
    ----------
    project : str
        What the project is called.
    """
    kinds = listed(dict.fromkeys(reach.kind for reach in profile.reaches if reach.kind))
    title = _("{kind}: length profile {first} – {last}").format(
        kind=kinds or _("Pipes"), first=profile.stations[0].name, last=profile.stations[-1].name
    )
    notes = (_("1985 National Height Datum"), project)
    return profile_sheet(profile, scales, title=title, notes=notes)


def _range(profile: Profile) -> tuple[float, float]:
    """Return the lowest and the highest level, in whole metres."""
    given = [value for one in profile.stations for value in (one.ground_m, one.bottom_m)]
    given += [value for one in profile.reaches for value in (*one.invert_m, *one.top_m)]
    given += [value for one in profile.crossings for value in one.known_m]
    known = [value for value in given if math.isfinite(value)] or [0.0]
    return math.floor(min(known) - 0.3), math.ceil(max(known) + 0.3)


def _rows(profile: Profile) -> tuple[tuple[str, float], ...]:
    tops = ((_("Top of pipe elevation (m)"), _TALL_MM),) if _by_top(profile) else ()
    return (
        (_("Ground elevation (m)"), _TALL_MM),
        *tops,
        (_("Invert elevation (m)"), _TALL_MM),
        (_("Earth above the pipe (m)"), _TALL_MM),
        (_("Size and material"), _FLAT_MM),
        (_("Slope (‰)"), _FLAT_MM),
        (_("Length (m)"), _FLAT_MM),
        (_("Distance (m)"), _TALL_MM),
        (_("Point number"), _TALL_MM),
    )


def _by_top(profile: Profile) -> bool:
    """Whether pipes are among them that are laid, and measured, by their top."""
    return any(not one.gravity or one.only_top_known for one in profile.reaches)


def _band_top(profile: Profile) -> float:
    return _HEIGHT_MM - _MARGIN_MM - sum(height for _name, height in _rows(profile))


@dataclass(frozen=True, slots=True)
class _Cell:
    """A figure of the band: upright below its node, or level in the room of its pipes."""

    x: float
    text: str
    room_mm: float = 0.0
    wrong: bool = False

    def drawn(self, y: float, height: float) -> Iterator[Stroke | Words]:
        ink, layer, middle = _WRONG if self.wrong else _INK, _("Figures"), y + height / 2
        if not self.room_mm:
            room = height - 1
            yield Words((self.x, middle), self.text, layer, ink, _TEXT_MM, room, upright=True)
            return
        for x in (self.x - self.room_mm / 2, self.x + self.room_mm / 2):
            yield Stroke(((x, y), (x, y + height)), layer, _THIN, 0.1)
        if self.room_mm > _LEAST_ROOM_MM:
            room = self.room_mm - 0.8
            yield Words((self.x, middle), self._told_in(room), layer, ink, _TEXT_MM, room)
        elif self.room_mm > _UPRIGHT_ROOM_MM and len(self.text) <= _UPRIGHT_SIGNS:
            at, room = (self.x, middle), height - 0.6
            yield Words(at, self.text, layer, ink, _TEXT_MM, room, upright=True)

    def _told_in(self, room_mm: float) -> str:
        """Return the text, where it has no room its first word: of a size and material the size."""
        signs = sum(1.0 if ord(sign) > 0xFF else 0.6 for sign in self.text)
        return self.text if signs * _TEXT_MM <= room_mm else self.text.split(" ")[0]


class _Sheet:
    """Where things are on the paper."""

    def __init__(self, profile: Profile, scales: Scales) -> None:
        self._profile, self._scales = profile, scales
        self._left = _MARGIN_MM + _HEAD_MM
        drawn = profile.length_m * 1000 / scales.across
        self.width = max(_LEAST_WIDTH_MM, math.ceil(drawn + _BESIDE_MM))
        self._low, self._high = _range(profile)
        self._top = _band_top(profile)
        self._floor = self._top - _FOLD_MM
        # Where two figures would touch the later one is left out; the ends are always told.
        self.told = _apart([self._x(one.at_m) for one in profile.stations], _beside(profile))
        # Those that come too close are named first.
        self.named = crossing_marks.with_room(
            [self._x(one.at_m) for one in profile.crossings],
            [one.close for one in profile.crossings],
        )

    def _x(self, at_m: float) -> float:
        return _FIRST_MM + at_m * 1000 / self._scales.across

    def _y(self, level_m: float) -> float:
        return self._floor - (level_m - self._low) * 1000 / self._scales.up

    def _end(self) -> float:
        return self._x(self._profile.length_m) + _AXIS_MM / 2

    # -- levels ----------------------------------------------------------------------------------

    def grid(self) -> Iterator[Stroke | Area | Words]:
        """Draw lines of equal level, with a scale at the left."""
        span = self._high - self._low
        steps = (digit * 10**zeros for zeros in count() for digit in (1, 2, 5))
        step = next(step for step in steps if span / step <= 14)
        for level in range(math.ceil(self._low / step) * step, int(self._high) + 1, step):
            y = self._y(level)
            yield Stroke(((self._left, y), (self._end(), y)), _("Grid"), _THIN, 0.1)
            yield Words((self._left - 2, y), f"{level}", _("Grid"), _INK, _TEXT_MM, 20, "right")
        top = self._y(self._high)
        yield Stroke(((self._left, top), (self._left, self._floor)), _("Grid"), _INK, 0.35)

    def ground(self) -> Iterator[Stroke | Area | Words]:
        """Draw the ground, in pieces where a level is not known."""
        for piece in _known([(self._x(s.at_m), s.ground_m) for s in self._profile.stations]):
            places = tuple((x, self._y(level)) for x, level in piece)
            yield Stroke(places, _("Ground"), _GROUND, 0.35)

    def pipes(self) -> Iterator[Stroke | Area | Words]:
        """Draw pipes between invert and top; red where one rises the way its water should run."""
        for reach in self._profile.reaches:
            ink = _WRONG if reach.rises else _PIPE
            xs = self._x(reach.from_m), self._x(reach.to_m)
            invert = self._line(xs, reach.invert_m)
            top = self._line(xs, reach.top_m)
            layer = _("Rising pipes") if reach.rises else _("Pipes")
            if invert and top:
                inside = _WRONG_INSIDE if reach.rises else _INSIDE
                yield Area((*invert, *top[::-1]), layer, inside)
                yield Stroke(top, layer, ink, 0.25)
            if invert:
                yield Stroke(invert, layer, ink, 0.5)
                yield from self._arrow(reach, invert, layer, ink)
            elif top:
                yield Stroke(top, layer, ink, 0.5)
                yield from self._arrow(reach, top, layer, ink)
            else:
                yield from self._unknown(xs)

    def _line(self, xs: tuple[float, float], levels: tuple[float, float]) -> tuple[Place, ...]:
        if not all(map(math.isfinite, levels)):
            return ()
        return tuple((x, self._y(level)) for x, level in zip(xs, levels, strict=True))

    def _unknown(self, xs: tuple[float, float]) -> Iterator[Stroke | Words]:
        y = self._floor - 2
        layer = _("Levels unknown")
        yield Stroke(((xs[0], y), (xs[1], y)), layer, _WRONG, 0.35, dashed=True)
        room = xs[1] - xs[0]
        if room > 16:
            at = ((xs[0] + xs[1]) / 2, y - 2.2)
            yield Words(at, _("levels unknown"), layer, _WRONG, _TEXT_MM, room)

    def _arrow(
        self, reach: Reach, line: tuple[Place, ...], layer: str, ink: str
    ) -> Iterator[Stroke]:
        (x0, y0), (x1, y1) = line
        if not reach.flow or x1 - x0 < 12:
            return
        x, y = (x0 + x1) / 2, (y0 + y1) / 2 + 2.2
        half = 3.0 * reach.flow
        tip = (x + half, y)
        yield Stroke(((x - half, y), tip), layer, ink, 0.25)
        for side in (-1, 1):
            yield Stroke((tip, (x + half * 0.45, y + side * 0.8)), layer, ink, 0.25)

    def wells(self) -> Iterator[Stroke | Area | Words]:
        """Draw nodes from the ground to their bottom, or to the lowest pipe that meets them."""
        meets: dict[float, list[float]] = {}
        for reach in self._profile.reaches:
            meets.setdefault(reach.from_m, []).append(reach.lying_m[0])
            meets.setdefault(reach.to_m, []).append(reach.lying_m[1])
        for station in self._profile.stations:
            levels = [station.bottom_m, *meets.get(station.at_m, ())]
            known = [level for level in levels if math.isfinite(level)]
            x = self._x(station.at_m)
            if known and math.isfinite(station.ground_m):
                top, bottom = self._y(station.ground_m), self._y(min(known))
                yield from _shaft(x, self._half(station), (top, bottom))
            below = self._y(min(known)) if known else self._floor
            yield Stroke(
                ((x, below), (x, self._floor + _FOLD_MM)), _("Grid"), _THIN, 0.1, dashed=True
            )

    def crossings(self) -> Iterator[Stroke | Area | Words]:
        """Draw the pipes that cross where their levels are known, and name those with room."""
        for one, named in zip(self._profile.crossings, self.named, strict=True):
            x, foot = self._x(one.at_m), self._floor
            if one.known_m:
                between = self._y(one.known_m[0]), self._y(one.known_m[-1])
                wide = one.wide_m * 1000 / self._scales.across
                around = crossing_marks.outline(one, x, between, wide)
                foot = min(y for _x, y in around)
                yield from crossing_marks.drawn(one, around)
            if named:
                start = self._above(one.at_m)
                yield from crossing_marks.named(one, x, (foot, start), start - _TITLE_MM)

    def _above(self, at_m: float) -> float:
        """Return where words above all that is drawn at a place begin, mm from the top."""
        levels = [self._high]
        for first, last in pairwise(self._profile.stations):
            if first.at_m <= at_m <= last.at_m:
                known = [s.ground_m for s in (first, last) if math.isfinite(s.ground_m)]
                levels = known or levels
        return self._y(max(levels)) - 2.0

    def _half(self, station: Station) -> float:
        """Return half the width of a shaft; 0 for a point, and where shafts would be a fence."""
        mean = self._x(self._profile.length_m) - self._x(0.0)
        crowded = mean < 6 * _WELL_MM * len(self._profile.reaches)
        return 0.0 if crowded or station.layer != "manhole" else _WELL_MM

    # -- figures ---------------------------------------------------------------------------------

    def band(self) -> Iterator[Stroke | Area | Words]:
        """Draw the band of figures below: a column a node, a cell for pipes that say the same."""
        y, end, layer = self._top, self._end(), _("Figures")
        rows = _rows(self._profile)
        for (name, height), cells in zip(rows, self._cells(), strict=True):
            yield Stroke(((_MARGIN_MM, y), (end, y)), layer, _INK)
            middle = y + height / 2
            left = _MARGIN_MM + 2
            yield Words((left, middle), name, layer, _INK, _TEXT_MM, _HEAD_MM - 3, "left")
            for cell in cells:
                yield from cell.drawn(y, height)
            y += height
        yield Stroke(((_MARGIN_MM, y), (end, y)), layer, _INK)
        for x in (_MARGIN_MM, self._left, end):
            yield Stroke(((x, self._top), (x, y)), layer, _INK, 0.25)

    def _cells(self) -> tuple[list[_Cell], ...]:
        """Return the cells of each row of the band."""
        stations, reaches = self._profile.stations, self._profile.reaches
        tops = (self._at_ends([one.top_m for one in reaches]),) if _by_top(self._profile) else ()
        return (
            self._at_nodes([_level(one.ground_m) for one in stations]),
            *tops,
            self._at_ends([one.invert_m for one in reaches]),
            self._at_ends([one.cover_m for one in reaches]),
            self._of_pipes([_made_of(one) for one in reaches]),
            self._of_pipes([_per_mille(one) for one in reaches], marked=True),
            self._of_pipes([f"{one.length_m:.1f}" for one in reaches], merged=False),
            self._at_nodes([f"{one.at_m:.2f}" for one in stations]),
            self._at_nodes([one.name for one in stations]),
        )

    def _at_nodes(self, texts: Sequence[str]) -> list[_Cell]:
        told = zip(self._profile.stations, texts, self.told, strict=True)
        return [_Cell(self._x(one.at_m), text) for one, text, wanted in told if wanted]

    def _at_ends(self, levels: Sequence[tuple[float, float]]) -> list[_Cell]:
        """Return what is known where pipes meet nodes: two figures where they differ."""
        cells = []
        for one, differ in zip(self._profile.stations, _differing(levels), strict=True):
            half = _APART_MM / 2 if len(differ) > 1 else 0.0
            sides = zip((-1, 1), differ, strict=False)
            cells.append([_Cell(self._x(one.at_m) + side * half, text) for side, text in sides])
        return [cell for some, told in zip(cells, self.told, strict=True) if told for cell in some]

    def _of_pipes(
        self, texts: Sequence[str], *, marked: bool = False, merged: bool = True
    ) -> list[_Cell]:
        """Return a cell for each run of pipes that say the same; those at fault in red."""
        told = [
            (text, marked and one.rises, 0 if merged else i)
            for i, (text, one) in enumerate(zip(texts, self._profile.reaches, strict=True))
        ]
        cells = []
        for (text, wrong, _i), run in groupby(
            zip(told, self._profile.reaches, strict=True), _first
        ):
            reaches = [reach for _told, reach in run]
            start, end = self._x(reaches[0].from_m), self._x(reaches[-1].to_m)
            cells.append(_Cell((start + end) / 2, text, end - start, wrong))
        return cells

    def head(self, title: str, notes: Sequence[str]) -> Iterator[Stroke | Area | Words]:
        """Write what the sheet is called, and in which scales it is."""
        wide = min(self.width, _LEAST_WIDTH_MM) - 2 * _MARGIN_MM
        middle = _MARGIN_MM + wide / 2
        yield Words((middle, 14), title, _("Title"), _INK, 5.5, wide, bold=True)
        scales = _("Across 1:{across}, up 1:{up}").format(
            across=self._scales.across, up=self._scales.up
        )
        yield Words((middle, 21.5), "    ".join((scales, *notes)), _("Title"), _INK, 2.8, wide)


def _first(pair: tuple[tuple[str, bool, int], Reach]) -> tuple[str, bool, int]:
    return pair[0]


def _shaft(x: float, half: float, down: tuple[float, float]) -> Iterator[Stroke]:
    layer = _("Wells")
    for side in (-1, 1) if half else (0,):
        yield Stroke(tuple((x + side * half, y) for y in down), layer, _INK, 0.25)
    if half:
        yield Stroke(((x - half, down[1]), (x + half, down[1])), layer, _INK, 0.35)


def _differing(levels: Sequence[tuple[float, float]]) -> list[list[str]]:
    """Return by node what is known of the pipes before and after it, once where it is the same."""
    before = ["", *(_level(after) for _before, after in levels)]
    after = [*(_level(before) for before, _after in levels), ""]
    return [list(dict.fromkeys(filter(None, texts))) for texts in zip(before, after, strict=True)]


def _beside(profile: Profile) -> list[float]:
    """Return by node how far its figures stand from its middle, mm."""
    rows = [[one.invert_m for one in profile.reaches], [one.cover_m for one in profile.reaches]]
    if _by_top(profile):
        rows.append([one.top_m for one in profile.reaches])
    nodes = zip(*map(_differing, rows), strict=True)
    return [_APART_MM / 2 if max(map(len, texts)) > 1 else 0.0 for texts in nodes]


def _apart(xs: Sequence[float], beside: Sequence[float]) -> list[bool]:
    """Return which of some places have room for figures; first and last always have."""
    told = [False] * len(xs)
    told[0] = told[-1] = True
    last, end = 0, len(xs) - 1

    def clear(a: int, b: int) -> bool:
        return xs[b] - xs[a] >= max(_NODES_APART_MM, _APART_MM + beside[a] + beside[b])

    for i in range(1, end):
        if clear(last, i) and clear(i, end):
            told[i], last = True, i
    return told


def _known(places: Sequence[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    """Yield runs of two or more places whose level is known."""
    run: list[tuple[float, float]] = []
    for place in (*places, (0.0, math.nan)):
        if math.isfinite(place[1]):
            run.append(place)
            continue
        if len(run) > 1:
            yield run
        run = []


def _level(value: float) -> str:
    return _figure(value, 2)


def _per_mille(reach: Reach) -> str:
    return _figure(reach.slope * 1000, 1)


def _figure(value: float, digits: int) -> str:
    # What is rounded to nothing has no sign.
    return f"{round(value, digits) + 0.0:.{digits}f}" if math.isfinite(value) else ""


def _made_of(reach: Reach) -> str:
    size = f"DN{reach.size}" if reach.size and "×" not in reach.size else reach.size
    return " ".join(filter(None, (size, reach.material)))
