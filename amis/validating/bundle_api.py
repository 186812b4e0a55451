"""The bundle as terminals fetch it: whole, part by part, and change by change as it happens."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from sqlalchemy.exc import OperationalError
from starlette.responses import Response, StreamingResponse

from amis.issuing.published import is_known
from amis.kernel import clock
from amis.kernel.actor import Actor
from amis.kernel.body import StrictRoute
from amis.kernel.db import transaction
from amis.kernel.errors import Unavailable
from amis.kernel.permission import permission
from amis.staff.guard import current_actor
from amis.validating import bundle_store
from amis.validating.bundle_feed import Feed
from amis.validating.bundle_store import Change
from amis.validating.errors import BundleGap
from cards import cbor

COSE = "application/cose"
CBOR = "application/cbor"
LONGEST_WAIT = 30
"""Seconds that a request for changes may wait."""
COMMENT_EVERY = 15.0
"""Seconds of silence after which a stream says that it is still there."""
STREAM_LASTS = timedelta(minutes=5)
"""After this the terminal connects anew, and the guard looks at its bearer anew."""
_NEWEST_NUMBER = 1 << 53

router = APIRouter(route_class=StrictRoute, tags=["terminals"])
Caller = Annotated[Actor, Depends(current_actor)]
Seq = Annotated[int, Query(ge=0, le=_NEWEST_NUMBER)]
Wait = Annotated[int, Query(ge=0, le=LONGEST_WAIT)]
_GONE: dict[int | str, dict[str, Any]] = {410: {"description": "No delta leads on from here: take the manifest."}}
_NOT_YET: dict[int | str, dict[str, Any]] = {503: {"description": "Nothing is published for this provider yet."}}


@router.get(
    "/terminal/v1/manifest",
    response_class=Response,
    responses={200: {"content": {COSE: {}}}, 304: {"description": "unchanged"}, **_NOT_YET},
)
@permission("bundle.read")
async def manifest(request: Request, actor: Caller) -> Response:
    """The newest whole manifest of the terminal's provider."""
    async with transaction(actor) as tx:
        found = await bundle_store.newest_manifest(tx, await bundle_store.provider_of(tx, actor))
    tag = f'"{found.seq}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if is_known(tag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(found.manifest, media_type=COSE, headers=headers)


@router.get(
    "/terminal/v1/parts/{sha256}",
    response_class=Response,
    responses={200: {"content": {COSE: {}}}, 404: {"description": "The bundle has no such part now."}},
)
@permission("bundle.read")
async def part(
    actor: Caller,
    sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")],
    name: Annotated[str | None, Query(max_length=64)] = None,
) -> Response:
    """The signed object of the provider's part with this content; `name` as the manifest's address gives it."""
    async with transaction(actor) as tx:
        provider_id = await bundle_store.provider_of(tx, actor)
        found = await bundle_store.part(tx, provider_id, bytes.fromhex(sha256), name)
    # what a part says never changes; its signature may be made anew
    return Response(found.signed, media_type=COSE, headers={"cache-control": "private, max-age=86400, immutable"})


@router.get(
    "/terminal/v1/changes",
    response_class=Response,
    responses={200: {"content": {CBOR: {}}}, 204: {"description": "Nothing new within the wait."}, **_GONE},
)
@permission("bundle.read")
async def changes(request: Request, actor: Caller, since: Seq, wait: Wait = 0) -> Response:
    """The signed deltas from `since` on, in order, as a CBOR array of byte strings; waits up to `wait` seconds."""
    try:
        found = await _waited(request, actor, await _provider(request, actor), since, wait)
    except asyncio.CancelledError as ending:
        raise Unavailable("the server goes, another one comes") from ending
    headers = {"cache-control": "no-store"}
    if not found:
        return Response(status_code=204, headers=headers)
    deltas: list[cbor.Value] = [one.delta for one in found if one.delta is not None]
    return Response(cbor.encode(deltas), media_type=CBOR, headers=headers)


@router.get(
    "/terminal/v1/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}, **_NOT_YET},
)
@permission("bundle.read")
async def stream(
    request: Request,
    actor: Caller,
    since: Annotated[int | None, Query(ge=0, le=_NEWEST_NUMBER)] = None,
    last_event_id: Annotated[str, Header(pattern="^[0-9]{0,16}$")] = "",
) -> Response:
    """Deltas, and manifests where no delta leads on, as server-sent events (WHATWG HTML section 9.2).

    It begins after the number that Last-Event-ID, else `since`, says; without either with the manifest.
    """
    async with transaction(actor) as tx:
        provider_id = await bundle_store.provider_of(tx, actor)
        await bundle_store.newest_manifest(tx, provider_id)
    start = int(last_event_id) if last_event_id else since
    events = _events(request, actor, provider_id, start)
    return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-store"})


async def _provider(request: Request, actor: Actor) -> UUID:
    """The provider of the terminal, asked for once in a process: a terminal never goes to another one."""
    known: dict[str, UUID] = request.state.feed.providers
    if actor.id not in known:
        async with transaction(actor) as tx:
            known[actor.id] = await bundle_store.provider_of(tx, actor)
    return known[actor.id]


async def _waited(request: Request, actor: Actor, provider_id: UUID, since: int, wait: float) -> Sequence[Change]:
    """The changes after `since`, as soon as there are any; none after so many seconds."""
    feed: Feed = request.state.feed
    until = asyncio.get_running_loop().time() + wait
    while True:
        news = feed.next_news()
        found = await _changes(feed, actor, provider_id, since)
        left = until - asyncio.get_running_loop().time()
        if found or left <= 0:
            return found
        with suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), left)


async def _changes(feed: Feed, actor: Actor, provider_id: UUID, since: int) -> Sequence[Change]:
    found = feed.known(provider_id, since)
    if found is None:
        async with transaction(actor) as tx:
            found = await bundle_store.changes(tx, provider_id, since)
    return found


async def _events(request: Request, actor: Actor, provider_id: UUID, since: int | None) -> AsyncIterator[str]:
    end = clock.now() + STREAM_LASTS
    while clock.now() < end:
        try:
            events, since = await _next_events(request, actor, provider_id, since)
        except OperationalError:
            # the database is away: the terminal connects anew
            return
        yield events


async def _next_events(request: Request, actor: Actor, provider_id: UUID, since: int | None) -> tuple[str, int | None]:
    """What comes next in a stream that has told all up to `since`, and up to where it then has."""
    if since is not None:
        with suppress(BundleGap):
            found = await _waited(request, actor, provider_id, since, COMMENT_EVERY)
            told = "".join(_event("delta", one.seq, one.delta) for one in found if one.delta is not None)
            return (told, found[-1].seq) if found else (": still here\n\n", since)
    async with transaction(actor) as tx:
        whole = await bundle_store.newest_manifest(tx, provider_id)
    return _event("manifest", whole.seq, whole.manifest), whole.seq


def _event(name: str, seq: int, content: bytes) -> str:
    return f"event: {name}\nid: {seq}\ndata: {b64encode(content).decode()}\n\n"
