"""Persons: enrolment, codes, names, death, erasure."""

import asyncio
import random
from contextlib import suppress
from datetime import date
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service, store
from amis.register.errors import (
    AlreadyEnrolled,
    BirthDateInvalid,
    CodeInvalid,
    CodeTaken,
    DeathDateInvalid,
    FactStale,
    NameInvalid,
    PersonErased,
    PersonUnknown,
)
from amis.register.service import FactChange, PersonDraft
from sync.personal_code import draw_newer, draw_with_birth_date, hyphenated

BORN = date(1990, 5, 17)
CODE = draw_with_birth_date(random.Random(1), BORN)
NEWER = draw_newer(random.Random(2))
ANNA = PersonDraft(CODE, "Anna Bērziņa")


async def test_a_person_is_found_or_created(town: Actor) -> None:
    async with transaction(town) as tx:
        first = await service.enrol(tx, ANNA)
        again = await service.enrol(tx, PersonDraft(hyphenated(CODE), "Anna Cita"))
        view = await store.open_person(tx, first, "test")
    assert again == first
    assert (view.code, view.name, view.born, view.died) == (CODE, "Anna Bērziņa", BORN, None)
    assert view.code_masked == f"{CODE[:6]}-*****"


async def test_what_was_not_known_is_added_later(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await service.enrol(tx, PersonDraft(NEWER))
        await service.enrol(tx, PersonDraft(NEWER, "Ilze Liepa", date(2010, 2, 28)))
        view = await store.open_person(tx, person_id, "test")
        found = await store.search(tx, "liep")
    assert (view.name, view.born) == ("Ilze Liepa", date(2010, 2, 28))
    assert [person.id for person in found] == [person_id]


FAULTS = [
    (PersonDraft("12345"), CodeInvalid),
    (PersonDraft(CODE[:10] + str((int(CODE[10]) + 1) % 10)), CodeInvalid),
    (PersonDraft(CODE, "Anna", date(1990, 5, 18)), BirthDateInvalid),
    (PersonDraft(NEWER, "Anna", date(2999, 1, 1)), BirthDateInvalid),
    (PersonDraft(CODE, "  "), NameInvalid),
    (PersonDraft(CODE, "123"), NameInvalid),
    (PersonDraft(CODE, "A" * 201), NameInvalid),
]


async def test_a_faulty_person_is_refused_and_nothing_is_kept(town: Actor) -> None:
    for draft, error in FAULTS:
        with pytest.raises(error):
            async with transaction(town) as tx:
                await service.enrol(tx, draft)
    async with transaction(town) as tx:
        assert await store.find_by_code(tx, CODE) is None
        assert await store.find_by_code(tx, NEWER) is None


async def test_a_clerk_is_told_that_the_person_is_there_already(town: Actor) -> None:
    async with transaction(town) as tx:
        await service.enrol_by_hand(tx, ANNA)
    with pytest.raises(AlreadyEnrolled):
        async with transaction(town) as tx:
            await service.enrol_by_hand(tx, ANNA)


async def test_t39_a_changed_personal_code_leaves_one_person_whom_both_codes_find(
    town: Actor, owner_connection: AsyncConnection
) -> None:
    async with transaction(town) as tx:
        person_id = await service.enrol(tx, ANNA)
    async with transaction(town) as tx:
        assert await service.change_code(tx, person_id, NEWER)
        assert not await service.change_code(tx, person_id, NEWER)
    async with transaction(town) as tx:
        assert await store.find_by_code(tx, CODE) == await store.find_by_code(tx, NEWER) == person_id
        view = await store.open_person(tx, person_id, "test")
    assert [(known.code, known.current) for known in view.codes] == [(NEWER, True), (CODE, False)]
    rows = await owner_connection.execute(
        "SELECT before, after FROM audit WHERE action = 'person.change_code' AND subject_id = %s", [str(person_id)]
    )
    [(before, after)] = await rows.fetchall()
    assert before["code"] != after["code"]
    assert not {CODE, NEWER} & {before["code"], after["code"]}


async def test_a_former_code_can_become_current_again(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await service.enrol(tx, ANNA)
        await service.change_code(tx, person_id, NEWER)
        await service.change_code(tx, person_id, CODE)
        view = await store.open_person(tx, person_id, "test")
    assert [(known.code, known.current) for known in view.codes] == [(CODE, True), (NEWER, False)]


async def test_the_code_of_another_person_is_refused(town: Actor) -> None:
    async with transaction(town) as tx:
        anna = await service.enrol(tx, ANNA)
        await service.enrol(tx, PersonDraft(NEWER, "Ilze Liepa"))
    with pytest.raises(CodeTaken):
        async with transaction(town) as tx:
            await service.change_code(tx, anna, NEWER)


async def test_a_new_name_replaces_the_old_in_the_search_too(town: Actor) -> None:
    async with transaction(town) as tx:
        anna = await service.enrol(tx, ANNA)
        assert await service.rename(tx, anna, "Anna  Ozola")
        assert not await service.rename(tx, anna, "Anna Ozola")
    async with transaction(town) as tx:
        assert await store.search(tx, "Bērziņa") == []
        assert [person.name for person in await store.search(tx, "anna ozo")] == ["An··· Oz···"]


async def test_the_day_of_death_is_recorded_once_and_can_be_corrected(town: Actor) -> None:
    async with transaction(town) as tx:
        anna = await service.enrol(tx, ANNA)
        assert await service.record_death(tx, anna, date(2024, 3, 1))
        assert not await service.record_death(tx, anna, date(2024, 3, 1))
        assert await service.record_death(tx, anna, date(2024, 2, 29))
        facts = await store.person_facts(tx, anna)
    assert facts.died == date(2024, 2, 29)


async def test_a_death_before_birth_or_in_the_future_is_refused(town: Actor) -> None:
    for day in (date(1990, 5, 16), date(2999, 1, 1)):
        with pytest.raises(DeathDateInvalid):
            async with transaction(town) as tx:
                await service.record_death(tx, await service.enrol(tx, ANNA), day)


async def test_erasing_leaves_nothing_that_names_the_person(town: Actor) -> None:
    async with transaction(town) as tx:
        anna = await service.enrol(tx, ANNA)
    async with transaction(town) as tx:
        assert await service.erase(tx, anna, "asked for")
        assert not await service.erase(tx, anna, "asked for")
    async with transaction(town) as tx:
        view = await store.open_person(tx, anna, "test")
        assert await store.find_by_code(tx, CODE) is None
        assert await store.search(tx, "Anna Bērziņa") == []
    assert (view.name, view.code, view.born, view.codes) == (None, None, None, ())
    change = FactChange("needy", "yes", date(2026, 1, 1), None, "sopa", "r-1", 1)
    with pytest.raises(PersonErased):
        async with transaction(town) as tx:
            await service.record(tx, anna, change)


async def test_another_town_neither_sees_nor_finds_the_person(town: Actor, elsewhere: Actor) -> None:
    async with transaction(town) as tx:
        anna = await service.enrol(tx, ANNA)
    async with transaction(elsewhere) as tx:
        assert await store.find_by_code(tx, CODE) is None
        assert await store.search(tx, "Anna") == []
        with pytest.raises(PersonUnknown):
            await store.open_person(tx, anna, "test")
        own = await service.enrol(tx, ANNA)
    assert own != anna


async def test_no_table_holds_a_name_or_a_code_in_clear(town: Actor, owner_connection: AsyncConnection) -> None:
    async with transaction(town) as tx:
        anna = await service.enrol(tx, ANNA)
        await service.change_code(tx, anna, NEWER)
        await service.look_up(tx, "Anna Bērziņa")
        await store.open_person(tx, anna, "test")
    for table in ("person", "person_code", "name_prefix", "audit", "outbox"):
        rows = await owner_connection.execute(f"SELECT {table}::text FROM {table}")  # noqa: S608 - a fixed list
        text = " ".join(row[0] for row in await rows.fetchall())
        for secret in (CODE, NEWER, "Anna", "Bērziņa", "berzina", b"Anna".hex(), CODE.encode().hex()):
            assert secret not in text


async def test_many_who_enrol_one_person_at_once_get_one_person(town: Actor) -> None:
    async def once() -> UUID:
        async with transaction(town) as tx:
            return await service.enrol(tx, ANNA)

    assert len(set(await asyncio.gather(*(once() for _ in range(12))))) == 1


async def test_changes_of_one_person_follow_one_another(town: Actor) -> None:
    async with transaction(town) as tx:
        anna = await service.enrol(tx, ANNA)

    async def state(version: int) -> None:
        change = FactChange("needy", "yes", date(2026, 1, version), None, "sopa", "r-1", version)
        with suppress(FactStale):
            async with transaction(town) as tx:
                await service.record(tx, anna, change)

    await asyncio.gather(*(state(version) for version in range(1, 13)))
    async with transaction(town) as tx:
        [fact] = await store.facts_timeline(tx, anna)
        history = await store.facts_timeline(tx, anna, superseded=True)
    assert fact.version == 12
    assert all(row.recorded_to is None or row.recorded_to >= row.recorded_from for row in history)
