"""Pages that are made from the catalogue are as fresh as it is."""

from __future__ import annotations

from pathlib import Path

from hjgis.models.catalogue_files import catalogue
from hjgis.reports.data_dictionary import data_dictionary

ROOT = Path(__file__).resolve().parent.parent


def test_the_data_dictionary_is_fresh() -> None:
    page = (ROOT / "docs/data_dictionary.md").read_text("utf-8")
    assert page == data_dictionary(catalogue()), "run ./dev pages"


def test_the_data_dictionary_says_where_a_field_is_asked_for_and_what_is_worked_out() -> None:
    lines = data_dictionary(catalogue()).splitlines()
    width = next(line for line in lines if line.startswith("| `cover_width_mm`"))
    assert "only where `cover_shape` is 方" in width
    detail = next(line for line in lines if line.startswith("| `material_detail`"))
    assert "by `material`" in detail
    sheet = next(line for line in lines if line.startswith("| `sheet_no`"))
    assert "worked out" in sheet
