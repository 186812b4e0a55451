"""Acceptance case T25 through signed events, the worker and a real mail server."""

from datetime import date

from pydantic import SecretStr

from amis.concessions.seed_lv import JELGAVA
from amis.granting.store import entitlements_of
from amis.kernel import clock
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.notifying import contacts, jobs, setting
from amis.notifying.contacts import Reach
from amis.notifying.setting import Telling
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
