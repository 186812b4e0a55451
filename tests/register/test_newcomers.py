"""Persons enrolled many at once are found, opened and completed as those enrolled one by one."""

import random
from datetime import date

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.sealed import blind_index
from amis.kernel.staging import staging
from amis.register import store
from amis.register.errors import NameInvalid
from amis.register.newcomers import Sealer, write
from amis.register.people import PersonDraft, enrol, tidy_name
from sync.personal_code import draw_newer

_codes = random.Random(31)
NAMES = ["Anna Ķīsele-Bērziņa", "  Līga\tOga ", "O'Brien", "İpek Şahin", "Li 42", "42", "", " ", "ā" * 200, "a " * 101]


async def test_they_are_found_by_code_and_name_and_opened(town: Actor) -> None:
    codes = [draw_newer(_codes) for _ in range(3)]
    async with transaction(town) as tx, staging(tx) as cursor:
        sealer, own = Sealer(tx.municipality_id), tx.municipality_id
        made = [
            sealer.newcomer(code, blind_index(own, "code", code), name, date(1980, 5, 17))
            for code, name in zip(codes, ["Anna Ķīsele", "Anna  Ozola", None], strict=True)
        ]
        await write(tx, cursor, made)
    async with transaction(town) as tx:
        assert [await store.find_by_code(tx, code) for code in codes] == [one.id for one in made]
        assert {found.id for found in await store.search(tx, "anna")} == {made[0].id, made[1].id}
        assert [found.id for found in await store.search(tx, "kis ann")] == [made[0].id]
        opened = await store.open_person(tx, made[1].id, "test")
    assert (opened.name, opened.code, opened.born) == ("Anna Ozola", codes[1], date(1980, 5, 17))


async def test_what_somebody_lacks_is_added_and_what_is_known_stays(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await enrol(tx, PersonDraft(draw_newer(_codes)))
    async with transaction(town) as tx, staging(tx) as cursor:
        wrapped = (await store.get_person(tx, person_id)).subject_key
        assert wrapped is not None
        sealer = Sealer(tx.municipality_id)
        await write(tx, cursor, [sealer.completion(person_id, wrapped, "Anna Ozola", None)])
        await write(tx, cursor, [sealer.completion(person_id, wrapped, None, date(1980, 5, 17))])
    async with transaction(town) as tx:
        opened = await store.open_person(tx, person_id, "test")
        assert [found.id for found in await store.search(tx, "ozola")] == [person_id]
    assert (opened.name, opened.born) == ("Anna Ozola", date(1980, 5, 17))


def test_a_name_is_usable_where_it_could_be_kept_one_by_one(town: Actor) -> None:
    for name in NAMES:
        try:
            usable = bool(tidy_name(name))
        except NameInvalid:
            usable = False
        assert Sealer(1).is_usable(name) is usable, name
