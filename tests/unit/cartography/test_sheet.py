from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from hjgis import paths
from hjgis.errors import DictionaryError, UsageError
from hjgis.models.catalogue_files import catalogue
from hjgis.models.logos import picture_bytes, picture_of_file
from hjgis.models.own_sheets import sheet_of_json
from hjgis.models.sheets import (
    Box,
    load_template,
    sheet,
    sheet_ids,
)
from hjgis.models.themes import load_theme, theme, theme_ids

LANDSCAPE = (paths.resources() / "sheets" / "landscape.toml").read_text("utf-8")
EVERY = (*sheet_ids(), "500x700", "700x500", "120x100", "standard-500x400")


def overlaps(one: Box, other: Box) -> bool:
    slack = 0.01
    return (
        one.x < other.right - slack
        and other.x < one.right - slack
        and one.y < other.bottom - slack
        and other.y < one.bottom - slack
    )


@pytest.mark.parametrize("name", EVERY)
def test_every_sheet_keeps_to_its_paper_and_no_part_covers_another(name: str) -> None:
    made = sheet(name)
    fixed = [item for item in made.items if not item.flow and item.kind != "map"]
    boxes = [made.map_mm.grown(made.border_mm), *(item.box for item in fixed)]
    for box in boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.right <= made.paper_mm[0] + 1e-6
        assert box.bottom <= made.paper_mm[1] + 1e-6
    for number, box in enumerate(boxes):
        assert not any(overlaps(box, other) for other in boxes[:number])


@pytest.mark.parametrize("name", EVERY)
def test_every_sheet_comes_back_from_what_a_project_keeps(name: str) -> None:
    made = sheet(name)
    assert sheet_of_json(made.to_json()) == made
    moved = replace(made.item("legend"), flow="", box=Box(10, 10, 50, 60))
    assert sheet_of_json(made.with_item(moved).to_json()).item("legend") == moved


def test_a_standard_sheet_has_half_a_metre_of_map_on_paper_that_holds_it() -> None:
    made = sheet("standard")
    assert (made.map_mm.width, made.map_mm.height) == (500, 500)
    lower = sheet("standard-500x400")
    assert (lower.map_mm.width, lower.map_mm.height) == (500, 400)
    assert lower.paper_mm == (made.paper_mm[0], made.paper_mm[1] - 100)
    assert "500x400" in lower.id


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


@pytest.mark.parametrize("name", ["9000x100", "20x30", "standard-20x9999", "a3-standard"])
def test_a_size_that_no_map_is_printed_on_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        sheet(name)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("border_mm = 7", 'border_mm = "7"', "border_mm"),
        ("border_mm = 7\n", "", "border_mm"),
        ("across = true", "across = 1", "across"),
        ("across = true", "across = true\nmap_mm = [500]", "map_mm"),
        ("edges = [27, 28, -93, -15]", "edges = [27, 28, -93]", "map: edges"),
        ("edges = [27, 28, -93, -15]", "edges = [27, 28, -400, -15]", "map: edges: has no room"),
        ("border_mm = 7", "border_mm = 7\nfold_mm = [1, 1, 1, 1]", "fold_mm"),
        ('id = "landscape"', 'id = "b5"', "id: 'b5'"),
        ('zh_CN = "横向"', 'zh = "横向"', "label"),
        ('kind = "north"', 'kind = "south"', "item: kind: 'south'"),
        ('kind = "scale"', 'kind = "legend"', "legend: stands there twice"),
        ('flow = "start"', 'flow = "up"', "north: flow"),
        ('flow = "start"', 'flow = "start"\nedges = [1, 1, 2, 2]', "north: flow"),
        ('kind = "column"\nedges = [-80, 21, -8, -8]', 'kind = "text"\nedges = [-80, 21, -8, -8]',
         "north: flow: stands in no column"),
    ],
)  # fmt: skip
def test_a_wrong_form_is_refused_naming_file_and_key(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    path = tmp_path / "landscape.toml"
    assert old in LANDSCAPE
    path.write_text(LANDSCAPE.replace(old, new, 1), "utf-8")
    with pytest.raises(DictionaryError) as refusal:
        load_template(path)
    assert str(refusal.value).startswith(f"landscape.toml: {named}")


PNG = b"\x89PNG\r\n\x1a\n" + b"rest"


@pytest.mark.parametrize("content", [PNG, b"\xff\xd8\xff\xe0", b"<?xml?><svg></svg>"])
def test_a_logo_keeps_its_file(content: bytes) -> None:
    assert picture_bytes(picture_of_file(content)) == content


@pytest.mark.parametrize("content", [b"GIF89a", b"", PNG + bytes(1_000_001)])
def test_a_logo_that_is_no_picture_or_too_large_is_refused(content: bytes) -> None:
    with pytest.raises(UsageError):
        picture_of_file(content)


def test_a_picture_of_the_project_is_not_taken_for_a_file() -> None:
    assert picture_bytes("ab" * 32) is None
    assert picture_bytes("data:image/png;base64,no base64!") is None
    assert picture_bytes("data:image/png;base64," + base64.b64encode(PNG).decode()) == PNG


def test_a_wrong_theme_is_refused_naming_file_and_key(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(
        'id = "x"\nlabel = { en = "X", zh_CN = "某" }\nsubject = []\nlayers = "park"\n', "utf-8"
    )
    with pytest.raises(DictionaryError, match=r"x\.toml: layers"):
        load_theme(path)


def test_a_box_grows_on_all_sides() -> None:
    assert Box(10, 20, 30, 40).grown(5) == Box(5, 15, 40, 50)


def test_a_map_too_small_for_what_stands_around_it_is_refused() -> None:
    with pytest.raises(UsageError, match="100 × 100 mm this form has no room"):
        sheet("standard-100x100")
    assert sheet("standard-500x400").map_mm.height == 400
