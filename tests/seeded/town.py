"""Three copies of the faultless sample town side by side: more than 50 000 features.

What names something once in a town, an id, a point number, a road, is another name in each copy.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models.changes import BulkInsert, ChangeSet

COPIES: Final = 3
# East, so that no two towns are neighbours.
APART_M: Final = 9_000.0
_SERIALS: Final = 20_000
_TOWN: Final = 9

Renamed = Callable[[str, int], str]


def _component_id(value: str, copy: int) -> str:
    return f"{value[:-6]}{int(value[-6:]) + copy * _SERIALS:06d}"


def _grid_id(value: str, copy: int) -> str:
    """Number the town among the three digits after the county."""
    return f"{value[:8]}{copy}{value[_TOWN:]}"


def _numbered(value: str, copy: int) -> str:
    return re.sub(r"\d+$", lambda found: f"{copy}{found[0]}", value) if copy else value


def _marked(value: str, copy: int) -> str:
    return f"{value}{'甲乙丙'[copy]}"


def _point_no(value: str, copy: int) -> str:
    return f"{'ABC'[copy]}{value}"


def _pipe_no(value: str, copy: int) -> str:
    return "-".join(_point_no(part, copy) for part in value.split("-"))


def _uuid(value: str, copy: int) -> str:
    return f"{copy:02x}{value[2:]}"


_RENAMED: Final[Mapping[str, Renamed]] = {
    "component_id": _component_id,
    "grid_id": _grid_id,
    "community_code": _grid_id,
    "exp_no": _point_no,
    "start_no": _point_no,
    "end_no": _point_no,
    "pipe_no": _pipe_no,
    "from_node": _uuid,
    "to_node": _uuid,
    "asset_uuid": _uuid,
    "road_name": _marked,
    "park_name": _marked,
    "lot_no": _marked,
    "ctrl_box_id": _marked,
    "compound_name": _marked,
    "site_name": _marked,
    "hazard_no": _marked,
    "asset_ref": _marked,
    "compound_no": _numbered,
    "park_no": _numbered,
    "bay_no": _numbered,
    "station_no": _numbered,
    "pole_no": _numbered,
}


def write_town(path: Path) -> None:
    """Write the towns to a new project."""
    draft = path.with_name(f"one-{path.name}")
    create_sample(draft, clean=True)
    with (
        Project.open(draft, write=False) as one,
        Project.create(
            path, one.crs.text, title="三镇", operator="seeds", info={"sample": "1"}
        ) as many,
    ):
        # Nodes before the pipes that name them.
        for layer in reversed(one.types):
            table = one.table(layer)
            for copy in range(COPIES if len(table.fids) else 0):
                shapes = table.geometry
                assert shapes is not None
                bulk = BulkInsert(
                    layer,
                    shapes if not one.asset_type(layer).is_spatial else _moved(shapes, copy),
                    {name: _column(name, values, copy) for name, values in table.columns.items()},
                    [_uuid(uuid, copy) for uuid in table.uuids],
                )
                made = layer in many.types
                new = None if made else one.asset_type(layer)
                many.session.apply(ChangeSet("sample", bulk=(bulk,), new_layer=new))
    draft.unlink()


def _moved(shapes: np.ndarray[Any, Any], copy: int) -> Any:
    def east(coordinates: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.column_stack([coordinates[:, 0] + copy * APART_M, coordinates[:, 1:]])

    flat = ~shapely.has_z(shapes)
    result = shapes.copy()
    result[flat] = shapely.transform(shapes[flat], east)
    result[~flat] = shapely.transform(shapes[~flat], east, include_z=True)
    return result


def _column(name: str, values: Sequence[Any], copy: int) -> list[Any]:
    renamed = _RENAMED.get(name)
    if renamed is None:
        return [*values]
    return [value if value is None else renamed(value, copy) for value in values]
