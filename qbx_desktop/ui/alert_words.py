"""An alert in words: when it fires, how often, and how it stands now."""

from __future__ import annotations

from ..domain.alert_sentences import when
from ..domain.alerts import BarShows, Condition, Often, Schedule, WatchAlert
from . import figures
from .words import Words


def when_text(words: Words, symbol: str, condition: Condition | None, digits: int) -> str:
    """The end of "This alert fires when …"."""
    return words.say(when(symbol, condition, digits))


def often_text(words: Words, schedule: Schedule, condition: Condition | None) -> str:
    """How often, how many times, with which pause and until when: a few short sentences."""
    t = words.t
    parts = []
    if schedule.often is Often.ONCE:
        parts.append(t("Once."))
    elif isinstance(condition, BarShows):
        parts.append(t("At every close."))
    elif schedule.often is Often.PER_BAR:
        frame = schedule.timeframe.name if schedule.timeframe else ""
        parts.append(t("Once per {timeframe} bar.", timeframe=frame))
    else:
        parts.append(t("Every time."))
    if schedule.often is not Often.ONCE:
        if schedule.most:
            parts.append(t("At most {n} times.", n=schedule.most))
        if schedule.pause:
            parts.append(t("Not again within {seconds} s.", seconds=schedule.pause))
    if schedule.expires_ms is not None:
        parts.append(t("Ends {when}.", when=figures.local_time(schedule.expires_ms / 1000)[:16]))
    return " ".join(parts)


def state_text(words: Words, alert: WatchAlert, now_ms: int) -> str:
    """Whether it still waits, and what it has done."""
    t, state = words.t, alert.state
    last = "" if state.hit_ms is None else figures.local_time(state.hit_ms / 1000)[5:16]
    if alert.condition is None:
        return t("unknown, never fires")
    if alert.is_over(now_ms):
        over = figures.local_time((alert.schedule.expires_ms or 0) / 1000)[5:16]
        return t("over since {when}, fired {n} times", when=over, n=state.hits)
    if state.armed:
        return t("waiting; fired {n} times, last {when}", n=state.hits, when=last) if last else t("waiting")
    if not last:
        return t("off")
    if state.hits > 1:
        return t("fired {n} times, last {when}, now off", n=state.hits, when=last)
    return t("hit {when}, now off", when=last)
