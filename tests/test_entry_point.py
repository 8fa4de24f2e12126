"""The door to the program: commands without Qt, a window only where there is a screen, one sentence for each mistake."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from qbx_desktop import __main__ as entry

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split('.')[0] in {blocked!r}:
            raise ModuleNotFoundError('No module named ' + name, name=name)
sys.meta_path.insert(0, Blocked())
from qbx_desktop.__main__ import main
code = main(sys.argv[1:])
assert not any(name.split('.')[0] in {blocked!r} for name in sys.modules)
sys.exit(code)
"""
SAMPLE = Path(__file__).resolve().parent.parent / "resources" / "prices" / "EURUSD_H1.csv.gz"


def run_without(blocked: tuple[str, ...], *arguments: str) -> subprocess.CompletedProcess[str]:
    code = BLOCKED.format(blocked=blocked)
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=60
    )


def test_the_backtest_runs_without_qt() -> None:
    done = run_without(
        ("PySide6", "shiboken6", "pyqtgraph", "MetaTrader5"),
        "backtest", "--bars", str(SAMPLE), "--symbol", "EURUSD", "--strategy", "MA_CROSSOVER", "--lots", "0.1",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "Net profit" in done.stdout


def test_the_window_without_qt_is_one_sentence() -> None:
    done = run_without(("PySide6", "shiboken6"))
    assert done.returncode == 2
    assert done.stderr.startswith("qbx: the window cannot be drawn here")
    assert done.stderr.count("\n") == 1


def test_the_window_without_a_screen_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert entry.main([]) == 2
    assert "no screen" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(["bactest"], "Did you mean 'backtest'?"), (["nonsense"], "no command"), (["backtest"], "--bars")],
)
def test_wrong_input_is_one_sentence(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert entry.main(arguments) == 2
    said = capsys.readouterr().err
    assert word in said
    assert said.count("\n") == 1
    assert "Traceback" not in said
