from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pypdf
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from hjgis.cli import commands
from hjgis.layers.project import Project
from hjgis.layers.sample import create_sample
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_text
from hjgis.models.own_sheets import OwnSheets, named, store_sheets
from hjgis.models.queries import new_query, save_query
from hjgis.models.query import Condition, Query
from hjgis.models.sheets import sheet
from hjgis.models.themes import FACT, theme
from tests.test_cli import Faces

Said = Callable[..., dict]


@pytest.fixture(autouse=True)
def drawing(qapp: QApplication) -> None:
    """The suite's one application; a second kind of one cannot be made after it."""
    assert qapp is not None


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample town with a kept query, and a theme of its own."""
    path = tmp_path_factory.mktemp("maps") / "town.gpkg"
    create_sample(path, clean=False)
    own = {
        **theme("parks").to_json(),
        "id": "我的公园",
        "label": {"en": "My parks", "zh_CN": "我的公园"},
    }
    with Project.open(path) as project:
        squares = Query("park", (Condition("park_name", "contains", "示例广场"),))
        project.session.apply(save_query(None, new_query("广场", squares)))
        change = FactChange(FACT, project.info(FACT), fact_text([own]))
        project.session.apply(ChangeSet(FACT, facts=(change,), params={"count": 1}))
        mine = named(sheet("a4-portrait"), "我的图纸")
        project.session.apply(store_sheets(None, OwnSheets((mine,))))
    return path


@pytest.fixture
def town(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copyfile(whole, tmp_path / "town.gpkg"))


def run(*arguments: object) -> int:
    return commands.main([str(argument) for argument in arguments], Faces())


@pytest.fixture
def said(town: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """Run ``hjgis map`` with --json and return what it prints."""

    def ask(*arguments: object) -> dict:
        assert run("map", town, *arguments, "--json") == 0
        return json.loads(capsys.readouterr().out)

    return ask


SMALL = ("--sheet", "a4-landscape", "--theme", "parks")


def words(path: Path, page: int = 0) -> str:
    return " ".join(pypdf.PdfReader(path).pages[page].extract_text().split())


def test_a_map_has_the_theme_title_scale_place_and_paper_that_are_asked_for(said, tmp_path) -> None:
    out = tmp_path / "m.pdf"
    facts = said(
        out, *SMALL, "--scale", 2000, "--center", "428245,4528395", "--title", "Parks of mine"
    )
    assert facts["files"] == [str(out)]
    assert facts["scale"] == 2000
    west, south, east, north = facts["extent"]
    assert ((west + east) / 2, (south + north) / 2) == pytest.approx((428245, 4528395))
    assert set(facts["layers"]) <= {"boundary", "park", "road"}
    assert "Parks of mine" in words(out)
    box = pypdf.PdfReader(out).pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx((842, 595), abs=1)


def test_an_extent_is_on_the_map(said, tmp_path) -> None:
    facts = said(tmp_path / "m.pdf", *SMALL, "--extent", "428000,4528000,428400,4528300")
    west, south, east, north = facts["extent"]
    assert west <= 428000 < 428400 <= east
    assert south <= 4528000 < 4528300 <= north


@pytest.mark.parametrize("ending", ["pdf", "svg", "png", "tif"])
def test_the_ending_says_what_is_written_and_format_is_the_ending(said, tmp_path, ending) -> None:
    begins = {"pdf": b"%PDF", "svg": b"<?xml", "png": b"\x89PNG", "tif": b"II*"}[ending]
    said(tmp_path / f"a.{ending}", *SMALL, "--dpi", 50)
    (made,) = said(tmp_path / "b", *SMALL, "--format", ending, "--dpi", 50)["files"]
    assert made == str(tmp_path / f"b.{ending}")
    for path in (tmp_path / f"a.{ending}", Path(made)):
        assert path.read_bytes().startswith(begins)


def test_dpi_is_the_dots_of_a_picture(said, tmp_path) -> None:
    said(tmp_path / "m.png", *SMALL, "--dpi", 50)
    with Image.open(tmp_path / "m.png") as picture:
        assert picture.size == (585, 413)


@pytest.mark.parametrize("name", ["我的公园", "my parks", "公园广场分布图", "parks"])
def test_a_theme_is_found_by_id_or_name_ready_made_or_of_the_project(said, tmp_path, name) -> None:
    facts = said(tmp_path / "m.pdf", "--theme", name, "--scale", 25000)
    assert "park" in facts["layers"]
    assert "manhole" not in facts["layers"]


def test_the_list_names_themes_sheets_and_series(said, town, capsys) -> None:
    facts = said("--list")
    assert [entry["name"] for entry in facts["themes"]][:2] == ["我的公园", "overview"]
    assert "a3-landscape" in [entry["name"] for entry in facts["sheets"]]
    assert facts["series"] == ["grid", "road", "sheet", "selected", "target"]
    assert run("map", town, "--list") == 0
    printed = capsys.readouterr().out
    assert "我的公园" in printed
    assert "420 × 297 mm" in printed


def test_a_sheet_that_the_project_keeps_is_found_by_name(said, tmp_path) -> None:
    said(tmp_path / "m.pdf", "--theme", "parks", "--sheet", "我的图纸")
    box = pypdf.PdfReader(tmp_path / "m.pdf").pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx((595, 842), abs=1)


AREA = ("--extent", "428000,4528000,428300,4528300")


@pytest.mark.parametrize("kind", ["grid", "road", "sheet", "target"])
def test_a_series_is_one_document_with_its_index(said, tmp_path, kind) -> None:
    out = tmp_path / "m.pdf"
    theme_ = "manholes" if kind != "target" else "overview"
    facts = said(out, "--series", kind, "--theme", theme_, *AREA)
    assert facts["files"] == [str(out)]
    assert facts["sheets"][0]["page"] == 2
    assert len(pypdf.PdfReader(out).pages) == facts["pages"] == len(facts["sheets"]) + 1
    index = words(out)
    for made in facts["sheets"]:
        assert made["number"] in index


def test_a_series_of_a_kept_query_has_a_sheet_for_each_that_it_finds(said, tmp_path) -> None:
    out = tmp_path / "m.pdf"
    facts = said(out, *SMALL, "--series", "selected", "--query", "广场", "--no-index")
    names = [made["name"] for made in facts["sheets"]]
    assert len(names) > 2
    assert all("示例广场" in name for name in names)
    assert len(pypdf.PdfReader(out).pages) == len(names)
    assert facts["sheets"][0]["page"] == 1


def test_many_makes_a_file_for_each_sheet(said, tmp_path) -> None:
    facts = said(
        tmp_path / "m.png",
        *SMALL,
        "--series",
        "road",
        "--many",
        "--scale",
        2000,
        "--dpi",
        30,
        *AREA,
    )
    assert len(facts["files"]) == len(facts["sheets"]) + 1
    assert all(Path(path).exists() for path in facts["files"])


def test_a_series_is_cut_by_a_layer_that_is_named(said, tmp_path) -> None:
    facts = said(tmp_path / "m.pdf", *SMALL, "--series", "grid", "--layer", "park")
    assert any("体育公园" in made["name"] for made in facts["sheets"])


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "--list"),
        (("m.doc",), 2, "written as one of"),
        (("m.png", "--format", "pdf"), 2, "does not end in .pdf"),
        (("none/m.pdf",), 3, "no such folder"),
        (("m.pdf", "--theme", "nonsense"), 2, "no theme nonsense"),
        (("m.pdf", "--sheet", "a9-landscape"), 2, "no sheet a9-landscape"),
        (("m.pdf", "--scale", "0.2"), 2, "from 100 to 1,000,000"),
        (("m.pdf", "--measured", "park"), 2, "completeness"),
        (("m.pdf", "--center", "1,2", "--extent", "1,2,3,4"), 2, "leave one out"),
        (("m.pdf", "--query", "广场"), 2, "--query belongs to --series"),
        (("m.pdf", "--many"), 2, "--many belongs"),
        (("m.pdf", "--no-index"), 2, "--no-index belongs"),
        (("m.pdf", "--layer", "park"), 2, "--layer belongs"),
        (("m.pdf", "--series", "grid", "--center", "1,2"), 2, "--extent"),
        (("m.pdf", "--series", "selected"), 2, "--query"),
        (("m.pdf", "--series", "selected", "--query", "nonsense"), 2, "广场"),
        (("m.pdf", "--series", "target", "--query", "广场"), 2, "--query belongs"),
        (("m.pdf", "--series", "sheet", "--layer", "park"), 2, "--layer belongs"),
        (("m.pdf", "--series", "grid", "--layer", "road"), 2, "no areas"),
        (("m.pdf", "--series", "grid", "--scale", "100"), 2, "do not fit"),
        (("m.pdf", "--series", "sheet", "--scale", "700"), 2, "1:1000"),
        (("m.pdf", "--series", "sheet", "--sheet", "a3-landscape"), 2, "500 × 500"),
        (("m.pdf", "--series", "road", "--scale", "100"), 2, "at most 2000"),
        (("m.pdf", "--series", "road", "--scale", "20"), 2, "from 100 to 1,000,000"),
        (("m.pdf", "--series", "grid", "--extent", "0,0,1,1"), 3, "no unit grids"),
        (("m.png", "--series", "road"), 2, "one file is written as .pdf"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_cannot_be_done_is_said_with_its_exit_code(
    town: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], code: int, told: str
) -> None:
    out = [town.parent / arguments[0]] if arguments else []
    before = sorted(town.parent.iterdir())
    assert run("map", town, *out, *arguments[1:]) == code
    captured = capsys.readouterr()
    assert told in captured.err
    assert not captured.out
    assert "Traceback" not in captured.err
    assert sorted(town.parent.iterdir()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        *(("--series", "nonsense"), ("--format", "dwg"), ("--dpi", "0"), ("--center", "1")),
        *(("--extent", "3,2,1,4"), ("--scale", "x")),
    ],
    ids=" ".join,
)
def test_wrong_values_of_options_exit_with_2(town: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("map", town, "m.pdf", *arguments)
    assert stopped.value.code == 2


def test_every_option_of_map_says_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    from hjgis.cli import help
    from hjgis.cli.options import OPTIONS

    for flags, _settings in OPTIONS["map"]:
        if flags[0] != "project":
            assert ("map", flags[0]) in help.OPTIONS or flags[0] in help.EVERYWHERE
    with pytest.raises(SystemExit):
        run("map", "--help")
    assert "strips along roads" in " ".join(capsys.readouterr().out.split())


def test_the_figures_of_a_map_are_written_beside_it_or_alone(said, town, tmp_path) -> None:
    book = tmp_path / "表.xlsx"
    facts = said(tmp_path / "m.svg", "--theme", "lamps", "--figures", book)
    assert facts["files"] == [str(tmp_path / "m.svg"), str(book)]
    rows = list(openpyxl.load_workbook(book).active.iter_rows(values_only=True))
    assert "LED" in rows[2]
    chart = tmp_path / "图.png"
    assert run("map", town, "--theme", "lamps", "--figures", chart) == 0
    with Image.open(chart) as picture:
        assert picture.size == (1200, 750)


def test_a_theme_without_figures_says_so(town, tmp_path, capsys) -> None:
    assert run("map", town, "--theme", "overview", "--figures", tmp_path / "t.xlsx") == 2
    assert "no table or chart" in capsys.readouterr().err
    assert not (tmp_path / "t.xlsx").exists()
    beside = (tmp_path / "m.svg", "--theme", "overview", "--figures", tmp_path / "t.xlsx")
    assert run("map", town, *beside) == 2
    assert not (tmp_path / "m.svg").exists()
    alone = ("--theme", "lamps", "--figures", tmp_path / "t.xlsx")
    assert run("map", town, *alone, "--center", "428245,4528395") == 2
    assert "which file" in capsys.readouterr().err
