"""The first minutes of somebody new, by mouse and keyboard on a virtual screen: how long until something happened.

A fresh home; Return through the first run to a finished backtest; then a bot by the *New bot* button, saved with Return
and started with Ctrl+Enter. Needs Xvfb and xdotool, and openbox if it is there.  python bench/first_journey.py [PICTURES]
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

SIZE = "1366x768x24"
NEW_BOT = (302, 41)
BACKTEST_GOAL, BOT_GOAL = 60.0, 120.0
# Somebody new reads before pressing: one look per page.
LOOK = 1.0


@contextlib.contextmanager
def display() -> Iterator[str]:
    """A virtual screen with a window manager."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", SIZE, "-nolisten", "tcp"],
        pass_fds=(writing,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(writing)
    with os.fdopen(reading) as told:
        name = f":{told.readline().strip()}"
    manager = None
    if shutil.which("openbox"):
        manager = subprocess.Popen(["openbox"], env=os.environ | {"DISPLAY": name}, stderr=subprocess.DEVNULL)
    try:
        yield name
    finally:
        for each in (manager, server):
            if each is not None:
                each.terminate()
                each.wait(10)


class Person:
    """Hands and eyes on one display."""

    def __init__(self, screen: str, home: Path, pictures: Path | None) -> None:
        self._environment = os.environ | {"DISPLAY": screen}
        self._home, self._pictures = home, pictures

    def do(self, *command: str) -> str:
        done = subprocess.run(
            ["xdotool", *command], check=False, env=self._environment, capture_output=True, text=True
        )
        return done.stdout.strip()

    def wait(self, what: str, is_there: Callable[[], bool], seconds: float = 60.0) -> None:
        until = time.monotonic() + seconds
        while not is_there():
            if time.monotonic() > until:
                self.look("failed")
                raise SystemExit(f"waited {seconds:.0f} s in vain: {what}")
            time.sleep(0.1)

    def window(self, name: str) -> str:
        """Wait for a window with that title and give it the keyboard; returns its number."""
        self.wait(f"the window {name!r}", lambda: bool(self.do("search", "--onlyvisible", "--name", name)))
        number = self.do("search", "--onlyvisible", "--name", name).split()[-1]
        self.do("windowactivate", "--sync", number)
        time.sleep(0.3)
        return number

    def number(self, sql: str) -> int:
        """One figure of the program's database."""
        address = f"file:{self._home / 'bots.db'}?mode=ro"
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(address, uri=True)) as con,
        ):
            return int(con.execute(sql).fetchone()[0])
        return 0

    def look(self, name: str) -> None:
        """Keep a picture of the screen."""
        if self._pictures is not None and shutil.which("import"):
            path = str(self._pictures / f"{name}.png")
            subprocess.run(["import", "-window", "root", path], env=self._environment, check=False)


def walk(person: Person, began: float) -> None:
    person.window("First run")
    print(f"the first page is there after          {time.monotonic() - began:6.1f} s")
    for page in range(5):
        time.sleep(LOOK)
        person.look(f"page-{page + 1}")
        person.do("key", "Return")
    person.wait("a finished backtest", lambda: person.number("SELECT count(*) FROM backtest_results") > 0)
    took = time.monotonic() - began
    person.look("backtest")
    print(f"the first backtest is finished after   {took:6.1f} s (goal {BACKTEST_GOAL:.0f})")
    main = person.window("QuantumBotX Desktop")
    person.do("mousemove", "--window", main, str(NEW_BOT[0]), str(NEW_BOT[1]), "click", "1")
    person.window("New bot")
    time.sleep(LOOK)
    person.do("type", "--delay", "30", "My first bot")
    time.sleep(LOOK)
    person.look("editor")
    person.do("key", "Return")
    person.wait("the bot in the list", lambda: person.number("SELECT count(*) FROM bots") > 0)
    person.window("QuantumBotX Desktop")
    time.sleep(LOOK)
    person.do("key", "ctrl+Return")
    person.wait(
        "a running bot", lambda: person.number("SELECT count(*) FROM bots WHERE status = 'Aktif'") > 0
    )
    took = time.monotonic() - began
    time.sleep(2)
    person.look("bot")
    print(f"a practice bot runs after              {took:6.1f} s (goal {BOT_GOAL:.0f})")


def main() -> None:
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            raise SystemExit(f"{tool} is not installed")
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if pictures is not None:
        pictures.mkdir(parents=True, exist_ok=True)
    with display() as screen, tempfile.TemporaryDirectory(prefix="qbx-journey-") as folder:
        home = Path(folder) / "home"
        environment = {key: value for key, value in os.environ.items() if key != "QT_QPA_PLATFORM"}
        program = subprocess.Popen(
            [sys.executable, "-m", "qbx_desktop", "--window", "--home", str(home)],
            env=environment | {"DISPLAY": screen},
        )  # fmt: skip
        try:
            walk(Person(screen, home, pictures), time.monotonic())
        finally:
            program.terminate()
            program.wait(30)


if __name__ == "__main__":
    main()
