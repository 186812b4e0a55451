"""Who calls: a member of staff by the session cookie, a machine by its bearer token, or nobody."""

from datetime import timedelta

from starlette.requests import HTTPConnection

from amis.kernel.actor import Actor, system
from amis.kernel.db import transaction
from amis.kernel.settings import Settings
from amis.staff import cookies, machine_store, store
from amis.staff.machine_store import FoundMachine
from amis.staff.roles import machine_permissions, role_permissions
from amis.staff.store import FoundSession

SESSION = "amis.session"
"""Where a request's scope keeps the FoundSession of its caller."""
_GUARD = system("guard")
_LONGEST_SECRET = 128


async def identify(connection: HTTPConnection, settings: Settings) -> Actor | None:
    """The caller of a request. A bearer token counts alone: with one, no cookie is looked at."""
    authorization = connection.headers.get("authorization")
    if authorization is not None:
        return await _machine(authorization)
    secret = cookies.session_secret(connection.cookies, settings)
    if not secret or len(secret) > _LONGEST_SECRET:
        return None
    return await _staff(connection, secret, timedelta(minutes=settings.session_idle_minutes))


async def _machine(authorization: str) -> Actor | None:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= _LONGEST_SECRET:
        return None
    async with transaction(_GUARD) as tx:
        found = await machine_store.machine_by_token(tx, token)
    return machine_actor(found) if found else None


async def _staff(connection: HTTPConnection, secret: str, idle: timedelta) -> Actor | None:
    async with transaction(_GUARD) as tx:
        found = await store.find_session(tx, secret, idle)
    if found is None or found.stage != "open":
        return None
    connection.scope[SESSION] = found
    return staff_actor(found)


def machine_actor(found: FoundMachine) -> Actor:
    """A machine with what its kind may do."""
    permissions = machine_permissions(found.kind)
    return Actor("machine", str(found.id), found.label, found.municipality_id, found.municipality_name, permissions)


def staff_actor(found: FoundSession) -> Actor:
    """A member of staff with all that their roles may do."""
    permissions = role_permissions(found.roles)
    return Actor(
        "staff", str(found.account_id), found.name, found.municipality_id, found.municipality_name, permissions
    )
