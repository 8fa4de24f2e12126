"""The program's settings: each declared once (key, type, default, title), read from memory, written in the background."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from ..data import old_decisions
from ..domain.events import Topic

NOTIFICATIONS = "Notifications"


@dataclass(frozen=True)
class Setting:
    """One setting. `choices` maps a stored value to its English title; `group` is its page in the dialog.

    Numbers lie between `low` and `high`; a stored one that does not counts as never set.
    """

    key: str
    default: Any
    title: str
    group: str
    choices: Mapping[Any, str] | None = None
    low: float | None = None
    high: float | None = None
    step: float | None = None


# What each topic of notices does besides standing in the centre: (tray, sound, English words of the topic).
POLICY: Mapping[Topic, tuple[bool, bool, str]] = {
    Topic.FILL: (True, False, "An order was filled"),
    Topic.REFUSAL: (True, True, "An order was refused"),
    Topic.BOT_ERROR: (True, True, "A bot has a problem"),
    Topic.CONNECTION: (True, False, "The connection was lost"),
    Topic.ALERT: (True, True, "A price alert fired"),
    Topic.UNKNOWN_ORDER: (True, True, "What became of an order is not known"),
    Topic.INFO: (False, False, "For your information"),
}
_POLICY = tuple(
    Setting(key, default, title, NOTIFICATIONS)
    for topic, (tray, sound, title) in POLICY.items()
    for key, default in ((f"notify.{topic}", tray), (f"notify.{topic}.sound", sound))
)

DECLARED: tuple[Setting, ...] = (
    Setting("ui.language", "en", "Language", "Appearance", {"en": "English", "id": "Bahasa Indonesia"}),
    Setting("ui.theme", "dark", "Theme", "Appearance", {"dark": "Dark", "light": "Light", "system": "As the system"}),
    Setting(
        "ui.prices", "blue_orange", "Price colours", "Appearance",
        {"blue_orange": "Blue up, orange down (safe for colour-blind eyes)", "green_red": "Green up, red down",
         "red_green": "Red up, green down"},
    ),
    Setting(
        "ui.text_scale", 100, "Text size", "Appearance",
        {100: "100 %", 125: "125 %", 150: "150 %", 175: "175 %", 200: "200 %"},
    ),
    Setting("ui.reduce_motion", False, "Reduce motion (prices do not flash)", "Appearance"),
    Setting("ui.tray_told", False, "The note about the tray was shown", ""),
    Setting("ui.first_run_done", False, "The first run was shown", ""),
    Setting("safety.risk_percent", 1.0, "Risk per trade, %", "Safety", low=0.1, high=10.0, step=0.1),
    Setting("safety.daily_loss_percent", 3.0, "Stop for today after losing, %", "Safety", low=0.0, high=100.0, step=0.5),
    Setting("safety.open_positions", 3, "Most open positions", "Safety", low=0, high=1_000),
    Setting(
        "bots.resume_real", "ask", "Bots of a real account, after a restart", "Safety",
        {"ask": "Ask me before they go on", "always": "Go on without asking"},
    ),
    Setting(
        "trading.commission", 0.0, "Commission per lot and side (until learnt)", "Safety",
        low=0.0, high=1_000.0, step=0.5,
    ),
    *_POLICY,
    Setting("lock.at_start", True, "Ask for the password when the program starts (if one is set)", "Lock"),
    Setting(
        old_decisions.KEY, old_decisions.KEEP_DAYS, "Delete decisions that led to no order after", "Data",
        {30: "30 days", 90: "90 days", 365: "a year", 0: "never"},
    ),
    Setting("updates.check", False, "Ask once a day whether there is a newer version (nothing about you is sent)", "Updates"),
    Setting("updates.serial", 0, "Newest announcement seen", ""),
    Setting("search.scheduler", "", "Address of a Dask scheduler for searches (empty: this computer)", ""),
    Setting(
        "lock.after_minutes", 15, "Lock when nobody touched it for (if a password is set)", "Lock",
        {0: "never", 5: "5 minutes", 15: "15 minutes", 60: "an hour"},
    ),
    Setting("practice.speed", 60.0, "Speed of practice time", ""),
    Setting("terminal.kind", "simulated", "Terminal", "", {"simulated": "Practice", "mt5": "MetaTrader 5"}),
    Setting("terminal.path", "", "Path of terminal64.exe", ""),
    Setting("terminal.account", 0, "Account agreed on, 0: any demo account", ""),
    Setting("terminal.server", "", "Server of that account", ""),
    Setting("terminal.real_account", 0, "Account on which real money was allowed, 0: none", ""),
    Setting("terminal.password_kept", False, "The broker password is in the credential store", ""),
)  # fmt: skip
_BY_KEY = {each.key: each for each in DECLARED}

Save = Callable[[str, Any], None]


class Settings(QObject):
    """Lives in the GUI thread; `changed` carries the key."""

    changed = Signal(str)

    def __init__(self, stored: Mapping[str, Any], save: Save, parent: QObject | None = None) -> None:
        """`stored` is what was read at the start; `save(key, value)` hands a change over without waiting."""
        super().__init__(parent)
        self._values = {
            key: stored[key] for key in _BY_KEY if key in stored and fits(_BY_KEY[key], stored[key])
        }
        self._save = save

    def get(self, key: str) -> Any:
        """The value of a declared setting. Raises KeyError for one nobody declared."""
        return self._values.get(key, _BY_KEY[key].default)

    def set(self, key: str, value: Any) -> None:
        """Change a declared setting, now in memory and soon on disk. Raises KeyError, ValueError."""
        if not fits(_BY_KEY[key], value):
            raise ValueError(f"{value!r} does not fit the setting {key}")
        if self.get(key) != value:
            self._values[key] = value
            self._save(key, value)
            self.changed.emit(key)


def fits(setting: Setting, value: Any) -> bool:
    """Whether a stored or chosen value is of the declared type and among the choices."""
    if setting.choices is not None:
        return any(type(value) is type(each) and value == each for each in setting.choices)
    if isinstance(setting.default, float):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return False
    elif type(value) is not type(setting.default):
        return False
    above = setting.low is None or value >= setting.low
    return above and (setting.high is None or value <= setting.high)
