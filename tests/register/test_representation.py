"""Who may act for somebody else on a day."""

from datetime import date
from uuid import UUID

import pytest

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service, store
from amis.register.errors import PersonUnknown
from tests.register.persons import JANUARY, JUNE, MARCH, somebody


async def test_a_parent_acts_for_a_child_up_to_the_eighteenth_birthday(town: Actor) -> None:
    born = date(2008, 2, 29)
    async with transaction(town) as tx:
        anna, janis = await somebody(tx), await somebody(tx, born)
        await service.relate(tx, anna, "child", janis, born, None, "clerk")
        assert await store.representatives(tx, janis, date(2026, 2, 28)) == {anna}
        assert await store.representatives(tx, janis, MARCH) == set()
        assert not await store.represents(tx, janis, anna, JANUARY)


async def test_a_guardian_acts_for_a_ward_of_any_age_while_appointed(town: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis = await somebody(tx), await somebody(tx, date(1950, 1, 1))
        await service.relate(tx, anna, "ward", janis, JANUARY, MARCH, "court")
        assert await store.represents(tx, anna, janis, JANUARY)
        assert not await store.represents(tx, anna, janis, MARCH)


async def test_whose_birth_date_is_not_known_is_no_minor(town: Actor) -> None:
    async with transaction(town) as tx:
        anna, janis = await somebody(tx), await somebody(tx)
        await service.relate(tx, anna, "child", janis, JANUARY, None, "clerk")
        assert await store.representatives(tx, janis, JUNE) == set()
        with pytest.raises(PersonUnknown):
            await store.representatives(tx, UUID(int=1), JUNE)
