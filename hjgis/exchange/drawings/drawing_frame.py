"""What stands round the entities of a DXF: layers, line types, blocks, text style, the view."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hjgis.exchange import marks
from hjgis.exchange.drawings.drawing_text import coded, escaped
from hjgis.exchange.outgoing import Writing
from hjgis.models.styles.ramps import lab
from hjgis.models.styles.style import MarkerSymbol

# The application under which values stand in the extended data.
APP: Final = "HJGIS"
# At the end of the name of a block that only tells which fields a layer has.
FIELDS: Final = "_fields"
# Every AutoCAD on a Chinese Windows has it; CASS takes it for its own.
FONT: Final = "宋体"
_FONT_FILE: Final = ("simsun.ttc", "SimSun")
# Chinese drawings say so whatever their text is in; from R2007 on it is UTF-8.
_PAGE: Final = "ANSI_936"
ENCODINGS: Final = {"R2004": "gbk", "R2010": "utf-8"}
# Drawings of towns are made for 1:500; a millimetre on the sheet is so many metres.
_SHEET_DENOMINATOR: Final = 500
_M_PER_MM: Final = _SHEET_DENOMINATOR / 1000
_M_PER_DEGREE: Final = 111_320.0
# $INSUNITS.
_METRES, _NO_UNIT = 6, 0
# The frame's own entities stay far below this one.
FIRST_HANDLE: Final = 0x100000
_NOT_IN_NAMES: Final = re.compile('[<>/\\\\":;?*=`|,\x00-\x1f\x7f]')
_NAME_SIGNS: Final = 60
_BLACK_OR_WHITE: Final = 7
# Greys darker than this are drawn in the colour that is black on white and white on black.
_DARK: Final = 96
_ENTITIES: Final = "  0\nSECTION\n  2\nENTITIES\n"
_LINE: Final = 1.2


@dataclass(frozen=True, slots=True)
class Look:
    """How a layer of a drawing looks: ``#rrggbb``, stroke and pattern in millimetres."""

    color: str
    width_mm: float = 0.25
    dash_mm: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    """One attribute of a block: its name, what asks for it, whether it is seen."""

    name: str
    prompt: str
    visible: bool


class Frame:
    """A drawing without entities; layers and blocks are added as they are met."""

    def __init__(self, writing: Writing, *, told: str) -> None:
        """`told` is written into the drawing's properties: the system of its coordinates."""
        # Imported here: it takes half a second, and most files are no drawings.
        from ezdxf.filemanagement import new

        self.encoding = ENCODINGS[writing.drawing]
        degrees = writing.crs.is_geographic
        self.unit_per_mm = _M_PER_MM / (_M_PER_DEGREE if degrees else 1)
        self._document = new(writing.drawing, units=_NO_UNIT if degrees else _METRES)
        self._document.encoding = self.encoding
        self._document.appids.add(APP)
        style = self._document.styles.new(FONT, dxfattribs={"font": _FONT_FILE[0]})
        style.set_extended_font_data(_FONT_FILE[1])
        self._document.header.custom_vars.append("CRS", told)
        if degrees:
            self._document.header.custom_vars.append("hjgis", marks.TRUE)
        self._layers: dict[str, str] = {}

    @property
    def space(self) -> str:
        """Handle of the model space, which owns the entities."""
        return str(self._document.modelspace().block_record_handle)

    def layer(self, wanted: str, look: Look) -> str:
        """Return the name of a layer as entities say it; it is made when first asked for."""
        name = _NOT_IN_NAMES.sub("_", wanted)[:_NAME_SIGNS].strip() or "_"
        key = name.casefold()
        if key not in self._layers:
            # AutoCAD has layers of its own: 0, Defpoints.
            name = f"{name}_2" if name in self._document.layers or key == "defpoints" else name
            layer = self._document.layers.add(
                name, linetype=self._linetype(look.dash_mm), lineweight=lineweight(look.width_mm)
            )
            layer.color = index_color(look.color)
            if layer.color != _BLACK_OR_WHITE:
                layer.rgb = rgb(look.color)
            self._layers[key] = coded(name, self.encoding)
        return self._layers[key]

    def _linetype(self, dash_mm: Sequence[float]) -> str:
        if not dash_mm:
            return "Continuous"
        name = "HJ_" + "_".join(f"{length * 10:.0f}" for length in dash_mm)
        if name not in self._document.linetypes:
            drawn = [mm * self.unit_per_mm * (-1) ** at for at, mm in enumerate(dash_mm)]
            told = " ".join("__" if length > 0 else " " for length in drawn)
            total = sum(map(abs, drawn))
            self._document.linetypes.add(name, pattern=[total, *drawn], description=told)
        return name

    def block(self, wanted: str, told: str, tags: Sequence[Tag], *,
              symbol: MarkerSymbol | None = None, size: float = 0.0) -> str:  # fmt: skip
        """Return the name of a block; it is made when first asked for.

        Parameters
        ----------
        wanted : str
            Better ASCII: GDAL reads other block names of R2004 wrong.
        told : str
            What it stands for.
        symbol : MarkerSymbol, optional
            What it shows, in the colour of the layer that it is put on.
        size : float
            How wide the symbol is, in units of the drawing.
        """
        name = _NOT_IN_NAMES.sub("_", wanted)
        if name in self._document.blocks:
            return coded(name, self.encoding)
        block = self._document.blocks.new(name)
        assert block.block is not None
        block.block.dxf.description = escaped(told, "utf-8")
        if symbol is not None:
            _draw(block, symbol, size / 2)
        height = self.unit_per_mm * 2
        for number, tag in enumerate(tags):
            looks = {"style": FONT, "prompt": escaped(tag.prompt, "utf-8")}
            block.add_attdef(
                tag.name, (size, -number * height * _LINE), "", height=height,
                dxfattribs=looks | {"flags": 0 if tag.visible else 1},
            )  # fmt: skip
        return coded(name, self.encoding)

    def around(self, box: NDArray[np.float64] | None, next_handle: int) -> tuple[bytes, bytes]:
        """Return what stands before and behind the entities.

        Parameters
        ----------
        box : array of float, shape (4,), or None
            What all entities cover, so that the drawing opens on it.
        next_handle : int
            The first one that no entity has.
        """
        document = self._document
        if box is not None:
            xmin, ymin, xmax, ymax = box.tolist()
            document.modelspace().reset_extents((xmin, ymin, 0), (xmax, ymax, 0))
            height = max(ymax - ymin, (xmax - xmin) / 1.6, self.unit_per_mm * 20) * 1.1
            document.set_modelspace_vport(height, center=((xmin + xmax) / 2, (ymin + ymax) / 2))
        document.entitydb.handles.reset(f"{next_handle:X}")
        stream = io.StringIO()
        document.write(stream)
        text = re.sub(r"(\$DWGCODEPAGE\n\s+3\n)\S+", rf"\g<1>{_PAGE}", stream.getvalue(), count=1)
        before, mark, behind = text.partition(_ENTITIES)
        return self.bytes(before + mark), self.bytes(behind)

    def bytes(self, text: str) -> bytes:
        """Return text of the file as it is stored."""
        return coded(text, self.encoding).encode(self.encoding)


def lineweight(width_mm: float) -> int:
    """Return the nearest stroke that a drawing can have, hundredths of a millimetre."""
    from ezdxf.lldxf.const import VALID_DXF_LINEWEIGHTS

    weights: list[int] = list(VALID_DXF_LINEWEIGHTS)

    return min(weights, key=lambda one: abs(one - width_mm * 100))


def rgb(color: str) -> tuple[int, int, int]:
    """Return red, green and blue of ``#rrggbb``."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


@lru_cache(maxsize=256)
def index_color(color: str) -> int:
    """Return the nearest of AutoCAD's numbered colours; black, white and dark greys are 7."""
    from ezdxf.colors import aci2rgb

    given = rgb(color)
    if max(given) - min(given) < 16 and (max(given) < _DARK or min(given) > 240):
        return _BLACK_OR_WHITE
    numbers: list[int] = [*range(1, 7), *range(8, 256)]
    hexes = ["#{:02x}{:02x}{:02x}".format(*aci2rgb(number)) for number in numbers]
    away = np.linalg.norm(lab(hexes) - lab([color[:7]]), axis=1)
    return numbers[int(np.argmin(away))]


def _draw(block: Any, symbol: MarkerSymbol, r: float) -> None:
    """Draw the outline of a symbol and its letter, from simple shapes."""
    if symbol.shape in ("circle", "lamp"):
        block.add_circle((0, 0), r / 2 if symbol.shape == "lamp" else r)
    elif symbol.shape in _CORNERS:
        block.add_lwpolyline([(x * r, y * r) for x, y in _CORNERS[symbol.shape]], close=True)
    for (x1, y1), (x2, y2) in _STROKES.get(symbol.shape, ()):
        block.add_line((x1 * r, y1 * r), (x2 * r, y2 * r))
    if symbol.shape == "bicycle":
        block.add_circle((-0.4 * r, -0.2 * r), 0.3 * r)
        block.add_circle((0.4 * r, -0.2 * r), 0.3 * r)
    if symbol.glyph:
        from ezdxf.enums import TextEntityAlignment

        text = block.add_text(symbol.glyph, height=r, dxfattribs={"style": FONT})
        text.set_placement((0, 0), align=TextEntityAlignment.MIDDLE_CENTER)


def _turned(count: int, start_deg: float, radius: float = 1.0) -> list[tuple[float, float]]:
    angles = [math.radians(start_deg + 360 / count * at) for at in range(count)]
    return [(radius * math.cos(angle), radius * math.sin(angle)) for angle in angles]


_SQUARE: Final = ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9))
_CORNERS: Final[dict[str, Sequence[tuple[float, float]]]] = {
    "square": _SQUARE,
    "bicycle": _SQUARE,
    "diamond": _turned(4, 0),
    "triangle": _turned(3, 90),
    "hexagon": _turned(6, 0),
    "grate": ((-1, -0.6), (1, -0.6), (1, 0.6), (-1, 0.6)),
}
_STROKES: Final = {
    "cross": (((-1, 0), (1, 0)), ((0, -1), (0, 1))),
    "grate": tuple(((x, -0.6), (x, 0.6)) for x in (-0.5, 0.0, 0.5)),
    "lamp": tuple(zip(_turned(8, 0, 0.68), _turned(8, 0), strict=True)),
    "bicycle": (((-0.4, -0.2), (0.1, 0.3)), ((0.1, 0.3), (0.4, -0.2))),
}
