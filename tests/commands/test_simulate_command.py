"""`qbx simulate` as a person types it: real runs of the desk by scenario files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qbx_desktop.__main__ import main
from qbx_desktop.commands import scenario_report
from qbx_desktop.data.database import Database
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.domain.clock import SteppedClock, server_text
from qbx_desktop.domain.journal import JournalState
from qbx_desktop.domain.records import TradeDeal
from qbx_desktop.trading.scenario import CRASH_POINTS

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
MONDAY = 1_748_851_200  # 2025-06-02 08:00 server time
BOT: dict[str, Any] = {
    "name": "Euro", "symbol": "EURUSD", "timeframe": "M1", "strategy": "MA_CROSSOVER",
    "params": {"fast_period": 2, "slow_period": 5}, "lots": 0.1, "sl_pips": 50, "tp_pips": 100,
}  # fmt: skip
PLAIN: dict[str, Any] = {
    "seed": 3, "symbols": ["EURUSD"], "start": "2025-06-02 08:00", "duration": "20m", "step": 15, "bots": [BOT],
    "limits": {"orders_per_minute": 0, "orders_per_day": 0, "cooldown_losses": 0},
}  # fmt: skip

Simulate = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def simulate(tmp_path: Path) -> Simulate:
    """Plays the plain scenario with changes; the exit code and the result."""

    def play(*arguments: str, **changes: Any) -> tuple[int, dict[str, Any]]:
        path, out = tmp_path / "scenario.json", tmp_path / "out.json"
        path.write_text(json.dumps({**PLAIN, **changes}))
        code = main(["simulate", "--scenario", str(path), "--json", str(out), *arguments])
        return code, json.loads(out.read_text()) if out.exists() else {}

    return play


def trades(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [deal for deal in report["deals"] if deal["type"] in (0, 1)]


def passed(report: dict[str, Any]) -> bool:
    return all(check["ok"] for check in report["checks"])


@pytest.mark.parametrize("name", ["two-bots", "lost-answers"])
def test_the_examples_of_the_documentation(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = []
    for number in range(2):
        out = tmp_path / f"{number}.json"
        assert main(["simulate", "--scenario", str(EXAMPLES / f"{name}.json"), "--json", str(out)]) == 0
        texts.append(out.read_bytes())
    assert texts[0] == texts[1], "two runs of one scenario are the same to the byte"
    report = json.loads(texts[0])
    said = capsys.readouterr()
    assert said.err == ""
    assert "nothing was sent twice" in said.out
    assert len(trades(report)) > 10
    states = [row["state"] for row in report["journal"]]
    if name == "two-bots":
        assert {deal["bot"] for deal in trades(report)} == {"Euro", "Yen"}
        assert not report["positions"]
        assert set(states) == {"FILLED"}
    else:
        assert "NOT_PLACED" in states, "the order that never arrived"
        assert "REJECTED" in states
        assert sum(event["kind"] == "crash" for event in report["events"]) == 1
        assert {"lost", "degraded"} & {event.get("state") for event in report["events"]}


def test_the_result_says_what_happened(simulate: Simulate) -> None:
    code, report = simulate()
    assert code == 0
    assert set(report) == {
        "passport", "account", "bots", "deals", "positions", "journal", "decisions", "history", "events", "checks",
    }  # fmt: skip
    assert report["passport"]["started"] == "2025-06-02 08:00:00"
    assert report["passport"]["ended"] == "2025-06-02 08:20:00"
    assert len(report["passport"]["scenario"]) == 64
    deals = trades(report)
    assert deals
    assert {row["deal_ticket"] for row in report["journal"]} == {deal["ticket"] for deal in deals}
    assert report["account"]["balance"] == pytest.approx(10_000 + report["account"]["booked"])
    assert all(MONDAY <= event["time"] <= MONDAY + 1_200 for event in report["events"])
    assert report["history"][0]["action"] == "START"
    assert [each["journal_id"] for each in report["decisions"] if each["journal_id"]]


def test_another_seed_is_another_market_and_a_changed_scenario_another_hash(simulate: Simulate) -> None:
    _, first = simulate(duration="3m")
    _, second = simulate(duration="3m", seed=4)
    assert first["passport"]["scenario"] != second["passport"]["scenario"]
    assert first["bots"] == simulate(duration="3m")[1]["bots"]


@pytest.mark.parametrize("point", CRASH_POINTS)
def test_a_desk_that_dies_around_a_send_loses_nothing_and_repeats_nothing(
    simulate: Simulate, point: str
) -> None:
    code, report = simulate(commands=[{"at": "5m", "do": "crash", "point": point}])
    assert code == 0, report["checks"]
    assert [event["kind"] for event in report["events"]].count("crash") == 1
    assert ("EXPIRED" in [row["state"] for row in report["journal"]]) == (point == "before SENDING")
    lost = [row for row in report["journal"] if row["state"] == "NOT_PLACED"]
    assert bool(lost) == (point == "before execution")


def test_commands_stop_and_empty_the_desk(simulate: Simulate) -> None:
    code, report = simulate(
        commands=[{"at": "10m", "do": "emergency"}, {"at": "2025-06-02 08:15", "do": "kill"}], duration="30m"
    )
    assert code == 0
    assert not report["positions"]
    assert report["bots"][0]["status"] == "Dijeda"
    assert max(deal["time"] for deal in trades(report)) <= MONDAY + 660


def test_a_bot_starts_and_pauses_at_its_times(simulate: Simulate) -> None:
    _, report = simulate(bots=[{**BOT, "start": "5m", "pause": 600}])
    words = {row["action"]: row["ts_ms"] for row in report["history"] if row["action"] in ("START", "STOP")}
    assert words["STOP"] - words["START"] == 300_000
    entries = [deal["time"] - MONDAY for deal in trades(report)]
    assert entries
    assert all(300 <= each <= 600 for each in entries)


def test_limits_hold(simulate: Simulate) -> None:
    _, report = simulate(limits={"orders_per_day": 1})
    assert len(trades(report)) >= 1
    assert sum(deal["entry"] == 0 for deal in trades(report)) == 1
    assert "DENIED" in {row["state"] for row in report["journal"]}


def test_prices_from_a_file_and_a_length_in_bars(simulate: Simulate, tmp_path: Path) -> None:
    rows = ["time,open,high,low,close,volume"]
    for number in range(420):
        price = 1.1 + 0.002 * abs(number % 20 - 10) / 10
        rows.append(
            f"{server_text(MONDAY + 60 * (number - 300), with_seconds=True)},{price:.5f},{price + 0.0001:.5f},"
            f"{price - 0.0001:.5f},{price:.5f},100"
        )
    (tmp_path / "EURUSD_M1.csv").write_text("\n".join(rows) + "\n")
    changed = {key: value for key, value in PLAIN.items() if key != "duration"}
    path, out = tmp_path / "s.json", tmp_path / "o.json"
    path.write_text(json.dumps({**changed, "bars": 60, "prices": {"EURUSD": "EURUSD_M1.csv"}}))
    assert main(["simulate", "--scenario", str(path), "--json", str(out)]) == 0
    report = json.loads(out.read_text())
    assert report["passport"]["ended"] == "2025-06-02 09:00:00"
    assert set(report["passport"]["prices"]) == {"EURUSD"}
    assert {round(deal["price"], 1) for deal in trades(report)} == {1.1}


def test_a_named_home_keeps_the_database_and_is_not_used_twice(
    simulate: Simulate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "kept"
    code, report = simulate("--home", str(home))
    assert code == 0
    with Database.open(home / "bots.db") as db:
        rows = OrderJournal(db.reader()).page(limit=1_000)
    assert len(rows) == len(report["journal"]) > 0
    assert simulate("--home", str(home))[0] == 2
    assert "holds a database already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"duration": "soon"}, "duration"),
        ({"duration": "3h", "bars": 4}, "duration"),
        ({"duration": 0}, "duration"),
        ({"step": 90}, "step"),
        ({"start": "Monday"}, "start"),
        ({"wings": 2}, "wings"),
        ({"bots": []}, "bots"),
        ({"bots": 5}, "bots"),
        ({"bots": [BOT, BOT]}, "bots"),
        ({"bots": [{**BOT, "symbol": "NOSUCH"}]}, "bots[0].symbol"),
        ({"bots": [{**BOT, "symbol": None}]}, "bots[0].symbol"),
        ({"bots": [{**BOT, "timeframe": "M7"}]}, "bots[0].timeframe"),
        ({"bots": [{**BOT, "strategy": "MA_CROSOVER"}]}, "bots[0].strategy"),
        ({"bots": [{**BOT, "params": {"fast": 3}}]}, "bots[0].params"),
        ({"bots": [{**BOT, "params": []}]}, "bots[0].params"),
        ({"bots": [{**BOT, "lots": -1}]}, "bots[0].lots"),
        ({"bots": [{**BOT, "risk_percent": 1}]}, "bots[0].lots"),
        ({"bots": [{**BOT, "sl_atr": 1}]}, "bots[0].sl_atr"),
        ({"bots": [{**BOT, "sl_pips": 1.5}]}, "bots[0].sl_pips"),
        ({"bots": [{**BOT, "colour": "red"}]}, "bots[0].colour"),
        ({"bots": [{**BOT, "start": "2025-06-01 00:00"}]}, "bots[0].start"),
        ({"limits": {"luck": 7}}, "limits"),
        ({"limits": []}, "limits"),
        ({"commands": [{"at": 5, "do": "dance"}]}, "commands[0].do"),
        ({"commands": [{"at": 5, "do": "pause", "bot": "Nobody"}]}, "commands[0].bot"),
        ({"commands": [{"at": 5, "do": "crash", "point": "later"}]}, "commands[0].point"),
        ({"commands": [{"do": "kill"}]}, "commands[0].at"),
        ({"commands": [{"at": "9h", "do": "kill"}]}, "commands"),
        ({"prices": {"EURUSD": "missing.csv"}}, "prices.EURUSD"),
        ({"prices": {"EURUSD": 3}}, "prices.EURUSD"),
        ({"faults": [{"kind": "hang"}]}, "faults[0]"),
        ({"faults": [{"kind": "earthquake"}]}, "earthquake"),
        ({"faults": "all"}, "faults"),
        ({"faults": [{"kind": "spread", "factor": "x"}]}, "faults[0].factor"),
        ({"overrides": {"account": {"balance": "x"}}}, "overrides"),
        ({"seed": "x"}, "seed"),
        ({"symbols": [5]}, "5"),
        ({"profile": "No-Such"}, "No-Such"),
    ],
)
def test_a_wrong_scenario_is_one_sentence_that_names_the_field(
    simulate: Simulate, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], field: str
) -> None:
    assert simulate(**changes) == (2, {})
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("qbx: ")
    assert said.err.count("\n") == 1
    assert field in said.err


@pytest.mark.parametrize("text", ["", "[]", "{", "nope"])
def test_what_is_no_scenario_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    path = tmp_path / "scenario.json"
    path.write_text(text)
    assert main(["simulate", "--scenario", str(path)]) == 2
    assert main(["simulate", "--scenario", str(tmp_path / "none.json")]) == 2
    assert main(["simulate"]) == 2
    assert capsys.readouterr().err.count("\n") == 3


def test_an_output_that_cannot_be_written_is_a_sentence(
    simulate: Simulate, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate("--json", str(tmp_path / "no" / "o.json"), duration="1m")[0] == 2
    assert "cannot be written" in capsys.readouterr().err


def test_each_check_can_fail(simulate: Simulate, tmp_path: Path) -> None:
    simulate("--home", str(tmp_path / "kept"))
    with Database.open(tmp_path / "kept" / "bots.db") as db:
        rows = OrderJournal(db.reader()).page(limit=1_000)[::-1]
    deal = TradeDeal(ticket=5, order=6, reason=3)
    sent = [{"comment": row.comment} for row in rows if row.state is not JournalState.DENIED]
    assert scenario_report._claimed([deal], rows)["found"] == [5]
    assert scenario_report._claimed([TradeDeal(ticket=5, order=6, reason=4, entry=1)], rows)["ok"]
    assert scenario_report._booked([deal], set(), 100)["found"] == [5]
    assert scenario_report._booked([deal], set(), 60)["ok"]
    assert scenario_report._sent_once(sent, rows)["ok"]
    assert not scenario_report._sent_once([*sent, sent[0]], rows)["ok"]
    assert not scenario_report._sent_once([{"comment": "QBNOBODY"}], rows)["ok"]
    assert not scenario_report._one_each(["Euro", None, None, "Euro"])["ok"]


def test_a_stepped_clock_never_goes_back() -> None:
    clock = SteppedClock(10.0)
    clock.advance(2.5)
    assert (clock.now(), clock.monotonic()) == (12.5, 2.5)
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)
