"""Applications: cut-off days, limits of a household, chosen modes, guardians, and what an approval gives."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from amis.granting import application_store, store
from amis.granting.applications import (
    ApplicationDraft,
    approve_application,
    refuse_application,
    submit_application,
    withdraw_application,
)
from amis.granting.errors import (
    ApplicantNotGuardian,
    ApplicationDecided,
    ApplicationRepeated,
    ApplicationUnknown,
    ChoiceInvalid,
    HouseholdLimit,
    NotByApplication,
    ReasonMissing,
)
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service as register
from rules.period import Days
from rules.terms import Terms
from tests.granting.offers import offer
from tests.granting.town import CLERK, Somebody, days, fact
from tests.town import riga

Make = Callable[..., Awaitable[Somebody]]
OCTOBER = riga("2026-10-20 12:00")
TRAM_OR_BUS = Terms(modes=frozenset({"tram", "bus"}), holder_mode=True)


@pytest.fixture
def offered(town: Actor) -> Callable[..., Awaitable[UUID]]:
    """Defines a concession for large families, granted to those who apply."""
    return offer


Offered = Callable[..., Awaitable[UUID]]


async def family(somebody: Make, count: int) -> list[Somebody]:
    """Persons with the status, in one household."""
    members = [await somebody() for _ in range(count)]
    for one in members:
        await one.state(fact("large_family", first="2026-01-01", end=None))
    async with transaction(CLERK) as tx:
        home = await register.open_household(tx)
        for one in members:
            await register.join_household(tx, one.id, home, date(2026, 1, 1), None, "clerk")
    return members


async def asked(one: Somebody, concession_id: UUID, choice: str | None = None, applicant: UUID | None = None) -> UUID:
    async with transaction(CLERK) as tx:
        return await submit_application(tx, ApplicationDraft(one.id, concession_id, choice, applicant))


async def approved(application_id: UUID) -> None:
    async with transaction(CLERK) as tx:
        await approve_application(tx, application_id)


async def state(application_id: UUID) -> tuple[str, date | None, str]:
    async with transaction(CLERK) as tx:
        row = await application_store.get_application(tx, application_id)
        return row.state, row.starts_on, row.reason


async def held(one: Somebody, code: str = "T-FAMILY") -> Days:
    return (await one.granted()).get(code, Days())


@pytest.mark.parametrize(("day", "first"), [("27", "2026-11-01"), ("28", "2026-12-01")])
async def test_t28_an_application_by_the_cut_off_day_starts_next_month_and_a_later_one_the_month_after(
    somebody: Make, offered: Offered, day: str, first: str
) -> None:
    concession = await offered(terms=Terms(cut_off_day=27))
    with clock.moved(riga(f"2026-10-{day} 23:30")):
        [one] = await family(somebody, 1)
        application = await asked(one, concession)
    with clock.moved(riga("2026-10-30 09:00")):  # when it is decided does not matter
        await approved(application)
    assert await state(application) == ("approved", date.fromisoformat(first), "")
    assert await held(one) == days(f"{{[{first},)}}")


async def test_t12_the_third_member_of_a_large_family_is_refused(somebody: Make, offered: Offered) -> None:
    concession = await offered(terms=Terms(per_household=2))
    with clock.moved(OCTOBER):
        members = await family(somebody, 3)
        applications = [await asked(one, concession) for one in members]
        await approved(applications[0])
        await approved(applications[1])
        with pytest.raises(HouseholdLimit):
            await approved(applications[2])
    assert [bool(await held(one)) for one in members] == [True, True, False]
    assert await state(applications[2]) == ("submitted", None, "")


async def test_t13_the_second_parent_is_refused_where_one_of_a_household_may_have_it(
    somebody: Make, offered: Offered
) -> None:
    concession = await offered(terms=Terms(per_household=1))
    with clock.moved(OCTOBER):
        mother, father = await family(somebody, 2)
        first, second = await asked(mother, concession), await asked(father, concession)
        await approved(first)
        with pytest.raises(HouseholdLimit):
            await approved(second)
        async with transaction(CLERK) as tx:
            await withdraw_application(tx, first, "Pāriet uz otru vecāku")
        assert not await held(mother)
        await approved(second)
        assert await held(father) == days("{[2026-10-20,)}")


async def test_of_two_approvals_at_once_for_one_household_one_waits_and_is_refused(
    somebody: Make, offered: Offered
) -> None:
    concession = await offered(terms=Terms(per_household=1))
    members = await family(somebody, 4)
    applications = [await asked(one, concession) for one in members]
    outcomes = await asyncio.gather(*map(approved, applications), return_exceptions=True)
    assert [type(one) for one in outcomes if one is not None] == [HouseholdLimit] * 3
    assert sum([bool(await held(one)) for one in members]) == 1


async def test_persons_of_other_households_do_not_count(somebody: Make, offered: Offered) -> None:
    concession = await offered(terms=Terms(per_household=1))
    [one], [other] = await family(somebody, 1), await family(somebody, 1)
    await approved(await asked(one, concession))
    await approved(await asked(other, concession))
    assert await held(other)


async def test_t14_the_chosen_mode_is_kept_with_the_right(somebody: Make, offered: Offered) -> None:
    concession = await offered(terms=TRAM_OR_BUS)
    with clock.moved(OCTOBER):
        [one] = await family(somebody, 1)
        with pytest.raises(ChoiceInvalid):
            await asked(one, concession)
        with pytest.raises(ChoiceInvalid):
            await asked(one, concession, "train")
        await approved(await asked(one, concession, "tram"))
        async with transaction(CLERK) as tx:
            [right] = await store.entitlements_of(tx, one.id)
    assert right.modes == ("tram",)


async def test_another_mode_can_be_chosen_later_and_the_same_not_twice(somebody: Make, offered: Offered) -> None:
    concession = await offered(terms=TRAM_OR_BUS)
    [one] = await family(somebody, 1)
    await approved(await asked(one, concession, "tram"))
    with pytest.raises(ApplicationRepeated):
        await asked(one, concession, "tram")
    await approved(await asked(one, concession, "bus"))
    async with transaction(CLERK) as tx:
        [right] = await store.entitlements_of(tx, one.id)
    assert right.modes == ("bus",)


@pytest.mark.parametrize(("taken_back", "left"), [("tram", "bus"), ("bus", "tram")])
async def test_of_two_chosen_modes_the_one_whose_application_stands_is_kept(
    somebody: Make, offered: Offered, taken_back: str, left: str
) -> None:
    concession = await offered(terms=TRAM_OR_BUS)
    with clock.moved(OCTOBER):
        [one] = await family(somebody, 1)
        applications = {}
        for mode in ("tram", "bus"):
            applications[mode] = await asked(one, concession, mode)
            await approved(applications[mode])
    with clock.moved(riga("2026-11-05 12:00")):
        async with transaction(CLERK) as tx:
            await withdraw_application(tx, applications[taken_back], "Pārdomāja")
    async with transaction(CLERK) as tx:
        [right] = await store.entitlements_of(tx, one.id)
    assert right.modes == (left,)
    assert await held(one) == days("{[2026-10-20,)}")


async def test_a_mode_is_not_chosen_where_the_concession_offers_none(somebody: Make, offered: Offered) -> None:
    concession = await offered()
    [one] = await family(somebody, 1)
    with pytest.raises(ChoiceInvalid):
        await asked(one, concession, "tram")


async def test_who_does_not_meet_the_rule_gets_nothing_by_an_approval_until_they_do(
    somebody: Make, offered: Offered
) -> None:
    concession = await offered()
    with clock.moved(OCTOBER):
        one = await somebody()
        await approved(await asked(one, concession))
        assert not await held(one)
        await one.state(fact("large_family", first="2026-09-01", end="2027-01-01"))
        assert await held(one) == days("{[2026-10-20,2027-01-01)}")


async def test_a_right_that_begins_by_itself_is_not_applied_for(somebody: Make, offered: Offered) -> None:
    concession = await offered(on_becoming="automatic")
    [one] = await family(somebody, 1)
    with pytest.raises(NotByApplication):
        await asked(one, concession)


async def test_a_refusal_says_why_and_is_final(somebody: Make, offered: Offered) -> None:
    concession = await offered()
    [one] = await family(somebody, 1)
    application = await asked(one, concession)
    async with transaction(CLERK) as tx:
        with pytest.raises(ReasonMissing):
            await refuse_application(tx, application, "  ")
    async with transaction(CLERK) as tx:
        await refuse_application(tx, application, "Nav dokumenta")
    assert await state(application) == ("refused", None, "Nav dokumenta")
    with pytest.raises(ApplicationDecided):
        await approved(application)
    await asked(one, concession)


async def test_what_an_approved_application_gave_ends_on_the_day_of_its_withdrawal(
    somebody: Make, offered: Offered
) -> None:
    concession = await offered(terms=TRAM_OR_BUS)
    with clock.moved(OCTOBER):
        [one] = await family(somebody, 1)
        application = await asked(one, concession, "tram")
        await approved(application)
    with clock.moved(riga("2026-11-05 12:00")):
        async with transaction(CLERK) as tx:
            await withdraw_application(tx, application, "Vairs nav vajadzīgs")
    assert await held(one) == days("{[2026-10-20,2026-11-05)}")
    assert (await state(application))[0] == "withdrawn"


async def test_a_guardian_applies_for_a_ward_and_a_stranger_does_not(somebody: Make, offered: Offered) -> None:
    concession = await offered()
    ward, guardian, stranger = await somebody(), await somebody(), await somebody()
    async with transaction(CLERK) as tx:
        await register.relate(tx, guardian.id, "ward", ward.id, date(2026, 1, 1), None, "clerk", "Tiesas lēmums")
    with pytest.raises(ApplicantNotGuardian):
        await asked(ward, concession, applicant=stranger.id)
    application = await asked(ward, concession, applicant=guardian.id)
    async with transaction(CLERK) as tx:
        assert (await application_store.get_application(tx, application)).applicant_id == guardian.id


async def test_the_queue_shows_the_oldest_first_and_only_of_its_state(somebody: Make, offered: Offered) -> None:
    concession = await offered()
    applications = []
    for day in ("2026-10-03", "2026-10-01", "2026-10-02"):
        with clock.moved(riga(f"{day} 12:00")):
            applications.append(await asked(await somebody(), concession))
    async with transaction(CLERK) as tx:
        await refuse_application(tx, applications[2], "Nav dokumenta")
        found = await application_store.queue(tx, "submitted")
    assert [row.id for row, _ in found.lines] == [applications[1], applications[0]]
    assert found.count == 2


async def test_an_application_of_another_municipality_is_unknown(somebody: Make, offered: Offered) -> None:
    concession = await offered()
    application = await asked(await somebody(), concession)
    async with transaction(replace(CLERK, municipality_id=1)) as tx:
        with pytest.raises(ApplicationUnknown):
            await approve_application(tx, application)
