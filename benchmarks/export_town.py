"""The town of `benchmarks.town` with twelve attributes a layer, and values that files dislike.

Some remarks are longer than a shapefile holds, so that a cut at a byte falls into a character;
some names have signs that GBK lacks; some text is empty and some is not known.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks import town
from hjgis.layers.project import Project
from hjgis.models.assets import AssetType, Field
from hjgis.models.changes import BulkInsert, ChangeSet

VERSION: Final = 1
_ROWS_AT_ONCE: Final = 250_000
_REMARK: Final = (
    "井盖有轻微破损，已上报养护单位，计划于下季度更换；周边路面沉降约3厘米，雨季需加强巡查。"
)
_REMARKS: Final = (None, "", "正常", _REMARK, (_REMARK * 5)[:160], "面积30m²，业主𠮷姓")
_SHARES: Final = (0.70, 0.05, 0.20, 0.035, 0.01, 0.005)
_OWNERS: Final = ("住房和城乡建设局", "市政工程管理所", "供排水有限责任公司", "供电公司", None)
_COVERS: Final = ("球墨铸铁", "复合材料", "钢筋混凝土", "铸铁", "再生树脂")
_CREWS: Final = ("市政设施养护工程有限责任公司第一养护站", "市政养护二班", "管网运维中心")
# Name, type, short name, label.
_FIELDS: Final = (
    ("code", "text", "BH", "编号"),
    ("kind", "text", "LB", "类别"),
    ("cover", "text", "CZ", "材质"),
    ("depth_m", "number", "SD", "深度"),
    ("size_mm", "integer", "CC", "尺寸"),
    ("owner", "text", "QSDW", "权属单位"),
    ("road", "text", "SZDL", "所在道路"),
    ("crew", "text", "YHDW", "养护责任单位名称"),
    ("phone", "text", "DH", "养护责任单位电话"),
    ("installed", "date", "AZRQ", "安装日期"),
    ("updated", "datetime", "GXSJ", "更新时间"),
    ("remarks", "text", "BZ", "备注"),
)


def project(folder: Path, count: int) -> Path:
    """Return the project with so many features a layer, made if it is not there."""
    path = folder / f"export-{count}-v{VERSION}.gpkg"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"unfinished-{path.name}")
        for old in folder.glob(f"{unfinished.name}*"):
            old.unlink()
        _write(unfinished, count)
        unfinished.rename(path)
    return path


def _write(path: Path, count: int) -> None:
    random = np.random.default_rng(20250102)
    wells, lanes = town.placed_wells(random, count)
    starts, ends = town.links(random, wells, lanes)
    xy = np.stack([[shape.x, shape.y] for shape in wells.geometry])
    pipes = town.Rows(
        town.bent(random, xy[starts], xy[ends]), wells.kinds[starts], wells.streets[starts]
    )
    layers = {"well": wells, "pipe": pipes, "bay": town.placed_bays(random, count)}
    with Project.create(path, town.CRS, title="benchmark") as made:
        for name in layers:
            made.session.apply(ChangeSet("import", new_layer=_asset(name)))
        for name, rows in layers.items():
            for bulk in _bulks(random, name, rows):
                made.session.apply(ChangeSet("import", bulk=(bulk,)))


def _asset(name: str) -> AssetType:
    fields: Any = (
        Field(field, kind, {"en": field, "zh_CN": words}, short, "technical")  # type: ignore[arg-type]
        for field, kind, short, words in _FIELDS
    )
    words = {"en": name, "zh_CN": name}
    return AssetType(name, "reference", town.LAYERS[name], words, tuple(fields), style=name)


def _bulks(random: np.random.Generator, name: str, rows: town.Rows) -> Iterator[BulkInsert]:
    for start in range(0, len(rows.geometry), _ROWS_AT_ONCE):
        part = slice(start, start + _ROWS_AT_ONCE)
        yield BulkInsert(
            name,
            rows.geometry[part],
            _values(random, name, start, rows.kinds[part].tolist(), rows.streets[part].tolist()),
        )


def _values(
    random: np.random.Generator, name: str, start: int, kinds: list[int], streets: list[int]
) -> dict[str, list[Any]]:
    count = len(kinds)

    def some(values: tuple[Any, ...], shares: tuple[float, ...] | None = None) -> list[Any]:
        return [values[at] for at in random.choice(len(values), count, p=shares)]

    crews = random.integers(0, len(_CREWS), count).tolist()
    days = np.datetime64("1996-01-01") + random.integers(0, 10_400, count)
    seconds = np.datetime64("2024-01-01T00:00:00") + random.integers(0, 30_000_000, count)
    return {
        "code": [f"{name[0].upper()}{number:07d}" for number in range(start, start + count)],
        "kind": [town.KINDS_OF[name][kind] for kind in kinds],
        "cover": some(_COVERS),
        "depth_m": random.uniform(0.8, 6, count).round(2).tolist(),
        "size_mm": random.choice((500, 600, 700, 800, 1000), count).tolist(),
        "owner": some(_OWNERS, (0.3, 0.3, 0.2, 0.19, 0.01)),
        "road": [f"胜利路{at + 1}段" for at in streets],
        "crew": [_CREWS[at] for at in crews],
        "phone": [f"0478-66{at:02d}{number % 100:02d}" for number, at in enumerate(crews)],
        "installed": np.where(random.random(count) < 0.02, None, days.astype(str)).tolist(),
        "updated": [text.replace("T", " ") for text in seconds.astype(str).tolist()],
        "remarks": some(_REMARKS, _SHARES),
    }
