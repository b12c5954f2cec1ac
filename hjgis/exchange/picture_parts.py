"""Pictures for others: of the parts of a file those that its picture needs, pixels as they were.

What cameras, phones and programs say beside that (owner, device, place, comments, films that hang
behind the picture) lies in parts of its own, so that it can be left out without a new encoding.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

# A mark of a JPEG that has a segment behind it, and that of the end (ITU-T T.81, B.1.1.3).
_MARK: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]", re.DOTALL)
_END_OF_IMAGE: Final = 0xD9
# Application segments and comments say something; of those a picture needs few.
_TOLD: Final = frozenset({*range(0xE0, 0xF0), 0xFE})
_NEEDED: Final = (b"JFIF\0", b"ICC_PROFILE\0", b"Adobe")
_EXIF: Final = b"Exif\0\0"
_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
# Chunks of a PNG that say how it looks (PNG 3.0, 11.2 and 11.3): pixels, colours, moving pictures.
_PNG_NEEDED: Final = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
     b"bKGD", b"pHYs", b"cICP", b"acTL", b"fcTL", b"fdAT")
)  # fmt: skip
_WEBP_NEEDED: Final = frozenset((b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ICCP", b"ANIM", b"ANMF"))
# Flags of a WebP's head for parts that are there (RFC 9649, 2.7).
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


def jpeg(data: bytes, exif: bytes) -> bytes:
    """Return a JPEG with this EXIF as the only thing that it says; ValueError if it is none."""
    head = _EXIF + exif
    return b"".join((b"\xff\xd8\xff\xe1", (len(head) + 2).to_bytes(2), head, *_jpeg_segments(data)))


def png(data: bytes, exif: bytes) -> bytes:
    """Return a PNG with this EXIF as the only thing that it says; ValueError if it is none."""
    made = [_PNG_HEAD]
    for kind, content in _png_chunks(data):
        made.append(_png_chunk(kind, content))
        if kind == b"IHDR":
            made.append(_png_chunk(b"eXIf", exif))
    return b"".join(made)


def webp(data: bytes, exif: bytes) -> bytes:
    """Return a WebP with this EXIF as the only thing that it says; ValueError if it is none.

    One of the simple form, that cannot say anything, stays as it is.
    """
    parts = list(_webp_chunks(data))
    if parts[0][0] != b"VP8X":
        return _riff(parts[:1])
    head = bytearray(parts[0][1])
    head[0] = (head[0] | _WEBP_EXIF) & ~_WEBP_XMP
    return _riff([(b"VP8X", bytes(head)), *parts[1:], (b"EXIF", exif)])


def _jpeg_segments(data: bytes) -> Iterator[bytes]:
    """Yield the segments behind the first mark that a picture needs, up to its end."""
    at = 2
    while (mark := _MARK.search(data, at)) is not None:
        # In front of a mark are the pixels of a scan.
        yield data[at : mark.start()]
        kind = mark.group()[1]
        if kind == _END_OF_IMAGE:
            yield mark.group()
            return
        at = mark.end() + int.from_bytes(data[mark.end() : mark.end() + 2])
        if kind not in _TOLD or data.startswith(_NEEDED, mark.end() + 2):
            yield data[mark.start() : at]
    raise ValueError("a JPEG without end")


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_PNG_HEAD)
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind in _PNG_NEEDED:
            yield kind, data[at + 8 : at + 8 + size]
        if kind == b"IEND":
            return
        at += 12 + size
    raise ValueError("a PNG without end")


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content)
    return struct.pack(">I4s", len(content), kind) + content + crc.to_bytes(4)


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    end = min(8 + int.from_bytes(data[4:8], "little"), len(data))
    at = 12
    while at + 8 <= end:
        kind, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > end:
            raise ValueError("a WebP that is cut off")
        if kind in _WEBP_NEEDED:
            yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    if at == 12:
        raise ValueError("a WebP without content")


def _riff(parts: list[tuple[bytes, bytes]]) -> bytes:
    content = b"".join(
        struct.pack("<4sI", kind, len(part)) + part + b"\0" * (len(part) % 2)
        for kind, part in parts
    )
    return b"RIFF" + (len(content) + 4).to_bytes(4, "little") + b"WEBP" + content
