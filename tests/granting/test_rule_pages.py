"""A version on its way from draft to retirement, over HTTP, by two members of staff."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest
from httpx import ASGITransport, AsyncClient
from starlette.datastructures import QueryParams

from amis.granting import service, store
from amis.granting.service import RuleDraft, VersionKey
from amis.granting.simulation_pages import read_assumption
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from tests.granting import desk as desks
from tests.granting.desk import APPROVER, AUTHOR, NEW, Desk
from tests.granting.town import CLERK, Somebody, days, fact
from tests.granting.typed import fields

Make = Callable[..., Awaitable[Somebody]]
CASE = {"name": "Somebody", "person": {"facts": [{"kind": "needy", "value": "yes", "from": "2026-03-01"}]}}
GOOD, BAD = CASE | {"expected": "{[2026-03-01,)}"}, CASE | {"name": "Nobody", "expected": "{}"}
DRAFT = RuleDraft(NEW, NEW, {"has": {"fact": "needy"}}, "8. punkts", date(2026, 1, 1), cases=(GOOD,))


@dataclass
class Office:
    """The pages and who sits before them."""

    desk: Desk
    http: AsyncClient

    async def step(self, key: VersionKey, step: str, **typed: str) -> int:
        """Presses a button of the version's page; the status of the answer."""
        answer = await self.http.post(f"{address(key)}/{step}", data=typed)
        return answer.status_code


def address(key: VersionKey) -> str:
    """The page of a version."""
    return f"/rules/{key.rule_id}/versions/{key.version}"


@pytest.fixture
async def office(town: Actor) -> AsyncIterator[Office]:
    """A browser before which author and approver are seated in turn."""
    await desks.new_concession()
    desk = Desk()
    headers = {"accept": "text/html", "accept-language": "en"}
    async with AsyncClient(
        transport=ASGITransport(desks.application(desk)), base_url="http://test", headers=headers
    ) as http:
        yield Office(desk, http)


async def drafted(draft: RuleDraft = DRAFT) -> VersionKey:
    """A draft that the author has written."""
    async with transaction(AUTHOR) as tx:
        return await service.draft_rule(tx, draft)


async def state_of(key: VersionKey) -> str:
    """The state of a version."""
    async with transaction(AUTHOR) as tx:
        rule = await store.get_rule(tx, key.rule_id)
    return next(row.state for row in rule.versions if row.version == key.version)


async def test_a_version_is_published_by_two_members_of_staff(office: Office, somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy"))
    key = await drafted()
    assert await office.step(key, "test") == 303
    assert await office.step(key, "submit") == 303
    page = (await office.http.get(address(key))).text
    assert "You wrote this version, so a colleague has to approve it" in page
    assert await office.step(key, "approve") == 409
    assert await state_of(key) == "in_review"
    office.desk.seated = APPROVER
    listed = (await office.http.get("/rules")).text
    assert "Waiting for you" in listed
    assert await office.step(key, "approve") == 303
    assert await office.step(key, "publish") == 303
    assert (await anna.granted())[NEW] == days("{[2026-03-01,2026-06-01)}")
    assert "Waiting for you" not in (await office.http.get("/rules")).text
    assert await office.step(key, "retire", retire_reason="Jauni noteikumi") == 303
    assert await state_of(key) == "retired"


async def test_a_colleague_approves_only_what_the_page_showed(office: Office) -> None:
    key = await drafted()
    for step in ("test", "submit"):
        await office.step(key, step)
    office.desk.seated = APPROVER
    opened = dict(fields((await office.http.get(address(key))).text))
    async with transaction(AUTHOR) as tx:
        await service.change_draft(tx, key, replace(DRAFT, condition={"has": {"fact": "orphan"}}, cases=()))
        await service.test(tx, key)
        await service.submit(tx, key)
    refused = await office.http.post(f"{address(key)}/approve", data={"seen": str(opened["seen"])})
    assert refused.status_code == 409
    assert "Somebody has changed this version" in refused.text
    assert await office.step(key, "approve", seen="yesterday") == 409
    assert await state_of(key) == "in_review"
    read_again = dict(fields(refused.text))
    assert await office.step(key, "approve", seen=str(read_again["seen"])) == 303


async def test_a_version_whose_case_fails_says_which_and_is_not_tested(office: Office) -> None:
    key = await drafted(replace(DRAFT, cases=(GOOD, BAD)))
    assert await office.step(key, "test") == 303
    assert await state_of(key) == "draft"
    page = (await office.http.get(address(key))).text
    assert "Nobody" in page
    assert "Fails" in page
    assert "on no day" in page
    assert await office.step(key, "submit") == 409


async def test_a_version_is_given_back_only_with_a_reason(office: Office) -> None:
    key = await drafted()
    await office.step(key, "test")
    await office.step(key, "submit")
    office.desk.seated = APPROVER
    refused = await office.http.post(f"{address(key)}/return", data={"return_reason": " "})
    assert refused.status_code == 422
    assert 'href="#return_reason"' in refused.text
    assert await office.step(key, "return", return_reason="Trūkst punkta") == 303
    assert await state_of(key) == "draft"


async def test_the_simulation_tells_who_would_gain_before_anything_changes(office: Office, somebody: Make) -> None:
    anna = await somebody()
    await anna.state(fact("needy", first="2026-03-01", end=None))
    key = await drafted()
    page = (await office.http.get(f"{address(key)}/simulation?uses=2&gross=0,50")).text
    assert "Persons who begin to have the right" in page
    assert "Additional cost" in page
    assert "no budget is known" in page
    assert f'href="/persons/{anna.id}"' in page
    assert await anna.granted() == {"JLG-NEEDY20": days("{[2026-03-01,2027-01-01)}")}
    office.desk.seated = replace(AUTHOR, permissions=frozenset({"rule.read", "rule.write"}))
    blind = (await office.http.get(f"{address(key)}/simulation")).text
    assert f"/persons/{anna.id}" not in blind
    assert "Additional cost" not in blind


@pytest.mark.parametrize(("uses", "gross"), [("many", "1"), ("1", ""), ("-1", "1"), ("1", "NaN"), ("1", "1e9")])
def test_assumptions_that_are_no_amounts_are_named(uses: str, gross: str) -> None:
    assumption, errors = read_assumption(QueryParams({"uses": uses, "gross": gross}))
    assert assumption is None
    assert len(errors) == 1


async def test_a_reader_sees_no_steps_and_a_version_that_is_not_there_is_not_found(office: Office) -> None:
    key = await drafted()
    office.desk.seated = CLERK
    page = (await office.http.get(address(key))).text
    assert "Next steps" not in page
    assert (await office.http.get(address(VersionKey(key.rule_id, 7)))).status_code == 404
    assert (await office.http.get(f"{address(VersionKey(key.rule_id, 7))}/simulation")).status_code == 404


async def test_a_town_without_rules_is_told_what_to_do(office: Office) -> None:
    office.desk.seated = replace(AUTHOR, municipality_id=3)
    page = (await office.http.get("/rules")).text
    # the state's rules are everybody's
    assert "LV-DIS-1-2" in page
    assert "JLG-" not in page
