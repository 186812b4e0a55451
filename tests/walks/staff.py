"""Members of staff at the doors of a site: accounts and open sessions, without the pages of signing in."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import count

import httpx

from amis.concessions.seed_lv import JELGAVA
from amis.kernel.actor import system
from amis.kernel.db import transaction
from amis.staff import cookies, service
from tests.town import Site

RIGA = 3
ROLES = ("clerk", "validator_admin", "municipal_admin", "auditor", "social_engineer", "supervisor")
PASSWORD = "krāsaina-ūdensroze-17"
_numbers = count(1)


async def session(site: Site, roles: Iterable[str], municipality: int = JELGAVA) -> str:
    """The cookie header of a new member of staff who has signed in."""
    email = f"darbinieks-{next(_numbers)}@jelgava.example"
    async with transaction(system("test", municipality)) as tx:
        account, _ = await service.create_account(tx, email, "Ieva Tests", PASSWORD, roles)
        secret = await service.open_session(tx, account.id, "open", "test", timedelta(hours=1))
    return f"{cookies.cookie_name(site.settings)}={secret}"


async def caller(site: Site, roles: Iterable[str], municipality: int = JELGAVA) -> httpx.AsyncClient:
    """A browser in which a new member of staff with these roles has signed in."""
    return browser(site, await session(site, roles, municipality))


def browser(site: Site, cookie: str = "") -> httpx.AsyncClient:
    """A browser at the site, asking for pages."""
    headers = {"accept": "text/html", "sec-fetch-site": "same-origin", "accept-language": "en"}
    headers |= {"cookie": cookie} if cookie else {}
    return httpx.AsyncClient(base_url=site.url, headers=headers, timeout=30)
