"""What the cells of a sheet take: lists to choose from, ranges, and words for all else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from hjgis.exchange.workbooks.workbook_sheets import Column
from hjgis.i18n import _, label
from hjgis.models.assets import Catalogue, Field
from hjgis.models.validation import UNKNOWN

# Rows of a sheet.
LAST_ROW: Final = 1_048_576
# Excel shows so many characters of an error.
_WORDS: Final = 255
_NAMED: Final = 180
_YES_NO: Final = "yes/no"
# 1 March 1900 and the last day of 9999, as a spreadsheet counts.
_FIRST_DAY, _LAST_DAY = "61", "2958465"


class Lists:
    """The lists of all sheets, each in a column of one hidden sheet.

    Parameters
    ----------
    sheet : str
        Name of that sheet.
    """

    def __init__(self, sheet: str) -> None:
        self._sheet = sheet
        self._columns: dict[str, tuple[str, ...]] = {}

    def validations(
        self, catalogue: Catalogue, columns: Sequence[Column], first_row: int
    ) -> Iterator[Any]:
        """Yield what openpyxl is told of the columns of a sheet that people fill in."""
        from openpyxl.utils import get_column_letter

        for number, column in enumerate(columns, start=1):
            if column.field is None or column.role == "hidden":
                continue
            made = self._validation(column.field, catalogue)
            if made is not None:
                letter = get_column_letter(number)
                made.add(f"{letter}{first_row}:{letter}{LAST_ROW}")
                yield made

    def rows(self) -> Iterator[list[str | None]]:
        """Yield the rows of the hidden sheet: the names of the lists, then what they hold."""
        yield list(self._columns)
        for number in range(max(map(len, self._columns.values()), default=0)):
            yield [
                names[number] if number < len(names) else None for names in self._columns.values()
            ]

    def _validation(self, field: Field, catalogue: Catalogue) -> Any:
        if field.type == "code":
            codes = catalogue.codes(field.codes or "")
            names = tuple(dict.fromkeys(label(entry.label) for entry in codes.offered))
            # An open list takes other values too, after a word of warning.
            return self._choice(codes.id, names, strict=not codes.open) if names else None
        if field.type == "boolean":
            return self._choice(_YES_NO, (_("yes"), _("no")), strict=True)
        if field.type in ("integer", "number"):
            return _range(field)
        if field.type in ("date", "datetime"):
            words = _("A date such as 2020-06-15, or {unknown}.").format(unknown=UNKNOWN)
            return _made("date", _FIRST_DAY, _LAST_DAY, words, strict=False)
        if field.max_length:
            words = _("At most {count} characters.").format(count=field.max_length)
            return _made("textLength", "0", str(field.max_length), words, strict=True)
        return None

    def _choice(self, name: str, names: tuple[str, ...], *, strict: bool) -> Any:
        from openpyxl.utils import get_column_letter

        self._columns[name] = names
        letter = get_column_letter(list(self._columns).index(name) + 1)
        where = f"'{self._sheet}'!${letter}$2:${letter}${len(names) + 1}"
        return _made("list", where, None, _allowed(names), strict=strict)


def _allowed(names: Sequence[str]) -> str:
    """Name what may be chosen, as far as there is room."""
    listed = "、".join(names)
    if len(listed) <= _NAMED:
        return _("Allowed: {names}.").format(names=listed)
    short = listed[:_NAMED].rpartition("、")[0]
    words = _("Allowed: {names} … {count} in all, see the list of the cell.")
    return words.format(names=short, count=len(names))


def _range(field: Field) -> Any:
    low, high = field.range or (None, None)
    if low is None and high is None:
        return None
    texts = [None if limit is None else f"{limit:.15g}" for limit in (low, high)]
    between = " – ".join(text or "…" for text in texts)
    unit = f" {field.unit}" if field.unit else ""
    words = _("A number of {range}{unit}, or {unknown}.").format(
        range=between, unit=unit, unknown=UNKNOWN
    )
    kind = "whole" if field.type == "integer" else "decimal"
    return _made(kind, texts[0], texts[1], words, strict=False)


def _made(kind: str, low: str | None, high: str | None, words: str, *, strict: bool) -> Any:
    """Return a validation; one that is not strict lets people insist."""
    from openpyxl.worksheet.datavalidation import DataValidation

    operator = None
    if kind != "list":
        operator = "between" if low and high else "greaterThanOrEqual" if low else "lessThanOrEqual"
    return DataValidation(
        type=kind,
        operator=operator,
        formula1=low or high,
        formula2=high if low and high else None,
        allow_blank=True,
        showErrorMessage=True,
        errorStyle="stop" if strict else "warning",
        errorTitle=_("Check the value"),
        error=words[:_WORDS],
    )
