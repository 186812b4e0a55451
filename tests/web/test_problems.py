import httpx
import pytest
from starlette.requests import Request

from amis.web.problems import wants_page


@pytest.mark.parametrize(
    ("status", "latvian", "english"),
    [
        (403, "Šo lapu jūs nevarat atvērt", "You cannot open this page"),
        (404, "Lapa nav atrasta", "Page not found"),
        (422, "Ievadītajā ir kļūda", "There is a mistake in what you entered"),
        (500, "Diemžēl kaut kas nogāja greizi", "Sorry, something went wrong"),
    ],
)
async def test_a_problem_is_told_in_both_languages(
    client: httpx.AsyncClient, status: int, latvian: str, english: str
) -> None:
    for language, text in (("lv", latvian), ("en", english)):
        answer = await client.get(f"/problem/{status}", params={"lang": language})
        assert answer.status_code == status
        assert f'<h1 class="govuk-heading-l">{text}</h1>' in answer.text


@pytest.mark.parametrize(("status", "shown"), [(418, "There is a mistake"), (507, "Sorry")])
async def test_a_rare_status_is_kept_and_shown_as_its_family(
    client: httpx.AsyncClient, status: int, shown: str
) -> None:
    answer = await client.get(f"/problem/{status}", params={"lang": "en"})
    assert answer.status_code == status
    assert shown in answer.text


async def test_the_inside_of_a_fault_is_not_shown(client: httpx.AsyncClient) -> None:
    assert "secret" in (await client.get("/problem/403")).text
    assert "secret" not in (await client.get("/problem/500")).text


def test_a_page_goes_to_those_who_read_pages() -> None:
    def accepting(value: bytes) -> Request:
        return Request({"type": "http", "headers": [(b"accept", value)]})

    assert wants_page(accepting(b"text/html,application/xhtml+xml;q=0.9"))
    assert not wants_page(accepting(b"application/json"))
