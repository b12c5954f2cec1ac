from __future__ import annotations

import io
import random
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hjgis.errors import InputError
from hjgis.exchange import pictures
from hjgis.exchange.pictures import content_type_of, read_paper
from hjgis.layers.project import Project
from hjgis.models.attachments import Paper
from hjgis.models.crs import parse_crs
from tests.network import build
from tests.photos import TOWN, make_photo, painted

CRS = parse_crs("EPSG:4545")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def read(path: Path, **options: object) -> Paper:
    return read_paper(path, CRS, **options)  # type: ignore[arg-type]


def image_of(paper: Paper) -> Image.Image:
    source = paper.content.source
    return Image.open(io.BytesIO(source) if isinstance(source, bytes) else source)


def test_a_photo_says_when_where_and_whither_it_was_taken(tmp_path: Path) -> None:
    paper = read(make_photo(tmp_path / "井盖 01.JPG"))
    assert paper.name == "井盖 01.JPG"
    assert paper.taken_at == "2026-06-15T10:03:04+08:00"
    assert paper.direction_deg == 87.5
    assert paper.camera == "Maker Model 7"
    assert (paper.width_px, paper.height_px) == (64, 48)
    assert paper.place is not None
    # CGCS2000 / 3-degree GK CM 108E: the town lies west of the meridian.
    assert paper.place == pytest.approx((428_233.8, 4_528_087.8), abs=500)


@pytest.mark.parametrize(
    ("name", "form", "mode"),
    [
        ("a.jpg", "JPEG", "CMYK"),
        ("b.jpg", "JPEG", "L"),
        ("c.png", "PNG", "RGBA"),
        ("d.png", "PNG", "P"),
        ("e.tif", "TIFF", "RGB"),
        ("f.webp", "WEBP", "RGB"),
        ("g.bmp", "BMP", "RGB"),
        ("h.gif", "GIF", "P"),
        ("picture.dat", "PNG", "RGB"),
    ],
)
def test_a_picture_is_told_by_its_content_and_has_a_preview(
    tmp_path: Path, name: str, form: str, mode: str
) -> None:
    path = tmp_path / name
    painted((400, 300)).convert(mode).save(path, form)
    paper = read(path)
    assert paper.content.content_type == f"image/{form.lower()}"
    assert paper.content.is_picture
    assert paper.content.preview is not None
    preview = Image.open(io.BytesIO(paper.content.preview))
    assert (preview.format, preview.size) == ("JPEG", (192, 144))


def test_a_picture_with_16_bits_a_channel_is_not_white(tmp_path: Path) -> None:
    grey = np.tile(np.linspace(0, 65_535, 300), (200, 1)).astype(np.uint16)
    Image.fromarray(grey).save(tmp_path / "a.png")
    preview = read(tmp_path / "a.png").content.preview
    assert preview is not None
    values = np.asarray(Image.open(io.BytesIO(preview)).convert("L"))
    assert values[:, 0].max() < 20
    assert 100 < values[:, values.shape[1] // 2].mean() < 155


def test_a_photo_taken_upright_is_shown_upright(tmp_path: Path) -> None:
    path = make_photo(tmp_path / "a.jpg", size=(300, 200), orientation=6)
    paper = read(path)
    assert (paper.width_px, paper.height_px) == (200, 300)
    shown = pictures.shown(path.read_bytes(), "image/jpeg", longest_px=150)
    assert (shown.width_px, shown.height_px) == (100, 150)
    values = np.frombuffer(shown.rgb, np.uint8).reshape(150, 100, 3)
    # Turned clockwise, the red corner is at the upper right.
    assert values[5, 95, 0] > 200
    assert values[5, 95, 1] < 60


def test_of_a_moving_picture_the_first_one_is_shown_and_that_is_said(tmp_path: Path) -> None:
    frames = [painted((40, 30), noise) for noise in (1, 2, 3)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert "first picture" in read(tmp_path / "a.gif").remark


def test_a_photo_above_the_limit_is_made_smaller_and_keeps_date_and_place(tmp_path: Path) -> None:
    path = make_photo(tmp_path / "大图.jpeg", size=(3200, 2400), noise=1, quality=95)
    before = path.read_bytes()
    paper = read(path, limit_bytes=1024**2)
    assert paper.original_bytes == len(before)
    assert paper.content.size_bytes < paper.original_bytes
    assert paper.name == "大图.jpg"
    assert (paper.width_px, paper.height_px) == (2560, 1920)
    image = image_of(paper)
    assert image.size == (2560, 1920)
    assert image.getexif().get_ifd(0x8769)[0x9003] == "2026:06:15 10:03:04"
    assert image.getexif().get_ifd(0x8825)[4][0] == pytest.approx(TOWN[0])
    assert paper.taken_at == "2026-06-15T10:03:04+08:00"
    assert path.read_bytes() == before


def test_a_turned_photo_made_smaller_is_upright_once(tmp_path: Path) -> None:
    path = make_photo(tmp_path / "a.jpg", size=(3000, 1500), noise=1, orientation=6)
    paper = read(path, shrink=True)
    assert (paper.width_px, paper.height_px) == (1280, 2560)
    image = image_of(paper)
    assert image.size == (1280, 2560)
    assert image.getexif()[0x0112] == 1


def test_a_small_photo_stays_as_it_is_though_smaller_ones_are_wanted(tmp_path: Path) -> None:
    path = make_photo(tmp_path / "a.jpg")
    paper = read(path, shrink=True)
    assert paper.original_bytes is None
    assert paper.content.source == path


def test_a_film_behind_a_small_photo_is_left_behind_if_both_are_too_large(tmp_path: Path) -> None:
    path = make_photo(tmp_path / "a.jpg", size=(640, 480))
    film = path.read_bytes() + bytes(range(256)) * 8192
    path.write_bytes(film)
    assert read(path).content.size_bytes == len(film)
    paper = read(path, limit_bytes=1024**2)
    assert (paper.original_bytes, paper.width_px, paper.height_px) == (len(film), 640, 480)
    assert paper.content.size_bytes < 100_000
    assert image_of(paper).size == (640, 480)


def test_papers_are_told_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"%PDF-1.7\n...")
    with zipfile.ZipFile(tmp_path / "b.bin", "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", "<x/>")
    (tmp_path / "c.bin").write_bytes(b"AC1032\x00\x00")
    (tmp_path / "d.bin").write_bytes("验收合格\r\n".encode("gbk"))
    (tmp_path / "e.bin").write_bytes("验收合格\n".encode() * 9000)
    kinds = [content_type_of(tmp_path / f"{name}.bin") for name in "abcde"]
    assert kinds == ["application/pdf", DOCX, "application/acad", "text/plain", "text/plain"]
    paper = read(tmp_path / "a.bin")
    assert paper.content.preview is None
    assert paper.width_px is None


def test_what_cannot_be_attached_is_said_in_words(tmp_path: Path) -> None:
    whole = make_photo(tmp_path / "whole.jpg", size=(400, 300), noise=1).read_bytes()
    files = {
        "empty.jpg": (b"", "is empty"),
        "cut.jpg": (whole[: len(whole) // 2], "damaged or not complete"),
        "head.jpg": (whole[:30], "damaged or not complete"),
        "noise.png": (b"\x89PNG\r\n\x1a\n" + bytes(50), "damaged or not complete"),
        "phone.heic": (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC"),
        "page.jpg": (b"<html>404 Not Found</html>", "is called a picture but is text"),
        "program.jpg": (b"MZ\x90\x00" + bytes(60), "neither a picture"),
        "other.zip": (b"PK\x03\x04" + bytes(60), "neither a picture"),
        "long.txt": (b"a" * 3000, "has 2.9 kB; files of up to 2.0 kB"),
    }
    for name, (content, words) in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=words) as told:
            read(tmp_path / name, limit_bytes=2048 if name == "long.txt" else pictures.LIMIT_BYTES)
        assert name in str(told.value)
    with pytest.raises(InputError, match=r"missing\.jpg"):
        read(tmp_path / "missing.jpg")


def test_a_picture_that_would_fill_the_memory_is_not_decoded(tmp_path: Path) -> None:
    Image.new("1", (60_000, 30_000)).save(tmp_path / "bomb.png")
    assert (tmp_path / "bomb.png").stat().st_size < 1_000_000
    with pytest.raises(InputError, match="60000 × 30000 pixels"):
        read(tmp_path / "bomb.png")


def test_a_photo_without_a_place_or_with_a_broken_head_can_be_attached(tmp_path: Path) -> None:
    assert read(make_photo(tmp_path / "a.jpg", place=None)).place is None
    broken = (
        make_photo(tmp_path / "b.jpg").read_bytes().replace(b"Exif\x00\x00MM", b"Exif\x00\x00XX")
    )
    (tmp_path / "b.jpg").write_bytes(broken)
    paper = read(tmp_path / "b.jpg")
    assert paper.place is None
    assert paper.content.preview is not None


def test_damage_of_any_kind_is_refused_and_never_a_fault_of_ours(tmp_path: Path) -> None:
    seeds = [make_photo(tmp_path / "a.jpg", size=(160, 120), noise=1).read_bytes()]
    for form, mode in (("PNG", "RGBA"), ("TIFF", "RGB"), ("WEBP", "RGB"), ("GIF", "P")):
        painted((80, 60), 2).convert(mode).save(tmp_path / "seed", form)
        seeds.append((tmp_path / "seed").read_bytes())
    chance, refused = random.Random(7), 0
    for _round in range(400):
        data = bytearray(chance.choice(seeds))
        for _byte in range(chance.randint(1, 12)):
            data[chance.randrange(min(len(data), chance.choice((64, 600, 10**6))))] = (
                chance.randrange(256)
            )
        (tmp_path / "x.jpg").write_bytes(bytes(data))
        try:
            paper = read(tmp_path / "x.jpg", shrink=True)
        except InputError:
            refused += 1
        else:
            assert paper.content.preview or not paper.content.is_picture
    assert 50 < refused < 400


@pytest.mark.skipif(sys.platform == "win32", reason="locks of Windows stay")
def test_the_open_project_is_no_attachment_and_keeps_its_locks(project: Project) -> None:
    build(project)
    assert content_type_of(project.path) == ""
    # SQLite's shared lock, as another process would ask whether it is the last to close the file.
    asking = (
        "import fcntl, sys; file = open(sys.argv[1], 'r+b')\n"
        "fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)"
    )
    asked = subprocess.run(
        [sys.executable, "-c", asking, str(project.path)], capture_output=True, check=False
    )
    assert asked.returncode != 0
