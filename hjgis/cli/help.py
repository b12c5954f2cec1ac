"""What `--help` says of commands and of their options."""

from __future__ import annotations

from typing import Final

from hjgis.i18n import N_

COMMANDS: Final[dict[str, str]] = {
    "new": N_("Make a project, empty or with the sample town"),
    "info": N_("Say what a project holds, or whether the program is well"),
    "import": N_("Take a file of another program into a project"),
    "check": N_("Check a project; exit code 1 if there are errors"),
    "fix": N_("Mend the findings of one rule; exit code 1 if some are left"),
    "targets": N_("Measure the targets and tasks of the notice"),
    "find": N_("Find features by id, name, address or place"),
    "export": N_("Write layers as files of other programs"),
    "deliver": N_("Make a package of data for somebody and enter it in the register"),
    "deliveries": N_("List the register: who was given what, and when"),
    "select": N_("List what a sentence or a kept query selects"),
    "stats": N_("Count and sum by fields or areas"),
    "trace": N_("List the pipes upstream or downstream of points, or all that are joined"),
    "profile": N_("Write the length profile between points of the pipe network"),
    "fit-crs": N_("Work out a local coordinate system from common points"),
    "map": N_("Write a map sheet, or a series of sheets"),
    "history": N_("List who changed what"),
    "attach": N_("Keep photos and papers with features"),
    "dossier": N_("Write the files of features as PDF"),
    "overdue": N_("List what is to be inspected"),
    "visits": N_("List where something is probably missing, or write it as field sheet or layer"),
    "completeness": N_("Say how much of what is required is filled in"),
    "renewal": N_("List the pipes that are to be renewed, by score"),
    "return": N_("Take back what a contractor changed in a delivery"),
    "screenshot": N_("Write a picture of a window"),
}

# Of the commands that give data out.
_GIVEN_OUT: Final[dict[str, str]] = {
    "--layers": N_("only these layers, by their ids, such as manhole; all without it"),
    "--encoding": N_("of the texts of shapefiles; gbk opens right in CASS and older ArcGIS"),
    "--crs": N_(
        "the system of the coordinates in the files, such as EPSG:4490; the project's without it"
    ),
    "--query": N_("only what a query finds that is kept in the project"),
    "--fields": N_("only these fields of a layer; may be repeated"),
    "--drawing": N_("version of a DXF: R2004 is GBK, R2010 is UTF-8"),
    "--substitute": N_("what becomes of signs that GBK has not: 〓, or what comes nearest"),
    "--secrecy": N_("what it is marked with, not lower than what it holds"),
    "--area": N_("a file with polygons: features that meet them go out, whole"),
    "--over-25-km2-approved": N_("who approved that more than 25 km² go out in one piece"),
    "--photos": N_("with the photos and papers of what goes out"),
    "--symbols": N_("with a QML beside each shapefile, by which QGIS shows it as here"),
}
# By command and option; what says itself (--json) is below, for all commands.
OPTIONS: Final[dict[tuple[str, str], str]] = {
    **{
        (command, flag): words
        for command in ("export", "deliver")
        for flag, words in _GIVEN_OUT.items()
    },
    ("info", "--doctor"): N_("examine the program, its surroundings and the project if named"),
    ("check", "--only"): N_("rules, or groups of them such as topology or pipe; all without it"),
    ("check", "--report"): N_("write the report of the check, too"),
    ("check", "--no-exceptions"): N_("list what was accepted as an exception like all else"),
    ("import", "--all"): N_(
        "all layers of the file, each to the kind that its columns tell without a doubt, else as a"
        " reference layer; what asks for something is left, and the exit code is 1 then"
    ),
    ("export", "out"): N_(
        "the folder (shp, csv, geojson) or the one file (gpkg, xlsx, dxf, kml) to write"
    ),
    ("export", "--to"): N_("who gets it, own use without it; stands in the register"),
    ("export", "--for"): N_("what for; stands in the register"),
    ("export", "--format"): N_("one of these; without it what the ending of OUT says, else shp"),
    **{
        (command, "points"): N_("point numbers such as WS12, or their uuids")
        for command in ("trace", "profile")
    },
    ("deliver", "out"): N_("the folder or .zip archive to make; it must not be there yet"),
    ("deliver", "--to"): N_("who gets it, must be said; stands in the register"),
    ("deliver", "--for"): N_("what for, must be said; stands in the register"),
    ("deliver", "--formats"): N_("one or more of these, with commas; shp without it"),
    ("deliver", "--contractor"): N_(
        "trade of the recipient: only the fields it needs go out (drainage, lighting, cleaning,"
        " green, parking)"
    ),
    ("deliver", "--theme"): N_("what the map shows, such as manholes"),
    ("deliver", "--no-report"): N_("without the report of the checks"),
    ("deliver", "--no-map"): N_("without the map"),
    ("deliver", "--password-file"): N_(
        "its first line encrypts the archive (AES-256), which Windows Explorer cannot open"
    ),
    ("deliver", "--encrypt"): N_("ask for a password, or take it from HJGIS_PASSWORD"),
    ("deliver", "--dry-run"): N_("say what would go out, stay here and get lost; write nothing"),
    ("fix", "rule"): N_("whose findings are mended, such as attribute.code"),
    ("fix", "--fix"): N_("how; needed where there are several ways, which are then named"),
    ("fix", "--value"): N_("the answer, where a fix asks for one"),
    ("fix", "--dry-run"): N_("say what would change, and store nothing"),
    ("targets", "--out"): N_("write the board: one page, or tables"),
    ("map", "--measured"): N_(
        "what the theme of completeness measures: a layer, or one field of it; all without it"
    ),
    ("map", "out"): N_("the file to write; its ending says what it is"),
    ("map", "--theme"): N_("what the map is about: a ready-made theme or one of the project"),
    ("map", "--title"): N_("over the map, instead of place and theme"),
    ("map", "--sheet"): N_("paper and form, such as a3-landscape, or a size in mm"),
    ("map", "--scale"): N_("the n of 1:n; without it the largest usual one that fits"),
    ("map", "--center"): N_("the middle of the map, in metres of the project's system"),
    ("map", "--extent"): N_("what must be on the map; of a series: only sheets of this box"),
    ("map", "--format"): N_("the ending of the file, if its name has none"),
    ("map", "--dpi"): N_("dots an inch of a picture"),
    ("map", "--series"): N_(
        "many sheets: a sheet for each unit grid cell, strips along roads, standard sheets,"
        " a sheet for each feature of --query, or for each target"
    ),
    ("map", "--query"): N_("a kept query: what it finds gets a sheet each, or is all that does"),
    ("map", "--layer"): N_("areas or lines to cut the series by, instead of unit grids or roads"),
    ("map", "--many"): N_("a file for each sheet, named by its number and name"),
    ("map", "--no-index"): N_("without the map and list of all sheets"),
    ("map", "--figures"): N_("the theme's table, or its chart, of what is on the map"),
    ("map", "--list"): N_("name the themes and sheets there are, and write nothing"),
    ("return", "package"): N_("the package, or one file of it, whatever it is called now"),
    ("return", "--delivery"): N_(
        "which one comes back, where nothing in it says so; present: lay it beside the project"
    ),
    ("return", "--layers"): N_("only these layers, by their ids, such as manhole; all without it"),
    ("return", "--by"): N_("who made the changes, if not the recipient"),
    ("return", "--take"): N_("what is stored; changed,new without it"),
    ("return", "--conflicts"): N_("whose values count where both sides changed the same"),
    ("return", "--crs"): N_("the system of the coordinates, where the files say it wrongly"),
    ("return", "--password-file"): N_("its first line opens the archive"),
    ("return", "--dry-run"): N_("say what would be taken back, and store nothing"),
    ("visits", "out"): N_("field sheet (.pdf) or layer of points; printed without it"),
    ("visits", "--encoding"): N_("of the texts of a shapefile"),
    ("completeness", "--by"): N_("one line for each of these; by layer, or by field of --layer"),
    ("completeness", "--layer"): N_("one layer; all without it"),
    ("completeness", "--trend"): N_("how it was at the end of each day, by the journal"),
    ("completeness", "--out"): N_("write the lines as tables, too"),
    ("renewal", "--on"): N_("the day that ages are counted to; today without it"),
    ("renewal", "--out"): N_("write list, kilometres and rules as tables, too"),
}
EVERYWHERE: Final[dict[str, str]] = {
    "--json": N_("print one JSON object, and words beside it on standard error"),
    "--extent": N_("only what lies in this box, in metres of the project's system"),
}
EXIT_CODES: Final = N_(
    "Exit codes: 0 done, 1 done and found errors, 2 wrong usage, 3 the input cannot be used,"
    " 4 stopped, 70 a fault of hjgis."
)
