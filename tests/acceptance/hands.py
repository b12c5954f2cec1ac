"""Hands on the real window: somebody who works there, and somebody who presses everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QDeadlineTimer, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QWidget,
)
from pytestqt.qtbot import QtBot

from hjgis.layers.project import Project
from hjgis.models.changes import Extent
from hjgis.settings import Settings
from hjgis.ui.actions.action_table import ACTIONS
from hjgis.ui.app import Desk, start_qt
from hjgis.ui.main_window import MainWindow
from hjgis.ui.panels.table_commands import COMMANDS
from hjgis.ui.scenes.stage import Parts
from tests.ui.mouse import pixel

_LONG_MS = 180_000
_LOOK_MS = 15
# So often a window that was answered may still be seen.
_PATIENCE = 400
_NO_KEY = Qt.KeyboardModifier.NoModifier
_LEFT = Qt.MouseButton.LeftButton
_D = TypeVar("_D", bound=QDialog)

# These end the window or put another one in its place.
_ENDING = frozenset({"close", "quit", "settings", "new", "open", "sample"})


@contextmanager
def shown(qtbot: QtBot, project: Project, *, extent: Extent | None = None) -> Iterator[MainWindow]:
    """Show a project at the size of a small laptop, the keys on the map."""
    start_qt([])
    window = MainWindow(project, Settings(operator="tester"))
    qtbot.addWidget(window)
    window.resize(1366, 768)
    window.show()
    assert window.workspace is not None
    canvas = window.workspace.canvas
    qtbot.waitUntil(lambda: not window.jobs.busy)
    if extent is not None:
        canvas.show_extent(extent)
    qtbot.waitUntil(lambda: not canvas.busy)
    canvas.setFocus()
    yield window
    window.close()


def usable(window: MainWindow) -> list[str]:
    """Return the actions that are offered as things stand."""
    assert window.workspace is not None
    state = window.workspace.state
    return [
        spec.id
        for spec in ACTIONS
        if spec.id not in _ENDING and (spec.need is None or not spec.need(state))
    ]


def press(window: MainWindow, action: str) -> list[QDialog]:
    """Do an action; return the windows that stay open beside the map.

    What waits for an answer is called off, as often as something new asks.
    """
    before = {id(dialog) for dialog in _open(window)}
    timer = QTimer(window, interval=5)
    timer.timeout.connect(_call_off)
    timer.start()
    window.do(action)
    QApplication.processEvents()
    timer.stop()
    timer.deleteLater()
    return [dialog for dialog in _open(window) if id(dialog) not in before]


def press_in_table(window: MainWindow, layer: str) -> list[str]:
    """Do everything that the table of a layer offers; return what."""
    assert window.docks is not None
    docks = window.docks
    docks.open_table(layer)
    timer = QTimer(window, interval=5)
    timer.timeout.connect(_call_off)
    timer.start()
    for command in COMMANDS:
        docks.table.do(command.id)
        QApplication.processEvents()
        for dialog in _open(window):
            dialog.reject()
    timer.stop()
    timer.deleteLater()
    return [command.id for command in COMMANDS]


def _open(window: MainWindow) -> list[QDialog]:
    return [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]


def _call_off() -> None:
    menu, asking = QApplication.activePopupWidget(), QApplication.activeModalWidget()
    if isinstance(menu, QMenu):
        menu.close()
    elif isinstance(asking, QDialog):
        asking.reject()


class Person(Parts):
    """Whoever works at the program: keys, a mouse and eyes; pictures are kept in a folder."""

    def __init__(self, desk: Desk, pictures: Path | None = None) -> None:
        self._desk, self._pictures, self._kept = desk, pictures, 0
        if pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)

    @property
    def window(self) -> MainWindow:
        """The window that is open now."""
        assert self._desk.window is not None
        return self._desk.window

    def take_place(self) -> None:
        """Give the window the size of a small laptop's screen."""
        self.window.resize(1366, 768)
        self.rest()

    # -- eyes ----------------------------------------------------------------------------

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until something is to be seen."""
        deadline = QDeadlineTimer(_LONG_MS)
        while not condition():
            assert not deadline.hasExpired(), "it never comes"
            QTest.qWait(_LOOK_MS)

    def rest(self) -> None:
        """Wait until map and work in the background stand still."""
        canvas, jobs = self.space.canvas, self.window.jobs
        self.wait(lambda: not (canvas.busy or jobs.busy))

    def look(self, name: str, at: QWidget | None = None) -> None:
        """Keep a picture of a window, of the main one if no other is named."""
        if self._pictures is None:
            return
        if at is None and self.window.workspace is not None:
            self.rest()
        QApplication.processEvents()
        self._kept += 1
        (at or self.window).grab().save(str(self._pictures / f"{self._kept:02}-{name}.png"))

    def sees(self, kind: type[_D]) -> _D:
        """Return the window of a kind that stands open beside the map."""
        found: list[_D] = []

        def look() -> bool:
            found[:] = [one for one in self.window.findChildren(kind) if one.isVisible()]
            return bool(found)

        self.wait(look)
        return found[0]

    # -- keys ----------------------------------------------------------------------------

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = _NO_KEY) -> None:
        """Press a key wherever the keyboard goes."""
        QTest.keyClick(self._target(), key, modifier)

    def type(self, text: str) -> None:
        """Type text wherever the keyboard goes, Chinese by an input method."""
        _type_into(self._target(), text)

    def write(self, line: QWidget, text: str) -> None:
        """Click into a line and type over what stands there."""
        self.click(line)
        self.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.type(text)

    def choose(self, box: QComboBox, words: str) -> None:
        """Go through a list with the arrow keys to what begins with some words."""
        texts = [box.itemText(row) for row in range(box.count())]
        row = next((row for row, text in enumerate(texts) if text.startswith(words)), None)
        assert row is not None, (words, texts)
        self._bring_to_front(box.window())
        box.setFocus(Qt.FocusReason.TabFocusReason)
        while box.currentIndex() != row:
            self.key(Qt.Key.Key_Down if box.currentIndex() < row else Qt.Key.Key_Up)

    def menu(self, action: str) -> None:
        """Choose an action from the menu bar with the keys."""
        wanted, bar = self.window.actions_by_id[action], self.window.menuBar()
        top = next(one for one in bar.actions() if _leads_to(one, wanted))
        self._bring_to_front(self.window)
        QTest.keyClick(bar, Qt.Key.Key_F10)
        bar.setActiveAction(top)
        menu = top.menu()
        assert isinstance(menu, QMenu)
        self.wait(menu.isVisible)
        while True:
            here = next(one for one in menu.actions() if _leads_to(one, wanted))
            assert here.isEnabled(), f"{action} cannot be chosen: {here.toolTip()}"
            for _step in range(len(menu.actions()) + 1):
                if menu.activeAction() is here:
                    break
                QTest.keyClick(menu, Qt.Key.Key_Down)
            assert menu.activeAction() is here
            if here is wanted:
                QTest.keyClick(menu, Qt.Key.Key_Return)
                return
            QTest.keyClick(menu, Qt.Key.Key_Right)
            inner = here.menu()
            assert isinstance(inner, QMenu)
            menu = inner

    def press(self, action: str) -> None:
        """Press the keys that the menu shows beside an action."""
        wanted = self.window.actions_by_id[action]
        assert wanted.isEnabled(), f"{action} cannot be chosen: {wanted.toolTip()}"
        keys = wanted.shortcut()[0]
        self._bring_to_front(self.window)
        QTest.keyClick(self._target(), keys.key(), keys.keyboardModifiers())

    def fill(self, values: dict[str, str]) -> None:
        """Fill in the form that is shown: Enter from field to field, then type, then Enter."""
        for name, text in values.items():
            for _press in range(80):
                if self.at(name):
                    break
                self.key(Qt.Key.Key_Return)
            assert self.at(name), f"Enter never comes to {name}"
            self.type(text)
            self.key(Qt.Key.Key_Return)

    def at(self, name: str) -> bool:
        """Say whether the cursor is in a field of the form."""
        form = self.docks.attributes._form
        return form is not None and QApplication.focusWidget() is form.editor(name).line

    def _bring_to_front(self, window: QWidget) -> None:
        """Do what a click does where there are several windows."""
        if not window.isActiveWindow():
            window.activateWindow()
            self.wait(window.isActiveWindow)

    def _target(self) -> QWidget:
        if QApplication.activeWindow() is None:
            self._bring_to_front(QApplication.activeModalWidget() or self.window)
        return QApplication.focusWidget() or self.window

    # -- mouse ---------------------------------------------------------------------------

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click a widget that is seen and can be used."""
        assert widget.isVisible(), widget
        assert widget.isEnabled(), (widget, widget.toolTip())
        if isinstance(widget, QCheckBox) and at is None:
            at = QPoint(10, widget.height() // 2)
        self._bring_to_front(widget.window())
        QTest.mouseClick(widget, _LEFT, _NO_KEY, at or widget.rect().center())

    def click_map(self, x: float, y: float) -> None:
        """Click a place on the map."""
        canvas = self.space.canvas
        at = pixel(canvas, (x, y))
        assert canvas.rect().contains(at), f"{x}, {y} is not on the map that is shown"
        assert canvas.childAt(at) is None, f"{canvas.childAt(at)} covers {x}, {y}"
        self._bring_to_front(self.window)
        QTest.mouseMove(canvas, at)
        QTest.mouseClick(canvas, _LEFT, _NO_KEY, at)

    # -- windows that wait for an answer ---------------------------------------------------

    @contextmanager
    def answering(self, kind: type[_D], answer: Callable[[_D], Any]) -> Iterator[None]:
        """Answer a window that what is done inside brings up, and only goes on after it."""
        met: list[_D] = []
        faults: list[BaseException] = []
        left = 0

        def look() -> None:
            nonlocal left
            asking = QApplication.activeModalWidget()
            if faults or asking is None:
                return
            try:
                if met and not left and asking is met[0]:
                    # Seen before, so that it runs by now and hears its buttons.
                    left = _PATIENCE
                    timer.stop()
                    answer(met[0])
                    timer.start()
                elif left:
                    left -= 1
                    assert left, f"{asking.windowTitle()} is still asking"
                elif isinstance(asking, kind):
                    met[:] = [asking]
            except BaseException as fault:  # noqa: BLE001 - told where the test runs
                faults.append(fault)
                self.look("fault", QApplication.activeModalWidget())
                _close_all()

        timer = QTimer(QApplication.instance(), interval=_LOOK_MS)
        timer.timeout.connect(look)
        timer.start()
        try:
            yield
            if not faults:
                self.wait(lambda: left or faults)
        finally:
            timer.stop()
            timer.deleteLater()
        if faults:
            raise faults[0]

    def naming(self, path: Path) -> Any:
        """Answer the question for a file with a name that is typed."""

        def answer(dialog: QFileDialog) -> None:
            name = dialog.findChild(QLineEdit, "fileNameEdit")
            buttons = dialog.findChild(QDialogButtonBox)
            assert name is not None
            assert buttons is not None
            # Its list of names that fit would take the click.
            name.setCompleter(None)
            name.selectAll()
            _type_into(name, str(path))
            kinds = QDialogButtonBox.StandardButton
            button = buttons.button(kinds.Save) or buttons.button(kinds.Open)
            QTest.mouseClick(button, _LEFT)

        return self.answering(QFileDialog, answer)


def _type_into(widget: QWidget, text: str) -> None:
    if text.isascii():
        QTest.keyClicks(widget, text)
        return
    QApplication.sendEvent(widget, QInputMethodEvent(text[:1], []))
    done = QInputMethodEvent("", [])
    done.setCommitString(text)
    QApplication.sendEvent(widget, done)


def _leads_to(entry: QAction, wanted: QAction) -> bool:
    """Say whether an entry of a menu is an action, or has it somewhere below."""
    menu = entry.menu()
    if isinstance(menu, QMenu):
        return any(_leads_to(one, wanted) for one in menu.actions())
    return entry is wanted


def _close_all() -> None:
    asking = QApplication.activeModalWidget()
    while isinstance(asking, QDialog):
        asking.reject()
        asking = QApplication.activeModalWidget()
