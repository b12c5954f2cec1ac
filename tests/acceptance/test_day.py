"""One day in the office, at the real window with keys and mouse only, in Chinese."""

from __future__ import annotations

import os
from pathlib import Path

# Before the application: no display is asked for, whatever the machine has.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import pypdf
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QWidget,
)

from hjgis.ui.deliveries.dialog import DeliverDialog
from hjgis.ui.deliveries.return_dialog import ReturnDialog
from hjgis.ui.dialogs.exception import ExceptionDialog
from hjgis.ui.dialogs.fixing import FixDialog
from hjgis.ui.dialogs.importing.page import Question
from hjgis.ui.dialogs.importing.wizard import ImportDialog
from hjgis.ui.dialogs.rows import RowDialog
from hjgis.ui.dialogs.settings import SettingsDialog
from hjgis.ui.mapsheet.series import SeriesDialog
from hjgis.ui.mapsheet.window import MapWindow
from hjgis.ui.window.card import Card
from tests.acceptance.hands import Person
from tests.acceptance.others import (
    X,
    Y,
    contractor_changes,
    contractors_lamps,
    depths,
    draw_until_killed,
    survey_of_pipes,
)
from tests.photos import make_photo


def test_a_day_in_the_office(person: Person, tmp_path: Path) -> None:
    town = tmp_path / "示例镇.gpkg"
    open_the_sample(person, town)
    say_who_works(person)
    import_lamps(person, contractors_lamps(tmp_path / "from"))
    import_pipes(person, survey_of_pipes(tmp_path / "from"))
    draw_manholes(person)
    draw_pipes(person)
    draw_lamps_and_bays(person)
    attach_a_photo(person, make_photo(tmp_path / "from" / "现场.jpg"))
    check(person)
    mend_ten(person)
    accept_one(person)
    read_the_targets(person)
    make_an_a3(person, tmp_path / "材质图.pdf")
    make_a_series(person, tmp_path / "材质分幅图.pdf")
    package = deliver(person, tmp_path)
    back = contractor_changes(package, tmp_path / "back")
    take_back_in_halves(person, back, town)
    look_at_the_history(person)
    go_on_after_a_kill(person, town)


def open_the_sample(person: Person, town: Path) -> None:
    person.look("start")
    button = next(b for b in person.window.findChildren(QPushButton) if "样例" in b.text())
    with person.naming(town):
        person.click(button)
    person.wait(lambda: person.window.workspace is not None)
    assert town.is_file()
    assert "样例" in person.window.windowTitle()
    person.take_place()
    person.look("sample")


def say_who_works(person: Person) -> None:
    def answer(dialog: SettingsDialog) -> None:
        person.write(dialog._operator, "张三")
        person.look("settings", dialog)
        person.key(Qt.Key.Key_Return)

    with person.answering(SettingsDialog, answer):
        person.menu("settings")
    person.take_place()
    assert "张三" in words_on(person.window.statusBar())


def words_on(widget: QWidget) -> str:
    """Return what is written on a widget and what stands on it."""
    kinds = (QLabel, QLineEdit, QAbstractButton)
    shown = [one for kind in kinds for one in widget.findChildren(kind) if one.isVisible()]
    return " ".join(one.text() for one in shown)


# -- what others bring -----------------------------------------------------------------------


def import_lamps(person: Person, path: Path) -> None:
    def answer(dialog: ImportDialog) -> None:
        go_through(person, dialog, path, "lamps")

    before = person.space.project.count("street_lamp")
    with person.answering(ImportDialog, answer):
        person.menu("import")
    assert person.space.project.count("street_lamp") == before + 12
    person.look("lamps-imported")


def import_pipes(person: Person, path: Path) -> None:
    def answer(dialog: ImportDialog) -> None:
        go_through(person, dialog, path, "survey")

    before = person.space.project.count("pipe_line")
    with person.answering(ImportDialog, answer):
        person.menu("import")
    assert person.space.project.count("pipe_line") == before + 7
    person.look("survey-imported")


def go_through(person: Person, dialog: ImportDialog, path: Path, name: str) -> None:
    """Name a file and press Next until all is stored, accepting what is proposed."""
    person.look(f"{name}-file", dialog)
    person.type(str(path))
    person.key(Qt.Key.Key_Return)
    while True:
        person.wait(lambda: not dialog.busy)
        QApplication.processEvents()
        person.look(f"{name}-{dialog.step}", dialog)
        if dialog.step == "done":
            break
        asked = [one for one in dialog.findChildren(Question) if one.isVisible()]
        if not dialog.next.isEnabled():
            assert asked, dialog.hint.text()
            person.click(asked[0].findChildren(QPushButton)[0])
        else:
            person.key(Qt.Key.Key_Return)
    person.click(dialog.done_page.show_map)


# -- what is drawn ---------------------------------------------------------------------------

MANHOLES, STEP_M = 16, 8.0


def draw_manholes(person: Person) -> None:
    """Draw them one after the other; each is filled in before the next one."""
    project = person.space.project
    before = project.count("manhole")
    person.press("zoom-out")
    person.rest()
    person.press("draw.manhole")
    for number in range(MANHOLES):
        person.click_map(X + STEP_M * number, Y)
        person.fill(
            {
                "cover_kind": "wsjg",
                "exp_no": f"JJ{number + 1:02}",
                "ground_elev_m": f"{1041.5 - number / 100:.2f}",
                "well_depth_m": f"{2 + number / 50:.2f}",
            }
        )
        if not number:
            person.look("first-manhole")
            person.click(person.docks.attributes.head.short)
    person.look("manholes")
    assert project.count("manhole") == before + MANHOLES


def draw_pipes(person: Person) -> None:
    project = person.space.project
    before = project.count("pipe_line")
    person.press("draw.pipe_line")
    for number in range(MANHOLES - 2):
        person.click_map(X + STEP_M * number + 0.2, Y + 0.2)
        person.click_map(X + STEP_M * (number + 1) - 0.2, Y + 0.2)
        person.key(Qt.Key.Key_Return)
        if not number:
            person.look("first-pipe")
        person.press("attributes")
        person.fill({"kind": "ws", "diameter_mm": "300", "material": "球墨铸铁"})
        if not number:
            person.look("first-pipe-filled")
            person.click(person.docks.attributes.head.short)
    person.look("pipes")
    assert project.count("pipe_line") == before + MANHOLES - 2


def draw_lamps_and_bays(person: Person) -> None:
    project = person.space.project
    lamps, bays = project.count("street_lamp"), project.count("parking_bay")
    person.press("row")
    dialog = person.sees(RowDialog)
    person.choose(dialog.kind_box, "沿道路")
    person.choose(dialog.sides, "两侧")
    person.write(dialog.spacing, "20")
    person.click_map(X, Y + 8)
    # A pixel is some decimetres: the seventh lamp is to have its room whatever they are.
    person.click_map(X + 121, Y + 8)
    person.look("lamps-to-be", dialog)
    person.key(Qt.Key.Key_Return)
    assert project.count("street_lamp") == lamps + 14
    person.choose(dialog.kind_box, "沿路缘")
    person.write(dialog.count, "10")
    person.click_map(X + 10, Y + 20)
    person.click_map(X + 80, Y + 20)
    person.look("bays-to-be")
    person.key(Qt.Key.Key_Return)
    assert project.count("parking_bay") == bays + 10
    person.click(next(b for b in dialog.findChildren(QPushButton) if b.text() == "关闭"))
    person.look("street")


def attach_a_photo(person: Person, photo: Path) -> None:
    person.press("identify")
    person.click_map(X, Y)
    assert "JJ01" in words_on(person.docks.attributes)

    def attach_anyway(asking: QMessageBox) -> None:
        assert "现场.jpg" in asking.text()
        person.look("photo-from-afar", asking)
        person.click(asking.button(QMessageBox.StandardButton.Yes))

    with person.answering(QMessageBox, attach_anyway), person.naming(photo):
        person.menu("photo-add")
    person.wait(lambda: person.space.project.count("attachment") == 1)
    person.look("photo")


# -- what is wrong ---------------------------------------------------------------------------


def check(person: Person) -> None:
    person.press("check")
    panel = person.docks.issues
    person.wait(lambda: panel.report is not None and not person.space.checking.running)
    person.look("checked")
    said = panel.state.said.text()
    assert "错误" in said, said


def mend_ten(person: Person) -> None:
    """Go down the list; where the program knows what to do, let it, else pass over the rule."""
    panel, tried = person.docks.issues, 0
    assert panel.report is not None
    before, done, mended = len(panel.report.issues), [], set()

    def answer(dialog: FixDialog) -> None:
        ok = dialog._buttons.button(QDialogButtonBox.StandardButton.Ok)
        person.wait(lambda: dialog.found is not None)
        person.look(f"fix-{tried}", dialog)
        done.append(ok.isEnabled())
        if ok.isEnabled():
            mended.update(issue.id for issue in panel.chosen_issues())
            person.click(ok)
        else:
            person.key(Qt.Key.Key_Escape)

    person.press("next-finding")
    while done.count(True) < 10:
        person.wait(lambda: not panel.busy)
        assert panel.view.current is not None, tried
        tried += 1
        if panel.details.fix.isEnabled():
            with person.answering(FixDialog, answer):
                person.click(panel.details.fix)
        if panel.details.fix.isEnabled() and done[-1]:
            person.wait(lambda: not (person.space.checking.pending or person.window.jobs.busy))
            continue
        row = panel.view.visualRect(panel.view.currentIndex())
        person.click(panel.view.viewport(), row.center())
        person.key(Qt.Key.Key_Left)
        person.key(Qt.Key.Key_Left)
        person.key(Qt.Key.Key_Down)
        person.press("next-finding")
    person.look("ten-mended")
    assert len(mended) == 10
    assert len(panel.report.issues) < before
    assert not mended & {issue.id for issue in panel.report.issues}


def accept_one(person: Person) -> None:
    panel = person.docks.issues
    before = len(panel.report.issues)

    def answer(dialog: ExceptionDialog) -> None:
        person.type("现场核对过，确实如此")
        person.look("exception", dialog)
        person.key(Qt.Key.Key_Return)

    person.press("next-finding")
    with person.answering(ExceptionDialog, answer):
        person.click(panel.details.accept)
    person.wait(lambda: len(panel.report.issues) == before - 1)
    person.look("accepted")
    assert "1" in panel.state.said.text()


def read_the_targets(person: Person) -> None:
    person.press("targets")
    panel = person.docks.targets
    person.wait(lambda: panel._tasks)
    person.look("targets")
    assert "达到" in panel.summary.text()


# -- what goes out ---------------------------------------------------------------------------


def export_theme(person: Person, theme: str, out: Path) -> MapWindow:
    """Choose a theme in the window of maps and write its sheet."""
    person.press("map")
    maps = person.sees(MapWindow)
    themes = maps.choices.themes
    entry = themes.item([one.id for one in themes.themes].index(theme))
    themes.scrollToItem(entry)
    person.click(themes.viewport(), themes.visualItemRect(entry).center())
    person.wait(lambda: not maps.busy)
    person.look("map", maps)
    with person.naming(out):
        person.click(maps.delivery.export_button)
    person.wait(lambda: out.name in maps.delivery.said.text())
    return maps


def make_an_a3(person: Person, out: Path) -> None:
    export_theme(person, "pipe_material", out)
    (page,) = pypdf.PdfReader(out).pages
    assert [round(float(side) * 25.4 / 72) for side in page.mediabox[2:]] == [420, 297]
    assert "地下管线材质图" in "".join(page.extract_text().split())


def make_a_series(person: Person, out: Path) -> None:
    """Of all the cells of the grid, the first three."""
    maps = person.sees(MapWindow)

    def answer(dialog: SeriesDialog) -> None:
        person.wait(lambda: not dialog.busy and dialog.sheets.count())
        person.look("series", dialog)
        person.click(dialog.none)
        dialog.sheets.setFocus()
        for _sheet in range(3):
            person.key(Qt.Key.Key_Down)
            person.key(Qt.Key.Key_Space)
        assert dialog.said.text().startswith("3"), dialog.said.text()
        with person.naming(out):
            person.click(dialog.write)

    with person.answering(SeriesDialog, answer):
        person.click(maps.delivery.series_button)
    person.wait(lambda: not maps.delivery.is_writing and out.exists())
    person.look("series-written", maps)
    # Three sheets and the index map.
    assert len(pypdf.PdfReader(out).pages) == 4
    assert out.name in maps.delivery.said.toolTip()
    person.click(maps.delivery.close_button)
    person.wait(lambda: not maps.isVisible())


def go_to(person: Person, number: str) -> None:
    """Find a manhole by its number, and see what lies around it."""
    person.press("search")
    person.type(number)
    box = person.window.search_box
    answers, role = box.view.model(), Qt.ItemDataRole.AccessibleTextRole
    rows = range(20)
    person.wait(lambda: any(number in str(answers.index(n, 0).data(role)) for n in rows))
    person.look(f"search-{number}")
    person.key(Qt.Key.Key_Return)
    person.rest()


def deliver(person: Person, folder: Path) -> Path:
    go_to(person, "JJ03")

    def answer(dialog: DeliverDialog) -> None:
        person.type("河套管网工程队")
        person.key(Qt.Key.Key_Tab)
        person.type("井盖复测")
        person.look("deliver-who", dialog)
        person.key(Qt.Key.Key_Return)
        person.click(dialog.where._by_kind["seen"], QPoint(10, 10))
        person.look("deliver-where", dialog)
        person.click(dialog.next)
        person.look("deliver-kinds", dialog)
        person.key(Qt.Key.Key_Return)
        person.look("deliver-files", dialog)
        person.key(Qt.Key.Key_Return)
        person.wait(lambda: not dialog.busy and dialog.step == "preview")
        person.look("deliver-preview", dialog)
        person.key(Qt.Key.Key_Return)
        person.wait(lambda: not dialog.busy and dialog.step == "done")
        person.look("delivered", dialog)
        assert "河套管网工程队" in dialog.done_page.said.text()
        person.key(Qt.Key.Key_Escape)

    with person.answering(DeliverDialog, answer):
        person.menu("deliver")
    (package,) = folder.glob("*.zip")
    return package


# -- what comes back -------------------------------------------------------------------------


def take_back_in_halves(person: Person, back: Path, town: Path) -> None:
    def first_half(dialog: ReturnDialog) -> None:
        show_differences(person, dialog, back, "first")
        tree = dialog.differences.differences.tree
        tree.setFocus()
        for _row in range(3):
            person.key(Qt.Key.Key_Space)
            person.key(Qt.Key.Key_Down)
        person.look("first-half", dialog)
        finish(dialog, 3)

    def second_half(dialog: ReturnDialog) -> None:
        show_differences(person, dialog, back, "second")
        finish(dialog, 3)

    def finish(dialog: ReturnDialog, count: int) -> None:
        assert str(count) in dialog.next.text(), dialog.next.text()
        person.click(dialog.next)
        person.look(f"taken-{count}", dialog)
        person.key(Qt.Key.Key_Escape)

    for half in (first_half, second_half):
        with person.answering(ReturnDialog, half):
            person.menu("take-back")
    assert depths(town) == [3.5] * 6
    person.space.canvas.setFocus()
    person.press("undo")
    person.look("half-undone")
    assert sorted(depths(town)).count(3.5) == 3


def show_differences(person: Person, dialog: ReturnDialog, back: Path, name: str) -> None:
    person.type(str(back))
    person.key(Qt.Key.Key_Return)
    person.wait(lambda: not dialog.busy and (dialog.step == "differences" or dialog.trouble.text()))
    person.look(f"return-{name}", dialog)
    # It never goes out, so that nobody misses it.
    assert "调查人" not in words_on(dialog)


def look_at_the_history(person: Person) -> None:
    go_to(person, "JJ01")
    person.press("history")
    panel = person.docks.history
    person.click(panel._only)
    person.look("history")
    rows = [item for item in panel._items() if not item.isHidden()]
    assert len(rows) >= 2
    assert {item.text(2) for item in rows} <= {"张三", "河套管网工程队"}


def go_on_after_a_kill(person: Person, town: Path) -> None:
    before = person.space.project.count("manhole")
    person.menu("close")
    person.wait(lambda: person.window.workspace is None)
    person.look("closed")
    drawn = draw_until_killed(town)
    card = next(one for one in person.window.findChildren(Card) if town.stem in words_on(one))
    person.click(card)
    person.wait(lambda: person.window.workspace is not None)
    person.take_place()
    person.look("after-the-kill")
    # The one under way when it was killed is there or not.
    assert person.space.project.count("manhole") - before in (drawn, drawn + 1)
    person.press("undo")
    assert person.space.project.count("manhole") - before in (drawn - 1, drawn)
    person.press("redo")
    assert person.space.project.count("manhole") - before in (drawn, drawn + 1)
    assert sorted(depths(town)).count(3.5) == 3
