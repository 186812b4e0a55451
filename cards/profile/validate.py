"""A use of the card: the quota goes down and the log says so in one commit, so that neither happens alone."""

from dataclasses import dataclass, replace

from cards.desfire.authenticate import Scheme
from cards.desfire.command import Command
from cards.desfire.commands import commit, debit, read_records, value_of, write_record
from cards.desfire.procedure import Procedure
from cards.desfire.status import ACTIONS, Action
from cards.errors import CardRefused, QuotaUsed
from cards.profile.data import read_quota
from cards.profile.event import LogRecord
from cards.profile.layout import LOG_FILE, QUOTA_FILE, READ, USE
from cards.profile.reading import in_application


@dataclass(frozen=True, slots=True)
class Validated:
    """The quota after the use, and the record of it on the card."""

    quota_left: int
    log: LogRecord


def validate(key: bytes, units: int, log: LogRecord, *, scheme: Scheme = Scheme.EV1) -> Procedure[Validated]:
    """Takes `units` (0 for a use without a quota) and writes `log`: 7 APDUs in three lists. `key` is the use key.

    `delta` and `quota_after` of the record are set here. When the card is gone before the last answer has come, it may
    have been debited: `resume` finds out.

    Raises:
        QuotaUsed: fewer than `units` are left; nothing was changed.
        AuthenticationFailed: the chip does not have the key.
        ForeignCard: our application is not there.
    """
    session, (value,) = yield from in_application(USE, key, [read_quota()], scheme)
    left = value_of(value) - units
    if left < 0:
        raise QuotaUsed
    record = replace(log, delta=-units, quota_after=left)
    try:
        yield from session.batch([*_debit(units), _write(record), commit()])
    except CardRefused as refused:
        raise (QuotaUsed() if ACTIONS[refused.status] is Action.LIMIT else refused) from refused
    return Validated(left, record)


def _debit(units: int) -> list[Command]:
    return [debit(QUOTA_FILE.number, units, QUOTA_FILE.mode)] if units else []


def _write(record: LogRecord) -> Command:
    return write_record(LOG_FILE.number, 0, record.encode(), LOG_FILE.mode)


def newest_record(key: bytes, *, scheme: Scheme = Scheme.EV1) -> Procedure[LogRecord | None]:
    """The last event in the log, None where there was none yet. `key` is the read key.

    Raises:
        AuthenticationFailed, ForeignCard; RecordDamaged.
    """
    command = read_records(LOG_FILE.number, 0, 1, LOG_FILE.size, LOG_FILE.mode)
    try:
        _, (record,) = yield from in_application(READ, key, [command], scheme)
    except CardRefused as refused:
        # an empty log has no record to end with
        if ACTIONS[refused.status] is not Action.LIMIT:
            raise
        return None
    return LogRecord.decode(record)


def resume(
    read_key: bytes, use_key: bytes, units: int, log: LogRecord, *, scheme: Scheme = Scheme.EV1
) -> Procedure[Validated]:
    """`validate` again after a break: where the log already tells of this tap (terminal and seq), nothing is taken.

    Raises what `validate` raises.
    """
    newest = yield from newest_record(read_key, scheme=scheme)
    if newest is not None and newest.same_tap(log):
        return Validated(newest.quota_after, newest)
    return (yield from validate(use_key, units, log, scheme=scheme))
