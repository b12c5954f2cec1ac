"""Sentences of satellite receivers (NMEA 0183): heard one by one, or read from a log."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer, unreadable
from hjgis.i18n import _, label
from hjgis.models.crs import parse_crs
from hjgis.models.positions import NONE, Fix, Quality, receiver_rules

WGS84: Final = "EPSG:4326"
_SENTENCE: Final = re.compile(rb"\$([^$*\r\n]*)\*([0-9A-Fa-f]{2})")
# What places are taken from, the most telling last.
_PLACES: Final = ("GLL", "RMC", "GNS", "GGA")
# They carry the time of the moment that they belong to.
_TIMED: Final = (*_PLACES, "GST", "ZDA")
_TIME_FIELD: Final = {"GLL": 4, "RMC": 0, "GNS": 0, "GGA": 0}
_WANTED: Final = frozenset({*_TIMED, "VTG", "GSA"})
# Sentence, field and what turns its unit into degrees and m/s: knots and km/h.
_COURSES: Final = (("RMC", "cog", 1.0), ("VTG", "cogt", 1.0))
_SPEEDS: Final = (
    ("RMC", "spd", 1852 / 3600),
    ("VTG", "sogk", 1 / 3.6),
    ("VTG", "sogn", 1852 / 3600),
)
_HALF_DAY_S: Final = 43_200.0
# What speaks for all satellites together goes before what speaks for one system.
_ALL_SYSTEMS: Final = "GN"
_SNIFFED_BYTES: Final = 65_536
_MOST_NAMED: Final = 10


@dataclass(slots=True)
class Faults:
    """Lines of a log that tell nothing, by number.

    Attributes
    ----------
    wrong : list of int
        The checksum, or a value, is wrong.
    cut : list of int
        A sentence begins and has no end.
    other : list of int
        There is no sentence in the line.
    several : int
        Moments for which several systems gave a place of their own.
    """

    wrong: list[int] = field(default_factory=list)
    cut: list[int] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    several: int = 0


@dataclass(slots=True)
class _Moment:
    """What was said of one moment, by talker and kind of sentence."""

    line: int
    time: dt.time | None = None
    said: dict[tuple[str, str], Any] = field(default_factory=dict)


class Listener:
    """Puts the sentences of one moment together to one fix.

    A moment ends where the next one begins, or where the one who listens says so: a receiver is
    silent until then, and nobody should wait for its next sentence.
    """

    def __init__(self) -> None:
        self.faults = Faults()
        self.heard = 0
        self._moment: _Moment | None = None
        self._date: dt.date | None = None
        self._time: dt.time | None = None
        self._told: dt.time | None = None

    def hear(self, line: bytes, number: int = 0) -> Iterator[Fix]:
        """Take a line of whatever kind, and yield the fixes that are complete by it."""
        found = list(_SENTENCE.finditer(line))
        if line.count(b"$") > len(found):
            self.faults.cut.append(number)
        elif not found and line.strip():
            self.faults.other.append(number)
        for match in found:
            try:
                message = _read(match[0])
            except ValueError:
                self.faults.wrong.append(number)
                continue
            self.heard += 1
            if message is not None:
                yield from self._take(message, number)

    def close(self) -> Iterator[Fix]:
        """Yield what was said last, if anything was."""
        moment, self._moment = self._moment, None
        fix = self._fix(moment) if moment is not None else None
        if fix is not None:
            yield fix

    def _take(self, message: Any, number: int) -> Iterator[Fix]:
        key, time = (message.talker, message.msgID), None
        if message.msgID in _TIMED:
            said = getattr(message, "time", None)
            time = said if isinstance(said, dt.time) else None
        moment = self._moment
        if moment is not None and (
            key in moment.said or (time is not None and moment.time not in (None, time))
        ):
            yield from self.close()
        if self._moment is None:
            self._moment = _Moment(number)
        self._moment.said[key] = message
        self._moment.time = self._moment.time or time

    def _fix(self, moment: _Moment) -> Fix | None:
        """Return the fix of a moment; None if nothing was said of a place."""
        candidates = [
            _placed(message) for (_who, kind), message in moment.said.items() if kind in _PLACES
        ]
        if not candidates:
            return None
        if sum(kind == "GGA" for _who, kind in moment.said) > 1:
            self.faults.several += 1
        best = max(candidates, key=_worth)
        if best.lon is not None:
            self._tell_date(moment)
        if best.satellites is None and moment.time is not None and moment.time == self._told:
            # The rest of a moment that was closed too early says nothing new of the place.
            return None
        self._told = moment.time
        said: dict[str, Any] = {}
        for (_who, kind), message in moment.said.items():
            said.setdefault(kind, message)
        return replace(
            best,
            time=moment.time,
            date=self._date,
            hdop=best.hdop if best.hdop is not None else _number(said.get("GSA"), "HDOP"),
            course_deg=_first(said, _COURSES),
            speed_ms=_first(said, _SPEEDS),
            stated_m=_stated_m(said.get("GST")),
            line=moment.line,
        )

    def _tell_date(self, moment: _Moment) -> None:
        """Take the date that is said, or carry the last one on over midnight.

        Receivers that have no position yet say dates that mean nothing.
        """
        said = next((day for m in moment.said.values() if (day := _day(m)) is not None), None)
        if said is not None:
            self._date = said
        elif self._date is not None and ahead_s(self._time, moment.time) < -_HALF_DAY_S:
            self._date += dt.timedelta(days=1)
        self._time = moment.time


def is_log(path: Path) -> bool:
    """Whether a file begins like the log of a receiver, whatever its name ends in."""
    try:
        with path.open("rb") as file:
            head = file.read(_SNIFFED_BYTES)
    except OSError as error:
        raise unreadable(path, error) from error
    for match in _SENTENCE.finditer(head):
        try:
            message = _read(match[0])
        except ValueError:
            continue
        if message is not None and message.msgID in _PLACES:
            return True
    return False


def fixes(lines: Iterable[bytes], listener: Listener) -> Iterator[Fix]:
    """Yield all fixes of the lines of a log, those without a position as well."""
    for number, line in enumerate(lines, 1):
        yield from listener.hear(line, number)
    yield from listener.close()


def read_log(path: Path) -> ForeignLayer:
    """Read a log: one point for each fix, WGS 84, degrees.

    The heights stand in columns and not in the points: they are above the geoid that the receiver
    has built in, or above the ellipsoid, and never in the height datum of a survey. What cannot be
    used is left out and said, with the numbers of its lines.

    Raises
    ------
    InputError
        If there is no fix in it.
    """
    listener = Listener()
    try:
        with path.open("rb") as file:
            found = list(fixes(file, listener))
    except OSError as error:
        raise unreadable(path, error) from error
    if not listener.heard:
        message = _("{path} is no log of a satellite receiver (NMEA).")
        raise InputError(message.format(path=path.name))
    kept = [fix for fix in found if fix.lon is not None]
    if not kept:
        message = _("{path}: the receiver had no position in any of {count} moments.")
        raise InputError(message.format(path=path.name, count=len(found)))
    kept = _dated(kept)
    lost = [fix.line for fix in found if fix.lon is None]
    shapes = shapely.points(np.array([(fix.lon, fix.lat) for fix in kept], dtype=float))
    nothing = np.zeros(len(kept), dtype=bool)
    return ForeignLayer(
        path.stem,
        _columns(kept),
        np.asarray(shapes, dtype=object),
        nothing,
        parse_crs(WGS84),
        Encoding("ascii", "format"),
        tuple(_warnings(listener.faults, lost, kept)),
        measured=True,
    )


# -- sentences ---------------------------------------------------------------------------


def _read(sentence: bytes) -> Any:
    """Return a sentence by its fields; None for kinds that nothing is taken from.

    Raises
    ------
    ValueError
        If the checksum is wrong or a value makes no sense.
    """
    from pynmeagps import NMEAReader
    from pynmeagps.exceptions import (
        NMEAMessageError,
        NMEAParseError,
        NMEAStreamError,
        NMEATypeError,
    )
    from pynmeagps.nmeahelpers import calc_checksum

    body, _star, said = sentence[1:].partition(b"*")
    if calc_checksum(body.decode("latin-1")) != said.decode().upper():
        raise ValueError("checksum")
    kind = body.partition(b",")[0][-3:].decode("ascii", "replace")
    if kind not in _WANTED or body.startswith(b"P"):
        return None
    try:
        message = NMEAReader.parse(sentence)
        if message is None or message.msgID != kind or kind not in _PLACES:
            return message if message is not None and message.msgID == kind else None
        _placed(message)
    except (
        NMEAMessageError, NMEAParseError, NMEAStreamError, NMEATypeError,
        AttributeError, IndexError, TypeError,
    ) as error:  # fmt: skip
        # A sentence with too few fields has not all of them as attributes.
        raise ValueError(str(error)) from error
    return message


def _placed(message: Any) -> Fix:
    """Return what one sentence says of the place.

    Raises
    ------
    ValueError
        If a coordinate or the quality makes no sense.
    """
    quality = _quality(message)
    lon, lat = _number(message, "lon"), _number(message, "lat")
    if quality is None:
        raise ValueError("quality")
    if quality.id == NONE:
        return Fix(quality, talker=message.talker)
    if lon is None or lat is None or abs(lon) > 180 or abs(lat) > 90:
        raise ValueError("place")
    if message.NS not in ("N", "S") or message.EW not in ("E", "W"):
        raise ValueError("place")
    if not isinstance(message.time, dt.time) and any(message.payload[_TIME_FIELD[message.msgID]]):
        raise ValueError("time")
    return Fix(
        quality,
        lon,
        lat,
        height_m=_number(message, "alt"),
        separation_m=_number(message, "sep"),
        satellites=_whole(message, "numSV"),
        hdop=_number(message, "HDOP"),
        talker=message.talker,
    )


def _quality(message: Any) -> Quality | None:
    rules, kind = receiver_rules(), message.msgID
    if kind == "GGA":
        number = _whole(message, "quality")
        return None if number is None else rules.of_gga(number)
    if kind == "GNS":
        return rules.of_mode(str(message.posMode)) or rules.quality(NONE)
    if message.status != "A":
        return rules.quality(NONE)
    # Receivers before NMEA 2.3 do not say how; then nothing better is meant than a single place.
    return rules.of_mode(str(getattr(message, "posMode", "")) or "A")


def _worth(fix: Fix) -> tuple[bool, bool, int, bool, int]:
    # Only GGA and GNS tell satellites, and only they tell all qualities.
    told = fix.satellites is not None
    together = fix.talker == _ALL_SYSTEMS
    return fix.lon is not None, told, fix.quality.rank, together, fix.satellites or 0


def _number(message: Any, name: str) -> float | None:
    value = getattr(message, name, None)
    known = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if known and value is not None else None


def _whole(message: Any, name: str) -> int | None:
    value = _number(message, name)
    return None if value is None else int(value)


def _first(said: dict[str, Any], names: Sequence[tuple[str, str, float]]) -> float | None:
    for kind, name, factor in names:
        value = _number(said.get(kind), name)
        if value is not None:
            return value * factor
    return None


def _stated_m(message: Any) -> float | None:
    north, east = _number(message, "stdLat"), _number(message, "stdLong")
    return None if north is None or east is None else math.hypot(north, east)


def _day(message: Any) -> dt.date | None:
    if message.msgID == "RMC":
        said = getattr(message, "date", None)
        return said if isinstance(said, dt.date) else None
    if message.msgID == "ZDA":
        parts = [_whole(message, name) for name in ("year", "month", "day")]
        if None not in parts:
            try:
                return dt.date(*(part or 0 for part in parts))
            except ValueError:
                return None
    return None


# -- logs --------------------------------------------------------------------------------


def ahead_s(before: dt.time | None, after: dt.time | None) -> float:
    """Return by how many seconds a time of day is later than another; 0 if one is unknown."""
    if before is None or after is None:
        return 0.0
    day = dt.date.min
    return (dt.datetime.combine(day, after) - dt.datetime.combine(day, before)).total_seconds()


def _dated(kept: Sequence[Fix]) -> list[Fix]:
    """Give the fixes before the first date theirs, backwards over midnight."""
    first = next((place for place, fix in enumerate(kept) if fix.date is not None), 0)
    result = list(kept)
    for place in range(first - 1, -1, -1):
        day, later = result[place + 1].date, result[place + 1].time
        if day is not None and ahead_s(result[place].time, later) < -_HALF_DAY_S:
            day -= dt.timedelta(days=1)
        result[place] = replace(result[place], date=day)
    return result


def _columns(kept: Sequence[Fix]) -> dict[str, NDArray[Any]]:
    ahead_h = receiver_rules().limits.local_utc_h
    days = [fix.local_date(ahead_h) for fix in kept]
    return {
        "time_utc": _texts([_moment_text(fix) for fix in kept]),
        "survey_date": _texts([day.isoformat() if day else None for day in days]),
        "quality": _texts([label(fix.quality.label) for fix in kept]),
        "satellites": _numbers([fix.satellites for fix in kept]),
        "hdop": _numbers([fix.hdop for fix in kept]),
        "above_geoid_m": _numbers([fix.height_m for fix in kept]),
        "geoid_separation_m": _numbers([fix.separation_m for fix in kept]),
        "above_ellipsoid_m": _numbers([fix.ellipsoidal_m for fix in kept]),
        "speed_ms": _numbers([fix.speed_ms for fix in kept]),
        "course_deg": _numbers([fix.course_deg for fix in kept]),
        "stated_error_m": _numbers([fix.stated_m for fix in kept]),
        "talker": _texts([fix.talker for fix in kept]),
        "log_line": _numbers([fix.line for fix in kept]),
    }


def _moment_text(fix: Fix) -> str | None:
    if fix.utc is not None:
        spec = "milliseconds" if fix.utc.microsecond else "seconds"
        return fix.utc.isoformat(timespec=spec).replace("+00:00", "Z")
    return None if fix.time is None else f"{fix.time.isoformat()}Z"


def _texts(values: Sequence[str | None]) -> NDArray[np.object_]:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def _numbers(values: Sequence[float | None]) -> NDArray[Any]:
    """Return numbers of one kind; what is missing is NaN."""
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    # The products of knots and of heights have no digits that mean anything after these.
    return np.array([math.nan if value is None else round(value, 6) for value in values])


def _warnings(faults: Faults, lost: Sequence[int], kept: Sequence[Fix]) -> Iterator[str]:
    for lines, words in (
        (faults.wrong, _("Sentences with a wrong checksum or value, left out: {count} ({lines})")),
        (faults.cut, _("Sentences that are cut off, left out: {count} ({lines})")),
        (faults.other, _("Lines that hold no sentence of a receiver: {count} ({lines})")),
        (lost, _("Moments without a position, left out: {count} ({lines})")),
    ):
        if lines:
            yield words.format(count=len(lines), lines=_named(lines))
    if faults.several:
        words = _("Moments with a place from each of several systems: {count}; the best was taken.")
        yield words.format(count=faults.several)
    if any(fix.utc is None for fix in kept):
        yield _("No sentence says the date, so only the time of day is known.")
    if any(fix.height_m is not None for fix in kept):
        yield _(
            "Heights are above the receiver's own geoid, not in the 1985 height datum; they are"
            " kept as columns."
        )


def _named(lines: Sequence[int]) -> str:
    words = _("lines {numbers}") if len(lines) > 1 else _("line {numbers}")
    more = "…" if len(lines) > _MOST_NAMED else ""
    return words.format(numbers=", ".join(map(str, lines[:_MOST_NAMED])) + more)
