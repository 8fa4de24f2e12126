"""What a new bot begins with: the trader's own safety settings, everything else as it is safest."""

from __future__ import annotations

from ..domain.bots import Bot, BotSettings, SizingMode, StopMode
from .settings import Settings


def fresh_bot(settings: Settings, symbol: str = "EURUSD") -> Bot:
    """A paused, unsaved bot without a name, sized by risk with a stop by ATR."""
    loss = float(settings.get("safety.daily_loss_percent"))
    limits = {
        "daily_loss_percent": loss,
        "bot_daily_loss_percent": loss,
        "max_open_positions": float(settings.get("safety.open_positions")),
    }
    bot_settings = BotSettings(
        sizing_mode=SizingMode.RISK_PERCENT, stop_mode=StopMode.ATR_MULT,
        risk_percent=float(settings.get("safety.risk_percent")), limits=limits,
    )  # fmt: skip
    return Bot(0, "", symbol, "H1", "MA_CROSSOVER", settings=bot_settings)
