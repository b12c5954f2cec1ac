"""Features on the clipboard: for this project, for another one, and as text for anybody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication

from hjgis.edits.copying import paste_features
from hjgis.errors import EditRefused, HjgisError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import ChangeSet, Feature, FeatureKey
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.identifiers import other_scheme

MIME: Final = "application/x-hjgis-features+json"


def copy(project: Project, keys: Sequence[FeatureKey]) -> int:
    """Put features on the clipboard; return how many."""
    features = [project.get(key) for key in keys]
    rows = [
        {
            "layer": feature.key.layer,
            "uuid": feature.key.uuid,
            "geometry": shapely.to_wkb(feature.geometry, hex=True) if feature.geometry else None,
            "values": dict(feature.values),
        }
        for feature in features
    ]
    content = {"project": project.path.name, "crs": project.crs.text, "features": rows}
    mime = QMimeData()
    mime.setData(MIME, json.dumps(content, ensure_ascii=False).encode())
    mime.setText("\n".join(_line(feature) for feature in features))
    QGuiApplication.clipboard().setMimeData(mime)
    return len(features)


def copy_other_ids(project: Project, keys: Sequence[FeatureKey]) -> tuple[int, int]:
    """Put the components' ids of the other scheme on the clipboard, one a line.

    Returns
    -------
    (int, int)
        How many, and how many have none.
    """
    features = project.get_many(keys)
    found = [
        other_scheme(
            one.values.get("component_id"), project.asset_type(one.key.layer), project.catalogue
        )
        for one in features
    ]
    ids = [text for text in found if text]
    if ids:
        QGuiApplication.clipboard().setText("\n".join(ids))
    return len(ids), len(found) - len(ids)


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


def _line(feature: Feature) -> str:
    shape = (
        "" if feature.geometry is None else shapely.to_wkt(feature.geometry, rounding_precision=3)
    )
    return "\t".join([shape, *("" if v is None else str(v) for v in feature.values.values())])
