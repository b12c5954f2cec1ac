"""Dense layers that we write into a PDF ourselves are what Qt would have painted."""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPen

from hjgis.cartography import painting
from hjgis.cartography.composition import Composition, MapJob, compose
from hjgis.cartography.output import write_composition
from hjgis.cartography.pdf_content import content
from hjgis.models.sheets import Box
from hjgis.models.styles.style import (
    MarkerSymbol,
)
from hjgis.render.batches import Drawing
from hjgis.render.features import LayerPaint
from hjgis.render.frame import MapFrame
from hjgis.render.symbols import brush, no_brush, no_pen, solid_pen
from tests.unit.cartography.painted import CENTER, areas, layer_of, lines, scattered

SCALE = 2000
MM_PER_POINT = 25.4 / 72
_VERTEX = re.compile(r"(\d+) (\d+) ([ml])\n| +(h)\n")
poppler = pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="poppler is not installed")


def discs(count: int = 300) -> LayerPaint:
    green = MarkerSymbol("circle", 2.2, fill="#59814f", stroke="#ffffff", stroke_mm=0.3)
    red = MarkerSymbol("circle", 1.4, fill="#c8322f")
    return layer_of("well", shapely.points(scattered(count, 1)).tolist(), green, red)


@pytest.fixture
def sheet_of(town) -> Any:
    """Return a sheet with these layers instead of the town's."""
    whole = compose(MapJob(town, sheet="a4-landscape", scale=SCALE, center=CENTER))

    def make(*layers: LayerPaint) -> Composition:
        return replace(whole, layers=layers)

    return make


def text_between(page: Any, layer: str) -> str:
    marks = page["/Resources"]["/Properties"]
    mark = next(m for m, group in marks.items() if group.get_object()["/Name"] == layer)
    text = page.get_contents().get_data().decode("latin1")
    found = re.search(rf"/OC {mark} BDC(.*?)\nEMC", text, re.S)
    assert found is not None
    return found[1]


def rendered(pdf: Path, dpi: int = 120) -> np.ndarray:
    subprocess.run(["pdftoppm", "-r", str(dpi), "-png", "-singlefile", pdf, pdf], check=True)
    image = QImage(f"{pdf}.png").convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8)
    return pixels.reshape(image.height(), image.width(), 4)[:, :, :3].astype(np.int16)


@poppler
@pytest.mark.parametrize(
    "layers",
    [
        pytest.param([discs()], id="discs"),
        pytest.param([lines()], id="lines"),
        pytest.param([areas()], id="areas"),
        pytest.param([areas(0.4), discs()], id="opacity"),
    ],
)
def test_a_reader_shows_what_qt_would_have_painted(
    sheet_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layers: list[LayerPaint]
) -> None:
    composition = sheet_of(*layers)
    ours, qts = tmp_path / "ours.pdf", tmp_path / "qt.pdf"
    write_composition(composition, ours)
    monkeypatch.setattr(painting, "drawings", lambda *_given, **_named: None)
    write_composition(composition, qts)
    for layer in layers:
        assert _VERTEX.search(text_between(pypdf.PdfReader(ours).pages[0], layer.layer))
    first, second = rendered(ours), rendered(qts)
    assert first.shape == second.shape
    differs = np.abs(first - second).max(axis=2)
    assert (second < 200).mean() > 0.02
    assert (differs > 64).mean() < 1e-4
    assert (differs > 16).mean() < 2e-3


def test_vertices_lie_on_paper_where_the_scale_says(sheet_of, tmp_path: Path) -> None:
    layer = discs()
    composition = sheet_of(layer)
    write_composition(composition, tmp_path / "map.pdf")
    page = pypdf.PdfReader(tmp_path / "map.pdf").pages[0]
    text = text_between(page, "well")
    matrices = re.findall(r"(\S+) 0 0 (\S+) (\S+) (\S+) cm", text)
    unit, top = float(matrices[-2][0]), float(matrices[-2][3])
    moved = np.array(matrices[-1][2:], float)
    found = np.array([m[:2] for m in _VERTEX.findall(text) if m[2] == "m"], float)
    found = (np.array([0, top]) + (found + moved) * [unit, -unit]) * MM_PER_POINT
    box, paper = composition.sheet.map_mm, composition.sheet.paper_mm
    middle = np.array([box.x + box.width / 2, paper[1] - box.y - box.height / 2])
    meant = middle + (layer.coords - CENTER) * 1000 / SCALE
    seen = (np.abs(meant - middle) < np.array([box.width, box.height]) / 2).all(axis=1)
    gaps = np.hypot(*(meant[seen][:, None, :] - found[None, :, :]).transpose(2, 0, 1)).min(axis=1)
    assert seen.sum() > 50
    assert gaps.max() < 0.01
    outside = (np.abs(found - middle) - np.array([box.width, box.height]) / 2).max()
    assert outside < 5.0


def test_layers_and_letters_stay_and_two_runs_are_the_same_bytes(sheet_of, tmp_path: Path) -> None:
    composition = sheet_of(areas(), lines(), discs())
    files = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    for file in files:
        write_composition(composition, file)
    one, two = (re.sub(rb"\d{14}Z|\d{4}-\d\d-\d\dT[\d:]+Z", b"", f.read_bytes()) for f in files)
    assert one == two
    reader = pypdf.PdfReader(files[0])
    groups = reader.trailer["/Root"]["/OCProperties"]["/OCGs"]  # type: ignore[index]
    names = [group.get_object()["/Name"] for group in groups]
    assert names[:3] == ["bay", "pipe", "well"]
    assert "1:2000" in re.sub(r"\s", "", reader.pages[0].extract_text())


def test_what_is_more_than_plain_shapes_is_painted_by_qt(sheet_of, tmp_path: Path) -> None:
    points = shapely.points(scattered(100, 5)).tolist()
    squares = layer_of("lamp", points, MarkerSymbol("square", 2.0, fill="#2222cc"))
    few = discs(5)
    write_composition(sheet_of(squares, few), tmp_path / "map.pdf")
    page = pypdf.PdfReader(tmp_path / "map.pdf").pages[0]
    for name in ("lamp", "well"):
        assert "/CSp" in text_between(page, name)


def drawn(*drawings: Drawing, width_px: float = 30_000.0) -> str:
    frame = MapFrame(0.0, 0.0, 1.0, width_px, 20_000.0, 2540.0)
    made = content(drawings, frame, box=Box(10, 20, 300, 200), height_mm=297)
    return zlib.decompress(made.packed).decode("ascii")


def places(text: str) -> list[tuple[float, float, str]]:
    """Return vertices and closings, from the frame's corner; the box stands at 10, 20 mm."""
    shift = re.findall(r"1 0 0 1 (\S+) (\S+) cm", text)[-1]
    dx, dy = float(shift[0]) - 1000, float(shift[1]) - 2000
    return [
        (0.0, 0.0, "h") if close else (float(x) + dx, float(y) + dy, kind)
        for x, y, kind, close in _VERTEX.findall(text)
    ]


@pytest.mark.parametrize("far", [0.0, -2100.0, -250_000.0, 118_900.0, 1_000_000.0, 91_000.0])
def test_numbers_of_any_size_are_read_back(far: float) -> None:
    coords = np.array([[0.0, 7.0], [29_999.0, 20_000.0], [far, 3.0], [5.0, 5.0], [6.0, far]])
    text = drawn(Drawing(coords, np.array([0, 3, 5]), solid_pen("#000000", 20.0), no_brush()))
    read = places(text)
    assert [place[:2] for place in read] == [tuple(place) for place in coords.tolist()]
    assert "".join(place[2] for place in read) == "mllml"
    assert len({len(line) for line in re.findall(r"^\d+ \d+ [ml]$", text, re.M)}) == 1


def test_rings_close_and_lines_that_lead_nowhere_do_not() -> None:
    ring = [[1.0, 1.0], [9.0, 1.0], [9.0, 9.0], [1.0, 1.0]]
    point = [[4.0, 4.0], [4.0, 4.0]]
    coords, ends = np.array(ring + point), np.array([0, 4, 4, 6])
    text = drawn(Drawing(coords, ends, solid_pen("#000000", 20.0), brush("#ff000080")))
    assert "".join(place[2] for place in places(text)) == "mllhml"
    assert text.rstrip().endswith("B*\nQ")


def test_nothing_to_draw_is_an_empty_page() -> None:
    nothing = Drawing(np.empty((0, 2)), np.zeros(1, int), solid_pen("#000000", 1.0), no_brush())
    line = Drawing(np.array([[0.0, 0.0], [9.0, 9.0]]), np.array([0, 2]), no_pen(), no_brush())
    for drawings in ([], [nothing], [line], [nothing, line]):
        assert places(drawn(*drawings)) == []


def test_pens_and_brushes_are_told_as_pdf_wants_them() -> None:
    pen = QPen(solid_pen("#33669980", 20.0))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([2.0, 1.5])
    coords, ends = np.array([[0.0, 0.0], [9.0, 9.0]]), np.array([0, 2])
    stroked = drawn(Drawing(coords, ends, pen, no_brush()))
    assert "0.200000 0.400000 0.600000 RG 20.000 w\n0 J 1 j [40.000 30.000] 0 d\n" in stroked
    assert stroked.endswith("S\nQ")
    filled = drawn(Drawing(coords, ends, no_pen(), brush("#ff0000")))
    assert "1.000000 0.000000 0.000000 rg\n" in filled
    assert " RG" not in filled
    assert filled.endswith("f*\nQ")
