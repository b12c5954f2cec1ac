"""The pipe network of the invented town while it grows: kinds, nodes and pipes."""

from __future__ import annotations

from dataclasses import dataclass, field

import shapely

from hjgis.models.assets import Code
from hjgis.models.catalogue_files import catalogue
from sample_data.frame import STATE, SUPERVISOR, Cells, Layer, Serials, ground_m

_GROUP_NO = {"JS": 1, "PS": 2, "RQ": 3, "RL": 4, "DL": 5, "TX": 6, "GY": 7, "QT": 8}
_COVERS = {
    "WS": "污水井盖",
    "HS": "污水井盖",
    "YS": "雨水井盖",
    "JS": "供水井盖",
    "RQ": "燃气井盖",
    "RL": "热力井盖",
    "DL": "电力井盖",
    "TX": "通信井盖",
    "GY": "特殊井盖",
    "QT": "特殊井盖",
}
_UNITS = {
    "JS": ("亿源水务公司", "住建局"),
    "PS": ("市政维护站", "住建局"),
    "RQ": ("示例燃气公司", "住建局"),
    "RL": ("示例热力公司", "住建局"),
    "DL": ("供电分局", "供电分局"),
    "TX": ("电信公司", "电信公司"),
    "GY": ("工业园区", "工业园区"),
    "QT": ("住建局", "住建局"),
}
_TELECOM = {"DH": "电信公司", "XX": "联通公司", "DS": "移动公司", "GB": "移动公司"}


@dataclass(frozen=True)
class Kind:
    """How one kind is laid.

    Attributes
    ----------
    offset : float
        Metres east of a road's or north of a street's centre line: its lane.
    """

    code: str
    offset: float
    depth: float
    size: int
    material: str
    burial: str = "ZM"
    detail: str | None = None
    spacing: float = 62.0
    well_every: int = 3
    more: dict[str, object] = field(default_factory=dict)

    @property
    def entry(self) -> Code:
        """The kind's entry in the catalogue."""
        found = catalogue().codes("pipe_kind").get(self.code)
        assert found is not None
        return found

    @property
    def major(self) -> str:
        """Code of its group."""
        return str(self.entry.extra["major"])

    @property
    def element(self) -> str:
        """First four digits of its element codes; the group and 00 where the kind has none."""
        return str(self.entry.extra.get("element_prefix") or f"5{_GROUP_NO[self.major]}00")


class Network:
    """The three layers of the pipe network while they grow."""

    def __init__(self, cells: Cells, serials: Serials) -> None:
        self.manholes, self.points, self.lines = (
            Layer("manhole"),
            Layer("pipe_point"),
            Layer("pipe_line"),
        )
        self._cells, self._serials = cells, serials
        self._numbers: dict[str, int] = {}
        self.place: dict[str, tuple[float, float]] = {}
        self.number: dict[str, str] = {}

    def node(
        self, kind: Kind, x: float, y: float, road: str, *, well: bool, **values: object
    ) -> str:
        """Add a manhole or pipe point; return its identity."""
        x, y = round(x, 3), round(y, 3)
        self._numbers[kind.code] = self._numbers.get(kind.code, 0) + 1
        name = f"{kind.code}{self._numbers[kind.code]}"
        made = (self._manhole if well else self._point)(kind, name, x, y, road, values)
        self.place[made], self.number[made] = (x, y), name
        return made

    def _manhole(
        self, kind: Kind, name: str, x: float, y: float, road: str, values: dict[str, object]
    ) -> str:
        cover = str(values.pop("cover_kind", _COVERS.get(kind.code) or _COVERS[kind.major]))
        owner, manager = _UNITS[kind.major]
        owner = _TELECOM.get(kind.code, owner)
        entry = catalogue().codes("manhole_kind").get(cover)
        assert entry is not None
        assert entry.class_17 is not None
        square = cover == "雨水箅子"
        return self.manholes.add(
            name,
            shapely.Point(x, y),
            component_id=self._serials.next(entry.class_17),
            component_name=cover,
            grid_id=self._cells.at(x, y),
            initial_date="2020-06-15",
            road_name=road,
            cover_kind=cover,
            exp_no=name,
            pipe_kind=kind.code,
            responsible_unit=owner,
            managing_unit=manager if kind.major != "TX" else owner,
            cover_material="球墨铸铁",
            cover_shape="方" if square else "圆",
            cover_size_mm=450 if square else 700,
            load_class="D400",
            fall_net=not square,
            ground_elev_m=ground_m(x, y),
            lane_place="机动车道",
            **SUPERVISOR,
            **STATE,
            **values,
        )

    def _point(
        self, kind: Kind, name: str, x: float, y: float, road: str, values: dict[str, object]
    ) -> str:
        kept = {"feature": "直线点", **values}
        kept.pop("well_depth_m", None)
        return self.points.add(
            name,
            shapely.Point(x, y),
            exp_no=name,
            kind=kind.code,
            element_code=f"{kind.element}2100",
            ground_elev_m=ground_m(x, y),
            grid_id=self._cells.at(x, y),
            road_name=road,
            use_state="在用",
            **STATE,
            **kept,
        )

    def pipe(
        self,
        kind: Kind,
        first: str,
        last: str,
        road: str,
        depths: tuple[float, float],
        **values: object,
    ) -> str:
        """Add a pipe between two nodes, depths in metres to the centimetre."""
        ends = [self.place[first], self.place[last]]
        line = shapely.LineString(ends)
        levels = [round(ground_m(*end) - depth, 2) for end, depth in zip(ends, depths, strict=True)]
        gravity = bool(kind.entry.extra.get("gravity"))
        numbers = self.number[first], self.number[last]
        owner = _TELECOM.get(kind.code, _UNITS[kind.major][0])
        facts: dict[str, object] = {
            "diameter_mm": kind.size,
            "material": kind.material,
            "material_detail": kind.detail,
            "burial": kind.burial,
            "laid_year": 2012,
            **kind.more,
            **values,
        }
        return self.lines.add(
            "-".join(numbers),
            line,
            pipe_no="-".join(numbers),
            kind=kind.code,
            element_code=f"{kind.element}1000",
            start_no=numbers[0],
            end_no=numbers[1],
            owner_name=owner,
            from_node=first,
            to_node=last,
            start_depth_m=depths[0],
            end_depth_m=depths[1],
            start_elev_m=levels[0],
            end_elev_m=levels[1],
            elev_basis="管内底" if gravity else "管顶",
            use_state="在用",
            flow_dir="顺向" if gravity else None,
            is_gravity=gravity,
            length_m=round(line.length, 2),
            road_name=road,
            **STATE,
            **facts,
        )
