"""Invented inspections and repairs of the town, and what its assets say because of them."""

from __future__ import annotations

import datetime as dt

from hjgis.models.catalogue_files import catalogue
from hjgis.models.records import FINE, FOLLOWING, day_after, findings_for, usual_cycles
from sample_data.frame import Layer, dice

# How many assets of a kind have records.
_INSPECTED = {"manhole": 200, "street_lamp": 90, "toilet": 30, "park": 15, "pipe_line": 25}
_FIRST = dt.date(2020, 3, 1)
_DAYS = 110
_FINE_SHARE, _REPAIRED_SHARE = 0.7, 0.55
_DEADLINE_DAYS = 15


def records(layers: list[Layer]) -> Layer:
    """Return the records; the assets in `layers` are changed to what their latest records say."""
    result = Layer("inspection")
    for layer in layers:
        chance = dice(f"inspections {layer.id}")
        count = min(_INSPECTED.get(layer.id, 0), len(layer.rows))
        for place in sorted(chance.permutation(len(layer.rows))[:count].tolist()):
            visits = int(chance.integers(1, 3))
            day = _FIRST + dt.timedelta(days=int(chance.integers(_DAYS // visits)))
            for _visit in range(visits):
                _inspect(result, layer, place, day, chance=chance.random(3).tolist())
                day += dt.timedelta(days=int(chance.integers(20, 50)))
    _keep_first(result)
    return result


def _keep_first(result: Layer) -> None:
    """Let only the first record of an asset keep what the asset said before."""
    kept = set()
    for row in result.rows:
        for name in FOLLOWING.values():
            if name in row and (row["asset_uuid"], name) in kept:
                row[name] = None
            elif name in row:
                kept.add((row["asset_uuid"], name))


def _inspect(result: Layer, layer: Layer, place: int, day: dt.date, *, chance: list[float]) -> None:
    """Let somebody look at an asset; what is bad may have been put right since."""
    known = catalogue()
    bad = [code for code in findings_for(layer.id, known) if not code.extra.get("fine")]
    if chance[0] < _FINE_SHARE:
        _add(result, layer, place, day, finding=FINE, state_after="完好")
        return
    finding = bad[int(chance[1] * len(bad))]
    deadline = day + dt.timedelta(days=_DEADLINE_DAYS)
    values: dict[str, object] = {
        "finding": finding.code,
        "severity": ("轻微", "一般", "严重")[int(chance[1] * 3)],
        "state_after": finding.extra.get("state"),
        "due_date": deadline.isoformat(),
    }
    if chance[2] >= _REPAIRED_SHARE:
        _add(result, layer, place, day, **values)
        return
    repaired = day + dt.timedelta(days=1 + int(chance[2] * 20))
    _add(result, layer, place, day, **values, done_date=repaired.isoformat())
    _add(
        result,
        layer,
        place,
        repaired,
        kind="维修",
        finding="已修复",
        state_after="完好",
        measure=f"处理：{finding.label['zh_CN']}",
        cost_yuan=float(round(80 + 900 * chance[1], -1)),
    )


def _add(result: Layer, layer: Layer, place: int, day: dt.date, **values: object) -> None:
    asset, row, known = catalogue().type(layer.id), layer.rows[place], catalogue()
    record: dict[str, object] = {"kind": "巡查", **values, "date": day.isoformat()}
    finding = known.codes("finding").get(record["finding"])
    said = {
        "state": record.get("state_after"),
        "defect": finding.extra.get("defect") if finding else None,
        "last_inspect_date": record["date"] if record["kind"] == "巡查" else None,
    }
    for name, value in said.items():
        if value is not None and asset.has(name):
            record[FOLLOWING[name]] = row.get(name)
            row[name] = value
    row["next_inspect_date"] = day_after(
        row.get("last_inspect_date"), usual_cycles().days(layer.id, row)
    )
    number = len(result.rows)
    result.add(
        number,
        None,
        asset_layer=layer.id,
        asset_uuid=layer.uuids[place],
        person=f"示例巡查员{number % 6 + 1:02d}",
        unit="市政维护站",
        **record,
    )
