"""The field calculator: what was written, and its value for each of many rows; pure.

The language is that of spreadsheets: ``[管径] * 2``, ``如果(水深 > 3, "深", "浅")``.
It is read here sign by sign, so that nothing but known names reaches the evaluator (simpleeval).
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from hjgis.errors import EditRefused
from hjgis.i18n import _, label
from hjgis.models import expression_functions as functions
from hjgis.models.assets import AssetType, Catalogue
from hjgis.models.expression_functions import Function
from hjgis.models.expression_values import (
    CALCULATION,
    ROW_ERRORS,
    code_names,
    evaluator,
    in_words,
    sound,
)
from hjgis.models.measures import measure
from hjgis.models.reading import LayerTable

_LONGEST: Final = 2_000
_DEEPEST: Final = 60
_SIGNS: Final[Mapping[str, str]] = {
    "（": "(", "）": ")", "，": ",", "、": ",", "；": ",",
    "＋": "+", "－": "-", "＊": "*", "／": "/",
    "×": "*", "÷": "/", "＝": "=", "≠": "!=", "≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "％": "%",
    "＆": "&", "＾": "^", "！": "!", "．": ".", "　": " ",
    **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
}  # fmt: skip
_QUOTES: Final[Mapping[str, str]] = {'"': '"', "'": "'", "“": "”", "‘": "’", "＂": "＂"}
_BRACKETS: Final[Mapping[str, str]] = {"[": "]", "【": "】", "［": "］"}
_OPERATORS: Final = (
    ("<>", "!="), ("==", "=="), ("!=", "!="), (">=", ">="), ("<=", "<="), ("**", "**"),
    ("=", "=="), ("^", "**"), *((sign, sign) for sign in "+-*/%&<>(),"),
)  # fmt: skip
_WORDS: Final[Mapping[str, str]] = {
    "且": "and", "并且": "and", "and": "and", "或": "or", "或者": "or", "or": "or",
    "非": "not", "not": "not", "空值": "None", "空": "None", "null": "None", "none": "None",
    "是": "True", "真": "True", "true": "True", "否": "False", "假": "False", "false": "False",
}  # fmt: skip
_IDENTIFIER: Final = "n{}"


class ExpressionError(EditRefused):
    """What was written cannot be understood; `position` is the sign (from 0) where it stops."""

    def __init__(self, message: str, position: int) -> None:
        place = _("Character {number}: {what}").format(number=position + 1, what=message)
        super().__init__(place)
        self.position = position


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression that was understood.

    Attributes
    ----------
    fields : tuple of str
        What it reads.
    needs_geometry : bool
        Whether it asks for lengths, areas or places.
    """

    text: str
    asset: AssetType
    fields: tuple[str, ...]
    needs_geometry: bool
    _tree: ast.expr
    _names: Mapping[str, str]
    _catalogue: Catalogue

    def evaluate(self, table: LayerTable) -> tuple[list[Any], dict[int, str]]:
        """Return the value for each row, and why there is none where that is so.

        Parameters
        ----------
        table : LayerTable
            Rows with at least `fields`, and with geometry where that is needed.

        Returns
        -------
        list
            One value a row: text, number, yes or no, None where something is missing or wrong.
        dict of int to str
            Row to reason, in words.
        """
        machine = evaluator()
        columns = [(name, self._column(what, table)) for name, what in self._names.items()]
        values: list[Any] = []
        troubles: dict[int, str] = {}
        for row in range(len(table.fids)):
            for name, column in columns:
                machine.names[name] = column(row)
            try:
                values.append(sound(machine.eval(self.text, previously_parsed=self._tree)))
            except ROW_ERRORS as error:
                values.append(None)
                troubles[row] = in_words(error)
        return values, troubles

    def _column(self, what: str, table: LayerTable) -> Callable[[int], Any]:
        if what.startswith("@"):
            assert table.geometry is not None
            measured = measure(what, table.geometry)
            return lambda row: None if math.isnan(measured[row]) else float(measured[row])
        values = table.columns[what]
        field = self.asset.field(what)
        if field.type != "code":
            return lambda row: values[row]
        named = code_names(field, self._catalogue)
        return lambda row: named(values[row])


def parse(text: str, asset: AssetType, catalogue: Catalogue) -> Expression:
    """Read an expression over the fields of an asset type.

    Fields are named by their label or name, with or without square brackets; signs may be
    full-width, as Chinese input methods type them.

    Raises
    ------
    ExpressionError
        If it is empty, or not understood; the message says where and why, in words.
    """
    if not text.strip():
        raise ExpressionError(_("nothing is written yet"), 0)
    if len(text) > _LONGEST:
        raise ExpressionError(
            _("longer than {limit} characters").format(limit=_LONGEST), len(text) - 1
        )
    source = _Source(text, asset)
    source.read()
    tree = _tree(source)
    fields = tuple(dict.fromkeys(n for n in source.names.values() if not n.startswith("@")))
    geometry = any(name.startswith("@") for name in source.names.values())
    return Expression(text, asset, fields, geometry, tree, source.names, catalogue)


class _Source:
    """Turns what was written into what Python's grammar reads; `at` says where each sign was."""

    def __init__(self, text: str, asset: AssetType) -> None:
        self.text = text
        self.out = ""
        self.at: list[int] = []
        self.names: dict[str, str] = {}
        self._asset = asset
        self._fields = field_words(asset)
        self._open: list[int] = []

    def read(self) -> None:
        place = 0
        while place < len(self.text):
            place = self._step(place)
        if self._open:
            raise ExpressionError(_("this bracket is not closed"), self._open[-1])

    def _step(self, place: int) -> int:
        sign = self.text[place]
        if sign in _QUOTES:
            return self._quoted(place, _QUOTES[sign])
        if sign in _BRACKETS:
            return self._bracketed(place, _BRACKETS[sign])
        plain = _SIGNS.get(sign, sign)
        if plain.isspace():
            self._put(" ", place)
            return place + 1
        if plain.isdigit() or plain == ".":
            return self._number(place)
        if plain.isalpha() or plain == "_":
            return self._word(place)
        return self._operator(place)

    def _put(self, out: str, place: int) -> None:
        self.out += out
        self.at += [place] * len(out)

    def _quoted(self, place: int, closing: str) -> int:
        content, at = "", place + 1
        while at < len(self.text):
            if self.text[at] == closing:
                if self.text[at + 1 : at + 2] != closing:
                    self._put(repr(content), place)
                    return at + 1
                at += 1
            content += self.text[at]
            at += 1
        raise ExpressionError(_("this quotation mark is not closed"), place)

    def _bracketed(self, place: int, closing: str) -> int:
        end = self.text.find(closing, place)
        if end < 0:
            raise ExpressionError(_("this bracket is not closed"), place)
        self._field(self.text[place + 1 : end], place)
        return end + 1

    def _number(self, place: int) -> int:
        end, digits = place, ""
        while end < len(self.text):
            sign = _SIGNS.get(self.text[end], self.text[end])
            exponent = sign in "eE" and self.text[end + 1 : end + 2].isdigit()
            if not (sign.isascii() and (sign.isdigit() or sign == "." or exponent)):
                break
            digits += sign
            end += 1
        try:
            value = float(digits)
        except ValueError:
            raise ExpressionError(
                _("{value} is not a number").format(value=self.text[place : end + 1]), place
            ) from None
        if not math.isfinite(value):
            raise ExpressionError(_("the number is too large"), place)
        whole = value.is_integer() and "." not in digits and abs(value) < 2**53
        self._put(f" {int(value) if whole else value!r} ", place)
        return end

    def _word(self, place: int) -> int:
        end = place
        while end < len(self.text) and (self.text[end].isalnum() or self.text[end] == "_"):
            end += 1
        word = self.text[place:end]
        after = end + len(self.text[end:]) - len(self.text[end:].lstrip(" 　"))
        called = self.text[after : after + 1] in ("(", "（")
        function = functions.BY_NAME.get(word.casefold())
        if called and function is not None:
            return self._function(function, place, after)
        if word.casefold() in _WORDS and word.casefold() not in self._fields:
            self._put(f" {_WORDS[word.casefold()]} ", place)
        elif called:
            raise ExpressionError(_("there is no function {name}").format(name=word), place)
        else:
            self._field(word, place)
        return end

    def _function(self, function: Function, place: int, bracket: int) -> int:
        for key, known in functions.MEASURES.items():
            if known is function:
                rest = self.text[bracket + 1 :].lstrip(" 　")
                if rest[:1] not in (")", "）"):
                    message = _("{name} takes nothing between its brackets")
                    raise ExpressionError(message.format(name=function.name), place)
                self._name(f"@{key}", place)
                return len(self.text) - len(rest) + 1
        # The evaluator sees the function's number, whatever it was called.
        self._put(f" f{functions.ALL.index(function)}", place)
        return bracket

    def _field(self, word: str, place: int) -> None:
        name = self._fields.get(word.strip().casefold())
        if name is None:
            message = _("there is no field {name} in {layer}; the list beside shows all")
            layer = label(self._asset.label)
            raise ExpressionError(message.format(name=word.strip() or "[]", layer=layer), place)
        self._name(name, place)

    def _name(self, what: str, place: int) -> None:
        known = {field: name for name, field in self.names.items()}
        name = known.get(what) or _IDENTIFIER.format(len(self.names))
        self.names[name] = what
        self._put(f" {name} ", place)

    def _operator(self, place: int) -> int:
        ahead = "".join(_SIGNS.get(sign, sign) for sign in self.text[place : place + 2])
        for written, meant in _OPERATORS:
            if ahead.startswith(written):
                self._note_bracket(written, place)
                self._put(meant, place)
                # ≥ is one sign that stands for two.
                wide = len(_SIGNS.get(self.text[place], self.text[place]))
                return place + (1 if wide == len(written) or wide > 1 else len(written))
        raise ExpressionError(_("{sign} means nothing here").format(sign=self.text[place]), place)

    def _note_bracket(self, sign: str, place: int) -> None:
        if sign == "(":
            self._open.append(place)
            if len(self._open) > _DEEPEST:
                raise ExpressionError(_("too many brackets inside each other"), place)
        elif sign == ")":
            if not self._open:
                raise ExpressionError(_("this bracket was not opened"), place)
            self._open.pop()


def field_words(asset: AssetType) -> dict[str, str]:
    """Return what each field may be called, in small letters, and its name."""
    words: dict[str, str] = {}
    for field in asset.fields:
        for word in (field.name, *field.label.values()):
            words.setdefault(word.strip().casefold(), field.name)
            if field.unit:
                words.setdefault(f"{word.strip()} ({field.unit})".casefold(), field.name)
    return words


def _tree(source: _Source) -> ast.expr:
    written = source.out.lstrip()
    shift = len(source.out) - len(written)
    try:
        tree = ast.parse(written, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        # What is missing at the end has no place.
        offset = getattr(error, "offset", None) or len(written) + 1
        column = offset - 1 + shift
        raise ExpressionError(*_syntax(source, column)) from None
    for node in ast.walk(tree):
        _check_node(node, source, written, shift)
    return tree


def _syntax(source: _Source, column: int) -> tuple[str, int]:
    if column >= len(source.out.rstrip()):
        return _("something is missing at the end"), len(source.text) - 1
    place = source.at[min(column, len(source.at) - 1)]
    return _("something is missing or too much here"), place


def _check_node(node: ast.AST, source: _Source, written: str, shift: int) -> None:
    if isinstance(node, ast.BinOp) and not isinstance(node.op, _NODES):
        # Two signs side by side may be an operator of the grammar that is none of ours.
        left = written.encode()[: node.left.end_col_offset].decode(errors="ignore")
        behind = len(written) - len(written[len(left) :].lstrip())
        at = source.at[min(behind + shift, len(source.at) - 1)]
        raise ExpressionError(_("something is missing or too much here"), at)
    if not isinstance(node, _NODES):
        at = _place(node, source, written, shift)
        raise ExpressionError(_("something is missing or too much here"), at)
    if isinstance(node, ast.Call):
        at = _place(node, source, written, shift)
        if not isinstance(node.func, ast.Name) or node.func.id[:1] != "f" or node.keywords:
            raise ExpressionError(_("something is missing or too much here"), at)
        function = functions.ALL[int(node.func.id[1:])]
        low, high = function.arguments
        if not low <= len(node.args) <= high:
            many = f"{low}" if low == high else f"{low}–{high}"
            message = _("{name} takes {count} values between its brackets, not {given}")
            facts = {"name": function.name, "count": many, "given": len(node.args)}
            raise ExpressionError(message.format(**facts), at)


def _place(node: ast.AST, source: _Source, written: str, shift: int) -> int:
    # Columns of the grammar count bytes.
    before = written.encode()[: getattr(node, "col_offset", 0)].decode(errors="ignore")
    return source.at[min(len(before) + shift, len(source.at) - 1)]


_NODES: Final = (
    ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Call, ast.Name, ast.Constant, ast.Load,
    ast.boolop, *CALCULATION,
)  # fmt: skip
