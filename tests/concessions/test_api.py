"""The JSON API of concessions."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

from amis.concessions.api import router
from amis.concessions.schemas import ConcessionList
from amis.concessions.seed_lv import seed
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from tests.concessions.doors import application, client


async def test_the_list_gives_every_concession_with_its_terms(jelgava: Actor, state: Actor) -> None:
    async with transaction(state) as tx:
        await seed(tx, {"LV-ORPHAN"})
    async with transaction(jelgava) as tx:
        await seed(tx)
    browser = client(application(jelgava, router))
    answer = await browser.get("/v1/concessions", headers={"accept": "application/json"})
    assert answer.status_code == 200
    found = {one.code: one for one in ConcessionList.model_validate_json(answer.content).concessions}
    assert len(found) == 6
    needy = found["JLG-NEEDY20"]
    assert (needy.grantor, needy.group, needy.funder) == ("JLG", "NEEDY", "JLG")
    [terms] = needy.revisions
    assert (terms.quota, terms.discount, terms.valid_to) == (
        {"n": 20, "per": "month"},
        {"kind": "free"},
        date(2027, 1, 1),
    )
    assert (needy.budget, needy.administration_cost, terms.funding) == (None, Decimal("0.00"), [])
    one = await browser.get(f"/v1/concessions/{needy.id}", headers={"accept": "application/json"})
    assert one.json()["code"] == "JLG-NEEDY20"


async def test_an_unknown_concession_is_a_problem_with_a_code(jelgava: Actor) -> None:
    browser = client(application(jelgava, router))
    answer = await browser.get(f"/v1/concessions/{uuid4()}", headers={"accept": "application/json"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "concession_unknown"
