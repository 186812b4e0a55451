"""Pages of rules and of facts by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy import select

from amis.granting import store
from amis.granting.pages import pages
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.kernel.models import AuditEntry
from amis.register import store as register
from amis.staff.guard import current_actor
from amis.web.faults import answer_faults
from tests.granting.town import CLERK, Somebody, days, fact

Make = Callable[..., Awaitable[Somebody]]
NEEDY = {"fact": "needy:yes", "valid_from": "01.03.2026", "valid_to": "31.05.2026", "reason": "Lēmums uz papīra"}
WHY = "?purpose=correction"


@pytest.fixture
async def browser(town: Actor) -> AsyncIterator[AsyncClient]:
    """A browser in which the clerk is signed in; the guard itself is tested with its room."""
    app = FastAPI()
    app.include_router(pages)
    app.dependency_overrides[current_actor] = lambda: town
    answer_faults(app)
    headers = {"accept": "text/html", "accept-language": "en"}
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test", headers=headers) as client:
        yield client


async def test_the_rules_are_listed_in_plain_words_of_both_languages(browser: AsyncClient) -> None:
    page = await browser.get("/rules")
    assert page.status_code == 200
    assert "disability: group I or group II" in page.text
    assert "State of Latvia" in page.text
    latvian = await browser.get("/rules?lang=lv")
    assert "invaliditāte: I grupa vai II grupa" in latvian.text
    assert "Kam piešķir" in latvian.text


async def test_a_rule_shows_condition_hash_clause_and_what_it_reads(browser: AsyncClient) -> None:
    async with transaction(CLERK) as tx:
        [rule] = [rule for rule in await store.list_rules(tx) if rule.names.code == "LV-DIS-1-2"]
    page = (await browser.get(f"/rules/{rule.id}")).text
    assert rule.versions[0].sha256 in page
    assert "Nr. 414" in page
    assert "{&#34;has&#34;:{&#34;fact&#34;:&#34;disability&#34;,&#34;in&#34;:[&#34;I&#34;,&#34;II&#34;]}}" in page


async def test_an_unknown_rule_is_not_found(browser: AsyncClient) -> None:
    assert (await browser.get("/rules/00000000-0000-7000-8000-000000000000")).status_code == 404


async def test_a_fact_by_hand_grants_at_once_and_keeps_who_said_why(browser: AsyncClient, somebody: Make) -> None:
    anna = await somebody()
    answer = await browser.post(f"/persons/{anna.id}/facts{WHY}", data=NEEDY | {"decision_number": "S-12"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/persons/{anna.id}?notice=recorded")
    assert await anna.granted() == {"JLG-NEEDY20": days("{[2026-03-01,2026-06-01)}")}
    async with transaction(CLERK) as tx:
        [stated] = await register.facts_timeline(tx, anna.id)
        [entry] = await store.entitlement_log(tx, anna.id)
    assert (stated.source, stated.decision) == ("clerk", {"number": "S-12"})
    assert stated.provenance == {"account": CLERK.id, "reason": "Lēmums uz papīra"}
    assert (entry.cause, entry.cause_ref) == ("clerk", stated.record_id)


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"valid_to": "28.02.2026"}, "valid_to", "The last day is before the first day"),
        ({"valid_from": "31.02.2026"}, "valid_from", "Enter a day such as 31/05/2026"),
        ({"valid_from": ""}, "valid_from", "Enter a day such as 31/05/2026"),
        ({"fact": "needy:maybe"}, "fact", "Choose the fact"),
        ({"fact": ""}, "fact", "Choose the fact"),
        ({"reason": " "}, "reason", "Say why the fact is entered by hand"),
        ({"decision_number": "9" * 501}, "decision_number", "At most 500 characters"),
    ],
)
async def test_a_wrong_field_is_named_beside_it_and_nothing_is_recorded(
    browser: AsyncClient, somebody: Make, change: dict[str, str], field: str, message: str
) -> None:
    anna = await somebody()
    page = await browser.post(f"/persons/{anna.id}/facts{WHY}", data=NEEDY | change)
    assert page.status_code == 422
    assert message in page.text
    assert f'href="#{field}"' in page.text
    async with transaction(CLERK) as tx:
        assert await register.facts_timeline(tx, anna.id) == []


async def test_a_last_day_left_empty_means_without_end(browser: AsyncClient, somebody: Make) -> None:
    anna = await somebody()
    await browser.post(f"/persons/{anna.id}/facts{WHY}", data=NEEDY | {"fact": "disability:I", "valid_to": ""})
    assert await anna.granted() == {"LV-DIS-1-2": days("{[2026-03-01,)}")}


async def test_opening_the_form_asks_for_a_purpose_and_leaves_a_reading_in_the_audit_trail(
    browser: AsyncClient, somebody: Make
) -> None:
    anna = await somebody()
    await anna.state(fact("needy", record_id="d-1"))
    assert (await browser.get(f"/persons/{anna.id}/facts")).status_code == 403
    page = await browser.get(f"/persons/{anna.id}/facts{WHY}")
    assert page.status_code == 200
    assert "status of a needy household" in page.text
    assert "Take back" not in page.text
    async with transaction(CLERK) as tx:
        query = select(AuditEntry).where(AuditEntry.action == "person.read", AuditEntry.subject_id == str(anna.id))
        assert [entry.reason for entry in await tx.session.scalars(query)] == ["correction"]


async def test_a_fact_by_hand_can_be_taken_back_with_a_reason(browser: AsyncClient, somebody: Make) -> None:
    anna = await somebody()
    await browser.post(f"/persons/{anna.id}/facts{WHY}", data=NEEDY)
    async with transaction(CLERK) as tx:
        [stated] = await register.facts_timeline(tx, anna.id)
    address = f"/persons/{anna.id}/facts/{stated.id}/withdraw{WHY}"
    refused = await browser.post(address, data={"withdraw_reason": ""})
    assert refused.status_code == 422
    assert f'href="#withdraw_{stated.id}"' in refused.text
    assert (await browser.post(address, data={"withdraw_reason": "Kļūda"})).status_code == 303
    assert await anna.granted() == {}
    assert (await browser.post(address, data={"withdraw_reason": "Kļūda"})).status_code == 409


async def test_a_fact_of_a_source_is_taken_back_by_its_source_only(browser: AsyncClient, somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    async with transaction(CLERK) as tx:
        [stated] = await register.facts_timeline(tx, anna.id)
    answer = await browser.post(
        f"/persons/{anna.id}/facts/{stated.id}/withdraw{WHY}", data={"withdraw_reason": "Nepatīk"}
    )
    assert answer.status_code == 409
    assert set(await anna.granted()) == {"JLG-NEEDY20"}
