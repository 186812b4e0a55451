"""Keeping the bundle up to date: by a stream, else by long polls, and whole where there is a gap."""

from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import cast

import httpx

from cards import cbor
from cards.errors import Malformed
from terminals.bundle.errors import BundleRefused, ObjectUnreadable, Rollback, SignerUnknown
from terminals.bundle.holding import Holding
from terminals.bundle.manifest import Part
from terminals.errors import Refused
from terminals.events import Event, events
from terminals.link import Link

MANIFEST, STREAM, CHANGES = "/terminal/v1/manifest", "/terminal/v1/stream", "/terminal/v1/changes"
WAIT = 30
"""Seconds that a long poll is held."""
_POLLS = 20
"""After so many long polls the stream is tried again."""


class Feed:
    """What makes a holding follow its service."""

    def __init__(
        self,
        link: Link,
        holding: Callable[[], Holding],
        now: Callable[[], datetime],
        took: Callable[[], None] = lambda: None,
    ) -> None:
        """`took` is called whenever the holding has changed."""
        self._link = link
        self._held = holding
        self._now = now
        self._took = took
        self._etag = ""
        self._polls = 0

    @property
    def _holding(self) -> Holding:
        return self._held()

    async def follow(self) -> None:
        """Catches up, then takes changes until the connection ends, as it does every few minutes.

        Raises:
            Unreachable, Refused, Revoked: ask again later.
            BundleRefused: something that is not to be believed was sent; what is held stays.
        """
        try:
            await self.refresh()
            if self._polls:
                self._polls -= 1
                await self.poll()
            else:
                await self.stream()
        except BundleRefused:
            self._etag = ""
            raise

    async def refresh(self) -> None:
        """Takes the newest whole state, where it is newer than what is held; raises as `follow`."""
        response = await self._link.ask("GET", MANIFEST, headers=self._known())
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return
        # an older whole state than the changes have led to is no news
        with suppress(Rollback):
            await self._take_manifest(_content(response))
        tag = response.headers.get("etag", "")
        # a tag that came damaged cannot be sent back
        self._etag = tag if tag.isascii() else ""

    async def poll(self, wait: int = WAIT) -> None:
        """Takes what has changed, waiting so many seconds for it; raises as `follow`."""
        response = await self._link.ask(
            "GET", f"{CHANGES}?since={self._holding.seq or 0}&wait={wait}", patience=wait + 10.0
        )
        if response.status_code == httpx.codes.GONE:
            self._etag = ""
            await self.refresh()
        elif response.status_code != httpx.codes.NO_CONTENT:
            for delta in deltas(_content(response)):
                await self._take_delta(delta)

    async def stream(self) -> None:
        """Takes changes as they come until the stream ends; raises as `follow`."""
        self._polls = _POLLS
        last = {"accept": "text/event-stream", "last-event-id": str(self._holding.seq or 0)}
        async with self._link.stream(STREAM, last) as response:
            if response.status_code != httpx.codes.OK:
                return
            async for event in events(self._heard(response)):
                await self._take_event(event)

    async def _heard(self, response: httpx.Response) -> AsyncIterator[str]:
        async for line in response.aiter_lines():
            # a proxy that holds streams back lets nothing through: only what is heard spares the long polls
            self._polls = 0
            yield line

    def _known(self) -> dict[str, str]:
        # after a wipe nothing is held of what was taken before
        return {"if-none-match": self._etag} if self._etag and self._holding.seq is not None else {}

    async def _take_event(self, event: Event) -> None:
        try:
            content = b64decode(event.data, validate=True)
        except (NoBase64, ValueError):
            raise ObjectUnreadable("no base64") from None
        # what came before the connection was made comes once more
        with suppress(Rollback):
            if event.name == "delta":
                await self._take_delta(content)
            elif event.name == "manifest":
                await self._take_manifest(content)

    async def _take_delta(self, delta: bytes) -> None:
        self._holding.apply_delta(delta, self._now())
        await self._complete()

    async def _take_manifest(self, manifest: bytes) -> None:
        holding = self._holding
        try:
            holding.update_manifest(manifest, self._now())
        except SignerUnknown:
            trust_list = holding.named_trust(manifest)
            holding.update_trust(await self._part(trust_list), self._now())
            holding.update_manifest(manifest, self._now())
        await self._complete()

    async def _complete(self) -> None:
        while missing := self._holding.missing():
            self._holding.update_part(missing[0], await self._part(missing[0]), self._now())
        self._took()

    async def _part(self, part: Part) -> bytes:
        if not part.href.startswith("/"):
            raise ObjectUnreadable(f"{part.href}: an address at the service is expected")
        return _content(await self._link.ask("GET", part.href))


def _content(response: httpx.Response) -> bytes:
    if response.status_code != httpx.codes.OK:
        raise Refused(f"{response.status_code} {response.url.path}")
    return response.content


def deltas(content: bytes) -> Iterable[bytes]:
    """The signed deltas of an answer about changes.

    Raises:
        ObjectUnreadable
    """
    try:
        found = cbor.decode(content)
    except Malformed as refused:
        raise ObjectUnreadable(refused.detail) from None
    if not isinstance(found, list) or not all(isinstance(delta, bytes) for delta in found):
        raise ObjectUnreadable("an array of deltas is expected")
    return cast("list[bytes]", found)
