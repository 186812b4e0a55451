"""Defining concessions and revising their terms."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from amis.concessions import service, store
from amis.concessions.drafts import ConcessionDraft, Description, GroupDraft, TermsDraft
from amis.concessions.errors import (
    CodeTaken,
    ConcessionInvalid,
    ConcessionRetired,
    ConcessionUnknown,
    GroupUnknown,
    NotTheGrantor,
    PeriodReversed,
    TermsOverlap,
)
from amis.kernel.actor import Actor
from amis.kernel.db import Transaction, transaction
from amis.kernel.errors import AmisError
from rules.tariff import Discount, DiscountKind, Per, Quota
from rules.terms import Terms

HALF = Discount(DiscountKind.PERCENT, Decimal(50))
FREE = Discount(DiscountKind.FREE)
FIRST = TermsDraft(date(2026, 1, 1), None, HALF, Quota(20, Per.MONTH), Terms(zones=frozenset({"city"})))
PENSIONERS = Description("Pensionāri", "Pensioners", "PENSION", "Saistošie noteikumi", "JLG")
DRAFT = ConcessionDraft("JLG-PENS", PENSIONERS, FIRST)


async def _defined(tx: Transaction) -> UUID:
    await service.define_group(tx, GroupDraft("PENSION", "Pensionāri", "Pensioners"))
    return (await service.define_concession(tx, DRAFT)).id


async def test_a_concession_is_stored_as_written_with_its_first_terms(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        concession_id = await _defined(tx)
    async with transaction(jelgava) as tx:
        found = await store.get_concession(tx, concession_id)
        assert service.described(found, found.group.code) == PENSIONERS
        assert 1 <= found.public_code <= 65535
        [row] = found.revisions
    assert (row.revision, row.valid_from, row.valid_to) == (1, date(2026, 1, 1), None)
    assert Discount.from_json(row.discount) == HALF
    assert Quota.from_json(row.quota) == FIRST.quota
    assert Terms.from_json(row.terms) == FIRST.terms


FAULTS: list[tuple[ConcessionDraft, type[AmisError], str]] = [
    (replace(DRAFT, code="jlg"), ConcessionInvalid, "/code"),
    (replace(DRAFT, code="X"), ConcessionInvalid, "/code"),
    (replace(DRAFT, description=replace(PENSIONERS, name_lv=" ")), ConcessionInvalid, "/name_lv"),
    (replace(DRAFT, description=replace(PENSIONERS, goal="a" * 1001)), ConcessionInvalid, "/goal"),
    (replace(DRAFT, description=replace(PENSIONERS, group_code="NONE")), GroupUnknown, "/group_code"),
    (replace(DRAFT, terms=replace(FIRST, valid_to=date(2026, 1, 1))), PeriodReversed, "/valid_to"),
    (DRAFT, CodeTaken, "/code"),
]


async def test_a_faulty_concession_is_refused_with_its_place(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        await _defined(tx)
    for draft, error, pointer in FAULTS:
        with pytest.raises(error) as refused:
            async with transaction(jelgava) as tx:
                await service.define_concession(tx, draft)
        assert refused.value.pointer == pointer


async def test_new_terms_end_those_without_an_end(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        concession_id = await _defined(tx)
        await service.revise_terms(tx, concession_id, TermsDraft(date(2026, 7, 1), None, FREE))
        kinds = [
            Discount.from_json(row.discount).kind if (row := await store.terms_at(tx, concession_id, day)) else None
            for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1), date(2036, 1, 1))
        ]
    assert kinds == [None, DiscountKind.PERCENT, DiscountKind.PERCENT, DiscountKind.FREE, DiscountKind.FREE]


async def test_terms_over_the_first_day_of_others_are_refused(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        concession_id = await _defined(tx)
    for start in (date(2025, 12, 31), date(2026, 1, 1)):
        with pytest.raises(TermsOverlap, match="revision 1"):
            async with transaction(jelgava) as tx:
                await service.revise_terms(tx, concession_id, TermsDraft(start, None, FREE))


async def test_terms_for_days_before_the_first_ones_are_taken(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        concession_id = await _defined(tx)
        row = await service.revise_terms(tx, concession_id, TermsDraft(date(2025, 1, 1), date(2026, 1, 1), FREE))
    assert row.revision == 2


DAYS = [date(2026, month, 1) for month in range(1, 7)]
spans = st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(1, 3)))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(spans, max_size=6))
async def test_whatever_is_revised_no_day_ever_has_two_terms(
    jelgava: Actor, history: list[tuple[int, int | None]]
) -> None:
    async with transaction(jelgava) as tx:
        await service.define_group(tx, GroupDraft("PENSION", "Pensionāri", "Pensioners"))
        draft = replace(DRAFT, code=f"T-{uuid4().hex[:20].upper()}")
        concession_id = (await service.define_concession(tx, draft)).id
        for start, length in history:
            end = None if length is None else date(2026, start + 1 + length, 1)
            try:
                await service.revise_terms(tx, concession_id, TermsDraft(DAYS[start], end, FREE))
            except TermsOverlap:
                continue
        rows = (await store.get_concession(tx, concession_id)).revisions
    assert all(
        earlier.valid_to is not None and earlier.valid_to <= later.valid_from for earlier, later in pairwise(rows)
    )


async def test_the_application_cannot_rewrite_a_revision(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        await _defined(tx)
    for statement in [
        "UPDATE concession_terms SET discount = '{}'",
        "DELETE FROM concession_terms",
        "DELETE FROM concession",
    ]:
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with transaction(jelgava) as tx:
                await tx.session.execute(text(statement))


async def test_an_end_is_set_once(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        await _defined(tx)
        await tx.session.execute(text("UPDATE concession_terms SET valid_to = '2027-01-01'"))
    with pytest.raises(DBAPIError, match="closed already"):
        async with transaction(jelgava) as tx:
            await tx.session.execute(text("UPDATE concession_terms SET valid_to = '2028-01-01'"))


async def test_a_concession_is_described_anew(jelgava: Actor) -> None:
    anew = replace(PENSIONERS, goal="Kustība")
    async with transaction(jelgava) as tx:
        concession_id = await _defined(tx)
        assert not await service.describe(tx, concession_id, PENSIONERS)
        assert await service.describe(tx, concession_id, anew)
        found = await store.get_concession(tx, concession_id)
        assert service.described(found, "PENSION") == anew


async def test_a_retired_concession_takes_no_new_terms(jelgava: Actor) -> None:
    async with transaction(jelgava) as tx:
        concession_id = await _defined(tx)
        assert await service.retire(tx, concession_id, "replaced by another")
        assert not await service.retire(tx, concession_id, "")
        with pytest.raises(ConcessionRetired):
            await service.revise_terms(tx, concession_id, TermsDraft(date(2027, 1, 1), None, FREE))


async def test_another_town_does_not_see_it_and_only_the_state_changes_the_states(
    jelgava: Actor, riga: Actor, state: Actor
) -> None:
    async with transaction(jelgava) as tx:
        own = await _defined(tx)
    async with transaction(state) as tx:
        everybodys = await _defined(tx)
    async with transaction(riga) as tx:
        assert [one.id for one in await store.list_concessions(tx)] == [everybodys]
        with pytest.raises(ConcessionUnknown):
            await store.get_concession(tx, own)
        with pytest.raises(NotTheGrantor):
            await service.revise_terms(tx, everybodys, TermsDraft(date(2027, 1, 1), None, FREE))


async def test_that_terms_end_earlier_is_audited_too(jelgava: Actor, owner_connection: AsyncConnection) -> None:
    async with transaction(jelgava) as tx:
        concession_id = await _defined(tx)
        await service.revise_terms(tx, concession_id, TermsDraft(date(2026, 7, 1), None, FREE))
    found = await owner_connection.execute(
        "SELECT before, after FROM audit WHERE action = 'concession.terms' AND before IS NOT NULL AND subject_id = %s",
        (str(concession_id),),
    )
    assert await found.fetchall() == [
        ({"revision": 1, "valid_to": None}, {"revision": 1, "valid_to": "2026-07-01"}),
    ]
