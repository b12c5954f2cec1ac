"""What the commands of checks, targets and measures say to input that they cannot use."""

from __future__ import annotations

from pathlib import Path

import pytest

from hjgis.cli.help import COMMANDS, EXIT_CODES
from hjgis.cli.help import OPTIONS as HELP
from hjgis.cli.options import OPTIONS
from hjgis.layers.project import Project
from tests.network import build
from tests.test_cli import run
from tests.unit.checks.faults import add, at

# Each with a file that it writes, or what stands for one.
WRITING = {
    "check": ("--only", "geometry.empty", "--report", "out.pdf"),
    "targets": ("--out", "out.pdf"),
    "visits": ("out.pdf",),
    "completeness": ("--layer", "manhole", "--out", "out.xlsx"),
    "renewal": ("--out", "out.xlsx"),
}
NEW = (*WRITING, "fix")
# Sheets are painted: one application for all tests, that of the windows.
pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def town(tmp_path: Path) -> Path:
    path = tmp_path / "town.gpkg"
    with Project.create(path, operator="li") as project:
        build(project)
        add(project, "street_lamp", at(), lamp_type="煤油灯")
    return path


def told(capsys: pytest.CaptureFixture[str]) -> str:
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    assert not out
    return err


@pytest.mark.parametrize("command", NEW)
def test_a_project_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    rule = ("attribute.code", "--fix", "to-remarks") if command == "fix" else ()
    capsys.readouterr()
    assert run(command, tmp_path / "nothing.gpkg", *rule) == 3
    assert "nothing.gpkg" in told(capsys)


@pytest.mark.parametrize("command", WRITING)
def test_an_ending_that_cannot_be_written_is_told_before_anything_is_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    # The project is not even looked for.
    wrong = [word.replace("out.", "out.docx.") + "x" for word in WRITING[command][-1:]]
    capsys.readouterr()
    assert run(command, tmp_path / "nothing.gpkg", *WRITING[command][:-1], *wrong) == 2
    said = told(capsys)
    assert ".pdf" in said or ".xlsx" in said
    assert "nothing.gpkg cannot" not in said


@pytest.mark.parametrize("command", WRITING)
def test_a_folder_that_is_not_there_is_named_and_nothing_is_left(
    town: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    out = town.parent / "no such folder" / WRITING[command][-1]
    capsys.readouterr()
    assert run(command, town, *WRITING[command][:-1], out) == 3
    said = capsys.readouterr().err
    assert str(out) in said
    assert "Traceback" not in said
    assert not out.parent.exists()


@pytest.mark.parametrize("command", WRITING)
def test_a_project_that_is_open_elsewhere_is_read_all_the_same(
    town: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = town.parent / WRITING[command][-1]
    with Project.open(town):
        assert run(command, town, *WRITING[command][:-1], out) == 0
    assert out.stat().st_size > 0
    capsys.readouterr()


def test_nothing_is_mended_in_a_project_that_is_open_elsewhere(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mend = ("fix", town, "attribute.code", "--fix", "to-remarks")
    capsys.readouterr()
    with Project.open(town) as project:
        before = project.content_sha256()
        assert run(*mend) == 3
        assert "town.gpkg" in told(capsys)
        assert run(*mend, "--dry-run") == 0
        assert project.content_sha256() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "--only", "no.rule"),
        ("completeness", "--layer", "no_layer"),
        ("completeness", "--by", "colour"),
        ("renewal", "--on", "2026-02-30"),
        ("visits", "--extent", "1,2,3"),
    ],
)
def test_what_nobody_knows_is_wrong_usage(
    town: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    capsys.readouterr()
    try:
        code = run(arguments[0], town, *arguments[1:])
    except SystemExit as ended:
        code = int(ended.code or 0)
    assert code == 2
    assert told(capsys)


def test_what_cannot_be_mended_is_counted_with_the_reason(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert run("fix", town, "attribute.code", "--fix", "code-by-name") == 1
    assert "1 cannot be: " in capsys.readouterr().err


def test_every_command_and_every_option_of_the_new_ones_is_explained(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert COMMANDS.keys() == OPTIONS.keys()
    for command in NEW:
        known = {flags[0] for flags, _facts in OPTIONS[command]}
        explained = {option for name, option in HELP if name == command}
        assert known - explained <= {"project", "--json", "--extent"}
        with pytest.raises(SystemExit) as ended:
            run(command, "--help")
        assert ended.value.code == 0
        said = " ".join(capsys.readouterr().out.split())
        assert COMMANDS[command] in said
        assert EXIT_CODES in said
    assert {(name, option) for name, option in HELP} <= {
        (name, flags[0]) for name, options in OPTIONS.items() for flags, _facts in options
    }
