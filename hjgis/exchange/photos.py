"""Photographs as points: where they were taken, as the camera has written into them (EXIF)."""

from __future__ import annotations

import datetime as dt
import math
import os
import struct
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError
from hjgis.exchange.encoding import Encoding
from hjgis.exchange.foreign import ForeignLayer
from hjgis.i18n import _
from hjgis.models.crs import parse_crs

SUFFIXES: Final = (".jpg", ".jpeg")
_WGS84: Final = "EPSG:4326"
# A folder with more than this is no folder of a survey but a disk.
_MOST_FILES: Final = 20_000
_MOST_NAMED: Final = 10
# Tags of EXIF 2.32, table 15 (GPS) and tables 4 to 9.
_EXIF, _GPS = 0x8769, 0x8825
_MAKE, _MODEL, _TAKEN, _OFFSET = 0x010F, 0x0110, 0x9003, 0x9011
_LAT_REF, _LAT, _LON_REF, _LON, _ALT_REF, _ALT, _TIME = 1, 2, 3, 4, 5, 6, 7
_DIRECTION_REF, _DIRECTION, _DATUM, _DATE, _ERROR = 16, 17, 18, 29, 31
# How cameras write the datum that is meant by default.
_USUAL_DATUMS: Final = frozenset({"", "WGS84", "WGS1984", "CGCS2000"})
_BELOW_SEA: Final = 1
# Whatever a damaged head makes of its reader.
DAMAGE: Final = (
    SyntaxError, OSError, ValueError, LookupError, TypeError, ArithmeticError, AttributeError,
    struct.error,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Photo:
    """What a photograph says of itself; `why_not` says why it has no place."""

    name: str
    place: tuple[float, float] | None = None
    why_not: str = ""
    taken: dt.datetime | None = None
    taken_utc: dt.datetime | None = None
    direction_deg: float | None = None
    direction_from: str | None = None
    altitude_m: float | None = None
    error_m: float | None = None
    camera: str | None = None
    datum: str = ""


def in_folder(folder: Path) -> list[Path]:
    """Return the photographs in a folder and in the folders in it, by name.

    Raises
    ------
    InputError
        If there are so many files that the folder cannot be meant.
    """
    inside = list(islice(folder.rglob("*"), _MOST_FILES + 1))
    if len(inside) > _MOST_FILES:
        message = _("{path} holds more than {count} files; choose the folder of the photos.")
        raise InputError(message.format(path=folder.name, count=_MOST_FILES))
    # A Mac puts a hidden companion of the same ending beside each file of an archive.
    named = [p for p in inside if p.suffix.casefold() in SUFFIXES and not p.name.startswith("._")]
    return sorted(path for path in named if path.is_file())


def read_photos(source: Path) -> ForeignLayer:
    """Read the places of a photograph, or of all in a folder: one point each, WGS 84, degrees.

    Only the heads of the files are read. A photograph without a place stays a record without
    geometry, and that is said with its name and the reason. Names are relative to the folder.

    Raises
    ------
    InputError
        If there is no photograph, or none has a place.
    """
    files = in_folder(source) if source.is_dir() else [source]
    if not files:
        raise InputError(_("{path} holds no photos (JPEG).").format(path=source.name))
    above = source if source.is_dir() else source.parent
    photos = [_photo(path, path.relative_to(above).as_posix()) for path in files]
    said = tuple(_words(source, photos))
    geometry = np.empty(len(photos), dtype=object)
    geometry[:] = [shapely.Point(photo.place) if photo.place else None for photo in photos]
    name = source.name if source.is_dir() else source.stem
    nothing = np.zeros(len(photos), dtype=bool)
    decided = Encoding("utf-8", "format")
    columns, system = _columns(photos), parse_crs(_WGS84)
    return ForeignLayer(name, columns, geometry, nothing, system, decided, said, measured=True)


# -- one photograph ----------------------------------------------------------------------


def said_by(image: Any, name: str) -> Photo:
    """Return what an open picture of Pillow says; broken parts of it are as good as none."""
    try:
        main, camera, gps = _head(image)
    except _BrokenHead:
        return Photo(name, why_not=_("what the camera has written into it is damaged"))
    place, why_not = _place(gps)
    direction_from = {"T": "true", "M": "magnetic"}.get(_text(gps.get(_DIRECTION_REF)).upper())
    return Photo(
        name,
        place,
        why_not,
        _taken(camera),
        _utc(gps),
        _number(gps.get(_DIRECTION)),
        direction_from,
        _altitude(gps),
        _number(gps.get(_ERROR)),
        " ".join(filter(None, (_text(main.get(_MAKE)), _text(main.get(_MODEL))))) or None,
        _text(gps.get(_DATUM)),
    )


def _photo(path: Path, name: str) -> Photo:
    from PIL.JpegImagePlugin import JpegImageFile

    try:
        # The plugin itself: nothing is decoded, so that no picture is too large.
        with (
            warnings.catch_warnings(record=True, action="always") as doubts,
            JpegImageFile(os.fspath(path)) as image,
        ):
            result = said_by(image, name)
    except DAMAGE:
        return Photo(name, why_not=_("this is no JPEG picture, or it is damaged"))
    if result.place is None and doubts:
        why_not = _("what the camera has written into it is damaged")
        return replace(result, why_not=why_not)
    return result


class _BrokenHead(Exception):
    """What a camera has written cannot be read."""


def _head(image: Any) -> tuple[dict[int, Any], dict[int, Any], dict[int, Any]]:
    """Return the tags of the picture, of the camera and of the place."""
    try:
        exif = image.getexif()
        return dict(exif), dict(exif.get_ifd(_EXIF)), dict(exif.get_ifd(_GPS))
    except DAMAGE as error:
        raise _BrokenHead(str(error)) from error


def _place(gps: Mapping[int, Any]) -> tuple[tuple[float, float] | None, str]:
    """Return longitude and latitude in degrees, or why there are none."""
    if _LAT not in gps and _LON not in gps:
        return None, _("no position is written in it")
    lat = _degrees(gps.get(_LAT), _text(gps.get(_LAT_REF)), "NS", 90.0)
    lon = _degrees(gps.get(_LON), _text(gps.get(_LON_REF)), "EW", 180.0)
    if lat is None or lon is None:
        return None, _("the position in it makes no sense")
    if lat == lon == 0.0:
        # What many cameras write that have not found any satellite.
        return None, _("the position in it is 0, 0")
    return (lon, lat), ""


def _degrees(parts: Any, side: str, sides: str, most: float) -> float | None:
    """Return degrees, negative south and west; None if they are none."""
    if side.upper()[:1] not in tuple(sides) or not isinstance(parts, tuple | list):
        return None
    values = [_number(part) for part in parts[:3]]
    if not values or None in values:
        return None
    numbers = [float(value or 0.0) for value in values]
    if any(value < 0 for value in numbers) or any(value > 60 for value in numbers[1:]):
        return None
    degrees = math.fsum(value / 60**power for power, value in enumerate(numbers))
    if degrees > most:
        return None
    return -degrees if side.upper()[:1] == sides[1] else degrees


def _altitude(gps: Mapping[int, Any]) -> float | None:
    height, below = _number(gps.get(_ALT)), gps.get(_ALT_REF)
    below = below[0] if isinstance(below, bytes) and below else below
    return -height if height is not None and below == _BELOW_SEA else height


def _taken(camera: Mapping[int, Any]) -> dt.datetime | None:
    """Return the time on the camera's clock, with its time zone if that is written."""
    said, zone = _text(camera.get(_TAKEN)), _text(camera.get(_OFFSET))
    for text, form in ((said + zone, "%Y:%m:%d %H:%M:%S%z"), (said, "%Y:%m:%d %H:%M:%S")):
        try:
            return dt.datetime.strptime(text, form)
        except ValueError:
            continue
    return None


def _utc(gps: Mapping[int, Any]) -> dt.datetime | None:
    """Return the time of the satellites."""
    time, day = gps.get(_TIME), _text(gps.get(_DATE))
    if not isinstance(time, tuple | list) or len(time) != 3:
        return None
    parts = [_number(part) for part in time]
    if None in parts:
        return None
    hours, minutes, seconds = (float(part or 0.0) for part in parts)
    try:
        midnight = dt.datetime.strptime(day, "%Y:%m:%d").replace(tzinfo=dt.UTC)
        return midnight + dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError):
        return None


def _number(value: Any) -> float | None:
    """Return a rational as a number; None for 0/0, which means that nobody knows."""
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return "".join(sign for sign in str(value or "") if sign.isprintable()).strip()


# -- all of them -------------------------------------------------------------------------


def _words(source: Path, photos: Sequence[Photo]) -> Iterator[str]:
    """Yield what is to be said of the photographs.

    Raises
    ------
    InputError
        If none has a place.
    """
    without = [photo for photo in photos if photo.place is None]
    reasons = _("; ").join(f"{photo.name}: {photo.why_not}" for photo in without[:_MOST_NAMED])
    reasons += "…" if len(without) > _MOST_NAMED else ""
    if len(without) == len(photos):
        message = _("{path}: no photo has a position ({reasons}).")
        raise InputError(message.format(path=source.name, reasons=reasons))
    if without:
        message = _("Photos without a position: {count} of {all} ({reasons}).")
        yield message.format(count=len(without), all=len(photos), reasons=reasons)
    yield from _datum_words(photos)
    if any(photo.altitude_m is not None for photo in photos):
        yield _("Altitudes are the camera's own, not in the 1985 height datum.")


def _datum_words(photos: Sequence[Photo]) -> Iterator[str]:
    counted = Counter(
        photo.datum for photo in photos if photo.place and _plain(photo.datum) not in _USUAL_DATUMS
    )
    for datum, count in counted.items():
        words = _(
            "Photos that name the datum {datum}: {count}. They are taken as WGS 84; name their"
            " system if that is wrong."
        )
        yield words.format(datum=datum, count=count)


def _plain(datum: str) -> str:
    return "".join(sign for sign in datum.upper() if sign.isalnum())


def _columns(photos: Sequence[Photo]) -> dict[str, NDArray[Any]]:
    """Return the columns; names and dates are called as the fields that they belong into."""
    return {
        "photo_ref": _texts([photo.name for photo in photos]),
        "survey_date": _texts([p.taken.date().isoformat() if p.taken else None for p in photos]),
        "taken": _texts([p.taken.isoformat(" ") if p.taken else None for p in photos]),
        "taken_utc": _texts([_utc_text(photo.taken_utc) for photo in photos]),
        "direction_deg": _numbers([photo.direction_deg for photo in photos]),
        "direction_from": _texts([photo.direction_from for photo in photos]),
        "camera_altitude_m": _numbers([photo.altitude_m for photo in photos]),
        "stated_error_m": _numbers([photo.error_m for photo in photos]),
        "camera": _texts([photo.camera for photo in photos]),
        "no_position": _texts([photo.why_not or None for photo in photos]),
    }


def _utc_text(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _texts(values: Sequence[str | None]) -> NDArray[np.object_]:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


def _numbers(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([math.nan if value is None else round(value, 6) for value in values])
