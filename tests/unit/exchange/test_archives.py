"""Archives give what is in them and nothing else."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import archives
from hjgis.exchange.sources import read_layer, summaries

Make = Callable[..., Path]
EMPTY = '{"type":"FeatureCollection","features":[]}'


def packed(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # A name that is given as it is, whatever this system thinks of it.
            entry = zipfile.ZipInfo()
            entry.filename = name
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return path


@pytest.mark.parametrize("suffix", ["zip", "kmz"])
@pytest.mark.parametrize(
    "name",
    ["../evil.kml", "a/../../evil.kml", "/tmp/evil.kml", "C:/evil.kml", "c:evil.kml",
     "..\\evil.kml", "a\\evil.kml", "\\\\host\\evil.kml", "a\nb.kml"],
)  # fmt: skip
def test_names_that_lead_out_are_refused_in_words(tmp_path: Path, suffix: str, name: str) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    path = packed(inside / f"a.{suffix}", {"good.kml": "<kml/>", name: "<kml/>"})
    with pytest.raises(InputError, match="leads out of the archive"):
        summaries(path)
    assert [p.name for p in tmp_path.rglob("*")] == ["in", f"a.{suffix}"]


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        entry = zipfile.ZipInfo("a.geojson")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(InputError, match="leads out of the archive"):
        read_layer(tmp_path / "a.zip")


@pytest.mark.parametrize("name", ["bomb.zip", "bomb.kmz", "bomb.xlsx"])
def test_what_shrinks_too_well_is_not_unpacked(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / name, {"a.kml": b"0" * (archives._SMALL_BYTES + 1)})
    with pytest.raises(InputError, match=rf"{name} unpacks to more"):
        summaries(path)


def test_too_many_files_are_not_unpacked(tmp_path: Path) -> None:
    path = packed(tmp_path / "many.zip", {f"{n}.txt": "" for n in range(archives._MOST_FILES + 1)})
    with pytest.raises(InputError, match="unpacks to more"):
        summaries(path)


def test_headers_that_lie_about_sizes_do_not_help(tmp_path: Path) -> None:
    whole = packed(tmp_path / "a.zip", {"a.kml": b"0" * 1_000_000}).read_bytes()
    size = struct.pack("<I", 1_000_000)
    assert whole.count(size) == 2
    (tmp_path / "a.zip").write_bytes(whole.replace(size, struct.pack("<I", 10)))
    with pytest.raises(InputError, match=r"a\.zip cannot be read"):
        summaries(tmp_path / "a.zip")


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.geojson", EMPTY)
        archive.writestr("./a.geojson", EMPTY)
    with pytest.raises(InputError, match=r"a\.zip"):
        summaries(path)


def test_an_archive_in_an_archive_is_not_opened(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"a.geojson": EMPTY})
    for name in ("inner.zip", "inner.kmz"):
        outer = packed(tmp_path / "outer.zip", {name: inner.read_bytes()})
        with pytest.raises(InputError, match="holds another archive"):
            summaries(outer)


def test_a_password_is_told(tmp_path: Path) -> None:
    whole = bytearray(packed(tmp_path / "a.zip", {"a.geojson": EMPTY}).read_bytes())
    whole[6] |= 1
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(whole)
    with pytest.raises(InputError, match="password"):
        summaries(tmp_path / "a.zip")


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_of_chinese_windows_and_of_macos_are_read(
    tmp_path: Path, geojson: Make, encoding: str
) -> None:
    """As Windows' own packer does it: bytes of the system's code page and no flag."""
    content = geojson([(shapely.Point(1, 1), {})]).read_bytes()
    names = ("路灯数据.geojson", "公厕表.geojson")
    stand_ins = {f"{n}" * len(name.encode(encoding)): name for n, name in enumerate(names)}
    whole = packed(tmp_path / "a.zip", dict.fromkeys(stand_ins, content)).read_bytes()
    for stand_in, name in stand_ins.items():
        whole = whole.replace(stand_in.encode(), name.encode(encoding))
    (tmp_path / "a.zip").write_bytes(whole)
    with pytest.raises(InputQuestion) as asked:
        read_layer(tmp_path / "a.zip")
    assert sorted(asked.value.candidates) == sorted(names)


def test_what_macos_adds_is_no_second_layer(tmp_path: Path, geojson: Make) -> None:
    content = geojson([(shapely.Point(1, 1), {})]).read_bytes()
    members = {"a.geojson": content, "__MACOSX/._a.geojson": b"\x00\x05\x16\x07"}
    assert len(read_layer(packed(tmp_path / "a.zip", members))) == 1


def test_a_kmz_is_read_by_its_document_and_keeps_its_name(tmp_path: Path) -> None:
    spot = (
        '<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>{}</name><Placemark><Point>'
        "<coordinates>107,40</coordinates></Point></Placemark></Document></kml>"
    )
    path = packed(
        tmp_path / "井.kmz", {"files/other.kml": spot.format("b"), "doc.kml": spot.format("a")}
    )
    assert [(layer.name, layer.count) for layer in summaries(path)] == [("a", 1)]
    with pytest.raises(InputError, match=r"empty\.kmz"):
        summaries(packed(tmp_path / "empty.kmz", {"a.png": b""}))
