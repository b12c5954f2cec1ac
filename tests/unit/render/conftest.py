"""Layers from plain shapes, and a picture to paint on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pytest
import shapely
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication

from hjgis.models.reading import LayerTable
from hjgis.models.styles.style import KIND_OF_GEOMETRY, LabelStyle, Style, StyleClass, Symbol
from hjgis.render.features import LayerPaint, layer_paint
from hjgis.render.frame import MapFrame

MakeLayer = Callable[..., LayerPaint]


@pytest.fixture(autouse=True)
def drawing(qapp: QApplication) -> None:
    """Fonts need a running Qt; the suite's one application will do."""
    assert qapp is not None


def objects(values: Sequence[object]) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result


@pytest.fixture
def make_layer() -> MakeLayer:
    """Make a layer of shapes; `kinds` chooses among `symbols`, the last being the default."""

    def make(
        shapes: Sequence[shapely.Geometry | None],
        *symbols: Symbol,
        kinds: Sequence[object] | None = None,
        levels: Sequence[int] = (),
        names: Sequence[str | None] | None = None,
        label: LabelStyle | None = None,
        **given: object,
    ) -> LayerPaint:
        labels = {"en": "Things", "zh_CN": "东西"}
        level = dict(enumerate(levels))
        classes = tuple(
            StyleClass((i,), labels, symbol, level.get(i, 0)) for i, symbol in enumerate(symbols)
        )
        first = next(shape for shape in shapes if shape is not None)
        style = Style(
            "things",
            KIND_OF_GEOMETRY[first.geom_type],  # type: ignore[index]
            classes[-1],
            class_field="kind" if kinds else None,
            classes=classes if kinds else (),
            label=label,
            **given,  # type: ignore[arg-type]
        )
        count = len(shapes)
        table = LayerTable(
            "things",
            np.arange(1, count + 1),
            objects([f"u{i}" for i in range(count)]),
            objects(shapes),
            {
                "kind": objects(kinds or [None] * count),
                "name": objects(names or [None] * count),
            },
        )
        return layer_paint(table, style, label=labels)

    return make


@pytest.fixture
def frame() -> MapFrame:
    """A frame of 200 by 100 pixels, one metre each, its lower left corner at (0, 0)."""
    return MapFrame(100.0, 50.0, 1.0, 200, 100)


@pytest.fixture
def picture() -> QImage:
    """A white picture as large as the frame."""
    image = QImage(200, 100, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.white)
    return image


@pytest.fixture
def painter(picture: QImage) -> Iterator[QPainter]:
    """Paint on the picture; it is ended after the test."""
    pen = QPainter(picture)
    yield pen
    pen.end()


@pytest.fixture
def ink() -> Callable[[QImage], np.ndarray]:
    """Return where a picture is not white, shape (height, width)."""

    def inked(image: QImage) -> np.ndarray:
        plain = image.convertToFormat(QImage.Format.Format_RGB32)
        pixels = np.frombuffer(plain.constBits(), np.uint32)
        return pixels.reshape(plain.height(), plain.bytesPerLine() // 4) & 0xFFFFFF != 0xFFFFFF

    return inked
