from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

from hjgis.cartography import raster
from hjgis.cartography.composition import MapJob, compose
from hjgis.cartography.output import render_sheet
from hjgis.cartography.raster import check_size, sheet_picture
from hjgis.errors import HjgisError, UsageError
from hjgis.models.crs import parse_crs
from hjgis.models.sheets import sheet

CENTER = (428_245.0, 4_528_395.0)


def pixels(image: QImage) -> np.ndarray:
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    # The picture's own memory goes with it.
    bits = np.frombuffer(plain.constBits(), np.uint32).copy()
    return bits.reshape(plain.height(), plain.width())


@pytest.mark.parametrize(("ending", "world"), [(".png", ".pgw"), (".tif", ".tfw")])
@pytest.mark.parametrize("dpi", [72, 150])
def test_the_world_file_says_where_the_paper_lies(
    town, tmp_path: Path, ending: str, world: str, dpi: int
) -> None:
    job = MapJob(town, scale=1000, center=CENTER)
    made = render_sheet(job, tmp_path / f"map{ending}", dpi=dpi)
    a, d, b, e, x, y = map(float, made.path.with_suffix(world).read_text().split())
    assert (d, b, e) == (0, 0, -a)
    box = sheet("a3-landscape").map_mm
    # The neat line's corners are the frame's; a pixel's place is its middle.
    for mm, wanted in (
        ((box.x, box.bottom), made.extent[:2]),
        ((box.right, box.y), made.extent[2:]),
    ):
        column, row = (side * dpi / 25.4 - 0.5 for side in mm)
        assert (x + a * column - wanted[0]) / a == pytest.approx(0, abs=0.1)
        assert (y + e * row - wanted[1]) / a == pytest.approx(0, abs=0.1)
    assert parse_crs(made.path.with_suffix(".prj").read_text("utf-8")).name.startswith("CGCS2000")


def test_a_point_is_painted_where_the_world_file_says(town, tmp_path: Path) -> None:
    job = MapJob(town, scale=500, center=CENTER)
    made = render_sheet(job, tmp_path / "map.png", dpi=200)
    a, _d, _b, e, x, y = map(float, made.path.with_suffix(".pgw").read_text().split())
    place = np.array([CENTER[0] + 20, CENTER[1] - 30])
    column, row = (place[0] - x) / a, (place[1] - y) / e
    top, left = round(row) - 60, round(column) - 60
    around = pixels(QImage(str(made.path)))[top : top + 121, left : left + 121] & 0xFFFFFF
    # What is darkest near the middle is the symbol's own colour.
    colors, counts = np.unique(around[50:71, 50:71], return_counts=True)
    own = colors[counts.argsort()[::-1]]
    ink = next(color for color in own if color != 0xFFFFFF)
    down, right = np.nonzero(around == ink)
    assert (right.min() + right.max()) / 2 == pytest.approx(60, abs=1)
    assert (down.min() + down.max()) / 2 == pytest.approx(60, abs=1)


def test_a_tiff_is_packed_without_loss_and_knows_its_dots(town, tmp_path: Path) -> None:
    job = MapJob(town, scale=2000, center=CENTER)
    png, tif = (
        QImage(str(render_sheet(job, tmp_path / f"map{ending}", dpi=100).path))
        for ending in (".png", ".tif")
    )
    assert (pixels(png) & 0xFFFFFF == pixels(tif) & 0xFFFFFF).all()
    assert tif.dotsPerMeterX() == pytest.approx(100 / 0.0254, abs=1)
    assert (tmp_path / "map.tif").stat().st_size < tif.sizeInBytes() / 4


@pytest.mark.parametrize("dpi", [29, 1201, 0, -5, float("nan")])
def test_dots_an_inch_have_limits(town, tmp_path: Path, dpi: float) -> None:
    with pytest.raises(UsageError, match="between 30 and 1200"):
        render_sheet(MapJob(town, scale=2000, center=CENTER), tmp_path / "map.png", dpi=dpi)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_is_too_large_is_refused_with_the_dots_that_fit() -> None:
    paper = sheet("a0-landscape")
    with pytest.raises(HjgisError, match=r"over 2 GB") as refused:
        check_size(paper, 1200)
    fits = int(re.search(r"(\d+) dpi fit", str(refused.value))[1])  # type: ignore[index]
    check_size(paper, fits)
    with pytest.raises(HjgisError):
        check_size(paper, fits + 10)


def test_tiles_make_the_same_picture(town, monkeypatch: pytest.MonkeyPatch) -> None:
    composition = compose(MapJob(town, scale=2000, center=CENTER))
    whole = pixels(sheet_picture(composition, 60))
    monkeypatch.setattr(raster, "_TILE_PX", 300)
    tiled = pixels(sheet_picture(composition, 60))
    assert (whole == tiled).mean() > 0.999
