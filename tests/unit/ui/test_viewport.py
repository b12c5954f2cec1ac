from __future__ import annotations

import pytest

from hjgis.render.frame import MapFrame
from hjgis.ui.map.viewport import (
    ViewHistory,
    at_denominator,
    filled,
    fitted,
    on_device,
    panned,
    resized,
    shrunk,
)

FRAME = MapFrame.at_scale((428_000, 4_528_000), 1000, width_px=800, height_px=600)
RATIOS = [1.0, 1.25, 1.5, 1.75, 2.0]


def width_m(frame: MapFrame) -> float:
    return frame.extent[2] - frame.extent[0]


def test_a_drag_moves_the_map_with_the_hand() -> None:
    moved = panned(FRAME, 30, -20)
    assert moved.to_map(430, 280) == pytest.approx(FRAME.to_map(400, 300))


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_drag_is_of_whole_device_pixels(ratio: float) -> None:
    moved = panned(FRAME, 11.3, -7.4, ratio=ratio)
    right = (FRAME.center_x - moved.center_x) / FRAME.m_per_px * ratio
    down = (moved.center_y - FRAME.center_y) / FRAME.m_per_px * ratio
    assert right == pytest.approx(round(11.3 * ratio), abs=1e-3)
    assert down == pytest.approx(round(-7.4 * ratio), abs=1e-3)


@pytest.mark.parametrize("ratio", RATIOS)
def test_a_picture_follows_a_hundred_drags_by_whole_pixels(ratio: float) -> None:
    frame = FRAME
    for _step in range(100):
        frame = panned(frame, 3.7, -1.2, ratio=ratio)
    right = (FRAME.center_x - frame.center_x) / FRAME.m_per_px * ratio
    down = (frame.center_y - FRAME.center_y) / FRAME.m_per_px * ratio
    assert right == pytest.approx(100 * round(3.7 * ratio), abs=0.01)
    assert down == pytest.approx(100 * round(-1.2 * ratio), abs=0.01)


def test_zooming_leaves_the_place_under_the_cursor_where_it_is() -> None:
    closer = at_denominator(FRAME, 250, about_px=(100, 500))
    assert closer.scale_denominator == pytest.approx(250)
    assert closer.to_map(100, 500) == pytest.approx(FRAME.to_map(100, 500))


def test_scales_stay_between_what_can_be_drawn() -> None:
    assert at_denominator(FRAME, 0.001).scale_denominator == pytest.approx(10)
    assert at_denominator(FRAME, 1e12).scale_denominator == pytest.approx(20_000_000)


def test_a_larger_window_shows_more_at_the_same_scale() -> None:
    larger = resized(FRAME, 1600, 600)
    assert larger.scale_denominator == FRAME.scale_denominator
    assert width_m(larger) == pytest.approx(2 * width_m(FRAME))


def test_a_place_without_size_is_shown_at_1_to_500() -> None:
    assert fitted(FRAME, (1, 2, 1, 2)).scale_denominator == pytest.approx(500)


@pytest.mark.parametrize(
    ("wide", "high"), [(200, 100), (20, 200)], ids=["a wide box", "a high box"]
)
def test_a_box_fills_the_window_by_its_longer_side(wide: float, high: float) -> None:
    left, top = FRAME.to_map(500, 50)
    right, bottom = FRAME.to_map(500 + wide, 50 + high)
    closer = filled(FRAME, (left, bottom, right, top))
    assert (closer.center_x, closer.center_y) == pytest.approx(
        ((left + right) / 2, (bottom + top) / 2)
    )
    share = max(wide / 800, high / 600)
    assert closer.scale_denominator == pytest.approx(1000 * share)


def test_what_was_seen_lies_in_the_box_after_zooming_out() -> None:
    left, top = FRAME.to_map(600, 50)
    right, bottom = FRAME.to_map(760, 130)
    wider = shrunk(FRAME, (left, bottom, right, top))
    # The window is not as flat as the box: it goes as far as the width of the box.
    assert corners_px(wider) == pytest.approx((600, 30, 760, 150))


def corners_px(frame: MapFrame) -> tuple[float, float, float, float]:
    """Return where the corners of FRAME lie in another frame."""
    left, bottom, right, top = FRAME.extent
    return (
        (left - frame.center_x) / frame.m_per_px + 400,
        (frame.center_y - top) / frame.m_per_px + 300,
        (right - frame.center_x) / frame.m_per_px + 400,
        (frame.center_y - bottom) / frame.m_per_px + 300,
    )


def test_a_box_without_size_is_no_reason_to_divide_by_nothing() -> None:
    box = (FRAME.center_x, FRAME.center_y, FRAME.center_x, FRAME.center_y)
    assert filled(FRAME, box).scale_denominator == pytest.approx(10)
    assert shrunk(FRAME, box).scale_denominator == pytest.approx(20_000_000)


@pytest.mark.parametrize("ratio", RATIOS)
def test_device_pixels_show_the_same_map_and_a_margin(ratio: float) -> None:
    fine = on_device(FRAME, ratio, margin_px=96)
    assert fine.scale_denominator == pytest.approx(FRAME.scale_denominator)
    assert fine.extent == pytest.approx(FRAME.grown(96))


def test_views_go_back_and_forth_and_a_new_one_forgets_what_lay_ahead() -> None:
    views = [at_denominator(FRAME, n) for n in (100, 200, 300, 400)]
    history = ViewHistory()
    for view in views[:3]:
        history.visit(view)
    assert history.previous() == views[1]
    assert history.next() == views[2]
    history.previous()
    history.visit(views[3])
    assert not history.has_next
    assert history.previous() == views[1]


def test_the_oldest_of_many_views_is_forgotten() -> None:
    history = ViewHistory()
    for number in range(1, 61):
        history.visit(at_denominator(FRAME, 100.0 * number))
    while history.has_previous:
        oldest = history.previous()
    assert oldest.scale_denominator == pytest.approx(1100)
    with pytest.raises(IndexError):
        history.previous()
