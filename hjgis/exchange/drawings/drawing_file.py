"""Layers as a CAD drawing (DXF): points as blocks with attributes, lines and areas as polylines.

ezdxf makes the frame (header, layers, blocks); the entities are written here, lot by lot, as an
object for each of a million attributes would fill the memory. What an entity says stands in its
attributes (points) or in extended data of the application ``HJGIS``; `drawing` reads both.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from hjgis.exchange import heights
from hjgis.exchange.drawings.drawing_entities import Pen
from hjgis.exchange.drawings.drawing_frame import ENCODINGS, FIELDS, Frame, Look, Tag
from hjgis.exchange.drawings.drawing_text import escaped, pieces
from hjgis.exchange.in_words import Words, in_words, label_texts
from hjgis.exchange.outgoing import Outgoing, Writing
from hjgis.exchange.report import LayerExport, Loss
from hjgis.exchange.unfinished import cannot_write
from hjgis.i18n import _, label
from hjgis.models.assets import AssetType, Field
from hjgis.models.reading import LayerTable
from hjgis.models.styles.style import (
    FillSymbol,
    LineSymbol,
    MarkerSymbol,
    Style,
    StyleClass,
    Symbol,
)
from hjgis.models.styles.stylefile import style_for
from hjgis.progress import SILENT, Progress

UUID_TAG: Final = "UUID"
# A line of a DXF has at most so many bytes, a string of extended data so many.
_LINE_BYTES: Final = 2048
_STRING_BYTES: Final = 255
# All extended data of an entity together; AutoCAD allows 16 383 bytes.
_EXTENDED_BYTES: Final = 16_000
_PIPE_KINDS: Final = "pipe_kind"
# What the trade calls its layers: JS_Point, JS_Line, JS_Text.
_SUFFIXES: Final = {"marker": "Point", "line": "Line", "fill": "Area"}
_TEXT: Final = "Text"
# The scale that the drawing is made for.
_DENOMINATOR: Final = 500.0
_TEXT_COLOR: Final = "#000000"
_PALE: Final = 0xE8
# Text beside a point begins so many widths of the symbol from its middle.
_BESIDE: Final = 0.6
# Areas lie below, points above.
_LEVELS: Final = {"fill": 0, "line": 1, "marker": 2}


def foresee(
    going: Sequence[Outgoing], writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Return the names that fields get in a drawing and every value that it cannot hold."""
    return _all(going, writing, None, progress)


def write(
    going: Sequence[Outgoing], path: Path, writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Write layers into one drawing: R2004 in GBK or R2010 in UTF-8, in metres.

    Returns
    -------
    list of LayerExport
        The losses are those of `foresee`.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    frame = Frame(writing, told=writing.crs.called)
    try:
        # What stands before the entities says how far they reach.
        with tempfile.TemporaryFile(dir=path.parent) as body:
            pen = Pen(body, frame)
            done = _all(going, writing, pen, progress)
            before, behind = frame.around(pen.box, pen.next_handle)
            body.seek(0)
            with path.open("wb") as file:
                file.write(before)
                shutil.copyfileobj(body, file)
                file.write(behind)
    except OSError as error:
        raise cannot_write(path, error) from error
    return done


def _all(
    going: Sequence[Outgoing], writing: Writing, pen: Pen | None, progress: Progress
) -> list[LayerExport]:
    layers = [_Layer(one, ENCODINGS[writing.drawing]) for one in going]
    done: dict[str, LayerExport] = {}
    for number, layer in enumerate(sorted(layers, key=lambda one: one.level)):
        progress.report(number, len(going), layer.asset.id)
        done[layer.asset.id] = layer.export(pen, progress)
    return [done[one.asset.id] for one in going]


class _Layer:
    """One layer of the project on its way into a drawing."""

    def __init__(self, going: Outgoing, encoding: str) -> None:
        self._going, self._encoding = going, encoding
        self.asset: AssetType = going.asset
        # The style may ask for fields that do not go out.
        self._style: Style = style_for(going.project.asset_type(going.asset.id))
        self._losses: list[Loss] = []

    @cached_property
    def _told_layer(self) -> str:
        return f"LAYER={escaped(self.asset.id, self._encoding)}"

    @property
    def level(self) -> int:
        """Its place in the order of drawing."""
        return _LEVELS[self._style.kind]

    def export(self, pen: Pen | None, progress: Progress) -> LayerExport:
        """Write the layer, or only find out what is lost."""
        if not self.asset.is_spatial:
            return self._without_places()
        names = {"uuid": UUID_TAG} | {field.name: field.short for field in self.asset.fields}
        if pen is not None:
            # A block that is put nowhere: which fields went out, and what their names mean.
            title = label(self.asset.label)
            pen.frame.block(f"{self.asset.id}{FIELDS}", title, self._tags)
        count = 0
        for table in self._going.lots():
            progress.check()
            count += self._lot(table, pen)
        return LayerExport(self.asset.id, count, names, tuple(self._losses), self.asset.secrecy)

    def _without_places(self) -> LayerExport:
        message = _("{count} records are left out: a drawing holds only what has a place")
        said = message.format(count=len(self._going))
        losses = (Loss("", "", "geometry", said),) if len(self._going) else ()
        return LayerExport(self.asset.id, 0, {}, losses, self.asset.secrecy)

    def _lot(self, table: LayerTable, pen: Pen | None) -> int:
        assert table.geometry is not None
        placed = ~(shapely.is_missing(table.geometry) | shapely.is_empty(table.geometry))
        for uuid in table.uuids[~placed]:
            message = _("has no place and is left out of the drawing")
            self._losses.append(Loss("", str(uuid), "geometry", message))
        table = table.taken(placed)
        self._losses += heights.losses(table)
        words = in_words(self.asset, table, self._going.project.catalogue, self._losses)
        if self._style.kind == "marker":
            self._points(table, words, pen)
        else:
            self._polylines(table, words, pen)
        return len(table.fids)

    # -- points: blocks with attributes ---------------------------------------------------

    def _points(self, table: LayerTable, words: Mapping[str, Words], pen: Pen | None) -> None:
        columns = [
            (field.short, self._in_a_line(field, table, words)) for field in self.asset.fields
        ]
        if pen is None:
            return
        assert table.geometry is not None
        tags = [UUID_TAG, *(short for short, _texts in columns)]
        values = zip(table.uuids.tolist(), *(texts for _short, texts in columns), strict=True)
        xyz = _whole(shapely.get_coordinates(table.geometry, include_z=True))
        pen.cover(xyz)
        labels = self._labels(table) if self._seen is None else None
        for row, (place, texts, looks) in enumerate(
            zip(xyz.tolist(), values, self._looks(table, pen), strict=True)
        ):
            pen.block(
                looks.block, looks.layer, place,
                app_data=(self._told_layer,),
                attributes=[pair for pair in zip(tags, texts, strict=True) if pair[1] is not None],
                seen=(self._seen, looks.text_layer, looks.text_height),
                beside=looks.beside,
            )  # fmt: skip
            if labels is not None and labels[row]:
                x, y, _z = place
                spot = (x + looks.beside, y)
                pen.text(labels[row], looks.text_layer, spot, looks.text_height)

    def _in_a_line(
        self, field: Field, table: LayerTable, words: Mapping[str, Words]
    ) -> list[str | None]:
        """Return the values as attributes hold them: escaped, one line, not too long."""
        result: list[str | None] = []
        for row, text in enumerate(words[field.name]):
            if text is None:
                result.append(None)
                continue
            whole = escaped(text, self._encoding)
            kept = pieces(whole, self._encoding, first=_LINE_BYTES, room=_LINE_BYTES)
            if len(kept) > 1:
                self._cut(field, table.uuids[row], text, _LINE_BYTES)
            result.append(kept[0])
        return result

    def _cut(self, field: Field, uuid: object, text: str, room: int) -> None:
        message = _("text of {size} characters cut to {room} bytes")
        said = message.format(size=len(text), room=room)
        self._losses.append(Loss(field.name, str(uuid), "truncated", said))

    # -- lines and areas: polylines with extended data ------------------------------------

    def _polylines(self, table: LayerTable, words: Mapping[str, Words], pen: Pen | None) -> None:
        assert table.geometry is not None
        looks = self._looks(table, pen) if pen else None
        labels = self._labels(table)
        for row, (uuid, shape) in enumerate(zip(table.uuids.tolist(), table.geometry, strict=True)):
            rings = list(_rings(shape))
            if len(rings) > 1:
                message = _("is written as {count} polylines with the same UUID")
                said = message.format(count=len(rings))
                self._losses.append(Loss("", uuid, "geometry", said))
            told = self._extended(uuid, [words[name][row] for name in self.asset.field_names])
            if pen is None or looks is None:
                continue
            look = next(looks)
            for number, (role, xyz) in enumerate(rings):
                what = told if number == 0 else (told[0], told[1])
                ring = (f"RING={role}",) if len(rings) > 1 else ()
                pen.polyline(look.layer, xyz, closed=role != "part", app_data=(*what, *ring))
            if labels[row]:
                _write_label(pen, shape, labels[row], look)

    def _extended(self, uuid: str, values: Sequence[str | None]) -> tuple[str, ...]:
        """Return what extended data say; long values go on in ``NAME+=`` strings."""
        told = [self._told_layer, f"UUID={uuid}"]
        left = _EXTENDED_BYTES - sum(map(len, told))
        for field, text in zip(self.asset.fields, values, strict=True):
            if text is None:
                continue
            room = _STRING_BYTES - len(field.short) - 2
            parts = pieces(escaped(text, self._encoding), self._encoding, first=room, room=room)
            for number, part in enumerate(parts):
                left -= len(part.encode(self._encoding)) + len(field.short) + 6
                if left < 0:
                    self._cut(field, uuid, text, _EXTENDED_BYTES)
                    break
                told.append(f"{field.short}{'+' if number else ''}={part}")
        return tuple(told)

    # -- looks and labels -----------------------------------------------------------------

    @cached_property
    def _seen(self) -> str | None:
        """The attribute that is the whole label, so that it is seen."""
        style = self._style.label
        for field in self.asset.fields:
            if style is not None and style.text == f"{{{field.name}}}":
                return field.short
        return None

    def _labels(self, table: LayerTable) -> list[str]:
        if not self._style.labels_at(_DENOMINATOR):
            return [""] * len(table.fids)
        return [escaped(text, self._encoding) for text in label_texts(self._style, table)]

    def _looks(self, table: LayerTable, pen: Pen) -> Iterator[_Looks]:
        """Yield what each row is drawn with."""
        count = len(table.fids)
        kind = next((one.name for one in self.asset.fields if one.codes == _PIPE_KINDS), None)
        kinds = table.columns[kind].tolist() if kind else [None] * count
        # The class would tell what is in a field that does not go out.
        class_field = self._style.class_field or ""
        classes = [len(self._style.classes)] * count
        if class_field in table.columns:
            classes = self._style.classify(table.columns[class_field]).tolist()
        made: dict[tuple[object, int], _Looks] = {}
        for key in zip(kinds, classes, strict=True):
            if key not in made:
                made[key] = self._made(*key, pen.frame)
            yield made[key]

    def _made(self, kind: object, number: int, frame: Frame) -> _Looks:
        entry = self._style.all_classes[number]
        title = str(kind) if kind else label(self.asset.label)
        codes = self._going.project.catalogue.code_lists[_PIPE_KINDS]
        known = codes.get(kind)
        color = str((known.extra if known else {}).get("color") or _color(entry.symbol))
        suffix = _SUFFIXES[self._style.kind]
        name = f"{title}_{suffix}" if kind else self._class_name(title, entry)
        symbol = entry.symbol
        look = Look(color, _width(symbol), getattr(symbol, "dash_mm", ()))
        text_look = Look(color if kind else _TEXT_COLOR)
        style = self._style.label
        height = (style.size_mm if style else 2.0) * frame.unit_per_mm
        return _Looks(
            frame.layer(name, look),
            frame.layer(f"{title}_{_TEXT}", text_look),
            height,
            *self._marker(number, entry, frame),
        )

    def _class_name(self, title: str, entry: StyleClass) -> str:
        own = label(entry.label)
        return title if entry is self._style.default or own == title else f"{title}_{own}"

    def _marker(self, number: int, entry: StyleClass, frame: Frame) -> tuple[str, float]:
        """Return the block of a point's symbol, and how far beside it there is room for text."""
        if not isinstance(entry.symbol, MarkerSymbol):
            return "", 0.0
        told = f"{label(self.asset.label)} {label(entry.label)}"
        size = entry.symbol.size_mm * self._style.size_factor(_DENOMINATOR) * frame.unit_per_mm
        name = f"{self.asset.id}_{number + 1}"
        block = frame.block(name, told, self._tags, symbol=entry.symbol, size=size)
        return block, size * _BESIDE

    @cached_property
    def _tags(self) -> list[Tag]:
        made = [Tag(UUID_TAG, UUID_TAG, visible=False)]
        for field in self.asset.fields:
            made.append(Tag(field.short, label(field.label), visible=field.short == self._seen))
        return made


@dataclass(frozen=True, slots=True)
class _Looks:
    """What a feature is drawn with; lengths in units of the drawing."""

    layer: str
    text_layer: str
    text_height: float
    block: str
    beside: float


def _color(symbol: Symbol) -> str:
    """Return the one colour that a layer of the drawing has; pale fills cannot be seen as lines."""
    if isinstance(symbol, LineSymbol):
        return symbol.color
    stroke = symbol.stroke if isinstance(symbol, MarkerSymbol) else symbol.outline
    fill = symbol.fill
    solid = fill is not None and (len(fill) == 7 or fill[7:] == "ff")
    if fill and solid and min(int(fill[at : at + 2], 16) for at in (1, 3, 5)) < _PALE:
        return fill if isinstance(symbol, MarkerSymbol) else stroke or fill
    return stroke or fill or _TEXT_COLOR


def _width(symbol: Symbol) -> float:
    if isinstance(symbol, LineSymbol):
        return symbol.width_mm
    return symbol.outline_mm if isinstance(symbol, FillSymbol) else symbol.stroke_mm


def _whole(xyz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return coordinates whose unknown heights are 0."""
    return np.nan_to_num(xyz, nan=0.0)


def _rings(shape: shapely.Geometry) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Yield the polylines of a shape: ``part`` of a line, ``outer`` ring or ``hole`` of an area.

    A closed one has its first vertex only once.
    """
    for part in shapely.get_parts(shape):
        z = bool(shapely.has_z(part))
        if part.geom_type == "LineString":
            yield "part", _whole(shapely.get_coordinates(part, include_z=z))
            continue
        for number, ring in enumerate((part.exterior, *part.interiors)):
            corners = _whole(shapely.get_coordinates(ring, include_z=z))
            yield "hole" if number else "outer", corners[:-1]


def _write_label(pen: Pen, shape: shapely.Geometry, text: str, look: _Looks) -> None:
    """Write a label along the middle of a line that is long enough for it, or into an area."""
    width = look.text_height * sum(1.0 if sign > "\u2e80" else 0.6 for sign in text)
    part = max(shapely.get_parts(shape), key=lambda one: one.length)
    if part.geom_type != "LineString":
        spot = shapely.point_on_surface(part)
        pen.text(text, look.text_layer, (spot.x, spot.y), look.text_height, middle=True)
        return
    if part.length < width:
        return
    before, spot, after = shapely.get_coordinates(
        shapely.line_interpolate_point(part, [0.45, 0.5, 0.55], normalized=True)
    )
    east, north = after - before
    if east < 0 or (east == 0 and north < 0):
        east, north = -east, -north
    turn = float(np.degrees(np.arctan2(north, east)))
    away = look.text_height * 0.8 * np.array([-np.sin(np.radians(turn)), np.cos(np.radians(turn))])
    x, y = (spot + away).tolist()
    pen.text(text, look.text_layer, (x, y), look.text_height, turn_deg=turn, middle=True)
