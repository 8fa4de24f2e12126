"""What a look at a history of bars says: findings with counts and lines, a verdict, and quality along the time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from ..domain.clock import server_text
from ..domain.messages import Message, declare
from ..domain.timeframe import Timeframe

_CLEAN = declare("bars.verdict.clean", "{name}: clean. {bars} bars, {first} to {last}.")
_USABLE = declare(
    "bars.verdict.usable",
    "{name}: usable with notes. {bars} bars, {first} to {last}; read the notes before you believe a result.",
)
_BROKEN = declare(
    "bars.verdict.broken",
    "{name}: broken. {bars} bars, {first} to {last}; a backtest on these bars is fiction. Get them from another "
    "source, or leave the bad stretch out.",
)


class Severity(Enum):
    """How much a finding matters: normal for a market, worth knowing, or spoiling every result."""

    INFO = "info"
    NOTE = "note"
    BAD = "bad"


class Verdict(Enum):
    """What the bars are good for."""

    CLEAN = "clean"
    USABLE = "usable with notes"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One kind of observation: how often, where first (line numbers of the file, or bar numbers + 2), and its sentence."""

    kind: str
    severity: Severity
    count: int
    lines: tuple[int, ...]
    message: Message


@dataclass(frozen=True)
class Band:
    """One stretch of the history-quality ribbon: server epoch seconds, bars in it, and its share of good bars, 0 to 1.

    Bars missing in holes and bars found bad count as not good; closed markets do not count.
    """

    start: int
    stop: int
    bars: int
    quality: float


@dataclass(frozen=True)
class QualityReport:
    """Everything said about one history. `quality` is the share of good bars over all of it, 0 to 1."""

    name: str
    timeframe: Timeframe | None
    digits: int
    bars: int
    first: int
    last: int
    findings: tuple[Finding, ...]
    ribbon: tuple[Band, ...]
    quality: float

    @property
    def verdict(self) -> Verdict:
        """The worst finding decides."""
        found = {finding.severity for finding in self.findings}
        if Severity.BAD in found:
            return Verdict.BROKEN
        return Verdict.USABLE if Severity.NOTE in found else Verdict.CLEAN

    @property
    def sentence(self) -> Message:
        """The verdict in words."""
        kind = {Verdict.CLEAN: _CLEAN, Verdict.USABLE: _USABLE, Verdict.BROKEN: _BROKEN}[self.verdict]
        first, last = (server_text(each) if self.bars else "-" for each in (self.first, self.last))
        return kind(name=self.name, bars=self.bars, first=first, last=last)

    def finding(self, kind: str) -> Finding | None:
        """The finding of that kind, if there is one."""
        return next((each for each in self.findings if each.kind == kind), None)

    def to_json(self) -> Mapping[str, object]:
        """As plain values, for `--json`, a passport or a screen."""
        return {
            "name": self.name,
            "verdict": self.verdict.value,
            "sentence": self.sentence.text,
            "timeframe": self.timeframe.name if self.timeframe else None,
            "digits": self.digits,
            "bars": self.bars,
            "first": self.first,
            "last": self.last,
            "quality": round(self.quality, 6),
            "findings": [
                {
                    "kind": each.kind,
                    "severity": each.severity.value,
                    "count": each.count,
                    "lines": list(each.lines),
                    "code": each.message.code,
                    "text": each.message.text,
                }
                for each in self.findings
            ],
            "ribbon": [
                {"start": each.start, "stop": each.stop, "bars": each.bars, "quality": round(each.quality, 4)}
                for each in self.ribbon
            ],
        }
