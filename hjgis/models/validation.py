"""Is this value right for this field: one engine for form, table, paste and import."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from typing import Final

from hjgis.i18n import _, label
from hjgis.models.assets import Catalogue, Code, CodeList, Field, Value
from hjgis.models.pinyin import spelling
from hjgis.models.written import BadValue as BadValue
from hjgis.models.written import cleaned, read_date, read_number

UNKNOWN: Final = "不详"
_UNKNOWN_WORDS: Final = frozenset({UNKNOWN, "?", "？", "未知", "不明", "unknown"})
_BLANK: Final = frozenset({"", "null", "none", "nan", "n/a", "<null>", "-", "—", "/"})
_YES: Final = frozenset({"1", "true", "t", "yes", "y", "是", "有", "√", "对"})
_NO: Final = frozenset({"0", "false", "f", "no", "n", "否", "无", "×", "没有"})
_WHOLE: Final = re.compile("[+-]?[0-9]+")
# The largest whole number that a project file holds.
_LARGEST: Final = 2**63 - 1


class SaysUnknown(BadValue):
    """Somebody has looked and does not know: an answer that is no value of its field.

    Doors that can keep it put the field's name into ``unknown_fields`` (`models.unknown`).
    """


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
    SaysUnknown
        If it says 不详 and neither the type nor the code list has a value for that.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        value = cleaned(value).strip()
        if value.casefold() in _UNKNOWN_WORDS and not _has_unknown(field, value, catalogue):
            raise SaysUnknown(_("{value} is no value of this field").format(value=value))
    if field.type == "code":
        return _code(value, catalogue.codes(field.codes or ""))
    if isinstance(value, str) and value.casefold() in _BLANK:
        return None
    return _READERS[field.type](field, value)


def problem(
    field: Field, value: Value, catalogue: Catalogue, others: Mapping[str, Value] | None = None
) -> str | None:
    """Say in words what is wrong with a stored value; None if nothing is.

    A missing value is never wrong here: completeness is measured apart.

    Parameters
    ----------
    others : mapping, optional
        All values of the feature: a code that belongs under another one is told where it does
        not fit that.
    """
    if value is None:
        return None
    if field.type == "code":
        return _code_problem(field, value, catalogue, others or {})
    if field.range is not None and isinstance(value, int | float):
        return _range_problem(field, float(value))
    if isinstance(value, str):
        return _too_long(field, value)
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
        return f"{value:.12g}"
    return str(value)


def fitting_codes(
    field: Field, catalogue: Catalogue, others: Mapping[str, Value]
) -> tuple[Code, ...]:
    """Return the offered codes that fit what the field above holds; all where that is empty."""
    codes = catalogue.codes(field.codes or "").offered
    parent = others.get(field.codes_by) if field.codes_by else None
    if parent is None:
        return codes
    return tuple(entry for entry in codes if not entry.of or parent in entry.of)


def _has_unknown(field: Field, word: str, catalogue: Catalogue) -> bool:
    if field.type == "text":
        return True
    return field.type == "code" and catalogue.codes(field.codes or "").parse(word) is not None


def _code_problem(
    field: Field, value: Value, catalogue: Catalogue, others: Mapping[str, Value]
) -> str | None:
    codes = catalogue.codes(field.codes or "")
    entry = codes.get(value)
    if entry is None:
        return None if codes.open else _("{value} is not in the list").format(value=value)
    parent = others.get(field.codes_by) if field.codes_by else None
    if parent is None or not entry.of or parent in entry.of:
        return None
    words = _("{value} does not belong to {parent}")
    return words.format(value=label(entry.label), parent=_parent_name(field, parent, catalogue))


def _parent_name(field: Field, parent: Value, catalogue: Catalogue) -> str:
    """Return the name of a code of the field that this one belongs under."""
    kinds = (asset for asset in catalogue.types.values() if asset.has(field.name))
    home = next((asset for asset in kinds if asset.field(field.name) == field), None)
    if home is None or field.codes_by is None:
        return str(parent)
    return display(home.field(field.codes_by), parent, catalogue)


def _too_long(field: Field, value: str) -> str | None:
    if not field.max_length or len(value) <= field.max_length:
        return None
    words = _("longer than {limit} characters: it has {length}")
    return words.format(limit=field.max_length, length=len(value))


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
    meant = codes_typed(text, codes)
    if len(meant) == 1:
        return meant[0].code
    if meant:
        names = ", ".join(f"{label(entry.label)} ({entry.code})" for entry in meant[:5])
        words = _("{value} may be one of {names}: type more of it")
        raise BadValue(words.format(value=text, names=names))
    raise BadValue(_("{value} is not in the list").format(value=text))


def codes_typed(text: str, codes: CodeList) -> list[Code]:
    """Return the codes with a name that is typed in pinyin like this, in full or by initials."""
    asked = text.casefold()
    if not (asked.isascii() and asked.isalpha() and len(asked) > 1):
        return []
    found = []
    for entry in codes.offered:
        spelled = [spelling(word) for word in (*entry.label.values(), *entry.aliases)]
        if any(asked in (one.initials, one.whole) for one in spelled):
            found.append(entry)
    return found


def _plain(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _text(field: Field, value: object) -> str:
    text = _plain(value)
    said = _too_long(field, text)
    if said is not None:
        raise BadValue(said)
    return text


def _number(field: Field, value: object) -> float:
    if not isinstance(value, bool | int | float):
        return read_number(str(value), field.unit)
    if not math.isfinite(value):
        raise BadValue(_("{value} is not a number").format(value=value))
    return float(value)


def _integer(field: Field, value: object) -> int:
    if isinstance(value, str) and field.name.endswith("year"):
        value = value.removesuffix("年")
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        # Not by way of a float, which does not tell the last of 17 digits.
        value = int(value)
    number = value if isinstance(value, int) else round(_number(field, value), 9)
    if int(number) != number:
        raise BadValue(_("{value} is not a whole number").format(value=value))
    if abs(number) > _LARGEST:
        raise BadValue(_("{value} is too large a number").format(value=value))
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
    return read_date(_plain(value))


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
