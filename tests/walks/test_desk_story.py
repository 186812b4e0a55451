"""The life of a card at a desk: asked for, approved, made, handed over, used, lost and replaced.

In a real Chromium, by the desk's own program in a process of its own, over real PC/SC with virtual cards.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser

from amis.concessions.cards import define_card
from amis.issuing import store
from amis.kernel import clock
from amis.kernel.db import transaction
from cards.simcard.card import VirtualCard
from tests.issuing.cards_town import CARD
from tests.pcscd import Reader
from tests.town import CLERK, Site, needy
from tests.walks.desk import Desk, desk_at, in_latvian
from tests.walks.reader_side import agent, command, tap, terminal
from tests.walks.staff import session

FIRST, SECOND = bytes.fromhex("04a1b2c3d4e5f6"), bytes.fromhex("04a1b2c3d4e5f7")


@dataclass(slots=True)
class Story:
    """The browser of the clerk, the reader on the table, the terminal on the bus."""

    desk: Desk
    reader: Reader
    bus: Path

    async def lay(self, card: VirtualCard) -> None:
        """Puts the card on the reader in the time in which a hand does."""
        await asyncio.to_thread(self.reader.insert, card)

    async def ride(self, *, expect: int = 0) -> tuple[str, str]:
        """The verdict on the card that lies there, and its reason."""
        answer = await tap(self.bus, self.reader.name, expect=expect)
        return answer["verdict"], answer["reason"]


@pytest.fixture
async def story(site: Site, chromium: Browser, reader: Reader) -> AsyncIterator[Story]:
    await asyncio.to_thread(reader.remove)
    today = clock.today()
    assert await site.states(needy("R1", 1, today - timedelta(days=9), today + timedelta(days=200))) == ["applied"]
    async with transaction(CLERK) as tx:
        await define_card(tx, CARD)
    name, _, secret = (await session(site, ["municipal_admin"])).partition("=")
    async with desk_at(site, chromium, scripts=True) as desk:
        await desk.page.context.add_cookies([{"name": name, "value": secret, "url": site.url}])
        yield Story(desk, reader, await terminal(site, "bus 7"))
    await asyncio.to_thread(reader.remove)


async def test_the_life_of_a_card_at_a_desk(story: Story, site: Site, tmp_path: Path) -> None:
    desk, home = story.desk, tmp_path / "desk"
    await set_up(desk, home)
    async with agent(home) as program:
        await desk.follow("Work at this desk")
        await desk.reads("Connected")
        await ask_for_a_card(desk)
        first, second = VirtualCard(FIRST), VirtualCard(SECOND)
        await make_and_hand_over(story, first)
        assert await story.ride() == ("ACCEPT", "OK")
        await lose_it(story)
        assert await story.ride(expect=1) == ("DENY", "TOKEN_BLOCKED")
        await make_and_hand_over(story, second)
        assert (await story.ride())[0] == "ACCEPT"
        async with transaction(CLERK) as tx:
            number = (await store.tokens_of(tx, await site.person()))[0].number
        assert "genuine" in await command("cards", "verify", number, "--home", home)
        await story.lay(first)
        assert await story.ride(expect=1) == ("DENY", "TOKEN_BLOCKED")
        await revoke(desk)
        assert await asyncio.wait_for(program.wait(), 15) == 2
    async with transaction(CLERK) as tx:
        new, old = await store.tokens_of(tx, await site.person())
    assert (new.state, new.card_uid, new.replaces) == ("active", SECOND, old.id)
    assert (old.state, old.reason, old.card_uid) == ("ended", "replaced", FIRST)


async def set_up(desk: Desk, home: Path) -> None:
    """An administrator sets the desk up and compares the fingerprint that its computer shows."""
    await desk.go("/desks")
    await desk.fill("Name of the desk", "3. lodziņš")
    await desk.press("Make the desk")
    code = await desk.page.locator(".amis-code__value").text_content()
    assert code is not None
    said = await command("desk", "pair", desk.site.url, code.strip(), "--home", home)
    await desk.go("/desks")
    shown = await desk.page.locator("code").text_content()
    assert shown
    assert shown in said
    await desk.page.get_by_role("button", name=in_latvian("They are the same: approve")).click()
    await desk.reads("The desk is approved and can work.")


async def ask_for_a_card(desk: Desk) -> None:
    """The holder asks at the desk; the clerk looks at what is known and approves."""
    await desk.go(f"/persons/{await desk.site.person()}/card-request")
    await desk.page.get_by_label(in_latvian("An application or a token for this person")).check()
    await desk.press("Open the data")
    await desk.page.get_by_label("Jelgavnieka karte").check()
    await desk.page.get_by_label(in_latvian("The first card"), exact=True).check()
    await desk.press("Submit the application")
    await desk.press("Approve")
    await desk.reads("The application is approved: the card can be made.")


async def make_and_hand_over(story: Story, card: VirtualCard) -> None:
    """By the keyboard alone: Enter, the card on the reader, Enter."""
    desk, page = story.desk, story.desk.page
    await asyncio.to_thread(story.reader.remove)
    await desk.go("/desk")
    await page.locator("[data-focus]:focus").wait_for()
    await page.keyboard.press("Enter")
    await desk.reads("Put the card on the reader")
    await story.lay(card)
    await desk.reads("The card is ready to be handed over")
    await page.locator("[data-focus]:focus").wait_for()
    await page.keyboard.press("Enter")
    await desk.reads("The card is active.")


async def lose_it(story: Story) -> None:
    """The holder says that the card is lost: blocked in one step, another one asked for, paid and approved."""
    desk = story.desk
    async with transaction(CLERK) as tx:
        (card,) = await store.tokens_of(tx, await desk.site.person())
    await desk.go("/desk")
    await desk.fill("Number of the card", card.number)
    await desk.press("Find")
    await desk.page.get_by_label(in_latvian("What happened")).select_option("lost")
    await desk.press("Block it and ask for a new card")
    await desk.reads("The card is blocked, and a new one is asked for.")
    await desk.press("Note the payment")
    await desk.press("Approve")


async def revoke(desk: Desk) -> None:
    """The desk is closed down: its program is put out and ends."""
    await desk.go("/desks")
    await desk.page.get_by_text(in_latvian("Revoke this desk")).click()
    await desk.page.get_by_role("button", name=in_latvian("Revoke")).click()
    await desk.reads("The desk is revoked.")
