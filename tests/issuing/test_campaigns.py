"""Mass renewal: old cards go on until the new ones are their holders', and never beyond the outer day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from amis.issuing import campaign_store, campaigns, service
from amis.issuing.errors import CampaignDaysInvalid, CampaignInvalid, CampaignUnknown, ProductUnknown
from amis.issuing.handover import hand_over
from amis.issuing.production import produced
from amis.issuing.request_store import requests_of, waiting_at
from amis.issuing.stock_models import Campaign
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.errors import Invalid
from amis.kernel.ids import new_id
from amis.kernel.outbox import Note
from tests.issuing.cards_town import PRODUCT, approved, in_use, new_uid, product
from tests.issuing.town import CODES, acting, enrolled, entitled, state, token

DRAFT = campaigns.CampaignDraft("Vasara 2027", PRODUCT, date(2027, 7, 31), date(2027, 12, 31))
JULY = datetime(2027, 1, 20, 9, tzinfo=UTC)


async def lasting(code: str = "320101-10006", name: str = "Žanete Šķēle") -> UUID:
    """Somebody with a right without an end."""
    person = await enrolled(code, name)
    await state(person, "disability", "I", "2026-01-01", None)
    return person


async def begun(draft: campaigns.CampaignDraft = DRAFT) -> Campaign:
    return await acting(lambda tx: campaigns.start_campaign(tx, draft))


async def run(campaign: Campaign, after: UUID | None = None) -> None:
    payload = {"campaign_id": str(campaign.id), "delivery": "post", "after": str(after) if after else None}
    note = Note(1, campaign.municipality_id, campaigns.RUN, str(campaign.id), payload, 1)
    await acting(lambda tx: campaigns.run_campaign(tx, note))


async def test_the_old_card_goes_on_until_the_new_one_is_handed_over(town: Actor) -> None:
    await product()
    person = await lasting()
    old = await in_use(person)
    assert old.valid_to == date(2027, 3, 10)
    with clock.moved(JULY):
        campaign = await begun()
        await run(campaign)
        kept = await token(old.id)
        assert (kept.state, kept.valid_to) == ("active", date(2028, 1, 1))
        asked = (await acting(lambda tx: requests_of(tx, person)))[0]
        assert asked.token is not None
        assert (asked.request.channel, asked.request.delivery, asked.request.state) == ("campaign", "post", "approved")
        assert asked.token.replaces == old.id
        new = asked.token.id
        await acting(lambda tx: produced(tx, new, new_uid(), 1))
        await acting(lambda tx: hand_over(tx, new))
        assert ((await token(old.id)).state, (await token(old.id)).reason) == ("ended", "replaced")
        told = await acting(lambda tx: campaign_store.progress(tx, campaign))
    assert (told.renewed, told.handed_over, told.left_out) == (1, 1, 0)


async def test_who_stands_at_the_window_comes_before_the_cards_of_a_campaign(town: Actor) -> None:
    await product()
    old = await in_use(await lasting())
    with clock.moved(JULY):
        await run(await begun())
        waits = await approved(await lasting(CODES[0], "Jānis Bērziņš"))
        here = await acting(lambda tx: waiting_at(tx, new_id()))
    assert [line.request.replaces for line in here] == [None, old.id]
    assert [line.token.id for line in here[:1] if line.token] == [waits.id]


async def test_a_card_whose_successor_never_came_ends_after_the_outer_day(town: Actor) -> None:
    await product()
    old = await in_use(await lasting())
    with clock.moved(JULY):
        campaign = await begun()
        await run(campaign)
    with clock.moved(datetime(2027, 12, 31, 21, 59, tzinfo=UTC)):
        assert await acting(campaigns.end_overdue) == 0
    with clock.moved(datetime(2027, 12, 31, 22, 1, tzinfo=UTC)):
        assert await acting(campaigns.end_overdue) == 1
        assert await acting(campaigns.end_overdue) == 0
        told = await acting(lambda tx: campaign_store.progress(tx, campaign))
    assert ((await token(old.id)).state, (await token(old.id)).reason) == ("ended", "expired")
    assert told.ended_without == 1


async def test_running_twice_renews_once_and_a_long_list_goes_on(town: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaigns, "AT_ONCE", 1)
    await product()
    for code, name in (("320101-10006", "Žanete Šķēle"), (CODES[0], "Jānis Bērziņš")):
        await in_use(await lasting(code, name))
    with clock.moved(JULY):
        campaign = await begun()
        await run(campaign)
        told = await acting(lambda tx: campaign_store.progress(tx, campaign))
        assert (told.renewed, told.going_on) == (1, True)
        for _ in range(3):
            await run(campaign)
        told = await acting(lambda tx: campaign_store.progress(tx, campaign))
        invited = await acting(lambda tx: campaign_store.invited(tx, campaign.id))
    assert told.renewed == 2
    assert {one.name for one in invited} == {"Žanete Šķēle", "Jānis Bērziņš"}
    assert {one.new_state for one in invited} == {"approved"}


async def test_whoever_has_no_right_any_more_or_is_blocked_is_left_out(town: Actor) -> None:
    await product()
    without, held = await entitled(), await lasting(CODES[0], "Jānis Bērziņš")
    await state(without, "disability", "I", "2026-01-01", "2026-12-31", 2)
    card, misused = await in_use(without), await in_use(held)
    await acting(lambda tx: service.block(tx, misused.id, "misuse"))
    with clock.moved(JULY):
        campaign = await begun()
        await run(campaign)
        out = await acting(lambda tx: campaign_store.left_out(tx, campaign))
    assert out == [(card.id, "token_nothing_granted")]
    assert (await token(card.id)).valid_to == date(2027, 3, 10)
    assert (await token(misused.id)).valid_to == date(2027, 3, 10)


async def test_cards_of_later_days_are_not_touched(town: Actor) -> None:
    await product()
    later = await in_use(await lasting())
    with clock.moved(JULY):
        campaign = await begun(replace(DRAFT, expiring_to=later.valid_to - timedelta(days=2)))
        await run(campaign)
        assert (await acting(lambda tx: campaign_store.progress(tx, campaign))).renewed == 0


WRONG: tuple[tuple[campaigns.CampaignDraft, type[Exception]], ...] = (
    (replace(DRAFT, name=" "), CampaignInvalid),
    (replace(DRAFT, product="NONE"), ProductUnknown),
    (replace(DRAFT, keep_until=date(2027, 7, 30)), CampaignDaysInvalid),
    (replace(DRAFT, expiring_to=date(2026, 3, 9)), CampaignDaysInvalid),
    (replace(DRAFT, keep_until=date(2029, 7, 31)), CampaignDaysInvalid),
    (replace(DRAFT, delivery="pigeon"), Invalid),
)


async def test_what_is_no_campaign_is_refused(town: Actor) -> None:
    await product()
    for draft, error in WRONG:
        with pytest.raises(error):
            await begun(draft)
    assert await acting(campaign_store.list_campaigns) == []
    with pytest.raises(CampaignUnknown):
        await acting(lambda tx: campaign_store.get_campaign(tx, new_id()))
