"""Looking persons up: masked, logged, limited; opening one needs a purpose and is logged."""

import random
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.errors import PurposeMissing
from amis.register import service, store
from amis.register.errors import CodeInvalid, TooManyLookups
from amis.register.lookups import MOST_A_MINUTE
from amis.register.service import PersonDraft
from sync.personal_code import draw_with_birth_date, hyphenated

CODE = draw_with_birth_date(random.Random(3), date(1985, 12, 2))


async def test_a_person_is_found_by_code_and_by_beginnings_of_names(town: Actor) -> None:
    async with transaction(town) as tx:
        person_id = await service.enrol(tx, PersonDraft(CODE, "Kristīne Ķīsele-Bērziņa"))
        await service.enrol(tx, PersonDraft("32345678901", "Kristaps Liepa"))
        for text in (CODE, hyphenated(CODE), "kis", "berz krist", "Bērziņa Kristīne"):
            assert [person.id for person in await service.look_up(tx, text)] == [person_id]
        assert len(await service.look_up(tx, "kri")) == 2
        for text in ("", "kr", "Kristīne Liepa", "xyz", draw_with_birth_date(random.Random(4), date(1985, 12, 2))):
            assert await service.look_up(tx, text) == []
        with pytest.raises(CodeInvalid):
            await service.look_up(tx, "021285-1")


async def test_results_are_masked(town: Actor) -> None:
    async with transaction(town) as tx:
        await service.enrol(tx, PersonDraft(CODE, "Kristīne Bērziņa"))
        [found] = await service.look_up(tx, "bērz")
    assert (found.name, found.code) == ("Kr··· Bē···", "021285-*****")


async def test_the_log_keeps_who_was_shown_to_whom_and_not_what_was_typed(
    town: Actor, owner_connection: AsyncConnection
) -> None:
    async with transaction(town) as tx:
        person_id = await service.enrol(tx, PersonDraft(CODE, "Kristīne Bērziņa"))
        await service.look_up(tx, "bērz")
    rows = await owner_connection.execute("SELECT actor_id, after, reason FROM audit WHERE action = 'person.search'")
    assert await rows.fetchall() == [(town.id, {"shown": [str(person_id)]}, "")]


async def test_a_member_of_staff_looks_up_thirty_times_a_minute_at_most(town: Actor) -> None:
    colleague = replace(town, id="clerk-9")
    for _ in range(MOST_A_MINUTE):
        async with transaction(town) as tx:
            await service.look_up(tx, "ber")
    with pytest.raises(TooManyLookups):
        async with transaction(town) as tx:
            await service.look_up(tx, "ber")
    async with transaction(colleague) as tx:
        await service.look_up(tx, "ber")
    with clock.moved(clock.now() + timedelta(seconds=61)):
        async with transaction(town) as tx:
            await service.look_up(tx, "ber")


async def test_opening_a_person_is_logged_with_its_purpose_in_the_same_transaction(
    town: Actor, owner_connection: AsyncConnection
) -> None:
    async with transaction(town) as tx:
        person_id = await service.enrol(tx, PersonDraft(CODE, "Kristīne Bērziņa"))
        with pytest.raises(PurposeMissing):
            await store.open_person(tx, person_id, " ")
        await store.open_person(tx, person_id, "application")
    rows = await owner_connection.execute("SELECT subject_id, actor_id, reason FROM audit WHERE action = 'person.read'")
    assert await rows.fetchall() == [(str(person_id), town.id, "application")]


def test_opened_data_does_not_show_itself_in_a_traceback() -> None:
    view = store.PersonView(id=UUID(int=1), code_masked="", code=CODE, name="Anna", born=None, died=None, codes=())
    assert CODE not in repr((view, PersonDraft(CODE, "Anna"), store.KnownCode(CODE, True, clock.now())))
    assert "Anna" not in repr((view, PersonDraft(CODE, "Anna")))
