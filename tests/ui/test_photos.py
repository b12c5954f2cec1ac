from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QInputMethodEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from hjgis.edits.arrange import lock
from hjgis.edits.attachments import attach as attached
from hjgis.edits.attachments import attachments_of
from hjgis.exchange.pictures import read_paper
from hjgis.layers.project import Project
from hjgis.models.attachments import LAYER
from hjgis.models.changes import Feature, FeatureKey
from hjgis.models.crs import Transform, parse_crs
from hjgis.ui import file_dialogs
from hjgis.ui.dialogs import confirming
from hjgis.ui.main_window import MainWindow
from hjgis.ui.photos.camera_folder import CameraFolder
from hjgis.ui.photos.photographs import Photographs
from tests import network
from tests.photos import make_photo

Keys = dict[str, FeatureKey]


@pytest.fixture
def photos(window: MainWindow) -> Photographs:
    assert window.photographs is not None
    return window.photographs


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Questions and warnings that were shown; every question is answered with yes."""
    shown: list[str] = []

    def note(_parent: object, _title: str, text: str, *_more: object, **_how: object) -> object:
        shown.append(text)
        return True

    for name in ("warning", "information"):
        monkeypatch.setattr(QMessageBox, name, note)
    monkeypatch.setattr(confirming, "agreed", note)
    return shown


def select(window: MainWindow, project: Project, *keys: FeatureKey) -> None:
    assert window.workspace is not None
    fids = [project.store.fid(key) for key in keys]
    window.workspace.selection.set(keys[0].layer, fids)


def of(project: Project, key: FeatureKey) -> list[Feature]:
    return attachments_of(project, [key.uuid])


def at(project: Project, name: str) -> tuple[float, float]:
    """Return degrees of a place of the network."""
    there = Transform(project.crs, parse_crs("EPSG:4326"))
    x, y = network.PLACES[name]
    longitude, latitude = there.points(np.array([x]), np.array([y]))
    return float(longitude[0]), float(latitude[0])


def idle(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.jobs.busy)


def attach(qtbot: QtBot, window: MainWindow, key: FeatureKey, *paths: Path) -> None:
    assert window.photographs is not None
    window.photographs.attaching.take(paths, key)
    idle(qtbot, window)


def mime_of(paths: Sequence[Path]) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def test_the_strip_shows_what_the_selected_asset_has(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path,
) -> None:  # fmt: skip
    strip = photos.strip
    select(window, project, keys["A"])
    assert strip.asset == keys["A"]
    assert strip.list.count() == 0
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 ...")
    attach(qtbot, window, keys["A"], make_photo(tmp_path / "a.jpg", place=None), tmp_path / "a.pdf")
    assert [strip.list.item(row).text() for row in range(2)] == ["照片", "资料"]
    assert not strip.list.item(0).icon().isNull()
    select(window, project, keys["B"])
    assert strip.list.count() == 0
    select(window, project, keys["A"], keys["B"])
    assert strip.asset is None
    assert not strip.add.isEnabled()
    assert window.workspace is not None
    window.workspace.undo()
    assert project.count(LAYER) == 0


def test_files_are_chosen_pasted_and_dropped_onto_the_strip(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    select(window, project, keys["A"])
    chosen = [make_photo(tmp_path / f"{n}.jpg", place=None, noise=n) for n in (1, 2, 3, 4)]
    monkeypatch.setattr(file_dialogs, "open_files", lambda *_more: ([str(chosen[0])], ""))
    photos.strip.add.click()
    idle(qtbot, window)
    QGuiApplication.clipboard().setMimeData(mime_of(chosen[1:2]))
    photos.strip.paste.click()
    idle(qtbot, window)
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.blue)
    QGuiApplication.clipboard().setImage(image)
    photos.strip.paste.click()
    idle(qtbot, window)
    mime = mime_of(chosen[2:])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), action, mime, button, none)
    QApplication.sendEvent(photos.strip.list.viewport(), enter)
    assert enter.isAccepted()
    drop = QDropEvent(QPointF(5, 5), action, mime, button, none)
    QApplication.sendEvent(photos.strip.list.viewport(), drop)
    idle(qtbot, window)
    names = [str(record.values["file_name"]) for record in of(project, keys["A"])]
    assert names[:2] == ["1.jpg", "2.jpg"]
    assert names[2].startswith("pasted-")
    assert names[3:] == ["3.jpg", "4.jpg"]
    pasted = of(project, keys["A"])[2]
    stored = QImage.fromData(project.media.read(str(pasted.values["sha256"])))
    assert stored.pixelColor(3, 3) == Qt.GlobalColor.blue


def test_caption_and_role_are_written_beside_the_pictures_and_undone(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path,
) -> None:  # fmt: skip
    select(window, project, keys["A"])
    attach(qtbot, window, keys["A"], make_photo(tmp_path / "a.jpg", place=None))
    start = project.content_sha256()
    strip = photos.strip
    strip.list.setCurrentRow(0)
    strip.caption.setFocus()
    # While an input method composes, Enter belongs to it.
    QApplication.sendEvent(strip.caption, QInputMethodEvent("jing", []))
    assert of(project, keys["A"])[0].values["caption"] is None
    done = QInputMethodEvent("", [])
    done.setCommitString("井盖破损")
    QApplication.sendEvent(strip.caption, done)
    QTest.keyClick(strip.caption, Qt.Key.Key_Return)
    assert of(project, keys["A"])[0].values["caption"] == "井盖破损"
    assert strip.list.item(0).text() == "井盖破损"
    strip.role.setCurrentIndex(strip.role.findData("整改前"))
    strip.role.activated.emit(strip.role.currentIndex())
    assert of(project, keys["A"])[0].values["role"] == "整改前"
    assert window.workspace is not None
    window.workspace.undo()
    window.workspace.undo()
    assert project.content_sha256() == start


def test_del_takes_a_photo_off_and_undo_brings_it_back(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path,
) -> None:  # fmt: skip
    select(window, project, keys["A"])
    attach(qtbot, window, keys["A"], make_photo(tmp_path / "a.jpg", place=None))
    start = project.content_sha256()
    photos.strip.list.setCurrentRow(0)
    QTest.keyClick(photos.strip.list, Qt.Key.Key_Delete)
    assert of(project, keys["A"]) == []
    # The asset itself is still there.
    assert project.known([keys["A"]])
    assert window.workspace is not None
    window.workspace.undo()
    assert project.content_sha256() == start
    assert photos.strip.list.count() == 1


def test_a_photo_taken_far_away_is_asked_about(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, tmp_path: Path,
    answers: list[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    near = make_photo(tmp_path / "near.jpg", place=at(project, "A"), noise=1)
    longitude, latitude = at(project, "A")
    far = make_photo(tmp_path / "far.jpg", place=(longitude, latitude + 0.003), noise=2)
    attach(qtbot, window, keys["A"], near)
    assert answers == []
    attach(qtbot, window, keys["A"], far)
    assert "far.jpg was taken 333 m from here." in answers[0]
    assert "Cancel" not in answers[0], "there is no other file"
    assert len(of(project, keys["A"])) == 2

    def no(_parent: object, _title: str, text: str, _verb: str) -> bool:
        answers.append(text)
        return False

    monkeypatch.setattr(confirming, "agreed", no)
    attach(qtbot, window, keys["B"], far, near)
    assert "the other file is attached all the same" in answers[-1]
    assert [r.values["file_name"] for r in of(project, keys["B"])] == ["near.jpg"]


def test_a_photo_above_the_limit_is_made_smaller_with_consent_only(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path, answers: list[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    photos.attaching._settings = replace(photos.attaching._settings, photo_limit_mb=1)
    large = make_photo(tmp_path / "a.jpg", size=(3000, 2000), noise=1, place=None)
    monkeypatch.setattr(confirming, "agreed", lambda *_more: False)
    attach(qtbot, window, keys["A"], large)
    assert of(project, keys["A"]) == []
    monkeypatch.undo()
    asked: list[str] = []

    def yes(_parent: object, _title: str, text: str, _verb: str) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr(confirming, "agreed", yes)
    attach(qtbot, window, keys["A"], large)
    assert "a.jpg: " in asked[0]
    assert " MB → " in asked[0]
    assert int(of(project, keys["A"])[0].values["size_bytes"] or 0) < large.stat().st_size


def test_large_photos_are_written_ahead_and_undone_as_one_change(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, tmp_path: Path
) -> None:
    start = project.content_sha256()
    large = [
        make_photo(tmp_path / f"{n}.jpg", size=(2200, 1600), noise=n, quality=95, place=None)
        for n in (1, 2, 3)
    ]
    assert sum(path.stat().st_size for path in large) > 4 * 1024**2
    attach(qtbot, window, keys["A"], *large)
    assert [r.values["file_name"] for r in of(project, keys["A"])] == ["1.jpg", "2.jpg", "3.jpg"]
    assert project.media.read(of(project, keys["A"])[1].values["sha256"]) == large[1].read_bytes()
    assert window.workspace is not None
    window.workspace.undo()
    assert project.content_sha256() == start


def test_a_project_that_is_only_read_gets_no_photos_however_large(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path, answers: list[str],
) -> None:  # fmt: skip
    large = make_photo(tmp_path / "a.jpg", size=(3600, 2800), noise=1, quality=97, place=None)
    assert large.stat().st_size > 4 * 1024**2
    project.store.save_copy(tmp_path / "copy.gpkg")
    project.refuse_edits("Somebody else has it.")
    attach(qtbot, window, keys["A"], large)
    assert "open for reading only" in answers[0]
    photos.bring_over(tmp_path / "copy.gpkg")
    idle(qtbot, window)
    assert project.media.stock().count == 0


def test_assets_of_a_locked_layer_get_no_photos(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, tmp_path: Path
) -> None:
    assert window.workspace is not None
    window.workspace.apply(lock(project.arrangement, project.asset_type("manhole"), locked=True))
    attach(qtbot, window, keys["A"], make_photo(tmp_path / "a.jpg", place=None))
    assert project.count(LAYER) == 0
    assert "is locked" in window.workspace.canvas.message.text()


def test_what_cannot_be_attached_is_told_and_the_rest_is_stored(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, tmp_path: Path,
    answers: list[str],
) -> None:  # fmt: skip
    (tmp_path / "b.jpg").write_bytes(b"")
    attach(qtbot, window, keys["A"], make_photo(tmp_path / "a.jpg", place=None), tmp_path / "b.jpg")
    assert "1 file cannot be attached" in answers[0]
    assert "b.jpg is empty" in answers[0]
    assert [r.values["file_name"] for r in of(project, keys["A"])] == ["a.jpg"]


def test_a_photo_dropped_on_the_map_goes_to_the_asset_there(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, tmp_path: Path
) -> None:
    assert window.workspace is not None
    canvas = window.workspace.canvas
    photo = make_photo(tmp_path / "a.jpg", place=at(project, "C"))
    mime = mime_of([photo])
    x, y = map(float, canvas.frame.to_device(np.array([network.PLACES["C"]]))[0])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none, place = Qt.KeyboardModifier.NoModifier, QPointF(x, y)
    for event in (
        QDragEnterEvent(place.toPoint(), action, mime, button, none),
        QDragMoveEvent(place.toPoint(), action, mime, button, none),
    ):
        QApplication.sendEvent(canvas, event)
        assert event.isAccepted()
    assert "Attach to: Manhole" in canvas.message.text()
    QApplication.sendEvent(canvas, QDropEvent(place, action, mime, button, none))
    idle(qtbot, window)
    assert [r.values["file_name"] for r in of(project, keys["C"])] == ["a.jpg"]
    assert window.workspace.selection.keys(project) == [keys["C"]]
    # Where there is nothing, nothing is stored.
    QApplication.sendEvent(canvas, QDragEnterEvent(QPoint(3, 3), action, mime, button, none))
    QApplication.sendEvent(canvas, QDropEvent(QPointF(3, 3), action, mime, button, none))
    assert "No asset is here" in canvas.message.text()
    assert project.count(LAYER) == 1


def test_files_that_are_no_photos_are_left_to_the_import(
    window: MainWindow, tmp_path: Path
) -> None:
    assert window.workspace is not None
    (tmp_path / "a.shp").write_bytes(b"x")
    mime = mime_of([tmp_path / "a.shp"])
    event = QDragEnterEvent(
        QPoint(50, 50),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    event.ignore()
    assert window.photographs is not None
    assert not window.photographs.drop.eventFilter(window.workspace.canvas, event)
    assert not event.isAccepted()


def test_the_viewer_turns_pages_zooms_and_shows_before_beside_after(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path,
) -> None:  # fmt: skip
    for name, role in (("a", None), ("b", "整改前"), ("c", "整改后")):
        path = make_photo(tmp_path / f"{name}.jpg", size=(2000, 1500), noise=ord(name))
        paper = read_paper(path, project.crs)
        project.session.apply(attached(project, [(keys["A"], paper)], role=role))
    select(window, project, keys["A"])
    photos.strip.list.setCurrentRow(1)
    photos.strip.view.click()
    viewer = photos._viewer
    assert viewer is not None
    idle(qtbot, window)
    assert viewer.current is not None
    assert viewer.current.values["file_name"] == "b.jpg"
    zoom = viewer.left.zoom
    assert zoom < 1
    QTest.keyClick(viewer, Qt.Key.Key_Plus)
    assert viewer.left.zoom > zoom
    QTest.keyClick(viewer, Qt.Key.Key_0)
    assert viewer.left.zoom == pytest.approx(zoom)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    QTest.keyClick(viewer, Qt.Key.Key_Right)
    idle(qtbot, window)
    assert viewer.current.values["file_name"] == "a.jpg"
    facts = [
        viewer.facts.itemAt(row, viewer.facts.ItemRole.FieldRole).widget().text()
        for row in range(viewer.facts.rowCount())
    ]
    assert "2000 × 1500" in facts
    assert "Maker Model 7" in facts
    assert not viewer.right.isVisible()
    viewer.compare.click()
    idle(qtbot, window)
    assert viewer.right.isVisible()
    assert not viewer.place.isEnabled()
    viewer.compare.click()
    viewer.place.click()
    assert window.workspace is not None
    assert len(window.workspace.canvas.past) == 2
    QTest.keyClick(viewer, Qt.Key.Key_Escape)
    assert not viewer.isVisible()
    assert window.workspace.canvas.past == ()
    # What others show stays.
    window.workspace.canvas.show_past((shapely.Point(0, 0),))
    photos.show_viewer(keys["A"])
    viewer.close()
    assert len(window.workspace.canvas.past) == 1


def test_the_viewer_saves_a_copy_and_says_when_a_content_is_gone(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    source = make_photo(tmp_path / "a.jpg", place=None)
    attach(qtbot, window, keys["A"], source)
    viewer = photos.show_viewer(keys["A"])
    idle(qtbot, window)
    target = tmp_path / "out" / "copy.jpg"
    target.parent.mkdir()
    monkeypatch.setattr(file_dialogs, "save_file", lambda *_more: (str(target), ""))
    viewer.save.click()
    assert target.read_bytes() == source.read_bytes()
    project._db.execute("DELETE FROM hjgis_media")
    viewer.show_asset(keys["A"])
    idle(qtbot, window)
    assert "take it from a backup" in viewer.message.text()


def test_a_folder_of_photos_is_shared_out_in_one_change(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path,
) -> None:  # fmt: skip
    start = project.content_sha256()
    folder = tmp_path / "DCIM"
    for name in "AB":
        make_photo(folder / f"{name}.jpg", place=at(project, name), noise=ord(name))
    make_photo(folder / "nowhere.jpg", place=None, noise=3)
    dialog = photos.show_match()
    dialog.kinds.setCurrentIndex(dialog.kinds.findData("manhole"))
    dialog.read_folder(folder)
    idle(qtbot, window)
    assert [dialog.table.item(row, 0).text() for row in range(3)] == [
        "A.jpg",
        "B.jpg",
        "nowhere.jpg",
    ]
    assert [proposal.key for proposal in dialog.ticked] == [keys["A"], keys["B"]]
    assert "2 near an asset, 2 ticked" in dialog.summary.text()
    # A box for each, or the pictures would not stand in one line.
    assert dialog.table.item(2, 0).checkState() == Qt.CheckState.Unchecked
    assert not dialog.table.item(2, 0).flags() & Qt.ItemFlag.ItemIsEnabled
    dialog.table.item(1, 0).setCheckState(Qt.CheckState.Unchecked)
    dialog.all.click()
    assert len(dialog.ticked) == 2
    dialog.table.item(1, 0).setCheckState(Qt.CheckState.Unchecked)
    dialog.store.click()
    idle(qtbot, window)
    assert [r.values["file_name"] for r in of(project, keys["A"])] == ["A.jpg"]
    # What was not stored can still be.
    assert dialog.table.rowCount() == 2
    assert window.workspace is not None
    window.workspace.undo()
    assert project.content_sha256() == start


def test_new_photos_of_a_camera_folder_go_to_the_selected_asset(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path,
) -> None:  # fmt: skip
    folder = tmp_path / "DCIM" / "100MEDIA"
    make_photo(folder / "old.jpg", place=None)
    made = make_photo(tmp_path / "new.jpg", place=None, noise=1)
    photos.watch(folder.parent)
    assert photos.strip.camera.isChecked()
    assert window.actions_by_id["camera-folder"].isChecked()
    select(window, project, keys["B"])
    shutil.copy(made, folder / "new.jpg")
    qtbot.waitUntil(lambda: project.count(LAYER) == 1, timeout=8000)
    assert [r.values["file_name"] for r in of(project, keys["B"])] == ["new.jpg"]
    assert "Watching DCIM" in photos.strip._count.text()
    photos.toggle_camera()
    assert "Watching" not in photos.strip._count.text()
    assert not photos.strip.camera.isChecked()
    assert str(folder).encode() not in project.path.read_bytes()


def test_new_photos_are_proposed_by_their_place_when_nothing_is_selected(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path,
) -> None:  # fmt: skip
    folder = tmp_path / "DCIM"
    folder.mkdir()
    photos.watch(folder)
    make_photo(folder / "new.jpg", place=at(project, "A"))
    qtbot.waitUntil(
        lambda: photos._match is not None and len(photos._match.ticked) == 1, timeout=8000
    )
    assert project.count(LAYER) == 0


def test_a_photo_that_is_still_being_written_waits_and_a_folder_that_goes_is_told(
    qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "DCIM"
    folder.mkdir()
    whole = make_photo(tmp_path / "a.jpg", noise=1).read_bytes()
    camera, arrived = CameraFolder(), []
    camera.arrived.connect(arrived.extend)
    camera.watch(folder)
    with (folder / "a.jpg").open("wb") as file:
        file.write(whole[:100])
        file.flush()
        qtbot.waitUntil(lambda: bool(camera._growing), timeout=8000)
        file.write(whole[100:])
    qtbot.waitUntil(lambda: len(arrived) == 1, timeout=8000)
    assert arrived[0].read_bytes() == whole
    with qtbot.waitSignal(camera.lost, timeout=8000):
        shutil.rmtree(folder)
    assert camera.folder is None


def test_cleaning_up_says_how_much_and_asks(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path, answers: list[str],
) -> None:  # fmt: skip
    attach(qtbot, window, keys["A"], make_photo(tmp_path / "a.jpg", place=None))
    window.do("photos-clean")
    assert "all are needed" in answers[-1]
    assert window.workspace is not None
    window.workspace.undo()
    project.history.forget()
    window.do("photos-clean")
    assert "1 photo or paper with" in answers[-1]
    assert project.media.stock().count == 0


def test_a_line_gets_photos_too(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, tmp_path: Path
) -> None:
    attach(qtbot, window, keys["AB"], make_photo(tmp_path / "a.jpg", place=at(project, "A")))
    assert len(of(project, keys["AB"])) == 1
    shape = project.get(keys["AB"]).geometry
    assert isinstance(shape, shapely.LineString)


def test_photos_of_another_file_are_taken_over(
    qtbot: QtBot, window: MainWindow, project: Project, keys: Keys, photos: Photographs,
    tmp_path: Path,
) -> None:  # fmt: skip
    project.store.save_copy(tmp_path / "copy.gpkg")
    start = project.content_sha256()
    with Project.open(tmp_path / "copy.gpkg") as other:
        paper = read_paper(make_photo(tmp_path / "a.jpg", place=None), other.crs)
        other.session.apply(attached(other, [(keys["A"], paper)], role="整改前"))
    photos.bring_over(tmp_path / "copy.gpkg")
    idle(qtbot, window)
    (record,) = of(project, keys["A"])
    assert record.values["role"] == "整改前"
    assert project.media.has(paper.content.sha256)
    photos.bring_over(tmp_path / "copy.gpkg")
    idle(qtbot, window)
    assert window.workspace is not None
    assert "None of the 1 photos" in window.workspace.canvas.message.text()
    window.workspace.undo()
    assert project.content_sha256() == start
