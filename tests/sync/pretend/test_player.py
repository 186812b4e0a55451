from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from sync.notice import Op
from sync.pretend.changes import CHANGES, Change
from sync.pretend.decisions import withdraw
from sync.pretend.desk import EVENT_WAYS
from sync.pretend.exchange import Exchange, Upload
from sync.pretend.file_mischief import FILE_TROUBLE
from sync.pretend.lives import change_code, die, double, merge, move, unmerge
from sync.pretend.mischief import EVENT_TROUBLE
from sync.pretend.player import LATE, OUTAGE, Player
from sync.pretend.record import CODE_CHANGED, DIED, HOUSEHOLD, MERGED, MOVED, STATUS, UNMERGED
from tests.sync.pretend.played import ALL_WAYS, AT, player


def turns(made: Player, count: int) -> list[Exchange]:
    return [exchange for number in range(count) for exchange in made.turn(AT + timedelta(hours=number))]


def sent(exchanges: list[Exchange]) -> list[object]:
    return [(exchange.via, exchange.mischief, exchange.what, exchange.must) for exchange in exchanges]


def test_the_same_seed_plays_the_same() -> None:
    one, other = player(seed=4, mischief=0.3), player(seed=4, mischief=0.3)
    assert sent(one[1] + turns(one[0], 60)) == sent(other[1] + turns(other[0], 60))
    assert one[0].oracle.digest(None) == other[0].oracle.digest(None)
    assert sent(player(seed=5)[1]) != sent(one[1])


def test_all_that_is_stated_has_arrived_once_nothing_is_left_to_say() -> None:
    made, _ = player(mischief=0.3)
    turns(made, 200)
    for _ in made.settle(AT):
        pass
    assert made.behind() == []
    standing = {record.record_id for record in made.office.standing()}
    entries = made.oracle.statuses.entries.items()
    assert {name for name, entry in entries if entry.op is Op.UPSERT} == standing


def test_a_tour_takes_every_way_and_makes_every_trouble() -> None:
    made, _ = player()
    exchanges = list(made.tour(AT))
    ways = {exchange.via for exchange in exchanges}
    assert ways >= {*(f"events-{way}" for way in EVENT_WAYS), *ALL_WAYS[len(EVENT_WAYS) :]}
    assert {exchange.mischief for exchange in exchanges} == {"", LATE, OUTAGE, *EVENT_TROUBLE, *FILE_TROUBLE}
    kinds = {record.type for record in made.office.expected().values()}
    assert kinds == {STATUS, MOVED, CODE_CHANGED, DIED, MERGED, UNMERGED, HOUSEHOLD}
    assert (made.behind(), made.backlog, made.desk.late) == ([], [], [])


def test_without_a_machine_nothing_is_sent_as_a_file() -> None:
    made, load = player(ways=EVENT_WAYS, mischief=0.5)
    exchanges = [*load, *turns(made, 100), *made.tour(AT)]
    assert not [exchange for exchange in exchanges if isinstance(exchange.what, Upload)]


def test_turns_take_ways_and_make_trouble_in_their_share() -> None:
    made, _ = player(mischief=0.25)
    counted = Counter(bool(exchange.mischief) for exchange in turns(made, 150))
    assert counted[True] > 10
    quiet, _ = player(mischief=0.0)
    assert {exchange.mischief for exchange in turns(quiet, 150)} <= {"", LATE}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_each_change_can_happen_and_takes_the_next_version(change: Change) -> None:
    made, _ = player(persons=120)
    before = {merge: (double,), unmerge: (double, merge)}.get(change, ())
    for earlier in before:
        assert earlier(made.office, AT) is not None
    version = made.office.version
    record = change(made.office, AT)
    assert record is not None
    assert record.version == version + 1
    assert made.office.expected()[record.record_id] == record


def test_what_cannot_happen_is_left() -> None:
    office = player(persons=3)[0].office
    assert merge(office, AT) is None
    assert unmerge(office, AT) is None
    for record in office.standing():
        office.withdraw(record.record_id, AT)
    assert [change(office, AT) for change in (withdraw, die, move, change_code)] == [None] * 4
