"""Files that are attached to assets: told by their content, read with what the camera wrote.

Pictures are decoded by Pillow's plugins themselves: their own limit on the number of pixels is one
for the whole process, and ours is checked before anything is decoded.
"""

from __future__ import annotations

import io
import warnings
import zipfile
from codecs import getincrementaldecoder
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from hjgis.errors import InputError
from hjgis.exchange import picture_parts
from hjgis.exchange.photos import DAMAGE, Photo, said_by
from hjgis.i18n import _, reason
from hjgis.models.attachments import Content, Paper, is_picture
from hjgis.models.crs import Crs, Transform, parse_crs
from hjgis.progress import SILENT, Progress

MEGABYTE: Final = 1024**2
# What a file may have, unless the settings say otherwise; larger pictures are made smaller.
LIMIT_BYTES: Final = 20 * MEGABYTE
SHRUNK_PX: Final = 2560
_SHRUNK_QUALITY: Final = 85
PREVIEW_PX: Final = 192
_PREVIEW_QUALITY: Final = 80
# A JPEG is decoded at an eighth of its size; all else in full, at up to 4 bytes a pixel.
_MOST_PIXELS: Final = {"image/jpeg": 400_000_000}
_MOST_OTHER_PIXELS: Final = 120_000_000
# Nothing larger is read at all, not even to make it smaller.
_MOST_BYTES: Final = 512 * MEGABYTE
_HEAD_BYTES: Final = 65_536
_PICTURE_ENDINGS: Final = frozenset(
    {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".gif"}
)
_MAGIC: Final = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"AC10", "application/acad"),
    # Old Word and Excel files, and those of WPS; which one, only their names say.
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
_ZIPPED: Final = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("OFD.xml", "application/ofd"),
)
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1"})
_TEXT_CONTROLS: Final = frozenset("\t\n\r\f\x1a")
_ORIENTATION: Final = 0x0112
# The part of EXIF that others may read, and what of it: times and their zones.
_TAKEN: Final = 0x8769
_FOR_OTHERS: Final = frozenset({0x9003, 0x9004, 0x9010, 0x9011, 0x9012})
# Ways to pack a TIFF that lose nothing, as Pillow calls them; the others are unpacked.
_TIFF_LOSSLESS: Final = frozenset(
    ("group3", "group4", "packbits", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate")
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture to look at, upright: rows of red, green, blue, one byte each, without padding."""

    width_px: int
    height_px: int
    rgb: bytes


def content_type_of(path: Path) -> str:
    """Return what kind of file it is, by its content; empty if it is none that can be attached.

    Raises
    ------
    InputError
        If it cannot be read or is empty.
    """
    if path.suffix.casefold().startswith(".gpkg"):
        # It may be the open project, whose locks would go when we close it.
        return ""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError as error:
        message = _("Cannot read {path}: {error}")
        raise InputError(message.format(path=path.name, error=reason(error))) from error
    if not head:
        raise InputError(_("{path} is empty.").format(path=path.name))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return "image/bmp"
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return "image/heic"
    known = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    if not known and head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    return known or ("text/plain" if _is_text(head) else "")


def read_paper(
    path: Path, crs: Crs, *, limit_bytes: int = LIMIT_BYTES, shrink: bool = False
) -> Paper:
    """Read a file that is going to be attached; nothing of it is changed.

    Parameters
    ----------
    crs : Crs
        The project's; the position in a photo is given in it.
    limit_bytes : int
        A picture that is larger is made smaller; `Paper.original_bytes` then says so.
    shrink : bool
        Make every picture smaller that is more than 2560 pixels wide or high.

    Raises
    ------
    InputError
        If it cannot be attached; says why and what to do.
    """
    kind = content_type_of(path)
    if kind == "image/heic":
        message = _(
            "{path} is a HEIC photo, which cannot be read: set the phone's camera to JPEG"
            " (most compatible), or save the photo as JPEG."
        )
        raise InputError(message.format(path=path.name))
    if not kind:
        message = _(
            "{path} is neither a picture (JPEG, PNG, TIFF, WebP, BMP, GIF) nor a paper (PDF, Word,"
            " Excel, DWG, text)."
        )
        raise InputError(message.format(path=path.name))
    if kind == "text/plain" and path.suffix.casefold() in _PICTURE_ENDINGS:
        # Such as the page that tells of an error, saved in place of the photo.
        message = _("{path} is called a picture but is text; copy the photo again.")
        raise InputError(message.format(path=path.name))
    size = path.stat().st_size
    if is_picture(kind) and size <= _MOST_BYTES:
        paper = _picture(path, kind, crs, shrink=shrink, too_large=size > limit_bytes)
        if size <= limit_bytes or paper.original_bytes is not None:
            return paper
    if size > limit_bytes:
        message = _("{path} has {size}; files of up to {limit} can be attached.")
        words = {"size": in_megabytes(size), "limit": in_megabytes(limit_bytes)}
        raise InputError(message.format(path=path.name, **words))
    try:
        return Paper(path.name, Content.of(path, kind))
    except OSError as error:
        message = _("Cannot read {path}: {error}")
        raise InputError(message.format(path=path.name, error=reason(error))) from error


def read_papers(
    paths: Sequence[Path],
    crs: Crs,
    *,
    limit_bytes: int = LIMIT_BYTES,
    shrink: bool = False,
    progress: Progress = SILENT,
) -> tuple[list[Paper], list[str]]:
    """Read files that are going to be attached; return them, and why others cannot be.

    Raises
    ------
    Cancelled
        If `progress` says so.
    """
    papers, refused = [], []
    for number, path in enumerate(paths):
        progress.report(number, len(paths), path.name)
        progress.check()
        try:
            papers.append(read_paper(path, crs, limit_bytes=limit_bytes, shrink=shrink))
        except InputError as error:
            refused.append(str(error))
    progress.report(len(paths), len(paths), "")
    return papers, refused


def shown(data: bytes, content_type: str, *, longest_px: int) -> Shown:
    """Return a picture upright, no side longer than asked for.

    Raises
    ------
    InputError
        If it cannot be decoded.
    """
    try:
        with warnings.catch_warnings(action="ignore"), _opened(data, content_type) as image:
            _check_pixels(image, content_type, "")
            made = _upright(image, longest_px)
    except (*DAMAGE, MemoryError) as error:
        raise InputError(_("The picture cannot be shown: it is damaged.")) from error
    return Shown(made.width, made.height, made.tobytes())


def facts_of(data: bytes, content_type: str) -> Photo:
    """Return what the camera has written into a picture; nothing where it cannot be read."""
    try:
        with warnings.catch_warnings(action="ignore"), _opened(data, content_type) as image:
            return said_by(image, "")
    except DAMAGE:
        return Photo("")


def for_others(data: bytes, content_type: str) -> bytes:
    """Return a picture whose file says how it was held and when it was taken, and nothing else.

    The pixels are as they were; those of a TIFF are upright, and its time is left out. Camera,
    owner and place, comments, and what phones append are left out; what is none of the kinds that
    cameras and phones write (JPEG, PNG, TIFF, WebP), or is damaged, is returned as it is.
    """
    writers: dict[str, Callable[[bytes, bytes], bytes]] = {
        "image/jpeg": picture_parts.jpeg,
        "image/png": picture_parts.png,
        "image/webp": picture_parts.webp,
        "image/tiff": _tiff,
    }
    if content_type not in writers:
        return data
    try:
        with warnings.catch_warnings(action="ignore"), _opened(data, content_type) as image:
            return writers[content_type](data, _said_to_others(image))
    except (*DAMAGE, MemoryError):
        return data


def in_megabytes(size_bytes: int) -> str:
    """Return a size in words, such as 1.4 MB."""
    if size_bytes < MEGABYTE // 10:
        return f"{max(size_bytes / 1024, 0.1):.1f} kB"
    return f"{size_bytes / MEGABYTE:.1f} MB"


# -- pictures ----------------------------------------------------------------------------


def _picture(path: Path, kind: str, crs: Crs, *, shrink: bool, too_large: bool) -> Paper:
    try:
        with warnings.catch_warnings(action="ignore"), _opened(path, kind) as image:
            _check_pixels(image, kind, path.name)
            width, height = _turned_size(image)
            said, moving = said_by(image, path.name), getattr(image, "n_frames", 1) > 1
            # Phones append films to photos, so a large file may be a small picture.
            wanted = too_large or (shrink and max(width, height) > SHRUNK_PX)
            smaller = _shrunk(image) if wanted else None
        with warnings.catch_warnings(action="ignore"), _opened(path, kind) as image:
            preview = _jpeg(_upright(image, PREVIEW_PX), _PREVIEW_QUALITY)
        content = Content.of(path, kind, preview)
    except (*DAMAGE, MemoryError) as error:
        message = _("{path} is damaged or not complete; copy it from the camera again.")
        raise InputError(message.format(path=path.name)) from error
    paper = Paper(
        path.name,
        content,
        said.taken.isoformat(timespec="seconds") if said.taken else None,
        _placed(said.place, crs),
        said.direction_deg,
        said.camera,
        width,
        height,
        remark=_("Only the first picture in it is shown.") if moving else "",
    )
    return paper if smaller is None else _smaller(paper, smaller, preview)


def _smaller(paper: Paper, data: bytes, preview: bytes) -> Paper:
    """Return the paper with a smaller picture, unless that is no smaller file."""
    if len(data) >= paper.content.size_bytes:
        return paper
    width, height = paper.width_px or 1, paper.height_px or 1
    scale = min(SHRUNK_PX / max(width, height), 1)
    return replace(
        paper,
        name=f"{Path(paper.name).stem}.jpg",
        content=Content.of(data, "image/jpeg", preview),
        width_px=round(width * scale),
        height_px=round(height * scale),
        original_bytes=paper.content.size_bytes,
    )


def _opened(source: Path | bytes, kind: str) -> Any:
    from PIL import (
        BmpImagePlugin,
        GifImagePlugin,
        JpegImagePlugin,
        PngImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )

    plugins: dict[str, Any] = {
        "image/jpeg": JpegImagePlugin.JpegImageFile,
        "image/png": PngImagePlugin.PngImageFile,
        "image/tiff": TiffImagePlugin.TiffImageFile,
        "image/webp": WebPImagePlugin.WebPImageFile,
        "image/gif": GifImagePlugin.GifImageFile,
        "image/bmp": BmpImagePlugin.BmpImageFile,
    }
    return plugins[kind](io.BytesIO(source) if isinstance(source, bytes) else str(source))


def _said_to_others(image: Any) -> bytes:
    from PIL import Image

    told: Any = Image.Exif()
    try:
        exif = image.getexif()
        if _ORIENTATION in exif:
            told[_ORIENTATION] = exif[_ORIENTATION]
        times = {tag: v for tag, v in exif.get_ifd(_TAKEN).items() if tag in _FOR_OTHERS}
        if times:
            told[_TAKEN] = times
        made: bytes = told.tobytes()
    except DAMAGE:
        made = Image.Exif().tobytes()
    return made.removeprefix(b"Exif\0\0")


def _tiff(data: bytes, _exif: bytes) -> bytes:
    """Return a TIFF written anew, upright, as what it says is scattered among its pixels."""
    from PIL import ImageSequence

    target = io.BytesIO()
    with _opened(data, "image/tiff") as image:
        packed = image.info.get("compression")
        pages = [_bare(page) for page in ImageSequence.Iterator(image)]
    lossless = packed if packed in _TIFF_LOSSLESS else None
    pages[0].save(target, "TIFF", save_all=True, append_images=pages[1:], compression=lossless)
    return target.getvalue()


def _bare(page: Any) -> Any:
    """Return the pixels of a page, and how its colours are meant."""
    copy = page.copy()
    copy.info = {k: v for k, v in page.info.items() if k in ("dpi", "icc_profile", "transparency")}
    return copy


def _check_pixels(image: Any, kind: str, name: str) -> None:
    if image.width * image.height > _MOST_PIXELS.get(kind, _MOST_OTHER_PIXELS):
        message = _("{path} has {width} × {height} pixels, which is too many to be shown.")
        raise InputError(message.format(path=name, width=image.width, height=image.height))


def _turned_size(image: Any) -> tuple[int, int]:
    try:
        turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    except DAMAGE:
        turned = False
    return (image.height, image.width) if turned else (image.width, image.height)


def _upright(image: Any, longest_px: int) -> Any:
    """Return the picture in 8 bit RGB, turned as the camera was held."""
    from PIL import ImageOps

    image.draft("RGB", (longest_px, longest_px))
    image = _eight_bit(image)
    image.thumbnail((longest_px, longest_px))
    try:
        image = ImageOps.exif_transpose(image)
    except DAMAGE:
        # A damaged head says nothing of how the camera was held.
        image.load()
    return image if image.mode == "RGB" else _on_white(image)


def _eight_bit(image: Any) -> Any:
    """Return a picture with 16 bits or more a channel in 8, as Pillow itself would only cut off."""
    from PIL import Image

    if not image.mode.startswith(("I", "F")):
        image.load()
        return image
    values = np.asarray(image, dtype=np.float64)
    full = 65_535.0 if values.max(initial=0.0) > 255 else 255.0
    return Image.fromarray(np.clip(values / full * 255, 0, 255).astype(np.uint8))


def _on_white(image: Any) -> Any:
    from PIL import Image

    if image.mode not in ("RGBA", "LA", "PA") and "transparency" not in image.info:
        return image.convert("RGB")
    clear = image.convert("RGBA")
    ground = Image.new("RGB", clear.size, "white")
    ground.paste(clear, mask=clear.getchannel("A"))
    return ground


def _shrunk(image: Any) -> bytes:
    """Return a smaller JPEG that still says when and where it was taken."""
    # The colours of a CMYK picture are converted, so that its profile no longer fits.
    profile = image.info.get("icc_profile") if image.mode == "RGB" else None
    upright = _upright(image, SHRUNK_PX)
    try:
        exif = image.getexif()
        exif[_ORIENTATION] = 1
        told = exif.tobytes()
    except DAMAGE:
        told = b""
    return _jpeg(upright, _SHRUNK_QUALITY, exif=told, icc_profile=profile)


def _jpeg(image: Any, quality: int, **more: Any) -> bytes:
    target = io.BytesIO()
    image.info.pop("icc_profile", None)
    image.save(target, "JPEG", quality=quality, **more)
    return target.getvalue()


def _placed(place_deg: tuple[float, float] | None, crs: Crs) -> tuple[float, float] | None:
    """Return a position of a satellite receiver in the project's system."""
    if place_deg is None:
        return None
    x, y = Transform(parse_crs("EPSG:4326"), crs).points(
        np.array([place_deg[0]]), np.array([place_deg[1]])
    )
    found = (float(x[0]), float(y[0]))
    return (round(found[0], 3), round(found[1], 3)) if np.isfinite(found).all() else None


# -- papers ------------------------------------------------------------------------------


def _zipped(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        return ""
    return next((kind for part, kind in _ZIPPED if any(n.startswith(part) for n in names)), "")


def _is_text(head: bytes) -> bool:
    for encoding in ("utf-8", "gb18030", "utf-16"):
        if encoding == "utf-16" and head[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            text = getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        return all(sign.isprintable() or sign in _TEXT_CONTROLS or sign > "\x7f" for sign in text)
    return False
