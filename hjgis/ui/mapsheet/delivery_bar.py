"""The last line of the window: what becomes of the page, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QWidget,
)

from hjgis.cartography.composition import Composition, Place, compose, scale_text
from hjgis.cartography.output import PICTURE_DPI, MapResult, print_pages, render_sheet
from hjgis.cartography.portraying import themed
from hjgis.cartography.raster import sheet_picture
from hjgis.cartography.series import SeriesResult, write_series
from hjgis.cartography.summaries import summary
from hjgis.errors import Cancelled, HjgisError, UsageError
from hjgis.i18n import _, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.sheets import Sheet
from hjgis.progress import Progress
from hjgis.reports.theme_figures import write_figures
from hjgis.ui.dialogs import confirming
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.dialogs.saving import ask_target
from hjgis.ui.jobs import Job, Jobs
from hjgis.ui.mapsheet import delivering
from hjgis.ui.mapsheet.design import Design


class DeliveryBar(QWidget):
    """Writes, prints and copies the design; `delivered` when it is, `closed` to go away."""

    delivered = Signal()
    closed = Signal()

    def __init__(
        self, project: Project, jobs: Jobs, design: Design, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._project, self._jobs, self.design = project, jobs, design
        self._job: Job | None = None
        self.export_button = QPushButton(_("Export…"))
        self.print_button = QPushButton(_("Print…"))
        self.copy_button = QPushButton(_("Copy picture"))
        self.series_button = QPushButton(_("Series…"))
        self.series_button.setToolTip(_("Many sheets at once: by grid, road or standard sheet"))
        self.figures_button = QPushButton(_("Figures…"))
        self.close_button = QPushButton(_("Close"))
        self.cancel_button = QPushButton(_("Cancel"))
        self.bar, self.dpi, self.said = QProgressBar(), QSpinBox(), QLabel()
        self._lay_out()
        self.export_button.clicked.connect(self.ask_export)
        self.print_button.clicked.connect(self.ask_print)
        self.copy_button.clicked.connect(self.copy_picture)
        self.figures_button.clicked.connect(self.ask_figures)
        self.close_button.clicked.connect(self.closed)
        self.cancel_button.clicked.connect(self._cancel)
        self.said.linkActivated.connect(self._open_link)
        jobs.progressed.connect(self._show_progress)
        design.changed.connect(self.refresh)
        self.refresh()

    def _lay_out(self) -> None:
        self.export_button.setObjectName("primary")
        self.export_button.setToolTip(_("Write the page as PDF, picture or drawing (Ctrl+E)"))
        self.print_button.setToolTip(_("Print the page in true scale (Ctrl+P)"))
        self.copy_button.setToolTip(_("Into a letter or a presentation (Ctrl+Shift+C)"))
        self.dpi.setRange(72, 1200)
        self.dpi.setValue(round(PICTURE_DPI))
        self.dpi.setSuffix(" dpi")
        self.dpi.setToolTip(_("How fine a written picture is; PDF and SVG are always sharp"))
        self.dpi.setAccessibleName(_("Dots per inch of pictures"))
        self.said.setTextFormat(Qt.TextFormat.RichText)
        # Long words must not make the window wider than the screen.
        self.said.setWordWrap(True)
        self.bar.setFixedWidth(140)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.said, 1)
        row.addWidget(self.bar)
        row.addWidget(self.cancel_button)
        row.addWidget(self.dpi)
        others = (self.figures_button, self.series_button, self.copy_button)
        buttons = (*others, self.print_button, self.export_button, self.close_button)
        for button in buttons:
            row.addWidget(button)
        for button in (*buttons, self.cancel_button):
            # Enter in a line of text must not press it.
            button.setAutoDefault(False)
        for widget in (self.bar, self.cancel_button):
            widget.hide()

    @property
    def is_writing(self) -> bool:
        """Whether a file or a print is on its way."""
        return self._job is not None

    def refresh(self) -> None:
        """Offer what there is to deliver of the theme of now."""
        has_figures = self.design.wish.theme.summary is not None
        self.figures_button.setEnabled(has_figures)
        self.figures_button.setToolTip(
            _("The theme's table as a workbook, or its chart as a picture")
            if has_figures
            else _("This theme has no table or chart")
        )

    def ask_export(self) -> None:
        """Ask for a file name and write the page there."""
        wish = self.design.wish
        start = self._project.path.with_name(f"{self._project.path.stem}-{wish.theme.id}.pdf")
        out = ask_target(self, _("Export map"), start, delivering.file_kinds())
        if out is not None:
            self.export_to(out)

    def export_to(self, out: Path) -> None:
        """Write the page in the background."""
        wish, reader, dpi = self.design.wish, self._project.reader, float(self.dpi.value())

        def work(progress: Progress) -> MapResult:
            with reader() as project:
                return render_sheet(wish.job(project), out, dpi=dpi, progress=progress)

        self._run(work, self._written, _("Export map"))

    def _written(self, result: MapResult) -> None:
        self.delivered.emit()
        words = _("Written: {name} at {scale}")
        said = words.format(name=result.path.name, scale=scale_text(result.scale))
        self._say_written(said, result.path)

    def _say_written(self, said: str, path: Path) -> None:
        file, folder = (escape(str(one), quote=True) for one in (path, path.parent))
        links = f'<a href="{file}">{_("Open")}</a> · <a href="{folder}">{_("Open folder")}</a>'
        self.said.setText(f"{escape(said)} · {links}")
        self.said.setToolTip(str(path))

    def ask_figures(self) -> None:
        """Ask for a file name and write the theme's figures there."""
        if not self.figures_button.isEnabled():
            return
        stem = f"{self._project.path.stem}-{self.design.wish.theme.id}"
        start = self._project.path.with_name(f"{stem}.xlsx")
        out = ask_target(self, _("Export figures"), start, delivering.figure_kinds())
        if out is not None:
            self.figures_to(out)

    def figures_to(self, out: Path) -> None:
        """Write what the page's table and chart tell, in the background."""
        wish, reader = self.design.wish, self._project.reader

        def work(progress: Progress) -> Path:
            with reader() as project:
                reckoned = themed(project, wish.theme, progress=progress)
                job = replace(wish.job(project), theme=reckoned)
                page = compose(job, progress=progress)
                # Of what lies on the sheet, as on the page; also where the page has no table.
                found = page.figures or summary(
                    project, reckoned, page.frame(1.0).extent, progress=progress
                )
                if found is None:
                    raise UsageError(_("This theme has no table or chart"))
                write_figures(project, found, out)
                return out

        self._run(work, self._figures_written, _("Export figures"))

    def _figures_written(self, out: Path) -> None:
        self._say_written(_("Written: {name}").format(name=out.name), out)

    def write_series(
        self, sheet: Sheet, places: Sequence[Place], out: Path, one: bool, index: bool
    ) -> None:
        """Write many sheets of the design in the background."""
        wish, reader, dpi = self.design.wish, self._project.reader, float(self.dpi.value())

        def work(progress: Progress) -> SeriesResult:
            with reader() as project:
                return write_series(
                    replace(wish, sheet=sheet).job(project),
                    places,
                    out,
                    mode="one" if one else "many",
                    index=index,
                    dpi=dpi,
                    progress=progress,
                )

        self._run(work, self._series_written, _("Export the series"))

    def _series_written(self, result: SeriesResult) -> None:
        self.delivered.emit()
        words = ngettext_("{count} sheet written", "{count} sheets written", result.sheets)
        self._say_written(words.format(count=result.sheets), result.files[0])
        self.said.setToolTip("\n".join([str(result.files[0]), *result.notes]))

    def ask_print(self) -> None:
        """Ask for a printer and print the page in true scale."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        sheet = self.design.wish.sheet
        delivering.set_up_printer(printer, sheet)
        printer.setDocName(self.design.wish.title or label(self.design.wish.theme.label))
        if not accepted(QPrintDialog(printer, self)):
            if not QPrinterInfo.availablePrinterNames():
                self.say(_("This computer has no printer. Export the page as PDF to print it."))
            return
        trouble = delivering.paper_trouble(printer, sheet)
        verb = _("Print all the same")
        if not trouble or confirming.agreed(self, _("Print"), trouble, verb, final=True):
            self.print_on(printer)

    def print_on(self, printer: QPrinter) -> None:
        """Print the page in the background: Qt paints on printers in any thread."""
        composed = self._composing()

        def work(progress: Progress) -> Composition:
            page = composed(progress)
            progress.check()
            # From here on nobody stops it: half a page is worse than one too many.
            print_pages([page], printer)
            return page

        self._run(work, self._printed, _("Print"))

    def _printed(self, page: Composition) -> None:
        self.delivered.emit()
        self.say(_("Printed at {scale}.").format(scale=scale_text(page.scale)))

    def copy_picture(self) -> None:
        """Put a picture of the page into the clipboard."""
        composed = self._composing()

        def work(progress: Progress) -> QImage:
            return sheet_picture(composed(progress), delivering.COPY_DPI, progress=progress)

        self._run(work, self._copied, _("Copy picture"))

    def _copied(self, image: QImage) -> None:
        QGuiApplication.clipboard().setImage(image)
        self.say(_("The page is in the clipboard as a picture."))

    def _composing(self) -> Callable[[Progress], Composition]:
        """Return what composes the page as it is wanted now, not when the job's turn comes."""
        wish, reader = self.design.wish, self._project.reader

        def composed(progress: Progress) -> Composition:
            with reader() as project:
                return compose(wish.job(project), progress=progress)

        return composed

    def _run(self, work: Callable[[Progress], Any], done: Callable[[Any], None], what: str) -> None:
        if self._job is not None:
            self.say(_("Wait until the other job is done, or cancel it."))
            return

        def finished(result: Any) -> None:
            self._end()
            done(result)

        self._show_progress(0, 0, "")
        self._job = self._jobs.run(work, finished, title=what, on_error=self._failed)
        for widget in (self.bar, self.cancel_button):
            widget.show()
        self.said.setText(escape(what) + "…")

    def _end(self) -> None:
        self._job = None
        for widget in (self.bar, self.cancel_button):
            widget.hide()

    def _failed(self, error: HjgisError) -> None:
        self._end()
        cancelled = isinstance(error, Cancelled)
        if not self.isVisible() and not cancelled:
            # Nobody sees the line of a window that was closed meanwhile.
            self._jobs.failed.emit(error)
        self.say(_("Cancelled; nothing was written.") if cancelled else str(error))

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.stop()

    def _show_progress(self, done: int, total: int, _key: str) -> None:
        if self._job is not None or not total:
            self.bar.setRange(0, total)
            self.bar.setValue(done)

    def say(self, words: str) -> None:
        """Say in the last line what became of something."""
        self.said.setText(escape(words))
        self.said.setToolTip(words)

    def _open_link(self, target: str) -> None:
        delivering.open_file(Path(target))
