"""Step 6: the package is there and stands in the register."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton

from hjgis.delivery import package
from hjgis.i18n import _
from hjgis.ui.deliveries.wishes import Wishes, WishPage
from hjgis.ui.page_parts import column_of, heading, muted


class DonePage(WishPage):
    """Where it is, what its checksum is, and what to do next."""

    register_wanted = Signal()
    another_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._path: Path | None = None
        self.said, self.where, self.sum = QLabel(), QLabel(), QLabel()
        self.said.setObjectName("heading")
        for line in (self.said, self.where, self.sum):
            line.setWordWrap(True)
        self.open = QPushButton(_("Open the folder"))
        self.open.setObjectName("primary")
        self.copy = QPushButton(_("Copy the checksum"))
        self.register = QPushButton(_("Show the register"))
        self.another = QPushButton(_("Deliver something else"))
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.open, self.copy, self.register, self.another):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        column = column_of(self)
        column.setSpacing(14)
        column.addWidget(self.said)
        column.addWidget(self.where)
        column.addWidget(heading(_("Checksum of the manifest (SHA-256)")))
        column.addWidget(self.sum)
        column.addWidget(
            muted(
                _(
                    "With it the recipient can tell that nothing was changed on the way. What comes"
                    " back is taken in by Data exchange > Take back: only what was changed is"
                    " shown."
                )
            )
        )
        column.addLayout(row)
        column.addStretch(1)
        self.open.clicked.connect(self._open)
        self.copy.clicked.connect(self._copy)
        self.register.clicked.connect(self.register_wanted)
        self.another.clicked.connect(self.another_wanted)

    def show_wishes(self, wishes: Wishes) -> None:
        delivered = wishes.delivered
        if delivered is None:
            return
        self._path, entry = delivered.path, delivered.entry
        words = _("Delivery {name} to {who} is written and stands in the register.")
        self.said.setText(words.format(name=entry.name, who=entry.recipient))
        told = [str(delivered.path), *([package.how_opened()] if wishes.password else [])]
        self.where.setText("\n".join(told))
        self.sum.setText(entry.sha256)

    def _open(self) -> None:
        if self._path is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path.parent)))

    def _copy(self) -> None:
        QApplication.clipboard().setText(self.sum.text())
