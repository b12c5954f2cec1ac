from __future__ import annotations

from pathlib import Path

import pytest
from hjgis.cartography.sheet import (
    Box,
    load_sheet,
    load_theme,
    sheet,
    sheet_ids,
    theme,
    theme_ids,
)

from hjgis import paths
from hjgis.errors import DictionaryError, UsageError
from hjgis.models.catalogue_files import catalogue

A3 = (paths.resources() / "sheets" / "a3-landscape.toml").read_text("utf-8")


@pytest.mark.parametrize("name", sheet_ids())
def test_every_sheet_loads_and_its_parts_do_not_cover_the_map(name: str) -> None:
    made = sheet(name)
    outer = made.map_mm.grown(made.border_mm)
    assert outer.x >= 0
    assert outer.bottom <= made.paper_mm[1]
    for part in (made.title_mm, made.secrecy_mm, made.column_mm, made.legend_mm, made.facts_mm):
        assert (
            part.x >= outer.right
            or part.right <= outer.x
            or part.y >= outer.bottom
            or part.bottom <= outer.y
        )


def test_the_default_sheet_is_a3_across() -> None:
    assert sheet("a3-landscape").paper_mm == (420.0, 297.0)


@pytest.mark.parametrize("name", theme_ids())
def test_every_theme_names_layers_of_the_catalogue(name: str) -> None:
    made = theme(name)
    assert set(made.layers) <= set(catalogue().types)
    assert set(made.subject) <= set(made.layers or catalogue().types)


def test_the_overview_comes_first() -> None:
    assert theme_ids()[0] == "overview"


@pytest.mark.parametrize("find", [sheet, theme])
def test_an_unknown_name_is_answered_with_the_known_ones(find) -> None:
    with pytest.raises(UsageError) as refusal:
        find("a9")
    assert "a9" in str(refusal.value)
    assert ("a3-landscape" if find is sheet else "pipes") in str(refusal.value)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("border_mm = 7", 'border_mm = "7"', "border_mm"),
        ("border_mm = 7\n", "", "border_mm"),
        ("paper_mm = [420, 297]", "paper_mm = [420]", "paper_mm"),
        ("map_mm = [27, 28, 300, 254]", "map_mm = [27, 28, 300]", "map_mm"),
        ("map_mm = [27, 28, 300, 254]", "map_mm = [27, 28, 500, 254]", "map_mm: reaches over"),
        ("border_mm = 7", "border_mm = 7\nfold_mm = [1, 1, 1, 1]", "fold_mm"),
        ('id = "a3-landscape"', 'id = "b5"', "id: 'b5'"),
        ('zh_CN = "A3 横向"', 'zh = "A3 横向"', "label"),
    ],
)
def test_a_wrong_sheet_is_refused_naming_file_and_key(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    path = tmp_path / "a3-landscape.toml"
    assert old in A3
    path.write_text(A3.replace(old, new), "utf-8")
    with pytest.raises(DictionaryError) as refusal:
        load_sheet(path)
    assert str(refusal.value).startswith(f"a3-landscape.toml: {named}")


def test_a_wrong_theme_is_refused_naming_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text('id = "x"\nlabel = { en = "X", zh_CN = "某" }\nlayers = "park"\n', "utf-8")
    with pytest.raises(DictionaryError, match=r"x\.toml: layers"):
        load_theme(path)


def test_a_box_grows_on_all_sides() -> None:
    assert Box(10, 20, 30, 40).grown(5) == Box(5, 15, 40, 50)
