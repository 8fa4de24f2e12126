"""`qbx backtest` as a person types it."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qbx_desktop.__main__ import main
from qbx_desktop.domain.clock import server_text

MONDAY, HOUR = 1_704_067_200, 3_600


def write_bars(path: Path, *, n: int = 900, start: float = 1.1, digits: int = 5, seed: int = 3) -> Path:
    """A price file as the predecessor wrote it: `time,open,high,low,close,volume`."""
    rng = np.random.default_rng(seed)
    step = 10.0**-digits
    close = start + np.cumsum(rng.normal(0, 60 * step, n))
    opened = np.concatenate(([start], close[:-1]))
    reach = np.abs(rng.normal(0, 40 * step, (2, n)))
    high, low = np.maximum(opened, close) + reach[0], np.minimum(opened, close) - reach[1]
    rows = ["time,open,high,low,close,volume"]
    for t in range(n):
        prices = ",".join(f"{each[t]:.{digits}f}" for each in (opened, high, low, close))
        rows.append(f"{server_text(MONDAY + t * HOUR, with_seconds=True)},{prices},100")
    text = "\n".join(rows) + "\n"
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    return write_bars(tmp_path / "EURUSD_H1.csv.gz")


def qbx(*arguments: object) -> int:
    return main(["backtest", *map(str, arguments)])


FULL = [
    "--symbol", "EURUSD", "--strategy", "MA_CROSSOVER", "--set", "fast_period=10", "--set", "slow_period=30",
    "--risk", "1", "--sl-atr", "2", "--tp-atr", "4", "--baseline", "0",
]  # fmt: skip

# The names scripts rely on: they never change.
TRADE = [
    "ticket", "side", "volume", "open_time", "open_price", "sl", "tp", "close_time", "close_price", "reason", "profit",
    "swap", "commission", "net", "bars_held", "mfe", "mae", "ambiguous",
]  # fmt: skip
REPORT = [
    "total_trades", "total_deals", "net_profit", "gross_profit", "gross_loss", "balance_drawdown_absolute",
    "balance_drawdown_maximal", "balance_drawdown_maximal_percent", "balance_drawdown_relative_percent",
    "balance_drawdown_relative", "equity_drawdown_absolute", "equity_drawdown_maximal",
    "equity_drawdown_maximal_percent", "equity_drawdown_relative_percent", "equity_drawdown_relative", "profit_factor",
    "recovery_factor", "expected_payoff", "ahpr", "ghpr", "sharpe", "lr_correlation", "lr_standard_error", "z_score",
    "sqn", "margin_level", "margin_level_percent", "long_trades", "long_won", "short_trades", "short_won",
    "profit_trades", "loss_trades", "largest_profit_trade", "largest_loss_trade", "average_profit_trade",
    "average_loss_trade", "max_consecutive_wins", "max_consecutive_wins_money", "maximal_consecutive_profit_count",
    "maximal_consecutive_profit", "average_consecutive_wins", "max_consecutive_losses", "max_consecutive_losses_money",
    "maximal_consecutive_loss_count", "maximal_consecutive_loss", "average_consecutive_losses",
    "correlation_profit_mfe", "correlation_profit_mae", "correlation_mfe_mae", "holding_min", "holding_max",
    "holding_average", "cagr", "calmar", "sortino", "exposure", "exit_reasons",
]  # fmt: skip


def test_a_run_prints_tiles_trust_and_assumptions(bars: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert qbx("--bars", bars, *FULL) == 0
    said = capsys.readouterr()
    assert said.err == ""
    for words in ("Net profit", "Profit factor", "How far to trust it", "Assumptions:", "Passport"):
        assert words in said.out


def test_json_trades_and_html_are_written(bars: Path, tmp_path: Path) -> None:
    out, trades, page = tmp_path / "o.json", tmp_path / "o.csv", tmp_path / "o.html"
    assert qbx("--bars", bars, *FULL, "--json", out, "--trades", trades, "--html", page) == 0
    value = json.loads(out.read_text())
    assert {"trades", "refused", "report", "passport"} <= set(value)
    assert set(REPORT) <= set(value["report"])
    assert all(list(each) == TRADE for each in value["trades"])
    assert set(value["refused"]) == {"no atr", "invalid stops", "invalid volume", "no money"}
    assert len(value["curves"]["equity"]) == 900
    with trades.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(value["trades"]) == value["report"]["total_trades"] > 5
    assert rows[0]["reason"] == value["trades"][0]["reason"]
    assert float(rows[0]["net"]) == value["trades"][0]["net"]
    html = page.read_text()
    assert html.startswith("<!doctype html>")
    assert "<polyline" in html
    assert html.count("<tr>") > len(rows)


def test_the_news_calendar_refuses_is_said_and_runs_again(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, news = tmp_path / "o.json", tmp_path / "news.csv"
    assert qbx("--bars", bars, *FULL, "--json", out) == 0
    free = json.loads(out.read_text())
    first = free["trades"][0]["open_time"]
    assert "calendar" not in free["refused"]
    news.write_text(f"{server_text(first)},USD,Payrolls,0,1\n", encoding="utf-8")
    assert qbx("--bars", bars, *FULL, "--news", news, "--json", out) == 0
    value = json.loads(out.read_text())
    assert value["refused"]["calendar"] == 1
    assert first not in [each["open_time"] for each in value["trades"]]
    assert "(1 events)" in capsys.readouterr().out
    assert qbx("--reproduce", out) == 0
    assert "is equal" in capsys.readouterr().out
    assert qbx("--bars", bars, *FULL, "--news", tmp_path / "none.csv") == 2
    news.write_text("soon,USD,Payrolls\n", encoding="utf-8")
    assert qbx("--bars", bars, *FULL, "--news", news) == 2
    told = capsys.readouterr().err
    assert "There is no news calendar" in told
    assert "Line 1 of the calendar file is wrong" in told


GUARDED = [
    "--max-daily-loss", "0.9", "--max-drawdown", "40", "--bot-daily-loss", "30", "--bot-drawdown", "41.5",
    "--cool-down", "2:240", "--session", "07:00-17:30", "--no-weekend", "20:00", "--max-spread", "9",
]  # fmt: skip


def test_guards_refuse_are_said_and_run_again(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.json"
    assert qbx("--bars", bars, *FULL, *GUARDED, "--spread", "9", "--json", out) == 0
    value = json.loads(out.read_text())
    set_to = {name: limit for name, limit in value["passport"]["guards"].items() if limit}
    assert set_to == {
        "daily_loss_percent": 0.9, "drawdown_percent": 40.0, "bot_daily_loss_percent": 30.0,
        "bot_drawdown_percent": 41.5, "cooldown_losses": 2.0, "cooldown_seconds": 14_400.0, "session_from_hour": 7.0,
        "session_to_hour": 17.5, "weekend_flat_hour": 20.0, "max_spread_points": 9.0,
    }  # fmt: skip
    refused = value["refused"]
    assert min(refused["session"], refused["daily_loss"]) > 0
    assert refused["spread"] == 0
    assert all(7 <= each["open_time"] / HOUR % 24 < 17.5 for each in value["trades"])
    assert "limits of the live desk (session_from_hour" in capsys.readouterr().out
    assert qbx("--reproduce", out) == 0
    assert "is equal" in capsys.readouterr().out
    assert qbx("--bars", bars, *FULL, *GUARDED, "--spread", "10", "--json", out) == 0
    value = json.loads(out.read_text())
    assert (value["trades"], value["refused"]["spread"] > 0) == ([], True)


@pytest.mark.parametrize(
    ("option", "wrong"),
    [
        ("--max-daily-loss", "0"), ("--max-drawdown", "101"), ("--cool-down", "3"), ("--cool-down", "3:0"),
        ("--session", "7-17"), ("--session", "07:00-07:00"), ("--session", "07:00-25:00"), ("--no-weekend", "24:00"),
        ("--max-spread", "nan"),
    ],
)  # fmt: skip
def test_a_guard_that_means_nothing_is_refused(
    bars: Path, option: str, wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert qbx("--bars", bars, *FULL, option, wrong) == 2
    said = capsys.readouterr().err
    assert repr(wrong) in said
    assert said.count("\n") == 1


def test_every_option_reaches_the_run(bars: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    spec = tmp_path / "spec.json"
    spec.write_text(json.dumps({
        "name": "ignored", "digits": 5, "point": 1e-5, "trade_tick_size": 1e-5, "trade_contract_size": 100_000,
        "trade_calc_mode": 0, "currency_base": "EUR", "currency_profit": "USD", "currency_margin": "EUR",
        "volume_min": 0.01, "volume_max": 50, "volume_step": 0.01, "trade_stops_level": 3, "swap_mode": 1,
        "swap_long": -7.1, "swap_short": 2.9, "swap_rollover3days": 5, "margin_rate": 0.5, "tick_price": 1.0,
        "pip": 0.0002, "unknown_field": "is ignored",
    }))  # fmt: skip
    assert qbx(
        "--bars", bars, "--symbol", "EURUSD", "--spec", spec, "--strategy", "TURTLE_BREAKOUT", "--set",
        "entry_period=15", "--lots", "0.25", "--sl-pips", "30", "--tp-price", "0.004", "--atr-period", "9",
        "--balance", "5000", "--currency", "eur", "--leverage", "30", "--stop-out", "20", "--spread", "bar",
        "--commission", "2.5", "--slippage", "2", "--rate", "0.9", "--no-reverse", "--from", "2024-01-05",
        "--to", "2024-01-20 12:00", "--baseline", "0", "--json", out,
    ) == 0  # fmt: skip
    passport = json.loads(out.read_text())["passport"]
    assert passport["symbol"]["symbol"] == "EURUSD"
    assert (passport["symbol"]["stops_level"], passport["symbol"]["pip"]) == (3, 0.0002)
    assert (passport["symbol"]["margin_rate"], passport["symbol"]["swap_rollover3days"]) == (0.5, 5)
    assert passport["params"] == {"entry_period": 15, "exit_period": 10, "once_per_setup": False}
    assert passport["account"] == {"currency": "EUR", "balance": 5000.0, "leverage": 30.0, "stop_out": 20.0}
    assert passport["costs"] | {
        "spread_points": None, "spread_from_bars": True, "commission_per_lot": 2.5, "slippage_points": 2,
    } == passport["costs"]  # fmt: skip
    assert passport["sizing"] == {"lots": 0.25, "risk_percent": None}
    assert passport["sl"] == {"unit": "PIPS", "value": 30.0}
    assert passport["tp"] == {"unit": "PRICE", "value": 0.004}
    assert (passport["atr_period"], passport["reverse"], passport["rate"]) == (9, False, 0.9)
    assert passport["start"] == MONDAY + 4 * 86_400
    assert passport["end"] == MONDAY + 19 * 86_400 + 12 * HOUR


def test_parameters_may_follow_one_set_or_several(bars: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    common = ["--bars", bars, "--strategy", "MA_CROSSOVER", "--lots", "0.1", "--baseline", "0"]
    assert qbx(*common, "--set", "fast_period=10", "slow_period=30", "--json", one) == 0
    assert qbx(*common, "--set", "fast_period=10", "--set", "slow_period=30", "--json", two) == 0
    assert one.read_text() == two.read_text()
    assert json.loads(one.read_text())["passport"]["params"] == {"fast_period": 10, "slow_period": 30}


def test_whole_numbers_may_have_a_point(bars: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.json"
    assert qbx("--bars", bars, *FULL, "--spread", "12.0", "--slippage", "2.0", "--json", out) == 0
    costs = json.loads(out.read_text())["passport"]["costs"]
    assert (costs["spread_points"], costs["slippage_points"]) == (12, 2)


def test_what_a_specification_leaves_null_takes_its_default(bars: Path, tmp_path: Path) -> None:
    spec, out = tmp_path / "spec.json", tmp_path / "o.json"
    spec.write_text(
        '{"digits": 5, "trade_contract_size": 100000, "pip": null, "tick_price": null, "margin_rate": null}'
    )
    assert qbx("--bars", bars, *FULL, "--spec", spec, "--json", out) == 0
    symbol = json.loads(out.read_text())["passport"]["symbol"]
    assert (symbol["pip"], symbol["tick_price"], symbol["margin_rate"]) == (0.0, 0.0, 1.0)


def test_the_comparison_with_chance_is_told_and_written(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "o.json", tmp_path / "o.html"
    assert qbx("--bars", bars, *FULL[:-2], "--baseline", "10", "--json", out, "--html", page) == 0
    value = json.loads(out.read_text())
    verdict = value["baseline"]["verdict"]["text"]
    assert value["baseline"]["runs"] == 10
    assert verdict in capsys.readouterr().out
    assert verdict in page.read_text()
    assert value["history_quality"]["ribbon"][0]["start"] <= MONDAY
    assert "<rect" in page.read_text()


def test_what_is_closer_to_life_reaches_the_run_and_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars, out = write_bars(tmp_path / "EURUSD_H1.csv"), tmp_path / "o.json"
    hours = ",".join(str(10 + hour) for hour in range(24))
    assert qbx(
        "--bars", bars, *FULL, "--detail", bars, "--inside-bar", "optimistic", "--delay", "1", "--spread-by-hour", hours,
        "--commission-deal", "0.5", "--commission-percent", "0.002", "--swap-free", "--slippage-table", "0,0,3",
        "--slippage-seed", "9", "--json", out,
    ) == 0  # fmt: skip
    value = json.loads(out.read_text())
    passport = value["passport"]
    assert (passport["delay_bars"], passport["inside_bar"]) == (1, "optimistic")
    assert passport["detail"]["bars_count"] == 900
    costs = passport["costs"]
    assert costs["spread_by_hour"] == list(range(10, 34))
    assert (costs["commission_per_deal"], costs["commission_percent"], costs["swap_free"]) == (
        0.5,
        0.002,
        True,
    )
    assert (costs["slippage_table"], costs["slippage_seed"]) == ([0, 0, 3], 9)
    band = value["band"]
    assert band["pessimistic"] <= band["resolved"] <= band["optimistic"]
    said = capsys.readouterr().out
    for words in (
        "the target counts",
        "900 finer bars",
        "1 bars later",
        "10 to 33 points",
        "0.5 USD per side",
        "seed 9",
        "Swap: none",
    ):
        assert words in said
    assert qbx("--reproduce", out) == 0


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        (["--spread-by-hour", "1,2,3"], "24, one per hour"),
        (["--slippage-table", "1,x"], "'x' is not a whole number"),
        (["--inside-bar", "lucky"], "invalid choice"),
        (["--delay", "-1"], "must be"),
        (["--detail", "none.csv"], "none.csv"),
    ],
)
def test_wrong_wishes_are_one_sentence(
    bars: Path, capsys: pytest.CaptureFixture[str], extra: list[str], sentence: str
) -> None:
    assert qbx("--bars", bars, *FULL, *extra) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1


def test_a_result_is_run_again_and_equal(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, found = tmp_path / "o.json", tmp_path / "again.json"
    assert qbx("--bars", bars, *FULL, "--spread", "bar", "--commission", "3.5", "--json", out) == 0
    capsys.readouterr()
    assert qbx("--reproduce", out, "--json", found) == 0
    assert capsys.readouterr().out == "Run again: every trade and every figure is equal.\n"
    assert json.loads(found.read_text())["equal"] is True


def test_an_altered_bar_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bars, out = write_bars(tmp_path / "EURUSD_H1.csv"), tmp_path / "o.json"
    assert qbx("--bars", bars, *FULL, "--json", out) == 0
    lines = bars.read_text().splitlines()
    cells = lines[500].split(",")
    cells[2] = f"{float(cells[2]) + 0.02:.5f}"
    lines[500] = ",".join(cells)
    bars.write_text("\n".join(lines) + "\n")
    capsys.readouterr()
    assert qbx("--reproduce", out) in (0, 1)
    assert f"The bar of {server_text(MONDAY + 499 * HOUR)} was altered since." in capsys.readouterr().out


def test_a_changed_specification_and_moved_bars(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, spec = tmp_path / "o.json", tmp_path / "spec.json"
    spec.write_text('{"digits": 5, "trade_contract_size": 100000, "spread": 10}')
    assert qbx("--bars", bars, *FULL, "--spec", spec, "--json", out) == 0
    moved = bars.rename(tmp_path / "elsewhere.csv.gz")
    spec.write_text('{"digits": 5, "trade_contract_size": 100000, "spread": 25}')
    capsys.readouterr()
    assert qbx("--reproduce", out) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert qbx("--reproduce", out, "--bars", moved) == 1
    said = capsys.readouterr().out
    assert "not equal" in said
    assert "symbol.spread was 10, is now 25." in said


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"passport": {}}'])
def test_what_cannot_be_run_again_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "o.json"
    path.write_text(text)
    assert qbx("--reproduce", path) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_conversion_prices_of_another_pair_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = write_bars(tmp_path / "GBPJPY_H1.csv", start=190, digits=3)
    rate = write_bars(tmp_path / "EURUSD_H1.csv", start=1.1)
    options = ["--strategy", "MA_CROSSOVER", "--lots", "0.1", "--currency", "EUR", "--rate", rate]
    assert qbx("--bars", bars, *options) == 2
    assert "are of EURUSD; JPYEUR or EURJPY is needed" in capsys.readouterr().err


def test_the_symbol_comes_from_the_name_of_the_file(tmp_path: Path) -> None:
    path, out = write_bars(tmp_path / "USDJPY_H1.csv", start=150, digits=3), tmp_path / "o.json"
    assert (
        qbx("--bars", path, "--strategy", "MA_CROSSOVER", "--lots", "0.1", "--baseline", "0", "--json", out)
        == 0
    )
    assert json.loads(out.read_text())["passport"]["symbol"]["currency_profit"] == "JPY"


def test_a_file_with_more_digits_than_the_known_symbol_keeps_them(tmp_path: Path) -> None:
    path, out = write_bars(tmp_path / "US30_H1.csv", start=39_000, digits=2), tmp_path / "o.json"
    assert (
        qbx("--bars", path, "--strategy", "MA_CROSSOVER", "--lots", "0.1", "--baseline", "0", "--json", out)
        == 0
    )
    symbol = json.loads(out.read_text())["passport"]["symbol"]
    assert (symbol["digits"], symbol["point"], symbol["spread"], symbol["pip"]) == (2, 0.01, 240, 0.1)


def test_prices_finer_than_the_specification_are_rounded_and_said(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text('{"digits": 4, "trade_contract_size": 100000}')
    assert qbx("--bars", bars, *FULL, "--spec", spec) == 0
    assert "note: The prices have 5 digits" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "inverted"), [("EURJPY_H1.csv", True), ("JPYEUR_H1.csv", False)])
def test_a_file_of_rates_is_read_by_its_name(tmp_path: Path, name: str, inverted: bool) -> None:
    bars = write_bars(tmp_path / "GBPJPY_H1.csv", start=190, digits=3)
    rate = write_bars(tmp_path / name, start=160 if inverted else 0.9, digits=3)
    # a rate is needed from the second bar on; its own first bar closes just then
    out = tmp_path / "o.json"
    assert qbx(
        "--bars", bars, "--strategy", "MA_CROSSOVER", "--lots", "0.1", "--currency", "EUR", "--rate", rate, "--baseline", "0", "--json", out,
    ) == 0  # fmt: skip
    assert json.loads(out.read_text())["passport"]["rate"]["inverted"] is inverted


@pytest.mark.parametrize(
    ("extra", "sentence"),
    [
        (["--strategy", "MA_CROSOVER", "--lots", "1"], "did you mean 'MA_CROSSOVER'"),
        (["--lots", "1"], "--strategy"),
        (["--strategy", "MA_CROSSOVER"], "--lots --risk"),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--risk", "1"], "not allowed with"),
        (["--strategy", "MA_CROSSOVER", "--lots", "many"], "'many' is not a number"),
        (["--strategy", "MA_CROSSOVER", "--lots", "nan"], "'nan' is not a number"),
        (["--strategy", "MA_CROSSOVER", "--lots", "0"], "must be more than 0"),
        (["--strategy", "MA_CROSSOVER", "--risk", "1"], "sizing by risk needs a stop-loss"),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--set", "fast_period"], "--set takes NAME=VALUE"),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--set", "fast_period=x"], "not a whole number"),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--set", "fast=3"], "There is no parameter 'fast'"),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--spread", "1.5"], "--spread takes whole points"),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--spread=-3"], "--spread takes whole points"),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--slippage", "1.5"], "not a whole number"),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--from", "yesterday"], "is not a date"),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--from", "2031-01-01"], "no bar in the chosen range"),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--currency", "CHF"], "Give a rate"),
        (
            ["--strategy", "MA_CROSSOVER", "--lots", "1", "--symbol", "NOSUCH"],
            "Nothing is known of the symbol",
        ),
        (
            ["--strategy", "MA_CROSSOVER", "--lots", "1", "--spec", "missing.json"],
            "missing.json cannot be read",
        ),
        (["--strategy", "MA_CROSSOVER", "--lots", "1", "--bogus"], "--bogus"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(
    bars: Path, capsys: pytest.CaptureFixture[str], extra: list[str], sentence: str
) -> None:
    assert qbx("--bars", bars, *extra) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert sentence in said.err
    assert said.err.startswith("qbx: ")
    assert said.err.count("\n") == 1


def test_a_missing_price_file_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert qbx("--bars", tmp_path / "none.csv", *FULL) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("text", ["[]", "{", '{"digits": 5}', '{"digits": "x", "contract_size": 1}'])
def test_a_bad_specification_is_a_sentence(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text(text)
    assert qbx("--bars", bars, *FULL, "--spec", spec) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_specification_without_currencies_takes_them_from_the_name(bars: Path, tmp_path: Path) -> None:
    spec, out = tmp_path / "spec.json", tmp_path / "o.json"
    spec.write_text('{"digits": 5, "trade_contract_size": 100000}')
    assert qbx("--bars", bars, *FULL, "--spec", spec, "--json", out) == 0
    symbol = json.loads(out.read_text())["passport"]["symbol"]
    assert [symbol[f"currency_{kind}"] for kind in ("base", "profit", "margin")] == ["EUR", "USD", "EUR"]


def test_a_specification_whose_currencies_nothing_tells_is_refused(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "spec.json"
    spec.write_text('{"digits": 5, "trade_contract_size": 1, "trade_calc_mode": 2}')
    assert qbx("--bars", bars, *FULL, "--spec", spec) == 2
    assert "lacks currency_profit" in capsys.readouterr().err


def test_an_output_that_cannot_be_written_is_a_sentence(
    bars: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert qbx("--bars", bars, *FULL, "--json", tmp_path / "no" / "such" / "o.json") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_it_works_without_qt(bars: Path, tmp_path: Path) -> None:
    """PySide6 cannot be imported, and the result is the same."""
    out, again = tmp_path / "o.json", tmp_path / "again.json"
    assert qbx("--bars", bars, *FULL, "--json", out) == 0
    blocked = (
        "import sys; sys.modules['PySide6'] = None; from qbx_desktop.__main__ import main; sys.exit(main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", blocked, "backtest", "--bars", str(bars), *FULL, "--json", str(again)],
        capture_output=True, text=True, check=False, env={**os.environ}, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert again.read_text() == out.read_text()
