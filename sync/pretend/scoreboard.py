"""What a pretend source counts: what was sent and came back on each way, mischief, drift, and what flows out."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sync.clock import now
from sync.pretend.exchange import Outcome

_REMEMBERED = 2000
_SHOWN = 20


@dataclass(slots=True)
class Way:
    """One way of sending: how many exchanges, which verdicts, and how long the last ones took in seconds."""

    exchanges: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))

    def to_json(self) -> dict[str, Any]:
        p50, p99 = (percentile(self.seconds, share) for share in (0.5, 0.99))
        lag = {"p50_ms": round(p50 * 1000, 1), "p99_ms": round(p99 * 1000, 1)}
        return {"exchanges": self.exchanges, "verdicts": dict(sorted(self.verdicts.items())), **lag}


@dataclass(slots=True)
class Tally:
    """How often a kind of mischief was done, and how often what came back was what must."""

    done: int = 0
    as_it_must: int = 0


@dataclass(slots=True)
class Outflow:
    """What was read of the feed, and what came to the webhook sink; `fault` is what ended the reading."""

    entries: int = 0
    seq: int = 0
    head: int = 0
    gaps: int = 0
    fault: str = ""
    topics: Counter[str] = field(default_factory=Counter)
    hooks: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Scoreboard:
    """The counts of one run; `drift` are the buckets that differ, None while nobody has compared."""

    source: str
    began: datetime
    ways: dict[str, Way] = field(default_factory=dict)
    mischief: dict[str, Tally] = field(default_factory=dict)
    differences: deque[dict[str, str]] = field(default_factory=lambda: deque(maxlen=_SHOWN))
    different: int = 0
    drift: list[int] | None = None
    compared_at: datetime | None = None
    records: int = 0
    standing: int = 0
    waiting: int = 0
    outflow: Outflow = field(default_factory=Outflow)

    @classmethod
    def new(cls, source: str) -> Scoreboard:
        """The board of a source that begins now."""
        return cls(source, now())

    def note(self, outcome: Outcome, at: datetime, as_it_must: bool) -> None:
        """Counts one exchange."""
        exchange = outcome.exchange
        way = self.ways.setdefault(exchange.via, Way())
        way.exchanges += 1
        way.verdicts += outcome.came.verdicts
        way.seconds.append(outcome.seconds)
        if exchange.mischief:
            tally = self.mischief.setdefault(exchange.mischief, Tally())
            tally.done += 1
            tally.as_it_must += as_it_must
        if not as_it_must:
            self.different += 1
            named = {"via": exchange.via, "mischief": exchange.mischief}
            self.differences.appendleft({"at": at.isoformat(), **named, "what": outcome.difference()})

    def compared(self, drift: Iterable[int], at: datetime) -> None:
        """The receiver's digest was compared with what it must be."""
        self.drift, self.compared_at = list(drift), at

    @property
    def is_well(self) -> bool:
        """Everything came back as it must, and nothing has drifted."""
        return not self.different and not self.drift and not self.outflow.gaps and not self.outflow.fault

    def to_json(self) -> dict[str, Any]:
        """All counts."""
        return {
            "source": self.source,
            "began": self.began.isoformat(),
            "well": self.is_well,
            "ways": {name: way.to_json() for name, way in sorted(self.ways.items())},
            "mischief": {
                name: {"done": tally.done, "as_it_must": tally.as_it_must}
                for name, tally in sorted(self.mischief.items())
            },
            "different": self.different,
            "differences": list(self.differences),
            "ledger": self._ledger(),
            "outflow": self._outflow(),
        }

    def _ledger(self) -> dict[str, Any]:
        compared = self.compared_at.isoformat() if self.compared_at else None
        buckets = None if self.drift is None else len(self.drift)
        counts = {"records": self.records, "standing": self.standing, "waiting": self.waiting}
        return {**counts, "drift": buckets, "buckets": self.drift or [], "compared_at": compared}

    def _outflow(self) -> dict[str, Any]:
        flow = self.outflow
        read = {"entries": flow.entries, "seq": flow.seq, "head": flow.head, "gaps": flow.gaps, "fault": flow.fault}
        return {"feed": {**read, "topics": dict(sorted(flow.topics.items()))}, "webhooks": dict(flow.hooks)}


def percentile(values: Iterable[float], share: float) -> float:
    """The value below which this share of them lies (nearest rank); 0 for none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
