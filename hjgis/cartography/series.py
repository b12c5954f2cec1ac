"""Map series: many sheets of one theme, in one document or as many files, with an index."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal

from hjgis import paths
from hjgis.cartography.composition import Composer, Composition, MapJob, Place, hidden_text
from hjgis.cartography.output import PICTURE_DPI, check_target, draft_composition
from hjgis.cartography.page import Page
from hjgis.cartography.painting import dense_notes, paint_sheet
from hjgis.cartography.pdf_file import SheetsPdf, sheets_draft, sheets_pdf
from hjgis.cartography.raster import PICTURE_ENDINGS
from hjgis.cartography.series_cut import MOST_SHEETS
from hjgis.cartography.series_index import SeriesIndex, series_index
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import _, label, reason
from hjgis.models.assets import AssetType
from hjgis.models.attachments import plain_name
from hjgis.progress import SILENT, Progress
from hjgis.render.fonts import ensure_application

_LONGEST_NAME: Final = 60


@dataclass(frozen=True, slots=True)
class SeriesResult:
    """What was made.

    Attributes
    ----------
    files : tuple of Path
        In the order of the sheets, the index first.
    sheets : int
        How many sheets there are, the index not counted.
    pages : int
        How many pages, the index counted.
    notes : tuple of str
        What somebody who makes maps should know, each once.
    """

    files: tuple[Path, ...]
    sheets: int
    pages: int
    notes: tuple[str, ...] = ()


class _Notes:
    """Collects what pages have to say, each thing once."""

    def __init__(self, types: Mapping[str, AssetType], *, vector: bool) -> None:
        self._types, self._vector = types, vector
        self._said: dict[str, None] = {}
        self._hidden: dict[str, None] = {}

    def hear(self, page: Composition) -> None:
        dense = dense_notes(page) if self._vector else ()
        self._said.update(dict.fromkeys((*page.notes, *dense)))
        self._hidden.update(dict.fromkeys(page.hidden))

    def all(self) -> tuple[str, ...]:
        hidden = hidden_text(self._hidden, self._types)
        return (*self._said, *([hidden] if hidden else []))


class _Quiet:
    """Passes on only that the user has asked to stop: the series itself tells how far it is."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def report(self, done: int, total: int, key: str) -> None:
        """Say nothing."""

    def check(self) -> None:
        """Stop if the user has asked for it."""
        self._progress.check()


def write_series(
    job: MapJob,
    places: Sequence[Place],
    out: Path,
    *,
    mode: Literal["one", "many"] = "one",
    index: bool = True,
    dpi: float = PICTURE_DPI,
    progress: Progress = SILENT,
) -> SeriesResult:
    """Write the sheets of a series.

    What is there already stays as it is until all sheets are made; a series that fails or is
    stopped leaves nothing.

    Parameters
    ----------
    places : sequence of Place
        From `series_places`, made for the job's sheet and theme.
    out : Path
        The document; of many files how they begin and end: ``maps.png`` gives ``maps 1 ….png``.
    mode : str
        ``one`` document (PDF), a page a sheet, with bookmarks; or ``many`` files, named by number
        and name of each sheet.
    index : bool
        Whether a map of where the sheets lie and a list of them come first; of many files, as a
        PDF beside them.
    dpi : float
        Dots an inch of pictures.

    Raises
    ------
    UsageError
        If there are no places or too many, or the ending is none for this.
    HjgisError
        If a file cannot be written.
    Cancelled
        If `progress` says so.
    """
    _check(places, out, mode)
    ensure_application()
    composer = Composer(job, places, progress=progress)
    title = job.title or _("{project}: {theme}").format(
        project=job.project.title, theme=label(composer.theme.label)
    )
    first = None
    if index:
        first = series_index(
            job,
            places,
            composer.sheet,
            title=_("{title}: index of sheets").format(title=title),
            numbered=mode == "one",
            progress=progress,
        )
    notes = _Notes(job.project.types, vector=out.suffix.lower() not in PICTURE_ENDINGS)
    files: tuple[Path, ...] = (out,)
    if mode == "one":
        _write_one(composer, places, out, first, title=title, notes=notes, progress=progress)
    else:
        files = _write_many(composer, places, out, first, dpi=dpi, notes=notes, progress=progress)
    before = first.pages if first is not None else 0
    return SeriesResult(files, len(places), before + len(places), notes.all())


def _check(places: Sequence[Place], out: Path, mode: str) -> None:
    if not places:
        raise UsageError(_("There are no sheets to write."))
    if len(places) > MOST_SHEETS:
        message = _("{count} sheets are too many; a series has at most {most}.")
        raise UsageError(message.format(count=len(places), most=MOST_SHEETS))
    if mode == "one" and out.suffix.lower() != ".pdf":
        raise UsageError(_("{path}: a series in one file is written as .pdf.").format(path=out))
    check_target(out)


def _told(places: Sequence[Place], progress: Progress) -> Iterator[Place]:
    """Give one place after the other, telling how far the series is."""
    for done, place in enumerate(places):
        progress.report(done, len(places), "draw")
        progress.check()
        yield place
    progress.report(len(places), len(places), "draw")


def _add_index(pdf: SheetsPdf, index: SeriesIndex) -> None:
    paper = index.sheet.paper_mm

    def paint_map(page: Page) -> None:
        paint_sheet(page.painter, index.map_page, px_per_mm=page.px_per_mm, vector=True)
        index.paint_frames(page)

    pdf.add_page(paper, paint_map, bookmark=_("Index of sheets"))
    for number in range(len(index.lists)):
        pdf.add_page(paper, partial(index.paint_list, number=number))


def _write_one(
    composer: Composer,
    places: Sequence[Place],
    out: Path,
    index: SeriesIndex | None,
    *,
    title: str,
    notes: _Notes,
    progress: Progress,
) -> None:
    """Write all sheets as the pages of one document."""
    with sheets_pdf(out, composer.sheet.paper_mm, title) as pdf:
        if index is not None:
            _add_index(pdf, index)
        for place in _told(places, progress):
            page = composer.page(place)
            notes.hear(page)
            pdf.add(page, progress=_Quiet(progress))


def _write_many(
    composer: Composer,
    places: Sequence[Place],
    out: Path,
    index: SeriesIndex | None,
    *,
    dpi: float,
    notes: _Notes,
    progress: Progress,
) -> tuple[Path, ...]:
    """Write each sheet as a file; all of them take their places at the end."""
    names = file_names(places, out)
    try:
        with tempfile.TemporaryDirectory(prefix=f".{out.stem}.", dir=out.parent) as folder:
            made: list[str] = []
            if index is not None:
                name = plain_name(f"{out.stem} {_('index')}.pdf")
                with sheets_draft(
                    Path(folder, name), composer.sheet.paper_mm, index.map_page.title
                ) as pdf:
                    _add_index(pdf, index)
                made.append(name)
            for place, name in zip(_told(places, progress), names, strict=True):
                page = composer.page(place)
                notes.hear(page)
                draft = Path(folder, name)
                draft_composition(page, draft, dpi=dpi, progress=_Quiet(progress))
                made.append(name)
            # World files stand beside pictures.
            paths.take_places(Path(folder), out.parent)
    except OSError as error:
        message = _("{path} cannot be written: {error}")
        raise HjgisError(message.format(path=out, error=reason(error))) from error
    return tuple(out.parent / name for name in made)


def file_names(places: Sequence[Place], out: Path) -> tuple[str, ...]:
    """Return a file's name for each place, as every system takes it, no two alike."""
    taken: set[str] = set()
    names = []
    for place in places:
        said = " ".join(dict.fromkeys(filter(None, (place.number, place.name))))
        said = said.replace("/", "-").replace("\\", "-")[:_LONGEST_NAME].strip(" .")
        stem = plain_name(f"{out.stem} {said}" if said else out.stem)
        own, count = stem, 1
        # Windows knows no difference between small and capital letters.
        while own.casefold() in taken:
            count += 1
            own = f"{stem} ({count})"
        taken.add(own.casefold())
        names.append(own + out.suffix)
    return tuple(names)
