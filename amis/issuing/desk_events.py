"""The page of a desk as it changes: server-sent events that any web process can give, as all news is in the rows."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy.exc import OperationalError
from starlette.requests import Request

from amis.issuing.desk_view import DeskPage, desk_page
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.db import transaction
from amis.web.environment import environment
from amis.web.events import event

LOOK_EVERY = 0.25
"""Seconds between two looks."""
LIST_EVERY = 6
"""Looks between two at the cards that wait: their holders' names are opened for it."""
STREAM_LASTS = timedelta(minutes=5)
"""After this the browser connects anew, and the guard looks at its session anew."""
PARTS = ("now", "waiting")


async def events(
    request: Request, actor: Actor, desk_id: UUID, language: str, words: Mapping[str, Any]
) -> AsyncIterator[str]:
    """Each part of the page whenever it reads differently."""
    templates = {part: environment(language).get_template(f"issuing/desk_{part}.html") for part in PARTS}
    end, shown = clock.now() + STREAM_LASTS, dict[str, str]()
    page: DeskPage | None = None
    for look in count():
        if clock.now() >= end or await request.is_disconnected():
            return
        try:
            async with transaction(actor) as tx:
                page = await desk_page(tx, desk_id, page.lines if page and look % LIST_EVERY else None)
        except OperationalError:
            # the database is away: the browser connects anew, and the page says so if it still is
            return
        for part, template in templates.items():
            text = template.render(page=page, live=True, card=None, **words)
            if shown.get(part) != text:
                shown[part] = text
                yield event(part, text)
        await asyncio.sleep(LOOK_EVERY)
