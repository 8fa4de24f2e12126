"""Starting together with Windows: one value under the user's own Run key, read from there and nowhere else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol

RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
NAME = "QuantumBotX"


class RunEntries(Protocol):
    """The values under the Run key of this user."""

    def get(self, name: str) -> str | None:
        """The command stored under `name`, None when there is none."""

    def set(self, name: str, command: str) -> None:
        """Store a command. Raises OSError."""

    def remove(self, name: str) -> None:
        """Forget a command; nothing happens when there is none. Raises OSError."""


def start_command(program: Path) -> str:
    """What Windows is to run: the window, waiting in the tray."""
    return f'"{program}" --window --minimized'


class StartWithWindows:
    """Whether the program starts with Windows."""

    def __init__(self, entries: RunEntries, program: Path) -> None:
        self._entries = entries
        self._command = start_command(program)

    @property
    def on(self) -> bool:
        """True when exactly this program is entered; an entry of a moved or older copy does not count."""
        return self._entries.get(NAME) == self._command

    def switch(self, on: bool) -> None:
        """Enter or remove it. Raises OSError."""
        if on:
            self._entries.set(NAME, self._command)
        else:
            self._entries.remove(NAME)


def of_this_program() -> StartWithWindows | None:
    """For the installed program on Windows; None elsewhere: a checkout or another system has no such entry."""
    if sys.platform == "win32":
        if getattr(sys, "frozen", False):
            return StartWithWindows(_Registry(), Path(sys.executable))
    return None


if sys.platform == "win32":
    import winreg

    class _Registry:
        """The real Run key."""

        def get(self, name: str) -> str | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY) as key:
                    value, _ = winreg.QueryValueEx(key, name)
            except FileNotFoundError:
                return None
            return str(value)

        def set(self, name: str, command: str) -> None:
            with winreg.CreateKey(winreg.HKEY_CURRENT_USER, RUN_KEY) as key:
                winreg.SetValueEx(key, name, 0, winreg.REG_SZ, command)

        def remove(self, name: str) -> None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, RUN_KEY, 0, winreg.KEY_SET_VALUE) as key:
                    winreg.DeleteValue(key, name)
            except FileNotFoundError:
                return
