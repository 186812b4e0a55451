from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sync.message import read_event
from sync.notice import Notice, Op, ResidenceChanged, StatusFact
from sync.pretend.changes import step
from sync.pretend.record import STATUS, Record
from sync.simulator import Simulator

AT = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


def played(seed: int, persons: int, steps: int) -> tuple[Simulator, list[Record]]:
    office = Simulator("sopa", seed, persons, AT.date())
    records = [*office.residences(AT), *office.initial(AT)]
    records += [step(office, AT + timedelta(hours=9 * number)) for number in range(steps)]
    return office, records


def test_the_same_seed_plays_the_same_town() -> None:
    assert played(5, 50, 40)[1] == played(5, 50, 40)[1]
    assert played(5, 50, 40)[1] != played(6, 50, 40)[1]


def test_every_version_is_of_one_counter() -> None:
    office, records = played(1, 100, 200)
    assert [record.version for record in records] == list(range(1, len(records) + 1))
    assert office.version == len(records)


def test_everything_that_is_stated_can_be_read() -> None:
    _, records = played(2, 120, 300)
    notices = [read_event(record.event("sopa")) for record in records]
    assert [notice for notice in notices if not isinstance(notice, Notice)] == []
    assert {record.type for record in records} == {notice.type for notice in notices if isinstance(notice, Notice)}
    assert len({record.event("sopa")["id"] for record in records}) == len(records)


def test_the_newest_of_each_record_is_remembered_and_what_stands_is_told_apart() -> None:
    office, records = played(3, 100, 200)
    newest = {record.record_id: record for record in records}
    assert office.expected() == newest
    standing = [record for record in newest.values() if record.type == STATUS and record.op is Op.UPSERT]
    assert office.standing() == standing
    assert any(record.op is Op.WITHDRAW for record in newest.values())


def test_residences_tell_where_everyone_is_declared() -> None:
    office = Simulator("sopa", 1, 40, AT.date())
    told = [read_event(record.event("sopa")) for record in office.residences(AT)]
    stated = [notice.data for notice in told if isinstance(notice, Notice)]
    assert [(data.person.code, data.municipality) for data in stated if isinstance(data, ResidenceChanged)] == [
        (resident.code, resident.municipality) for resident in office.people
    ]


def test_a_day_on_the_wire_is_inclusive() -> None:
    _, records = played(1, 60, 0)
    for record in records:
        if record.type == STATUS and record.grant is not None:
            notice = read_event(record.event("sopa"))
            assert isinstance(notice, Notice)
            assert isinstance(notice.data, StatusFact)
            assert (notice.data.valid_from, notice.data.valid_until) == (
                record.grant.valid_from,
                record.grant.valid_until,
            )


def test_a_record_id_does_not_tell_the_person() -> None:
    office, records = played(1, 100, 50)
    codes = {resident.code for resident in office.people}
    assert not codes & {part for record in records for part in (record.record_id, record.event("sopa")["id"])}
