"""What the intake does not keep."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from psycopg import AsyncConnection
from sqlalchemy import text

from amis.intake import quarantine
from amis.intake.errors import AlreadyDecided
from amis.intake.forgetting import (
    BEATS_KEPT,
    KEPT,
    REFUSED_KEPT,
    forget_beats,
    forget_erased,
    forget_refused,
    forget_talk,
)
from amis.intake.senders import define_sender
from amis.intake.spdci_peers import Agreement, define_registry
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.register import service as register
from sync.sopa import sopa_mapping
from tests.intake.wire import TOWN, Wire, counted, event, find, new_code, of_person

_MESSAGE = """
INSERT INTO registry_message
VALUES (:town, :sender, :name, 'notify', sha256(''), gen_random_uuid(), 'ACK', 1, 1, 0, :at)
"""
_ASKED = """
INSERT INTO registry_request (id, municipality_id, sender_id, action, about, state, since, until, asked_at)
VALUES (:id, :town, :sender, :action, :about, 'done', :since, :since, :at)
"""


async def test_by_which_code_an_erased_person_was_named_goes_out_of_the_ledger(wire: Wire) -> None:
    erased, stays = new_code(), new_code()
    await wire.send(of_person(erased, "A"), of_person(stays, "B"))
    person = await find(erased)
    assert person is not None
    async with transaction(TOWN) as tx:
        await register.erase(tx, person, "asked")
    await forget_erased()
    async with transaction(TOWN) as tx:
        rows = await tx.session.execute(text("SELECT record_id, code_index IS NULL FROM notice ORDER BY 1"))
        assert [tuple(row) for row in rows] == [("A", True), ("B", False)]


async def test_signs_of_life_are_forgotten_after_a_month_and_nothing_else_can_be(
    wire: Wire, worker_connection: AsyncConnection
) -> None:
    no_record = {"record_id": ..., "version": ..., "op": ...}
    beats = [event("source.heartbeat.v1", sequence=number, pending=0, **no_record) for number in (1, 2)]
    await wire.send(beats[0], of_person(new_code(), "A"))
    with clock.moved(clock.now() + BEATS_KEPT - timedelta(hours=1)):
        await wire.send(beats[1])
    with clock.moved(clock.now() + BEATS_KEPT + timedelta(hours=1)):
        await forget_beats(worker_connection)
    await worker_connection.execute("DELETE FROM notice_arrival WHERE type <> 'source.heartbeat.v1'")
    async with transaction(TOWN) as tx:
        kept = await tx.session.scalars(text("SELECT type FROM notice_arrival ORDER BY received_at"))
        assert list(kept) == ["status.fact.v1", "source.heartbeat.v1"]


async def test_what_was_refused_is_emptied_sixty_days_after_the_decision_and_never_while_it_waits(
    wire: Wire, worker_connection: AsyncConnection
) -> None:
    await wire.send(of_person(new_code(), "A", status="NONE"), of_person(new_code(), "B", status="NONE"))
    async with transaction(TOWN) as tx:
        decided, waiting = await tx.session.scalars(text("SELECT id FROM quarantine ORDER BY id"))
        await quarantine.dismiss(tx, decided, "not ours")
    with clock.moved(clock.now() + REFUSED_KEPT - timedelta(hours=1)):
        await forget_refused(worker_connection)
    async with transaction(TOWN) as tx:
        assert (await quarantine.read(tx, decided, "test"))[1]
    with clock.moved(clock.now() + REFUSED_KEPT + timedelta(hours=1)):
        await forget_refused(worker_connection)
    async with transaction(TOWN) as tx:
        assert (await quarantine.read(tx, waiting, "test"))[1]
        with pytest.raises(AlreadyDecided):
            await quarantine.read(tx, decided, "test")


async def test_talk_with_registries_is_forgotten_after_ninety_days_and_subscriptions_are_not(
    database: Settings, database_name: str, worker_connection: AsyncConnection
) -> None:
    for days, name in ((91, "old"), (89, "new")):
        await _talk(name, clock.now() - timedelta(days=days))
    assert timedelta(days=90) == KEPT
    await forget_talk(worker_connection)
    async with transaction(TOWN) as tx:
        assert list(await tx.session.scalars(text("SELECT message_id FROM registry_message"))) == ["new"]
        actions = await tx.session.scalars(text("SELECT action FROM registry_request ORDER BY action"))
        assert list(actions) == ["search", "subscribe", "subscribe", "txn-status"]
    assert await counted("registry") == 2


async def _talk(name: str, at: datetime) -> None:
    """A message, a subscription, and a question with another one about it."""
    async with transaction(TOWN) as tx:
        sender = await define_sender(tx, name, sopa_mapping(f"sr/{name}"))
        agreed = Agreement(f"sr.{name}", "amis.test", "https://sr.test", "https://amis.test")
        await define_registry(tx, sender.id, agreed)
        own = {"town": TOWN.municipality_id, "sender": sender.id, "at": at}
        await tx.session.execute(text(_MESSAGE), own | {"name": name})
        search = uuid4()
        for row, action, about in ((search, "search", None), (uuid4(), "txn-status", search)):
            since = at if action == "search" else None
            await tx.session.execute(text(_ASKED), own | {"id": row, "action": action, "about": about, "since": since})
        await tx.session.execute(
            text(_ASKED), own | {"id": uuid4(), "action": "subscribe", "about": None, "since": None}
        )
