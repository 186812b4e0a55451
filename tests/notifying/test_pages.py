"""What staff do about contacts and messages, at the doors of the room."""

from uuid import UUID

import pytest
from sqlalchemy import select

from amis.concessions.seed_lv import JELGAVA
from amis.kernel import clock
from amis.kernel.db import transaction
from amis.kernel.ids import new_id
from amis.kernel.models import AuditEntry
from amis.notifying import setting
from amis.notifying.kinds import Kind
from amis.notifying.models import Contact, Message, News
from tests.issuing.town import CLERK, enrolled
from tests.notifying.conftest import HOME, Office
from tests.notifying.doors import door
from tests.walks.staff import RIGA
from tests.walks.told import not_delivered

PURPOSE = {"purpose": "application"}
FORM = {
    "channel": "email",
    "email": "Anna.Ozola@Inbox.Example",
    "phone": "26 123 456",
    "address": HOME,
    "language": "lv",
}
SETTING = {"active": "yes", "kinds": ["begins", "ended"], "days_before": "30", "quiet_minutes": "5", "a_minute": "10"}


@pytest.fixture
async def person(office: Office) -> UUID:
    """Somebody about whom nothing was told yet."""
    return await enrolled()


async def actions(*names: str) -> list[str]:
    """What the audit trail holds of these, in order."""
    async with transaction(CLERK) as tx:
        rows = await tx.session.scalars(select(AuditEntry).where(AuditEntry.action.in_(names)).order_by(AuditEntry.id))
        return [f"{row.action} {row.reason}".strip() for row in rows]


async def test_a_clerk_writes_down_how_somebody_is_reached_and_nothing_of_it_is_kept_in_clear(
    person: UUID,
) -> None:
    path = f"/persons/{person}/contacts"
    async with door("clerk") as desk:
        assert (await desk.get(path)).status_code == 403
        assert "How the person wants to be written to" in (await desk.get(path, params=PURPOSE)).text
        wrong = await desk.post(path, params=PURPOSE, data=FORM | {"email": "anna@", "phone": "1"})
        assert (wrong.status_code, "Enter an e-mail address" in wrong.text) == (422, True)
        nowhere = await desk.post(path, params=PURPOSE, data=FORM | {"channel": "sms", "phone": ""})
        assert (nowhere.status_code, "Enter where to write to" in nowhere.text) == (422, True)
        assert (await desk.post(path, params=PURPOSE, data=FORM)).status_code == 303
        shown = (await desk.get(path, params=PURPOSE)).text
    assert all(text in shown for text in ("Anna.Ozola@inbox.example", "+37126123456", "LV-3001"))
    async with transaction(CLERK) as tx:
        row = await tx.session.get_one(Contact, (JELGAVA, person))
        sealed = b"".join(filter(None, (row.email_sealed, row.phone_sealed, row.address_sealed)))
    assert not any(text in sealed for text in (b"Anna", b"26123456", b"3001"))
    assert await actions("contact.keep") == ["contact.keep"]


async def test_a_supervisor_reads_contacts_and_changes_none(person: UUID) -> None:
    async with door("supervisor") as reader:
        page = await reader.get(f"/persons/{person}/contacts", params=PURPOSE)
        assert (page.status_code, '<form method="post" action="/persons' in page.text) == (200, False)


async def test_an_administrator_says_what_is_told_and_sees_it_in_both_languages(office: Office) -> None:
    async with door("municipal_admin") as admin:
        page = (await admin.get("/messages/settings", params={"kind": "ended"})).text
        assert all(text in page for text in ("Jūsu atvieglojums ir izbeigts", "Your concession has been ended"))
        wrong = await admin.post("/messages/settings", data=SETTING | {"days_before": "91", "kinds": ["begins"]})
        assert (wrong.status_code, "Enter a number within the limits" in wrong.text) == (422, True)
        folded = await admin.post("/messages/settings", data=SETTING | {"sender_lv": "Pilsēta\r\nBcc: a@b.example"})
        assert folded.status_code == 422
        assert (await admin.post("/messages/settings", data=SETTING)).status_code == 303
    async with transaction(CLERK) as tx:
        kept = await setting.current(tx)
    assert (kept.active, kept.kinds, kept.days_before, kept.a_minute) == (True, ("begins", "ended"), 30, 10)
    assert await actions("notifying.change") == ["notifying.change"]


async def test_what_was_not_delivered_is_listed_opened_for_a_purpose_and_sent_again(person: UUID) -> None:
    async with transaction(CLERK) as tx:
        message = (await not_delivered(tx, person))["message_id"]
    async with door("municipal_admin") as admin:
        listed = (await admin.get("/messages")).text
        assert (str(message) in listed, "Žanete Šķēle" in listed, "A concession was ended" in listed) == (
            True,
            False,
            True,
        )
        assert (await admin.get(f"/messages/{message}")).status_code == 403
        opened = (await admin.get(f"/messages/{message}", params=PURPOSE)).text
        assert "The text is not kept any more." in opened
        refused = await admin.post(f"/messages/{message}/again", params=PURPOSE)
        assert (refused.status_code, "Only a message that was given up" in refused.text) == (409, True)
        assert str(message) in (await admin.get(f"/persons/{person}/messages", params=PURPOSE)).text
    assert (await actions("holder_message.read"))[0] == "holder_message.read application"


async def test_news_of_a_change_for_everybody_is_let_out_or_dropped(person: UUID) -> None:
    async with transaction(CLERK) as tx:
        for number, ref in enumerate(("JLG-NEEDY20 v2", "JLG-NEEDY20 v3")):
            tx.session.add(held(tx.municipality_id, person, f"test/{number}", ref))
    async with door("municipal_admin") as admin:
        assert "Rule: JLG-NEEDY20 v2" in (await admin.get("/messages")).text
        for deed, ref in (("tell", "JLG-NEEDY20 v2"), ("drop", "JLG-NEEDY20 v3")):
            named = {"cause": "rule", "cause_ref": ref}
            assert (await admin.post(f"/messages/held/{deed}", data=named)).status_code == 303
            assert (await admin.post(f"/messages/held/{deed}", data=named)).status_code == 409
    async with transaction(CLERK) as tx:
        rows = (await tx.session.scalars(select(News).order_by(News.cause_key))).all()
    assert [(row.held, row.settled_at is None) for row in rows] == [(False, True), (True, False)]


def held(municipality: int, person: UUID, key: str, ref: str) -> News:
    """News of a lost right that waits."""
    now = clock.now()
    row = News(id=new_id(), municipality_id=municipality, person_id=person, cause_key=key, topic=Kind.ENDED.value)
    row.cause, row.cause_ref, row.held, row.happened_at, row.noted_at = "rule", ref, True, now, now
    return row


async def test_messages_of_another_municipality_are_not_there(person: UUID) -> None:
    async with transaction(CLERK) as tx:
        message = (await not_delivered(tx, person))["message_id"]
    async with door("municipal_admin", RIGA) as stranger:
        assert (await stranger.get(f"/messages/{message}", params=PURPOSE)).status_code == 404
        assert str(message) not in (await stranger.get("/messages")).text
    async with transaction(CLERK) as tx:
        assert (await tx.session.get_one(Message, message)).state == "given_up"
