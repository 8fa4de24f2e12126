"""Numbers as a trader reads them: prices keep the decimal point, money follows the language, signs are never colour alone."""

from __future__ import annotations

from datetime import UTC, datetime

MINUS = "\u2212"
NOTHING = "\u2014"
_SPACE = "\u00a0"
_INDONESIAN = str.maketrans(",.", ".,")


def price(value: float, digits: int) -> str:
    """A price with the symbol's digits, always with a decimal point; a dash for 0 (MetaTrader's "none")."""
    return f"{value:.{digits}f}" if value else NOTHING


def digits_of(*prices: float) -> int:
    """The most decimals any of these prices shows: what a position tells of its symbol's digits."""
    return max((len(f"{each:.10g}".partition(".")[2]) for each in prices), default=0)


def lots(value: float) -> str:
    """A volume: two decimals, more only where the symbol's step needs them."""
    text = f"{value:.8f}".rstrip("0")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"


def money(value: float, digits: int = 2, language: str = "en") -> str:
    """An amount with grouped thousands: `10 007.80`, in Indonesian `10.007,80`; a true minus sign."""
    text = f"{abs(value):,.{digits}f}"
    text = text.translate(_INDONESIAN) if language == "id" else text.replace(",", _SPACE)
    return f"{MINUS}{text}" if value < 0 and text.strip("0.,") else text


def signed(value: float, digits: int = 2, language: str = "en") -> str:
    """A profit or change with its sign: `+7.80`, `−6.10`, `0.00`."""
    text = money(value, digits, language)
    return f"+{text}" if value > 0 and text.strip("0.,") else text


def percent(value: float, digits: int = 1, language: str = "en", with_sign: bool = False) -> str:
    """A percentage with a space before the sign, as `3 120.0 %`."""
    return f"{(signed if with_sign else money)(value, digits, language)}{_SPACE}%"


def arrow(side: int) -> str:
    """An arrow for a direction: up for buy, down for sell."""
    return "\u25b2" if side > 0 else "\u25bc" if side < 0 else ""


def local_time(seconds: float, with_date: bool = True) -> str:
    """UTC epoch seconds in the computer's own time zone."""
    at = datetime.fromtimestamp(seconds, UTC).astimezone()
    return at.strftime("%Y-%m-%d %H:%M:%S" if with_date else "%H:%M:%S")


def server_clock(seconds: float) -> str:
    """Server time (the broker's wall clock written as an epoch) as `HH:MM:SS`."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%H:%M:%S")
