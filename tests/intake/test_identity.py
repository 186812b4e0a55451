"""Who is who, as sources say it: codes that turn out to be one person's, and what hangs on that."""

import asyncio
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from amis.concessions.seed_lv import JELGAVA
from amis.granting.service import Cause, record_and_regrant
from amis.intake.authority import rank_sources
from amis.intake.errors import SenderUnknown
from amis.intake.senders import define_sender
from amis.issuing import store as tokens
from amis.issuing.service import issue_qr
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.register import store as people
from amis.register.errors import PersonMerged
from amis.register.service import FactChange
from sync.sopa import sopa_mapping
from tests.granting.town import granted
from tests.intake.wire import APPLIED, SOURCE, STALE, TOWN, UNCHANGED, Wire, event, find, new_code, of_person, rights
from tests.walks.counts import count

NEEDY, DISABLED = "{[2026-03-01,2026-06-01)}", "{[2026-03-01,)}"
UNKNOWN = ("rejected", "person_code.unknown", "/data/person/code")
LASTING: dict[str, Any] = {"valid_from": "2026-03-01", "valid_to": None}


def merged(kept: str, other: str, record: str, version: int = 1, **more: Any) -> dict[str, Any]:
    return event(
        "person.merged.v1", person={"code": kept}, merged={"code": other}, record_id=record, version=version, **more
    )


def unmerged(kept: str, other: str, record: str, version: int = 1, **more: Any) -> dict[str, Any]:
    named = {"person": {"code": kept}, "merged": {"code": other}, "unmerged_on": "2026-04-01"}
    return event("person.unmerged.v1", record_id=record, version=version, **named, **more)


def died(code: str, day: date, record: str, version: int = 1, **more: Any) -> dict[str, Any]:
    told = {"record_id": record, "version": version, "died_on": day.isoformat()}
    return event("person.died.v1", person={"code": code}, **told, **more)


def recoded(code: str, new: str, day: str, record: str, version: int = 1, **more: Any) -> dict[str, Any]:
    told = {"record_id": record, "version": version, "new_code": new, "changed_on": day}
    return event("person.code_changed.v1", person={"code": code}, **told, **more)


def housed(code: str, home: str | None, since: str, record: str, version: int = 1, **more: Any) -> dict[str, Any]:
    told = {"record_id": record, "version": version, "household": home, "since": since}
    return event("household.changed.v1", person={"code": code}, **told, **more)


async def two(wire: Wire) -> tuple[str, str]:
    """Two persons with a right each."""
    one, other = new_code(), new_code()
    blind = of_person(other, f"{other}/B", status="INV1", **LASTING)
    assert await wire.send(of_person(one, f"{one}/A", **LASTING), blind) == [APPLIED, APPLIED]
    return one, other


async def known(code: str) -> UUID:
    found = await find(code)
    assert found is not None
    return found


async def current(code: str) -> str:
    """The current code of whoever has this one."""
    async with transaction(TOWN) as tx:
        view = await people.open_person(tx, await known(code), "test")
    assert view.code is not None
    return view.code


async def test_a_merge_gives_one_person_the_rights_of_both_and_keeps_every_code(wire: Wire) -> None:
    one, other = await two(wire)
    apart = await rights(one) | await rights(other)
    alias, kept = await known(other), await known(one)
    told = merged(one, other, "M-1")
    assert await wire.send(told) == [APPLIED]
    assert await wire.send(told) == [UNCHANGED]
    assert await rights(one) == await rights(other) == apart
    assert await current(other) == one
    assert await known(other) == kept
    async with transaction(TOWN) as tx:
        assert await granted(tx, alias) == {}
        assert await people.standing_for(tx, alias) == kept
        with pytest.raises(PersonMerged):
            await people.lock_person(tx, alias)
    later = of_person(other, f"{other}/C", status="REPR", **LASTING)
    assert await wire.send(later) == [APPLIED]
    assert await rights(one) == await rights(other) != apart


async def test_a_token_goes_on_working_for_the_person_that_its_holder_turned_out_to_be(wire: Wire) -> None:
    one, other = await two(wire)
    async with transaction(TOWN) as tx:
        ended = (await issue_qr(tx, await known(other))).id
    assert await wire.send(merged(one, other, "M-1")) == [APPLIED]
    async with transaction(TOWN) as tx:
        token = await tokens.get_token(tx, ended)
        assert (token.person_id, token.state) == (await known(one), "active")
        assert (await tokens.open_credential(tx, token, "test")).rights
    assert await wire.send(unmerged(one, other, "M-1", 2)) == [APPLIED]
    async with transaction(TOWN) as tx:
        token = await tokens.get_token(tx, ended)
        assert token.person_id == await known(other) != await known(one)
        assert (await tokens.open_credential(tx, token, "test")).rights


async def test_parting_gives_each_what_was_said_of_them_also_meanwhile(wire: Wire) -> None:
    one, other = await two(wire)
    before = await rights(one), await rights(other), await known(other)
    assert await wire.send(merged(one, other, "M-1")) == [APPLIED]
    meanwhile = of_person(other, f"{other}/B", 2, status="INV1", valid_from="2026-05-01", valid_to=None)
    assert await wire.send(meanwhile, unmerged(one, other, "U-1")) == [APPLIED, APPLIED]
    assert (await rights(one), await known(other)) == (before[0], before[2])
    assert await rights(other) != before[1]
    back = of_person(other, f"{other}/B", 3, status="INV1", **LASTING)
    assert await wire.send(back) == [APPLIED]
    assert await rights(other) == before[1]
    async with transaction(TOWN) as tx:
        ledger = "SELECT person_id FROM notice WHERE record_id = :record"
        assert await tx.session.scalar(text(ledger), {"record": f"{other}/B"}) == before[2]


async def test_a_chain_is_one_person_in_whatever_order_it_is_told_and_can_be_cut_anywhere(wire: Wire) -> None:
    for turn in (False, True):
        one, other = await two(wire)
        third = new_code()
        assert await wire.send(of_person(third, f"{third}/A", status="REPR", **LASTING)) == [APPLIED]
        apart = [await rights(code) for code in (one, other, third)]
        links = [merged(one, other, f"{one}/M"), merged(other, third, f"{one}/N")]
        assert await wire.send(*(reversed(links) if turn else links)) == [APPLIED, APPLIED]
        assert await rights(one) == await rights(other) == await rights(third) == apart[0] | apart[1] | apart[2]
        assert await wire.send(merged(one, other, f"{one}/M", 2, op="withdraw")) == [APPLIED]
        assert await rights(one) == apart[0]
        assert await rights(other) == await rights(third) == apart[1] | apart[2]
        assert await wire.send(unmerged(other, third, f"{one}/N", 2)) == [APPLIED]
        assert [await rights(code) for code in (one, other, third)] == apart


async def test_the_same_merge_told_by_two_records_holds_while_one_of_them_stands(wire: Wire) -> None:
    one, other = await two(wire)
    await wire.send(merged(one, other, "M-1"), merged(other, one, "M-2"))
    assert await wire.send(merged(one, other, "M-1", 2, op="withdraw")) == [APPLIED]
    assert await known(one) == await known(other)
    assert await wire.send(merged(other, one, "M-2", 2, op="withdraw")) == [APPLIED]
    assert await known(one) != await known(other)


async def test_merges_that_come_at_once_from_both_sides_do_not_block_each_other(wire: Wire) -> None:
    one, other = await two(wire)
    for version in range(1, 5, 2):
        told = [
            wire.send(merged(one, other, "M-1", version)),
            wire.send(merged(other, one, "M-2", version)),
            wire.send(
                of_person(other, f"{other}/B", version + 1, status="INV1", valid_from="2026-04-01", valid_to=None)
            ),
        ]
        assert await asyncio.gather(*told) == [[APPLIED]] * 3
        assert await known(one) == await known(other)
        assert (await rights(one))["LV-DIS-1-2"] == "{[2026-04-01,)}"
        parting = unmerged(one, other, "M-1", version + 1), unmerged(other, one, "M-2", version + 1)
        assert await asyncio.gather(*map(wire.send, parting)) == [[APPLIED]] * 2
        assert await known(one) != await known(other)
        assert await rights(other) == {"LV-DIS-1-2": "{[2026-04-01,)}"}


async def test_codes_that_nobody_has(wire: Wire) -> None:
    one, stranger = new_code(), new_code()
    assert await wire.send(merged(one, stranger, "M-1")) == [UNKNOWN]
    assert await wire.send(of_person(one, "A")) == [APPLIED]
    assert await wire.send(unmerged(one, stranger, "U-1")) == [UNKNOWN]
    assert await wire.send(merged(one, stranger, "M-1")) == [APPLIED]
    assert await known(stranger) == await known(one)
    oneself = ("rejected", "person_code.invalid", "/data/merged/code")
    assert await wire.send(merged(one, one, "M-2")) == [oneself]


async def test_a_death_can_be_moved_to_another_day_and_taken_back_but_tokens_stay_ended(wire: Wire) -> None:
    one, other = await two(wire)
    before, today = await rights(one), clock.today()
    async with transaction(TOWN) as tx:
        token = (await issue_qr(tx, await known(one))).id
    first, second = today - timedelta(days=20), today - timedelta(days=9)
    assert await wire.send(died(one, second, "D"), died(one, second, "E")) == [APPLIED, APPLIED]
    assert (await rights(one))["JLG-NEEDY20"] == f"{{[2026-03-01,{second})}}"
    assert await wire.send(died(one, first, "D", 2)) == [APPLIED]
    assert (await rights(one))["JLG-NEEDY20"] == f"{{[2026-03-01,{first})}}"
    assert await wire.send(merged(other, one, "M-1")) == [APPLIED]
    assert (await rights(other))["JLG-NEEDY20"] == f"{{[2026-03-01,{first})}}"
    assert await wire.send(unmerged(other, one, "M-1", 2)) == [APPLIED]
    assert (await rights(other))["LV-DIS-1-2"] == DISABLED
    await wire.send(died(one, first, "D", 3, op="withdraw"), died(one, second, "E", 2, op="withdraw"))
    assert await rights(one) == before
    async with transaction(TOWN) as tx:
        ended = await tokens.get_token(tx, token)
    assert (ended.state, ended.reason) == ("ended", "deceased")


async def test_a_change_of_code_that_is_taken_back_makes_the_former_code_current_again(wire: Wire) -> None:
    old, new, newest = new_code(), new_code(), new_code()
    assert await wire.send(of_person(old, "A")) == [APPLIED]
    assert await wire.send(recoded(old, newest, "2026-05-01", "C-2"), recoded(old, new, "2026-04-01", "C-1")) == [
        APPLIED,
        APPLIED,
    ]
    assert await current(old) == newest
    assert await wire.send(recoded(old, newest, "2026-05-01", "C-2", 2, op="withdraw")) == [APPLIED]
    assert await current(old) == new
    assert await wire.send(recoded(old, new, "2026-04-01", "C-1", 2, op="withdraw")) == [APPLIED]
    assert await current(newest) == old
    assert await known(new) == await known(newest) == await known(old)
    late = new_code()
    assert await wire.send(recoded(old, late, "2026-06-01", "C-3", 2, op="withdraw")) == [APPLIED]
    assert await wire.send(recoded(old, late, "2026-06-01", "C-3")) == [STALE]
    assert (await current(late), await known(late)) == (old, await known(old))


async def test_who_lives_together_follows_whatever_order_it_is_told_in(wire: Wire) -> None:
    code, home = new_code(), f"H-{new_code()}"
    assert await wire.send(of_person(code, "A")) == [APPLIED]
    assert (
        await wire.send(
            housed(code, None, "2026-06-01", "H-3"),
            housed(code, home, "2026-02-01", "H-1"),
            housed(code, f"{home}-b", "2026-04-01", "H-2"),
        )
        == [APPLIED] * 3
    )
    assert await homes(code) == [(home, "2026-02-01", "2026-04-01"), (f"{home}-b", "2026-04-01", "2026-06-01")]
    assert await wire.send(housed(code, f"{home}-b", "2026-04-01", "H-2", 2, op="withdraw")) == [APPLIED]
    assert await homes(code) == [(home, "2026-02-01", "2026-06-01")]
    assert await wire.send(housed(new_code(), home, "2026-02-01", "H-9")) == [UNKNOWN]


async def homes(code: str) -> list[tuple[str | None, str, str | None]]:
    async with transaction(TOWN) as tx:
        found = await people.homes_of(tx, await known(code))
    return [(one.code, str(one.valid_from), str(one.valid_to) if one.valid_to else None) for one in found]


_SAYINGS = ("fact", "fact", "fact", "merge", "merge", "unmerge", "died", "housed", "moved", "recoded")
_PAIRS = ("merge", "unmerge")


@dataclass(frozen=True)
class Saying:
    """One version of a record about three persons: who it names, and perhaps whom else."""

    kind: str
    record: int
    version: int
    op: str
    who: int
    whom: int
    day: str

    def told(self, codes: list[str]) -> dict[str, Any]:
        """The event, of the persons with these codes; the codes after the third are nobody's yet."""
        code, other, day = codes[self.who], codes[self.whom], f"2026-{self.day}"
        named: dict[str, Any] = {
            "record": f"{codes[0]}/{self.kind}{self.record}",
            "version": self.version,
            "op": self.op,
        }
        match self.kind:
            case "fact":
                status = ("TRUCIGA", "INV1", "REPR")[self.who]
                return of_person(code, **named, status=status, valid_from=day, valid_to=None)
            case "merge":
                return merged(code, other, **named)
            case "unmerge":
                return unmerged(code, other, **named)
            case "died":
                return died(code, date.fromisoformat(day), **named)
            case "housed":
                return housed(code, codes[0], day, **named)
            case "recoded":
                return recoded(code, codes[3 + self.record], day, **named)
        data = {"record_id": named.pop("record"), "since": day, "municipality": ("JLG", "RIX", "DGP")[self.whom]}
        return event("residence.changed.v1", person={"code": code}, **data | named)


@st.composite
def tales(draw: st.DrawFn) -> tuple[list[Saying], list[int]]:
    """What is said of three persons; and an order with repetitions to say it in."""
    said = []
    for record in range(draw(st.integers(2, 6))):
        kind, pair = draw(st.sampled_from(_SAYINGS)), draw(st.sampled_from([(0, 1), (1, 2), (2, 0), (1, 0)]))
        for version in range(1, draw(st.integers(1, 2)) + 1):
            op = draw(st.sampled_from(("upsert", "upsert", "withdraw")))
            said.append(Saying(kind, record, version, op, *pair, draw(st.sampled_from(("03-01", "04-15", "06-01")))))
    order = draw(st.permutations(range(len(said))))
    return said, [*order, *draw(st.lists(st.integers(0, len(said) - 1), max_size=2))]


@settings(
    max_examples=count(test=3, check=40, deep=300),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(tales(), st.integers(0, 8))
async def test_whatever_is_said_of_three_persons_ends_alike_in_any_order_and_no_merge_leaves_a_trace(
    wire: Wire, tale: tuple[list[Saying], list[int]], cut: int
) -> None:
    said, order = tale
    as_said, shuffled, apart = await _three(wire), await _three(wire), await _three(wire)
    await _say(wire, as_said, said)
    await _say(wire, shuffled, [said[index] for index in order[:cut]])
    await _say(wire, shuffled, [said[index] for index in order[cut:]])
    assert await _seen(shuffled) == await _seen(as_said)
    pairs = [replace(one, version=3, op="withdraw") for one in said if one.kind in _PAIRS and one.version == 1]
    await _say(wire, as_said, pairs)
    await _say(wire, apart, [one for one in said if one.kind not in _PAIRS])
    assert await _seen(as_said) == await _seen(apart)


async def _say(wire: Wire, codes: list[str], said: list[Saying]) -> None:
    if said:
        lines = await wire.send(*(one.told(codes) for one in said))
        assert {verdict for verdict, _, _ in lines} <= {"applied", "unchanged", "stale"}


async def _three(wire: Wire) -> list[str]:
    """The codes of three persons, and six that nobody has."""
    codes = [new_code() for _ in range(9)]
    known_by = [of_person(code, f"{code}/own", status="MAZNODROSINATA", **LASTING) for code in codes[:3]]
    assert await wire.send(*known_by) == [APPLIED] * 3
    return codes


async def _seen(codes: list[str]) -> list[object]:
    """What is known and granted by each code, which of them are one person, and which codes are current."""
    async with transaction(TOWN) as tx:
        found = [await people.find_by_code(tx, code) for code in codes]
        seen: list[object] = [[None if each is None else found.index(each) for each in found]]
        for person_id in found[:3]:
            assert person_id is not None
            view = await people.open_person(tx, person_id, "test")
            facts = await people.facts_timeline(tx, person_id)
            stated = [(one.record_id.split("/")[1], one.value, one.valid_from, one.valid_to) for one in facts]
            homes = [(one.valid_from, one.valid_to) for one in await people.homes_of(tx, person_id)]
            assert view.code is not None
            current_now = codes.index(view.code)
            seen.append((current_now, view.died, sorted(stated, key=str), homes, await granted(tx, person_id)))
    return seen


async def test_what_is_left_of_a_quota_is_the_one_persons(wire: Wire, owner_connection: AsyncConnection) -> None:
    one, other = await two(wire)
    kept, brought = await known(one), await known(other)
    used = "INSERT INTO quota_counter VALUES (%s, %s, %s, '2026-04-01', 'month', %s, 10)"
    concession = uuid4()
    for person_id, units in ((kept, 7), (brought, 5)):
        await owner_connection.execute(used, [JELGAVA, person_id, concession, units])
    assert await wire.send(merged(one, other, "M-1")) == [APPLIED]
    left = "SELECT used FROM quota_counter WHERE person_id = %s"
    assert await (await owner_connection.execute(left, [kept])).fetchall() == [(10,)]
    assert await wire.send(unmerged(one, other, "M-1", 2)) == [APPLIED]
    assert await (await owner_connection.execute(left, [kept])).fetchall() == [(5,)]
    assert await (await owner_connection.execute(left, [brought])).fetchall() == [(5,)]


@pytest.mark.parametrize("table", ["fact", "token"])
async def test_nothing_becomes_another_persons_without_a_merge(wire: Wire, table: str) -> None:
    one, other = await two(wire)
    async with transaction(TOWN) as tx:
        await issue_qr(tx, await known(one))
    ids = {"one": await known(one), "other": await known(other)}
    async with transaction(TOWN) as tx:
        with pytest.raises(IntegrityError, match="stays with its person"):
            await tx.session.execute(text(f"UPDATE {table} SET person_id = :other WHERE person_id = :one"), ids)  # noqa: S608
        await tx.session.rollback()


async def test_a_source_without_a_rank_of_a_ranked_kind_is_refused_and_rights_follow_the_ranks(wire: Wire) -> None:
    one, other = await two(wire)
    before = await rights(other)
    async with transaction(TOWN) as tx:
        await define_sender(tx, "VSAA", sopa_mapping("vsaa"))
        assert await rank_sources(tx, "disability", ["vsaa"]) == 0
        with pytest.raises(SenderUnknown):
            await rank_sources(tx, "disability", ["nobody"])
    refused = ("rejected", "source.not_authoritative", "/data/status")
    assert await wire.send(of_person(one, "D", status="INV1", **LASTING)) == [refused]
    later = FactChange("disability", "I", date(2026, 5, 1), None, "vsaa", "V", 1)
    async with transaction(TOWN) as tx:
        await record_and_regrant(tx, await known(other), [later], Cause("test", "vsaa"))
    assert (await rights(other))["LV-DIS-1-2"] == "{[2026-05-01,)}"
    async with transaction(TOWN) as tx:
        assert await rank_sources(tx, "disability", [SOURCE, "vsaa"]) == 1
    assert await rights(other) == before
