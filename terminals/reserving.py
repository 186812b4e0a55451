"""Units of a quota set aside for this terminal: asked for while there is a connection, used without one, given back."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import httpx

from terminals.bundle.holding import Holding
from terminals.errors import AnswerUnreadable, Refused, TokenUnknown
from terminals.journal import RESERVE, Journal
from terminals.link import Link
from terminals.message import JSON, compact
from terminals.remembered import Reserve
from terminals.shown import read

RESERVES = "/v1/reserves"
_GONE = (httpx.codes.NOT_FOUND, httpx.codes.CONFLICT)


class Reserving:
    """The reserves of one terminal."""

    def __init__(self, link: Link, journal: Journal, holding: Callable[[], Holding]) -> None:
        """`holding` verifies the tokens that units are set aside for."""
        self._link = link
        self._journal = journal
        self._holding = holding

    async def ask(self, token: str, concession: int, units: int, until: datetime, at: datetime) -> Reserve:
        """Has units set aside for the holder of a QR text; `concession` is a public code. Fewer may be given.

        Raises:
            TokenUnknown: the token proves nothing to this terminal.
            Unreachable: the request stays in the journal, see `repeat`.
            Refused, Revoked, AnswerUnreadable, JournalFull
        """
        self._who(token, at)
        asked = {"token": token, "concession": concession, "units": units, "until": until.isoformat()}
        return await self._send(*self._journal.begin(lambda seq: compact({"seq": seq} | asked), at, RESERVE), at)

    async def repeat(self, at: datetime) -> None:
        """Asks again for what was not answered; raises as `ask`.

        What is given for a token that has gone stale meanwhile is of no use here, so `give_back` returns it at once.
        """
        for seq, body in self._journal.pending(RESERVE):
            await self._send(seq, body, at)

    async def give_back(self, at: datetime) -> None:
        """Gives back what is left of reserves past their end whose uses the service knows; raises as `ask`."""
        for reserve, left, known in self._journal.reserves():
            if reserve.until <= at and known:
                await self._return(reserve, reserve.units - left, at)

    async def _send(self, seq: int, body: bytes, at: datetime) -> Reserve:
        response = await self._link.ask("POST", RESERVES, body, JSON)
        if response.status_code != httpx.codes.OK:
            self._journal.refused(seq, response.content)
            raise Refused(f"{response.status_code} {response.text}")
        reserve = _reserve(response.content)
        try:
            reserve = replace(reserve, who=self._who(json.loads(body)["token"], at))
        except TokenUnknown:
            reserve = replace(reserve, until=at)
        self._journal.set_aside(seq, reserve)
        return reserve

    async def _return(self, reserve: Reserve, used: int, at: datetime) -> None:
        kind = f"return {reserve.id}"
        begun = self._journal.pending(kind)
        seq, body = (
            begun[0] if begun else self._journal.begin(lambda seq: compact({"seq": seq, "used": used}), at, kind)
        )
        response = await self._link.ask("POST", f"{RESERVES}/{reserve.id}/return", body, JSON)
        # somebody may have released it at the service
        if response.status_code not in (httpx.codes.OK, *_GONE):
            raise Refused(f"{response.status_code} {response.text}")
        self._journal.given_back(seq, reserve.id)

    def _who(self, token: str, at: datetime) -> str:
        evidence = read(token, self._holding(), at)
        if evidence.who is None:
            raise TokenUnknown("" if evidence.refused is None else evidence.refused.name)
        return evidence.who


def _reserve(content: bytes) -> Reserve:
    try:
        said = json.loads(content)
        until = datetime.fromisoformat(said["until"])
        counter = str(said["code"]), date.fromisoformat(said["window"])
        if until.tzinfo is None:
            raise ValueError
        return Reserve(str(said["reserve"]), "", counter, int(said["units"]), until)
    except (ValueError, KeyError, TypeError) as error:
        raise AnswerUnreadable(type(error).__name__) from error
