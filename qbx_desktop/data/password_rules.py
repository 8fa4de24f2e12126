"""How a password is hashed, checked, and which ones are not accepted."""

from __future__ import annotations

import functools
import importlib.resources
import unicodedata

from ..domain.errors import UserMistake
from ..domain.messages import declare

_SHORT = declare("password.short", "The password needs at least {least} characters. The old one still holds.")
_LONG = declare("password.long", "The password may have at most {most} characters. The old one still holds.")
_COMMON = declare(
    "password.common",
    "This password is among the ones that are tried first, or is made of your name. The old one still holds; "
    "take several words that have nothing to do with each other.",
)

METHOD = "scrypt:32768:8:3"
LEAST, MOST = 10, 128
DEFAULT_PASSWORD = "admin"  # noqa: S105 - the documents' published default, which opens nothing
# A hash that no password matches: the practice profile has none.
NO_PASSWORD = "!"  # noqa: S105 - not a password
# Of no password at all, at full strength: an unknown e-mail costs as much time as a known one.
DUMMY_HASH = (
    "scrypt:32768:8:3$XqgT0mJ5yWbR3kNd$"
    "5f1c0c7f3f0f5f6b6b0e7f4b0f6c3d1b9e2a8d7c6b5a49382716051423324150"
    "5f1c0c7f3f0f5f6b6b0e7f4b0f6c3d1b9e2a8d7c6b5a49382716051423324150"
)
# Work factors above these come from a hostile file, not from a real program: checking them could take hours.
_MOST_SCRYPT_WORK = 1 << 23
_MOST_SCRYPT_BYTES = 1 << 29
_MOST_ITERATIONS = 5_000_000


def normal(password: str) -> str:
    """The one spelling of a password (NFKC), so that every keyboard makes the same."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """A salted hash at the strength of METHOD (about half a second and 32 MB)."""
    # Here, not above: it brings a web server along, and a start without a password needs neither.
    from werkzeug.security import generate_password_hash

    return generate_password_hash(normal(password), method=METHOD)


def matches(stored: str, password: str) -> bool:
    """Whether `password` made `stored`; an unknown, malformed or absurdly costly hash matches nothing."""
    if len(password) > MOST or not is_checkable(stored):
        return False
    from werkzeug.security import check_password_hash

    try:
        usual = normal(password)
        if check_password_hash(stored, usual):
            return True
        return usual != password and check_password_hash(stored, password)
    except (ValueError, OverflowError, MemoryError, TypeError):
        return False


def is_checkable(stored: str) -> bool:
    """Whether the hash has a form that is known and can be checked in reasonable time."""
    method, *rest = stored.split("$")
    name, *numbers = method.split(":")
    if len(rest) != 2:
        return False
    try:
        if name == "scrypt":
            n, r, p = (int(each) for each in numbers) if numbers else (32768, 8, 1)
            return min(n, r, p) > 0 and n * r * p <= _MOST_SCRYPT_WORK and 128 * n * r <= _MOST_SCRYPT_BYTES
        if name == "pbkdf2":
            return len(numbers) < 2 or 0 < int(numbers[1]) <= _MOST_ITERATIONS
    except ValueError:
        return False
    return False


def needs_rehash(stored: str) -> bool:
    """Whether the hash is weaker than (or other than) METHOD."""
    return not stored.startswith(f"{METHOD}$")


def is_default_password(stored: str) -> bool:
    """Whether the hash is of the documents' default password."""
    return matches(stored, DEFAULT_PASSWORD)


def check_new(password: str, *, email: str, name: str) -> None:
    """Refuse a password that is too short, too long, common, or made of the person's own words. Raises UserMistake."""
    plain = normal(password)
    if len(plain) < LEAST:
        raise UserMistake(_SHORT(least=LEAST))
    if len(password) > MOST or len(plain) > MOST:
        raise UserMistake(_LONG(most=MOST))
    low = plain.casefold()
    own = {"quantumbotx", email.casefold(), email.casefold().partition("@")[0], name.casefold()}
    rest = low
    for word in sorted((each for each in own if len(each) >= 3), key=len, reverse=True):
        rest = rest.replace(word, "")
    if low in _common() or len(rest) < 4 or len(set(low)) < 4:
        raise UserMistake(_COMMON())


def strength(password: str) -> int:
    """0 (refused) to 4 (strong): for a bar under the field, not for a decision."""
    plain = normal(password)
    if len(plain) < LEAST or plain.casefold() in _common() or len(set(plain)) < 4:
        return 0
    kinds = sum(
        any(test(each) for each in plain)
        for test in (str.islower, str.isupper, str.isdigit, lambda each: not each.isalnum())
    )
    return min(4, 1 + (len(plain) >= 14) + (len(plain) >= 20) + (kinds >= 3))


@functools.cache
def _common() -> frozenset[str]:
    """The commonest passwords of at least LEAST characters (shorter ones are refused anyway)."""
    text = importlib.resources.files(__package__).joinpath("common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())
