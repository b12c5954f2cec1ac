"""What stands above the fields: name, completeness, what can be done with a field, templates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QMouseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, label, listed
from hjgis.models.assets import AssetType
from hjgis.ui import theme
from hjgis.ui.form.reading import Filled
from hjgis.ui.page_parts import muted

_ICON: QSize = QSize(18, 18)


class FormHead(QWidget):
    """Signals say what somebody wants; the panel does it."""

    zoom_wanted = Signal()
    link_followed = Signal(str)
    field_wanted = Signal(str)
    pin_wanted = Signal()
    unknown_wanted = Signal()
    short_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.under, self.ends = QLabel(), muted(), QLabel()
        self.why = muted()
        self.title.setObjectName("card_title")
        for words in (self.title, self.ends):
            words.setWordWrap(True)
        self.zoom = QPushButton(_("Zoom"))
        self.bar = QProgressBar()
        self.bar.setFormat(_("Complete %p%"))
        self.bar.installEventFilter(self)
        self.pin = _button("pin", _("Pin: every new feature gets the value of this field"))
        self.pin.setCheckable(True)
        self.unknown = _button("unknown", _("Unknown: somebody has looked and does not know (?)"))
        self.short = _button("short", _("Only the fields that are in use: those filled in so far"))
        self.short.setCheckable(True)
        self._strip = QHBoxLayout()
        self._strip.setSpacing(2)
        self._missing: list[tuple[str, str]] = []
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.zoom, 0, Qt.AlignmentFlag.AlignTop)
        for button in (self.pin, self.unknown):
            self._strip.addWidget(button)
        self._strip.addStretch(1)
        self._strip.addWidget(self.short)
        # Side by side: every line above the fields is one field less on a small screen.
        second = QHBoxLayout()
        second.addWidget(self.under, 1)
        second.addWidget(self.bar, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addLayout(second)
        column.addWidget(self.why)
        column.addWidget(self.ends)
        column.addLayout(self._strip)

    def _connect(self) -> None:
        self.zoom.clicked.connect(self.zoom_wanted)
        self.ends.linkActivated.connect(self.link_followed)
        self.pin.clicked.connect(self.pin_wanted)
        self.unknown.clicked.connect(self.unknown_wanted)
        self.short.toggled.connect(self.short_wanted)

    def add_actions(self, actions: Iterable[QAction]) -> None:
        """Put buttons for actions of the window in front of the others."""
        for place, action in enumerate(actions):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAutoRaise(True)
            button.setIconSize(_ICON)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._strip.insertWidget(place, button)

    def show_filled(self, asset: AssetType, filled: Filled) -> None:
        """Show how complete the selected features are; a click lists what is missing."""
        self.bar.setVisible(bool(filled.asked))
        self.bar.setMaximum(max(filled.asked, 1))
        self.bar.setValue(filled.filled)
        self._missing = [(name, label(asset.field(name).label)) for name in filled.missing]
        clickable = bool(self._missing)
        cursor = Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor
        self.bar.setCursor(cursor)
        hint = _("Missing: {fields}. Click to go there.")
        names = listed(words for _name, words in self._missing)
        self.bar.setToolTip(hint.format(fields=names) if clickable else "")

    def missing_menu(self) -> QMenu:
        """Return the list of what is missing."""
        menu = QMenu(self)
        for name, words in self._missing:
            menu.addAction(words).triggered.connect(partial(self.field_wanted.emit, name))
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonRelease
        if watched is self.bar and pressed and self._missing:
            menu = self.missing_menu()
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.bar.mapToGlobal(self.bar.rect().bottomLeft()))
        return super().eventFilter(watched, event)


class TemplateBar(QWidget):
    """Which template new features start with."""

    chosen = Signal(str)
    save_wanted = Signal()
    edit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QComboBox()
        self.box.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.box.setToolTip(_("New features of this kind start with the values of the template."))
        self.more = QToolButton()
        self.more.setObjectName("more")
        self.more.setText("…")
        self.more.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        self.save = menu.addAction(_("Save these values as a template…"))
        self.edit = menu.addAction(_("Templates…"))
        self.more.setMenu(menu)
        name = QLabel(_("Template"))
        name.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(name)
        row.addWidget(self.box, 1)
        row.addWidget(self.more)
        self.box.activated.connect(self._choose)
        self.save.triggered.connect(self.save_wanted)
        self.edit.triggered.connect(self.edit_wanted)

    def show_templates(self, names: Sequence[str], chosen: str) -> None:
        """List templates and mark the one in use."""
        self.box.clear()
        self.box.addItem(_("none"), "")
        for name in names:
            self.box.addItem(name, name)
        self.box.setCurrentIndex(max(self.box.findData(chosen), 0))

    def _choose(self) -> None:
        self.chosen.emit(str(self.box.currentData() or ""))


def _button(icon: str, tip: str) -> QToolButton:
    button = theme.flat_button(icon, tip, _ICON.width())
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button
