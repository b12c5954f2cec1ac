"""The options of each command and how their texts are read."""

from __future__ import annotations

import argparse
import datetime as dt
import math
from collections.abc import Container
from pathlib import Path
from typing import Any, Final

from hjgis.errors import UsageError
from hjgis.i18n import _
from hjgis.models.changes import Extent, FeatureKey

# Of a screenshot's sides.
_LEAST_PX, _MOST_PX = 200, 8000


def _extent(text: str) -> Extent:
    numbers = _coordinates(text)
    if len(numbers) != 4 or numbers[0] >= numbers[2] or numbers[1] >= numbers[3]:
        message = _("{text} is no area; write XMIN,YMIN,XMAX,YMAX in metres, the smaller first.")
        raise argparse.ArgumentTypeError(message.format(text=text))
    return numbers[0], numbers[1], numbers[2], numbers[3]


def _point(text: str) -> tuple[float, float]:
    numbers = _coordinates(text)
    if len(numbers) != 2:
        message = _("{text} is no point; write X,Y in metres, east first.")
        raise argparse.ArgumentTypeError(message.format(text=text))
    return numbers[0], numbers[1]


def _coordinates(text: str) -> tuple[float, ...]:
    """Return the numbers of a list with commas; none if one of them is no number."""
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        return ()
    return numbers if all(map(math.isfinite, numbers)) else ()


def _size(text: str) -> tuple[int, int]:
    sides = [int(side) if side.isdecimal() else 0 for side in text.lower().split("x")]
    if len(sides) != 2 or not all(_LEAST_PX <= side <= _MOST_PX for side in sides):
        message = _("{text} is no size; write WIDTHxHEIGHT in pixels, each from {least} to {most}.")
        raise argparse.ArgumentTypeError(message.format(text=text, least=_LEAST_PX, most=_MOST_PX))
    return sides[0], sides[1]


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        message = _("{text} is no number above 0.")
        raise argparse.ArgumentTypeError(message.format(text=text))
    return number


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        message = _("{text} is no count; write a number from 1 on.")
        raise argparse.ArgumentTypeError(message.format(text=text))
    return int(text)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        message = _("{text} is no day of the calendar; write YYYY-MM-DD.")
        raise argparse.ArgumentTypeError(message.format(text=text)) from None


def _file(*endings: str) -> dict[str, Any]:
    """Return how a file to write is asked for: another ending is told before the work is done."""

    def read(text: str) -> Path:
        path = Path(text)
        if path.suffix.casefold() not in endings:
            message = _("{path} cannot be written: its name must end in {kinds}.")
            raise UsageError(message.format(path=path, kinds=", ".join(endings)))
        return path

    return {"type": read, "metavar": "OUT" + "|".join(endings)}


def names(text: str | None) -> tuple[str, ...] | None:
    """Return the names of a list with commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip()) if text else None


def feature_key(text: str, layers: Container[str]) -> FeatureKey:
    """Return the feature that ``--feature`` names.

    Raises
    ------
    UsageError
        If it is no layer and identity, or not one of the layers.
    """
    layer, slash, uuid = text.partition("/")
    if not slash or layer not in layers:
        raise UsageError(_("--feature takes LAYER/UUID, not {text}.").format(text=text))
    return FeatureKey(layer, uuid)


_Option = tuple[tuple[str, ...], dict[str, Any]]
_PROJECT: Final[_Option] = (("project",), {"type": Path, "metavar": "PROJECT.gpkg"})
_JSON: Final[_Option] = (("--json",), {"action": "store_true"})
_EXTENT: Final[_Option] = (("--extent",), {"type": _extent, "metavar": "XMIN,YMIN,XMAX,YMAX"})
_OUT: Final[_Option] = (("out",), {"type": Path, "metavar": "OUT"})
_FORMATS: Final = ("shp", "gpkg", "geojson", "dxf", "xlsx", "csv", "kml")
_FLAG: Final = {"action": "store_true"}
_GIVEN_OUT: Final[tuple[_Option, ...]] = (
    (("--to",), {"metavar": "WHO"}),
    (("--for",), {"dest": "purpose", "metavar": "PURPOSE"}),
    (("--layers",), {"metavar": "A,B"}),
    (("--fields",), {"action": "append", "metavar": "LAYER=A,B"}),
    (("--encoding",), {"choices": ("gbk", "utf-8"), "default": "gbk"}),
    (("--drawing",), {"choices": ("R2004", "R2010"), "default": "R2004"}),
    (("--substitute",), {"choices": ("mark", "transliterate"), "default": "mark"}),
    (("--crs",), {}),
    (("--secrecy",), {"metavar": "LEVEL"}),
    (("--area",), {"type": Path, "metavar": "FILE"}),
    (("--query",), {"metavar": "NAME"}),
    _EXTENT,
    (("--over-25-km2-approved",), {"dest": "approved", "metavar": "BY"}),
    (("--photos",), _FLAG),
    (("--symbols",), _FLAG),
)

OPTIONS: Final[dict[str, tuple[_Option, ...]]] = {
    "new": (_PROJECT, (("--crs",), {}), (("--sample",), _FLAG), (("--clean",), _FLAG)),
    "info": (
        (("project",), {"nargs": "?", "type": Path, "metavar": "PROJECT.gpkg"}),
        (("--doctor",), _FLAG),
        _JSON,
    ),
    "import": (
        _PROJECT,
        (("source",), {"type": Path, "metavar": "SOURCE"}),
        (("--to",), {"metavar": "ASSET|network"}),
        (("--as-reference",), {"metavar": "NAME"}),
        (("--source-layer",), {}),
        (("--all",), {"dest": "all_layers", **_FLAG}),
        (("--encoding",), {}),
        (("--crs",), {}),
        (("--x",), {"metavar": "COLUMN"}),
        (("--y",), {"metavar": "COLUMN"}),
        (("--swap-axes",), _FLAG),
        (("--as-is",), _FLAG),
        (("--accept-ballpark",), _FLAG),
        (("--no-geometry",), _FLAG),
        (("--common-points",), {"type": Path, "metavar": "FILE.csv"}),
        (("--map",), {"nargs": "+", "metavar": "SRC=FIELD"}),
        (("--mapping",), {"type": Path, "metavar": "FILE"}),
        (("--update",), {"metavar": "new,changed,missing"}),
        (("--number",), _FLAG),
        (("--dry-run",), _FLAG),
        _JSON,
    ),
    "check": (
        _PROJECT,
        (("--only",), {"nargs": "+", "metavar": "RULE"}),
        _EXTENT,
        (("--report",), _file(".pdf", ".xlsx", ".html")),
        (("--no-exceptions",), _FLAG),
        _JSON,
    ),
    "fix": (
        _PROJECT,
        (("rule",), {"metavar": "RULE"}),
        (("--fix",), {"metavar": "FIX"}),
        (("--value",), {"metavar": "VALUE"}),
        _EXTENT,
        (("--dry-run",), _FLAG),
        _JSON,
    ),
    "targets": (
        _PROJECT,
        (("--out",), _file(".pdf", ".xlsx", ".html")),
        _JSON,
    ),
    "find": (
        _PROJECT,
        (("text",), {"nargs": "+", "metavar": "TEXT"}),
        (("--layer",), {"metavar": "A,B"}),
        (("--limit",), {"type": _count, "default": 20, "metavar": "N"}),
        _JSON,
    ),
    "export": (
        _PROJECT,
        _OUT,
        (("--format",), {"choices": _FORMATS}),
        *_GIVEN_OUT,
        _JSON,
    ),
    "deliver": (
        _PROJECT,
        (("out",), {"type": Path, "metavar": "OUT|OUT.zip"}),
        (("--formats",), {"metavar": ",".join(_FORMATS), "default": "shp"}),
        *_GIVEN_OUT,
        (("--contractor",), {"metavar": "TRADE"}),
        (("--theme",), {"metavar": "THEME"}),
        (("--no-report",), _FLAG),
        (("--no-map",), _FLAG),
        (("--password-file",), {"type": Path, "metavar": "FILE"}),
        (("--encrypt",), _FLAG),
        (("--dry-run",), _FLAG),
        _JSON,
    ),
    "deliveries": (_PROJECT, _JSON),
    "select": (
        _PROJECT,
        (("name",), {"nargs": "?", "metavar": "NAME"}),
        (("--where",), {"metavar": "SENTENCE"}),
        (("--layer",), {"metavar": "ASSET"}),
        _JSON,
    ),
    "stats": (
        _PROJECT,
        (("layer",), {"metavar": "ASSET"}),
        (("--by",), {"action": "append", "metavar": "FIELD|DATE:year|in:AREAS"}),
        (("--measure",), {"default": "count", "metavar": "count|length|area|sum:FIELD"}),
        (("--query",), {"metavar": "NAME"}),
        (("--where",), {"metavar": "SENTENCE"}),
        (("--out",), _file(".xlsx", ".png", ".svg")),
        (("--chart",), {"choices": ("bar", "stacked", "pie"), "default": "bar"}),
        _JSON,
    ),
    "trace": (
        _PROJECT,
        (("points",), {"nargs": "+", "metavar": "POINT"}),
        (("--way",), {"choices": ("up", "down", "all"), "default": "down"}),
        _JSON,
    ),
    "profile": (
        _PROJECT,
        (("out",), _file(".pdf", ".dxf")),
        (("points",), {"nargs": "+", "metavar": "POINT"}),
    ),
    "fit-crs": (
        (("points",), {"type": Path, "metavar": "POINTS.csv"}),
        (("out",), {"type": Path, "metavar": "OUT.toml"}),
        (("--from",), {"dest": "source", "required": True, "metavar": "SYSTEM"}),
        (("--to",), {"dest": "target", "required": True, "metavar": "SYSTEM"}),
        (("--model",), {"type": int, "choices": (4, 7), "default": 4}),
        (("--name",), {}),
        _JSON,
    ),
    "map": (
        _PROJECT,
        (("out",), {"nargs": "?", "type": Path, "metavar": "OUT.pdf|.svg|.png|.tif"}),
        (("--theme",), {"metavar": "THEME"}),
        (("--measured",), {"metavar": "LAYER[.FIELD]"}),
        (("--title",), {"metavar": "WORDS"}),
        (("--sheet",), {"metavar": "SHEET|WIDTHxHEIGHT"}),
        (("--scale",), {"type": _positive, "metavar": "N"}),
        (("--center",), {"type": _point, "metavar": "X,Y"}),
        _EXTENT,
        (("--format",), {"choices": ("pdf", "svg", "png", "tif", "tiff")}),
        (("--dpi",), {"type": _positive, "metavar": "N"}),
        (("--series",), {"choices": ("grid", "road", "sheet", "selected", "target")}),
        (("--query",), {"metavar": "NAME"}),
        (("--layer",), {"metavar": "ASSET"}),
        (("--many",), _FLAG),
        (("--no-index",), _FLAG),
        (("--figures",), _file(".xlsx", ".png", ".svg")),
        (("--list",), _FLAG),
        _JSON,
    ),
    "history": (_PROJECT, (("--feature",), {"metavar": "ASSET/UUID"}), _JSON),
    "attach": (
        _PROJECT,
        (("feature",), {"nargs": "?", "metavar": "ASSET/UUID"}),
        (("files",), {"type": Path, "nargs": "*", "metavar": "FILE"}),
        (("--from",), {"dest": "source", "type": Path, "metavar": "FILE.gpkg"}),
        (("--role",), {}),
        (("--recompress",), _FLAG),
        _JSON,
    ),
    "dossier": (
        _PROJECT,
        (("out",), _file(".pdf")),
        (("--feature",), {"action": "append", "metavar": "ASSET/UUID"}),
        (("--query",), {"metavar": "NAME"}),
    ),
    "overdue": (
        _PROJECT,
        (("--on",), {"type": _day, "metavar": "YYYY-MM-DD"}),
        (("--out",), _file(".xlsx", ".html", ".pdf")),
        _JSON,
    ),
    "visits": (
        _PROJECT,
        (("out",), {"nargs": "?", **_file(".pdf", ".shp", ".gpkg", ".geojson", ".csv")}),
        (("--encoding",), {"choices": ("gbk", "utf-8"), "default": "gbk"}),
        _EXTENT,
        _JSON,
    ),
    "completeness": (
        _PROJECT,
        (("--by",), {"choices": ("field", "grid", "road", "unit", "operator", "class")}),
        (("--layer",), {"metavar": "ASSET"}),
        (("--trend",), _FLAG),
        (("--out",), _file(".xlsx", ".html")),
        _JSON,
    ),
    "renewal": (
        _PROJECT,
        (("--on",), {"type": _day, "metavar": "YYYY-MM-DD"}),
        (("--out",), _file(".xlsx", ".html")),
        _JSON,
    ),
    "return": (
        _PROJECT,
        (("package",), {"type": Path, "metavar": "PACKAGE"}),
        (("--delivery",), {"metavar": "NAME|present"}),
        (("--by",), {"metavar": "WHO"}),
        (("--layers",), {"metavar": "A,B"}),
        (("--take",), {"metavar": "changed,new,missing"}),
        (("--conflicts",), {"choices": ("ours", "theirs"), "default": "ours"}),
        (("--crs",), {}),
        (("--password-file",), {"type": Path, "metavar": "FILE"}),
        (("--dry-run",), _FLAG),
        _JSON,
    ),
    "screenshot": (
        _PROJECT,
        (("out",), {"type": Path, "metavar": "OUT.png"}),
        (("--size",), {"type": _size, "default": (1366, 768), "metavar": "1366x768"}),
        (("--show",), {"default": "main", "metavar": "SCREEN"}),
        _EXTENT,
    ),
}


# -- words -------------------------------------------------------------------------------
