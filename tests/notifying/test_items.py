"""Cards and tokens as they are told, and the causes of a loss: looked up when they are told."""

from datetime import date
from uuid import UUID

import pytest

from amis.granting.service import Cause, record_and_regrant
from amis.issuing import service as issuing
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.notifying.models import News
from amis.notifying.why import why_lost
from amis.register.service import FactChange
from tests.issuing.cards_town import encoded, product
from tests.issuing.town import CLERK, acting, enrolled
from tests.notifying.conftest import NOW, Office
from tests.notifying.test_telling import anna, needy


@pytest.fixture
async def holder(office: Office) -> UUID:
    """Somebody who was told of a right already, in a town that has a card."""
    person = await anna(office)
    await product()
    await needy(person)
    await office.round()
    office.mailbox.mails.clear()
    return person


async def test_a_card_that_waits_is_told_with_its_place_and_one_that_was_handed_over_is_not(
    office: Office, holder: UUID
) -> None:
    card = await encoded(holder)
    await office.round()
    assert "Jūsu karte ir gatava" in str(office.mailbox.mails[-1]["Subject"])
    assert "To varat saņemt šeit: Jelgavas valstspilsētas pašvaldība." in office.mailbox.texts()[-1]
    await acting(lambda tx: issuing.hand_over(tx, card.id))
    await office.round()
    assert len(office.mailbox.mails) == 1


async def test_a_posted_card_is_told_when_it_is_on_its_way(office: Office, holder: UUID) -> None:
    card = await encoded(holder, delivery="post")
    await office.round()
    assert office.mailbox.mails == []
    await acting(lambda tx: issuing.post(tx, card.id, tx.day))
    await office.round()
    assert [str(mail["Subject"]) for mail in office.mailbox.mails] == ["Jūsu karte ir nosūtīta"]


async def test_a_token_that_works_again_by_then_is_not_told(office: Office, holder: UUID) -> None:
    token = await acting(lambda tx: issuing.issue_qr(tx, holder))
    await acting(lambda tx: issuing.block(tx, token.id, "office"))
    await acting(lambda tx: issuing.unblock(tx, token.id, "mistake"))
    await office.round()
    assert office.mailbox.mails == []


def fact(kind: str, value: str, version: int, op: str = "upsert", end: date | None = None) -> FactChange:
    """A fact since January."""
    return FactChange(kind, value, date(2026, 1, 1), end, "sopa", f"{kind}-1", version, op)  # type: ignore[arg-type]


SECOND = {
    "withdrawn": fact("needy", "yes", 2, "withdraw"),
    "changed": fact("needy", "yes", 2, end=date(2026, 2, 1)),
    "moved": fact("residence", "RIX", 2),
}


@pytest.mark.parametrize("why", [*SECOND, "relative"])
async def test_the_cause_is_found_in_what_was_recorded_with_the_loss(office: Office, why: str) -> None:
    person = await enrolled()
    for change in (fact("needy", "yes", 1), fact("residence", "JLG", 1)):
        await acting(lambda tx, change=change: record_and_regrant(tx, person, [change], Cause("notice", "sopa 1")))
    with clock.moved(NOW.replace(hour=12)):
        async with transaction(CLERK) as tx:
            if why in SECOND:
                await record_and_regrant(tx, person, [SECOND[why]], Cause("notice", "sopa 2"))
            lost = News(id=new_id(), person_id=person, cause="notice", happened_at=tx.at)
            assert await why_lost(tx, lost) == why


@pytest.mark.parametrize(("cause", "why"), [("clerk", "office"), ("list", "list"), ("rule", "rules")])
async def test_some_causes_say_it_themselves(office: Office, cause: str, why: str) -> None:
    async with transaction(CLERK) as tx:
        assert await why_lost(tx, News(id=new_id(), cause=cause)) == why
