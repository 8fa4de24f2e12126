"""A broken pipe between program and terminal."""

from __future__ import annotations

from .arguments import Refused


class LostLink(Refused):
    """The pipe broke. Afterwards every call fails until `initialize`: with the same error when `lasting`, else -10004."""

    def __init__(self, code: int, text: str, lasting: bool = False) -> None:
        super().__init__(code, text)
        self.lasting = lasting
