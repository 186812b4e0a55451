"""Registries as peers: whose message it is, when several towns have one registry, and what cannot be agreed on."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from amis.concessions.seed_lv import RIGA
from amis.intake.errors import RegistryExists, RegistryUnknown, RegistryUrlInvalid, SenderKeyUnknown
from amis.intake.senders import define_sender
from amis.intake.spdci_keys import add_registry_key, revoke_registry_key, whose
from amis.intake.spdci_peers import Agreement, define_registry, get_registry, registries
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.settings import Settings
from sync.errors import KeyUnreadable
from sync.sopa import sopa_mapping
from sync.spdci.envelope import read_envelope, write_envelope
from sync.spdci.errors import SignatureInvalid
from sync.spdci.key import draw_key
from tests.intake.wire import TOWN
from tests.sync.spdci import samples

AGREED = Agreement(samples.REGISTRY, samples.OWN, "https://sr.sociala.test", "https://amis.jelgava.test")
IN_RIGA = system("test", RIGA)


@pytest.fixture(autouse=True)
def _town(database: Settings, database_name: str) -> None:
    """A fresh copy of the town."""


async def test_one_registry_serves_several_towns_each_under_its_own_id() -> None:
    key = draw_key("sr-1")
    for actor, agreed in ((TOWN, AGREED), (IN_RIGA, replace(AGREED, own_id="amis.riga.test"))):
        async with transaction(actor) as tx:
            sender = await define_sender(tx, "Sociālais reģistrs", sopa_mapping("sr"))
            await define_registry(tx, sender.id, agreed)
            await add_registry_key(tx, sender.id, key.public_jwk())
            assert [one.sender_id for one in await registries(tx)] == [sender.id]
    for receiver, town in ((samples.OWN, TOWN), ("amis.riga.test", IN_RIGA)):
        body = write_envelope(key, samples.header("notify", receiver_id=receiver), {}, clock.now())
        async with transaction(system("test")) as tx:
            assert (await whose(tx, read_envelope(body), clock.now())).municipality_id == town.municipality_id


async def test_a_key_that_was_taken_back_signs_nothing() -> None:
    key = draw_key("sr-1")
    async with transaction(TOWN) as tx:
        sender = await define_sender(tx, "Sociālais reģistrs", sopa_mapping("sr"))
        await define_registry(tx, sender.id, AGREED)
        await add_registry_key(tx, sender.id, key.public_jwk())
        await revoke_registry_key(tx, sender.id, "sr-1")
        with pytest.raises(SenderKeyUnknown):
            await revoke_registry_key(tx, sender.id, "sr-2")
    body = write_envelope(key, samples.header("notify"), {}, clock.now())
    async with transaction(system("test")) as tx:
        with pytest.raises(SignatureInvalid):
            await whose(tx, read_envelope(body), clock.now())


async def test_what_cannot_be_agreed_on_is_refused() -> None:
    async with transaction(TOWN) as tx:
        sender = await define_sender(tx, "Sociālais reģistrs", sopa_mapping("sr"))
        for url in ("http://sr.sociala.test", "ftp://sr.sociala.test", "https://", "sr.sociala.test"):
            with pytest.raises(RegistryUrlInvalid):
                await define_registry(tx, sender.id, replace(AGREED, url=url))
        await define_registry(tx, sender.id, replace(AGREED, url="http://127.0.0.1:8080/sr"))
        with pytest.raises(RegistryExists):
            await define_registry(tx, sender.id, AGREED)
        with pytest.raises(RegistryUnknown):
            await get_registry(tx, new_id())
        private = json.loads(draw_key("sr-1").public_jwk()) | {"d": "AAAA"}
        with pytest.raises(KeyUnreadable):
            await add_registry_key(tx, sender.id, json.dumps(private))
