"""Packages for tests, as a delivery makes them, and what contractors do to them."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hjgis.exchange.exporting import target_crs, write
from hjgis.exchange.outgoing import Selection, Substitute, Writing
from hjgis.layers.project import Project
from hjgis.models.changes import new_uuid
from hjgis.models.deliveries import Delivery, Order
from hjgis.models.delivery_rules import delivery_rules
from tests.exported import choose

Row = dict[str, Any]
MANIFEST = "清单.json"


def deliver(
    project: Project,
    folder: Path,
    layers: Sequence[str],
    *,
    formats: Sequence[str] = ("shp",),
    recipient: str = "示例施工队",
    crs: str = "",
    encoding: str = "gbk",
    substitute: Substitute = "mark",
    query: Any = None,
) -> Delivery:
    """Write a package into a folder and enter it in the register."""
    order = Order(
        recipient,
        "改造",
        tuple(layers),
        tuple(formats),
        crs=crs,
        encoding=encoding,  # type: ignore[arg-type]
    )
    chosen = choose(project, layers, query=query)
    selection = Selection(chosen.rows, {layer: _fields(project, layer) for layer in chosen.rows})
    uuid = new_uuid()
    told: dict[str, Any] = {}
    for name in formats:
        writing = Writing(
            name, target_crs(project, name, crs or None), encoding, substitute=substitute
        )  # type: ignore[arg-type]
        home = folder / "数据" / name
        home.mkdir(parents=True)
        report = write(
            project,
            home / f"数据.{name}" if name in ("gpkg", "xlsx", "dxf") else home,
            selection,
            writing,
        )
        told[name] = {
            "crs": writing.crs.text,
            "encoding": encoding,
            "layers": [{"name": one.name, "names": dict(one.names)} for one in report.layers],
        }
    files = [
        {
            "path": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    content = {
        "format": "hjgis-delivery", "version": 1, "uuid": uuid, "name": "20200615-1",
        "recipient": recipient, "project": {"title": project.title}, "formats": told,
        "files": files,
    }  # fmt: skip
    (folder / MANIFEST).write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    counts = {layer: len(fids) for layer, fids in selection.rows.items()}
    entry = Delivery(
        0, uuid, "", "", 0, recipient, "改造", "内部", folder.name, "", 1.0, counts,
        {**order.to_json(), "fields": {k: list(v) for k, v in selection.fields.items()}},
    )  # fmt: skip
    return project.deliveries.enter(entry, selection.rows, operator="甲")


def _fields(project: Project, layer: str) -> list[str]:
    """Return the fields that may go out."""
    rules = delivery_rules()
    return [one.name for one in project.asset_type(layer).fields if rules.never(one) is None]


def edited(
    path: Path,
    edit: Callable[[list[Row]], list[Row]],
    *,
    encoding: str = "gbk",
    target: Path | None = None,
    driver: str = "ESRI Shapefile",
    crs: str | None = None,
    more: dict[str, str] | None = None,
    without: Sequence[str] = (),
    names: dict[str, str] | None = None,
) -> Path:
    """Let a contractor's program read a file, change records and write it anew, widths its own."""
    import fiona

    with fiona.open(path, encoding=encoding) as file:
        records = [fiona.model.to_dict(record) for record in file]
        schema, wkt = file.schema, file.crs_wkt
    widths = {
        name: "str:254" if kind.startswith("str") else kind
        for name, kind in schema["properties"].items()
    }
    properties = {**{n: k for n, k in widths.items() if n not in without}, **(more or {})}
    schema = {"geometry": schema["geometry"], "properties": properties}
    records = edit(records)
    for record in records:
        record["properties"] = {name: record["properties"].get(name) for name in properties}
    renamed = names or {}
    schema["properties"] = {renamed.get(n, n): k for n, k in properties.items()}
    for record in records:
        record["properties"] = {renamed.get(n, n): v for n, v in record["properties"].items()}
    made = target or path
    if target is None:
        for part in path.parent.glob(f"{path.stem}.*"):
            part.unlink()
    made.parent.mkdir(parents=True, exist_ok=True)
    options = {"crs": crs} if crs else {"crs_wkt": wkt}
    with fiona.open(made, "w", driver=driver, schema=schema, encoding=encoding, **options) as file:
        file.writerecords(records)
    return made


def zipped(folder: Path, target: Path, *, password: str | None = None) -> Path:
    """Pack a folder, as people do, with its name inside."""
    import pyzipper

    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    if password is None:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(folder.parent).as_posix())
        return target
    with pyzipper.AESZipFile(
        target, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode())
        for path in files:
            archive.write(path, path.relative_to(folder.parent).as_posix())
    return target


def copied(folder: Path, target: Path) -> Path:
    """Return a copy of a package, as it is before anybody touches it."""
    return Path(shutil.copytree(folder, target))
