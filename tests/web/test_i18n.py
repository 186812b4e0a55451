import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from amis.web.i18n import LANGUAGES, language_of, preferred, translate, translations


def asking(query: str = "", cookie: str = "", accept: str = "") -> Request:
    headers = [(b"cookie", cookie.encode()), (b"accept-language", accept.encode())]
    return Request({"type": "http", "path": "/", "query_string": query.encode(), "headers": headers})


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "lv"),
        ("de-DE, de", "lv"),
        ("en-GB,en;q=0.9,lv;q=0.8", "en"),
        ("lv;q=0.7, en;q=0.3", "lv"),
        ("en;q=0, lv;q=0.1", "lv"),
        ("ru, en;q=0.5", "en"),
        ("EN", "en"),
        ("en;q=high", "lv"),
        ("*", "lv"),
    ],
)
def test_accept_language_is_weighed(header: str, language: str) -> None:
    assert preferred(header) == language


@given(st.text())
def test_any_header_gives_one_of_our_languages(header: str) -> None:
    assert preferred(header) in LANGUAGES


def test_the_address_wins_over_the_cookie_and_the_cookie_over_the_browser() -> None:
    assert language_of(asking("lang=en", "lang=lv", "lv")) == "en"
    assert language_of(asking("", "lang=lv", "en")) == "lv"
    assert language_of(asking("", "", "en")) == "en"


def test_a_language_we_do_not_speak_is_ignored() -> None:
    assert language_of(asking("lang=de", "lang=fr", "en")) == "en"


def test_texts_of_all_rooms_are_in_one_place() -> None:
    assert translate("lv", "Sign out") == "Iziet"
    assert translate("lv", "You have no permission for this.") == "Jums nav tiesību to darīt."
    assert translate("en", "Sign out") == "Sign out"


def test_an_unknown_text_stays_as_it_is_and_an_empty_one_empty() -> None:
    assert translate("lv", "100 % of %(nothing)s") == "100 % of %(nothing)s"
    assert translate("lv", "") == ""


def test_latvian_has_three_plural_forms() -> None:
    forms = [translations("lv").plural(n) for n in (0, 1, 2, 10, 11, 21, 111, 101)]
    assert forms == [2, 0, 1, 1, 1, 0, 1, 0]
