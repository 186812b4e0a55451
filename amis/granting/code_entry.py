"""A person whom a clerk names by personal code: a look-up, counted and logged like any other."""

from uuid import UUID

from amis.kernel.db import Transaction
from amis.register import service as register_service
from amis.register import store as register
from amis.register.errors import PersonUnknown


async def person_with_code(tx: Transaction, typed: str) -> UUID:
    """The person who has or ever had this code.

    Raises:
        CodeInvalid, PersonUnknown, TooManyLookups
    """
    found = await register_service.look_up(tx, register.digits_of(typed))
    if not found:
        raise PersonUnknown
    return found[0].id
