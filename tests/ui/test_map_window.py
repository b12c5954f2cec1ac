"""The window that makes maps, with mouse and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QInputMethodEvent, QPainter, QWheelEvent
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from hjgis.cartography.composition import compose
from hjgis.cartography.painting import paint_sheet
from hjgis.layers.project import Project
from hjgis.models.own_sheets import read_sheets
from hjgis.models.sheets import FACT, sheet
from hjgis.ui.bridge import Bridge
from hjgis.ui.dialogs import confirming
from hjgis.ui.jobs import Jobs
from hjgis.ui.mapsheet.scales import next_scale, odd_scale, read_scale
from hjgis.ui.mapsheet.window import MapWindow

LEFT = Qt.MouseButton.LeftButton
PLAIN = Qt.KeyboardModifier.NoModifier
Opened = Callable[[], MapWindow]


@pytest.fixture
def opened(qtbot, project: Project, keys) -> Iterator[Opened]:  # type: ignore[no-untyped-def]
    """Opens the window as often as wanted, painted and at rest."""
    jobs, bridge, made = Jobs(), Bridge(project.session), []

    def open_one() -> MapWindow:
        seen = project.extent()
        assert seen is not None
        window = MapWindow(project, jobs, bridge, seen=lambda: seen)
        qtbot.addWidget(window)
        window.resize(1320, 700)
        window.show()
        made.append(window)
        rest(qtbot, window)
        return window

    yield open_one
    for window in made:
        window.hide()
    jobs.stop()


@pytest.fixture
def window(opened: Opened) -> MapWindow:
    return opened()


def rest(qtbot, window: MapWindow) -> None:  # type: ignore[no-untyped-def]
    """Wait until the page is painted and no job runs."""

    def is_at_rest() -> bool:
        late = window._timer.isActive() or window.page.is_late
        return not late and not window.painting.busy and not window.delivery.is_writing

    qtbot.waitUntil(is_at_rest, timeout=30_000)
    assert window.painting.picture is not None


def drag(window: MapWindow, start: QPointF, by: QPoint, keys: Qt.KeyboardModifier = PLAIN) -> None:
    first = start.toPoint()
    QTest.mousePress(window.page, LEFT, keys, first)
    for part in (0.3, 0.7, 1.0):
        place = first + QPoint(round(by.x() * part), round(by.y() * part))
        move(window, place, keys)
    QTest.mouseRelease(window.page, LEFT, keys, first + by)


def move(window: MapWindow, place: QPoint, keys: Qt.KeyboardModifier) -> None:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    at = QPointF(place)
    event = QMouseEvent(QEvent.Type.MouseMove, at, at, LEFT, LEFT, keys)
    QApplication.sendEvent(window.page, event)


def middle_of(window: MapWindow, item_id: str) -> QPointF:
    page = window.page
    return page.rect_of(page.box_of(window.design.wish.sheet.item(item_id))).center()


def place(window: MapWindow):  # type: ignore[no-untyped-def]
    picture = window.painting.picture
    assert picture is not None
    return picture.composition.place


# -- the page ----------------------------------------------------------------------------


def test_the_preview_is_the_page(window: MapWindow) -> None:
    picture = window.painting.picture
    assert picture is not None
    window.page.fit()
    composition = compose(window.design.wish.job(window._project))
    image = QImage(picture.image.size(), QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    paint_sheet(painter, composition, px_per_mm=picture.px_per_mm)
    painter.end()
    assert (picture.left_px, picture.top_px) == (0, 0)
    assert image == picture.image


def test_what_was_moved_is_painted_as_it_is_exported(qtbot, window: MapWindow) -> None:
    QTest.mouseClick(window.page, LEFT, PLAIN, middle_of(window, "facts").toPoint())
    QTest.keyClick(window.page, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    window.choices.title.setText("雨水管网图")
    rest(qtbot, window)
    picture = window.painting.picture
    assert picture is not None
    fresh = compose(window.design.wish.job(window._project))
    assert picture.composition.items == fresh.items
    assert picture.composition.title == fresh.title == "雨水管网图"
    assert picture.composition.notes == fresh.notes
    assert picture.composition.words == fresh.words


def test_dragging_the_map_moves_the_place_and_keeps_the_scale(qtbot, window: MapWindow) -> None:
    before = place(window)
    start = window.page.rect_of(window.design.wish.sheet.map_mm).center()
    drag(window, start, QPoint(-60, 30))
    rest(qtbot, window)
    after = place(window)
    m_per_px = before.scale / 1000 / (window.page.px_per_mm / window.page.devicePixelRatioF())
    assert after.scale == before.scale == window.design.wish.scale
    assert after.center[0] - before.center[0] == pytest.approx(60 * m_per_px)
    assert after.center[1] - before.center[1] == pytest.approx(30 * m_per_px)
    assert window.choices.place.currentData() == "free"
    window.undo.click()
    rest(qtbot, window)
    assert place(window).center == before.center
    assert window.choices.place.currentData() == "all"


def test_the_wheel_with_ctrl_changes_the_scale_by_usual_steps(qtbot, window: MapWindow) -> None:
    scale = place(window).scale
    spot = QPointF(window.page.rect().center())
    event = QWheelEvent(
        spot,
        spot,
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(window.page, event)
    rest(qtbot, window)
    assert place(window).scale == next_scale(scale, 1) > scale


def test_the_plain_wheel_looks_closer_and_changes_nothing(qtbot, window: MapWindow) -> None:
    wish, zoom = window.design.wish, window.page.zoom
    spot = QPointF(window.page.rect().center())
    buttons, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(spot, spot, QPoint(), QPoint(0, 240), buttons, PLAIN, phase, False)
    QApplication.sendEvent(window.page, event)
    rest(qtbot, window)
    assert window.page.zoom > zoom
    assert window.design.wish == wish
    picture = window.painting.picture
    assert picture is not None
    assert picture.px_per_mm == window.page.px_per_mm
    window.real.click()
    assert window.page.zoom == pytest.approx(1.0)


# -- what stands on it -------------------------------------------------------------------


def test_an_item_snaps_to_the_middle_of_the_paper(qtbot, window: MapWindow) -> None:
    window.choices.title.setText("")
    title = window.design.wish.sheet.item("title")
    width = window.design.wish.sheet.paper_mm[0]
    zoom = window.page.px_per_mm / window.page.devicePixelRatioF()
    away_px = (width / 2 - (title.box.x + title.box.width / 2)) * zoom
    drag(window, middle_of(window, "title"), QPoint(round(away_px) + 3, 0))
    moved = window.design.wish.sheet.item("title").box
    assert moved.x + moved.width / 2 == pytest.approx(width / 2, abs=0.01)
    assert moved.width == title.box.width


def test_alt_moves_without_snapping(window: MapWindow) -> None:
    before = window.design.wish.sheet.item("title").box
    drag(window, middle_of(window, "title"), QPoint(2, 1), Qt.KeyboardModifier.AltModifier)
    zoom = window.page.px_per_mm / window.page.devicePixelRatioF()
    after = window.design.wish.sheet.item("title").box
    assert after.x - before.x == pytest.approx(2 / zoom, abs=0.01)


def test_a_flowing_item_stays_where_it_is_dropped(qtbot, window: MapWindow) -> None:
    north = window.design.wish.sheet.item("north")
    assert north.flow == "start"
    was = window.page.box_of(north)
    drag(window, middle_of(window, "north"), QPoint(-150, 60), Qt.KeyboardModifier.AltModifier)
    rest(qtbot, window)
    north = window.design.wish.sheet.item("north")
    zoom = window.page.px_per_mm / window.page.devicePixelRatioF()
    assert north.flow == ""
    assert (north.box.x, north.box.y) == pytest.approx((was.x - 150 / zoom, was.y + 60 / zoom))


def test_arrow_keys_move_by_a_millimetre_and_are_one_step(qtbot, window: MapWindow) -> None:
    QTest.mouseClick(window.page, LEFT, PLAIN, middle_of(window, "title").toPoint())
    before = window.design.wish.sheet.item("title").box
    for _press in range(3):
        QTest.keyClick(window.page, Qt.Key.Key_Down)
    QTest.keyClick(window.page, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    after = window.design.wish.sheet.item("title").box
    assert (after.x, after.y) == pytest.approx((before.x - 10, before.y + 3))
    window.design.undo()
    assert window.design.wish.sheet.item("title").box == before
    window.design.redo()
    assert window.design.wish.sheet.item("title").box == after


def test_a_handle_changes_the_size_of_the_map_and_not_its_scale(qtbot, window: MapWindow) -> None:
    before, box = place(window), window.design.wish.sheet.map_mm
    window.choices.scale.setCurrentText("1:500")
    window.choices._choose_scale()
    rest(qtbot, window)
    window.page.choose("map")
    corner = window.page.rect_of(box).bottomRight()
    drag(window, corner, QPoint(-80, -40), Qt.KeyboardModifier.AltModifier)
    rest(qtbot, window)
    after = window.design.wish.sheet.map_mm
    assert (after.x, after.y) == (box.x, box.y)
    assert after.width < box.width
    assert after.height < box.height
    assert place(window).scale == 500
    assert place(window).center == before.center


def test_a_locked_item_stays_where_it_is(window: MapWindow) -> None:
    QTest.mouseClick(window.page, LEFT, PLAIN, middle_of(window, "title").toPoint())
    window.items.locked.click()
    box = window.design.wish.sheet.item("title").box
    drag(window, middle_of(window, "title"), QPoint(40, 0))
    QTest.keyClick(window.page, Qt.Key.Key_Right)
    assert window.design.wish.sheet.item("title").box == box


def test_items_are_switched_off_and_on_in_the_list(qtbot, window: MapWindow) -> None:
    row = [item.id for item in window.design.wish.sheet.items].index("legend")
    window.items.list.item(row).setCheckState(Qt.CheckState.Unchecked)
    rest(qtbot, window)
    picture = window.painting.picture
    assert picture is not None
    assert "legend" not in {item.id for item in picture.composition.items}
    window.design.undo()
    assert window.items.list.item(row).checkState() == Qt.CheckState.Checked


def test_a_text_is_added_written_and_deleted(qtbot, window: MapWindow) -> None:
    window.items.add_text.click()
    item = window.items.item
    assert item is not None
    QTest.keyClicks(window.items.text, "Draft")
    assert window.design.wish.sheet.item(item.id).text == "Draft"
    rest(qtbot, window)
    window.page.setFocus()
    QTest.keyClick(window.page, Qt.Key.Key_Delete)
    assert item.id not in {one.id for one in window.design.wish.sheet.items}
    assert window.painting.picture is not None


def test_what_is_being_composed_is_not_on_the_page_yet(window: MapWindow) -> None:
    window.items.add_text.click()
    item = window.items.item
    assert item is not None
    window.items.text.clear()
    QApplication.sendEvent(window.items.text, QInputMethodEvent("caogao", []))
    QTest.keyClick(window.items.text, Qt.Key.Key_Escape)
    assert window.design.wish.sheet.item(item.id).text == ""
    done = QInputMethodEvent("", [])
    done.setCommitString("草稿")
    QApplication.sendEvent(window.items.text, done)
    assert window.design.wish.sheet.item(item.id).text == "草稿"


def test_a_logo_comes_from_a_file_and_bad_ones_are_refused_in_words(
    qtbot, window: MapWindow, tmp_path: Path
) -> None:
    image = QImage(40, 20, QImage.Format.Format_RGB32)
    image.fill(0xFF0000)
    image.save(str(tmp_path / "logo.png"))
    window.items.set_logo(tmp_path / "logo.png")
    rest(qtbot, window)
    picture = window.painting.picture
    assert picture is not None
    assert "logo" in {item.kind for item in picture.composition.items}
    wish = window.design.wish
    (tmp_path / "logo.txt").write_text("no picture")
    window.items.set_logo(tmp_path / "logo.txt")
    assert "PNG, JPEG or SVG" in window.delivery.said.text()
    assert window.design.wish == wish


# -- what is kept ------------------------------------------------------------------------


def test_a_changed_layout_keeps_itself_and_comes_back(
    qtbot, opened: Opened, project: Project
) -> None:
    window = opened()
    QTest.mouseClick(window.page, LEFT, PLAIN, middle_of(window, "title").toPoint())
    QTest.keyClick(window.page, Qt.Key.Key_Down)
    box = window.design.wish.sheet.item("title").box
    QTest.keyClick(window, Qt.Key.Key_Escape)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    (kept,) = read_sheets(project.info(FACT)).sheets
    assert kept.item("title").box == box
    again = opened()
    again.choices.form.setCurrentText(kept.id)
    again.choices.form.activated.emit(again.choices.form.currentIndex())
    rest(qtbot, again)
    assert again.design.wish.sheet == kept


def test_nothing_is_stored_when_nothing_was_laid_out(opened: Opened, project: Project) -> None:
    before = project.info(FACT)
    opened().close()
    assert project.info(FACT) == before


def test_layouts_are_named_renamed_started_with_and_deleted(
    opened: Opened, project: Project
) -> None:
    window = opened()
    item = replace(window.design.wish.sheet.item("secrecy"), shown=False)
    window.design.change(window.design.wish.with_item(item))
    window.layouts.keep_as("局办用图")
    window.layouts.refresh()
    window.layouts.usual.trigger()
    window.layouts.rename_to("局办用图二")
    own = read_sheets(project.info(FACT))
    assert (own.names, own.usual) == (("局办用图二",), "局办用图二")
    window.layouts.rename_to("a3-landscape")
    assert "already" in window.delivery.said.text()
    window.close()
    again = opened()
    assert again.design.wish.sheet.id == "局办用图二"
    again.layouts.back_to_form()
    assert again.design.wish.sheet.item("secrecy").shown
    again.layouts.delete.trigger()
    assert read_sheets(project.info(FACT)).names == ()
    assert again.design.wish.sheet == sheet("a3-landscape")
    project.session.undo()
    assert read_sheets(project.info(FACT)).names == ("局办用图二",)
    assert again.choices.form.findText("局办用图二", Qt.MatchFlag.MatchStartsWith) >= 0


def test_a_theme_remembers_its_paper(qtbot, opened: Opened, tmp_path: Path) -> None:
    window = opened()
    window.choices.paper.setCurrentText("A4")
    window.choices.paper.activated.emit(window.choices.paper.currentIndex())
    with qtbot.waitSignal(window.delivery.delivered, timeout=30_000):
        window.delivery.export_to(tmp_path / "map.pdf")
    window.close()
    again = opened()
    assert again.design.wish.sheet == sheet("a4-landscape")
    assert again.design.wish.theme == window.design.wish.theme


# -- what is wrong is said ---------------------------------------------------------------


def test_an_empty_project_says_so_where_the_page_would_be(qtbot, tmp_path, project) -> None:  # type: ignore[no-untyped-def]
    jobs, bridge = Jobs(), Bridge(project.session)
    window = MapWindow(project, jobs, bridge)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: "empty" in window.page._words, timeout=20_000)
    window.hide()
    jobs.stop()


def test_a_selection_of_nothing_is_said(window: MapWindow) -> None:
    wish = window.design.wish
    window._choose_place("selection")
    assert "Nothing is selected" in window.choices.said.text()
    assert window.design.wish == wish
    assert window.choices.place.currentData() == "all"


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("1:5000", 5000),
        ("1：2 000", 2000),
        ("500", 500),
        ("1:2.5万", 25_000),
        ("1:5 000 000", 5_000_000),
        ("1:50", 50),
        ("", None),
        ("0", None),
        ("one", None),
        ("-5", None),
        ("1.2.3", None),
    ],
)
def test_scales_are_read_as_people_type_them(text: str, scale: float | None) -> None:
    assert read_scale(text) == scale


def test_a_scale_that_is_none_changes_nothing(window: MapWindow) -> None:
    wish = window.design.wish
    window.choices.scale.setEditText("one to many")
    window.choices._choose_scale()
    assert "is no scale" in window.choices.said.text()
    assert window.design.wish == wish


def test_an_unwritable_target_is_said(qtbot, window: MapWindow, tmp_path: Path) -> None:
    window.delivery.export_to(tmp_path / "nowhere" / "map.pdf")
    rest(qtbot, window)
    assert "cannot be written" in window.delivery.said.text()
    assert not window.delivery.bar.isVisible()


# -- it leaves the window ----------------------------------------------------------------


@pytest.mark.parametrize("ending", [".pdf", ".png", ".svg", ".tif"])
def test_the_page_is_exported(qtbot, window: MapWindow, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"map{ending}"
    window.delivery.dpi.setValue(72)
    with qtbot.waitSignal(window.delivery.delivered, timeout=30_000):
        window.delivery.export_to(out)
    assert out.stat().st_size > 1000
    assert out.name in window.delivery.said.text()


def test_the_page_is_printed_in_its_size(qtbot, window: MapWindow, tmp_path: Path) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))
    with qtbot.waitSignal(window.delivery.delivered, timeout=30_000):
        window.delivery.print_on(printer)
    (page,) = pypdf.PdfReader(tmp_path / "printed.pdf").pages
    sides = sorted(float(side) * 25.4 / 72 for side in (page.mediabox.width, page.mediabox.height))
    assert sides == pytest.approx([297, 420], abs=0.5)


def test_smaller_paper_in_the_printer_is_said() -> None:
    from PySide6.QtGui import QPageSize

    from hjgis.ui.mapsheet.delivering import paper_trouble, set_up_printer

    printer = QPrinter()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    made = sheet("a3-landscape")
    set_up_printer(printer, made)
    assert paper_trouble(printer, made) == ""
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    assert "cut off" in paper_trouble(printer, made)


def test_a_print_that_nobody_agrees_to_is_none(
    window: MapWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtGui import QPageSize

    asked: list[str] = []

    def question(_parent: object, _title: str, words: str, _verb: str, *, final: bool) -> bool:
        asked.append(words)
        return not final

    def agree(dialog: QPrintDialog) -> int:
        dialog.printer().setPageSize(QPageSize(QPageSize.PageSizeId.A5))
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(confirming, "agreed", question)
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", lambda: ["One"])
    monkeypatch.setattr(QPrintDialog, "exec", lambda _dialog: QDialog.DialogCode.Rejected)
    window.delivery.ask_print()
    assert not window.delivery.is_writing
    assert window.delivery.said.text() == ""
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", list)
    window.delivery.ask_print()
    assert "no printer" in window.delivery.said.text()
    monkeypatch.setattr(QPrintDialog, "exec", agree)
    window.delivery.ask_print()
    assert "cut off" in asked[0]
    assert "210" in asked[0] or "148" in asked[0]
    assert not window.delivery.is_writing


def test_the_picture_is_copied(qtbot, window: MapWindow) -> None:
    window.delivery.copy_picture()
    rest(qtbot, window)
    assert QGuiApplication.clipboard().image().width() == round(420 / 25.4 * 150)


def test_a_change_of_the_project_is_painted(qtbot, window: MapWindow, project: Project) -> None:
    from hjgis.edits.move import move_features

    key = _manholes(project)[0]
    before = window.painting.picture
    project.session.apply(move_features(project, [key], 5.0, 5.0))
    rest(qtbot, window)
    assert window.painting.picture is not before


def test_a_series_is_written_as_ticked(qtbot, window: MapWindow, tmp_path: Path) -> None:
    keys = _manholes(window._project)
    window._selected_keys = lambda: keys
    dialog = window.series_dialog()
    dialog.show()
    dialog.kind.setCurrentIndex(dialog.kind.findData("selected"))
    qtbot.waitUntil(lambda: dialog.sheets.count() == len(keys) and not dialog.busy, timeout=20_000)
    dialog.sheets.item(0).setCheckState(Qt.CheckState.Unchecked)
    dialog.index.setChecked(False)
    with qtbot.waitSignal(window.delivery.delivered, timeout=60_000):
        dialog.write_to(tmp_path / "series.pdf")
    assert len(pypdf.PdfReader(tmp_path / "series.pdf").pages) == len(keys) - 1
    assert not dialog.isVisible()


def test_all_sheets_of_a_series_are_ticked_and_none(qtbot, window: MapWindow) -> None:
    keys = _manholes(window._project)
    window._selected_keys = lambda: keys
    dialog = window.series_dialog()
    dialog.show()
    dialog.kind.setCurrentIndex(dialog.kind.findData("selected"))
    qtbot.waitUntil(lambda: dialog.sheets.count() == len(keys) and not dialog.busy, timeout=20_000)
    qtbot.mouseClick(dialog.none, Qt.MouseButton.LeftButton)
    states = {dialog.sheets.item(row).checkState() for row in range(dialog.sheets.count())}
    assert states == {Qt.CheckState.Unchecked}
    assert not dialog.write.isEnabled()
    qtbot.mouseClick(dialog.all, Qt.MouseButton.LeftButton)
    assert dialog.write.isEnabled()
    assert str(dialog.sheets.count()) in dialog.said.text()


def test_a_series_that_cannot_be_is_said(qtbot, window: MapWindow) -> None:
    dialog = window.series_dialog()
    dialog.show()
    dialog.kind.setCurrentIndex(dialog.kind.findData("selected"))
    qtbot.waitUntil(lambda: not dialog.busy and "…" not in dialog.said.text(), timeout=20_000)
    assert dialog.said.text()
    assert not dialog.write.isEnabled()
    dialog.close()


def _manholes(project: Project):  # type: ignore[no-untyped-def]
    from hjgis.models.changes import FeatureKey

    table = project.table("manhole", [], geometry=False)
    return [FeatureKey("manhole", str(uuid)) for uuid in table.uuids]


def test_the_figures_of_the_theme_are_written_as_on_the_page(
    qtbot, window: MapWindow, tmp_path: Path
) -> None:
    from openpyxl import load_workbook

    project = window._project
    about = next(
        one
        for one in window.choices.themes.themes
        if one.summary is not None and project.count(one.summary.layer)
    )
    window.choose_theme(about)
    rest(qtbot, window)
    page = compose(window.design.wish.job(project))
    assert page.figures is not None
    out = tmp_path / "figures.xlsx"
    with qtbot.waitSignal(window.delivery._jobs.finished):
        window.delivery.figures_to(out)
    cells = list(load_workbook(out).active.iter_rows(min_row=3, values_only=True))
    assert list(cells[0][: len(page.figures.header)]) == list(page.figures.header)
    assert len(page.figures.rows) > 0
    for row, told in zip(cells[1:], page.figures.rows, strict=False):
        assert list(row[: len(told)]) == list(told)


def test_a_theme_without_figures_offers_none(qtbot, window: MapWindow) -> None:
    bare = next(one for one in window.choices.themes.themes if one.summary is None)
    window.choose_theme(bare)
    assert not window.delivery.figures_button.isEnabled()
    assert window.delivery.figures_button.toolTip()


def test_an_item_goes_back_to_its_usual_place(qtbot, window: MapWindow) -> None:
    usual = window.design.wish.sheet.item("legend")
    window.items.choose("legend")
    assert not window.items.usual_place.isEnabled()
    window.page.choose("legend")
    QTest.keyClick(window.page, Qt.Key.Key_Left)
    assert window.design.wish.sheet.item("legend").flow == ""
    assert window.items.usual_place.isEnabled()
    window.items.usual_place.click()
    assert window.design.wish.sheet.item("legend") == usual
    window.design.undo()
    assert window.design.wish.sheet.item("legend").flow == ""


@pytest.mark.parametrize("scale", [50.0, 5_000_000.0])
def test_a_scale_at_which_there_is_no_map_is_refused_and_the_page_stays(
    window: MapWindow, scale: float
) -> None:
    assert odd_scale(500.0) == ""
    before = window.design.wish
    window.choices.scale.setEditText(f"1:{scale:.0f}")
    window.choices._choose_scale()
    assert window.design.wish == before
    assert window.choices.said.text() == odd_scale(scale) != ""


def test_the_preview_can_be_stopped_and_the_next_change_paints_it(qtbot, window: MapWindow) -> None:
    painted = window.painting.picture
    window.choices.title.setText("One")
    window._paint()
    assert window.stop_painting.isVisible()
    window.stop_painting.click()
    assert not window.painting.busy
    assert not window.stop_painting.isVisible()
    assert window.painting_words.text()
    assert window.painting.picture is painted
    window.choices.title.setText("Two")
    rest(qtbot, window)
    assert window.painting.picture is not None
    assert window.painting.picture.composition.title == "Two"
    assert not window.painting_words.text()


def test_a_print_that_is_stopped_leaves_no_half_a_page(
    qtbot, window: MapWindow, tmp_path: Path
) -> None:
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "stopped.pdf"))
    with qtbot.waitSignal(window.delivery._jobs.finished):
        window.delivery.print_on(printer)
        window.delivery.cancel_button.click()
    assert not (tmp_path / "stopped.pdf").exists()
    assert window.delivery.said.text()


def test_a_page_is_looked_at_closely_and_never_lost() -> None:
    from PySide6.QtCore import QSize

    from hjgis.ui.mapsheet.lens import Lens

    lens = Lens((420.0, 297.0))
    lens.set_room(QSize(800, 600))
    assert lens.page.center().x() == pytest.approx(400, abs=1)
    assert lens.page.width() == pytest.approx(800 - 32)
    spot = QPointF(500, 200)
    under = (spot - lens.origin) / lens.zoom
    lens.zoom_at(spot, 2.0)
    assert ((spot - lens.origin) / lens.zoom - under).manhattanLength() < 1
    lens.pull_to(QPointF(-99_999, 99_999))
    assert lens.page.right() == pytest.approx(60)
    assert lens.page.top() == pytest.approx(540)
    lens.set_room(QSize(400, 300))
    assert lens.page.top() == pytest.approx(240)
    lens.set_paper((297.0, 420.0))
    assert lens.page.height() == pytest.approx(300 - 32)
