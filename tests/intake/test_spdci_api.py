"""Every kind of message of the published sample set over HTTP: taken and applied, or refused with a standard's code."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from itertools import permutations
from typing import Any, LiteralString
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from sqlalchemy import select, text

from amis.intake import spdci_asked
from amis.intake.spdci_api import BODY_LIMIT, router
from amis.intake.spdci_models import RegistryMessage, RegistryRequest
from amis.intake.spdci_peers import get_registry
from amis.kernel import clock
from amis.kernel.body import BodyLimit
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.register.store import facts_timeline
from sync.spdci.ack import AckStatus
from sync.spdci.envelope import write_envelope
from sync.spdci.key import draw_key
from tests.concessions.doors import application, client
from tests.intake.registry import ADDRESS, Peer, join
from tests.intake.wire import READER, TOWN, counted, find, new_code, rights
from tests.sync.spdci import samples
from tests.sync.spdci.samples import ANNA, JANIS, ZANE

NEEDY, DISABLED = "needy=yes 2026-03-01 2026-06-01", "disability=II 2020-09-21 None"
ENDED = samples.needy(op="withdraw")
KINDS = (True, "Person"), (False, "SRPerson")
anna = samples.person(ANNA, "Žanete", "Ķēniņa", "1975-11-16")
janis = samples.person(JANIS, "Jānis", "Bērziņš", "1980-03-12")
zane = samples.person(ZANE, "Zane", "Čakste", "2012-05-05")


@pytest.fixture
async def peer(database: Settings, database_name: str) -> Peer:
    app = application(READER, router)
    app.add_middleware(BodyLimit, limits=dict.fromkeys(ADDRESS.values(), BODY_LIMIT))
    return await join(client(app))


async def asked(peer: Peer, action: str, **more: Any) -> str:
    """A transaction of ours that waits for an answer; its id."""
    async with transaction(TOWN) as tx:
        span = (clock.now() - timedelta(days=1), clock.now()) if action == "search" else None
        return str((await spdci_asked.ask(tx, await get_registry(tx, peer.sender_id), action, span=span, **more)).id)


async def states() -> dict[str, str]:
    async with transaction(TOWN) as tx:
        return {str(one.id): one.state for one in await tx.session.scalars(select(RegistryRequest))}


async def facts(code: str) -> list[str]:
    """What is believed of the person with this code."""
    person_id = await find(code)
    if person_id is None:
        return []
    async with transaction(TOWN) as tx:
        found = await facts_timeline(tx, person_id)
    return [f"{one.kind}={one.value} {one.valid_from} {one.valid_to}" for one in found]


async def heard_until(peer: Peer) -> object:
    async with transaction(TOWN) as tx:
        return (await get_registry(tx, peer.sender_id)).heard_until


def person(code: str) -> dict[str, Any]:
    return samples.person(code, "Ģirts", "Šķēle", "1980-03-12")


def in_need(human: dict[str, Any], **members: Any) -> dict[str, Any]:
    return samples.member(human, "M1") | {"additional_attributes": [samples.needy()]} | members


def told(first: str, second: str) -> dict[str, tuple[str, dict[str, Any], dict[str, list[str]]]]:
    """Each kind of message that tells of persons, and what is believed of them afterwards."""
    one, other = in_need(person(first)), in_need(person(second))
    household = [samples.member(person(code), "M") for code in (first, second)]
    in_list, bare = (samples.sr_person(first, listed=listed, kind=kind) for listed, kind in KINDS)
    enrolled = samples.beneficiary(first)
    ended = samples.beneficiary(first, enrolment_status="3", status_change_date="01.06.2026")
    both, endless = {first: [NEEDY], second: [NEEDY]}, {first: ["needy=yes 2026-03-01 None"]}
    grouped = samples.group(*household, attributes=[samples.needy()])
    return {
        "1-1 groups by score": ("on-search", samples.found(grouped), both),
        "1-2 groups by size": ("on-search", samples.found(samples.group(one)), {first: [NEEDY]}),
        "1-3 members": ("on-search", samples.found(one, other), both),
        "2 person by number": ("on-search", samples.found(bare), {first: [DISABLED]}),
        "3a and 4 persons by age and score": ("on-search", samples.found(in_list), {first: [DISABLED]}),
        "notified of one record": ("notify", samples.notified(one), {first: [NEEDY]}),
        "notified of a list": ("notify", samples.notified(one, other), both),
        "notified of a household": ("notify", samples.notified(grouped), both),
        "notified of an enrolment": ("notify", samples.notified(enrolled), endless),
        "notified of one that ended": ("notify", samples.notified(ended), {first: [NEEDY]}),
        "report on a search": ("txn-on-status", samples.reported(samples.found(enrolled)), endless),
    }


async def test_each_kind_of_message_of_the_sample_set_is_taken_and_applied(peer: Peer) -> None:
    for named in told("", ""):
        action, message, expected = told(new_code(), new_code())[named]
        if action != "notify":
            asked_of = message.get("txnstatus_response", {}).get("txn_status", message)
            asked_of["transaction_id"] = await asked(peer, "search")
        # Answers of the set carry the name of the question.
        ack = await peer.send(action, message, action="search" if action == "on-search" else action)
        assert (named, ack.status, ack.code) == (named, AckStatus.ACK, "")
        assert (named, {code: await facts(code) for code in expected}) == (named, expected)
    assert set((await states()).values()) == {"done"}


async def test_a_right_follows_from_what_a_registry_tells(peer: Peer) -> None:
    await peer.send("notify", samples.notified(in_need(anna)))
    assert await rights(ANNA) == {"JLG-NEEDY20": "{[2026-03-01,2026-06-01)}"}


async def test_a_death_that_a_registry_tells_ends_rights(peer: Peer) -> None:
    await peer.send("notify", samples.notified(in_need(anna)))
    dead = samples.notified(samples.member(anna | {"death_date": "2026-03-05"}, "M1"))
    assert (await peer.send("notify", dead)).status is AckStatus.ACK
    assert await rights(ANNA) == {"JLG-NEEDY20": "{[2026-03-01,2026-03-05)}"}


async def test_a_newer_state_replaces_and_an_older_one_changes_nothing(peer: Peer) -> None:
    newer = in_need(anna, last_updated="2026-03-09T12:00:00Z", is_disabled=True)
    older = in_need(anna, last_updated="2026-03-08T12:00:00Z", is_disabled=False)
    await peer.send("notify", samples.notified(newer))
    assert (await peer.send("notify", samples.notified(older))).status is AckStatus.ACK
    assert await facts(ANNA) == ["disability=II 2022-01-10 None", NEEDY]
    later = in_need(anna, last_updated="2026-03-10T06:00:00Z", is_disabled="0")
    await peer.send("notify", samples.notified(later))
    assert await facts(ANNA) == [NEEDY]


async def test_subscribing_and_ending_a_subscription_is_followed(peer: Peer) -> None:
    begun = await asked(peer, "subscribe")
    assert (await peer.send("on-subscribe", samples.subscribed("sub-1", transaction=begun))).status is AckStatus.ACK
    async with transaction(TOWN) as tx:
        registry = await get_registry(tx, peer.sender_id)
        assert await spdci_asked.subscriptions(tx, registry) == ["sub-1"]
    ended = await asked(peer, "unsubscribe", codes=["sub-1"])
    assert (await peer.send("on-unsubscribe", samples.unsubscribed("sub-1", transaction=ended))).code == ""
    assert await states() == {begun: "ended", ended: "done"}


async def test_a_report_on_a_transaction_answers_the_question_it_was_about(peer: Peer) -> None:
    search = await asked(peer, "search")
    inquiry = await asked(peer, "txn-status", about=UUID(search))
    inner = samples.found(samples.beneficiary(JANIS), transaction="")
    told = samples.reported(inner, "subscibe") | {"transaction_id": inquiry}
    assert (await peer.send("txn-on-status", told)).status is AckStatus.ACK
    assert await states() == {search: "done", inquiry: "done"}
    assert await facts(JANIS) == ["needy=yes 2026-03-01 None"]


async def test_pages_may_come_in_any_order_and_only_the_last_moves_the_mark(peer: Peer) -> None:
    search = await asked(peer, "search")
    for number, human, state in ((3, zane, "pending"), (1, anna, "pending"), (2, janis, "done")):
        assert await heard_until(peer) is None
        paging = {"page_size": 1, "page_number": number, "total_count": 3}
        await peer.send("on-search", samples.found(in_need(human), transaction=search, pagination=paging))
        assert await states() == {search: state}
    assert await heard_until(peer) is not None
    assert [await facts(code) for code in (ANNA, JANIS, ZANE)] == [[NEEDY]] * 3


async def test_what_a_registry_says_of_a_question_is_kept(peer: Peer) -> None:
    for status, state in (("rjct", "rejected"), ("pdng", "pending")):
        search = await asked(peer, "search")
        said = samples.found(transaction=search, status=status, status_reason_code="rjct.filter.invalid", data=None)
        assert (await peer.send("on-search", said)).status is AckStatus.ACK
        assert (await states())[search] == state


good = samples.notified(in_need(anna))
OTHER_KEY = draw_key("sr-2026")
REFUSED: list[tuple[str, str, Any, dict[str, Any], str]] = [
    ("a request that a registry takes", "on-search", samples.search_request(), {"action": "search"}, "request.bad"),
    ("an answer nobody asked for", "on-search", samples.found(in_need(anna)), {}, "request.not_found"),
    (
        "an answer without a transaction",
        "on-search",
        samples.found(in_need(anna), transaction=""),
        {},
        "request.not_found",
    ),
    ("the action of another address", "notify", good, {"action": "on-search"}, "request.bad"),
    (
        "sender and receiver swapped, as sample 2 has them",
        "notify",
        good,
        {"sender_id": samples.OWN, "receiver_id": samples.REGISTRY},
        "sender_id.invalid",
    ),
    ("for somebody else", "notify", good, {"receiver_id": "amis.riga.test"}, "receiver_id.invalid"),
    ("another version", "notify", good, {"version": "2.0.0"}, "version.not_supported"),
    ("encrypted", "notify", good, {"is_msg_encrypted": True}, "encryption.invalid"),
    ("no moment", "notify", good, {"message_ts": "yesterday"}, "request.bad"),
    ("no events", "notify", {"transaction_id": "t"}, {}, "request.bad"),
    ("a record that is a text", "notify", samples.notified("x"), {}, "request.bad"),
    ("an unknown status", "on-search", samples.found(in_need(anna), status="done"), {}, "request.bad"),
    ("a report about nothing", "txn-on-status", {"transaction_id": "t"}, {}, "request.bad"),
]


async def test_what_cannot_be_taken_is_refused_with_a_code_of_the_standard(peer: Peer) -> None:
    for named, action, message, header, code in REFUSED:
        ack = await peer.send(action, message, **header)
        assert (named, ack.status, ack.code) == (named, AckStatus.ERR, f"err.{code}")
    assert [await counted(table) for table in ("person", "registry_message", "notice_arrival")] == [0, 0, 0]


async def test_only_a_known_key_of_the_registry_that_is_named_signs(peer: Peer) -> None:
    named = samples.header("notify", message_ts=clock.now().isoformat())
    whole = json.loads(write_envelope(peer.key, named, good, clock.now()))
    changed = whole["signature"].replace("dci", "spdci"), whole["signature"].replace("sr-2026", "sr-2027")
    late = write_envelope(peer.key, named, good, clock.now() - timedelta(minutes=6))
    for body, code in (
        (json.dumps(whole | {"signature": ""}), "missing"),
        (json.dumps(whole | {"signature": "Base64(signing content)"}), "invalid"),
        (json.dumps(whole | {"signature": changed[1]}), "invalid"),
        (json.dumps(whole | {"message": samples.notified(in_need(janis))}), "invalid"),
        (write_envelope(OTHER_KEY, named, good, clock.now()).decode(), "invalid"),
        (late.decode(), "invalid"),
    ):
        answer = await peer.post("notify", body.encode())
        assert (answer.status_code, answer.json()["message"]["error"]["code"]) == (401, f"err.signature.{code}")
        assert answer.json()["errors"] == [answer.json()["message"]["error"]]
    escaped = json.dumps(whole | {"signature": changed[0]}, ensure_ascii=True, indent=2)
    assert (await peer.post("notify", escaped.encode())).json()["message"]["ack_status"] == "ACK"


async def test_the_same_message_again_is_answered_as_before_and_changes_nothing(peer: Peer) -> None:
    first = await peer.send("notify", good, message_id="m")
    again = await peer.send("notify", good, message_id="m")
    assert (again.status, again.correlation_id) == (AckStatus.ACK, first.correlation_id)
    other = await peer.send("notify", samples.notified(in_need(janis)), message_id="m")
    assert (other.code, other.text) == ("err.request.bad", "rjct.message_id.duplicate")
    assert [await counted(table) for table in ("registry_message", "notice_arrival", "person")] == [1, 2, 1]


async def test_the_same_message_at_once_takes_effect_once(peer: Peer) -> None:
    acks = await asyncio.gather(*(peer.send("notify", good, message_id="m") for _ in range(4)))
    assert {ack.status for ack in acks} == {AckStatus.ACK}
    assert len({ack.correlation_id for ack in acks}) == 1
    assert await counted("registry_message") == 1


async def test_a_bad_record_stops_no_good_one_and_waits_as_an_event_to_be_corrected(peer: Peer) -> None:
    nobody = in_need(samples.person("010101-10000", "Nemo", "Neviens", "1901-01-01"))
    assert (await peer.send("notify", samples.notified(nobody, in_need(anna)))).status is AckStatus.ACK
    assert await facts(ANNA) == [NEEDY]
    assert await counted("quarantine") > 0
    async with transaction(TOWN) as tx:
        [note] = await tx.session.scalars(select(RegistryMessage))
    assert (note.records, note.events, note.refused) == (2, 4, 2)


async def test_a_message_of_which_nothing_could_be_taken_is_answered_so(peer: Peer) -> None:
    nothing = in_need(anna, additional_attributes=[samples.needy(status="NEZINAMA")], is_disabled=" ")
    ack = await peer.send("notify", samples.notified(nothing))
    assert ack.status is AckStatus.NACK
    assert await counted("quarantine") == 1
    unmapped = samples.member(janis, "M2") | {"is_disabled": " "}
    assert (await peer.send("notify", samples.notified(unmapped))).status is AckStatus.NACK
    assert await find(JANIS) is None


async def test_no_code_of_a_person_is_readable_in_what_is_kept(peer: Peer) -> None:
    await peer.send("notify", samples.notified(in_need(anna), in_need(samples.person("010101-10000", "N", "N", "x"))))
    found = "SELECT row_to_json(kept)::text FROM {} AS kept"
    async with transaction(TOWN) as tx:
        rows = [
            row
            for table in ("notice_arrival", "notice", "quarantine", "registry_message", "audit", "fact")
            for row in await tx.session.scalars(text(found.format(table)))
        ]
    assert len(rows) > 5
    assert not [row for row in rows if ANNA in row or ANNA.replace("-", "") in row or "01010110000" in row]


async def test_other_media_and_longer_bodies_are_refused(peer: Peer) -> None:
    signed = write_envelope(peer.key, samples.header("notify"), good, clock.now())
    assert (await peer.post("notify", signed, content_type="multipart/form-data")).status_code == 415
    assert (await peer.post("notify", b" " * (BODY_LIMIT + 1))).status_code == 413


async def test_states_of_a_person_converge_in_whatever_order_they_come(peer: Peer) -> None:
    for order in permutations((1, 2, 3)):
        code = new_code()
        states_of = {
            1: in_need(person(code), last_updated="2026-03-07T08:00:00Z"),
            2: in_need(person(code), last_updated="2026-03-08T08:00:00Z", is_disabled=0),
            3: in_need(
                person(code), last_updated="2026-03-09T08:00:00+02:00", is_disabled=1, additional_attributes=[ENDED]
            ),
        }
        for number in (*order, order[0]):
            assert (await peer.send("notify", samples.notified(states_of[number]))).status is AckStatus.ACK
        assert (order, await facts(code)) == (order, ["disability=II 2022-01-10 None"])


_AT_COMMIT: LiteralString = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'no' USING ERRCODE = 'query_canceled';
END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON registry_message DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION refuse();
"""


async def test_nothing_is_acknowledged_before_it_is_committed(peer: Peer, owner_connection: AsyncConnection) -> None:
    await owner_connection.execute(_AT_COMMIT)
    body = write_envelope(peer.key, samples.header("notify"), good, clock.now())
    assert (await peer.post("notify", body)).status_code == 503
    assert [await counted(table) for table in ("registry_message", "person")] == [0, 0]
    await owner_connection.execute("DROP TRIGGER refuse ON registry_message")
    assert (await peer.post("notify", body)).json()["message"]["ack_status"] == "ACK"
    assert await facts(ANNA) == [NEEDY]
