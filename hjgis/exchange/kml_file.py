"""KML: a folder for each kind, in degrees, with values as people read them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TextIO

import shapely
from shapely.geometry.base import BaseGeometry

from hjgis.exchange import heights, marks
from hjgis.exchange.in_words import Words, in_words, label_texts
from hjgis.exchange.outgoing import Outgoing, Writing
from hjgis.exchange.report import LayerExport, Loss
from hjgis.exchange.unfinished import cannot_write
from hjgis.i18n import _, label
from hjgis.models.assets import AssetType, Field
from hjgis.models.crs import Transform, parse_crs
from hjgis.models.reading import LayerTable
from hjgis.models.styles.style import LineSymbol, MarkerSymbol, Style, Symbol
from hjgis.models.styles.stylefile import style_for
from hjgis.progress import SILENT, Progress

UUID_NAME: Final = "UUID"
# KML is WGS 84, which is CGCS2000 to within centimetres; see `models.crs`.
_DEGREES: Final = ("EPSG:4490", "EPSG:4326")
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>\n<description>{marks.TRUE}'
    "</description>\n"
)
_FOOT: Final = "</Document>\n</kml>\n"
# What XML 1.0 cannot hold in any way.
_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# At the ends of a text readers of KML take them for layout.
_BLANKS: Final = " \t\r\n"
_TYPES: Final[Mapping[str, str]] = {"integer": "int", "number": "double"}
_INT_BITS: Final = 31
# Pixels of a line on the screen for a millimetre on the sheet, and of a symbol that is 1.0 big.
_PX_PER_MM: Final = 4.0
_MM_PER_SCALE: Final = 3.0


def foresee(
    going: Sequence[Outgoing], writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Return the names that fields get and every value that KML cannot hold."""
    del writing
    return [_Layer(one).export(None, progress) for one in going]


def write(
    going: Sequence[Outgoing], path: Path, writing: Writing, *, progress: Progress = SILENT
) -> list[LayerExport]:
    """Write layers into one file, whatever `writing` says in longitude and latitude.

    Returns
    -------
    list of LayerExport
        The losses are those of `foresee`.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    del writing
    done: list[LayerExport] = []
    layers = [_Layer(one) for one in going]
    try:
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(_HEAD)
            for layer in layers:
                file.writelines(layer.looks())
            for number, layer in enumerate(layers):
                progress.report(number, len(layers), layer.asset.id)
                done.append(layer.export(file, progress))
            file.write(_FOOT)
    except OSError as error:
        raise cannot_write(path, error) from error
    return done


class _Layer:
    """One layer of the project on its way into a KML."""

    def __init__(self, going: Outgoing) -> None:
        if going.transform.target.text not in _DEGREES:
            degrees = Transform(going.project.crs, parse_crs(_DEGREES[0]))
            going = replace(going, transform=degrees)
        self._going = going
        self.asset: AssetType = going.asset
        # The style may ask for fields that do not go out.
        self._style: Style = style_for(going.project.asset_type(going.asset.id))
        self._losses: list[Loss] = []

    def looks(self) -> Iterator[str]:
        """Yield the styles of the classes and the schema of the values."""
        for number, entry in enumerate(self._style.all_classes):
            yield f'<Style id="{self.asset.id}_{number}">{_look(entry.symbol)}</Style>\n'
        yield f'<Schema name="{self.asset.id}" id="{self.asset.id}">\n'
        yield f'<SimpleField type="string" name="{UUID_NAME}"/>\n'
        for field in self.asset.fields:
            kind = _TYPES.get(field.type, "string")
            title = _escaped(_title(field))
            yield f'<SimpleField type="{kind}" name="{field.short}">'
            yield f"<displayName>{title}</displayName></SimpleField>\n"
        yield "</Schema>\n"

    def export(self, file: TextIO | None, progress: Progress) -> LayerExport:
        """Write the layer as a folder, or only find out what is lost."""
        if file:
            file.write(f"<Folder><name>{_escaped(label(self.asset.label))}</name>\n")
        for table in self._going.lots():
            progress.check()
            self._losses += heights.losses(table)
            words = in_words(self.asset, table, self._going.project.catalogue, self._losses)
            legal = {
                field.name: self._legal(field, table, words[field.name])
                for field in self.asset.fields
            }
            if file:
                file.writelines(self._placemarks(table, legal))
        if file:
            file.write("</Folder>\n")
        names = {"uuid": UUID_NAME} | {field.name: field.short for field in self.asset.fields}
        losses = tuple(self._losses)
        return LayerExport(self.asset.id, len(self._going), names, losses, self.asset.secrecy)

    def _legal(self, field: Field, table: LayerTable, words: Words) -> list[str | None]:
        """Return texts without signs that XML cannot hold."""
        result = list(words)
        for row, text in enumerate(words):
            if text is None:
                continue
            if field.type == "integer" and int(text).bit_length() > _INT_BITS:
                message = _("{value} is more than a whole number of KML can be")
                self._lose(field, table, row, "type", message.format(value=text))
            legal = _ILLEGAL.sub("", text)
            if legal != text:
                message = _("{count} control characters are left out: XML cannot hold them")
                said = message.format(count=len(text) - len(legal))
                self._lose(field, table, row, "unencodable", said)
            result[row] = legal.strip(_BLANKS) or None
            if legal.strip(_BLANKS) != legal:
                message = _("blanks at the beginning and end are left out")
                self._lose(field, table, row, "truncated", message)
        return result

    def _lose(self, field: Field, table: LayerTable, row: int, kind: str, message: str) -> None:
        self._losses.append(Loss(field.name, str(table.uuids[row]), kind, message))

    def _placemarks(self, table: LayerTable, words: Mapping[str, Words]) -> Iterator[str]:
        assert table.geometry is not None
        labels = label_texts(self._style, table)
        class_field = self._style.class_field or ""
        classes = [len(self._style.classes)] * len(table.fids)
        if class_field in table.columns:
            classes = self._style.classify(table.columns[class_field]).tolist()
        shapes = heights.known(table.geometry)
        for row, uuid in enumerate(table.uuids.tolist()):
            values = [(field, words[field.name][row]) for field in self.asset.fields]
            known = [(field, text) for field, text in values if text is not None]
            name = _ILLEGAL.sub("", labels[row]) or label(self.asset.label)
            yield (
                f"<Placemark><name>{_escaped(name)}</name>"
                f"<description>{_escaped(_table(known))}</description>"
                f"<styleUrl>#{self.asset.id}_{classes[row]}</styleUrl>"
                f'<ExtendedData><SchemaData schemaUrl="#{self.asset.id}">'
                f'<SimpleData name="{UUID_NAME}">{uuid}</SimpleData>'
            )
            for field, text in known:
                yield f'<SimpleData name="{field.short}">{_escaped(text)}</SimpleData>'
            yield f"</SchemaData></ExtendedData>{_place(shapes[row])}</Placemark>\n"


def _title(field: Field) -> str:
    name = _ILLEGAL.sub("", label(field.label))
    return f"{name} ({field.unit})" if field.unit else name


def _table(values: Sequence[tuple[Field, str]]) -> str:
    """Return the values as an HTML table, as the balloon of a placemark shows it."""
    rows = (
        f"<tr><td>{html.escape(_title(field))}</td><td>{html.escape(text)}</td></tr>"
        for field, text in values
    )
    return f"<table>{''.join(rows)}</table>"


def _escaped(text: str) -> str:
    # A reader of XML would take a bare carriage return for a line feed.
    return html.escape(text, quote=False).replace("\r", "&#13;")


def _place(shape: BaseGeometry | None) -> str:
    if shape is None or shape.is_empty:
        return ""
    parts = [_part(part) for part in shapely.get_parts(shape)]
    return parts[0] if len(parts) == 1 else f"<MultiGeometry>{''.join(parts)}</MultiGeometry>"


def _part(shape: BaseGeometry) -> str:
    if shape.geom_type != "Polygon":
        return f"<{shape.geom_type}>{_coordinates(shape)}</{shape.geom_type}>"
    rings = shapely.get_rings(shape)
    outer, *inner = (f"<LinearRing>{_coordinates(ring)}</LinearRing>" for ring in rings)
    holes = "".join(f"<innerBoundaryIs>{ring}</innerBoundaryIs>" for ring in inner)
    return f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>{holes}</Polygon>"


def _coordinates(shape: BaseGeometry) -> str:
    rows = shapely.get_coordinates(shape, include_z=shape.has_z).tolist()
    # Ten decimals of a degree are hundredths of a millimetre.
    texts = (
        ",".join((f"{x:.10f}", f"{y:.10f}", *(f"{z!r}" for z in rest))) for x, y, *rest in rows
    )
    return f"<coordinates>{' '.join(texts)}</coordinates>"


def _look(symbol: Symbol) -> str:
    if isinstance(symbol, MarkerSymbol):
        color = symbol.fill or symbol.stroke or "#333333"
        scale = symbol.size_mm / _MM_PER_SCALE
        return f"<IconStyle><color>{_color(color)}</color><scale>{scale:.2f}</scale></IconStyle>"
    if isinstance(symbol, LineSymbol):
        return _stroke(symbol.color, symbol.width_mm)
    fill = f"<color>{_color(symbol.fill)}</color>" if symbol.fill else "<fill>0</fill>"
    outlined = "" if symbol.outline else "<outline>0</outline>"
    stroke = _stroke(symbol.outline, symbol.outline_mm) if symbol.outline else ""
    return f"{stroke}<PolyStyle>{fill}{outlined}</PolyStyle>"


def _stroke(color: str, width_mm: float) -> str:
    width = max(width_mm * _PX_PER_MM, 1.0)
    return f"<LineStyle><color>{_color(color)}</color><width>{width:.1f}</width></LineStyle>"


def _color(color: str) -> str:
    """Return ``#rrggbb`` or ``#rrggbbaa`` as KML has it: aabbggrr."""
    return f"{color[7:9] or 'ff'}{color[5:7]}{color[3:5]}{color[1:3]}".lower()
