from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hjgis.errors import InputError, InputQuestion
from hjgis.exchange import encoding
from hjgis.exchange.foreign import ForeignLayer
from hjgis.exchange.sources import encoding_previews, read_layer

SIMPLE = {"名称": "胜利路东侧污水井", "类型": "井盖"}
TRADITIONAL = {"名稱": "忠孝東路北側路燈", "類型": "公廁"}
GBK, UTF8, BIG5 = "GBK", "UTF-8", "BIG5"

Make = Callable[..., Path]


def texts(layer: ForeignLayer) -> dict[str, str]:
    return {name: column[0] for name, column in layer.columns.items()}


@pytest.mark.parametrize(
    ("written", "language_byte", "cpg", "name", "source"),
    [
        (GBK, 0, "936", "gbk", "cpg"),
        (GBK, 0, "GBK", "gbk", "cpg"),
        (GBK, 0x4D, None, "gbk", "ldid"),
        (GBK, 0, None, "gbk", "detected"),
        (GBK, 0, "UTF-8", "gbk", "detected"),
        (GBK, 0x57, None, "gbk", "detected"),
        (UTF8, 0, "UTF-8", "utf-8", "cpg"),
        (UTF8, 0, None, "utf-8", "detected"),
        (UTF8, 0, "936", "utf-8", "detected"),
        (UTF8, 0x4D, None, "utf-8", "detected"),
        (UTF8, 0x57, None, "utf-8", "detected"),
    ],
)
def test_simplified_text_is_read_right_and_it_is_said_how(
    shapefile: Make, written: str, language_byte: int, cpg: str | None, name: str, source: str
) -> None:
    path = shapefile([SIMPLE], encoding=written, language_byte=language_byte, cpg=cpg)
    layer = read_layer(path)
    assert texts(layer) == SIMPLE
    assert (layer.encoding.name, layer.encoding.source) == (name, source)


@pytest.mark.parametrize(
    ("cpg", "language_byte", "source"),
    [
        ("950", 0, "cpg"),
        ("BIG5", 0, "cpg"),
        (None, 0x78, "ldid"),
        (None, 0, "detected"),
        ("UTF-8", 0, "detected"),
    ],
)
def test_traditional_text_in_big5_is_read_right(
    shapefile: Make, cpg: str | None, language_byte: int, source: str
) -> None:
    path = shapefile([TRADITIONAL], encoding=BIG5, language_byte=language_byte, cpg=cpg)
    layer = read_layer(path)
    assert texts(layer) == TRADITIONAL
    assert layer.encoding.source == source


def test_a_wrong_cpg_is_reported(shapefile: Make) -> None:
    layer = read_layer(shapefile([SIMPLE], encoding=GBK, cpg="UTF-8"))
    assert any(".cpg" in warning and "utf-8" in warning for warning in layer.warnings)


def test_a_cpg_of_the_language_bytes_kind_is_no_warning(shapefile: Make) -> None:
    assert not read_layer(shapefile([SIMPLE], encoding=GBK, cpg="936")).warnings


def test_signs_outside_gb2312_come_through(shapefile: Make) -> None:
    row = {"名称": "喆玥路朢丂井盖", "类型": "井盖"}
    assert texts(read_layer(shapefile([row], encoding=GBK))) == row


def test_given_encoding_goes_first(shapefile: Make) -> None:
    layer = read_layer(shapefile([SIMPLE], encoding=GBK, cpg="UTF-8"), given_encoding="936")
    assert (texts(layer), layer.encoding.source) == (SIMPLE, "given")


def test_given_encoding_that_does_not_fit_is_refused(shapefile: Make) -> None:
    path = shapefile([SIMPLE], encoding=GBK)
    with pytest.raises(InputError, match="utf-8"):
        read_layer(path, given_encoding="utf-8")
    with pytest.raises(InputError, match="klingon"):
        read_layer(path, given_encoding="klingon")


def test_bytes_that_read_well_in_no_way_are_asked_about() -> None:
    with pytest.raises(InputQuestion) as asked:
        encoding.of_text("Hněvošický háj".encode("cp1250"), None)
    assert asked.value.option == "--encoding"
    assert "cp1250" in asked.value.candidates


def test_rare_signs_are_asked_about_with_gbk_among_the_answers() -> None:
    with pytest.raises(InputQuestion) as asked:
        encoding.of_text("龘靐".encode("gbk"), None)
    assert "gbk" in asked.value.candidates


def test_value_cut_inside_a_character_keeps_the_rest(shapefile: Make) -> None:
    row = {"名称": "胜利路东侧污水井", "类型": "井盖"}
    path = shapefile([row], encoding=GBK, widths={"名称": 16})
    table = path.with_suffix(".dbf")
    whole = row["名称"].encode("gbk")
    table.write_bytes(table.read_bytes().replace(whole, whole[:-1] + b" "))
    # A writer that cut leaves the lead byte alone at the end of the field.
    layer = read_layer(path)
    assert layer.columns["名称"][0].startswith("胜利路东侧污水")
    assert layer.encoding.name == "gbk"


@pytest.mark.parametrize("word", ["Café", "Ärzte", "Þórr", "naïve São"])
def test_western_words_in_utf8_are_not_taken_for_chinese(word: str) -> None:
    assert encoding.of_text(word.encode(), None).name == "utf-8"


def test_marks_at_the_beginning_of_a_file_decide() -> None:
    assert encoding.of_text("\ufeff名称".encode(), None).name == "utf-8-sig"
    assert encoding.of_text("名称,X".encode("utf-16"), None).name == "utf-16"


@pytest.mark.parametrize(
    ("word", "name"),
    [("936", "gbk"), ("ANSI 936", "gbk"), ("ANSI 1250", "cp1250"), ("UTF-8", "utf-8"),
     ("65001", "utf-8"), ("GB18030", "gb18030"), ("ISO88591", "iso8859-1"), ("950", "cp950"),
     ("nonsense", None)],
)  # fmt: skip
def test_names_as_cpg_files_write_them(word: str, name: str | None) -> None:
    assert encoding.python_name(word) == name


@pytest.mark.parametrize(
    ("file", "name", "text"),
    [
        ("shp/chinese_poly/chinese_poly.shp", "gbk", "黑龙江省"),
        ("shp/cpg-ansi1250/codepage.shp", "cp1250", "Hněvošický háj"),
    ],
)
def test_real_shapefiles(real_data: Path, file: str, name: str, text: str) -> None:
    layer = read_layer(real_data / "nasty" / file)
    assert layer.encoding.name == name
    assert any(text in column.tolist() for column in layer.columns.values())


@pytest.mark.parametrize(
    ("file", "name", "text"),
    [
        ("mapshaper-gbk.dbf", "gbk", "简体国语"),
        ("mapshaper-utf8.dbf", "utf-8", "国语國語"),
        ("gdal-chinese.dbf", "gbk", "中国"),
    ],
)
def test_real_tables(real_data: Path, file: str, name: str, text: str) -> None:
    from hjgis.exchange.shapefiles.dbf import read_dbf

    table = read_dbf(real_data / "nasty" / "dbf" / file)
    assert encoding.of_dbf(table, None, None).name == name
    assert text in {value.decode(name) for value in table.foreign_texts()}


@pytest.mark.parametrize("sign", ["\U000323af", "\ue000"], ids=["too new", "private use"])
def test_a_sign_that_unicode_tables_lack_does_not_count_against_utf8(
    shapefile: Make, sign: str
) -> None:
    text = {"NAME": f"陕坝{sign}井"}
    path = shapefile([text], encoding="UTF-8", cpg="UTF-8")
    layer = read_layer(path)
    assert texts(layer) == text
    assert (layer.encoding.source, layer.encoding.warnings) == ("cpg", ())
    assert texts(read_layer(path, given_encoding="utf-8")) == text


def test_a_given_encoding_may_hold_signs_of_private_use(shapefile: Make) -> None:
    text = {"NAME": "陕坝\ue000井"}
    layer = read_layer(shapefile([text], encoding="GB18030"), given_encoding="gb18030")
    assert texts(layer) == text


def test_a_cpg_that_names_no_encoding_is_said(shapefile: Make) -> None:
    layer = read_layer(shapefile([SIMPLE], encoding=GBK, cpg="Chinese_PRC"))
    assert texts(layer) == SIMPLE
    assert any("Chinese_PRC" in said for said in layer.warnings)


@pytest.mark.parametrize(
    ("language_byte", "page", "word"),
    [(0x4F, "cp950", "忠孝東路"), (0x65, "cp866", "Колодец"), (0xC8, "cp1250", "Hněvošický háj")],
)
def test_language_bytes_of_other_countries_are_known(
    shapefile: Make, language_byte: int, page: str, word: str
) -> None:
    row = {"name": word}
    path = shapefile([{"name": "x" * len(word)}], widths={"name": 40})
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    at = table.rindex(b"x" * len(word))
    encoded = word.encode(page).ljust(40)
    table[at : at + 40] = encoded
    table[29] = language_byte
    path.with_suffix(".dbf").write_bytes(table)
    layer = read_layer(path)
    assert (texts(layer), layer.encoding.source) == (row, "ldid")


@pytest.mark.parametrize("suffix", [".shp", ".dbf", ".csv", ".dat"])
def test_previews_show_heading_and_rows_in_each_encoding(
    shapefile: Make, tmp_path: Path, suffix: str
) -> None:
    source = shapefile([{"名称": f"胜利路{n}号"} for n in range(9)], encoding=GBK)
    if suffix == ".dbf":
        source.unlink()
    source = source.with_suffix(suffix)
    if suffix in (".csv", ".dat"):
        source.write_text("名称,X\n" + "胜利路,1\n" * 9, "gbk")
    found = encoding_previews(source, ("gbk", "utf-8", "big5"))
    assert list(found) == ["gbk", "utf-8", "big5"]
    heading, *rows = found["gbk"]
    assert heading[0] == "名称"
    assert len(rows) == 5
    assert rows[0][0].startswith("胜利路")
    assert "\ufffd" in found["utf-8"][1][0]
    assert found["big5"][1][0] != rows[0][0]
    with pytest.raises(InputError, match="klingon"):
        encoding_previews(source, ["klingon"])


def test_a_file_whose_format_says_its_encoding_has_no_previews(tmp_path: Path) -> None:
    (tmp_path / "t.geojson").write_text("{}")
    assert encoding_previews(tmp_path / "t.geojson", ["gbk"]) == {}


def test_signs_that_only_microsofts_big5_has_are_read(shapefile: Make) -> None:
    row = {"name": "忠孝東路北側路燈裏恒碁"}
    layer = read_layer(shapefile([row], encoding="CP950"))
    assert (texts(layer), layer.encoding.name) == (row, "cp950")
