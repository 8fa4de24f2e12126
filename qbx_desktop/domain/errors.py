"""Errors named by who must act: the trader, time, an operator. Anything else is a bug."""

from __future__ import annotations

from .messages import Message, MessageKind, declare

# A sentence that was written on the spot, or by an earlier program: it cannot be translated.
PLAIN = declare("plain", "{text}")


class QbxError(Exception):
    """An expected failure that carries a sentence: what happened, what about my money, what now."""

    def __init__(self, message: Message | str, detail: str = "") -> None:
        self.message = message if isinstance(message, Message) else PLAIN(text=message)
        self.sentence = message.text if isinstance(message, Message) else message
        self.detail = detail
        super().__init__(self.sentence)

    @classmethod
    def of(cls, kind: MessageKind, /, **params: object) -> QbxError:
        """Build the error from a declared sentence."""
        return cls(kind(**params))


class UserMistake(QbxError):
    """The trader can mend it: shown next to the field, or as one line on the command line (exit code 2)."""


class Temporary(QbxError):
    """Time mends it: tried again with a growing pause; the bot shows *Retrying*."""


class Stop(QbxError):
    """This bot (or this run) must not go on; said once, stays until a person acts."""
