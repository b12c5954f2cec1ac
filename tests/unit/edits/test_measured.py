from __future__ import annotations

import datetime as dt

import pytest
import shapely

from hjgis.edits.measured import Origin, add_measured, measured_words
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import catalogue
from hjgis.models.positions import Average, Fix, Placed, average, receiver_rules
from tests.network import build

AT = (428_300.25, 4_528_400.5)
FIX = Fix(
    receiver_rules().quality("rtk_fixed"), 107.0, 41.0, dt.time(17, 0, 1), dt.date(2026, 6, 15),
    height_m=1041.25, separation_m=-30.5, satellites=18, hdop=0.65, stated_m=0.011,
)  # fmt: skip


def standing(quality: str = "rtk_fixed", x: float = AT[0], y: float = AT[1]) -> Average:
    fix = Fix(receiver_rules().quality(quality), 107.0, 41.0, FIX.time, FIX.date)
    return average([Placed(fix, x, y)])


def test_a_measured_point_carries_what_is_known_of_it(project: Project) -> None:
    place = average([Placed(FIX, AT[0] - 0.03, AT[1]), Placed(FIX, AT[0] + 0.03, AT[1])])
    change = add_measured(
        project, "street_lamp", place, catalogue=catalogue(), origin=Origin("Wang")
    )
    project.session.apply(change)
    (feature,) = project.store.features("street_lamp", [1])
    assert feature.geometry == shapely.Point(AT)
    assert not feature.geometry.has_z
    values = feature.values
    # 17:00 UTC is the next day in China.
    assert (values["survey_date"], values["surveyor"]) == ("2026-06-16", "Wang")
    assert values["data_source"] == "实测"
    said = str(values["remarks"])
    for part in ("RTK fixed", "18 satellites", "HDOP 0.65", "±0.011 m", "mean of 2, RMS 0.030 m",
                 "1041.250 m above the receiver's geoid (not the 1985 datum)",
                 "2026-06-15T17:00:01Z"):  # fmt: skip
        assert part in said
    project.session.undo()
    assert project.count("street_lamp") == 0


def test_a_manhole_measured_on_a_pipe_divides_it(project: Project) -> None:
    build(project)
    change = add_measured(
        project,
        "manhole",
        standing(x=428_012.0, y=4_528_000.0),
        catalogue=catalogue(),
        origin=Origin(),
    )
    project.session.apply(change)
    assert project.count("pipe_line") == 3


@pytest.mark.parametrize(
    ("quality", "origin"), [("simulated", Origin()), ("rtk_fixed", Origin(replayed="a.nmea"))]
)
def test_what_was_not_measured_here_is_not_called_so(
    project: Project, quality: str, origin: Origin
) -> None:
    place = standing(quality)
    change = add_measured(project, "street_lamp", place, catalogue=catalogue(), origin=origin)
    (made,) = change.changes
    assert made.after is not None
    assert made.after.values.get("data_source") is None
    assert ("replayed from a.nmea" in measured_words(place, origin)) == bool(origin.replayed)


def test_every_kind_of_point_takes_a_measured_place(project: Project) -> None:
    for asset in project.types.values():
        if asset.geometry == "Point" and asset.kind == "asset":
            origin = Origin("Wang")
            change = add_measured(
                project, asset.id, standing(), catalogue=catalogue(), origin=origin
            )
            project.session.apply(change)
            assert project.count(asset.id) == 1
            assert change.changes[0].after.values["surveyor"] == "Wang"  # type: ignore[union-attr]
