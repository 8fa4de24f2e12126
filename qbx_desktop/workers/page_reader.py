"""One reading thread for a table: it comes with the first question, answers in order, and goes when none is left."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

_LINGERS_S = 0.5  # scrolling asks again at once, and a new connection would cost more than the page


class PageReader:
    """`reader` gives the calling thread's reading connection."""

    def __init__(self, reader: Callable[[], Any]) -> None:
        self._reader = reader
        self._questions: deque[tuple[Callable[[Any], Any], Future[Any]]] = deque()
        self._news = threading.Condition()
        self._running = False

    def ask(self, question: Callable[[Any], Any]) -> Future[Any]:
        """Call `question(connection)` in the reading thread. What it raises is the future's error."""
        future: Future[Any] = Future()
        with self._news:
            self._questions.append((question, future))
            if self._running:
                self._news.notify()
            else:
                self._running = True
                threading.Thread(target=self._answer_all, name="qbx-pages", daemon=True).start()
        return future

    def _answer_all(self) -> None:
        while (next_one := self._next()) is not None:
            question, future = next_one
            try:
                future.set_result(question(self._reader()))
            except Exception as error:  # noqa: BLE001 - handed to the window, which says it
                future.set_exception(error)

    def _next(self) -> tuple[Callable[[Any], Any], Future[Any]] | None:
        with self._news:
            if not self._questions:
                self._news.wait(_LINGERS_S)
            if not self._questions:
                self._running = False
                return None
            return self._questions.popleft()
