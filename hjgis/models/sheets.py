"""Sheets of paper and what stands on them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, Self, cast, get_args

import numpy as np

from hjgis import paths
from hjgis.errors import DictionaryError, UsageError
from hjgis.i18n import _
from hjgis.models.assets import Label
from hjgis.models.catalogue_files import read_toml

ItemKind = Literal[
    "map",
    "title",
    "secrecy",
    "number",
    "neighbours",
    "column",
    "north",
    "legend",
    "scale",
    "facts",
    "overview",
    "table",
    "chart",
    "logo",
    "text",
]
Align = Literal["left", "center", "right"]
Flow = Literal["", "start", "end"]

ITEM_KINDS: Final[tuple[ItemKind, ...]] = get_args(ItemKind)
# Of these a sheet may have several; of all others one.
MANY: Final = frozenset(("text", "logo", "table", "chart", "column", "facts"))
DEFAULT_SHEET: Final = "a3-landscape"
# The fact of a project that holds the sheets its people made.
FACT: Final = "sheets"
_CUSTOM: Final = re.compile(r"(\d{2,4})x(\d{2,4})")
_FIXED: Final = re.compile(r"([a-z]+)-(\d{2,4})x(\d{2,4})")
_LONGEST_MM: Final = 5000.0
_SHORTEST_MM: Final = 100.0


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on the paper, millimetres from its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right side, mm."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Lower side, mm."""
        return self.y + self.height

    def meets(self, other: Box) -> bool:
        """Whether some of another box lies in this one."""
        across = self.x < other.right and other.x < self.right
        return across and self.y < other.bottom and other.y < self.bottom

    def grown(self, by_mm: float) -> Box:
        """Return the box larger by so much on each side."""
        return Box(self.x - by_mm, self.y - by_mm, self.width + 2 * by_mm, self.height + 2 * by_mm)


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One thing that stands on a sheet.

    Attributes
    ----------
    id : str
        Its own on the sheet; the kind, and a number behind it for further ones.
    text : str
        What is written: of a text, or of a title instead of the theme's; empty for the usual. Of
        facts: which of them, apart by blanks, written as lines without a frame.
    size_mm : float
        Height of its letters; 0 for what is usual of its kind.
    picture : str
        Of a logo: which picture of the project, by its content's digest; or the file itself, as
        `logos.picture_of_file` returns it.
    shown : bool
        Whether it is on the paper; what is not can be switched on.
    locked : bool
        Whether the mouse leaves it where it is.
    flow : str
        Whether it takes the room it needs in the column it stands in, next to the item before it:
        from the column's ``start`` (upper or left side) or its ``end``. Who moves it makes it
        empty, and then `box` is where it stands.
    """

    id: str
    kind: ItemKind
    box: Box
    text: str = ""
    size_mm: float = 0.0
    align: Align = "left"
    picture: str = ""
    shown: bool = True
    locked: bool = False
    flow: Flow = ""

    def to_json(self) -> dict[str, Any]:
        """Return what `own_sheets.sheet_of_json` reads; what is usual is left out."""
        said = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        box = [self.box.x, self.box.y, self.box.width, self.box.height]
        usual = {entry.name: entry.default for entry in fields(self)}
        return {k: v for k, v in said.items() if v != usual[k]} | {"box": box}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The layout of one kind of sheet; boxes in mm from the paper's upper left corner.

    Attributes
    ----------
    border_mm : float
        From the neat line to the thick outer line; coordinates stand between.
    furniture : float
        By how much letters and strokes of all but the map are larger than on A3. The map's own
        signs and letters are as large on any paper: they follow the scale, so that sheets of one
        scale look alike and can be laid side by side.
    items : tuple of SheetItem
        In the order in which they are painted; one of them is the map.
    """

    id: str
    label: Label
    paper_mm: tuple[float, float]
    issuer: Label
    border_mm: float
    furniture: float
    items: tuple[SheetItem, ...]

    @property
    def map_mm(self) -> Box:
        """The neat line: the edge of the map itself."""
        return next(item.box for item in self.items if item.kind == "map")

    def item(self, item_id: str) -> SheetItem:
        """Return one item; KeyError if there is none of this id."""
        found = next((item for item in self.items if item.id == item_id), None)
        if found is None:
            raise KeyError(item_id)
        return found

    def of_kind(self, kind: ItemKind) -> tuple[SheetItem, ...]:
        """Return the items of a kind that are shown."""
        return tuple(item for item in self.items if item.kind == kind and item.shown)

    def with_item(self, item: SheetItem) -> Self:
        """Return the sheet with an item instead of the one of its id, or added as the last."""
        if all(item.id != other.id for other in self.items):
            return replace(self, items=(*self.items, item))
        return replace(
            self, items=tuple(item if item.id == other.id else other for other in self.items)
        )

    def without(self, item_id: str) -> Self:
        """Return the sheet without an item; the map stays."""
        kept = (item for item in self.items if item.id != item_id or item.kind == "map")
        return replace(self, items=tuple(kept))

    def to_json(self) -> dict[str, Any]:
        """Return what `own_sheets.sheet_of_json` reads."""
        return {
            "id": self.id,
            "label": dict(self.label),
            "paper_mm": list(self.paper_mm),
            "issuer": dict(self.issuer),
            "border_mm": self.border_mm,
            "furniture": self.furniture,
            "items": [item.to_json() for item in self.items],
        }


@dataclass(frozen=True, slots=True)
class Paper:
    """A size of paper, upright.

    Attributes
    ----------
    size_mm : tuple of float
        Width and height.
    furniture : float
        By how much letters and margins are larger than on A3.
    """

    id: str
    size_mm: tuple[float, float]
    furniture: float


@dataclass(frozen=True, slots=True)
class Template:
    """Where things stand on any paper of a form, or on one that is made for its map.

    Attributes
    ----------
    items : tuple of mapping
        What the items say; their edges are left, top, right, bottom in millimetres on A3, below 0
        from the paper's right or lower edge. What flows has none: it stands in the column before.
    map_mm : tuple of float, optional
        How large the map is; the paper is then what its edges leave around it.
    """

    id: str
    label: Label
    issuer: Label
    border_mm: float
    across: bool
    items: tuple[Mapping[str, Any], ...] = field(default=())
    map_mm: tuple[float, float] | None = None

    def around(self, map_mm: tuple[float, float]) -> Sheet:
        """Return the sheet whose map has a size, on the paper that this needs."""
        edges = next(item["edges"] for item in self.items if item["kind"] == "map")
        left, top, right, bottom = map(float, edges)
        size = (map_mm[0] + left - right, map_mm[1] + top - bottom)
        made = replace(self, across=size[0] > size[1]).on(Paper(self.id, size, 1.0))
        if map_mm == self.map_mm:
            return replace(made, id=self.id, label=self.label)
        words = f"{map_mm[0]:g}x{map_mm[1]:g}"
        label = {lang: f"{name} {words} mm" for lang, name in self.label.items()}
        return replace(made, id=f"{self.id}-{words}", label=label)

    def on(self, paper: Paper) -> Sheet:
        """Return the sheet that this is on a paper."""
        width, height = sorted(paper.size_mm, reverse=self.across)
        k = paper.furniture
        return Sheet(
            f"{paper.id}-{self.id}",
            {lang: f"{paper.id.upper()} {words}" for lang, words in self.label.items()},
            (width, height),
            self.issuer,
            self.border_mm * k,
            k,
            _all_placed(self.items, (width, height), k),
        )


def sheet(sheet_id: str) -> Sheet:
    """Return a sheet by its paper and form, such as ``a3-landscape`` or ``500x700``.

    Raises
    ------
    UsageError
        If there is none of this name; names those there are.
    DictionaryError
        If a file of ``resources/sheets`` does not load.
    """
    if (size := _CUSTOM.fullmatch(sheet_id)) is not None:
        return custom_sheet(float(size[1]), float(size[2]))
    made = _fixed_sheet(sheet_id)
    if made is not None:
        return made
    paper, _dash, form = sheet_id.partition("-")
    if paper not in papers() or form not in templates():
        message = _("There is no sheet {name}. Known: {known}, and WIDTHxHEIGHT in mm")
        raise UsageError(message.format(name=sheet_id, known=", ".join(sheet_ids())))
    return templates()[form].on(papers()[paper])


def _fixed_sheet(sheet_id: str) -> Sheet | None:
    """Return a sheet of a form that has a map of a certain size, or as ``standard-500x400``."""
    size = _FIXED.fullmatch(sheet_id)
    form = fixed_templates().get(size[1] if size else sheet_id)
    if form is None or form.map_mm is None:
        return None
    wanted = (float(size[2]), float(size[3])) if size else form.map_mm
    _check_sides(*wanted)
    made = form.around(wanted)
    if any(min(item.box.width, item.box.height) <= 0 for item in made.items):
        message = _(
            "Around a map of {width:g} × {height:g} mm this form has no room: make it larger."
        )
        raise UsageError(message.format(width=wanted[0], height=wanted[1]))
    return made


def custom_sheet(width_mm: float, height_mm: float) -> Sheet:
    """Return a sheet of a size of its own: across if it is wider than high.

    Raises
    ------
    UsageError
        If a side is no length that a map can be printed on.
    """
    _check_sides(width_mm, height_mm)
    known = sorted((min(paper.size_mm), paper.furniture) for paper in papers().values())
    shorts, factors = zip(*known, strict=True)
    short = min(width_mm, height_mm)
    # Paper smaller than all known has smaller letters still, so that nothing covers anything.
    furniture = float(np.interp(short, shorts, factors)) * min(1.0, short / shorts[0])
    name = f"{width_mm:g}x{height_mm:g}"
    form = "landscape" if width_mm > height_mm else "portrait"
    made = templates()[form].on(Paper(name, (width_mm, height_mm), furniture))
    return replace(made, id=name, label=dict.fromkeys(made.label, f"{name} mm"))


def _check_sides(*sides_mm: float) -> None:
    if not all(_SHORTEST_MM <= side <= _LONGEST_MM for side in sides_mm):
        message = _("A sheet's sides are {low:g} to {high:g} mm.")
        raise UsageError(message.format(low=_SHORTEST_MM, high=_LONGEST_MM))


def sheet_ids() -> tuple[str, ...]:
    """Return the names of all sheets, the largest paper first, then those of a map of its own."""
    return (*(f"{paper}-{form}" for paper in papers() for form in templates()), *fixed_templates())


@cache
def papers() -> Mapping[str, Paper]:
    """Return the sizes of paper of ``resources/papers.toml`` by name."""
    path = paths.resources() / "papers.toml"
    found = {}
    for raw in cast("list[dict[str, Any]]", read_toml(path).get("paper", [])):
        width, height = _numbers(path, "size_mm", raw.get("size_mm"), 2)
        (factor,) = _numbers(path, "furniture", [raw.get("furniture")], 1)
        found[str(raw["id"])] = Paper(str(raw["id"]), (width, height), factor)
    return found


def templates() -> Mapping[str, Template]:
    """Return the forms of ``resources/sheets`` that any paper can have, by name."""
    return {name: form for name, form in _all_templates().items() if form.map_mm is None}


def fixed_templates() -> Mapping[str, Template]:
    """Return the forms whose paper is made for their map, by name."""
    return {name: form for name, form in _all_templates().items() if form.map_mm is not None}


@cache
def _all_templates() -> Mapping[str, Template]:
    files = sorted((paths.resources() / "sheets").glob("*.toml"))
    return {path.stem: load_template(path) for path in files}


def load_template(path: Path) -> Template:
    """Read one form of sheet; DictionaryError names file and key."""
    raw: dict[str, Any] = dict(read_toml(path))
    items = raw.pop("item", None)
    size = raw.pop("map_mm", None)
    needed = {"id", "label", "issuer", "border_mm", "across"}
    for key in sorted(needed ^ set(raw)):
        raise DictionaryError(f"{path.name}: {key}: missing or unknown")
    if raw["id"] != path.stem:
        raise DictionaryError(f"{path.name}: id: {raw['id']!r} is not the file's name")
    for key in ("label", "issuer"):
        _check_label(path, key, raw[key])
    if not isinstance(raw["across"], bool):
        raise DictionaryError(f"{path.name}: across: {raw['across']!r} is not true or false")
    (raw["border_mm"],) = _numbers(path, "border_mm", [raw["border_mm"]], 1)
    if not isinstance(items, list):
        raise DictionaryError(f"{path.name}: item: missing")
    if size is not None:
        width, height = _numbers(path, "map_mm", size, 2, least=_SHORTEST_MM)
        size = (width, height)
    made = Template(**raw, items=tuple(_numbered(path, items)), map_mm=size)
    if sum(item["kind"] == "map" for item in made.items) != 1:
        raise DictionaryError(f"{path.name}: item: needs one map")
    _check_room(path, made)
    return made


def _check_room(path: Path, form: Template) -> None:
    small, large = Paper("a4", (210.0, 297.0), 0.8), Paper("a0", (841.0, 1189.0), 2.0)
    made = [form.on(small), form.on(large)] if form.map_mm is None else [form.around(form.map_mm)]
    for sheet_made in made:
        for item in sheet_made.items:
            if item.box.width <= 0 or item.box.height <= 0:
                where = f"{path.name}: {item.id}: edges"
                raise DictionaryError(f"{where}: has no room on {sheet_made.id}")


def _numbered(path: Path, items: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the items of a form, each with an id of its own."""
    known = {entry.name for entry in fields(SheetItem)} - {"box", "id"} | {"edges"}
    found: list[dict[str, Any]] = []
    for raw in items:
        kind = raw.get("kind")
        if kind not in ITEM_KINDS:
            raise DictionaryError(f"{path.name}: item: kind: {kind!r} is unknown")
        for key in raw:
            if key not in known:
                raise DictionaryError(f"{path.name}: {kind}: {key}: unknown key")
        if raw.get("flow"):
            if "edges" in raw or raw["flow"] not in get_args(Flow):
                raise DictionaryError(f"{path.name}: {kind}: flow: start or end, without edges")
            if all(item["kind"] != "column" for item in found):
                raise DictionaryError(f"{path.name}: {kind}: flow: stands in no column")
        else:
            _numbers(path, f"{kind}: edges", raw.get("edges"), 4, least=-math.inf)
        before = sum(item["kind"] == kind for item in found)
        if before and kind not in MANY:
            raise DictionaryError(f"{path.name}: {kind}: stands there twice")
        found.append({**raw, "id": f"{kind}-{before + 1}" if before else kind})
    return found


def _all_placed(
    items: Iterable[Mapping[str, Any]], paper_mm: tuple[float, float], k: float
) -> tuple[SheetItem, ...]:
    """Return the items on a paper; what flows has its column's box until it is arranged."""
    placed: list[SheetItem] = []
    column = Box(0, 0, 0, 0)
    for raw in items:
        box = column if raw.get("flow") else _edged(raw["edges"], paper_mm, k)
        rest = {key: value for key, value in raw.items() if key != "edges"}
        size = k * float(rest.pop("size_mm", 0.0))
        placed.append(SheetItem(**rest, size_mm=size, box=box))
        column = box if raw["kind"] == "column" else column
    return tuple(placed)


def _edged(edges: Iterable[float], paper_mm: tuple[float, float], k: float) -> Box:
    left, top, right, bottom = (
        k * edge if edge >= 0 else side + k * edge
        for edge, side in zip(edges, 2 * paper_mm, strict=True)
    )
    return Box(left, top, right - left, bottom - top)


def _check_label(path: Path, key: str, value: object) -> None:
    if not isinstance(value, dict) or not {"en", "zh_CN"} <= set(value):
        raise DictionaryError(f"{path.name}: {key}: has not both en and zh_CN")


def _numbers(
    path: Path, key: str, value: object, count: int, *, least: float = 0.0
) -> tuple[float, ...]:
    if (
        not isinstance(value, list)
        or len(value) != count
        or not all(isinstance(item, int | float) and item >= least for item in value)
    ):
        raise DictionaryError(f"{path.name}: {key}: {value!r} is not {count} lengths in mm")
    return tuple(float(item) for item in cast("list[float]", value))
