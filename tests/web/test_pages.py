import re

import httpx
import pytest
from jinja2 import UndefinedError

from amis.kernel.settings import settings
from amis.web.notices import NOTICES

LANGUAGES = pytest.mark.parametrize(("language", "sign_out"), [("lv", "Iziet"), ("en", "Sign out")])


@LANGUAGES
async def test_a_page_speaks_the_language_asked_for(client: httpx.AsyncClient, language: str, sign_out: str) -> None:
    answer = await client.get("/", params={"lang": language})
    assert f'<html lang="{language}"' in answer.text
    assert sign_out in answer.text
    assert answer.headers["content-language"] == language


async def test_the_choice_of_language_is_kept(client: httpx.AsyncClient) -> None:
    first = await client.get("/", params={"lang": "en"})
    assert "HttpOnly" in first.headers["set-cookie"]
    second = await client.get("/")
    assert '<html lang="en"' in second.text
    assert "set-cookie" not in second.headers


async def test_the_other_language_leads_to_the_same_page(client: httpx.AsyncClient) -> None:
    text = (await client.get("/forms", params={"from": "01.05.2026", "lang": "lv", "notice": "saved"})).text
    assert 'href="/forms?from=01.05.2026&amp;lang=en"' in text


async def test_a_notice_is_one_of_those_known(client: httpx.AsyncClient) -> None:
    assert NOTICES["saved"] in (await client.get("/", params={"notice": "saved", "lang": "en"})).text
    forged = (await client.get("/", params={"notice": "Call 6700000", "lang": "en"})).text
    assert "6700000" not in forged.split("<main", 1)[1].split("</main", 1)[0]


async def test_the_page_names_the_actor_and_the_municipality(client: httpx.AsyncClient) -> None:
    text = (await client.get("/")).text
    assert "Ilze Bērziņa" in text
    assert "Jelgavas valstspilsēta" in text
    assert '<form class="amis-header__sign-out" method="post" action="/sign-out">' in text


async def test_what_people_typed_is_never_markup(client: httpx.AsyncClient) -> None:
    text = (await client.get("/")).text
    assert "&lt;b&gt;Anna&lt;/b&gt; &amp; Ķ" in text
    assert "Anna &lt;script&gt;" in text
    assert 'value="&lt;i&gt;"' in (await client.get("/forms")).text


@pytest.mark.parametrize("path", ["/", "/forms", "/forms?wrong=1", "/problem/500"])
async def test_no_page_has_inline_code_or_style(client: httpx.AsyncClient, path: str) -> None:
    text = (await client.get(path)).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []


async def test_errors_are_told_at_the_top_and_at_the_field(client: httpx.AsyncClient) -> None:
    text = (await client.get("/forms", params={"wrong": "1", "lang": "lv"})).text
    assert "<title>Kļūda: " in text
    assert '<a href="#name">Radās kļūda</a>' in text
    assert 'id="name-error"' in text


async def test_a_name_nobody_gave_is_a_fault_of_the_template(client: httpx.AsyncClient) -> None:
    with pytest.raises(UndefinedError):
        await client.get("/strict")


async def test_a_phase_is_told_before_the_content(client: httpx.AsyncClient) -> None:
    before, _, _ = (await client.get("/forms")).text.partition("<main")
    assert "Nobody here is real" in before
    assert "govuk-phase-banner" not in (await client.get("/")).text


async def test_the_choice_is_kept_over_tls_alone_where_a_proxy_ends_it(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMIS_PUBLIC_URL", "https://amis.example.lv")
    settings.cache_clear()
    answer = await client.get("/", params={"lang": "en"})
    settings.cache_clear()
    assert "Secure" in answer.headers["set-cookie"]
