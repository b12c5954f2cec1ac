"""Typed sentences understood: fields, comparisons and values in the words that people use.

    sentence   := term ((and | or) term)*        and binds closer than or
    term       := not? "(" sentence ")" | location | condition
    condition  := field comparison value?
    location   := relation distance? layer ("(" sentence ")")? distance?

Nothing has to be written in a certain way: 管径>300 且 材质为空. A connecting word counts as one
only where a field, a relation or a bracket follows, so 和平路 stays a road.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final

from hjgis.i18n import _, label
from hjgis.models.assets import AssetType, Catalogue, Field, Value
from hjgis.models.query import (
    MEASURES,
    WITHOUT_VALUE,
    Condition,
    Group,
    Location,
    Part,
    Query,
    operators_of,
)
from hjgis.models.sentences import field_words, operator_words, words
from hjgis.models.validation import BadValue, coerce

_OPENS, _CLOSES = "(", ")"
_QUOTES: Final = {'"': '"', "“": "”", "「": "」", "'": "'", "‘": "’"}
_NUMBER: Final = re.compile(r"[-+]?\d+(?:\.\d+)?")
_SHOWN: Final = 20
# Signs of a date such as 2024-05-01.
_DAY: Final = 10
_PARTLY: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "contains": str.__contains__,
    "starts": str.startswith,
    "ends": str.endswith,
}
# Deeper brackets than anybody writes.
_DEEPEST: Final = 20


class NotUnderstood(ValueError):
    """A sentence, or a part of it, that makes no sense; the message is for people."""


def parse(text: str, layer: str, types: Mapping[str, AssetType], catalogue: Catalogue) -> Query:
    """Return what a typed sentence asks of a layer's features.

    The sentence may start with the layer's name and a colon, as `sentence` writes it.

    Raises
    ------
    NotUnderstood
        Naming what makes no sense and where.
    """
    asset = types[layer]
    reader = _Reader(text, asset, types, catalogue)
    reader.skip_layer()
    parts, any_ = reader.sentence(asset, 0)
    reader.expect_end()
    return Query(layer, parts, any=any_)


def is_sentence(
    text: str, asset: AssetType, types: Mapping[str, AssetType], catalogue: Catalogue
) -> bool:
    """Whether a text is meant as a sentence: a field with a comparison, a place, or a bracket."""
    reader = _Reader(text, asset, types, catalogue)
    reader.skip_layer()
    return reader.begins()


class _Reader:
    """Reads one sentence from left to right; `_at` is where it stands."""

    def __init__(
        self,
        text: str,
        asset: AssetType,
        types: Mapping[str, AssetType],
        catalogue: Catalogue,
    ) -> None:
        self._text, self._folded = text, _folded(text)
        self._asset, self._types, self._catalogue = asset, types, catalogue
        self._at = 0

    # -- grammar -----------------------------------------------------------------------

    def sentence(self, asset: AssetType, depth: int) -> tuple[tuple[Part, ...], bool]:
        """Read terms; return them and whether one of them is enough."""
        if depth > _DEEPEST:
            raise NotUnderstood(_("There are too many brackets in one another."))
        choices: list[list[Part]] = [[self._term(asset, depth)]]
        while join := self._join(asset):
            if join == "any":
                choices.append([])
            choices[-1].append(self._term(asset, depth))
        if len(choices) == 1:
            return tuple(choices[0]), False
        grouped = [c[0] if len(c) == 1 else Group(tuple(c), "all") for c in choices]
        return tuple(grouped), True

    def _term(self, asset: AssetType, depth: int) -> Part:
        self._skip()
        start = self._at
        negative = self._take(words().joins["none"].typed) is not None
        self._skip()
        if self._peek(_OPENS):
            self._at += 1
            parts, any_ = self.sentence(asset, depth + 1)
            self._skip()
            if not self._peek(_CLOSES):
                raise self._trouble(_("A closing bracket is missing after “{text}”."), start)
            self._at += 1
            if negative:
                whole = parts if any_ or len(parts) == 1 else (Group(parts, "all"),)
                return Group(whole, "none")
            return parts[0] if len(parts) == 1 else Group(parts, "any" if any_ else "all")
        if negative:
            return Group((self._term(asset, depth + 1),), "none")
        return self._condition(asset) or self._location(depth) or self._lost(start)

    def _lost(self, start: int) -> Part:
        if start >= len(self._text.rstrip()):
            raise NotUnderstood(_("The sentence ends too early."))
        raise self._trouble(_("“{text}” is neither a field of {layer} nor a place."), start)

    def _join(self, asset: AssetType) -> str:
        start = self._at
        for way in ("all", "any"):
            self._skip()
            if self._take(words().joins[way].typed) is not None and self._starts_term(asset):
                return way
            self._at = start
        return ""

    def _starts_term(self, asset: AssetType) -> bool:
        here = self._at
        try:
            self._skip()
            self._take(words().joins["none"].typed)
            self._skip()
            return (
                self._peek(_OPENS) or self._field(asset) is not None or self._relation() is not None
            )
        finally:
            self._at = here

    # -- places ------------------------------------------------------------------------

    def _location(self, depth: int) -> Location | None:
        start = self._at
        relation = self._relation()
        if relation is None:
            return None
        distance = self._distance()
        self._fill()
        layer = self._layer()
        if layer is None:
            self._at = start
            raise self._trouble(_("“{text}” names no layer of the project."), start)
        self._skip()
        conditions: tuple[Part, ...] = ()
        any_ = False
        if self._peek(_OPENS):
            self._at += 1
            conditions, any_ = self.sentence(layer, depth + 1)
            self._skip()
            if not self._peek(_CLOSES):
                raise self._trouble(_("A closing bracket is missing after “{text}”."), start)
            self._at += 1
        distance = self._distance() if distance is None else distance
        self._fill()
        if relation == "near" and distance is None:
            raise self._trouble(_("How far, in metres? “{text}”"), start)
        if relation == "within" and distance is not None:
            relation = "near"
        return Location(relation, Query(layer.id, conditions, any=any_), distance or 0.0)

    def _relation(self) -> str | None:
        self._skip()
        known = {word: key for key, entry in words().relations.items() for word in entry.aliases}
        found = self._take(known)
        return None if found is None else known[found]

    def _layer(self) -> AssetType | None:
        self._skip()
        names = {word: asset for asset in self._types.values() for word in _called(asset)}
        found = self._take(names)
        return None if found is None else names[found]

    def skip_layer(self) -> None:
        """Pass over the layer's name at the start, if a colon follows."""
        self._skip()
        named = self._take(_called(self._asset)) is not None
        self._skip()
        self._at = self._at + 1 if named and self._peek(":") else 0

    def _distance(self) -> float | None:
        self._skip()
        found = _NUMBER.match(self._folded, self._at)
        if found is None:
            return None
        self._at = found.end()
        self._skip()
        self._take(words().units["m"].values())
        return float(found.group())

    def _fill(self) -> None:
        while True:
            self._skip()
            if self._take(words().filler) is None:
                return

    # -- conditions ----------------------------------------------------------------------

    def _condition(self, asset: AssetType) -> Condition | None:
        start = self._at
        name = self._field(asset)
        if name is None:
            return None
        field = asset.field(name) if asset.has(name) else None
        operator = self._operator(field)
        if operator is None:
            said = field_words(name, asset)
            text = _("What about {field}? After it, “{text}” is no comparison.")
            raise NotUnderstood(text.format(field=said, text=self._shown(self._at)))
        if operator in WITHOUT_VALUE:
            return Condition(name, operator)
        if operator == "between":
            return Condition(name, operator, self._pair(asset, name, field))
        text = self._value(asset)
        if not text:
            raise self._trouble(_("A value is missing after “{text}”."), start)
        if operator in ("in", "not_in"):
            listed = re.split(r"\s*[、，,;；]\s*|\s+(?:或|or)\s+", text)
            values = tuple(self._read(name, field, operator, _bare(part)) for part in listed)
            return Condition(name, operator, values)
        if field is not None and field.type == "code" and operator in _PARTLY:
            return self._codes(field, operator, _bare(text))
        return Condition(name, operator, self._read(name, field, operator, _bare(text)))

    def _codes(self, field: Field, operator: str, text: str) -> Condition:
        """Return the codes whose names are meant: what is stored for them is seldom known."""
        asked = text.casefold()
        fits = _PARTLY[operator]
        codes = self._catalogue.codes(field.codes or "").codes
        meant = [c.code for c in codes if any(fits(n.casefold(), asked) for n in c.label.values())]
        return Condition(field.name, "in", tuple(meant or [text]))

    def _field(self, asset: AssetType) -> str | None:
        self._skip()
        known = {word: key for key, entry in words().measures.items() for word in entry.typed}
        known |= {word: f.name for f in asset.fields for word in f.sources}
        known |= {word: f.name for f in asset.fields for word in (f.name, *f.label.values())}
        known |= dict.fromkeys(("any text", "任意文字", "*"), "*")
        found = self._take(known)
        return None if found is None else known[found]

    def _operator(self, field: Field | None) -> str | None:
        self._skip()
        known = {word: key for key, entry in words().operators.items() for word in entry.typed}
        found = self._take(known)
        if found is not None:
            return known[found]
        if field is not None and self._at < len(self._text) and self._text[self._at - 1].isspace():
            # 材质 混凝土
            return "="
        return None

    def _pair(self, asset: AssetType, name: str, field: Field | None) -> tuple[Value, Value]:
        text = self._value(asset)
        joins = "|".join(re.escape(word) for word in words().joins["pair"].typed)
        ends = re.split(rf"(?<=\S)\s*(?:{joins})\s*(?=\S)", text, maxsplit=1)
        if len(ends) != 2:
            said = operator_words("between", "")
            raise NotUnderstood(
                _("“{operator}” needs two values, not “{text}”.").format(operator=said, text=text)
            )
        low, high = (self._read(name, field, "between", _bare(end)) for end in ends)
        return low, high

    def _value(self, asset: AssetType) -> str:
        """Return the text up to where the sentence goes on."""
        self._skip()
        start, opened = self._at, 0
        while self._at < len(self._text):
            sign = self._text[self._at]
            if sign in _QUOTES and (self._at == start or not self._text[self._at - 1].isalnum()):
                self._at = self._after_quote(_QUOTES[sign])
                continue
            if self._peek(_CLOSES) and not opened:
                break
            opened += self._peek(_OPENS) - self._peek(_CLOSES)
            here = self._at
            joined = self._join(asset)
            self._at = here + (not joined)
            if joined:
                break
        return self._text[start : self._at].strip()

    def _after_quote(self, closing: str) -> int:
        """Return where a text in quotation marks ends; a doubled mark belongs to the text."""
        at = self._at + 1
        while (at := self._text.find(closing, at)) >= 0:
            if self._text[at : at + 2] != closing * 2:
                return at + 1
            at += 2
        return len(self._text)

    def _read(self, name: str, field: Field | None, operator: str, text: str) -> Value:
        if operator in ("in_year", "last_days") or name in MEASURES:
            found = _NUMBER.search(_folded(text).replace(",", ""))
            if found is None:
                raise NotUnderstood(_("{value} is not a number").format(value=text))
            number = float(found.group())
            return number if name in MEASURES else int(number)
        if field is None or operator in ("contains", "starts", "ends"):
            return text
        if operator not in operators_of(field.type):
            said = operator_words(operator, field.type)
            text = _("{field} cannot be asked for with “{operator}”.")
            raise NotUnderstood(text.format(field=label(field.label), operator=said))
        return read_value(field, text, self._catalogue)

    def begins(self) -> bool:
        """Whether a term begins here that goes on."""
        self._skip()
        self._take(words().joins["none"].typed)
        self._skip()
        if self._peek(_OPENS):
            self._at += 1
            return self._starts_term(self._asset)
        if self._field(self._asset) is not None:
            return self._operator(None) is not None
        return self._relation() is not None and (
            self._distance() is not None or self._layer() is not None
        )

    # -- signs -------------------------------------------------------------------------

    def expect_end(self) -> None:
        """Raise `NotUnderstood` if something is left."""
        self._skip()
        if self._at < len(self._text):
            raise self._trouble(_("“{text}” does not fit here."), self._at)

    def _skip(self) -> None:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1

    def _peek(self, sign: str) -> bool:
        return self._folded[self._at : self._at + 1] == sign

    def _take(self, known: Iterable[str]) -> str | None:
        """Pass over the longest of some words that stands here; return it as it is known."""
        best: str | None = None
        for word in known:
            folded = _folded(word)
            longer = best is None or len(word) > len(best)
            if longer and self._folded.startswith(folded, self._at) and self._ends(folded):
                best = word
        if best is not None:
            self._at += len(best)
        return best

    def _ends(self, word: str) -> bool:
        """Whether a word of Latin letters is not the beginning of a longer one."""
        after = self._folded[self._at + len(word) : self._at + len(word) + 1]
        return not (_is_latin(word[-1:]) and _is_latin(after))

    def _shown(self, start: int) -> str:
        rest = self._text[start:].strip()
        return rest if len(rest) <= _SHOWN else f"{rest[:_SHOWN]}…"

    def _trouble(self, template: str, start: int) -> NotUnderstood:
        name = label(self._asset.label)
        return NotUnderstood(template.format(text=self._shown(start), layer=name))


def read_value(field: Field, text: str, catalogue: Catalogue) -> Value:
    """Return the value that a text means, its unit left out.

    Raises
    ------
    NotUnderstood
        If the field cannot take it.
    """
    if field.unit:
        names = {field.unit, *words().units.get(field.unit, {}).values()}
        for name in sorted(names, key=len, reverse=True):
            if text.casefold().endswith(name.casefold()):
                text = text[: -len(name)].rstrip()
                break
    try:
        value = coerce(field, text, catalogue)
    except BadValue as error:
        raise NotUnderstood(f"{label(field.label)}: {error}") from error
    if value is None:
        raise NotUnderstood(_("{field}: a value is missing").format(field=label(field.label)))
    # Of a moment its day is asked for.
    return str(value)[:_DAY] if field.type == "datetime" else value


def _called(asset: AssetType) -> tuple[str, ...]:
    return (*asset.label.values(), asset.id, *words().layers.get(asset.id, ()))


def _bare(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] in _QUOTES and text[-1] == _QUOTES[text[0]]:
        return text[1:-1].replace(text[-1] * 2, text[-1])
    return text


@lru_cache(maxsize=8192)
def _folded(text: str) -> str:
    """Return a text with full-width signs and capitals made plain; its length stays."""
    return "".join(map(_folded_sign, text))


def _folded_sign(sign: str) -> str:
    plain = unicodedata.normalize("NFKC", sign).casefold()
    return plain if len(plain) == 1 else sign


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()
