"""What goes on, looked up once a second in each process, however many watch, and written once in each language."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from starlette.applications import Starlette

from amis.kernel import clock
from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.validating import dashboard_store
from amis.validating.dashboard_store import Live
from amis.validating.terminal_words import STANDING_LABELS
from amis.web.chart import Chart, Series
from amis.web.environment import environment
from amis.web.formats import clock_time
from amis.web.i18n import mark, translate
from amis.web.labels import VERDICTS

LOOK_EVERY = timedelta(seconds=1)
_REST = 10
"""A look that takes long rests ten times as long, so that watching costs at most a tenth of a connection."""
STALE_AFTER = timedelta(minutes=35)
"""Data for terminals are published anew at least each 30 minutes."""
PARTS = ("now", "chart", "minutes", "where")
"""Parts of the page that change, each a template and an event."""
_TITLE, _MINUTE = mark("Taps a minute in the last hour"), mark("Minute")
_DESCRIPTION = mark("Stacked bars: accepted, accepted with a warning, without a concession.")


@dataclass(slots=True)
class _Kept:
    live: Live
    at: datetime
    written: dict[tuple[str, bool], dict[str, str]] = field(default_factory=dict)


class Looks:
    """The newest look for each municipality."""

    def __init__(self) -> None:
        self._kept: dict[int, _Kept] = {}
        self._due: dict[int, datetime] = {}

    async def parts(self, actor: Actor, language: str) -> dict[str, str]:
        """The parts of the page as `actor` reads them, at most a moment old."""
        kept = await self._look(actor.municipality_id or 0)
        key = language, actor.may("conflict.read")
        if key not in kept.written:
            kept.written[key] = write(kept.live, kept.at, *key)
        return kept.written[key]

    async def _look(self, municipality: int) -> _Kept:
        now, kept = clock.now(), self._kept.get(municipality)
        if kept is not None and now < self._due[municipality]:
            return kept
        # whoever finds it due takes the turn before waiting for the database; the others go on with what there is
        self._due[municipality] = now + LOOK_EVERY
        async with transaction(system("dashboard", municipality)) as tx:
            kept = _Kept(await dashboard_store.look(tx), tx.at)
        took = clock.now() - now
        self._kept[municipality], self._due[municipality] = kept, now + max(LOOK_EVERY, _REST * took)
        return kept


_of_applications: WeakKeyDictionary[Starlette, Looks] = WeakKeyDictionary()


def looks_of(app: Starlette) -> Looks:
    """The looks that an application shares among those who watch."""
    return _of_applications.setdefault(app, Looks())


def write(live: Live, at: datetime, language: str, with_conflicts: bool) -> dict[str, str]:
    """Each part of the page in a language."""
    known = {"live": live, "plan": plan(live, language), "labels": STANDING_LABELS, "with_conflicts": with_conflicts}
    known["stale"] = live.published is None or at - live.published > STALE_AFTER
    templates = environment(language)
    return {part: templates.get_template(f"validating/live_{part}.html").render(known) for part in PARTS}


def plan(live: Live, language: str) -> Chart:
    """The chart of taps a minute."""
    names = tuple(translate(language, VERDICTS[verdict].text) for verdict in dashboard_store.VERDICTS)
    columns = tuple(zip(*(counts for _, counts in live.minutes), strict=True))
    series = tuple(Series(name, tuple(map(float, values))) for name, values in zip(names, columns, strict=True))
    return Chart(
        translate(language, _TITLE),
        translate(language, _DESCRIPTION),
        tuple(clock_time(minute, language, seconds=False) for minute, _ in live.minutes),
        series,
        translate(language, _MINUTE),
    )
