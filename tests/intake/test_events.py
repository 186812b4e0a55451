"""Notices over HTTP: every event gets its verdict, a bad one stops nothing, and order does not matter."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from amis.intake import store
from amis.intake.models import Sender
from amis.issuing.service import issue_qr
from amis.issuing.store import get_token
from amis.kernel import clock
from amis.kernel.db import transaction
from sync.message import BATCHED
from tests.intake.wire import (
    APPLIED,
    SOURCE,
    STALE,
    TOWN,
    UNCHANGED,
    Wire,
    counted,
    event,
    find,
    new_code,
    new_key,
    of_person,
    rights,
)

NEEDY = {"JLG-NEEDY20": "{[2026-03-01,2026-06-01)}"}


async def test_a_status_becomes_a_fact_and_a_right(wire: Wire) -> None:
    code = new_code()
    assert await wire.send(of_person(code, "A")) == [APPLIED]
    assert await rights(code) == NEEDY


async def test_a_replayed_message_changes_nothing(wire: Wire) -> None:
    code = new_code()
    told = of_person(code, "A")
    assert await wire.send(told, message_id="m") == [APPLIED]
    before = await counted("fact"), await counted("entitlement_log")
    assert await wire.send(told, message_id="m") == [UNCHANGED]
    assert (await counted("fact"), await counted("entitlement_log")) == before
    assert await counted("notice_arrival") == 2


async def test_an_older_version_is_stale(wire: Wire) -> None:
    code = new_code()
    assert await wire.send(of_person(code, "A", 2)) == [APPLIED]
    assert await wire.send(of_person(code, "A", 1, valid_to="2026-12-31")) == [STALE]
    assert await rights(code) == NEEDY


async def test_the_same_version_with_other_content_is_a_conflict_and_waits(wire: Wire) -> None:
    code = new_code()
    assert await wire.send(of_person(code, "A")) == [APPLIED]
    conflict = ("conflict", "version.conflict", "/data/version")
    assert await wire.send(of_person(code, "A", valid_to="2026-12-31")) == [conflict]
    assert await rights(code) == NEEDY
    assert await counted("quarantine") == 1
    assert await wire.send(of_person(code, "A", 2, valid_to="2026-06-30")) == [APPLIED]
    assert await rights(code) == {"JLG-NEEDY20": "{[2026-03-01,2026-07-01)}"}


async def test_a_late_old_message_does_not_bring_a_withdrawn_status_back(wire: Wire) -> None:
    code = new_code()
    assert await wire.send(of_person(code, "A", 2, op="withdraw")) == [APPLIED]
    assert await wire.send(of_person(code, "A", 1)) == [STALE]
    assert await rights(code) == {}


async def test_a_record_of_one_person_cannot_move_to_another(wire: Wire) -> None:
    one, other = new_code(), new_code()
    assert await wire.send(of_person(one, "A")) == [APPLIED]
    assert await wire.send(of_person(other, "A", 2)) == [("conflict", "version.conflict", "/data/record_id")]
    assert (await rights(one), await rights(other)) == (NEEDY, {})


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    (event(status="NEZINAMA"), "status.unknown", "/data/status"),
    (event(valid_from="2026-05-31", valid_to="2026-03-01"), "valid.reversed", "/data/valid_to"),
    (event(valid_from="2026-02-30"), "valid_from.invalid", "/data/valid_from"),
    (event(colour="red"), "schema.unsupported", "/data/colour"),
    (event(record_id=...), "record_id.missing", "/data/record_id"),
    (event(version=0), "version.invalid", "/data/version"),
    (event(op="delete"), "op.unknown", "/data/op"),
    (event(person={"code": "010101-10000"}), "person_code.invalid", "/data/person/code"),
    (event(source="sopa/riga"), "source.not_authoritative", "/source"),
    (event("status.fact.v9"), "schema.unsupported", "/type"),
    (
        event("person.died.v1", person={"code": new_code()}, died_on="2026-04-01"),
        "person_code.unknown",
        "/data/person/code",
    ),
    (
        event(person={"code": new_code(), "birth_date": "2999-01-01"}),
        "schema.unsupported",
        "/data/person/birth_date",
    ),
]


@pytest.mark.parametrize(("told", "code", "pointer"), REFUSED, ids=[f"{one[1]} {one[2]}" for one in REFUSED])
async def test_a_bad_event_is_refused_with_its_place_and_stops_no_good_one(
    wire: Wire, told: dict[str, Any], code: str, pointer: str
) -> None:
    first, last = new_code(), new_code()
    lines = await wire.send(of_person(first, "A"), told, of_person(last, "B"))
    assert lines == [APPLIED, ("rejected", code, pointer), APPLIED]
    assert await rights(first) == await rights(last) == NEEDY
    assert (await counted("person"), await counted("quarantine")) == (2, 1)


async def test_a_source_without_a_say_in_deaths_declares_nobody_dead(wire: Wire) -> None:
    async with transaction(TOWN) as tx:
        sender = (await store.senders(tx))[0]
        sender.mapping = sender.mapping | {"types": ["status.fact.v1"]}
    code = new_code()
    assert await wire.send(
        of_person(code, "A"), event("person.died.v1", person={"code": code}, died_on="2026-04-01")
    ) == [APPLIED, ("rejected", "source.not_authoritative", "/type")]
    assert await rights(code) == NEEDY


async def test_what_is_kept_of_a_refused_message_shows_no_person(wire: Wire) -> None:
    code = new_code()
    await wire.send(of_person(code, "A", status="NEZINAMA"))
    async with transaction(TOWN) as tx:
        found = "SELECT row_to_json(held)::text FROM {} AS held"
        rows = [
            row
            for table in ("notice_arrival", "quarantine", "audit")
            for row in await tx.session.scalars(text(found.format(table)))
        ]
    assert rows
    assert not [row for row in rows if code in row or code.replace("-", "") in row]


async def test_taking_back_what_was_never_said_changes_nothing(wire: Wire) -> None:
    code = new_code()
    await wire.send(of_person(code, "A"))
    stayed = event("residence.changed.v1", person={"code": code}, municipality="RIX", since="2026-04-01", op="withdraw")
    alive = event("person.died.v1", person={"code": code}, died_on="2026-04-01", op="withdraw")
    assert await wire.send(stayed, alive) == [APPLIED, APPLIED]
    assert await rights(code) == NEEDY


async def test_a_heartbeat_is_heard(wire: Wire) -> None:
    beat = event("source.heartbeat.v1", record_id=..., version=..., op=..., sequence=7, pending=0)
    assert await wire.send(beat) == [APPLIED]
    async with transaction(TOWN) as tx:
        [sender] = await tx.session.scalars(select(Sender))
    assert sender.heard_at is not None


async def test_a_death_ends_rights_and_tokens_at_once(wire: Wire) -> None:
    code, today = new_code(), clock.today()
    first, last = today - timedelta(days=30), today + timedelta(days=30)
    await wire.send(of_person(code, "A", valid_from=first.isoformat(), valid_to=last.isoformat()))
    person_id = await find(code)
    assert person_id is not None
    async with transaction(TOWN) as tx:
        token = await issue_qr(tx, person_id)
    died = today - timedelta(days=1)
    assert await wire.send(event("person.died.v1", person={"code": code}, died_on=died.isoformat(), version=2**40)) == [
        APPLIED
    ]
    [days] = (await rights(code)).values()
    assert date.fromisoformat(days.strip("{[)}").split(",")[1]) <= today
    async with transaction(TOWN) as tx:
        ended = await get_token(tx, token.id)
    assert (ended.state, ended.reason) == ("ended", "deceased")


async def test_after_a_change_of_code_both_codes_find_the_person(wire: Wire) -> None:
    old, new, taken = new_code(), new_code(), new_code()
    await wire.send(of_person(old, "A"), of_person(taken, "B"))
    changed = {"person": {"code": old}, "changed_on": "2026-04-01"}
    assert await wire.send(event("person.code_changed.v1", **changed, new_code=new)) == [APPLIED]
    assert await find(new) == await find(old)
    assert await rights(new) == NEEDY
    refused = ("rejected", "person_code.invalid", "/data/new_code")
    assert await wire.send(event("person.code_changed.v1", **changed, new_code=taken)) == [refused]


@pytest.mark.parametrize(
    "headers",
    [
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "nonsense"},
        {"webhook-id": "another"},
        {"webhook-timestamp": "1"},
        {"webhook-id": ""},
    ],
)
async def test_a_wrong_signature_is_refused_and_nothing_is_kept(wire: Wire, headers: dict[str, str]) -> None:
    answer = await wire.post(json.dumps(event()).encode(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_refused")
    assert await counted("notice_arrival") == 0


async def test_an_unknown_key_and_an_old_signature_are_refused_alike(wire: Wire) -> None:
    body = json.dumps(event()).encode()
    stranger = await Wire(wire.client, new_key()).post(body)
    old = await wire.post(body, at=clock.now() - timedelta(minutes=6))
    assert (stranger.status_code, old.status_code) == (401, 401)
    assert stranger.json()["code"] == old.json()["code"] == "signature_refused"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/cloudevents+json", 400, "body_unreadable"),
        (b'{"id": 1, "id": 2}', "application/cloudevents+json", 400, "body_unreadable"),
        (b"\xff", "application/cloudevents+json", 400, "body_unreadable"),
        (b"{}", BATCHED, 400, "body_unreadable"),
        (b"{}", "text/plain", 415, "not_cloudevents"),
        (b"[" + b"{}," * 1000 + b"{}]", BATCHED, 413, "batch_too_large"),
        (b" " * (1024 * 1024 + 1), BATCHED, 413, "too_large"),
    ],
)
async def test_a_message_that_is_none_is_a_problem(
    wire: Wire, body: bytes, content_type: str, status: int, code: str
) -> None:
    answer = await wire.post(body, content_type)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert await counted("notice_arrival") == 0


async def test_two_messages_at_once_about_one_new_person_make_one_person(wire: Wire) -> None:
    code = new_code()
    one, other = of_person(code, "A"), of_person(code, "B", valid_from="2026-06-01", valid_to="2026-08-31")
    lines = await asyncio.gather(wire.send(one), wire.send(other), wire.send(one))
    assert sorted(line for found in lines for line in found) == [APPLIED, APPLIED, UNCHANGED]
    assert await counted("person") == 1
    assert await rights(code) == {"JLG-NEEDY20": "{[2026-03-01,2026-09-01)}"}


async def test_versions_that_come_at_once_leave_the_newest(wire: Wire) -> None:
    for _ in range(5):
        code = new_code()
        told = [of_person(code, f"{code}/A", version, valid_to=f"2026-0{version + 4}-15") for version in (3, 1, 2)]
        lines = await asyncio.gather(*(wire.send(one) for one in told))
        assert lines[0] == [APPLIED]
        assert {line for found in lines for line in found} <= {APPLIED, STALE}
        assert await rights(code) == {"JLG-NEEDY20": "{[2026-03-01,2026-07-16)}"}
        assert await _ledger(code) == [(3, "upsert")]
    assert await counted("quarantine") == 0


async def test_messages_that_name_two_persons_crosswise_do_not_block_each_other(wire: Wire) -> None:
    one, other = new_code(), new_code()
    await wire.send(of_person(one, "A"), of_person(other, "B"))
    for version in range(2, 8):
        days = {"valid_to": f"2026-0{version + 1}-15"}
        there = wire.send(of_person(one, "A", version, **days), of_person(other, "C", version, **days))
        back = wire.send(of_person(other, "B", version, **days), of_person(one, "D", version, **days))
        assert await asyncio.gather(there, back) == [[APPLIED, APPLIED], [APPLIED, APPLIED]]


_STATUSES = ("TRUCIGA", "MAZNODROSINATA", "BARENIS", "INV1")
_DAYS = ("2026-03-01", "2026-04-15", "2026-05-31", "2026-08-31")


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[int]]:
    """What a source says of up to three records, each version once; and an order with repetitions to deliver it in."""
    said = []
    for record in "ABC"[: draw(st.integers(1, 3))]:
        for version in range(1, draw(st.integers(1, 3)) + 1):
            first, last = sorted(draw(st.tuples(st.sampled_from(_DAYS), st.sampled_from(_DAYS))))
            op = draw(st.sampled_from(("upsert", "upsert", "withdraw")))
            status = draw(st.sampled_from(_STATUSES))
            days = {"valid_from": first, "valid_to": last}
            said.append({"record": record, "version": version, "op": op, "status": status} | days)
    order = draw(st.permutations(range(len(said))))
    again = draw(st.lists(st.integers(0, len(said) - 1), max_size=3))
    return said, [*order, *again]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(deliveries(), st.integers(1, 3))
async def test_any_order_with_any_repetitions_ends_in_the_same_rights(
    wire: Wire, delivery: tuple[list[dict[str, Any]], list[int]], size: int
) -> None:
    said, order = delivery
    as_said, shuffled = new_code(), new_code()
    await _deliver(wire, as_said, said, list(range(len(said))), 1)
    await _deliver(wire, shuffled, said, order, size)
    assert await rights(shuffled) == await rights(as_said)
    assert await _ledger(shuffled) == await _ledger(as_said)


async def _deliver(wire: Wire, code: str, said: list[dict[str, Any]], order: list[int], size: int) -> None:
    told = [of_person(code, **one | {"record": f"{code}/{one['record']}"}) for one in said]
    for start in range(0, len(order), size):
        lines = await wire.send(*(told[index] for index in order[start : start + size]))
        assert {verdict for verdict, _, _ in lines} <= {"applied", "unchanged", "stale"}


async def _ledger(code: str) -> list[tuple[int, str]]:
    async with transaction(TOWN) as tx:
        rows = [await store.ledger_row(tx, SOURCE, f"{code}/{record}") for record in "ABC"]
    return [(row.version, row.op) for row in rows if row is not None]
