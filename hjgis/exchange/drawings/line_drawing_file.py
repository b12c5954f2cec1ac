"""Drawings of strokes, areas and words as DXF, a millimetre of paper a unit."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from hjgis import paths
from hjgis.exchange.drawings.drawing_frame import FONT, index_color, lineweight, rgb
from hjgis.exchange.drawings.drawing_text import escaped
from hjgis.exchange.unfinished import cannot_write
from hjgis.models.line_drawing import Area, LineDrawing, Stroke, Words

if TYPE_CHECKING:
    from ezdxf.layouts.layout import Modelspace

# What every AutoCAD under a Chinese Windows opens, as CASS needs it.
_VERSION, _ENCODING = "R2004", "gbk"
_MILLIMETRES: Final = 4
_FONT_FILE: Final = "simsun.ttc"
# Signs of a font are about so much lower than its size.
_CAPITAL: Final = 0.9
# A sign of the font is as wide as its size if it is Chinese, else half; narrower nobody reads.
_HALF: Final = 0.5
_NARROWEST: Final = 0.5
_BLACK_OR_WHITE: Final = 7
_BY_LAYER: Final = 256
# Of ezdxf's dashes, which are drawn for metres.
_DASH_SCALE: Final = 4.0


def write_drawing(drawing: LineDrawing, out: Path) -> None:
    """Write a drawing as a DXF of R2004, its text in GBK, its layers by their names.

    Raises
    ------
    InputError
        If the file cannot be written; whatever was there stays.
    """
    # Imported here: it takes half a second, and few want a drawing.
    from ezdxf.filemanagement import new

    document = new(_VERSION, setup=["linetypes"], units=_MILLIMETRES)
    document.encoding = _ENCODING
    document.styles.new(FONT, dxfattribs={"font": _FONT_FILE})
    for name, ink in drawing.layers():
        document.layers.add(escaped(name, _ENCODING), **_color(ink))
    space = document.modelspace()
    height, inks = drawing.paper_mm[1], dict(drawing.layers())
    for item in drawing.items:
        # What looks as its layer goes by it, so that the layer can be given another colour.
        look = {} if item.ink == inks[item.layer] else _color(item.ink)
        _add(space, item, height, {"layer": escaped(item.layer, _ENCODING), **look})
    try:
        with paths.written_whole(out) as part:
            document.saveas(part)
    except OSError as error:
        raise cannot_write(out, error) from error


def _color(ink: str) -> dict[str, Any]:
    from ezdxf.colors import rgb2int

    color = index_color(ink)
    # Black is black on paper and white on a black screen only by its number.
    exact = {} if color == _BLACK_OR_WHITE else {"true_color": rgb2int(rgb(ink))}
    return {"color": color, **exact}


def _add(
    space: Modelspace, item: Stroke | Area | Words, height: float, look: dict[str, Any]
) -> None:
    if isinstance(item, Words):
        _add_words(space, item, height, look)
        return
    places = [(x, height - y) for x, y in item.places]
    if isinstance(item, Area):
        hatch = space.add_hatch(color=_BY_LAYER, dxfattribs=look)
        hatch.paths.add_polyline_path(places, is_closed=True)
        return
    look["lineweight"] = lineweight(item.width_mm)
    if item.dashed:
        look |= {"linetype": "DASHED", "ltscale": _DASH_SCALE}
    space.add_lwpolyline(places, dxfattribs=look)


def _add_words(space: Modelspace, words: Words, height: float, look: dict[str, Any]) -> None:
    from ezdxf.enums import TextEntityAlignment

    align = {
        "left": TextEntityAlignment.MIDDLE_LEFT,
        "center": TextEntityAlignment.MIDDLE_CENTER,
        "right": TextEntityAlignment.MIDDLE_RIGHT,
    }[words.anchor]
    look |= {"style": FONT, "rotation": 90 if words.upright else 0}
    high, narrow = words.size_mm * _CAPITAL, 1.0
    signs = sum(1.0 if ord(sign) > 0xFF else _HALF for sign in words.text)
    if (fitting := words.room_mm / max(signs * words.size_mm, 1e-9)) < 1:
        narrow = max(fitting, _NARROWEST)
        high *= min(1.0, fitting / narrow)
    look |= {"width": narrow}
    text = space.add_text(escaped(words.text, _ENCODING), height=high, dxfattribs=look)
    text.set_placement((words.at[0], height - words.at[1]), align=align)
