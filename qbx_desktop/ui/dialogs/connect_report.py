"""What a test of the connection found: terminal, account, whose money, the four switches, or the failure in words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from ...domain.messages import Message
from ...workers.connection_trial import Findings
from .. import figures
from ..context import AppContext

_SWITCHES = {
    "terminal_info.trade_allowed": "Algo Trading is on in MetaTrader",
    "terminal_info.tradeapi_disabled": "MetaTrader allows trading through Python",
    "account_info.trade_expert": "The broker allows automatic trading",
    "account_info.trade_allowed": "This login may trade",
}


class ConnectReport(QWidget):
    """Empty until something is shown."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._content: QWidget | None = None

    def text(self) -> str:
        """Everything it says, line by line."""
        labels = self._content.findChildren(QLabel) if self._content is not None else []
        return "\n".join(label.text() for label in labels if label.text())

    def clear(self) -> None:
        """Show nothing."""
        self._put(None)

    def show_busy(self) -> None:
        """The terminal is being asked."""
        t = self._context.words.t
        self._say(
            t("Asking MetaTrader… It may need a minute to start. Nothing is ordered by this test."), "muted"
        )

    def show_failure(self, reason: Message | str) -> None:
        """Why there is no connection, with its remedy."""
        self._say(reason if isinstance(reason, str) else self._context.words.say(reason), "error")

    def show_findings(self, found: Findings) -> None:
        """Terminal, account, DEMO or REAL, server, and each switch with its remedy when it is off."""
        t, content = self._context.words.t, QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        kind = QLabel(t("REAL") if found.real else t("DEMO"))
        kind.setProperty("badge", "real" if found.real else "demo")
        account, terminal = found.account, found.terminal
        money = f"{figures.money(account.balance, 2, self._context.words.language)} {account.currency}"
        rows = (
            ("Terminal", ", ".join(each for each in (terminal.name, terminal.company) if each)
             + " " + t("(build {build})", build=terminal.build)),
            ("Account", t("{login}, balance {money}", login=account.login, money=money)),
            ("Server", account.server),
        )  # fmt: skip
        for at, (title, value) in enumerate(rows):
            grid.addWidget(QLabel(t(title)), at, 0)
            grid.addWidget(QLabel(value.strip(), wordWrap=True), at, 1)
        grid.addWidget(QLabel(t("Money")), len(rows), 0)
        grid.addWidget(kind, len(rows), 1, Qt.AlignmentFlag.AlignLeft)
        for at, switch in enumerate(found.switches, len(rows) + 1):
            mark = QLabel()
            name, token = ("good", "accent") if switch.on else ("error", "error")
            mark.setPixmap(self._context.icons.icon(name, token).pixmap(18, 18))
            mark.setAccessibleName(t("fine") if switch.on else t("not fine"))
            text = t(_SWITCHES[switch.name]) if switch.on else self._context.words.say(switch.remedy)
            label = QLabel(text, wordWrap=True)
            if not switch.on:
                label.setProperty("role", "error")
            grid.addWidget(mark, at, 0)
            grid.addWidget(label, at, 1)
        self._put(content)

    def _say(self, text: str, role: str) -> None:
        content = QWidget()
        box = QVBoxLayout(content)
        box.setContentsMargins(0, 0, 0, 0)
        label = QLabel(text, wordWrap=True)
        label.setProperty("role", role)
        box.addWidget(label)
        self._put(content)

    def _put(self, content: QWidget | None) -> None:
        if self._content is not None:
            self._layout.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self._content = content
        if content is not None:
            self._layout.addWidget(content)
            # Shown now, so that the dialog can measure it at once.
            content.show()
