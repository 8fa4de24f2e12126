"""Fetches the announcement of new versions over HTTPS: little, slowly at most, and from nowhere else."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from ..domain.messages import declare
from .update_manifest import UpdateError

_UNREACHED = declare(
    "update.unreached",
    "The announcement of new versions could not be fetched ({why}). Nothing was changed; it is tried again tomorrow, "
    "or at once from the Help menu.",
)
_UNSAFE = declare(
    "update.unsafe",
    "The announcement of new versions is not at a safe (https) address. Nothing was fetched and nothing was changed.",
)
_TIMEOUT = 10.0
_MOST_BYTES = 64 * 1024


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """A redirect may lead to another https address only."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if urlsplit(newurl).scheme != "https":
            fp.close()
            raise UpdateError(_UNSAFE())
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(address: str, context: ssl.SSLContext | None = None) -> bytes:
    """What lies at `address`, at most 64 KB. `context` is for another authority than the system's.

    Sends nothing about the trader. Raises UpdateError.
    """
    if urlsplit(address).scheme != "https":
        raise UpdateError(_UNSAFE())
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=context or ssl.create_default_context()), _HttpsOnly()
    )
    headers = {"User-Agent": "QuantumBotX", "Accept": "application/json"}
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - https, checked above
    try:
        with opener.open(request, timeout=_TIMEOUT) as answer:
            data: bytes = answer.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:  # URLError, time-outs and TLS errors are OSErrors
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        reason = getattr(error, "reason", None) or error
        raise UpdateError(_UNREACHED(why=str(reason)[:200])) from error
    if len(data) > _MOST_BYTES:
        raise UpdateError(_UNREACHED(why="it is larger than 64 KB"))
    return data
