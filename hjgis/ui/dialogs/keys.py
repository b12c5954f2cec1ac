"""All keys, to search: by what they do, or by the key itself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QPushButton, QVBoxLayout, QWidget

from hjgis.i18n import _
from hjgis.ui.dialogs.lists import button_row
from hjgis.ui.dialogs.project_lists.searched import Row, SearchedTable
from hjgis.ui.page_parts import MARGINS, muted


class KeysDialog(QDialog):
    """Stays open beside the map.

    Parameters
    ----------
    keys : sequence of (str, str)
        What is done, and the keys that do it.
    """

    def __init__(self, keys: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Keys"))
        self.table = SearchedTable([_("Command"), _("Keys")], [0, 240])
        self.table.show_rows([Row(words, (words, pressed)) for words, pressed in keys])
        on_map = _(
            "On the map: wheel or pinch zooms, middle button or Space drags, a double click of the "
            "middle button shows everything, holding Z and pulling a box zooms there (Shift or "
            "Alt: out), arrows move (Shift: a page), + and - or Page Up and Page Down zoom, the "
            "mouse's side buttons go to the previous and next view, Backspace takes the last "
            "point back, Enter or right click finishes, Esc cancels."
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.addWidget(self.table, 1)
        column.addWidget(muted(on_map))
        column.addLayout(button_row(self, ()))
        for made in self.findChildren(QPushButton):
            # Enter in the line is for the list.
            made.setAutoDefault(False)
            made.setDefault(False)
        self.resize(560, 600)
