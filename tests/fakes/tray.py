"""A tray that remembers what it was asked to show."""

from __future__ import annotations


class FakeTray:
    """`there` says whether the computer has a tray."""

    def __init__(self, there: bool = True) -> None:
        self.there = there
        self.messages: list[tuple[str, str, bool]] = []
        self.states: list[tuple[str, str]] = []

    def available(self) -> bool:
        return self.there

    def show_message(self, title: str, text: str, urgent: bool = False) -> None:
        self.messages.append((title, text, urgent))

    def show_state(self, state: str, tooltip: str) -> None:
        self.states.append((state, tooltip))

    def hide(self) -> None:
        self.there = False
