from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QInputDevice,
    QKeyEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hjgis.ui.main_window import MainWindow
from hjgis.ui.map.canvas import MapCanvas
from hjgis.ui.tools.sketch import SketchTool
from hjgis.ui.workspace import Workspace
from tests.network import PLACES
from tests.ui.mouse import LEFT, pixel

Button, Key, Keys = Qt.MouseButton, Qt.Key, Qt.KeyboardModifier
AT = QPoint(100, 400)


def wheel(
    canvas: MapCanvas,
    angle: int,
    *,
    at: QPoint = AT,
    pixels: QPoint | None = None,
    keys: Qt.KeyboardModifier = Keys.NoModifier,
    phase: Qt.ScrollPhase = Qt.ScrollPhase.NoScrollPhase,
    device: QPointingDevice | None = None,
) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(canvas.mapToGlobal(at)),
        pixels or QPoint(),
        QPoint(0, angle),
        Button.NoButton,
        keys,
        phase,
        False,
        Qt.MouseEventSource.MouseEventNotSynthesized,
        device or QPointingDevice.primaryPointingDevice(),
    )
    QApplication.sendEvent(canvas, event)


def denominator(canvas: MapCanvas) -> float:
    return canvas.frame.scale_denominator


def drag(
    qtbot: QtBot,
    canvas: MapCanvas,
    *points: tuple[int, int],
    button: Qt.MouseButton = LEFT,
    keys: Qt.KeyboardModifier = Keys.NoModifier,
) -> None:
    """Press at the first pixel, go over the others, let go at the last."""
    qtbot.mousePress(canvas, button, keys, QPoint(*points[0]))
    for point in points[1:]:
        qtbot.mouseMove(canvas, QPoint(*point))
    qtbot.mouseRelease(canvas, button, keys, QPoint(*points[-1]))


# wheel


def test_the_wheel_zooms_about_the_cursor(workspace: Workspace) -> None:
    canvas = workspace.canvas
    before = canvas.frame
    wheel(canvas, 120)
    assert denominator(canvas) == pytest.approx(400)
    assert canvas.frame.to_map(100, 400) == pytest.approx(before.to_map(100, 400))


def test_eight_eighths_of_a_fine_wheel_are_one_notch(workspace: Workspace) -> None:
    canvas = workspace.canvas
    for _step in range(8):
        wheel(canvas, 15)
    assert denominator(canvas) == pytest.approx(400)


def test_ctrl_makes_a_notch_finer(workspace: Workspace) -> None:
    canvas = workspace.canvas
    wheel(canvas, 120, keys=Keys.ControlModifier)
    assert 400 < denominator(canvas) < 490


def test_a_pinch_that_comes_as_a_wheel_with_ctrl_is_not_slow(workspace: Workspace) -> None:
    canvas = workspace.canvas
    for _step in range(12):
        wheel(canvas, 10, keys=Keys.ControlModifier)
    assert denominator(canvas) == pytest.approx(250)


def touchpad() -> QPointingDevice:
    return QPointingDevice(
        "touchpad",
        77,
        QInputDevice.DeviceType.TouchPad,
        QPointingDevice.PointerType.Finger,
        QInputDevice.Capability.Position | QInputDevice.Capability.PixelScroll,
        2,
        0,
    )


def test_two_fingers_on_a_touchpad_move_the_map(workspace: Workspace) -> None:
    canvas, pad = workspace.canvas, touchpad()
    before = canvas.frame
    wheel(canvas, 60, pixels=QPoint(12, 30), phase=Qt.ScrollPhase.ScrollUpdate, device=pad)
    assert denominator(canvas) == pytest.approx(500)
    assert canvas.frame.to_map(112, 430) == pytest.approx(before.to_map(100, 400))


def test_two_fingers_with_ctrl_zoom(workspace: Workspace) -> None:
    canvas, pad = workspace.canvas, touchpad()
    wheel(
        canvas,
        60,
        pixels=QPoint(0, 30),
        keys=Keys.ControlModifier,
        phase=Qt.ScrollPhase.ScrollUpdate,
        device=pad,
    )
    assert denominator(canvas) < 500


def test_a_wheel_that_tells_pixels_and_phases_still_zooms(workspace: Workspace) -> None:
    canvas = workspace.canvas
    wheel(canvas, 120, pixels=QPoint(0, 30), phase=Qt.ScrollPhase.ScrollUpdate)
    assert denominator(canvas) == pytest.approx(400)


# fingers


def pinch_on_pad(canvas: MapCanvas, kind: Qt.NativeGestureType, value: float) -> None:
    at = QPointF(AT)
    event = QNativeGestureEvent(
        kind, touchpad(), 2, at, at, QPointF(canvas.mapToGlobal(AT)), value, QPointF()
    )
    QApplication.sendEvent(canvas, event)


def test_a_pinch_on_a_touchpad_zooms_about_the_cursor(workspace: Workspace) -> None:
    canvas = workspace.canvas
    before = canvas.frame
    for value in (0.25, 0.25, -0.2):
        pinch_on_pad(canvas, Qt.NativeGestureType.ZoomNativeGesture, value)
    assert denominator(canvas) == pytest.approx(500 / 1.25 / 1.25 / 0.8)
    assert canvas.frame.to_map(100, 400) == pytest.approx(before.to_map(100, 400))


def test_a_pinch_far_beyond_nothing_does_not_turn_the_map_over(workspace: Workspace) -> None:
    canvas = workspace.canvas
    pinch_on_pad(canvas, Qt.NativeGestureType.ZoomNativeGesture, -3.0)
    assert 500 < denominator(canvas) <= 5000.1


def test_a_double_tap_with_two_fingers_zooms_in(workspace: Workspace) -> None:
    canvas = workspace.canvas
    pinch_on_pad(canvas, Qt.NativeGestureType.SmartZoomNativeGesture, 1.0)
    assert denominator(canvas) == pytest.approx(250)


def touch(qtbot: QtBot, canvas: MapCanvas, places: list[tuple[QPoint, QPoint]]) -> None:
    """Put two fingers down at the first places, move them over the others, lift them."""
    screen = QTest.createTouchDevice()
    for step, (one, other) in enumerate(places):
        sequence = QTest.touchEvent(canvas, screen, False)
        act = sequence.move if step else sequence.press
        act(0, one, canvas)
        act(1, other, canvas)
        sequence.commit()
        QApplication.processEvents()
    sequence = QTest.touchEvent(canvas, screen, False)
    sequence.release(0, places[-1][0], canvas)
    sequence.release(1, places[-1][1], canvas)
    sequence.commit()


def test_two_fingers_on_the_screen_zoom_and_move(qtbot: QtBot, window: MainWindow) -> None:
    assert window.workspace is not None
    canvas = window.workspace.canvas
    window.workspace.use_tool("pan")
    canvas.set_denominator(500)
    before = canvas.frame
    # The fingers go from 60 to 140 pixels apart while their middle goes 40 to the right.
    middles = [(300 + 10 * step, 30 + 10 * step) for step in range(5)]
    touch(
        qtbot,
        canvas,
        [(QPoint(middle - half, 300), QPoint(middle + half, 300)) for middle, half in middles],
    )
    # Qt takes the first step to tell a pinch from other things.
    assert denominator(canvas) == pytest.approx(500 * 80 / 140)
    place = canvas.frame.to_map(340, 300)
    assert place == pytest.approx(before.to_map(310, 300), abs=3 * before.m_per_px)
    # The hand is free again: a drag moves the map.
    frame = canvas.frame
    drag(qtbot, canvas, (200, 200), (230, 200))
    assert canvas.frame.center_x == pytest.approx(frame.center_x - 30 * frame.m_per_px)


# dragging


@pytest.mark.parametrize("way", ["middle", "space"])
def test_the_map_is_dragged_with_any_tool(qtbot: QtBot, workspace: Workspace, way: str) -> None:
    canvas, before = workspace.canvas, workspace.canvas.frame
    if way == "space":
        qtbot.keyPress(canvas, Key.Key_Space)
    button = Button.MiddleButton if way == "middle" else LEFT
    drag(qtbot, canvas, (200, 200), (230, 180), (260, 170), button=button)
    assert canvas.frame.to_map(260, 170) == pytest.approx(before.to_map(200, 200))
    assert workspace.selection.layer is None


def test_space_shows_a_hand_and_says_what_a_drag_does(qtbot: QtBot, workspace: Workspace) -> None:
    canvas, said = workspace.canvas, list[str]()
    canvas.hint_changed.connect(said.append)
    qtbot.keyPress(canvas, Key.Key_Space)
    assert canvas.cursor().shape() == Qt.CursorShape.OpenHandCursor
    qtbot.keyRelease(canvas, Key.Key_Space)
    assert canvas.cursor().shape() == canvas.tool.cursor
    assert said == ["Drag to move the map", canvas.tool.hint()]


def test_zooming_in_the_middle_of_a_drag_keeps_the_place_in_the_hand(
    qtbot: QtBot, workspace: Workspace
) -> None:
    canvas, before = workspace.canvas, workspace.canvas.frame
    middle = Button.MiddleButton
    qtbot.mousePress(canvas, middle, pos=QPoint(200, 200))
    qtbot.mouseMove(canvas, QPoint(240, 200))
    wheel(canvas, 120, at=QPoint(240, 200))
    qtbot.mouseMove(canvas, QPoint(300, 210))
    qtbot.mouseRelease(canvas, middle, pos=QPoint(300, 210))
    assert canvas.frame.to_map(300, 210) == pytest.approx(before.to_map(200, 200))


def test_a_double_click_of_the_wheel_shows_everything(qtbot: QtBot, workspace: Workspace) -> None:
    canvas = workspace.canvas
    canvas.show_all()
    whole = canvas.frame
    canvas.set_denominator(100)
    for act in (qtbot.mouseClick, qtbot.mouseDClick, qtbot.mouseRelease):
        act(canvas, Button.MiddleButton, pos=QPoint(50, 50))
    assert canvas.frame == whole


def test_two_quick_drags_with_the_wheel_are_no_double_click(
    qtbot: QtBot, workspace: Workspace
) -> None:
    canvas = workspace.canvas
    before = canvas.frame
    qtbot.mouseDClick(canvas, Button.MiddleButton, pos=QPoint(50, 50))
    qtbot.mouseMove(canvas, QPoint(90, 50))
    qtbot.mouseRelease(canvas, Button.MiddleButton, pos=QPoint(90, 50))
    assert denominator(canvas) == pytest.approx(500)
    assert canvas.frame.center_x < before.center_x


def test_a_double_click_with_the_pan_tool_zooms_in(qtbot: QtBot, workspace: Workspace) -> None:
    workspace.use_tool("pan")
    qtbot.mouseDClick(workspace.canvas, LEFT, pos=AT)
    assert denominator(workspace.canvas) == pytest.approx(250)


# keys


def test_arrows_move_and_with_shift_by_a_page(qtbot: QtBot, workspace: Workspace) -> None:
    canvas, before = workspace.canvas, workspace.canvas.frame
    qtbot.keyClick(canvas, Key.Key_Right)
    qtbot.keyClick(canvas, Key.Key_Up)
    step = 80 * before.m_per_px
    assert canvas.frame.center_x == pytest.approx(before.center_x + step)
    assert canvas.frame.center_y == pytest.approx(before.center_y + step)
    qtbot.keyClick(canvas, Key.Key_Left, Keys.ShiftModifier)
    page = 0.9 * 800 * before.m_per_px
    assert canvas.frame.center_x == pytest.approx(before.center_x + step - page)


@pytest.mark.parametrize(
    ("nearer", "farther"),
    [
        (Key.Key_Plus, Key.Key_Minus),
        (Key.Key_Equal, Key.Key_Minus),
        (Key.Key_PageUp, Key.Key_PageDown),
    ],
)
def test_keys_zoom_in_and_out_again(
    qtbot: QtBot, workspace: Workspace, nearer: Qt.Key, farther: Qt.Key
) -> None:
    canvas = workspace.canvas
    qtbot.keyClick(canvas, nearer)
    assert denominator(canvas) == pytest.approx(320)
    qtbot.keyClick(canvas, farther)
    assert denominator(canvas) == pytest.approx(500)


def test_a_key_that_nobody_uses_goes_on(workspace: Workspace) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, Key.Key_F11, Keys.NoModifier)
    QApplication.sendEvent(workspace.canvas, event)
    assert not event.isAccepted()


# back and forth


def visit(qtbot: QtBot, canvas: MapCanvas, *denominators: float) -> None:
    for number in denominators:
        canvas.set_denominator(number)
        canvas.visit()


def test_the_side_buttons_of_the_mouse_go_back_and_forth(
    qtbot: QtBot, workspace: Workspace
) -> None:
    canvas = workspace.canvas
    visit(qtbot, canvas, 1000, 2000)
    qtbot.mouseClick(canvas, Button.BackButton)
    assert denominator(canvas) == pytest.approx(1000)
    qtbot.mouseClick(canvas, Button.ForwardButton)
    assert denominator(canvas) == pytest.approx(2000)
    assert workspace.selection.layer is None


def test_alt_left_and_right_go_back_and_forth(qtbot: QtBot, window: MainWindow) -> None:
    assert window.workspace is not None
    canvas = window.workspace.canvas
    visit(qtbot, canvas, 1000, 2000)
    qtbot.keyClick(window, Key.Key_Left, Keys.AltModifier)
    assert denominator(canvas) == pytest.approx(1000)
    assert window.actions_by_id["next-view"].isEnabled()
    qtbot.keyClick(window, Key.Key_Right, Keys.AltModifier)
    assert denominator(canvas) == pytest.approx(2000)
    assert not window.actions_by_id["next-view"].isEnabled()


def test_a_view_is_remembered_once_it_has_been_looked_at(
    qtbot: QtBot, workspace: Workspace
) -> None:
    canvas = workspace.canvas
    visit(qtbot, canvas, 1000)
    for _notch in range(5):
        wheel(canvas, 120)
    qtbot.waitUntil(lambda: canvas.history.has_previous and not canvas._settled.isActive())
    canvas.previous_view()
    assert denominator(canvas) == pytest.approx(1000)


# a box


def test_a_box_is_seen_larger(qtbot: QtBot, workspace: Workspace) -> None:
    canvas = workspace.canvas
    canvas.use_zoom_box()
    middle = canvas.frame.to_map(400, 275)
    drag(qtbot, canvas, (300, 200), (350, 240), (500, 350))
    assert denominator(canvas) == pytest.approx(500 * 200 / 800)
    assert (canvas.frame.center_x, canvas.frame.center_y) == pytest.approx(middle)


@pytest.mark.parametrize("key", [Keys.AltModifier, Keys.ShiftModifier], ids=["alt", "shift"])
def test_with_alt_or_shift_all_that_is_seen_goes_into_the_box(
    qtbot: QtBot, workspace: Workspace, key: Qt.KeyboardModifier
) -> None:
    canvas = workspace.canvas
    canvas.use_zoom_box()
    middle = (canvas.frame.center_x, canvas.frame.center_y)
    drag(qtbot, canvas, (300, 200), (500, 350), keys=key)
    assert denominator(canvas) == pytest.approx(500 * 800 / 200)
    assert canvas.frame.to_map(400, 275) == pytest.approx(middle)


def test_a_click_zooms_about_the_place_and_with_shift_out(
    qtbot: QtBot, workspace: Workspace
) -> None:
    canvas = workspace.canvas
    canvas.use_zoom_box()
    before = canvas.frame
    qtbot.mouseClick(canvas, LEFT, pos=AT)
    assert denominator(canvas) == pytest.approx(250)
    assert canvas.frame.to_map(100, 400) == pytest.approx(before.to_map(100, 400))
    qtbot.mouseClick(canvas, LEFT, Keys.ShiftModifier, AT)
    assert denominator(canvas) == pytest.approx(500)


def test_two_quick_clicks_zoom_twice(qtbot: QtBot, workspace: Workspace) -> None:
    canvas = workspace.canvas
    canvas.use_zoom_box()
    for act in (qtbot.mouseClick, qtbot.mouseDClick, qtbot.mouseRelease):
        act(canvas, LEFT, pos=AT)
    assert denominator(canvas) == pytest.approx(125)


def test_esc_gives_a_box_up_and_the_tool_stays(qtbot: QtBot, workspace: Workspace) -> None:
    canvas = workspace.canvas
    canvas.use_zoom_box()
    tool = canvas.tool
    qtbot.mousePress(canvas, LEFT, pos=QPoint(300, 200))
    qtbot.mouseMove(canvas, QPoint(500, 350))
    assert tool.preview().box is not None
    qtbot.keyClick(canvas, Key.Key_Escape)
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(500, 350))
    assert denominator(canvas) == pytest.approx(500)
    assert canvas.tool is tool
    qtbot.keyClick(canvas, Key.Key_Escape)
    assert canvas.tool is not tool


def test_z_zooms_to_a_box_and_leaves_what_is_drawn_alone(
    qtbot: QtBot, workspace: Workspace
) -> None:
    canvas = workspace.canvas
    workspace.use_tool("draw.pipe_line")
    for place in (PLACES["A"], (428_010.0, 4_528_010.0)):
        qtbot.mouseClick(canvas, LEFT, pos=pixel(canvas, place))
    before = canvas.tool.preview().shapes
    assert before
    qtbot.keyPress(canvas, Key.Key_Z)
    drag(qtbot, canvas, (300, 200), (400, 240), (500, 350))
    qtbot.keyRelease(canvas, Key.Key_Z)
    assert denominator(canvas) == pytest.approx(125)
    assert isinstance(canvas.tool, SketchTool)
    assert canvas.tool.preview().shapes == before


def test_esc_in_a_box_with_z_leaves_what_is_drawn_alone(qtbot: QtBot, workspace: Workspace) -> None:
    canvas = workspace.canvas
    workspace.use_tool("draw.pipe_line")
    qtbot.mouseClick(canvas, LEFT, pos=pixel(canvas, PLACES["A"]))
    qtbot.mouseClick(canvas, LEFT, pos=pixel(canvas, PLACES["B"]))
    before = canvas.tool.preview().shapes
    qtbot.keyPress(canvas, Key.Key_Z)
    qtbot.mousePress(canvas, LEFT, pos=QPoint(300, 200))
    qtbot.mouseMove(canvas, QPoint(500, 350))
    qtbot.keyClick(canvas, Key.Key_Escape)
    qtbot.mouseRelease(canvas, LEFT, pos=QPoint(500, 350))
    assert denominator(canvas) == pytest.approx(500)
    assert canvas.tool.preview().shapes == before


@pytest.mark.parametrize(
    ("keys", "factor"),
    [(Keys.ShiftModifier, 1 / 4), (Keys.ShiftModifier | Keys.AltModifier, 4)],
    ids=["shift", "shift and alt"],
)
def test_shift_and_a_drag_with_the_pan_tool_zoom_to_a_box(
    qtbot: QtBot, workspace: Workspace, keys: Qt.KeyboardModifier, factor: float
) -> None:
    canvas = workspace.canvas
    workspace.use_tool("pan")
    drag(qtbot, canvas, (300, 200), (500, 350), keys=keys)
    assert denominator(canvas) == pytest.approx(500 * factor)


def test_the_action_hands_the_mouse_over_and_back(qtbot: QtBot, window: MainWindow) -> None:
    assert window.workspace is not None
    canvas, action = window.workspace.canvas, window.actions_by_id["zoom-box"]
    before = canvas.tool
    action.trigger()
    assert canvas.tool is not before
    assert action.isChecked()
    assert not window.actions_by_id["identify"].isChecked()
    qtbot.keyClick(canvas, Key.Key_Escape)
    assert canvas.tool is before
    assert window.actions_by_id["identify"].isChecked()


# a locked scale


def test_a_locked_scale_does_not_zoom_but_moves(qtbot: QtBot, workspace: Workspace) -> None:
    canvas, said = workspace.canvas, list[str]()
    canvas.lock_scale(True)
    canvas.hint_changed.connect(said.append)
    wheel(canvas, 360)
    pinch_on_pad(canvas, Qt.NativeGestureType.ZoomNativeGesture, 0.5)
    assert "locked" in said[-1]
    canvas.show_extent((0, 0, 10, 10))
    assert (canvas.frame.center_x, canvas.frame.center_y) == (5, 5)
    canvas.use_zoom_box()
    middle = canvas.frame.to_map(400, 275)
    drag(qtbot, canvas, (300, 200), (500, 350))
    near = canvas.frame.m_per_px
    assert canvas.frame.center_x == pytest.approx(middle[0], abs=near)
    assert canvas.frame.center_y == pytest.approx(middle[1], abs=near)
    assert denominator(canvas) == pytest.approx(500)
