"""Charts as pictures."""

from __future__ import annotations

import io
import math
from xml.etree import ElementTree

import pytest
from PIL import Image

from hjgis.cartography.charts import left_out, picture
from hjgis.cartography.figures import PALETTE, Chart

NAMES = ("污水", "雨水", "(空)")
CHART = Chart("管线长度", NAMES, (("全部", (1.5, 2.5, math.nan)),), "公里", decimals=3)
PAIR = Chart("t", NAMES, (("a", (1.0, 2.0, 3.0)), ("b", (3.0, math.nan, 1.0))), "km")


def colours(data: bytes) -> set[str]:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    counts = image.getcolors(image.width * image.height) or []
    return {"#{:02x}{:02x}{:02x}".format(*colour) for count, colour in counts if count > 200}


@pytest.mark.parametrize("kind", ["bar", "stacked", "pie"])
def test_a_chart_has_its_size_and_a_colour_for_each_part(kind: str) -> None:
    chart = Chart(PAIR.title, PAIR.categories, PAIR.series, PAIR.unit, kind=kind)
    data = picture(chart, width_px=640, height_px=400)
    assert Image.open(io.BytesIO(data)).size == (640, 400)
    assert {PALETTE[0], PALETTE[1]} <= colours(data)


def test_a_long_legend_leaves_the_bars_their_room() -> None:
    kinds = tuple(f"K{number}" for number in range(13))
    series = tuple((f"DN{number}", (1.0,) * len(kinds)) for number in range(26))
    data = picture(Chart("t", kinds, series, "km", kind="stacked"), width_px=580, height_px=410)
    image = Image.open(io.BytesIO(data)).convert("RGB")
    first = tuple(int(PALETTE[0][at : at + 2], 16) for at in (1, 3, 5))
    left = image.crop((0, 0, image.width // 2, image.height))
    rows = [y for y in range(left.height) for x in range(left.width)
            if left.getpixel((x, y)) == first]  # fmt: skip
    assert max(rows) - min(rows) > 0.6 * image.height


def test_an_svg_needs_no_fonts_and_is_the_same_each_time() -> None:
    data = picture(CHART, format="svg")
    root = ElementTree.fromstring(data)
    assert not list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert data == picture(CHART, format="svg")


@pytest.mark.parametrize("kind", ["bar", "stacked", "pie", "line"])
@pytest.mark.parametrize("series", [(), (("a", (math.nan,)),), (("a", (0.0,)),)])
def test_nothing_to_show_is_a_picture_too(kind: str, series: tuple) -> None:
    assert picture(Chart("t", ("x",), series, "", kind=kind)).startswith(b"\x89PNG")


def test_what_has_no_room_is_counted_and_signs_of_formulas_are_plain_text() -> None:
    many = tuple(f"$x_{number}^2$" for number in range(60))
    chart = Chart("$\\frac{1}$", many, (("a", tuple(map(float, range(60)))),), "km")
    assert left_out(chart) == 20
    assert picture(chart)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="donut"):
        picture(Chart("t", ("x",), (("a", (1.0,)),), "", kind="donut"))


def test_a_line_of_many_days_says_some_of_them() -> None:
    days = tuple(f"2026-05-{number:02d}" for number in range(1, 32))
    shares = (math.nan, *(90.0 + number / 10 for number in range(30)))
    chart = Chart("t", days, (("a", shares),), "%", kind="line", decimals=1)
    assert left_out(chart) == 0
    assert PALETTE[0] in colours(picture(chart))
