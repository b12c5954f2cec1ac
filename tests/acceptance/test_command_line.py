"""Commands given wrong: an exit code that scripts can rely on, and words that say what to do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hjgis.edits.records import add_records
from hjgis.layers.project import Project
from hjgis.models.changes import FeatureKey
from hjgis.models.queries import new_query, save_query
from hjgis.models.query import Condition, Query
from tests.network import build
from tests.photos import make_photo
from tests.test_cli import run

USAGE, INPUT = 2, 3
ROOT = Path(__file__).resolve().parents[2]


class Town:
    """A project on the disk, and what commands are given."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "town.gpkg"
        with Project.create(self.path, operator="li") as project:
            self.keys = build(project)
            query = Query("manhole", (Condition("exp_no", "=", "A"),))
            project.session.apply(save_query(None, new_query("A wells", query)))
            project.session.apply(
                add_records(project, [self.keys["A"]], {"date": "2026-01-05", "finding": "正常"})
            )
        self.photo = make_photo(folder / "a.jpg")

    def content(self) -> tuple[str, list[str]]:
        """Return what is in the project, and which files are beside it but for its backups."""
        with Project.open(self.path, write=False) as project:
            digest = project.content_sha256()
        names = (path.name for path in self.folder.iterdir())
        return digest, sorted(name for name in names if not name.endswith(".backups"))

    def words(self, text: str) -> str:
        """Put names in: TOWN, ASSET, PHOTO, DIR/."""
        return (
            text.replace("TOWN", str(self.path))
            .replace("ASSET", str(self.keys["A"]))
            .replace("PHOTO", str(self.photo))
            .replace("DIR", str(self.folder))
        )

    def run(self, line: str) -> int:
        try:
            return run(*(self.words(part) for part in line.split(" | ")))
        except SystemExit as ended:
            return int(ended.code or 0)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


WRONG = {
    "find | TOWN": (USAGE, "TEXT"),
    "find | TOWN | A | --layer | nope": (USAGE, "manhole"),
    "find | TOWN | A | --limit | 0": (USAGE, "0 is no count; write a number from 1 on"),
    "find | DIR/none.gpkg | A": (INPUT, "There is no file"),
    "find | PHOTO | A": (INPUT, "not a GeoPackage"),
    "select | TOWN": (USAGE, "--where"),
    "select | TOWN | nope": (USAGE, "A wells"),
    "select | TOWN | A wells | --where | exp_no = A": (USAGE, "--where"),
    "select | TOWN | --where | 窨井: 井底深 > x": (USAGE, "x is not a number"),
    "stats | TOWN | nope": (USAGE, "manhole"),
    "stats | TOWN | manhole | --by | nope": (USAGE, "nope"),
    "stats | TOWN | manhole | --measure | nope": (USAGE, "count, length, area"),
    "stats | TOWN | manhole | --query | A wells | --where | exp_no = B": (USAGE, "not both"),
    "stats | TOWN | pipe_line | --query | A wells": (USAGE, "A wells"),
    "stats | TOWN | manhole | --out | DIR/a.txt": (USAGE, ".xlsx, .png, .svg"),
    "stats | TOWN | manhole | --out | DIR/none/a.xlsx": (INPUT, "a.xlsx"),
    "dossier | TOWN | DIR/a.pdf": (USAGE, "--feature"),
    "dossier | TOWN | DIR/a.pdf | --feature | manhole/nope": (USAGE, "manhole/nope"),
    "dossier | TOWN | DIR/a.txt | --feature | ASSET": (USAGE, ".pdf"),
    "dossier | TOWN | DIR/none/a.pdf | --feature | ASSET": (INPUT, "no such folder"),
    "dossier | TOWN | DIR/a.pdf | --query | nope": (USAGE, "A wells"),
    "overdue | TOWN | --on | 2026-02-30": (USAGE, "2026-02-30 is no day of the calendar"),
    "overdue | TOWN | --out | DIR/a.csv": (USAGE, ".xlsx, .html"),
    "overdue | TOWN | --out | DIR/none/a.xlsx": (INPUT, "a.xlsx"),
    "overdue | TOWN | --out | DIR/none/a.pdf": (INPUT, "a.pdf"),
    "attach | TOWN | ASSET": (USAGE, "files"),
    "attach | TOWN | ASSET | DIR/none.jpg": (INPUT, "none.jpg"),
    "attach | TOWN | manhole/nope | PHOTO": (INPUT, "manhole/nope"),
    "attach | TOWN | inspection/nope | PHOTO": (USAGE, "LAYER/UUID"),
    "attach | TOWN | ASSET | PHOTO | --role | nope": (USAGE, "nope"),
    "attach | TOWN | --from | PHOTO": (INPUT, "a.jpg"),
    "export | TOWN | DIR/out | --query | nope": (USAGE, "A wells"),
    "export | TOWN | PHOTO/out | --format | csv": (INPUT, "Cannot write"),
    "export | TOWN | TOWN | --format | gpkg": (INPUT, "exists already"),
    "import | TOWN | DIR/none.csv | --to | inspection": (INPUT, "none.csv"),
    "import | TOWN | PHOTO | --to | attachment": (USAGE, "attached"),
    "check | TOWN | --only | nope": (USAGE, "nope"),
    "check | TOWN | --report | DIR/none/a.xlsx": (INPUT, "a.xlsx"),
    "screenshot | TOWN | DIR/a.png | --size | 800": (USAGE, "800 is no size; write WIDTHxHEIGHT"),
    "screenshot | TOWN | DIR/a.png | --size | 99x800": (USAGE, "from 200 to 8000"),
    "profile | TOWN | DIR/a.png | A | B": (USAGE, ".pdf, .dxf"),
}


@pytest.mark.parametrize("line", WRONG)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    town: Town, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, words = WRONG[line]
    before = town.content()
    assert town.run(line) == code
    out, said = capsys.readouterr()
    assert out == ""
    assert words in said
    assert "Traceback" not in said
    assert town.content() == before


ONE_OBJECT = [
    "find | TOWN | A | --json",
    "find | TOWN | 没有这样的东西 | --json",
    "select | TOWN | A wells | --json",
    "stats | TOWN | manhole | --by | exp_no | --json | --out | DIR/s.xlsx",
    "stats | TOWN | inspection | --by | finding | --json",
    "overdue | TOWN | --on | 9999-12-31 | --json | --out | DIR/o.xlsx",
    "overdue | TOWN | --on | 0001-01-01 | --json",
    "attach | TOWN | ASSET | PHOTO | --json",
    "export | TOWN | DIR/out | --format | csv | --photos | --query | A wells | --json",
    "check | TOWN | --json | --report | DIR/c.xlsx",
    "import | TOWN | DIR/i.csv | --to | inspection | --json",
]


@pytest.mark.parametrize("line", ONE_OBJECT)
def test_json_is_one_object_and_nothing_else(
    town: Town, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = f"asset_uuid,date,finding\n{town.keys['B'].uuid},2026-01-01,正常\n"
    (town.folder / "i.csv").write_text(rows, encoding="utf-8")
    assert town.run(line) in (0, 1)
    assert isinstance(json.loads(capsys.readouterr().out), dict)


def test_records_come_in_by_a_table_and_rows_of_no_asset_are_named(
    town: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    key = town.keys["B"]
    rows = f"asset_uuid,date,finding\n{key.uuid},2026-01-01,正常\nnope,2026-01-01,正常\n"
    (town.folder / "i.csv").write_text(rows, encoding="utf-8")
    assert town.run("import | TOWN | DIR/i.csv | --to | inspection") == 0
    assert "2 read, 1 imported, 1 rejected" in capsys.readouterr().out
    with Project.open(town.path, write=False) as project:
        table = project.table("inspection")
        assert sorted(table.columns["asset_uuid"]) == sorted([town.keys["A"].uuid, key.uuid])


def test_papers_and_sheets_are_made_without_a_display(town: Town) -> None:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    asked = FeatureKey(*str(town.keys["A"]).split("/"))
    for line, made in (
        (f"dossier | TOWN | DIR/d.pdf | --feature | {asked}", "d.pdf"),
        ("overdue | TOWN | --on | 2030-01-01 | --out | DIR/o.pdf", "o.pdf"),
        ("stats | TOWN | manhole | --by | exp_no | --out | DIR/s.png", "s.png"),
    ):
        arguments = [town.words(part) for part in line.split(" | ")]
        done = subprocess.run(
            [sys.executable, "-m", "hjgis", *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert (town.folder / made).stat().st_size > 1000
