"""A terminal as a stranger would drive it: a paired machine's bearer, and requests that its own program never sends."""

import json
from pathlib import Path
from typing import Any

import httpx

from amis.demo.town import approve_terminal, install_terminal
from amis.kernel import clock
from cards.bearer import assertion
from cards.pair import pair, paired
from tests.town import Site

JSON = "application/json"
TAPS = "/v1/validations"
_JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


async def bearer(site: Site, name: str = "raw") -> str:
    """The bearer token of a newly paired and approved terminal of the bus company."""
    machine_id, code = await install_terminal(site.town, name)
    home = site.home / str(machine_id)
    await pair(site.url, code, home, site.http)
    await approve_terminal(machine_id)
    return await bearer_in(site, home)


async def bearer_in(site: Site, home: Path) -> str:
    """The bearer token of the approved machine whose pairing lies in that folder."""
    form = {"grant_type": "client_credentials", "client_assertion_type": _JWT_BEARER}
    form["client_assertion"] = assertion(*paired(home), clock.now())
    answer = await site.http.post(f"{site.url}/machine/v1/token", data=form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def tap(seq: int, token: str, **changed: Any) -> dict[str, Any]:
    """The members of a tap that is in order, but for what is changed."""
    return {"seq": seq, "token": token, "at": clock.now().isoformat(), "gross": "0.85"} | changed


async def post(site: Site, bearer: str, body: bytes | dict[str, Any], content_type: str = JSON) -> httpx.Response:
    """Sends a body as that terminal; an empty bearer sends none."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": content_type} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
    return await site.http.post(f"{site.url}{TAPS}", content=content, headers=headers)
