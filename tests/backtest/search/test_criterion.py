"""Formulas: arithmetic over report fields, and nothing else."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.backtest.search.criterion import criterion, formula
from qbx_desktop.domain.errors import UserMistake

FIELDS = ("net_profit", "total_trades", "equity_drawdown_maximal")
FIGURES = {"net_profit": 100.0, "total_trades": 20.0, "equity_drawdown_maximal": 50.0}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("net_profit", 100.0),
        ("net_profit / equity_drawdown_maximal", 2.0),
        ("net_profit * sqrt(total_trades) - 1", 100 * math.sqrt(20) - 1),
        ("-min(net_profit, total_trades)", -20.0),
        ("total_trades >= 20 and net_profit > 0", 1.0),
        ("total_trades > 20 or net_profit < 0", 0.0),
        ("2 ** 3 % 5", 3.0),
        ("log(0)", None),
        ("net_profit / (total_trades - 20)", None),
        ("1e308 * 10", None),
    ],
)
def test_formulas(text: str, value: float | None) -> None:
    assert formula(text, FIELDS).value(FIGURES) == pytest.approx(value)


def test_an_empty_figure_makes_no_value() -> None:
    assert (
        formula("net_profit + total_trades", FIELDS).value({"net_profit": 1.0, "total_trades": None}) is None
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "net_profitt",
        "__import__('os').system('true')",
        "().__class__",
        "net_profit.real",
        "[1, 2][0]",
        "lambda: 1",
        "'a' * 9",
        "True",
        "net_profit if 1 else 2",
        "max()",
        "abs(net_profit, 1)",
        "min(1, 2, key=3)",
        "print(1)",
        "1 < 2 < 3",
        "(" * 100 + "1" + ")" * 100 + "+",
        "1" * 499,
        "-" * 60 + "1",
        "net_profit; 1",
        "a := 1",
        "x" * 501,
        "1 << 2",
    ],
)
def test_everything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(UserMistake, match="cannot be used"):
        formula(text, FIELDS)


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(UserMistake, match="did you mean net_profit"):
        formula("netprofit", FIELDS)


@given(st.text(max_size=60))
def test_no_text_does_anything_but_calculate(text: str) -> None:
    try:
        value = formula(text, FIELDS).value(FIGURES)
    except UserMistake:
        return
    assert value is None or math.isfinite(value)


def test_a_broken_condition_takes_the_value_away() -> None:
    wanted = criterion("net_profit", ["total_trades >= 30"], FIELDS)
    assert wanted.value(FIGURES) is None
    assert wanted.value({**FIGURES, "total_trades": 30.0}) == 100.0
