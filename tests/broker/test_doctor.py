"""`qbx doctor` over the stand-in behind a child process; transcripts that can be compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qbx_desktop.broker import examination
from qbx_desktop.broker.transcript import compare
from qbx_desktop.commands import doctor
from qbx_desktop.domain.errors import UserMistake

from .conftest import FakeWorld


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "_LISTEN_SECONDS", 0)


def test_it_prints_everything_as_json(world: FakeWorld, capsys: pytest.CaptureFixture[str]) -> None:
    world.fault(terminal={"trade_allowed": False}, account={"trade_mode": 2})
    assert doctor.run(["--mt5", str(world.folder), "--json", "--calls", "3"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["account"]["trade_mode"] == "REAL"
    assert found["account"]["margin_mode"] == "RETAIL_HEDGING"
    assert [each["on"] for each in found["permissions"]] == [False, True, True, True]
    assert {"symbol_info_tick", "copy_rates_from_pos", "positions_get"} <= {
        each["function"] for each in found["latency"]
    }
    assert any("Algo Trading" in each for each in found["problems"])
    assert any("could not be measured" in each for each in found["problems"])
    assert world.orders == []


def test_a_terminal_that_cannot_be_reached_is_explained(
    world: FakeWorld, capsys: pytest.CaptureFixture[str]
) -> None:
    world.fault(dead_pipe=True)
    assert doctor.run(["--mt5", str(world.folder)]) == 1
    assert "No 64-bit MetaTrader 5 was found" in capsys.readouterr().out


def test_a_transcript_holds_no_name_and_compares_with_another(
    world: FakeWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "transcript.json"
    doctor.run(["--mt5", str(world.folder), "--calls", "1", "--transcript", str(file)])
    content = json.loads(file.read_text())
    assert "51234567" not in file.read_text()
    assert len(content["calls"]) > 25
    capsys.readouterr()
    doctor.run(["--mt5", str(world.folder), "--calls", "1", "--json", "--compare", str(file)])
    assert json.loads(capsys.readouterr().out)["differences"] == []
    world.fault(error={"orders_get": [-1, "Terminal: Call failed"]})
    doctor.run(["--mt5", str(world.folder), "--calls", "1", "--json", "--compare", str(file)])
    differences = json.loads(capsys.readouterr().out)["differences"]
    assert any("orders_get: kind NoneType here, tuple there" in each for each in differences)


def test_transcripts_of_other_lengths_and_orders_differ() -> None:
    call = {"function": "version", "answer": {"kind": "tuple"}, "error": [1, ""]}
    other = {**call, "function": "login"}
    assert compare([call], [call]) == []
    assert len(compare([call], [other])) == 1
    assert len(compare([call, call], [call])) == 1


@pytest.mark.parametrize("content", ["", "{}", '{"format": 99, "calls": []}', '{"format": 1, "calls": [{}]}'])
def test_a_file_that_is_no_transcript_is_refused(world: FakeWorld, tmp_path: Path, content: str) -> None:
    file = tmp_path / "no.json"
    file.write_text(content)
    with pytest.raises(UserMistake, match=r"no\.json"):
        doctor.run(["--mt5", str(world.folder), "--calls", "1", "--compare", str(file)])


def test_wrong_options_are_a_mistake_with_a_sentence() -> None:
    with pytest.raises(UserMistake, match="Nothing was looked at"):
        doctor.run(["--calls", "many"])
