"""Values as people read them, for files that are looked at; what does not come back is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from hjgis.exchange.report import Loss
from hjgis.i18n import _
from hjgis.models.assets import AssetType, Catalogue, Field, Value
from hjgis.models.reading import LayerTable
from hjgis.models.styles.style import Style
from hjgis.models.validation import display

Words = Sequence[str | None]
_ANSWERS: Final = frozenset({"code", "boolean"})


def in_words(
    asset: AssetType, table: LayerTable, catalogue: Catalogue, losses: list[Loss]
) -> dict[str, Words]:
    """Write every value of a lot: codes by their names, 是/否, numbers with all their digits.

    Parameters
    ----------
    losses : list of Loss
        What cannot be told from the words is added: a name that two codes share, empty text.

    Returns
    -------
    dict of str to sequence, each of length n
        By field; None where nothing is known.
    """
    return {field.name: _column(field, table, catalogue, losses) for field in asset.fields}


def label_texts(style: Style, table: LayerTable) -> list[str]:
    """Return the labels of the rows, without words of fields that do not go out."""
    if style.label is None:
        return [""] * len(table.fids)
    nothing = np.full(len(table.fids), None, dtype=object)
    columns = {name: table.columns.get(name, nothing) for name in style.label.fields}
    return style.label.texts(columns)


def _column(
    field: Field, table: LayerTable, catalogue: Catalogue, losses: list[Loss]
) -> list[str | None]:
    values: Sequence[Value] = table.columns[field.name].tolist()
    if field.type == "number":
        return [None if value is None else _number(value) for value in values]
    if field.type in _ANSWERS:
        known = {value: display(field, value, catalogue) for value in {*values} - {None}}
        words = [None if value is None else known[value] for value in values]
        _note_ambiguous(field, table, catalogue, losses)
    else:
        words = [None if value is None else str(value) for value in values]
    for row, text in enumerate(words):
        if text == "":
            message = _("empty text is written as nothing")
            losses.append(Loss(field.name, str(table.uuids[row]), "empty", message))
            words[row] = None
    return words


def _number(value: Value) -> str:
    """Return the shortest writing that gives the same number back."""
    return f"{value:.12g}" if float(f"{value:.12g}") == value else repr(value)


def _note_ambiguous(
    field: Field, table: LayerTable, catalogue: Catalogue, losses: list[Loss]
) -> None:
    if field.codes is None:
        return
    codes = catalogue.codes(field.codes)
    column = table.columns[field.name]
    names = {code: codes.label_of(code) for code in {*column.tolist()} - {None}}
    lost = {code for code, name in names.items() if name != code and codes.parse(name) != code}
    for row, code in enumerate(column.tolist() if lost else ()):
        if code in lost:
            words = _("{value} is written as {written}")
            said = words.format(value=code, written=names[code])
            losses.append(Loss(field.name, str(table.uuids[row]), "type", said))
