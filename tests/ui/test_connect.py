"""The connect dialog over an object at sys.modules["MetaTrader5"]: every failure in words, real money only on consent."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

from qbx_desktop import launch
from qbx_desktop.broker import mt5_module
from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.finder import Installation
from qbx_desktop.broker.sentences import explain
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport, ProcessTransport
from qbx_desktop.data.home import Home
from qbx_desktop.domain.errors import QbxError
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs import connect
from qbx_desktop.ui.dialogs.connect import ConnectDialog
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.settings import Settings
from qbx_desktop.ui.words import Words
from tests.fakes.terminal_module import FakeTerminalModule
from tests.fakes.workers import FakeQuotes

# The offscreen platform cannot keep windows from shrinking, and says so each time.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

DROP_IN = Path(__file__).parent.parent / "fakes" / "drop_in"
ENTRY = {"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, "price": 1.1001, "sl": 1.09, "magic": 7}
FAILURES = [
    (-1, "Terminal: Call failed"),
    (-2, "Terminal: Invalid params"),
    (-3, "Terminal: Out of memory"),
    (-4, "Terminal: Not found"),
    (-5, "Terminal: Incompatible versions, please install the latest version of Terminal and Python module"),
    (-6, "Terminal: Authorization failed"),
    (-7, "Terminal: Unsupported function"),
    (-8, "Auto-Trading using Python API disabled in Terminal"),
    (-10000, "IPC call failed"),
    (-10001, "IPC send failed"),
    (-10002, "IPC recv failed"),
    (-10003, "IPC initialize failed, MetaTrader 5 x64 not found"),
    (-10003, "IPC initialize failed, Process create failed 'C:\\MT5\\terminal64.exe'"),
    (-10003, "IPC initialize failed, Pipe server didn't answer in 60 sec"),
    (-10003, "IPC initialize failed, Path too long"),
    (-10003, "IPC initialize failed, CreateFile failed [5]"),
    (-10003, "IPC initialize failed, No MQL5 folder in 'C:\\MT5'"),
    (-10003, "IPC initialize failed, No origin.txt in 'C:\\MT5'"),
    (-10003, "IPC initialize failed, something new"),
    (-10004, "No IPC connection"),
    (-10005, "IPC timeout"),
]

Opener = Callable[..., ConnectDialog]


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> FakeTerminalModule:
    made = FakeTerminalModule()
    monkeypatch.setitem(sys.modules, "MetaTrader5", made)
    return made


@pytest.fixture
def open_dialog(context: AppContext, live: Live) -> Iterator[Opener]:
    opened: list[ConnectDialog] = []

    def open_it(
        found: tuple[Installation, ...] = (), road: object = None, **changes: object
    ) -> ConnectDialog:
        def in_process(spec: TerminalSpec) -> InlineTransport:
            return InlineTransport(mt5_module.load(), spec)

        dialog = ConnectDialog(
            replace(context, **changes), live, road=road or in_process, installations=lambda: found
        )
        opened.append(dialog)
        dialog.show()
        return dialog

    yield open_it
    for each in opened:
        each.reject()
        shiboken6.delete(each)


def outcome(qtbot: QtBot, dialog: ConnectDialog) -> str:
    dialog.metatrader.setChecked(True)
    dialog.test.click()
    assert not dialog.save.isEnabled()
    qtbot.waitUntil(lambda: not dialog.stop.isVisible(), timeout=30_000)
    return dialog.report.text()


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: error[1][:40])
def test_every_failure_is_said_with_its_own_remedy(
    qtbot: QtBot, open_dialog: Opener, module: FakeTerminalModule, error: tuple[int, str]
) -> None:
    module.faults = {"error": {"initialize": error}}
    said = outcome(qtbot, open_dialog())
    assert said == explain(error).text
    assert said.count(".") >= 2, "a cause and a remedy"


def test_no_two_failures_share_a_sentence() -> None:
    sentences = {explain(error).text for error in FAILURES}
    assert len(sentences) == len(FAILURES)


def test_a_good_terminal_is_shown_and_agreed_on(
    qtbot: QtBot, open_dialog: Opener, module: FakeTerminalModule, context: AppContext
) -> None:
    dialog = open_dialog()
    said = outcome(qtbot, dialog)
    for part in ("51234567", "Fake-Demo", "DEMO", "Algo Trading is on", "This login may trade"):
        assert part in said
    assert not any(name == "order_send" for name, _, _ in module.calls)
    assert module.calls[-1][0] == "shutdown"
    dialog.save.click()
    spec = launch.metatrader(context.settings.get, Home(Path("x")))
    assert (context.settings.get("terminal.kind"), spec.account, spec.server) == (
        "mt5",
        51234567,
        "Fake-Demo",
    )
    assert spec.demo_only


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        ({"terminal": {"trade_allowed": False}}, 'Press the "Algo Trading" button'),
        ({"terminal": {"tradeapi_disabled": True}}, "Expert Advisors"),
        ({"account": {"trade_expert": False}}, "Ask the broker"),
        ({"account": {"trade_allowed": False}}, "trading password"),
    ],
)
def test_a_switch_that_is_off_has_its_remedy(
    qtbot: QtBot, open_dialog: Opener, module: FakeTerminalModule, fault: dict, remedy: str
) -> None:
    module.faults = fault
    assert remedy in outcome(qtbot, open_dialog())


def test_real_money_is_refused_until_its_number_is_typed(
    qtbot: QtBot, open_dialog: Opener, module: FakeTerminalModule, context: AppContext
) -> None:
    module.faults = {"account": {"trade_mode": 2}}
    dialog = open_dialog()
    assert "REAL" in outcome(qtbot, dialog)
    for typed in ("", "5123456", "yes"):
        dialog.consent.setText(typed)
        assert not dialog.save.isEnabled()
        assert dialog.save.toolTip()
    dialog.consent.setText("51234567")
    dialog.save.click()
    spec = launch.metatrader(context.settings.get, Home(Path("x")))
    assert (spec.account, spec.demo_only) == (51234567, False)
    again = open_dialog()
    again.use("C:/other/terminal64.exe")
    again.save.click()
    spec = launch.metatrader(context.settings.get, Home(Path("x")))
    assert (spec.account, spec.demo_only) == (None, True), "consent does not move to another terminal"


@pytest.mark.parametrize(
    "account",
    [{"login": 9}, {"server": "Other-Demo"}, {"trade_mode": 2}, {"login": 9, "trade_mode": 2}],
    ids=["account", "server", "real", "real account"],
)
@pytest.mark.parametrize("moment", ["at the start", "later"])
def test_no_order_reaches_another_account_server_or_real_money(
    qtbot: QtBot,
    open_dialog: Opener,
    module: FakeTerminalModule,
    context: AppContext,
    account: dict,
    moment: str,
) -> None:
    dialog = open_dialog()
    outcome(qtbot, dialog)
    dialog.save.click()
    if moment == "at the start":
        module.faults = {"account": account}
    terminal = Terminal(
        TerminalClient(InlineTransport(module, launch.metatrader(context.settings.get, Home(Path("x")))))
    )
    if moment == "at the start":
        with pytest.raises(QbxError):
            terminal.open()
    else:
        terminal.open()
        module.faults = {"account": account}
    assert terminal.send(ENTRY).sent is False
    assert module.sent() == []
    terminal.close()


def test_an_agreed_real_account_can_be_traded_and_no_other(module: FakeTerminalModule) -> None:
    stored = {"terminal.account": 51234567, "terminal.server": "Fake-Demo", "terminal.real_account": 51234567}
    settings = Settings(stored, lambda key, value: None)
    module.faults = {"account": {"trade_mode": 2}}
    terminal = Terminal(
        TerminalClient(InlineTransport(module, launch.metatrader(settings.get, Home(Path("x")))))
    )
    terminal.open()
    assert terminal.send(ENTRY).sent
    module.faults = {"account": {"trade_mode": 2, "login": 9}}
    assert terminal.send(ENTRY).sent is False
    assert len(module.sent()) == 1
    terminal.close()


def test_the_connection_in_use_is_asked_instead_of_a_second_one(
    qtbot: QtBot, open_dialog: Opener, module: FakeTerminalModule, context: AppContext
) -> None:
    module.faults = {"account": {"trade_mode": 2}}
    terminal = Terminal(TerminalClient(InlineTransport(module, TerminalSpec(kind="mt5"))))
    with pytest.raises(QbxError):
        terminal.open()

    def never(spec: TerminalSpec) -> InlineTransport:
        raise AssertionError("a terminal serves one connection only")

    context.settings.set("terminal.kind", "mt5")
    dialog = open_dialog(road=never, practice=False, quotes=FakeQuotes(terminal))
    assert "not a demo account" in outcome(qtbot, dialog)
    assert dialog.consent.isVisible()
    assert not dialog.save.isEnabled()
    dialog.consent.setText("51234567")
    assert dialog.save.isEnabled()
    terminal.close()


def test_use_this_takes_the_found_terminal(
    qtbot: QtBot, open_dialog: Opener, module: FakeTerminalModule, context: AppContext
) -> None:
    dialog = open_dialog((Installation("Broker MT5", Path("/mt5/terminal64.exe"), Path("/data"), 1.0),))
    dialog.metatrader.setChecked(True)
    dialog.found.buttons[0].click()
    outcome(qtbot, dialog)
    assert Path(dialog.path.text()) == Path("/mt5/terminal64.exe")
    assert [Path(args[0]) for name, args, _ in module.calls if name == "initialize"] == [
        Path("/mt5/terminal64.exe")
    ]


def test_without_the_package_one_sentence_says_so(
    open_dialog: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "has_module", lambda: False)
    dialog = open_dialog()
    dialog.metatrader.setChecked(True)
    assert "Windows only" in dialog.note.text()
    assert not dialog.save.isEnabled()
    assert not dialog.test.isEnabled()
    dialog.practice.setChecked(True)
    assert dialog.save.isEnabled()


class Store:
    """A credential store in memory; `broken` does not open."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.broken = False

    def set_password(self, service: str, name: str, password: str) -> None:
        if self.broken:
            raise RuntimeError("locked")
        self.kept[name] = password

    def get_password(self, service: str, name: str) -> str | None:
        return self.kept.get(name)

    def delete_password(self, service: str, name: str) -> None:
        del self.kept[name]


def test_a_password_is_kept_in_the_store_only_and_forgotten(
    qtbot: QtBot, open_dialog: Opener, module: FakeTerminalModule, context: AppContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    store = Store()
    monkeypatch.setitem(sys.modules, "keyring", store)
    dialog = open_dialog()
    outcome(qtbot, dialog)
    assert not dialog.password.keep.isChecked()
    dialog.password.keep.setChecked(True)
    assert not dialog.save.isEnabled()
    dialog.password.password.setText("secret")
    store.broken = True
    dialog.save.click()
    qtbot.waitUntil(lambda: "no credential store" in dialog.report.text())
    assert context.settings.get("terminal.kind") == "simulated"
    store.broken = False
    dialog.save.click()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert store.kept == {"51234567@Fake-Demo": "secret"}
    spec = launch.metatrader(context.settings.get, Home(Path("x")))
    assert launch.kept_password(spec) == "secret"
    dialog = open_dialog()
    dialog.password.keep.setChecked(False)
    dialog.save.click()
    qtbot.waitUntil(lambda: not dialog.isVisible())
    assert store.kept == {}
    assert not context.settings.get("terminal.password_kept")


def test_without_a_store_no_password_can_be_typed(
    open_dialog: Opener, module: FakeTerminalModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = connect.PasswordChoice.__init__.__globals__["importlib"].util.find_spec
    monkeypatch.delitem(sys.modules, "keyring", raising=False)
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == "keyring" else real(name, *rest)
    )
    dialog = open_dialog()
    dialog.metatrader.setChecked(True)
    assert not dialog.password.password.isVisible()
    assert "offers no credential store" in dialog.password.note.text()


def test_a_hung_terminal_leaves_the_window_alive_and_can_be_given_up(
    qtbot: QtBot,
    open_dialog: Opener,
    module: FakeTerminalModule,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "faults.json").write_text(json.dumps({"hang": {"initialize": 120}}))
    monkeypatch.setenv("QBX_FAKE_TERMINAL", os.fspath(tmp_path))
    monkeypatch.setattr(sys, "path", [str(DROP_IN), *sys.path])
    dialog = open_dialog(road=ProcessTransport)
    dialog.use(str(tmp_path))
    beats: list[int] = []
    timer = QTimer(dialog, interval=10)
    timer.timeout.connect(lambda: beats.append(1))
    timer.start()
    dialog.test.click()
    qtbot.waitUntil(lambda: len(beats) > 50, timeout=20_000)
    assert "Asking MetaTrader" in dialog.report.text()
    dialog.stop.click()
    assert dialog.report.text() == ""
    assert dialog.test.isEnabled()


def test_every_control_has_a_name(open_dialog: Opener, module: FakeTerminalModule) -> None:
    dialog = open_dialog((Installation("Broker MT5", Path("/mt5/terminal64.exe"), Path("/data"), 1.0),))
    for each in (*dialog.findChildren(QAbstractButton), *dialog.findChildren(QLineEdit)):
        named = each.accessibleName() or (each.text() if isinstance(each, QAbstractButton) else "")
        assert named, each


def test_every_failure_is_said_in_indonesian_too(words: Words) -> None:
    words.use("id")
    for error in FAILURES:
        message = explain(error)
        said = words.say(message)
        assert said != message.text, message.code
        assert "{" not in said
