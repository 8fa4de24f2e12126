"""The way back in after a forgotten password: ordered on an administrator's command line, carried out at the next start."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

from ..domain.bots import BotStatus
from ..domain.clock import Clock
from ..domain.errors import UserMistake
from ..domain.messages import declare
from . import audit, bots, seals, snapshots, users
from .database import Database
from .home import Home
from .password_rules import NO_PASSWORD

_NOT_ELEVATED = declare(
    "reset.not_elevated",
    "Only an administrator of this computer may do that; nothing was changed. Open the command line as administrator "
    "(on Linux: with sudo) and give the same command there.",
)


def order_file(home: Home) -> Path:
    """Lies in the data folder from the order until the next start."""
    return home.root / "password-reset"


def order(home: Home) -> Path:
    """Have the next start take the password away. Raises UserMistake for who is no administrator, Stop."""
    if not is_elevated():
        raise UserMistake(_NOT_ELEVATED())
    snapshots.write(order_file(home), b"ordered on the command line\n")
    return order_file(home)


def carry_out(home: Home, db: Database, clock: Clock) -> bool:
    """Do what was ordered: the profile has no password any more, every bot is paused, the audit log says so.

    An order that no administrator made is thrown away. Raises DbError; then the order stays for the next start.
    """
    path = order_file(home)
    try:
        made_by = path.stat()
    except FileNotFoundError:
        return False
    valid = os.name == "nt" or made_by.st_uid == 0
    if valid:
        at_ms = round(clock.now() * 1000)
        db.write(lambda con: _take_away(con, at_ms))
    path.unlink(missing_ok=True)
    return valid


def _take_away(con: sqlite3.Connection, at_ms: int) -> None:
    user_id = users.ensure_practice_user(con)
    con.execute("UPDATE users SET password_hash = ? WHERE id = ?", (NO_PASSWORD, user_id))
    con.execute(
        "UPDATE user_security SET must_change = 0, failed = 0, lock_started_ms = NULL, locked_until_ms = NULL"
        " WHERE user_id = ?",
        (user_id,),
    )
    seals.seal(con, seals.USER, user_id)
    for bot in bots.list_bots(con):
        if bot.status is BotStatus.AKTIF:
            bots.set_status(con, bot.id, BotStatus.DIJEDA)
    audit.record(con, "user.password_reset", at_ms=at_ms, user_id=user_id, source="command line")


if sys.platform == "win32":
    import ctypes

    def is_elevated() -> bool:
        """Whether this process runs with an administrator's rights."""
        return bool(ctypes.windll.shell32.IsUserAnAdmin())

else:

    def is_elevated() -> bool:
        """Whether this process runs with an administrator's rights."""
        return os.geteuid() == 0
