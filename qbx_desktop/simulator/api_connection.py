"""initialize, login, shutdown, and what the terminal tells about itself and the account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import arguments, surface
from .api_base import ApiBase
from .arguments import Refused, bad
from .structseq import StructSequence
from .terminal_state import NO_LINK
from .valuation import worth

_AUTH_FAILED = Refused(-6, "Terminal: Authorization failed")
_RELEASE_DATE = "18 Sep 2026"


class ConnectionFunctions(ApiBase):
    """The module's functions around the connection."""

    def initialize(self, *args: Any, **kwargs: Any) -> bool:
        """Attach to the terminal; an existing connection is closed first, even when the arguments are wrong."""
        self._state.is_linked = False

        def run(wanted: Mapping[str, Any]) -> bool:
            self._attach(wanted)
            self._state.link()
            return True

        return bool(
            self._call(
                "initialize", lambda: self._read_initialize(args, kwargs), run, False, needs_link=False
            )
        )

    def login(self, *args: Any, **kwargs: Any) -> bool:
        """Switch the terminal to another account of the server."""

        def run(wanted: Mapping[str, Any]) -> bool:
            self._attach(wanted)
            return True

        return bool(self._call("login", lambda: self._read_login(args, kwargs), run, False))

    def shutdown(self, *args: Any, **kwargs: Any) -> bool:
        """Let go of the terminal; the practice account is saved."""
        arguments.none("shutdown", args, kwargs)
        self._last_error = (1, "Success")
        self._move()
        self._state.is_linked = False
        self._save_now()
        return True

    def version(self, *args: Any, **kwargs: Any) -> Any:
        """`(500, build, release date)`; unlike the others it answers something before anybody connected."""
        arguments.none("version", args, kwargs)
        return self._call(
            "version", tuple, lambda _: (500, int(self._state.flags["build"]), _RELEASE_DATE),
            unlinked=((0, 0, ""), NO_LINK),
        )  # fmt: skip

    def terminal_info(self, *args: Any, **kwargs: Any) -> Any:
        """TerminalInfo."""
        arguments.none("terminal_info", args, kwargs)
        return self._call("terminal_info", tuple, lambda _: self._terminal_info())

    def account_info(self, *args: Any, **kwargs: Any) -> Any:
        """AccountInfo."""
        arguments.none("account_info", args, kwargs)
        return self._call("account_info", tuple, lambda _: self._account_info())

    def _read_initialize(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        if len(args) > 1:
            raise bad("Invalid number of arguments")
        if args:
            arguments.unnamed_text(args, 0, surface.PATH_CHARS)
        return self._read_account(kwargs, "initialize")

    def _read_login(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        if len(args) > 3:
            raise bad("Invalid number of arguments")
        values: dict[str, Any] = {}
        if args:
            if not isinstance(args[0], int):
                raise bad("Invalid 1st unnamed argument")
            values["login"] = arguments.unsigned("login", "login", args[0])
        for index, (name, most) in enumerate(
            (("password", surface.PASSWORD_CHARS), ("server", surface.SERVER_CHARS)), start=1
        ):
            if len(args) > index:
                values[name] = arguments.unnamed_text(args, index, most)
        values.update(self._read_account(kwargs, "login"))
        if not values.get("login"):
            raise bad('Invalid "login" argument')
        return values

    @staticmethod
    def _read_account(kwargs: Mapping[str, Any], function: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if (number := arguments.keyword_number(function, kwargs, "login")) is not None:
            values["login"] = number
        for name, most in (("password", surface.PASSWORD_CHARS), ("server", surface.SERVER_CHARS)):
            if (text := arguments.keyword_text(kwargs, name, most)) is not None:
                values[name] = text
        if "timeout" in kwargs:
            arguments.unsigned(function, "timeout", kwargs["timeout"], 32)
        return values

    def _attach(self, wanted: Mapping[str, Any]) -> None:
        number = wanted.get("login") or self._account.login
        account = self._server.accounts.get(number)
        server = wanted.get("server")
        if account is None or (server and server != self._server.profile.server):
            raise _AUTH_FAILED
        password = wanted.get("password")
        if password and account.password and password != account.password:
            raise _AUTH_FAILED
        self._state.use_account(number)

    def _terminal_info(self) -> StructSequence:
        folder = "C:\\Program Files\\QuantumBotX Practice Terminal"
        values = {"connected": True, "path": folder, "data_path": folder, "commondata_path": folder}
        return surface.build("TerminalInfo", {**values, **self._state.flags})

    def _account_info(self) -> StructSequence:
        account = self._account
        now = worth(self._market, account)
        return surface.build(
            "AccountInfo",
            {
                "company": self._server.profile.company,
                **account.settings,
                "login": account.login,
                "server": self._server.profile.server,
                "currency_digits": account.digits,
                "balance": account.balance,
                "credit": account.credit,
                "profit": now.profit,
                "equity": now.equity,
                "margin": now.margin,
                "margin_free": now.free,
                "margin_level": now.level,
            },
        )
