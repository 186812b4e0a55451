"""Commands as lists of steps, and their answers back into plain data.

A list is as long as it can be: the answer to a command without data is known before it comes, MAC and all, so the
next command need not wait for it.
"""

from collections.abc import Sequence
from typing import Protocol

from cards.desfire.command import CHANGE_KEY, Command, Mode
from cards.desfire.frames import DONE, GO_ON, MORE, answers_for, split, unwrap, wrap
from cards.desfire.procedure import Procedure, Step
from cards.desfire.status import Status
from cards.errors import CardRefused, SessionOver, UnexpectedAnswer

# an answer is at most the memory of the largest chip
_MOST_FRAMES = 256


class Channel(Protocol):
    """What one scheme does to commands and answers; each call moves its state on, in the order of the messages."""

    def seal(self, command: Command) -> bytes:
        """What goes out after the command code."""

    def foretell(self, command: Command) -> bytes:
        """The answer that a success without data brings; stands in for `unseal` where the answer is not there yet."""

    def unseal(self, command: Command, body: bytes) -> bytes:
        """The plain data of a successful answer; MacMismatch when it is not genuine."""

    def size(self, length: int, command: Command) -> int:
        """How many bytes an answer with `length` bytes of data takes."""

    def copy(self) -> "Channel":
        """The same state once more, to look ahead with."""


class PlainChannel:
    """No key is in use: everything travels as it is, whatever the mode of a file."""

    def seal(self, command: Command) -> bytes:
        if command.code == CHANGE_KEY:
            raise SessionOver("a key never travels in clear")
        return command.header + command.data

    def foretell(self, command: Command) -> bytes:
        return b""

    def unseal(self, command: Command, body: bytes) -> bytes:
        return body

    def size(self, length: int, command: Command) -> int:
        return length

    def copy(self) -> "PlainChannel":
        return self


def steps_of(channel: Channel, command: Command) -> list[Step]:
    """The steps of one command; moves `channel` past its answer."""
    *early, last = split(command.code, channel.seal(command))
    told = channel.foretell(command)
    steps = [Step(apdu, GO_ON) for apdu in early]
    if command.length == 0:
        return [*steps, Step(last, told + DONE)]
    frames = 1 if command.length is None else answers_for(channel.size(command.length, command))
    return [*steps, Step(last), *[Step(wrap(MORE))] * (frames - 1)]


def take(channel: Channel, commands: Sequence[Command]) -> list[list[Step]]:
    """The steps of as many of `commands` as go out in one list; `channel` is a copy to look ahead with."""
    groups: list[list[Step]] = []
    unsure = False
    for command in commands:
        if unsure and _waits(command):
            break
        groups.append(steps_of(channel, command))
        unsure = unsure or command.length != 0
        if command.length is None:
            break
    return groups


def _waits(command: Command) -> bool:
    # nothing is written, and no MAC is made, on the strength of an answer that nobody has seen
    return command.length == 0 or command.out in (Mode.MAC, Mode.FULL)


def settle(
    channel: Channel, commands: Sequence[Command], groups: Sequence[Sequence[Step]], answers: Sequence[bytes]
) -> Procedure[list[bytes]]:
    """The plain data of each command of one list; fetches what a last answer still holds.

    CardRefused for the first status that is no success, MacMismatch, UnexpectedAnswer.
    """
    found: list[bytes] = []
    for command, steps in zip(commands[: len(groups)], groups, strict=True):
        own, answers = answers[: len(steps)], answers[len(steps) :]
        body = yield from _gather(command, own, at_end=not answers)
        channel.seal(command)
        found.append(_checked(command, channel.unseal(command, body), own, steps))
    return found


def _gather(command: Command, own: Sequence[bytes], at_end: bool) -> Procedure[bytes]:
    body, answers = b"", list(own)
    for _ in range(_MOST_FRAMES):
        if not answers:
            break
        status, data = unwrap(answers.pop(0))
        body += data
        if status is Status.OK:
            return body
        if status is not Status.ADDITIONAL_FRAME:
            raise CardRefused(status)
        if not answers and at_end and command.length != 0:
            answers += yield [Step(wrap(MORE))]
    raise UnexpectedAnswer("unfinished")


def _checked(command: Command, plain: bytes, own: Sequence[bytes], steps: Sequence[Step]) -> bytes:
    if command.length is not None and len(plain) != command.length:
        raise UnexpectedAnswer(f"{len(plain)} bytes")
    # a chain that the card called complete before its last frame
    if command.length == 0 and len(own) < len(steps):
        raise UnexpectedAnswer("too early")
    return plain
