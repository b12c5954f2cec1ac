"""One code of a list: a new one, another name, another stored value, one instead of two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QWidget

from hjgis.edits.recode import CODED, WORDS, Usage, Use, recode
from hjgis.errors import EditRefused
from hjgis.i18n import _, label, ngettext_
from hjgis.layers.project import Project
from hjgis.models.assets import CodeList
from hjgis.models.changes import ChangeSet
from hjgis.models.own_lists import FACT, OwnCode, split_words, store_lists
from hjgis.ui.composing import NameLine
from hjgis.ui.dialogs.project_lists.asking import AskingDialog
from hjgis.ui.page_parts import muted

_SHOWN_USES: Final = 4
UNITS: Final = "unit"


class CodeDialog(AskingDialog):
    """Asks for one code; without `code` for a new one."""

    def __init__(
        self,
        project: Project,
        list_id: str,
        code: str | None,
        used: Usage,
        parent: QWidget | None = None,
    ) -> None:
        codes = project.catalogue.codes(list_id)
        super().__init__(label(codes.label), self.make, parent)
        self._project, self._codes, self._old = project, codes, code
        self._lists, self._used = project.own_lists, used
        now = codes.get(code)
        own = self._lists.said_of(list_id, code) if code else OwnCode("")
        self.name = NameLine(label(now.label) if now else "")
        self.stored = NameLine(code or "", _("as the name") if code is None else "")
        self.words = NameLine("、".join(own.aliases), _("what else means it, such as: A, B"))
        self.credit = NameLine(own.credit_code or "", _("18 letters and digits"))
        self.class_17 = NameLine(own.class_17 or "", _("5 digits"))
        self.class_16 = NameLine(own.class_16 or "", _("4 digits"))
        self.follow = QCheckBox(_("Write the new name into text fields as well"))
        self.follow.setChecked(True)
        self.about = muted()
        # Where the name is all there is, both change together until they are told apart.
        mine = code is None or codes.open or not self._lists.is_shipped(list_id, code)
        self._together = now is not None and mine and code in now.label.values()
        self._build(code)
        self.name.textEdited.connect(self._named)
        self.stored.textChanged.connect(self._say)
        self.name.textChanged.connect(self._say)
        self.follow.toggled.connect(self._say)
        self._say()

    def _build(self, code: str | None) -> None:
        self.form.addRow(_("Name"), self.name)
        self.form.addRow(_("Stored as"), self.stored)
        self.form.addRow(_("Other words"), self.words)
        if self._codes.id == UNITS:
            self.form.addRow(_("Social credit code"), self.credit)
        classed = any(one.class_17 for one in self._codes.codes)
        if classed and (code is None or not self._lists.is_shipped(self._codes.id, code)):
            self.form.addRow(_("Component class, 17 digits"), self.class_17)
            self.form.addRow(_("Component class, 16 digits"), self.class_16)
        named = any(use.kind == WORDS for use in self._uses())
        self.form.addRow("", self.follow)
        self.form.setRowVisible(self.follow, named)
        self.form.addRow("", self.about)

    def make(self) -> ChangeSet:
        """Return the edit; a stored value that changes is changed wherever it stands."""
        list_id, stored_fact = self._codes.id, self._project.info(FACT)
        aliases = split_words(self.words.text())
        name, stored = self.name.text(), self.stored.text().strip()
        credit = self.credit.text().strip() or None
        classes = (self.class_17.text().strip() or None, self.class_16.text().strip() or None)
        if self._old is None:
            entry = OwnCode(stored or name, name, tuple(aliases), False, *classes, credit)
            return store_lists(stored_fact, self._lists.added(list_id, entry))
        lists = self._lists.renamed(list_id, self._old, name, aliases=aliases)
        said = lists.said_of(list_id, self._old)
        said = replace(said, credit_code=credit, class_17=classes[0], class_16=classes[1])
        lists = lists.with_entry(list_id, said.checked())
        if not self._recodes():
            return store_lists(stored_fact, lists)
        refuse_taken(self._codes, stored)
        refuse_locked(self._project, self._uses())
        change = (self._old, stored)
        return recode(
            self._project, lists, stored_fact, list_id, change, words=self.follow.isChecked()
        )

    def _recodes(self) -> bool:
        stored = self.stored.text().strip()
        return self._old is not None and bool(stored) and stored != self._old

    def _uses(self) -> list[Use]:
        return [*self._used.by_code.get(self._old or "", ())]

    def _named(self, text: str) -> None:
        if self._together:
            self.stored.setText(text)

    def _say(self) -> None:
        self.error.clear()
        self.follow.setEnabled(self._recodes())
        if self._old is None:
            self.about.setText(_("It is offered from now on wherever the list is."))
            return
        if not self._recodes():
            self.about.setText(_("Only the name changes: what is stored stays as it is."))
            return
        uses = [one for one in self._uses() if one.kind == CODED or self.follow.isChecked()]
        words = rewrite_words(self._project, uses)
        if self._lists.is_shipped(self._codes.id, self._old) and not self._codes.open:
            words += "\n" + shipped_words(self._old)
        self.about.setText(words)


class MergeDialog(AskingDialog):
    """Asks which code takes the place of another, or of a value that is not in the list."""

    def __init__(
        self, project: Project, list_id: str, old: str, used: Usage, parent: QWidget | None = None
    ) -> None:
        super().__init__(_("Merge"), self.make, parent, done=_("Merge"))
        self._project, self._codes, self._old = project, project.catalogue.codes(list_id), old
        self._uses = [*used.by_code.get(old, ()), *used.unlisted.get(old, ())]
        self.target = QComboBox()
        for code in self._codes.offered:
            if code.code != old:
                self.target.addItem(_named(self._codes, code.code), code.code)
        self.follow = QCheckBox(_("Write the new name into text fields as well"))
        self.follow.setChecked(True)
        self.about = muted()
        self.form.addRow(_("Instead of"), QLabel(_named(self._codes, old)))
        self.form.addRow(_("there is"), self.target)
        self.form.addRow("", self.follow)
        self.form.setRowVisible(self.follow, any(use.kind == WORDS for use in self._uses))
        self.form.addRow("", self.about)
        self.target.currentIndexChanged.connect(self._say)
        self.follow.toggled.connect(self._say)
        self._say()

    def make(self) -> ChangeSet:
        """Return the edit that stores the other code wherever one stands."""
        refuse_locked(self._project, self._uses)
        return recode(
            self._project,
            self._project.own_lists,
            self._project.info(FACT),
            self._codes.id,
            (self._old, str(self.target.currentData())),
            words=self.follow.isChecked(),
        )

    def _say(self) -> None:
        self.error.clear()
        self.ok.setEnabled(self.target.count() > 0)
        uses = [one for one in self._uses if one.kind == CODED or self.follow.isChecked()]
        parts = [rewrite_words(self._project, uses)]
        lists, target = self._project.own_lists, str(self.target.currentData())
        if lists.is_shipped(self._codes.id, self._old):
            parts.append(
                _("{name} comes with the program and is offered no longer.").format(name=self._old)
            )
        classes = {one.class_17 for one in (self._codes.get(self._old), self._codes.get(target))
                   if one is not None}  # fmt: skip
        if len(classes) > 1 and uses:
            parts.append(
                _("Their component class changes; ids stay as they are: number them anew after it.")
            )
        self.about.setText("\n".join(parts))


def refuse_taken(codes: CodeList, stored: str) -> None:
    """Refuse a stored value that is another code: that is a merge, and said to be one."""
    if codes.get(stored) is not None:
        message = _("{name} is another code of the list; merge the two instead.")
        raise EditRefused(message.format(name=stored))


def refuse_locked(project: Project, uses: Iterable[Use]) -> None:
    """Refuse to rewrite what is in a locked layer."""
    for use in uses:
        if use.layer in project.arrangement.locked:
            message = _("{layer} is locked in the layer list; unlock it first.")
            raise EditRefused(message.format(layer=label(project.asset_type(use.layer).label)))


def rewrite_words(project: Project, uses: Iterable[Use]) -> str:
    """Say what becomes another value, where."""
    found = list(uses)
    count = sum(use.count for use in found)
    if not count:
        return _("No value in the data changes.")
    words = ngettext_(
        "{count} value is rewritten, in one step that undo takes back: {where}",
        "{count} values are rewritten, in one step that undo takes back: {where}",
        count,
    )
    return words.format(count=count, where=where_words(project, found))


def where_words(project: Project, uses: Iterable[Use]) -> str:
    """Say in which fields values stand."""
    totals: dict[str, int] = {}
    for use in uses:
        place = place_words(project, use)
        totals[place] = totals.get(place, 0) + use.count
    parts = [f"{place} {count}" for place, count in totals.items()]
    more = "…" if len(parts) > _SHOWN_USES else ""
    return _("; ").join(parts[:_SHOWN_USES]) + more


def place_words(project: Project, use: Use) -> str:
    """Return layer and field in words."""
    asset = project.asset_type(use.layer)
    return f"{label(asset.label)} · {label(asset.field(use.field).label)}"


def shipped_words(code: str) -> str:
    """Say what a stored value that the program knows means to it."""
    words = _("Symbols, checks and targets that come with the program look for {code}.")
    return words.format(code=code)


def _named(codes: CodeList, code: str) -> str:
    name = codes.label_of(code)
    return code if name == code else f"{name} ({code})"
