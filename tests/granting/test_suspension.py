"""Orders written, published by somebody else and withdrawn; what they do to the rights of a whole town."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from sqlalchemy import select

from amis.granting import service, suspension_store
from amis.granting.errors import (
    OrderBegun,
    OrderCodeTaken,
    OrderFourEyes,
    OrderInvalid,
    OrderStateWrong,
    OrderUnknown,
    ReasonMissing,
)
from amis.granting.models import Entitlement, EntitlementLog
from amis.granting.resting import concerned
from amis.granting.service import Cause, regrant
from amis.granting.suspending import suspended
from amis.granting.suspension import OrderDraft, draft_order, follow_order, publish_order, withdraw_order
from amis.granting.suspension_jobs import follow_everywhere
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.locks import Lock
from amis.kernel.outbox import Note
from amis.register import service as register_service
from amis.register import store as register
from amis.register.errors import GroupConditionRefused
from amis.register.service import CalendarDraft, GroupDraft, define_fact_kind
from rules.period import Days
from rules.vocabulary import FactKind
from tests.granting.town import CLERK, JELGAVA_ACTOR, STATE_ACTOR, Somebody, days, fact
from tests.town import riga

Make = Callable[..., Awaitable[Somebody]]
AUTHOR = replace(CLERK, id="author-1")
OTHER = replace(CLERK, id="approver-1")
YOUNG = {"condition": {"has": {"fact": "grade", "in": ["1", "2", "3"]}}, "from": "2022-11-01"}
FLU = OrderDraft(
    "FLU-JLG",
    "Rīkojums par gripas laiku",
    ("JLG-PENS*", "JLG-REPR20", "JLG-ORPHAN5"),
    date(2022, 10, 22),
    date(2022, 11, 16),
    (YOUNG,),
)
BEFORE = riga("2022-10-21 18:00")


@pytest.fixture
async def grades(town: Actor) -> None:
    async with transaction(STATE_ACTOR) as tx:
        await define_fact_kind(tx, FactKind("grade", frozenset(str(number) for number in range(1, 13))))


async def drafted(draft: OrderDraft = FLU, actor: Actor = AUTHOR) -> UUID:
    async with transaction(actor) as tx:
        return await draft_order(tx, draft)


async def published(order_id: UUID, actor: Actor = OTHER) -> int:
    async with transaction(actor) as tx:
        return await publish_order(tx, order_id)


async def withdrawn(order_id: UUID, actor: Actor = OTHER, reason: str = "Situācija beigusies") -> int:
    async with transaction(actor) as tx:
        return await withdraw_order(tx, order_id, reason)


async def orphan(somebody: Make, grade: str, first: str = "2022-09-01") -> Somebody:
    child = await somebody(date(2012, 5, 17))
    await child.state(fact("orphan", first="2015-01-01", end=None), fact("grade", grade, first, "2023-09-01"))
    return child


async def rested(one: Somebody) -> dict[str, Days]:
    """Suspended days by code of the rule, where there are any."""
    async with transaction(one.clerk) as tx:
        rows = await tx.session.scalars(select(Entitlement).where(Entitlement.person_id == one.id))
        known = {row.concession_id: row.suspended for row in rows if row.suspended}
        return {row.code: known[row.id] for row in await suspension_store.concessions(tx) if row.id in known}


async def test_an_order_rests_the_rights_it_names_and_they_come_back_by_themselves(
    grades: None, somebody: Make
) -> None:
    with clock.moved(BEFORE):
        small, big = await orphan(somebody, "2"), await orphan(somebody, "7")
        granted = await big.granted()
        order = await drafted()
        assert await rested(big) == {}
        assert await published(order) == 2
        assert await rested(small) == {"JLG-ORPHAN5": days("{[2022-10-22,2022-11-01)}")}
        assert await rested(big) == {"JLG-ORPHAN5": days("{[2022-10-22,2022-11-16)}")}
        assert await big.granted() == granted


async def test_the_whole_register_gets_the_days_that_each_person_would(grades: None, somebody: Make) -> None:
    with clock.moved(BEFORE):
        some = [await orphan(somebody, "2", "2022-11-05"), await orphan(somebody, "9"), await orphan(somebody, "3")]
        await some[1].state(fact("grade", "1", "2022-11-10", "2022-11-12"))
        await published(await drafted(replace(FLU, exceptions=(YOUNG, {"condition": {"has": {"fact": "needy"}}}))))
        for one in some:
            async with transaction(CLERK) as tx:
                known = await register.person_facts(tx, one.id)
                orders, words = await suspension_store.orders(tx), await register.vocabulary(tx)
            assert await rested(one) == {"JLG-ORPHAN5": suspended(orders, "JLG-ORPHAN5", known, words, grantor_id=2)}


async def test_a_person_regranted_alone_keeps_what_publishing_wrote(grades: None, somebody: Make) -> None:
    with clock.moved(BEFORE):
        late = await somebody(date(2012, 5, 17))
        await late.state(fact("orphan", first="2022-11-05", end=None), fact("grade", "2", "2022-09-01", "2022-11-10"))
        await published(await drafted())
        written = await rested(late)
        async with transaction(CLERK) as tx:
            assert await regrant(tx, late.id, Cause("test", "again")) == []
        assert await rested(late) == written == {"JLG-ORPHAN5": days("{[2022-11-10,2022-11-16)}")}


async def test_publishing_is_logged_for_each_right_and_changes_no_day_of_it(grades: None, somebody: Make) -> None:
    with clock.moved(BEFORE):
        big = await orphan(somebody, "7")
        await published(await drafted())
        async with transaction(CLERK) as tx:
            query = select(EntitlementLog).where(EntitlementLog.person_id == big.id)
            last = (await tx.session.scalars(query.order_by(EntitlementLog.id.desc()))).first()
    assert last is not None
    assert (last.change, last.cause, last.cause_ref) == ("changed", "suspension", "FLU-JLG")
    assert not last.gained
    assert not last.lost


async def test_the_author_does_not_publish_and_the_system_may(grades: None, somebody: Make) -> None:
    with clock.moved(BEFORE):
        order = await drafted()
        with pytest.raises(OrderFourEyes):
            await published(order, AUTHOR)
        await published(order, JELGAVA_ACTOR)
        with pytest.raises(OrderStateWrong):
            await published(order)


async def test_an_order_that_should_have_begun_is_not_published(grades: None) -> None:
    with clock.moved(riga("2022-10-23 00:01")):
        order = await drafted()
        with pytest.raises(OrderBegun):
            await published(order)


async def test_a_withdrawn_order_keeps_what_it_rested_until_that_day(grades: None, somebody: Make) -> None:
    with clock.moved(BEFORE):
        big = await orphan(somebody, "7")
        order = await drafted()
        await published(order)
    with clock.moved(riga("2022-11-03 10:00")):
        assert await withdrawn(order) == 1
        assert await rested(big) == {"JLG-ORPHAN5": days("{[2022-10-22,2022-11-03)}")}
        with pytest.raises(OrderStateWrong):
            await withdrawn(order)


async def test_an_order_withdrawn_before_its_first_day_rests_nothing(grades: None, somebody: Make) -> None:
    with clock.moved(BEFORE):
        big = await orphan(somebody, "7")
        order = await drafted()
        await published(order)
        with pytest.raises(ReasonMissing):
            await withdrawn(order, reason=" ")
        assert await withdrawn(order) == 1
        assert await rested(big) == {}


async def test_an_order_of_the_state_is_followed_in_every_municipality(grades: None, somebody: Make) -> None:
    with clock.moved(riga("2025-10-21 18:00")):
        big = await orphan(somebody, "7")
        week = replace(FLU, code="FLU-LV", concessions=("*",), exceptions=())
        week = replace(week, valid_from=date(2025, 10, 22), valid_to=date(2025, 10, 29))
        order = await drafted(week, replace(AUTHOR, municipality_id=1))
        await published(order, STATE_ACTOR)
        async with transaction(STATE_ACTOR) as tx:
            await follow_everywhere(tx, Note(1, 1, "suspension.state", str(order), {"order_id": str(order)}, 1))
        lasting = days("{[2025-10-22,2025-10-29)}")
        assert await rested(big) == {"JLG-ORPHAN5": lasting, "LV-ORPHAN": lasting}
        async with transaction(JELGAVA_ACTOR) as tx:
            assert await follow_order(tx, order) == 0


async def test_an_order_of_another_municipality_is_unknown(grades: None) -> None:
    order = await drafted()
    with pytest.raises(OrderUnknown):
        await published(order, replace(OTHER, municipality_id=1))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"code": "covid"}, "/code"),
        ({"legal_basis": " "}, "/legal_basis"),
        ({"concessions": ()}, "/concessions"),
        ({"concessions": ("JLG-[A]*",)}, "/concessions"),
        ({"valid_to": date(2022, 10, 22)}, "/valid_to"),
        ({"exceptions": (YOUNG, {"condition": {"has": {"fact": "shoe"}}})}, "/exceptions/1"),
        ({"exceptions": ({},)}, "/exceptions/0"),
        ({"exceptions": ({"condition": {"related": {"relation": "child"}}},)}, "/exceptions/0"),
    ],
)
async def test_a_wrong_order_is_refused_with_its_place(grades: None, change: dict[str, object], place: str) -> None:
    with pytest.raises(OrderInvalid) as refused:
        await drafted(replace(FLU, **change))  # type: ignore[arg-type]  # keyed by name
    assert refused.value.pointer == place


async def test_an_order_of_the_state_cannot_spare_a_list_of_one_municipality(grades: None) -> None:
    async with transaction(STATE_ACTOR) as tx:
        await register_service.define_group(tx, GroupDraft("choir", "koris", "choir"))
    spared = ({"condition": {"has": {"fact": "needy"}}}, {"condition": {"member": {"group": "choir"}}})
    with pytest.raises(OrderInvalid) as refused:
        await drafted(replace(FLU, exceptions=spared), STATE_ACTOR)
    assert refused.value.pointer == "/exceptions/1"


async def test_whoever_an_order_spares_follows_what_its_exceptions_read(town: Actor, somebody: Make) -> None:
    helped = GroupDraft("helped", "atbalstāmie", "helped", {"has": {"fact": "pupil"}})
    spared = ({"condition": {"all": [{"member": {"group": "helped"}}, {"during": "school"}]}},)
    november, rest = days("{[2022-11-01,2022-11-08)}"), days("{[2022-10-22,2022-11-01),[2022-11-08,2022-11-16)}")
    school = CalendarDraft("school", "skola", "school", days("{[2022-10-22,2022-11-16)}"))
    with clock.moved(BEFORE):
        async with transaction(JELGAVA_ACTOR) as tx:
            await register_service.define_group(tx, helped)
            await register_service.define_calendar(tx, school)
        child = await somebody(date(2012, 5, 17))
        await child.state(fact("orphan", first="2015-01-01", end=None))
        await published(await drafted(replace(FLU, exceptions=spared)))
        assert await rested(child) == {"JLG-ORPHAN5": days("{[2022-10-22,2022-11-16)}")}
        async with transaction(JELGAVA_ACTOR) as tx:
            of_orphans = replace(helped, condition={"has": {"fact": "orphan"}})
            assert await service.set_group_and_regrant(tx, of_orphans, Cause("law", "test")) == 1
        assert await rested(child) == {}
        async with transaction(JELGAVA_ACTOR) as tx:
            assert await service.set_calendar_and_regrant(tx, replace(school, days=november), Cause("law", "test")) == 1
        assert await rested(child) == {"JLG-ORPHAN5": rest}


async def test_a_group_by_which_an_order_spares_cannot_be_made_to_look_at_relatives(town: Actor) -> None:
    helped = GroupDraft("helped", "atbalstāmie", "helped", {"has": {"fact": "pupil"}})
    with clock.moved(BEFORE):
        async with transaction(JELGAVA_ACTOR) as tx:
            await register_service.define_group(tx, helped)
        await published(await drafted(replace(FLU, exceptions=({"condition": {"member": {"group": "helped"}}},))))
        async with transaction(JELGAVA_ACTOR) as tx:
            around = replace(helped, condition={"related": {"relation": "child"}})
            with pytest.raises(GroupConditionRefused) as refused:
                await service.set_group_and_regrant(tx, around, Cause("law", "test"))
        assert refused.value.pointer == "/condition"


async def test_two_orders_do_not_share_a_code(grades: None) -> None:
    await drafted()
    with pytest.raises(OrderCodeTaken):
        await drafted()


async def test_those_concerned_are_counted_before_publishing_and_after(grades: None, somebody: Make) -> None:
    with clock.moved(BEFORE):
        await orphan(somebody, "7")
        await orphan(somebody, "2")
        always = {"condition": {"has": {"fact": "grade", "in": ["2"]}}}
        ids = [await drafted(), await drafted(replace(FLU, code="FLU-2", exceptions=(always,)))]
        assert [await counted(order_id) for order_id in ids] == [2, 1]
        await published(ids[1])
        async with transaction(CLERK) as tx:
            known = [row.id for row in await suspension_store.concessions(tx)]
            assert await suspension_store.rested(tx, known, FLU.valid_from, FLU.valid_to) == 1
            assert await suspension_store.rested(tx, known, date(2011, 1, 1), date(2011, 2, 1)) == 0


async def counted(order_id: UUID) -> int:
    async with transaction(CLERK) as tx:
        row = await suspension_store.get_order(tx, order_id)
        order = suspension_store.order_of(row, await register.vocabulary(tx))
        return await concerned(tx, order, [one.id for one in await suspension_store.covered(tx, order)])


async def test_nobody_is_regranted_while_an_order_is_published(grades: None, owner_connection: AsyncConnection) -> None:
    order = await drafted(replace(FLU, valid_from=clock.today(), valid_to=None))
    async with transaction(OTHER) as tx:
        await publish_order(tx, order)
        # only this lock: the view shows those of all databases, and of sessions that are about to end
        held = await owner_connection.execute(
            "SELECT mode FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND granted"
            " AND (classid, objid) = (%s::oid, %s::oid)",
            (int(Lock.RULES), OTHER.municipality_id),
        )
        assert await held.fetchall() == [("ExclusiveLock",)]
