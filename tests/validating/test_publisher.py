"""What is published is what terminals take, and it is what the register says."""

from datetime import date, timedelta

import pytest
from psycopg import AsyncConnection
from psycopg.errors import RaiseException

from amis.kernel import clock
from amis.kernel.keys import keystore
from amis.validating import bundle_round
from rules.period import Days
from tests.validating.carried import Carried, Press
from tests.validating.town import JELGAVA, Town

FREE = {"kind": "free"}


@pytest.fixture
async def press(worker_connection: AsyncConnection) -> Press:
    return Press(worker_connection)


@pytest.fixture
async def carried(town: Town, press: Press) -> Carried:
    """A terminal of the town's provider that has taken the first bundle."""
    await town.add_terminal()
    assert len(await press.run()) == 1
    found = Carried(town.provider)
    await found.follow()
    return found


async def set_state(town: Town, token: object, state: str, status: int) -> None:
    await town.db.execute(
        "UPDATE token SET state = %s, status = %s, reason = 'lost' WHERE id = %s", (state, status, token)
    )


async def test_the_first_bundle_names_places_terminals_and_terms(town: Town, press: Press) -> None:
    concession = await town.add_concession("BUS", FREE)
    terminal = await town.add_terminal()
    assert len(await press.run()) == 1
    carried = Carried(town.provider)
    await carried.follow()
    policy = carried.holding.policy
    assert policy is not None
    assert policy.terminals == {str(terminal.id): "BUS-1"}
    assert policy.places["BUS-1"].mode == "bus"
    [(_, [revision])] = policy.concessions.items()
    assert (revision.code, revision.revision, revision.grantor) == (concession.hex, 1, "JLG")
    assert sorted(carried.fetched) == ["cards", "policy", "status"]
    assert await press.run() == []


async def test_a_block_reaches_the_terminal_as_one_small_delta(town: Town, press: Press, carried: Carried) -> None:
    holder = await town.add_holder()
    assert await press.run() == []
    await set_state(town, holder.token, "blocked", 2)
    [seq] = await press.run()
    await carried.follow()
    assert (carried.deltas, carried.holding.seq) == (1, seq)
    assert carried.holding.status(1, holder.index) == 2
    await set_state(town, holder.token, "active", 0)
    await press.run()
    await carried.follow()
    assert carried.holding.status(1, holder.index) == 0


async def test_a_card_is_carried_with_its_holders_rights_until_it_is_dead(
    town: Town, press: Press, carried: Carried
) -> None:
    concession = await town.add_concession("BUS", FREE)
    card, other = await town.add_card(concession), await town.add_card(concession)
    await press.run()
    await carried.follow()
    snapshot = carried.holding.snapshot
    assert snapshot is not None
    number = snapshot.profile(card.uid)
    assert number is not None
    assert number == snapshot.profile(other.uid)
    [right] = snapshot.profiles[number].rights
    assert clock.today() in right.periods
    await set_state(town, card.token, "blocked", 2)
    await press.run()
    await carried.follow()
    assert carried.deltas == 1
    assert carried.holding.snapshot is not None
    assert carried.holding.snapshot.profile(card.uid) == 0
    assert carried.holding.snapshot.profile(other.uid) == number
    assert carried.holding.snapshot.profile(b"\x04none!!") is None


async def test_a_card_that_lasts_longer_is_carried_at_once(town: Town, press: Press, carried: Carried) -> None:
    card = await town.add_card(await town.add_concession("BUS", FREE))
    last, later = clock.today() + timedelta(days=2), clock.today() + timedelta(days=12)
    await town.db.execute("UPDATE token SET valid_to = %s WHERE id = %s", (last, card.token))
    await press.run()
    await town.db.execute("UPDATE token SET valid_to = %s WHERE id = %s", (later, card.token))
    await press.run()
    await carried.follow()
    snapshot = carried.holding.snapshot
    assert snapshot is not None
    [right] = snapshot.profiles[snapshot.profile(card.uid) or 0].rights
    assert last in right.periods


async def test_a_card_that_has_expired_is_noted_once(town: Town, press: Press, carried: Carried) -> None:
    card = await town.add_card(await town.add_concession("BUS", FREE))
    await press.run()
    await town.db.execute("UPDATE token SET valid_to = %s WHERE id = %s", (clock.today(), card.token))
    for _ in range(2):
        press.restart()
        await press.run()
    await carried.follow()
    assert carried.holding.snapshot is not None
    # a snapshot that is built anew leaves it out
    assert not carried.holding.snapshot.profile(card.uid)
    found = await town.db.execute("SELECT count(*) FROM status_change WHERE token_id = %s", (card.token,))
    # as it came, and as its last day was moved
    assert await found.fetchone() == (2,)


async def test_a_new_right_of_a_small_town_is_carried_at_once(town: Town, press: Press, carried: Carried) -> None:
    bus, canteen = await town.add_concession("BUS", FREE), await town.add_concession("CANTEEN", FREE)
    card = await town.add_card(bus)
    await press.run()
    await carried.follow()
    before = carried.holding.snapshot
    await give(town, card.token, canteen)
    await press.run()
    await carried.follow()
    after = carried.holding.snapshot
    assert before is not None
    assert after is not None
    assert [len(one.profiles[one.profile(card.uid) or 0].rights) for one in (before, after)] == [1, 2]


async def give(town: Town, token: object, concession: object) -> None:
    """Gives a token's holder one more right, as granting does, and notes it as the worker does."""
    found = await town.db.execute("SELECT person_id FROM token WHERE id = %s", (token,))
    [person] = await found.fetchone() or ()
    await town.add_entitlement(person, concession)  # type: ignore[arg-type]
    await town.db.execute(
        "INSERT INTO status_change (municipality_id, token_id, status_list, status_index, status)"
        " SELECT municipality_id, id, status_list, status_index, status FROM token WHERE id = %s",
        (token,),
    )


async def test_suspended_days_are_left_out_and_a_waiver_stands_apart(
    town: Town, press: Press, carried: Carried
) -> None:
    first = clock.today().replace(day=1)
    pupils = await town.add_concession(
        "PUPILS", FREE, terms={"calendar": "{[2020-09-01,2021-06-01)}", "waiver": "work"}
    )
    card = await town.add_card()
    await give(town, card.token, pupils)
    await town.db.execute(
        "UPDATE entitlement SET suspended = datemultirange(daterange(%s, %s)),"
        " waived = datemultirange(daterange(%s, %s))",
        (first, first + timedelta(3), first + timedelta(5), first + timedelta(8)),
    )
    await press.run()
    await carried.follow()
    snapshot = carried.holding.snapshot
    assert snapshot is not None
    plain, lifted = snapshot.profiles[snapshot.profile(card.uid) or 0].rights
    assert (plain.flags, lifted.flags) == (frozenset(), frozenset({"work"}))
    assert str(lifted.periods) == f"{{[{first + timedelta(5)},{first + timedelta(8)})}}"
    assert [first + timedelta(day) in plain.periods for day in (0, 2, 3, 4, 5, 7, 8)] == [False, False] + [True] * 2 + [
        False,
        False,
        True,
    ]


async def test_rights_are_cut_to_two_months_but_where_a_quota_counts_from_their_start(
    town: Town, press: Press, carried: Carried
) -> None:
    plain = await town.add_concession("PLAIN", FREE)
    counted = await town.add_concession("COUNTED", FREE, quota={"n": 5, "per": "period"})
    card = await town.add_card(plain, counted)
    await press.run()
    await carried.follow()
    snapshot = carried.holding.snapshot
    assert snapshot is not None
    rights = snapshot.profiles[snapshot.profile(card.uid) or 0].rights
    first = clock.today().replace(day=1)
    assert [right.periods.edges[0] for right in rights] == [first, date(2020, 1, 1)]
    assert {right.periods.edges[-1] for right in rights} == {
        ((first + timedelta(31)).replace(day=1) + timedelta(31)).replace(day=1)
    }


async def test_changed_terms_send_the_policy_and_keep_what_did_not_change(
    town: Town, press: Press, carried: Carried
) -> None:
    concession = await town.add_concession("BUS", FREE)
    await press.run()
    await carried.follow()
    carried.fetched.clear()
    await town.add_revision(concession, clock.today() + timedelta(days=9), {"kind": "percent", "value": "50"})
    [seq] = await press.run()
    await carried.follow()
    assert carried.fetched == ["policy"]
    assert carried.holding.seq == seq
    policy = carried.holding.policy
    assert policy is not None
    [dated] = policy.concessions.values()
    assert [one.revision for one in dated] == [1, 2]


async def test_an_amnesty_is_told(town: Town, press: Press, carried: Carried) -> None:
    today = clock.today()
    await town.insert(
        "amnesty",
        id="01900000-0000-7000-8000-000000000001",
        municipality_id=JELGAVA,
        from_day=today,
        until_day=today + timedelta(days=3),
        note="storm",
        made_by="clerk",
        made_at=clock.now(),
    )
    await press.run()
    await carried.follow()
    policy = carried.holding.policy
    assert policy is not None
    assert policy.amnesty == {"JLG": Days.parse(f"{{[{today},{today + timedelta(days=3)})}}")}


async def test_an_idle_terminal_is_told_each_half_hour_that_nothing_has_changed(press: Press, carried: Carried) -> None:
    before, hash_before = carried.holding.floor, carried.holding.hash
    assert await press.run(timedelta(minutes=10)) == []
    assert len(await press.run(timedelta(minutes=25))) == 1
    await carried.follow(press.at)
    assert carried.deltas == 1
    assert carried.holding.floor - before >= timedelta(minutes=30)
    assert carried.holding.hash == hash_before
    late = Carried(carried.provider)
    await late.follow(press.at)
    assert (late.holding.seq, late.holding.hash) == (carried.holding.seq, hash_before)


async def test_what_was_noted_while_nobody_published_is_simply_next(town: Town, press: Press, carried: Carried) -> None:
    concession = await town.add_concession("BUS", FREE)
    holder, card = await town.add_holder(), await town.add_card(concession)
    await press.run()
    await carried.follow()
    press.restart()
    await set_state(town, holder.token, "blocked", 2)
    await set_state(town, card.token, "ended", 1)
    await press.run()
    carried.deltas = 0
    carried.fetched.clear()
    await carried.follow(press.at)
    assert carried.deltas == 1
    assert carried.holding.status(1, holder.index) == 2
    assert carried.holding.snapshot is not None
    assert carried.holding.snapshot.profile(card.uid) == 0
    late = Carried(town.provider)
    await late.follow(press.at)
    assert late.holding.hash == carried.holding.hash


CUT = {
    "the version": "INSERT ON bundle_version",
    "its parts": "INSERT ON bundle_part",
    "the notes of tokens": "UPDATE ON status_change",
    "the notes of policies": "DELETE ON policy_change",
}


@pytest.mark.parametrize("cut", CUT)
async def test_a_round_that_is_cut_off_leaves_nothing_and_is_done_again(
    town: Town, press: Press, carried: Carried, cut: str
) -> None:
    await town.add_concession("BUS", FREE)
    holder = await town.add_holder()
    await set_state(town, holder.token, "blocked", 2)
    await town.db.execute(
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'cut off'; END$$"
    )
    await town.db.execute(f"CREATE TRIGGER cut AFTER {CUT[cut]} FOR EACH ROW EXECUTE FUNCTION cut()")  # type: ignore[arg-type]
    with pytest.raises(RaiseException):
        await press.run()
    before = carried.holding.seq
    await carried.follow()
    assert carried.holding.seq == before
    await town.db.execute(f"DROP TRIGGER cut ON {CUT[cut].rpartition(' ')[2]}")  # type: ignore[arg-type]
    await press.run()
    await carried.follow(press.at)
    assert carried.holding.status(1, holder.index) == 2
    assert carried.holding.policy is not None
    assert carried.holding.policy.concessions


async def test_numbers_follow_the_clock_past_those_of_a_database_that_was_lost(
    town: Town, press: Press, carried: Carried
) -> None:
    held = carried.holding.seq
    assert held is not None
    # as restored from a backup made before anything was published
    await town.db.execute("TRUNCATE bundle_version, bundle_part")
    press.restart()
    [seq] = await press.run(timedelta(minutes=1))
    assert seq > held
    await carried.follow(press.at)
    assert carried.holding.seq == seq


async def test_a_large_snapshot_asks_about_a_new_profile_until_the_night(
    town: Town, press: Press, carried: Carried, monkeypatch: pytest.MonkeyPatch
) -> None:
    bus, canteen = await town.add_concession("BUS", FREE), await town.add_concession("CANTEEN", FREE)
    card, _ = await town.add_card(bus), await town.add_card(bus)
    await press.run()
    await carried.follow()
    monkeypatch.setattr(bundle_round, "SMALL", 1)
    await give(town, card.token, canteen)
    await press.run()
    carried.fetched.clear()
    await carried.follow()
    assert carried.fetched == []
    assert carried.holding.snapshot is not None
    assert carried.holding.snapshot.profile(card.uid) == 0xFFFF
    # the next night
    await press.run(timedelta(days=1))
    await carried.follow(press.at)
    snapshot = carried.holding.snapshot
    assert len(snapshot.profiles[snapshot.profile(card.uid) or 0].rights) == 2


async def test_a_new_issuer_is_told_with_a_new_trust_list(town: Town, press: Press, carried: Carried) -> None:
    before = carried.holding.trust_list
    keystore().add(f"issuer/T{len(keystore().names())}")
    carried.fetched.clear()
    await press.run(timedelta(seconds=11))
    await carried.follow(press.at)
    assert carried.fetched == ["trust"]
    assert before is not None
    assert carried.holding.trust_list is not None
    assert len(carried.holding.trust_list.entries) == len(before.entries) + 1
