from datetime import timedelta

import pytest

from amis.kernel import clock
from tests.staff.signing import sign_in


async def _actions(connection):
    return [row[0] for row in await (await connection.execute("SELECT action FROM audit ORDER BY id")).fetchall()]


async def test_the_start_page_sends_a_stranger_to_sign_in(browser, clerk):
    answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_after_signing_in_the_start_page_says_what_one_may_do(browser, clerk):
    answer = await sign_in(browser, clerk, clock.now())
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    page = (await browser.get("/")).text
    assert "Anna Ozola" in page
    assert "Open persons&#39; data" in page
    assert "Read the audit trail" not in page


async def test_the_page_that_was_asked_for_comes_after_signing_in(browser, clerk):
    asked = await browser.get("/account?x=1")
    assert asked.headers["location"] == "/sign-in?next=/account%3Fx%3D1"
    form = await browser.get(asked.headers["location"])
    assert 'name="next" value="/account?x=1"' in form.text
    first = await browser.post(
        "/sign-in", data={"email": clerk.email, "password": clerk.password, "next": "/account?x=1"}
    )
    assert first.headers["location"] == "/sign-in/code?next=/account%3Fx%3D1"
    done = await browser.post("/sign-in/code", data={"code": clerk.code(clock.now()), "next": "/account?x=1"})
    assert done.headers["location"] == "/account?x=1"


async def test_nobody_is_led_to_another_site(browser, clerk):
    form = await browser.get("/sign-in?next=//evil.example")
    assert 'name="next" value="/"' in form.text


@pytest.mark.parametrize("email", ["anna@example.test", "nobody@example.test", ""])
async def test_a_wrong_password_and_an_unknown_address_show_the_same_error(browser, clerk, email):
    answer = await browser.post("/sign-in", data={"email": email, "password": "wrong"})
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers
    assert "The e-mail address or password is wrong" in answer.text


async def test_a_wrong_code_shows_its_error_and_lets_nobody_in(browser, clerk):
    await browser.post("/sign-in", data={"email": clerk.email, "password": clerk.password})
    answer = await browser.post("/sign-in/code", data={"code": "000000"})
    assert answer.status_code == 422
    assert "The code is wrong" in answer.text
    assert (await browser.get("/account")).status_code == 303


async def test_the_password_alone_opens_nothing(browser, clerk):
    await browser.post("/sign-in", data={"email": clerk.email, "password": clerk.password})
    assert (await browser.get("/account")).status_code == 303


async def test_the_code_without_the_password_begins_again(browser, clerk):
    answer = await browser.post("/sign-in/code", data={"code": clerk.code(clock.now())})
    assert answer.status_code == 422
    assert "start again" in answer.text


async def test_a_planted_cookie_is_replaced_on_signing_in(browser, clerk):
    browser.cookies.set("amis", "planted-by-somebody", domain="localhost.local", path="/")
    await sign_in(browser, clerk, clock.now())
    assert (await browser.get("/account")).status_code == 200
    assert "planted-by-somebody" not in browser.cookies.values()


async def test_signing_out_ends_the_session_on_the_server(browser, browse, clerk):
    await sign_in(browser, clerk, clock.now())
    kept = dict(browser.cookies)
    answer = await browser.post("/sign-out")
    assert answer.headers["location"] == "/sign-in?notice=signed-out"
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    async with browse() as thief:
        thief.cookies.update(kept)
        assert (await thief.get("/account")).status_code == 303


async def test_signing_in_anew_ends_the_session_that_the_browser_loses(browser, browse, clerk):
    at = clock.now()
    await sign_in(browser, clerk, at)
    kept = dict(browser.cookies)
    with clock.moved(at + timedelta(seconds=30)):
        await sign_in(browser, clerk, clock.now())
    async with browse() as thief:
        thief.cookies.update(kept)
        assert (await thief.get("/account")).status_code == 303
    assert (await browser.get("/account")).status_code == 200


async def test_signing_out_without_a_session_is_no_error(browser, clerk):
    assert (await browser.post("/sign-out")).status_code == 303


async def test_one_sees_and_ends_ones_own_sessions(browser, browse, clerk, owner_connection):
    at = clock.now()
    await sign_in(browser, clerk, at)
    async with browse() as other:
        with clock.moved(at + timedelta(seconds=30)):
            await sign_in(other, clerk, at + timedelta(seconds=30))
        page = (await browser.get("/account")).text
        assert "(this one)" in page
        ending = page.split('action="/account/sessions/')[1].split('"')[0]
        assert (await browser.post(f"/account/sessions/{ending}")).status_code == 303
        assert (await other.get("/account")).status_code == 303
    assert (await browser.get("/account")).status_code == 200


@pytest.mark.parametrize("page", ["/sign-in", "/sign-in/code"])
@pytest.mark.parametrize(("language", "word"), [("lv", "Pieteikties"), ("en", "Sign in")])
async def test_signing_in_speaks_both_languages(browser, clerk, page, language, word):
    assert word in (await browser.get(page, headers={"accept-language": language})).text


async def test_form_fields_too_many_or_too_long_are_refused(browser, clerk):
    assert (await browser.post("/sign-in", data={"email": "x" * 1001, "password": "y"})).status_code == 422
