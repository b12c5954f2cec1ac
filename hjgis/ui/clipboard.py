"""Features on the clipboard: for this project, for another one, and as text for anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QByteArray, QStringListModel
from PySide6.QtGui import QGuiApplication

from hjgis.edits.copying import paste_features
from hjgis.errors import EditRefused, HjgisError
from hjgis.i18n import _, grouped
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, Feature, FeatureKey
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.identifiers import other_scheme
from hjgis.ui.selection import Selection
from hjgis.ui.storing import reckoned

MIME: Final = "application/x-hjgis-features+json"
TEXT: Final = "text/plain"
# A feature is about a thousand bytes, and other programs read all of them at once.
_COPY_AT_MOST: Final = 100_000


def copy(project: Project, selection: Selection) -> int:
    """Put what is selected on the clipboard; return how many features.

    Raises
    ------
    EditRefused
        If it is more than a clipboard is for.
    Cancelled
        If the user stopped it.
    """
    count = len(selection)
    if count > _COPY_AT_MOST:
        words = _("{count} features are too many to copy; export them instead.")
        raise EditRefused(words.format(count=grouped(count)))
    content, text = reckoned(project, count, lambda some: _written(some, selection.keys(some)))
    put({MIME: content, TEXT: text})
    return count


def put(content: Mapping[str, QByteArray]) -> None:
    """Put content on the clipboard, under the names of its formats.

    WORKAROUND: the clipboard may hold it until after Python has ended, and lets go of it then. That
    crashes with a `QMimeData` that Python made; one that a model of Qt's makes goes quietly.
    """
    model = QStringListModel([""])
    mime = model.mimeData([model.index(0)])
    for name in mime.formats():
        mime.removeFormat(name)
    for name, data in content.items():
        mime.setData(name, data)
    QGuiApplication.clipboard().setMimeData(mime)


def _written(project: Project, keys: Sequence[FeatureKey]) -> tuple[QByteArray, QByteArray]:
    """Return features as hjgis reads them, and as lines for anybody.

    They are Qt's own already: to make them so takes long, too.
    """
    features = project.get_many(keys)
    shapes = np.array([feature.geometry for feature in features], object)
    wkb = shapely.to_wkb(shapes, hex=True).tolist()
    wkt = shapely.to_wkt(shapes, rounding_precision=3).tolist()
    # One by one: to write all at once would hold up the window.
    rows = [_row(feature, shape) for feature, shape in zip(features, wkb, strict=True)]
    head = json.dumps({"project": project.path.name, "crs": project.crs.text}, ensure_ascii=False)
    content = f'{head[:-1]}, "features": [{", ".join(rows)}]}}'
    lines = [_line(feature, shape) for feature, shape in zip(features, wkt, strict=True)]
    return QByteArray(content.encode()), QByteArray("\n".join(lines).encode())


def _row(feature: Feature, wkb: str | None) -> str:
    row = {
        "layer": feature.key.layer,
        "uuid": feature.key.uuid,
        "geometry": wkb,
        "values": dict(feature.values),
    }
    return json.dumps(row, ensure_ascii=False)


def copy_other_ids(project: Project, selection: Selection) -> tuple[int, int]:
    """Put the components' ids of the other scheme on the clipboard, one a line.

    Returns
    -------
    (int, int)
        How many, and how many have none.

    Raises
    ------
    Cancelled
        If the user stopped it.
    """

    def found(some: Project) -> list[str]:
        features = some.get_many(selection.keys(some))
        ids = [
            other_scheme(
                one.values.get("component_id"), some.asset_type(one.key.layer), some.catalogue
            )
            for one in features
        ]
        return [text for text in ids if text]

    count = len(selection)
    ids = reckoned(project, count, found)
    if ids:
        QGuiApplication.clipboard().setText("\n".join(ids))
    return len(ids), count - len(ids)


def paste(project: Project) -> ChangeSet:
    """Return the edit that stores what is on the clipboard, in this project's CRS.

    Raises
    ------
    EditRefused
        If there are no features on the clipboard, or a layer is not there.
    HjgisError
        If its coordinates cannot be brought into the project's system.
    """
    mime = QGuiApplication.clipboard().mimeData()
    if mime is None or not mime.hasFormat(MIME):
        raise EditRefused(_("No features were copied: select some and press Ctrl+C first."))
    try:
        content = json.loads(bytes(mime.data(MIME).data()))
        features = [_feature(row) for row in content["features"]]
        crs = str(content["crs"])
    except (ValueError, KeyError, TypeError, shapely.GEOSException) as error:
        raise EditRefused(_("The clipboard cannot be read: {error}").format(error=error)) from None
    unknown = {feature.key.layer for feature in features} - set(project.types)
    if unknown:
        names = ", ".join(sorted(unknown))
        raise EditRefused(_("This project has no layer {names}.").format(names=names))
    return paste_features(project, _brought_over(features, crs, project))


def _brought_over(features: list[Feature], crs: str, project: Project) -> list[Feature]:
    transform = Transform(parse_crs(crs), project.crs)
    if transform.identity:
        return features

    def moved(coords: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = transform.points(coords[:, 0], coords[:, 1])
        if not (np.isfinite(x).all() and np.isfinite(y).all()):
            raise HjgisError(_("The copied features lie outside the project's system."))
        return np.column_stack([x, y])

    return [
        feature.with_geometry(
            None if feature.geometry is None else shapely.transform(feature.geometry, moved)
        )
        for feature in features
    ]


def _feature(row: dict[str, object]) -> Feature:
    geometry, values = row["geometry"], row["values"]
    if not isinstance(values, dict):
        raise TypeError("values")
    shape = shapely.from_wkb(str(geometry)) if geometry else None
    return Feature(FeatureKey(str(row["layer"]), str(row["uuid"])), shape, values)


def _line(feature: Feature, wkt: str | None) -> str:
    values = ("" if value is None else str(value) for value in feature.values.values())
    return "\t".join([wkt or "", *values])
