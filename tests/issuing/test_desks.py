"""Desks are machines with a name: they pair by a code, are approved by a person, and are revoked."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from amis.issuing import desk_presence, desk_store, desks, operations, print_queue, request_store, requests
from amis.issuing.desk_store import DeskView
from amis.issuing.errors import DeskNameMissing, DeskUnknown
from amis.issuing.requests import CardRequest
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.staff import machine_service
from amis.staff.errors import MachineStateConflict
from cards.jwk import jwk
from tests.issuing.cards_town import PRODUCT, desk, encoded, product
from tests.issuing.town import CODES, acting, entitled

pytestmark = pytest.mark.usefixtures("town")
RIGA = Actor("staff", "clerk-9", "Pēteris", 3, "Rīga")


async def seen(desk_id: object) -> DeskView:
    return await acting(lambda tx: desk_store.view_desk(tx, desk_id))  # type: ignore[arg-type]


async def test_a_new_desk_has_yet_to_pair() -> None:
    desk_id = await desk("3. logs")
    view = await seen(desk_id)
    assert (view.desk.name, view.machine.kind, view.machine.state) == ("3. logs", "desk", "new")
    assert not view.awaits_approval
    assert not view.connected(clock.now())


async def test_a_desk_has_a_name() -> None:
    for name in ("", "   ", "x" * 61):
        with pytest.raises(DeskNameMissing) as refused:
            await acting(lambda tx, name=name: desks.make_desk(tx, name))  # type: ignore[misc]
        assert refused.value.pointer == "/name"


async def test_a_key_that_was_sent_waits_for_approval_until_somebody_compares_it() -> None:
    desk_id = await desk()
    code = await acting(lambda tx: desks.pairing_code(tx, desk_id))
    key = jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
    paired = await acting(lambda tx: machine_service.use_code(tx, code, key))
    view = await seen(desk_id)
    assert view.awaits_approval
    assert view.pairing is not None
    assert view.pairing.fingerprint == paired.fingerprint
    await acting(lambda tx: desks.approve(tx, desk_id))
    assert (await seen(desk_id)).machine.state == "active"
    assert not (await seen(desk_id)).awaits_approval
    with pytest.raises(MachineStateConflict):
        await acting(lambda tx: desks.approve(tx, desk_id))


async def test_a_revoked_desk_is_revoked_for_good() -> None:
    desk_id = await desk()
    await acting(lambda tx: desks.revoke(tx, desk_id, "moved out"))
    for deed in (desks.revoke, desks.pairing_code, desks.approve):
        with pytest.raises(MachineStateConflict):
            await acting(lambda tx, deed=deed: deed(tx, desk_id))  # type: ignore[misc]


async def test_what_waits_at_a_desk_that_is_revoked_is_done_at_another_one() -> None:
    gone, other = await desk(), await desk("other")
    await product()
    asked = CardRequest(await entitled(), PRODUCT, "first", desk_id=gone)
    row = await acting(lambda tx: requests.request(tx, asked))
    card = await acting(lambda tx: requests.approve_request(tx, row.id))
    made = await encoded(await entitled(CODES[0]))
    await acting(lambda tx: operations.ask(tx, gone, card.id, "personalise"))
    await acting(lambda tx: print_queue.queue_print(tx, made.id, gone, "face"))
    await acting(lambda tx: desks.revoke(tx, gone))
    waiting = await acting(lambda tx: request_store.waiting_at(tx, other))
    assert card.id in {line.token.id for line in waiting if line.token}
    assert (await acting(lambda tx: operations.ask(tx, other, card.id, "personalise"))).state == "asked"
    assert (await acting(lambda tx: print_queue.queue_print(tx, made.id, other, "face"))).state == "queued"


async def test_another_municipality_and_another_machine_are_no_desk_of_ours() -> None:
    desk_id = await desk()
    terminal = await acting(lambda tx: machine_service.create_machine(tx, "terminal", "bus", tx.municipality_id))
    for deed in (desks.pairing_code, desks.approve, desks.revoke, desk_store.view_desk):
        with pytest.raises(DeskUnknown):
            async with transaction(RIGA) as tx:
                await deed(tx, desk_id)
        with pytest.raises(DeskUnknown):
            await acting(lambda tx, deed=deed: deed(tx, terminal.id))  # type: ignore[misc]
    async with transaction(RIGA) as tx:
        assert await desk_store.list_desks(tx) == []


async def test_the_newest_connection_serves_the_desk_and_silence_counts_as_gone() -> None:
    desk_id, first, second = await desk(), new_id(), new_id()
    await acting(lambda tx: desk_presence.attach(tx, desk_id, first))
    await acting(lambda tx: desk_presence.attach(tx, desk_id, second))
    await acting(lambda tx: desk_presence.report(tx, desk_id, first, agent="old"))
    await acting(lambda tx: desk_presence.report(tx, desk_id, second, agent="new"))
    presence = (await seen(desk_id)).presence
    assert presence is not None
    assert (presence.connection, presence.agent) == (second, "new")
    assert desk_store.is_live(presence, clock.now())
    assert not desk_store.is_live(presence, clock.now() + desk_store.SILENCE)
    await acting(lambda tx: desk_presence.detach(tx, desk_id, first))
    assert (await seen(desk_id)).presence.closed_at is None  # type: ignore[union-attr]
    await acting(lambda tx: desk_presence.detach(tx, desk_id, second))
    assert (await seen(desk_id)).presence.closed_at is not None  # type: ignore[union-attr]
