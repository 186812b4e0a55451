"""A terminal at work: each tap is on disk first, then the service is asked for a moment, then it decides alone."""

import asyncio
from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx

from cards.bearer import Pairing
from cards.errors import NotPaired
from cards.pair import paired
from terminals.alone import Asked, answer_of, decide_alone, look_at, refused_alone, use_told
from terminals.bundle.holding import Holding
from terminals.bundle.policy import Policy
from terminals.bundle.saved import load, save
from terminals.chip_card import ChipCard
from terminals.chip_keys import ChipKeys
from terminals.chip_taps import ChipTaps
from terminals.clock import Clock, elapsed
from terminals.errors import AnswerUnreadable, CardTorn, JournalFull, Refused, Revoked, Unreachable
from terminals.journal import FILE, Journal, finish_wipe
from terminals.keeping import SealedFolder, destroy_store_key, seals_in
from terminals.link import Link
from terminals.message import JSON, VALIDATIONS, Answer, Tap, read_answer, tap_of
from terminals.shown import Evidence
from terminals.unable import refusal

BUNDLE, CARD_KEYS = "bundle", "card-keys"
"""Folders that a wipe empties."""
ONLINE_MS = 400
"""How long the service is asked where no policy says so."""
_ASK_AGAIN = 5.0
"""Seconds for which a service that did not answer is not asked about taps."""
Say = Callable[[str], None]


class Terminal:
    """One paired terminal. It is used by one program at a time (`terminals.keeping.sole_user`)."""

    def __init__(
        self, home: Path, http: httpx.AsyncClient, *, passphrase: str = "", clock: Clock | None = None, say: Say = print
    ) -> None:
        """Opens what is in the folder; `say` is told what happens, in English.

        Raises:
            NotPaired, StoreLocked, StoreDamaged, JournalForeign, JournalFull, JournalDamaged
        """
        pairing, self._key = paired(home)
        self._root = root_of(pairing)
        self.home = home
        self.say = say
        self.clock = clock or Clock()
        self.link = Link(pairing, self._key, http, self.clock.now)
        finish_wipe(home)
        self._seals = seals_in(home, passphrase)
        self.journal = Journal(home / FILE, self._seals)
        self.journal.bind(f"{pairing.machine_id} {pairing.pairing}")
        self.revoked = asyncio.Event()
        self.decided = asyncio.Event()
        self.took = asyncio.Event()
        self._passphrase = passphrase
        self.store = SealedFolder(home / BUNDLE, self._seals.store)
        self.holding = load(self.store, self._root, pairing.machine_id)
        self.chips = ChipTaps(self.link, self.journal, lambda: self.holding)
        self.chip_keys = self._masters()
        self._under_way: set[int] = set()
        self._ask_from = 0.0
        self.journal.recall()

    @property
    def policy(self) -> Policy | None:
        """The policy held, None before the first bundle and after a wipe."""
        return self.holding.policy

    async def validate(self, tap: Tap, card: ChipCard | None = None) -> Answer:
        """The decision about a tap, by the service if it answers in time, else by the terminal alone.

        `card`: what was shown still lies on the reader.

        Raises:
            JournalDamaged, StoreDamaged
        """
        if self.revoked.is_set():
            return refusal(tap, Revoked())
        try:
            if card is not None and (again := await self.chips.back(tap, card)) is not None:
                self.decided.set()
                return again
            seq, body = self.journal.begin(tap.body, tap.at)
        except (JournalFull, CardTorn) as unable:
            return refusal(tap, unable)
        self._under_way.add(seq)
        try:
            return await self._answer(look_at(seq, body, tap, self.holding, self.clock), card)
        except (JournalFull, Revoked, CardTorn) as unable:
            return refusal(tap, unable, seq)
        finally:
            self._under_way.discard(seq)

    def close_interrupted(self) -> int:
        """Writes down as refused what was begun and never shown to anybody; how many.

        If the service has recorded a use meanwhile, the line takes it back.
        """
        under_way = self._under_way | self.chips.open()
        cut = [(seq, body) for seq, body in self.journal.pending() if seq not in under_way]
        for seq, body in cut:
            tap = tap_of(body)
            self.journal.decided(refused_alone(Asked(seq, body, tap, Evidence(), tap.at, tap.at)))
        return len(cut)

    def keep(self) -> None:
        """Writes the bundle to disk; where that fails, the terminal goes on with what it has in memory."""
        self.took.set()
        try:
            save(self.holding, self.store)
        except OSError as error:
            self.say(f"the bundle cannot be written: {error.strerror}")

    async def fetch_keys(self) -> None:
        """Brings the masters of cards up to what the service gives.

        Raises:
            Unreachable, Refused, AnswerUnreadable, Revoked
            JournalFull: the disk is full; they are held in memory.
        """
        try:
            await self.chip_keys.fetch(self.link, self._key, self.clock.now)
        except OSError as error:
            raise JournalFull(str(error.strerror)) from error

    def silent_for(self) -> timedelta:
        """How long ago the service last said something, by the newest time that it signed."""
        return self.clock.now() - self.holding.floor

    def wipe(self) -> None:
        """Destroys the bundle, the keys of cards and all texts; lines that were not sent stay readable.

        Raises:
            JournalFull: after everything else was destroyed; the next start does the rest.
        """
        destroy_store_key(self.home)
        for folder in (BUNDLE, CARD_KEYS):
            _empty(self.home / folder)
        self.holding, self.chip_keys = Holding(self._root, self.link.pairing.machine_id), self._masters()
        self.journal.forget_texts()
        # not before: where there is a key again, nobody looks for what is left under the old one
        self._seals = seals_in(self.home, self._passphrase)
        self.store, self.chip_keys = SealedFolder(self.home / BUNDLE, self._seals.store), self._masters()
        self.journal.seal_with(self._seals)

    def withdraw(self) -> None:
        """The service has revoked this terminal."""
        if not self.revoked.is_set():
            self.revoked.set()
            self.wipe()

    def _masters(self) -> ChipKeys:
        """The masters of cards in their folder."""
        return ChipKeys(SealedFolder(self.home / CARD_KEYS, self._seals.store))

    async def _answer(self, asked: Asked, card: ChipCard | None) -> Answer:
        answer = await self._online(asked, card)
        if card is None:
            return answer or self._alone(asked)
        if answer is None:
            answer = await self.chips.alone(asked, card)
        else:
            answer = await self.chips.instead(asked.tap, card, answer, self.clock)
        self.decided.set()
        return answer

    async def _online(self, asked: Asked, card: ChipCard | None) -> Answer | None:
        if not self.link.up and elapsed() < self._ask_from:
            return None
        if card is not None and self.chips.serves(asked.tap.token):
            answer = await self._served(asked, card)
        else:
            answer = await self._within(asked.body)
        if answer is None or answer.seq != asked.seq:
            return None
        self.journal.answered(asked.seq, use_told(asked, answer, self.holding, self.journal))
        return answer

    async def _served(self, asked: Asked, card: ChipCard) -> Answer | None:
        """The service's answer where it is to talk to the card itself."""
        try:
            answer = await self.chips.served(asked, card)
        except Revoked:
            self.withdraw()
            raise
        if answer is None:
            self.link.up, self._ask_from = False, elapsed() + _ASK_AGAIN
        return answer

    async def _within(self, body: bytes) -> Answer | None:
        """The service's answer, if it comes in time and is one."""
        policy = self.policy
        try:
            async with asyncio.timeout((ONLINE_MS if policy is None else policy.online_ms) / 1000):
                response = await self.link.ask("POST", VALIDATIONS, body, JSON)
            if response.status_code != httpx.codes.OK:
                self.say(f"the service answers {response.status_code} to a tap")
                return None
            return read_answer(response.content)
        except Revoked:
            self.withdraw()
            raise
        except (TimeoutError, Unreachable, Refused, AnswerUnreadable):
            self.link.up, self._ask_from = False, elapsed() + _ASK_AGAIN
            return None

    def _alone(self, asked: Asked) -> Answer:
        decided, use = decide_alone(asked, self.holding, self.journal)
        self.journal.decided(decided, use)
        self.decided.set()
        return answer_of(decided)


def root_of(pairing: Pairing) -> bytes:
    """The root key of the service (DER SubjectPublicKeyInfo).

    Raises:
        NotPaired: the pairing is from before terminals had one.
    """
    if not pairing.root:
        raise NotPaired("without the service's root key; pair again")
    return urlsafe_b64decode(pairing.root + "=" * (-len(pairing.root) % 4))


def _empty(folder: Path) -> None:
    for path in folder.glob("*"):
        path.unlink()
