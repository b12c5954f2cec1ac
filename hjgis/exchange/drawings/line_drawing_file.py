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
        layer = document.layers.add(escaped(name, _ENCODING))
        layer.color, layer.rgb = index_color(ink), rgb(ink)
    space = document.modelspace()
    height = drawing.paper_mm[1]
    for item in drawing.items:
        _add(space, item, height)
    try:
        with paths.written_whole(out) as part:
            document.saveas(part)
    except OSError as error:
        raise cannot_write(out, error) from error


def _add(space: Modelspace, item: Stroke | Area | Words, height: float) -> None:
    from ezdxf.colors import rgb2int

    look: dict[str, Any] = {
        "layer": escaped(item.layer, _ENCODING),
        "color": index_color(item.ink),
        "true_color": rgb2int(rgb(item.ink)),
    }
    if isinstance(item, Words):
        _add_words(space, item, height, look)
        return
    places = [(x, height - y) for x, y in item.places]
    if isinstance(item, Area):
        hatch = space.add_hatch(dxfattribs=look)
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
    text = space.add_text(
        escaped(words.text, _ENCODING), height=words.size_mm * _CAPITAL, dxfattribs=look
    )
    text.set_placement((words.at[0], height - words.at[1]), align=align)
