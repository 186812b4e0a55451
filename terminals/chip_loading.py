"""Having units put on a card that lies here, for use where there is no connection: the service talks to the chip."""

import json
from dataclasses import dataclass
from datetime import date

from terminals.chip_card import Transmit
from terminals.chip_link import ChipLink
from terminals.chip_message import LOAD
from terminals.clock import now
from terminals.errors import AnswerUnreadable, Refused
from terminals.journal import Journal
from terminals.message import compact


@dataclass(frozen=True, slots=True)
class Loaded:
    """So many units came to the card; it now has `on_chip` of the concession `code`, for the window from that day."""

    code: str
    window: date
    units: int
    on_chip: int


class ChipLoading:
    """Requests of one terminal for units on cards. One that was cut short is repeated before the next of that card."""

    def __init__(self, service: ChipLink, journal: Journal) -> None:
        self._service = service
        self._journal = journal

    async def put(self, uid: bytes, transmit: Transmit, concession: int, units: int) -> Loaded:
        """Puts units on the card; `concession` is a public code. Fewer may be given, as many as are left.

        Raises:
            CardGone: hold the same card there and ask again; nothing is lost.
            Unreachable, Refused, Revoked, AnswerUnreadable, JournalFull
        """
        kind = f"{LOAD} {uid.hex()} {concession} {units}"
        begun = self._journal.pending(kind)
        asked = {"uid": uid.hex(), "concession": concession, "units": units}
        seq, body = begun[0] if begun else self._journal.begin(lambda seq: compact({"seq": seq} | asked), now(), kind)
        try:
            answer = await self._service.ask(LOAD, body, transmit)
        except Refused as refused:
            self._journal.refused(seq, str(refused).encode())
            raise
        loaded = _loaded(answer)
        self._journal.answered(seq)
        return loaded


def _loaded(content: bytes) -> Loaded:
    try:
        said = json.loads(content)
        return Loaded(str(said["code"]), date.fromisoformat(said["window"]), int(said["units"]), int(said["on_chip"]))
    except (ValueError, KeyError, TypeError) as error:
        raise AnswerUnreadable(type(error).__name__) from error
