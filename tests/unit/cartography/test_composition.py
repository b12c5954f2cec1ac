from __future__ import annotations

import pytest
from shapely import MultiPolygon, Point, box

from hjgis.cartography.composition import MapJob, compose, fitting_scale
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import set_language
from hjgis.layers.project import Project
from hjgis.models.sheets import Sheet, sheet
from tests.unit.checks.faults import add, at

CENTER = (428_245.0, 4_528_395.0)
A3 = sheet("a3-landscape")


@pytest.mark.parametrize(
    ("width_m", "height_m", "scale"),
    [
        (100, 100, 500),
        (140, 100, 500),
        (149, 100, 1000),
        (4000, 3750, 15_000),
        (6500, 5900, 25_000),
    ],
)
def test_the_scale_is_the_largest_usual_one_at_which_the_extent_fits(
    width_m: float, height_m: float, scale: float
) -> None:
    assert fitting_scale((0, 0, width_m, height_m), A3) == scale


@pytest.mark.parametrize(
    ("name", "side_m", "scale"),
    [
        ("a0-portrait", 6000, 8000),
        ("a1-portrait", 5700, 12_000),
        ("a1-landscape", 4500, 10_000),
        ("a3-landscape", 6000, 25_000),
        ("a4-landscape", 4000, 25_000),
    ],
)
def test_the_town_is_printed_at_scales_that_map_offices_use(
    name: str, side_m: float, scale: float
) -> None:
    assert fitting_scale((0, 0, side_m, side_m), sheet(name)) == scale


def test_paper_that_would_be_half_empty_gets_a_scale_between_the_usual_ones() -> None:
    box = A3.map_mm
    for usual, between in ((10_000, 8000), (25_000, 15_000), (50_000, 30_000)):
        width, height = (0.98 * between * side / 1000 for side in (box.width - 4, box.height - 4))
        assert fitting_scale((0, 0, width, height), A3) in (usual, between)
        assert fitting_scale((0, 0, 0.6 * width, height), A3) == between
        width, height = (0.95 * usual * side / 1000 for side in (box.width - 4, box.height - 4))
        assert fitting_scale((0, 0, width, height), A3) == usual


def test_a_country_is_shown_as_small_as_a_sheet_may_be_and_a_point_as_large() -> None:
    assert fitting_scale((0, 0, 4e6, 3e6), A3) == 1_000_000
    assert fitting_scale((5, 5, 5, 5), A3) == 100


def test_what_does_not_fit_at_the_smallest_scale_is_told(town) -> None:
    made = compose(MapJob(town, extent=(0.0, 0.0, 4e6, 3e6)))
    assert made.scale == 1_000_000
    assert any("not all of the wanted place" in note for note in made.notes)


def test_a_map_shows_the_town_centred(town) -> None:
    made = compose(MapJob(town))
    # The assets reach over 710 by 340 m; the boundary is in the middle as far as all are seen.
    assert made.scale == 2500
    assert made.center == pytest.approx((428_215, 4_528_395), abs=1)
    assert [layer.layer for layer in made.layers] == [
        *("boundary", "road", "park", "pipe_line", "manhole", "toilet"),
    ]


def test_a_boundary_as_large_as_a_county_leaves_what_the_map_is_of_in_its_middle(
    tmp_path, fill
) -> None:
    x, y = CENTER
    county = MultiPolygon([box(x - 20_000, y - 60_000, x + 20_000, y + 10_000)])
    toilets = [(Point(x, y), {}), (Point(x + 90, y + 60), {})]
    with Project.create(tmp_path / "town.gpkg") as project:
        fill(project, {"boundary": [(county, {})], "toilet": toilets})
        assert compose(MapJob(project, theme="toilets")).center == (x + 45, y + 30)


def test_a_misplaced_feature_does_not_shrink_the_town(own_town, fill) -> None:
    fill(own_town, {"toilet": [(Point(428_245, 9_999_999), {})]})
    assert compose(MapJob(own_town)).scale <= 5000


def test_a_misplaced_feature_within_the_outer_boundary_does_not_push_the_town_aside(
    own_town, fill
) -> None:
    x, y = CENTER
    fill(
        own_town,
        {
            "boundary": [(MultiPolygon([box(x - 3000, y - 900, x + 900, y + 900)]), {})],
            "toilet": [
                (Point(x - 2900, y), {}),
                *((Point(x + 9 * i, y - 300), {}) for i in range(40)),
            ],
        },
    )
    west, _south, east, _north = compose(MapJob(own_town, theme="toilets")).frame(1.0).extent
    assert west > x - 1000
    assert east < x + 1000


def test_a_map_of_areas_that_are_no_assets_is_as_large_as_they_are(own_town, fill) -> None:
    x, y = CENTER
    fill(own_town, {"grid": [(box(x, y, x + 80, y + 80), {"grid_id": "1"})]})
    assert compose(MapJob(own_town, theme="grids")).scale <= 500


def test_a_given_scale_and_centre_are_kept(town) -> None:
    made = compose(MapJob(town, scale=777, center=CENTER))
    assert (made.scale, made.center) == (777.0, CENTER)
    assert made.frame(10.0).scale_denominator == pytest.approx(777)


def test_a_given_extent_is_wholly_on_the_map(town) -> None:
    extent = (428_000.0, 4_528_300.0, 428_300.0, 4_528_400.0)
    x_min, y_min, x_max, y_max = compose(MapJob(town, extent=extent)).frame(1.0).extent
    assert x_min < extent[0]
    assert y_min < extent[1]
    assert x_max > extent[2]
    assert y_max > extent[3]


def test_what_does_not_show_at_the_scale_is_told(town) -> None:
    made = compose(MapJob(town, scale=25_000, center=CENTER))
    assert made.hidden == ("pipe_line", "manhole")
    assert "pipe_line" not in [layer.layer for layer in made.layers]


def test_what_a_theme_is_about_shows_at_every_scale(town) -> None:
    made = compose(MapJob(town, theme="pipes", scale=25_000, center=CENTER))
    assert [layer.layer for layer in made.layers] == ["boundary", "road", "pipe_line"]
    assert made.hidden == ("manhole",)


def test_only_features_near_the_frame_are_read(town) -> None:
    made = compose(MapJob(town, scale=500, center=CENTER))
    pipes = next(layer for layer in made.layers if layer.layer == "pipe_line")
    assert len(pipes) == 1


def test_the_most_secret_layer_marks_the_sheet(town) -> None:
    assert compose(MapJob(town, theme="parks")).secrecy == "Public"
    assert compose(MapJob(town, theme="pipes")).secrecy == "Internal"


def test_the_title_is_the_projects_with_the_theme_unless_given(town) -> None:
    set_language("zh_CN")
    title = compose(MapJob(town, theme="pipes")).title
    assert "陕坝镇" in title
    assert "地下管线综合图" in title
    assert compose(MapJob(town, title="管线普查")).title == "管线普查"


def test_an_empty_project_has_nothing_to_show(project) -> None:
    with pytest.raises(HjgisError, match="nothing to show"):
        compose(MapJob(project))


def test_an_empty_project_can_still_be_mapped_where_asked(project) -> None:
    assert compose(MapJob(project, scale=500, center=CENTER)).layers == ()


@pytest.mark.parametrize("scale", [0, -500, 0.5, 50, 99, 5_000_000, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(town, scale: float) -> None:
    with pytest.raises(UsageError, match=r"1:n.*100 to 1,000,000"):
        compose(MapJob(town, scale=scale))


def test_a_secret_sheet_says_so_on_the_paper_and_to_who_makes_it(own_town) -> None:
    own_town.set_info("secrecy", "秘密")
    made = compose(MapJob(own_town, theme="parks"))
    assert made.secrecy == "Secret"
    assert "secrecy" in [item.id for item in made.items]
    assert any("Secret" in note for note in made.notes)
    own_town.set_info("secrecy", "公开")
    assert not any("Secret" in note for note in compose(MapJob(own_town, theme="parks")).notes)


def test_a_title_that_no_sheet_holds_is_told(town) -> None:
    assert not compose(MapJob(town, title="图" * 30)).notes
    notes = compose(MapJob(town, title="图" * 200)).notes
    assert any("title is too long" in note for note in notes)


def test_texts_know_what_the_sheet_says(town) -> None:
    made = compose(MapJob(town, title="管线普查", scale=5000, center=CENTER))
    assert made.words["title"] == "管线普查"
    assert made.words["scale"] == "1:5 000"
    assert made.words["project"] == "陕坝镇"
    assert made.words["drawn"] == "张三"


def test_the_town_outline_is_read_only_for_sheets_that_show_it(town) -> None:
    made = compose(MapJob(town))
    assert made.overview is not None
    assert len(made.overview.areas) == 1
    assert len(made.overview.lines) == 2
    bare: Sheet = A3.without("overview")
    assert compose(MapJob(town, sheet=bare)).overview is None


def test_a_location_map_with_nothing_on_it_is_left_out(project: Project) -> None:
    add(project, "toilet", at())
    made = compose(MapJob(project, theme="toilets"))
    assert made.overview is None
    assert "overview" not in {item.kind for item in made.items}
