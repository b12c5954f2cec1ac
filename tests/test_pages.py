"""Pages that are made from the catalogue are as fresh as it is."""

from __future__ import annotations

from pathlib import Path

from hjgis.models.assets import catalogue
from hjgis.reports.data_dictionary import data_dictionary

ROOT = Path(__file__).resolve().parent.parent


def test_the_data_dictionary_is_fresh() -> None:
    page = (ROOT / "docs/data_dictionary.md").read_text("utf-8")
    assert page == data_dictionary(catalogue()), "run ./dev pages"
