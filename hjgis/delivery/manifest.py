"""The list of a package's contents (清单.json): by it what comes back is recognised."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hjgis import __version__
from hjgis.delivery.planning import Planned, writing
from hjgis.exchange.report import LayerExport
from hjgis.i18n import label
from hjgis.layers.project import Project
from hjgis.models.deliveries import Delivery

FORMAT: Final = "hjgis-delivery"
VERSION: Final = 1
# What concerns the house alone.
_NOT_TOLD: Final = ("approved",)


def manifest(
    project: Project,
    planned: Planned,
    entry: Delivery,
    written: Mapping[str, Sequence[LayerExport]],
    files: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Return the list as an object of JSON.

    Parameters
    ----------
    entry : Delivery
        As it will be entered.
    written : mapping of str to sequence of LayerExport
        By format.
    files : sequence of mapping
        See `listed`.
    """
    order = planned.order.to_json()
    return {
        "format": FORMAT,
        "version": VERSION,
        "program": f"hjgis {__version__}",
        "uuid": entry.uuid,
        "number": entry.number,
        "name": entry.name,
        "at": entry.at,
        "recipient": entry.recipient,
        "purpose": entry.purpose,
        "secrecy": entry.secrecy,
        "project": {
            "uuid": project.info("project_uuid"),
            "title": project.title,
            "crs": project.crs.text,
            "catalogue_sha256": project.catalogue.digest,
        },
        "order": {name: value for name, value in order.items() if name not in _NOT_TOLD},
        "area": planned.place,
        "area_km2": entry.area_km2,
        "formats": {
            format_: {
                "crs": writing(project, planned.order, format_).crs.text,
                "encoding": planned.order.encoding if format_ == "shp" else "utf-8",
                "layers": [_layer(project, layer) for layer in layers],
            }
            for format_, layers in written.items()
        },
        "files": list(files),
    }


def _layer(project: Project, layer: LayerExport) -> dict[str, Any]:
    return {
        "name": layer.name,
        "title": label(project.asset_type(layer.name).label),
        "count": layer.written,
        "secrecy": layer.secrecy,
        "names": dict(layer.names),
    }


def listed(root: Path) -> list[dict[str, Any]]:
    """Return path, size and digest of every file in a folder, by path."""
    found = []
    for path in sorted(path for path in root.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        name = path.relative_to(root).as_posix()
        found.append({"path": name, "bytes": path.stat().st_size, "sha256": digest})
    return found


def as_bytes(content: Mapping[str, Any]) -> bytes:
    """Return a manifest as it stands in its file."""
    return json.dumps(content, ensure_ascii=False, indent=1).encode()
