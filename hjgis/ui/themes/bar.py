"""Above the layer list: which theme the map shows."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from hjgis.i18n import _, label
from hjgis.models.changes import Announcement
from hjgis.models.themes import FACT, Theme
from hjgis.ui.page_parts import FittingBox
from hjgis.ui.theme import flat_button
from hjgis.ui.themes.on_map import ThemeOnMap
from hjgis.ui.themes.shelf import Shelf
from hjgis.ui.workspace import Workspace


class ThemeBar(QWidget):
    """Chooses a theme for the map; `edit_wanted` asks for the window of themes."""

    edit_wanted = Signal()

    def __init__(self, workspace: Workspace, on_map: ThemeOnMap) -> None:
        super().__init__()
        self._project, self._on_map = workspace.project, on_map
        self._themes: tuple[Theme, ...] = ()
        self.combo = FittingBox()
        self.combo.setAccessibleName(_("Theme of the map"))
        self.combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.edit = flat_button("themes", _("Make and change themes"))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 4, 4)
        row.setSpacing(4)
        row.addWidget(QLabel(_("Theme")))
        row.addWidget(self.combo, 1)
        row.addWidget(self.edit)
        self.edit.clicked.connect(self.edit_wanted)
        self.combo.activated.connect(self._choose)
        on_map.changed.connect(self.refresh)
        workspace.bridge.changed.connect(self._heard)
        self._fill()
        self.refresh()

    def refresh(self) -> None:
        """Show which theme is on the map."""
        shown = self._on_map.theme
        if shown is not None and shown not in self._themes:
            self._fill()
        self.combo.setCurrentIndex(0 if shown is None else self._themes.index(shown) + 1)
        tip = _("Show a theme on the map; edits are followed")
        self.combo.setToolTip(f"{self.combo.currentText()}\n{tip}" if shown else tip)

    def _fill(self) -> None:
        self._themes, shown = Shelf(self._project).themes, self._on_map.theme
        if shown is not None and shown not in self._themes:
            # Shown without being kept, as in a project that is only read.
            self._themes = (shown, *self._themes)
        self.combo.clear()
        self.combo.addItem(_("No theme"))
        for one in self._themes:
            self.combo.addItem(label(one.label))

    def _choose(self, at: int) -> None:
        self._on_map.show(self._themes[at - 1] if at > 0 else None)

    def _heard(self, announcement: Announcement) -> None:
        if FACT in announcement.facts:
            self._fill()
            self.refresh()
