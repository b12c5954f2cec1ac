from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pypdf
import pytest
from PySide6.QtGui import QImage, QPainter

from hjgis.cartography.composition import MapJob, compose
from hjgis.cartography.output import render_sheet
from hjgis.cartography.painting import paint_sheet
from hjgis.errors import Cancelled, HjgisError, UsageError
from hjgis.i18n import set_language

CENTER = (428_245.0, 4_528_395.0)
MM_PER_POINT = 25.4 / 72
GAS = "1 0 1 SCN"


def pixels_of(image: QImage) -> np.ndarray:
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    # The picture's own memory goes with it.
    return np.frombuffer(plain.constBits(), np.uint32).copy()


def page_of(path: Path) -> pypdf.PageObject:
    return pypdf.PdfReader(path).pages[0]


def drawn_line_mm(page: pypdf.PageObject, color: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the first stroke of a colour in the content stream, mm."""
    contents = page.get_contents()
    assert contents is not None
    stream = contents.get_data().decode("latin1")
    scale = float(re.search(r"([\d.]+) 0 0 -[\d.]+ 0 [\d.]+ cm", stream)[1])  # type: ignore[index]
    number = r"(-?[\d.]+)"
    stroke = re.search(
        rf"{re.escape(color)}.*?{number} {number} m\s+{number} {number} l\s+S", stream, re.S
    )
    assert stroke is not None
    values = np.array([float(value) for value in stroke.groups()]) * scale * MM_PER_POINT
    return values[:2], values[2:]


@pytest.mark.parametrize("scale", [500, 1000, 2000])
def test_two_known_points_are_as_far_apart_on_paper_as_the_scale_says(
    town, tmp_path: Path, scale: int
) -> None:
    render_sheet(MapJob(town, scale=scale, center=CENTER), tmp_path / "map.pdf")
    start, end = drawn_line_mm(page_of(tmp_path / "map.pdf"), GAS)
    # The gas pipe is 100 m long.
    assert np.hypot(*(end - start)) == pytest.approx(100_000 / scale, abs=0.05)


def test_the_pdf_page_is_a3(town, tmp_path: Path) -> None:
    render_sheet(MapJob(town), tmp_path / "map.pdf")
    box = page_of(tmp_path / "map.pdf").mediabox
    # Qt rounds a page to whole points, 0.35 mm.
    assert float(box.width) * MM_PER_POINT == pytest.approx(420, abs=0.2)
    assert float(box.height) * MM_PER_POINT == pytest.approx(297, abs=0.2)


def test_chinese_text_can_be_read_out_of_the_pdf(town, tmp_path: Path) -> None:
    set_language("zh_CN")
    render_sheet(MapJob(town, title="陕坝镇地下管线综合图"), tmp_path / "map.pdf")
    # The font has one glyph for space and tab, and this reader names it tab.
    text = page_of(tmp_path / "map.pdf").extract_text().replace("\t", " ")
    for words in (
        *("陕坝镇地下管线综合图", "杭锦后旗住房和城乡建设局", "燃气", "体育公园", "1:2 500"),
    ):
        assert words in text
    assert text.count("体育公园") == 1


def test_letters_are_embedded_in_the_pdf(town, tmp_path: Path) -> None:
    render_sheet(MapJob(town), tmp_path / "map.pdf")
    fonts = page_of(tmp_path / "map.pdf")["/Resources"]["/Font"]  # type: ignore[index]
    for font in fonts.values():
        descendant = font.get_object()["/DescendantFonts"][0].get_object()
        assert "/FontFile2" in descendant["/FontDescriptor"].get_object()


def test_the_svg_is_true_in_millimetres(town, tmp_path: Path) -> None:
    made = render_sheet(MapJob(town, scale=1000, center=CENTER), tmp_path / "map.svg")
    text = made.path.read_text("utf-8")
    assert 'width="420mm" height="297mm"' in text
    assert 'viewBox="0 0 42000 29700"' in text
    # The gas pipe, 100 m at 1:1000, in units of 0.01 mm.
    lines = re.search(r'stroke="#ff00ff".*?points="([^"]+)"', text, re.S)
    assert lines is not None
    ends = [tuple(map(float, pair.split(","))) for pair in lines[1].split()]
    assert ends[-1][0] - ends[0][0] == pytest.approx(10_000, abs=5)


def test_the_png_has_the_dots_it_was_asked_for(town, tmp_path: Path) -> None:
    job = MapJob(town, scale=5000, center=CENTER)
    image = QImage(str(render_sheet(job, tmp_path / "map.png", dpi=100).path))
    assert (image.width(), image.height()) == (1654, 1169)
    assert image.dotsPerMeterX() == pytest.approx(100 / 0.0254, abs=1)


def test_the_preview_is_the_page(town, tmp_path: Path) -> None:
    job = MapJob(town, scale=5000, center=CENTER)
    saved = QImage(str(render_sheet(job, tmp_path / "map.png", dpi=72).path))
    preview = QImage(saved.size(), QImage.Format.Format_RGB32)
    composition = compose(job)
    painter = QPainter(preview)
    paint_sheet(painter, composition, px_per_mm=72 / 25.4)
    painter.end()
    pixels = [pixels_of(image) for image in (saved, preview)]
    assert (pixels[0] & 0xFFFFFF == pixels[1] & 0xFFFFFF).mean() > 0.995


def test_the_result_says_what_is_shown_and_what_is_not(town, tmp_path: Path) -> None:
    made = render_sheet(MapJob(town, scale=25_000, center=CENTER), tmp_path / "map.png")
    assert made.path == tmp_path / "map.png"
    assert made.scale == 25_000
    assert "park" in made.layers
    assert made.hidden == ("pipe_line", "manhole")
    assert made.extent[2] - made.extent[0] == pytest.approx(300 * 25)


def test_only_a_sample_is_watermarked(own_town, tmp_path: Path) -> None:
    pictures = []
    for sample in ("1", "0"):
        own_town.set_info("sample", sample)
        job = MapJob(own_town, scale=5000, center=CENTER, theme="parks")
        pictures.append(QImage(str(render_sheet(job, tmp_path / "map.png", dpi=50).path)))
    marked, plain = map(pixels_of, pictures)
    assert (marked != plain).sum() > 5000


def test_nothing_of_what_lies_outside_the_frame_is_in_the_file(town, tmp_path: Path) -> None:
    render_sheet(MapJob(town, scale=500, center=(CENTER[0] - 100, CENTER[1])), tmp_path / "map.pdf")
    start, end = drawn_line_mm(page_of(tmp_path / "map.pdf"), GAS)
    # The pipe starts 60 m right of the middle; the frame ends 75 m from it, with 2 mm to spare.
    assert 30 <= np.hypot(*(end - start)) <= 33


@pytest.mark.parametrize("name", ["map.jpg", "map", "map.docx"])
def test_another_ending_is_refused_with_the_known_ones(town, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"\.pdf, \.svg, \.png"):
        render_sheet(MapJob(town), tmp_path / name)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("ending", [".pdf", ".svg", ".png"])
def test_a_place_that_cannot_be_written_is_told(town, tmp_path: Path, ending: str) -> None:
    with pytest.raises(HjgisError, match="no such folder"):
        render_sheet(MapJob(town), tmp_path / "nowhere" / f"map{ending}")
    (tmp_path / f"taken{ending}").mkdir()
    with pytest.raises(HjgisError, match=f"taken{ending} cannot be written"):
        render_sheet(MapJob(town), tmp_path / f"taken{ending}")
    assert sorted(path.name for path in tmp_path.glob("*part*")) == []


class Impatient:
    """Says stop once painting has begun."""

    def __init__(self) -> None:
        self.phases: set[str] = set()

    def report(self, done: int, total: int, key: str) -> None:
        assert done <= total
        self.phases.add(key)

    def check(self) -> None:
        if "paint" in self.phases:
            raise Cancelled("stopped")


@pytest.mark.parametrize("ending", [".pdf", ".svg", ".png"])
def test_a_cancelled_map_leaves_no_file_and_the_old_one_alone(
    town, tmp_path: Path, ending: str
) -> None:
    out = tmp_path / f"map{ending}"
    out.write_text("old", "utf-8")
    with pytest.raises(Cancelled):
        render_sheet(MapJob(town), out, progress=Impatient())
    assert out.read_text("utf-8") == "old"
    assert list(tmp_path.glob("*part*")) == []
