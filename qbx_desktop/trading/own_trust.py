"""The trader's consent to the files of his own strategies, kept in the database."""

from __future__ import annotations

from typing import Any

from ..data import audit, strategy_trust
from ..data.database import Database
from ..domain.clock import Clock
from ..strategies.own.library import Consent, Trust
from ..strategies.own.source import OwnSource


def trust_in(db: Database) -> Trust:
    """What the database knows of a file's bytes; for any thread."""

    def consent(path: str, sha256: str) -> Consent:
        return consent_of(db.reader(), path, sha256)

    return consent


def consent_of(con: Any, path: str, sha256: str) -> Consent:
    """What the trader has said about these bytes at this path. Raises DbError."""
    if strategy_trust.is_approved(con, path, sha256):
        return Consent.APPROVED
    return Consent.CHANGED if strategy_trust.is_known(con, path) else Consent.NONE


def approve(con: Any, source: OwnSource, clock: Clock, user_id: int | None = None) -> None:
    """Remember the consent to exactly the bytes of `source`; inside a transaction. Raises DbError."""
    at_ms = int(clock.now() * 1000)
    strategy_trust.approve(
        con, path=str(source.path), sha256=source.sha256, size=len(source.data), at_ms=at_ms, user_id=user_id,
        source=source.data,
    )  # fmt: skip
    detail = {"path": str(source.path), "sha256": source.sha256, "size": len(source.data)}
    audit.record(con, "strategy approved", at_ms=at_ms, user_id=user_id, detail=detail)


def withdraw(con: Any, path: str, clock: Clock, user_id: int | None = None) -> None:
    """Forget every consent to the file at `path`; inside a transaction. Raises DbError."""
    if strategy_trust.revoke(con, path):
        at_ms = int(clock.now() * 1000)
        audit.record(con, "strategy consent withdrawn", at_ms=at_ms, user_id=user_id, detail={"path": path})
