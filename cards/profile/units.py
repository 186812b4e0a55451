"""Units on a card: how many there are, what became of them lately, putting others there; all with the update key."""

from dataclasses import dataclass, replace

from cards.desfire.authenticate import Scheme
from cards.desfire.commands import commit, read_records, value_of, write_record
from cards.desfire.procedure import Procedure
from cards.desfire.status import ACTIONS, Action
from cards.errors import CardRefused, UnitsMoved
from cards.profile.data import counted, read_quota
from cards.profile.event import LogRecord
from cards.profile.layout import LOG_FILE, UPDATE
from cards.profile.reading import in_application


@dataclass(frozen=True, slots=True)
class Units:
    """The counter, and the last ten events on the card, oldest first."""

    value: int
    events: tuple[LogRecord, ...]

    @property
    def newest(self) -> LogRecord | None:
        """The last event: it says what the units on the card are for, and since when."""
        return self.events[-1] if self.events else None


def read_units(key: bytes, *, scheme: Scheme = Scheme.EV1) -> Procedure[Units]:
    """What the card says of its units, to whoever holds its update key `key`: nobody in between can forge it.

    Raises:
        AuthenticationFailed, ForeignCard; RecordDamaged.
    """
    session, (value,) = yield from in_application(UPDATE, key, [read_quota()], scheme)
    try:
        (log,) = yield from session.batch([read_records(LOG_FILE.number, 0, 0, LOG_FILE.size, LOG_FILE.mode)])
    except CardRefused as refused:
        # an empty log has no record to end with
        if ACTIONS[refused.status] is not Action.LIMIT:
            raise
        log = b""
    starts = range(0, len(log), LOG_FILE.size)
    return Units(value_of(value), tuple(LogRecord.decode(log[at : at + LOG_FILE.size]) for at in starts))


def load(key: bytes, had: int, wanted: int, log: LogRecord, *, scheme: Scheme = Scheme.EV1) -> Procedure[LogRecord]:
    """Brings the counter from `had` to `wanted` and writes `log`, both or neither; the record as it stands on the card.

    `delta` and `quota_after` of the record are set here. When the card is gone before the last answer has come, it may
    have been done: the record tells (`read_units`).

    Raises:
        UnitsMoved: the counter is not at `had`; nothing was changed.
        AuthenticationFailed, ForeignCard
    """
    session, (value,) = yield from in_application(UPDATE, key, [read_quota()], scheme)
    if value_of(value) != had:
        raise UnitsMoved
    record = replace(log, delta=wanted - had, quota_after=wanted)
    write = write_record(LOG_FILE.number, 0, record.encode(), LOG_FILE.mode)
    yield from session.batch([*counted(had, wanted), write, commit()])
    return record
