from __future__ import annotations

import math
from itertools import pairwise

import pytest
import shapely

from hjgis.edits.arrays import (
    add_row,
    bays_along,
    lamps_along,
    next_number,
    nodes_along,
    stations_in,
)
from hjgis.edits.attributes import set_values
from hjgis.errors import EditRefused
from hjgis.layers.project import Project
from hjgis.models.catalogue_files import catalogue
from hjgis.models.rows import BayForm, Numbering, bay_forms, row_fields
from tests.network import build

FORMS = {form.id: form for form in bay_forms()}
KERB = shapely.LineString([(0, 0), (30, 0)])


@pytest.mark.parametrize("form", bay_forms(), ids=lambda form: form.id)
def test_bays_have_the_size_of_their_form_and_do_not_overlap(form: BayForm) -> None:
    bays = [placed.geometry for placed in bays_along(KERB, form, "left")]
    for bay in bays:
        assert bay.area == pytest.approx(form.length_m * form.width_m)
        assert bay.bounds[1] == pytest.approx(0)
    for one, other in pairwise(bays):
        assert one.intersection(other).area < 1e-9
    depth = (
        form.width_m
        if not form.angle_deg
        else form.length_m * math.sin(math.radians(form.angle_deg))
    )
    assert bays[0].bounds[3] == pytest.approx(depth)
    right = bays_along(KERB, form, "right")[0].geometry
    assert right.bounds[3] == pytest.approx(0)


@pytest.mark.parametrize(("form", "count"), [("parallel", 5), ("perpendicular", 12)])
def test_as_many_bays_as_have_room(form: str, count: int) -> None:
    assert len(bays_along(KERB, FORMS[form], "left")) == count
    assert len(bays_along(KERB, FORMS[form], "left", count=3, start_m=2, gap_m=0.5)) == 3
    with pytest.raises(EditRefused, match=f"room for {count}"):
        bays_along(KERB, FORMS[form], "left", count=count + 1)


def test_bays_follow_a_bent_kerb() -> None:
    bent = shapely.LineString([(0, 0), (12, 0), (12, -12)])
    bays = bays_along(bent, FORMS["parallel"], "left")
    assert len(bays) == 4
    assert bays[0].geometry.bounds == pytest.approx((0, 0, 6, 2.5))
    assert bays[3].geometry.bounds == pytest.approx((12, -12, 14.5, -6))


def test_a_row_is_one_change_and_numbered_on(project: Project) -> None:
    first = bays_along(KERB, FORMS["perpendicular"], "left", count=3)
    numbering = Numbering("150826-BW-003-", 9, 4)
    project.session.apply(add_row(project, "parking_bay", first, numbering=numbering))
    table = project.table("parking_bay", ["bay_no", "bay_form", "angle_deg"])
    assert table.columns["bay_no"].tolist() == [f"150826-BW-003-{n:04d}" for n in (9, 10, 11)]
    assert set(table.columns["bay_form"]) == {"垂直"}
    assert next_number(table.columns["bay_no"], "150826-BW-003-") == 12
    assert next_number([None, "x", "A7b"], "A") == 1
    project.session.undo()
    assert project.count("parking_bay") == 0


@pytest.mark.parametrize(
    ("sides", "count", "layout"),
    [("left", 4, "单侧布置"), ("both", 8, "双侧对称"), ("staggered", 7, "双侧交错")],
)
def test_lamps_stand_along_a_road(sides: str, count: int, layout: str) -> None:
    road = shapely.LineString([(0, 0), (90, 0)])
    lamps = lamps_along(road, sides, spacing_m=30, offset_m=8)  # type: ignore[arg-type]
    assert len(lamps) == count
    assert {lamp.values["layout"] for lamp in lamps} == {layout}
    for lamp in lamps:
        side = 1 if lamp.values["side"] == "左" else -1
        assert (lamp.geometry.x, lamp.geometry.y) == (lamp.values["chainage_m"], side * 8)
    chainages = [lamp.values["chainage_m"] for lamp in lamps]
    assert chainages == sorted(chainages)


def test_stations_fill_an_area_on_a_grid() -> None:
    area = shapely.box(0, 0, 100, 50)
    placed = stations_in(area, spacing_m=10)
    assert len(placed) == 50
    assert (placed[0].geometry.x, placed[0].geometry.y) == (5, 45)
    turned = stations_in(area, spacing_m=10, angle_deg=30)
    assert 40 < len(turned) < 60
    assert all(area.contains(one.geometry) for one in turned)


def test_manholes_on_a_pipe_divide_it(project: Project) -> None:
    keys = build(project)
    levels = {"start_elev_m": 1040.0, "end_elev_m": 1037.0, "length_m": 30.0}
    project.session.apply(set_values(project, [keys["AB"]], levels))
    change = nodes_along(
        project, keys["AB"], "manhole", spacing_m=10, numbering=Numbering("W", 8, 2)
    )
    project.session.apply(change)
    table = project.table("pipe_line", ["from_node", "to_node", "start_elev_m", "length_m"])
    assert project.count("manhole") == 5
    assert project.count("pipe_line") == 4
    pieces = [i for i, length in enumerate(table.geometry) if length.length < 11]
    assert sorted(table.columns["start_elev_m"][pieces].tolist()) == [1038.0, 1039.0, 1040.0]
    assert table.columns["length_m"][pieces].tolist() == [10.0, 10.0, 10.0]
    node = keys["A"].uuid
    numbers = []
    while node != keys["B"].uuid:
        (row,) = [i for i in pieces if table.columns["from_node"][i] == node]
        node = table.columns["to_node"][row]
        numbers.append(project.node(node).values["exp_no"])
    assert numbers == ["W08", "W09", "B"]


def test_what_makes_no_sense_is_refused(project: Project) -> None:
    keys = build(project)
    with pytest.raises(EditRefused, match="shorter"):
        nodes_along(project, keys["AB"], "manhole", spacing_m=40)
    with pytest.raises(EditRefused, match="more than"):
        lamps_along(KERB, "both", spacing_m=0.0001, offset_m=3)
    with pytest.raises(EditRefused, match="above 0"):
        stations_in(shapely.box(0, 0, 9, 9), spacing_m=0)
    with pytest.raises(EditRefused, match="no room"):
        add_row(project, "bike_station", stations_in(shapely.box(0, 0, 1, 1), spacing_m=50))


def test_the_fields_of_rows_are_the_catalogues() -> None:
    for layer in ("parking_bay", "street_lamp", "manhole", "pipe_point", "bike_station"):
        asset = catalogue().type(layer)
        for purpose in ("number", "length", "width", "angle", "form", "chainage", "side", "layout"):
            name = row_fields(layer).get(purpose)
            assert name is None or asset.has(name)
    forms = catalogue().codes("bay_form")
    assert all(forms.get(form.code) for form in bay_forms())
