"""`qbx strategy`: new, list and check with a real strategy process, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qbx_desktop import cli
from tests.fakes import own_files


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.run(["strategy", *arguments])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_from_the_template_to_a_backtest(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """New, refused without consent, approved and checked, listed, backtested with the result of the shipped twin,
    changed and refused again."""
    code, out, _ = answer(capsys, "new", "my_cross", "--json")
    path = home / "strategies" / "my_cross.py"
    assert (code, json.loads(out)) == (0, {"path": str(path), "key": "own:my_cross"})
    code, _, err = answer(capsys, "new", "my_cross")
    assert code == 2
    assert "There is a file" in err
    code, _, err = answer(capsys, "check", "my_cross")
    assert code == 2
    assert f"{path} is a program ({path.stat().st_size} bytes, SHA-256 " in err
    code, out, _ = answer(capsys, "check", "own:my_cross", "--approve", "--json")
    facts = json.loads(out)
    assert (code, facts["grade"], facts["state"]) == (0, "good", "ready")
    assert [each["test"] for each in facts["verdicts"]] == [
        "signals", "look_ahead", "history", "pure", "warm_up", "explanation", "parameters", "speed",
    ]  # fmt: skip
    results = []
    for key in ("own:my_cross", "MA_CROSSOVER"):
        target = home / "result.json"
        arguments = ["--strategy", key, "--lots", "0.1", "--json", str(target), "--to", "2022-06-01"]
        assert cli.run(["backtest", "--bars", "resources/prices/EURUSD_H1.csv.gz", *arguments]) == 0
        results.append(json.loads(target.read_text()))
    capsys.readouterr()
    assert results[0]["trades"] == results[1]["trades"]
    assert len(results[0]["trades"]) > 20
    path.write_text(path.read_text() + "# changed\n")
    (home / "strategies" / "broken.py").write_text(own_files.SYNTAX)
    code, out, _ = answer(capsys, "list", "--json")
    states = {each["key"]: each for each in json.loads(out)["strategies"] if each["own"]}
    assert {key: each["state"] for key, each in states.items()} == {
        "own:my_cross": "changed",
        "own:broken": "refused",
    }
    assert states["own:broken"]["why"] == "broken.py, line 2: expected ':'"
    assert cli.run(["backtest", "--bars", "x.csv", "--strategy", "own:my_cross", "--lots", "1"]) == 2


def test_check_finds_what_was_planted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "strategies"
    folder.mkdir(parents=True)
    (folder / "shifts.py").write_text(own_files.SHIFTS)
    code, out, _ = answer(capsys, "check", "shifts", "--approve")
    assert code == 1
    assert "BAD  Look-ahead: Looks ahead: entry on the bar of" in out
    assert out.strip().endswith("Do not trade this.")


def test_a_file_that_imports_the_terminal_is_not_run(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "strategies"
    folder.mkdir(parents=True)
    (folder / "reaches.py").write_text(own_files.IMPORTS_TERMINAL)
    code, out, _ = answer(capsys, "check", "reaches", "--approve")
    assert code == 1
    assert "reaches.py, line 3: imports MetaTrader5." in out


def test_check_a_shipped_one_with_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, "check", "MA_CROSSOVER", "--set", "fast_period=5", "--json")
    facts = json.loads(out)
    assert code == (1 if facts["grade"] == "bad" else 0)
    assert facts["params"]["fast_period"] == 5
    assert {each["grade"] for each in facts["verdicts"] if each["test"] != "speed"} == {"good"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("check", "MA_CROSOVER"), "did you mean 'MA_CROSSOVER'"),
        (("new", "1st"), "letters, digits and _"),
        (("new", "../x"), "letters, digits and _"),
        (("check", "own:../x"), "letters, digits and _"),
        (("check", "MA_CROSSOVER", "--set", "x"), "NAME=VALUE"),
    ],
)
def test_mistakes_are_one_sentence(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = answer(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
