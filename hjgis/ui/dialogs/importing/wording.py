"""What was found in a file, in words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange.differences import Difference, Kind
from hjgis.exchange.placement import DatumQuestion, Placement, PlaceQuestion
from hjgis.exchange.report import ImportReport, Problem
from hjgis.exchange.sources import LayerSummary
from hjgis.exchange.symptoms import Proposal
from hjgis.i18n import N_, _, grouped, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.crs import parse_crs
from hjgis.models.region import Box, region
from hjgis.ui.dialogs.importing.choices import FromFile

_EARTH_KM: Final = 6371.0
_LONGEST_CODE: Final = 12
_KINDS: Final = {
    "Point": N_("points"),
    "LineString": N_("lines"),
    "Polygon": N_("areas"),
}
_ENCODINGS: Final = {
    "gbk": N_("Simplified Chinese"),
    "gb18030": N_("Simplified Chinese"),
    "big5": N_("Traditional Chinese"),
    "cp1252": N_("Western"),
    "cp1250": N_("Central European"),
    "cp1251": N_("Cyrillic"),
}
PARAMETER_FILE: Final = FromFile("crs", N_("Transformation parameters (*.toml)"))
POINTS_FILE: Final = FromFile("common_points", N_("Common points (*.csv)"))
# Kinds of problems of an import, as a report names them.
_PROBLEMS: Final = {
    "warning": N_("About the file"),
    "assumed-crs": N_("Coordinate system that was assumed"),
    "ballpark-shift": N_("Only an approximate change of datum"),
    "outside-county": N_("Outside the county"),
    "offset": N_("Away from what the project holds"),
    "part": N_("A part of the layer"),
    "unverified-degrees": N_("Degrees that nothing confirms"),
    "heights": N_("Heights"),
    "mojibake": N_("Garbled text"),
    "empty-geometry": N_("Records without a place, left out"),
    "null-geometry": N_("Records without a place, left out"),
    "no-place": N_("Without coordinates, left where they are"),
    "rejected": N_("Records that are left out"),
    "mixed-geometry": N_("Shapes of another kind, left out"),
    "multi-part": N_("Shapes of several parts, left out"),
    "outside-crs": N_("Outside the coordinate system, left out"),
    "invalid-geometry": N_("Shapes that are not valid"),
    "digits-lost": N_("Long numbers that lost digits"),
    "bad-value": N_("Values that do not fit, left empty"),
    "merged-cells": N_("Merged cells"),
    "date-as-number": N_("Dates written as numbers"),
    "full-width": N_("Full-width letters and digits"),
    "truncated": N_("Texts that were cut"),
    "doubtful": N_("Values that can hardly be right, taken as they are"),
    "duplicate-id": N_("The same number twice"),
    "blank-id": N_("Without a number"),
    "no-identity": N_("Rows whose identity is gone or unknown"),
    "unresolved-node": N_("Pipe ends without a node"),
    "connected": N_("Ends that were connected"),
    "derived": N_("Filled in from other columns"),
    "unmapped": N_("Columns that are not taken"),
}


# Kinds that are told and need no look.
_NOTES: Final = frozenset({"heights", "connected", "derived"})


def layer_line(layer: LayerSummary) -> str:
    """Return a layer's name, what it holds and how much."""
    words = ngettext_("{count} record", "{count} records", layer.count)
    count = words.format(count=grouped(layer.count))
    return f"{layer.name}   ·   {geometry(layer.geometry)}   ·   {count}"


def table_line(table: LayerSummary) -> str:
    """Return a table's name and how much it holds."""
    words = ngettext_("{count} record", "{count} records", table.count)
    return _("{name}: {how}").format(name=table.name, how=words.format(count=grouped(table.count)))


def geometry(kinds: str) -> str:
    """Return kinds of shapes as people call them."""
    named = [kind for kind in kinds.split(", ") if kind not in ("", "None")]
    plain = dict.fromkeys(kind.removeprefix("Multi") for kind in named)
    words = [_(_KINDS.get(kind, kind)) for kind in plain]
    return _(", ").join(words) or _("no places")


def encoding(name: str) -> str:
    """Return an encoding as people know it."""
    plain = name.removesuffix("-sig")
    words = _ENCODINGS.get(plain)
    return f"{plain.upper()} {_(words)}" if words else plain.upper()


def encoding_known(name: str, source: str) -> str:
    """Say which encoding the text is in and how that is known."""
    how = {
        "given": _("as you said"),
        "cpg": _("said by the .cpg file"),
        "ldid": _("said by the language byte of the .dbf"),
        "detected": _("recognised from the bytes"),
        "format": _("fixed by the format"),
    }
    said = how.get(source, source)
    return _("{name}: {how}").format(name=encoding(name), how=said)


def system(text: str) -> str:
    """Return a coordinate system's code with its name."""
    name = short_system(text)
    return f"{text}   {name}" if name != text and len(text) < _LONGEST_CODE else name


def short_system(text: str) -> str:
    """Return a coordinate system's name, the one by which it is known in the county if it is."""
    known = {entry.crs: label(entry.label) for entry in region().systems}
    if text in known:
        return known[text]
    try:
        return parse_crs(text).called
    except InputError:
        return text


def sentence(reason: str) -> str:
    """Return words that follow a colon elsewhere as a sentence of their own."""
    return reason[:1].upper() + reason[1:] + _(".")


def system_known(placement: Placement) -> str:
    """Say which system the coordinates are in and how that is known."""
    how = {
        "given": _("as you said"),
        "file": _("said by the file"),
        "assumed": _("nothing says it, but the numbers fit the county"),
    }
    if placement.crs is None:
        return _("Nothing says which system the coordinates are in.")
    said = how.get(placement.how, placement.how)
    return _("{name}: {how}").format(name=short_system(placement.crs.text), how=said)


def proposal(offered: Proposal) -> str:
    """Return the words of the button that takes a proposal."""
    system_, swap = offered.answer.get("crs"), offered.answer.get("swap")
    if system_ is None:
        return _("Exchange X and Y") if swap else _("Do not exchange")
    words = _("Exchange X and Y, read as {system}") if swap else _("Read as {system}")
    return words.format(system=short_system(str(system_)))


def remarks(placement: Placement) -> list[str]:
    """Return what the reader says of the whole layer."""
    whole = [problem.message for problem in placement.layer.problems if problem.row is None]
    unverified = [placement.unverified] if placement.unverified else []
    return [*placement.layer.warnings, *whole, *placement.doubts, *unverified]


def where(placement: Placement | None, project: Box | None) -> str:
    """Say where the places lie."""
    if placement is not None and not placement.layer.spatial:
        return _("A table without places: nothing of it is on the map.")
    if placement is None or placement.box_wgs84 is None:
        return ""
    if placement.in_county:
        return _("The places lie in the county.")
    if project is None:
        return _("The places lie outside the county.") if placement.in_county is False else ""
    far = _distance_km(placement.box_wgs84, project)
    if far < 1:
        return _("The places lie among those of the project.")
    return _("The places lie about {far} km from those of the project.").format(
        far=grouped(far, ".0f")
    )


def answers_to(question: InputQuestion) -> list[tuple[str, Any]]:
    """Return the answers that buttons can give to a question: words and what they choose."""
    said: list[tuple[str, Any]] = []
    if isinstance(question, PlaceQuestion):
        said += [(proposal(one), dict(one.answer)) for one in question.proposals]
        return [*said, (_("Leave as they are"), {"as_is": True})]
    if isinstance(question, DatumQuestion):
        ways = {way.split()[0]: answer for way, answer in _ways()}
        return [ways[way.split()[0]] for way in question.answers if way.split()[0] in ways]
    if "--encoding" in question.option:
        said += [(encoding(name), {"encoding": name}) for name in question.candidates]
    if "--x" in question.option and question.proposed:
        east, north = question.candidates[: question.proposed]
        words = _("{north} is north, {east} is east").format(north=north, east=east)
        return [(words, {"x": east, "y": north, "spatial": None, "swap": False, "as_is": False})]
    if "--crs" in question.option:
        said += [(short_system(text), {"crs": text}) for text in question.candidates]
    if "--source-layer" in question.option:
        said += [(name, {"source_layer": name}) for name in question.candidates]
    return said


def _ways() -> tuple[tuple[str, tuple[str, Any]], ...]:
    """Return the ways out of a doubtful datum by their options: words and what they choose."""
    return (
        ("--crs", (_("Parameter file…"), PARAMETER_FILE)),
        ("--common-points", (_("Common points…"), POINTS_FILE)),
        (
            "--accept-ballpark",
            (_("Accept being off by tens of metres"), {"accept_ballpark": True}),
        ),
        ("--as-is", (_("Leave as they are"), {"as_is": True})),
    )


def trial(report: ImportReport, project: Project) -> str:
    """Say how a file was read in a trial run, and that nothing is stored."""
    words = _("Nothing is stored yet. Text: {encoding}. Coordinates: {crs}.")
    crs = short_system(report.crs) if report.crs else _("none")
    said = words.format(encoding=encoding(report.encoding), crs=crs)
    parts = [
        f"{label(project.asset_type(part.layer).label)} {grouped(part.imported + part.matched)}"
        for part in report.layers
    ]
    by_layer = _("By layer: {counts}").format(counts=_(", ").join(parts)) if parts else ""
    return "\n".join(filter(None, (said, by_layer)))


def problem_count(report: ImportReport) -> str:
    """Say how much is to be looked at."""
    total = total_of(p for p in report.problems if p.kind not in _NOTES)
    if not total:
        return _("No problems found")
    words = ngettext_("{count} thing to look at", "{count} things to look at", total)
    return words.format(count=grouped(total))


def total_of(problems: Iterable[Problem]) -> int:
    """Return of how many records or columns problems speak."""
    # A column that is not taken is one thing, however many values it has.
    return sum(1 if problem.row is None else problem.count for problem in problems)


def problem_order(kind: str) -> int:
    """Return where problems of a kind stand: what matters most first."""
    return list(_PROBLEMS).index(kind) if kind in _PROBLEMS else len(_PROBLEMS)


def difference_kind(kind: Kind, count: int) -> str:
    """Return the heading of differences of a kind."""
    words = {
        "new": _("New in the file ({count})"),
        "changed": _("Changed in the file ({count})"),
        "conflict": _("Changed here too since ({count}): tick to take what the file says"),
        "missing": _("Missing in the file ({count}): tick to delete"),
    }
    return words[kind].format(count=grouped(count))


def difference(entry: Difference) -> str:
    """Say what the small map shows of a difference."""
    if entry.kind == "new":
        return _("{title} would be added.").format(title=entry.title)
    if entry.kind == "missing":
        return _("{title} would be deleted if it is ticked.").format(title=entry.title)
    if entry.moved_m is None:
        return _("{title} stays at its place.").format(title=entry.title)
    moved = _("{title} would move by {metres:.2f} m.")
    return moved.format(title=entry.title, metres=entry.moved_m)


def problem_kind(kind: str) -> str:
    """Return a kind of problem in words."""
    return _(_PROBLEMS[kind]) if kind in _PROBLEMS else kind


def _distance_km(one: Box, other: Box) -> float:
    """Return roughly how far two boxes of degrees are apart, on a sphere; 0 if they meet."""
    if one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]:
        return 0.0
    (lon_1, lat_1), (lon_2, lat_2) = _middle(one), _middle(other)
    half = math.sin((lat_2 - lat_1) / 2) ** 2
    half += math.cos(lat_1) * math.cos(lat_2) * math.sin((lon_2 - lon_1) / 2) ** 2
    return 2 * _EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def _middle(box: Box) -> tuple[float, float]:
    return math.radians((box[0] + box[2]) / 2), math.radians((box[1] + box[3]) / 2)
