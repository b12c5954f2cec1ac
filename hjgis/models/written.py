"""Numbers, dates and texts as people write them."""

from __future__ import annotations

import calendar
import datetime as dt
import math
import re
from collections.abc import Mapping
from typing import Final

from hjgis.i18n import _

_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# Spaces of all widths stand between groups of digits.
_SPACES: Final = re.compile(r"[\s\u00a0\u2000-\u200a\u202f\u3000]+")
_NUMBER: Final = re.compile(r"([-+−]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)(.*)")
_SIZE_SIGN: Final = re.compile(r"^(?:DN|dn|De|DE|D|Φ|φ|Ø|ø|⌀|∅)(?=[\d.])")
_GROUPED: Final = re.compile(r"[-+−]?\d{1,3}(?:,\d{3})+")
# What a unit is of its base unit: metres, square metres, volts, watts.
_UNITS: Final[Mapping[str, tuple[str, float]]] = {
    **dict.fromkeys(("mm", "毫米"), ("m", 0.001)),
    **dict.fromkeys(("cm", "厘米", "公分"), ("m", 0.01)),
    **dict.fromkeys(("dm", "分米"), ("m", 0.1)),
    **dict.fromkeys(("m", "米"), ("m", 1.0)),
    **dict.fromkeys(("km", "千米", "公里"), ("m", 1000.0)),
    **dict.fromkeys(("m²", "m2", "㎡", "平方米", "平米"), ("m²", 1.0)),
    **dict.fromkeys(("hm²", "hm2", "ha", "公顷"), ("m²", 10_000.0)),
    **dict.fromkeys(("km²", "km2", "平方公里"), ("m²", 1_000_000.0)),
    # 亩 is a fifteenth of a hectare: 国发〔1984〕28号.
    "亩": ("m²", 10_000.0 / 15),
    **dict.fromkeys(("V", "伏"), ("V", 1.0)),
    **dict.fromkeys(("kV", "KV", "kv", "千伏"), ("V", 1000.0)),
    **dict.fromkeys(("W", "瓦"), ("W", 1.0)),
    **dict.fromkeys(("kW", "KW", "千瓦"), ("W", 1000.0)),
    **dict.fromkeys(("d", "天", "日"), ("d", 1.0)),
    **dict.fromkeys(("a", "年"), ("a", 1.0)),
    **dict.fromkeys(("°", "度"), ("°", 1.0)),
    "K": ("K", 1.0),
    "rad": ("rad", 1.0),
}
_DATE: Final = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[ T].*)?$")
_COMPACT_DATE: Final = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_NO_DAY: Final = re.compile(r"^\d{4}[-./年]\d{1,2}月?$")
_NO_YEAR: Final = re.compile(r"^(?:\d{2}[-./年])?\d{1,2}[-./月]\d{1,2}日?$")
_TODAY: Final = frozenset({"今天", "今日", "today"})
# What nobody sees and what turns the order of letters round: NUL and other control signs, byte
# order marks, zero-width spaces, overrides and isolates of writing direction.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]"
)
_HALF: Final = re.compile("[\ud800-\udfff]")


class BadValue(ValueError):
    """A value that its field cannot take; the message is for people."""


def cleaned(text: str) -> str:
    """Return a text without signs that nobody sees.

    Emoji, rare characters and other scripts are kept as they are.

    Raises
    ------
    BadValue
        If half of a character is left where somebody has cut a text in two.
    """
    if _HALF.search(text):
        raise BadValue(_("the text holds a character that is cut in two; type it again"))
    return _UNSEEN.sub("", text) if _UNSEEN.search(text) else text


def read_number(text: str, unit: str | None) -> float:
    """Read a number as it is written on plans and forms.

    ``DN300``, ``Φ700``, ``1,5``, ``１２．５``, ``1 200``, ``3.5m``; a length, area, voltage or
    power in another unit than the field's is converted: ``35cm`` is 0.35 where metres are asked.

    Parameters
    ----------
    unit : str or None
        Of the field; without one, none may be written.

    Raises
    ------
    BadValue
        If it is no number, or may be two: ``1,200``.
    """
    plain = _SPACES.sub("", text.translate(_FULL_WIDTH))
    plain = _SIZE_SIGN.sub("", plain)
    digits = plain.rstrip("".join({sign for name in _UNITS for sign in name} - set("0123456789")))
    found = _NUMBER.fullmatch(_without_commas(plain, digits, text))
    if found is None:
        raise BadValue(_("{value} is not a number").format(value=text))
    number = float(found[1].replace("−", "-")) * _factor(found[2], unit, text)
    if not math.isfinite(number):
        raise BadValue(_("{value} is not a number").format(value=text))
    return number


def _without_commas(plain: str, digits: str, text: str) -> str:
    if "," not in digits:
        return plain
    # 1,234.5 and 1,234,567 group thousands; 1,5 is a decimal comma.
    if "." in digits or (digits.count(",") > 1 and _GROUPED.fullmatch(digits)):
        return plain.replace(",", "")
    if _GROUPED.fullmatch(digits) and not digits.startswith(("0,", "-0,", "+0,")):
        words = _("{value} may be {one} or {other}: type it without the comma")
        one, other = digits.replace(",", ""), digits.replace(",", ".")
        raise BadValue(words.format(value=text, one=one, other=other))
    return plain.replace(",", ".")


def _factor(written: str, unit: str | None, text: str) -> float:
    """Return what a number is to be multiplied by, for the unit that is written behind it."""
    if not written or written == unit:
        return 1.0
    given, wanted = _UNITS.get(written), _UNITS.get(unit or "")
    if given is None:
        raise BadValue(_("{value} is not a number").format(value=text))
    if wanted is None or given[0] != wanted[0]:
        words = _("{value}: the unit here is {unit}") if unit else _("{value} is not a number")
        raise BadValue(words.format(value=text, unit=unit))
    return given[1] / wanted[1]


def read_date(text: str) -> str:
    """Read a day: ``2020.6.15``, ``20200615``, ``2020年6月15日``, ``2020/6/15``, ``今天``.

    Returns
    -------
    str
        As ISO 8601.

    Raises
    ------
    BadValue
        If there is no such day, or its year or day is not said.
    """
    plain = text.translate(_FULL_WIDTH).strip()
    if plain.casefold() in _TODAY:
        return dt.datetime.now().astimezone().date().isoformat()
    found = _DATE.match(plain) or _COMPACT_DATE.match(plain)
    if found is None:
        raise BadValue(_why_no_date(plain).format(value=text))
    year, month, day = (int(part) for part in found.groups())
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        raise BadValue(_no_such_day(text, year, month)) from None


def _why_no_date(plain: str) -> str:
    if _NO_YEAR.match(plain):
        return _("{value} is not a date: type the year too, with four digits, as in 2020.6.15")
    if _NO_DAY.match(plain):
        return _("{value} is not a date: type the day too, as in 2020.6.15")
    return _("{value} is not a date")


def _no_such_day(text: str, year: int, month: int) -> str:
    if not 1 <= month <= 12:
        return _("{value} is not a date: there is no month {month}").format(value=text, month=month)
    if year < 1:
        return _("{value} is not a date").format(value=text)
    days = calendar.monthrange(year, month)[1]
    words = _("{value} is not a date: month {month} of {year} has {days} days")
    return words.format(value=text, month=month, year=year, days=days)
