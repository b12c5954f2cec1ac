"""The workbook beside exported shapefiles: what each short name means, codes, what was lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final

from hjgis.exchange.csv_files import write_csv
from hjgis.exchange.report import LayerExport
from hjgis.exchange.unfinished import cannot_write, refuse_existing
from hjgis.i18n import N_, _, label
from hjgis.layers.project import Project
from hjgis.models.assets import Field
from hjgis.models.cell_text import as_cell

Row = Sequence[object]
# The whole list of what was lost, where it is long: a workbook takes its time for every row, and
# has not room for all that a large town may lose.
LOSSES: Final = "损失清单.csv"
_MOST_LOSSES: Final = 2000
LOSS_KINDS: Final[Mapping[str, str]] = {
    "truncated": N_("cut off"),
    "unencodable": N_("signs that the encoding has not"),
    "type": N_("of another type"),
    "empty": N_("empty text, read back as nothing"),
    "time": N_("time of day"),
    "geometry": N_("shape"),
}
_TYPES: Final[Mapping[str, str]] = {
    "text": N_("text"),
    "code": N_("code"),
    "integer": N_("whole number"),
    "number": N_("number"),
    "boolean": N_("yes or no"),
    "date": N_("date"),
    "datetime": N_("date and time"),
}


def write_dictionary(project: Project, layers: Sequence[LayerExport], path: Path) -> Path:
    """Write the workbook: fields, code lists, losses; of very many, all into a CSV beside it.

    Raises
    ------
    InputError
        If there is a file already or it cannot be written.
    """
    import openpyxl

    refuse_existing(path)
    book = openpyxl.Workbook()
    book.remove(book.active)
    _sheet(book, _("Fields"), _field_rows(project, layers), (16, 12, 26, 24, 12, 8, 8, 20, 18))
    _sheet(book, _("Code lists"), _code_rows(project, layers), (20, 16, 26, 30))
    _sheet(book, _("Losses"), _loss_rows(layers), (16, 20, 40, 14, 60))
    try:
        book.save(path)
        if sum(len(layer.losses) for layer in layers) > _MOST_LOSSES:
            write_csv(path.with_name(LOSSES), chain([_loss_headings()], _losses(layers)))
    except OSError as error:
        raise cannot_write(path, error) from error
    return path


def _sheet(book: Any, title: str, rows: Iterator[Row], widths: Sequence[int]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append([as_cell(cell) for cell in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"


def _field_rows(project: Project, layers: Sequence[LayerExport]) -> Iterator[Row]:
    yield (_("File"), _("Short name"), _("Name"), _("Field"), _("Type"), _("Unit"), _("Required"),
           _("Code list"), _("Layer"))  # fmt: skip
    for layer in layers:
        title = label(project.asset_type(layer.name).label)
        yield (layer.name, layer.names["uuid"], _("Identity"), "uuid", _("text"), "", "", "", title)
        for field in _written(project, layer):
            required = _("yes") if field.required else ""
            yield (layer.name, layer.names[field.name], label(field.label), field.name,
                   _(_TYPES[field.type]), field.unit or "", required, field.codes or "",
                   title)  # fmt: skip


def _written(project: Project, layer: LayerExport) -> Iterator[Field]:
    fields = project.asset_type(layer.name).fields
    return (field for field in fields if field.name in layer.names)


def _code_rows(project: Project, layers: Sequence[LayerExport]) -> Iterator[Row]:
    yield (_("Code list"), _("Code"), _("Name"), _("Basis"))
    used = dict.fromkeys(
        field.codes for layer in layers for field in _written(project, layer) if field.codes
    )
    for list_id in used:
        codes = project.catalogue.codes(list_id)
        for entry in codes.codes:
            yield (list_id, entry.code, label(entry.label), codes.basis)


def _loss_rows(layers: Sequence[LayerExport]) -> Iterator[Row]:
    yield _loss_headings()
    yield from islice(_losses(layers), _MOST_LOSSES)
    more = sum(len(layer.losses) for layer in layers) - _MOST_LOSSES
    if more > 0:
        yield ("…", "", "", "", _("{count} more are in {file}").format(count=more, file=LOSSES))


def _loss_headings() -> Row:
    return (_("File"), _("Field"), _("Identity"), _("Kind"), _("What happened"))


def _losses(layers: Sequence[LayerExport]) -> Iterator[Row]:
    for layer in layers:
        for loss in layer.losses:
            kind = _(LOSS_KINDS[loss.kind]) if loss.kind in LOSS_KINDS else loss.kind
            yield (layer.name, loss.field, loss.uuid, kind, loss.message)
