"""The fields of a posted form."""

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from amis.web.posted import posted, posted_file


async def echo(request: Request) -> JSONResponse:
    return JSONResponse(await posted(request, "name", "reason"))


async def weigh(request: Request) -> JSONResponse:
    return JSONResponse({"bytes": str(len(await posted_file(request)))})


APP = Starlette(routes=[Route("/", echo, methods=["POST"]), Route("/file", weigh, methods=["POST"])])


async def sent(path: str = "/", **form: object) -> dict[str, str]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(APP), base_url="http://amis.example") as http:
        answer: dict[str, str] = (await http.post(path, **form)).json()  # type: ignore[arg-type]  # handed on as it comes
        return answer


async def test_text_comes_without_the_blanks_around_it() -> None:
    assert await sent(data={"name": "  Ilze Kalniņa\t", "other": "x"}) == {"name": "Ilze Kalniņa", "reason": ""}


async def test_a_file_in_place_of_text_is_no_text() -> None:
    assert await sent(files={"name": ("name.txt", b"Ilze")}) == {"name": "", "reason": ""}


async def test_a_file_is_read_and_text_in_its_place_is_no_file() -> None:
    assert await sent("/file", files={"file": ("card.jpg", b"12345")}) == {"bytes": "5"}
    assert await sent("/file", data={"file": "card.jpg"}) == {"bytes": "0"}
    assert await sent("/file") == {"bytes": "0"}
