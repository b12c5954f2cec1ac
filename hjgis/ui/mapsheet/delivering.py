"""The page leaves the window: as a file, on a printer, into the clipboard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMarginsF, QSizeF, QUrl
from PySide6.QtGui import QDesktopServices, QPageLayout, QPageSize
from PySide6.QtPrintSupport import QPrinter

from hjgis.i18n import N_, _
from hjgis.models.sheets import Sheet

_FORMATS: Final = (
    (N_("PDF, to print and send"), ".pdf"),
    (N_("Picture PNG"), ".png"),
    (N_("Picture TIFF"), ".tif"),
    (N_("Drawing SVG"), ".svg"),
)
_FIGURES: Final = (
    (N_("Workbook XLSX, the table"), ".xlsx"),
    (N_("Picture PNG, the chart"), ".png"),
    (N_("Drawing SVG, the chart"), ".svg"),
)
COPY_DPI: Final = 150.0
# Printers say their paper to a tenth of a point.
_TOLERANCE_MM: Final = 1.0


def file_kinds() -> str:
    """Return what a file dialog offers, as Qt wants it."""
    return _kinds(_FORMATS)


def figure_kinds() -> str:
    """Return as what figures are offered, as Qt wants it."""
    return _kinds(_FIGURES)


def _kinds(formats: Sequence[tuple[str, str]]) -> str:
    return ";;".join(f"{_(words)} (*{ending})" for words, ending in formats)


def set_up_printer(printer: QPrinter, sheet: Sheet) -> None:
    """Propose a sheet's paper to a printer; it may be given another in its dialog."""
    size = QPageSize(QSizeF(*sorted(sheet.paper_mm)), QPageSize.Unit.Millimeter)
    across = sheet.paper_mm[0] > sheet.paper_mm[1]
    turned = QPageLayout.Orientation.Landscape if across else QPageLayout.Orientation.Portrait
    printer.setPageLayout(QPageLayout(size, turned, QMarginsF(0, 0, 0, 0)))
    printer.setFullPage(True)


def paper_trouble(printer: QPrinter, sheet: Sheet) -> str:
    """Say that a printer's paper is smaller than the sheet; empty if it is not."""
    paper = printer.pageLayout().fullRect(QPageLayout.Unit.Millimeter)
    width, height = sheet.paper_mm
    if paper.width() >= width - _TOLERANCE_MM and paper.height() >= height - _TOLERANCE_MM:
        return ""
    words = _(
        "The sheet is {width:g} × {height:g} mm, the printer's paper {paper_width:.0f} × "
        "{paper_height:.0f} mm. The scale stays true, so that what does not fit is cut off."
    )
    return words.format(
        width=width, height=height, paper_width=paper.width(), paper_height=paper.height()
    )


def open_file(path: Path) -> None:
    """Open a file, or a folder, with the program that the computer has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
