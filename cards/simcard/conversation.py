"""One command from its first frame to its last answer, as a generator that speaks for the card."""

from cards.desfire.command import Mode
from cards.desfire.frames import LARGEST
from cards.desfire.status import Status
from cards.errors import CardRefused
from cards.simcard.chip import Chip
from cards.simcard.instructions import INSTRUCTIONS, logins
from cards.simcard.login import Talk
from cards.simcard.plan import Plan, enough


def converse(chip: Chip, code: int, payload: bytes) -> Talk:
    """Answers `code`: yields what goes out with ADDITIONAL_FRAME, is sent the next frame, returns the last answer.

    Raises CardRefused with the status that the command ends with.
    """
    login = logins(chip.picc.version).get(code)
    if login is not None:
        return (yield from login(chip, payload))
    instruction = INSTRUCTIONS.get(code)
    if instruction is None:
        raise CardRefused(Status.ILLEGAL_COMMAND)
    plan = instruction.plan(chip, payload)
    header = payload[: plan.header]
    body = yield from _gathered(chip, plan, payload[plan.header :])
    data = chip.channel.open(code, header, body, plan.out, plan.length)
    if plan.length is not None:
        data = enough(data, plan.length)[: plan.length + plan.tail]
    # a command may end the session, and is then answered outside it
    answer = instruction.run(chip, header, data)
    return (yield from _dealt(chip.channel.seal(answer, plan.back, plan.marked), plan.cuts))


def _gathered(chip: Chip, plan: Plan, body: bytes) -> Talk:
    if plan.out is Mode.FULL and chip.channel.key_number is None:
        raise CardRefused(Status.AUTHENTICATION_ERROR)
    if plan.length is None:
        return body
    size = chip.channel.room(plan.length, plan.out, plan.tail)
    while len(body) < size:
        body += yield b""
    if len(body) > size:
        raise CardRefused(Status.LENGTH_ERROR)
    return body


def _dealt(answer: bytes, cuts: tuple[int, ...]) -> Talk:
    for size in cuts:
        yield from _sent(answer[:size])
        answer = answer[size:]
    while len(answer) > LARGEST:
        yield from _sent(answer[:LARGEST])
        answer = answer[LARGEST:]
    return answer


def _sent(frame: bytes) -> Talk:
    if (yield frame):
        raise CardRefused(Status.LENGTH_ERROR)
    return b""
