"""How a password is hashed, checked, and which ones are not accepted."""

from __future__ import annotations

from werkzeug.security import check_password_hash, generate_password_hash

METHOD = "scrypt:32768:8:3"
DEFAULT_PASSWORD = "admin"  # noqa: S105 - the documents' published default, which opens nothing
# A hash that no password matches: the practice profile has none.
NO_PASSWORD = "!"  # noqa: S105 - not a password


def hash_password(password: str) -> str:
    """A salted hash at the strength of METHOD (about half a second and 32 MB)."""
    return generate_password_hash(password, method=METHOD)


def matches(stored: str, password: str) -> bool:
    """Whether `password` made `stored`; an unknown or malformed hash matches nothing."""
    try:
        return check_password_hash(stored, password)
    except (ValueError, OverflowError, MemoryError, TypeError):
        return False


def is_default_password(stored: str) -> bool:
    """Whether the hash is of the documents' default password."""
    return stored.startswith(("scrypt:", "pbkdf2:")) and matches(stored, DEFAULT_PASSWORD)
