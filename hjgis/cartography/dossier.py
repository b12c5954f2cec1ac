"""One asset, one file: what is known of an asset, gathered to be put on paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.cartography.well import WellSection, well_section
from hjgis.i18n import _, label
from hjgis.layers.journal import Entry
from hjgis.layers.project import Project
from hjgis.models import attachments, unknown
from hjgis.models.assets import AssetType, Field
from hjgis.models.attachments import is_picture
from hjgis.models.changes import Extent, Feature, FeatureKey
from hjgis.models.identifiers import convert
from hjgis.models.naming import number_of
from hjgis.models.records import LAYER, in_order
from hjgis.models.validation import display, is_missing
from hjgis.models.wording import describe_change

_CHANGES: Final = 8
_MOST_PICTURES: Final = 6
# Kept by the program; what they say stands among the pipes of the drawing.
_LEFT_OUT: Final = frozenset({"from_node", "to_node", unknown.FIELD})
_RECORD_COLUMNS: Final = ("date", "kind", "finding", "measure", "state_after", "due_date", "person")
RECORD_SHARES: Final = (0.11, 0.08, 0.15, 0.25, 0.10, 0.18, 0.13)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an asset: what returns the file's bytes, and what to write below."""

    read: Callable[[], bytes]
    caption: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A name and what is known; `known` is False where nothing is stored."""

    name: str
    value: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Attributes that belong together."""

    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that the file of one asset says.

    Attributes
    ----------
    extent : tuple of float or None
        Of the asset, project CRS; None if it has no place.
    records : tuple of rows
        Latest first, cells as `record_heads`.
    """

    key: FeatureKey
    fid: int
    title: str
    name: str
    head: tuple[Cell, ...]
    extent: Extent | None
    well: WellSection | None
    groups: tuple[Group, ...]
    record_heads: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]
    history: tuple[str, ...]
    pictures: tuple[Picture, ...]
    sample: bool
    printed: str

    @property
    def entry(self) -> str:
        """Its line in the table of contents."""
        return f"{self.title}  {self.name}" if self.name else self.title


def dossier(project: Project, key: FeatureKey, *, on: dt.date) -> Dossier:
    """Gather what is known of one asset; of its photos the first six are shown.

    Parameters
    ----------
    on : date
        The day that is printed on the pages.

    Raises
    ------
    KeyError
        If there is no such feature.
    """
    feature = project.get(key)
    asset = project.asset_type(key.layer)
    place = feature.geometry
    return Dossier(
        key=key,
        fid=feature.fid or 0,
        title=_("{kind}: asset file").format(kind=label(asset.label)),
        name=_name(project, asset, feature),
        head=(*_numbers(project, asset, feature), *_place(place)),
        extent=None if place is None or place.is_empty else place.bounds,
        well=well_section(project, feature) if asset.has("well_depth_m") else None,
        groups=tuple(_groups(project, asset, feature)),
        record_heads=_record_heads(project),
        records=tuple(_records(project, key)),
        history=tuple(_history(project, key)),
        pictures=tuple(_pictures(project, key)),
        sample=project.is_sample,
        printed=on.isoformat(),
    )


def _name(project: Project, asset: AssetType, feature: Feature) -> str:
    names = ("component_name", "component_id", "road_name")
    words = [
        number_of(asset, feature.values, project.catalogue),
        *(str(feature.values[name]) for name in names if not is_missing(feature.values.get(name))),
    ]
    return "  ".join(dict.fromkeys(filter(None, words))) or feature.key.uuid[:8]


def _numbers(project: Project, asset: AssetType, feature: Feature) -> list[Cell]:
    if not asset.has("component_id"):
        return [Cell(_("Identity"), feature.key.uuid)]
    number = feature.values.get("component_id")
    words = _("Component id, 17 digits"), _("Component id, 16 digits")
    if not number:
        return [Cell(words[0], "", known=False), Cell(words[1], "", known=False)]
    result = []
    for text, scheme in zip(words, (17, 16), strict=True):
        value = str(number) if len(str(number)) == scheme else _converted(project, asset, number)
        result.append(Cell(text, value, known=bool(value)))
    return result


def _converted(project: Project, asset: AssetType, number: object) -> str:
    text = str(number)
    try:
        other = convert(text, asset, project.catalogue, 16 if len(text) == 17 else 17)
    except ValueError:
        return ""
    return other or ""


def _place(place: BaseGeometry | None) -> list[Cell]:
    if place is None or place.is_empty:
        return [Cell(_("Place"), "", known=False)]
    point = place if isinstance(place, shapely.Point) else place.representative_point()
    if shapely.get_dimensions(place) == 1:
        point = place.interpolate(0.5, normalized=True)
    return [Cell(_("X (north)"), f"{point.y:.3f} m"), Cell(_("Y (east)"), f"{point.x:.3f} m")]


def _groups(project: Project, asset: AssetType, feature: Feature) -> list[Group]:
    result = []
    for group, title in project.catalogue.groups.items():
        cells = tuple(
            _cell(project, field, feature)
            for field in asset.fields
            if field.group == group and field.name not in _LEFT_OUT
        )
        if cells:
            result.append(Group(label(title), cells))
    return result


def _cell(project: Project, field: Field, feature: Feature) -> Cell:
    value = feature.values.get(field.name)
    if is_missing(value):
        if field.name in unknown.unknown_names(feature.values):
            return Cell(label(field.label), _("unknown"))
        return Cell(label(field.label), "", known=False)
    text = display(field, value, project.catalogue)
    return Cell(label(field.label), f"{text} {field.unit}" if field.unit else text)


def _pictures(project: Project, key: FeatureKey) -> list[Picture]:
    photos = [
        one.values
        for one in project.records_of([key.uuid])
        if one.key.layer == attachments.LAYER and is_picture(one.values.get("content_type"))
    ]
    role = project.catalogue.types[attachments.LAYER].field("role")
    result = []
    for values in photos[:_MOST_PICTURES]:
        taken = str(values.get("taken_at") or "")[:10]
        words = (values.get("caption") or values.get("file_name"), taken)
        said = (
            display(role, values.get("role"), project.catalogue),
            *map(str, filter(None, words)),
        )
        read = partial(project.media.read, str(values.get("sha256")))
        result.append(Picture(read, "  ".join(part for part in said if part)))
    return result


def _record_heads(project: Project) -> tuple[str, ...]:
    asset = project.catalogue.types[LAYER]
    return tuple(label(asset.field(name).label) for name in _RECORD_COLUMNS)


def _records(project: Project, key: FeatureKey) -> list[tuple[str, ...]]:
    asset, known = project.catalogue.types[LAYER], project.catalogue
    own = [one for one in project.records_of([key.uuid]) if one.key.layer == LAYER]
    return [
        tuple(
            _due(record.values)
            if name == "due_date"
            else display(asset.field(name), record.values.get(name), known)
            for name in _RECORD_COLUMNS
        )
        for record in reversed(in_order(own))
    ]


def _due(values: Mapping[str, object]) -> str:
    due, done = values.get("due_date"), values.get("done_date")
    if done is not None:
        return _("done {date}").format(date=done)
    return str(due) if due is not None else ""


def _history(project: Project, key: FeatureKey) -> list[str]:
    entries = project.history.entries(key)
    lines = [_history_line(project, entry) for entry in entries[:_CHANGES]]
    if len(entries) > _CHANGES:
        older = len(entries) - _CHANGES
        lines.append(_("… and {count} older changes").format(count=older))
    return lines


def _history_line(project: Project, entry: Entry) -> str:
    at = dt.datetime.fromisoformat(entry.at).astimezone().strftime("%Y-%m-%d %H:%M")
    words = describe_change(entry.label, entry.params, project.catalogue)
    undone = _(" (takes back {change})").format(change=entry.undoes) if entry.undoes else ""
    return f"{at}   {entry.operator or entry.source}   {words}{undone}"
