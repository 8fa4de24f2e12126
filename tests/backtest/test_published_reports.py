"""Reports that MetaTrader 5's tester printed and people published: the same trades give the same figures here.

A report tells how many trades won and lost and how much, not in which order. A sequence with as many wins, losses and
runs as the report's own figures imply must give its profit factor, payoff, AHPR, GHPR, averages and Z-score.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from .test_report import report


@dataclass(frozen=True)
class Published:
    """As printed; `runs` is the one whole number of runs that gives the printed Z-score and average series.

    `average_loss` is left out where the account pays commission: the tester books the entry's commission as a loss of
    its own, so that its average loss is not gross loss by losses.
    """

    wins: int
    losses: int
    gross_profit: float
    gross_loss: float
    profit_factor: str
    payoff: str
    ahpr: str
    ghpr: str
    average_win: str
    average_loss: str
    won_percent: str
    z_score: str
    runs: int
    series: tuple[int, int]


PUBLISHED = {
    # EURUSD H4 2010-2013, mql5.com article on a neural network, builds of that time
    "EURUSD, 1417 trades": Published(
        793, 624, 29_735.97, -20_576.39, "1.45", "6.46", "1.0005", "1.0005", "37.50", "-32.97", "55.96", "-1.24", 676,
        (2, 2),
    ),
    # USDJPY H1 2023-2025, build 4755
    "USDJPY, 2825 trades": Published(
        2_465, 360, 56_088.22, -28_720.73, "1.95", "9.69", "1.0005", "1.0005", "22.75", "", "87.26", "-2.94", 594,
        (8, 1),
    ),
    # USDJPY H1 January to April 2025, build 4755
    "USDJPY, 604 trades": Published(
        529, 75, 6_828.26, -5_794.32, "1.18", "1.71", "1.0002", "1.0002", "12.91", "", "87.58", "0.21", 133, (8, 1)
    ),
    # XAUUSD H1 January to August 2025, build 5120
    "XAUUSD, 85 trades": Published(
        64, 21, 6_505.60, -3_593.97, "1.81", "34.25", "1.0031", "1.0030", "101.65", "", "75.29", "0.55", 34, (4, 1)
    ),
}  # fmt: skip


def spread_out(total: float, count: int) -> list[float]:
    """`count` amounts in cents that add up to `total`."""
    cents = round(total * 100)
    share, left = divmod(abs(cents), count)
    sign = 1 if cents > 0 else -1
    return [sign * (share + (1 if k < left else 0)) / 100 for k in range(count)]


def sequence(one: Published) -> list[float]:
    """Wins and losses in `runs` runs, a win first."""
    wins, losses = spread_out(one.gross_profit, one.wins), spread_out(one.gross_loss, one.losses)
    made: list[float] = []
    win_runs, loss_runs = (one.runs + 1) // 2, one.runs // 2
    for k in range(one.runs):
        pile, left = (wins, win_runs - k // 2) if k % 2 == 0 else (losses, loss_runs - k // 2)
        take = len(pile) // left
        made += pile[:take]
        del pile[:take]
    assert not wins
    assert not losses
    return made


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_published_report(name: str) -> None:
    one = PUBLISHED[name]
    found = report(sequence(one), deposit=10_000.0)
    assert found["net_profit"] == pytest.approx(one.gross_profit + one.gross_loss, abs=0.005)
    assert f"{found['profit_factor']:.2f}" == one.profit_factor
    assert f"{found['expected_payoff']:.2f}" == one.payoff
    assert f"{found['ghpr']:.4f}" == one.ghpr
    assert f"{found['ahpr']:.4f}" == one.ahpr
    assert f"{found['z_score']:.2f}" == one.z_score
    assert f"{100 * found['profit_trades'] / found['total_trades']:.2f}" == one.won_percent
    assert f"{found['average_profit_trade']:.2f}" == one.average_win
    if one.average_loss:  # the last digit is cut off there: -32.975
        assert found["average_loss_trade"] == pytest.approx(float(one.average_loss), abs=0.0051)
    assert (
        round(found["average_consecutive_wins"]),
        round(found["average_consecutive_losses"]),
    ) == one.series
