"""Pages of single layers put together to sheets whose layers can be switched off.

Qt paints every part of a sheet onto a page of its own, and all of them into one document: they
share their fonts. Here those pages, and parts that were written without Qt (`pdf_content`), become
the streams of one page, each marked as the content of an optional group (ISO 32000-2, 8.11); no
stream is unpacked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from hjgis.cartography.georeference import Viewport
from hjgis.cartography.pdf_content import Content
from hjgis.render.frame import MM_PER_INCH

if TYPE_CHECKING:
    from hjgis.cartography.pdf_file import PdfSheet

_POINTS_PER_MM: Final = 72 / MM_PER_INCH
_RESOURCES: Final = ("/ColorSpace", "/ExtGState", "/Pattern", "/Font", "/XObject", "/Shading")
_PRODUCER: Final = "hjgis"
_XMP: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<xmp:CreatorTool>{tool}</xmp:CreatorTool><pdf:Producer>{tool}</pdf:Producer>
<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def put_together(raw: Path, out: Path, sheets: Sequence[PdfSheet], title: str) -> None:
    """Write the sheets whose parts are the pages of a raw document, one after the other.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    with raw.open("rb") as stream:
        assembly = _Assembly(PdfReader(stream), title)
        for sheet in sheets:
            assembly.add(sheet)
        assembly.write(out)


class _Assembly:
    """A document in the making.

    Parameters
    ----------
    source : PdfReader
        The raw document, its file open.
    """

    def __init__(self, source: PdfReader, title: str) -> None:
        self._source, self._title = source, title
        self._raw = iter(source.pages)
        self._writer = PdfWriter()
        self._groups: dict[str, PdfObject] = {}
        self._digest = hashlib.sha256(title.encode())

    def add(self, sheet: PdfSheet) -> None:
        """Put the next sheet together from the raw pages that come next."""
        contents, resources = ArrayObject(), DictionaryObject()
        marks = DictionaryObject()
        for part in sheet.parts:
            group = self._group(part.name)
            begin = ""
            if group is not None:
                mark = f"/L{list(self._groups).index(part.name)}"
                marks[NameObject(mark)] = group
                begin = f"/OC {mark} BDC\n"
            shift = 0.0
            if part.content is not None:
                own = self._written(part.content)
                self._merge(resources, _states(part.content))
            else:
                raw = next(self._raw)
                own = self._kept(raw["/Contents"])
                self._merge(resources, raw["/Resources"])
                # Qt measures from the top of a page that it has rounded to whole points.
                shift = sheet.paper_mm[1] * _POINTS_PER_MM - float(raw.mediabox.height)
            contents.append(self._stream(f"{begin}q 1 0 0 1 0 {shift:.5f} cm\n"))
            contents.append(own)
            contents.append(self._stream("Q\nEMC\n" if group is not None else "Q\n"))
        resources[NameObject("/Properties")] = marks
        width, height = (side * _POINTS_PER_MM for side in sheet.paper_mm)
        page = self._writer.add_blank_page(width, height)
        page[NameObject("/MediaBox")] = _floats(0, 0, width, height)
        page[NameObject("/Resources")] = resources
        page[NameObject("/Contents")] = contents
        if sheet.viewport is not None:
            page[NameObject("/VP")] = ArrayObject([_viewport(sheet.viewport, height)])
        if sheet.bookmark:
            number = len(self._writer.pages) - 1
            self._writer.add_outline_item(title=sheet.bookmark, page_number=number)

    def write(self, out: Path) -> None:
        """Write the document with its layers and what it says about itself."""
        writer, now = self._writer, datetime.now(UTC)
        if self._groups:
            groups = ArrayObject(self._groups.values())
            order = ArrayObject(reversed(groups))
            shown = DictionaryObject({_name("ON"): groups, _name("Order"): order})
            writer.root_object[NameObject("/OCProperties")] = DictionaryObject(
                {_name("OCGs"): groups, _name("D"): shown}
            )
        date = f"D:{now:%Y%m%d%H%M%S}Z"
        writer.metadata = {
            "/Title": self._title,
            "/Creator": _PRODUCER,
            "/Producer": _PRODUCER,
            "/CreationDate": date,
            "/ModDate": date,
        }
        xmp = _XMP.format(
            title=escape(self._title), tool=_PRODUCER, date=f"{now:%Y-%m-%dT%H:%M:%SZ}"
        )
        said = DecodedStreamObject()
        said.set_data(xmp.encode())
        said[_name("Type")], said[_name("Subtype")] = _name("Metadata"), _name("XML")
        writer.root_object[NameObject("/Metadata")] = writer._add_object(said)
        writer.pdf_header = "%PDF-1.7"
        mark = ByteStringObject(self._digest.digest()[:16])
        writer._ID = ArrayObject([mark, mark])
        with out.open("wb") as stream:
            writer.write(stream)

    def _group(self, name: str) -> PdfObject | None:
        if name and name not in self._groups:
            group = DictionaryObject(
                {_name("Type"): _name("OCG"), _name("Name"): TextStringObject(name)}
            )
            self._groups[name] = self._writer._add_object(group)
        return self._groups.get(name)

    def _stream(self, text: str) -> PdfObject:
        stream = DecodedStreamObject()
        stream.set_data(text.encode("ascii"))
        return self._writer._add_object(stream)

    def _kept(self, found: PdfObject) -> PdfObject:
        """Copy a stream as it is packed."""
        stream: Any = found.get_object()
        self._digest.update(stream._data)
        kept = stream.clone(self._writer)
        return kept.indirect_reference  # type: ignore[no-any-return]

    def _written(self, content: Content) -> PdfObject:
        stream = StreamObject()
        stream._data = content.packed
        stream[_name("Filter")] = _name("FlateDecode")
        self._digest.update(content.packed)
        return self._writer._add_object(stream)

    def _merge(self, resources: DictionaryObject, found: PdfObject) -> None:
        """Add what a raw page uses; Qt gives things names of their own in the whole document."""
        raw: Any = found.get_object()
        for kind in _RESOURCES:
            entries = raw.get(kind)
            if not entries:
                continue
            known: Any = resources.setdefault(NameObject(kind), DictionaryObject())
            for name, entry in entries.get_object().items():
                if name not in known:
                    known[NameObject(name)] = entry.clone(self._writer)


def _states(content: Content) -> DictionaryObject:
    """Return the resources of content that we have written."""
    states = DictionaryObject()
    for name, (area, line) in content.states.items():
        opaque = {_name("ca"): _Exact(area), _name("CA"): _Exact(line)}
        states[_name(name)] = DictionaryObject(opaque)
    return DictionaryObject({_name("ExtGState"): states})


def _viewport(place: Viewport, height: float) -> DictionaryObject:
    left, top, right, bottom = (side * _POINTS_PER_MM for side in place.box_mm)
    system = DictionaryObject({_name("Type"): _name("PROJCS"), _name("WKT"): _text(place.wkt)})
    if place.epsg is not None:
        system[_name("EPSG")] = NumberObject(place.epsg)
    square = _floats(0, 0, 0, 1, 1, 1, 1, 0)
    measure = DictionaryObject(
        {
            _name("Type"): _name("Measure"),
            _name("Subtype"): _name("GEO"),
            _name("Bounds"): square,
            _name("LPTS"): square,
            _name("GPTS"): _floats(*place.corners_deg),
            _name("GCS"): system,
        }
    )
    return DictionaryObject(
        {
            _name("Type"): _name("Viewport"),
            _name("Name"): _text(place.name),
            _name("BBox"): _floats(left, height - bottom, right, height - top),
            _name("Measure"): measure,
        }
    )


def _name(text: str) -> NameObject:
    return NameObject(f"/{text}")


def _text(text: str) -> TextStringObject:
    return TextStringObject(text)


def _floats(*values: float) -> ArrayObject:
    return ArrayObject(_Exact(value) for value in values)


class _Exact(FloatObject):
    """A number with nine decimals: of a degree that is a tenth of a millimetre."""

    def myrepr(self) -> str:
        return f"{self:.9f}".rstrip("0").rstrip(".")
