"""Pages that are made from the catalogue are as fresh as it is."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.gallery import MOST_BYTES, gallery_page
from hjgis.models.catalogue_files import catalogue
from hjgis.models.themes import theme_ids
from hjgis.reports.data_dictionary import data_dictionary

ROOT = Path(__file__).resolve().parent.parent
# The repository is cloned by people with slow lines.
MOST_GALLERY_BYTES = 1_500_000


def test_the_data_dictionary_is_fresh() -> None:
    page = (ROOT / "docs/data_dictionary.md").read_text("utf-8")
    assert page == data_dictionary(catalogue()), "run ./dev pages"


def test_the_gallery_shows_every_theme_and_is_small() -> None:
    page = (ROOT / "docs/gallery.md").read_text("utf-8")
    assert page == gallery_page(), "run python -m benchmarks.gallery"
    named = re.findall(r"\]\((gallery/[^)]+)\)", page)
    assert {f"gallery/map-{name}.png" for name in theme_ids()} <= set(named)
    sizes = [(ROOT / "docs" / name).stat().st_size for name in named]
    assert max(sizes) <= MOST_BYTES
    assert sum(sizes) <= MOST_GALLERY_BYTES


def test_the_data_dictionary_says_where_a_field_is_asked_for_and_what_is_worked_out() -> None:
    lines = data_dictionary(catalogue()).splitlines()
    width = next(line for line in lines if line.startswith("| `cover_width_mm`"))
    assert "only where `cover_shape` is 方" in width
    detail = next(line for line in lines if line.startswith("| `material_detail`"))
    assert "by `material`" in detail
    sheet = next(line for line in lines if line.startswith("| `sheet_no`"))
    assert "worked out" in sheet
