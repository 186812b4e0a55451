"""A town with a server, and somebody in it who has a right and a letter."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest

from amis.holder import service
from amis.issuing import store as tokens
from amis.kernel.db import transaction
from cards.token import State
from tests.holder.phone import Phone
from tests.town import CLERK, Site, needy

SINCE = date(2025, 1, 1)


@dataclass(slots=True)
class Holder:
    """A person with an active token on paper, and what the letter shows."""

    site: Site
    token_id: UUID
    paper: str
    since: date = SINCE

    async def code(self, token_id: UUID | None = None) -> str:
        """A code from the desk."""
        async with transaction(CLERK) as tx:
            return (await service.give_code(tx, token_id or self.token_id, service.AT_DESK)).code

    async def token(self) -> UUID:
        """The person's token that is active now."""
        person = await self.site.person()
        async with transaction(CLERK) as tx:
            return next(one.id for one in await tokens.tokens_of(tx, person) if one.state != State.ENDED)

    def phone(self) -> Phone:
        """A phone that nobody has used yet."""
        return Phone(self.site.http, self.site.url)

    async def enrolled(self) -> Phone:
        """A phone with the token on it."""
        phone = self.phone()
        answer = await phone.enrol(await self.code())
        assert answer.status_code == 201, answer.text
        return phone


@pytest.fixture
async def holder(site: Site) -> Holder:
    """Anna, whom the town calls needy since January of last year."""
    await site.states(needy("R1", 1, SINCE, None))
    return Holder(site, *await site.issue())
