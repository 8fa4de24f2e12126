"""What must not leave this computer in a log: passwords, tokens, e-mail addresses, account numbers, the person's folder."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SECRET = re.compile(r"(?i)\b(password|passwort|kata sandi|token|secret|api[_-]?key)\b(\W{1,4})(\S+)")
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b")
_SHOWN = 3


def without_secrets(text: str) -> str:
    """The text with whatever looks like a password or token replaced by `***`."""
    return _SECRET.sub(r"\1\2***", text)


def fit_to_send(text: str, accounts: Iterable[int] = (), folder: str = "") -> str:
    """The text as it may be sent to somebody: also without e-mail addresses, with `accounts` shortened to their last
    digits and `folder` (the person's own, which names them) as `~`."""
    text = _EMAIL.sub("***@***", without_secrets(text))
    for account in accounts:
        digits = str(account)
        if len(digits) > _SHOWN:
            text = re.sub(rf"(?<!\d){digits}(?!\d)", f"…{digits[-_SHOWN:]}", text)
    return text.replace(folder, "~") if folder else text
