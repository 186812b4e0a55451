"""What becomes of tokens and cards: moves, deaths, losses, renewals; each case keeps its number."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import text

from amis.concessions.seed_lv import JELGAVA, RIGA
from amis.demo.town import new_sender_key
from amis.granting.store import live_entitlements
from amis.intake.senders import add_key, define_sender
from amis.issuing import jobs, request_store
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.issuing.campaigns import CampaignDraft, start_campaign
from amis.issuing.errors import FeeUnpaid, SupervisorDecides
from amis.issuing.models import Token
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register.store import find_by_code
from amis.reporting.recovery_store import cases
from sync.sopa import sopa_mapping
from terminals.message import Answer
from tests.town import ADULT, CLERK, SOURCE, Site, needy, riga
from tests.walks.card_holders import PRODUCT, REPLACEMENT, approved, cards_of, in_use, written
from tests.walks.citizens import clerk, fact, open_places, somebody
from tests.walks.staff import caller

OF_RIGA = "sopa/riga"
BORN = "1945-05-17"
SPRING = date(2026, 3, 1), date(2026, 12, 31)
SUPERVISOR = Actor("staff", "supervisor", "Vadītāja", JELGAVA, "Jelgava", frozenset({"card.supervise"}))


def notice(kind: str, code: str, source: str = SOURCE, **data: object) -> dict[str, object]:
    """An event about a person, as the social system or the register of residents sends it."""
    record = f"{kind}-{code}-{data}"[:150]
    said = {"record_id": record, "version": 1, "op": "upsert", "person": {"code": code, "birth_date": BORN}}
    event = {"specversion": "1.0", "id": record, "source": source, "type": kind, "time": clock.now().isoformat()}
    return event | {"data": said | data}


def said(answer: Answer) -> tuple[str, str]:
    return answer.verdict, answer.reason


async def held_by(site: Site, code: str = ADULT) -> tuple[UUID, Token]:
    """Somebody needy of Jelgava with a card in use."""
    await cards_of(JELGAVA)
    await site.states(needy("R1", 1, *SPRING, code=code))
    person = await site.person(code)
    return person, await in_use(JELGAVA, person)


async def as_it_stands(token: UUID, municipality: int = JELGAVA) -> Token:
    async with transaction(clerk(municipality)) as tx:
        return await tokens.get_token(tx, token)


async def codes_of_rights(municipality: int, person: UUID) -> set[str]:
    """What the person has today, by the code of the concession."""
    async with transaction(clerk(municipality)) as tx:
        return {one.rule.concession_code for one in await live_entitlements(tx, person, clock.today())}


async def lost(token: UUID, reason: str = "lost", police: str = "") -> UUID:
    """The holder reports it at the desk; the application for another one."""
    async with transaction(CLERK) as tx:
        line = await issuing.report_lost(tx, token, reason, police)
    assert line is not None
    return line.request.id


async def replaced(request_id: UUID, actor: Actor = CLERK) -> Token:
    """The application is approved and paid, the card made and handed over."""
    async with transaction(actor) as tx:
        made = await issuing.approve_request(tx, request_id)
    await written(JELGAVA, made.id)
    async with transaction(CLERK) as tx:
        if (await request_store.get_request(tx, request_id)).request.fee:
            await issuing.pay(tx, request_id)
        return await issuing.hand_over(tx, made.id)


async def test_t22_who_moves_loses_the_old_towns_rights_and_token_and_keeps_the_states(site: Site) -> None:
    await open_places(site, RIGA)
    key = new_sender_key()
    async with transaction(clerk(RIGA)) as tx:
        await add_key(tx, (await define_sender(tx, "Rīgas Labklājības departaments", sopa_mapping(OF_RIGA))).id, key)
    with clock.moved(riga("2026-04-09 09:00")):
        old = [moved("RIX", "2015-01-01", OF_RIGA), disabled(OF_RIGA)]
        assert await verdicts(site, old, key) == ["applied"] * 2
        async with transaction(clerk(RIGA)) as tx:
            person = await find_by_code(tx, ADULT)
        assert person is not None
        await cards_of(RIGA)
        card = await in_use(RIGA, person)
        assert await codes_of_rights(RIGA, person) == {"RIX-75PLUS", "LV-DIS-1-2", "LV-COMPANION"}
        assert (await site.tap(card.number)).accepted
    with clock.moved(riga("2026-04-10 09:00")):
        assert await verdicts(site, [moved("JLG", "2026-04-10", OF_RIGA)], key) == ["applied"]
        assert await codes_of_rights(RIGA, person) == {"LV-DIS-1-2", "LV-COMPANION"}
        ended = await as_it_stands(card.id, RIGA)
        assert (ended.state, ended.reason) == ("ended", "moved")
        assert said(await site.tap(card.number)) == ("DENY", "TOKEN_BLOCKED")
        assert await site.states(moved("JLG", "2026-04-10"), disabled()) == ["applied"] * 2
        _, shown = await site.issue()
        assert said(await site.tap(shown)) == ("ACCEPT", "OK")


def moved(to: str, since: str, source: str = SOURCE) -> dict[str, object]:
    return notice("residence.changed.v1", ADULT, source, municipality=to, since=since)


def disabled(source: str = SOURCE) -> dict[str, object]:
    days = {"valid_from": "2020-01-01", "valid_to": None}
    return notice("status.fact.v1", ADULT, source, status="INV1", **days)


async def verdicts(site: Site, events: list[dict[str, object]], key: str) -> list[str]:
    """The verdicts on events that another sender states."""
    response = await site.notice(events, key=key)
    assert response.status_code == 200, response.text
    return [line["verdict"] for line in response.json()["verdicts"]]


async def test_t27_an_expiring_card_goes_on_until_the_new_one_is_active_or_the_outer_day(site: Site) -> None:
    await cards_of(JELGAVA)
    with clock.moved(riga("2021-08-01 09:00")):
        people = [await somebody(JELGAVA, "1960-01-01", fact("disability", "I")) for _ in range(2)]
        first, second = [await in_use(JELGAVA, person) for person in people]
    with clock.moved(riga("2026-06-15 09:00")):
        async with transaction(CLERK) as tx:
            draft = CampaignDraft("Vasara", PRODUCT, date(2026, 7, 31), date(2026, 12, 31))
            await start_campaign(tx, draft)
        await site.work()
    with clock.moved(riga("2026-09-01 09:00")):
        assert (await site.tap(first.number)).accepted
        new = await _successor(first.id)
        await written(JELGAVA, new)
        async with transaction(CLERK) as tx:
            made = await issuing.hand_over(tx, new)
        assert said(await site.tap(first.number)) == ("DENY", "TOKEN_BLOCKED")
        assert (await site.tap(made.number)).accepted
    with clock.moved(riga("2026-12-31 23:59")):
        assert (await site.tap(second.number)).accepted
    with clock.moved(riga("2027-01-01 00:01")):
        assert said(await site.tap(second.number)) == ("DENY", "TOKEN_EXPIRED")
        await jobs.end_overdue()
        assert said(await site.tap(second.number)) == ("DENY", "TOKEN_EXPIRED")
    ended = [(one.state, one.reason) for one in [await as_it_stands(card.id) for card in (first, second)]]
    assert ended == [("ended", "replaced"), ("ended", "expired")]


async def _successor(token: UUID) -> UUID:
    async with transaction(CLERK) as tx:
        found = await tokens.successor_of(tx, token)
    assert found is not None
    return found


async def test_t29_a_lost_card_is_dead_at_once_the_new_one_works_and_the_quota_goes_on(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        _, card = await held_by(site)
        assert (await site.tap(card.number)).quota_left == 19
        request_id = await lost(card.id)
        assert said(await site.tap(card.number)) == ("DENY", "TOKEN_BLOCKED")
        async with transaction(CLERK) as tx:
            made = await issuing.approve_request(tx, request_id)
        await written(JELGAVA, made.id)
        with pytest.raises(FeeUnpaid):
            async with transaction(CLERK) as tx:
                await issuing.hand_over(tx, made.id)
        assert said(await site.tap(made.number)) == ("DENY", "TOKEN_NOT_ACTIVE")
        async with transaction(CLERK) as tx:
            await issuing.pay(tx, request_id)
            await issuing.hand_over(tx, made.id)
        new = await site.tap(made.number)
        assert (said(new), new.quota_left) == (("ACCEPT", "OK"), 18)
        assert said(await site.tap(card.number)) == ("DENY", "TOKEN_BLOCKED")


async def test_t30_the_third_loss_in_twelve_months_is_for_a_supervisor(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        _, card = await held_by(site)
        for _ in range(2):
            card = await replaced(await lost(card.id))
        third = await lost(card.id)
        with pytest.raises(SupervisorDecides):
            async with transaction(CLERK) as tx:
                await issuing.approve_request(tx, third)
        async with transaction(CLERK) as tx:
            assert (await request_store.get_request(tx, third)).request.state == "referred"
        assert (await replaced(third, SUPERVISOR)).state == "active"


async def test_t31_the_number_of_a_police_report_waives_the_fee_of_a_stolen_card(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        _, card = await held_by(site)
        paid, free = await lost(card.id, "stolen"), None
        async with transaction(CLERK) as tx:
            asked = (await request_store.get_request(tx, paid)).request
            assert (asked.fee, asked.waiver) == (REPLACEMENT, "")
        card = await replaced(paid)
        free = await lost(card.id, "stolen", "VP 20-4/1187")
        async with transaction(CLERK) as tx:
            asked = (await request_store.get_request(tx, free)).request
        assert (asked.fee, asked.waiver) == (0, "police_report")
        assert (await replaced(free)).state == "active"


async def test_t32_a_posted_card_that_did_not_come_in_twenty_working_days_is_deemed_lost(site: Site) -> None:
    with clock.moved(riga("2026-04-07 09:00")):
        await cards_of(JELGAVA)
        await site.states(needy("R1", 1, *SPRING))
        person = await site.person()
        card = await written(JELGAVA, (await approved(JELGAVA, person, delivery="post")).id)
        async with transaction(CLERK) as tx:
            await issuing.post(tx, card.id, clock.today())
    # 1 May is a holiday, and so is 4 May: the twentieth working day after 7 April is 7 May
    with clock.moved(riga("2026-05-07 23:00")):
        await jobs.end_overdue()
        assert (await as_it_stands(card.id)).state == "issued"
    with clock.moved(riga("2026-05-08 00:01")):
        await jobs.end_overdue()
        async with transaction(CLERK) as tx:
            (end, *_) = await tokens.history(tx, card.id)
        assert said(await site.tap(card.number)) == ("DENY", "TOKEN_BLOCKED")
    ended = await as_it_stands(card.id)
    assert end.after is not None
    assert (ended.state, ended.reason, end.after["note"]) == ("ended", "lost", "deemed lost")


async def test_t33_an_old_card_found_after_its_replacement_is_to_be_handed_in(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        _, card = await held_by(site)
        await replaced(await lost(card.id))
        found = await site.tap(card.number)
    assert said(found) == ("DENY", "TOKEN_BLOCKED")
    assert "hand in" in found.text["en"].lower()
    assert "jānodod" in found.text["lv"].lower()


async def test_t39_after_a_change_of_code_the_same_card_works_and_both_codes_find_the_person(site: Site) -> None:
    new = "32345678910"
    with clock.moved(riga("2026-04-10 09:00")):
        person, card = await held_by(site)
        changed = notice("person.code_changed.v1", ADULT, new_code=new, changed_on="2026-04-10")
        assert await site.states(changed) == ["applied"]
        assert (await site.tap(card.number)).accepted
        async with transaction(CLERK) as tx:
            assert {await find_by_code(tx, code) for code in (ADULT, new)} == {person}
            audit = "SELECT before, after FROM audit WHERE action = 'person.change_code' AND subject_id = :person"
            [(before, after)] = await tx.session.execute(text(audit), {"person": str(person)})
        async with await caller(site, ["clerk"]) as page:
            shown = (await page.get(f"/persons/{person}?purpose=check")).text
    assert before != after
    assert not {ADULT, new} & {*before.values(), *after.values()}
    assert "323456-78910" in shown
    assert "323456-78901" in shown


async def test_t39_the_card_of_somebody_who_turned_out_to_be_another_person_works_on_until_they_are_parted(
    site: Site,
) -> None:
    other = "32345678915"
    with clock.moved(riga("2026-04-10 09:00")):
        person, card = await held_by(site)
        assert await site.states(needy("R2", 1, *SPRING, code=other, status="PENSIJA")) == ["applied"]
        kept = await site.person(other)
        merged = notice("person.merged.v1", other, merged={"code": ADULT})
        assert await site.states(merged) == ["applied"]
        assert (await site.tap(card.number)).accepted
        assert (await as_it_stands(card.id)).person_id == kept == await site.person()
        async with await caller(site, ["clerk"]) as page:
            moved_on = await page.get(f"/persons/{person}?purpose=check")
            shown = (await page.get(f"/persons/{kept}?purpose=check")).text
        parted = notice("person.unmerged.v1", other, merged={"code": ADULT}, unmerged_on="2026-04-10")
        assert await site.states(parted) == ["applied"]
        assert (await site.tap(card.number)).accepted
        assert (await as_it_stands(card.id)).person_id == person == await site.person()
        async with transaction(CLERK) as tx:
            taps = await tx.session.scalars(text("SELECT person_id FROM use ORDER BY id"))
            assert list(taps) == [kept, person]
    assert (moved_on.status_code, moved_on.headers["location"]) == (303, f"/persons/{kept}")
    assert "323456-78901" in shown
    assert "323456-78915" in shown


async def test_t40_a_death_ends_every_token_and_what_is_tapped_after_it_is_reported(site: Site) -> None:
    with clock.moved(riga("2026-04-10 09:00")):
        person, card = await held_by(site)
        _, shown = await site.issue()
    with clock.moved(riga("2026-04-12 09:00")):
        assert (await site.tap(card.number)).accepted  # nobody had told yet
    with clock.moved(riga("2026-04-14 09:00")):
        assert await site.states(notice("person.died.v1", ADULT, died_on="2026-04-11")) == ["applied"]
        for one in (card.number, shown):
            assert said(await site.tap(one)) == ("DENY", "TOKEN_BLOCKED")
        async with transaction(CLERK) as tx:
            ends = [(one.state, one.reason) for one in await tokens.tokens_of(tx, person)]
            (right,) = await tx.session.scalars(text("SELECT periods::text FROM entitlement WHERE grantor_id <> 1"))
        async with await caller(site, ["municipal_admin"]) as page:
            reported = (await page.get("/reports/misuse")).text
        async with transaction(CLERK) as tx:
            wrong = await cases(tx, "open")
    assert ends == [("ended", "deceased")] * 2
    assert right == "{[2026-03-01,2026-04-11)}"
    assert reported.count("The holder has died") == 3
    assert "12/04/2026" in reported
    assert [(case.uses, case.cause) for case in wrong] == [(1, "notice")]
