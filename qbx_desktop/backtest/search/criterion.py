"""What makes one result better than another: a report field, or a formula over report fields, and conditions.

A formula is parsed into Python's own syntax tree and only numbers, report fields, arithmetic, comparisons and the
functions below are taken from it; nothing is ever executed as code.
"""

from __future__ import annotations

import ast
import difflib
import math
import operator
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...domain.errors import UserMistake
from ...domain.messages import declare

_WRONG = declare("search.formula", "The formula {text!r} cannot be used: {why}. Nothing was run.")

Figures = Mapping[str, float | None]
_Node = Callable[[Figures], float | None]
_MOST_CHARACTERS, _DEEPEST = 500, 40

_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: math.pow,
    ast.Mod: math.fmod,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
# name -> (function, least and most arguments)
_FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {
    "abs": (abs, 1, 1),
    "sqrt": (math.sqrt, 1, 1),
    "log": (math.log, 1, 1),
    "exp": (math.exp, 1, 1),
    "min": (min, 2, 8),
    "max": (max, 2, 8),
}


@dataclass(frozen=True)
class Formula:
    """A checked formula. `value` is None where a figure it needs is empty or the arithmetic has no answer."""

    text: str
    fields: frozenset[str]
    _node: _Node

    def value(self, figures: Figures) -> float | None:
        """The formula's value over the figures of one result; a comparison gives 1 or 0."""
        try:
            found = self._node(figures)
        except (ArithmeticError, ValueError):
            return None
        return found if found is not None and math.isfinite(found) else None


def formula(text: str, fields: Sequence[str]) -> Formula:
    """Read a formula over `fields`. Raises UserMistake that names what is wrong with it."""
    text = text.strip()
    if not text or len(text) > _MOST_CHARACTERS:
        raise _mistake(
            text[:40], "it is empty" if not text else f"it is longer than {_MOST_CHARACTERS} characters"
        )
    try:
        with warnings.catch_warnings():
            # Python's reader warns of an odd escape in a text; texts are refused below anyway.
            warnings.simplefilter("ignore")
            tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _mistake(text, "it is not a formula such as net_profit / equity_drawdown_maximal") from None
    used: set[str] = set()
    node = _read(tree.body, text, fields, used, 0)
    return Formula(text, frozenset(used), node)


def _read(node: ast.AST, text: str, fields: Sequence[str], used: set[str], depth: int) -> _Node:
    if depth > _DEEPEST:
        raise _mistake(text, "it is nested too deeply")

    def below(child: ast.AST) -> _Node:
        return _read(child, text, fields, used, depth + 1)

    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return _constant(node, text)
    if isinstance(node, ast.Name):
        if node.id not in fields:
            near = difflib.get_close_matches(node.id, fields, n=1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise _mistake(text, f"there is no report field {node.id!r}{hint}")
        used.add(node.id)
        name = node.id
        return lambda figures: figures.get(name)
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        return _applied(_ARITHMETIC[type(node.op)], [below(node.left), below(node.right)])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return _applied(
            operator.neg if isinstance(node.op, ast.USub) else operator.pos, [below(node.operand)]
        )
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
        return _applied(_COMPARISONS[type(node.ops[0])], [below(node.left), below(node.comparators[0])])
    if isinstance(node, ast.BoolOp):
        return _applied(min if isinstance(node.op, ast.And) else max, [below(each) for each in node.values])
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
        function, least, most = _FUNCTIONS[node.func.id]
        if node.keywords or not least <= len(node.args) <= most:
            raise _mistake(text, f"{node.func.id} takes {least} to {most} values")
        return _applied(function, [below(each) for each in node.args])
    raise _mistake(
        text,
        "it may hold report fields, numbers, + - * / % **, comparisons, and, or, "
        f"and the functions {', '.join(_FUNCTIONS)} only",
    )


def _constant(node: ast.Constant, text: str) -> _Node:
    try:
        number = float(node.value)  # type: ignore[arg-type]
    except OverflowError:
        raise _mistake(text, "a number in it is too large") from None
    return lambda _: number


def _applied(function: Callable[..., Any], parts: Sequence[_Node]) -> _Node:
    def apply(figures: Figures) -> float | None:
        values = [part(figures) for part in parts]
        return None if None in values else float(function(*values))

    return apply


def _mistake(text: str, why: str) -> UserMistake:
    return UserMistake(_WRONG(text=text, why=why))


@dataclass(frozen=True)
class Criterion:
    """Higher is better; a result that breaks a condition, or has no value, ranks below every other."""

    goal: Formula
    conditions: tuple[Formula, ...] = ()

    def value(self, figures: Figures) -> float | None:
        """How good a result is; None where it does not count."""
        if any(not condition.value(figures) for condition in self.conditions):
            return None
        return self.goal.value(figures)


def criterion(goal: str, conditions: Sequence[str], fields: Sequence[str]) -> Criterion:
    """Read a criterion and its conditions. Raises UserMistake."""
    return Criterion(formula(goal, fields), tuple(formula(each, fields) for each in conditions))
