from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hjgis.models.attachments import Content, plain_name


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("井盖 01.jpg", "井盖 01.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\a.jpg", "a.jpg"),
        ("a<b>:c?.jpg", "a_b__c_.jpg"),
        ("NUL.jpg", "_NUL.jpg"),
        ("com1", "_com1"),
        (" . ", "file"),
        (None, "file"),
        ("x" * 300 + ".jpg", "x" * 116 + ".jpg"),
    ],
)
def test_a_name_is_one_that_every_system_takes(stored: str | None, name: str) -> None:
    assert plain_name(stored) == name


@given(st.text(max_size=200))
def test_no_name_leads_out_of_a_folder(text: str) -> None:
    name = plain_name(text)
    assert name
    assert name not in (".", "..")
    assert not set(name) & set("/\\:\0\n")
    assert Path(name).name == name
    assert plain_name(name) == name


def test_a_content_is_the_same_from_bytes_and_from_a_file(tmp_path: Path) -> None:
    data = bytes(range(256)) * 10_000
    (tmp_path / "a.bin").write_bytes(data)
    one, two = Content.of(data, "image/jpeg"), Content.of(tmp_path / "a.bin", "image/jpeg")
    assert (one.sha256, one.size_bytes) == (two.sha256, two.size_bytes)
    assert b"".join(one.chunks()) == b"".join(two.chunks()) == data
