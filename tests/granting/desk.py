"""The pages of rules behind a real server, with two members of staff who can be seated before the browser in turn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from amis.concessions import service as concessions
from amis.concessions.drafts import ConcessionDraft, Description, GroupDraft, TermsDraft
from amis.concessions.seed_lv import JELGAVA
from amis.granting.pages import pages
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.register import service as register
from amis.staff.caller import SESSION
from amis.staff.guard import current_actor
from amis.staff.store import FoundSession
from amis.web import assets
from amis.web.faults import answer_faults
from amis.web.headers import SecurityHeaders
from rules.tariff import Discount, DiscountKind
from tests.browser import serving
from tests.granting.town import JELGAVA_ACTOR

_BOTH = frozenset({"rule.read", "rule.write", "rule.approve", "concession.read", "person.read", "fact.write"})
AUTHOR = Actor("staff", "author-1", "Ilze Bērziņa", JELGAVA, "Jelgava", _BOTH)
APPROVER = Actor("staff", "approver-1", "Jānis Ozols", JELGAVA, "Jelgava", _BOTH)
NEW = "JLG-PUPIL"
"""A concession that no rule grants yet."""


@dataclass
class Desk:
    """Where the pages are, and who sits before them."""

    url: str = ""
    seated: Actor = AUTHOR
    purposes: dict[str, str] = field(default_factory=dict)

    def session(self) -> FoundSession:
        """The session of whoever sits there."""
        label = self.seated.label
        return FoundSession(UUID(int=1), "open", UUID(int=2), 2, "Jelgava", label, "a@example.lv", (), self.purposes)


def application(desk: Desk) -> FastAPI:
    """The pages with the seated member of staff signed in."""
    app = FastAPI()
    app.include_router(pages)
    app.router.routes.extend(assets.routes())
    app.dependency_overrides[current_actor] = lambda: desk.seated
    answer_faults(app)
    return app


@asynccontextmanager
async def opened() -> AsyncIterator[Desk]:
    """The desk behind a server of its own."""
    desk = Desk()
    app = application(desk)

    async def signed_in(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, SESSION: desk.session()}, receive, send)

    async with serving(SecurityHeaders(signed_in, secure=False)) as desk.url:
        yield desk


async def new_concession() -> None:
    """A concession of the town without a rule."""
    said = Description("Skolēniem", "Pupils", "PUPILS", "Saistošie noteikumi Nr. 8", "JLG")
    terms = TermsDraft(date(2026, 1, 1), None, Discount(DiscountKind.PERCENT, Decimal(50)))
    async with transaction(JELGAVA_ACTOR) as tx:
        await concessions.define_group(tx, GroupDraft("PUPILS", "Skolēni", "Pupils"))
        await concessions.define_concession(tx, ConcessionDraft(NEW, said, terms))
        await register.define_group(tx, register.GroupDraft("choir", "Dziesmu svētku kora dalībnieki", "Choir singers"))
