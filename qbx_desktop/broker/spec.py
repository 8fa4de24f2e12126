"""Which terminal to open, and the account it must turn out to be; plain values that cross the process border."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class TerminalSpec:
    """One terminal. `kind` "simulated" is the practice terminal, "mt5" the real MetaTrader 5.

    For both: `account`, `server` and `margin_mode` are what the account must be (None: whatever is found at the
    first connection; from then on that must stay); `demo_only` refuses real money; `halt_file` is looked for
    directly before each order. For "mt5": `path` of terminal64.exe (empty: the module chooses, which may attach
    to another broker's terminal), `portable`. The rest is the practice terminal's: `speed` in server seconds per
    second, `start` in server epoch seconds, `snapshot_path` the file of the practice account, `bars_path` a bar
    store to play from.
    """

    kind: Literal["simulated", "mt5"] = "simulated"
    account: int | None = None
    server: str | None = None
    margin_mode: int | None = None
    demo_only: bool = True
    halt_file: Path | None = None
    path: str = ""
    portable: bool = False
    profile: str = "Demo-Hedging"
    seed: int = 1
    clock_mode: Literal["stepped", "accelerated", "realtime"] = "accelerated"
    speed: float = 60.0
    start: int | None = None
    snapshot_path: Path | None = None
    bars_path: Path | None = None
    symbols: tuple[str, ...] | None = None
    bar_path: Literal["auto", "backtest"] = "auto"

    @property
    def simulated(self) -> bool:
        """True for the practice terminal."""
        return self.kind == "simulated"
