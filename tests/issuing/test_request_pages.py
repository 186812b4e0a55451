"""The pages of applications for cards: the form, the photo, the queue, the decision, and the card's own page."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from httpx import AsyncClient
from PIL import Image

from amis.issuing import photo_store, service
from amis.issuing.card_content import content_of
from amis.issuing.request_store import requests_of
from amis.kernel.actor import Actor
from amis.register import service as register
from tests.issuing.cards_town import approved, desk, encoded, in_use, new_uid, product
from tests.issuing.doors import client, house
from tests.issuing.town import CLERK, CODES, acting, enrolled, entitled, token

MAY = CLERK.permissions | {"card.request", "card.approve", "card.produce"}
DESK_CLERK = replace(CLERK, permissions=MAY)
BOSS = replace(CLERK, permissions=frozenset({"card.supervise", "token.read", "person.read"}))
FORM = {"product": "JLG-CARD", "reason": "first", "delivery": "desk"}


def picture(size: tuple[int, int] = (600, 800)) -> bytes:
    """A JPEG of one colour."""
    written = BytesIO()
    Image.new("RGB", size, "teal").save(written, "JPEG")
    return written.getvalue()


@pytest.fixture
async def anna(town: Actor) -> UUID:
    """Somebody with concessions, in a town that has a card."""
    await product()
    return await entitled()


@pytest.fixture
async def browser(anna: UUID) -> AsyncIterator[AsyncClient]:
    """A browser of a clerk who has said why Anna is opened."""
    async with client(house(DESK_CLERK, anna)) as opened:
        yield opened


async def asked(browser: AsyncClient, person: UUID, **fields: str) -> str:
    """The address of a new application."""
    answer = await browser.post(f"/persons/{person}/card-request", data=FORM | fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


async def test_a_card_goes_from_the_form_over_the_queue_to_its_own_page(browser: AsyncClient, anna: UUID) -> None:
    form = await browser.get(f"/persons/{anna}/card-request")
    for text in ("Jelgava card", "in place of a lost or damaged one EUR", "2.85", "There is no photo yet."):
        assert text in form.text
    address = await asked(browser, anna)
    assert f'href="{address}"' in (await browser.get("/card-requests")).text
    assert f'href="{address}"' in (await browser.get(f"/persons/{anna}")).text
    page = await browser.get(address)
    for text in ("Free of charge", "Nobody else in the register", "There is no photo"):
        assert text in page.text
    assert (await browser.post(f"{address}/approve")).headers["location"] == f"{address}?notice=card-approved"
    assert (await browser.post(f"{address}/approve")).status_code == 422
    (line,) = await acting(lambda tx: requests_of(tx, anna))
    assert line.token is not None
    card = await browser.get(f"/tokens/{line.token.id}")
    assert "Open the application" in card.text
    assert "Show the code" not in card.text
    assert "There are no such applications" in (await browser.get("/card-requests")).text
    assert f'href="{address}"' in (await browser.get("/card-requests?state=approved")).text


WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({"product": ""}, "product"),
    ({"reason": ""}, "reason"),
    ({"reason": "lost"}, "reason"),
    ({"product": "NO-CARD"}, "product"),
    ({"police_reference": "VP-1"}, "police_reference"),
    ({"applicant": "somebody"}, "applicant"),
)


async def test_a_wrong_field_is_named_beside_it_and_nothing_is_kept(browser: AsyncClient, anna: UUID) -> None:
    for fields, field in WRONG:
        answer = await browser.post(f"/persons/{anna}/card-request", data=FORM | fields)
        assert (answer.status_code, f'href="#{field}"' in answer.text) == (422, True)
    assert await acting(lambda tx: requests_of(tx, anna)) == []


async def test_whoever_may_be_the_same_person_is_shown_before_the_decision(browser: AsyncClient, anna: UUID) -> None:
    await enrolled(CODES[0])
    address = await asked(browser, anna)
    page = await browser.get(address)
    assert "May be the same person" in page.text
    assert "the same birth date and part of the name, the same name" in page.text
    await browser.post(f"{address}/refuse", data={"refuse_reason": "Tā pati persona"})
    after = await browser.get(address)
    assert "Tā pati persona" in after.text
    assert "May be the same person" not in after.text


async def test_a_photo_is_kept_and_shown_and_what_is_none_is_refused(browser: AsyncClient, anna: UUID) -> None:
    page = await browser.get(f"/persons/{anna}/photo")
    assert "camera=(self)" in page.headers["permissions-policy"]
    assert "camera=()" in (await browser.get("/card-requests")).headers["permissions-policy"]
    for wrong in (b"", b"GIF89a", picture((100, 100))):
        files = {"file": ("face.jpg", wrong, "image/jpeg")}
        answer = await browser.post("/photos", data={"person": str(anna)}, files=files)
        assert (answer.status_code, 'href="#file"' in answer.text) == (422, True)
    files = {"file": ("face.jpg", picture(), "image/jpeg")}
    answer = await browser.post("/photos", data={"person": str(anna), "source": "camera"}, files=files)
    assert answer.headers["location"] == f"/persons/{anna}/card-request?notice=photo-kept"
    photo = await acting(lambda tx: photo_store.newest_photo(tx, anna))
    shown = await browser.get(f"/photos/{photo}")
    assert (shown.headers["content-type"], shown.content[:2]) == ("image/jpeg", b"\xff\xd8")
    address = await asked(browser, anna)
    assert f'src="/photos/{photo}"' in (await browser.get(address)).text
    assert (await browser.post("/photos", data={"person": "?"}, files=files)).status_code == 400


async def test_a_photo_is_not_shown_to_who_has_not_said_why(anna: UUID) -> None:
    async with client(house(DESK_CLERK, anna)) as browser:
        files = {"file": ("face.jpg", picture(), "image/jpeg")}
        await browser.post("/photos", data={"person": str(anna)}, files=files)
        address = await asked(browser, anna)
    photo = await acting(lambda tx: photo_store.newest_photo(tx, anna))
    async with client(house(DESK_CLERK)) as stranger:
        for path in (f"/photos/{photo}", address, f"/persons/{anna}/card-request", f"/persons/{anna}/photo"):
            assert (await stranger.get(path)).status_code == 403


async def test_a_guardian_is_offered_and_a_desk_chosen(browser: AsyncClient, anna: UUID) -> None:
    guardian, place = await enrolled(CODES[0], "Juris Ozols"), await desk()
    await acting(lambda tx: register.relate(tx, guardian, "ward", anna, date(2026, 1, 1), None, "clerk", "Lēmums"))
    form = await browser.get(f"/persons/{anna}/card-request")
    assert "Ju··· Oz···" in form.text
    assert "Lielā iela 11" in form.text
    page = await browser.get(await asked(browser, anna, applicant=str(guardian), desk=str(place), delivery="post"))
    assert "Ju··· Oz···" in page.text
    assert "By post" in page.text


async def test_a_lost_card_is_blocked_on_its_page_and_the_next_one_is_paid_for(
    browser: AsyncClient, anna: UUID
) -> None:
    old = await in_use(anna)
    path = f"/tokens/{old.id}"
    assert (await browser.post(f"{path}/lost", data={"lost_reason": ""})).status_code == 422
    wrong = await browser.post(f"{path}/lost", data={"lost_reason": "lost", "police_reference": "VP-1"})
    assert 'href="#police_reference"' in wrong.text
    gone = await browser.post(f"{path}/lost", data={"lost_reason": "lost"})
    address = gone.headers["location"].partition("?")[0]
    assert (await token(old.id)).state == "blocked"
    assert "Report the card lost" not in (await browser.get(path)).text
    assert "2.85 to be paid" in (await browser.get(address)).text
    assert (await browser.post(f"{address}/pay")).headers["location"].endswith("card-paid")
    assert (await browser.post(f"{address}/pay")).status_code == 422
    assert (await browser.post(f"{address}/withdraw", data={"withdraw_reason": "Atradās"})).status_code == 303
    assert (await token(old.id)).state == "blocked"


async def test_a_card_is_handed_over_or_posted_and_comes(browser: AsyncClient, anna: UUID) -> None:
    made = await encoded(anna)
    path = f"/tokens/{made.id}"
    assert "Hand the card over" in (await browser.get(path)).text
    for typed in ("", "yesterday", "11/03/2026", "01/01/2020"):
        wrong = await browser.post(f"{path}/post", data={"posted_on": typed})
        assert 'href="#posted_on"' in wrong.text
    assert (await browser.post(f"{path}/post", data={"posted_on": "10/03/2026"})).status_code == 303
    assert "deemed lost after 09/04/2026" in (await browser.get(path)).text
    assert (await browser.post(f"{path}/received")).status_code == 303
    assert (await token(made.id)).state == "active"
    assert (await browser.post(f"{path}/hand-over")).status_code == 409
    other = await encoded(await entitled(CODES[0]))
    assert (await browser.post(f"/tokens/{other.id}/hand-over")).status_code == 303
    assert (await token(other.id)).state == "active"


async def test_a_misprinted_card_is_made_once_more_for_the_same_application(browser: AsyncClient, anna: UUID) -> None:
    made, uid = await approved(anna), new_uid()
    path = f"/tokens/{made.id}"
    assert (await browser.post(f"{path}/spoil", data={"spoil_reason": "defective"})).status_code == 409
    await acting(lambda tx: service.begin_production(tx, made.id, uid, 1))
    await acting(lambda tx: content_of(tx, made.id, uid))
    await acting(lambda tx: service.produced(tx, made.id, uid, 1))
    wrong = await browser.post(f"{path}/spoil", data={"spoil_reason": "wrong_card"})
    assert 'href="#spoil_reason"' in wrong.text
    again = await browser.post(f"{path}/spoil", data={"spoil_reason": "misprinted"})
    assert again.headers["location"].partition("?")[0] != path
    assert "(spoiled while it was made)" in (await browser.get(path)).text


async def test_what_was_referred_is_decided_by_a_supervisor_alone(browser: AsyncClient, anna: UUID) -> None:
    await in_use(anna)
    for reason in ("lost", "stolen"):
        made = await approved(anna, reason=reason)
        await acting(lambda tx, one=made: service.produced(tx, one.id, new_uid(), 1))
        assert made.application_id is not None
        await acting(lambda tx, one=made.application_id: service.pay(tx, one))
        await acting(lambda tx, one=made: service.hand_over(tx, one.id))
    address = await asked(browser, anna, reason="lost")
    page = await browser.get(address)
    assert "a supervisor decides" in page.text
    assert "/approve" not in page.text
    assert "supervisor decides" in (await browser.post(f"{address}/approve")).text
    assert f'href="{address}"' in (await browser.get("/card-requests?state=referred")).text
    first = await asked(browser, await entitled(CODES[0]))
    async with client(house(BOSS, anna)) as boss:
        assert "What speaks for another card" in (await boss.get(address)).text
        assert (await boss.post(f"{first}/supervise/approve?purpose=check")).status_code == 422
        assert (await boss.post(f"{address}/supervise/refuse")).status_code == 422
        assert (await boss.post(f"{address}/supervise/approve", data={"approve": "Labi"})).status_code == 303
    assert "Labi" in (await browser.get(address)).text
