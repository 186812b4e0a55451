"""A receiver of webhooks on a port of its own, and entries of a feed for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from psycopg import AsyncConnection
from psycopg.types.json import Jsonb
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from amis.kernel import clock
from tests.browser import serving

TOWN = 7


@dataclass(slots=True)
class Sink:
    """Answers with the statuses in `answers`, one each, then with 204; keeps what came."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    came: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        """One message."""
        self.came.append((dict(request.headers), await request.body()))
        status = self.answers.pop(0) if self.answers else 204
        headers = {"location": f"{self.url}?elsewhere"} if status == 302 else {}
        return Response("x" * 5_000 if status == 500 else None, status, headers)


@asynccontextmanager
async def sink() -> AsyncIterator[Sink]:
    """A sink that listens."""
    made = Sink()
    async with serving(Starlette(routes=[Route("/hook", made.take, methods=["POST", "GET"])])) as address:
        made.url = f"{address}/hook"
        yield made


async def tell(owner: AsyncConnection, *told: tuple[str, UUID | None], town: int = TOWN) -> None:
    """Entries of the town's feed, as the sequencer would write them: topic and person."""
    for topic, subject in told:
        await owner.execute(
            "WITH head AS (INSERT INTO feed_head AS known (municipality_id, seq) VALUES (%(town)s, 1)"
            " ON CONFLICT (municipality_id) DO UPDATE SET seq = known.seq + 1 RETURNING seq)"
            " INSERT INTO feed SELECT %(town)s, seq, 'thing', %(ref)s, %(topic)s, %(subject)s, %(data)s, %(at)s, %(at)s"
            " FROM head",
            {"town": town, "ref": uuid4(), "topic": topic, "subject": subject, "at": clock.now()}
            | {"data": Jsonb({"vārds": "ķīlis"})},
        )
