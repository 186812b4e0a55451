from datetime import timedelta

import httpx
import pytest
from joserfc.jwk import ECKey
from sqlalchemy.exc import ProgrammingError

from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.keys import ROOT, keystore
from amis.staff import machine_service as machines
from amis.staff import machine_store
from amis.staff.caller import machine_actor
from amis.staff.errors import MachineStateConflict, UnknownMachine, UnknownMachineKind
from amis.staff.models import Machine, MachineToken
from cards.jwk import base64url
from tests.staff.conftest import BASE
from tests.staff.machine import Device


@pytest.fixture
async def client(app):
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as made:
        yield made


@pytest.fixture
async def terminal(jelgava):
    async with transaction(system("test")) as tx:
        return (await machines.create_machine(tx, "terminal", "Bus 7", None)).id


async def _in_tx(change, *args, tenant=None):
    async with transaction(tenant or system("test")) as tx:
        return await change(tx, *args)


@pytest.fixture
async def device(client, terminal):
    made = Device()
    assert (await made.pair(client, await _in_tx(machines.pairing_code, terminal))).status_code == 200
    await _in_tx(machines.approve, terminal)
    return made


async def _known(token):
    async with transaction(system("test")) as tx:
        found = await machine_store.machine_by_token(tx, token)
        return found and machine_actor(found)


async def test_a_paired_and_approved_machine_gets_an_opaque_token(client, device, terminal, owner_connection):
    answer = await device.ask(client)
    given = answer.json()
    assert (answer.status_code, given["token_type"], given["expires_in"]) == (200, "Bearer", 900)
    actor = await _known(given["access_token"])
    assert (actor.kind, actor.id, actor.label, actor.municipality_id) == ("machine", str(terminal), "Bus 7", None)
    assert actor.may("validation.create")
    rows = await (await owner_connection.execute("SELECT machine_token::text FROM machine_token")).fetchall()
    assert given["access_token"] not in rows[0][0]


async def test_pairing_answers_with_the_fingerprint_that_a_person_compares(client, terminal):
    device = Device()
    answer = await device.pair(client, await _in_tx(machines.pairing_code, terminal))
    root = base64url(keystore().public(ROOT).der)
    told = {"machine_id": str(terminal), "pairing": 1, "fingerprint": device.key.thumbprint(), "root": root}
    assert answer.json() == told


async def test_before_approval_there_is_no_token(client, terminal):
    device = Device()
    await device.pair(client, await _in_tx(machines.pairing_code, terminal))
    answer = await device.ask(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_client")


async def test_a_code_works_once_and_for_ten_minutes(client, terminal):
    code = await _in_tx(machines.pairing_code, terminal)
    with clock.moved(clock.now() + timedelta(minutes=10, seconds=1)):
        assert (await Device().pair(client, code)).json()["code"] == "invalid_grant"
    assert (await Device().pair(client, code)).status_code == 200
    assert (await Device().pair(client, code)).json()["code"] == "invalid_grant"


async def test_a_newer_code_ends_the_older_one(client, terminal):
    older = await _in_tx(machines.pairing_code, terminal)
    await _in_tx(machines.pairing_code, terminal)
    assert (await Device().pair(client, older)).json()["code"] == "invalid_grant"


@pytest.mark.parametrize(
    "body",
    [{}, {"code": 5, "jwk": {}}, {"code": "x", "jwk": {}}, {"code": "x", "jwk": {"kty": "EC"}, "more": 1}],
    ids=str,
)
async def test_a_faulty_pairing_request_is_refused(client, jelgava, body):
    assert (await client.post("/machine/v1/pair", json=body)).status_code == 422


async def test_a_private_key_is_refused_and_the_code_stays_good(client, terminal):
    code = await _in_tx(machines.pairing_code, terminal)
    private = {"code": code, "jwk": ECKey.generate_key("P-256").as_dict(private=True)}
    assert (await client.post("/machine/v1/pair", json=private)).json()["code"] == "invalid_key"
    assert (await Device().pair(client, code)).status_code == 200


async def test_an_assertion_is_good_once(client, device):
    assertion = device.assertion()
    assert (await device.ask(client, assertion)).status_code == 200
    again = await device.ask(client, assertion)
    assert (again.status_code, again.json()["code"]) == (401, "invalid_client")


async def test_a_refused_machine_is_audited(client, device, owner_connection):
    await device.ask(client, device.assertion(aud="https://other.example"))
    rows = await (
        await owner_connection.execute("SELECT subject_id FROM audit WHERE action = 'machine.refused'")
    ).fetchall()
    assert rows == [(device.id,)]


async def test_another_machines_key_is_refused(client, device):
    stranger = Device()
    stranger.id = device.id
    answer = await stranger.ask(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"grant_type": "password"}, "unsupported_grant_type"), ({"client_assertion_type": "x"}, "invalid_request")],
)
async def test_another_grant_is_refused_with_the_word_of_the_standard(client, device, changes, code):
    answer = await device.ask(client, **changes)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


async def test_a_token_lasts_a_quarter_of_an_hour(client, device):
    token = (await device.ask(client)).json()["access_token"]
    with clock.moved(clock.now() + timedelta(minutes=14, seconds=50)):
        assert await _known(token)
    with clock.moved(clock.now() + timedelta(minutes=15, seconds=1)):
        assert await _known(token) is None


async def test_suspension_takes_effect_on_the_next_call_and_can_be_lifted(client, device, terminal):
    token = (await device.ask(client)).json()["access_token"]
    await _in_tx(machines.suspend, terminal, "lost and found")
    assert await _known(token) is None
    assert (await device.ask(client)).json()["code"] == "invalid_client"
    await _in_tx(machines.resume, terminal)
    assert await _known(token)


async def test_revocation_is_for_good(client, device, terminal):
    token = (await device.ask(client)).json()["access_token"]
    await _in_tx(machines.revoke, terminal, "stolen")
    assert await _known(token) is None
    for change in (machines.resume, machines.suspend, machines.approve, machines.pairing_code, machines.revoke):
        with pytest.raises(MachineStateConflict):
            await _in_tx(change, terminal)


async def test_only_a_machine_that_proves_its_key_is_told_that_it_is_revoked(client, device, terminal):
    await _in_tx(machines.revoke, terminal, "stolen")
    told = (await device.ask(client)).json()
    assert (told["code"], told["error"], told["state"]) == ("machine_withdrawn", "invalid_client", "revoked")
    stranger = Device()
    stranger.id = device.id
    assert "state" not in (await stranger.ask(client)).json()


async def test_a_new_pairing_ends_the_tokens_of_the_old_one_when_it_is_approved(client, device, terminal):
    token = (await device.ask(client)).json()["access_token"]
    newer = Device()
    paired = await newer.pair(client, await _in_tx(machines.pairing_code, terminal))
    assert paired.json()["pairing"] == 2
    assert await _known(token)
    assert (await newer.ask(client)).status_code == 401
    await _in_tx(machines.approve, terminal)
    assert await _known(token) is None
    assert (await device.ask(client)).status_code == 401
    assert (await newer.ask(client)).status_code == 200


async def test_another_key_than_the_one_compared_is_not_approved(client, device, terminal):
    newer = Device()
    compared = (await newer.pair(client, await _in_tx(machines.pairing_code, terminal))).json()["fingerprint"]
    with pytest.raises(MachineStateConflict):
        await _in_tx(machines.approve, terminal, "another")
    await _in_tx(machines.approve, terminal, compared)


async def test_nothing_is_approved_twice_or_before_a_key_came(terminal):
    await _in_tx(machines.pairing_code, terminal)
    with pytest.raises(MachineStateConflict):
        await _in_tx(machines.approve, terminal)


async def test_a_machine_of_a_municipality_is_hidden_from_another(jelgava):
    machine = await _in_tx(machines.create_machine, "desk", "Desk 1", 2, tenant=jelgava)
    with pytest.raises(UnknownMachine):
        await _in_tx(machines.suspend, machine.id, tenant=system("test", 3))
    async with transaction(system("test", 3)) as tx:
        assert await machine_store.list_machines(tx) == []


async def test_an_unknown_kind_of_machine_is_refused(jelgava):
    with pytest.raises(UnknownMachineKind):
        await _in_tx(machines.create_machine, "toaster", "Toaster", None)


async def test_a_town_sees_a_carriers_machine_and_neither_changes_it_nor_speaks_for_it(jelgava):
    async with transaction(system("test")) as tx:
        machine_id = (await machines.create_machine(tx, "terminal", "Carrier's", None)).id
        await machines.pairing_code(tx, machine_id)
    async with transaction(jelgava) as tx:
        assert await tx.session.get(Machine, machine_id) is not None
        with pytest.raises(UnknownMachine):
            await machines.revoke(tx, machine_id)
    values = {"hash": b"x" * 32, "machine_id": machine_id, "pairing": 1, "municipality_id": None}
    token = MachineToken(**values, created_at=clock.now(), expires_at=clock.now())
    with pytest.raises(ProgrammingError, match="row-level security"):
        async with transaction(jelgava) as tx:
            tx.session.add(token)
