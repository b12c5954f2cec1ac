"""What is on a page of a PDF, in millimetres from its upper left corner, read with pypdf alone."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
from pypdf.generic import ContentStream, DecodedStreamObject, NameObject

MM_PER_POINT = 25.4 / 72
Matrix = tuple[float, float, float, float, float, float]


@dataclass
class Stroke:
    """One line, ring or box as it was drawn, and the layer it is in."""

    layer: str
    points: np.ndarray
    painted: str

    @property
    def length_mm(self) -> float:
        return float(np.hypot(*np.diff(self.points, axis=0).T).sum())

    @property
    def width_mm(self) -> float:
        return float(np.ptp(self.points[:, 0]))

    @property
    def height_mm(self) -> float:
        return float(np.ptp(self.points[:, 1]))


@dataclass
class Words:
    """A text and where it begins."""

    text: str
    x_mm: float
    y_mm: float


@dataclass
class Paper:
    """A page as somebody with a ruler sees it."""

    width_mm: float
    height_mm: float
    strokes: list[Stroke]
    words: list[Words]
    neat_mm: tuple[float, float, float, float] | None = None
    fonts: list[Any] = field(default_factory=list)

    def on(self, layer: str) -> list[Stroke]:
        return [stroke for stroke in self.strokes if stroke.layer == layer]

    def starting(self, start: str) -> list[Words]:
        return [words for words in self.words if words.text.startswith(start)]

    @property
    def text(self) -> str:
        return "\n".join(words.text for words in self.words)


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (
        *(a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j),
        *(e * g + f * i + k, e * h + f * j + m),
    )


def paper_of(path: Path, number: int = 0, *, lines: bool = True) -> Paper:
    """Read one page of a PDF; without its lines that is much faster."""
    reader = pypdf.PdfReader(path)
    page = reader.pages[number]
    height = float(page.mediabox.height)
    names = {
        key: str(group.get_object()["/Name"])
        for key, group in page["/Resources"].get("/Properties", {}).items()  # type: ignore[union-attr]
    }
    neat = None
    if "/VP" in page:
        left, low, right, top = (float(v) for v in page["/VP"][0]["/BBox"])  # type: ignore[index]
        sides = (left, height - top, right, height - low)
        neat = tuple(side * MM_PER_POINT for side in sides)
    return Paper(
        float(page.mediabox.width) * MM_PER_POINT,
        height * MM_PER_POINT,
        _strokes(page, reader, names, height) if lines else [],
        _words(page, height),
        neat,  # type: ignore[arg-type]
        [font.get_object() for font in page["/Resources"]["/Font"].values()],  # type: ignore[index]
    )


def _strokes(
    page: Any, reader: pypdf.PdfReader, names: dict[str, str], height: float
) -> list[Stroke]:
    at: Matrix = (1, 0, 0, 1, 0, 0)
    kept: list[Matrix] = []
    path: list[list[tuple[float, float]]] = []
    layers: list[str] = []
    found: list[Stroke] = []

    def put(x: float, y: float) -> tuple[float, float]:
        px, py = at[0] * x + at[2] * y + at[4], at[1] * x + at[3] * y + at[5]
        return px * MM_PER_POINT, (height - py) * MM_PER_POINT

    for operands, name in ContentStream(page.get_contents(), reader).operations:
        match name:
            case b"q":
                kept.append(at)
            case b"Q":
                at = kept.pop()
            case b"cm":
                at = _times(tuple(map(float, operands)), at)  # type: ignore[arg-type]
            case b"BDC":
                layers.append(names.get(str(operands[1]), ""))
            case b"EMC":
                layers.pop()
            case b"m":
                path.append([put(*map(float, operands))])
            case b"l":
                path[-1].append(put(*map(float, operands)))
            case b"c":
                path[-1].append(put(*map(float, operands[4:])))
            case b"h":
                path[-1].append(path[-1][0])
            case b"re":
                x, y, w, h = map(float, operands)
                corners = ((x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y))
                path.append([put(*corner) for corner in corners])
            case b"S" | b"s" | b"f" | b"f*" | b"B" | b"B*" | b"b" | b"b*" | b"n":
                layer = layers[-1] if layers else ""
                if name != b"n":
                    painted = name.decode()
                    found += [Stroke(layer, np.array(part), painted) for part in path]
                path = []
    return found


def _words(page: Any, height: float) -> list[Words]:
    found: list[Words] = []

    def hear(text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        if text.strip():
            words = " ".join(text.split())
            found.append(Words(words, x * MM_PER_POINT, (height - y) * MM_PER_POINT))

    written(page).extract_text(visitor_text=hear)
    return found


def written(page: pypdf.PageObject) -> pypdf.PageObject:
    """Take the lines of the map off a page: to read past them takes most of the time."""
    contents = page.get_contents()
    assert contents is not None
    bare = DecodedStreamObject()
    bare.set_data(re.sub(rb"(?m)^[-\d. ]+ (?:m|l|c|re)$", b"", contents.get_data()))
    page[NameObject("/Contents")] = bare
    return page


def embedded(font: Any) -> bool:
    """Whether a font of a page carries its letters."""
    inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
    about = inner["/FontDescriptor"].get_object()
    return any(key in about for key in ("/FontFile", "/FontFile2", "/FontFile3"))


def turned_deg(stroke: Stroke) -> float:
    """Return the direction of a line, degrees from east anticlockwise, 0 to 180."""
    (x0, y0), (x1, y1) = stroke.points[[0, -1]]
    return math.degrees(math.atan2(y0 - y1, x1 - x0)) % 180
