"""What foreign coordinates could be if not what they are said to be, with the answer to give.

Every reading of `hjgis.models.region` is tried, with x and y as they stand and exchanged; those
that put the places into the county are proposals, the one that changes least first. Nothing is
applied here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from hjgis.i18n import _, label
from hjgis.models.crs import Crs, Transform, parse_crs
from hjgis.models.gcj02 import LonLat
from hjgis.models.region import Box, LikelySystem, region

# The system of the world that places are compared in.
WORLD: Final = "EPSG:4326"
PACKED: Final = "DMS"
SHIFTED: Final = ("GCJ-02", "BD-09")
# So great a part of the places must lie inside for a reading to be an explanation.
_MOST: Final = 0.9
_PACKED_PLACES: Final = 5
_EDGE_POINTS: Final = 21
_SIXTY: Final = 60.0
# Places closer than this, degrees, are the same: 0.1 mm.
_SAME_DEG: Final = 1e-9
Numbers = NDArray[np.float64]
Move = Callable[[Numbers], Numbers]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way to read the coordinates that would put them right.

    Attributes
    ----------
    id : str
        ``swap``, ``crs``, ``swap+crs`` or ``offset``, followed by the system where one is named.
    reason : str
        What is wrong, in the user's language.
    answer : mapping
        Arguments of `plan_import` that carry it out.
    box_wgs84 : tuple of float
        West, south, east, north after it, WGS 84 degrees.
    """

    id: str
    reason: str
    answer: Mapping[str, object]
    box_wgs84: Box

    @property
    def options(self) -> str:
        """What to add to the command to say so."""
        words = []
        if "swap" in self.answer:
            words.append("--swap-axes" if self.answer["swap"] else _("without --swap-axes"))
        if "crs" in self.answer:
            text = str(self.answer["crs"])
            words.append(f'--crs "{text}"' if " " in text else f"--crs {text}")
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class _Reading:
    swap: bool
    system: str
    cost: int
    likely: LikelySystem | None


def explanations(
    numbers: Numbers, stated: str | None, *, swapped: bool, assumed: str | None
) -> tuple[Proposal, ...]:
    """Return the readings that would put places into the county, the simplest first.

    Parameters
    ----------
    numbers : array of float, shape (n, 2)
        As they stand in the file.
    stated : str or None
        The system that the user or the file names.
    swapped : bool
        Whether x and y are read the other way round already.
    assumed : str or None
        The system that is taken if nobody names one, so that an answer need not.
    """
    found: list[tuple[int, Proposal]] = []
    seen: list[Numbers] = []
    for reading in sorted(_readings(numbers, stated, swapped=swapped), key=lambda one: one.cost):
        if found and reading.cost > found[0][0]:
            break
        if (reading.swap, reading.system) == (swapped, stated):
            continue
        places = degrees(_turned(numbers, swap=reading.swap), reading.system)
        if not holds(places, most=_MOST):
            continue
        usual = reading.likely is not None and reading.likely.kind != "degrees"
        if usual and any(np.allclose(places, one, rtol=0, atol=_SAME_DEG) for one in seen):
            continue
        seen.append(places)
        named = reading.system != (stated or assumed)
        found.append((reading.cost, _proposal(reading, places, swapped=swapped, named=named)))
    return tuple(proposal for _cost, proposal in found)


def exchanged_degrees(numbers: Numbers, system: Crs, *, swapped: bool) -> tuple[Proposal, ...]:
    """Return the exchange of latitude and longitude where one is no latitude, anywhere on earth."""
    turned = _turned(numbers, swap=not swapped)
    now = _turned(numbers, swap=swapped)
    if not system.is_geographic or np.abs(now[:, 1]).max() <= 90 or np.abs(now[:, 0]).max() > 90:
        return ()
    places = degrees(turned, system.text)
    reading = _Reading(not swapped, system.text, 1, None)
    return (_proposal(reading, places, swapped=swapped, named=False),)


def packed(numbers: Numbers) -> bool:
    """Whether degrees look like degrees, minutes and seconds written as one number.

    Of decimal degrees, three in five have digits that could be minutes, and as many that could be
    seconds; of five places all have them once in thirty thousand files.
    """
    if len(np.unique(numbers, axis=0)) < _PACKED_PLACES or np.abs(numbers).max() > 180:
        return False
    _whole, minutes, seconds = _parts(numbers)
    return bool((minutes < _SIXTY).all() and (seconds < _SIXTY).all() and (seconds > 0).any())


def unpacked(numbers: Numbers) -> Numbers:
    """Return decimal degrees of degrees, minutes and seconds written as one number."""
    whole, minutes, seconds = _parts(numbers)
    return np.asarray(np.copysign(whole + minutes / 60 + seconds / 3600, numbers))


def _parts(numbers: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    # A hair more, for 107.0855 is stored as 107.08549999…
    ten_thousandths = np.abs(numbers) * 10_000 + 1e-7
    whole, rest = np.divmod(ten_thousandths, 10_000)
    minutes, seconds = np.divmod(rest, 100)
    return whole, minutes, np.maximum(seconds - 1e-7, 0)


def _readings(numbers: Numbers, stated: str | None, *, swapped: bool) -> Iterator[_Reading]:
    crs = parse_crs(stated) if stated and stated not in PSEUDO else None
    old = {entry.datum for entry in region().systems if entry.datum}
    datum = crs.datum if crs is not None and crs.datum in old else None
    systems = {entry.crs: entry for entry in region().systems if entry.datum == datum}
    minutes = systems.pop(PACKED, None)
    if minutes is not None and packed(numbers):
        systems = {PACKED: minutes} | ({} if stated else systems)
    for swap in (swapped, not swapped):
        for text in dict.fromkeys([*([stated] if stated else []), *systems]):
            likely = systems.get(text)
            cost = int(swap != swapped) + int(stated is not None and text != stated)
            if likely is not None and likely.kind == "miswritten":
                cost += 1
            yield _Reading(swap, text, cost, likely)


def _proposal(reading: _Reading, places: Numbers, *, swapped: bool, named: bool) -> Proposal:
    answer: dict[str, object] = {}
    words, kinds = [], []
    if reading.swap != swapped:
        answer["swap"] = reading.swap
        kinds.append("swap")
        words.append(_axes_words(swap=reading.swap, in_degrees=_in_degrees(reading.system)))
    if named:
        answer["crs"] = reading.system
        kinds.append("crs")
        words.append(_("the coordinates are in {system}").format(system=system_name(reading)))
    identity = "+".join(kinds) + (f":{reading.system}" if named else "")
    return Proposal(identity, "; ".join(words), answer, box_of(places))


def _axes_words(*, swap: bool, in_degrees: bool) -> str:
    if not swap:
        return _("the axes are not exchanged")
    if in_degrees:
        return _("latitude and longitude are exchanged")
    return _("X (north) and Y (east) are exchanged")


def system_name(reading: _Reading) -> str:
    """Return the name of a system for people."""
    if reading.likely is not None:
        return label(reading.likely.label)
    return reading.system if reading.system in PSEUDO else parse_crs(reading.system).name


def _in_degrees(system: str) -> bool:
    return system in PSEUDO or parse_crs(system).is_geographic


def _turned(numbers: Numbers, *, swap: bool) -> Numbers:
    return numbers[:, ::-1] if swap else numbers


def degrees(numbers: Numbers, system: str) -> Numbers:
    """Return WGS 84 degrees of coordinates in a system, shape (n, 2); what is none is infinite."""
    if system in PSEUDO:
        if not len(numbers) or np.abs(numbers).max() > 180:
            return np.full(numbers.shape, np.inf)
        return PSEUDO[system](numbers)
    lon, lat = _to_world(system).points(numbers[:, 0], numbers[:, 1])
    return np.column_stack([lon, lat])


def holds(places: Numbers, *, most: float) -> bool:
    """Whether so great a part of the places lies in the county; WGS 84 degrees."""
    return bool(len(places)) and float(region().holds(*places.T).mean()) >= most


@lru_cache(maxsize=16)
def county_box(system: str) -> Box:
    """Return a box in a system that holds the whole county: west, south, east, north."""
    (west, south, east, north), margin = region().box_deg, region().margin_deg
    lon, lat = np.meshgrid(
        np.linspace(west - margin, east + margin, _EDGE_POINTS),
        np.linspace(south - margin, north + margin, _EDGE_POINTS),
    )
    x, y = Transform(parse_crs(WORLD), parse_crs(system)).points(lon.ravel(), lat.ravel())
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def box_of(places: Numbers) -> Box:
    """Return the box around the bulk of places: one stray point must not decide."""
    low, high = np.percentile(places, 5, axis=0), np.percentile(places, 95, axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


@lru_cache(maxsize=64)
def _to_world(system: str) -> Transform:
    return Transform(parse_crs(system), parse_crs(WORLD))


def _straightened(system: str) -> Move:
    def away(numbers: Numbers) -> Numbers:
        true = LonLat(
            numbers[:, 0], numbers[:, 1], "GCJ-02" if system == "GCJ-02" else "BD-09"
        ).unshifted()
        return np.column_stack([true.lon, true.lat])

    return away


# What is named like a system and is none of EPSG: how its degrees become true ones.
PSEUDO: Final[Mapping[str, Move]] = {
    **{name: _straightened(name) for name in SHIFTED},
    PACKED: unpacked,
}
