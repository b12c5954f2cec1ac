"""Bookmarks for a PDF that Qt has written; its writer knows none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_ROOT: Final = re.compile(rb"/Root\s+(\d+)\s+0\s+R")
_SIZE: Final = re.compile(rb"/Size\s+(\d+)")
_START: Final = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*$")
_PAGES: Final = re.compile(rb"/Pages\s+(\d+)\s+0\s+R")
_KIDS: Final = re.compile(rb"/Kids\s*\[(.*?)\]", re.DOTALL)


def add_outline(path: Path, entries: Sequence[tuple[str, int]]) -> None:
    """Append bookmarks to a PDF file, as an incremental update (ISO 32000-1, 7.5.6, 12.3.3).

    Parameters
    ----------
    entries : sequence of (str, int)
        Words, and the number of the page, from 1.

    Raises
    ------
    ValueError
        If the file is not laid out as Qt does it.
    """
    data = path.read_bytes()
    trailer = data[data.rfind(b"trailer") :]
    root, size, start = (_number(pattern, trailer) for pattern in (_ROOT, _SIZE, _START))
    catalogue = _object(data, root)
    kids = _KIDS.search(_object(data, _number(_PAGES, catalogue)))
    if kids is None:
        raise ValueError("no pages")
    pages = [int(number) for number in re.findall(rb"(\d+)\s+0\s+R", kids.group(1))]
    inside = catalogue.strip().removesuffix(b">>")
    items = [
        (size + 1 + index, _item(index, len(entries), size, words, pages[page - 1]))
        for index, (words, page) in enumerate(entries)
    ]
    whole = f"<< /Type /Outlines /First {size + 1} 0 R /Last {size + len(items)} 0 R"
    updated = [
        (root, inside + f"\n/Outlines {size} 0 R\n/PageMode /UseOutlines\n>>".encode()),
        (size, f"{whole} /Count {len(items)} >>".encode()),
        *items,
    ]
    path.write_bytes(data + _update(len(data), updated, trailer, previous=start))


def _item(index: int, count: int, size: int, words: str, page: int) -> bytes:
    own = size + 1 + index
    before = f" /Prev {own - 1} 0 R" if index else ""
    after = f" /Next {own + 1} 0 R" if index + 1 < count else ""
    title = (b"\xfe\xff" + words.encode("utf-16-be")).hex().upper()
    return (
        f"<< /Title <{title}> /Parent {size} 0 R{before}{after} /Dest [{page} 0 R /Fit] >>".encode()
    )


def _update(
    at: int, objects: Sequence[tuple[int, bytes]], trailer: bytes, *, previous: int
) -> bytes:
    body, table = b"\n", b"xref\n0 1\n0000000000 65535 f \n"
    for number, text in objects:
        table += f"{number} 1\n{at + len(body):010d} 00000 n \n".encode()
        body += f"{number} 0 obj\n".encode() + text + b"\nendobj\n"
    size = max(number for number, _text in objects) + 1
    kept = _SIZE.sub(f"/Size {size}".encode(), trailer[: trailer.rfind(b">>")])
    tail = kept + f"/Prev {previous}\n>>\nstartxref\n{at + len(body)}\n%%EOF\n".encode()
    return body + table + tail


def _object(data: bytes, number: int) -> bytes:
    found = re.search(rb"(?<![0-9])%d 0 obj\s*(.*?)\s*endobj" % number, data, re.DOTALL)
    if found is None:
        raise ValueError(f"no object {number}")
    return found.group(1)


def _number(pattern: re.Pattern[bytes], data: bytes) -> int:
    found = pattern.search(data)
    if found is None:
        raise ValueError(pattern.pattern.decode())
    return int(found.group(1))
