"""What a project adds to the code lists that ship with the program, or has otherwise."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final, Self

from hjgis.errors import EditRefused
from hjgis.i18n import _, label
from hjgis.logs import Said
from hjgis.models.assets import Catalogue, Code, CodeList, Label
from hjgis.models.changes import ChangeSet, FactChange
from hjgis.models.facts import fact_content, fact_text

FACT: Final = "code_lists"
# Longer names are no names; the longest field that a list feeds takes as many.
LONGEST: Final = 100
# GB 32100-2015.
_CREDIT_SIGNS: Final = 18
_BETWEEN: Final = re.compile("[、\uff0c,\uff1b;]+")
_log = logging.getLogger("hjgis.store")


@dataclass(frozen=True, slots=True)
class OwnCode:
    """What a project says of one code: of its own, or what is otherwise with a shipped one.

    Attributes
    ----------
    name : str or None
        In every language; None: as shipped, or the code itself.
    aliases : tuple of str
        Further words that mean it.
    hidden : bool
        Shown where it is stored, but no longer offered.
    class_17, class_16 : str or None
        Component class of an own code, where its list tells the class.
    credit_code : str or None
        Unified social credit code of a unit, 18 characters.
    like : str or None
        The shipped code that an own one replaces, whose class and further data it has.
    """

    code: str
    name: str | None = None
    aliases: tuple[str, ...] = ()
    hidden: bool = False
    class_17: str | None = None
    class_16: str | None = None
    credit_code: str | None = None
    like: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing, so that a shipped code is as it ships."""
        return self == OwnCode(self.code)

    def checked(self) -> OwnCode:
        """Return the same.

        Raises
        ------
        EditRefused
            If a class or a social credit code is none.
        """
        for name, length in (("class_17", 5), ("class_16", 4)):
            given = getattr(self, name)
            if given and not (given.isascii() and given.isdigit() and len(given) == length):
                message = _("{code} is no component class: it has {length} digits.")
                raise EditRefused(message.format(code=given, length=length))
        credit = self.credit_code
        if credit and not (credit.isascii() and credit.isalnum() and len(credit) == _CREDIT_SIGNS):
            message = _("{code} is no social credit code: it has {length} letters and digits.")
            raise EditRefused(message.format(code=credit, length=_CREDIT_SIGNS))
        return self


@dataclass(frozen=True, slots=True)
class OwnLists:
    """All that a project says of code lists: list id to code to what is said of it."""

    shipped: Catalogue
    entries: Mapping[str, Mapping[str, OwnCode]]

    @classmethod
    def read(cls, text: str | None, shipped: Catalogue) -> Self:
        """Read what `text` wrote; what cannot be read is left out and logged."""
        try:
            raw = fact_content(text or "{}")
        except ValueError as error:
            _log.warning("the project's code lists are not readable: %s", error)
            raw = {}
        found: dict[str, dict[str, OwnCode]] = {}
        for list_id, rows in raw.items() if isinstance(raw, dict) else ():
            for row in rows if isinstance(rows, list) else ():
                try:
                    entry = _read(row)
                except (TypeError, KeyError, ValueError, AttributeError) as error:
                    _log.warning("a code of %s is not readable: %r", Said(list_id), error)
                else:
                    found.setdefault(list_id, {})[entry.code] = entry
        return cls(shipped, found)

    def text(self) -> str | None:
        """Return it as the project keeps it; None if it says nothing."""
        rows = {
            list_id: [_written(entry) for entry in entries.values()]
            for list_id, entries in self.entries.items()
            if entries
        }
        return fact_text(rows) if rows else None

    def catalogue(self) -> Catalogue:
        """Return the shipped catalogue with what the project says of its lists."""
        if not self.entries:
            return self.shipped
        lists = {list_id: self.code_list(list_id) for list_id in self.shipped.code_lists}
        return replace(self.shipped, code_lists=MappingProxyType(lists))

    def code_list(self, list_id: str) -> CodeList:
        """Return one list as the project has it, own codes last."""
        shipped, own = self._shipped(list_id), self.entries.get(list_id, {})
        if not own:
            return shipped
        codes = [_changed(code, own.get(code.code)) for code in shipped.codes]
        codes += [
            _made(entry, shipped.get(entry.like))
            for entry in own.values()
            if shipped.get(entry.code) is None
        ]
        return replace(shipped, codes=tuple(codes))

    def is_shipped(self, list_id: str, code: str) -> bool:
        """Whether a code comes with the program, so that it can be hidden but not deleted."""
        return self._shipped(list_id).get(code) is not None

    def said_of(self, list_id: str, code: str) -> OwnCode:
        """Return what the project says of a code."""
        return self.entries.get(list_id, {}).get(code) or OwnCode(code)

    # -- edits of the lists; each returns other lists --------------------------------------

    def added(self, list_id: str, entry: OwnCode) -> OwnLists:
        """Return the lists with one code more.

        Raises
        ------
        EditRefused
            If code or name is empty, too long, or means another code already.
        """
        name = clean_name(entry.name or entry.code)
        code = clean_name(entry.code or name)
        entry = replace(entry, code=code, name=None if name == code else name)
        self._refuse_taken(list_id, (code, name, *entry.aliases), other_than=None)
        return self.with_entry(list_id, entry.checked())

    def with_lines(self, list_id: str, text: str) -> tuple[OwnLists, list[str]]:
        """Return the lists with a code for each line of a pasted table, and why some are not in.

        A line holds name, stored value (the name where it is left out) and other words, between
        tabs as spreadsheets copy them.
        """
        result, refused = self, []
        for number, line in enumerate(text.splitlines(), start=1):
            name, code, words = [*(part.strip() for part in line.split("\t")), "", "", ""][:3]
            if not line.strip():
                continue
            entry = OwnCode(code or name, name or code, tuple(split_words(words)))
            try:
                result = result.added(list_id, entry)
            except EditRefused as error:
                refused.append(_("line {number}: {why}").format(number=number, why=error))
        return result, refused

    def renamed(
        self, list_id: str, code: str, name: str, *, aliases: Iterable[str] | None = None
    ) -> OwnLists:
        """Return the lists with another name for a code; what is stored stays.

        Raises
        ------
        EditRefused
            If the name is empty, too long, or means another code already.
        """
        now, wanted = self.said_of(list_id, code), clean_name(name)
        words = now.aliases if aliases is None else tuple(clean_name(word) for word in aliases)
        self._refuse_taken(list_id, (wanted, *words), other_than=code)
        shipped = self._shipped(list_id).get(code)
        as_shipped = shipped is not None and wanted in shipped.label.values()
        kept = None if as_shipped or (shipped is None and wanted == code) else wanted
        return self.with_entry(list_id, replace(now, name=kept, aliases=words))

    def with_hidden(self, list_id: str, code: str, *, hidden: bool) -> OwnLists:
        """Return the lists with a code no longer offered, or offered again."""
        self._code(list_id, code)
        return self.with_entry(list_id, replace(self.said_of(list_id, code), hidden=hidden))

    def without(self, list_id: str, code: str, *, uses: int = 0) -> OwnLists:
        """Return the lists without an own code.

        Parameters
        ----------
        uses : int
            How many values in the data are this code.

        Raises
        ------
        EditRefused
            If it is in use, or comes with the program.
        """
        name = self.code_list(list_id).label_of(code)
        if self.is_shipped(list_id, code):
            message = _("{name} comes with the program; it can only be offered no longer.")
            raise EditRefused(message.format(name=name))
        if uses:
            message = _("{name} is used {count} times; merge it with another or stop offering it.")
            raise EditRefused(message.format(name=name, count=uses))
        return self._dropped(list_id, code)

    def recoded(self, list_id: str, old: str, new: str) -> OwnLists:
        """Return the lists in which `new` stands for what `old` was, other data alike.

        `new` takes over the words of `old` so that files which know it by these still import.

        Raises
        ------
        EditRefused
            If neither of the two codes is in the list.
        """
        codes = self.code_list(list_id)
        before, target = codes.get(old), codes.get(new)
        result = self._dropped(list_id, old)
        if self.is_shipped(list_id, old):
            result = result.with_entry(list_id, OwnCode(old, hidden=True))
        if target is not None:
            entry = result.said_of(list_id, new)
        elif before is None:
            raise EditRefused(_("{code} is not in the list.").format(code=new))
        else:
            own = self.said_of(list_id, old)
            like = own.like or (old if self.is_shipped(list_id, old) else None)
            entry = replace(_moved(own, before, new), like=like)
        return result.with_entry(list_id, _taking_over(entry, target, old, before))

    def with_entry(self, list_id: str, entry: OwnCode) -> OwnLists:
        """Return the lists with what is said of one code replaced."""
        if entry.name == entry.code and not self.is_shipped(list_id, entry.code):
            entry = replace(entry, name=None)
        own = {**self.entries.get(list_id, {}), entry.code: entry}
        if entry.is_empty and self.is_shipped(list_id, entry.code):
            del own[entry.code]
        return replace(self, entries={**self.entries, list_id: own})

    def _dropped(self, list_id: str, code: str) -> OwnLists:
        own = {key: entry for key, entry in self.entries.get(list_id, {}).items() if key != code}
        return replace(self, entries={**self.entries, list_id: own})

    def _shipped(self, list_id: str) -> CodeList:
        try:
            return self.shipped.codes(list_id)
        except KeyError:
            raise EditRefused(_("There is no list {list}.").format(list=list_id)) from None

    def _code(self, list_id: str, code: str) -> Code:
        found = self.code_list(list_id).get(code)
        if found is None:
            raise EditRefused(_("{code} is not in the list.").format(code=code))
        return found

    def _refuse_taken(self, list_id: str, words: Iterable[str], *, other_than: str | None) -> None:
        codes = self.code_list(list_id)
        for word in words:
            taken = codes.get(codes.parse(word))
            if taken is None or taken.code == other_than:
                continue
            if taken.hidden:
                message = _("{word} is in the list already, but not offered: offer {name} again.")
            else:
                message = _("{word} is in the list already and means {name}.")
            raise EditRefused(message.format(word=word, name=codes.label_of(taken.code)))


def store_lists(stored: str | None, lists: OwnLists) -> ChangeSet:
    """Return the edit that makes these the lists of a project.

    Parameters
    ----------
    stored : str or None
        The fact `FACT` as the project has it.
    """
    text = lists.text()
    facts = (FactChange(FACT, stored, text),) if text != stored else ()
    return ChangeSet("lists.codes", facts=facts)


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """Return a name that nothing has, in small or capital letters: with a number behind it."""
    known = {name.casefold() for name in taken}
    name, number = wanted, 1
    while name.casefold() in known:
        number += 1
        name = f"{wanted} {number}"
    return name


def clean_name(text: str) -> str:
    """Return a name without needless spaces.

    Raises
    ------
    EditRefused
        If nothing is left, or it is too long for a name.
    """
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    if not name:
        raise EditRefused(_("A name is needed."))
    if len(name) > LONGEST:
        message = _("A name has {limit} characters at most; this one has {count}.")
        raise EditRefused(message.format(limit=LONGEST, count=len(name)))
    return name


def _moved(own: OwnCode, before: Code, new: str) -> OwnCode:
    """Return what a project says of a code that is stored otherwise from now on."""
    # A name that was no more than the code changes with it.
    named = own.name or (None if before.code in before.label.values() else label(before.label))
    return replace(own, code=clean_name(new), name=named, aliases=(), hidden=False)


def _taking_over(entry: OwnCode, target: Code | None, old: str, before: Code | None) -> OwnCode:
    """Return an entry that is meant by all words which meant another code."""
    words = (old, *before.label.values(), *before.aliases) if before else (old,)
    known = {entry.code, entry.name}
    if target is not None:
        known |= {*target.label.values(), *target.aliases}
    aliases = (*entry.aliases, *(word for word in words if word not in known))
    return replace(entry, aliases=tuple(dict.fromkeys(aliases)))


def split_words(text: str) -> list[str]:
    """Return the words that are written one after the other, with commas of any kind between."""
    return [word.strip() for word in _BETWEEN.split(text) if word.strip()]


def _read(row: Mapping[str, Any]) -> OwnCode:
    texts = {
        key: str(row[key])
        for key in ("name", "class_17", "class_16", "credit_code", "like")
        if row.get(key) is not None
    }
    code = str(row["code"])
    if not code:
        raise ValueError("no code")
    aliases = tuple(str(word) for word in row.get("aliases", ()))
    return OwnCode(code, aliases=aliases, hidden=bool(row.get("hidden")), **texts)


def _written(entry: OwnCode) -> dict[str, object]:
    rows: dict[str, object] = {
        "code": entry.code,
        "name": entry.name,
        "aliases": list(entry.aliases),
        "hidden": entry.hidden,
        "class_17": entry.class_17,
        "class_16": entry.class_16,
        "credit_code": entry.credit_code,
        "like": entry.like,
    }
    return {key: value for key, value in rows.items() if value}


def _changed(code: Code, own: OwnCode | None) -> Code:
    """Return a shipped code as a project has it; its shipped names go on to mean it."""
    if own is None:
        return code
    names = tuple(code.label.values()) if own.name else ()
    aliases = tuple(dict.fromkeys((*code.aliases, *names, *own.aliases)))
    return replace(
        code,
        label=_both(own.name) if own.name else code.label,
        aliases=aliases,
        hidden=own.hidden,
        extra={**code.extra, **_extra(own)},
    )


def _made(entry: OwnCode, like: Code | None) -> Code:
    return Code(
        entry.code,
        _both(entry.name or entry.code),
        class_17=entry.class_17 or (like.class_17 if like else None),
        class_16=entry.class_16 or (like.class_16 if like else None),
        aliases=entry.aliases,
        extra={**(like.extra if like else {}), **_extra(entry)},
        hidden=entry.hidden,
        of=like.of if like else (),
    )


def _both(name: str) -> Label:
    return {"en": name, "zh_CN": name}


def _extra(entry: OwnCode) -> dict[str, object]:
    return {"credit_code": entry.credit_code} if entry.credit_code else {}
