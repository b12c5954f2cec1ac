"""How the field calculator works: operators that know what is missing, and choose first."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any, Final

from hjgis.i18n import _
from hjgis.models import expression_functions as functions
from hjgis.models.assets import Catalogue, Field, Value
from hjgis.models.expression_functions import RowTrouble
from hjgis.models.validation import display

_LARGEST: Final = 2.0**62


class CodedText(str):
    """A code's name in the language in use; its code and its other names are equal to it."""

    __slots__ = ("names",)
    names: frozenset[str]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and (str.__eq__(self, other) or str(other) in self.names)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__


def code_names(field: Field, catalogue: Catalogue) -> Callable[[Value], Value]:
    """Return what turns a stored code into its name, which knows its other names."""
    codes = catalogue.codes(field.codes or "")
    known: dict[Value, Value] = {None: None}

    def named(value: Value) -> Value:
        if value not in known:
            entry = codes.get(value)
            result = CodedText(display(field, value, catalogue))
            words = (*entry.label.values(), *entry.aliases) if entry else ()
            result.names = frozenset((str(value), *words))
            known[value] = result
        return known[value]

    return named


def evaluator() -> Any:
    """Return a simpleeval evaluator of trees whose functions are numbered; set its `names`."""
    from simpleeval import SimpleEval

    class Evaluator(SimpleEval):  # type: ignore[misc, unused-ignore]
        """Chooses before it calculates: what is not chosen may divide by zero."""

        def _eval_call(self, node: ast.Call) -> Any:
            assert isinstance(node.func, ast.Name)
            function = functions.ALL[int(node.func.id[1:])]
            if function is functions.IF:
                condition, yes, no = node.args
                return self._eval(yes if self._eval(condition) else no)
            if function is functions.OR_ELSE:
                first = self._eval(node.args[0])
                return self._eval(node.args[1]) if first in (None, "") else first
            given = [self._eval(argument) for argument in node.args]
            if not function.takes_empty and any(value is None for value in given):
                return None
            assert function.call is not None
            return function.call(*given)

    names: dict[str, Any] = {}
    return Evaluator(operators=CALCULATION, functions={}, names=names)


def _missing_goes_through(work: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def guarded(left: Any, right: Any) -> Any:
        return None if left is None or right is None else work(left, right)

    return guarded


def _of_numbers(work: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def checked(left: Any, right: Any) -> Any:
        return sound(work(functions.number(left), functions.number(right)))

    return _missing_goes_through(checked)


def _plus(left: Any, right: Any) -> Any:
    if isinstance(left, str) and isinstance(right, str):
        return functions.bounded(left + right)
    return sound(functions.number(left) + functions.number(right))


def _compare(work: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def compared(left: Any, right: Any) -> Any:
        if isinstance(left, str) and isinstance(right, str):
            return work(left, right)
        return work(functions.number(left), functions.number(right))

    return _missing_goes_through(compared)


def _power(base: Any, exponent: Any) -> Any:
    # As floats: whole numbers would grow without end.
    result = float(base) ** float(exponent)
    if isinstance(result, complex):
        raise RowTrouble(_("there is no such power of a negative number"))
    whole = isinstance(base, int) and isinstance(exponent, int) and abs(result) < 2**53
    return int(result) if whole and result.is_integer() else result


def _concat(left: Any, right: Any) -> str:
    return functions.bounded(functions.text(left) + functions.text(right))


def _negative(value: Any) -> Any:
    return None if value is None else -functions.number(value)


def _not(value: Any) -> Any:
    return None if value is None else not value


def _same(value: Any) -> Any:
    return value


CALCULATION: Final[dict[type, Callable[..., Any]]] = {
    ast.Add: _missing_goes_through(_plus),
    ast.Sub: _of_numbers(operator.sub),
    ast.Mult: _of_numbers(operator.mul),
    ast.Div: _of_numbers(operator.truediv),
    ast.Mod: _of_numbers(operator.mod),
    ast.Pow: _of_numbers(_power),
    ast.BitAnd: _concat,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: _compare(operator.gt),
    ast.GtE: _compare(operator.ge),
    ast.Lt: _compare(operator.lt),
    ast.LtE: _compare(operator.le),
    ast.Not: _not,
    ast.USub: _negative,
    ast.UAdd: _same,
}
ROW_ERRORS: Final = (
    RowTrouble, ZeroDivisionError, OverflowError, TypeError, ValueError, RecursionError,
)  # fmt: skip


def sound(value: Any) -> Any:
    """Return a result if it can be stored as a number.

    Raises
    ------
    OverflowError
        If it is too large.
    """
    if isinstance(value, CodedText):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if not math.isfinite(value) or (isinstance(value, int) and abs(value) > _LARGEST):
        raise OverflowError
    return value


def in_words(error: Exception) -> str:
    """Say why there is no value."""
    if isinstance(error, RowTrouble):
        return str(error)
    if isinstance(error, ZeroDivisionError):
        return _("division by zero")
    if isinstance(error, OverflowError):
        return _("the number is too large")
    if isinstance(error, RecursionError):
        return _("too many steps inside each other")
    return _("these values cannot be calculated with")
