"""Places that a satellite receiver tells: how good each is, and several of them as one."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, get_args

from hjgis import paths
from hjgis.errors import DictionaryError
from hjgis.models.assets import Label
from hjgis.models.catalogue_files import read_toml

Shape = Literal["ring", "cross", "circle", "triangle", "diamond", "square"]
NONE: Final = "none"


@dataclass(frozen=True, slots=True)
class Quality:
    """One kind of solution; see the heads of ``resources/receiver.toml``."""

    id: str
    gga: tuple[int, ...]
    mode: tuple[str, ...]
    rank: int
    asks: bool
    shape: Shape
    color: str
    label: Label
    basis: str
    confidence: str
    error_m: float | None = None
    scaled: bool = True
    measured: bool = True


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on taking a point asks first; see ``resources/receiver.toml``."""

    hdop: float
    age_s: float
    average: int
    local_utc_h: float
    basis: str
    confidence: str


@dataclass(frozen=True, slots=True)
class ReceiverRules:
    """All kinds of solutions, and the limits."""

    qualities: tuple[Quality, ...]
    limits: Limits

    def quality(self, quality_id: str) -> Quality:
        """Return a kind of solution; KeyError if there is none of this id."""
        for entry in self.qualities:
            if entry.id == quality_id:
                return entry
        raise KeyError(quality_id)

    def of_gga(self, number: int) -> Quality | None:
        """Return the kind of solution that a GGA sentence gives by number."""
        return next((entry for entry in self.qualities if number in entry.gga), None)

    def of_mode(self, letters: str) -> Quality | None:
        """Return the best kind of solution among the letters of an RMC or GNS sentence."""
        found = [entry for entry in self.qualities if set(letters) & set(entry.mode)]
        return max(found, key=lambda entry: entry.rank, default=None)


@cache
def receiver_rules() -> ReceiverRules:
    """Return the rules that ship with the program."""
    return load_rules(paths.resources() / "receiver.toml")


def load_rules(path: Path) -> ReceiverRules:
    """Read qualities and limits.

    Raises
    ------
    DictionaryError
        If the file is not TOML, or a key is missing or unknown; names file and entry.
    """
    raw: dict[str, Any] = read_toml(path)
    try:
        limits = Limits(**raw["limits"])
        entries: list[dict[str, Any]] = raw["quality"]
    except (KeyError, TypeError) as error:
        raise DictionaryError(f"{path.name}: {error}") from error
    return ReceiverRules(tuple(_quality(path, entry) for entry in entries), limits)


def _quality(path: Path, raw: dict[str, Any]) -> Quality:
    try:
        known = {**raw, "gga": tuple(raw["gga"]), "mode": tuple(raw["mode"])}
        quality = Quality(**known)
        if quality.shape not in get_args(Shape):
            raise ValueError(f"shape: {quality.shape!r} is unknown")
    except (KeyError, TypeError, ValueError) as error:
        raise DictionaryError(f"{path.name}: {raw.get('id', '?')}: {error}") from error
    return quality


@dataclass(frozen=True, slots=True)
class Fix:
    """What a receiver says of one moment.

    Attributes
    ----------
    lon, lat : float or None
        Degrees east and north, WGS 84; None where there is no position.
    time : datetime.time or None
        UTC.
    date : datetime.date or None
        UTC; None where no sentence has said it yet.
    height_m : float or None
        Above the geoid that the receiver has built in, which is not the height datum of a survey.
    separation_m : float or None
        Of that geoid above the ellipsoid: together they are the ellipsoidal height.
    course_deg : float or None
        Clockwise from true north.
    stated_m : float or None
        Horizontal standard deviation as the receiver itself states it.
    line : int
        Where the fix begins in a log, counted from 1; 0 where there is no log.
    """

    quality: Quality
    lon: float | None = None
    lat: float | None = None
    time: dt.time | None = None
    date: dt.date | None = None
    height_m: float | None = None
    separation_m: float | None = None
    satellites: int | None = None
    hdop: float | None = None
    course_deg: float | None = None
    speed_ms: float | None = None
    stated_m: float | None = None
    talker: str = ""
    line: int = 0

    @property
    def utc(self) -> dt.datetime | None:
        """Date and time together; None where either is not known."""
        if self.date is None or self.time is None:
            return None
        return dt.datetime.combine(self.date, self.time, dt.UTC)

    @property
    def ellipsoidal_m(self) -> float | None:
        """Height above the ellipsoid of WGS 84, metres."""
        if self.height_m is None or self.separation_m is None:
            return None
        return self.height_m + self.separation_m

    @property
    def error_m(self) -> float | None:
        """Horizontal standard deviation, metres: stated, or what is usual at this quality."""
        if self.stated_m is not None or self.quality.error_m is None:
            return self.stated_m
        scaled = self.quality.scaled and self.hdop is not None
        return self.quality.error_m * (max(self.hdop or 1.0, 1.0) if scaled else 1.0)

    def local_date(self, ahead_h: float) -> dt.date | None:
        """Return the date on the wall of who is so many hours ahead of UTC."""
        utc = self.utc
        return None if utc is None else (utc + dt.timedelta(hours=ahead_h)).date()


@dataclass(frozen=True, slots=True)
class Placed:
    """A fix with its place in the project CRS, metres."""

    fix: Fix
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Average:
    """Several places as one.

    Attributes
    ----------
    x, y : float
        Mean, project CRS.
    rms_m : float
        Root mean square of the horizontal distances from the mean.
    spread_m : float
        The greatest of these distances.
    height_m : float or None
        Mean height above the receiver's geoid, if all have one.
    satellites, hdop
        The fewest satellites and the worst HDOP among them.
    last : Fix
        The latest of them.
    """

    x: float
    y: float
    count: int
    rms_m: float
    spread_m: float
    height_m: float | None
    satellites: int | None
    hdop: float | None
    last: Fix

    @property
    def quality(self) -> Quality:
        """That of all of them."""
        return self.last.quality


def best_of(samples: Sequence[Placed]) -> list[Placed]:
    """Return those of the best quality that occurs: one bad place would spoil many good ones."""
    best = max((sample.fix.quality.rank for sample in samples), default=0)
    return [sample for sample in samples if sample.fix.quality.rank == best]


def average(samples: Sequence[Placed]) -> Average:
    """Return the mean of places of one quality, and how far they lie apart.

    The places that a receiver tells one after the other share most of their errors: `rms_m` says
    how steady they are, not how right.

    Raises
    ------
    ValueError
        If there are none.
    """
    if not samples:
        raise ValueError("nothing to average")
    count = len(samples)
    # From the first place on: sums of coordinates of seven digits would lose millimetres.
    x0, y0 = samples[0].x, samples[0].y
    x = x0 + math.fsum(sample.x - x0 for sample in samples) / count
    y = y0 + math.fsum(sample.y - y0 for sample in samples) / count
    away = [math.hypot(sample.x - x, sample.y - y) for sample in samples]
    fixes = [sample.fix for sample in samples]
    heights = [fix.height_m for fix in fixes if fix.height_m is not None]
    return Average(
        x,
        y,
        count,
        math.sqrt(math.fsum(d * d for d in away) / count),
        max(away),
        math.fsum(heights) / count if len(heights) == count else None,
        min((fix.satellites for fix in fixes if fix.satellites is not None), default=None),
        max((fix.hdop for fix in fixes if fix.hdop is not None), default=None),
        fixes[-1],
    )
