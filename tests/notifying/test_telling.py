"""From a change to a message in a mailbox: through the feed, a real database and a real mail server."""

from datetime import datetime, timedelta
from uuid import UUID

from pypdfium2 import PdfDocument

from amis.granting import lifecycle, store
from amis.granting.merging import regrant_each
from amis.granting.service import Cause, record_and_regrant
from amis.issuing import service as issuing
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.notifying import holding, jobs
from amis.notifying.again import send_again
from amis.notifying.carriers import carriers
from amis.notifying.contacts import Reach
from amis.notifying.models import NotifyingMark
from amis.notifying.setting import Telling
from amis.register import merging
from amis.register import service as register
from amis.register.service import FactChange
from tests.granting.town import JELGAVA_ACTOR
from tests.issuing.town import acting, enrolled, issued, state
from tests.notifying.conftest import ANNA, BY_MAIL, HOME, NOW, WORKER, Office
from tests.town import days, riga


async def anna(office: Office, reach: Reach = BY_MAIL) -> UUID:
    """Somebody who is reached, in a town that tells."""
    person = await enrolled()
    await office.reach(person, reach)
    await office.switch_on()
    return person


def later(minutes: int) -> datetime:
    """So many minutes after the tests begin."""
    return NOW + timedelta(minutes=minutes)


async def needy(person: UUID, end: str | None = "2026-06-01", version: int = 1) -> None:
    """The town calls the person needy since March, up to a day (exclusive)."""
    await state(person, "needy", "yes", "2026-03-01", end, version)


async def test_a_right_that_begins_is_told_once_even_if_the_feed_is_read_anew(office: Office) -> None:
    person = await anna(office)
    await needy(person)
    await office.round()
    await office.round()
    assert [mail["To"] for mail in office.mailbox.mails] == [ANNA]
    [text] = office.mailbox.texts()
    assert "Jums ir piešķirts atvieglojums" in text
    assert "no 2026. gada 10. marta līdz 2026. gada 31. maijam" in text
    async with transaction(WORKER) as tx:
        (await tx.session.get_one(NotifyingMark, tx.municipality_id)).seq = 0
    await office.round()
    [sent] = await office.messages(person)
    assert (sent.state, sent.kinds, sent.attempts) == ("sent", ["begins"], 1)


async def test_nothing_of_before_the_switch_is_told_and_nothing_after_it_is_off(office: Office) -> None:
    person = await enrolled()
    await office.reach(person)
    await needy(person)
    await office.round()
    await office.switch_on()
    await office.round()
    assert await office.messages(person) == []
    await office.switch_on(Telling(active=False))
    await needy(person, "2026-09-01", 2)
    await office.round()
    assert office.mailbox.mails == []


async def test_changes_within_the_quiet_time_become_one_message_and_what_was_undone_none(office: Office) -> None:
    person = await anna(office)
    await office.switch_on(Telling(active=True, quiet_minutes=3))
    await needy(person)
    await office.round()
    await state(person, "repressed", "yes", "2026-03-01", None)
    with clock.moved(later(4)):
        await office.round()
        assert len(office.mailbox.mails) == 1
        [message] = await office.messages(person)
        assert set(message.kinds) == {"begins"}
        assert len(message.kinds) >= 2
        assert office.mailbox.mails[0]["Subject"] == "Izmaiņas Jūsu atvieglojumos"
        await needy(person, None, 2)
        await needy(person, "2026-06-01", 3)
        await office.round()
    with clock.moved(NOW + days(1)):
        await office.round()
    assert len(office.mailbox.mails) == 1


async def test_an_ended_right_and_why_goes_by_post_to_whoever_has_no_mail(office: Office) -> None:
    person = await anna(office, Reach(address=HOME))
    await needy(person)
    await office.round()
    assert office.letters == []
    await withdraw(person)
    await office.round()
    [letter] = office.letters
    with PdfDocument(letter) as document:
        text = document[0].get_textpage().get_text_bounded()
    assert all(part in text for part in ("Žanete Šķēle", "Lielā iela 1-2", "ir izbeigts", "ir atcēlusi statusu"))
    assert [one.channel for one in await office.messages(person)] == ["post"]


async def withdraw(person: UUID) -> None:
    """The source takes the status back."""
    first = riga("2026-03-01 12:00").date()
    change = FactChange("needy", "yes", first, None, "sopa", f"needy-{person}", 9, "withdraw")
    await acting(lambda tx: record_and_regrant(tx, person, [change], Cause("notice", "sopa evt-9")))


async def test_a_loss_that_no_way_leads_to_is_kept_for_a_clerk_and_goes_out_once_there_is_one(office: Office) -> None:
    person = await enrolled()
    await office.switch_on()
    await needy(person)
    await office.round()
    assert await office.messages(person) == []
    await state(person, "needy", "yes", "2026-03-01", "2026-04-01", 2)
    await office.round()
    [stuck] = await office.messages(person)
    assert (stuck.state, stuck.kinds, stuck.error) == ("given_up", ["shortened"], "no_way")
    await office.reach(person)
    async with transaction(WORKER) as tx:
        await send_again(tx, stuck.id, carriers(office.settings))
    await office.round()
    [text] = office.mailbox.texts()
    assert "Tagad tas ir spēkā no 2026. gada 10. marta līdz 2026. gada 31. martam (ieskaitot)." in text


async def test_nobody_dead_is_written_to(office: Office) -> None:
    person = await anna(office)
    await needy(person)
    await office.round()
    await withdraw(person)
    await acting(lambda tx: register.record_death(tx, person, tx.day))
    await office.round()
    assert [one.kinds for one in await office.messages(person)] == [["begins"]]


async def test_somebody_who_dies_before_the_message_leaves_gets_none(office: Office) -> None:
    person = await anna(office)
    await needy(person)
    office.mailbox.answers[ANNA] = "451 later"
    await office.round()
    office.mailbox.answers.clear()
    await acting(lambda tx: register.record_death(tx, person, tx.day))
    with clock.moved(NOW + days(1)):
        await office.round()
    [message] = await office.messages(person)
    assert (message.state, message.error, office.mailbox.mails) == ("cancelled", "died", [])


async def test_what_follows_from_a_change_for_everybody_waits_for_a_decision(office: Office) -> None:
    people = [await anna(office), await enrolled("320101-10021")]
    await office.reach(people[1], Reach(email="otrs@inbox.example", channel="email"))
    for person in people:
        await needy(person)
    await office.round()
    async with transaction(JELGAVA_ACTOR) as tx:
        rule = next(one for one in await store.list_rules(tx) if one.names.code == "JLG-NEEDY20")
        await lifecycle.retire(tx, lifecycle.VersionKey(rule.id, rule.versions[0].version), "Izbeigts")
    await office.round()
    assert len(office.mailbox.mails) == 2
    async with transaction(WORKER) as tx:
        [waiting] = await holding.held(tx)
        assert (waiting.cause, waiting.persons) == ("rule", 2)
        await holding.decide(tx, waiting.cause, waiting.cause_ref, told=True)
    await office.round()
    assert len(office.mailbox.mails) == 4
    assert "ir mainījušies noteikumi" in office.mailbox.texts()[-1]


async def test_an_end_that_comes_near_is_told_once_and_so_is_the_day_after_it(office: Office) -> None:
    person = await anna(office)
    await needy(person)
    await office.round()
    kinds = []
    for day in ("2026-05-16", "2026-05-17", "2026-05-18", "2026-06-01", "2026-06-02"):
        with clock.moved(riga(f"{day} 09:00")):
            await jobs.last_days()
            await office.round()
            kinds.append([one.kinds for one in await office.messages(person)][1:])
    soon, over = ["ends_soon"], ["expired"]
    assert kinds == [[], [soon], [soon], [soon, over], [soon, over]]
    assert "ir spēkā līdz 2026. gada 31. maijam (ieskaitot)" in office.mailbox.texts()[1]


async def test_a_right_that_was_taken_away_is_not_said_to_have_run_out(office: Office) -> None:
    person = await anna(office)
    await needy(person)
    await office.round()
    with clock.moved(riga("2026-04-01 09:00")):
        await needy(person, "2026-04-01", 2)
        await office.round()
    with clock.moved(riga("2026-04-02 09:00")):
        await jobs.last_days()
        await office.round()
    assert [one.kinds for one in await office.messages(person)] == [["begins"], ["ended"]]


async def test_a_blocked_token_is_told_with_the_end_of_its_number_only(office: Office) -> None:
    person = await anna(office)
    await needy(person)
    token = await issued(person)
    await office.round()
    await acting(lambda tx: issuing.block(tx, token.id, "misuse"))
    await office.round()
    text = office.mailbox.texts()[-1]
    assert (token.number[-4:] in text, token.number in text) == (True, False)
    assert "ļaunprātīgu" in text


async def test_who_turned_out_to_be_another_is_reached_as_that_other_and_loses_nothing(office: Office) -> None:
    alias, kept = await anna(office), await enrolled("320101-10021")
    await needy(alias)
    await needy(kept, "2026-05-01")
    await office.round()
    async with transaction(WORKER) as tx:
        record = ("sopa", "M-1")
        edge = await merging.merge(tx, merging.Pair(kept, alias), record)
        assert edge is not None
        await regrant_each(tx, [kept, alias], Cause("notice", "sopa merged"))
    await office.round()
    assert [one.kinds for one in await office.messages(alias)] == [["begins"]]
    await needy(kept, "2026-09-01", 2)
    await office.round()
    with clock.moved(riga("2026-08-25 09:00")):
        await jobs.last_days()
        await office.round()
    assert [one.kinds for one in await office.messages(kept)][-2:] == [["prolonged"], ["ends_soon"]]
    assert {mail["To"] for mail in office.mailbox.mails} == {ANNA}
