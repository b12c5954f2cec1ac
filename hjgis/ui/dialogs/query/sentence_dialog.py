"""Select by sentence: rows or words, the number of features found, saved queries."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hjgis.i18n import _, label
from hjgis.layers import querying
from hjgis.models.queries import SavedQuery
from hjgis.models.query import Query
from hjgis.models.sentence_parser import NotUnderstood, parse
from hjgis.models.sentences import problems
from hjgis.ui.composing import Composing
from hjgis.ui.dialogs.query.choosing import ChoosingDialog
from hjgis.ui.sentence.choice_box import ChoiceBox
from hjgis.ui.sentence.editor import SentenceEditor
from hjgis.ui.sentence.surroundings import Surroundings

_WORDS_PX: Final = 480


class SentenceDialog(ChoosingDialog):
    """Puts a query together; `save_wanted` carries it, `filter_wanted` too."""

    save_wanted = Signal(object)
    filter_wanted = Signal(object)

    def __init__(self, around: Surroundings, layer: str, parent: QWidget | None = None) -> None:
        super().__init__(around, parent)
        self.setWindowTitle(_("Select by conditions"))
        self.layers, self.saved = ChoiceBox(), ChoiceBox()
        self.typed, self._trouble = QLineEdit(), QLabel()
        self.editor = SentenceEditor(around)
        self._save = QPushButton(_("Save as…"))
        self._filter = QPushButton(_("Show only these on the map"))
        self._loaded: SavedQuery | None = None
        self._list_layers()
        self._lay_out()
        self.layers.chosen.connect(self._layer_chosen)
        self.saved.chosen.connect(self._saved_chosen)
        self.typed.returnPressed.connect(self.read_words)
        self.editor.changed.connect(self.recount)
        self.editor.accepted.connect(self.select)
        self._save.clicked.connect(self._save_query)
        self._filter.clicked.connect(self._filter_map)
        self.show_layer(layer)
        self.refresh()

    def _list_layers(self) -> None:
        assets = reversed(list(self.around.project.types.values()))
        self.layers.offer([(label(asset.label), asset.id) for asset in assets])

    def _lay_out(self) -> None:
        self._trouble.setObjectName("error")
        self._trouble.setWordWrap(True)
        # In a form, a text that wraps is given the height that it has when it is narrow.
        self._trouble.setMinimumWidth(_WORDS_PX)
        self._trouble.hide()
        Composing(self.typed)
        self.typed.setPlaceholderText(
            _("e.g. Nominal diameter > 300 and Material is empty; Enter puts it into rows")
        )
        above = QHBoxLayout()
        above.addWidget(self.layers, 1)
        above.addWidget(QLabel(_("Saved")))
        above.addWidget(self.saved, 1)
        form = QFormLayout()
        form.addRow(_("Layer"), above)
        form.addRow(_("In words"), self.typed)
        form.addRow("", self._trouble)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(10)
        column.addLayout(form)
        column.addWidget(self.editor, 1)
        column.addLayout(self.ways_row())
        column.addLayout(self.buttons_row(self._save, self._filter))
        self.resize(820, 460)

    def refresh(self) -> None:
        """List the saved queries and the layers anew."""
        kept = self._loaded.id if self._loaded else None
        entries = [(_("(none)"), None), *((e.name, e.id) for e in self._usable())]
        self.saved.offer(entries)
        self.saved.choose(kept)
        shown = self.layers.choice
        self._list_layers()
        self.layers.choose(shown)
        reason = self.around.project.read_only_reason or ""
        self._save.setToolTip(reason)
        self._refresh_buttons()

    def show_layer(self, layer: str) -> None:
        """Ask another layer, nothing of it yet."""
        self.layers.choose(layer)
        self._layer_chosen()

    def show_query(self, query: Query, entry: SavedQuery | None = None) -> None:
        """Show a query, and the saved one that it is."""
        self._loaded = entry
        self.saved.choose(entry.id if entry else None)
        self.layers.choose(query.layer)
        self.editor.show_query(query)
        self._tell("")

    @property
    def loaded(self) -> SavedQuery | None:
        """The saved query that is shown, perhaps changed."""
        return self._loaded

    def wanted(self) -> Query | None:
        try:
            query = self.editor.query()
        except NotUnderstood:
            query = None
        usable = query is not None and not problems(query, self.around.project.types)
        self._refresh_buttons(usable=usable)
        return query if usable else None

    def read_words(self) -> None:
        """Put what is typed in words into rows, or say what makes no sense."""
        project, text = self.around.project, self.typed.text().strip()
        if not text:
            return
        try:
            query = parse(text, str(self.layers.choice), project.types, project.catalogue)
        except NotUnderstood as error:
            self._tell(str(error))
            return
        self._tell("")
        self.editor.show_query(query)

    def _usable(self) -> list[SavedQuery]:
        return [entry for entry in querying.saved(self.around.project) if entry.query is not None]

    def _refresh_buttons(self, *, usable: bool = True) -> None:
        self._save.setEnabled(usable and not self.around.project.read_only_reason)
        layer = str(self.layers.choice)
        types = self.around.project.types
        self._filter.setEnabled(usable and layer in types and types[layer].is_spatial)

    def _tell(self, text: str) -> None:
        self._trouble.setText(text)
        self._trouble.setVisible(bool(text))

    def _layer_chosen(self) -> None:
        self._loaded = None
        self.saved.choose(None)
        self.editor.show_layer(self.around.project.asset_type(str(self.layers.choice)))

    def _saved_chosen(self) -> None:
        entry = next((e for e in self._usable() if e.id == self.saved.choice), None)
        if entry is not None and entry.query is not None:
            if entry.query.layer in self.around.project.types:
                self.show_query(entry.query, entry)
            else:
                self._tell(querying.why_not(self.around.project, entry))

    def _save_query(self) -> None:
        query = self.wanted()
        if query is not None:
            self.save_wanted.emit(query)

    def _filter_map(self) -> None:
        query = self.wanted()
        if query is not None:
            self.filter_wanted.emit(query)
