"""Acceptance case T25 through signed events or a new version of a rule, the worker and a real mail server."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from pydantic import SecretStr

from amis.concessions.seed_lv import JELGAVA
from amis.granting.service import RuleDraft, publish_rule
from amis.granting.store import entitlements_of
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.notifying import contacts, holding, jobs, setting
from amis.notifying.contacts import Reach
from amis.notifying.setting import Telling
from rules.period import Days
from tests.granting.town import JELGAVA_ACTOR
from tests.issuing.town import enrolled, state
from tests.notifying.conftest import BY_MAIL, Office
from tests.notifying.mailbox import Mailbox
from tests.town import CLERK, Site, needy, riga

WORKER = system("worker", JELGAVA)


async def test_t25_a_prolonged_status_extends_the_same_grant_and_its_holder_is_told(
    site: Site, mailbox: Mailbox
) -> None:
    mail = {"smtp_url": SecretStr(mailbox.url), "mail_from": "amis@jelgava.example"}
    told = site.settings.model_copy(update=mail)
    with clock.moved(riga("2026-05-10 09:00")):
        assert await site.states(needy("R1", 1, date(2026, 3, 1), date(2026, 5, 31))) == ["applied"]
        person = await site.person()
        async with transaction(CLERK) as tx:
            await contacts.keep(tx, person, Reach("anna@inbox.example", language="en", channel="email"))
            [before] = await entitlements_of(tx, person)
        await site.work()
        async with transaction(WORKER) as tx:
            await setting.change(tx, Telling(active=True))
        _, shown = await site.issue()
        assert (await site.tap(shown)).quota_left == 19
        assert await site.states(needy("R2", 1, date(2026, 5, 11), date(2026, 8, 31))) == ["applied"]
        await site.work()
        await jobs.tell(settings=told)
        assert mailbox.mails == []
    with clock.moved(riga("2026-05-10 09:05")):
        await jobs.tell(settings=told)
        await jobs.tell(settings=told)
        async with transaction(CLERK) as tx:
            [after] = await entitlements_of(tx, person)
        assert (await site.tap(shown)).quota_left == 18
    assert (after.id, after.periods.edges) == (before.id, (date(2026, 3, 1), date(2026, 9, 1)))
    [text] = mailbox.texts()
    assert mailbox.mails[0]["To"] == "anna@inbox.example"
    assert "is prolonged. It now applies until 31 August 2026 (inclusive)." in text


async def test_t25_a_prolonged_concession_extends_the_same_grants_and_is_told_once_somebody_has_decided_so(
    office: Office,
) -> None:
    """The concession for Ukrainian civilians: until 31 December, then until 30 June."""
    rule = RuleDraft("JLG-REPR20", "JLG-REPR20", {"has": {"fact": "ukrainian"}}, "clause", date(2026, 1, 1))
    people = [await enrolled(), await enrolled("320101-10021")]
    async with transaction(JELGAVA_ACTOR) as tx:
        await publish_rule(tx, replace(rule, valid_to=date(2027, 1, 1)))
    for person in people:
        await state(person, "ukrainian", "yes", "2026-03-01", None)
        await office.reach(person, replace(BY_MAIL, language="en"))
    before = [await _rights(person) for person in people]
    await office.round()
    await office.switch_on()
    async with transaction(JELGAVA_ACTOR) as tx:
        done = await publish_rule(tx, replace(rule, valid_to=date(2027, 7, 1)))
    assert done.persons_changed == 2
    after = [await _rights(person) for person in people]
    assert [one.keys() for one in after] == [one.keys() for one in before]
    assert {days.edges for one in after for days in one.values()} == {(date(2026, 3, 1), date(2027, 7, 1))}
    await office.round()
    assert office.mailbox.mails == []
    async with transaction(WORKER) as tx:
        [waiting] = await holding.held(tx)
        assert (waiting.cause, waiting.persons) == ("rule", 2)
        await holding.decide(tx, waiting.cause, waiting.cause_ref, told=True)
    await office.round()
    await office.round()
    assert len(office.mailbox.mails) == 2
    for text in office.mailbox.texts():
        assert "is prolonged. It now applies until 30 June 2027 (inclusive)." in text


async def _rights(person: UUID) -> dict[UUID, Days]:
    """What the person has, by the id of the grant."""
    async with transaction(CLERK) as tx:
        return {one.id: one.periods for one in await entitlements_of(tx, person)}
