"""Several layers of a file at once in the wizard."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.ui.dialogs.importing.wizard import DONE, FOUND, LAYERS, TRIAL, ImportDialog
from hjgis.ui.jobs import Jobs
from tests.ui.test_import_wizard import Driver
from tests.unit.exchange.test_at_once import COUNTS, drawing, package, titles


@pytest.fixture
def wizard(qtbot: QtBot, project: Project, tmp_path: Path) -> Iterator[Driver]:
    jobs = Jobs()
    dialog = ImportDialog(project, jobs, memory=tmp_path / "window.ini")
    qtbot.addWidget(dialog)
    dialog.show()
    yield Driver(qtbot, dialog)
    jobs.stop()


def at_once(wizard: Driver, source: Path, *, crs: str | None = None) -> None:
    """Choose a file, settle its system and ask for its layers at once."""
    wizard.choose(source)
    if crs:
        wizard.pick(wizard.dialog.found.crs, crs)
    assert wizard.dialog.found.several.isVisible()
    wizard.dialog.found.several.click()
    wizard.go_to(LAYERS)


def remarks(wizard: Driver) -> dict[str, str]:
    table = wizard.dialog.done_page.layers
    cells = [[table.item(row, column) for column in (0, 4)] for row in range(table.rowCount())]
    return {name.text(): said.text() for name, said in cells if name and said}


def tried(wizard: Driver) -> list[list[str]]:
    """Return the lines of the trial, one a layer."""
    tree = wizard.dialog.trial.layers
    assert tree.isVisible()
    tops = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return [[top.text(column) for column in range(4)] for top in tops if top]


def below(wizard: Driver, layer: str) -> list[str]:
    """Return what the trial says of a layer."""
    tree = wizard.dialog.trial.layers
    (top,) = tree.findItems(layer, Qt.MatchFlag.MatchExactly)
    return [top.child(row).text(0) for row in range(top.childCount())]


def test_all_layers_of_a_drawing_are_taken_with_one_question_and_one_report(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    at_once(wizard, drawing(tmp_path / "town.dxf"), crs="EPSG:4545")
    assert wizard.dialog.next.text() == "Next"
    wizard.go_to(TRIAL)
    assert wizard.dialog.next.text() == "Import 6 layers"
    assert not titles(project)
    assert {name: new for name, _becomes, new, _out in tried(wizard)} == {
        name: str(count) for name, count in COUNTS.items()
    }
    wizard.go_to(DONE)
    assert set(remarks(wizard)) == titles(project) == set(COUNTS)
    assert "6 layers imported" in wizard.dialog.done_page.said.text()
    wizard.dialog.done_page.save_to(tmp_path / "report.csv")
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        assert set(COUNTS) == {row["Layer"] for row in csv.DictReader(file)}
    wizard.dialog.done_page.take_back.click()
    assert not titles(project)
    assert not project.session.can_undo


def test_only_what_is_ticked_is_taken(wizard: Driver, project: Project, tmp_path: Path) -> None:
    at_once(wizard, drawing(tmp_path / "town.dxf"), crs="EPSG:4545")
    page = wizard.dialog.layers
    page.all.click()
    assert not wizard.dialog.next.isEnabled()
    tick = page.layers.item(1, 0)
    assert tick is not None
    tick.setCheckState(tick.checkState().Checked)
    wizard.go_to(DONE)
    assert titles(project) == {tick.text()}


def test_a_layer_that_asks_something_is_left_and_the_others_are_taken(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    at_once(wizard, package(tmp_path / "three.gpkg"))
    wizard.go_to(TRIAL)
    assert wizard.dialog.next.text() == "Import 2 layers"
    lines = {line[0]: line[1:] for line in tried(wizard)}
    assert lines["lamps"] == ["Street lamp", "3", "0"]
    assert lines["nowhere"] == ["not imported", "", "1"]
    (why,) = below(wizard, "nowhere")
    assert "system" in why
    wizard.go_to(DONE)
    assert project.count("street_lamp") == 3
    assert "system" in remarks(wizard)["nowhere"]
    assert "1 layer left" in wizard.dialog.done_page.said.text()


def test_stopped_in_the_middle_what_is_stored_stays_and_can_be_taken_back(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    at_once(wizard, drawing(tmp_path / "town.dxf"), crs="EPSG:4545")

    def stop_after_two(_announcement: object) -> None:
        if len(titles(project)) == 2:
            wizard.dialog.stop.click()

    project.session.listen(stop_after_two)
    wizard.go_to(DONE)
    assert len(titles(project)) == 2
    assert sum("Stopped" in said for said in remarks(wizard).values()) == 4
    wizard.dialog.done_page.take_back.click()
    assert not titles(project)


def test_a_layer_by_itself_is_still_asked_about(wizard: Driver, tmp_path: Path) -> None:
    at_once(wizard, package(tmp_path / "three.gpkg"))
    wizard.dialog.back.click()
    assert wizard.dialog.step == FOUND
    wizard.dialog.found.several.click()
    wizard.dialog.next.click()
    assert wizard.dialog.step == "target"


def test_other_ticks_are_tried_anew(wizard: Driver, project: Project, tmp_path: Path) -> None:
    at_once(wizard, drawing(tmp_path / "town.dxf"), crs="EPSG:4545")
    wizard.go_to(TRIAL)
    wizard.dialog.back.click()
    assert wizard.dialog.step == LAYERS
    tick = wizard.dialog.layers.layers.item(0, 0)
    assert tick is not None
    tick.setCheckState(Qt.CheckState.Unchecked)
    wizard.go_to(TRIAL)
    assert len(tried(wizard)) == 5
    wizard.dialog.trial.save_to(tmp_path / "trial.csv")
    with (tmp_path / "trial.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len([*csv.DictReader(file)]) == 5
    wizard.go_to(DONE)
    assert len(titles(project)) == 5


def test_a_trial_that_is_stopped_leads_back_to_the_layers(
    wizard: Driver, project: Project, tmp_path: Path
) -> None:
    at_once(wizard, drawing(tmp_path / "town.dxf"), crs="EPSG:4545")
    wizard.dialog.next.click()
    wizard.dialog.stop.click()
    wizard.wait()
    assert wizard.dialog.step == LAYERS
    assert not titles(project)
    wizard.go_to(TRIAL)
    assert len(tried(wizard)) == 6
