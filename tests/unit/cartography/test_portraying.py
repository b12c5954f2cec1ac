from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, box

from hjgis.cartography.composition import MapJob, compose
from hjgis.cartography.legend import legend_rows
from hjgis.cartography.portraying import Themed, themed
from hjgis.i18n import label
from hjgis.layers.project import Project
from hjgis.models.styles.style import MarkerSymbol
from hjgis.models.themes import Theme, portrayal_of, theme_of

X, Y = 428_245.0, 4_528_395.0


def about(layer: str, **said: Any) -> Theme:
    return theme_of(
        {
            "id": "own",
            "label": {"en": "Own", "zh_CN": "自定义"},
            "layers": [layer],
            "subject": [layer],
            "portrayal": [{"layer": layer, **said}],
        }
    )


def shown(project: Project, layer: str, **said: Any) -> Themed:
    return themed(project, about(layer, **said))


def words(themed: Themed, layer: str) -> list[str]:
    return [label(entry.label) for entry in themed.shadings[layer].style.classes]


def classes(themed: Themed, layer: str) -> list[int]:
    return themed.shadings[layer].classes.tolist()


@pytest.fixture
def lamps(own_town, fill) -> Project:
    """Six lamps on a street, of three sources and one of nobody knows what."""
    kinds = ["LED", "LED", "LED", "高压钠灯", "金卤灯", None]
    power = [60.0, 60.0, 120.0, 250.0, -5.0, None]
    fill(
        own_town,
        {
            "street_lamp": [
                (Point(X + 30 * i, Y), {"lamp_type": kind, "power_w": watts})
                for i, (kind, watts) in enumerate(zip(kinds, power, strict=True))
            ]
        },
    )
    return own_town


def test_values_get_colours_in_the_order_of_their_list_and_null_its_own(lamps) -> None:
    found = shown(lamps, "street_lamp", method="categories", field="lamp_type")
    assert classes(found, "street_lamp") == [0, 0, 0, 1, 2, 3]
    assert len({c.symbol.fill for c in found.shadings["street_lamp"].style.classes}) == 3
    nothing = found.shadings["street_lamp"].style.default
    assert isinstance(nothing.symbol, MarkerSymbol)
    assert (nothing.symbol.shape, label(nothing.label)) == ("cross", "No data")


def test_the_rarest_values_are_one_class_and_that_is_said(lamps) -> None:
    found = shown(lamps, "street_lamp", method="categories", field="lamp_type", most=1)
    assert words(found, "street_lamp") == ["LED", "Others"]
    assert classes(found, "street_lamp") == [0, 0, 0, 1, 1, 2]
    assert "2 rarest values" in found.notes[0]


def test_more_values_than_colours_are_joined_too(own_town, fill) -> None:
    rows = [(Point(X + i, Y), {"pole_no": f"{i:03}"}) for i in range(3000)]
    fill(own_town, {"street_lamp": rows})
    found = shown(own_town, "street_lamp", method="categories", field="pole_no", most=12)
    assert len(words(found, "street_lamp")) == 9
    assert "2992" in found.notes[0]


def test_people_choose_colours_and_the_order(lamps) -> None:
    found = shown(
        lamps, "street_lamp", method="categories", field="lamp_type",
        colors={"LED": "#123456"}, order=["金卤灯"],
    )  # fmt: skip
    style = found.shadings["street_lamp"].style
    assert label(style.classes[0].label) == "Metal halide"
    assert style.classes[1].symbol.fill == "#123456"


def test_numbers_get_classes_with_their_unit(lamps) -> None:
    found = shown(
        lamps, "street_lamp", method="graduated", field="power_w", scheme="user", breaks=[50, 100]
    )
    assert words(found, "street_lamp") == ["≤ 50 W", "50 ~ 100 W", "> 100 W"]
    assert classes(found, "street_lamp") == [1, 1, 2, 2, 0, 3]


def test_a_field_of_words_and_one_without_numbers_are_said_and_the_layer_stays(lamps) -> None:
    for layer, field in (("street_lamp", "lamp_type"), ("street_lamp", "color_temp_k")):
        for method in ("graduated", "size"):
            found = shown(lamps, layer, method=method, field=field)
            assert layer not in found.shadings
            assert "no numbers" in found.notes[0]


def test_a_field_that_is_no_more_is_said_and_the_layer_stays(lamps) -> None:
    for said in (
        {"method": "categories", "field": "gone"},
        {"method": "density", "cells": "square", "measure": "mean", "field": "gone"},
        {"method": "size", "field": "gone"},
    ):
        found = shown(lamps, "street_lamp", **said)
        assert not found.shadings
        assert "no field gone any more" in found.notes[0]
    assert compose(MapJob(lamps, theme=about("street_lamp", method="size", field="gone")))


@pytest.mark.parametrize(
    "said",
    [
        {"method": "single"},
        {"method": "categories", "field": "lamp_type"},
        {"method": "graduated", "field": "power_w"},
        {"method": "size", "field": "power_w"},
        {"method": "density", "cells": "hexagon"},
        {"method": "density", "cells": "grid", "measure": "per_km2"},
        {"method": "density", "cells": "square", "measure": "share", "field": "lamp_type"},
        {"method": "pies", "cells": "square", "field": "lamp_type"},
        {"method": "coverage", "radius_m": 300, "within": "boundary"},
        {"method": "dots"},
        {"method": "target", "target": "TG-07-SHARE"},
    ],
)
def test_an_empty_layer_makes_an_empty_theme(town, said) -> None:
    found = shown(town, "street_lamp", **said)
    assert all(len(paint) == 0 for paint in found.added.get("street_lamp", ()))


def test_the_area_of_a_sign_is_as_large_as_the_number(own_town, fill) -> None:
    rows = [(Point(X + i, Y), {"power_w": watts}) for i, watts in enumerate((400, 100, 0))]
    fill(own_town, {"street_lamp": rows})
    found = shown(own_town, "street_lamp", method="size", field="power_w", sizes_mm=[0.5, 8.0])
    shading = found.shadings["street_lamp"]
    sizes = [shading.style.all_classes[i].symbol.size_mm for i in shading.classes]
    assert sizes[0] == 8.0
    assert sizes[1] == pytest.approx(4.0, abs=0.1)
    assert sizes[2] == 0.5


def test_negative_numbers_are_hollow_and_what_is_unknown_a_cross(lamps) -> None:
    found = shown(lamps, "street_lamp", method="size", field="power_w")
    shading = found.shadings["street_lamp"]
    symbols = [shading.style.all_classes[i].symbol for i in shading.classes]
    assert symbols[0].fill is not None
    assert (symbols[4].fill, symbols[5].shape) == (None, "cross")
    made = compose(MapJob(lamps, theme=about("street_lamp", method="size", field="power_w")))
    texts = [row.text for row in legend_rows(made.layers, made.frame(1.0))]
    assert texts[1:] == ["200 W", "50 W", "10 W", "Negative numbers", "No data"]


def test_cells_count_what_lies_in_them(own_town, fill) -> None:
    places = [(100.0, 100.0)] * 3 + [(900.0, 100.0), (900.0, 900.0)]
    rows = [
        (Point(428_000 + x, 4_528_000 + y), {"lamp_type": "LED" if i < 2 else "金卤灯"})
        for i, (x, y) in enumerate(places)
    ]
    fill(own_town, {"street_lamp": rows})
    found = shown(own_town, "street_lamp", method="density", cells="square", cell_m=500)
    (cells,) = found.added["street_lamp"]
    assert len(cells) == 3
    assert sorted(cells.classes.tolist()) == [0, 0, 1]
    widths = cells.bounds[:, 2] - cells.bounds[:, 0]
    assert widths == pytest.approx([500] * 3)
    share = shown(
        own_town, "street_lamp", method="density", cells="square", cell_m=500,
        measure="share", field="lamp_type", values=["LED"],
    ).added["street_lamp"][0]  # fmt: skip
    assert [label(entry.label) for entry in share.style.all_classes] == ["0%", "66.67%"]


def test_hexagons_tile_the_plane_and_hold_their_places() -> None:
    from hjgis.cartography import aggregated

    xy = np.random.default_rng(3).uniform(-1000, 1000, (4000, 2))
    keys, at = np.unique(aggregated._hexagon_keys(xy, 130.0), axis=0, return_inverse=True)
    middles = aggregated._hexagon_middles(keys, 130.0)
    shapes = aggregated._hexagons(middles, 130.0)
    assert shapely.area(shapes) == pytest.approx([130.0**2 * math.sqrt(3) / 2] * len(keys))
    near = shapely.buffer(shapes[at.reshape(-1)], 1e-6)
    assert shapely.contains_xy(near, xy[:, 0], xy[:, 1]).all()
    union = shapely.union_all(shapes, grid_size=1e-3)
    assert union.area == pytest.approx(shapely.area(shapes).sum(), rel=1e-4)


@pytest.mark.parametrize("cells", ["square", "hexagon"])
def test_lengths_are_cut_at_the_edges_of_cells(own_town, fill, cells: str) -> None:
    from hjgis.cartography import aggregated
    from hjgis.cartography.portrayed import read
    from hjgis.progress import SILENT

    line = LineString([(X - 700, Y - 300), (X + 600, Y + 200), (X + 610, Y + 900)])
    fill(own_town, {"pipe_line": [(line, {"kind": "YS"})]})
    entry = portrayal_of(
        {
            "layer": "pipe_line", "method": "density", "cells": cells, "cell_m": 170,
            "measure": "length_km",
        }
    )  # fmt: skip
    features = read(own_town, entry, SILENT)
    outlines, km = aggregated._lengths(own_town, entry, features)
    whole = shapely.length(features.geometry).sum() / 1000
    assert np.nansum(km) == pytest.approx(whole, rel=1e-9)
    held = [shapely.length(shapely.intersection(features.geometry, o)).sum() for o in outlines]
    assert np.nan_to_num(km) * 1000 == pytest.approx(held, abs=1e-6)


def test_a_pie_is_cut_by_shares_and_as_large_as_its_number(own_town, fill) -> None:
    rows = [(Point(428_050, 4_528_050), {"lamp_type": kind}) for kind in ["LED"] * 3 + ["金卤灯"]]
    rows.append((Point(428_900, 4_528_050), {"lamp_type": "LED"}))
    fill(own_town, {"street_lamp": rows})
    found = shown(
        own_town, "street_lamp", method="pies", cells="square", cell_m=400, field="lamp_type"
    )
    (pies,) = found.added["street_lamp"]
    assert pies.classes.tolist() == [0, 1, 0]
    areas = [shapely.Polygon(next(pies.parts(row))).area for row in range(3)]
    assert areas[0] == pytest.approx(3 * areas[1], rel=0.02)
    assert areas[0] + areas[1] == pytest.approx(4 * areas[2], rel=0.02)


def test_a_coverage_is_dissolved_cut_and_told(own_town, fill) -> None:
    fill(own_town, {"toilet": [(Point(X + 100, Y), {}), (Point(X + 5000, Y), {})]})
    found = shown(own_town, "toilet", method="coverage", radius_m=200, within="boundary")
    (area,) = found.added["toilet"]
    assert len(area) == 1
    assert area.bounds[0][2] <= X + 500.01
    assert "of 1.00 km²" in found.notes[0]
    alone = shown(own_town, "toilet", method="coverage", radius_m=200, within="service_area")
    assert "no area to cut" in alone.notes[1]


def test_dots_are_so_many_the_same_each_time_and_inside(own_town, fill) -> None:
    zones = [
        (MultiPolygon([box(X + 1000, Y, X + 1100, Y + 300)]), {"area_m2": 30_000.0}),
        (MultiPolygon([box(X + 2000, Y, X + 2010, Y + 10)]), {"area_m2": 100.0}),
    ]
    fill(own_town, {"park": zones})
    said = {"method": "dots", "field": "area_m2", "per": 1000}
    found = shown(own_town, "park", **said)
    (dots,) = found.added["park"]
    assert len(dots) == 30
    assert shapely.contains_xy(zones[0][0], dots.coords[:, 0], dots.coords[:, 1]).all()
    again = shown(own_town, "park", **said).added["park"][0]
    assert np.array_equal(dots.coords, again.coords)
    assert "less than half" in found.notes[0]
    many = shown(own_town, "park", method="dots", field="area_m2", per=0.001)
    assert "too many" in many.notes[0]


def test_a_target_shows_what_it_includes_and_what_not(lamps) -> None:
    found = shown(lamps, "street_lamp", method="target", target="TG-07-SHARE")
    assert classes(found, "street_lamp") == [0, 0, 0, 1, 1, 1]
    assert words(found, "street_lamp") == ["Included", "Not included"]
    for name in ("TG-99", "TG-16-RESP"):
        other = shown(lamps, "street_lamp", method="target", target=name)
        assert not other.shadings
        assert other.notes


def test_what_a_target_misses_is_called_lacking(town) -> None:
    found = shown(town, "manhole", method="target", target="TG-16-RESP")
    assert words(found, "manhole") == ["Lacking", "Not lacking"]
    assert classes(found, "manhole") == [0, 0]


def test_figures_are_fields_and_what_is_unknown_stays_so(own_town, fill) -> None:
    from hjgis.checks.figures import figures_of, reckoned

    rows = [(LineString([(X, Y), (X + 9, Y)]), {"kind": "JS", "laid_year": y})
            for y in (2000, None, 1066, 2999)]  # fmt: skip
    fill(own_town, {"pipe_line": rows})
    age = reckoned(own_town, "pipe_line", "age_years")[-4:]
    assert age[0] >= 26
    assert np.isnan(age[1:]).all()
    assert {"overdue", "renewal_score", "completeness_share"} < set(
        figures_of(own_town.asset_type("pipe_line"))
    )
    assert "overdue" not in figures_of(own_town.asset_type("toilet"))
    share = reckoned(own_town, "toilet", "completeness_share")
    assert ((share >= 0) & (share <= 100)).all()
    found = shown(own_town, "pipe_line", method="graduated", field="age_years")
    assert found.shadings["pipe_line"].classes[-1] == len(words(found, "pipe_line"))


def test_all_sheets_of_a_series_have_the_same_classes(lamps) -> None:
    about_lamps = about("street_lamp", method="graduated", field="power_w")
    made = [
        compose(MapJob(lamps, theme=about_lamps, scale=500, center=(X + east, Y)))
        for east in (0, 150)
    ]
    styles = [page.layers[0].style for page in made]
    assert styles[0] == styles[1]
    texts = [[row.text for row in legend_rows(page.layers, page.frame(1.0))] for page in made]
    assert texts[0] != texts[1]
    assert "No data" in texts[1]


def test_a_layer_that_the_project_has_not_is_left_out(town) -> None:
    found = themed(town, about("gone", method="single"))
    assert not found.shadings


def test_lines_are_as_wide_as_their_number_and_areas_hold_signs(own_town, fill) -> None:
    line = LineString([(X, Y), (X + 50, Y)])
    fill(own_town, {"pipe_line": [(line, {"kind": "JS", "diameter_mm": d}) for d in (1000, 500)]})
    found = shown(own_town, "pipe_line", method="size", field="diameter_mm", sizes_mm=[0.2, 2.0])
    shading = found.shadings["pipe_line"]
    widths = [shading.style.all_classes[i].symbol.width_mm for i in shading.classes[-2:]]
    assert widths == pytest.approx([2.0, 1.0], abs=0.03)
    fill(own_town, {"park": [(MultiPolygon([box(X, Y, X + 9, Y + 9)]), {"area_m2": 81.0})]})
    signs = shown(own_town, "park", method="size", field="area_m2")
    assert [paint.style.kind for paint in signs.added["park"]] == ["fill", "marker"]
    assert signs.hidden == {"park"}


def test_signs_made_of_a_subject_show_at_every_scale_as_it_does(own_town, fill) -> None:
    lots = [(MultiPolygon([box(X, Y, X + 40, Y + 30)]), {"bays_total": 60})]
    fill(own_town, {"parking_lot": lots})
    sized = about("parking_lot", method="size", field="bays_total", beside_own=False)
    small = compose(MapJob(own_town, theme=sized, scale=200_000, center=(X, Y)))
    assert [layer.style.kind for layer in small.layers] == ["marker"]
    assert small.hidden == ()


def test_a_theme_that_is_reckoned_already_is_not_reckoned_again(lamps) -> None:
    found = shown(lamps, "street_lamp", method="categories", field="lamp_type")
    usual = replace(found, shadings={}, notes=("as it was given",))
    made = compose(MapJob(lamps, theme=usual))
    assert made.notes[0] == "as it was given"
    drawn = next(layer for layer in made.layers if layer.layer == "street_lamp")
    assert drawn.style.classes != found.shadings["street_lamp"].style.classes


def test_numbers_have_a_colour_each_also_with_a_ramp_of_kinds(lamps) -> None:
    few = {"scheme": "user", "breaks": list(range(0, 110, 10)), "ramp": "kinds"}
    found = shown(lamps, "street_lamp", method="graduated", field="power_w", **few)
    colors = [item.symbol.fill for item in found.shadings["street_lamp"].style.classes]
    assert len({*colors}) == len(colors) == 12


@pytest.mark.parametrize("per", [1e-3, 1e-300])
def test_dots_for_next_to_nothing_are_too_many_and_not_painted(lamps, per: float) -> None:
    found = shown(lamps, "street_lamp", method="dots", field="power_w", per=per)
    assert found.added["street_lamp"] == ()
    assert "too many" in found.notes[0]
