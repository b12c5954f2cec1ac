from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from hjgis.errors import InputError
from hjgis.exchange.shapefiles.dbf import read_dbf

Make = Callable[..., Path]


def test_columns_and_language_byte_are_read(shapefile: Make) -> None:
    path = shapefile([{"名称": "井", "N": 3}], encoding="GBK", language_byte=0x4D)
    table = read_dbf(path.with_suffix(".dbf"))
    assert table.language_byte == 0x4D
    assert [(c.name.decode("gbk"), c.kind, c.width) for c in table.columns] == [
        ("名称", "C", 60),
        ("N", "N", 9),
    ]


def test_only_text_that_is_not_ascii_is_looked_at(shapefile: Make) -> None:
    path = shapefile([{"A": "plain", "B": "井"}, {"A": "x", "B": "井"}], encoding="GBK")
    assert read_dbf(path.with_suffix(".dbf")).foreign_texts() == {"井".encode("gbk")}


def test_deleted_records_are_not_looked_at(shapefile: Make) -> None:
    path = shapefile([{"A": "井"}, {"A": "路"}], encoding="GBK").with_suffix(".dbf")
    data = bytearray(path.read_bytes())
    table = read_dbf(path)
    data[table.first_record] = ord("*")
    path.write_bytes(data)
    assert read_dbf(path).foreign_texts() == {"路".encode("gbk")}


def test_a_table_cut_off_after_its_first_record_still_reads(shapefile: Make) -> None:
    path = shapefile([{"A": "井"}, {"A": "路"}], encoding="GBK").with_suffix(".dbf")
    table = read_dbf(path)
    path.write_bytes(table.data[: table.first_record + table.record_bytes + 5])
    assert read_dbf(path).foreign_texts() == {"井".encode("gbk")}


@pytest.mark.parametrize("data", [b"", b"\x03" * 20, b"\x03" * 40])
def test_what_is_no_table_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.dbf"
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"broken\.dbf"):
        read_dbf(path)
