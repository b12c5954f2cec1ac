"""Is this value right for this field: one engine for form, table, paste and import."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from hjgis.i18n import _
from hjgis.models.assets import Catalogue, CodeList, Field, Value

UNKNOWN: Final = "不详"
_BLANK: Final = frozenset({"", "null", "none", "nan", "n/a", "<null>", "-", "—", "/"})
_YES: Final = frozenset({"1", "true", "t", "yes", "y", "是", "有", "√", "对"})
_NO: Final = frozenset({"0", "false", "f", "no", "n", "否", "无", "×", "没有"})
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_DATE = re.compile(r"^(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[ T].*)?$")
_COMPACT_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")


class BadValue(ValueError):
    """A value that its field cannot take; the message is for people."""


def coerce(field: Field, value: object, catalogue: Catalogue) -> Value:
    """Turn what a person typed or a file holds into what is stored.

    Parameters
    ----------
    field : Field
        Where the value goes.
    value : object
        Text, number, date or None; blank text means None.
    catalogue : Catalogue
        Where the field's code list is.

    Returns
    -------
    str, int, float, bool or None

    Raises
    ------
    BadValue
        If the value does not fit the field's type or code list.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        value = value.strip()
    if field.type == "code":
        return _code(value, catalogue.codes(field.codes or ""))
    if isinstance(value, str) and value.casefold() in _BLANK:
        return None
    return _READERS[field.type](field, value)


def problem(field: Field, value: Value, catalogue: Catalogue) -> str | None:
    """Say in words what is wrong with a stored value; None if nothing is.

    A missing value is never wrong here: completeness is measured apart.
    """
    if value is None:
        return None
    if field.type == "code":
        return _code_problem(field, value, catalogue)
    if field.range is not None and isinstance(value, int | float):
        return _range_problem(field, float(value))
    if field.max_length and isinstance(value, str) and len(value) > field.max_length:
        return _("longer than {limit} characters").format(limit=field.max_length)
    return None


def is_missing(value: Value) -> bool:
    """Whether nothing is known: a stored 不详 is an answer, not a gap."""
    return value is None or value == ""


def display(field: Field, value: Value, catalogue: Catalogue) -> str:
    """Return the value as people read it: code labels, 是/否, plain numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.type == "code":
        return catalogue.codes(field.codes or "").label_of(str(value))
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def _code_problem(field: Field, value: Value, catalogue: Catalogue) -> str | None:
    codes = catalogue.codes(field.codes or "")
    if codes.open or codes.get(value) is not None:
        return None
    return _("{value} is not in the list").format(value=value)


def _range_problem(field: Field, value: float) -> str | None:
    low, high = field.range or (None, None)
    if low is not None and value < low:
        return _("less than {limit:g} {unit}").format(limit=low, unit=field.unit or "").strip()
    if high is not None and value > high:
        return _("more than {limit:g} {unit}").format(limit=high, unit=field.unit or "").strip()
    return None


def _code(value: object, codes: CodeList) -> str | None:
    text = _plain(value)
    found = codes.parse(text)
    # The list goes first: "-" is a flow direction in some files, nothing in most.
    if found is not None or text.casefold() in _BLANK:
        return found
    if codes.open:
        return text
    raise BadValue(_("{value} is not in the list").format(value=text))


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _text(field: Field, value: object) -> str:
    text = _plain(value)
    if field.max_length and len(text) > field.max_length:
        raise BadValue(_("longer than {limit} characters").format(limit=field.max_length))
    return text


def _number(field: Field, value: object) -> float:
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        number = float(value)
    else:
        text = str(value).translate(_FULL_WIDTH).replace(" ", "")
        # One comma and no point is a decimal comma; 1,234.5 is a grouping one.
        text = text.replace(",", "") if "." in text else text.replace(",", ".")
        if field.unit and text.endswith(field.unit):
            text = text.removesuffix(field.unit)
        text = re.sub(r"^(DN|dn|Φ|φ|Ø)(?=\d)", "", text)
        try:
            number = float(text)
        except ValueError:
            raise BadValue(_("{value} is not a number").format(value=value)) from None
    if not math.isfinite(number):
        raise BadValue(_("{value} is not a number").format(value=value))
    return number


def _integer(field: Field, value: object) -> int:
    if isinstance(value, str) and field.name.endswith("year"):
        value = value.removesuffix("年")
    number = value if isinstance(value, int) else _number(field, value)
    if int(number) != number:
        raise BadValue(_("{value} is not a whole number").format(value=value))
    return int(number)


def _boolean(_field: Field, value: object) -> bool:
    text = _plain(value).casefold()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise BadValue(_("{value} is neither yes nor no").format(value=value))


def _date(_field: Field, value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    text = _plain(value).translate(_FULL_WIDTH)
    found = _DATE.match(text) or _COMPACT_DATE.match(text)
    try:
        year, month, day = (int(part) for part in found.groups()) if found else (0, 0, 0)
        return dt.date(year, month, day).isoformat()
    except ValueError:
        raise BadValue(_("{value} is not a date").format(value=value)) from None


def _datetime(_field: Field, value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat()
    try:
        return dt.datetime.fromisoformat(_plain(value)).isoformat()
    except ValueError:
        raise BadValue(_("{value} is not a date and time").format(value=value)) from None


_READERS: Final[Mapping[str, Callable[[Field, object], Value]]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}
