"""The words of a verdict on evidence that leaves no doubt, and on evidence that leaves some."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qbx_desktop.backtest.doubt.verdict import DEMO, LUCK, UNKNOWN, Evidence, verdict_of

GOOD = Evidence(
    net_profit=5_000.0, trades=400, days=1_500, sharpe=0.12, skew=0.0, kurtosis=4.0, trials=63, variance=0.0004,
    overfitting=0.05, splits=12_870, random_share=0.01, forward_net=900.0, forward_good=7, forward_count=9,
)  # fmt: skip


def test_worth_a_demo_needs_every_check() -> None:
    found = verdict_of(GOOD)
    assert found.word == DEMO
    assert found.deflated is not None
    assert found.deflated > 0.95
    assert "demo account" in found.message.text
    assert len(found.reasons) == 7


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"net_profit": -1.0}, LUCK),
        ({"overfitting": 0.6}, LUCK),
        ({"random_share": 0.5}, LUCK),
        ({"forward_net": -5.0}, LUCK),
        ({"trials": 100_000, "variance": 0.01}, LUCK),
        ({"overfitting": 0.3}, UNKNOWN),
        ({"trades": 12}, UNKNOWN),
        ({"days": 60}, UNKNOWN),
        ({"sharpe": None}, UNKNOWN),
        ({"forward_good": 4}, UNKNOWN),
        ({"overfitting": None, "random_share": None, "forward_net": None}, DEMO),
    ],
)
def test_one_check_is_enough_to_doubt(change: dict[str, object], word: str) -> None:
    assert verdict_of(replace(GOOD, **change)).word == word  # type: ignore[arg-type]


def test_more_trials_make_it_less_certain() -> None:
    sure = [verdict_of(replace(GOOD, trials=trials)).deflated or 0.0 for trials in (2, 63, 5_000)]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] > sure[-1]


def test_the_reasons_say_their_numbers() -> None:
    text = " ".join(each.message.text for each in verdict_of(GOOD).reasons)
    for part in ("400 trades", "63 settings", "5 %", "1500 days", "7 of 9"):
        assert part in text
