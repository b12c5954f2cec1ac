"""Photos and papers of assets: their content, and what an attachment says of it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# The kind of record that says to which asset a content belongs, and as what.
LAYER: Final = "attachment"
PHOTO: Final = "照片"
PAPER: Final = "资料"
BEFORE: Final = "整改前"
AFTER: Final = "整改后"
CHUNK_BYTES: Final = 1024**2
_NOT_IN_NAMES: Final = frozenset('<>:"/\\|?*')
_NAME_LENGTH: Final = 120
_DEVICES: Final = frozenset(
    ("CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(1, 10)))
)


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that are stored once, however many attachments name them.

    Attributes
    ----------
    sha256 : str
        Of the bytes, in hexadecimal; the content's identity.
    source : Path or bytes
        Where the bytes are until they are stored; a file must not change meanwhile.
    preview : bytes or None
        A small JPEG of a picture.
    """

    sha256: str
    content_type: str
    size_bytes: int
    source: Path | bytes
    preview: bytes | None = None

    @classmethod
    def of(cls, source: Path | bytes, content_type: str, preview: bytes | None = None) -> Content:
        """Take up bytes, or a file that is read once for its digest.

        Raises
        ------
        OSError
            If the file cannot be read.
        """
        digest, size = hashlib.sha256(), 0
        for chunk in _chunks(source):
            digest.update(chunk)
            size += len(chunk)
        return cls(digest.hexdigest(), content_type, size, source, preview)

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, a megabyte at a time.

        Raises
        ------
        OSError
            If the file cannot be read any more.
        """
        return _chunks(self.source)

    @property
    def is_picture(self) -> bool:
        """Whether it can be shown."""
        return is_picture(self.content_type)


@dataclass(frozen=True, slots=True)
class Paper:
    """A file that is going to be attached, and what it says of itself.

    Attributes
    ----------
    name : str
        Name of the file, without folders.
    taken_at : str or None
        When a photo was taken, ISO 8601, on the camera's clock.
    place : (float, float) or None
        Where it was taken, project CRS.
    direction_deg : float or None
        Where the camera looked, clockwise from north.
    camera : str or None
        Maker and model.
    original_bytes : int or None
        Size of the file where what is stored is a smaller picture made of it.
    remark : str
        What has to be said of it, in the user's language.
    """

    name: str
    content: Content
    taken_at: str | None = None
    place: tuple[float, float] | None = None
    direction_deg: float | None = None
    camera: str | None = None
    width_px: int | None = None
    height_px: int | None = None
    original_bytes: int | None = None
    remark: str = ""


def plain_name(name: object) -> str:
    """Return a file's name as every system takes it, without folders."""
    kept = "".join(
        "_" if sign in _NOT_IN_NAMES or not sign.isprintable() else sign
        for sign in str(name or "").replace("\\", "/").rpartition("/")[2]
    )
    kept = kept.strip(" .")[-_NAME_LENGTH:] or "file"
    # Windows takes these for devices, whatever their ending.
    return f"_{kept}" if kept.partition(".")[0].strip().upper() in _DEVICES else kept


def is_picture(content_type: object) -> bool:
    """Whether content of this type can be shown."""
    return str(content_type or "").startswith("image/")


def _chunks(source: Path | bytes) -> Iterator[bytes]:
    with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
