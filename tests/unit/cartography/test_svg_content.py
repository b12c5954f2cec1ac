"""Layers that we write into an SVG ourselves are what Qt would have painted."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import shapely
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from hjgis.cartography import painting
from hjgis.cartography.composition import Composition, MapJob, compose
from hjgis.cartography.output import write_composition
from hjgis.errors import Cancelled
from hjgis.models.styles.style import (
    MarkerSymbol,
)
from hjgis.render.features import LayerPaint
from tests.unit.cartography.painted import CENTER, areas, layer_of, lines, scattered

_SVG = "{http://www.w3.org/2000/svg}"
_LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"


def symbols(count: int = 300, opacity: float = 1.0) -> LayerPaint:
    shapes = shapely.points(scattered(count, 1)).tolist()
    kinds = (
        MarkerSymbol("circle", 3.2, fill="#59814f", stroke="#ffffff", stroke_mm=0.3, glyph="雨"),
        MarkerSymbol("lamp", 2.4, fill="#c8322f80", stroke="#222222", stroke_mm=0.2),
        MarkerSymbol("cross", 2.0, stroke="#2244aa", stroke_mm=0.4),
        MarkerSymbol("square", 2.0, fill="#2244aa"),
    )
    return layer_of("wells <1>", shapes, *kinds, opacity=opacity)


@pytest.fixture
def sheet_of(town) -> Any:
    """Return a sheet with these layers instead of the town's."""
    whole = compose(MapJob(town, sheet="a4-landscape", scale=2000, center=CENTER))

    def make(*layers: LayerPaint) -> Composition:
        return replace(whole, layers=layers)

    return make


def rendered(svg: Path) -> np.ndarray:
    image = QImage(1400, 990, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    QSvgRenderer(str(svg)).render(painter)
    painter.end()
    pixels = np.frombuffer(image.constBits(), np.uint8)
    return pixels.reshape(image.height(), image.width(), 4)[:, :, :3].astype(np.int16)


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param([symbols()], id="symbols"),
        pytest.param([lines()], id="lines"),
        pytest.param([areas()], id="areas"),
        pytest.param([areas(0.4), symbols(opacity=0.6)], id="opacity"),
    ],
)
def test_a_reader_shows_what_qt_would_have_painted(
    sheet_of, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layers: list[LayerPaint]
) -> None:
    composition = sheet_of(*layers)
    ours, qts = tmp_path / "ours.svg", tmp_path / "qt.svg"
    write_composition(composition, ours)
    monkeypatch.setattr(painting, "layer_svg", lambda *_given, **_named: None)
    write_composition(composition, qts)
    assert ours.stat().st_size < qts.stat().st_size
    first, second = rendered(ours), rendered(qts)
    differs = np.abs(first - second).max(axis=2)
    assert (second < 200).mean() > 0.02
    assert (differs > 64).mean() < 1e-4
    assert (differs > 16).mean() < 2e-3


def test_a_symbol_is_written_once_however_often_it_stands_there(sheet_of, tmp_path: Path) -> None:
    sizes = []
    for count in (100, 2100):
        write_composition(sheet_of(symbols(count)), tmp_path / "map.svg")
        sizes.append((tmp_path / "map.svg").stat().st_size)
    assert (sizes[1] - sizes[0]) / 2000 < 60


def test_layers_have_their_names_and_every_id_is_there_once(sheet_of, tmp_path: Path) -> None:
    composition = replace(sheet_of(areas(), lines(), symbols()), title="A & B <2>")
    write_composition(composition, tmp_path / "map.svg")
    root = ElementTree.parse(tmp_path / "map.svg").getroot()
    assert root.findtext(f"{_SVG}title") == "A & B <2>"
    names = [part.get(_LABEL) for part in root.findall(f"{_SVG}g") if part.get(_LABEL)]
    assert names[:3] == ["bay", "pipe", "wells <1>"]
    text = (tmp_path / "map.svg").read_text("utf-8")
    ids = re.findall(r'\bid="([^"]+)"', text)
    used = {*re.findall(r"url\(#([^)]+)\)", text), *re.findall(r'xlink:href="#([^"]+)"', text)}
    assert len(ids) == len(set(ids))
    assert used <= set(ids)
    assert used


def test_a_layer_that_is_cancelled_leaves_no_file(sheet_of, tmp_path: Path) -> None:
    class Impatient:
        def report(self, done: int, total: int, key: str) -> None:
            """Hear nothing."""

        def check(self) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        write_composition(sheet_of(symbols()), tmp_path / "map.svg", progress=Impatient())
    assert not list(tmp_path.iterdir())
