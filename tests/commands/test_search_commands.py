"""`qbx optimise`, `walkforward` and `montecarlo` as a person types them."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from qbx_desktop.__main__ import main
from qbx_desktop.domain.clock import server_text
from tests.backtest.search.landscape import wave


def write_bars(path: Path, count: int) -> Path:
    """The wave as a price file."""
    bars = wave(count)
    rows = ["time,open,high,low,close,volume"]
    for t in range(count):
        prices = ",".join(f"{column[t]:.5f}" for column in (bars.open, bars.high, bars.low, bars.close))
        rows.append(f"{server_text(int(bars.time[t]), with_seconds=True)},{prices},100")
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    return path


@pytest.fixture
def common(tmp_path: Path) -> list[str]:
    bars = write_bars(tmp_path / "EURUSD_H1.csv.gz", 720)
    return [
        "--bars",
        str(bars),
        "--strategy",
        "MA_CROSSOVER",
        "--lots",
        "0.1",
        "--spread",
        "5",
        "--home",
        str(tmp_path / "home"),
    ]


RANGES = ["--range", "fast_period=3:9:3", "--range", "slow_period=12:24:6", "--jobs", "1"]


def test_optimise_resumes_and_writes_everything(
    common: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    arguments = ["optimise", *common, *RANGES, "--criterion", "net_profit / (1 + equity_drawdown_maximal)"]
    assert main([*arguments, "--json", str(out)]) == 0
    said = capsys.readouterr().out
    assert "Search 1: 9 combinations, 0 could not be run; 9 different settings" in said
    assert "The best one will look better than it is" in said
    assert any(word in said for word in ("Likely luck", "Cannot tell", "Worth a demo"))
    found = json.loads(out.read_text())
    assert len(found["runs"]) == 9
    assert len(found["heat_maps"][0]["values"]) == 3
    values = [each["value"] for each in found["runs"]]
    assert found["best"]["value"] == max(values)
    assert main([*arguments, "--resume", "--json", str(out)]) == 0
    assert "Search 1: 9 combinations" in capsys.readouterr().out
    assert json.loads(out.read_text())["runs"] == found["runs"]
    assert main(arguments) == 0
    assert "Search 2: 9 combinations, 0 could not be run; 9 different settings" in capsys.readouterr().out


def test_optimise_walks_forward_too_and_the_verdict_says_so(
    common: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    windows = ["--train", "12", "--test", "6", "--json", str(out)]
    assert main(["optimise", *common, *RANGES, *windows]) == 0
    assert re.search(r"Walked forward, \d of 3 tests earned money", capsys.readouterr().out)
    assert "forward" in [each["name"] for each in json.loads(out.read_text())["verdict"]["reasons"]]
    assert main(["optimise", *common, *RANGES, "--train", "12"]) == 2
    assert "needs both --train and --test" in capsys.readouterr().err


def test_a_range_that_breaks_a_rule_is_counted_as_failed(
    common: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            [
                "optimise",
                *common,
                "--range",
                "atr_period=5:15:5",
                "--require",
                "total_trades > 1e6",
                "--jobs",
                "1",
            ]
        )
        == 0
    )
    assert "No combination counts" in capsys.readouterr().out


def test_walkforward(common: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    assert main(["walkforward", *common, *RANGES, "--train", "10", "--test", "5", "--json", str(out)]) == 0
    said = capsys.readouterr().out
    assert "Out of sample:" in said
    found = json.loads(out.read_text())
    assert len(found["windows"]) == 4
    assert len(found["curve"]["time"]) == len(found["curve"]["equity"]) == 20 * 24
    assert sum(each["test_profit"] for each in found["windows"]) == pytest.approx(found["test_profit"])


def test_montecarlo(common: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out.json"
    arguments = [
        "montecarlo",
        *common,
        "--paths",
        "200",
        "--jitter",
        "10",
        "--jitter-runs",
        "4",
        "--jobs",
        "1",
    ]
    assert main([*arguments, "--json", str(out)]) == 0
    assert "4 runs with every number varied" in capsys.readouterr().out
    found = json.loads(out.read_text())
    assert set(found["methods"]) == {"shuffle", "skip", "blocks", "costs"}
    assert len(found["jitter"]["net_profits"]) == 4


def test_portfolio(common: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, bars = tmp_path / "out.json", common[1]
    legs = [
        f'--bars "{bars}" --strategy MA_CROSSOVER --lots 0.1 --set fast_period={fast} slow_period=12'
        for fast in (3, 5)
    ]
    assert (
        main(["portfolio", "--leg", legs[0], "--leg", legs[1], "--balance", "5000", "--json", str(out)]) == 0
    )
    said = capsys.readouterr().out
    assert "Largest net exposure" in said
    found = json.loads(out.read_text())
    assert found["report"]["net_profit"] == pytest.approx(found["sum_of_parts"])
    assert found["curve"]["balance"][-1] == pytest.approx(5000 + found["sum_of_parts"])
    assert main(["portfolio"]) == 2
    assert "at least one --leg" in capsys.readouterr().err
    assert main(["portfolio", "--leg", "--bars"]) == 2
    assert main(["portfolio", "--leg=--bars x --strategy"]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["optimise"], "Nothing is varied"),
        (["optimise", "--range", "fast=1:2:1"], "cannot be varied"),
        (["optimise", "--range", "sl=1:2:1"], "stop-loss is not set"),
        (["optimise", "--range", "fast_period=1:2"], "a start, a stop and a step"),
        (["optimise", "--range", "fast_period=1:2:1", "--criterion", "import os"], "cannot be used"),
        (["optimise", "--range", "fast_period=1:2:1", "--jobs", "0"], "--jobs takes 1 or more"),
        (["optimise", "--range", "fast_period=1:2:1", "--count", "0"], "--count takes 1 or more"),
        (["walkforward", "--range", "fast_period=1:2:1", "--train", "400", "--test", "5"], "leave nothing"),
        (["montecarlo", "--paths", "1"], "number of histories"),
        (["montecarlo", "--jitter", "99"], "The variation"),
    ],
)
def test_wrong_input_is_one_sentence(
    common: list[str],
    arguments: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([arguments[0], *common, *arguments[1:]]) == 2
    said = capsys.readouterr().err

    assert re.search(sentence, said)
    assert said.startswith("qbx: ")
    assert said.count("\n") == 1
