"""What the field calculator knows: its functions by their Chinese and English names."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

from hjgis.i18n import N_, _, language

LONGEST: Final = 10_000
_EARLIEST_YEAR: Final = 1
# The largest float has 309 digits before the point.
_EXACTLY: Final = Context(prec=330)


class RowTrouble(ValueError):
    """Why there is no value for one row; the message is for people."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the calculator.

    Attributes
    ----------
    names : tuple of str
        As it is written, Chinese first; any of them will do, in any case.
    arguments : (int, int)
        The fewest and the most that it takes.
    hint : str
        What it gives, in English; goes through gettext when it is shown.
    call : callable or None
        None for those that are not simply called: choices, and what is asked of the geometry.
    takes_empty : bool
        Whether it is asked where an argument is missing; the others then give nothing.
    """

    names: tuple[str, ...]
    arguments: tuple[int, int]
    hint: str
    call: Callable[..., Any] | None = None
    takes_empty: bool = False

    @property
    def name(self) -> str:
        """The name in the language in use."""
        return self.names[0 if language() == "zh_CN" else -1]


def number(value: object) -> float | int:
    """Return a number for calculating; text that is one counts.

    Raises
    ------
    RowTrouble
        If it is none.
    """
    if isinstance(value, int | float):
        return value
    try:
        result = float(str(value).strip())
    except ValueError:
        raise RowTrouble(_("{value} is not a number").format(value=value)) from None
    return int(result) if result.is_integer() and abs(result) < 2**53 else result


def text(value: object) -> str:
    """Return a value as text: whole numbers without a point, yes and no in words."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)


def day(value: object) -> dt.date:
    """Return a stored date as one; the time of day is left out.

    Raises
    ------
    RowTrouble
        If it is none.
    """
    try:
        return dt.date.fromisoformat(str(value)[:10])
    except ValueError:
        raise RowTrouble(_("{value} is not a date").format(value=value)) from None


def _count(value: object) -> int:
    result = int(number(value))
    if not 0 <= result <= LONGEST:
        raise RowTrouble(_("{value} is not a number of characters").format(value=result))
    return result


def _left(value: object, count: object) -> str:
    return text(value)[: _count(count)]


def _right(value: object, count: object) -> str:
    return text(value)[max(len(text(value)) - _count(count), 0) :]


def _middle(value: object, start: object, count: object) -> str:
    first = max(_count(start) - 1, 0)
    return text(value)[first : first + _count(count)]


def _replace(value: object, old: object, new: object) -> str:
    whole, part, other = text(value), text(old), text(new)
    if not part:
        return whole
    # Looked at before it is made: each of 10 000 signs may become 10 000.
    _refuse_longer(len(whole) + whole.count(part) * (len(other) - len(part)))
    return whole.replace(part, other)


def bounded(value: str) -> str:
    """Return a text if it is not absurdly long.

    Raises
    ------
    RowTrouble
        If it is.
    """
    _refuse_longer(len(value))
    return value


def _refuse_longer(length: int) -> None:
    if length > LONGEST:
        raise RowTrouble(
            _("the text would be longer than {limit} characters").format(limit=LONGEST)
        )


def _join(*parts: object) -> str:
    return bounded("".join(map(text, parts)))


def _pad(value: object, count: object) -> str:
    return text(value).zfill(_count(count))


def _round(value: object, digits: object = 0) -> float | int:
    """Round half away from zero, as people do; Python rounds half to even."""
    places = int(number(digits))
    if not -15 <= places <= 15:
        raise RowTrouble(_("{value} is no number of decimals").format(value=places))
    # repr gives the shortest decimal: 2.675 is meant, not 2.67499999…
    exact = Decimal(repr(number(value) + 0))
    if not exact.is_finite():
        raise OverflowError
    result = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACTLY)
    return int(result) if places <= 0 else float(result)


def _add_days(value: object, days: object) -> str:
    try:
        return (day(value) + dt.timedelta(days=int(number(days)))).isoformat()
    except OverflowError:
        raise RowTrouble(_("there is no such date")) from None


def _add_years(value: object, years: object) -> str:
    base = day(value)
    year = base.year + int(number(years))
    if not _EARLIEST_YEAR <= year <= dt.MAXYEAR:
        raise RowTrouble(_("there is no such date"))
    leap_day = (base.month, base.day) == (2, 29)
    try:
        return base.replace(year=year).isoformat()
    except ValueError:
        assert leap_day
        return base.replace(year=year, day=28).isoformat()


def _today() -> str:
    return dt.date.today().isoformat()


def _root(value: object) -> float:
    base = number(value)
    if base < 0:
        raise RowTrouble(_("there is no square root of a negative number"))
    return math.sqrt(base)


IF: Final = Function(("如果", "if"), (3, 3), N_("one of two values, as a condition says"))
OR_ELSE: Final = Function(("如空", "ifempty"), (2, 2), N_("a value, or another where it is empty"))
IS_EMPTY: Final = Function(
    ("为空", "isempty"), (1, 1), N_("whether there is nothing"), lambda v: v in (None, ""), True
)
# What is asked of the geometry: a name instead of a call, one value a row.
MEASURES: Final[Mapping[str, Function]] = {
    "length": Function(("长度", "length"), (0, 0), N_("length of the geometry, m")),
    "area": Function(("面积", "area"), (0, 0), N_("area of the geometry, m²")),
    "north": Function(("X",), (0, 0), N_("X (north) of the place or its middle, m")),
    "east": Function(("Y",), (0, 0), N_("Y (east) of the place or its middle, m")),
}
CALLS: Final[tuple[Function, ...]] = (
    IS_EMPTY,
    Function(("左", "left"), (2, 2), N_("the first characters of a text"), _left),
    Function(("右", "right"), (2, 2), N_("the last characters of a text"), _right),
    Function(("中", "mid"), (3, 3), N_("characters of a text: from which, how many"), _middle),
    Function(("替换", "replace"), (3, 3), N_("a text with one part replaced by another"), _replace),
    Function(("拼接", "concat"), (1, 50), N_("texts one after the other"), _join, True),
    Function(("去空格", "trim"), (1, 1), N_("a text without space around it"),
             lambda v: text(v).strip()),
    Function(("大写", "upper"), (1, 1), N_("a text in capital letters"), lambda v: text(v).upper()),
    Function(("小写", "lower"), (1, 1), N_("a text in small letters"), lambda v: text(v).lower()),
    Function(("补零", "pad"), (2, 2), N_("a text filled up with zeros at its front"), _pad),
    Function(("字数", "len"), (1, 1), N_("how many characters a text has"), lambda v: len(text(v))),
    Function(("包含", "contains"), (2, 2), N_("whether a text is in another"),
             lambda v, part: text(part) in text(v)),
    Function(("文本", "text"), (1, 1), N_("a value as text"), text),
    Function(("数值", "number"), (1, 1), N_("a text as a number"), number),
    Function(("四舍五入", "round"), (1, 2), N_("a number rounded: to how many decimals"), _round),
    Function(("取整", "floor"), (1, 1), N_("the whole number below"),
             lambda v: math.floor(number(v))),
    Function(("向上取整", "ceil"), (1, 1), N_("the whole number above"),
             lambda v: math.ceil(number(v))),
    Function(("绝对值", "abs"), (1, 1), N_("a number without its sign"), lambda v: abs(number(v))),
    Function(("平方根", "sqrt"), (1, 1), N_("the square root"), _root),
    Function(("最大", "max"), (2, 50), N_("the largest of several numbers"),
             lambda *v: max(map(number, v))),
    Function(("最小", "min"), (2, 50), N_("the smallest of several numbers"),
             lambda *v: min(map(number, v))),
    Function(("年", "year"), (1, 1), N_("the year of a date"), lambda v: day(v).year),
    Function(("月", "month"), (1, 1), N_("the month of a date"), lambda v: day(v).month),
    Function(("日", "day"), (1, 1), N_("the day of a date"), lambda v: day(v).day),
    Function(("今天", "today"), (0, 0), N_("the date of today"), _today),
    Function(("加天", "adddays"), (2, 2), N_("a date some days later"), _add_days),
    Function(("加年", "addyears"), (2, 2), N_("a date some years later"), _add_years),
    Function(("天数", "days"), (2, 2), N_("days from the first date to the second"),
             lambda a, b: (day(b) - day(a)).days),
)  # fmt: skip
ALL: Final[tuple[Function, ...]] = (IF, OR_ELSE, *CALLS, *MEASURES.values())
BY_NAME: Final[Mapping[str, Function]] = {
    name.casefold(): function for function in ALL for name in function.names
}
