"""Strategy files as traders write them, good and bad, each with the line that matters."""

from __future__ import annotations

CROSSOVER = '''
from dataclasses import dataclass
from qbx_desktop.strategies.api import Plot, check, crossings, param, sma


@dataclass(frozen=True)
class Params:
    fast: int = param(5, "Fast average", low=1, high=500, step=1, help="Bars in the fast average.")
    slow: int = param(20, "Slow average", low=1, high=500, step=1, help="Bars in the slow average.")

    def __post_init__(self):
        check(self)


class Strategy:
    """Buys when the fast average crosses above the slow one."""

    title = "My crossover"
    Params = Params

    def warmup(self, params):
        return max(params.fast, params.slow)

    def signals(self, bars, params):
        fast, slow = sma(bars.close, params.fast), sma(bars.close, params.slow)
        up, down = crossings(fast, slow)
        return up.astype(int) - down.astype(int)

    def plots(self, bars, params):
        return [Plot("fast", sma(bars.close, params.fast)), Plot("slow", sma(bars.close, params.slow))]
'''

WITH_PANDAS = '''
import talib
from qbx_desktop.strategies.api import frame


class Strategy:
    """The same in pandas: words instead of numbers."""

    def warmup(self, params):
        return 20

    def signals(self, bars, params):
        table = frame(bars)
        fast, slow = talib.SMA(table.close, 5), table.close.rolling(20).mean()
        up, above = (fast > slow), (fast > slow).shift(1, fill_value=False)
        words = up.map({True: "BUY", False: "SELL"})
        return words.where(up != above, "HOLD")
'''


def body(lines: str, top: str = "") -> str:
    """A strategy whose `signals` is these lines (indented by 8)."""
    inside = "\n".join("        " + line for line in lines.splitlines())
    return f"""
import numpy as np
{top}

class Strategy:
    def warmup(self, params):
        return 1

    def signals(self, bars, params):
{inside}
"""


HANGS = body("while True:\n    pass")
EATS = body("eaten = bytearray(10 * 2**30)\nreturn np.zeros(len(bars))")
EATS_SLOWLY = body(
    "eaten = []\nwhile True:\n    try:\n        eaten.append(np.ones(2**20))\n    except MemoryError:\n        pass"
)
RAISES = body("values = [1, 2]\nreturn values[5]")
EXITS = body("import os\nos._exit(3)")
QUITS = body("raise SystemExit(4)")
IMPORTS_TERMINAL = body("return np.zeros(len(bars))", "import MetaTrader5 as mt5")
IMPORTS_TERMINAL_SLYLY = body(
    'name = "Meta" + "Trader5"\ntry:\n    __import__(name)\nexcept ImportError:\n    pass\nreturn np.zeros(len(bars))'
)
OPENS_DATABASE = body(
    "from pathlib import Path\ntry:\n    Path(r'{database}').read_bytes()\nexcept OSError:\n    pass\nreturn np.zeros(len(bars))"
)
SHIFTS = body("return np.append(np.sign(np.diff(bars.close)), 0)")
CUMULATES = body(
    "mean = np.cumsum(bars.close) / np.arange(1, len(bars) + 1)\nreturn np.sign(bars.close - mean).astype(int)"
)
SYNTAX = "class Strategy:\n    def warmup(self, params)\n        return 1\n"
