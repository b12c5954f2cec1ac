"""Pictures that stand in a sheet itself, so that it can be kept and given away as one text."""

from __future__ import annotations

import base64
import math
import re
from typing import Final

from hjgis.errors import UsageError
from hjgis.i18n import _

_OWN_PICTURE: Final = re.compile(r"data:image/[a-z+]+;base64,")
_PICTURES: Final = (("png", b"\x89PNG\r\n\x1a\n"), ("jpeg", b"\xff\xd8\xff"))
_LARGEST_LOGO: Final = 1_000_000


def picture_of_file(content: bytes) -> str:
    """Return what a logo's item says to hold a PNG, JPEG or SVG file itself.

    Raises
    ------
    UsageError
        If it is none of these, or too large to stand in a sheet.
    """
    kind = next((kind for kind, start in _PICTURES if content.startswith(start)), None)
    if kind is None and b"<svg" in content[:2000]:
        kind = "svg+xml"
    if kind is None:
        raise UsageError(_("A logo is a PNG, JPEG or SVG file."))
    if len(content) > _LARGEST_LOGO:
        message = _("This logo has {size} kB; {most} kB at most can be kept in a sheet.")
        raise UsageError(
            message.format(size=math.ceil(len(content) / 1000), most=_LARGEST_LOGO // 1000)
        )
    return f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"


def picture_bytes(picture: str) -> bytes | None:
    """Return the file that a logo's item holds itself; None if it names one of the project."""
    found = _OWN_PICTURE.match(picture)
    try:
        return base64.b64decode(picture[found.end() :], validate=True) if found else None
    except ValueError:
        return None
