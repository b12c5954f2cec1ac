"""Import: a foreign layer becomes one change, and every record is accounted for."""

from __future__ import annotations

import re
import uuid as uuid_module
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.errors import InputError, UsageError
from hjgis.exchange import linking, places
from hjgis.exchange.mapping import Column, columns_for
from hjgis.exchange.report import ImportReport, Problems
from hjgis.exchange.sources import ForeignLayer, read_layer
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field, Value
from hjgis.models.changes import BulkInsert, ChangeSet, new_uuids
from hjgis.models.crs import Transform
from hjgis.models.geometry import fitted
from hjgis.models.validation import BadValue, coerce
from hjgis.progress import SILENT, Progress

_NUMBER_FIELDS: Final = ("component_id", "exp_no", "pipe_no", "park_no", "bay_no", "station_no")
_PLAIN_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,40}")
_DTYPE_FIELDS: Final = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """An import that has been thought through and not yet stored.

    Attributes
    ----------
    changes : ChangeSet
        Empty when no record can be taken.
    new_layer : AssetType or None
        The reference layer that must be made first.
    mapping : mapping of str to str
        Source column to field.
    """

    changes: ChangeSet
    new_layer: AssetType | None
    report: ImportReport
    mapping: Mapping[str, str]


def plan_import(
    project: Project,
    source: Path,
    *,
    to: str | None = None,
    as_reference: str | None = None,
    source_layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    x: str | None = None,
    y: str | None = None,
    mapping: Mapping[str, str] | None = None,
    progress: Progress = SILENT,
) -> ImportPlan:
    """Read a source and say what would become of each record; nothing is stored.

    Parameters
    ----------
    to : str, optional
        Asset kind; else `as_reference` names a new reference layer.
    mapping : mapping of str to str, optional
        Source column to field, before all guesses.

    Raises
    ------
    InputError
        If the source cannot be used.
    InputQuestion
        If something must be answered first.
    UsageError
        If target, column or field do not exist.
    """
    if (to is None) == (as_reference is None):
        raise UsageError(_("Give either --to KIND or --as-reference NAME."))
    if source.exists() and source.samefile(project.path):
        raise InputError(_("A project cannot be imported into itself."))
    _check_target(project, to)
    progress.report(0, 4, _("reading"))
    layer = read_layer(source, layer=source_layer, given_encoding=encoding, x=x, y=y)
    progress.check()
    system, how = places.source_crs(layer, crs, project.crs)
    transform = places.transform_to(project.crs, system or project.crs, how)
    progress.report(1, 4, _("transforming"))
    asset = (
        project.asset_type(to) if to is not None else _reference_type(project, layer, as_reference)
    )
    problems = Problems()
    for warning in layer.warnings:
        problems.add(None, None, "warning", warning)
    if transform.ballpark:
        problems.add(None, None, "ballpark-shift", transform.description)
    kept, shapes = _usable(layer, asset, problems)
    shapes = _transformed(shapes, transform)
    progress.check()
    progress.report(2, 4, _("values"))
    columns = (
        columns_for(asset, layer.columns, mapping) if to is not None else _own_columns(asset, layer)
    )
    values = _values(project, asset, layer, columns, kept, problems)
    _note_unmapped(layer, columns, problems)
    _fill_source(asset, source, kept, values)
    progress.report(3, 4, _("linking"))
    _note_numbers(project, asset, values, kept, problems)
    if asset.ends_on:
        linking.link_ends(project, asset, values, shapes, kept, problems)
    report = ImportReport(
        source=source.name,
        layer=asset.id,
        read=len(layer),
        imported=len(kept),
        rejected=len(layer) - len(kept),
        encoding=layer.encoding.name,
        encoding_source=layer.encoding.source,
        crs=system.text if system else None,
        crs_source=how,
        transform=transform.description,
        problems=problems.listed(),
    )
    changes = _change(project, asset, source, layer, kept, shapes, values)
    progress.report(4, 4, _("done"))
    taken = {source_name: column.field for source_name, column in columns.items()}
    return ImportPlan(changes, asset if to is None else None, report, taken)


def carry_out(project: Project, plan: ImportPlan) -> ImportReport:
    """Store a planned import as one change, which one undo takes back."""
    if plan.new_layer is not None:
        project.add_reference_layer(plan.new_layer)
    if plan.changes:
        project.session.apply(plan.changes)
    return plan.report


def _check_target(project: Project, to: str | None) -> None:
    if to is not None and to not in project.types:
        message = _("There is no kind {name}. There are: {names}.")
        raise UsageError(message.format(name=to, names=", ".join(project.types)))


# -- geometry ----------------------------------------------------------------------------


def _usable(
    layer: ForeignLayer, asset: AssetType, problems: Problems
) -> tuple[NDArray[np.intp], NDArray[np.object_]]:
    """Return the records that can be taken and their geometries as the layer holds them."""
    shapes = layer.geometry
    missing, empty = shapely.is_missing(shapes), shapely.is_empty(shapes)
    sound = places.finite(shapes)
    result = np.empty(len(shapes), dtype=object)
    kept = []
    for row in range(len(shapes)):
        why = None
        if layer.unreadable[row]:
            why = ("invalid-geometry", _("the geometry cannot be read"))
        elif missing[row]:
            why = ("null-geometry", _("no geometry"))
        elif empty[row]:
            why = ("empty-geometry", _("empty geometry"))
        elif not sound[row]:
            why = ("invalid-geometry", _("a coordinate is no number"))
        else:
            result[row] = fitted(shapes[row], asset.geometry)
            why = _misfit(result[row], asset)
        if why is None:
            kept.append(row)
        else:
            problems.add(
                row + 1,
                None,
                why[0],
                _("row {row} left out: {why}").format(row=row + 1, why=why[1]),
            )
    index = np.array(kept, dtype=np.intp)
    _note_invalid(result[index], index, problems)
    return index, result[index]


def _misfit(shape: Any, asset: AssetType) -> tuple[str, str] | None:
    given, wanted = shape.geom_type, asset.geometry
    if given == f"Multi{wanted}":
        count = len(shape.geoms)
        return "multi-part", _("{count} parts, where one is needed").format(count=count)
    if given != wanted:
        text = _("{given}, where {wanted} is needed").format(given=given, wanted=wanted)
        return "mixed-geometry", text
    if given == "LineString" and shape.length == 0:
        return "invalid-geometry", _("a line without length")
    return None


def _note_invalid(shapes: NDArray[np.object_], index: NDArray[np.intp], problems: Problems) -> None:
    wrong = ~shapely.is_valid(shapes)
    for row, reason in zip(index[wrong], shapely.is_valid_reason(shapes[wrong]), strict=True):
        message = _("row {row} taken, but invalid: {reason}").format(row=row + 1, reason=reason)
        problems.add(int(row) + 1, None, "invalid-geometry", message)


def _transformed(shapes: NDArray[np.object_], transform: Transform) -> NDArray[np.object_]:
    return transform.geometry(shapes) if len(shapes) else shapes


# -- values ------------------------------------------------------------------------------


def _values(
    project: Project,
    asset: AssetType,
    layer: ForeignLayer,
    columns: Mapping[str, Column],
    kept: NDArray[np.intp],
    problems: Problems,
) -> dict[str, list[Value]]:
    result = {}
    for source, column in columns.items():
        target = asset.field(column.field)
        known: dict[object, Value] = {}
        values: list[Value] = []
        for row in kept:
            given = layer.columns[source][row]
            key = (type(given), given) if _hashable(given) else None
            if key is None or key not in known:
                known[key] = _value(project, target, column, given, int(row) + 1, problems)
                if key is None:
                    values.append(known.pop(None))
                    continue
            elif known[key] is None and not _blank(given):
                # Seen before and refused: count it again under the same words.
                _value(project, target, column, given, int(row) + 1, problems)
            values.append(known[key])
        result[column.field] = values
    return result


def _value(
    project: Project, target: Field, column: Column, given: Any, row: int, problems: Problems
) -> Value:
    if isinstance(given, np.generic):
        given = given.item()
    if _blank(given) or given in column.missing:
        return None
    given = column.values.get(str(given), given)
    try:
        if column.factor != 1.0:
            number = coerce(replace(target, type="number"), given, project.catalogue)
            assert isinstance(number, float)
            scaled = number * column.factor
            return round(scaled) if target.type == "integer" else scaled
        return coerce(target, given, project.catalogue)
    except BadValue as error:
        if target.type == "text" and target.max_length and len(str(given)) > target.max_length:
            cut = str(given).strip()[: target.max_length]
            message = _("text cut to {limit} characters: {text}…")
            text = message.format(limit=target.max_length, text=cut[:20])
            problems.add(row, column.source, "truncated", text)
            return cut
        problems.add(row, column.source, "bad-value", _("left empty: {why}").format(why=error))
        return None


def _blank(given: object) -> bool:
    return given is None or given != given or str(given) in ("NaT", "")


def _hashable(given: object) -> bool:
    return isinstance(given, str | int | float | bool | np.generic) or given is None


def _note_unmapped(layer: ForeignLayer, columns: Mapping[str, Column], problems: Problems) -> None:
    for name, values in layer.columns.items():
        filled = sum(not _blank(value) for value in values)
        if name not in columns and filled:
            message = _("column {name} is not taken ({count} values)")
            text = message.format(name=name, count=filled)
            problems.add(None, name, "unmapped", text, count=filled)


def _fill_source(
    asset: AssetType, source: Path, kept: NDArray[np.intp], values: dict[str, list[Value]]
) -> None:
    if asset.has("source_file") and "source_file" not in values:
        values["source_file"] = [source.name] * len(kept)
        values["source_row"] = [int(row) + 1 for row in kept]


def _note_numbers(
    project: Project,
    asset: AssetType,
    values: Mapping[str, list[Value]],
    kept: NDArray[np.intp],
    problems: Problems,
) -> None:
    """List blank and repeated numbers; they are taken all the same."""
    for name in (name for name in _NUMBER_FIELDS if name in values):
        stored = project.table(asset.id, [name], geometry=False).columns[name]
        counts = Counter(value for value in (*values[name], *stored) if value is not None)
        for row, value in zip(kept + 1, values[name], strict=True):
            if value is None:
                message = _("row {row} has no {field}").format(row=row, field=name)
                problems.add(int(row), name, "blank-id", message)
            elif counts[value] > 1:
                message = _("{field} {value} is given {count} times")
                text = message.format(field=name, value=value, count=counts[value])
                problems.add(int(row), name, "duplicate-id", text)


# -- reference layers --------------------------------------------------------------------


def _reference_type(project: Project, layer: ForeignLayer, name: str | None) -> AssetType:
    assert name is not None
    layer_id = name if _PLAIN_ID.fullmatch(name) else _free_id(project)
    if layer_id in project.types:
        raise UsageError(_("There is a layer {layer} already.").format(layer=layer_id))
    fields = tuple(_own_fields(layer))
    return AssetType(
        id=layer_id,
        kind="reference",
        geometry=_common_geometry(layer),  # type: ignore[arg-type]
        z="optional" if bool(np.any(shapely.has_z(layer.geometry))) else "none",
        label={"zh_CN": name, "en": name},
        fields=fields,
        style=layer_id,
        display=fields[0].name if fields else None,
    )


def _free_id(project: Project) -> str:
    number = 1
    while f"reference_{number}" in project.types:
        number += 1
    return f"reference_{number}"


def _common_geometry(layer: ForeignLayer) -> str:
    kinds = Counter(shape.geom_type for shape in layer.geometry if shape is not None)
    families = Counter[str]()
    for kind, count in kinds.items():
        families[kind.removeprefix("Multi")] += count
    families.pop("GeometryCollection", None)
    if not families:
        raise InputError(_("{layer} has no geometry.").format(layer=layer.name))
    family = families.most_common(1)[0][0]
    if family not in ("Point", "LineString", "Polygon"):
        raise InputError(_("{layer} holds {kind}.").format(layer=layer.name, kind=family))
    return f"Multi{family}" if kinds.get(f"Multi{family}") and family != "Point" else family


def _own_fields(layer: ForeignLayer) -> list[Field]:
    result: list[Field] = []
    taken = {"fid", "geom", "uuid"}
    for number, (name, values) in enumerate(layer.columns.items(), start=1):
        plain = re.sub(r"[^a-z0-9_]+", "_", name.casefold()).strip("_")
        plain = plain if _PLAIN_ID.fullmatch(plain) and plain not in taken else f"field_{number}"
        taken.add(plain)
        kind: Any = _DTYPE_FIELDS.get(values.dtype.kind, "text")
        label = {"zh_CN": name, "en": name}
        result.append(Field(plain, kind, label, f"F{number}", "technical"))
    return result


def _own_columns(asset: AssetType, layer: ForeignLayer) -> dict[str, Column]:
    names = zip(layer.columns, asset.field_names, strict=True)
    return {source: Column(source, target) for source, target in names}


# -- the change --------------------------------------------------------------------------


def _change(
    project: Project,
    asset: AssetType,
    source: Path,
    layer: ForeignLayer,
    kept: NDArray[np.intp],
    shapes: NDArray[np.object_],
    values: Mapping[str, list[Value]],
) -> ChangeSet:
    if not len(kept):
        return ChangeSet("import")
    bulk = BulkInsert(asset.id, shapes, values, _identities(project, asset, layer, kept))
    params = {"layer": asset.id, "count": len(kept), "source": source.name}
    return ChangeSet("import", bulk=(bulk,), params=params, source="import")


def _identities(
    project: Project, asset: AssetType, layer: ForeignLayer, kept: NDArray[np.intp]
) -> list[str]:
    """Return the source's own identities where they are valid and free, new ones elsewhere."""
    made = new_uuids(len(kept))
    column = next((name for name in layer.columns if name.casefold() == "uuid"), None)
    if column is None:
        return made
    nodes = {
        u for other in project.types.values() if asset.id in other.ends_on for u in other.ends_on
    }
    stored = {
        uuid
        for name in {asset.id, *nodes} & set(project.types)
        for uuid in project.table(name, [], geometry=False).uuids
    }
    for place, row in enumerate(kept):
        given = str(layer.columns[column][row] or "").strip().lower()
        if given not in stored and _is_uuid(given):
            made[place] = given
            stored.add(given)
    return made


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid_module.UUID(text)) == text
    except ValueError:
        return False
