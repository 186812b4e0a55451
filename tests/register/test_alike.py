"""Persons who may be the same one twice are found by name or by birth date with a word of the name."""

from datetime import date
from uuid import UUID

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service
from amis.register.alike import Likeness, alike
from amis.register.service import PersonDraft

BORN = date(1980, 5, 17)


async def test_likeness_is_of_the_name_or_of_a_word_and_the_birth_date(town: Actor) -> None:
    async with transaction(town) as tx:

        async def person(number: int, name: str | None, born: date | None = BORN) -> UUID:
            return await service.enrol(tx, PersonDraft(f"3234567{number:04}", name, born))

        anna = await person(1, "Anna Bērziņa")
        twin = await person(2, "Berzina Anna", None)
        married = await person(3, "Anna Kalniņa")
        both = await person(4, "ANNA BĒRZIŅA")
        await person(5, "Anna Kalniņa", date(1981, 1, 1))
        await person(6, "Juris Ozols")
        await person(7, None)
        gone = await person(8, "Anna Bērziņa")
        await service.erase(tx, gone)
        found = await alike(tx, anna)
        nobody = await alike(tx, gone)
    assert found == {
        twin: {Likeness.NAME},
        married: {Likeness.BORN},
        both: {Likeness.NAME, Likeness.BORN},
    }
    assert nobody == {}
