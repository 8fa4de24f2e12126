"""What can go wrong with a strategy of the trader's, each as a sentence with the file and the line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...domain.errors import Stop, Temporary, UserMistake
from ...domain.messages import SENTENCES, Message, declare
from ...domain.params import ParamError

_RAISED = declare("own.raised", "{file}, line {line}: {error}: {text}")
_RAISED_NOWHERE = declare("own.raised_nowhere", "{file}: {error}: {text}")
_ANSWER = declare("own.answer", "{file}: {text}")
_TRESPASS = declare(
    "own.trespass",
    "{file}, line {line}: it tried to {what}. A strategy gets prices and parameters, nothing else; it was stopped.",
)
TOO_SLOW = declare("own.too_slow", "{file} did not answer within {seconds:g} s; its process was ended")
_TOO_BIG = declare("own.too_big", "{file} wanted more than {megabytes} MB of memory; its process was ended")
_ENDED = declare("own.ended", "the process of {file} ended by itself (exit code {code})")
_NO_PROCESS = declare("own.no_process", "the process for your strategies could not be started ({why})")
_GARBAGE = declare("own.garbage", "the process of {file} answered what cannot be read; it was ended")
_LOADING = declare("own.loading", "Its strategy is being loaded.")
_THINKING = declare("own.thinking", "Its strategy is still working on the last bar.")
CLOSED = declare("own.closed", "the program is ending")


class OwnStrategyError(Stop):
    """The trader's code raised, answered nonsense or reached for what it must not have: it will do so again."""


class ProcessKilled(OwnStrategyError):
    """Its process had to be ended (too slow, too large, gone): once may be chance, three times are not."""


class StillWorking(Temporary):
    """The answer is not there yet: ask again in a moment with the same words. Nothing waits meanwhile."""


def loading() -> StillWorking:
    """The file is being loaded."""
    return StillWorking(_LOADING())


def thinking() -> StillWorking:
    """The decision is being made."""
    return StillWorking(_THINKING())


def too_slow(file: str, seconds: float) -> ProcessKilled:
    return ProcessKilled(TOO_SLOW(file=file, seconds=seconds))


def too_big(file: str, megabytes: int) -> ProcessKilled:
    return ProcessKilled(_TOO_BIG(file=file, megabytes=megabytes))


def ended(file: str, code: int | None) -> ProcessKilled:
    return ProcessKilled(_ENDED(file=file, code="?" if code is None else code))


def garbage(file: str) -> ProcessKilled:
    return ProcessKilled(_GARBAGE(file=file))


def no_process(why: str) -> ProcessKilled:
    return ProcessKilled(_NO_PROCESS(why=why))


def failure_of(head: Mapping[str, Any], file: str, megabytes: int) -> OwnStrategyError | UserMistake:
    """The child's word for a failure as an error."""
    kind, line = head["failed"], int(head.get("line", 0))
    if kind == "memory":
        return too_big(file, megabytes)
    if kind == "trespass":
        return OwnStrategyError(_TRESPASS(file=file, line=line, what=str(head["what"])))
    text = str(head.get("text", ""))
    if kind == "sentence":
        known = head["code"] in SENTENCES
        message = Message(head["code"], head["params"]) if known else _ANSWER(file=file, text=text)
        return ParamError(head["field"], message) if head.get("field") else OwnStrategyError(message)
    if kind == "raised":
        if line:
            return OwnStrategyError(_RAISED(file=file, line=line, error=head["error"], text=text))
        return OwnStrategyError(_RAISED_NOWHERE(file=file, error=head["error"], text=text))
    return OwnStrategyError(_ANSWER(file=file, text=text))
