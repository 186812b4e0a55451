"""The phone's own API over HTTP, with taps at a real terminal."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from amis.holder import api, codes, store
from amis.issuing import service as issuing
from amis.issuing import store as tokens
from amis.kernel import clock
from amis.kernel.db import transaction
from tests.holder.conftest import Holder
from tests.holder.phone import Phone
from tests.town import CLERK, days, needy

HOME, RIDES, WHY, CREDENTIAL = (f"/holder/v1/{name}" for name in ("home", "rides", "why", "credential"))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_screenshot_is_refused_and_an_old_code_and_a_repeated_one(holder: Holder) -> None:
    phone, tap = await holder.enrolled(), holder.site.tap
    shown, later = phone.shows(), phone.shows(clock.now() + timedelta(seconds=15))
    assert shown != later
    assert len(shown) <= 700
    first = await tap(shown)
    assert (first.verdict, first.reason) == ("ACCEPT", "OK")
    refused = [await tap(one) for one in (shown, phone.credential, phone.shows(clock.now() - timedelta(seconds=70)))]
    assert [one.reason for one in refused] == ["REPLAY", "SCREENSHOT", "PRESENTATION_STALE"]
    assert {one.verdict for one in refused} == {"DENY"}


async def test_what_the_token_was_on_before_no_longer_works(holder: Holder) -> None:
    first = await holder.enrolled()
    assert (await holder.site.tap(holder.paper)).reason == "TOKEN_BLOCKED"
    second = holder.phone()
    assert (await second.enrol(await holder.code(await holder.token()))).status_code == 201
    assert (await holder.site.tap(first.shows())).reason == "TOKEN_BLOCKED"
    assert refusal(await first.renew()) == (401, "holder_device_unknown")
    assert (await holder.site.tap(second.shows())).verdict == "ACCEPT"


async def test_a_code_works_once_and_a_wrong_one_says_no_more_than_a_used_one(holder: Holder) -> None:
    replaced, given = await holder.code(), await holder.code()
    with clock.moved(clock.now() + timedelta(hours=24, seconds=1)):
        answers = [await holder.phone().enrol(given)]
    assert (await holder.phone().enrol(given)).status_code == 201
    answers += [await holder.phone().enrol(code) for code in (replaced, given, "00000-00000", "", "k")]
    assert {refusal(answer) for answer in answers} == {(422, "holder_code_refused")}
    assert len({answer.json()["title"] for answer in answers}) == 1


async def test_two_phones_race_for_one_code_and_one_gets_it(holder: Holder) -> None:
    given, phones = await holder.code(), [holder.phone() for _ in range(4)]
    other = phones[0].enrolment(given)["jwk"]
    # without the proof of the key the code is not even looked at
    assert refusal(await phones[1].enrol(given, jwk=other)) == (401, "holder_proof_refused")
    answers = await asyncio.gather(*(phone.enrol(given) for phone in phones))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


async def test_a_code_given_while_another_is_used_waits_for_it(holder: Holder) -> None:
    given = await holder.code()
    async with transaction(CLERK) as tx:
        known = await store.code_by_digest(tx, codes.digest(given))
        assert known is not None
        await store.lock_code(tx, known.id)
        later = asyncio.create_task(holder.code())
        await asyncio.sleep(0.1)
        await tokens.lock_token(tx, holder.token_id)
    assert await later != given


async def test_many_wrong_codes_stop_all_guessing(holder: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "WRONG_A_MINUTE", 2)
    monkeypatch.setattr(api, "_wrong", codes.Wrong())
    with clock.moved(clock.now().replace(second=1)):
        answers = [refusal(await holder.phone().enrol("00000-00000"))[0] for _ in range(4)]
    assert answers == [422, 422, 429, 429]


async def test_a_key_that_is_in_use_cannot_take_a_second_token(holder: Holder) -> None:
    phone = await holder.enrolled()
    again = Phone(phone.http, phone.url, phone.key)
    assert refusal(await again.enrol(await holder.code(await holder.token()))) == (409, "holder_device_in_use")
    assert (await holder.site.tap(phone.shows())).verdict == "ACCEPT"


async def test_a_phone_gets_nothing_while_its_token_is_blocked_and_never_after_its_end(holder: Holder) -> None:
    phone = await holder.enrolled()
    token = await holder.token()
    given = await holder.code(token)
    async with transaction(CLERK) as tx:
        await issuing.block(tx, token, "misuse")
    assert refusal(await phone.renew()) == (409, "holder_token_blocked")
    assert refusal(await holder.phone().enrol(given)) == (409, "holder_token_blocked")
    assert refusal(await phone.ask("DELETE", "/holder/v1/device")) == (409, "holder_token_blocked")
    assert (await phone.ask("GET", HOME)).json()["state"] == "blocked"
    assert (await holder.site.tap(phone.shows())).reason == "TOKEN_BLOCKED"
    async with transaction(CLERK) as tx:
        await issuing.unblock(tx, token, "cleared")
    assert (await phone.renew()).status_code == 200
    assert (await holder.site.tap(phone.shows())).verdict == "ACCEPT"
    assert (await phone.ask("DELETE", "/holder/v1/device")).status_code == 200
    assert refusal(await phone.renew()) == (401, "holder_device_unknown")
    assert (await holder.site.tap(phone.shows(clock.now() + timedelta(seconds=2)))).reason == "TOKEN_BLOCKED"


async def test_a_lost_phone_tells_whoever_has_it_nothing_of_its_holder(holder: Holder) -> None:
    phone, token = await holder.enrolled(), await holder.token()
    for state, deed in (("blocked", issuing.block), ("ended", issuing.replace)):
        async with transaction(CLERK) as tx:
            await deed(tx, token, "lost")
        home = (await phone.ask("GET", HOME)).json()
        assert (home["state"], home["have"]) == (state, [])
        for path in (RIDES, WHY):
            assert refusal(await phone.ask("GET", path)) == (409, f"holder_token_{state}")


async def test_a_token_that_was_replaced_gives_nothing_to_its_phone(holder: Holder) -> None:
    phone, token = await holder.enrolled(), await holder.token()
    async with transaction(CLERK) as tx:
        await issuing.replace(tx, token, "lost")
    assert refusal(await phone.renew()) == (409, "holder_token_ended")
    assert (await holder.site.tap(phone.shows())).reason == "TOKEN_BLOCKED"


async def test_a_renewal_is_the_same_until_half_of_it_is_over(holder: Holder) -> None:
    phone = await holder.enrolled()
    first = phone.credential
    await phone.renew()
    assert phone.credential == first
    with clock.moved(clock.now() + days(16)):
        answer = await phone.renew()
        assert phone.credential != first
        assert answer.json()["expires"] > (clock.now() + days(29)).isoformat()
        assert (await holder.site.tap(phone.shows())).verdict == "ACCEPT"


async def test_a_lost_right_gives_the_phone_another_token_and_the_old_promise_is_invalid(holder: Holder) -> None:
    phone, before = await holder.enrolled(), await holder.token()
    old = phone.credential
    shorter = clock.today() + days(9)
    await holder.site.states(needy("R1", 2, holder.since, shorter))
    assert (await phone.renew()).status_code == 200
    after = await holder.token()
    assert after != before
    async with transaction(CLERK) as tx:
        ended, now = await tokens.get_token(tx, before), await tokens.get_token(tx, after)
    assert (ended.state, ended.status, now.state, now.status) == ("ended", 1, "active", 0)
    assert (await holder.site.tap(phone.shows())).verdict == "ACCEPT"
    phone.credential = old
    assert (await holder.site.tap(phone.shows(clock.now() + timedelta(seconds=2)))).reason == "TOKEN_BLOCKED"


async def test_nothing_granted_is_nothing_renewed(holder: Holder) -> None:
    phone = await holder.enrolled()
    await holder.site.states(needy("R1", 2, holder.since, None, op="withdraw"))
    assert refusal(await phone.renew()) == (409, "token_nothing_granted")


async def test_a_request_without_a_proof_of_its_own_is_turned_away(holder: Holder) -> None:
    phone = await holder.enrolled()
    assert refusal(await phone.ask("GET", HOME, iat=1)) == (401, "holder_clock_off")
    assert refusal(await phone.ask("GET", HOME, htm="PUT")) == (401, "holder_proof_refused")
    assert refusal(await phone.http.get(f"{phone.url}{HOME}")) == (401, "holder_proof_refused")
    assert refusal(await holder.phone().ask("GET", HOME)) == (401, "holder_device_unknown")
    headers = {"dpop": phone.proof("GET", HOME)}
    answers = [await phone.http.get(f"{phone.url}{HOME}", headers=headers) for _ in range(2)]
    assert answers[0].status_code == 200
    assert refusal(answers[1]) == (401, "holder_proof_reused")


async def test_a_holder_sees_what_is_left_where_it_was_used_and_why(holder: Holder) -> None:
    phone = await holder.enrolled()
    shown = [phone.shows(clock.now() + timedelta(seconds=step)) for step in range(3)]
    for text in (shown[0], shown[0], shown[1], shown[2]):
        await holder.site.tap(text)
    (have,) = (await phone.ask("GET", HOME)).json()["have"]
    assert have["name"]["en"] == "Persons of working age in needy and low-income households"
    assert have["left"] == {"left": "17", "of": "20", "per": "month", "money": False}
    rides = (await phone.ask("GET", RIDES)).json()
    assert [one["verdict"] for one in rides["rides"]] == ["ACCEPT", "ACCEPT", "DENY", "ACCEPT"]
    assert [one["reason"] for one in rides["rides"]] == ["OK", "OK", "REPLAY", "OK"]
    assert rides["next"] is None
    answers = (await phone.ask("GET", WHY)).json()
    given = [one["holds"] for one in answers]
    assert given == sorted(given, key=[True, None, False].index)
    assert given[0] is True
    assert all(one["sentences"][0]["text"]["lv"] for one in answers)
    assert any(one["wanted"] for one in answers if one["holds"] is False)
    assert "Ozola" not in str(have) + str(rides) + str(answers)


async def test_rides_come_in_pages(holder: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "RIDES", 2)
    phone, seen, query = await holder.enrolled(), [], ""
    for step in range(5):
        await holder.site.tap(phone.shows(clock.now() + timedelta(seconds=step)))
    for _ in range(3):
        page = (await phone.ask("GET", RIDES, query)).json()
        seen += [one["id"] for one in page["rides"]]
        query = f"?before={page['next']}".replace("+", "%2B")
    assert len(seen) == len(set(seen)) == 5
    for wrong in ("?before=x", "?before=2026-01-01T00:00:00~00000000-0000-0000-0000-000000000000"):
        assert refusal(await phone.ask("GET", RIDES, wrong)) == (422, "holder_page_unknown")
