"""One layer of a file that came back, read as what was given away knows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import linking, marks, places, records, usable
from hjgis.exchange.coordinates import exchanged
from hjgis.exchange.differences import LayerUpdate
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.held import Held, tell
from hjgis.exchange.mapping import columns_for
from hjgis.exchange.matching import Incoming, same_shape
from hjgis.exchange.profiles import Column
from hjgis.exchange.report import Problems
from hjgis.exchange.returned import three_way
from hjgis.exchange.sources import read_layer
from hjgis.exchange.updating import File
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType
from hjgis.models.attachments import LAYER as ATTACHMENTS
from hjgis.models.crs import Crs, Transform
from hjgis.models.reading import LayerTable
from hjgis.progress import Progress

_UUID: Final = re.compile(r"\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
_IDENTITY: Final = "uuid"
# Files whose places are columns.
TABLES: Final = (".csv", ".xlsx")
# Half of a column's first values being identities make it the one of identities.
_LOOKED_AT: Final = 200
# What programs add of their own to every table.
_BESIDE: Final = ("fid", "ogc_fid", "objectid", "fid_1", "shape_leng", "shape_area")
_SOURCE: Final = ("source_file", "source_row")
# What follows from a photo's content, which goes out without what the camera wrote.
_CONTENT: Final = ("sha256", "size_bytes")
# Fields that hold the identity of another feature.
_LINKS: Final = ("from_node", "to_node", "asset_uuid")
# So many places tell whether the coordinates are in the system that they are said to be in.
_SAMPLE: Final = 1000
_SURE: Final = 3
_NEAR_M: Final = 1.0
# Nobody moves nearly all features farther than this: then the system is another one.
_AWAY_M: Final = 10.0
_NEARLY_ALL: Final = 0.9


@dataclass(frozen=True, slots=True)
class Terms:
    """How a layer was given away.

    Attributes
    ----------
    crs : Crs
        System of the coordinates.
    told_crs : Crs or None
        The system that they came back in, where somebody says so.
    encoding : str
        Of the texts.
    fields : tuple of str
        What went out.
    names : mapping of str to str
        Column to field.
    seed : str
        Identity of the delivery.
    """

    crs: Crs
    told_crs: Crs | None
    encoding: str
    fields: tuple[str, ...]
    names: Mapping[str, str]
    seed: str


def read(
    project: Project,
    path: Path,
    inner: str | None,
    *,
    encoding: str,
    places: bool,
    progress: Progress,
) -> ForeignLayer:
    """Read a layer of a file in the encoding in which it went out, unless it says another one.

    Parameters
    ----------
    places : bool
        Whether a table that holds coordinates holds the places themselves.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    found = _read(path, inner, encoding, places=places, progress=progress)
    return _with_identity(found, _link_columns(project))


def _read(
    path: Path,
    inner: str | None,
    encoding: str,
    *,
    places: bool,
    progress: Progress,
    axes: tuple[str, ...] = (),
) -> ForeignLayer:
    table = path.suffix.casefold() in TABLES
    asked: dict[str, Any] = {"layer": inner, "progress": progress}
    asked["spatial"] = places if table else None
    if axes:
        asked["x"], asked["y"] = axes
    try:
        found = read_layer(path, **asked)
    except InputQuestion as question:
        if question.option == "--encoding":
            with suppress(InputError):
                return read_layer(path, given_encoding=encoding, **asked)
        if not (table and places):
            raise
        if not axes and (axes := _axes(question)):
            return _read(path, inner, encoding, places=True, progress=progress, axes=axes)
        # Its columns of coordinates were renamed: the values are there all the same.
        return _read(path, inner, encoding, places=False, progress=progress)
    if found.encoding.source == "detected" and found.encoding.name != encoding:
        with suppress(InputError):
            return read_layer(path, given_encoding=encoding, **asked)
    return found


def _axes(question: InputQuestion) -> tuple[str, ...]:
    """Return the columns of east and north of a table: as we head them, or clear by themselves."""
    if set(marks.NORTH_EAST) <= {*question.candidates}:
        return marks.NORTH_EAST[::-1]
    return question.candidates[:2] if question.proposed == 2 else ()


def identities(layer: ForeignLayer) -> list[str | None]:
    """Return the identities that the records name, None where they name none."""
    return records.given_identities(layer, np.arange(len(layer)))


def laid_beside(
    project: Project,
    asset: AssetType,
    layer: ForeignLayer,
    given: LayerTable,
    terms: Terms,
    source: str,
    problems: Problems,
) -> LayerUpdate:
    """Return what was changed in a layer since it was given away.

    Parameters
    ----------
    given : LayerTable
        What was given away, with all its fields.
    source : str
        Name of the file.
    problems : Problems
        What is odd, of records that were changed or are new alone.

    Raises
    ------
    InputQuestion
        If the places are in no system that anything speaks for.
    """
    for warning in layer.warnings:
        problems.add(None, None, "warning", warning)
    held = Held()
    columns = _columns(asset, layer, given, terms, problems)
    layer, transform = _placed(project, asset, layer, given, terms, problems)
    kept, shapes, lost = _shapes(asset, layer, transform, held)
    values, refused = records.values_of(project, asset, layer, columns, kept, held)
    told = set(values)
    records.fill_source(asset, source, kept, values)
    if asset.ends_on and (layer.spatial or "from_node" in values):
        linking.link_ends(project, asset, values, shapes, kept, held)
    uuids = _once(records.given_identities(layer, kept), shapes, given, kept, problems)
    incoming = Incoming(
        kept, shapes, values, uuids, refused, usable.tolerance_m(transform),
        frozenset(values) - told,
    )  # fmt: skip
    file = File(source, layer.encoding.name, lost, terms.encoding, layer.spatial)
    _uuids, update = three_way(project, asset, incoming, given, file, problems, seed=terms.seed)
    tell(project, asset, held, columns, incoming, given, update, problems)
    if len(incoming) and not any(uuids):
        words = _("no record names an identity: {count} of {all} are matched by number and place")
        said = words.format(count=update.matched, all=len(incoming))
        problems.add(None, None, "no-identity", said)
    return update


# -- columns -------------------------------------------------------------------------------


def _link_columns(project: Project) -> set[str]:
    """Return the columns that hold identities of other features."""
    fields = (field for asset in project.types.values() for field in asset.fields)
    return {
        name.casefold() for one in fields if one.name in _LINKS for name in (one.name, one.short)
    }


def _with_identity(layer: ForeignLayer, links: Collection[str]) -> ForeignLayer:
    """Return a layer whose column of identities is called so, whatever it was renamed to."""
    named = next((name for name in layer.columns if name.casefold() == _IDENTITY), None)
    others = [name for name in layer.columns if name.casefold() not in links]
    name = named or next((name for name in others if _holds_identities(layer, name)), None)
    if name is None:
        return layer
    column = np.array(
        [None if value is None else str(value).strip("{} ") for value in layer.columns[name]],
        dtype=object,
    )
    columns = {(_IDENTITY if key == name else key): value for key, value in layer.columns.items()}
    said = _("the identities stand in the column {name}").format(name=name)
    warnings = layer.warnings if named else (*layer.warnings, said)
    return replace(layer, columns={**columns, _IDENTITY: column}, warnings=warnings)


def _holds_identities(layer: ForeignLayer, name: str) -> bool:
    """Whether the first texts of a column are identities, most of them."""
    held = [value for value in layer.columns[name].tolist() if isinstance(value, str) and value]
    some = held[:_LOOKED_AT]
    return 2 * sum(_UUID.fullmatch(value.strip()) is not None for value in some) > len(some)


def _columns(
    asset: AssetType, layer: ForeignLayer, given: LayerTable, terms: Terms, problems: Problems
) -> dict[str, Column]:
    """Return how the columns are taken; what went out and is not there is listed."""
    present = {name.casefold(): name for name in layer.columns}
    told = {
        present[name.casefold()]: field
        for name, field in terms.names.items()
        if name.casefold() in present and asset.has(field)
    }
    beside = {*_SOURCE, *(_CONTENT if asset.id == ATTACHMENTS else ())}
    wanted = {*terms.fields} - beside
    columns = {
        name: column
        for name, column in columns_for(asset, layer.columns, told).items()
        if column.field in wanted and name != _IDENTITY
    }
    others = [
        name
        for name in layer.columns
        if name not in columns and name.casefold() not in {*_BESIDE, _IDENTITY}
        and not marks.is_heading(name, terms.crs)
        and told.get(name) not in beside
    ]  # fmt: skip
    unknown = {name: column for name, column in layer.columns.items() if name in others}
    records.note_unmapped(replace(layer, columns=unknown), {}, problems)
    known = {column.field for column in columns.values()}
    for name in [name for name in terms.fields if name in wanted - known]:
        # What nothing was ever known of may not have gone out, unless a column has its place.
        if others or any(value is not None for value in given.columns[name]):
            words = _("the column of {field} is not in the file: nothing is known of it")
            said = words.format(field=label(asset.field(name).label))
            if others:
                more = _("(columns that did not go out: {names})")
                said = f"{said} {more.format(names=', '.join(others))}"
            problems.add(None, name, "column-gone", said)
    return columns


# -- places --------------------------------------------------------------------------------


def _placed(
    project: Project,
    asset: AssetType,
    layer: ForeignLayer,
    given: LayerTable,
    terms: Terms,
    problems: Problems,
) -> tuple[ForeignLayer, Transform]:
    """Return the layer and the way to the project's system, as the known features tell it."""
    if not (asset.is_spatial and layer.spatial):
        return layer, Transform(project.crs, project.crs)
    said = layer.crs.horizontal if layer.crs is not None else terms.crs
    systems = [terms.told_crs] if terms.told_crs is not None else [said, terms.crs]
    ways = [
        (system, turned, _way(project, system)) for turned in (False, True) for system in systems
    ]
    ours, theirs = _spots(layer, given)
    if not len(ours):
        return layer, ways[0][2]
    away_m = [_away_m(ours, theirs[:, ::-1] if turned else theirs, w) for _s, turned, w in ways]
    medians = [float(np.median(one)) for one in away_m]
    best = next((i for i, one in enumerate(medians) if one < _NEAR_M), int(np.argmin(medians)))
    share = float(np.mean(away_m[best] > _AWAY_M))
    if share > _NEARLY_ALL and len(ours) >= _SURE:
        if terms.told_crs is None:
            raise _lost(layer, terms, share, medians[best])
        best = 0
    system, turned, way = ways[best]
    if turned:
        problems.add(None, None, "swapped", _("x and y were exchanged; they are put right"))
        layer = exchanged(layer)
    elif terms.told_crs is None and (medians[0] < _NEAR_M) != (medians[1] < _NEAR_M):
        words = (
            _("went out in {crs} and came back in {said}; transformed")
            if system is said
            else _("the file says {said}, but its coordinates are in {crs} as they went out")
        )
        problems.add(None, None, "crs", words.format(said=said.called, crs=terms.crs.called))
    return layer, way


def _lost(layer: ForeignLayer, terms: Terms, share: float, metres: float) -> InputQuestion:
    words = _(
        "{file}: {share:.0%} of the known features lie elsewhere, by {metres:.0f} m in the"
        " middle. It went out in {crs}; the coordinates that came back are in another system."
        " Have it returned as it went out, or say which one it is."
    )
    said = words.format(file=layer.name, share=share, metres=metres, crs=terms.crs.called)
    return InputQuestion(said, "--crs", (terms.crs.text,))


def _way(project: Project, system: Crs) -> Transform:
    return places.transform_to(project.crs, system, accept_ballpark=True)


def _spots(
    layer: ForeignLayer, given: LayerTable
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where some known features were given away and where they are in the file."""
    assert given.geometry is not None
    here = {uuid: place for place, uuid in enumerate(given.uuids.tolist())}
    pairs = [
        (here[uuid], record)
        for record, uuid in enumerate(identities(layer))
        if uuid is not None and uuid in here
    ]
    some = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    ours, theirs = given.geometry[some[:, 0]], layer.geometry[some[:, 1]]
    bare = [shapely.is_missing(shapes) | shapely.is_empty(shapes) for shapes in (ours, theirs)]
    there = np.flatnonzero(~(bare[0] | bare[1]))
    there = there[:: max(1, len(there) // _SAMPLE)]
    centres = [shapely.centroid(shapes[there]) for shapes in (ours, theirs)]
    return shapely.get_coordinates(centres[0]), shapely.get_coordinates(centres[1])


def _away_m(
    ours: NDArray[np.float64], theirs: NDArray[np.float64], way: Transform
) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        moved = np.column_stack(way.points(theirs[:, 0], theirs[:, 1]))
        away_m: NDArray[np.float64] = np.hypot(*(moved - ours).T)
    return np.where(np.isfinite(away_m), away_m, np.inf)


def _shapes(
    asset: AssetType, layer: ForeignLayer, transform: Transform, problems: Problems
) -> tuple[NDArray[np.intp], NDArray[np.object_], set[str]]:
    """Return records and their places, None where none is there, and who cannot be taken."""
    if not (asset.is_spatial and layer.spatial):
        nothing = np.full(len(layer), None, dtype=object)
        return np.arange(len(layer)), nothing, set()
    blank = shapely.is_missing(layer.geometry) & ~layer.unreadable
    placed = np.flatnonzero(~blank)
    kept, shapes = usable.records(layer, asset, transform, problems, among=placed)
    every = np.union1d(kept, np.flatnonzero(blank))
    result = np.full(len(every), None, dtype=object)
    result[np.searchsorted(every, kept)] = shapes
    out = np.setdiff1d(placed, kept)
    lost = {uuid for uuid in records.given_identities(layer, out) if uuid is not None}
    return every, result, lost


# -- identities and what is told -------------------------------------------------------------


def _once(
    uuids: Sequence[str | None],
    shapes: NDArray[np.object_],
    given: LayerTable,
    kept: NDArray[np.intp],
    problems: Problems,
) -> list[str | None]:
    """Let each identity be named once: by the record that lies where it was given away."""
    result = list(uuids)
    twice = {uuid for uuid, count in Counter(uuids).items() if uuid is not None and count > 1}
    here = {uuid: place for place, uuid in enumerate(given.uuids.tolist()) if uuid in twice}
    for uuid in twice:
        mine = [record for record, one in enumerate(uuids) if one == uuid]
        assert given.geometry is not None
        was = given.geometry[here[uuid]] if uuid in here else None
        first = next((i for i in mine if same_shape(was, shapes[i], _NEAR_M)), mine[0])
        for record in mine:
            if record != first:
                result[record] = None
                words = _(
                    "the identity {uuid} is named {count} times; this is a copy, so it is new"
                )
                said = words.format(uuid=uuid, count=len(mine))
                problems.add(int(kept[record]) + 1, _IDENTITY, "duplicate-id", said)
    return result
