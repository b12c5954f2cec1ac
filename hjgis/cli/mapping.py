"""The command about maps: one sheet, a series of sheets, or what sheets and themes there are."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hjgis.cli.saying import print_json, progress, say
from hjgis.errors import UsageError
from hjgis.i18n import _, label, ngettext_

if TYPE_CHECKING:
    from hjgis.cartography.composition import MapJob, Place
    from hjgis.layers.project import Project
    from hjgis.models.changes import Extent, FeatureKey
    from hjgis.models.themes import Theme

_ONLY_SERIES: Final = ("query", "many", "no_index", "layer")
_OF_SHEET: Final = ("center", "scale", "sheet", "title", "series", "format", "dpi")


def map_(arguments: argparse.Namespace) -> int:
    """Write a map or a series of maps, or list what can be written."""
    from hjgis.layers.project import Project

    _refuse_contradictions(arguments)
    with Project.open(arguments.project, write=False) as project:
        if arguments.list:
            return _list(project, arguments)
        if arguments.out is None:
            files = _figures(_job(project, arguments), arguments, arguments.extent)
            return print_json({"files": files}) if arguments.json else 0
        if arguments.series:
            return _series(project, arguments)
        return _single(project, arguments)


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    """Refuse what does not go together before the project is opened."""
    if arguments.list:
        return
    # Figures alone are of the project or a box: what a sheet would show is not known without it.
    of_sheet = any(getattr(arguments, name) for name in _OF_SHEET)
    if arguments.out is None and (arguments.figures is None or of_sheet):
        raise UsageError(_("Say which file to write, or --list for what can be written."))
    if arguments.center and arguments.extent:
        raise UsageError(_("--center and --extent both say where the map is; leave one out."))
    if not arguments.series:
        for name in _ONLY_SERIES:
            if getattr(arguments, name):
                option = "--" + name.replace("_", "-")
                raise UsageError(_("{option} belongs to --series.").format(option=option))
        return
    if arguments.center:
        raise UsageError(_("--center is of one sheet; a series takes --extent."))
    if arguments.series == "selected" and not arguments.query:
        raise UsageError(_("--series selected needs --query with the name of a kept query."))
    if arguments.query and arguments.series in ("sheet", "target"):
        raise UsageError(_("--query belongs to --series selected, grid or road."))
    if arguments.layer and arguments.series not in ("grid", "road"):
        raise UsageError(_("--layer belongs to --series grid or road."))


def _out(arguments: argparse.Namespace) -> Path:
    """Return the file to write; a format that is given is its ending."""
    out: Path = arguments.out
    if arguments.format is None:
        return out
    ending = f".{arguments.format}"
    if not out.suffix:
        return out.with_name(out.name + ending)
    if out.suffix.casefold() != ending:
        message = _("{path} does not end in {ending}, as --format says.")
        raise UsageError(message.format(path=out, ending=ending))
    return out


def _job(project: Project, arguments: argparse.Namespace, *, usual: str = "") -> MapJob:
    """Return what is wanted, wherever it lies; a theme whose figures are wanted is reckoned.

    Parameters
    ----------
    usual : str
        Name of the sheet if none is asked for.
    """
    from hjgis.cartography.composition import MapJob
    from hjgis.cartography.portraying import themed
    from hjgis.models import own_sheets, own_themes, sheets, themes

    own = own_themes.read_themes(project.info(themes.FACT))
    about = own_themes.theme_named(arguments.theme or themes.DEFAULT_THEME, own)
    measured = arguments.measured or ""
    kept = own_sheets.read_sheets(project.info(sheets.FACT))
    job = MapJob(
        project,
        title=arguments.title,
        sheet=kept.find(arguments.sheet or usual or sheets.DEFAULT_SHEET),
        theme=about,
        measured=measured,
    )
    if arguments.figures is None:
        return job
    if about.summary is None:
        raise _no_figures(about)
    return replace(job, theme=themed(project, about, measured=measured, progress=progress()))


# -- one sheet -----------------------------------------------------------------------------


def _single(project: Project, arguments: argparse.Namespace) -> int:
    from hjgis.cartography import output
    from hjgis.cartography.composition import hidden_text, scale_text

    job = replace(
        _job(project, arguments),
        scale=arguments.scale,
        center=arguments.center,
        extent=arguments.extent,
    )
    dpi = arguments.dpi or output.PICTURE_DPI
    result = output.render_sheet(job, _out(arguments), dpi=dpi, progress=progress())
    say(_("Map {scale}: {path}").format(scale=scale_text(result.scale), path=result.path))
    hidden = hidden_text(result.hidden, project.types)
    for note in (*([hidden] if hidden else []), *result.notes):
        say(note)
    figures = _figures(job, arguments, result.extent)
    if arguments.json:
        return print_json(
            {
                "files": [str(result.path), *figures],
                "scale": result.scale,
                "extent": result.extent,
                "layers": result.layers,
                "hidden": result.hidden,
                "notes": result.notes,
            }
        )
    return 0


def _figures(job: MapJob, arguments: argparse.Namespace, extent: Extent | None) -> list[str]:
    """Write the theme's figures if they are asked for, and return the file."""
    from hjgis.cartography.portraying import Themed
    from hjgis.cartography.summaries import summary
    from hjgis.reports.theme_figures import write_figures

    if not isinstance(job.theme, Themed):
        return []
    found = summary(job.project, job.theme, extent, progress=progress())
    if found is None:
        raise _no_figures(job.about)
    write_figures(job.project, found, arguments.figures)
    say(_("Figures: {path}").format(path=arguments.figures))
    return [str(arguments.figures)]


def _no_figures(about: Theme) -> UsageError:
    message = _("{theme} has no table or chart of figures.")
    return UsageError(message.format(theme=label(about.label)))


# -- a series ------------------------------------------------------------------------------


def _series(project: Project, arguments: argparse.Namespace) -> int:
    from hjgis.cartography import output, series, series_cut

    job = _job(project, arguments, usual=series_cut.series_sheet(arguments.series).id)
    places = series_cut.series_places(
        project,
        arguments.series,
        sheet=job.sheet,
        theme=job.about,
        scale=arguments.scale,
        layer=arguments.layer,
        extent=arguments.extent,
        selected=_selected(project, arguments.query) if arguments.query else None,
        progress=progress(),
    )
    result = series.write_series(
        job,
        places,
        _out(arguments),
        mode="many" if arguments.many else "one",
        index=not arguments.no_index,
        dpi=arguments.dpi or output.PICTURE_DPI,
        progress=progress(),
    )
    words = ngettext_("{count} sheet: {path}", "{count} sheets: {path}", result.sheets)
    say(words.format(count=result.sheets, path=arguments.out))
    for note in result.notes:
        say(note)
    figures = _figures(job, arguments, arguments.extent)
    if arguments.json:
        return print_json(_facts(job, places, result, figures))
    return 0


def _selected(project: Project, name: str) -> list[FeatureKey]:
    """Return what a kept query finds."""
    from hjgis.layers import querying
    from hjgis.models.changes import FeatureKey

    query = querying.query_named(project, name)
    fids = querying.rows(project, query, progress=progress())
    table = project.table(query.layer, (), fids=fids.tolist(), geometry=False)
    return [FeatureKey(query.layer, str(uuid)) for uuid in table.uuids]


def _facts(
    job: MapJob, places: tuple[Place, ...], result: Any, figures: list[str]
) -> dict[str, Any]:
    from hjgis.cartography.composition import frame_on
    from hjgis.models.sheets import Sheet

    assert isinstance(job.sheet, Sheet)
    before = result.pages - result.sheets
    return {
        "files": [*map(str, result.files), *figures],
        "pages": result.pages,
        "sheets": [
            {
                "number": place.number,
                "name": place.name,
                "scale": place.scale,
                "extent": frame_on(job.sheet, place).extent,
                "page": before + i + 1,
            }
            for i, place in enumerate(places)
        ],
        "notes": list(result.notes),
    }


# -- what there is -------------------------------------------------------------------------


def _list(project: Project, arguments: argparse.Namespace) -> int:
    from hjgis.cartography.series_cut import KINDS
    from hjgis.models import sheets as forms
    from hjgis.models.own_sheets import read_sheets
    from hjgis.models.own_themes import all_themes, read_themes
    from hjgis.models.themes import FACT

    themes = all_themes(read_themes(project.info(FACT)))
    own = read_sheets(project.info(forms.FACT)).sheets
    sheets = [*own, *map(forms.sheet, forms.sheet_ids())]
    facts = {
        "themes": [{"name": entry.id, "title": label(entry.label)} for entry in themes],
        "sheets": [
            {"name": entry.id, "title": label(entry.label), "paper_mm": entry.paper_mm}
            for entry in sheets
        ],
        "series": list(KINDS),
    }
    if arguments.json:
        return print_json(facts)
    for theme_ in themes:
        print(f"{theme_.id:<20} {label(theme_.label)}")
    print()
    for sheet_ in sheets:
        width, height = sheet_.paper_mm
        print(f"{sheet_.id:<20} {width:g} × {height:g} mm  {label(sheet_.label)}")
    return 0
