"""Messages on their way: refused, late, the provider gone, the worker dead in between."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import SecretStr

from amis.kernel import clock
from amis.kernel.db import transaction
from amis.notifying import jobs, leasing, setting, settling
from amis.notifying.carriers import carriers
from amis.notifying.contacts import Reach
from amis.notifying.errors import Delayed
from amis.notifying.kinds import Channel
from amis.notifying.models import Message
from amis.register import service as register
from tests.issuing.town import acting, enrolled
from tests.notifying.conftest import ANNA, AT_ONCE, BY_MAIL, HOME, NOW, WORKER, Office
from tests.notifying.test_telling import anna, needy, withdraw


async def one(office: Office, person: UUID) -> Message:
    """The only message to somebody."""
    [message] = await office.messages(person)
    return message


async def test_a_message_refused_for_now_is_tried_again_ever_later_and_then_given_up(office: Office) -> None:
    person = await anna(office)
    office.mailbox.answers[ANNA] = "451 mailbox busy"
    await needy(person)
    await office.round()
    at = NOW
    for number, wait in enumerate(settling.WAITS, 1):
        message = await one(office, person)
        assert (message.state, message.attempts, message.error) == ("queued", number, "recipient: SMTP 451")
        with clock.moved(at + wait - timedelta(seconds=30)):
            await office.round()
            assert (await one(office, person)).attempts == number
        at += wait + timedelta(seconds=1)
        with clock.moved(at):
            await office.round()
    message = await one(office, person)
    assert (message.state, message.attempts) == ("given_up", len(settling.WAITS) + 1)


@pytest.mark.parametrize("legal", [False, True])
async def test_an_address_that_does_not_exist_is_given_up_and_a_lost_right_goes_by_post(
    office: Office, legal: bool
) -> None:
    person = await anna(office, Reach(ANNA, "", HOME, "lv", "email"))
    await needy(person)
    if legal:
        await office.round()
        await withdraw(person)
    office.mailbox.answers[ANNA] = "550 no such user"
    await office.round()
    message = (await office.messages(person))[-1]
    assert (message.state, message.channel) == (("sent", "post") if legal else ("given_up", "email"))
    assert len(office.letters) == (1 if legal else 0)


async def test_a_provider_that_does_not_answer_costs_no_attempt(office: Office) -> None:
    person = await anna(office)
    await needy(person)
    working = office.settings
    office.settings = working.model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:1?tls=none")})
    await office.round()
    message = await one(office, person)
    assert (message.state, message.attempts, message.error) == ("queued", 0, "ConnectionRefusedError")
    office.settings = working
    with clock.moved(NOW + settling.SILENCE + timedelta(seconds=1)):
        await office.round()
    assert (await one(office, person)).state == "sent"


async def test_a_changed_way_whose_provider_is_silent_is_waited_for(office: Office) -> None:
    person = await anna(office, Reach(address=HOME, channel="post"))
    await needy(person)
    working = office.settings
    broken = office.settings.data_dir / "broken"
    broken.write_text("no folder")
    silent = {"post_folder": broken, "smtp_url": SecretStr("smtp://127.0.0.1:1?tls=none")}
    office.settings = working.model_copy(update=silent)
    await office.round()
    await office.reach(person, BY_MAIL)
    async with transaction(WORKER) as tx:
        able = carriers(office.settings)
        row = await tx.session.get_one(Message, (await one(office, person)).id)
        row.due_at = tx.at
        await tx.session.flush()
        assert await leasing.lease(tx, await setting.current(tx), able, {Channel.EMAIL}, 10) == []
    message = await one(office, person)
    assert (message.state, message.channel) == ("queued", "email")


async def test_a_worker_that_dies_after_sending_sends_again_under_the_same_message_id(office: Office) -> None:
    person = await anna(office)
    office.mailbox.answers[ANNA] = "451 later"
    await needy(person)
    await office.round()
    office.mailbox.answers.clear()
    able, due = carriers(office.settings), NOW + timedelta(minutes=2)
    with clock.moved(due):
        async with transaction(WORKER) as tx:
            [taken] = await leasing.lease(tx, await setting.current(tx), able, (), 10)
        able[Channel.EMAIL].carry(taken.outgoing)
        await office.round()
        assert len(office.mailbox.mails) == 1
    with clock.moved(due + leasing.LEASE + timedelta(seconds=5)):
        await office.round()
    assert len(office.mailbox.mails) == 2
    assert len({mail["Message-ID"] for mail in office.mailbox.mails}) == 1
    assert (await one(office, person)).state == "sent"


async def test_no_more_leave_in_a_minute_than_the_town_lets_out(office: Office) -> None:
    for person in (await anna(office), await enrolled("320101-10021"), await enrolled("320101-10030")):
        await office.reach(person)
        await needy(person)
    await office.switch_on(replace(AT_ONCE, a_minute=2))
    sent = []
    for _ in range(3):
        await office.round()
        sent.append(len(office.mailbox.mails))
    assert sent == [2, 3, 3]


async def test_erasing_a_person_makes_contact_and_messages_unreadable_and_then_they_go(office: Office) -> None:
    person = await anna(office)
    office.mailbox.answers[ANNA] = "451 later"
    await needy(person)
    await office.round()
    await acting(lambda tx: register.erase(tx, person, "asked"))
    with clock.moved(NOW + timedelta(hours=1)):
        await office.round()
    message = await one(office, person)
    assert (message.state, message.error, message.sealed is None) == ("cancelled", "erased", False)
    await jobs.forget_old()
    assert (await one(office, person)).sealed is None


async def test_a_settled_message_is_not_settled_again(office: Office) -> None:
    person = await anna(office)
    await needy(person)
    await office.round()
    async with transaction(WORKER) as tx:
        await settling.settle(tx, (await one(office, person)).id, Delayed("late"), {Channel.EMAIL})
    assert (await one(office, person)).state == "sent"


@pytest.mark.parametrize(
    ("wish", "came_of_it"),
    [
        (Reach("", "", HOME, "lv", "post"), ("sent", "post", "")),
        (Reach(ANNA, "", "", "lv", "none"), ("cancelled", "email", "not_wanted")),
    ],
)
async def test_a_message_that_waits_follows_a_changed_wish(
    office: Office, wish: Reach, came_of_it: tuple[str, str, str]
) -> None:
    person = await anna(office)
    office.mailbox.answers[ANNA] = "451 later"
    await needy(person)
    await office.round()
    await office.reach(person, wish)
    with clock.moved(NOW + timedelta(minutes=2)):
        await office.round()
        await office.round()
    message = await one(office, person)
    assert (message.state, message.channel, message.error) == came_of_it
