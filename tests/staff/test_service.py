import pytest

from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.kernel.errors import NotFound
from amis.kernel.ids import new_id
from amis.staff import service, store
from amis.staff.errors import BadEmail, EmailTaken, UnknownAccount, UnknownRole, WeakPassword
from tests.staff.conftest import PASSWORD


async def _create(tenant, email="juris@example.test", password=PASSWORD, roles=("clerk",)):
    async with transaction(tenant) as tx:
        return await service.create_account(tx, email, "Juris Liepa", password, roles)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"email": "no address"}, BadEmail),
        ({"email": "a@b@c.test"}, BadEmail),
        ({"email": "x" * 250 + "@example.test"}, BadEmail),
        ({"password": "short"}, WeakPassword),
        ({"roles": ["emperor"]}, UnknownRole),
        ({"roles": []}, UnknownRole),
        ({"email": "ANNA@example.test"}, EmailTaken),
    ],
    ids=str,
)
async def test_a_faulty_account_is_refused(clerk, changes, error):
    with pytest.raises(error):
        await _create(clerk.tenant, **changes)


async def test_an_address_is_the_same_however_its_letters_were_composed(clerk):
    await _create(clerk.tenant, email="\u0101nna@example.test")
    with pytest.raises(EmailTaken):
        await _create(clerk.tenant, email="a\u0304nna@example.test")


async def test_an_address_is_taken_in_every_municipality(clerk):
    with pytest.raises(EmailTaken):
        await _create(system("test", 3), email=clerk.email)


async def test_accounts_are_listed_to_their_own_municipality_only(clerk):
    await _create(system("test", 3), roles=["auditor", "clerk"])
    listed = {}
    for tenant in (2, 3):
        async with transaction(system("test", tenant)) as tx:
            listed[tenant] = [(account.email, roles) for account, roles in await store.list_accounts(tx)]
    assert listed == {2: [("anna@example.test", ["clerk"])], 3: [("juris@example.test", ["auditor", "clerk"])]}


async def test_creating_an_account_is_audited_without_password_or_secret(clerk, owner_connection):
    rows = await (await owner_connection.execute("SELECT action, audit::text FROM audit")).fetchall()
    assert [row[0] for row in rows] == ["account.create"]
    assert not [row for row in rows if PASSWORD in row[1] or clerk.totp_secret in row[1] or "Ozola" in row[1]]


async def test_the_totp_secret_is_kept_sealed(clerk, owner_connection):
    rows = await (await owner_connection.execute("SELECT totp_sealed, account::text FROM account")).fetchall()
    assert clerk.totp_secret.encode() not in rows[0][0]
    assert clerk.totp_secret not in rows[0][1]


async def test_an_unknown_account_cannot_be_disabled(clerk):
    async with transaction(system("test", 3)) as tx:
        with pytest.raises(UnknownAccount):
            await service.disable_account(tx, clerk.email)


async def test_nobody_ends_the_session_of_another(clerk):
    _, other = (await _create(clerk.tenant))[0], new_id()
    async with transaction(clerk.tenant) as tx:
        account = await store.account_of(tx, clerk.email)
        secret = await service.open_session(tx, account.id, "open", "Firefox", service.CODE_WAIT)
        session = (await store.live_sessions(tx, account.id))[0]
        with pytest.raises(NotFound):
            await service.end_session(tx, session.id, other)
        assert await store.find_session(tx, secret, service.CODE_WAIT) is not None
        await service.end_sessions(tx, account.id, "administrator")
        assert await store.find_session(tx, secret, service.CODE_WAIT) is None
