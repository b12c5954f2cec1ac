"""The window that makes a printed map: three clicks to a good sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.cartography.composition import Composition, hidden_text, scale_text
from hjgis.errors import HjgisError
from hjgis.i18n import _
from hjgis.layers.project import Project
from hjgis.models.changes import Announcement, Extent, FeatureKey
from hjgis.models.sheets import FACT, Box, Sheet
from hjgis.models.themes import FACT as THEMES
from hjgis.models.themes import Theme
from hjgis.ui.binding import screen_room
from hjgis.ui.bridge import Bridge
from hjgis.ui.dialogs.confirming import accepted
from hjgis.ui.jobs import Jobs
from hjgis.ui.mapsheet.choices import Choices
from hjgis.ui.mapsheet.delivery_bar import DeliveryBar
from hjgis.ui.mapsheet.design import Design, Where
from hjgis.ui.mapsheet.items import ItemsPanel
from hjgis.ui.mapsheet.keeping import Keeping
from hjgis.ui.mapsheet.layouts import Layouts
from hjgis.ui.mapsheet.page_view import PageView
from hjgis.ui.mapsheet.painting import Painting, Picture
from hjgis.ui.mapsheet.scales import next_scale
from hjgis.ui.mapsheet.series import SeriesDialog
from hjgis.ui.mapsheet.themes import SmallMaps
from hjgis.ui.memory import memory
from hjgis.ui.page_parts import muted
from hjgis.ui.theme import flat_button
from hjgis.ui.themes.shelf import Shelf

if TYPE_CHECKING:
    from hjgis.ui.themes.editor import ThemeEditor

_WAIT_MS: Final = 150
_SIZE: Final = QSize(1320, 700)
_SMALLEST: Final = QSize(1000, 600)
_LEFT_PX: Final = 304
_RIGHT_PX: Final = 232
_GEOMETRY: Final = "map_window"


class MapWindow(QDialog):
    """Makes sheets of a project.

    Parameters
    ----------
    seen, selected, selected_keys : callable
        What the main window shows, the box around what is selected there, if anything is, and
        what that is.
    theme : Theme, optional
        What to begin with; else with the theme of last time.
    memory : Path, optional
        File that remembers the window's size.
    """

    def __init__(
        self,
        project: Project,
        jobs: Jobs,
        bridge: Bridge,
        parent: QWidget | None = None,
        *,
        seen: Callable[[], Extent] | None = None,
        selected: Callable[[], Extent | None] | None = None,
        selected_keys: Callable[[], Sequence[FeatureKey]] | None = None,
        theme: Theme | None = None,
        memory: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Map sheet"))
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self._project, self._memory = project, memory
        self._seen, self._selected, self._selected_keys = seen, selected, selected_keys
        self._bridge = bridge
        self._theme_editor: ThemeEditor | None = None
        self._has_small_maps = False
        self.keeping, self.shelf = Keeping(project), Shelf(project)
        self.design = Design(self.keeping.first_wish(self.shelf.themes, theme), self)
        self.painting = Painting(project, self)
        self.small_maps = SmallMaps(project, self)
        # Without a parent yet: the Tab key goes the way they are laid out.
        self.choices = Choices(self.shelf, self.design)
        self.items = ItemsPanel(self.design, self.keeping.form)
        self.page = PageView(self.design.wish.sheet)
        self.delivery = DeliveryBar(project, jobs, self.design)
        self.layouts = Layouts(self.keeping, self.design, self)
        self._build_widgets()
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._connect(bridge)
        self._add_keys()
        self.choices.show_own(self.keeping.own)
        self._follow()

    # -- how it is built -----------------------------------------------------------------

    def _build_widgets(self) -> None:
        self.notes = muted()
        self.choices.layouts.setMenu(self.layouts.menu)
        self.shown_size, self.painting_words = QLabel(), QLabel()
        self.shown_size.setMinimumWidth(48)
        self.stop_painting = QToolButton()
        self.stop_painting.setText(_("Stop"))
        self.stop_painting.setAutoRaise(True)
        self.stop_painting.setToolTip(_("Do not wait for the preview; any change draws it again"))
        self.stop_painting.hide()
        self.painting_words.setObjectName("muted")
        self.painting_words.setAlignment(
            Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        )
        # On a small screen the words give way, not the page.
        self.painting_words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.undo = _tool("undo", _("Take the latest step back (Ctrl+Z)"))
        self.redo = _tool("redo", _("Do it again (Ctrl+Y)"))
        self.smaller = _tool("zoom-out", _("Look at the page from farther away (-)"))
        self.larger = _tool("zoom-in", _("Look at the page more closely (+)"))
        self.fit = _tool("full-extent", _("Show the whole page (Ctrl+0)"))
        self.real = QToolButton()
        self.real.setText("1:1")
        self.real.setAutoRaise(True)
        self.real.setToolTip(_("As large as on paper (Ctrl+1)"))

    def _lay_out(self) -> None:
        tools = QHBoxLayout()
        tools.setSpacing(2)
        for tool in (self.undo, self.redo, self.smaller, self.larger, self.fit, self.real):
            tools.addWidget(tool)
        tools.addWidget(self.shown_size)
        tools.addWidget(self.painting_words, 1)
        tools.addWidget(self.stop_painting)
        middle = QVBoxLayout()
        middle.setSpacing(4)
        middle.addLayout(tools)
        middle.addWidget(self.page, 1)
        middle.addWidget(self.notes)
        self.choices.setFixedWidth(_LEFT_PX)
        # English words are longer.
        self.items.setFixedWidth(max(_RIGHT_PX, self.items.minimumSizeHint().width()))
        parts = QHBoxLayout()
        parts.setSpacing(12)
        parts.addWidget(self.choices)
        parts.addLayout(middle, 1)
        parts.addWidget(self.items)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(parts, 1)
        column.addWidget(self.delivery)
        around = self.parentWidget()
        room = around.size() - QSize(46, 68) if around is not None else _SIZE
        # Letters half as large again leave less of a small screen.
        self.resize(room.expandedTo(_SMALLEST.boundedTo(screen_room().size())))
        if self._memory is not None:
            kept = memory(self._memory).value(_GEOMETRY)
            if isinstance(kept, QByteArray):
                self.restoreGeometry(kept)

    def _connect(self, bridge: Bridge) -> None:
        self.design.changed.connect(self._follow)
        self.choices.place_wanted.connect(self._choose_place)
        self.choices.theme_wanted.connect(self.choose_theme)
        self.choices.sheet_wanted.connect(self._choose_sheet)
        self.choices.edit_wanted.connect(self.edit_theme)
        self.page.looked.connect(self._look)
        self.page.place_moved.connect(self._move_place)
        self.page.scale_wanted.connect(self._step_scale)
        self.page.box_changed.connect(self._set_box)
        self.page.text_wanted.connect(self._edit_text)
        self.page.taken_off.connect(self.items.take_item_off)
        self.page.chosen.connect(self.items.choose)
        self.items.chosen.connect(self.page.choose)
        self.painting.painted.connect(self._show)
        self.painting.failed.connect(self._show_trouble)
        self.painting.busy_changed.connect(self._show_busy)
        self.small_maps.painted.connect(self.choices.themes.show_picture)
        self.layouts.changed.connect(self._show_own)
        self.layouts.told.connect(self.delivery.say)
        self.items.told.connect(self.delivery.say)
        self._timer.timeout.connect(self._paint)
        self.delivery.delivered.connect(self._remember)
        self.delivery.closed.connect(self.close)
        self.delivery.series_button.clicked.connect(self.ask_series)
        bridge.changed.connect(self._heard)
        for button, act in (
            (self.undo, self.design.undo),
            (self.redo, self.design.redo),
            (self.smaller, self.page.zoom_out),
            (self.larger, self.page.zoom_in),
            (self.fit, self.page.fit),
            (self.real, self.page.real_size),
            (self.stop_painting, self.stop_preview),
        ):
            button.clicked.connect(act)

    def _add_keys(self) -> None:
        for keys, act in (
            ("Ctrl+Z", self.design.undo),
            ("Ctrl+Y", self.design.redo),
            ("Ctrl+Shift+Z", self.design.redo),
            ("Ctrl+E", self.delivery.ask_export),
            ("Ctrl+P", self.delivery.ask_print),
            ("Ctrl+Shift+C", self.delivery.copy_picture),
            ("Ctrl+0", self.page.fit),
            ("Ctrl+1", self.page.real_size),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)

    # -- what is wanted ------------------------------------------------------------------

    @property
    def busy(self) -> bool:
        """Whether something is still to be painted or written."""
        return (
            self._timer.isActive()
            or self.page.is_late
            or self.painting.busy
            or self.small_maps.busy
            or self.delivery.is_writing
        )

    def choose_theme(self, about: Theme) -> None:
        """Make a map of a theme, on the paper on which it was printed last."""
        self.design.change(self.keeping.for_theme(self.design.wish, about))

    def edit_theme(self) -> ThemeEditor:
        """Show the window of themes on the theme of the map; what is kept there is shown here."""
        from hjgis.ui.themes.editor import ThemeEditor

        if self._theme_editor is None:
            self._theme_editor = ThemeEditor(self._project, self._bridge, self)
            self._theme_editor.kept.connect(self.choose_theme)
            self._theme_editor.map_wanted.connect(self.choose_theme)
        self._theme_editor.choose(self.design.wish.theme)
        self._theme_editor.show()
        return self._theme_editor

    def _choose_sheet(self, made: Sheet) -> None:
        if self.keeping.is_changed(self.design.wish.sheet):
            self.layouts.keep_changes()
        self.design.change(replace(self.design.wish, sheet=made))

    def _choose_place(self, where: Where) -> None:
        wish, extent = self.design.wish, None
        if where == "view" and self._seen is not None:
            extent = self._seen()
        elif where == "selection":
            extent = self._selected() if self._selected is not None else None
            if extent is None:
                self.choices.say(_("Nothing is selected on the map."))
                self.choices.refresh()
                return
        elif where == "free":
            if wish.center is None and self.painting.picture is not None:
                where_now = self.painting.picture.composition.place
                wish = replace(wish, center=where_now.center, scale=where_now.scale)
            self.design.change(replace(wish, where=where))
            return
        self.choices.say("")
        # Another place of another size: what fitted the old one means nothing there.
        fits = None if wish.where == "free" else wish.scale
        self.design.change(replace(wish, where=where, extent=extent, center=None, scale=fits))

    def _move_place(self, east_m: float, north_m: float) -> None:
        picture = self.painting.picture
        if picture is None:
            return
        place = picture.composition.place
        center = (place.center[0] + east_m, place.center[1] + north_m)
        wish = self.design.wish
        self.design.change(replace(wish, where="free", center=center, scale=place.scale))

    def _step_scale(self, steps: int) -> None:
        picture, wish = self.painting.picture, self.design.wish
        scale = wish.scale or (picture.composition.scale if picture is not None else None)
        if scale is not None:
            self.design.change(replace(wish, scale=next_scale(scale, steps)), gesture="scale")

    def _set_box(self, item_id: str, box: Box, by_keys: bool) -> None:
        wish = self.design.wish
        made = replace(wish.sheet.item(item_id), box=box, flow="")
        self.design.change(wish.with_item(made), gesture=f"keys {item_id}" if by_keys else "")

    def _edit_text(self, item_id: str) -> None:
        if self.design.wish.sheet.item(item_id).kind == "title":
            self.choices.title.setFocus()
            self.choices.title.selectAll()
        else:
            self.items.edit_text(item_id)

    # -- what is seen --------------------------------------------------------------------

    def _follow(self) -> None:
        self.page.show_sheet(self.design.wish.sheet)
        self.undo.setEnabled(self.design.can_undo)
        self.redo.setEnabled(self.design.can_redo)
        self._timer.start()

    def _look(self) -> None:
        self.shown_size.setText(f"{self.page.zoom:.0%}")
        self._timer.start()

    def _paint(self) -> None:
        part = self.page.seen_px
        if not self.isVisible() or part.isEmpty():
            return
        self.small_maps.pause()
        self.painting.ask(self.design.wish, self.page.px_per_mm, QRect(part))

    def _show(self, picture: Picture) -> None:
        self.page.show_picture(picture)
        self.items.show_places(picture.composition.items)
        page = picture.composition
        self.choices.show_title(picture.read.title)
        self.choices.scale.setItemText(0, _("As large as fits"))
        if picture.wish.scale is None:
            fits = _("As large as fits: {scale}").format(scale=scale_text(page.scale))
            self.choices.scale.setItemText(0, fits)
        self._show_notes(page)
        if not self._has_small_maps:
            self._has_small_maps = True
            wanted, ratio = self.choices.themes.unpainted, self.devicePixelRatioF()
            self.small_maps.want(wanted, self._middle(page), ratio=ratio)
        self.small_maps.go_on()

    def _middle(self, page: Composition) -> tuple[float, float]:
        """Return where something is to be seen close by: where the main window looks."""
        if self._seen is None:
            return page.center
        x_min, y_min, x_max, y_max = self._seen()
        return (x_min + x_max) / 2, (y_min + y_max) / 2

    def _show_notes(self, page: Composition) -> None:
        said = [scale_text(page.scale), *page.notes]
        if page.hidden:
            said.append(hidden_text(page.hidden, self._project.types))
        elif not page.layers:
            said.append(_("Pull the map, or choose another area at the left."))
        self.notes.setText(" · ".join(said))

    def _show_trouble(self, error: HjgisError) -> None:
        advice = _("Choose another theme, scale or area at the left.")
        self.page.show_words(f"{error}\n\n{advice}")
        self.notes.setText("")
        self.painting.forget()

    def _show_busy(self, busy: bool) -> None:
        self.painting_words.setText(_("Painting…") if busy else "")
        self.stop_painting.setVisible(busy)

    def stop_preview(self) -> None:
        """Leave the page as it was painted last; any change paints it anew."""
        self._timer.stop()
        self.painting.give_up()
        self.painting_words.setText(_("The preview is not up to date"))
        if self.painting.picture is None:
            self.page.show_words(_("The preview was stopped. Any change draws it again."))

    def _show_own(self) -> None:
        self.choices.show_own(self.keeping.own)

    def _heard(self, announcement: Announcement) -> None:
        if FACT in announcement.facts:
            self.keeping.refresh()
            self._show_own()
        if THEMES in announcement.facts:
            self._take_themes()
        if announcement.facts != frozenset({FACT}):
            self.painting.forget()
            self._timer.start()

    def _take_themes(self) -> None:
        """Go on with the themes as they are now; the page's own stays on it if it was deleted."""
        self.shelf.refresh()
        self.choices.themes.refresh()
        self._has_small_maps = False
        wish = self.design.wish
        self.design.change(replace(wish, theme=self.shelf.now(wish.theme) or wish.theme))
        self.choices.refresh()

    def series_dialog(self) -> SeriesDialog:
        """Return the dialog that asks which sheets of a series are wanted."""
        keys = self._selected_keys or tuple
        dialog = SeriesDialog(self._project, self.design.wish, keys, self)
        dialog.wanted.connect(self.delivery.write_series)
        return dialog

    def ask_series(self) -> None:
        """Ask which sheets of a series are wanted, and write them."""
        dialog = self.series_dialog()
        accepted(dialog)

    def _remember(self) -> None:
        self.keeping.remember(self.design.wish)

    # -- it comes and goes ---------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.page.setFocus()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if event.spontaneous():
            return
        # Nothing is lost and nothing is asked: layouts keep themselves.
        self.layouts.keep_changes()
        if self._theme_editor is not None:
            self._theme_editor.finish()
        self._timer.stop()
        self.painting.stop()
        self.small_maps.stop()
        if self._memory is not None:
            kept = memory(self._memory)
            kept.setValue(_GEOMETRY, self.saveGeometry())


def _tool(name: str, words: str) -> QToolButton:
    button = flat_button(name, words)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
