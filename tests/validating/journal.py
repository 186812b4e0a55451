"""A terminal's journal as it is uploaded: lines that name the line before them."""

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx

from amis.kernel import clock
from amis.validating.upload import NOTHING_BEFORE
from amis.validating.upload_api import BATCH, NDJSON
from cards.credential import status_number
from tests.validating.town import Holder, Terminal

FARE = "0.85"


def whose(holder: Holder) -> dict[str, Any]:
    """A holder's token as a line names it."""
    return {"status": status_number(1, holder.index), "cti": holder.cti.hex()}


@dataclass
class Journal:
    """One terminal's lines, in their order."""

    terminal: Terminal
    client: httpx.AsyncClient
    prev: str = NOTHING_BEFORE
    lines: list[bytes] = field(default_factory=list)

    def denied(self, token: dict[str, Any] | None = None, **changed: Any) -> bytes:
        """A tap that the terminal denied."""
        said = {"verdict": "DENY", "reason": "NO_ENTITLEMENT", "payable": FARE}
        return self._line({"token": token} | said | changed)

    def accepted(self, token: dict[str, Any] | None, concession: UUID, **changed: Any) -> bytes:
        """A free ride that the terminal gave."""
        said = {"verdict": "ACCEPT", "reason": "OK", "payable": "0.0000", "code": concession.hex, "revision": 1}
        return self._line({"token": token, "proof": "static"} | said | changed)

    def _line(self, said: dict[str, Any]) -> bytes:
        seq = said.get("seq") or self.terminal.next()
        asked = {"seq": seq, "sha": sha256(str(seq).encode()).hexdigest(), "prev": self.prev}
        asked |= {"at": clock.now().isoformat(), "proof": "none", "gross": FARE}
        line = json.dumps(asked | said, separators=(",", ":")).encode()
        self.prev = sha256(line).hexdigest()
        self.lines.append(line)
        return line

    async def send(self, *lines: bytes) -> list[dict[str, Any]]:
        """Uploads these lines, or all that were written; the answer's lines."""
        answer = await self.post(b"".join(line + b"\n" for line in lines or self.lines))
        assert answer.status_code == 200, answer.text
        return [json.loads(line) for line in answer.text.splitlines()]

    async def post(self, body: bytes, media: str = NDJSON) -> httpx.Response:
        """Sends a body as it is."""
        headers = {"authorization": f"Bearer {self.terminal.bearer}", "content-type": media}
        return await self.client.post(BATCH, content=body, headers=headers)


async def journal(town: Any, client: httpx.AsyncClient, place: UUID | None = None) -> Journal:
    """The empty journal of a new terminal."""
    return Journal(await town.add_terminal(place), client)
