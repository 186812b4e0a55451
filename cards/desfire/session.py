"""A session with a card: commands in, verified plain data out, the same for every scheme."""

from collections.abc import Sequence
from itertools import chain

from cards.desfire.command import Command
from cards.desfire.exchange import Channel, PlainChannel, settle, take
from cards.desfire.procedure import Procedure
from cards.errors import SessionOver


class Session:
    """What follows an authentication with the key `key_number` (None: nothing was authenticated).

    It is over after any refusal, any answer that does not verify and any interruption, and after the key in use was
    changed. SelectApplication ends it on the card, so applications are selected in a `PlainSession` only.
    """

    def __init__(self, channel: Channel, key_number: int | None) -> None:
        self.key_number = key_number
        self._channel = channel
        self._over = False

    def batch(self, commands: Sequence[Command]) -> Procedure[list[bytes]]:
        """The plain data that each of `commands` brings, in as few lists as the answers allow.

        Raises CardRefused, MacMismatch, UnexpectedAnswer; SessionOver.
        """
        if self._over:
            raise SessionOver
        # whatever interrupts this procedure leaves a session that the card may see differently
        self._over = self.key_number is not None
        found: list[bytes] = []
        while len(found) < len(commands):
            rest = commands[len(found) :]
            groups = take(self._channel.copy(), rest)
            answers = yield list(chain.from_iterable(groups))
            found += yield from settle(self._channel, rest, groups, answers)
        self._over = any(command.ends for command in commands)
        return found


class PlainSession(Session):
    """The session before any authentication; a refusal does not end it."""

    def __init__(self) -> None:
        super().__init__(PlainChannel(), None)
