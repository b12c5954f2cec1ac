from __future__ import annotations

import pytest
from hjgis.cartography.sheet import sheet
from shapely import Point

from hjgis.cartography.composition import MapJob, compose, fitting_scale
from hjgis.errors import HjgisError, UsageError
from hjgis.i18n import set_language

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


def test_a_country_fits_too_and_a_point_is_not_infinitely_large() -> None:
    assert fitting_scale((0, 0, 4e6, 3e6), A3) >= 4e6 / 0.3
    assert fitting_scale((5, 5, 5, 5), A3) == 100


def test_a_map_shows_the_town_centred(town) -> None:
    made = compose(MapJob(town))
    # The assets reach over 710 by 340 m.
    assert made.scale == 2500
    assert made.center == pytest.approx((CENTER[0] - 45, CENTER[1] + 130))
    assert [layer.layer for layer in made.layers] == [
        *("boundary", "road", "park", "pipe_line", "manhole", "toilet"),
    ]


def test_a_misplaced_feature_does_not_shrink_the_town(own_town, fill) -> None:
    fill(own_town, {"toilet": [(Point(428_245, 9_999_999), {})]})
    assert compose(MapJob(own_town)).scale <= 5000


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
    assert [layer.layer for layer in made.layers] == ["boundary", "road", "park", "pipe_line"]
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


@pytest.mark.parametrize("scale", [0, -500, 0.5, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(town, scale: float) -> None:
    with pytest.raises(UsageError, match="1:n"):
        compose(MapJob(town, scale=scale))


def test_an_unknown_layer_is_answered_with_the_known_ones(town) -> None:
    with pytest.raises(UsageError, match=r"trees.*park"):
        compose(MapJob(town, layers=["trees"]))
