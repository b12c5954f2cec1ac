"""The command about maps: one sheet, a series of sheets, or what sheets and themes there are."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hjgis.cli.saying import print_json, progress, say
from hjgis.errors import UsageError
from hjgis.i18n import _, label, ngettext_

if TYPE_CHECKING:
    from hjgis.cartography.composition import MapJob, Place
    from hjgis.layers.project import Project
    from hjgis.models.changes import Extent, FeatureKey
    from hjgis.models.sheets import Sheet
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
        about = _theme(project, arguments.theme)
        if arguments.out is None:
            files = _figures(project, about, arguments, arguments.extent)
            return print_json({"files": files}) if arguments.json else 0
        if arguments.series:
            return _series(project, about, arguments)
        return _single(project, about, arguments)


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


def _theme(project: Project, name: str | None) -> Theme:
    from hjgis.models.own_themes import read_themes, theme_named
    from hjgis.models.themes import DEFAULT_THEME, FACT

    return theme_named(name or DEFAULT_THEME, read_themes(project.info(FACT)))


def _sheet(project: Project, name: str) -> Sheet:
    """Return a sheet that the project keeps, or a ready-made one."""
    from hjgis.models.own_sheets import read_sheets
    from hjgis.models.sheets import FACT, sheet

    return read_sheets(project.info(FACT)).sheet(name) or sheet(name)


# -- one sheet -----------------------------------------------------------------------------


def _single(project: Project, about: Theme, arguments: argparse.Namespace) -> int:
    from hjgis.cartography import output
    from hjgis.cartography.composition import MapJob
    from hjgis.models.sheets import DEFAULT_SHEET

    job = MapJob(
        project,
        title=arguments.title,
        sheet=_sheet(project, arguments.sheet or DEFAULT_SHEET),
        theme=about,
        scale=arguments.scale,
        center=arguments.center,
        extent=arguments.extent,
        measured=arguments.measured or "",
    )
    dpi = arguments.dpi or output.PICTURE_DPI
    result = output.render_sheet(job, _out(arguments), dpi=dpi, progress=progress())
    hidden = [label(project.asset_type(name).label) for name in result.hidden]
    say(_("Map 1:{scale:.0f}: {path}").format(scale=result.scale, path=result.path))
    if hidden:
        say(_("Not shown at this scale: {names}").format(names=", ".join(hidden)))
    for note in result.notes:
        say(note)
    figures = _figures(project, about, arguments, result.extent)
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


def _figures(
    project: Project, about: Theme, arguments: argparse.Namespace, extent: Extent | None
) -> list[str]:
    """Write the theme's figures if they are asked for, and return the file."""
    if arguments.figures is None:
        return []
    from hjgis.cartography.portraying import themed
    from hjgis.cartography.summaries import summary
    from hjgis.reports.theme_figures import write_figures

    reckoned = themed(project, about, measured=arguments.measured or "", progress=progress())
    found = summary(project, about, extent, themed=reckoned, progress=progress())
    if found is None:
        message = _("{theme} has no table or chart of figures.")
        raise UsageError(message.format(theme=label(about.label)))
    write_figures(project, found, arguments.figures)
    say(_("Figures: {path}").format(path=arguments.figures))
    return [str(arguments.figures)]


# -- a series ------------------------------------------------------------------------------


def _series(project: Project, about: Theme, arguments: argparse.Namespace) -> int:
    from hjgis.cartography import output, series
    from hjgis.cartography.composition import MapJob

    wanted = arguments.sheet
    paper = _sheet(project, wanted) if wanted else series.series_sheet(arguments.series)
    places = series.series_places(
        project,
        arguments.series,
        sheet=paper,
        theme=about,
        scale=arguments.scale,
        layer=arguments.layer,
        extent=arguments.extent,
        selected=_selected(project, arguments.query) if arguments.query else None,
        progress=progress(),
    )
    job = MapJob(
        project,
        title=arguments.title,
        sheet=paper,
        theme=about,
        measured=arguments.measured or "",
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
    figures = _figures(project, about, arguments, arguments.extent)
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
    from hjgis.cartography.series import KINDS
    from hjgis.models import sheets as forms
    from hjgis.models.own_sheets import read_sheets
    from hjgis.models.own_themes import read_themes
    from hjgis.models.themes import FACT, theme, theme_ids

    themes = [*read_themes(project.info(FACT)), *map(theme, theme_ids())]
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
