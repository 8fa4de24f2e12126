"""Every failure of the terminal in words: what happened, what about the money, what to do now."""

from __future__ import annotations

from ..domain.messages import Message, MessageKind, declare
from . import command
from .command import Error

FAILED = declare(
    "terminal.failed",
    "MetaTrader could not answer ({code}: {text}). No order was sent by this; it is asked again by itself.",
)
INVALID = declare(
    "terminal.invalid_params",
    "MetaTrader refused the question as malformed ({text}). No order was sent. If it happens again, "
    "check the symbol and the number of bars asked for, then report it with `qbx doctor`.",
)
NO_MEMORY = declare(
    "terminal.no_memory",
    "MetaTrader is out of memory. Open positions keep their stops at the broker. "
    "Close charts and other programs, then restart MetaTrader; we reconnect by ourselves.",
)
NOT_FOUND = declare(
    "terminal.not_found",
    "MetaTrader does not know what was asked for ({text}), often a symbol the broker does not offer. "
    "No order was sent. Choose the symbol from the broker's list.",
)
VERSION = declare(
    "terminal.version",
    "MetaTrader and its Python package have different versions. No order was sent. "
    "Update MetaTrader (Help, Check for updates) and QuantumBotX, then connect again.",
)
AUTH = declare(
    "terminal.auth",
    "The broker refused the login. Open positions keep their stops at the broker; nothing more is tried, so that "
    "the account is not locked. Log in inside MetaTrader with the right account, password and server, then connect again.",
)
UNSUPPORTED = declare(
    "terminal.unsupported",
    "MetaTrader cannot do this through Python ({text}). No order was sent. If the account needs a one-time password "
    "or a certificate, log in inside MetaTrader by hand, then connect again.",
)
API_DISABLED = declare(
    "terminal.api_disabled",
    "MetaTrader forbids trading through Python. Nothing was sent. In MetaTrader open Tools, Options, Expert Advisors, "
    'clear "Disable algorithmic trading via external Python API", then start again.',
)
INTERNAL = declare(
    "terminal.internal",
    "MetaTrader gave an answer that does not fit the question. It is not used; the connection is made anew. "
    "An order sent at that moment is looked up at the broker before anything else is done.",
)
SEND_FAILED = declare(
    "terminal.send_failed",
    "The connection to MetaTrader broke (it was closed, restarted or updated itself). Bots are waiting; open positions "
    "keep their stops at the broker. Start MetaTrader and we reconnect by ourselves.",
)
RECEIVE_FAILED = declare(
    "terminal.receive_failed",
    "MetaTrader stopped in the middle of an answer. Bots are waiting; open positions keep their stops at the broker, an "
    "order sent at that moment is looked up first. Start MetaTrader and we reconnect by ourselves.",
)
NOT_CONNECTED = declare(
    "terminal.not_connected",
    "MetaTrader 5 does not answer. Bots are waiting; open positions keep their stops at the broker. "
    "Start MetaTrader 5 and we reconnect by ourselves.",
)
NO_ACCOUNT = declare(
    "terminal.no_account",
    "MetaTrader is open but no account is connected. No order was sent. Log in inside MetaTrader, close any dialog "
    "that is open there, check the internet connection; run both programs as the same Windows user.",
)
INIT_NOT_FOUND = declare(
    "terminal.init_not_found",
    "No 64-bit MetaTrader 5 was found on this computer. Nothing was sent. Install it from your broker's page, "
    "or choose its terminal64.exe.",
)
INIT_NOT_STARTED = declare(
    "terminal.init_not_started",
    "MetaTrader could not be started from {detail}. Nothing was sent. Choose the right terminal64.exe; "
    "if it is, start MetaTrader by hand and connect again.",
)
INIT_SILENT = declare(
    "terminal.init_silent",
    "MetaTrader was started but did not answer in 60 seconds. Nothing was sent. Look whether it shows a dialog or is "
    "updating, and run both programs as the same Windows user; then connect again.",
)
INIT_PATH_LONG = declare(
    "terminal.init_path_long",
    "The path to MetaTrader is too long for its Python package. Nothing was sent. "
    "Install MetaTrader in a folder with a shorter path.",
)
INIT_PIPE = declare(
    "terminal.init_pipe",
    "MetaTrader is there but refused the connection ({detail}). Nothing was sent. Run MetaTrader and QuantumBotX as "
    "the same Windows user, neither of them as administrator, and close other programs that use its Python interface.",
)
INIT_INCOMPLETE = declare(
    "terminal.init_incomplete",
    "The MetaTrader installation is not complete ({detail}). Nothing was sent. Start MetaTrader once by hand, "
    "or install it again.",
)
INIT_OTHER = declare(
    "terminal.init_other",
    "The connection to MetaTrader could not be made ({detail}). Nothing was sent. "
    "Start MetaTrader by hand, log in, then connect again.",
)
SILENT = declare(
    "terminal.silent",
    "MetaTrader has not answered for {seconds} seconds. Bots are waiting; open positions keep their stops at the broker. "
    "If a dialog is open in MetaTrader, close it; otherwise the connection is cut and made anew by itself.",
)
TIMED_OUT = declare(
    "terminal.timed_out",
    "MetaTrader did not answer in time. Open positions keep their stops at the broker; an order in flight is looked up "
    "before anything else is done. The connection is made anew by itself.",
)
EXPIRED = declare(
    "terminal.expired",
    "The order was not sent: it waited too long and its price is stale. Nothing changed at the broker; "
    "the bot decides again at its next bar.",
)
HALTED = declare(
    "terminal.halted",
    "Halted, not sent: the HALT file forbids every new order. Open positions keep their stops at the broker. "
    "Lift the halt in the program when you want to trade again.",
)
WRONG_ACCOUNT = declare(
    "terminal.wrong_account",
    "Not sent: MetaTrader is logged in to another account than agreed ({text}). "
    "Log in to the right account there, or connect to this one on purpose.",
)
CLOSED = declare(
    "terminal.closed",
    "The connection to the terminal was closed by you. Nothing was sent; open positions keep their stops at the "
    "broker. Connect again to go on.",
)
BROKEN_CALL = declare(
    "terminal.broken_call",
    "The program asked the terminal in a way that it does not understand ({text}). "
    "Open positions keep their stops at the broker. This is our mistake: please report it with `qbx doctor`.",
)

_BY_CODE: dict[int, MessageKind] = {
    -1: FAILED,
    -2: INVALID,
    -3: NO_MEMORY,
    -4: NOT_FOUND,
    -5: VERSION,
    -6: AUTH,
    -7: UNSUPPORTED,
    -8: API_DISABLED,
    command.INTERNAL_FAIL: INTERNAL,
    command.SEND_FAILED: SEND_FAILED,
    command.RECEIVE_FAILED: RECEIVE_FAILED,
    command.NO_CONNECTION: NOT_CONNECTED,
    command.TIME_OUT: NO_ACCOUNT,
    command.EXPIRED: EXPIRED,
    command.HALTED: HALTED,
    command.WRONG_ACCOUNT: WRONG_ACCOUNT,
    command.CLOSED: CLOSED,
    command.BROKEN_CALL: BROKEN_CALL,
}
_INITIALIZE_FAILED = -10003
_INITIALIZE: tuple[tuple[str, MessageKind], ...] = (
    ("x64 not found", INIT_NOT_FOUND),
    ("Process create failed", INIT_NOT_STARTED),
    ("didn't answer", INIT_SILENT),
    ("Path too long", INIT_PATH_LONG),
    ("CreateFile failed", INIT_PIPE),
    ("No MQL5 folder", INIT_INCOMPLETE),
    ("No origin.txt", INIT_INCOMPLETE),
)
# Trying again by ourselves would lock the account or change nothing: a person must act.
_PERMANENT = frozenset({-5, -6, -7})
# How our own cut of a hung call is told from "no account is connected", which has the same number.
CUT_TEXT = "IPC timeout: the call was cut"


def explain(error: Error) -> Message:
    """The sentence for a `last_error()` of the terminal or of the client. An unknown code is shown with its text."""
    code, text = error
    if code == command.TIME_OUT and text == CUT_TEXT:
        return TIMED_OUT()
    if code == _INITIALIZE_FAILED:
        detail = text.removeprefix("IPC initialize failed, ")
        for part, kind in _INITIALIZE:
            if part in detail:
                return kind(code=code, detail=detail.removeprefix("Process create failed "))
        return INIT_OTHER(code=code, detail=detail)
    return _BY_CODE.get(code, FAILED)(code=code, text=text)


def needs_a_person(error: Error) -> bool:
    """True when connecting again by ourselves is pointless or harmful."""
    return error[0] in _PERMANENT
