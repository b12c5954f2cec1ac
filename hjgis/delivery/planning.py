"""What a delivery will hold, what stays here and why, and what gets lost; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from hjgis.delivery.cover import covered_km2
from hjgis.delivery.keeping_back import (
    Released,
    Withheld,
    released,
    released_records,
    withheld_fields,
)
from hjgis.errors import HjgisError, UsageError
from hjgis.exchange import exporting
from hjgis.exchange.outgoing import Format, Selection, Writing
from hjgis.exchange.report import LayerExport
from hjgis.i18n import _
from hjgis.layers import querying
from hjgis.layers.deliveries import State
from hjgis.layers.project import Project
from hjgis.models import secrecy, themes
from hjgis.models.assets import RECORD_OF, AssetType
from hjgis.models.attachments import LAYER as ATTACHMENTS
from hjgis.models.changes import Extent
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.deliveries import PARTS, Order
from hjgis.models.delivery_rules import Contractor, delivery_rules
from hjgis.models.own_themes import read_themes, theme_named
from hjgis.models.query import Query
from hjgis.progress import SILENT, Progress

FORMATS: Final[tuple[Format, ...]] = ("shp", "dxf", "xlsx", "gpkg", "geojson", "kml", "csv")
_KM2: Final = 1e6


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """A delivery that may be made.

    Attributes
    ----------
    order : Order
        With all that was left to the program filled in: layers, secrecy.
    selection : Selection
        Rows and fields that go out.
    withheld : tuple of Withheld
        What stays here, and why.
    area_km2, patch_km2 : float
        What the features cover together, and the largest continuous part of it.
    secrecy : str
        Code of the level that everything is marked with.
    levels : mapping of str to str
        The level of what goes out of each layer.
    state : State
        What the project held when this was worked out.
    place : str
        Which part of the project it is, in words; empty: all of it.
    extent : Extent, optional
        Box of that part, project CRS; None: all of it.
    warnings : tuple of str
        What whoever delivers should know.
    foreseen : mapping of str to tuple of LayerExport
        By format: names, counts and losses.
    """

    order: Order
    selection: Selection
    withheld: tuple[Withheld, ...]
    area_km2: float
    patch_km2: float
    secrecy: str
    levels: Mapping[str, str]
    state: State
    place: str = ""
    extent: Extent | None = None
    warnings: tuple[str, ...] = ()
    foreseen: Mapping[str, tuple[LayerExport, ...]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """How many features go out, by layer."""
        return {layer: len(fids) for layer, fids in self.selection.rows.items()}

    @property
    def losses(self) -> int:
        """How many values some format cannot hold as they are."""
        return sum(len(layer.losses) for layers in self.foreseen.values() for layer in layers)


def plan(
    project: Project,
    order: Order,
    *,
    area: BaseGeometry | None = None,
    rows: Mapping[str, NDArray[np.int64]] | None = None,
    query: Query | None = None,
    progress: Progress = SILENT,
) -> Planned:
    """Work out what may go out and what becomes of it.

    Parameters
    ----------
    order : Order
        Without layers: all kinds that hold something, photos only where they are a part.
    area : polygon, optional
        Project CRS; features that meet it go out whole, and records with their features.
    rows : mapping of str to array of int64, optional
        Only these rows, by layer.
    query : Query, optional
        Only what it finds, so only its layer, and records of that.

    Raises
    ------
    UsageError
        If something in the order is unknown, missing, or lower in secrecy than what it is about.
    HjgisError
        If nothing is left to go out, or more ground than may without an approval.
    Cancelled
        If `progress` says so.
    """
    order = _checked(project, order, query)
    _check_area(area)
    with project.store.snapshot():
        parts = _released(project, order, area, rows, query, progress)
        withheld = [entry for part in parts.values() for entry in part.withheld]
        chosen = {layer: part.fids for layer, part in parts.items() if len(part.fids)}
        if not chosen:
            raise HjgisError(_nothing(project, withheld))
        fields, kept_back = _fields(project, order, chosen)
        levels = {layer: parts[layer].level for layer in chosen}
        level = _level(project, order, [*levels.values()])
        progress.report(0, 1, "area")
        area_km2, patch_km2 = _cover(project, chosen)
        _check_cover(order, patch_km2)
        planned = Planned(
            order=replace(order, layers=tuple(chosen), secrecy=level),
            selection=Selection(chosen, fields),
            withheld=(*withheld, *kept_back),
            area_km2=area_km2,
            patch_km2=patch_km2,
            secrecy=level,
            levels=levels,
            place=_place(area, rows, query),
            extent=None if area is None else _box(area),
            state=project.deliveries.state(),
        )
        return replace(
            planned,
            warnings=_warnings(project, planned),
            foreseen=_foreseen(project, planned, progress),
        )


def writing(project: Project, order: Order, format_: str) -> Writing:
    """Return how one of `FORMATS` is written for an order; KML is always in degrees."""
    known = FORMATS[FORMATS.index(cast("Format", format_))]
    given = None if known == "kml" else order.crs
    crs = exporting.target_crs(project, known, given)
    return Writing(
        known,
        crs,
        order.encoding,
        order.drawing,
        order.substitute,
        in_house=False,
        symbols="symbols" in order.parts,
    )


# -- the order -----------------------------------------------------------------------------


def _checked(project: Project, order: Order, query: Query | None) -> Order:
    """Return the order with its layers; refuse what makes no sense."""
    if not order.recipient.strip() or not order.purpose.strip():
        raise UsageError(_("Say who gets the data and what for: both stand in the register."))
    _known(order.formats, FORMATS, _("There is no format {name}. There are: {names}."))
    _known(order.parts, PARTS, _("There is no part {name}. There are: {names}."))
    if not order.formats:
        raise UsageError(_("Choose at least one format."))
    _known(order.layers, project.types, _("There is no layer {name}. There are: {names}."))
    wrong = [layer for layer in order.fields if layer not in project.types]
    _known(wrong, project.types, _("There is no layer {name}. There are: {names}."))
    for layer, names in order.fields.items():
        asset = project.asset_type(layer)
        words = _("{layer} has no field {name}. It has: {names}.")
        _known(names, asset.field_names, words.replace("{layer}", layer))
    trades = [one.id for one in delivery_rules().contractors]
    given = (order.contractor,) if order.contractor else ()
    _known(given, trades, _("There is no trade {name}. There are: {names}."))
    if order.theme:
        theme_named(order.theme, read_themes(project.info(themes.FACT)))
    return replace(order, layers=_layers(project, order, query))


def _known(names: Sequence[str], known: Sequence[str] | Mapping[str, object], words: str) -> None:
    unknown = next((name for name in names if name not in known), None)
    if unknown is not None:
        raise UsageError(words.format(name=unknown, names=", ".join(known)))


def _layers(project: Project, order: Order, query: Query | None) -> tuple[str, ...]:
    """Return the layers in the project's order, records last."""
    wanted = set(order.layers)
    if query is not None:
        records = {name for name in wanted if project.asset_type(name).is_record}
        wanted = {query.layer, *records}
    elif not wanted:
        left_out = () if "photos" in order.parts else (ATTACHMENTS,)
        trade = _trade(order)
        kinds = project.types if trade is None else trade.kinds
        wanted = {name for name in kinds if name not in left_out}
    held = [name for name in project.types if name in wanted]
    return tuple(sorted(held, key=lambda name: project.asset_type(name).is_record))


def _trade(order: Order) -> Contractor | None:
    contractors = delivery_rules().contractors
    return next((one for one in contractors if one.id == order.contractor), None)


def _check_area(area: BaseGeometry | None) -> None:
    if area is None:
        return
    if area.geom_type not in ("Polygon", "MultiPolygon") or area.is_empty or not area.area > 0:
        raise UsageError(_("The area to deliver is no polygon, or an empty one."))
    if not area.is_valid:
        raise UsageError(_("The outline of the area to deliver crosses itself."))


# -- rows ----------------------------------------------------------------------------------


def _released(
    project: Project,
    order: Order,
    area: BaseGeometry | None,
    rows: Mapping[str, NDArray[np.int64]] | None,
    query: Query | None,
    progress: Progress,
) -> dict[str, Released]:
    """Return by layer what is wanted and may go out."""
    parts: dict[str, Released] = {}
    going: dict[str, NDArray[np.object_]] = {}
    with_records = any(project.asset_type(layer).is_record for layer in order.layers)
    for number, layer in enumerate(order.layers):
        progress.report(number, len(order.layers), layer)
        progress.check()
        asset = project.asset_type(layer)
        fids = project.store.fids(layer)
        if asset.is_record:
            of = going or _may_have_records(project, layer, fids)
            parts[layer] = released_records(project, layer, fids, of)
            continue
        if query is not None and layer == query.layer:
            fids = np.sort(querying.rows(project, query, progress=progress))
        if rows is not None:
            fids = np.intersect1d(fids, rows.get(layer, np.empty(0, np.int64)))
        if area is not None:
            fids = np.intersect1d(fids, _meeting(project, asset, area))
        parts[layer] = released(project, layer, fids)
        if with_records:
            kept = parts[layer].fids.tolist()
            going[layer] = project.table(layer, (), fids=kept, geometry=False).uuids
    return parts


def _may_have_records(
    project: Project, layer: str, fids: NDArray[np.int64]
) -> dict[str, NDArray[np.object_]]:
    """Return the features that may go out, of the layers that records belong to."""
    columns = project.store.columns(layer, RECORD_OF[:1], fids=fids, geometry=False)
    found = {}
    for name in map(str, columns.texts[RECORD_OF[0]].values):
        if name in project.types:
            kept = released(project, name, project.store.fids(name)).fids
            found[name] = project.table(name, (), fids=kept.tolist(), geometry=False).uuids
    return found


def _meeting(project: Project, asset: AssetType, area: BaseGeometry) -> NDArray[np.int64]:
    """Return the features that meet an area; a table without places has none there."""
    if not asset.is_spatial:
        return np.empty(0, np.int64)
    table = project.table(asset.id, (), extent=_box(area))
    assert table.geometry is not None
    shapely.prepare(area)
    met: NDArray[np.bool_] = shapely.intersects(area, table.geometry)
    return table.fids[met]


def _box(area: BaseGeometry) -> Extent:
    x_min, y_min, x_max, y_max = map(float, area.bounds)
    return x_min, y_min, x_max, y_max


def _nothing(project: Project, withheld: Sequence[Withheld]) -> str:
    words = [_("There is nothing to deliver: no feature of the chosen layers is chosen.")]
    if withheld:
        words = [_("There is nothing to deliver: all that is chosen must stay here.")]
        words += [entry.said(project.asset_type(entry.layer)) for entry in withheld]
    return "\n".join(words)


# -- fields and secrecy --------------------------------------------------------------------


def _fields(
    project: Project, order: Order, chosen: Mapping[str, NDArray[np.int64]]
) -> tuple[dict[str, tuple[str, ...]], list[Withheld]]:
    """Return the fields that go out of each layer, and those that are kept back."""
    rules, fields, trade = delivery_rules(), {}, _trade(order)
    kept_back: list[Withheld] = []
    for layer, fids in chosen.items():
        asset = project.asset_type(layer)
        wanted = _wanted(asset, order, trade)
        allowed = [entry.name for entry in asset.fields if rules.never(entry) is None]
        fields[layer] = tuple(name for name in allowed if name in wanted)
        kept_back += [
            entry for entry in withheld_fields(project, asset, fids) if entry.field in wanted
        ]
    return fields, kept_back


def _wanted(asset: AssetType, order: Order, trade: Contractor | None) -> set[str]:
    if asset.id in order.fields:
        wanted = set(order.fields[asset.id])
    elif trade is not None and asset.id in trade.kinds:
        wanted = set(trade.fields(asset))
    else:
        wanted = set(asset.field_names)
    # A record that does not say whose it is says nothing, nor a photo's that does not name it.
    named = set(RECORD_OF) if asset.is_record else set()
    return wanted | named | ({"sha256"} if asset.id == ATTACHMENTS else set())


def _level(project: Project, order: Order, levels: Sequence[str]) -> str:
    """Return the level of a delivery: the one stated, unless its content is higher."""
    stated = secrecy.stated_level(project.catalogue, project.info("secrecy"))
    content = max([*levels, stated or secrecy.LEVELS[0]], key=secrecy.rank)
    if not order.secrecy:
        return content
    given = secrecy.stated_level(project.catalogue, order.secrecy)
    if given is None:
        message = _("There is no secrecy {name}. There are: {names}.")
        names = ", ".join(secrecy.LEVELS)
        raise UsageError(message.format(name=order.secrecy, names=names))
    if secrecy.rank(given) < secrecy.rank(content):
        message = _("What is chosen is {content}, so it cannot be delivered as {given}.")
        raise UsageError(message.format(content=content, given=given))
    return given


# -- ground --------------------------------------------------------------------------------


def _cover(project: Project, chosen: Mapping[str, NDArray[np.int64]]) -> tuple[float, float]:
    rule = delivery_rules().area
    counted = [
        layer
        for layer in chosen
        if project.asset_type(layer).is_spatial and layer not in rule.not_counted
    ]
    shapes = (
        shape
        for layer in counted
        if (shape := project.table(layer, (), fids=chosen[layer].tolist()).geometry) is not None
    )
    return covered_km2(shapes, rule.cell_m)


def _check_cover(order: Order, patch_km2: float) -> None:
    limit = delivery_rules().area.limit_km2
    if patch_km2 > limit and not order.approved.strip():
        message = _(
            "This covers {area:.1f} km² in one piece; maps of more than {limit:g} km² are state"
            " secrets. Deliver a smaller area, or name who approved it; the name is entered in"
            " the register."
        )
        raise HjgisError(message.format(area=patch_km2, limit=limit))


def _place(
    area: BaseGeometry | None, rows: Mapping[str, object] | None, query: Query | None
) -> str:
    words = []
    if query is not None:
        words.append(_("what a query found"))
    if rows is not None:
        words.append(_("what was selected"))
    if area is not None:
        box = ", ".join(f"{value:.0f}" for value in area.bounds)
        message = _("an area of {area:.2f} km² within {box}: features that meet it, whole")
        words.append(message.format(area=area.area / _KM2, box=box))
    return "; ".join(words)


def _warnings(project: Project, planned: Planned) -> tuple[str, ...]:
    limit, order = delivery_rules().area.limit_km2, planned.order
    found = []
    if planned.patch_km2 > limit:
        message = _("{area:.1f} km² in one piece, over {limit:g} km²: approved by {who}.")
        found.append(
            message.format(area=planned.patch_km2, limit=limit, who=order.approved.strip())
        )
    if any(layer in delivery_rules().ask_first for layer in planned.selection.rows):
        found.append(_("Pipe data are secret in some places: ask the office for secrecy first."))
    if secrecy.rank(planned.secrecy) >= secrecy.rank(secrecy.SECRET):
        message = _("This is {level}: hand it out as the rules for that demand.")
        found.append(message.format(level=planned.secrecy))
    for format_ in order.formats:
        transform = Transform(project.crs, writing(project, order, format_).crs)
        if transform.ballpark:
            message = _("{format}: places may be off by metres, {how}")
            found.append(message.format(format=format_, how=transform.description))
    if "dxf" in order.formats and order.crs and parse_crs(order.crs).is_geographic:
        message = _("The drawing is in metres, {crs}: no CAD program measures in degrees.")
        found.append(message.format(crs=project.crs.called))
    if project.is_sample:
        found.append(_("Synthetic sample data, not for use."))
    return tuple(found)


def _foreseen(
    project: Project, planned: Planned, progress: Progress
) -> dict[str, tuple[LayerExport, ...]]:
    return {
        format_: tuple(
            exporting.foresee(
                project,
                planned.selection,
                writing(project, planned.order, format_),
                progress=progress,
            )
        )
        for format_ in FORMATS
        if format_ in planned.order.formats
    }
