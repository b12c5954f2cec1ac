"""A project from before there were records and photos: read, brought up to date, nothing lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.exceptions import capture_exceptions
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.models.assets import Catalogue
from hjgis.models.catalogue_files import catalogue
from hjgis.models.reading import LayerTable
from tests.acceptance.hands import press, shown, usable
from tests.network import build
from tests.test_cli import run

RECENT_FIELDS = {"unknown_fields", "former_ids"}


def former() -> Catalogue:
    """Return the catalogue without what came with records and photos."""
    now = catalogue()
    types = {
        asset.id: replace(
            asset, fields=tuple(one for one in asset.fields if one.name not in RECENT_FIELDS)
        )
        for asset in now.types.values()
        if not asset.is_record
    }
    return replace(now, types=types)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.gpkg"
    with Project.create(path, catalogue=former(), operator="li") as project:
        build(project)
        assert "inspection" not in project.types
    return path


def content(path: Path) -> dict[str, list[object]]:
    with Project.open(path, write=False) as project:
        known = (layer for layer, asset in former().types.items() if not asset.optional)
        return {layer: rows(project.table(layer)) for layer in known}


def rows(table: LayerTable) -> list[object]:
    named = {name: list(column) for name, column in table.columns.items()}
    kept = {name: named[name] for name in sorted(named) if name not in RECENT_FIELDS}
    assert table.geometry is not None
    shapes = [None if one is None else one.wkb for one in table.geometry]
    return [table.uuids.tolist(), kept, shapes]


def test_bringing_it_up_to_date_loses_nothing(old: Path) -> None:
    before = content(old)
    assert len(before["manhole"][0]) == 3  # type: ignore[arg-type]
    with Project.open(old) as project:
        assert {"inspection", "attachment"} <= set(project.types)
        assert project.session.can_undo
    assert content(old) == before
    done = subprocess.run(
        ["ogrinfo", "-ro", "-so", "-al", str(old)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert "inspection" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("overdue", "--on", "2026-11-28", "--json"),
        ("find", "A", "--json"),
        ("select", "--where", "窨井: 物探点号 属于 A、C", "--json"),
        ("stats", "manhole", "--json"),
        ("check", "--json"),
        ("targets", "--json"),
        ("info", "--json"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_every_question_is_answered_without_writing(
    old: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    before = old.read_bytes()
    command, *rest = arguments
    assert run(command, old, *rest) in (0, 1)
    assert isinstance(json.loads(capsys.readouterr().out), dict)
    assert old.read_bytes() == before


def test_it_is_exported_and_its_assets_have_files(
    qapp: QApplication, old: Path, tmp_path: Path
) -> None:
    del qapp  # whoever draws a page without a window makes a smaller one
    before = content(old)
    with Project.open(old, write=False) as project:
        uuid = project.table("manhole").uuids[0]
    assert run("dossier", old, tmp_path / "a.pdf", "--feature", f"manhole/{uuid}") == 0
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    for number, kind in enumerate(("shp", "csv", "geojson")):
        assert run("export", old, tmp_path / str(number), "--format", kind, "--photos") == 0
    assert run("export", old, tmp_path / "b.gpkg", "--format", "gpkg", "--photos") == 0
    # What went out is in its register; all else is as it was.
    assert content(old) == before
    with Project.open(old, write=False) as project:
        assert len(project.deliveries.entries()) == 4


def test_the_window_shows_it_for_reading(qtbot: QtBot, old: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(old, tmp_path / "shown.gpkg"))
    reader = Project.open(path, write=False)
    with shown(qtbot, reader) as window, capture_exceptions() as faults:
        assert window.workspace is not None
        window.workspace.selection.set("manhole", reader.store.fids("manhole")[:1])
        for action in usable(window):
            press(window, action)
        qtbot.waitUntil(lambda: not window.jobs.busy)
        QApplication.processEvents()
        assert not faults, faults
    assert path.read_bytes() == old.read_bytes()
