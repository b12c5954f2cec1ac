"""Files as other programs write them, and the same files damaged in many ways.

A damage is decided by a number alone, so that any of them can be made again.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PLACE: Final = (428_000.0, 4_528_000.0)
_PACKED: Final = (".zip", ".kmz", ".xlsx")
_TEXT: Final = (
    ".csv",
    ".dat",
    ".inp",
    ".dxf",
    ".geojson",
    ".json",
    ".kml",
    ".txt",
    ".prj",
    ".xml",
    ".nmea",
)
_SIDES: Final = (".shx", ".dbf", ".prj", ".cpg")
# Larger ones say nothing more and take longer.
_MOST_BYTES: Final = 130_000
_LENGTHS: Final = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_NUMBERS: Final = (
    b"1e308", b"-1e400", b"nan", b"inf", b"-1", b"99999999999999999999", b"0x1F", b"", b"1,5",
)  # fmt: skip
_WORDS: Final = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", "井".encode("gbk"), "井".encode(), b'"', b"<", b"[",
    b"{", b"&a;", b"\r", b"\n\n", b",,,,", b"\x1b" * 20, b"(" * 200, b"[" * 3000, b"<a>" * 2000,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seed:
    """A whole file with what belongs beside it, by name; the first one is what is imported."""

    parts: Mapping[str, bytes]

    @property
    def name(self) -> str:
        return next(iter(self.parts))

    def write(self, folder: Path) -> Path:
        for name, data in self.parts.items():
            (folder / name).write_bytes(data)
        return folder / self.name


def seeds_of(folder: Path) -> list[Seed]:
    """Return the small files of a folder that an import reads."""
    found = []
    for path in sorted(folder.rglob("*")):
        suffix = path.suffix.casefold()
        alone = suffix == ".dbf" and not path.with_suffix(".shp").exists()
        if (suffix in _SIDES and not alone) or not path.is_file():
            continue
        parts = [path]
        if suffix == ".shp":
            parts += [side for s in _SIDES if (side := path.with_suffix(s)).exists()]
        known = (*_TEXT, *_PACKED, ".shp", ".dbf", ".gpkg", ".xls", ".jpg")
        if suffix in known and sum(part.stat().st_size for part in parts) <= _MOST_BYTES:
            found.append(Seed({part.name: part.read_bytes() for part in parts}))
    return found


# -- damage ------------------------------------------------------------------------------


def damaged(seed: Seed, number: int, *, salt: str = "") -> Seed:
    """Return a seed with the damage of a number."""
    dice = random.Random(f"{salt}/{seed.name}/{number}")
    parts = dict(seed.parts)
    if len(parts) > 1 and dice.random() < 0.06:
        del parts[dice.choice(list(parts)[1:])]
    hit = [seed.name] if dice.random() < 0.5 else dice.choices(list(parts), k=2)
    for name in dict.fromkeys(hit):
        parts[name] = _damage(name, parts[name], dice)
    return Seed(parts)


def _damage(name: str, data: bytes, dice: random.Random) -> bytes:
    suffix = Path(name).suffix.casefold()
    if suffix in _PACKED and dice.random() < 0.7:
        return _inside(data, dice)
    ways: list[Callable[[bytes, random.Random], bytes]] = [
        _flipped, _flipped, _cut, _zeroed, _repeated, _inserted, _lengthened, _lengthened, _swapped,
        _left_out,
    ]  # fmt: skip
    if suffix in _TEXT:
        ways += [_renumbered, _renumbered, _reworded, _reworded]
    for _time in range(dice.choice((1, 1, 1, 2, 4, 16))):
        data = dice.choice(ways)(data, dice)
    return data


def _inside(data: bytes, dice: random.Random) -> bytes:
    """Damage one member of an archive and pack it again."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(packed, "w") as new:
        chosen = dice.choice(archive.namelist())
        for name in archive.namelist():
            content = archive.read(name)
            as_text = name if "." in name else f"{name}.txt"
            new.writestr(name, _damage(as_text, content, dice) if name == chosen else content)
    return packed.getvalue()


def _span(data: bytes, dice: random.Random) -> tuple[int, int]:
    # Headers decide more than what follows them.
    start = dice.randrange(max(1, min(len(data), 200 if dice.random() < 0.4 else len(data))))
    return start, min(len(data), start + dice.choice((1, 2, 4, 8, 32, 100, 1000)))


def _flipped(data: bytes, dice: random.Random) -> bytes:
    result = bytearray(data)
    for _time in range(dice.choice((1, 1, 2, 8))):
        if result:
            place, _end = _span(data, dice)
            place = min(place, len(result) - 1)
            if dice.random() < 0.5:
                result[place] ^= 1 << dice.randrange(8)
            else:
                result[place] = dice.randrange(256)
    return bytes(result)


def _cut(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.randrange(len(data) + 1)]


def _zeroed(data: bytes, dice: random.Random) -> bytes:
    start, end = _span(data, dice)
    return data[:start] + bytes(end - start) + data[end:]


def _repeated(data: bytes, dice: random.Random) -> bytes:
    start, end = _span(data, dice)
    return data[:start] + data[start:end] * dice.choice((2, 3, 50)) + data[end:]


def _inserted(data: bytes, dice: random.Random) -> bytes:
    start, end = _span(data, dice)
    return data[:start] + dice.randbytes(end - start) + data[start:]


def _left_out(data: bytes, dice: random.Random) -> bytes:
    start, end = _span(data, dice)
    return data[:start] + data[end:]


def _swapped(data: bytes, dice: random.Random) -> bytes:
    (a, b), (c, d) = sorted((_span(data, dice), _span(data, dice)))
    return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:] if b <= c else data


def _lengthened(data: bytes, dice: random.Random) -> bytes:
    """Write a number that no length should be where one may stand."""
    if len(data) < 8:
        return data
    place, _end = _span(data, dice)
    place = min(place // dice.choice((1, 2, 4)) * dice.choice((1, 2, 4)), len(data) - 4)
    value = dice.choice(_LENGTHS).to_bytes(4, dice.choice(("little", "big")))
    return data[:place] + value[: dice.choice((2, 4))] + data[place + 4 :]


def _renumbered(data: bytes, dice: random.Random) -> bytes:
    return _replaced(rb"-?\d+(?:\.\d+)?", _NUMBERS, data, dice)


def _reworded(data: bytes, dice: random.Random) -> bytes:
    return _replaced(rb"[A-Za-z_]+|[\"'<>{}\[\],;:]", _WORDS, data, dice)


def _replaced(pattern: bytes, by: Sequence[bytes], data: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(data) or 1)
    found = re.compile(pattern).search(data, start)
    return data if found is None else data[: found.start()] + dice.choice(by) + data[found.end() :]


# -- files of our own --------------------------------------------------------------------


def made(folder: Path) -> list[Seed]:
    """Write one small file of each format and return them."""
    for maker in (_shapefiles, _databases, _texts, _drawing, _workbook, _photo, _track):
        maker(folder)
    (folder / "one.kmz").write_bytes(_zipped({"doc.kml": (folder / "one.kml").read_bytes()}))
    members = {p.name: p.read_bytes() for p in sorted(folder.glob("points.*"))}
    (folder / "packed.zip").write_bytes(_zipped(members))
    return seeds_of(folder)


def _zipped(members: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()


def _rows() -> Iterator[tuple[float, float, str, int]]:
    for n in range(8):
        yield PLACE[0] + 10 * n, PLACE[1] + 7 * n, f"井{n}号", n


def _shapefiles(folder: Path) -> None:
    import fiona

    shapes: dict[str, Callable[[float, float], object]] = {
        "Point": lambda x, y: (x, y),
        "LineString": lambda x, y: [(x, y), (x + 5, y), (x + 9, y + 3)],
        "Polygon": lambda x, y: [
            [(x, y), (x + 9, y), (x + 9, y + 9), (x, y)],
            [(x + 5, y + 1), (x + 8, y + 1), (x + 8, y + 2), (x + 5, y + 1)],
        ],
        "MultiPoint": lambda x, y: [(x, y), (x + 1, y)],
        "3D Point": lambda x, y: (x, y, 3.0),
    }
    fields = {"名称": "str:20", "n": "int:9", "d": "float:12.3", "day": "date"}
    for number, (kind, shape) in enumerate(shapes.items()):
        path = folder / ("points.shp" if not number else f"shapes{number}.shp")
        schema = {"geometry": kind, "properties": fields}
        with fiona.open(path, "w", "ESRI Shapefile", schema, crs="EPSG:4545", encoding="GBK") as f:
            for x, y, name, n in _rows():
                geometry = {"type": kind.removeprefix("3D "), "coordinates": shape(x, y)}
                values = {"名称": name, "n": n, "d": n / 3, "day": "2024-02-29"}
                f.write({"type": "Feature", "geometry": geometry, "properties": values})


def _databases(folder: Path) -> None:
    import numpy as np
    import shapely
    from pyogrio import raw

    x, y, names, numbers = zip(*_rows(), strict=True)
    shapes = {
        "point": shapely.points(x, y),
        "area": shapely.box(x, y, np.array(x) + 3, np.array(y) + 3),
    }
    for name, geometry in shapes.items():
        raw.write(
            folder / "one.gpkg", shapely.to_wkb(geometry),
            [np.array(names, object), np.array(numbers), np.array(x)], ["名称", "n", "d"],
            geometry_type="Point" if name == "point" else "Polygon", crs="EPSG:4545",
            driver="GPKG", layer=name, append=name != "point",
            layer_options={"SPATIAL_INDEX": "NO"},
        )  # fmt: skip


def _texts(folder: Path) -> None:
    rows = list(_rows())
    features = ",".join(
        f'{{"type":"Feature","id":{n},"properties":{{"名称":"{name}","n":{n},"l":[1,{{"a":2}}]}},'
        f'"geometry":{{"type":"Polygon","coordinates":[[[{x},{y}],[{x + 4},{y}],[{x},{y + 4}],'
        f"[{x},{y}]]]}}}}"
        for x, y, name, n in rows
    )
    crs = '"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::4545"}}'
    (folder / "one.geojson").write_text(
        f'{{"type":"FeatureCollection",{crs},"features":[{features}]}}', "utf-8"
    )
    lines = "".join(f"{name},{x},{y},{n}\r\n" for x, y, name, n in rows)
    (folder / "gbk.csv").write_bytes(f"名称,X,Y,n\r\n{lines}".encode("gbk"))
    (folder / "utf8.csv").write_text(f"\ufeff名称;X;Y;n\n{lines.replace(',', ';')}", "utf-8")
    points = "".join(f"{n},{name},{x:.3f},{y:.3f},1032.5\r\n" for x, y, name, n in rows)
    (folder / "cass.dat").write_bytes(points.encode("gbk"))
    marks = "".join(
        f"<Placemark><name>{name}</name><ExtendedData><Data name='n'><value>{n}</value></Data>"
        f"</ExtendedData><Point><coordinates>{107.1 + n / 1000},40.9,1</coordinates></Point>"
        "</Placemark>"
        for x, y, name, n in rows
    )
    (folder / "one.kml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document><Folder><name>井</name>{marks}</Folder></Document></kml>",
        "utf-8",
    )
    nodes = "".join(f" J{n} {n} 0\n" for _x, _y, _name, n in rows)
    places = "".join(f" J{n} {x} {y}\n" for x, y, _name, n in rows)
    pipes = "".join(f" P{n} J{n} J{n + 1} 10 100 0.1 0 Open\n" for n in range(len(rows) - 1))
    (folder / "one.inp").write_text(
        f"[TITLE]\nx\n[JUNCTIONS]\n{nodes}[PIPES]\n{pipes}[OPTIONS]\n Units LPS\n"
        f"[COORDINATES]\n{places}[VERTICES]\n P1 428001 4528001\n[END]\n"
    )


def _drawing(folder: Path) -> None:
    import ezdxf

    document = ezdxf.new("R2000")
    document.encoding = "gbk"
    space = document.modelspace()
    block = document.blocks.new("雨水井")
    block.add_circle((0, 0), 1)
    for x, y, name, n in _rows():
        space.add_blockref("雨水井", (x, y), {"rotation": n}).add_attrib("编号", name, (x, y))
        space.add_lwpolyline([(x, y, 0, 0, 0.5), (x + 3, y, 0, 0, 0), (x + 3, y + 3, 0, 0, 0)])
        space.add_text(name).set_placement((x, y))
    space.add_circle(PLACE, 5)
    space.add_arc(PLACE, 5, 0, 90)
    hatch = space.add_hatch()
    x, y = PLACE
    hatch.paths.add_polyline_path([(x, y), (x + 3, y), (x + 3, y + 3)], is_closed=True)
    text = io.StringIO()
    document.write(text)
    (folder / "one.dxf").write_bytes(text.getvalue().encode("gbk", "replace"))


def _workbook(folder: Path) -> None:
    import datetime as dt

    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "管线点"
    sheet.append(["点号", "X", "Y", "日期"])
    for x, y, name, n in _rows():
        sheet.append([name, x, y, dt.datetime(2024, 1, 1 + n)])
    book.save(folder / "one.xlsx")


def _photo(folder: Path) -> None:
    from PIL import Image

    image = Image.new("RGB", (16, 16))
    facts = image.getexif()
    facts[0x0132] = "2024:05:01 08:00:00"
    facts.get_ifd(0x8825).update(
        {1: "N", 2: (40.0, 53.0, 14.0), 3: "E", 4: (107.0, 9.0, 0.0), 5: b"\0", 6: 1032.5}
    )
    image.save(folder / "one.jpg", exif=facts)


def _track(folder: Path) -> None:
    lines = []
    for n in range(8):
        body = f"GNGGA,02030{n}.00,4053.23{n}0,N,10708.91{n}0,E,4,12,0.8,1032.5,M,-20.1,M,,"
        check = 0
        for sign in body.encode():
            check ^= sign
        lines.append(f"${body}*{check:02X}\r\n")
    (folder / "track.nmea").write_text("".join(lines), "ascii", newline="")
