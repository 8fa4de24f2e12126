"""`qbx data`: each subcommand through the program's own door, with its sentences, exit codes and JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qbx_desktop import cli
from qbx_desktop.commands import data
from qbx_desktop.data.bar_export import export_bars
from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.data.bar_store import BarStore
from qbx_desktop.data.home import Home
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.timeframe import Timeframe
from tests.data.test_bar_store import same, some_bars

Capture = pytest.CaptureFixture[str]


def exported(folder: Path, name: str = "EURUSD_H1.csv", count: int = 200) -> Path:
    path = folder / name
    export_bars(some_bars(count), path, timeframe=Timeframe.H1, digits=5)
    return path


def said(capsys: Capture, *words: str) -> tuple[int, str, str]:
    code = cli.run(["data", *words])
    out, err = capsys.readouterr()
    return code, out, err


def json_of(capsys: Capture, *words: str) -> object:
    code, out, err = said(capsys, *words, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_import_list_export_and_back(tmp_path: Path, capsys: Capture) -> None:
    code, out, _ = said(capsys, "import", str(exported(tmp_path)), "--server", "Demo", "--time-zone", "UTC+2")
    assert code == 0
    assert "EURUSD H1 from Demo: 200 new bars, 0 changed, 0 as before, 0 removed." in out
    assert "history quality" in out
    code, out, _ = said(capsys, "list")
    assert code == 0
    assert out.splitlines()[1].split()[:4] == ["EURUSD", "H1", "Demo", "200"]
    target = tmp_path / "out.csv"
    code, out, _ = said(
        capsys, "export", "EURUSD", "H1", str(target), "--from", "2020-01-02", "--to", "2020.01.03"
    )
    assert (code, out) == (0, f"24 bars written to {target}.\n")
    assert same(read_bars(target).bars, some_bars(200)[24:48])


def test_json_of_every_command(tmp_path: Path, capsys: Capture) -> None:
    (imported,) = json_of(capsys, "import", str(exported(tmp_path)))
    assert (imported["symbol"], imported["added"], imported["digits"]) == ("EURUSD", 200, 5)
    assert imported["report"]["bars"] == 200
    (series,) = json_of(capsys, "list")
    assert (series["symbol"], series["bars"], series["first"]) == ("EURUSD", 200, 1_577_836_800)
    (report,) = json_of(capsys, "check", "--stored", "EURUSD", "H1")
    assert report["verdict"] != "broken"
    assert {"kind", "severity", "count", "lines", "code", "text"} == set(report["findings"][0])
    target = str(tmp_path / "a.csv")
    assert json_of(capsys, "export", "EURUSD", "H1", target) == {"file": target, "bars": 200}
    assert json_of(capsys, "delete", "EURUSD", "H1", "--yes") == {"deleted": 200}
    assert json_of(capsys, "list") == []


def test_check_says_what_is_wrong_and_its_exit_code(tmp_path: Path, capsys: Capture) -> None:
    good = exported(tmp_path)
    code, out, _ = said(capsys, "check", str(good))
    assert code == 0
    bad = tmp_path / "bad_H1.csv"
    bad.write_text(good.read_text() + "nonsense\n")
    code, out, _ = said(capsys, "check", str(good), str(bad))
    assert code == 1
    assert "bad_H1.csv: broken." in out
    assert "!! Rows that cannot be read: 1." in out
    assert "Line 202." in out


def test_samples_are_stored_under_their_own_server(capsys: Capture) -> None:
    code, out, _ = said(capsys, "import", "--samples")
    assert code == 0
    assert out.count(": clean.") == 3
    with BarStore(Home.default().bars, read_only=True) as store:
        assert {(each.symbol, each.timeframe.name, each.server) for each in store.list()} == {
            ("EURUSD", "H1", "Samples"), ("USDJPY", "H1", "Samples"), ("XAUUSD", "H1", "Samples"),
        }  # fmt: skip


def test_before_anything_is_stored(capsys: Capture) -> None:
    assert said(capsys, "list") == (0, "No bars are stored yet. Import a file with 'qbx data import'.\n", "")
    assert not Home.default().bars.exists()


def test_a_refused_file_leaves_the_store_alone(tmp_path: Path, capsys: Capture) -> None:
    bad = tmp_path / "EURUSD_H1.csv"
    bad.write_text("time,open,high,low,close,volume\nx,1,1,1,1,1\n")
    code, out, err = said(capsys, "import", str(bad))
    assert (code, out) == (2, "")
    assert err.startswith("qbx: EURUSD_H1.csv: 1 of 1 rows are wrong, so nothing of the file was used.")
    assert json_of(capsys, "list") == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["import"], "Name the files to import"),
        (["import", "no.csv"], "There is no file no.csv"),
        (["import", "a.csv", "b.csv", "--symbol", "X"], "cannot all be bars of X"),
        (["import", "a.csv", "--timeframe", "H5"], "no timeframe 'H5'"),
        (["check"], "Say what to check"),
        (["check", "no.csv"], "There is no file"),
        (["check", "--stored", "X", "H1"], "no bar store"),
        (["export", "X", "H1", "a.csv"], "no bar store"),
        (["export", "X", "H1", "a.csv", "--from", "yesterday"], "'yesterday' is no date"),
        (["delete", "X", "H1"], "No bars of X H1 are stored"),
        (["frobnicate"], "invalid choice"),
        ([], "arguments are required"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else "",
)
def test_mistakes_are_one_sentence_and_exit_code_2(capsys: Capture, words: list[str], sentence: str) -> None:
    code, out, err = said(capsys, *words)
    assert (code, out) == (2, "")
    assert sentence in err
    assert "Traceback" not in err


def test_deleting_needs_a_yes(tmp_path: Path, capsys: Capture) -> None:
    said(capsys, "import", str(exported(tmp_path)))
    code, _, err = said(capsys, "delete", "EURUSD", "H1")
    assert code == 2
    assert "would delete 200 bars" in err
    assert said(capsys, "delete", "EURUSD", "H1", "--yes")[:2] == (0, "200 bars of EURUSD H1 deleted.\n")


def test_two_servers_must_be_told_apart(tmp_path: Path, capsys: Capture) -> None:
    path = str(exported(tmp_path))
    for server in ("A", "B"):
        said(capsys, "import", path, "--server", server)
    target = str(tmp_path / "o.csv")
    assert "several servers (A, B)" in said(capsys, "export", "EURUSD", "H1", target)[2]
    assert said(capsys, "export", "EURUSD", "H1", target, "--server", "B")[0] == 0
    assert "exists already" in said(capsys, "export", "EURUSD", "H1", target, "--server", "B")[2]
    assert said(capsys, "export", "EURUSD", "H1", target, "--server", "B", "--overwrite")[0] == 0


def test_help(capsys: Capture) -> None:
    code, out, _ = said(capsys, "--help")
    assert code == 0
    assert all(word in out for word in ("import", "list", "check", "export", "delete"))


def test_download_is_a_command_like_the_others(capsys: Capture) -> None:
    code, out, _ = said(capsys, "--help")
    assert code == 0
    assert "download" in out
    code, out, _ = said(capsys, "download", "--help")
    assert code == 0
    assert "--mt5" in out
    with pytest.raises(UserMistake, match="Nothing was downloaded"):
        data.run(["download", "EURUSD"])


def test_a_download_cut_and_resumed_equals_one_in_a_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def stored() -> Bars:
        with BarStore(Home.default().bars, read_only=True) as store:
            return store.get("EURUSD", Timeframe.H4)

    begin, cut, end = (datetime.now(UTC).date() - timedelta(days=ago) for ago in (300, 240, 180))
    days = ("--from", str(begin), "--to", str(end))
    first = json_of(capsys, "download", "EURUSD", "H4", "--from", str(begin), "--to", str(cut))
    assert (first["added"], first["server"] != "") == (first["read"], True)
    part = len(stored())
    second = json_of(capsys, "download", "EURUSD", "H4", *days)
    pieces = stored()
    assert len(pieces) == part + second["added"] > part > 100
    assert second["changed"] == 0
    third = json_of(capsys, "download", "EURUSD", "H4", *days)
    assert (third["added"], third["changed"]) == (0, 0)
    monkeypatch.setenv("QBX_HOME", str(tmp_path / "another"))
    whole = json_of(capsys, "download", "EURUSD", "H4", *days)
    assert whole["added"] == len(pieces)
    assert same(stored(), pieces)
    (series,) = json_of(capsys, "list")
    assert (series["symbol"], series["timeframe"], series["server"]) == ("EURUSD", "H4", whole["server"])
