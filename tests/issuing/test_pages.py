from datetime import timedelta
from io import BytesIO

import pytest
import zxingcpp
from httpx import AsyncClient
from PIL import Image

from amis.issuing import service, store
from amis.issuing.words import BLOCK
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.ids import new_id
from cards.number import readable_number
from cards.token import BlockReason
from tests.issuing.doors import client, house
from tests.issuing.town import CLERK, acting, enrolled, entitled, issued, shown, token

WHY = "?purpose=check"


async def test_a_person_is_shown_only_after_the_purpose(browser: AsyncClient) -> None:
    person = await entitled()
    asked = await browser.get(f"/persons/{person}")
    assert asked.status_code == 403
    assert "Why do you open these data?" in asked.text
    assert "Žanete" not in asked.text
    opened = await browser.get(f"/persons/{person}{WHY}")
    assert opened.status_code == 200
    assert "Žanete Šķēle" in opened.text
    assert "320101-10006" in opened.text
    assert "<title>Person" in opened.text


async def test_each_opening_is_written_down_with_its_purpose(browser: AsyncClient, owner_connection: object) -> None:
    person = await entitled()
    await browser.get(f"/persons/{person}{WHY}")
    query = "SELECT reason FROM audit WHERE action = 'person.read' AND subject_id = %s"
    rows = await (await owner_connection.execute(query, (str(person),))).fetchall()  # type: ignore[attr-defined]
    assert rows == [("check",)]


async def test_it_draws_facts_and_rights_and_says_why_and_why_not(browser: AsyncClient) -> None:
    person = await entitled()
    page = (await browser.get(f"/persons/{person}{WHY}")).text
    for text in ("Status of a needy household", "Disability: group I", "01/01/2026 to 30/11/2026", "LV-DIS-1-2"):
        assert text in page
    assert "On 10 March 2026 this person has:" in page
    assert "Concessions not granted (5)" in page
    later = (await browser.get(f"/persons/{person}{WHY}&day=01.12.2026")).text
    assert "On 1 December 2026" in later
    assert "Concessions not granted (6)" in later


async def test_a_day_that_is_none_is_refused_beside_its_field(browser: AsyncClient) -> None:
    page = await browser.get(f"/persons/{await entitled()}{WHY}&day=yesterday")
    assert page.status_code == 422
    assert "Enter a day such as 31/05/2026" in page.text
    assert 'value="yesterday"' in page.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "29.02.2024", "31.12.1899."])
async def test_any_day_there_is_may_be_asked_about(browser: AsyncClient, day: str) -> None:
    assert (await browser.get(f"/persons/{await entitled()}{WHY}&day={day}")).status_code == 200


async def test_a_token_whose_days_are_over_says_so(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    with clock.moved(clock.now() + timedelta(days=400)):
        assert "Its last day is over" in (await browser.get("/tokens")).text
        assert "Its last day is over" in (await browser.get(f"/tokens/{made.id}")).text


async def test_a_person_about_whom_nothing_is_known_has_a_page(browser: AsyncClient) -> None:
    page = await browser.get(f"/persons/{await enrolled()}{WHY}")
    assert page.status_code == 200
    assert "Nothing is recorded about this person yet" in page.text
    assert "A token can be issued as soon as the person has a concession." in page.text
    assert (await browser.get(f"/persons/{new_id()}{WHY}")).status_code == 404


async def test_a_token_is_issued_from_the_persons_page_and_then_shown(town: Actor) -> None:
    person = await entitled()
    async with client(house(CLERK, person)) as browser:
        answer = await browser.post(f"/persons/{person}/tokens")
        assert answer.status_code == 303
        page = await browser.get(answer.headers["location"])
        assert "The token is issued." in page.text
        assert "<svg" in page.text
        again = await browser.post(f"/persons/{person}/tokens")
        assert again.status_code == 409
        assert "has a token of this kind already" in again.text


async def test_the_code_of_a_token_is_the_holders_and_needs_a_purpose(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    page = (await browser.get(f"/tokens/{made.id}")).text
    assert "Show the code" in page
    assert 'aria-label="QR"' not in page
    assert "Žanete" not in page
    for hidden in ("?show=code", "/letter.pdf", "/qr.svg", "/qr.png"):
        assert (await browser.get(f"/tokens/{made.id}{hidden}")).status_code == 403
    opened = (await browser.get(f"/tokens/{made.id}{WHY}&show=code")).text
    assert 'aria-label="QR"' in opened
    assert "Persons with a group I or II disability, to 13/04/2027" in opened


async def test_what_is_printed_is_what_terminals_verify(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    png = await browser.get(f"/tokens/{made.id}/qr.png{WHY}")
    assert png.headers["content-type"] == "image/png"
    assert png.headers["cache-control"] == "no-store"
    [found] = zxingcpp.read_barcodes(Image.open(BytesIO(png.content)))
    async with client(house(CLERK)) as other:
        svg = await other.get(f"/tokens/{made.id}/qr.svg{WHY}")
    assert svg.text.startswith("<svg")
    assert found.text.startswith("AM1:")
    assert (await shown(made.id)).profile == "S"


@pytest.mark.parametrize("language", ["lv", "en"])
async def test_the_letter_is_a_pdf_to_download(browser: AsyncClient, language: str) -> None:
    made = await issued(await entitled())
    answer = await browser.get(f"/tokens/{made.id}/letter.pdf{WHY}&lang={language}")
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-disposition"] == 'attachment; filename="letter.pdf"'


async def test_the_code_of_a_blocked_token_is_not_shown(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    await acting(lambda tx: service.block(tx, made.id, "lost"))
    assert (await browser.get(f"/tokens/{made.id}/qr.png{WHY}")).status_code == 409
    assert 'aria-label="QR"' not in (await browser.get(f"/tokens/{made.id}{WHY}&show=code")).text


async def test_one_press_with_a_reason_blocks_and_the_page_says_so(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    answer = await browser.post(f"/tokens/{made.id}/block", data={"block_reason": "misuse"})
    assert answer.headers["location"] == f"/tokens/{made.id}?notice=blocked"
    page = (await browser.get(answer.headers["location"])).text
    for text in ("The token is blocked.", "Misuse", "This block stands against the holder", "Unblock"):
        assert text in page
    assert "Replace this token" not in page
    await browser.post(f"/tokens/{made.id}/unblock", data={"unblock_reason": "cleared"})
    assert (await token(made.id)).state == "active"


async def test_without_a_reason_the_page_comes_back_with_the_fault(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    for step in ("block", "replace", "end"):
        answer = await browser.post(f"/tokens/{made.id}/{step}", data={f"{step}_reason": ""})
        assert answer.status_code == 422
        assert f'href="#{step}_reason"' in answer.text
        assert "Choose one of the listed reasons." in answer.text
    assert (await token(made.id)).state == "active"


async def test_a_step_that_the_state_does_not_allow_is_explained(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    await acting(lambda tx: service.end(tx, made.id, "returned"))
    answer = await browser.post(f"/tokens/{made.id}/block", data={"block_reason": "lost"})
    assert answer.status_code == 409
    assert "The state of the token does not allow this step." in answer.text


async def test_a_replaced_token_and_its_successor_name_each_other(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    answer = await browser.post(f"/tokens/{made.id}/replace", data={"replace_reason": "lost"})
    new = (await acting(lambda tx: store.tokens_of(tx, made.person_id)))[0]
    assert answer.headers["location"] == f"/tokens/{new.id}?notice=replaced"
    assert f"/tokens/{made.id}" in (await browser.get(f"/tokens/{new.id}")).text
    old = (await browser.get(f"/tokens/{made.id}")).text
    assert f"/tokens/{new.id}" in old
    assert "Lost" in old


async def test_a_token_is_found_by_its_number_however_it_is_typed(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    for typed in (made.number, readable_number(made.number).lower(), f"AM0:{made.number}"):
        answer = await browser.post("/tokens", data={"number": typed})
        assert answer.headers["location"] == f"/tokens/{made.id}"
    mistyped = await browser.post("/tokens", data={"number": "ABC"})
    assert mistyped.status_code == 422
    assert "mistyped" in mistyped.text
    unknown = await browser.post("/tokens", data={"number": "0000000000000002"})
    assert unknown.status_code == 422


async def test_the_list_shows_no_whole_number_and_says_when_it_is_empty(browser: AsyncClient) -> None:
    assert "No token has been issued yet" in (await browser.get("/tokens")).text
    made = await issued(await entitled())
    page = (await browser.get("/tokens")).text
    assert f"…{made.number[-4:]}" in page
    assert made.number not in page
    assert readable_number(made.number) not in page


async def test_asking_for_pages_changes_no_token(browser: AsyncClient) -> None:
    made = await issued(await entitled())
    before = await token(made.id)
    with clock.moved(clock.now() + timedelta(days=1)):
        for path in (f"/tokens/{made.id}", f"/tokens/{made.id}{WHY}&show=code", f"/persons/{made.person_id}{WHY}"):
            assert (await browser.get(path)).status_code == 200
        assert (await browser.get(f"/tokens/{made.id}/block")).status_code == 405
    assert (await token(made.id)).status == before.status


async def test_somebody_who_may_only_look_is_offered_no_step(town: Actor) -> None:
    made = await issued(await entitled())
    looking = Actor("staff", "s", "Supervisor", 2, "Jelgava", frozenset({"person.read", "token.read"}))
    async with client(house(looking, made.person_id)) as browser:
        page = (await browser.get(f"/tokens/{made.id}")).text
        person = (await browser.get(f"/persons/{made.person_id}")).text
    assert "/block" not in page
    assert "/replace" not in page
    assert "Letter (PDF)" not in page
    assert "Issue a QR code" not in person


def test_every_reason_for_a_block_has_words() -> None:
    assert set(BLOCK) == set(BlockReason)
