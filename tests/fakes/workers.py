"""Workers without threads: a desk that notes its commands, quotes that answer at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any


class FakeTrading:
    """Runs every command at once against `desk`; its events go to `announce`."""

    def __init__(self, desk: Any, announce: Callable[[object], None] = lambda event: None) -> None:
        self.desk = desk
        self._announce = announce

    def tell(self, command: Callable[[Any], Iterable[object] | None]) -> None:
        for event in command(self.desk) or ():
            self._announce(event)


class NotedDesk:
    """Any command of the desk is noted as (name, arguments); `answers` gives the events to return."""

    def __init__(self) -> None:
        self.commands: list[tuple[Any, ...]] = []
        self.answers: dict[str, list[object]] = {}

    def __getattr__(self, name: str) -> Callable[..., list[object]]:
        def command(*args: Any) -> list[object]:
            self.commands.append((name, *args))
            return self.answers.get(name, [])

        return command


class FakeQuotes:
    """Answers questions with `terminal` at once; notes what is watched."""

    def __init__(self, terminal: Any = None) -> None:
        self.terminal = terminal
        self.watched: dict[str, frozenset[str]] = {}
        self.reloads = 0

    def ask(self, question: Callable[[Any], Any]) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(question(self.terminal))
        except Exception as error:
            future.set_exception(error)
        return future

    def watch(self, group: str, symbols: frozenset[str]) -> None:
        self.watched[group] = symbols

    def reload_alerts(self) -> None:
        self.reloads += 1


class FakeBacktests:
    """Notes what was asked of it; nothing runs."""

    def __init__(self) -> None:
        self.begun: list[Any] = []

    def reproduce(self, record_id: int) -> int:
        return 0

    def begin(self, choices: Any) -> int:
        self.begun.append(choices)
        return len(self.begun)

    def load(self, record_id: int) -> int:
        return self.begin(record_id)

    def cancel(self) -> None:
        self.begun.append(None)
