"""Deciding on what was refused."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from amis.intake import overview, quarantine
from amis.intake.errors import AlreadyDecided, QuarantinedUnknown, ReasonMissing
from amis.intake.models import Quarantined
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.keys import SUBJECT, keystore
from amis.kernel.models import AuditEntry
from tests.intake.wire import READER, Wire, event, new_code, of_person

OF_RIGA = Actor("staff", "reader-2", "Reader", 3, "Rīga", frozenset({"intake.write"}))


@pytest.fixture
async def held(wire: Wire) -> UUID:
    """A message with one good and two bad events."""
    await wire.send(of_person(new_code(), "A"), event(status="NEZINAMA"), event(op="delete"), message_id="m-held")
    async with transaction(READER) as tx:
        [message] = await overview.open_messages(tx)
    assert (message.message_id, message.refused) == ("m-held", 2)
    return message.id


async def test_a_dismissed_message_is_closed_with_its_reason_in_the_trail(held: UUID) -> None:
    async with transaction(READER) as tx:
        await quarantine.dismiss(tx, held, "  Sūtītājs\n nosūtīja labotu ")
    async with transaction(READER) as tx:
        assert await overview.open_messages(tx) == []
        assert (await overview.get_message(tx, held)).state == "dismissed"
        [leaf] = await tx.session.scalars(select(AuditEntry).where(AuditEntry.action == "quarantine.dismiss"))
    assert (leaf.subject_id, leaf.reason, leaf.actor_id) == (str(held), "Sūtītājs nosūtīja labotu", "reader-1")
    assert (leaf.before, leaf.after) == ({"state": "open"}, {"state": "dismissed"})


async def test_its_bytes_stay_sealed_for_the_audit(held: UUID) -> None:
    async with transaction(READER) as tx:
        await quarantine.dismiss(tx, held, "Not needed")
        row = await tx.session.get(Quarantined, held)
    assert row is not None
    opened = keystore().unwrap(SUBJECT, row.sealed, b"quarantine|sealed|" + held.bytes)
    assert b"NEZINAMA" in opened
    assert b"NEZINAMA" not in row.sealed


@pytest.mark.parametrize("reason", ["", "  ", "ab", "x" * 501])
async def test_without_a_reason_nothing_is_decided(held: UUID, reason: str) -> None:
    with pytest.raises(ReasonMissing):
        async with transaction(READER) as tx:
            await quarantine.dismiss(tx, held, reason)
    async with transaction(READER) as tx:
        assert len(await overview.open_messages(tx)) == 1


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
