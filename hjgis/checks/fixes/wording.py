"""What a fix does, line by line in words: each field before and after, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from shapely.geometry.base import BaseGeometry

from hjgis.checks.fixes.register import FixResult
from hjgis.i18n import _, label
from hjgis.layers.project import Project
from hjgis.models.assets import Field, Value
from hjgis.models.changes import Change, FeatureKey
from hjgis.models.issues import Issue
from hjgis.models.naming import called
from hjgis.models.wording import layer_label


@dataclass(frozen=True, slots=True)
class Row:
    """One line of what a fix does.

    Attributes
    ----------
    cells : tuple of str
        Feature, field, value now, value then or reason.
    changes : tuple of Change
        What the map shows to it.
    place : tuple of float or None
        Where to look if nothing changes, project CRS.
    wide : bool
        Whether the third cell says all: a reason, or what stays for what goes.
    """

    cells: tuple[str, str, str, str]
    changes: tuple[Change, ...] = ()
    place: tuple[float, float] | None = None
    wide: bool = False


def rows_of(project: Project, result: FixResult, most: int) -> list[Row]:
    """Return the lines of a result, refused ones first (they take half at most), `most` in all."""
    rows = [_refused(project, issue, why) for issue, why in result.refused[: most // 2]]
    for change in result.changes.changes:
        if len(rows) >= most:
            break
        rows += _lines(project, change, result.remarks.get(change.key, ""))
    return rows[:most]


def _refused(project: Project, issue: Issue, why: str) -> Row:
    name = layer_label(issue.layer, project.catalogue)
    if issue.uuid is not None:
        stored = project.known([FeatureKey(issue.layer, issue.uuid)])
        asset = project.asset_type(issue.layer)
        names = (called(asset, one.values, project.catalogue) for one in stored.values())
        name = next(names, name)
    place = None if issue.x is None or issue.y is None else (issue.x, issue.y)
    return Row((name, _("cannot be mended"), why, issue.message), place=place, wide=True)


def _lines(project: Project, change: Change, remark: str) -> Iterator[Row]:
    feature = change.after or change.before
    assert feature is not None
    asset = project.asset_type(change.key.layer)
    name = called(asset, feature.values, project.catalogue)
    if change.before is None:
        yield Row((name, _("whole feature"), "–", _("is added")), (change,))
        return
    if change.after is None:
        words = (remark, "") if remark else (_("is there"), _("is deleted"))
        yield Row((name, _("whole feature"), *words), (change,), wide=bool(remark))
        return
    for field in asset.fields:
        old, new = change.before.values.get(field.name), change.after.values.get(field.name)
        if old != new:
            words = (_worded(project, field, old), _worded(project, field, new))
            yield Row((name, label(field.label), *words), (change,))
    old_shape, new_shape = change.before.geometry, change.after.geometry
    if old_shape is not new_shape and old_shape != new_shape:
        yield Row((name, _("Place and shape"), _shape(old_shape), _shape(new_shape)), (change,))


def _worded(project: Project, field: Field, value: Value) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field.name in ("from_node", "to_node"):
        node = project.node(str(value))
        number = node.values.get("exp_no") if node is not None else None
        return str(number or _("a node without number") if node is not None else value)
    if field.codes:
        entry = project.catalogue.codes(field.codes).get(value)
        if entry is not None:
            return label(entry.label)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _shape(geometry: BaseGeometry | None) -> str:
    if geometry is None or geometry.is_empty:
        return "–"
    if geometry.geom_type == "Point":
        # As everywhere on screen: X is north, Y is east.
        return f"X {geometry.y:.3f}  Y {geometry.x:.3f}"  # type: ignore[attr-defined]
    if geometry.area:
        return _("{area:.2f} m²").format(area=geometry.area)
    return _("{length:.3f} m").format(length=geometry.length)
