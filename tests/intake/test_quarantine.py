"""What was refused is kept by itself until somebody decides on it."""

import json
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from amis.intake import quarantine, waiting
from amis.intake.arrival import open_refused
from amis.intake.errors import AlreadyDecided, QuarantinedUnknown, ReasonMissing
from amis.intake.models import Quarantined
from amis.intake.waiting import Wanted
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.models import AuditEntry
from sync.message import read_event
from tests.intake.wire import READER, Wire, event, new_code, of_person

OF_RIGA = Actor("staff", "reader-2", "Reader", 3, "Rīga", frozenset({"intake.write"}))


@pytest.fixture
async def held(wire: Wire) -> UUID:
    """The one bad event of a message with three."""
    await wire.send(of_person(new_code(), "A"), event(status="NEZINAMA", record_id="B"), of_person(new_code(), "C"))
    async with transaction(READER) as tx:
        [held] = (await waiting.held(tx, Wanted()))[0]
    assert (held.record_id, held.error_code, held.error_pointer) == ("B", "status.unknown", "/data/status")
    return held.id


async def test_a_dismissed_message_is_closed_with_its_reason_in_the_trail(held: UUID) -> None:
    async with transaction(READER) as tx:
        await quarantine.dismiss(tx, held, "  Sūtītājs\n nosūtīja labotu ")
    async with transaction(READER) as tx:
        assert (await waiting.held(tx, Wanted()))[0] == []
        assert (await waiting.get(tx, held)).state == "dismissed"
        [leaf] = await tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "quarantine.dismiss"))
        row = await tx.session.get(Quarantined, held)
    assert (leaf.subject_id, leaf.reason, leaf.actor_id) == (str(held), "Sūtītājs nosūtīja labotu", "reader-1")
    assert (leaf.before, leaf.after) == ({"state": "open"}, {"state": "dismissed"})
    assert row is not None
    assert (row.decided_by, row.reason) == ("staff/reader-1", "Sūtītājs nosūtīja labotu")


async def test_its_bytes_stay_sealed_for_the_audit(held: UUID) -> None:
    async with transaction(READER) as tx:
        await quarantine.dismiss(tx, held, "Not needed")
        row = await tx.session.get(Quarantined, held)
    assert row is not None
    assert json.loads(open_refused(row))["data"]["status"] == "NEZINAMA"
    assert b"NEZINAMA" not in row.sealed


@pytest.mark.parametrize("mode", ["structured", "binary", "batched"])
async def test_each_refused_event_is_kept_by_itself_in_the_structured_mode(wire: Wire, mode: str) -> None:
    bad = event(status="NEZINAMA", record_id="ķ")
    others = [of_person(new_code(), "A"), event(op="delete")] if mode == "batched" else []
    if mode == "binary":
        attributes = {f"ce-{name}": value for name, value in bad.items() if name != "data"}
        await wire.post(json.dumps(bad["data"]).encode(), "application/json", headers=attributes)
    else:
        await wire.send(*others, bad)
    async with transaction(READER) as tx:
        rows = (await tx.session.scalars(select(Quarantined).order_by(Quarantined.id))).all()
        held = (await waiting.held(tx, Wanted()))[0]
    assert [row.content_type for row in rows] == ["application/cloudevents+json"] * (2 if others else 1)
    assert read_event(json.loads(open_refused(rows[-1]))) == read_event(bad)
    assert held[-1].record_id == "ķ"


async def test_a_signed_message_that_cannot_be_read_is_kept_whole_and_once(wire: Wire) -> None:
    for _ in range(2):
        assert (await wire.post(b"{not json", message_id="m-broken")).status_code == 400
    async with transaction(READER) as tx:
        [held] = (await waiting.held(tx, Wanted()))[0]
        row = await tx.session.get(Quarantined, held.id)
    assert row is not None
    assert (held.message_id, held.arrival_id, row.content_type) == ("m-broken", None, "application/octet-stream")
    assert open_refused(row) == b"{not json"
    assert "The message could not be read." in (await wire.client.get("/notices")).text
    assert "The message could not be read." in (await wire.client.get(f"/notices/quarantine/{held.id}")).text


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 501])
async def test_without_a_reason_nothing_is_decided(held: UUID, reason: str) -> None:
    with pytest.raises(ReasonMissing):
        async with transaction(READER) as tx:
            await quarantine.dismiss(tx, held, reason)
    async with transaction(READER) as tx:
        assert len((await waiting.held(tx, Wanted()))[0]) == 1


async def test_a_message_is_decided_once_and_by_its_own_municipality(held: UUID) -> None:
    with pytest.raises(QuarantinedUnknown):
        async with transaction(OF_RIGA) as tx:
            await quarantine.dismiss(tx, held, "Not ours")
    async with transaction(READER) as tx:
        await quarantine.dismiss(tx, held, "Not needed")
    for wrong, error in ((held, AlreadyDecided), (uuid4(), QuarantinedUnknown)):
        with pytest.raises(error):
            async with transaction(READER) as tx:
                await quarantine.dismiss(tx, wrong, "Not needed")
