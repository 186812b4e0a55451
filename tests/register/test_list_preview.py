"""A list against the group as it is kept."""

from datetime import date

import pytest
from psycopg import AsyncConnection

from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service
from amis.register.errors import GroupNotList, GroupUnknown
from amis.register.list_preview import preview
from amis.register.listing import Mode, Verdict
from amis.register.service import GroupDraft, PersonDraft
from amis.register.sheet import Line
from rules.period import Days, Period
from tests.register.persons import JANUARY, MARCH

OLD, NEW, OTHER, NOBODY = "32345678901", "32345678902", "32345678903", "32345678904"
VETERANS = GroupDraft("veterans", "Veterāni", "Veterans")


def lines(*codes: str) -> list[Line]:
    return [Line(number, code, "", "") for number, code in enumerate(codes, start=2)]


async def test_persons_are_found_by_codes_past_and_present_and_the_reading_is_logged(
    town: Actor, owner_connection: AsyncConnection
) -> None:
    async with transaction(town) as tx:
        await service.define_group(tx, VETERANS)
        anna, janis = [await service.enrol(tx, PersonDraft(code)) for code in (OLD, OTHER)]
        await service.change_code(tx, anna, NEW)
        await service.join_group(tx, janis, "veterans", JANUARY)
        diff = await preview(tx, "veterans", lines(OLD, NEW, NOBODY), Mode.WHOLE, MARCH)
    assert [judged.verdict for judged in diff.rows] == [Verdict.OK, Verdict.DUPLICATE, Verdict.UNKNOWN]
    assert {each.person_id: each.after for each in diff.changes} == {
        anna: Days.of(Period(MARCH, None)),
        janis: Days.of(Period(JANUARY, MARCH)),
    }
    found = await owner_connection.execute("SELECT after FROM audit WHERE action = 'person_group.preview'")
    [(leaf,)] = await found.fetchall()
    assert leaf == {"group": "veterans", "rows": 3, "joins": 1, "leaves": 1, "digest": diff.digest}


async def test_whose_data_are_erased_is_left_as_it_is(town: Actor) -> None:
    async with transaction(town) as tx:
        await service.define_group(tx, VETERANS)
        anna = await service.enrol(tx, PersonDraft(OLD))
        await service.join_group(tx, anna, "veterans", JANUARY)
        await service.erase(tx, anna)
        diff = await preview(tx, "veterans", lines(OLD), Mode.WHOLE, MARCH)
    assert (diff.changes, [judged.verdict for judged in diff.rows]) == ((), [Verdict.UNKNOWN])


async def test_only_a_list_takes_a_list(town: Actor) -> None:
    async with transaction(town) as tx:
        await service.define_group(tx, GroupDraft("needy", "Trūcīgie", "Needy", {"has": {"fact": "needy"}}))
        for code, error in (("needy", GroupNotList), ("nobody", GroupUnknown)):
            with pytest.raises(error):
                await preview(tx, code, lines(OLD), Mode.DELTA, date(2026, 1, 1))
