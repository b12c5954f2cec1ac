"""The pipe network in the window: followed, with its breaks, and its profiles."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pypdf
import pytest
import shapely
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hjgis.edits.add import add_feature
from hjgis.edits.attributes import set_values
from hjgis.edits.delete import delete_features
from hjgis.models.changes import FeatureKey
from hjgis.network.profile import Profile, Reach, Station
from hjgis.render.frame import MapFrame
from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.overlays import paint_breaks
from hjgis.ui.network.profile_window import ProfileWindow
from tests.ui.mouse import pixel

Keys = dict[str, FeatureKey]


def flowing(window: MainWindow, keys: Keys) -> None:
    """Both pipes flow from A over B to C."""
    project = window.workspace.project
    for pipe in ("AB", "BC"):
        project.session.apply(set_values(project, [keys[pipe]], {"flow_dir": "顺向"}))


def fid_of(window: MainWindow, key: FeatureKey) -> int:
    fids = window.workspace.project.fids_with(key.layer, "uuid", key.uuid)
    return int(fids[0])


def select(window: MainWindow, *keys: FeatureKey) -> None:
    fids = [fid_of(window, key) for key in keys]
    window.workspace.selection.set(keys[0].layer, fids)


def chosen(window: MainWindow) -> set[str]:
    selection = window.workspace.selection
    return {key.uuid for key in selection.keys(window.workspace.project)}


def said(window: MainWindow) -> str:
    return window.workspace.canvas.message.text()


def at_rest(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.jobs.busy and not window.workspace.canvas.busy)


def test_downstream_selects_the_pipes_and_says_where_it_breaks_off(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    flowing(window, keys)
    select(window, keys["A"])
    window.do("trace-down")
    at_rest(qtbot, window)
    assert chosen(window) == {keys["AB"].uuid, keys["BC"].uuid}
    assert "Downstream: 2 pipes" in said(window)
    assert "1 dead end" in said(window)
    window.workspace.canvas.message.linkActivated.emit("#act")
    x, y = window.workspace.project.get(keys["C"]).geometry.coords[0][:2]
    frame = window.workspace.canvas.frame
    assert (frame.center_x, frame.center_y) == (x, y)


def test_breaks_are_on_the_map_until_something_else_is_selected(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    flowing(window, keys)
    select(window, keys["A"])
    window.do("trace-down")
    at_rest(qtbot, window)
    canvas = window.workspace.canvas
    assert len(canvas.breaks) == 1
    window.workspace.selection.clear()
    assert len(canvas.breaks) == 0


def test_breaks_are_gone_to_one_after_the_other_by_a_key(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    window.do("next-break")
    assert "No breaks" in said(window)
    project = window.workspace.project
    window.workspace.apply(set_values(project, [keys["AB"]], {"flow_dir": "逆向"}))
    window.workspace.apply(set_values(project, [keys["BC"]], {"flow_dir": "顺向"}))
    select(window, keys["B"])
    # Twice the same: what was selected by the first is selected still.
    for _time in range(2):
        window.do("trace-down")
        at_rest(qtbot, window)
    frames = []
    for words in ("Break 1 of 2", "Break 2 of 2", "Break 1 of 2"):
        window.do("next-break")
        assert words in said(window)
        frame = window.workspace.canvas.frame
        frames.append((frame.center_x, frame.center_y))
    ends = {project.get(keys[name]).geometry.coords[0][:2] for name in "AC"}
    assert set(frames) == ends
    assert frames[0] == frames[2]
    window.workspace.selection.clear()
    window.do("next-break")
    assert "No breaks" in said(window)


def test_a_town_full_of_breaks_is_painted_without_waiting() -> None:
    frame = MapFrame(500.0, 500.0, 1.0, 1000.0, 700.0)
    places = np.random.default_rng(1).uniform(0, 1000, (20_000, 2))
    image = QImage(1000, 700, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    began = time.process_time()
    paint_breaks(painter, frame, places)
    painter.end()
    # As one path they took six seconds.
    assert time.process_time() - began < 1.5


def test_a_network_that_was_edited_while_it_was_read_is_not_kept(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    flowing(window, keys)
    select(window, keys["A"])
    window.do("trace-down")
    project = window.workspace.project
    window.workspace.apply(set_values(project, [keys["AB"]], {"flow_dir": "逆向"}))
    at_rest(qtbot, window)
    assert window.following is not None
    assert window.following._pipes is None


def test_an_edit_of_pipes_is_followed_the_next_time(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    flowing(window, keys)
    select(window, keys["C"])
    window.do("trace-up")
    at_rest(qtbot, window)
    assert len(chosen(window)) == 2
    project = window.workspace.project
    window.workspace.apply(set_values(project, [keys["AB"]], {"flow_dir": "逆向"}))
    select(window, keys["C"])
    window.do("trace-up")
    at_rest(qtbot, window)
    assert chosen(window) == {keys["BC"].uuid}


def test_pipes_of_unknown_flow_are_told_where_nothing_else_is_found(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    select(window, keys["B"])
    window.do("trace-up")
    at_rest(qtbot, window)
    assert "2 pipes of unknown flow" in said(window)
    assert window.workspace.selection.layer == "manhole"
    window.do("trace-all")
    at_rest(qtbot, window)
    assert chosen(window) == {keys["AB"].uuid, keys["BC"].uuid}


def test_what_is_no_part_of_the_network_says_so(window: MainWindow) -> None:
    window.workspace.selection.set("park", [1])
    window.do("trace-up")
    assert "Select a pipe" in said(window)


def clicked(qtbot: QtBot, window: MainWindow, key: FeatureKey) -> None:
    canvas = window.workspace.canvas
    x, y = window.workspace.project.get(key).geometry.coords[0][:2]
    qtbot.mouseMove(canvas, pixel(canvas, (x, y)))
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=pixel(canvas, (x, y)))


def drawn(qtbot: QtBot, window: MainWindow, keys: Keys) -> ProfileWindow:
    """Return the window of the profile that two clicks on the map ask for."""
    canvas = window.workspace.canvas
    canvas.show_all()
    canvas.set_denominator(1000)
    at_rest(qtbot, window)
    window.do("profile")
    clicked(qtbot, window, keys["A"])
    clicked(qtbot, window, keys["C"])
    at_rest(qtbot, window)
    assert window.following is not None
    return window.following.profile_window()


def test_two_clicks_on_the_map_make_a_profile(qtbot: QtBot, window: MainWindow, keys: Keys) -> None:
    shown = drawn(qtbot, window, keys)
    assert shown.isVisible()
    assert "2 pipes" in shown.words.text()
    assert "levels unknown" in shown.words.text()
    assert chosen(window) == {keys["AB"].uuid, keys["BC"].uuid}


def test_a_click_beside_all_nodes_says_what_to_click(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    window.do("profile")
    qtbot.mouseClick(window.workspace.canvas, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))
    assert "Click a manhole" in said(window)


def test_two_selected_manholes_need_no_clicks(qtbot: QtBot, window: MainWindow, keys: Keys) -> None:
    select(window, keys["A"], keys["C"])
    window.do("profile")
    at_rest(qtbot, window)
    assert window.following is not None
    assert window.following.profile_window().isVisible()


def test_a_click_on_a_pipe_of_the_profile_selects_it_on_the_map(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    shown = drawn(qtbot, window, keys)
    k = shown.view.width() / shown.drawing.paper_mm[0]
    end = shown.drawing.paper_mm[0] * k * 0.2
    qtbot.mouseClick(shown.view, Qt.MouseButton.LeftButton, pos=QPoint(round(end), 40))
    assert chosen(window) == {keys["AB"].uuid}


def test_a_profile_is_written_and_copied(
    qtbot: QtBot, window: MainWindow, keys: Keys, tmp_path: Path
) -> None:
    shown = drawn(qtbot, window, keys)
    shown.write(tmp_path / "p.pdf")
    at_rest(qtbot, window)
    assert "p.pdf" in shown.words.text()
    text = pypdf.PdfReader(tmp_path / "p.pdf").pages[0].extract_text()
    assert "Invert elevation" in " ".join(text.split())
    shown.write(tmp_path / "p.dxf")
    at_rest(qtbot, window)
    assert (tmp_path / "p.dxf").read_bytes().startswith(b"  0")
    shown.copy_picture()
    image = QApplication.clipboard().image()
    assert image.width() > 3000


def test_a_profile_whose_pipes_were_edited_says_so_and_is_drawn_again(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    shown = drawn(qtbot, window, keys)
    assert not shown.again.isVisible()
    project = window.workspace.project
    shown.across.setCurrentIndex(shown.across.findData(1000))
    levels = {"start_elev_m": 97.0, "end_elev_m": 97.5, "elev_basis": "管内底", "flow_dir": "顺向"}
    window.workspace.apply(set_values(project, [keys["AB"]], levels))
    assert "Out of date" in shown.words.text()
    qtbot.mouseClick(shown.again, Qt.MouseButton.LeftButton)
    at_rest(qtbot, window)
    assert "rises against the flow: AB" in shown.words.text()
    assert not shown.again.isVisible()
    assert shown.across.currentData() == 1000
    window.workspace.undo()
    assert shown.again.isVisible()


def test_what_crosses_is_counted_and_a_profile_follows_its_edits(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    project = window.workspace.project
    (x0, y0), (x1, y1) = project.get(keys["AB"]).geometry.coords
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    across = shapely.LineString([(x - y1 + y0, y + x1 - x0), (x + y1 - y0, y - x1 + x0)])
    window.workspace.apply(add_feature(project, "pipe_line", across, {"kind": "JP"}))
    shown = drawn(qtbot, window, keys)
    assert "1 crossing" in shown.words.text()
    (uuid,) = {*project.table("pipe_line", ()).uuids} - {keys["AB"].uuid, keys["BC"].uuid}
    key = FeatureKey("pipe_line", uuid)
    window.workspace.apply(set_values(project, [key], {"diameter_mm": 200}))
    assert "Out of date" in shown.words.text()


def test_an_edit_elsewhere_leaves_a_profile_as_it_is(
    qtbot: QtBot, window: MainWindow, keys: Keys
) -> None:
    canvas = window.workspace.canvas
    canvas.show_all()
    at_rest(qtbot, window)
    select(window, keys["A"], keys["B"])
    window.do("profile")
    at_rest(qtbot, window)
    project = window.workspace.project
    window.workspace.apply(set_values(project, [keys["BC"]], {"flow_dir": "顺向"}))
    assert window.following is not None
    assert not window.following.profile_window().again.isVisible()


def test_a_long_sheet_is_copied_whole(qtbot: QtBot, window: MainWindow, keys: Keys) -> None:
    shown = drawn(qtbot, window, keys)
    far = Profile(
        tuple(Station("manhole", 1, n, at, 100.0, 98.0) for n, at in (("A", 0.0), ("B", 450.0))),
        (
            Reach(
                1,
                "AB",
                "",
                "",
                "",
                0.0,
                450.0,
                (98.0, 97.0),
                (98.4, 97.4),
                (1.6, 2.6),
                1,
                True,
                False,
            ),
        ),
    )
    shown.show_profile(far)
    shown.across.setCurrentIndex(shown.across.findData(100))
    shown.copy_picture()
    image = QApplication.clipboard().image()
    assert image.width() == 16_000
    assert image.height() / image.width() == pytest.approx(
        297 / shown.drawing.paper_mm[0], rel=0.01
    )


def test_nodes_that_are_not_joined_are_told(qtbot: QtBot, window: MainWindow, keys: Keys) -> None:
    errors: list[object] = []
    window.jobs.failed.disconnect(window.show_error)
    window.jobs.failed.connect(errors.append)
    project = window.workspace.project
    window.workspace.apply(delete_features(project, [keys["BC"]]))
    select(window, keys["A"], keys["C"])
    window.do("profile")
    qtbot.waitUntil(lambda: bool(errors))
    assert "No pipes lead from" in str(errors[0])
    window.workspace.apply(delete_features(project, [keys["C"]]))
    assert window.following is not None
    window.following._draw_again()
    qtbot.waitUntil(lambda: len(errors) > 1)
    assert "was deleted" in str(errors[1])


def test_the_network_is_not_read_before_it_is_asked_for(window: MainWindow) -> None:
    assert np.array_equal(window.workspace.canvas.breaks, np.empty((0, 2)))
    assert window.following is not None
    assert window.following._pipes is None
